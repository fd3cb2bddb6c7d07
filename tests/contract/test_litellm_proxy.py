"""A team's LiteLLM proxy, asked with a plain virtual key, on a real server on this machine."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.ledgers.litellm_proxy import ME, LiteLLMProxy
from tests.contract.reading import NOW_UTC, Kept, context_of, days, within, without_nothing
from tests.servers import Reply, ScriptedServer, Seen
from tokentray.clock import DAY_S
from tokentray.errors import ChangedAnswerError, NotAllowedError, NotThereError
from tokentray.ledger import BilledRow, MeteredRow, Outcome, Own, Window
from tokentray.model import Basis
from tokentray.money import Nanos
from tokentray.providers.litellm_proxy import LITELLM_PROXY

_FIXTURES = Path(__file__).parent.parent / "fixtures" / "providers" / "litellm-proxy"
_KEY = "sk-" + "0" * 22
_HASH = "0123456789abcdef" * 4
_TODAY = days(NOW_UTC, 1)
_NOTHING = {"results": [], "metadata": {"page": 1, "total_pages": 0, "has_more": False}}


@pytest.fixture
def proxy() -> Iterator[LiteLLMProxy]:
    server = LiteLLMProxy()
    yield server
    server.close()


def _read(server: LiteLLMProxy, window: Window, basis: Basis = Basis.BILLED, own: Own | None = None) -> Outcome:
    with context_of(LITELLM_PROXY, server.url, server.key, own=server.own if own is None else own) as context:
        return LITELLM_PROXY.read(context, basis, window)


@pytest.mark.parametrize("seed", range(4))
def test_any_windows_read_in_any_order_end_with_the_servers_own_ledger(proxy: LiteLLMProxy, seed: int) -> None:
    """By model and day, of this person alone, although one date lies on several pages; the newest hour grows."""
    chance = random.Random(seed)
    kept, windows = Kept(), []
    for _ in range(5):
        window = days(proxy.now_utc - chance.randrange(30) * DAY_S, 1)
        window = window._replace(end_utc=min(window.end_utc + chance.randrange(14) * DAY_S, days(proxy.now_utc, 1)[1]))
        windows.append(window)
        kept.take(_read(proxy, window, chance.choice([Basis.BILLED, Basis.METERED])))
        proxy.advance(chance.randrange(1, DAY_S))
    proxy.correct()
    last = days(proxy.now_utc - 9 * DAY_S, 10)
    kept.take(_read(proxy, last))
    assert within(kept.books(), windows) != ({}, {})
    assert kept.books() == within(without_nothing(proxy.ledger()), [*windows, last])


def test_a_row_that_is_added_between_two_pages_has_none_of_a_past_day_told_twice(proxy: LiteLLMProxy) -> None:
    """It moves the others on by one. Days that are over stay as they are until they are read again, maybe never."""
    answer = proxy.server.answer

    def busy(seen: Seen) -> Reply:
        reply = answer(seen)
        proxy.work_on_another_model()
        return reply

    proxy.server.answer = busy
    kept = Kept()
    kept.take(_read(proxy, days(proxy.now_utc - 19 * DAY_S, 20)))
    past = [days(proxy.now_utc - 19 * DAY_S, 19)]
    assert within(kept.books(), past) == within(without_nothing(proxy.ledger()), past)


def test_a_bill_and_its_tokens_come_together_and_count_up_to_the_day_that_runs(proxy: LiteLLMProxy) -> None:
    """One question serves both; today counts, and a window of the past is complete to its end."""
    outcome = _read(proxy, days(proxy.now_utc - DAY_S, 2))
    assert [report.basis for report in outcome.reports] == [Basis.BILLED, Basis.METERED]
    assert {report.complete_to_utc for report in outcome.reports} == {days(proxy.now_utc, 1).end_utc}
    assert {row.key_name for row in outcome.reports[0].billed} <= {*outcome.keys, ""}
    assert set(outcome.keys.values()) == {"dana-laptop", "dana-ci"}
    past = days(proxy.now_utc - 9 * DAY_S, 3)
    assert _read(proxy, past).reports[0].complete_to_utc == past.end_utc


def test_a_key_is_looked_at_and_found_to_be_the_persons_own(proxy: LiteLLMProxy) -> None:
    """The key never stands in an address; what it sees is named by host and user, so that two keys of one user meet."""
    with context_of(LITELLM_PROXY, proxy.url, proxy.key) as context:
        identity = LITELLM_PROXY.identify(context)
    assert identity.kind == "Virtual key"
    assert identity.holder == ME
    assert identity.own == {"user_id": (ME,)}
    assert identity.whole
    assert identity.scope == f"litellm-proxy/{proxy.url.removeprefix('http://')}/dana%40example.com"
    assert identity.advice == ""
    assert all(proxy.key not in seen.target for seen in proxy.server.seen)


def test_one_key_of_a_user_can_be_read_alone(proxy: LiteLLMProxy) -> None:
    """With api_key_id as the person's part, the other key's use is not told."""
    own = {"api_key_id": (proxy.hash,)}
    outcome = _read(proxy, days(proxy.now_utc - 20 * DAY_S, 21), own=own)
    assert set(outcome.keys.values()) == {"dana-laptop"}
    assert {row.key_name for row in outcome.reports[0].billed} == {proxy.hash, ""}
    asked = [seen for seen in proxy.server.seen if seen.path == "/user/daily/activity"]
    assert all(("user_id", ME) in seen.params for seen in asked)


def test_another_users_spend_is_refused_in_words(proxy: LiteLLMProxy) -> None:
    """A plain key that is pointed at somebody else is told so when it is added."""
    with (
        context_of(LITELLM_PROXY, proxy.url, proxy.key, own={"user_id": ("erin@example.com",)}) as context,
        pytest.raises(NotAllowedError, match="of its own user alone"),
    ):
        LITELLM_PROXY.identify(context)


def _served(*, info: object = None, activity: Reply | None = None, person: Reply | None = None) -> ScriptedServer:
    answers = {
        "/key/info": Reply(body={"key": _HASH, "info": {"user_id": ME} if info is None else info}),
        "/v2/user/info": person or Reply(404, {"detail": "Not Found"}),
        "/user/daily/activity": activity or Reply(body={"results": [], "metadata": {"has_more": False}}),
    }
    return ScriptedServer(lambda seen: answers.get(seen.path, Reply(404, {"detail": "Not Found"})))


def _day(metrics: object, models: object, date: str = "2026-11-19") -> Reply:
    results = [{"date": date, "metrics": metrics, "breakdown": {"models": models}}]
    return Reply(body={"results": results, "metadata": {"page": 1, "total_pages": 1, "has_more": False}})


def _outcome(server: ScriptedServer, own: Own | None = None) -> Outcome:
    with server, context_of(LITELLM_PROXY, server.url, _KEY, own={"user_id": (ME,)} if own is None else own) as context:
        return LITELLM_PROXY.read(context, Basis.BILLED, _TODAY)


def test_a_key_without_a_user_reads_nothing_and_is_told_why() -> None:
    """The counter of such a key is set back with its budget, so that nothing can be made of it."""
    with (
        _served(info={"user_id": None, "team_id": "team-1", "spend": 3.5}) as server,
        context_of(LITELLM_PROXY, server.url, _KEY) as context,
        pytest.raises(NotAllowedError, match="belongs to no user"),
    ):
        LITELLM_PROXY.identify(context)


def test_a_master_key_or_a_wrong_address_is_told_as_such() -> None:
    """The proxy keeps nothing under its master key, and another server has no such page."""
    with (
        ScriptedServer(lambda _: Reply(404, {"error": {"message": "Key not found in database"}})) as server,
        context_of(LITELLM_PROXY, server.url, _KEY) as context,
        pytest.raises(NotThereError, match="not the master key"),
    ):
        LITELLM_PROXY.identify(context)


def test_a_proxy_that_is_too_old_is_told_when_the_key_is_added() -> None:
    """Without the daily activity nothing is ever guessed from the budget's counter."""
    with (
        _served(activity=Reply(404, {"detail": "Not Found"})) as server,
        context_of(LITELLM_PROXY, server.url, _KEY) as context,
        pytest.raises(NotThereError, match="too old"),
    ):
        LITELLM_PROXY.identify(context)


