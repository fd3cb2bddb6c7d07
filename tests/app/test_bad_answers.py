"""Every provider's bad answers from end to end: nothing is lost, one line tells of it, and other accounts are read.

Each case begins with a copy of a history that was read well: an account of the provider, and one of another beside it.
"""

import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest

from tests.app.polled import use_memory_keyring
from tests.app.test_ledgers import CASES, Person, agrees
from tests.contract.recorded import is_number, parsed, spoken
from tests.servers import Reply, ScriptedServer, Seen, cut_body, drip, endless, gzip_bomb, hang_up, silence
from tokentray.clock import DAY_S, HOUR_S, UtcZone
from tokentray.engine import policy, snapshots
from tokentray.engine.keys import Keys
from tokentray.engine.poller import PollResult
from tokentray.engine.polls import poll_all
from tokentray.model import UsageRow
from tokentray.money import NumberStyle
from tokentray.net.client import Network
from tokentray.providers import provider
from tokentray.snapshot import SourceLine, SourceState
from tokentray.store.account_rows import AccountRow, PollState
from tokentray.store.history import History
from tokentray.store.usage import UsageQuery

Answer = Callable[[Seen], Reply]
Spoil = Callable[[Answer], Answer]

_SHORT_S = 1.0


class Good(NamedTuple):
    """A history that was read well, and what it was read from."""

    mine: Person
    other: Person
    keyring: Mapping[tuple[str, str], str]
    answer: Answer
    folder: Path


class Scene:
    """The same for one test, with a copy of the history. mine: the account that gets the bad answers."""

    def __init__(self, good: Good, folder: Path) -> None:
        self.mine, self.other = good.mine, good.other
        self.path = folder / "data" / "history.db"
        shutil.copytree(good.folder, self.path.parent)
        self.mine.path = self.other.path = self.path
        self.keys = Keys()
        self._good = good.answer
        self.server: Any = self.mine.server
        self.heal()

    @property
    def now_utc(self) -> int:
        return self.mine.server.now_utc

    def wait(self, seconds: int) -> None:
        self.mine.wait(seconds)
        self.other.wait(seconds)
        self.mine.clock.at_utc = self.now_utc

    def spoil(self, spoil: Spoil) -> None:
        """From here on the provider answers so."""
        self.server.server.answer = spoil(self._good)

    def heal(self) -> None:
        self.server.server.answer = self._good

    def refresh(self, *, off_s: int = 0, poll_s: float = 20.0) -> tuple[PollResult, PollResult]:
        """Both accounts, by hand, at a time by our clock that is `off_s` ahead."""
        self.mine.clock.at_utc = self.now_utc + off_s
        with History(self.path) as history:
            accounts = history.accounts()
        mine, other = poll_all(accounts, self.path, self.mine.clock, self.keys, Network, poll_s=poll_s, busy_s=0.0)
        return mine, other

    def row(self) -> AccountRow:
        with History(self.path) as history:
            return next(one for one in history.accounts() if one.id == self.mine.account)

    def state(self) -> PollState:
        with History(self.path) as history:
            return history.poll_states()[int(self.mine.account)]

    def usage(self) -> list[UsageRow]:
        """What counts of the account, by model and day."""
        with History(self.path) as history:
            where = (("source", f"account:{self.mine.account}"),)
            return history.usage(UsageQuery(("day", "model"), where=where), UtcZone())

    def held(self) -> dict[tuple[str, str, str], int]:
        """What is held of the account: money and tokens, by model and day."""
        kinds = {"": self.mine.billed(), "input": self.mine.metered("input"), "output": self.mine.metered("output")}
        return {(kind, *place): amount for kind, places in kinds.items() for place, amount in places.items()}

    def line(self) -> SourceLine:
        """The account's row of popover and `status`."""
        with History(self.path) as history:
            shot = snapshots.build(history, self.mine.clock.now_utc(), UtcZone(), NumberStyle())
        return next(line for line in shot.sources if line.id == f"account:{self.mine.account}")

    def next_poll_utc(self, result: PollResult) -> int:
        """When the account is polled by itself."""
        feeds = self.feeds()
        return policy.next_poll(result.account_id, feeds, self.state(), result.troubles, self.now_utc).when_utc

    def next_poll_of_a_new_process_utc(self) -> int:
        """The same for one that knows of the last poll by the history alone."""
        state, feeds = self.state(), self.feeds()
        troubles = policy.troubles_of(feeds, state)
        return policy.next_poll(int(self.mine.account), feeds, state, troubles, self.now_utc).when_utc

    def feeds(self) -> Any:
        found = provider(self.mine.case.provider)
        assert found
        return found.info.feeds


