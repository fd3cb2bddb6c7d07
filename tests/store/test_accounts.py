"""Accounts in usage: their reports read from the history, counted once, in every grouping, zone and range of dates."""

import itertools
import random
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokentray.clock import BUCKET_S, DAY_S, HOUR_S, NamedZone, UtcZone, Zone
from tokentray.model import LogEvent, Payer, PayerKind, Price, Rates, Tier, UsageRow
from tokentray.money import nanos_from_text
from tokentray.store.usage import KEYS, UsageQuery, bounds, usage
from tokentray.store.writer import Batch, Writer

D0 = 20_400
"""A day number: 2025-11-08. The days here are counted from it."""
MIDNIGHT = D0 * DAY_S
FIRST = date(2025, 11, 8)
RATES = Rates(10**15, 2 * 10**15, 10**14, 10**15, 10**15)
"""A dollar a token in, two a token out. Searches have no price of their own."""
ZONES = ("UTC", "Asia/Kathmandu", "America/Los_Angeles", "Pacific/Kiritimati", "Etc/GMT+12")
TOKENS = ("input_tokens", "output_tokens", "reasoning_tokens", "cache_read_tokens", "web_search_requests", "requests")
MODELS = {"opus": [Price(Tier.STANDARD, 0, RATES, None, None)], "new": []}


