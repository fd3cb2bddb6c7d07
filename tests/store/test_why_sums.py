"""Why of every pair of neighbouring months of 300 random histories: everything closes, to the last digit."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from tests.store.test_accounts import D0, FIRST, MIDNIGHT, blank
from tests.store.test_accounts import History as Filled
from tokentray.clock import DAY_S, NamedZone, UtcZone, Zone, day_start_utc
from tokentray.engine.reports.ground import Ground
from tokentray.engine.reports.why_month import month_why
from tokentray.insight.tally import tally
from tokentray.insight.why import Why
from tokentray.insight.why_month import MonthWhy
from tokentray.model import LogEvent, Payer, PayerKind, Price, Rates, Tier, UsageRow
from tokentray.money import Nanos, NumberStyle, nanos_from_text
from tokentray.settings import DEFAULTS
from tokentray.store.history import History
from tokentray.store.usage import UsageQuery
from tokentray.store.writer import Batch

HISTORIES, AT_ONCE = 300, 30
DAYS = 113
"""From 8 November 2025 to the end of February 2026: three pairs of whole months, and one that begins in the middle."""
TODAY = FIRST + timedelta(days=DAYS)
MONTHS = (date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1))
MINI = Rates(1_234_567_891, 9_876_543_211, 123_456_789, 1_543_209_863, 2_469_135_782, 10**13)
LATER = Rates(1_000_000_007, 9_876_543_211, 99_999_989, 1_543_209_863, 2_469_135_782, 10**13)
MODELS = ("opus", "mini", "late", "new")
"""Dear; cheaper from a day on; used from the new year on; without a price."""
PARTS = ("fees", "other", "volume", "mix_models", "mix_kinds", "price")


def made(path: Path, seed: int) -> str:
    """Four months at random: two agents, plans, charges, bills below and above list price, token counts that logs know
    in part, months of nothing, exchange rates. Returns the person's currency, "" for none.
    """
    dice = random.Random(seed)
    history = blank(path)
    turn = MIDNIGHT + dice.randrange(20, 90) * DAY_S
    mini = [Price(Tier.STANDARD, 0, MINI, None, turn), Price(Tier.STANDARD, 0, LATER, turn, None)]
    late = [Price(Tier.STANDARD, 0, LATER, None, None), Price(Tier.FAST, 0, MINI, None, None)]
    history.writer.add_models({("openai", "mini"): mini, ("openai", "late"): late}, 0)
    claude = history.writer.source("agent", "claude-code", "Claude Code", "anthropic", 0)
    days = [day for day in range(DAYS) if (D0 + day) // 30 % 4 != dice.randrange(8)]
    for source in (history.agent, claude):
        calls = [_call(dice, source * 1000 + number, dice.choice(days)) for number in range(dice.choice((0, 9, 40)))]
        history.writer.apply(Batch(source, "desk", calls, []))
    history.writer.rebuild()
    currency = dice.choice(("", "", "USD", "EUR"))
    account = history.account("my key")
    with history.writer.telling() as told:
        if dice.random() < 0.7:
            plan = told.add_plan("Max", "anthropic", 0)
            fee = Nanos(dice.randrange(10**9, 10**11))
            told.add_term(plan, fee, dice.choice(("USD", "EUR")), FIRST + timedelta(days=dice.randrange(60)), None, 8)
            told.add_rule("claude-code", "", "", None, Payer(PayerKind.PLAN, plan), 0)
        for project in ("", "shop"):
            payer = dice.choice((PayerKind.PAYG, PayerKind.PAYG, PayerKind.NOBODY))
            told.add_rule("claude-code", "", project, None, Payer(payer), 0)
        told.add_rule("codex", "", "", None, dice.choice((Payer(PayerKind.ACCOUNT, account), Payer(PayerKind.PAYG))), 0)
        for _ in range(dice.randrange(4)):
            day = FIRST + timedelta(days=dice.randrange(DAYS))
            told.add_charge(day, Nanos(dice.randrange(1, 10**10)), dice.choice(("USD", "EUR")), "openai", "", 0)
        for _ in range(dice.randrange(4) if currency else 0):
            since = FIRST + timedelta(days=dice.randrange(-30, DAYS))
            told.set_rate("EUR", "USD", nanos_from_text(f"1.{dice.randrange(10**6):06d}"), since)
    if dice.random() < 0.6:
        _reports(dice, history, account)
    history.writer.close()
    return currency


def _call(dice: random.Random, number: int, day: int) -> LogEvent:
    def some(most: int) -> int:
        return dice.choice((0, dice.randrange(most + 1), most))

    model = dice.choice(MODELS if day > 54 else ("opus", "mini", "new"))
    kinds = (900, 700, 5000, 300, 200) if day > 30 else (900, 700, 0, 0, 0)  # caching was begun later
    fresh, output, *cached = (some(most) for most in kinds)
    return LogEvent(
        number, 0, MIDNIGHT + day * DAY_S + dice.randrange(DAY_S), "openai", model, int(model == "late"),
        dice.choice(("", "/src/shop")), "s", 0, fresh, output, 0, cached[0], cached[1], cached[2],
        dice.choice((0, 0, 2)), 0,
    )  # fmt: skip


def _reports(dice: random.Random, history: Filled, account: int) -> None:
    for feed in ("billed", "metered"):
        history.feed(account, feed, dice.randrange(40, DAYS))
    currency = dice.choice(("USD", "USD", "EUR"))
    for day in dice.sample(range(DAYS), 25):
        amount = f"{dice.choice((0, 0, 40, 900))}.0{dice.randrange(10**8):08d}"
        history.bill(account, day, amount, model=dice.choice(("", "opus", "mini")), currency=currency)
    history.bill(account, 30, "0.5", item="storage")
    history.bill(account, 60, "-0.000000333", key="k")
    for hour in dice.sample(range(DAYS * 24), 20):
        history.report(account, hour, dice.randrange(2000), dice.randrange(900), model=dice.choice(MODELS), searches=1)


@contextmanager
def opened(path: Path, currency: str, zone: Zone) -> Iterator[Ground]:
    """A ground over a history."""
    with History(path) as history:
        now_utc = MIDNIGHT + DAYS * DAY_S + 1
        yield Ground(history, now_utc, zone, NumberStyle(), DEFAULTS._replace(currency=currency))


def total(ground: Ground, month: date, currency: str, *, of_worth: bool) -> Decimal:
    """What `usage --by day` adds up to for a month."""
    last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    rows = ground.history.usage(UsageQuery(("day",), month, last, today=TODAY), ground.zone)
    whole = tally(rows, ground.home)
    return whole.worth_in(currency) if of_worth else whole.cost_in(currency)


def check(why: Why, ground: Ground, month: date) -> None:
    """Rows and columns close, and the ends are the totals of usage."""
    rows = [*(one.carried for one in why.models), *(one.carried for one in why.lines)]
    for row in (*rows, why.whole):
        assert sum(Fraction(getattr(row, part)) for part in PARTS) == Fraction(row.after) - Fraction(row.before)
    for name in (*PARTS, "before", "after", "exchange"):
        assert sum(Fraction(getattr(row, name)) for row in rows) == Fraction(getattr(why.whole, name))
    before = (month - timedelta(days=1)).replace(day=1)
    assert why.whole.after == total(ground, month, why.currency, of_worth=why.of_worth)
    assert why.whole.before == total(ground, before, why.currency, of_worth=why.of_worth)
    if why.of_worth:
        assert not why.whole.fees
    if not why.whole.tokens_before:
        assert not why.split
        assert {why.whole.mix_models, why.whole.mix_kinds, why.whole.price} == {Decimal(0)}


def explained(rows: Sequence[UsageRow], ground: Ground, *, of_worth: bool) -> tuple[int, Fraction]:
    """Q and spend of product.md, added up anew: tokens with a price that count, and what is paid for them."""
    cells: dict[tuple[str, str], tuple[int, Fraction]] = {}
    for row in rows:
        kind, payer = row.key("kind"), row.key("payer")
        if kind in ("", "search") or not (of_worth or payer == "payg" or payer.startswith("account:")):
            continue
        amount = Fraction((row.list_cost or 0) if of_worth else row.cost)
        if amount and ground.home.currency:
            amount = (
                Fraction(ground.home.told(date.fromisoformat(row.key("day")), Decimal(1), row.currency)[0]) * amount
            )
        tokens, paid = cells.get((row.key("model"), kind), (0, Fraction(0)))
        cells[row.key("model"), kind] = tokens + row.total_tokens - row.unpriced_tokens, paid + amount
    counted = [cell for cell in cells.values() if cell[0]]
    return sum(tokens for tokens, _ in counted), sum((paid for _, paid in counted), Fraction(0))


def check_volume(found: MonthWhy, ground: Ground, *, of_worth: bool) -> bool:
    """Volume by product.md's formula, half-even to the nano; of one currency alone. Whether there was any."""
    if len(found.whys) != 1 or not found.whys[0].split:
        return False
    (why,) = found.whys
    before, spend = explained(found.rows_before, ground, of_worth=of_worth)
    after, _ = explained(found.rows, ground, of_worth=of_worth)
    assert (why.whole.tokens_before, why.whole.tokens_after) == (before, after)
    assert Fraction(why.whole.volume) == Fraction(round((after - before) * Fraction(spend, before) * 10**9), 10**9)
    return True


