"""Usage by kind of token: every kind holds its own counts and money, and together they are what there is without."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.histories import COUNTS
from tests.store.test_accounts import FIRST, MIDNIGHT, History, blank, spent
from tokentray.clock import BUCKET_S, DAY_S, HOUR_S, NamedZone, UtcZone
from tokentray.model import LogEvent, Payer, PayerKind, Price, Rates, Tier, UsageRow
from tokentray.money import Nanos
from tokentray.store.kinds import KINDS, by_kind
from tokentray.store.usage import KEYS
from tokentray.store.writer import Batch

OWN = {
    "": ("requests",),
    "input": ("input_tokens",),
    "output": ("output_tokens", "reasoning_tokens"),
    "cache-read": ("cache_read_tokens",),
    "cache-write-5m": ("cache_write_5m_tokens",),
    "cache-write-1h": ("cache_write_1h_tokens",),
    "search": ("web_search_requests",),
}
"""The counts that each kind has."""
MODELS = ("opus", "mini", "new")
"""Dear, cheap with searches, and without a price."""
MINI = Rates(1_234_567_891, 9_876_543_211, 123_456_789, 1_543_209_863, 2_469_135_782, 10**13)
DAYS, TODAY = 5, date(2025, 11, 12)


def made(path: Path, seed: int) -> History:
    """Five days at random: two agents, a plan, charges, a bill below and one above list price, in two currencies, by
    day and between two looks, token counts that logs know in part, an organisation that does not count.
    """
    dice = random.Random(seed)
    history = blank(path)
    history.writer.add_models({("openai", "mini"): [Price(Tier.STANDARD, 0, MINI, None, None, assumed=True)]}, 0)
    claude = history.writer.source("agent", "claude-code", "Claude Code", "anthropic", 0)
    for source, machine in ((history.agent, "desk"), (claude, "lap")):
        history.writer.apply(Batch(source, machine, [_call(dice, source * 1000 + n) for n in range(40)], []))
    history.writer.rebuild()
    key, company = history.account("my key"), history.account("company")
    with history.writer.telling() as told:
        plan = told.add_plan("Max", "anthropic", 0)
        told.add_term(plan, Nanos(20 * 10**9 + seed), "EUR", FIRST, None, 8)
        told.add_rule("claude-code", "", "", None, Payer(PayerKind.PLAN, plan), 0)
        told.add_rule("claude-code", "", "shop", None, Payer(PayerKind.PAYG), 0)
        told.add_rule("codex", "", "", None, Payer(PayerKind.ACCOUNT, key), 0)
        told.add_rule("codex", "", "site", None, Payer(PayerKind.NOBODY), 0)
        told.add_charge(FIRST, Nanos(1_500_000_001), "USD", "openai", "", 0)
    _reports(dice, history, key)
    _reports(dice, history, company)
    history.sees(company, "", counted=False)
    return history


def _call(dice: random.Random, number: int) -> LogEvent:
    def some(most: int) -> int:
        return dice.choice((0, 0, dice.randrange(most + 1), most))

    output = some(700)
    return LogEvent(
        number, 0, MIDNIGHT + dice.randrange(DAYS * DAY_S), "openai", dice.choice(MODELS), 0,
        dice.choice(("", "/src/shop", "/src/site")), f"s{dice.randrange(4)}", 0,
        some(900), output, some(output), some(5000), some(300), some(200), dice.choice((0, 0, 0, 2)),
        dice.choice((0, 0, 1)),
    )  # fmt: skip


def _reports(dice: random.Random, history: History, account: int) -> None:
    for feed in ("billed", "metered"):
        history.feed(account, feed, dice.randrange(DAYS + 1))
    for day in range(DAYS):
        model, amount = dice.choice(("", *MODELS[:2])), f"{dice.choice((0, 0, 40, 9000))}.0{dice.randrange(10**8):08d}"
        history.bill(account, day, amount, model=model, currency=dice.choice(("USD", "USD", "EUR")))
        if dice.random() < 0.3:
            history.bill(account, day, "0.000000777", currency="GBP")
            history.bill(account, day, "-0.000000333", key="k")
            history.bill(account, day, "0.5", item="storage")
        for hour in dice.sample(range(24), 5):
            fresh, output, searches = dice.randrange(2000), dice.randrange(900), dice.randrange(3)
            history.report(account, day * 24 + hour, fresh, output, model=dice.choice(MODELS), searches=searches)
    if dice.random() < 0.5:
        history.db.execute(
            "INSERT INTO billed_intervals VALUES (?, ?, ?, 0, '', 'USD', 3333333)",
            (MIDNIGHT + 5 * HOUR_S, MIDNIGHT + 29 * HOUR_S + BUCKET_S, account),
        )


@pytest.fixture(scope="module", params=range(8))
def history(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[History]:
    """One of several such histories."""
    history = made(tmp_path_factory.mktemp("kinds") / "history.db", request.param)
    yield history
    history.writer.close()


Sums = tuple[tuple[int, ...], Decimal, Decimal, int, int]


def sums(rows: Sequence[UsageRow]) -> Sums:
    """Everything of rows that adds up."""
    return (
        tuple(sum(getattr(row, name) for row in rows) for name in COUNTS),
        sum((row.cost for row in rows), Decimal(0)),
        sum((row.list_cost for row in rows if row.list_cost is not None), Decimal(0)),
        sum(row.unpriced_tokens for row in rows),
        sum(row.unpriced_paid_tokens for row in rows),
    )


GROUPINGS = (
    (), *((key,) for key in KEYS if key != "kind"), ("day", "source", "payer"), ("month", "session", "machine"),
    ("hour", "model", "tier", "key"), ("project", "session", "account"),
)  # fmt: skip


@pytest.mark.parametrize("by", GROUPINGS, ids=",".join)
def test_kinds_add_up(history: History, by: tuple[str, ...]) -> None:
    """Field by field, in every group and currency, to what the group is without them; and to the same for every
    grouping of one kind.
    """
    zone = NamedZone("Asia/Kathmandu") if len(by) == 1 else UtcZone()
    split = defaultdict(list)
    for row in history.usage(*by, "kind", place=zone, today=TODAY):
        split[row.keys[:-1], row.currency].append(row)
    whole = {(row.keys, row.currency): row for row in history.usage(*by, place=zone, today=TODAY)}
    assert split.keys() == whole.keys()
    for group, row in whole.items():
        parts = split[group]
        assert sums(parts) == sums([row])
        if row.list_cost is None:
            assert all(part.list_cost is None for part in parts if part.total_tokens or part.cost)
        assert {basis for part in parts for basis in part.basis} == set(row.basis)
        told = {caveat for part in parts for caveat in part.caveats}
        # A request without tokens is of no kind, and so there is no price or output to doubt.
        assert set(row.caveats) - {"output-undercounted", "price-assumed"} <= told <= set(row.caveats)
    for kind in OWN:
        alone = [row for rows in split.values() for row in rows if row.key("kind") == kind]
        assert sums(alone) == sums([row for row in history.usage("kind", today=TODAY) if row.key("kind") == kind])


def test_each_kind_has_its_own_counts(history: History) -> None:
    """And nothing of another's; only output is counted short."""
    rows = history.usage("day", "model", "kind")
    assert {row.key("kind") for row in rows} == set(OWN)
    for row in rows:
        counted = {name for name in COUNTS if getattr(row, name)}
        assert counted <= set(OWN[row.key("kind")])
        assert row.key("kind") == "output" or "output-undercounted" not in row.caveats
    assert any("output-undercounted" in row.caveats for row in rows)


