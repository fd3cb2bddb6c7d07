"""GitHub's Copilot bill of one person, on a real server on this machine."""

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.contract.ledgers.github_copilot import LOGIN, GitHub
from tests.contract.reading import NOW_UTC, Kept, context_of, days, within, without_nothing
from tests.servers import Reply, ScriptedServer, Seen
from tokentray.clock import DAY_S
from tokentray.errors import (
    ChangedAnswerError,
    NotAllowedError,
    NotThereError,
    RateLimitedError,
    RequestRefusedError,
)
from tokentray.ledger import BilledRow, Outcome, Window
from tokentray.model import Basis
from tokentray.money import Nanos
from tokentray.providers.github_copilot import GITHUB_COPILOT

_FIXTURES = Path(__file__).parent.parent / "fixtures" / "providers" / "github-copilot"
_KEY = "github_pat_" + "0" * 22
_MISSING = Reply(404, {"message": "Not Found", "documentation_url": "https://docs.github.com/rest"})


@pytest.fixture
def github() -> Iterator[GitHub]:
    server = GitHub()
    yield server
    server.close()


def _read(server: GitHub, window: Window) -> Outcome:
    with context_of(GITHUB_COPILOT, server.url, server.key) as context:
        return GITHUB_COPILOT.read(context, Basis.BILLED, window)


