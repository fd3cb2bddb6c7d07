"""What holds for every provider, whatever its server says: asked over a real connection, with the real client.

Good answers come from the provider's own scripted server; here they are told again, as they were or spoilt.
"""

import logging
import re
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from tests.contract.recorded import Job, Recording, is_number, nodes, parsed, perform, place, record, replaced, spoken
from tests.servers import Reply, ScriptedServer, Seen, cut_body, drip, hang_up, silence
from tokentray.clock import DAY_S
from tokentray.errors import (
    ChangedAnswerError,
    KeyRefusedError,
    NotAllowedError,
    NotThereError,
    ProviderError,
    RateLimitedError,
    RedirectedError,
    RefusedError,
    TokenTrayError,
    UnavailableError,
)
from tokentray.ledger import Outcome
from tokentray.model import Basis
from tokentray.net.client import Network
from tokentray.providers import PROVIDERS, UNREADABLE, recognise
from tokentray.providers.base import Provider

_IDS = [one.info.id for one in PROVIDERS]
_WIDTHS = (60, 900, 3600, 86_400)
_SHORT_S = 0.4

Play = Callable[..., Any]


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    with Network() as network:
        yield network


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer(lambda _: Reply(404)) as server:
        yield server


@pytest.fixture(scope="module", params=PROVIDERS, ids=_IDS)
def recording(request: pytest.FixtureRequest, network: Network, server: ScriptedServer) -> Recording:
    return record(request.param, network, server)


@pytest.fixture(name="play")
def play_it(recording: Recording, network: Network, server: ScriptedServer) -> Play:
    """`play(job, answer, deadline_s=…)`: what the provider's code makes of such answers."""

    def play(job: Job, answer: Callable[[Seen], Reply] | None = None, **limits: float) -> Any:
        return perform(recording, job, network, server, answer, **limits)

    return play


_EMPTY = Reply(body=b"")
_HTML = Reply(body="<!doctype html><title>Sign in</title>", headers={"Content-Type": "text/html"})
_BAD: dict[str, tuple[Reply, type[ProviderError]]] = {
    "401": (Reply(401, {"error": {"message": "bad key"}}), KeyRefusedError),
    "403": (Reply(403, {"error": {"message": "no"}}), NotAllowedError),
    "404": (Reply(404, {"message": "Not Found"}), NotThereError),
    "429": (Reply(429, {}), RateLimitedError),
    "429 with a time": (Reply(429, {}, {"Retry-After": "7"}), RateLimitedError),
    "500": (Reply(500, "oops", {"Content-Type": "text/plain"}), UnavailableError),
    "529": (Reply(529, {"error": {"message": "overloaded"}}), UnavailableError),
    "cut in the body": (cut_body(), UnavailableError),
    "hung up": (hang_up(), UnavailableError),
    "cut JSON": (Reply(body='{"data": [{"amount": 1'), ChangedAnswerError),
    "HTML": (_HTML, ChangedAnswerError),
    "an empty body": (_EMPTY, ChangedAnswerError),
    "an empty list": (Reply(body=[]), ChangedAnswerError),
    "a text": (Reply(body='"fine"'), ChangedAnswerError),
    "null": (Reply(body="null"), ChangedAnswerError),
    "not UTF-8": (Reply(body=b'{"data": "\xff\xfe"}'), ChangedAnswerError),
    "deep": (Reply(body="[" * 100_000), ChangedAnswerError),
}


@pytest.mark.parametrize("case", _BAD)
def test_a_bad_answer_becomes_the_right_error(
    recording: Recording, play: Play, case: str, caplog: pytest.LogCaptureFixture
) -> None:
    """For every feed and while the key is looked at; nothing of the key is in the error or in a log."""
    caplog.set_level(logging.DEBUG)
    reply, expected = _BAD[case]
    spoilt = 0
    for job in recording.jobs:
        error = _made(play, job, lambda _: reply)
        if job is not None and case in ("403", "404") and not isinstance(error, ProviderError):
            assert error.reports == error.intervals == error.readings == ()  # older books, which lack this feed
            continue
        spoilt += 1
        # What a key is can be said better than by one answer alone: it reads nothing here.
        assert isinstance(error, expected if job is not None else (expected, NotAllowedError))
        assert error.title
        assert error.hint or error.message
        assert recording.key not in "".join(map(str, error.args))
        if isinstance(error, RateLimitedError):
            assert error.retry_after_s == (7 if "time" in case else None)
    assert spoilt >= 2
    assert recording.key not in caplog.text