class History(NamedTuple):
    """A history to fill."""

    writer: Writer
    agent: int

    @property
    def db(self) -> sqlite3.Connection:
        return self.writer.connection

    def account(self, name: str, provider: str = "openai") -> int:
        """A new account, labelled as it is named."""
        return self.writer.source("account", f"{name}-uuid", name, provider, 0)

    def pays(self, account: int, agent: str = "codex") -> None:
        """An agent's tokens are paid by an account."""
        with self.writer.telling() as told:
            told.add_rule(agent, "", "", None, Payer(PayerKind.ACCOUNT, account), 0)

    def model(self, name: str = "opus") -> int:
        return int(self.db.execute("SELECT id FROM models WHERE name = ?", (name,)).fetchone()[0])

    def feed(self, account: int, feed: str, until_day: int, scope: str = "", from_day: int = -30) -> None:
        """What a report covers, in whole UTC days from D0."""
        start, until = MIDNIGHT + from_day * DAY_S, MIDNIGHT + until_day * DAY_S
        self.sees(account, scope)
        row = (account, feed, start, until, until)
        self.db.execute("INSERT OR REPLACE INTO feed_spans VALUES (?, ?, ?, ?, ?)", row)

    def read(self, account: int, feed: str, quarter: int) -> None:
        """When a report was last read, in quarter hours from D0's midnight."""
        self.db.execute("INSERT INTO feed_reads VALUES (?, ?, ?)", (account, feed, MIDNIGHT + quarter * BUCKET_S))

    def sees(self, account: int, scope: str, *, counted: bool = True) -> None:
        """What an account sees, and whether that counts."""
        row = (account, scope, int(counted))
        self.db.execute("INSERT OR REPLACE INTO accounts VALUES (?, '', '', '', ?, '{}', ?, 0, '{}', NULL)", row)

    def looks(self, account: int, *quarters: int, amount: str = "1.000000001", model: str = "") -> None:
        """A balance that fell between looks at it. quarters: of an hour, from D0's midnight."""
        at = [MIDNIGHT + quarter * BUCKET_S for quarter in quarters]
        model_id = self.model(model) if model else 0
        for start, until in itertools.pairwise(at):
            row = (start, until, account, model_id, "", "USD", nanos_from_text(amount))
            self.db.execute("INSERT INTO billed_intervals VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        self.db.execute("INSERT INTO feed_spans VALUES (?, 'billed', ?, ?, ?)", (account, at[0], at[-1], at[-1]))

    def bill(
        self,
        account: int,
        day: int,
        amount: str,
        *,
        model: str = "",
        item: str = "",
        key: str = "",
        currency: str = "USD",
    ) -> None:
        """A day of a cost report."""
        model_id = self.model(model) if model else 0
        row = (MIDNIGHT + day * DAY_S, DAY_S, account, model_id, item, key, currency, nanos_from_text(amount))
        self.db.execute("INSERT INTO billed_buckets VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)

    def report(
        self, account: int, hour: int, fresh: int, output: int = 0, *, model: str = "opus", width: int = HOUR_S,
        key: str = "", tier: int = 0, searches: int = 0,
    ) -> None:  # fmt: skip
        """An hour, or another bucket, of a usage report. Hours from D0's midnight."""
        price = self.db.execute("SELECT id FROM prices WHERE model_id = ?", (self.model(model),)).fetchone()
        start = (MIDNIGHT + hour * HOUR_S) // width * width
        row = (start, width, account, self.model(model), tier, 0, key, 0, fresh, output, 0, 0, 0, 0, searches, 0)
        self.db.execute(
            f"INSERT INTO metered_buckets VALUES ({', '.join('?' * 17)})", (*row, price[0] if price else None)
        )

    def log(
        self, hour: int, fresh: int, output: int = 0, *, project: str = "shop", session: str = "s", model: str = "opus",
        minute: int = 0, key: int = 0,
    ) -> None:  # fmt: skip
        """A call of Codex."""
        at = MIDNIGHT + hour * HOUR_S + minute * 60
        number = key or self.db.execute("SELECT COUNT(*) + 1 FROM log_events").fetchone()[0]
        event = LogEvent(
            number, 0, at, "openai", model, 0, f"/src/{project}" if project else "", session, 0,
            fresh, output, output // 2, 0, 0, 0, 0, 0,
        )  # fmt: skip
        self.writer.apply(Batch(self.agent, "desk", [event], []))

    def usage(self, *by: str, place: Zone | None = None, **rest: object) -> list[UsageRow]:
        """Usage by some keys."""
        return usage(self.db, UsageQuery(by, **rest), place or UtcZone())  # type: ignore[arg-type]


def blank(path: Path) -> History:
    """A history with two models, one of them without a price, and one agent."""
    writer = Writer(path)
    writer.add_models({("openai", name): prices for name, prices in MODELS.items()}, 0)
    return History(writer, writer.source("agent", "codex", "Codex", "openai", 0))


@pytest.fixture(name="history")
def blank_history(tmp_path: Path) -> Iterator[History]:
    """A history without usage."""
    history = blank(tmp_path / "history.db")
    yield history
    history.writer.close()


def zone(name: str) -> Zone:
    """A zone by name."""
    return UtcZone() if name == "UTC" else NamedZone(name)


def sums(rows: Sequence[UsageRow]) -> dict[str, tuple[object, ...]]:
    """Everything that adds up, by currency; what is nothing is left out."""
    totals: dict[str, list[Decimal | int]] = defaultdict(lambda: [0] * (len(TOKENS) + 4))
    for row in rows:
        counts = [getattr(row, name) for name in TOKENS]
        parts = [*counts, row.unpriced_tokens, row.unpriced_paid_tokens, row.cost, row.list_cost or Decimal(0)]
        totals[row.currency] = [have + more for have, more in zip(totals[row.currency], parts, strict=True)]
    return {currency: tuple(total) for currency, total in totals.items() if any(total)}


def facts(row: UsageRow, *names: str) -> tuple[object, ...]:
    """Some fields of a row; "keys" are the values of its keys alone."""
    values = {"keys": [value for _, value in row.keys]}
    return tuple(values.get(name, getattr(row, name)) for name in names)


def spent(rows: Sequence[UsageRow]) -> dict[str, Decimal]:
    """Spend by currency."""
    return {currency: total[-2] for currency, total in sums(rows).items()}  # type: ignore[misc]


def test_an_account_that_reports_nothing(history: History) -> None:
    """Its logs are an estimate, which is spend; the account has a name, the agent too."""
    account = history.account("mine")
    history.pays(account)
    history.log(9, 3)
    (row,) = history.usage("account", "agent", "source", "payer", "key")
    assert [value for _, value in row.keys] == ["mine", "codex", f"account:{account}", f"account:{account}", ""]
    assert facts(row, "cost", "list_cost", "basis") == (3, 3, ("estimated",))


def test_three_bases_side_by_side(history: History) -> None:
    """A billed day, a metered one, one that only logs know: each by its own, every row with its names."""
    account = history.account("mine")
    history.pays(account)
    history.feed(account, "billed", 1)
    history.feed(account, "metered", 2)
    for day in range(3):
        history.log(24 * day + 9, 8)
        if day < 2:
            history.report(account, 24 * day + 9, 10, key="ci")
    history.bill(account, 0, "7.5", model="opus")
    history.bill(account, 1, "1", model="opus")  # so far
    rows = history.usage("day", "project", "key", "agent")
    assert [facts(row, "keys", "cost", "list_cost", "input_tokens", "basis") for row in rows] == [
        # 7.50 over 10: 0.75 each, so 6 for the 8 that logs know and 1.50 for the 2 that they don't.
        (["2025-11-08", "", "ci", ""], Decimal("1.5"), 2, 2, ("billed",)),
        (["2025-11-08", "shop", "ci", "codex"], 6, 8, 8, ("billed",)),
        (["2025-11-09", "", "ci", ""], 2, 2, 2, ("metered",)),
        (["2025-11-09", "shop", "ci", "codex"], 8, 8, 8, ("metered",)),
        (["2025-11-10", "shop", "", "codex"], 8, 8, 8, ("estimated",)),
    ]  # fmt: skip
    (whole,) = history.usage()
    assert facts(whole, "cost", "list_cost") == (Decimal("25.5"), 28)
    assert whole.basis == ("billed", "metered", "estimated")


def test_the_end_of_a_billed_day_in_other_zones(history: History) -> None:
    """What is left of a UTC day stands on the date of that name everywhere, and says so; it has no hour."""
    account = history.account("mine")
    history.pays(account)
    history.feed(account, "billed", 3)
    history.log(30, 2)
    history.bill(account, 1, "9")
    for name in ZONES:
        place = zone(name)
        rest = history.usage("day", "hour", "project", place=place, where=(("project", ""),))
        differs = ("utc-day", "bill-differs")
        assert [facts(row, "keys", "cost", "caveats") for row in rest] == [(["2025-11-09", "", ""], 7, differs)]
        (call,) = history.usage("day", place=place, where=(("project", "shop"),))
        local = MIDNIGHT + 30 * HOUR_S + place.offset_s(MIDNIGHT)
        assert call.key("day") == (date(1970, 1, 1) + timedelta(days=local // DAY_S)).isoformat()
        assert call.caveats == ("bill-differs",)
        (day,) = history.usage(
            place=place, from_day=date(2025, 11, 9), to_day=date(2025, 11, 9), where=(("project", ""),)
        )
        assert day.cost == 7


def test_a_late_bill_shows_until_something_better_does(history: History) -> None:
    """Only a bill is known of today, and it is not complete: counted with the caveats; a first log takes its place."""
    account = history.account("mine")
    history.pays(account)
    history.feed(account, "billed", 0)
    history.bill(account, 0, "4", model="opus")
    (row,) = history.usage("model")
    assert facts(row, "keys", "cost", "list_cost") == (["opus"], 4, None)
    assert row.caveats == ("partial-day", "utc-day", "tokens-not-reported")
    history.log(9, 5)
    (row,) = history.usage("model")
    assert facts(row, "cost", "basis", "caveats") == (5, ("estimated",), ())


def test_seen_elsewhere(history: History) -> None:
    """Two accounts of one organisation: once in the total; the other's row has the caveat, no money, no tokens."""
    one, other = history.account("admin"), history.account("mine")
    for account in (one, other):
        history.feed(account, "metered", 2, scope="org-1")
        history.report(account, 9, 10)
    history.feed(other, "billed", 1, scope="org-1")
    history.bill(other, 0, "6", model="opus")
    rows = {row.key("account"): row for row in history.usage("account")}
    assert set(rows) == {"admin", "mine"}
    assert facts(rows["mine"], "cost", "input_tokens", "caveats") == (6, 10, ("bill-differs",))
    assert rows["admin"].caveats == ("seen-elsewhere",)
    assert facts(rows["admin"], "cost", "total_tokens", "requests") == (0, 0, 0)
    (whole,) = history.usage()
    assert facts(whole, "cost", "input_tokens") == (6, 10)


def test_another_currency_than_list_prices(history: History) -> None:
    """Spend in euros, tokens and list cost in dollars: two rows, each with its own."""
    account = history.account("mine")
    history.pays(account)
    history.feed(account, "billed", 1)
    history.log(9, 8)
    history.bill(account, 0, "5", currency="EUR")
    rows = {row.currency: row for row in history.usage("project")}
    assert facts(rows["EUR"], "cost", "input_tokens") == (5, 0)
    assert facts(rows["USD"], "cost", "list_cost", "input_tokens") == (0, 8, 8)
    assert rows["EUR"].basis == rows["USD"].basis == ("billed",)


def test_what_is_imperfect_is_said_in_both_currencies(history: History) -> None:
    """A UTC day of use, billed in euros: the caveat stands with the money and with the tokens."""
    account = history.account("mine")
    history.feed(account, "billed", 1)
    history.feed(account, "metered", 1)
    history.report(account, 0, 8, width=DAY_S)
    history.bill(account, 0, "5", currency="EUR")
    rows = history.usage()
    assert [(row.currency, row.caveats) for row in rows] == [("EUR", ("utc-day",)), ("USD", ("utc-day",))]


def test_an_account_that_reports_beside_one_that_does_not(history: History) -> None:
    """The logs of the second stay an estimate, counted once, by whatever key."""
    reporting, silent = history.account("admin"), history.account("mine")
    history.pays(silent)
    history.feed(reporting, "metered", 1)
    history.report(reporting, 9, 5)
    history.log(9, 3)
    rows = history.usage("account", "project", "session")
    assert [facts(row, "keys", "cost", "basis") for row in rows] == [
        (["admin", "", ""], 5, ("metered",)),
        (["mine", "shop", "s"], 3, ("estimated",)),
    ]


def test_a_credit_lowers_the_total(history: History) -> None:
    """8 billed, 3 given back, as a row of its own."""
    account = history.account("mine")
    history.pays(account)
    history.feed(account, "billed", 1)
    history.log(9, 8)
    history.bill(account, 0, "8", model="opus")
    history.bill(account, 0, "-3", item="credit")
    assert {row.key("project"): row.cost for row in history.usage("project")} == {"": -3, "shop": 8}
    assert spent(history.usage()) == {"USD": 5}


def test_a_model_without_a_price(history: History) -> None:
    """Metered, its cost is "at least"; billed, the money is known and only the list cost is not."""
    account = history.account("mine")
    history.feed(account, "metered", 2)
    for hour in (9, 33):
        history.report(account, hour, 10, model="new")
    history.feed(account, "billed", 1)
    history.bill(account, 0, "6", model="new")
    first, second = history.usage("day")
    assert facts(first, "cost", "list_cost", "unpriced_tokens", "unpriced_paid_tokens") == (6, None, 10, 0)
    assert facts(second, "cost", "list_cost", "unpriced_tokens", "unpriced_paid_tokens") == (0, None, 10, 10)


def test_an_assumed_price_says_so(history: History) -> None:
    """In reports as in logs: searches are not in the model's price."""
    account = history.account("mine")
    history.feed(account, "metered", 1)
    history.report(account, 9, 10, searches=2)
    history.report(account, 10, 10)
    with_searches, without = history.usage("hour")
    assert (with_searches.caveats, without.caveats) == (("price-assumed",), ())


def test_logs_of_other_payers_are_left_alone(history: History) -> None:
    """A plan's tokens are no account's: laid over nothing, with the account's own report beside them."""
    account = history.account("mine")
    with history.writer.telling() as told:
        told.add_rule("codex", "", "", None, Payer(PayerKind.NOBODY), 0)
        told.add_rule("codex", "", "", date(2025, 11, 9), Payer(PayerKind.ACCOUNT, account), 0)
    history.feed(account, "metered", 2)
    for hour in (9, 33):
        history.log(hour, 10)
        history.report(account, hour, 10)
    rows = history.usage("day", "payer", "project")
    assert [facts(row, "keys", "cost", "list_cost") for row in rows] == [
        (["2025-11-08", f"account:{account}", ""], 10, 10),
        (["2025-11-08", "nobody", "shop"], 0, 10),
        (["2025-11-09", f"account:{account}", "shop"], 10, 10),
    ]


def test_reports_are_seen_where_there_are_no_logs(history: History) -> None:
    """The bounds of a history are those of everything in it."""
    account = history.account("mine")
    history.feed(account, "billed", 5)
    assert bounds(history.db) is None
    history.bill(account, 1, "1")
    history.bill(account, 4, "2")
    assert bounds(history.db) == (MIDNIGHT + DAY_S, MIDNIGHT + 4 * DAY_S)
    for name in ZONES:
        place = zone(name)
        assert [row.key("day") for row in history.usage("day", place=place)] == ["2025-11-09", "2025-11-12"]
        last = date(2025, 11, 12)
        assert spent(history.usage(place=place, from_day=last, to_day=last)) == {"USD": 2}
        assert history.usage(place=place, from_day=last + timedelta(days=1)) == []


def test_a_million_billion_tokens_stay_exact(history: History) -> None:
    """10¹⁵ tokens at 75 dollars a million, in logs of many rows, in usage reports and in bills: to the last digit."""
    rates = Rates(75 * 10**9, 75 * 10**9, 1, 1, 1)
    history.writer.add_models({("openai", "big"): [Price(Tier.STANDARD, 0, rates, None, None)]}, 0)
    account = history.account("mine")
    history.pays(account)
    rows = 1_000
    events = [
        LogEvent(
            n + 1, 0, MIDNIGHT + 10 * DAY_S + n * 61, "openai", "big", 0, "/p", f"s{n % 3}", 0, 1, 0, 0, 0, 0, 0, 0, 0
        )
        for n in range(rows)
    ]
    history.writer.apply(Batch(history.agent, "desk", events, []))
    history.db.execute("UPDATE log_events SET input = ?", (10**12 + 1,))
    history.writer.rebuild()
    # Logs: 1,000 × (10¹² + 1) tokens are 10¹⁵ + 1,000, at 75 ÷ 10⁶.
    logged = Decimal("75000000000.075")
    for by in ((), ("day",), ("session",), ("session", "hour")):
        assert spent(history.usage(*by)) == {"USD": logged}
    # The same, counted beside reports: metered 10¹⁵ tokens on another day, billed 3 × 10¹⁷ nano-units on a third.
    history.feed(account, "metered", 6, from_day=0)
    history.feed(account, "billed", 1)
    for key in ("a", "b"):
        history.report(account, 49, 10**15 + 1, 10**15, model="big", key=key)
        history.bill(account, 0, "150000000.000000001", key=key)
    # Metered: 2 × (2 × 10¹⁵ + 1) × 75 ÷ 10⁶.
    known = logged + Decimal("300000000000.00015") + Decimal("300000000.000000002")
    for by in ((), ("day",), ("session",), ("key", "model"), ("project", "payer")):
        assert spent(history.usage(*by)) == {"USD": known}


def test_the_order_of_rows_is_nothing(tmp_path: Path) -> None:
    """Written in any order, the same rows come out."""
    seen = []
    for number in range(3):
        history = blank(tmp_path / f"{number}.db")
        accounts = [history.account("admin"), history.account("mine")]
        history.pays(accounts[1])
        steps: list[Callable[[], object]] = []
        for account in accounts:
            steps += [partial(history.feed, account, feed, 2, "org") for feed in ("billed", "metered")]
            steps += [partial(history.report, account, hour, 7 + hour, key="ci") for hour in (1, 9, 26)]
            steps += [partial(history.bill, account, day, f"{3 + day}.000000001", model="opus") for day in (0, 1)]
        for hour in (1, 2, 9, 26, 50):
            project, session = f"p{hour % 2}", f"s{hour % 3}"
            steps.append(partial(history.log, hour, 5, project=project, session=session, key=hour + 1))
        # Names get their ids in this order; ties between equal records go by id.
        history.log(1, 0, project="p0", session="s0", key=90)
        history.log(1, 0, project="p1", session="s1", key=91)
        random.Random(number).shuffle(steps)
        for step in steps:
            step()
        history.writer.rebuild()
        seen.append(history.usage("day", "project", "session", "account", "key"))
        history.writer.close()
    assert seen[0] == seen[1] == seen[2]
    assert len(seen[0]) > 5


# Everything at once


@pytest.fixture(scope="module", name="full")
def full_history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    """Six accounts (two see the same, one a part of it, one more than counts), logs of several payers, all bases,
    currencies and kinds of bills; ten days.
    """
    history = blank(tmp_path_factory.mktemp("accounts") / "history.db")
    fill(history, random.Random(7))
    yield history
    history.writer.close()


def fill(history: History, rng: random.Random, *, dated: bool = True) -> None:
    """Ten days of made-up use. dated: the payer changes on two of them."""
    accounts = [history.account("admin"), history.account("mine"), history.account("other", "anthropic")]
    with history.writer.telling() as told:
        told.add_rule("codex", "", "", None, Payer(PayerKind.ACCOUNT, accounts[1]), 0)
        told.add_rule("codex", "", "site", None, Payer(PayerKind.ACCOUNT, accounts[2]), 0)
        told.add_rule("codex", "", "toy", None, Payer(PayerKind.PAYG), 0)
        if dated:
            told.add_rule("codex", "", "", date(2025, 11, 14), Payer(PayerKind.NOBODY), 0)
            told.add_rule("codex", "", "", date(2025, 11, 16), Payer(PayerKind.ACCOUNT, accounts[0]), 0)
        plan = told.add_plan("Max", "anthropic", 0)
        told.add_term(plan, nanos_from_text("20"), "EUR", FIRST, None, 8)
        told.add_charge(date(2025, 11, 12), nanos_from_text("3.3"), "USD", "openai", "", 0)
    for account, feed, until, scope in (
        (accounts[0], "billed", 5, "org"),
        (accounts[0], "metered", 7, "org"),
        (accounts[1], "metered", 9, "org"),
        (accounts[2], "billed", 8, ""),
    ):
        history.feed(account, feed, until, scope, from_day=rng.randrange(-3, 2))
    # A balance that is looked at now and then, a key of the organisation, and the whole of another that does not count.
    prepaid, narrow, wide = (history.account(name) for name in ("prepaid", "narrow", "wide"))
    with history.writer.telling() as told:
        told.add_rule("codex", "", "den", None, Payer(PayerKind.ACCOUNT, prepaid), 0)
        told.add_rule("codex", "", "mill", None, Payer(PayerKind.ACCOUNT, narrow), 0)
        told.add_rule("codex", "", "pit", None, Payer(PayerKind.ACCOUNT, wide), 0)
    history.sees(prepaid, "balance")
    history.sees(narrow, "org/key")
    cuts = sorted(rng.sample(range(-90, 960), 14))
    history.looks(prepaid, *cuts[:9], amount=f"{rng.randrange(40)}.{rng.randrange(10**9):09d}")
    history.looks(prepaid, *cuts[10:], model="opus")
    history.looks(narrow, *sorted(rng.sample(range(-50, 1000), 12)), amount="7.25")
    for feed in ("billed", "metered"):
        history.feed(wide, feed, 6, "company")
    history.sees(wide, "company", counted=False)
    for day in range(8):
        history.bill(wide, day, f"{rng.randrange(90)}.125", model="opus", currency=rng.choice(["USD", "EUR"]))
        history.report(wide, day * 24 + 5, rng.randrange(400), model=rng.choice(["opus", "new"]))
    history.db.execute("INSERT INTO account_keys VALUES (?, 'ci', 'build machine')", (wide,))
    projects = ["", *(f"/src/{name}" for name in ("shop", "site", "toy", "den", "mill", "pit"))]
    events = [
        LogEvent(
            number + 1, 0, MIDNIGHT + rng.randrange(10 * DAY_S), "openai", rng.choice(["opus", "opus", "new"]),
            number % 2, rng.choice(projects), f"s{number % 7}", 0,
            rng.randrange(50), rng.randrange(20), 0, rng.randrange(90), 0, 0, number % 9 // 8, 0,
        )
        for number in range(500)
    ]  # fmt: skip
    history.writer.apply(Batch(history.agent, "desk", events[::2], []))
    history.writer.apply(Batch(history.agent, "lap", events[1::2], []))
    for account in accounts:
        wide = account == accounts[2]
        for hour in range(-24, 245, 24 if wide else 3):
            history.report(
                account, hour, rng.randrange(400), rng.randrange(90), model=rng.choice(["opus", "new"]),
                width=DAY_S if wide else HOUR_S, key=rng.choice(["", "ci"]), searches=rng.randrange(2),
            )  # fmt: skip
        for day in range(-1, 10):
            history.bill(account, day, f"{rng.randrange(900)}.{rng.randrange(10**9):09d}", model="opus")
            history.bill(account, day, f"{rng.randrange(90)}.5", key="ci", currency=rng.choice(["USD", "EUR"]))
            history.bill(account, day, f"{rng.randrange(-9, 9)}.25", item="searches")
    history.writer.rebuild()


@pytest.mark.parametrize("key", KEYS)
def test_any_grouping_sums_to_the_total(full: History, key: str) -> None:
    """Alone or with any other key, in zones from twelve hours behind UTC to fourteen ahead: to the last digit."""
    wholes = {name: sums(full.usage(place=zone(name))) for name in ZONES}
    assert all(set(whole) == {"USD", "EUR"} for whole in wholes.values())
    for name, other in zip(itertools.cycle(ZONES), (None, *KEYS), strict=False):
        by = (key,) if other is None else (key, other)
        rows = full.usage(*by, place=zone(name))
        groups = [(row.keys, row.currency) for row in rows]
        assert len(set(groups)) == len(groups), "each group once"
        assert sums(rows) == wholes[name], (by, name)


def test_zones_agree(tmp_path: Path) -> None:
    """Where no payer changes at a midnight, the total is the same wherever the person is."""
    history = blank(tmp_path / "history.db")
    fill(history, random.Random(5), dated=False)
    today = FIRST + timedelta(days=20)
    wanted = sums(history.usage(today=today))
    for name in ZONES:
        assert sums(history.usage("day", place=zone(name), today=today)) == wanted
    history.writer.close()


@pytest.mark.parametrize("key", KEYS)
def test_filters_part_the_total(full: History, key: str) -> None:
    """For each value of a key, the empty one too, what has it: together everything, in whatever order it is asked."""
    for name in ("UTC", "Asia/Kathmandu"):
        place = zone(name)
        wanted = sums(full.usage(place=place))
        values = sorted({row.key(key) for row in full.usage(key, place=place)})
        parts = [row for value in values[:60] for row in full.usage("model", place=place, where=((key, value),))]
        rest = tuple((key, value) for value in values[60:])
        assert sums([*parts, *(full.usage(place=place, where=rest) if rest else [])]) == wanted


@pytest.mark.parametrize("other", ["session", "machine"])
@pytest.mark.parametrize("key", [key for key in KEYS if key not in ("session", "machine", "hour")])
def test_sessions_are_parts_of_what_they_are_in(full: History, key: str, other: str) -> None:
    """Looked into by session or machine, each group is what it is without: to the femto and the token."""
    plain = {(row.keys, row.currency): row for row in full.usage(key)}
    split: dict[object, list[UsageRow]] = defaultdict(list)
    for row in full.usage(key, other):
        split[row.keys[:1], row.currency].append(row)
    assert set(split) == set(plain)
    for group, rows in split.items():
        assert sums(rows) == sums([plain[group]])  # type: ignore[index]


@settings(deadline=None, max_examples=20)
@given(
    st.sampled_from(ZONES),
    st.lists(st.integers(-3, 13), min_size=1, max_size=4, unique=True),
    st.lists(st.sampled_from(KEYS), max_size=2, unique=True),
)
def test_spans_of_days_make_up_the_whole(full: History, name: str, cuts: list[int], by: list[str]) -> None:
    """Cut anywhere, day by day or not: what is near a cut is counted once, on one side."""
    place = zone(name)
    today = FIRST + timedelta(days=20)
    edges = [date(2025, 1, 1), *(FIRST + timedelta(days=cut) for cut in sorted(cuts)), today + timedelta(days=1)]
    parts = [
        row
        for first, following in itertools.pairwise(edges)
        for row in full.usage(*by, place=place, from_day=first, to_day=following - timedelta(days=1), today=today)
    ]
    assert sums(parts) == sums(full.usage(place=place, today=today))


def test_days_one_by_one_are_the_days_of_the_whole(full: History) -> None:
    """Each date asked for alone is the row of that date, rows and caveats alike."""
    for name in ZONES:
        place = zone(name)
        days: dict[str, list[UsageRow]] = defaultdict(list)
        for row in full.usage("day", "project", place=place, today=FIRST):
            days[row.key("day")].append(row)
        assert len(days) >= 10
        for day, rows in days.items():
            one = date.fromisoformat(day)
            assert full.usage("day", "project", place=place, from_day=one, to_day=one, today=FIRST) == rows


def test_while_logs_are_being_read(tmp_path: Path) -> None:
    """Buckets behind their events change nothing: every grouping says the same before and after they are rebuilt."""
    history = blank(tmp_path / "history.db")
    fill(history, random.Random(11))
    history.log(30, 10**6, key=10_001)
    before = {key: history.usage(key) for key in KEYS}
    assert history.writer.rebuild()
    assert {key: history.usage(key) for key in KEYS} == before
    history.writer.close()


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 10**9))
def test_any_such_history_adds_up(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    """Other numbers, other spans: the same properties."""
    history = blank(tmp_path_factory.mktemp("any") / "history.db")
    fill(history, random.Random(seed))
    wanted = sums(history.usage())
    for by in (("day", "hour"), ("session",), ("source", "key"), ("model", "tier"), ("payer", "project")):
        assert sums(history.usage(*by)) == wanted
    place = zone("Asia/Kathmandu")
    assert sums(history.usage("day", place=place)) == sums(history.usage(place=place))
    history.writer.close()