def test_a_key_of_the_user_that_many_share_is_limited_to_itself() -> None:
    """Keys that were made with the master key and given to nobody have one user, who is not one person."""
    with (
        _served(info={"user_id": "default_user_id"}) as server,
        context_of(LITELLM_PROXY, server.url, _KEY) as context,
    ):
        identity = LITELLM_PROXY.identify(context)
    assert identity.own == {"user_id": ("default_user_id",), "api_key_id": (_HASH,)}
    assert identity.scope.endswith(f"/default_user_id/{_HASH}")


def test_a_key_of_that_user_without_an_id_is_not_taken_for_the_persons_own() -> None:
    """What it sees may be others' too: the person has to say that it counts."""
    answers = {"/key/info": {"key": _KEY, "info": {"user_id": "default_user_id"}}, "/user/daily/activity": _NOTHING}

    def answer(seen: Seen) -> Reply:
        return Reply(body=answers[seen.path]) if seen.path in answers else Reply(404, {"detail": "Not Found"})

    with ScriptedServer(answer) as server, context_of(LITELLM_PROXY, server.url, _KEY) as context:
        identity = LITELLM_PROXY.identify(context)
        assert LITELLM_PROXY.read(context, Basis.BILLED, _TODAY).reports[0].billed == ()
    assert identity.own == {}
    assert not identity.whole


