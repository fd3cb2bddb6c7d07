"""Anthropic, asked with an Admin key or a key for analytics alone, on a real server on this machine."""

import dataclasses
import json
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.contract.ledgers import Books
from tests.contract.ledgers.anthropic import (
    CI,
    DANA,
    ERIN,
    ERINS,
    LAPTOP,
    ORGANISATION,
    WORKSPACE,
    AnthropicOrganisation,
)
from tests.contract.reading import NOW_UTC, Kept, context_of, days, within, without_nothing
from tests.servers import Reply, ScriptedServer, Seen
from tokentray.clock import DAY_S, HOUR_S
from tokentray.errors import ChangedAnswerError, KeyRefusedError, NotAllowedError, NotThereError, RefusedError
from tokentray.ledger import ALL, Outcome, Own, Window
from tokentray.model import Basis, Tier
from tokentray.providers.anthropic import ANTHROPIC
from tokentray.providers.anthropic.rows import band, tier
from tokentray.providers.base import Context, Identity

_FIXTURES = Path(__file__).parent.parent / "fixtures" / "providers" / "anthropic"
_USER: Own = {"user_id": (DANA,)}
_KEY = "sk-ant-admin01-" + "0" * 24


@pytest.fixture
def organisation() -> Iterator[AnthropicOrganisation]:
    server = AnthropicOrganisation()
    yield server
    server.close()


class _Account:
    """An account at a server, handed again what it asked to remember."""

    def __init__(self, server: AnthropicOrganisation, own: Own = _USER) -> None:
        self.server, self.own = server, own
        self.memory: Mapping[str, str] = {}
        self.kept = Kept()

    def read(self, window: Window, basis: Basis) -> Outcome:
        with self.context() as context:
            outcome = ANTHROPIC.read(context, basis, window)
        self.memory = self.memory if outcome.memory is None else outcome.memory
        self.kept.take(outcome)
        return outcome

    def read_all(self) -> Books:
        """Both feeds, of all the time that the server tells of; what is too long at once is gone on with."""
        end = days(self.server.now_utc, 1).end_utc
        for basis in (Basis.METERED, Basis.BILLED):
            for start in (end - 42 * DAY_S, end - 21 * DAY_S):
                at = start
                while at < start + 21 * DAY_S:
                    reports = self.read(Window(at, start + 21 * DAY_S), basis).reports
                    at = reports[-1].window.end_utc if reports else end
        return self.kept.books()

    def identify(self, *emails: str) -> Identity:
        with self.context() as context:
            return ANTHROPIC.identify(dataclasses.replace(context, emails=emails))

    @contextmanager
    def context(self) -> Iterator[Context]:
        server = self.server
        with context_of(
            ANTHROPIC, server.url, server.key, own=self.own, memory=self.memory, now_utc=server.now_utc
        ) as context:
            yield context


def _asked(server: AnthropicOrganisation, path: str) -> int:
    return sum(seen.path.endswith(path) for seen in server.server.seen)


@pytest.mark.parametrize("seed", range(4))
def test_any_windows_read_in_any_order_end_with_the_servers_own_ledger(seed: int) -> None:
    """By model and day, of this person alone: by key, by sign-in, by a key of their own; nothing twice.

    Time goes on between, the newest hour grows, money comes a day late, and a day is corrected.
    """
    chance = random.Random(seed)
    server = AnthropicOrganisation(days=34, rows_a_page=chance.choice([40, 70, 1000]), seed=seed)
    account = _Account(server)
    for basis in (Basis.METERED, Basis.BILLED) * 3:
        window = days(server.now_utc - chance.randrange(30) * DAY_S, chance.randrange(1, 14))
        account.read(window._replace(end_utc=min(window.end_utc, days(server.now_utc, 1).end_utc)), basis)
        server.advance(chance.randrange(1, DAY_S))
    server.correct()
    assert account.read_all() == without_nothing(server.ledger())
    server.close()