@pytest.fixture(scope="module", params=CASES)
def good(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Good]:
    case = CASES[request.param]
    beside = CASES["openrouter-plain" if case.provider == "deepseek" else "deepseek"]
    folder = tmp_path_factory.mktemp("good")
    with pytest.MonkeyPatch.context() as patch:
        store = use_memory_keyring(patch)
        mine = Person(case, case.make(5), folder, 0)
        server = beside.make(6)
        other = Person(beside, server, folder, 0)
        mine.refresh()
        agrees(mine)
        agrees(other)
        scripted: ScriptedServer = mine.server.server  # type: ignore[attr-defined]  # each has one
        yield Good(mine, other, dict(store.items), scripted.answer, folder / "data")
        mine.server.close()
        server.close()


@pytest.fixture
def scene(good: Good, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    use_memory_keyring(monkeypatch).items.update(good.keyring)
    scene = Scene(good, tmp_path)
    yield scene
    scene.heal()


def always(reply: Reply) -> Spoil:
    return lambda _: lambda _: reply


def changed(change: Callable[[Any], Any]) -> Spoil:
    """Good answers, of which something is another."""

    def spoil(good: Answer) -> Answer:
        def answer(seen: Seen) -> Reply:
            reply = good(seen)
            return reply._replace(body=spoken(change(parsed(reply)))) if reply.status == 200 else reply

        return answer

    return spoil


def _each(value: Any, change: Callable[[str, Any], Any], name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _each(part, change, key) for key, part in value.items()}
    if isinstance(value, list):
        return [_each(part, change, name) for part in value]
    return change(name, value)


def _renamed(value: Any) -> Any:
    if isinstance(value, dict):
        return {f"{name}_v2": _renamed(part) for name, part in value.items()}
    return [_renamed(part) for part in value] if isinstance(value, list) else value


def _emptied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _emptied(part) for name, part in value.items()}
    return [] if isinstance(value, list) else value


def _without_end(repeats: bool) -> Spoil:
    """Lists whose next page is the first one again, or always one more."""

    def spoil(good: Answer) -> Answer:
        number = count()

        def answer(seen: Seen) -> Reply:
            asked = dict(seen.params)
            params = [pair for pair in seen.params if pair[0] not in ("page", "offset")]
            reply = good(seen._replace(target=f"{seen.path}?{urlencode(params)}"))
            body = json.loads(reply.data, parse_float=lambda digits: f"@{digits}@")
            if "next_page" in body:
                body |= {"has_more": True, "next_page": "again" if repeats else f"page-{next(number)}"}
            elif "total_pages" in body.get("metadata", {}):
                page = 1 if repeats else int(asked.get("page", "1"))
                body["metadata"] |= {"has_more": True, "total_pages": 10**6, "page": page}
            elif "offset" in asked and not repeats:
                body.pop("total_count", None)
                body["data"] = [one | {"id": f"id-{next(number)}", "hash": f"{next(number)}"} for one in body["data"]]
            elif "offset" in asked:
                body.pop("total_count", None)
            return reply._replace(body=spoken(body))

        return answer

    return spoil


class Bad(NamedTuple):
    """A way to answer badly. codes: what it is called by then. poll_s: how long a poll may take."""

    spoil: Spoil
    codes: tuple[str, ...]
    poll_s: float = 20.0
    only: tuple[str, ...] = ()
    """Cases of which it can be said, none for all."""