def check_price(found: MonthWhy, ground: Ground, *, of_worth: bool) -> int:
    """Price by product.md's formula, cell by cell; without exchange rates. How many cells were measured by a list
    price of the month before's last day.
    """
    if len(found.whys) != 1 or not found.whys[0].split or ground.home.currency:
        return 0
    cells: dict[tuple[str, str], list[list[Fraction]]] = {}
    for month, rows in enumerate((found.rows_before, found.rows)):
        for row in rows:
            payer = row.key("payer")
            if row.key("kind") not in ("", "search") and (of_worth or payer == "payg" or payer.startswith("account:")):
                cell = cells.setdefault((row.key("model"), row.key("kind")), [[Fraction(0)] * 2, [Fraction(0)] * 2])
                cell[month][0] += row.total_tokens - row.unpriced_tokens
                cell[month][1] += Fraction((row.list_cost or 0) if of_worth else row.cost)
    at_utc = day_start_utc(found.days.first, ground.zone) - 1
    price, listed = Fraction(0), 0
    for (model, kind), ((tokens_before, paid_before), (tokens, paid)) in cells.items():
        if tokens and tokens_before:
            price += paid - tokens * paid_before / tokens_before
        elif tokens:
            rates = [
                one.rates
                for one in ground.history.list_prices("openai", model)
                if one.tier is Tier.STANDARD and (one.valid_from_utc or 0) <= at_utc < (one.valid_to_utc or at_utc + 1)
            ]
            assert len(rates) == 1
            price += paid - tokens * Fraction(getattr(rates[0], kind.replace("-", "_")), 10**15)
            listed += 1
    assert Fraction(found.whys[0].whole.price) == Fraction(round(price * 10**9), 10**9)
    return listed