def test_where_analytics_is_refused_the_older_reports_tell_the_tokens(organisation: AnthropicOrganisation) -> None:
    """A person's bill is not among them, and no other's is taken for it; the newer API is tried again after a day."""
    organisation.analytics = False
    account = _Account(organisation)
    books = account.read_all()
    assert books == without_nothing(organisation.ledger())
    assert books.metered
    assert not books.billed
    assert not _asked(organisation, "/cost_report")
    assert _asked(organisation, "/analytics/usage") == 1
    organisation.analytics = True
    organisation.advance(DAY_S + HOUR_S)
    assert account.read_all() == without_nothing(organisation.ledger())
    assert "legacy_since" not in account.memory


def test_a_part_that_is_told_no_bill_has_one_up_to_no_time(organisation: AnthropicOrganisation) -> None:
    """Of the day that runs alone, so that its tokens count, and nothing older is waited for.

    What was billed before, while it was told, stays: days without an answer are not days without a bill.
    """
    account = _Account(organisation)
    window = days(organisation.now_utc - 9 * DAY_S, 10)
    billed = account.read(window, Basis.BILLED).reports[0].billed
    organisation.analytics = False
    for again in (account, _Account(organisation)):
        outcome = again.read(window, Basis.BILLED)
        today = days(organisation.now_utc, 1)
        assert [(one.window, one.complete_to_utc, one.billed) for one in outcome.reports] == [
            (today, today.start_utc, ())
        ]
        assert outcome.ends == (again is not account)
        past = again.read(days(organisation.now_utc - 20 * DAY_S, 9), Basis.BILLED)
        assert past.reports == ()
    assert within(account.kept.books(), [window]).billed == _books(billed).billed


def test_the_older_bill_is_read_for_the_whole_organisation_by_day(organisation: AnthropicOrganisation) -> None:
    """A day counts as complete once it ended a day ago, and has a bill."""
    organisation.analytics = False
    account = _Account(organisation, ALL)
    assert account.read_all() == without_nothing(organisation.ledger(whole=True))
    report = account.read(days(organisation.now_utc - 3 * DAY_S, 4), Basis.BILLED).reports[0]
    assert {row.width_s for row in report.billed} == {DAY_S}
    assert {row.item for row in report.billed} == {"", "web search", "code execution", "grounding"}
    assert report.complete_to_utc == days(organisation.now_utc - DAY_S, 1).start_utc


def test_a_day_without_a_bill_is_waited_for_and_not_called_nothing(organisation: AnthropicOrganisation) -> None:
    """An hour after it should have been there it is not; two hours later it is. A week without use is complete."""
    organisation.analytics = False
    account = _Account(organisation, ALL)
    organisation.advance(15 * HOUR_S)
    late = days(organisation.now_utc - 2 * DAY_S, 1)
    for complete_to in (late.start_utc, late.end_utc):
        report = account.read(days(late.start_utc - DAY_S, 4), Basis.BILLED).reports[0]
        assert report.complete_to_utc == complete_to
        assert (late.start_utc in {row.start_utc for row in report.billed}) == (complete_to == late.end_utc)
        organisation.advance(2 * HOUR_S)
    unused = account.read(days(int(datetime(2026, 3, 1, tzinfo=UTC).timestamp()), 7), Basis.BILLED).reports[0]
    assert unused.billed == ()
    assert unused.complete_to_utc == unused.window.end_utc


def test_fast_mode_is_told_apart_only_where_the_older_report_lets_us(organisation: AnthropicOrganisation) -> None:
    """Where the beta is not open, tokens are read all the same, and it is not asked for again."""
    organisation.analytics = organisation.fast = False
    account = _Account(organisation)
    assert account.read_all() == without_nothing(organisation.ledger())
    assert account.memory["no_speed"]
    refused = [seen for seen in organisation.server.seen if ("group_by[]", "speed") in seen.params]
    assert len([seen for seen in refused if seen.path.endswith("/messages")]) == 1


def test_the_whole_organisation_is_read_without_a_filter(organisation: AnthropicOrganisation) -> None:
    """Everybody's rows, once, with the names of the keys."""
    account = _Account(organisation, ALL)
    assert account.read_all() == without_nothing(organisation.ledger(whole=True))
    assert "sole" not in account.memory
    names = _Account(organisation, ALL).read(days(organisation.now_utc, 1), Basis.METERED).keys
    assert names[LAPTOP] == "dana laptop"
    assert names[ERINS] == "erin"


