"""Good answers of every provider, taken down from its scripted server, to be told again: as they were, or spoilt."""

import importlib
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tests.contract.ledgers import LedgerServer
from tests.contract.reading import channel, days
from tests.servers import Reply, ScriptedServer, Seen
from tokentray.clock import DAY_S
from tokentray.ledger import Outcome, Own, Window
from tokentray.model import Basis
from tokentray.net.client import Network
from tokentray.providers.base import Context, Identity, Provider

Job = Basis | None
"""To read a basis, or None to look at the key."""


class Recording(NamedTuple):
    """A provider, and what its server answers while its key is looked at and some days of each feed are read."""

    provider: Provider
    key: str
    path: str
    """Of the base URL."""
    now_utc: int
    window: Window
    own: Own
    replies: Mapping[str, Reply]
    """By what was asked."""
    asked: Mapping[Job, tuple[str, ...]]
    """In the order in which it was."""

    @property
    def jobs(self) -> tuple[Job, ...]:
        return tuple(self.asked)

    def answer(self, seen: Seen) -> Reply:
        """As it was."""
        return self.replies.get(place(seen), Reply(404, {"message": "Not Found"}))


def ledger_server(provider: Provider) -> LedgerServer:
    """The scripted server of a provider: the one class of its module that keeps a ledger."""
    module = importlib.import_module(f"tests.contract.ledgers.{provider.info.id.replace('-', '_')}")
    found = [
        one
        for one in vars(module).values()
        if isinstance(one, type) and one.__module__ == module.__name__ and hasattr(one, "ledger")
    ]
    assert found, f"no server in {module.__name__} keeps a ledger"
    server: LedgerServer = found[0]()
    return server


def record(provider: Provider, network: Network, server: ScriptedServer, *, days_back: int = 2) -> Recording:
    """Ask a provider's scripted server, through `server`, which takes down what is said."""
    theirs = ledger_server(provider)
    replies: dict[str, Reply] = {}
    order: list[str] = []

    def pass_on(seen: Seen) -> Reply:
        reply = _ask(theirs.url, seen)
        replies[place(seen)] = reply
        order.append(place(seen))
        return reply

    now_utc = theirs.now_utc
    today = days(now_utc, 1)
    window = Window(today.start_utc - days_back * DAY_S, today.end_utc)
    blank = Recording(provider, theirs.key, urlsplit(theirs.url).path, now_utc, window, theirs.own, {}, {})
    asked: dict[Job, tuple[str, ...]] = {}
    for job in (None, *(feed.basis for feed in provider.info.feeds)):
        order.clear()
        perform(blank, job, network, server, pass_on)
        asked[job] = tuple(order)
    theirs.close()
    return blank._replace(replies=replies, asked=asked)


def perform(
    recording: Recording,
    job: Job,
    network: Network,
    server: ScriptedServer,
    answer: Callable[[Seen], Reply] | None = None,
    *,
    deadline_s: float = 20.0,
) -> Outcome | Identity:
    """Look at the key, or read, with `server` answering so. Raises what the provider's code does."""
    server.answer = answer or recording.answer
    url = server.url + recording.path
    way = channel(network, recording.provider, url, recording.key, now_utc=recording.now_utc, deadline_s=deadline_s)
    context = Context(way, own=recording.own, base_url=url)
    if job is None:
        return recording.provider.identify(context)
    return recording.provider.read(context, job, recording.window)


def place(seen: Seen) -> str:
    """What was asked, all of it."""
    return f"{seen.method} {seen.target} {seen.body.decode()}"


def parsed(reply: Reply) -> Any:
    """An answer, every number as a text that `spoken` makes a number again."""
    return json.loads(reply.data, parse_float=_number, parse_int=_number)


def spoken(value: object) -> str:
    """The JSON of what `parsed` gave."""
    return json.dumps(value).replace('"@', "").replace('@"', "")


def is_number(value: object) -> bool:
    """Whether `parsed` found a number there."""
    return isinstance(value, str) and len(value) > 2 and value[0] == value[-1] == "@"


def nodes(value: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every part of an answer, and where it stands: of a list's entries, the first that has something there."""
    first: dict[tuple[str, ...], tuple[tuple[str | int, ...], Any]] = {}
    for path, part in _all_nodes(value, ()):
        kind = tuple("" if isinstance(step, int) else step for step in path)
        if kind not in first or first[kind][1] in (None, {}, []):
            first[kind] = path, part
    yield from first.values()


def _all_nodes(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if path:
        yield path, value
    steps: Iterable[tuple[str | int, Any]] = ()
    if isinstance(value, dict):
        steps = value.items()
    elif isinstance(value, list):
        steps = enumerate(value)
    for step, part in steps:
        yield from _all_nodes(part, (*path, step))


def replaced(value: Any, path: tuple[str | int, ...], by: object, *, remove: bool = False) -> Any:
    """A copy of an answer with one part of it another, or gone."""
    if not path:
        return by
    head, *rest = path
    if isinstance(value, dict):
        copy: Any = dict(value)
    else:
        copy = list(value)
    if remove and not rest:
        del copy[head]
    else:
        copy[head] = replaced(copy[head], tuple(rest), by, remove=remove)
    return copy


def _number(digits: str) -> str:
    return f"@{digits}@"


def _ask(url: str, seen: Seen) -> Reply:
    base = urlsplit(url)
    names = {name: value for name, value in seen.headers.items() if name not in ("host", "accept-encoding")}
    request = urllib.request.Request(
        f"{base.scheme}://{base.netloc}{seen.target}", data=seen.body or None, headers=names, method=seen.method
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return _reply(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as refusal:
        with refusal:
            return _reply(refusal.code, refusal.headers, refusal.read())


def _reply(status: int, headers: Any, body: bytes) -> Reply:
    return Reply(status, body, {name: headers[name] for name in ("Date",) if headers[name]})
