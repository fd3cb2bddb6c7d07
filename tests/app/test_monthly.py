"""Each month into a folder by itself: once, when it is the last word or the fifth has come, and never over others'."""

import sqlite3
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.app.engines import NOW, MovableClock, Watched, idle, running
from tests.unit.export_month import OPUS, call, make, utc
from tokentray.clock import UtcSeconds, UtcZone
from tokentray.engine.exporter import Exporter, ExportProgress, Preview
from tokentray.engine.monthly import Monthly, due
from tokentray.export.job import Outcome
from tokentray.model import ExportRecord
from tokentray.money import NumberStyle
from tokentray.paths import Paths
from tokentray.settings import DEFAULTS, save
from tokentray.snapshot import Problem
from tokentray.store.history import History
from tokentray.store.writer import Writer

AUGUST, SEPTEMBER, OCTOBER = date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)


def record(month: str, *, automatic: bool = True) -> ExportRecord:
    return ExportRecord(1, month, 0, False, automatic, False, (), "")


def yes(_: date) -> bool:
    return True


def no(_: date) -> bool:
    return False


@pytest.mark.parametrize(
    ("today", "since", "done", "months", "waits"),
    [
        ("2026-10-31", AUGUST, ("2026-08", "2026-09"), (), False),
        ("2026-11-01", AUGUST, ("2026-08", "2026-09"), (OCTOBER,), False),
        ("2026-11-01", AUGUST, (), (AUGUST, SEPTEMBER, OCTOBER), False),
        ("2026-11-01", OCTOBER, (), (OCTOBER,), False),
        ("2026-11-30", date(2026, 11, 1), (), (), False),
        ("2026-11-01", AUGUST, ("2026-08", "2026-10"), (SEPTEMBER,), False),
    ],
)
def test_a_month_that_is_over_is_due_once(
    today: str, since: date, done: tuple[str, ...], months: tuple[date, ...], waits: bool
) -> None:
    """From the first one on, oldest first; what was skipped is made up for."""
    records = [record(month) for month in done]
    assert due(date.fromisoformat(today), since, records, yes, yes, in_time=True) == (months, waits)


def test_what_somebody_asked_for_is_no_month_by_itself() -> None:
    """It may lie anywhere, as anything."""
    records = [record("2026-10", automatic=False)]
    assert due(date(2026, 11, 1), OCTOBER, records, yes, yes, in_time=True) == ((OCTOBER,), False)


def test_a_month_waits_for_its_sources_until_the_fifth() -> None:
    """After a sleep they are given the time to be asked even then."""
    for day in range(1, 5):
        assert due(date(2026, 11, day), OCTOBER, [], yes, no, in_time=True) == ((), True)
    assert due(date(2026, 11, 5), OCTOBER, [], yes, no, in_time=False) == ((), True)
    assert due(date(2026, 11, 5), OCTOBER, [], yes, no, in_time=True) == ((OCTOBER,), False)
    assert due(date(2026, 11, 2), SEPTEMBER, [], yes, no, in_time=True) == ((SEPTEMBER,), True)
    assert due(date(2027, 1, 4), date(2026, 12, 1), [], yes, no, in_time=True) == ((), True)
    assert due(date(2027, 1, 5), date(2026, 12, 1), [], yes, no, in_time=True) == ((date(2026, 12, 1),), False)


def test_a_month_without_data_is_none() -> None:
    assert due(date(2026, 11, 9), SEPTEMBER, [], lambda month: month == OCTOBER, yes, in_time=True) == (
        (OCTOBER,),
        False,
    )


def test_no_more_than_a_year_is_made_up_for() -> None:
    months, _ = due(date(2026, 11, 9), date(2020, 1, 1), [], yes, yes, in_time=True)
    assert (len(months), months[0], months[-1]) == (12, date(2025, 11, 1), OCTOBER)


class Clock:
    """Stands until a test sets it."""

    def __init__(self) -> None:
        self.at_utc = utc("2026-11-01 09:00")

    def now_utc(self) -> UtcSeconds:
        return UtcSeconds(self.at_utc)


