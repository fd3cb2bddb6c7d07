"""What every agent's reader must do, whatever its logs look like: one suite over all of AGENTS."""

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tokentray.agents import AGENTS, agent_named
from tokentray.agents.base import SKIP_WORDS, Agent, Skip
from tokentray.agents.lines import EARLIEST_UTC, LATEST_UTC, MAX_TOKENS_PER_CALL
from tokentray.model import CAVEAT_BIT, TIERS, LogEvent, merge_events

LOGS = Path(__file__).parents[1] / "fixtures" / "logs"
FILES = [
    pytest.param(agent, path, id=path.relative_to(LOGS).with_suffix("").as_posix())
    for agent in AGENTS
    for path in sorted((LOGS / agent.id).rglob("*.jsonl"))
]
# A plain log of each agent, to be broken in every way.
PLAIN = {"claude-code": "streaming", "codex": "repeats"}
Calls = dict[tuple[int, int], LogEvent]

every_agent = pytest.mark.parametrize("agent", AGENTS, ids=lambda agent: agent.id)


def plain_file(agent: Agent) -> Path:
    """The agent's plain log."""
    return next(path for path in sorted((LOGS / agent.id / PLAIN[agent.id]).rglob("*.jsonl")))


def read(agent: Agent, path: Path, *blocks: bytes) -> tuple[Calls, Counter[str]]:
    """Blocks of lines in runs of their own, the state written down between them."""
    calls: Calls = {}
    skipped: Counter[str] = Counter()
    state = ""
    for block in blocks:
        parser = agent.parser(path, state)
        for event in parser.parse(block):
            key = (event.message_key, event.request_key)
            calls[key] = merge_events(calls[key], event) if key in calls else event
        state = parser.state()
        skipped += parser.skipped
    for event in calls.values():
        check(event)
    assert set(skipped) <= set(SKIP_WORDS)
    return calls, skipped


def check(event: LogEvent) -> None:
    """An event is fit for the history: every number in its range, every text storable."""
    assert -(2**63) <= event.message_key < 2**63
    assert 0 <= event.request_key < 2**32
    assert EARLIEST_UTC <= event.at_utc < LATEST_UTC
    counts = event[9:16]
    assert all(type(count) is int and 0 <= count <= MAX_TOKENS_PER_CALL for count in counts)
    assert event.reasoning_tokens <= event.output_tokens
    assert event.tier in range(len(TIERS))
    assert event.sidechain in (0, 1)
    assert 0 <= event.caveats < 2 * max(CAVEAT_BIT.values())
    for text in (event.provider, event.model, event.project, event.session):
        assert isinstance(text, str)
        text.encode("utf-8")


def lines_of(path: Path) -> list[bytes]:
    """Its lines, each with its newline."""
    content = path.read_bytes()
    return (content if content.endswith(b"\n") else content + b"\n").splitlines(keepends=True)


def test_registered_once() -> None:
    """Ids are lower-case, for ever and found by name; each agent has a plain log and fixtures."""
    ids = [agent.id for agent in AGENTS]
    assert len(set(ids)) == len(ids)
    assert set(ids) == set(PLAIN)
    for agent in AGENTS:
        assert agent.id == agent.id.lower()
        assert agent_named(agent.id) is agent
        assert agent.label
        assert agent.provider
    assert agent_named("nobody") is None


@every_agent
def test_where_logs_are(agent: Agent, tmp_path: Path) -> None:
    """Folders lie below the home where nothing overrides it, need not exist, and only log files are owned."""
    roots = agent.roots({}, tmp_path)
    assert roots
    assert all(root.is_relative_to(tmp_path) and not root.exists() for root in roots)
    assert agent.owns("a/b/some-session.jsonl")
    assert not any(agent.owns(name) for name in ("", "notes.md", "a.jsonl.bak", "a/.jsonl/x", "settings.json"))


@every_agent
def test_an_override_lists_several_folders(agent: Agent, tmp_path: Path) -> None:
    """The agent's own variable may name several homes, separated by commas; it replaces the default."""
    name = {"claude-code": "CLAUDE_CONFIG_DIR", "codex": "CODEX_HOME"}[agent.id]
    one, other = tmp_path / "one", tmp_path / "two"
    roots = agent.roots({name: f"{one}, {other}/,"}, tmp_path / "home")
    assert {root.relative_to(tmp_path).parts[0] for root in roots} == {"one", "two"}