def test_an_administrators_key_reads_its_own_user_alone_and_a_narrower_one_is_advised() -> None:
    """Asked without a user, such a key would be told everybody's spend."""
    person = Reply(body={"user_id": ME, "user_email": ME, "user_role": "proxy_admin"})
    with _served(person=person) as server, context_of(LITELLM_PROXY, server.url, _KEY) as context:
        identity = LITELLM_PROXY.identify(context)
        LITELLM_PROXY.read(context, Basis.BILLED, _TODAY)
    assert "ordinary user" in identity.advice
    asked = [seen for seen in server.seen if seen.path == "/user/daily/activity"]
    assert len(asked) == 2
    assert all(("user_id", ME) in seen.params for seen in asked)


def test_what_is_of_no_model_or_no_key_is_kept_and_the_total_is_the_servers() -> None:
    """10 in all: 6 of a model, of which 4 of a key; a nano-unit that rounding makes is no row."""
    models = {
        "m": {
            "metrics": {"spend": 6, "prompt_tokens": 60, "completion_tokens": 6},
            "api_key_breakdown": {_HASH: {"metrics": {"spend": "4.0000000004", "prompt_tokens": 40}, "metadata": {}}},
        }
    }
    outcome = _outcome(_served(activity=_day({"spend": 10, "prompt_tokens": 100, "completion_tokens": 6}, models)))
    start = _TODAY.start_utc
    assert outcome.reports[0].billed == (
        BilledRow(start, DAY_S, "", "USD", Nanos(4_000_000_000)),
        BilledRow(start, DAY_S, "m", "USD", Nanos(2_000_000_000)),
        BilledRow(start, DAY_S, "m", "USD", Nanos(4_000_000_000), key_name=_HASH),
    )
    assert outcome.reports[1].metered == (
        MeteredRow(start, DAY_S, "", band=None, input_tokens=40),
        MeteredRow(start, DAY_S, "m", band=None, input_tokens=20, output_tokens=6),
        MeteredRow(start, DAY_S, "m", band=None, key_name=_HASH, input_tokens=40),
    )
    assert outcome.keys == {}


