"""What polls bring ends as the server's own ledger, whatever order, repetition or failure they came in."""

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokentray.clock import DAY_S, HOUR_S, UtcZone
from tokentray.errors import LeaseLostError, OfflineError
from tokentray.ledger import ALL, BilledRow, IntervalRow, MeteredRow, Outcome, Own, Reading, Report, Window
from tokentray.model import Basis, LogEvent, Payer, PayerKind, Price, Rates, Tier, UsageRow
from tokentray.money import Nanos
from tokentray.store.account_rows import AccountRow, PollState
from tokentray.store.applying import Applied
from tokentray.store.history import History
from tokentray.store.usage import UsageQuery, usage
from tokentray.store.writer import Batch, Writer

D0 = 20_400 * DAY_S
"""2025-11-08 in UTC. The days here are counted from it."""
FIRST = date(2025, 11, 8)
NOW = D0 + 60 * DAY_S
FEEDS = {Basis.BILLED: 3, Basis.METERED: 3}
RATES = Rates(10**15, 2 * 10**15, 10**14, 10**15, 10**15)
"""A dollar a token in."""
ME = "me"


def no_prices(provider: str, model: str) -> tuple[Price, ...]:
    """A dollar a token for opus, nothing for any other."""
    return (Price(Tier.STANDARD, 0, RATES, None, None),) if (provider, model) == ("openai", "opus") else ()


