"""The engine behind the tray, with real files, real file events and a real history."""

import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.app.engines import NOW, Watched
from tests.app.test_cli import line
from tokentray.money import nanos_from_text
from tokentray.snapshot import SnapshotState
from tokentray.store.writer import Writer


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    """An engine that is stopped whatever happens."""
    made = Watched(tmp_path)
    yield made
    assert made.engine.stop(2), "the engine must end within two seconds"


def test_reads_at_start_and_follows_what_is_appended(watched: Watched) -> None:
    """A line appended shows within two seconds, also in a file and folder that are new."""
    watched.logs.mkdir(parents=True)
    log = watched.logs / "s1.jsonl"
    log.write_text(line(1, NOW, out=40_000))
    watched.engine.start()
    watched.wait(lambda snapshot: snapshot.lines[0].startswith("Today ≈ $1.00"))
    for number, cents in ((2, "2.01"), (3, "3.02")):
        began = time.monotonic()
        with log.open("a") as file:
            file.write(line(number, NOW, out=40_000))
        watched.wait(lambda snapshot, cents=cents: snapshot.lines[0].startswith(f"Today ≈ ${cents}"))  # type: ignore[misc] # bound now
        assert time.monotonic() - began < 2
    other = watched.logs.parent / "-src-new"
    other.mkdir()
    (other / "s2.jsonl").write_text(line(4, NOW, out=40_000))
    watched.wait(lambda snapshot: snapshot.lines[0].startswith("Today ≈ $4.02"))


def test_an_agent_installed_later_is_found(watched: Watched) -> None:
    """No folder at start is no error; it is noticed when it appears."""
    watched.engine.start()
    watched.wait(lambda snapshot: snapshot.state is SnapshotState.NOTHING_READ)
    watched.logs.mkdir(parents=True)
    (watched.logs / "s1.jsonl").write_text(line(1, NOW, out=40_000))
    watched.wait(lambda snapshot: snapshot.lines[0].startswith("Today ≈ $1.00"))


def test_what_the_command_line_changes_shows_at_once(watched: Watched) -> None:
    """Setting an hourly rate in a terminal puts minutes into the open popover."""
    watched.logs.mkdir(parents=True)
    (watched.logs / "s1.jsonl").write_text(line(1, NOW, out=40_000))
    watched.engine.start()
    watched.wait(lambda snapshot: snapshot.state is SnapshotState.FRESH and bool(snapshot.sources))
    writer = Writer(watched.paths.history)
    with writer.telling() as told:
        told.add_reference("hourly", "", nanos_from_text("60"), "USD", date(2026, 1, 1), 0)
    writer.close()
    watched.wait(lambda snapshot: snapshot.lines[0].endswith("1 min of your time"), 3)


def test_nothing_is_sent_while_nothing_happens(watched: Watched) -> None:
    """An idle engine is silent: no timer, no echo of its own writing."""
    watched.logs.mkdir(parents=True)
    (watched.logs / "s1.jsonl").write_text(line(1, NOW, out=40_000))
    watched.engine.start()
    watched.wait(lambda snapshot: snapshot.state is SnapshotState.FRESH and bool(snapshot.sources))
    time.sleep(1.5)
    count = len(watched.seen)
    cpu_s = time.process_time()
    time.sleep(2)
    assert len(watched.seen) == count
    assert time.process_time() - cpu_s < 0.1, "nothing ticks"


def test_a_history_that_cannot_be_opened_is_told_not_raised(watched: Watched) -> None:
    """The tray stays up and says what is wrong and how to mend it."""
    watched.paths.data.mkdir(parents=True)
    watched.paths.history.write_bytes(b"somebody's file" * 300)
    watched.engine.start()
    shown = watched.wait(lambda snapshot: bool(snapshot.problems))
    assert shown.state is SnapshotState.FAILING
    assert shown.lines[0] == "The history is damaged"
    assert "$" not in "".join(shown.lines)
    assert all(shown.lines)
    told = shown.problems[0]
    assert told.title == "The history is damaged"
    assert told.hint


def test_stopping_in_the_middle_of_a_first_read(watched: Watched) -> None:
    """Quit means quit: what was committed stays, the rest is read the next time."""
    watched.logs.mkdir(parents=True)
    for index in range(400):
        (watched.logs / f"s{index}.jsonl").write_text("".join(line(index * 50 + n, NOW) for n in range(50)))
    watched.engine.start()
    watched.wait(lambda snapshot: snapshot.progress is not None)
    began = time.monotonic()
    assert watched.engine.stop(2)
    assert time.monotonic() - began < 2
    again = Watched(watched.home.parent)
    again.engine.start()
    try:
        again.wait(lambda snapshot: snapshot.progress is None and snapshot.today.tokens == 400 * 50 * 1200, 30)
    finally:
        assert again.engine.stop(2)