_PAGES = ("anthropic", "anthropic-legacy", "openai", "openrouter-management", "litellm-proxy")
_TEXT = {"Content-Type": "text/html"}
_BAD = {
    "401": Bad(always(Reply(401, {"error": {"message": "bad key"}})), ("key-refused",)),
    "403": Bad(always(Reply(403, {"error": {"message": "no"}})), ("not-allowed",)),
    "404": Bad(always(Reply(404, {"message": "Not Found"})), ("not-there",)),
    "429": Bad(always(Reply(429, {})), ("rate-limited",)),
    "429 with a time": Bad(always(Reply(429, {}, {"Retry-After": "7200"})), ("rate-limited",)),
    "500": Bad(always(Reply(500, "oops", _TEXT)), ("unavailable",)),
    "529": Bad(always(Reply(529, {"error": {"message": "overloaded"}})), ("unavailable",)),
    "time-out": Bad(always(silence()), ("unavailable",), _SHORT_S),
    "hung up": Bad(always(hang_up()), ("unavailable",)),
    "cut mid-body": Bad(always(cut_body()), ("unavailable",)),
    "cut JSON": Bad(always(Reply(body='{"data": [{"amount": 1')), ("changed-answer",)),
    "HTML": Bad(always(Reply(body="<!doctype html><title>Sign in</title>", headers=_TEXT)), ("changed-answer",)),
    "an empty body": Bad(always(Reply()), ("changed-answer",)),
    "a changed shape": Bad(changed(_renamed), ("changed-answer",)),
    "a cursor that repeats": Bad(_without_end(True), ("changed-answer",), only=_PAGES),
    "a cursor that never ends": Bad(
        _without_end(False), ("changed-answer", "unavailable"), _SHORT_S, only=_PAGES
    ),
    "2 GB": Bad(always(endless()), ("changed-answer",)),
    "2 GB, said first": Bad(always(endless(promised=True)), ("changed-answer",)),
    "a gzip bomb": Bad(always(gzip_bomb()), ("changed-answer",)),
    "one byte a second": Bad(always(drip(every_s=0.2)), ("unavailable",), _SHORT_S),
}  # fmt: skip


@pytest.mark.parametrize("kind", _BAD)
def test_a_bad_answer_takes_nothing_away(scene: Scene, good: Good, request: pytest.FixtureRequest, kind: str) -> None:
    """The last good numbers stay, one line says what is wrong and what to do, the other account is read; and once the
    provider is well again, the history ends with its ledger.
    """
    bad = _BAD[kind]
    name = next(name for name, case in CASES.items() if case is good.mine.case)
    if bad.only and name not in bad.only:
        pytest.skip("it answers without pages")
    scene.wait(2 * HOUR_S)
    before, line = scene.usage(), scene.line()
    scene.spoil(bad.spoil)
    mine, other = scene.refresh(poll_s=bad.poll_s)
    assert mine.error
    assert mine.error.code in bad.codes
    assert mine.error.title != "No answer"  # that of a poll which did not end by itself
    assert_kept(scene, before, line)
    assert other.error is None
    agrees(scene.other)
    assert scene.next_poll_utc(mine) >= scene.now_utc + 60
    assert scene.next_poll_of_a_new_process_utc() >= scene.now_utc + 60
    if kind == "429 with a time":
        assert scene.next_poll_utc(mine) >= scene.now_utc + 7200
        assert scene.next_poll_of_a_new_process_utc() >= scene.now_utc + 7200
    is_well_again(scene)


def assert_kept(scene: Scene, before: list[UsageRow], line: SourceLine) -> None:
    """To the nano, with the age of the amounts and the error beside them."""
    assert scene.usage() == before
    told = scene.row().error
    assert re.fullmatch(r"[A-Z][^\n:]+: [^\n]+\. [A-Z][^\n]+", told)  # what, on what, and what to do
    assert len(told) < 400
    now = scene.line()
    assert (now.state, now.error) == (SourceState.FAILING, told)
    assert (now.today, now.month) == (line.today, line.month)
    assert (now.as_of_text, now.last_success_utc) == (line.as_of_text, line.last_success_utc)
    assert now.as_of_text.startswith("as of ")


def is_well_again(scene: Scene) -> None:
    """Asked again later, the account has no error and the server's own ledger."""
    scene.heal()
    scene.wait(2 * HOUR_S)
    mine, other = scene.refresh()
    assert (mine.error, other.error) == (None, None)
    assert scene.row().error == ""
    agrees(scene.mine)
    agrees(scene.other)


def after_the_first(reply: Reply) -> Spoil:
    """One good answer, and then none."""

    def spoil(good: Answer) -> Answer:
        number = count()
        return lambda seen: good(seen) if next(number) == 0 else reply

    return spoil