@pytest.mark.parametrize("seed", range(3))
def test_any_windows_read_in_any_order_end_with_githubs_own_bill(github: GitHub, seed: int) -> None:
    """By model and day, net of what the plan covers, over the change from premium requests to AI credits."""
    chance = random.Random(seed)
    kept = Kept()
    windows = [days(github.now_utc - 49 * DAY_S, 20)]
    for _ in range(3):
        start = github.now_utc - chance.randrange(45) * DAY_S
        windows.append(days(start, min(1 + chance.randrange(12), (github.now_utc - start) // DAY_S + 1)))
    chance.shuffle(windows)
    for window in windows:
        kept.take(_read(github, window))
    for _ in range(3):
        github.advance(chance.randrange(DAY_S // 2))
        kept.take(_read(github, days(github.now_utc - 3 * DAY_S, 4)))
    github.correct()
    windows += [days(github.now_utc - 6 * DAY_S, 7)]
    kept.take(_read(github, windows[-1]))
    assert len(kept.books().billed) > 5
    assert kept.books() == within(without_nothing(github.ledger()), windows)


def test_a_month_of_which_nothing_is_billed_costs_no_question_by_day() -> None:
    """The days of a month that the plan covers are not asked for one by one."""
    server = GitHub(plan_covers=10**15)
    try:
        outcome = _read(server, days(server.now_utc - 30 * DAY_S, 31))
        assert outcome.reports[0].billed == ()
        assert not [seen for seen in server.server.seen if "day" in dict(seen.params)]
        assert len(server.server.seen) == 1 + 2 * 2  # who it is, and two months in two units
    finally:
        server.close()


def test_a_bill_is_complete_to_the_day_that_ended_a_day_ago(github: GitHub) -> None:
    """GitHub says nothing of when a day is final."""
    outcome = _read(github, days(github.now_utc - 3 * DAY_S, 4))
    assert outcome.reports[0].complete_to_utc == days(github.now_utc, 1).start_utc - DAY_S
    past = days(github.now_utc - 20 * DAY_S, 3)
    assert _read(github, past).reports[0].complete_to_utc == past.end_utc


def test_a_token_is_looked_at_and_what_it_cannot_show_is_said(github: GitHub) -> None:
    """All that it sees is the person's own; the name of a user is the same however it is written."""
    with context_of(GITHUB_COPILOT, github.url, github.key) as context:
        identity = GITHUB_COPILOT.identify(context)
    assert (identity.holder, identity.scope, identity.whole) == (LOGIN, "github-copilot/dana-ito", True)
    assert any("your plan covers" in sentence for sentence in identity.cannot)
    assert any("organisation" in sentence for sentence in identity.cannot)


def test_a_seat_that_an_organisation_pays_for_is_told_as_such() -> None:
    """GitHub answers 404 to its holder, which says nothing by itself."""
    server = GitHub(units=())
    try:
        with (
            context_of(GITHUB_COPILOT, server.url, server.key) as context,
            pytest.raises(NotThereError, match="organisation"),
        ):
            GITHUB_COPILOT.identify(context)
    finally:
        server.close()


def test_one_unit_alone_is_enough_and_is_remembered() -> None:
    """A unit that never was is nothing. One that has answered and does not any more would take its days along."""
    server = GitHub(units=("ai_credit",), plan_covers=0)
    try:
        window = days(server.now_utc - 3 * DAY_S, 4)
        outcome = _read(server, window)
        assert outcome.memory == {"units": "ai_credit"}
        assert outcome.reports[0].billed
        with context_of(GITHUB_COPILOT, server.url, server.key, memory=outcome.memory) as context:
            assert GITHUB_COPILOT.read(context, Basis.BILLED, window).memory is None
            server.units = ("premium_request",)
            with pytest.raises(NotThereError):
                GITHUB_COPILOT.read(context, Basis.BILLED, window)
    finally:
        server.close()


def _item(**changes: Any) -> dict[str, Any]:
    return {
        "product": "Copilot",
        "sku": "AI Credit",
        "model": "GPT-5",
        "unitType": "ai-credits",
        "netAmount": 1,
    } | changes


def _server(bill: Callable[[str, dict[str, int]], Reply]) -> ScriptedServer:
    """GitHub, whose bill is told by a function of the unit and of the period asked for."""

    def answer(seen: Seen) -> Reply:
        if seen.path == "/user":
            return Reply(body={"login": LOGIN})
        reply = bill(seen.path.split("/")[5], {name: int(value) for name, value in seen.params})
        return reply._replace(headers={**reply.headers, "Date": "Thu, 19 Nov 2026 10:20:00 GMT"})

    return ScriptedServer(answer)


def _told(asked: dict[str, int], *items: dict[str, Any]) -> Reply:
    return Reply(body={"timePeriod": asked, "user": LOGIN, "usageItems": list(items)})


def _rows(server: ScriptedServer, window: Window) -> tuple[BilledRow, ...]:
    with server, context_of(GITHUB_COPILOT, server.url, _KEY) as context:
        return GITHUB_COPILOT.read(context, Basis.BILLED, window).reports[0].billed


def test_a_line_told_in_both_units_counts_once_and_other_lines_by_themselves() -> None:
    """The same product, SKU, model and unit is one line of the bill; a premium request is another than a credit."""

    def bill(unit: str, asked: dict[str, int]) -> Reply:
        premium = _item(sku="Copilot Premium Request", unitType="requests", netAmount=0.04)
        return _told(asked, _item(), *([premium] if unit == "premium_request" else []))

    window = days(NOW_UTC - DAY_S, 1)
    assert _rows(_server(bill), window) == (BilledRow(window.start_utc, DAY_S, "GPT-5", "USD", Nanos(1_040_000_000)),)


def test_what_is_no_models_is_named_by_its_sku() -> None:
    """Money that no model explains keeps the name that the bill has for it."""
    window = days(NOW_UTC - DAY_S, 1)
    rows = _rows(_server(lambda _, asked: _told(asked, _item(model="", sku="Code Review Minutes"))), window)
    assert [(row.model, row.item) for row in rows] == [("", "Code Review Minutes")]


def test_a_months_total_is_never_taken_for_a_days() -> None:
    """A server that does not heed the day would have a month counted thirty times."""
    window = days(NOW_UTC - 4 * DAY_S, 3)
    month = {"year": 2026, "month": 11}
    with pytest.raises(ChangedAnswerError):
        _rows(_server(lambda _unit, _asked: _told({**month, "day": 1}, _item())), window)
    with pytest.raises(ChangedAnswerError):
        _rows(_server(lambda _unit, _asked: _told(month, _item())), window)


def test_a_month_that_grows_while_its_days_are_asked_is_read() -> None:
    """Use goes on meanwhile: the month is asked again before its days are said to be too much."""
    months = iter(range(10))

    def bill(unit: str, asked: dict[str, int]) -> Reply:
        if unit != "ai_credit":
            return _MISSING
        return _told(asked, _item(netAmount=2 if "day" in asked else 1 + next(months)))

    window = days(NOW_UTC, 1)
    assert [row.amount for row in _rows(_server(bill), window)] == [2_000_000_000]


def test_days_that_have_not_begun_are_not_asked_for() -> None:
    """A clock that is ahead at the end of a month: GitHub refuses the next one, and nothing is known of it."""
    end_of_month = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    server = GitHub(now=end_of_month)
    try:
        today = days(server.now_utc, 1)
        outcome = _read(server, Window(today.start_utc - DAY_S, today.end_utc + DAY_S))
        assert [report.window for report in outcome.reports] == [Window(today.start_utc - DAY_S, today.end_utc)]
        assert _read(server, days(today.end_utc, 1)) == Outcome()
    finally:
        server.close()


def test_months_beyond_what_github_keeps_end_the_history() -> None:
    """Two years back it answers 400 or 404; nearer than that, such an answer is an error."""
    old = days(NOW_UTC - 725 * DAY_S, 10)
    for refusal in (Reply(400, {"message": "Bad Request"}), _MISSING):
        server = _server(lambda _unit, _asked, refusal=refusal: refusal)  # type: ignore[misc]  # bound at once
        with server, context_of(GITHUB_COPILOT, server.url, _KEY) as context:
            outcome = GITHUB_COPILOT.read(context, Basis.BILLED, old)
            assert outcome.ends
            assert outcome.reports[0].billed == ()
            with pytest.raises((RequestRefusedError, NotThereError)):
                GITHUB_COPILOT.read(context, Basis.BILLED, days(NOW_UTC - 60 * DAY_S, 10))


def test_a_missing_permission_is_named_with_the_page_that_grants_it() -> None:
    """GitHub's own sentence does not say which."""
    refusal = Reply(403, {"message": "Resource not accessible by personal access token"})
    with (
        _server(lambda _unit, _asked: refusal) as server,
        context_of(GITHUB_COPILOT, server.url, _KEY) as context,
        pytest.raises(NotAllowedError, match='"Plan"') as caught,
    ):
        GITHUB_COPILOT.identify(context)
    assert "github.com/settings/personal-access-tokens/new" in caught.value.hint


def test_a_secondary_limit_is_no_missing_permission() -> None:
    """GitHub says "not now" with the same status as "not you"."""
    limited = Reply(403, {"message": "You have exceeded a secondary rate limit"}, {"Retry-After": "60"})
    with (
        _server(lambda _unit, _asked: limited) as server,
        context_of(GITHUB_COPILOT, server.url, _KEY) as context,
        pytest.raises(RateLimitedError) as caught,
    ):
        GITHUB_COPILOT.identify(context)
    assert caught.value.retry_after_s == 60


def test_a_login_that_is_no_name_leads_nowhere() -> None:
    """It stands in the path of the next question."""
    with (
        ScriptedServer(lambda _: Reply(body={"login": "../orgs/acme"})) as server,
        context_of(GITHUB_COPILOT, server.url, _KEY) as context,
        pytest.raises(ChangedAnswerError),
    ):
        GITHUB_COPILOT.identify(context)


def test_published_answers_give_the_rows_worked_out_by_hand() -> None:
    """tests/fixtures/providers/github-copilot: a day of November, in both units, partly covered by the plan."""
    answers = json.loads((_FIXTURES / "answers.json").read_text())
    expected = json.loads((_FIXTURES / "expected.json").read_text())
    window = days(int(datetime(2026, 11, 18, tzinfo=UTC).timestamp()), 1)

    def bill(unit: str, asked: dict[str, int]) -> Reply:
        return Reply(body=answers[f"{unit} {'day' if 'day' in asked else 'month'}"])

    rows = _rows(_server(bill), window)
    assert [[row.start_utc, row.model, row.item, row.currency, row.amount] for row in rows] == expected["billed"]
