"""Any order, any pieces, any repetition of the logs ends at the same history."""

import json
import shutil
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.histories import COUNTS, Dump, cells, dump, grouped, read_logs
from tokentray.engine import scanner as scanner_module
from tokentray.model import LogEvent, merge_events
from tokentray.store.usage import KEYS
from tokentray.store.writer import Batch, Writer

LOGS = Path(__file__).parents[1] / "fixtures" / "logs"
CASES = {
    "claude-code": (
        "streaming", "fork", "sub-agent", "progress-only", "btw-replay", "midnight", "web-search", "iterations",
        "tiers", "cut-lines", "no-request-id",
    ),
    "codex": (
        "repeats", "total-only", "fork-with-parent", "spawned-thread", "archived-duplicate", "models", "tiers",
        "compaction-covered-after", "compaction-marker-first", "headless", "fork-opening-burst",
    ),
}  # fmt: skip


def build(source: Path) -> dict[str, bytes]:
    """All cases as one tree of one home, each with ids of its own: relative path to content."""
    tree: dict[str, bytes] = {}
    for agent, cases in CASES.items():
        for number, case in enumerate(cases):
            for path in sorted((source / agent / case).rglob("*.jsonl")):
                content = path.read_bytes()
                inner = path.relative_to(source / agent / case)
                if agent == "claude-code":
                    for name in (b'"msg_', b'"req_'):
                        content = content.replace(name, name + b"%d" % number)
                    for session in (b"s1", b"s2", b"s3", b"s4"):
                        content = content.replace(b'"%s"' % session, b'"%s-%d"' % (session, number))
                    tree[f".claude/projects/-src-shop/{number}-{'-'.join(inner.parts[2:])}"] = content
                else:
                    content = content.replace(b"7001-8001", b"7001-8%03d" % (number + 100))
                    tree[f".codex/{inner.parts[0]}/{number}-{inner.name}"] = content.replace(b"th-1", b"th-%d" % number)
    return tree


TREE = build(LOGS)
NAMES = sorted(TREE)


class Whole(NamedTuple):
    """The whole tree in a home, read once."""

    home: Path
    history: Path
    dump: Dump


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """What one reading of everything gives."""
    home = tmp_path_factory.mktemp("whole")
    for name, content in TREE.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(content)
    history = home / "history.db"
    read_logs(history, home)
    return Whole(home, history, dump(history))