@pytest.mark.parametrize("by", [(), ("day",), ("source", "session")], ids=",".join)
def test_kinds_can_be_filtered_by(history: History, by: tuple[str, ...]) -> None:
    """One kind alone is what it is beside the others, two of them are both; grouped by kind or not."""
    beside = history.usage(*by, "kind")
    for kind in OWN:
        alone = history.usage(*by, "kind", where=(("kind", kind),))
        assert alone == [row for row in beside if row.key("kind") == kind]
        assert [sums([row]) for row in history.usage(*by, where=(("kind", kind),))] == [sums([row]) for row in alone]
    both = history.usage(*by, where=(("kind", "input"), ("kind", "output"), ("model", "opus")))
    wanted = [row for row in history.usage(*by, "kind", "model") if row.key("kind") in ("input", "output")]
    assert sums(both) == sums([row for row in wanted if row.key("model") == "opus"])


def test_a_discount_is_shared_by_what_kinds_are_worth(tmp_path: Path) -> None:
    """Half off for 4 of input and 4 of output makes 2 and 2; a session has its part of each; storage is of no kind."""
    history = blank(tmp_path / "history.db")
    account = history.account("my key")
    history.pays(account)
    history.feed(account, "billed", 1)
    history.log(3, 1, 1, session="a")
    history.log(4, 3, 1, session="b")
    history.bill(account, 0, "4")
    history.bill(account, 0, "0.25", item="storage")
    history.writer.rebuild()
    costs = {row.key("kind"): row.cost for row in history.usage("kind")}
    (worth,) = history.usage()
    assert worth.list_cost == 8
    assert costs == {"input": 2, "output": 2, "": Decimal("0.25")}
    by_session = {(row.key("kind"), row.key("session")): row.cost for row in history.usage("kind", "session")}
    assert by_session == {
        ("", ""): Decimal("0.25"),
        ("", "a"): 0,
        ("", "b"): 0,
        ("input", "a"): Decimal("0.5"),
        ("input", "b"): Decimal("1.5"),
        ("output", "a"): 1,
        ("output", "b"): 1,
    }
    assert spent(history.usage("kind", "session")) == {"USD": Decimal("4.25")}
    history.writer.close()