@pytest.mark.parametrize(("agent", "path"), FILES)
def test_the_same_lines_twice(agent: Agent, path: Path) -> None:
    """Reading a file again, in another run or as a copy, yields the same calls and no more."""
    block = b"".join(lines_of(path))
    once = read(agent, path, block)
    assert read(agent, path, block) == once
    calls = dict(once[0])
    for event in agent.parser(path, "").parse(block):
        key = (event.message_key, event.request_key)
        assert merge_events(calls[key], event) == calls[key]


@pytest.mark.parametrize(("agent", "path"), FILES)
def test_any_line_may_be_the_last_of_a_run(agent: Agent, path: Path) -> None:
    """The state written between two runs loses nothing: two runs, or one a line, equal one."""
    lines = lines_of(path)
    whole = read(agent, path, b"".join(lines))
    for cut in range(len(lines) + 1):
        assert read(agent, path, b"".join(lines[:cut]), b"".join(lines[cut:])) == whole, cut
    assert read(agent, path, *lines) == whole


@pytest.mark.parametrize(("agent", "path"), FILES)
def test_state_is_small_text(agent: Agent, path: Path) -> None:
    """What is stored for each file fits a database row, however long the file."""
    parser = agent.parser(path, "")
    lines = lines_of(path)
    for _ in range(30):
        list(parser.parse(b"".join(lines)))
    assert len(parser.state().encode("utf-8")) < 8192


GARBAGE = (
    b"\n",
    b"   \t \r\n",
    b"not json\n",
    b'{"type":"assis\n',
    b'tokens":5}}}\n',
    b"{}\n",
    b"[]\n",
    b"null\n",
    b"1e400\n",
    b'"text"\n',
    b"{" * 10_000 + b"}" * 10_000 + b"\n",
    b'{"type":' + b"[" * 10_000 + b"]" * 10_000 + b"}\n",
    b'{"payload":' + b'{"a":' * 10_000 + b"1" + b"}" * 10_000 + b',"output_tokens":1}\n',
    bytes(range(1, 10)) + bytes(range(11, 256)) + b"\n",
    b"\0" * 4096 + b"\n",
    b'{"output_tokens":\xff\xfe}\n',
    b'{"type":"assistant","message":{"usage":{"output_tokens":"\xed\xa0\x80"}}}\n',
    b'{"text":"\\ud800","output_tokens":1}\n',
    b'{"text":"\\ud800\\ud800\\udc00\\udc00\\\\ud800","type":"user","output_tokens":1}\n',
    b'{"type":null,"payload":null,"message":null,"usage":null,"data":null,"output_tokens":null}\n',
    b'{"type":7,"payload":[],"message":"","timestamp":{},"output_tokens":[]}\n',
    b'\xef\xbb\xbf{"type":"user"}\n',
)


@every_agent
@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda garbage: repr(garbage[:24]))
def test_garbage_between_lines_costs_only_itself(agent: Agent, garbage: bytes) -> None:
    """Wherever it stands it raises nothing, and every other line is read as if it were not there."""
    path = plain_file(agent)
    lines = lines_of(path)
    wanted = read(agent, path, b"".join(lines))[0]
    for place in range(len(lines) + 1):
        block = b"".join([*lines[:place], garbage, *lines[place:]])
        assert read(agent, path, block)[0] == wanted, place


@every_agent
@pytest.mark.parametrize(
    ("garbage", "kind"),
    [
        (b"not json\n", Skip.NOT_JSON),
        (
            b'{"timestamp":"2026-03-04T09:00:00Z","type":"assistant","message":{"usage":{"output_tokens":\n',
            Skip.NOT_JSON,
        ),
        (b"\0" * 4096 + b"\n", Skip.NOT_JSON),
        (b'{"output_tokens":' + b"[" * 10_000 + b"]" * 10_000 + b"}\n", None),
        (b'{"x":' + b"[" * 10_000 + b"]" * 10_000 + b',"output_tokens":1}\n', Skip.NOT_JSON),
    ],
    ids=lambda value: repr(value[:24]) if value else "-",
)
def test_garbage_is_counted(agent: Agent, garbage: bytes, kind: str | None) -> None:
    """What is passed over is counted once, by a kind that `doctor` has words for."""
    skipped = read(agent, plain_file(agent), garbage)[1]
    assert sum(skipped.values()) == 1
    assert kind is None or skipped[kind] == 1


def leaves(value: Any, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to every object, list and leaf inside a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*way, key)
        yield from leaves(inner, (*way, key))


