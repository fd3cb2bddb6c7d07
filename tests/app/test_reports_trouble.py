"""The desk of reports in trouble: locked, taken away, from the future, another program's, no permission; it says so,
keeps what it showed, and comes back by itself.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.app.engines import MovableClock, Watched, idle, running
from tests.app.test_cli import line
from tests.app.test_reports_desk import JULY, Asked, amount, asked_fixture, call, desk_over, folder_fixture
from tests.histories import read_logs
from tests.store.conftest import checkout_for_all, run_program, shared_temp
from tokentray.clock import FixedClock, UtcSeconds, UtcZone, follow_system_zone, local_date
from tokentray.engine.reports.desk import ReportDesk
from tokentray.insight.deeper import deeper
from tokentray.insight.question_json import of_text, to_text
from tokentray.money import NumberStyle
from tokentray.paths import Paths
from tokentray.question import SPLITS, Period, Question, Span, View
from tokentray.report import Report
from tokentray.store.usage import KEYS

__all__ = ["asked_fixture", "checkout_for_all", "folder_fixture", "run_program", "shared_temp"]

_HOLD = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("PRAGMA locking_mode = EXCLUSIVE")
held.execute("BEGIN EXCLUSIVE")
held.execute("UPDATE sources SET name = name")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held_by_another(history: Path) -> Iterator[None]:
    """Another process put the history there, and keeps everybody else out of it."""
    copy = history.with_name("copy.db")
    shutil.copy(history, copy)
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(copy)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        copy.replace(history)
        yield
        holder.communicate()


def failed(report: Report) -> bool:
    return report.problem is not None


def test_held_for_a_moment_nothing_is_said(asked: Asked, folder: Path) -> None:
    """The answer comes once the file is free."""
    asked.answer(JULY)
    with held_by_another(folder / "history.db"):
        asked.desk.ask(JULY._replace(by=("model",)))
    assert amount(asked.wait(lambda report: report.asked.by == ("model",))) == "≈ $10.01"
    assert not any(map(failed, asked.reports))


def test_held_for_long_it_is_said_and_comes_back(asked: Asked, folder: Path) -> None:
    """What was shown stays, it is said once, and as soon as the file is free the question is answered, unasked."""
    shown = asked.answer(JULY)
    with held_by_another(folder / "history.db"):
        busy = asked.answer(JULY._replace(by=("model",)), 20)
        assert busy.problem is not None
        assert busy.problem.title == "The history is busy"
        assert busy.problem.hint == "It is tried again until it is free"
        assert busy.table == shown.table
        told = len(asked.reports)
        # Another question is told at once: it is known by now that the file is held.
        plans = asked.answer(Question(View.PLANS), 3)
        assert plans.problem == busy.problem
        assert asked.reports[told:] == [plans], "the same trouble is no news"
    came = asked.wait(lambda report: report.asked == Question(View.PLANS) and not failed(report))
    assert came.problem is None


def test_held_for_ever_it_stops_in_time(folder: Path) -> None:
    """SQLite's wait for a lock cannot be broken off, so it is short."""
    asked = Asked(desk_over(folder))
    asked.answer(JULY)
    with held_by_another(folder / "history.db"):
        asked.desk.ask(JULY._replace(by=("model",)))
        asked.desk.ask(JULY._replace(by=("session",)))
        begun = time.monotonic()
        assert asked.desk.stop(1.5)
        assert time.monotonic() - begun < 1.5


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE songs (title TEXT)")
        other.commit()


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("UPDATE _sqlite_migrations SET name = 'm999_telepathy' WHERE id = 1")
        other.commit()


def test_in_place_of_the_history_lies_something_else(asked: Asked, folder: Path, tmp_path: Path) -> None:
    """Another program's file, one of a newer build, a folder: said in words; put right, the figures are back."""
    history, aside = folder / "history.db", tmp_path / "aside.db"
    assert amount(asked.answer(JULY)) == "≈ $10.01"
    history.replace(aside)
    foreign(history)
    assert problem(asked.answer(JULY)) == "This is not a TokenTray history"
    history.unlink()
    history.mkdir()
    assert problem(asked.answer(JULY)) == "The history cannot be opened"
    history.rmdir()
    history.write_bytes(aside.read_bytes())
    newer(history)
    assert problem(asked.answer(JULY)) == "The history is from a newer TokenTray"
    aside.replace(history)
    assert amount(asked.answer(JULY)) == "≈ $10.01"