def test_money_of_no_kind(tmp_path: Path) -> None:
    """A fee, a charge, and a bill that knows no tokens: unknown at list price, and not in any kind."""
    history = blank(tmp_path / "history.db")
    account = history.account("my key")
    history.feed(account, "billed", 1)
    history.bill(account, 0, "3", model="opus")
    with history.writer.telling() as told:
        told.add_charge(FIRST, Nanos(10**9), "EUR", "openai", "", 0)
    rows = history.usage("kind", today=date(2026, 1, 1))
    assert [(row.key("kind"), row.currency, row.cost, row.list_cost) for row in rows] == [
        ("", "EUR", Decimal(1), Decimal(0)),
        ("", "USD", Decimal(3), None),
    ]
    assert history.usage(where=(("kind", "output"),)) == []
    history.writer.close()


_counts = st.tuples(*(st.integers(0, most) for most in (3, 10**15, 900, 900, 10**6, 50, 50, 4)))
_rate = st.integers(0, 10**13)


@given(_counts, st.none() | st.builds(Rates, _rate, _rate, _rate, _rate, _rate, st.none() | _rate), st.data())
def test_parts_are_what_was_taken_apart(tokens: tuple[int, ...], rates: Rates | None, data: st.DataObject) -> None:
    """Whatever was billed, below, above or at list price, below nothing, or of tokens without a price."""
    worth = None if rates is None else rates.cost(*tokens[1:3], *tokens[4:])
    cost = data.draw(st.integers(-(10**20), 10**30) | st.just(worth or 0))
    parts = list(by_kind(tokens, cost, worth, rates))
    assert tuple(map(sum, zip(*(part.tokens for part in parts), strict=True))) == tokens
    assert sum(part.cost for part in parts) == cost
    assert sum(part.list_cost or 0 for part in parts) == (worth or 0)
    assert len({part.kind for part in parts}) == len(parts)
    assert {part.kind for part in parts} <= {"", *KINDS}
    if worth and 0 <= cost <= worth:
        assert all(part.cost <= (part.list_cost or 0) for part in parts)