def test_others_names_of_keys_are_not_kept(organisation: AnthropicOrganisation) -> None:
    """Only those of the person's own keys."""
    outcome = _Account(organisation).read(days(organisation.now_utc, 1), Basis.METERED)
    assert outcome.keys == {LAPTOP: "dana laptop", CI: "dana ci"}


def test_a_workspace_can_be_the_persons_part(organisation: AnthropicOrganisation) -> None:
    """Everything of it, whoever used it; of another workspace there is nothing."""
    account = _Account(organisation, {"workspace_id": (WORKSPACE,)})
    assert account.read_all() == without_nothing(organisation.ledger(whole=True))
    assert _Account(organisation, {"workspace_id": ("wrkspc_02",)}).read_all() == Books({}, {})


def test_keys_that_a_person_makes_later_are_read_too(organisation: AnthropicOrganisation) -> None:
    """Within the hour, and from the start of that day."""
    account = _Account(organisation)
    account.read(days(organisation.now_utc, 1), Basis.METERED)
    organisation.keys = tuple((id_, name, DANA if id_ == ERINS else maker) for id_, name, maker in organisation.keys)
    organisation.advance(HOUR_S)
    outcome = account.read(days(organisation.now_utc, 1), Basis.METERED)
    assert outcome.keys == {LAPTOP: "dana laptop", CI: "dana ci", ERINS: "erin"}
    asked = [seen for seen in organisation.server.seen if ("api_key_ids[]", ERINS) in seen.params]
    assert len(asked) == 1


def test_an_organisation_of_one_is_all_of_it_until_others_join() -> None:
    """From then on it is that person's part: what the others use is not taken for theirs."""
    server = AnthropicOrganisation(people=1)
    account = _Account(server, ALL)
    identity = account.identify()
    assert identity.whole
    assert identity.own == ALL
    assert identity.choices == ()
    assert account.read_all() == without_nothing(server.ledger(whole=True))
    both = AnthropicOrganisation()
    server.people, server.keys = both.people, both.keys
    both.close()
    server.advance(2 * DAY_S)
    today = days(server.now_utc - DAY_S, 2)
    for basis in (Basis.METERED, Basis.BILLED):
        account.read(today, basis)
    assert within(account.kept.books(), [today]) == within(without_nothing(server.ledger()), [today])
    server.close()


def test_rows_of_others_are_dropped_though_the_server_sends_them(organisation: AnthropicOrganisation) -> None:
    """A gateway that loses the filter: keys tell whose they are; where nothing tells, nothing is counted."""
    organisation.heeds_filters = False
    window = days(organisation.now_utc - 9 * DAY_S, 10)
    keys = _Account(organisation, {"api_key_id": (LAPTOP,)})
    rows = keys.read(window, Basis.METERED).reports[0].metered
    assert {row.key_name for row in rows} == {LAPTOP}
    billed = _Account(organisation).read(window, Basis.BILLED).reports[0].billed
    assert within(_books(billed), [window]).billed == within(without_nothing(organisation.ledger()), [window]).billed
    with pytest.raises(ChangedAnswerError, match="others"):
        _Account(organisation).read(window, Basis.METERED)


def _books(billed: Any) -> Books:
    sums: dict[tuple[str, str], int] = {}
    for row in billed:
        place = row.model, datetime.fromtimestamp(row.start_utc, UTC).date().isoformat()
        sums[place] = sums.get(place, 0) + row.amount
    return Books(sums, {})


def test_figures_are_complete_up_to_when_the_answer_was_refreshed(organisation: AnthropicOrganisation) -> None:
    """And never further than what was asked for."""
    account = _Account(organisation)
    today = days(organisation.now_utc - 2 * DAY_S, 3)
    assert account.read(today, Basis.METERED).reports[0].complete_to_utc == organisation.refreshed_utc
    assert account.read(today, Basis.BILLED).reports[0].complete_to_utc == organisation.billed_utc
    past = days(organisation.now_utc - 9 * DAY_S, 3)
    report = account.read(past, Basis.METERED).reports[0]
    assert (report.window, report.complete_to_utc) == (past, past.end_utc)
    assert all(past.start_utc <= row.start_utc < past.end_utc for row in report.metered)