class Looking:
    """A history of three months, read up to now, with what looks after its exports."""

    def __init__(self, root: Path) -> None:
        self.paths = Paths(root / "data", root / "data", root / "data")
        self.paths.data.mkdir()
        self.folder = root / "months"
        self.folder.mkdir()
        calls = [call(f"2026-{month:02}-03 10:00", OPUS, "harbour", (0, 40_000 * month)) for month in (8, 9, 10)]
        make(self.paths.history, {"claude-code": calls}, read_at="2026-11-01 08:00")
        save(self.paths.settings, "export.folder", str(self.folder))
        save(self.paths.settings, "export.formats", "md")
        self.settings = DEFAULTS._replace(folder=str(self.folder), formats="md")
        self.clock = Clock()
        self.outcomes: list[Outcome] = []
        self.heard: list[Outcome | ExportProgress | Preview] = []
        self.told = 0
        self.start()

    def start(self) -> None:
        """As the app does: nothing but what is stored is known."""
        self.exporter = Exporter(self.paths, self.clock, UtcZone(), NumberStyle())
        self.exporter.listen(self._hear)
        self.monthly = Monthly(self.exporter, self.clock, self._tell)

    def switch(self, on: bool) -> None:
        save(self.paths.settings, "export.monthly", str(on).lower())
        self.settings = self.settings._replace(monthly=on)

    def look(self, at: str = "") -> list[str]:
        """Look at a time of November or later, wait for what comes of it, and say which files there are."""
        if at:
            self.clock.at_utc = utc(at)
        with History(self.paths.history) as history:
            self.monthly.look(history, self.settings, UtcZone())
        for thread in threading.enumerate():
            if thread.name == "exports":
                thread.join(10)
                assert not thread.is_alive()
        return self.names()

    def problem(self) -> Problem | None:
        return self.monthly.problem

    def read(self, at: str) -> None:
        """The logs are read once more."""
        writer = Writer(self.paths.history)
        with History(self.paths.history) as history:
            for source in history.sources():
                writer.mark_read(source.id, utc(at))
        writer.close()

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir()) if self.folder.exists() else []

    def _hear(self, told: Outcome | ExportProgress | Preview) -> None:
        self.heard.append(told)
        if isinstance(told, Outcome):
            self.outcomes.append(told)

    def _tell(self) -> None:
        self.told += 1


@pytest.fixture(name="looking")
def looking_fixture(tmp_path: Path) -> Iterator[Looking]:
    looking = Looking(tmp_path)
    yield looking
    assert looking.exporter.stop(5)


AUGUST_FILE, SEPTEMBER_FILE, OCTOBER_FILE, NOVEMBER_FILE = (f"tokentray-2026-{month:02}.md" for month in (8, 9, 10, 11))


def test_nothing_is_written_unasked(looking: Looking) -> None:
    assert looking.look() == []
    assert looking.outcomes == []


def test_the_first_time_it_is_the_last_month_alone(looking: Looking) -> None:
    """Not all that there is; then each month once, also over a new start."""
    looking.switch(True)
    assert looking.look() == [OCTOBER_FILE]
    assert [type(one) for one in looking.heard] == [Outcome], "nobody waits for how far it has come"
    assert looking.outcomes[0].automatic
    (looking.folder / OCTOBER_FILE).unlink()
    looking.start()
    for at in ("2026-11-01 10:00", "2026-11-02 10:00", "2026-11-20 10:00"):
        assert looking.look(at) == [], "what was handed in is not written again"
    assert len(looking.outcomes) == 1
    assert looking.problem() is None


def test_a_month_is_written_when_its_sources_are_read(looking: Looking) -> None:
    """The logs were last read in November; the fifth of December comes, but the machine has just woken up."""
    looking.switch(True)
    looking.look()
    more(looking, "2026-11-20 10:00")
    assert looking.look("2026-12-01 00:05") == [OCTOBER_FILE]
    looking.read("2026-12-01 00:06")
    assert looking.look("2026-12-01 00:07") == [OCTOBER_FILE, NOVEMBER_FILE]
    assert [one.status for one in looking.outcomes] == ["", ""]