class Ledger(NamedTuple):
    """A history with an account that is being read."""

    path: Path
    writer: Writer
    account: int

    @property
    def db(self) -> sqlite3.Connection:
        return self.writer.connection

    def apply(self, outcome: Outcome, now: int = NOW, owner: str = ME) -> Applied:
        """One poll, from its lease to its release."""
        assert self.writer.lease(self.account, owner, now, 60)
        applied = self.writer.apply_outcome(self.account, owner, outcome, FEEDS, now, no_prices)
        self.writer.release(self.account, owner, now)
        return applied

    def bills(self) -> dict[tuple[int, str], int]:
        """What is held: whole dollars by day and model."""
        rows = self.db.execute(
            "SELECT b.start, COALESCE(m.name, ''), b.amount_nanos FROM billed_buckets b"
            " LEFT JOIN models m ON m.id = b.model_id"
        )
        return {((start - D0) // DAY_S, model): amount // 10**9 for start, model, amount in rows}

    def state(self) -> PollState:
        """How polling stands."""
        with History(self.path) as history:
            return history.poll_states()[self.account]

    def row(self) -> AccountRow:
        """The account as it is listed."""
        with History(self.path) as history:
            (row,) = history.accounts(removed=True)
        return row

    def changes(self) -> str:
        """The counter that says whether anything shown may have changed."""
        with History(self.path) as history:
            return history.changes()

    def usage(self, *by: str) -> list[UsageRow]:
        """Usage by some keys."""
        return usage(self.db, UsageQuery(by), UtcZone())


def opened(path: Path) -> Ledger:
    """A history with one account."""
    writer = Writer(path)
    with writer.telling() as told:
        account = told.add_account(
            "openai:1", "openai", "mine", "https://api.openai.com", "Admin key", "Acme", "org", ALL, True, True, 0
        )
    return Ledger(path, writer, account)


@pytest.fixture(name="ledger")
def one_ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A history with one account."""
    ledger = opened(tmp_path / "history.db")
    yield ledger
    ledger.writer.close()


def seen(*values: object) -> tuple[object, ...]:
    """Some values, to be compared."""
    return values


def bill(day: int, dollars: int, model: str = "opus", currency: str = "USD") -> BilledRow:
    """A day of a bill."""
    return BilledRow(D0 + day * DAY_S, DAY_S, model, currency, Nanos(dollars * 10**9))


def billed(first: int, last: int, *rows: BilledRow, until: float | None = None, ends: bool = False) -> Outcome:
    """An answer about days, the last included, complete unless said otherwise."""
    window = Window(D0 + first * DAY_S, D0 + (last + 1) * DAY_S)
    complete = window.end_utc if until is None else D0 + int(until * DAY_S)
    return Outcome((Report(Basis.BILLED, window, complete, rows),), ends=ends)


def metered(day: int, *rows: MeteredRow) -> Outcome:
    """An answer about the tokens of a day."""
    window = Window(D0 + day * DAY_S, D0 + (day + 1) * DAY_S)
    return Outcome((Report(Basis.METERED, window, window.end_utc, (), rows),))


def hour(day: int, fresh: int, model: str = "opus", **rest: object) -> MeteredRow:
    """Nine o'clock of a usage report."""
    return MeteredRow(D0 + day * DAY_S + 9 * HOUR_S, HOUR_S, model, input_tokens=fresh, **rest)  # type: ignore[arg-type]


# An answer and what it replaces


def test_a_new_day_is_what_the_answer_says(ledger: Ledger) -> None:
    """Rows of one key add up, rows of nothing are not kept, and the day is covered."""
    answer = billed(0, 1, bill(0, 5), bill(0, 2), bill(1, 0), bill(1, 3, ""), until=1.5)
    assert ledger.apply(answer) == Applied(True, 0)
    assert ledger.bills() == {(0, "opus"): 7, (1, ""): 3}
    state = ledger.state()
    assert state.covered == {Basis.BILLED: (Window(D0, D0 + 2 * DAY_S),)}
    assert state.complete_to == {Basis.BILLED: D0 + 36 * HOUR_S}
    assert state.read_utc == {Basis.BILLED: NOW}


def test_the_same_answer_twice_changes_nothing(ledger: Ledger) -> None:
    """No row, and not the counter for which everything that is shown would be made anew."""
    answer = billed(58, 60, bill(58, 5), bill(60, 1))._replace(
        readings=(Reading("balance", "USD", NOW, Nanos(5)),), keys={"key_1": "ci"}, memory={"page": "2"}
    )
    assert ledger.apply(answer).changed
    before, rows = ledger.changes(), list(ledger.db.iterdump())
    again = answer._replace(readings=(Reading("balance", "USD", NOW + 9, Nanos(5)),))
    assert ledger.apply(again, NOW + 9) == Applied(False, 0)
    assert ledger.changes() == before
    tables = ("billed_buckets", "feed_spans", "revisions", "doubts", "account_keys", "models", "prices")
    for table in tables:
        mark = f'INSERT INTO "{table}"'
        assert [line for line in ledger.db.iterdump() if line.startswith(mark)] == [
            line for line in rows if line.startswith(mark)
        ]


def test_a_growing_day_is_no_revision(ledger: Ledger) -> None:
    """Today is replaced as it grows; only what was complete and changed, or became less, is written down."""
    for dollars in (1, 2, 5):
        ledger.apply(billed(59, 60, bill(59, 9), bill(60, dollars), until=60))
    assert ledger.bills() == {(59, "opus"): 9, (60, "opus"): 5}
    with History(ledger.path) as history:
        assert history.revisions() == []
    ledger.apply(billed(59, 60, bill(59, 11), bill(60, 4), until=60))
    with History(ledger.path) as history:
        assert [seen(one.start_utc, one.before, one.after) for one in history.revisions()] == [
            (D0 + 60 * DAY_S, 5, 4),
            (D0 + 59 * DAY_S, 9, 11),
        ]


def test_a_correction_takes_away_what_is_less_than_half_at_once(ledger: Ledger) -> None:
    """10 become 5 in two models; what went is in the revisions, with its model."""
    ledger.apply(billed(59, 59, bill(59, 7), bill(59, 3, "haiku")))
    assert ledger.apply(billed(59, 59, bill(59, 5))) == Applied(True, 0)
    assert ledger.bills() == {(59, "opus"): 5}
    with History(ledger.path) as history:
        gone = {seen(one.model, one.before, one.after, one.currency) for one in history.revisions()}
    assert gone == {("opus", 7, 5, "USD"), ("haiku", 3, 0, "USD")}


@pytest.mark.parametrize("rows", [(), (bill(59, 4),), (bill(59, 20, currency="EUR"),), (bill(59, 9), bill(59, -5, ""))])
def test_more_than_half_waits_for_a_second_answer(ledger: Ledger, rows: tuple[BilledRow, ...]) -> None:
    """An hour later the same answer is believed, not before; meanwhile the day stays, and the doubt can be told."""
    ledger.apply(billed(59, 59, bill(59, 9)))
    for wait in (0, 60, HOUR_S - 1):
        assert ledger.apply(billed(59, 59, *rows), NOW + wait) == Applied(False, 1)
        assert ledger.bills() == {(59, "opus"): 9}
    assert ledger.state().doubts == 1
    with History(ledger.path) as history:
        assert [(one.basis, one.day_utc, one.since_utc) for one in history.doubts()] == [
            (Basis.BILLED, D0 + 59 * DAY_S, NOW)
        ]
    assert ledger.apply(billed(59, 59, *rows), NOW + HOUR_S) == Applied(True, 0)
    assert sum(ledger.bills().values()) == sum(row.amount for row in rows) // 10**9
    assert ledger.state().doubts == 0


def test_a_doubt_ends_where_an_answer_is_whole_again(ledger: Ledger) -> None:
    """The next time it is held back for an hour anew."""
    ledger.apply(billed(59, 59, bill(59, 9)))
    ledger.apply(billed(59, 59))
    ledger.apply(billed(59, 59, bill(59, 9)), NOW + 100)
    assert ledger.state().doubts == 0
    assert ledger.apply(billed(59, 59), NOW + HOUR_S + 50) == Applied(False, 1)


def test_a_doubt_of_before_the_clock_was_set_back_begins_anew(ledger: Ledger) -> None:
    """It does not hold the correction up until the clock is where it was."""
    ledger.apply(billed(59, 59, bill(59, 9)))
    ledger.apply(billed(59, 59), NOW + 9 * HOUR_S)
    ledger.apply(billed(59, 59), NOW)
    assert ledger.apply(billed(59, 59), NOW + HOUR_S) == Applied(True, 0)


def test_one_day_in_doubt_does_not_hold_up_the_others(ledger: Ledger) -> None:
    """The rest of the window is replaced."""
    ledger.apply(billed(58, 60, bill(58, 9), bill(59, 9), bill(60, 9)))
    assert ledger.apply(billed(58, 60, bill(58, 10), bill(60, 8))) == Applied(True, 1)
    assert ledger.bills() == {(58, "opus"): 10, (59, "opus"): 9, (60, "opus"): 8}


def test_a_doubt_is_over_once_its_day_is_not_corrected_any_more(ledger: Ledger) -> None:
    """A machine that slept for a week: what the day held stays, and nobody is told of it for ever."""
    ledger.apply(billed(59, 59, bill(59, 9)))
    ledger.apply(billed(59, 59))
    assert ledger.state().doubts == 1
    assert ledger.apply(billed(59, 59), NOW + 7 * DAY_S) == Applied(False, 0)
    assert ledger.bills() == {(59, "opus"): 9}
    assert ledger.state().doubts == 0


def test_an_answer_that_tells_nothing_takes_nothing_away(ledger: Ledger) -> None:
    """Complete up to where it begins, and without a row, as of a bill that a provider has ceased to tell: what was
    billed of the day stays, and counts.
    """
    ledger.apply(billed(59, 59, bill(59, 9), until=60))
    for wait in (60, 2 * HOUR_S):
        assert ledger.apply(billed(59, 59, until=59), NOW + wait) == Applied(False, 0)
    assert ledger.bills() == {(59, "opus"): 9}
    assert ledger.state().doubts == 0
    assert [(row.cost, row.basis) for row in ledger.usage()] == [(Decimal(9), ("billed",))]


@pytest.mark.parametrize("ago", [1, 9])
def test_an_answer_that_is_not_believed_is_no_word_on_other_days(ledger: Ledger, ago: int) -> None:
    """Days that were never read go on missing, and what was complete up to a time is so to no later one: else tokens of
    them would not count for a bill that is said to be nothing. What is held back is read again, however old it is.
    """
    day = 60 - ago
    ledger.apply(billed(day, day, bill(day, 9), until=day))
    before = ledger.state()
    assert ledger.apply(billed(day, 60, until=60)).held_back == 1
    held = ledger.state()
    assert (held.covered, held.complete_to) == (before.covered, before.complete_to)
    assert held.doubted_from_utc == D0 + day * DAY_S
    ledger.apply(billed(day, 60, bill(day, 12), until=60), NOW + 60)
    assert ledger.bills() == {(day, "opus"): 12}
    assert ledger.state().complete_to[Basis.BILLED] == NOW
    assert ledger.state().doubted_from_utc is None


def test_old_days_are_only_added_to(ledger: Ledger) -> None:
    """A provider forgets, a scope is lost: the history does not. More in one currency is taken, less in another not."""
    ledger.apply(billed(0, 2, bill(0, 5), bill(1, 5), bill(2, 5)))
    for later, held_back in ((0, 3), (HOUR_S, 0)):
        assert ledger.apply(billed(0, 2), NOW + later) == Applied(False, held_back)
    answer = billed(0, 2, bill(0, 4), bill(1, 6, "haiku"), bill(2, 9, currency="EUR"))
    assert ledger.apply(answer, NOW + 2 * HOUR_S) == Applied(True, 1)
    assert ledger.apply(answer, NOW + 3 * HOUR_S) == Applied(False, 0)
    assert ledger.bills() == {(0, "opus"): 5, (1, "haiku"): 6, (2, "opus"): 5}
    assert ledger.state().doubts == 0


def test_tokens_are_held_back_as_money_is(ledger: Ledger) -> None:
    """By their number; a change of tier or key alone takes nothing away."""
    ledger.apply(metered(59, hour(59, 100), hour(59, 100, key_name="ci")))
    assert ledger.apply(metered(59, hour(59, 200, tier=Tier.BATCH))) == Applied(True, 0)
    assert ledger.apply(metered(59, hour(59, 90, tier=Tier.BATCH))) == Applied(False, 1)
    assert ledger.apply(metered(59, hour(59, 100))) == Applied(True, 0)
    with History(ledger.path) as history:
        sizes = [seen(one.before, one.after, one.currency) for one in history.revisions()]
    assert sizes == [(200, 0, ""), (100, 0, ""), (100, 0, "")]


@pytest.mark.parametrize(
    "outcome",
    [
        billed(0, 0, bill(1, 5)),
        billed(0, 0, bill(-1, 5)),
        billed(0, 0, BilledRow(D0 + 60, HOUR_S, "", "USD", Nanos(5))),
        billed(0, 0, BilledRow(D0, 7200, "", "USD", Nanos(5))),
        billed(0, 0, BilledRow(D0, DAY_S, "", "USD", Nanos(2 * 10**18))),
        metered(0, hour(0, -1)),
        metered(0, hour(1, 1)),
        Outcome((Report(Basis.BILLED, Window(D0 + 5, D0 + DAY_S), D0),)),
        Outcome((Report(Basis.BILLED, Window(D0, D0), D0),)),
        Outcome((Report(Basis.METERED, Window(D0, D0 + DAY_S), D0, (bill(0, 1),)),)),
        Outcome((Report(Basis.ESTIMATED, Window(D0, D0 + DAY_S), D0),)),
        Outcome(intervals=(IntervalRow(D0, D0, "USD", Nanos(1)),)),
        Outcome(intervals=(IntervalRow(D0 + 60, D0 + 900, "USD", Nanos(1)),)),
    ],
)
def test_what_no_provider_may_hand_over_is_kept_out_whole(ledger: Ledger, outcome: Outcome) -> None:
    """Rows outside the window, no buckets, no counts: a mistake of ours, and nothing of the outcome is kept."""
    before = list(ledger.db.iterdump())
    both = outcome._replace(reports=(*billed(5, 5, bill(5, 5, "new")).reports, *outcome.reports))
    ledger.writer.lease(ledger.account, ME, NOW, 60)
    leased = list(ledger.db.iterdump())
    with pytest.raises(ValueError, match=r"."):
        ledger.writer.apply_outcome(ledger.account, ME, both, FEEDS, NOW, no_prices)
    assert list(ledger.db.iterdump()) == leased
    assert len(leased) == len(before) + 1


def test_intervals_come_with_their_reading_once(ledger: Ledger) -> None:
    """What a balance fell by is added where the same stretch is told again; and the reading is the last one."""
    night = IntervalRow(D0, D0 + 9 * HOUR_S, "USD", Nanos(3 * 10**9))
    for at, amount in ((D0 + 9 * HOUR_S, 7), (D0 + 9 * HOUR_S + 5, 4)):
        window = Window(D0, D0 + 9 * HOUR_S)
        report = Report(Basis.BILLED, window, window.end_utc)
        ledger.apply(Outcome((report,), (night,), (Reading("total", "USD", at, Nanos(amount)),)), at)
    (row,) = ledger.usage()
    assert seen(row.cost, row.caveats) == (6, ("tokens-not-reported",))
    with History(ledger.path) as history:
        assert history.readings(ledger.account) == {
            ("total", "USD"): Reading("total", "USD", D0 + 9 * HOUR_S + 5, Nanos(4))
        }


def test_keys_memory_and_the_end_of_history_are_kept(ledger: Ledger) -> None:
    """Names of keys change and stay; memory is replaced whole, or left."""
    ledger.apply(billed(0, 0, ends=True)._replace(keys={"key_1": "ci"}, memory={"a": "1", "b": "2"}))
    ledger.apply(billed(1, 1)._replace(keys={"key_2": "lap"}, memory={"a": "3"}))
    ledger.apply(billed(1, 1))
    assert ledger.row().memory == {"a": "3"}
    assert ledger.state().ended == {Basis.BILLED}
    named = dict(ledger.db.execute("SELECT key_name, name FROM account_keys"))
    assert named == {"key_1": "ci", "key_2": "lap"}


# Prices


def test_models_of_reports_are_priced_like_those_of_logs(ledger: Ledger) -> None:
    """A new model gets its prices, which logs of the same model share; a price that comes later is applied too, and one
    that changes is a correction.
    """
    ledger.apply(metered(0, hour(0, 10), hour(0, 7, "new")))
    (row,) = ledger.usage()
    assert seen(row.cost, row.list_cost, row.unpriced_tokens) == (10, 10, 7)
    with History(ledger.path) as history:
        assert history.unpriced_models() == [("new", 7)]
    models = {name: model for model, (_, name) in ledger.writer.models().items()}
    dearer = Rates(2 * 10**15, 10**15, 10**15, 10**15, 10**15)
    late = [Price(Tier.STANDARD, 0, RATES, None, None)]
    ledger.writer.reprice(
        {models["new"]: late, models["opus"]: [Price(Tier.STANDARD, 0, dearer, None, None)]}, "2027-01-01", "x", NOW
    )
    (row,) = ledger.usage()
    assert seen(row.cost, row.unpriced_tokens) == (27, 0)
    with History(ledger.path) as history:
        assert [seen(one.model, one.before, one.after) for one in history.corrections()] == [("opus", 10, 20)]


def test_the_band_of_a_report(ledger: Ledger) -> None:
    """One that the table draws lower is that price; one not told is the plain price, and says so where it matters."""
    dear = Rates(5 * 10**15, 10**15, 10**15, 10**15, 10**15)
    banded = [Price(Tier.STANDARD, 0, RATES, None, None), Price(Tier.STANDARD, 100, dear, None, None)]
    ledger.writer.add_models({("openai", "opus"): banded}, 0)
    rows = (hour(0, 1, band=200), hour(0, 1, band=100), hour(0, 1, band=50), hour(0, 1, band=0))
    ledger.apply(metered(0, *rows))
    assert ledger.usage()[0].cost == 5 + 5 + 1 + 1
    assert ledger.usage()[0].caveats == ()
    ledger.apply(metered(1, hour(1, 1, band=None), hour(1, 1, "new", band=None)))
    by_model = {row.key("model"): row.caveats for row in ledger.usage("model", "day") if row.key("day") > "2025-11-08"}
    assert by_model == {"opus": ("band-unknown",), "new": ()}


def test_tokens_of_a_tier_that_is_not_known(ledger: Ledger) -> None:
    """Priced as the tier they are taken for, and said to be; added up with others of that tier, all of them are."""
    ledger.apply(metered(0, hour(0, 1, assumed=True), hour(0, 2)))
    ledger.apply(metered(1, hour(1, 4)))
    first, second = ledger.usage("day")
    assert seen(first.cost, first.caveats) == (3, ("price-assumed",))
    assert seen(second.cost, second.caveats) == (4, ())


# Leases


def test_one_poll_at_a_time(ledger: Ledger) -> None:
    """Another waits until the first is done, or is dead and its lease over."""
    writer, account = ledger.writer, ledger.account
    assert writer.lease(account, ME, NOW, 60)
    assert writer.lease(account, ME, NOW + 30, 60), "its own lease is held on to"
    assert not writer.lease(account, "you", NOW + 31, 60)
    assert not writer.lease(account, "you", NOW + 89, 60)
    assert writer.lease(account, "you", NOW + 90, 60), "the first has died"
    writer.release(account, "you", NOW + 95)
    assert writer.lease(account, ME, NOW + 96, 60)


def test_a_clock_set_back_does_not_lock_an_account(ledger: Ledger) -> None:
    """A lease that ends further ahead than any can is over."""
    assert ledger.writer.lease(ledger.account, "you", NOW + 9 * DAY_S, 60)
    assert ledger.writer.lease(ledger.account, ME, NOW, 60)


def test_an_answer_under_a_lost_lease_is_not_kept(ledger: Ledger) -> None:
    """It hung, another went on: the older answer must not overwrite the newer one, nor its end say how it went."""
    assert ledger.writer.lease(ledger.account, ME, NOW, 60)
    ledger.apply(billed(59, 60, bill(60, 9)), NOW + 100, "you")
    with pytest.raises(LeaseLostError):
        ledger.writer.apply_outcome(ledger.account, ME, billed(59, 60, bill(60, 1)), FEEDS, NOW, no_prices)
    ledger.writer.release(ledger.account, ME, NOW + 101, error=OfflineError("No network"))
    assert ledger.bills() == {(60, "opus"): 9}
    assert (ledger.state().failures, ledger.row().error) == (0, "")


@pytest.mark.parametrize("what", ["own", "key", "removed", "deleted"])
def test_an_answer_asked_for_under_other_conditions_is_not_kept(ledger: Ledger, what: str) -> None:
    """The person changed the account while it was being read."""
    assert ledger.writer.lease(ledger.account, ME, NOW, 60)
    with ledger.writer.telling() as told:
        if what == "own":
            told.set_own(ledger.account, {"user_id": ("u",)}, "org/u", True, True)
        elif what == "key":
            told.rekey_account(ledger.account, "https://api.openai.com", "Admin key", "Acme", "org")
        else:
            told.remove_account(ledger.account, what == "removed", NOW)
    with pytest.raises(LeaseLostError):
        ledger.writer.apply_outcome(ledger.account, ME, billed(0, 0, bill(0, 1)), FEEDS, NOW, no_prices)
    assert ledger.bills() == {}
    assert ledger.writer.lease(ledger.account, ME, NOW, 60) == (what in ("own", "key"))


def test_how_a_poll_went(ledger: Ledger) -> None:
    """Failures are counted until one goes well; the words stay until then, and only a change of them is news."""
    error = OfflineError("OpenAI cannot be reached", "no network", "Connect")
    for number in (1, 2):
        assert ledger.writer.lease(ledger.account, ME, NOW + number, 60)
        ledger.writer.release(ledger.account, ME, NOW + number, error=error, not_before_utc=NOW + 900, contacted=False)
        state = ledger.state()
        assert (state.failures, state.error_code, state.not_before_utc) == (number, "offline", NOW + 900)
        assert (state.started_utc, state.contacted_utc) == (NOW + number, None)
        if number == 1:
            before = ledger.changes()
    assert ledger.changes() == before
    assert ledger.row().error == str(error)
    assert ledger.row().read_at_utc is None
    assert ledger.writer.lease(ledger.account, ME, NOW + 9, 60)
    ledger.writer.release(ledger.account, ME, NOW + 10)
    state = ledger.state()
    assert (state.failures, state.error_code, state.not_before_utc, state.contacted_utc) == (0, "", 0, NOW + 10)
    assert (ledger.row().error, ledger.row().read_at_utc) == ("", NOW + 10)
    assert ledger.changes() != before


def test_the_log_of_polls_is_kept_for_ninety_days(ledger: Ledger) -> None:
    """Usage is kept for ever."""
    for day in (0, 50, 95):
        ledger.apply(billed(0, 0, bill(0, 5)), NOW + day * DAY_S)
    kept = [row[0] for row in ledger.db.execute("SELECT finished_at FROM polls ORDER BY id")]
    assert kept == [NOW + 50 * DAY_S, NOW + 95 * DAY_S]
    assert ledger.bills() == {(0, "opus"): 5}


def lease_often(path: str, owner: str) -> None:
    """One of two processes that poll the same account as often as they can."""
    writer = Writer(Path(path))
    account = 1
    done = 0
    while done < 12:
        if not writer.lease(account, owner, NOW, 60):
            continue
        (total,) = writer.connection.execute("SELECT COALESCE(SUM(amount_nanos), 0) FROM readings").fetchone()
        reading = Reading("count", "USD", NOW, Nanos(total + 1))
        writer.apply_outcome(account, owner, Outcome(readings=(reading,)), FEEDS, NOW, no_prices)
        writer.release(account, owner, NOW)
        done += 1
    writer.close()


def test_two_processes_take_turns(ledger: Ledger) -> None:
    """What each read of a counter adds to is what the other left: no turn is lost."""
    import multiprocessing

    context = multiprocessing.get_context("spawn")
    started = [context.Process(target=lease_often, args=(str(ledger.path), name)) for name in ("one", "other")]
    for process in started:
        process.start()
    for process in started:
        process.join(60)
    assert [process.exitcode for process in started] == [0, 0]
    with History(ledger.path) as history:
        assert history.readings(ledger.account)["count", "USD"].amount == 24


# What the person does to an account


def test_a_new_key_keeps_the_history(ledger: Ledger) -> None:
    """And is tried at once, whatever the old one was told to wait for."""
    ledger.apply(billed(0, 0, bill(0, 5)))
    assert ledger.writer.lease(ledger.account, ME, NOW, 60)
    ledger.writer.release(ledger.account, ME, NOW, error=OfflineError("x"), not_before_utc=NOW + DAY_S)
    with ledger.writer.telling() as told:
        told.rekey_account(ledger.account, "https://gateway.example", "Plain key", "Dana", "org/dana")
        told.rename_account(ledger.account, "work")
    row, state = ledger.row(), ledger.state()
    assert (row.base_url, row.kind, row.holder, row.scope, row.label, row.error) == (
        "https://gateway.example", "Plain key", "Dana", "org/dana", "work", "",
    )  # fmt: skip
    assert (state.not_before_utc, state.failures, state.error_code) == (0, 0, "")
    assert state.covered == {Basis.BILLED: (Window(D0, D0 + DAY_S),)}
    assert ledger.bills() == {(0, "opus"): 5}


def test_another_part_is_read_anew(ledger: Ledger) -> None:
    """What was read of the person's own stays until it is replaced; another word on what counts forgets nothing."""
    mine: Own = {"user_id": ("u", "v"), "api_key_id": ("k",)}
    ledger.apply(billed(0, 2, bill(0, 5), bill(1, 5)))
    with ledger.writer.telling() as told:
        told.set_own(ledger.account, ALL, "org", False, False)
    assert ledger.state().covered
    with ledger.writer.telling() as told:
        told.set_own(ledger.account, ALL, "org", True, False)
        told.set_own(ledger.account, mine, "org/u", True, True)
    assert ledger.row().own == mine
    assert (ledger.state().covered, ledger.state().read_utc) == ({}, {})
    assert ledger.bills() == {(0, "opus"): 5, (1, "opus"): 5}
    ledger.apply(billed(0, 0, bill(0, 1)))
    assert ledger.bills() == {(0, "opus"): 1, (1, "opus"): 5}
    with History(ledger.path) as history:
        assert history.revisions() == [], "it was the person's doing"


def test_what_never_counted_is_other_people_s_use(ledger: Ledger) -> None:
    """Narrowed later, nothing of the whole organisation stays behind, also where it is too old to be read again."""
    with ledger.writer.telling() as told:
        told.set_own(ledger.account, ALL, "org", False, False)
    ledger.apply(billed(0, 2, bill(0, 5)))
    with ledger.writer.telling() as told:
        told.set_own(ledger.account, {"user_id": ("u",)}, "org/u", True, True)
    assert ledger.bills() == {}


@pytest.mark.parametrize("keep", [True, False])
def test_removing_an_account(ledger: Ledger, keep: bool) -> None:
    """Its history goes on to count, or is gone whole with the rules that name it; nobody polls it any more."""
    with ledger.writer.telling() as told:
        told.add_rule("codex", "", "", None, Payer(PayerKind.ACCOUNT, ledger.account), 0)
        told.add_rule("pi", "", "", None, Payer(PayerKind.NOBODY), 0)
    night = IntervalRow(D0, D0 + 900, "USD", Nanos(10**9))
    everything = billed(0, 0, bill(0, 5))._replace(
        intervals=(night,), readings=(Reading("b", "USD", NOW, Nanos(1)),), keys={"k": "ci"}
    )
    ledger.apply(everything)
    ledger.apply(metered(0, hour(0, 5)))
    before = ledger.usage("day")
    with ledger.writer.telling() as told:
        told.remove_account(ledger.account, keep, NOW)
        assert told.accounts() == []
    with History(ledger.path) as history:
        assert history.accounts() == []
        assert len(history.accounts(removed=True)) == keep
        assert len(history.payer_rules()) == 1 + keep
    assert ledger.usage("day") == (before if keep else [])
    assert not ledger.writer.lease(ledger.account, ME, NOW, 60)
    if keep:
        assert ledger.row().removed_utc == NOW
        return
    columns = "SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE c.name = 'source_id'"
    for (table,) in ledger.db.execute(columns).fetchall():
        assert ledger.db.execute(f"SELECT COUNT(*) FROM {table}").fetchone() == (0,), table


# Any order


class Server:
    """A provider's own books: dollars by day and model, with days that are still to come."""

    def __init__(self) -> None:
        self.days: dict[tuple[int, str], int] = {}

    def answer(self, first: int, last: int) -> Outcome:
        rows = [bill(day, dollars, model) for (day, model), dollars in self.days.items() if first <= day <= last]
        return billed(first, last, *rows)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("use"), st.integers(0, 3), st.sampled_from(["opus", "haiku", ""]), st.integers(1, 40)),
        st.tuples(st.just("correct"), st.integers(0, 2), st.sampled_from(["opus", "haiku"]), st.integers(-40, 40)),
        st.tuples(st.just("read"), st.integers(0, 30), st.just(""), st.integers(0, 12)),
        st.tuples(st.just("read empty"), st.integers(0, 30), st.just(""), st.integers(0, 12)),
        st.tuples(st.just("restart"), st.just(0), st.just(""), st.just(0)),
        st.tuples(st.just("die"), st.integers(0, 30), st.just(""), st.just(3)),
        st.tuples(st.just("wait"), st.integers(1, 30), st.just(""), st.just(0)),
    ),
    max_size=25,
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(STEPS)
def test_any_order_of_reads_ends_at_the_server_s_ledger(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, str, int]]
) -> None:
    """Use, corrections of the last three days, reads of any window, empty answers, restarts, a poll that dies: once the
    open days and what was never read are read, and what takes away much is told again an hour later, all is the same.
    """
    ledger, server, today, seconds = opened(tmp_path_factory.mktemp("any") / "history.db"), Server(), 30, 0
    for kind, number, model, amount in steps:
        now = D0 + today * DAY_S + seconds
        seconds = min(seconds + 100, DAY_S - 1)
        first, last = max(0, today - number), min(today, max(0, today - number) + amount)
        if kind == "use":
            key = (today - min(number, 2), model)
            server.days[key] = server.days.get(key, 0) + amount
        elif kind == "correct":
            key = (today - number, model)
            server.days[key] = max(0, server.days.get(key, 0) + amount)
        elif kind == "read":
            ledger.apply(server.answer(first, last), now)
        elif kind == "read empty":
            held = ledger.bills()
            # A lost scope, once: what was known stays.
            covered = ledger.state().covered.get(Basis.BILLED, ())
            ledger.apply(billed(first, last), now)
            for (day, name), dollars in held.items():
                at = D0 + day * DAY_S
                if any(one.start_utc <= at < one.end_utc for one in covered):
                    assert ledger.bills().get((day, name)) == dollars
            ledger.apply(server.answer(first, last), now)
        elif kind == "restart":
            ledger.writer.close()
            ledger = ledger._replace(writer=Writer(ledger.path))
        elif kind == "die":
            assert ledger.writer.lease(ledger.account, f"dead-{now}", now, 60)
            seconds += 60
        else:
            # The poller reads the days that may still change before they are out of its reach.
            for wait in (0, HOUR_S):
                ledger.apply(server.answer(today - 4, today), now + wait)
            today, seconds = today + 1, 0
    now = D0 + today * DAY_S + seconds
    for wait in (0, HOUR_S):
        ledger.apply(server.answer(0, today), now + wait)
    assert ledger.bills() == {key: dollars for key, dollars in server.days.items() if dollars}
    assert ledger.state().doubts == 0
    money: Mapping[str, Decimal] = {row.key("model"): row.cost for row in ledger.usage("model")}
    assert money == {
        model: sum(dollars for (_, name), dollars in server.days.items() if name == model)
        for model in {name for (_, name), dollars in server.days.items() if dollars}
    }
    ledger.writer.close()


def test_logs_paid_by_an_account_that_was_never_read(ledger: Ledger) -> None:
    """They stay an estimate."""
    agent = ledger.writer.source("agent", "codex", "Codex", "openai", 0)
    event = LogEvent(1, 0, D0, "openai", "opus", 0, "/src/shop", "s", 0, 5, 0, 0, 0, 0, 0, 0, 0)
    ledger.writer.add_models({("openai", "opus"): no_prices("openai", "opus")}, 0)
    ledger.writer.apply(Batch(agent, "desk", [event], []))
    with ledger.writer.telling() as told:
        told.add_rule("codex", "", "", None, Payer(PayerKind.ACCOUNT, ledger.account), 0)
    (row,) = ledger.usage("account")
    assert seen(row.key("account"), row.cost, row.basis) == ("mine", 5, ("estimated",))
