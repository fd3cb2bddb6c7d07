"""A history that is damaged while it is in use: said, kept, and what is readable is read."""

import json
import os
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.app.engines import NOW, Watched, idle, running
from tests.app.test_cli import Program, line
from tests.app.test_reports_desk import Asked
from tokentray.question import Period, Question, Span

PAGE = 4096


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    """An engine that is stopped whatever happens."""
    made = Watched(tmp_path)
    yield made
    assert made.engine.stop(2)


def break_events(path: Path) -> None:
    """Break pages of the table of calls as a bad disk does: in place, so that no reader finds the file empty."""
    with closing(sqlite3.connect(path)) as opened:
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        try:
            rows = opened.execute("SELECT pageno FROM dbstat WHERE name = 'log_events' AND pagetype = 'leaf'")
            pages = [row[0] for row in rows]
        except sqlite3.OperationalError:
            pytest.skip("this SQLite cannot tell which page is whose")
    with path.open("r+b", buffering=0) as file:
        for page in pages[1:4]:
            file.seek((page - 1) * PAGE)
            file.write(random.Random(page).randbytes(PAGE))


def write_log(folder: Path, calls: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "s1.jsonl").write_text("".join(line(number, NOW, out=40_000) for number in range(calls)))


def test_the_tray_mends_it_and_says_so(watched: Watched) -> None:
    """Every amount is there again, a remark names the file that was kept."""
    write_log(watched.logs, 400)
    watched.engine.start()
    watched.wait(lambda shown: shown.today.amount_text == "≈ $402.00")
    assert watched.engine.stop(2)
    break_events(watched.paths.history)
    write_log(watched.logs, 800)  # what is new touches all of the table
    again = Watched(watched.home.parent)
    again.engine.start()
    try:
        shown = again.wait(lambda shown: bool(shown.problems) and shown.today.amount_text == "≈ $804.00", 10)
        (problem,) = shown.problems
        assert not problem.grave
        assert problem.title.startswith("The history was damaged on")
        (kept,) = again.paths.data.glob("history-damaged-*.db")
        assert kept.name in problem.message
        assert kept.stat().st_mode & 0o077 == 0
    finally:
        assert again.engine.stop(2)


def test_what_the_history_window_finds_damaged_is_mended(watched: Watched) -> None:
    """The engine itself had not come upon it: it is told, and the same question is answered from what could be read."""
    write_log(watched.logs, 400)
    watched.engine.start()
    watched.wait(lambda shown: shown.today.amount_text == "≈ $402.00")
    assert watched.engine.stop(2)
    again = Watched(watched.home.parent)
    again.settings("[refreshing]\nwatch = false\ninterval_min = 1440\n")
    again.engine.start()
    try:
        again.wait(idle)
        asked = Asked(again.engine.reports)
        question = Question(period=Period(Span.DAYS_7), by=("session",))
        assert asked.answer(question).headline.amount_text == "≈ $402.00"
        break_events(again.paths.history)
        broken = asked.answer(question._replace(by=("session", "machine")))
        assert broken.problem is not None
        assert broken.problem.title == "The history is damaged"
        assert broken.headline.amount_text == "≈ $402.00", "what was shown stays"
        again.wait(lambda _: len([one for one in again.seen if idle(one) and one.problems]) >= 2)  # the logs are read
        mended = asked.answer(question)
        (kept,) = again.paths.data.glob("history-damaged-*.db")
        assert mended.problem is not None
        assert not mended.problem.grave
        assert kept.name in mended.problem.message
        assert mended.headline.amount_text == "≈ $402.00"
    finally:
        assert again.engine.stop(2)


def test_what_cannot_be_mended_is_left_and_said_once(watched: Watched) -> None:
    """Nothing of it can be read: it stays to the byte, nobody promises anything, and no copies pile up."""
    write_log(watched.logs, 3)
    watched.paths.data.mkdir()
    watched.paths.history.write_bytes(b"noise" * 5000)
    with running(watched):
        shown = watched.wait(lambda shown: bool(shown.problems))
        assert "nothing of" in shown.problems[0].message
        asked = Asked(watched.engine.reports)
        broken = asked.answer(Question())
        assert broken.problem is not None
        assert "restore a copy" in broken.problem.hint
    assert watched.paths.history.read_bytes() == b"noise" * 5000
    assert not list(watched.paths.data.glob("*damaged*"))


def test_refresh_mends_it(tokentray: Program, private_home: Path) -> None:
    """On the command line too; every other command says what to do, and leaves it as it is."""
    folder = private_home / ".claude" / "projects" / "-src-harbour"
    write_log(folder, 400)
    assert tokentray("refresh").returncode == 0
    write_log(folder, 800)
    home = Path(os.environ["TOKENTRAY_HOME"])
    break_events(home / "history.db")
    assert "refresh" in tokentray("doctor").stdout
    for command in (("usage", "--by", "session"), ("usage", "--by", "session", "--json"), ("agents", "list")):
        refused = tokentray(*command)
        assert (refused.returncode, refused.stdout) == (3, "")
        (said,) = refused.stderr.splitlines()
        assert "The history is damaged" in said
        assert "`tokentray refresh --check`" in said
    assert not list(home.glob("*damaged*")), "only a refresh mends"
    refreshed = tokentray("refresh")
    assert refreshed.returncode == 0, refreshed.stderr
    assert refreshed.stderr.count("was damaged") == 1
    (row,) = json.loads(tokentray("usage", "--by", "model", "--json").stdout)
    assert row["requests"] == 800
    told = tokentray("doctor").stdout
    assert "it is damaged" not in told
    assert "it was damaged on" in told


def test_refresh_looks_for_damage_it_does_not_come_by(tokentray: Program, private_home: Path) -> None:
    """Where there is nothing new to read, the way that every other command names mends it all the same."""
    folder = private_home / ".claude" / "projects" / "-src-harbour"
    write_log(folder, 400)
    assert tokentray("refresh").returncode == 0
    home = Path(os.environ["TOKENTRAY_HOME"])
    break_events(home / "history.db")
    assert tokentray("usage", "--by", "session").returncode == 3
    checked = tokentray("refresh", "--check")
    assert checked.returncode == 0, checked.stderr
    assert checked.stderr.count("was damaged") == 1
    assert list(home.glob("history-damaged-*.db"))
    (row,) = json.loads(tokentray("usage", "--by", "model", "--json").stdout)
    assert row["requests"] == 400
    again = tokentray("refresh", "--check")
    assert (again.returncode, again.stderr) == (0, "")
    assert len(list(home.glob("history-damaged-*.db"))) == 1


def test_refresh_says_what_it_cannot_mend(tokentray: Program) -> None:
    """In one line, and the file is as it was."""
    history = Path(os.environ["TOKENTRAY_HOME"]) / "history.db"
    history.parent.mkdir(exist_ok=True)
    history.write_bytes(b"noise" * 5000)
    refused = tokentray("refresh")
    assert refused.returncode == 3
    (said,) = refused.stderr.splitlines()
    assert "nothing of" in said
    assert "Move it away" in said
    assert history.read_bytes() == b"noise" * 5000