def test_a_month_is_written_on_the_fifth_at_the_latest(looking: Looking) -> None:
    """Marked as provisional, once there was time to ask after waking up."""
    looking.switch(True)
    looking.look()
    more(looking, "2026-11-20 10:00")
    assert looking.look("2026-12-04 23:50") == [OCTOBER_FILE]
    assert looking.look("2026-12-05 09:00") == [OCTOBER_FILE]
    assert looking.look("2026-12-05 09:05") == [OCTOBER_FILE]
    assert looking.look("2026-12-05 09:15") == [OCTOBER_FILE, NOVEMBER_FILE]
    assert looking.outcomes[-1].status.startswith("Provisional")
    with History(looking.paths.history) as history:
        assert [(one.month, one.automatic, one.provisional) for one in history.exports()] == [
            ("2026-11", True, True),
            ("2026-10", True, False),
        ]


def test_months_off_are_made_up_for(looking: Looking) -> None:
    """The machine was off from October to December; August came before it was switched on."""
    looking.clock.at_utc = utc("2026-10-20 09:00")
    looking.folder.rmdir()
    looking.switch(True)
    assert looking.look() == []
    looking.folder.mkdir()
    looking.start()
    looking.read("2026-12-20 09:00")
    more(looking, "2026-11-20 10:00", read_at="2026-12-20 09:00")
    assert looking.look("2026-12-20 09:01") == [SEPTEMBER_FILE, OCTOBER_FILE, NOVEMBER_FILE]


def test_what_passes_while_it_is_switched_off_is_not_made_up_for(looking: Looking) -> None:
    looking.clock.at_utc = utc("2026-09-01 09:00")
    looking.switch(True)
    assert looking.look() == [AUGUST_FILE]
    looking.switch(False)
    assert looking.look("2026-09-02 09:00") == [AUGUST_FILE]
    looking.switch(True)
    assert looking.look("2026-11-01 09:00") == [AUGUST_FILE, OCTOBER_FILE]


def test_a_file_of_somebody_else_is_left_and_the_month_written_beside_it(looking: Looking) -> None:
    (looking.folder / OCTOBER_FILE).write_text("mine")
    looking.switch(True)
    assert looking.look() == ["tokentray-2026-10 (2).md", OCTOBER_FILE]
    assert (looking.folder / OCTOBER_FILE).read_text() == "mine"


def test_a_folder_that_is_gone_is_told_and_tried_again(looking: Looking) -> None:
    """Once, not at every look; another folder is tried at once."""
    looking.folder.rmdir()
    looking.switch(True)
    assert looking.look() == []
    problem = looking.problem()
    assert problem is not None
    assert problem.title == "October was not written to your folder"
    assert problem.message == f"there is no folder {looking.folder}"
    assert problem.hint == "Choose another folder under Export in the settings; it is tried again within the hour"
    assert looking.look("2026-11-01 09:30") == []
    assert looking.look("2026-11-01 09:45") == []
    assert (len(looking.outcomes), looking.told) == (1, 1)
    assert looking.look("2026-11-01 10:01") == []
    assert (len(looking.outcomes), looking.told) == (2, 1)
    looking.folder.mkdir()
    other = str(looking.folder) + "/"
    save(looking.paths.settings, "export.folder", other)
    looking.settings = looking.settings._replace(folder=other)
    assert looking.look("2026-11-01 10:02") == [OCTOBER_FILE]
    assert looking.problem() is None
    assert looking.told == 2


def test_a_clock_that_is_set_back_keeps_nothing_waiting(looking: Looking) -> None:
    """It was a year ahead when this was switched on."""
    looking.clock.at_utc = utc("2027-11-01 09:00")
    looking.switch(True)
    assert looking.look() == []
    assert looking.look("2026-11-01 09:00") == [OCTOBER_FILE]