def test_what_is_too_long_for_one_poll_is_read_in_whole_days() -> None:
    """The answer says how far it came, and going on from there ends with the ledger."""
    server = AnthropicOrganisation(rows_a_page=5)
    end = days(server.now_utc, 1).end_utc
    account, at, reads = _Account(server), end - 31 * DAY_S, 0
    while at < end:
        at = account.read(Window(at, end), Basis.METERED).reports[0].window.end_utc
        reads += 1
        assert at % DAY_S == 0
    assert reads > 1
    window = Window(end - 31 * DAY_S, end)
    assert account.kept.books().metered == within(without_nothing(server.ledger()), [window]).metered
    server.close()


def test_nothing_is_asked_for_that_is_too_old(organisation: AnthropicOrganisation) -> None:
    """Before 2026 there is nothing, and the poller is told that it need not go on."""
    account = _Account(organisation)
    old = days(int(datetime(2025, 11, 1, tzinfo=UTC).timestamp()), 31)
    with account.context() as context:
        outcome = ANTHROPIC.read(context, Basis.METERED, old)
    assert outcome == Outcome(ends=True)
    assert organisation.server.seen == []
    first = days(int(datetime(2025, 12, 20, tzinfo=UTC).timestamp()), 31)
    outcome = account.read(first, Basis.METERED)
    assert outcome.ends
    assert outcome.reports[0].window == Window(int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()), first.end_utc)
    assert not account.read(days(organisation.now_utc, 1), Basis.METERED).ends


@pytest.mark.parametrize("behind_s", [-HOUR_S, 0, HOUR_S])
def test_a_clock_that_is_off_asks_for_nothing_that_is_refused(behind_s: int) -> None:
    """The first window a year ago, before the provider has told its time, and then today's."""
    server = AnthropicOrganisation()
    server.advance(60 * DAY_S)
    with context_of(ANTHROPIC, server.url, server.key, own=_USER, now_utc=server.now_utc - behind_s) as context:
        for start in (server.now_utc - 365 * DAY_S, server.now_utc - DAY_S):
            ANTHROPIC.read(context, Basis.METERED, days(start, 2))
    assert not [seen for seen in server.server.seen if seen.path.endswith("/messages")]
    server.close()


def test_many_keys_are_asked_for_in_addresses_of_bounded_length(organisation: AnthropicOrganisation) -> None:
    """Each key once."""
    many = tuple(f"apikey_{number:04}" for number in range(230))
    organisation.keys = (*organisation.keys, *((id_, "", DANA) for id_ in many))
    account = _Account(organisation)
    assert account.read_all() == without_nothing(organisation.ledger())
    assert max(len(seen.target) for seen in organisation.server.seen) < 6000
    asked = [seen.params for seen in organisation.server.seen if seen.path.endswith("/cost")]
    assert {sum(name == "api_key_ids[]" for name, _ in params) for params in asked} == {100, 32, 0}


@pytest.mark.parametrize("memory", [{"looked_up": "soon", "legacy_since": "-1"}, {"legacy_since": "9" * 30}])
def test_what_is_remembered_amiss_does_no_harm(organisation: AnthropicOrganisation, memory: dict[str, str]) -> None:
    """A history that somebody edited, or a clock that was far ahead."""
    account = _Account(organisation)
    account.memory = memory
    assert account.read_all() == without_nothing(organisation.ledger())


def test_the_same_answer_twice_is_the_same_outcome(organisation: AnthropicOrganisation) -> None:
    """And what is remembered is not remembered again."""
    account = _Account(organisation)
    today = days(organisation.now_utc, 1)
    first = account.read(today, Basis.METERED)
    assert first.memory is not None
    second = account.read(today, Basis.METERED)
    assert second.memory is None
    assert second.reports == first.reports


