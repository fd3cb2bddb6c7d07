"""Rows of accounts as a person sees them: money of no bucket, whole organisations, names of keys, bills and tokens."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.store.test_accounts import FIRST, MIDNIGHT, History, blank, facts, spent, zone
from tokentray.clock import DAY_S, HOUR_S
from tokentray.store import history as opened
from tokentray.store.reconcile import DayPair
from tokentray.store.usage import bounds

ZONES = {"UTC": 0, "Asia/Kathmandu": 23, "America/Los_Angeles": -32}
"""Quarter hours that each is ahead of UTC in the November of these tests."""


@pytest.fixture(name="history")
def blank_history(tmp_path: Path) -> Iterator[History]:
    """A history without usage."""
    history = blank(tmp_path / "history.db")
    yield history
    history.writer.close()


# Money of no bucket


@pytest.mark.parametrize("name", ZONES)
def test_a_night_stands_on_the_day_on_which_it_ends(history: History, name: str) -> None:
    """From 23:30 to 00:15 and 07:00 on the wall, in the new month, and says so; within one day, it is of that day."""
    account = history.account("prepaid")
    month = 23 * 96 - ZONES[name]  # the first of December is 23 days from D0
    history.looks(account, month - 3, month - 2, month + 1, month + 28, amount="2")
    rows = history.usage("month", "day", "hour", place=zone(name))
    assert [facts(row, "keys", "cost", "caveats") for row in rows] == [
        (["2025-11", "2025-11-30", hour_text("2025-11-30T23:00", name)], 2, ("tokens-not-reported",)),
        (["2025-12", "2025-12-01", ""], 4, ("tokens-not-reported", "spans-days")),
    ]


def hour_text(wall: str, name: str) -> str:
    """An hour as a row names it."""
    return wall + {"UTC": "+00:00", "Asia/Kathmandu": "+05:45", "America/Los_Angeles": "-08:00"}[name]


def test_an_interval_that_ends_at_midnight_is_of_the_day_before(history: History) -> None:
    """And one of exactly a UTC day is no UTC day."""
    history.looks(history.account("prepaid"), 0, 96, 192)
    for name, days in (("UTC", ["2025-11-08", "2025-11-09"]), ("Asia/Kathmandu", ["2025-11-09", "2025-11-10"])):
        rows = history.usage("day", "hour", place=zone(name))
        assert [row.key("day") for row in rows] == days
        assert {row.key("hour") for row in rows} == {""}
        assert all("utc-day" not in row.caveats for row in rows)
        assert all(("spans-days" in row.caveats) == (name != "UTC") for row in rows)


def test_an_interval_over_logs_leaves_the_rest(history: History) -> None:
    """5 since yesterday evening, of which logs of last night know 3: these stand in their own hours."""
    account = history.account("prepaid")
    history.pays(account)
    history.log(22, 1)
    history.log(26, 2, project="site")
    history.looks(account, 84, 108, amount="5")
    rows = history.usage("day", "project")
    assert [facts(row, "keys", "cost", "caveats") for row in rows] == [
        (["2025-11-08", "shop"], 1, ()),
        (["2025-11-09", ""], 2, ("spans-days",)),
        (["2025-11-09", "site"], 2, ()),
    ]
    for day, cost in ((FIRST, 1), (date(2025, 11, 9), 4)):
        assert spent(history.usage("project", from_day=day, to_day=day)) == {"USD": cost}


def test_a_long_interval_over_logs_outside_the_days_that_are_asked_for(history: History) -> None:
    """A month between two looks: what its last day shows does not depend on how much of it is asked for."""
    account = history.account("prepaid")
    history.pays(account)
    history.log(2, 6)
    history.log(29 * 24, 3)
    history.looks(account, 0, 30 * 96, amount="6")
    last = date(2025, 12, 7)
    (row,) = history.usage("day", from_day=last)
    assert facts(row, "keys", "cost", "list_cost") == (["2025-12-07"], 2, 3)
    assert bounds(history.db) == (MIDNIGHT, MIDNIGHT + 30 * DAY_S - 1)


# A counter of the running day


@pytest.mark.parametrize("name", ZONES)
def test_logs_after_the_last_look_at_a_day_that_runs(history: History, name: str) -> None:
    """Looked at just before nine, and not again, as on battery: what was used at one counts beside it, and what was at
    nine is waited for. The counter stands on the UTC date of its day.
    """
    account = history.account("gateway")
    history.pays(account)
    history.feed(account, "billed", 1)
    history.feed(account, "metered", 1)
    for feed in ("billed", "metered"):
        history.read(account, feed, 35)
    history.bill(account, 0, "7", model="opus")
    history.report(account, 0, 7, width=DAY_S)
    for hour, fresh in ((8, 4), (9, 1), (13, 5)):
        history.log(hour, fresh)
    rows = history.usage("day", "project", place=zone(name))
    assert spent(rows) == {"USD": 12}
    assert sum(row.input_tokens for row in rows) == 12
    (left,) = [row for row in rows if not row.key("project")]
    assert facts(left, "keys", "input_tokens", "caveats") == (["2025-11-08", ""], 2, ("utc-day",))
    assert spent(history.usage("day", from_day=FIRST, to_day=FIRST, place=zone(name))) == {"USD": 12}


@pytest.mark.parametrize("quarter", [35, 96, 200])
def test_a_day_that_was_looked_at_after_its_end_is_the_counter_s(history: History, quarter: int) -> None:
    """It is complete, whatever logs say; so is one that was looked at a moment ago."""
    account = history.account("gateway")
    history.pays(account)
    history.feed(account, "billed", 1)
    history.read(account, "billed", quarter)
    history.bill(account, 0, "6")
    history.log(9, 4)
    assert spent(history.usage()) == {"USD": 6}


# A whole organisation


def test_a_whole_organisation_that_does_not_count(history: History) -> None:
    """Its bill and tokens are shown for what they are worth, as nobody's here; the person's logs stay an estimate."""
    account = history.account("company")
    history.pays(account)
    history.feed(account, "billed", 1)
    history.feed(account, "metered", 2)
    history.sees(account, "", counted=False)
    history.bill(account, 0, "90", currency="EUR")
    history.report(account, 9, 70)
    history.report(account, 33, 40)
    history.report(account, 33, 8, model="new")
    history.log(9, 5)
    rows = history.usage("day", "payer", "account")
    nobody, mine = "nobody", f"account:{account}"
    assert [facts(row, "keys", "cost", "list_cost", "currency", "basis") for row in rows] == [
        (["2025-11-08", mine, "company"], 5, 5, "USD", ("estimated",)),
        (["2025-11-08", nobody, "company"], 0, 90, "EUR", ("billed",)),
        (["2025-11-09", nobody, "company"], 0, 40, "USD", ("metered",)),
    ]
    assert all(("organisation-wide" in row.caveats) == (row.key("payer") == nobody) for row in rows)
    assert [(row.unpriced_tokens, row.unpriced_paid_tokens) for row in rows][-1] == (8, 0)
    assert spent(history.usage()) == {"USD": 5, "EUR": 0}
    history.sees(account, "", counted=True)
    assert spent(history.usage(from_day=FIRST, to_day=FIRST)) == {"EUR": 90, "USD": 0}


def test_an_organisation_that_does_not_count_hides_nothing(history: History) -> None:
    """The person's own key of it counts beside it."""
    company, own = history.account("company"), history.account("own")
    history.feed(company, "billed", 1, "org")
    history.sees(company, "org", counted=False)
    history.feed(own, "billed", 1, "org/me")
    history.bill(company, 0, "90")
    history.bill(own, 0, "4")
    rows = {row.key("account"): row for row in history.usage("account")}
    assert {name: row.cost for name, row in rows.items()} == {"own": 4, "company": 0}
    assert "seen-elsewhere" not in {caveat for row in rows.values() for caveat in row.caveats}