@pytest.mark.parametrize("kind", ["401", "429", "500", "cut mid-body", "HTML"])
def test_what_goes_wrong_in_the_middle_loses_and_doubles_nothing(scene: Scene, kind: str) -> None:
    """Whatever was read before it: no day has less than it had, and the end is the server's own ledger."""
    scene.wait(2 * HOUR_S)
    before = {row.keys: row.cost for row in scene.usage()}
    bad = _BAD[kind].spoil(lambda _: Reply())
    scene.spoil(after_the_first(bad(Seen("GET", "/", {}, b""))))
    mine, other = scene.refresh()
    assert mine.error is None or mine.error.code in _BAD[kind].codes
    assert other.error is None
    after = {row.keys: row.cost for row in scene.usage()}
    assert all(after[keys] >= cost for keys, cost in before.items())
    is_well_again(scene)


def test_a_redirect_elsewhere_is_not_followed(scene: Scene) -> None:
    """Not even to a server that would take the key; the line says so, and nothing is lost."""
    scene.wait(2 * HOUR_S)
    before, line = scene.usage(), scene.line()
    with ScriptedServer(scene.server.server.answer) as elsewhere:

        def spoil(_: Answer) -> Answer:
            return lambda seen: Reply(302, b"", {"Location": elsewhere.url + seen.target})

        scene.spoil(spoil)
        mine, other = scene.refresh()
        assert (elsewhere.seen, elsewhere.connections) == ([], 0)
    assert mine.error
    assert (mine.error.code, other.error) == ("redirected", None)
    assert_kept(scene, before, line)
    is_well_again(scene)


@pytest.mark.parametrize("hours", [2, 50])
def test_an_empty_list_where_there_was_history(scene: Scene, hours: int) -> None:
    """An answer without anything in it takes nothing away of what counts, however late it comes; two of them do, for a
    day that is still corrected may be taken back.
    """
    scene.wait(hours * HOUR_S)
    before = {row.keys: row.cost for row in scene.usage()}
    scene.spoil(changed(_emptied))
    mine, other = scene.refresh()
    assert other.error is None
    assert mine.error is None or mine.error.code == "changed-answer"
    after = {row.keys: row.cost for row in scene.usage()}
    assert {keys: cost for keys, cost in before.items() if after.get(keys, -1) < cost} == {}
    is_well_again(scene)


_CHOICES = re.compile("service_tier|unitType|sku|product|token_type|cost_type|context_window|inference_geo|speed|role")


def test_a_word_that_was_added_to_a_list_of_choices_is_harmless(scene: Scene) -> None:
    """Providers add tiers and kinds without a word. Money and tokens by model and day are the server's own."""

    def change(name: str, leaf: Any) -> Any:
        return f"new-{leaf}" if _CHOICES.fullmatch(name) and isinstance(leaf, str) else leaf

    scene.wait(26 * HOUR_S)
    scene.spoil(changed(lambda body: _each(body, change)))
    mine, _ = scene.refresh()
    assert mine.error is None
    agrees(scene.mine)
    is_well_again(scene)


def test_amounts_as_the_other_kind_of_json_are_the_same(scene: Scene) -> None:
    """Numbers as text and texts as numbers, from one poll to the next."""

    def change(_: str, leaf: Any) -> Any:
        if is_number(leaf):
            return leaf[1:-1]
        return f"@{leaf}@" if isinstance(leaf, str) and re.fullmatch(r"-?[0-9]+\.[0-9]+", leaf) else leaf

    scene.wait(5 * HOUR_S)
    scene.spoil(changed(lambda body: _each(body, change)))
    mine, _ = scene.refresh()
    assert mine.error is None
    agrees(scene.mine)
    is_well_again(scene)


@pytest.mark.parametrize("off_s", [-HOUR_S, HOUR_S, -2 * DAY_S, -40 * DAY_S, 3 * DAY_S])
def test_a_clock_that_is_off_and_set_right_again(scene: Scene, off_s: int) -> None:
    """Set back or ahead, polls go on and lose nothing; after that the account ends with the server's own ledger."""
    scene.wait(2 * HOUR_S)
    scene.refresh()
    before = scene.held()
    for _ in range(2):
        mine, other = scene.refresh(off_s=off_s)
        assert (mine.error, other.error) == (None, None)
        ours = scene.now_utc + off_s
        state, feeds = scene.state(), scene.feeds()
        upcoming = policy.next_poll(mine.account_id, feeds, state, mine.troubles, ours, back_fill=mine.advanced)
        assert upcoming.when_utc <= ours + 2 * max(feed.interval_s for feed in feeds)
        after = scene.held()
        assert {place: amount for place, amount in before.items() if after.get(place, 0) < amount} == {}
        scene.wait(HOUR_S)
    is_well_again(scene)