_SHUT_OUT = """
import sys, threading
from pathlib import Path
from tests.app.test_reports_desk import JULY, Asked, desk_over
from tests.store.unprivileged import give_up
folder = Path(sys.argv[1])
first = Asked(desk_over(folder))
first.answer(JULY)  # loads all that it takes, while every folder of Python can be entered
assert first.desk.stop(2)
give_up()
asked = Asked(desk_over(folder))
report = asked.answer(JULY)
print(report.headline.amount_text, report.problem, sep="|")
folder.chmod(0)
report = asked.answer(JULY)
print(report.headline.amount_text, report.problem.title, report.problem.hint, sep="|")
folder.chmod(0o700)
print(asked.answer(JULY).problem)
asked.desk.stop(2)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="permission bits are another matter there")
def test_shut_out_of_the_folder(shared_temp: Path, run_program: Callable[..., str]) -> None:
    """Said as what it is, with what to do; let in again, it is forgotten."""
    folder = shared_temp / "data"
    folder.mkdir()
    call(folder, 1, 400_000)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, 65_534, 65_534)
    before, during, after = run_program(_SHUT_OUT, folder).splitlines()
    assert before == "≈ $10.00|None"
    assert during.startswith("≈ $10.00|The history cannot be read|Give yourself access")
    assert after == "None"


def test_days_move_on_while_the_window_is_open(tmp_path: Path) -> None:
    """At midnight the last seven days and the month are others; set back, the clock is believed as well."""
    clock = MovableClock()
    watched = Watched(tmp_path, clock=clock)
    watched.log(1)
    with running(watched):
        watched.wait(idle)
        asked = Asked(watched.engine.reports)
        for days in (0, 1, 40, 400, -40, 0):
            clock.ahead_s = days * 86_400
            today = local_date(clock.now_utc(), UtcZone())
            week = asked.answer(Question(period=Period(Span.DAYS_7)))
            assert week.days == (today - timedelta(days=6), today)
            assert bool(week.table.rows) == (0 <= days < 7), days
            month = asked.answer(Question())
            assert month.days is not None
            assert month.days[0] == today.replace(day=1)
            assert month.problem is None


def test_the_person_travels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the clock shows the same today but did not in July, July's days are counted anew."""
    late = "2026-07-01T22:30:00.000Z"
    folder = tmp_path
    logs = folder / ".claude" / "projects" / "x"
    logs.mkdir(parents=True)
    (logs / "s.jsonl").write_text(line(1, late), "utf-8")
    read_logs(folder / "history.db", folder)
    winter = FixedClock(UtcSeconds(1_796_000_000))  # 2026-11-30
    monkeypatch.setenv("TZ", "Europe/Berlin")
    follow_system_zone()
    asked = Asked(ReportDesk(Paths(folder, folder, folder), winter, None, NumberStyle()))
    by_day = JULY._replace(by=("day",))
    try:
        assert [row.id for row in asked.answer(by_day).table.rows] == ["2026-07-02"]
        monkeypatch.setenv("TZ", "Africa/Lagos")
        follow_system_zone()
        assert [row.id for row in asked.answer(by_day).table.rows] == ["2026-07-01"]
    finally:
        assert asked.desk.stop(2)
        monkeypatch.undo()
        follow_system_zone()


_FAR = (
    Period(Span.MONTH, date(1, 1, 1)),
    Period(Span.MONTH, date(9999, 12, 31)),
    Period(Span.YEAR, date(1900, 1, 1)),
    Period(Span.YEAR, date(9999, 1, 1)),
    Period(Span.CUSTOM, None, date(1, 1, 1)),
    Period(Span.CUSTOM, date(9999, 12, 31), None),
    Period(Span.CUSTOM, date(1, 1, 1), date(9999, 12, 31)),
)


@pytest.mark.parametrize(
    "question",
    [
        *(Question(view, period) for view in View for period in _FAR),
        Question(by=KEYS),
        JULY._replace(hidden=("x",), picked=("nobody",) * 1000, selected=("1", "zzz"), sort="nothing"),
        Question(outer=(Period(Span.ALL),) * 1000),
        *(Question(where=((key, "not"),)) for key in KEYS),
        *(Question(where=((key, "9999-99-99"),)) for key in SPLITS),
        *(
            Question(where=(("payer", text),))
            for text in ("plan:", "plan:x", "account:-1", "payg:7", "plan:" + "9" * 30)
        ),
        Question(text="project:" + "*" * 4000),
    ],
    ids=str,
)
def test_whatever_was_remembered_or_sent_is_answered(asked: Asked, question: Question) -> None:
    """Anything that can be read as a question, however odd, is answered without trouble; the next one as well."""
    remembered = of_text(to_text(question))
    report = asked.answer(remembered)
    assert report.problem is None
    for row in report.table.rows:
        assert deeper(report.question, row) != report.question, "nor does a click in the window fail"
    assert amount(asked.answer(JULY)) == "≈ $10.01"


def problem(report: Report) -> str:
    assert report.problem is not None
    assert report.problem.hint
    return report.problem.title