def test_an_account_that_was_never_read_pays_for_what_a_wider_one_sees(history: History) -> None:
    """The own key reports nothing of its own; the organisation's bill is of the same calls, and counts once."""
    company, own = history.account("company"), history.account("own")
    history.pays(own)
    history.log(9, 8)
    history.feed(company, "billed", 1, "org")
    history.bill(company, 0, "6")
    history.sees(own, "org/me")
    assert spent(history.usage()) == {"USD": 6}
    history.sees(own, "elsewhere")
    assert spent(history.usage()) == {"USD": 14}


# Names


def test_keys_have_names(history: History) -> None:
    """Two of one name are told apart by the end of their ids; one without a name is its id."""
    account, other = history.account("mine"), history.account("theirs")
    for key, name in (("key_00aa11", "ci"), ("key_00bb22", "laptop"), ("key_00cc33", "laptop"), ("key_4", "")):
        history.db.execute("INSERT INTO account_keys VALUES (?, ?, ?)", (account, key, name))
        history.report(account, 9, 1, key=key)
    history.db.execute("INSERT INTO account_keys VALUES (?, 'key_00aa11', 'ci')", (other,))
    history.feed(account, "metered", 1)
    names = [row.key("key") for row in history.usage("key")]
    assert names == ["ci", "key_4", "laptop (…bb22)", "laptop (…cc33)"]
    (row,) = history.usage("model", where=(("key", "laptop (…bb22)"),))
    assert row.input_tokens == 1