@pytest.mark.parametrize("case", ["500", "cut in the body", "cut JSON", "429", "HTML"])
def test_a_bad_answer_to_any_question_spoils_the_whole(recording: Recording, play: Play, case: str) -> None:
    """A window is kept whole or not at all. Only what gives names to keys may be missing, and nothing else is then."""
    reply, expected = _BAD[case]
    for job, asked in recording.asked.items():
        if job is None:
            continue
        good, errors = play(job), 0
        for one in {asked[0], asked[len(asked) // 2], asked[-1]}:
            result = _made(play, job, _spoils(recording, one, reply))
            if isinstance(result, ProviderError):
                errors += 1
                assert isinstance(result, expected)
            else:
                assert result._replace(keys={}, memory=None) == good._replace(keys={}, memory=None)
        assert errors


@pytest.mark.parametrize("slow", [silence(), drip(every_s=0.05), drip(every_s=0.05, head=True)])
def test_a_server_that_does_not_come_to_an_end_is_left(recording: Recording, play: Play, slow: Reply) -> None:
    """However slowly it goes on, the deadline of a poll holds."""
    with pytest.raises(UnavailableError):
        play(recording.jobs[-1], lambda _: slow, deadline_s=_SHORT_S)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_takes_the_key_elsewhere(recording: Recording, play: Play, status: int) -> None:
    """Not even to another port of the same machine."""
    with ScriptedServer(recording.answer) as elsewhere:
        for job in recording.jobs:
            with pytest.raises(RedirectedError):
                play(job, lambda seen: Reply(status, b"", {"Location": elsewhere.url + seen.target}))
        assert elsewhere.seen == []


def test_the_key_goes_in_its_header_and_nowhere_else(recording: Recording, play: Play, server: ScriptedServer) -> None:
    """Not in an address, where every log on the way would keep it, nor in a body."""
    auth = recording.provider.info.auth
    before = len(server.seen)
    for job in recording.jobs:
        play(job)
    for seen in server.seen[before:]:
        assert seen.headers[auth.header.lower()] == auth.prefix + recording.key
        others = {name: value for name, value in seen.headers.items() if name != auth.header.lower()}
        assert recording.key not in f"{seen.target}{seen.body!r}{others}"


def test_the_same_answers_give_the_same_outcome(recording: Recording, play: Play) -> None:
    """Otherwise every poll would change history; and nothing of the key is in what comes of it."""
    for job in recording.jobs:
        first, second = play(job), play(job)
        assert first == second
        assert recording.key not in repr(first)


def test_an_outcome_keeps_to_its_window_and_has_each_bucket_once(recording: Recording, play: Play) -> None:
    """Rows lie inside the window that the report covers, on whole buckets; counts are not below nothing."""
    for job in recording.jobs:
        if job is None:
            continue
        outcome = play(job)
        assert outcome.reports or outcome.readings
        for report in outcome.reports:
            start, end = report.window
            assert recording.window.start_utc <= start < end <= recording.window.end_utc
            assert start % 900 == end % 900 == 0
            assert report.complete_to_utc <= recording.now_utc + DAY_S
            assert not (report.metered if report.basis is Basis.BILLED else report.billed)
            places = set()
            for row in (*report.billed, *report.metered):
                assert row.width_s in _WIDTHS
                assert row.start_utc % row.width_s == 0
                assert start <= row.start_utc
                assert row.start_utc + row.width_s <= end
                assert (row.model + row.key_name).isprintable()
            for billed in report.billed:
                assert re.fullmatch("[A-Z]{3}", billed.currency)
                places.add((*billed[:4], billed.item, billed.key_name))
            for metered in report.metered:
                assert min(metered.counts) >= 0
                assert metered.reasoning_tokens <= metered.output_tokens
                places.add(metered[:6])
            assert len(places) == len(report.billed) + len(report.metered)
        for interval in outcome.intervals:
            assert interval.start_utc % 900 == interval.end_utc % 900 == 0
            assert interval.start_utc < interval.end_utc


_SPOILT: dict[str, object] = {
    "null": None,
    "a list": [None],
    "an object": {"value": {"value": "1"}},
    "a truth": True,
    "not a number": "NaN",
    "a huge number": "@1" + "0" * 30 + "@",
    "a huge exponent": "@1E+999999999@",
    "below nothing": "@-7@",
    "a text": "something-new",
    "no text": "",
    "control signs": "a\x1b[2J\u202e\x00",
    "a long text": "x" * 5000,
    "a time without a zone": "2026-11-19T10:00:00",
}
_GONE = "gone"


@pytest.mark.parametrize("kind", [*_SPOILT, _GONE])
def test_whatever_part_of_an_answer_changes_nothing_but_our_own_errors_come_of_it(
    recording: Recording, play: Play, kind: str
) -> None:
    """Each part of each answer is replaced in turn. What is made of it all the same has no less money in it, where
    an amount was spoilt: an amount that is not understood must not pass for nothing."""
    for job in recording.jobs:
        whole = _billed(play(job))
        for asked, path, was in _parts(recording, job):
            spoilt = replaced(parsed(recording.replies[asked]), path, _SPOILT.get(kind), remove=kind == _GONE)
            reply = recording.replies[asked]._replace(body=spoken(spoilt))
            result = _made(play, job, _spoils(recording, asked, reply))
            assert recording.key not in str(result)
            if isinstance(result, TokenTrayError):
                continue
            assert "\\x1b" not in repr(result)
            if is_number(was) and kind not in ("below nothing", "a truth"):
                assert _billed(result) >= whole, f"{path} of {asked}"


def test_an_unknown_value_of_a_list_of_choices_fails_nothing(recording: Recording, play: Play) -> None:
    """Providers add tiers, kinds and states without a word."""
    found = 0
    for job in recording.jobs:
        for asked, path, was in _parts(recording, job):
            if path[-1] in _CHOICES and isinstance(was, str):
                found += 1
                spoilt = spoken(replaced(parsed(recording.replies[asked]), path, "something-new"))
                reply = recording.replies[asked]._replace(body=spoilt)
                play(job, _spoils(recording, asked, reply))
    assert found or recording.provider.info.id in _WITHOUT_CHOICES


_CHOICES = (
    "service_tier",
    "unitType",
    "sku",
    "product",
    "token_type",
    "cost_type",
    "context_window",
    "inference_geo",
    "speed",
    "status",
    "role",
    "user_role",
    "quantity_unit",
)
_WITHOUT_CHOICES = ("openrouter", "deepseek")


def test_amounts_as_the_other_kind_of_json_are_the_same(recording: Recording, play: Play) -> None:
    """Numbers come as text and texts as numbers, from the same provider, from one day to the next."""

    def texts(value: Any) -> Any:
        return _each(value, lambda leaf: leaf[1:-1] if is_number(leaf) else leaf)

    def numbers(value: Any) -> Any:
        return _each(value, lambda leaf: f"@{leaf}@" if re.fullmatch(r"-?[0-9]+\.[0-9]+", str(leaf)) else leaf)

    for job in recording.jobs:
        good = play(job)
        for change in (texts, numbers):

            def answer(seen: Seen, change: Callable[[Any], Any] = change) -> Reply:
                reply = recording.answer(seen)
                return reply._replace(body=spoken(change(parsed(reply))))

            assert play(job, answer) == good


@pytest.mark.parametrize("repeats", [True, False])
def test_a_list_without_an_end_ends_the_poll(recording: Recording, play: Play, repeats: bool) -> None:
    """Whether its next page is one that was read, or a new one each time: nothing of it is kept."""
    number = count()

    def endless(seen: Seen, asked: str) -> Reply:
        cursor = "page_again" if repeats else f"page_{next(number)}"
        reply = recording.replies.get(place(seen)) or recording.replies[asked]
        body = parsed(reply)
        body.update({name: cursor for name in ("next_page", "last_id", "next_cursor") if name in body})
        body["has_more"] = True
        return reply._replace(body=spoken(body))

    for job, asked in recording.asked.items():
        lists = [one for one in asked if "has_more" in parsed(recording.replies[one])]
        if job is None or not lists:
            continue
        first = lists[0]
        path = first.split("?")[0]

        def answer(seen: Seen, path: str = path, first: str = first) -> Reply:
            return endless(seen, first) if place(seen).startswith(path) else recording.answer(seen)

        with pytest.raises(ChangedAnswerError if repeats else ProviderError):
            play(job, answer, deadline_s=20 if repeats else 1.0)


def _made(play: Play, job: Job, answer: Callable[[Seen], Reply]) -> Any:
    """The outcome, or the one kind of error that may come of an answer.

    While a key is looked at, the part that the person asked for may also turn out not to be there.
    """
    try:
        return play(job, answer)
    except ProviderError as error:
        return error
    except RefusedError as error:
        if job is not None:
            raise
        return error


def _spoils(recording: Recording, asked: str, reply: Reply) -> Callable[[Seen], Reply]:
    """The good answers, but for one."""
    return lambda seen: reply if place(seen) == asked else recording.answer(seen)


def _parts(recording: Recording, job: Job) -> Iterator[tuple[str, tuple[str | int, ...], Any]]:
    """Every part of every good answer: of each kind of question the fullest answer, of each kind of part one."""
    fullest: dict[str, str] = {}
    for asked in recording.asked[job]:
        kind = re.sub(r"[?].*|\d+", "", asked)
        if len(recording.replies[asked].data) > len(recording.replies[fullest.get(kind, asked)].data):
            fullest[kind] = asked
        fullest.setdefault(kind, asked)
    for asked in fullest.values():
        if recording.replies[asked].status == 200:
            for path, was in nodes(parsed(recording.replies[asked])):
                yield asked, path, was


def _billed(result: Any) -> int:
    if not isinstance(result, Outcome):
        return 0
    return sum(row.amount for report in result.reports for row in report.billed)


def _each(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return {name: _each(part, change) for name, part in value.items()}
    if isinstance(value, list):
        return [_each(part, change) for part in value]
    return change(value)


@pytest.mark.parametrize("provider", PROVIDERS, ids=_IDS)
def test_the_facts_about_a_provider_are_whole(provider: Provider) -> None:
    """What people are shown before they give a key, and what polls go by."""
    info = provider.info
    assert re.fullmatch(r"[a-z][a-z0-9-]*", info.id)
    assert info.name
    assert info.why
    assert info.credential
    assert info.base_url == "" or re.fullmatch(r"https://[a-z0-9./-]*[a-z0-9]", info.base_url)
    assert info.key_page == "" or info.key_page.startswith("https://")
    assert info.key_page or not info.base_url
    assert info.feeds
    assert len({feed.basis for feed in info.feeds}) == len(info.feeds)
    for feed in info.feeds:
        assert feed.basis in (Basis.BILLED, Basis.METERED)
        assert info.feed(feed.basis) is feed
        assert feed.interval_s >= 60
        assert feed.corrects_days >= 1
        assert feed.depth_days is None or feed.depth_days >= 0
        assert 1 <= feed.chunk_days <= 180
    for key in info.own_keys:
        assert key.endswith("_id") or key == "email"
    for shape in info.shapes:
        assert shape.kind
        assert shape.text
        assert shape.page == "" or shape.page.startswith("https://")


def test_no_two_providers_have_one_name_or_id() -> None:
    """Neither among those that are read nor among those that are not."""
    infos = [(one.info.id, one.info.name) for one in PROVIDERS] + [(one.id, one.name) for one in UNREADABLE]
    assert len({one for one, _ in infos}) == len({name for _, name in infos}) == len(infos)


def test_what_is_not_read_is_told_with_what_to_use_instead() -> None:
    """A sentence each, and no key of theirs is said to be of use."""
    for one in UNREADABLE:
        assert one.text
        assert "`tokentray" in one.instead
        for shape in one.shapes:
            assert not shape.usable
            assert shape.text.endswith(one.instead)


@pytest.mark.parametrize(
    ("text", "provider_id"),
    [
        ("sk-ant-admin01-" + "0" * 40, "anthropic"),
        ("sk-ant-api03-" + "0" * 40, "anthropic"),
        ("sk-admin-" + "0" * 40, "openai"),
        ("sk-proj-" + "0" * 40, "openai"),
        ("github_pat_" + "0" * 40, "github-copilot"),
        ("ghp_" + "0" * 36, "github-copilot"),
        ("gho_" + "0" * 36, "github-copilot"),
        ("gsk_" + "0" * 40, "groq"),
        ("AIza" + "0" * 35, "gemini"),
        ("xai-" + "0" * 40, "xai"),
        ("pplx-" + "0" * 40, "perplexity"),
        ("hf_" + "0" * 34, "huggingface"),
        ("r8_" + "0" * 37, "replicate"),
        ("fw_" + "0" * 22, "fireworks"),
        ("crsr_" + "0" * 40, "cursor"),
        ("sk-kimi-" + "0" * 40, "moonshot"),
        ("sk-cp-" + "0" * 40, "minimax"),
        ("ABSK" + "0" * 40, "aws-bedrock"),
        ("vck_" + "0" * 40, "vercel-ai-gateway"),
    ],
)
def test_a_key_is_recognised_by_its_looks(text: str, provider_id: str) -> None:
    """The likeliest first; one that can be of no use is known as such before it is sent anywhere."""
    assert recognise(text)[0].provider == provider_id


def test_the_key_that_a_server_takes_looks_like_one(recording: Recording) -> None:
    """So that pasting it is enough, or at least does not lead to another provider."""
    looks = [one for one in recognise(recording.key) if one.provider == recording.provider.info.id]
    assert looks
    assert looks[0].shape.usable