def changed(line: bytes, way: tuple[str | int, ...], value: object) -> bytes:
    """The line with another value at one place."""
    whole = json.loads(line)
    place = whole
    for key in way[:-1]:
        place = place[key]
    place[way[-1]] = value
    return json.dumps(whole, separators=(",", ":")).encode() + b"\n"


WRONG: tuple[object, ...] = (
    None,
    True,
    -1,
    0,
    10**15,
    10**30,
    1e15,
    1e30,
    0.5,
    "",
    "text",
    "\ud800",
    [],
    {},
    [None],
    {"type": None},
)


@every_agent
def test_any_field_of_any_line_may_be_anything(agent: Agent) -> None:
    """Each value of each line replaced by each wrong one: nothing raises, and what comes out is believable."""
    path = plain_file(agent)
    lines = lines_of(path)
    for place, line in enumerate(lines):
        for way, value in itertools.product(leaves(json.loads(line)), WRONG):
            read(agent, path, b"".join([*lines[:place], changed(line, way, value), *lines[place + 1 :]]))


def usage_lines(agent: Agent) -> list[int]:
    """The lines of the plain log that alone tell of some tokens."""
    path = plain_file(agent)
    lines = lines_of(path)
    wanted = read(agent, path, b"".join(lines))[0]
    return [
        place
        for place in range(len(lines))
        if read(agent, path, b"".join(lines[:place] + lines[place + 1 :]))[0] != wanted
        and any("token" in str(way[-1]) for way in leaves(json.loads(lines[place])))
    ]


@every_agent
@pytest.mark.parametrize("value", [-1, 10**15, 10**30, 1e15, 1e30, 0.5, "many", [], {}], ids=repr)
def test_impossible_counts_are_skipped_and_said(agent: Agent, value: object) -> None:
    """A count that cannot be never becomes another number: its line is left out, counted, and the rest is read."""
    path = plain_file(agent)
    lines = lines_of(path)
    wanted = read(agent, path, b"".join(lines))[0]
    places = usage_lines(agent)
    assert places
    tried = 0
    for place in places:
        without = read(agent, path, b"".join(lines[:place] + lines[place + 1 :]))[0]
        for way in leaves(json.loads(lines[place])):
            if not str(way[-1]).endswith("_tokens"):
                continue
            broken = changed(lines[place], way, value)
            calls, skipped = read(agent, path, b"".join([*lines[:place], broken, *lines[place + 1 :]]))
            if calls == wanted:
                continue  # a number that nothing is counted from
            tried += 1
            assert calls == without or set(calls) < set(wanted)
            assert sum(skipped.values()) == 1
    assert tried


@every_agent
@pytest.mark.parametrize(
    "when",
    [
        "1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z", "0001-01-01T00:00:00Z", "2026-03-04T09:00:00", "2026-03-04",
        "", "yesterday", None, "9999-12-31T23:59:59Z", "2100-01-01T00:00:00Z", "2026-13-01T00:00:00Z", "\ud800",
    ],
    ids=repr,
)  # fmt: skip
def test_unbelievable_times_are_skipped_and_said(agent: Agent, when: str | None) -> None:
    """No offset, a clock in 1970 or in the year 9999: the line cannot be put on a day, so it is counted as skipped."""
    path = plain_file(agent)
    lines = lines_of(path)
    broken = [changed(line, ("timestamp",), when) for line in lines]
    calls, skipped = read(agent, path, b"".join(broken))
    assert calls == {}
    assert skipped[Skip.BAD_TIME] >= len(usage_lines(agent))
    place = usage_lines(agent)[-1]
    wanted = read(agent, path, b"".join(lines[:place] + lines[place + 1 :]))[0]
    calls, skipped = read(agent, path, b"".join([*lines[:place], broken[place], *lines[place + 1 :]]))
    assert calls == wanted
    assert skipped == {Skip.BAD_TIME: 1}


@every_agent
def test_offsets_are_honoured(agent: Agent) -> None:
    """The same instant written with another offset is the same instant."""
    path = plain_file(agent)
    lines = [json.loads(line) for line in lines_of(path)]
    at_utc = sorted(event.at_utc for event in read(agent, path, b"".join(lines_of(path)))[0].values())
    for line in lines:
        line["timestamp"] = line["timestamp"].replace("Z", "+05:45")
    block = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    shifted = sorted(event.at_utc for event in read(agent, path, block)[0].values())
    assert shifted == [instant - 20_700 for instant in at_utc]