def test_the_tree_holds_every_case(whole: Whole) -> None:
    """The cases do not hide each other: the tree's requests are those of the cases together."""
    requests = 0
    for agent, cases in CASES.items():
        for case in cases:
            expected = json.loads((LOGS / agent / case / "expected.json").read_text(encoding="utf-8"))
            requests += sum(row["requests"] for row in expected["rows"])
    assert cells(whole.history, ())[()][COUNTS.index("requests")] == requests


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_growth_ends_at_the_same_history(tmp_path: Path, whole: Whole, data: st.DataObject) -> None:
    """Files appear in any order, grow by any number of bytes, shrink away or are rewritten; each step is a
    process of its own. Whatever the way, the history at the end is that of one reading."""
    goal = whole.dump
    home = tmp_path / "growing"
    shutil.rmtree(home, ignore_errors=True)
    history = home / "history.db"
    names = data.draw(st.permutations(NAMES))
    growths = st.lists(st.tuples(st.integers(0, len(names) - 1), st.floats(0, 1)), min_size=1, max_size=12)
    steps = data.draw(
        st.lists(
            st.tuples(growths, st.sampled_from(["", "again", "gone", "rewritten"])),
            min_size=1,
            max_size=5,
        )
    )
    written = dict.fromkeys(names, 0)
    for growth, accident in steps:
        for index, share in growth:
            name = names[index]
            size = max(written[name], int(len(TREE[name]) * share))
            grow(home / name, TREE[name], written[name], size)
            written[name] = size
        if accident == "again":
            read_logs(history, home)
        elif accident == "gone":
            name = names[growth[0][0]]
            read_logs(history, home)
            (home / name).unlink(missing_ok=True)
            written[name] = 0
        elif accident == "rewritten":
            name = names[growth[0][0]]
            if written[name]:
                (home / name).write_bytes(TREE[name][: written[name] // 2])
                written[name] //= 2
        read_logs(history, home)
    for name in names:
        grow(home / name, TREE[name], written[name], len(TREE[name]))
    read_logs(history, home)
    assert dump(history) == goal
    assert read_logs(history, home).files_read == 0
    assert dump(history) == goal


def grow(path: Path, content: bytes, start: int, end: int) -> None:
    """Append a piece to a file; a name that is not there yet begins with it."""
    if end == 0:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(content[start:end])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stops=st.lists(st.integers(0, 40), min_size=1, max_size=6), batch=st.integers(1, 20))
def test_a_reader_that_is_stopped_goes_on(tmp_path: Path, whole: Whole, stops: list[int], batch: int) -> None:
    """Ended after any block of any file, with commits of any size, it goes on where it was and loses nothing."""
    home = whole.home
    history = tmp_path / "stopped" / "history.db"
    shutil.rmtree(history.parent, ignore_errors=True)
    before = scanner_module._BATCH_EVENTS, scanner_module._BATCH_FILES
    scanner_module._BATCH_EVENTS, scanner_module._BATCH_FILES = batch, batch
    try:
        for stop in stops:
            answers = iter([False] * stop)
            result = read_logs(history, home, should_stop=partial(next, answers, True))
            assert result.files_read <= stop + 1
        read_logs(history, home)
    finally:
        scanner_module._BATCH_EVENTS, scanner_module._BATCH_FILES = before
    assert dump(history) == whole.dump


few = st.integers(0, 2)
readings = st.builds(
    LogEvent,
    message_key=st.integers(0, 3),
    request_key=st.integers(0, 1),
    at_utc=st.integers(1_772_000_000, 1_772_000_003).map(lambda at: at + at % 4 * 900),
    provider=st.sampled_from(["anthropic", "openai"]),
    model=st.sampled_from(["claude-opus-4-6", "b"]),
    tier=st.integers(0, 1),
    project=st.sampled_from(["", "/p"]),
    session=st.sampled_from(["s", "t"]),
    sidechain=st.integers(0, 1),
    input_tokens=few,
    output_tokens=few,
    reasoning_tokens=st.just(0),
    cache_read_tokens=st.integers(0, 1),
    cache_write_5m_tokens=st.integers(0, 1),
    cache_write_1h_tokens=st.just(0),
    web_searches=st.integers(0, 1),
    caveats=st.integers(0, 1),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(readings, min_size=1, max_size=12), data=st.data())
def test_the_history_merges_as_the_model_does(tmp_path: Path, events: list[LogEvent], data: st.DataObject) -> None:
    """SQL and merge_events() are one rule: any batches in any order, repeated, end at the merged calls."""
    merged: dict[tuple[int, int], LogEvent] = {}
    for event in events:
        key = (event.message_key, event.request_key)
        merged[key] = merge_events(merged[key], event) if key in merged else event
    path = tmp_path / "merge" / "history.db"
    if not path.exists():
        Writer(path).close()
    writer = Writer(path)
    for table in ("log_events", "usage_buckets", "dirty_buckets"):
        writer.connection.execute(f"DELETE FROM {table}")
    source = writer.source("agent", "codex", "Codex", "openai", 0)
    shuffled = data.draw(st.permutations([*events, *data.draw(st.lists(st.sampled_from(events), max_size=3))]))
    while shuffled:
        size = data.draw(st.integers(1, len(shuffled)))
        writer.apply(Batch(source, "host", shuffled[:size], []))
        shuffled = shuffled[size:]
        if data.draw(st.booleans()):
            writer.rebuild()
    writer.rebuild()
    writer.close()
    stored = [(*row[:2], *row[3:7], *row[8:10], *row[11:20]) for row in dump(path)[0]]
    assert stored == sorted(tuple(event) for event in merged.values())
    counted = [event for event in merged.values() if not is_replay(event, list(merged.values()))]
    for by in ((), ("day",), ("session",), ("model", "tier")):
        rows = grouped(path, by)
        assert sum(row.requests for row in rows) == len(counted)
        assert sum(row.output_tokens for row in rows) == sum(event.output_tokens for event in counted)


def is_replay(event: LogEvent, events: list[LogEvent]) -> bool:
    """A side chain's repeat of a message under another request id."""
    return event.sidechain == 1 and any(
        other.message_key == event.message_key and other.request_key != event.request_key and other.sidechain == 0
        for other in events
    )


def test_every_grouping_of_the_tree_sums_to_the_total(whole: Whole) -> None:
    """Sessions and machines are summed from the calls, the rest from buckets: they agree."""
    goal = cells(whole.history, ())[()]
    for key in KEYS:
        rows = cells(whole.history, (key,)).values()
        assert tuple(map(sum, zip(*rows, strict=True))) == goal, key