def test_a_key_is_recognised_by_its_organisation_and_finds_the_persons_part(
    organisation: AnthropicOrganisation,
) -> None:
    """By an address that may be theirs; else everybody is offered, and nothing is taken by itself."""
    identity = _Account(organisation, ALL).identify("nobody@example.com", "Dana@Example.com")
    assert (identity.kind, identity.holder) == ("Admin key", "Example Labs")
    assert identity.own == {"user_id": (DANA,), "api_key_id": (LAPTOP, CI)}
    assert identity.scope == f"anthropic/{ORGANISATION}/{DANA}"
    assert not identity.whole
    unknown = _Account(organisation, ALL).identify("nobody@example.com")
    assert unknown.own == ALL
    assert unknown.scope == f"anthropic/{ORGANISATION}"
    assert [choice.label for choice in unknown.choices] == ["Dana Ito <dana@example.com>", "erin@example.com"]
    assert unknown.choices[1].own == {"user_id": (ERIN,), "api_key_id": (ERINS,)}


@pytest.mark.parametrize(
    ("asked", "own", "scope"),
    [
        ({"email": ("erin@example.com",)}, {"user_id": (ERIN,), "api_key_id": (ERINS,)}, f"/{ERIN}"),
        (_USER, {"user_id": (DANA,), "api_key_id": (LAPTOP, CI)}, f"/{DANA}"),
        ({"api_key_id": (CI,)}, {"api_key_id": (CI,)}, f"/{DANA}/{CI}"),
        ({"workspace_id": (WORKSPACE,)}, {"workspace_id": (WORKSPACE,)}, f"/{WORKSPACE}"),
    ],
)
def test_the_part_that_is_asked_for_is_kept_by_ids(
    organisation: AnthropicOrganisation, asked: Own, own: Own, scope: str
) -> None:
    """A person's part is seen within the organisation's scope, a key's within that of who made it."""
    identity = _Account(organisation, asked).identify()
    assert identity.own == own
    assert identity.scope == f"anthropic/{ORGANISATION}{scope}"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"email": ("fay@example.com",)}, "No such person"),
        ({"user_id": ("user_09",)}, "No such person"),
        ({"user_id": ("dana",)}, "begins with user_"),
        ({"api_key_id": ("apikey_09",)}, "No such API key"),
        ({"workspace_id": (WORKSPACE,), "user_id": (DANA,)}, "Two ways"),
    ],
)
def test_a_part_that_cannot_be_is_refused_in_words(organisation: AnthropicOrganisation, asked: Own, words: str) -> None:
    """Before anything is kept: it would read nothing, and look like no spend."""
    with pytest.raises(RefusedError, match=words) as caught:
        _Account(organisation, asked).identify()
    assert caught.value.field == "own"


def test_a_person_without_an_address_any_more_is_not_read_as_everybody(organisation: AnthropicOrganisation) -> None:
    """An account kept unchecked is limited to an address that nobody has: nothing is read, and it says so."""
    account = _Account(organisation, {"email": ("fay@example.com",)})
    with pytest.raises(NotThereError, match="not found"):
        account.read(days(organisation.now_utc, 1), Basis.METERED)
    assert not _asked(organisation, "/usage")
    known = _Account(organisation, {"email": ("dana@example.com",)})
    assert known.read_all() == without_nothing(organisation.ledger())


def test_what_is_not_told_is_said_before_a_key_is_kept(organisation: AnthropicOrganisation) -> None:
    """Where only the older reports are open, one's own bill is not to be had; a whole organisation's is."""
    assert not any("Your own part" in text for text in _Account(organisation).identify().cannot)
    organisation.analytics = False
    identity = _Account(organisation).identify()
    assert any("Your own part" in text for text in identity.cannot)
    assert len(identity.reads) == 1
    organisation.people = organisation.people[:1]
    assert any("UTC day" in text for text in _Account(organisation, ALL).identify().reads)