def test_what_cannot_be_kept_in_mind_is_not_written_again_and_again(looking: Looking) -> None:
    """The history is full: the month is there once, not a file an hour, and why is said."""
    connection = sqlite3.connect(looking.paths.history)
    connection.execute("CREATE TRIGGER full BEFORE INSERT ON exports BEGIN SELECT RAISE(FAIL, 'no'); END")
    connection.close()
    looking.switch(True)
    looking.look()
    for hour in range(10, 20):
        assert looking.look(f"2026-11-01 {hour}:00") == [OCTOBER_FILE]
    assert len(looking.outcomes) == 1


def test_a_month_that_was_not_kept_in_mind_is_known_again(looking: Looking) -> None:
    """The program ended in between: the next start finds the same files, writes none beside them and remembers them."""
    connection = sqlite3.connect(looking.paths.history)
    connection.execute("CREATE TRIGGER full BEFORE INSERT ON exports BEGIN SELECT RAISE(FAIL, 'no'); END")
    save(looking.paths.settings, "export.formats", "md,html,pdf,csv,json,xlsx")
    looking.switch(True)
    written = looking.look()
    assert len(written) == 6
    connection.execute("DROP TRIGGER full")
    connection.close()
    looking.exporter.stop(5)
    looking.start()
    assert looking.look("2026-11-02 09:00") == written
    with History(looking.paths.history) as history:
        assert [(len(one.files), one.automatic) for one in history.exports()] == [(6, True)]


def test_a_part_that_failed_is_written_later(looking: Looking) -> None:
    """It counts as written when all of it is. What is tried again every hour is not kept in mind each time."""
    full = [
        looking.folder / (f"tokentray-2026-10 ({n}).csv" if n > 1 else "tokentray-2026-10.csv") for n in range(1, 99)
    ]
    full.append(looking.folder / "tokentray-2026-10 (99).csv")
    for path in full:
        path.write_text("of somebody else")
    save(looking.paths.settings, "export.formats", "md,csv")
    looking.settings = looking.settings._replace(formats="md,csv")
    looking.switch(True)
    looking.look()
    problem = looking.problem()
    assert problem is not None
    assert problem.title == "Not all of October was written to your folder"
    assert (looking.folder / OCTOBER_FILE).exists()
    looking.look("2026-11-01 10:05")
    looking.look("2026-11-01 11:10")
    assert len(looking.outcomes) == 3
    full[0].unlink()
    looking.look("2026-11-01 12:15")
    assert looking.problem() is None
    assert full[0].read_text("utf-8-sig").startswith("day,")
    assert len(list(looking.folder.glob("*.md"))) == 1
    with History(looking.paths.history) as history:
        assert [one.automatic for one in history.exports()] == [True, False]


def more(looking: Looking, at: str, *, read_at: str = "2026-11-20 11:00") -> None:
    """One more call, told by another agent; it is all read at `read_at`."""
    make(
        looking.paths.history, {"codex": [call(at, OPUS, "quay", (0, 40_000))._replace(request_key=7)]}, read_at=read_at
    )


def test_the_engine_writes_the_month_and_says_what_keeps_it(tmp_path: Path) -> None:
    """From logs, as it runs: the folder is not there at first, and the popover says so until it is."""
    clock = MovableClock()
    watched = Watched(tmp_path, clock=clock)
    folder = tmp_path / "months"
    watched.log(1)
    watched.paths.data.mkdir()
    writer = Writer(watched.paths.history)
    with writer.telling() as told_before:
        told_before.begin_monthly(AUGUST)
    writer.close()
    watched.settings(f'[export]\nmonthly = true\nformats = "json"\nfolder = "{folder.as_posix()}"\n')
    with running(watched):
        watched.wait(idle)
        clock.ahead_s = 40 * 86_400
        watched.engine.refresh()
        told = watched.wait(lambda one: any("was not written to your folder" in each.title for each in one.problems))
        folder.mkdir()
        after = len(watched.seen)
        clock.ahead_s += 7200
        watched.engine.refresh()
        watched.wait(lambda one: not one.problems, after=after)
    assert told.problems[0].message == f"there is no folder {folder}"
    assert [path.name for path in folder.iterdir()] == [f"tokentray-{NOW[:7]}.json"]