def test_a_model_with_a_date_is_the_one_without(history: History) -> None:
    """The log says opus, the bill opus-2026-01-31 or opus-20260131, and the project is billed for it; other endings are
    other models.
    """
    account = history.account("mine")
    history.pays(account)
    history.feed(account, "billed", 6)
    for day, name in enumerate(("opus-2026-01-31", "Opus-20260131", "opus-2", "opus-fast", "opus-2026")):
        history.writer.add_models({("openai", name): []}, 0)
        history.log(24 * day + 9, 8)
        history.bill(account, day, "6", model=name)
    by_day = {row.key("day")[-2:]: row.cost for row in history.usage("day", where=(("project", "shop"),))}
    assert by_day == {"08": 6, "09": 6, "10": 0, "11": 0, "12": 0}
    assert spent(history.usage()) == {"USD": 30}


# Bills beside tokens


def pairs(history: History, first: int, last: int) -> list[DayPair]:
    """Days from D0."""
    file = Path(history.db.execute("PRAGMA database_list").fetchone()[2])
    with opened.History(file) as reader:
        return reader.reconcile(FIRST + timedelta(days=first), FIRST + timedelta(days=last))


def test_bills_beside_tokens(history: History) -> None:
    """Each basis of a day by itself, exact, also where only one of them counts; with what has no price apart."""
    account = history.account("mine")
    history.pays(account)
    history.feed(account, "billed", 2, from_day=0)
    history.feed(account, "metered", 3, from_day=0)
    history.bill(account, 0, "7.000000001", model="opus")
    history.bill(account, 0, "1", item="searches")
    history.bill(account, 0, "3", currency="EUR")
    history.report(account, 9, 10)
    history.report(account, 10, 4, model="new")
    history.report(account, 33, 2)
    for hour, fresh, model in ((9, 8, "opus"), (9, 3, "new"), (80, 5, "opus")):
        history.log(hour, fresh, model=model)
    first = {"USD": Decimal("8.000000001"), "EUR": Decimal(3)}
    assert pairs(history, -1, 4) == [
        DayPair(account, FIRST, first, Decimal(10), 4, Decimal(8), 3, "USD", True),
        DayPair(account, date(2025, 11, 9), {"USD": Decimal(0)}, Decimal(2), 0, None, 0, "USD", True),
        DayPair(account, date(2025, 11, 10), {}, None, 0, None, 0, "USD", True),
    ]
    history.writer.rebuild()
    assert pairs(history, 0, 0)[0].estimated == 8


def test_a_day_that_shares_an_amount_with_another_is_left_out(history: History) -> None:
    """What a balance fell by over a midnight belongs to both days, so that neither can be held against its tokens."""
    account = history.account("prepaid")
    history.looks(account, 0, 40, 96, 130, 300)
    assert [(pair.utc_day, pair.billed) for pair in pairs(history, -2, 6)] == [
        (FIRST, {"USD": Decimal("2.000000002")}),
    ]


def test_a_day_that_is_not_complete_says_so(history: History) -> None:
    """Covered, but the bill goes on."""
    account = history.account("mine")
    row = (account, "billed", MIDNIGHT, MIDNIGHT + 2 * DAY_S, MIDNIGHT + DAY_S + HOUR_S)
    history.db.execute("INSERT INTO feed_spans VALUES (?, ?, ?, ?, ?)", row)
    history.bill(account, 1, "5")
    assert [(pair.billed, pair.complete) for pair in pairs(history, 0, 5)] == [
        ({"USD": Decimal(0)}, True),
        ({"USD": Decimal(5)}, False),
    ]


def test_nothing_to_set_side_by_side(tmp_path: Path) -> None:
    """Without a history, or without accounts."""
    assert opened.History(None).reconcile(FIRST, FIRST) == []
    history = blank(tmp_path / "history.db")
    assert pairs(history, 0, 9) == []
    history.writer.close()