def test_a_key_for_analytics_alone_finds_people_by_what_they_used(organisation: AnthropicOrganisation) -> None:
    """It may list neither members nor keys, and reads the part of one person all the same."""
    organisation.admin = False
    identity = _Account(organisation, ALL).identify("dana@example.com")
    assert (identity.kind, identity.own) == ("Analytics key", _USER)
    assert identity.scope == f"anthropic/{ORGANISATION}/{DANA}"
    assert {choice.own["user_id"] for choice in _Account(organisation, ALL).identify().choices} == {(DANA,), (ERIN,)}
    account = _Account(organisation, {**_USER, "api_key_id": (LAPTOP, CI)})
    assert account.read_all() == without_nothing(organisation.ledger())


@pytest.mark.parametrize(("status", "error"), [(401, KeyRefusedError), (403, NotAllowedError), (404, NotThereError)])
def test_an_ordinary_key_is_told_which_kind_is_needed(status: int, error: type[Exception]) -> None:
    """With the page that makes it, and with what an individual account has to do first."""
    with (
        ScriptedServer(lambda _: Reply(status, {"type": "error", "error": {"message": "no"}})) as server,
        context_of(ANTHROPIC, server.url, _KEY) as context,
        pytest.raises(error, match="This key cannot read usage") as caught,
    ):
        ANTHROPIC.identify(context)
    assert ANTHROPIC.info.key_page in str(caught.value)
    assert "organisation" in str(caught.value)


def test_where_both_generations_refuse_the_newer_ones_words_are_told(organisation: AnthropicOrganisation) -> None:
    """Nothing is remembered of it: the next poll asks anew."""
    organisation.analytics = organisation.legacy = False
    account = _Account(organisation)
    with pytest.raises(NotAllowedError):
        account.read(days(organisation.now_utc, 1), Basis.METERED)
    organisation.legacy = True
    account.read(days(organisation.now_utc, 1), Basis.METERED)
    organisation.legacy, organisation.analytics = False, True
    assert account.read(days(organisation.now_utc, 1), Basis.METERED).reports[0].metered
    assert "legacy_since" not in account.memory


@pytest.mark.parametrize(
    ("model", "window", "line"),
    [
        ("claude-sonnet-4-5-20250929", "0-200k", 0),
        ("claude-sonnet-4-5-20250929", "200k-1M", 200_000),
        ("claude-sonnet-4-5-20250929", "", None),
        ("claude-sonnet-4-5-20250929", "huge", None),
        ("claude-haiku-5-5", "0-200k", None),
        ("claude-haiku-5-5", "200k-1M", 100_000),
        ("claude-opus-4-7", "200k-1M", 0),
        ("claude-next-9", "200k-1M", 0),
    ],
)
def test_a_context_window_is_a_price_band_only_where_the_model_has_one_there(
    model: str, window: str, line: int | None
) -> None:
    """Haiku 5.5 costs more above 100,000 tokens, which a window up to 200,000 does not tell."""
    assert band(model, window) == line


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ({"service_tier": "standard", "speed": "standard"}, (Tier.STANDARD, False)),
        ({"service_tier": None, "speed": None}, (Tier.STANDARD, False)),
        ({"service_tier": "batch", "speed": "fast"}, (Tier.FAST, False)),
        ({"service_tier": "priority_on_demand"}, (Tier.PRIORITY, False)),
        ({"service_tier": "express"}, (Tier.STANDARD, True)),
        ({"service_tier": "batch", "speed": "turbo"}, (Tier.BATCH, True)),
    ],
)
def test_a_tier_that_is_not_known_is_assumed(group: dict[str, str | None], expected: tuple[Tier, bool]) -> None:
    """Priced as the standard one, and said to be."""
    assert tier(group) == expected