@pytest.mark.parametrize("first", range(0, HISTORIES, AT_ONCE))
def test_every_pair_of_neighbouring_months_closes(tmp_path: Path, first: int) -> None:
    """Fees + other + volume + mix + price is the difference of the months' totals; each model's parts are its own
    difference, each column is its total, and volume and price are what the formulas say.
    """
    volumes = listed = 0
    zone = NamedZone("Asia/Kathmandu") if first % 60 else UtcZone()
    for seed in range(first, first + AT_ONCE):
        path = tmp_path / f"{seed}.db"
        currency = made(path, seed)
        with opened(path, currency, zone) as ground:
            for month in MONTHS:
                for of_worth in (False, True):
                    found = month_why(ground, month, of_worth=of_worth)
                    assert found.days.complete
                    for why in found.whys:
                        check(why, ground, month)
                    volumes += check_volume(found, ground, of_worth=of_worth)
                    listed += check_price(found, ground, of_worth=of_worth)
    assert volumes > 2 * AT_ONCE
    assert listed > AT_ONCE


def filled(path: Path, months: Sequence[Sequence[tuple[str, int, int]]]) -> None:
    """November and December: model, input and output tokens of a call, at a dollar and two a token for opus."""
    history = blank(path)
    history.writer.add_models({("openai", "mini"): [Price(Tier.STANDARD, 0, MINI, None, None)]}, 0)
    with history.writer.telling() as told:
        told.add_rule("", "", "", None, Payer(PayerKind.PAYG), 0)
    for day, calls in zip((0, 30), months, strict=True):
        for hour, (model, fresh, output) in enumerate(calls):
            history.log(day * 24 + hour, fresh, output, model=model)
    history.writer.rebuild()
    history.writer.close()


@pytest.mark.parametrize("seed", range(6))
def test_at_equal_prices_nothing_is_price(tmp_path: Path, seed: int) -> None:
    """Whatever was used of which model and kind."""
    dice = random.Random(seed)
    names = ("opus", "mini")
    months = [[(dice.choice(names), dice.randrange(90), dice.randrange(90)) for _ in range(6)] for _ in range(2)]
    filled(tmp_path / "history.db", months)
    with opened(tmp_path / "history.db", "", UtcZone()) as ground:
        (why,) = month_why(ground, MONTHS[0], of_worth=False).whys
        assert why.split
        assert why.whole.price == 0
        check(why, ground, MONTHS[0])


@pytest.mark.parametrize("factor", [2, 3, 10])
def test_more_of_the_same_is_all_volume(tmp_path: Path, factor: int) -> None:
    """Everything doubled: no mix and no price, but for what rounding to the nano leaves."""
    calls = [("opus", 7, 3), ("mini", 11, 5), ("mini", 0, 9)]
    filled(tmp_path / "history.db", [calls, calls * factor])
    with opened(tmp_path / "history.db", "", UtcZone()) as ground:
        (why,) = month_why(ground, MONTHS[0], of_worth=False).whys
        whole = why.whole
        assert {whole.price, whole.mix_models} == {Decimal(0)}
        assert abs(whole.mix_kinds) <= Decimal("0.000000001")
        assert whole.after == factor * whole.before


def test_a_month_that_is_not_over_is_compared_with_the_same_days(tmp_path: Path) -> None:
    """Read on 2 March: the first two days of March against those of February."""
    history = blank(tmp_path / "history.db")
    with history.writer.telling() as told:
        told.add_rule("", "", "", None, Payer(PayerKind.PAYG), 0)
    for day, fresh in ((0, 5), (1, 6), (2, 100), (28, 8), (29, 9)):  # from 1 February, which is day 85
        history.log((85 + day) * 24, fresh)
    history.writer.rebuild()
    history.writer.mark_read(history.agent, MIDNIGHT + (85 + 29) * DAY_S + 60)
    history.writer.close()
    with opened(tmp_path / "history.db", "", UtcZone()) as ground:
        found = month_why(ground, date(2026, 3, 1), of_worth=False)
    assert (found.days.last, found.days.before_last) == (date(2026, 3, 2), date(2026, 2, 2))
    (why,) = found.whys
    assert (why.whole.before, why.whole.after) == (Decimal(11), Decimal(17))