def test_cached_tokens_are_taken_off_the_prompt_only_where_they_are_in_it() -> None:
    """An older gateway leaves them out of the prompt: there is nothing to take off then."""
    counts = {"spend": 1, "cache_read_input_tokens": 90, "cache_creation_input_tokens": 4}
    models = {
        "new": {"metrics": {**counts, "prompt_tokens": 182}},
        "old": {"metrics": {**counts, "prompt_tokens": 60}},
    }
    rows = _outcome(_served(activity=_day({"spend": 2}, models))).reports[1].metered
    assert [(row.model, row.input_tokens, row.cache_read_tokens, row.cache_write_5m_tokens) for row in rows] == [
        ("new", 88, 90, 4),
        ("old", 60, 90, 4),
    ]


def test_a_key_that_is_told_raw_is_not_kept_as_a_name() -> None:
    """Only a hash names a key: a gateway that tells the key itself must not bring it into the history."""
    raw = "sk-" + "1" * 22
    models = {
        "m": {
            "metrics": {"spend": 1},
            "api_key_breakdown": {raw: {"metrics": {"spend": 1}, "metadata": {"key_alias": "laptop"}}},
        }
    }
    outcome = _outcome(_served(activity=_day({"spend": 1}, models)))
    assert "1111" not in repr(outcome)
    assert outcome.reports[0].billed == (BilledRow(_TODAY.start_utc, DAY_S, "m", "USD", Nanos(1_000_000_000)),)


def test_a_date_outside_the_window_is_left_out() -> None:
    """It is read when its own window is."""
    outcome = _outcome(_served(activity=_day({"spend": 1}, {}, "2026-11-18")))
    assert outcome.reports[0].billed == ()


@pytest.mark.parametrize(
    "metadata",
    [
        {"page": 2, "total_pages": 2, "has_more": True},
        {"page": 1, "total_pages": 1, "has_more": True},
        {"page": 1, "total_pages": 3, "has_more": False},
        {"page": 1},
        {},
    ],
)
def test_pages_that_contradict_themselves_are_not_counted(metadata: Any) -> None:
    """A proxy that does not turn its pages would have one of them counted again and again."""
    results = [{"date": "2026-11-19", "metrics": {"spend": 1}, "breakdown": {}}]
    with pytest.raises(ChangedAnswerError):
        _outcome(_served(activity=Reply(body={"results": results, "metadata": metadata})))


def test_an_account_that_was_kept_unchecked_finds_its_user_when_it_is_read() -> None:
    """Added without asking the proxy, it has no part of its own yet; everybody's spend is never asked for."""
    server = _served(activity=_day({"spend": 1}, {}))
    assert _outcome(server, own={}).reports[0].billed
    asked = [seen for seen in server.seen if seen.path == "/user/daily/activity"]
    assert all(("user_id", ME) in seen.params for seen in asked)


def test_a_real_answer_gives_the_rows_worked_out_by_hand() -> None:
    """tests/fixtures/providers/litellm-proxy: two pages, one date on both."""
    pages = {
        (day, page): json.loads((_FIXTURES / f"activity-{day}-{page}.json").read_text())
        for day, page in (("2026-11-18", "1"), ("2026-11-19", "1"), ("2026-11-19", "2"))
    }
    more = {"results": [], "metadata": {"page": 1, "total_pages": 2, "has_more": True}}

    def answer(seen: Seen) -> Reply:
        asked = dict(seen.params)
        one_day = asked["start_date"] == asked["end_date"]
        return Reply(body=pages[asked["end_date"], asked["page"]] if one_day else more)

    expected = json.loads((_FIXTURES / "expected.json").read_text())
    with (
        ScriptedServer(answer) as server,
        context_of(LITELLM_PROXY, server.url, _KEY, own={"user_id": (ME,)}) as context,
    ):
        outcome = LITELLM_PROXY.read(context, Basis.METERED, days(NOW_UTC - DAY_S, 2))
    billed, metered = outcome.reports
    assert [[row.start_utc, row.model, row.currency, row.amount, row.key_name] for row in billed.billed] == expected[
        "billed"
    ]
    assert [
        [
            row.start_utc,
            row.model,
            row.key_name,
            row.requests,
            row.input_tokens,
            row.output_tokens,
            row.cache_read_tokens,
            row.cache_write_5m_tokens,
        ]
        for row in metered.metered
    ] == expected["metered"]
    assert outcome.keys == expected["keys"]
