"""The desk of reports over real histories: the newest question wins, and whatever goes wrong is said and survived."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.app.engines import Watched, anything, running
from tests.app.test_cli import line
from tests.histories import read_logs
from tests.ui.fake_engine import DEMO_NOW_UTC
from tokentray.clock import FixedClock, UtcSeconds, UtcZone
from tokentray.engine.demo import fill
from tokentray.engine.reports.desk import ReportDesk
from tokentray.money import NumberStyle
from tokentray.paths import Paths
from tokentray.question import Period, Question, Span, View
from tokentray.report import Report
from tokentray.store.writer import Writer

JULY = Question(period=Period(Span.MONTH, date(2026, 7, 1)))
CLOCK = FixedClock(UtcSeconds(DEMO_NOW_UTC))


class Asked:
    """A desk, and every report it told."""

    def __init__(self, desk: ReportDesk) -> None:
        self.desk = desk
        self.reports: list[Report] = []
        self.threads: set[int] = set()
        self._news = threading.Condition()
        desk.listen(self._hear)

    def _hear(self, report: Report) -> None:
        with self._news:
            self.reports.append(report)
            self.threads.add(threading.get_ident())
            self._news.notify_all()

    def answer(self, question: Question, timeout_s: float = 10) -> Report:
        """Ask, and wait for the answer to that."""
        told = len(self.reports)
        self.desk.ask(question)
        return self.wait(lambda report: report.asked == question, told, timeout_s)

    def wait(self, wanted: Callable[[Report], bool], after: int = 0, timeout_s: float = 10) -> Report:
        """The first report that is as wanted."""
        with self._news:
            done = self._news.wait_for(lambda: any(wanted(one) for one in self.reports[after:]), timeout_s)
            assert done, self.reports[after:]
            return next(one for one in self.reports[after:] if wanted(one))


@pytest.fixture(name="folder")
def folder_fixture(tmp_path: Path) -> Path:
    """Where the history of one call lies, of 10 dollars and a cent."""
    call(tmp_path, 1, 400_200)
    return tmp_path


def call(folder: Path, number: int, out: int) -> None:
    """One more call, written and read."""
    logs = folder / ".claude" / "projects" / "x"
    logs.mkdir(parents=True, exist_ok=True)
    with (logs / "s.jsonl").open("a", encoding="utf-8") as file:
        file.write(line(number, out=out))
    read_logs(folder / "history.db", folder)


def desk_over(folder: Path) -> ReportDesk:
    return ReportDesk(Paths(folder, folder, folder), CLOCK, UtcZone(), NumberStyle())


@pytest.fixture(name="asked")
def asked_fixture(folder: Path) -> Iterator[Asked]:
    asked = Asked(desk_over(folder))
    yield asked
    assert asked.desk.stop(2)


def amount(report: Report) -> str:
    """The headline's amount, where nothing went wrong."""
    assert report.problem is None, report.problem
    return report.headline.amount_text


def test_every_view_answers(asked: Asked) -> None:
    """On a thread of its own, with the question as it came."""
    for view in View:
        report = asked.answer(JULY._replace(view=view))
        assert report.problem is None, (view, report.problem)
        assert report.question.view is view
    assert threading.get_ident() not in asked.threads


def test_what_others_write_is_in_the_next_answer(asked: Asked, folder: Path) -> None:
    """What is kept of the history holds only until somebody has written to it."""
    assert amount(asked.answer(JULY)) == "≈ $10.01"
    call(folder, 2, 39_800)
    assert amount(asked.answer(JULY)) == "≈ $11.01"


def test_settings_are_those_of_the_file(asked: Asked, folder: Path) -> None:
    """A change of the zone moves the days at once, also where the file is written by hand."""
    paths = Paths(folder, folder, folder)
    asked.desk.stop(2)
    asked = Asked(ReportDesk(paths, CLOCK, None, NumberStyle()))
    paths.settings.write_text('[days]\ntime_zone = "Pacific/Kiritimati"\n')
    day = Question(by=("day",), period=Period(Span.ALL))
    first = asked.answer(day).table.rows[-1].id
    paths.settings.write_text('[days]\ntime_zone = "Etc/GMT+12"\n')
    second = asked.answer(day).table.rows[-1].id
    assert asked.desk.stop(2)
    assert (first, second) == ("2026-07-02", "2026-06-30")


def test_a_filter_that_is_half_typed_leaves_the_last_one(asked: Asked) -> None:
    """It is remarked on, and what was filtered stays so, also on other days."""
    assert len(asked.answer(JULY._replace(text="model:opus")).table.rows) == 1
    assert asked.answer(JULY._replace(text="model:nothing")).table.rows == ()
    broken = asked.answer(JULY._replace(text="modle:opus"))
    assert broken.problem is not None
    assert (broken.problem.title, broken.problem.grave) == ("There is no key “modle”", False)
    assert broken.question.text == "modle:opus"
    assert broken.table.rows == ()
    assert amount(asked.answer(JULY)) == "≈ $10.01"


