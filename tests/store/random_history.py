"""A history at random, with something of everything that amounts are made of."""

import random
from datetime import timedelta
from pathlib import Path

from tests.store.test_accounts import FIRST, MIDNIGHT, History, blank
from tests.store.test_kinds import MINI
from tests.store.test_why_sums import LATER
from tokentray.clock import BUCKET_S, DAY_S, HOUR_S
from tokentray.model import LogEvent, Payer, PayerKind, Price, Tier
from tokentray.money import Nanos, nanos_from_text
from tokentray.store.writer import Batch

DAYS = 150
"""From 8 November 2025 to the first days of April 2026, so that clocks change in some zones."""
NOW_UTC = MIDNIGHT + (DAYS - 1) * DAY_S + 12 * HOUR_S
MODELS = ("opus", "mini", "late", "new")
"""Dear; cheaper from a day on; a tier of its own; without a price."""
PROJECTS = ("", "shop", "site", "a*b [c]")


def fill(path: Path, seed: int) -> str:
    """Two agents, plans in two currencies, charges, bills below and above list price, a balance that falls,
    token counts that logs know in part, an organisation that does not count. Returns the person's currency, "" for
    none.
    """
    dice = random.Random(seed)
    history = blank(path)
    turn = MIDNIGHT + dice.randrange(20, 90) * DAY_S
    mini = [
        Price(Tier.STANDARD, 0, MINI, None, turn, assumed=True),
        Price(Tier.STANDARD, 0, LATER, turn, None),
    ]
    late = [Price(Tier.STANDARD, 0, LATER, None, None), Price(Tier.FAST, 0, MINI, None, None)]
    history.writer.add_models({("openai", "mini"): mini, ("openai", "late"): late}, 0)
    claude = history.writer.source("agent", "claude-code", "Claude Code", "anthropic", 0)
    for source, machine in ((history.agent, "desk"), (claude, "lap")):
        calls = [_call(dice, source * 1000 + number) for number in range(60)]
        history.writer.apply(Batch(source, machine, calls, []))
        history.writer.mark_read(source, NOW_UTC - source)
    history.writer.rebuild()
    key, company = history.account("my key"), history.account("company")
    currency = dice.choice(("", "", "USD", "EUR", "JPY"))
    _tell(dice, history, key, currency)
    if dice.random() < 0.7:
        _reports(dice, history, key)
        _reports(dice, history, company)
        history.sees(company, "", counted=False)
    history.writer.close()
    return currency


def _call(dice: random.Random, number: int) -> LogEvent:
    def some(most: int) -> int:
        return dice.choice((0, 0, dice.randrange(most + 1), most))

    output, model = some(700), dice.choice(MODELS)
    day = dice.choice((dice.randrange(DAYS), DAYS - 1 - dice.randrange(30)))
    return LogEvent(
        number, 0, MIDNIGHT + day * DAY_S + dice.randrange(DAY_S), "openai", model, int(model == "late"),
        dice.choice([f"/src/{name}" if name else "" for name in PROJECTS]), f"s{dice.randrange(4)}", 0,
        some(900), output, some(output), some(5000), some(300), some(200), dice.choice((0, 0, 0, 2)),
        dice.choice((0, 0, 1)),
    )  # fmt: skip


def _tell(dice: random.Random, history: History, key: int, currency: str) -> None:
    with history.writer.telling() as told:
        if dice.random() < 0.7:
            plan = told.add_plan("Max", "anthropic", 0)
            first = FIRST + timedelta(days=dice.randrange(90))
            told.add_term(plan, Nanos(dice.randrange(10**9, 10**11)), dice.choice(("USD", "EUR")), first, None, 8)
            told.add_rule("claude-code", "", "", None, Payer(PayerKind.PLAN, plan), 0)
        if dice.random() < 0.8:
            told.add_rule("claude-code", "", "shop", None, Payer(PayerKind.PAYG), 0)
            told.add_rule("codex", "", "", None, dice.choice((Payer(PayerKind.ACCOUNT, key), Payer(PayerKind.PAYG))), 0)
            told.add_rule("codex", "", "site", None, Payer(PayerKind.NOBODY), 0)
        for number in range(dice.randrange(5)):
            day = FIRST + timedelta(days=dice.randrange(DAYS))
            amount, text = Nanos(dice.randrange(1, 10**10)), f"bill {number}" if number else ""
            told.add_charge(day, amount, dice.choice(("USD", "EUR", "GBP")), "openai", text, 0)
        for _ in range(dice.randrange(4) if currency else 0):
            since = FIRST + timedelta(days=dice.randrange(-30, DAYS))
            told.set_rate("EUR", "USD", nanos_from_text(f"1.{dice.randrange(10**6):06d}"), since)
        if currency == "JPY" and dice.random() < 0.7:
            told.set_rate("USD", "JPY", nanos_from_text("151.37"), FIRST)
        for number in range(dice.randrange(3)):
            since = FIRST + timedelta(days=60 * number)
            told.add_reference("hourly", "", Nanos((100 + number) * 10**9), "USD", since, 0)
        for _ in range(dice.randrange(3)):
            day = FIRST + timedelta(days=dice.randrange(DAYS))
            told.add_note(day, "a note", dice.choice(("", "shop")), Nanos(3 * 10**9), "releases", 0)


def _reports(dice: random.Random, history: History, account: int) -> None:
    for feed in ("billed", "metered"):
        history.feed(account, feed, dice.randrange(40, DAYS))
    for day in dice.sample(range(DAYS), 30):
        model, amount = dice.choice(("", *MODELS[:2])), f"{dice.choice((0, 0, 40, 9000))}.0{dice.randrange(10**8):08d}"
        history.bill(account, day, amount, model=model, currency=dice.choice(("USD", "USD", "EUR")))
        if dice.random() < 0.2:
            history.bill(account, day, "0.000000777", currency="GBP")
            history.bill(account, day, "-0.000000333", key="k")
            history.bill(account, day, dice.choice(("0.5", "-9.75")), item="storage")
        for hour in dice.sample(range(24), 2):
            fresh, output, searches = dice.randrange(2000), dice.randrange(900), dice.randrange(3)
            history.report(account, day * 24 + hour, fresh, output, model=dice.choice(MODELS), searches=searches)
    history.db.execute(
        "INSERT INTO billed_intervals VALUES (?, ?, ?, 0, '', 'USD', 3333333)",
        (MIDNIGHT + 5 * HOUR_S, MIDNIGHT + 29 * HOUR_S + BUCKET_S, account),
    )