@pytest.mark.parametrize("generation", ["analytics", "legacy"])
def test_answers_give_the_rows_worked_out_by_hand(generation: str) -> None:
    """tests/fixtures/providers/anthropic: the rows of two days, others' among them; expected.json says how."""
    answers = json.loads((_FIXTURES / f"{generation}.json").read_text())
    expected = json.loads((_FIXTURES / "expected.json").read_text())[generation]

    def answer(seen: Seen) -> Reply:
        found = answers.get(seen.path.removeprefix("/v1/organizations/"))
        if isinstance(found, dict) and "data" not in found:  # by what it is narrowed to
            found = next((found[value] for name, value in seen.params if name.endswith("_ids[]")), found.get(""))
        return Reply(403, {"type": "error"}) if found is None else Reply(body=found)

    own: Own = _USER if generation == "analytics" else ALL
    window = days(NOW_UTC - DAY_S, 2)
    with ScriptedServer(answer) as server, context_of(ANTHROPIC, server.url, _KEY, own=own) as context:
        metered, billed = (ANTHROPIC.read(context, basis, window) for basis in (Basis.METERED, Basis.BILLED))
    told = [[*row[:3], str(row.tier), *row[4:6], *row.counts] for row in metered.reports[0].metered]
    assert told == expected["metered"]
    assert [list(row) for row in billed.reports[0].billed] == expected["billed"]
    assert [one.reports[0].complete_to_utc for one in (metered, billed)] == expected["complete_to"]
    assert metered.keys == expected["keys"]


_ROW: dict[str, Any] = {
    "starting_at": "2026-11-19T09:00:00Z",
    "ending_at": "2026-11-19T10:00:00Z",
    "group": {"model": "m", "api_key_id": LAPTOP},
    "cost": {"amount": "1.5", "list_amount": "1.5", "currency": "USD"},
}


def _answering(pages: Callable[[int], Mapping[str, object]]) -> ScriptedServer:
    def answer(seen: Seen) -> Reply:
        if seen.path.endswith("/analytics/cost"):
            return Reply(body=pages(int(dict(seen.params).get("page", "0"))))
        return Reply(body={"data": [], "has_more": False, "first_id": None, "last_id": None})

    return ScriptedServer(answer)


def _page(row: Mapping[str, object], following: int | None = None) -> Mapping[str, object]:
    return {
        "data": [row],
        "has_more": following is not None,
        "next_page": None if following is None else str(following),
        "data_refreshed_at": None,
    }


def _outcome(server: ScriptedServer, own: Own = ALL) -> Outcome:
    with server, context_of(ANTHROPIC, server.url, _KEY, own=own) as context:
        return ANTHROPIC.read(context, Basis.BILLED, days(NOW_UTC, 1))


def test_a_list_that_goes_on_with_what_it_told_is_not_counted() -> None:
    """Each page has another cursor, so that only the rows tell."""
    with pytest.raises(ChangedAnswerError, match="told before"):
        _outcome(_answering(lambda number: _page(_ROW, number + 1)))


def test_a_row_that_two_pages_tell_counts_once_as_it_was_told_last() -> None:
    """An hour that grows while its pages are turned."""
    other = {**_ROW, "group": {"model": "n", "api_key_id": LAPTOP}}
    pages = [_page(_ROW, 1), {**_page(_ROW), "data": [{**_ROW, "cost": {**_ROW["cost"], "amount": 2}}, other]}]
    rows = _outcome(_answering(lambda number: pages[number])).reports[0].billed
    assert {(row.model, row.amount) for row in rows} == {("m", 20_000_000), ("n", 15_000_000)}


@pytest.mark.parametrize(
    "change",
    [
        {"ending_at": "2026-11-20T09:00:00Z"},
        {"starting_at": "2026-11-19T09:30:00Z"},
        {"starting_at": "2026-11-18T09:00:00Z", "ending_at": "2026-11-18T10:00:00Z"},
        {"starting_at": "2026-11-19T23:00:00Z", "ending_at": "2026-11-20T00:00:00Z"},
        {"cost": {"amount": "NaN", "currency": "USD"}},
        {"cost": None},
        {"group": []},
    ],
)
def test_rows_that_are_no_hours_of_what_was_asked_for_are_not_counted(change: Mapping[str, object]) -> None:
    """A day in an hour's place, half an hour, another day, an hour that has not begun, no amount."""
    with pytest.raises(ChangedAnswerError):
        _outcome(_answering(lambda _: _page({**_ROW, **change})))


def test_without_a_time_of_refreshing_the_last_hour_is_not_called_complete() -> None:
    """An hour is well past the usual delay of minutes."""
    outcome = _outcome(_answering(lambda _: _page(_ROW)))
    assert outcome.reports[0].complete_to_utc == NOW_UTC - HOUR_S