def test_a_history_that_comes_is_replaced_and_goes(asked: Asked, folder: Path, tmp_path: Path) -> None:
    """Nothing read, then read, then another file in its place, then none again."""
    history = folder / "history.db"
    assert amount(asked.answer(JULY)) == "≈ $10.01"
    other = tmp_path / "other"
    other.mkdir()
    call(other, 1, 80_200)
    (other / "history.db").replace(history)
    assert amount(asked.answer(JULY)) == "≈ $2.01"
    history.unlink()
    assert asked.answer(JULY).empty_text.startswith("Nothing is read yet.")


def test_a_damaged_history_is_said_beside_what_was_shown(asked: Asked, folder: Path) -> None:
    """The figures that were there stay, and when it is whole again, so are the answers."""
    history = folder / "history.db"
    shown = asked.answer(JULY)
    whole = history.read_bytes()
    history.replace(folder / "aside.db")
    history.write_bytes(b"no database at all" * 500)
    broken = asked.answer(JULY)
    assert broken.problem is not None
    assert broken.problem.title == "The history is damaged"
    assert broken.table == shown.table
    plans = asked.answer(JULY._replace(view=View.PLANS))
    assert plans.problem is not None
    assert plans.table.rows == (), "what is of another view is not shown as this one"
    history.unlink()
    history.write_bytes(whole)
    assert amount(asked.answer(JULY)) == "≈ $10.01"


def test_a_locked_history_is_said(asked: Asked, folder: Path) -> None:
    """Another program holds it whole: that is told once SQLite has waited long enough."""
    blocker = sqlite3.connect(folder / "history.db", isolation_level=None)
    blocker.execute("PRAGMA journal_mode = DELETE")
    blocker.execute("BEGIN EXCLUSIVE")
    busy = asked.answer(JULY, 20)
    assert busy.problem is not None
    assert busy.problem.title == "The history is busy"
    blocker.execute("ROLLBACK")
    blocker.close()
    assert amount(asked.answer(JULY)) == "≈ $10.01"


def test_a_listener_that_fails_ends_nothing(asked: Asked) -> None:
    """The others still hear, and the next question is answered."""
    heard: list[Report] = []

    def fails(_: Report) -> None:
        raise RuntimeError("a window's bug")

    asked.desk.listen(fails)
    asked.desk.listen(heard.append)
    asked.answer(JULY)
    asked.answer(JULY._replace(by=("model",)))
    assert len(heard) >= 1


def test_at_rest_nothing_is_kept(asked: Asked) -> None:
    """Thread and file are let go of, again and again, and the next question is answered all the same."""
    for _ in range(5):
        assert amount(asked.answer(JULY)) == "≈ $10.01"
        (thread,) = [one for one in threading.enumerate() if one.name == "reports"]
        asked.desk.rest()
        thread.join(5)
        assert not thread.is_alive()
    asked.desk.ask(JULY)
    asked.desk.rest()
    assert amount(asked.answer(JULY)) == "≈ $10.01"


def test_stopped_it_answers_no_more(folder: Path) -> None:
    """Before the first question, twice, and after it."""
    desk = desk_over(folder)
    assert desk.stop(1)
    assert desk.stop(1)
    asked = Asked(desk)
    desk.ask(JULY)
    assert not [one for one in threading.enumerate() if one.name == "reports"]
    assert asked.reports == []


def test_the_newest_question_wins(tmp_path: Path) -> None:
    """Of many asked at once the last is answered, and few of the others; none is mistaken for a failure."""
    writer = Writer(tmp_path / "history.db")
    fill(writer, now_utc=DEMO_NOW_UTC, zone=UtcZone())
    writer.close()
    asked = Asked(desk_over(tmp_path))
    questions = [Question(period=Period(Span.ALL), by=(key,), text=f"-model:x{n}") for n in range(8) for key in
                 ("session", "model", "project")]  # fmt: skip
    for question in questions:
        asked.desk.ask(question)
    last = asked.wait(lambda report: report.asked == questions[-1])
    assert all(report.problem is None for report in asked.reports)
    assert len(asked.reports) < len(questions)
    assert asked.reports[-1] is last
    assert asked.desk.stop(2)


def test_the_engine_has_a_desk_and_ends_it(tmp_path: Path) -> None:
    """Its questions are answered from what the engine has read; it stops with the engine."""
    watched = Watched(tmp_path)
    watched.log(1)
    with running(watched):
        watched.wait(lambda snapshot: snapshot.today.tokens > 0)
        asked = Asked(watched.engine.reports)
        report = asked.answer(Question(period=Period(Span.DAYS_7)))
        assert report.headline.amount_text == watched.wait(anything, after=len(watched.seen) - 1).today.amount_text
    assert not [one for one in threading.enumerate() if one.name == "reports"]
