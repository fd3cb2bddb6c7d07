"""What windows ask the engine to change: carried out at once whatever it is doing, and answered in every case."""

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest

from tests.app.engines import NOW, Watched, anything, idle, running
from tests.app.test_cli import line
from tests.histories import dump, read_logs
from tokentray.clock import SystemClock, UtcZone, local_date
from tokentray.paths import Paths
from tokentray.requests import (
    AddPlan,
    AddReference,
    FinishFirstRun,
    LeadReference,
    RemovePlan,
    Request,
    SetPayer,
    SetSetting,
)
from tokentray.snapshot import Snapshot, SnapshotState
from tokentray.store.connection import open_writer

TODAY = local_date(SystemClock().now_utc(), UtcZone())
LONG_AGO = TODAY - timedelta(days=400)
ONE_DOLLAR = 39_800
MAX = AddPlan("Claude Max", ("claude-code",), "200", "USD", LONG_AGO)


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    """An engine that is not started yet."""
    return Watched(tmp_path)


def many_files(watched: Watched, files: int = 300, lines: int = 200) -> None:
    """Enough to read for some seconds."""
    watched.logs.mkdir(parents=True)
    for index in range(files):
        text = "".join(line(index * lines + number, NOW, out=ONE_DOLLAR) for number in range(lines))
        (watched.logs / f"s{index}.jsonl").write_text(text)


def test_a_plan_added_while_nothing_is_read(watched: Watched) -> None:
    """It is answered, stands in the next snapshot and in the setup, and the setup comes before the answer."""
    watched.log(1, ONE_DOLLAR)
    with running(watched):
        watched.wait(idle)
        watched.engine.want_setup(True)
        watched.wait_setup(lambda setup: not setup.plans and bool(setup.agents))
        told: list[int] = []
        watched.engine.listen_answers(lambda _: told.append(len(watched.setups[-1].plans)))
        answer = watched.ask(MAX, 1)
        assert answer.problem is None
        assert answer.text.startswith("Claude Max pays for Claude Code from ")
        shown = watched.wait(lambda snapshot: snapshot.counts_spend, 1)
        assert [(row.id, row.label, row.today.worth_text) for row in shown.sources] == [
            ("plan:1", "Claude Max", "worth ≈ $1.00")
        ]
        assert told == [1], "who gets the answer must find the setup changed already"
        (agent, _) = watched.setups[-1].agents
        assert (agent.payer, agent.payer_text) == ("plan:1", "Claude Max, a plan")


def test_a_refusal_comes_back_with_its_field_and_changes_nothing(watched: Watched) -> None:
    """The form can put the words beside the field; the history stays as it was."""
    with running(watched):
        watched.wait(anything)
        sent = len(watched.seen)
        answer = watched.ask(AddPlan("Claude Max", ("claude-code",), "-3", "USD", TODAY))
        assert (answer.text, answer.field) == ("", "fee")
        assert answer.problem is not None
        assert answer.problem.title == "The fee must be above zero"
        answer = watched.ask(SetSetting("appearance.icon_mode", "square"))
        assert answer.field == "appearance.icon_mode"
        assert answer.problem is not None
        assert watched.ask(RemovePlan(7)).field == "id"
        assert watched.ask(FinishFirstRun()).problem is None
        watched.wait(lambda snapshot: not snapshot.first_run)
        assert all(snapshot.first_run for snapshot in watched.seen[:sent])
        with watched.history() as history:
            assert (history.plans(), history.payer_rules()) == ([], [])
    assert not watched.paths.settings.exists()


def test_answers_come_in_order_each_to_its_request(watched: Watched) -> None:
    """Ids tell who asked; of two that cannot both be, the second is refused."""
    with running(watched):
        first = watched.engine.submit(MAX)
        second = watched.engine.submit(AddPlan("Claude Pro", ("claude-code",), "20", "USD", TODAY))
        third = watched.engine.submit(AddReference("hourly", "90", "USD", TODAY))
        assert first < second < third
        assert watched.answer(third).problem is None
        assert watched.answer(first).problem is None
        refused = watched.answer(second)
        assert refused.problem is not None
        assert refused.field == "agents"
        assert list(watched.answers) == [first, second, third]


def test_changes_are_answered_while_a_first_read_goes_on(watched: Watched) -> None:
    """Within a second each, shown before the read has ended; and the totals are those of a read left alone."""
    many_files(watched)
    requests: list[Request] = [
        MAX,
        AddReference("hourly", "100", "USD", LONG_AGO),
        AddReference("thing", "4.50", "USD", LONG_AGO, name="coffee"),
        SetPayer("codex", "payg"),
        SetSetting("appearance.icon_mode", "amount"),
    ]
    with running(watched):
        watched.wait(lambda snapshot: snapshot.progress is not None)
        watched.engine.want_setup(True)
        watched.wait_setup(lambda setup: setup.progress is not None, 2)
        for request in requests:
            began = time.monotonic()
            assert watched.ask(request).problem is None
            assert time.monotonic() - began < 1
        during = watched.wait(
            lambda shown: shown.progress is not None and shown.icon_mode == "amount" and shown.has_reference
        )
        assert during.counts_spend
        assert during.progress is not None
        assert during.progress.files_done < during.progress.files_total
        done = watched.wait(lambda snapshot: snapshot.progress is None and idle(snapshot), 60)
        assert done.today.tokens == 300 * 200 * (1000 + ONE_DOLLAR)
        assert done.sources[0].today.worth_text == "worth ≈ $60,000.00"
        watched.wait_setup(lambda setup: setup.progress is None and setup.agents[0].requests == 60_000)
    alone = watched.home.parent / "alone" / "history.db"
    read_logs(alone, watched.home)
    assert dump(watched.paths.history) == dump(alone)


def test_stopping_with_changes_pending(watched: Watched) -> None:
    """What was asked for just before quitting is done: nobody has to type it twice."""
    watched.log(1)
    with running(watched):
        watched.wait(idle)
        watched.engine.submit(MAX)
        watched.engine.submit(AddReference("hourly", "90", "USD", TODAY))
    with watched.history() as history:
        assert [plan.name for plan in history.plans()] == ["Claude Max"]
        assert len(history.reference_points()) == 1
    assert [answer.problem for answer in watched.answers.values()] == [None, None]


def test_a_change_while_the_history_cannot_be_opened_is_answered(watched: Watched) -> None:
    """With what is wrong; the setup that a window asks for comes all the same, and says so too."""
    watched.paths.data.mkdir(parents=True)
    watched.paths.history.write_bytes(b"somebody's file" * 300)
    with running(watched):
        watched.wait(lambda snapshot: bool(snapshot.problems))
        watched.engine.want_setup(True)
        setup = watched.wait_setup(anything, 2)
        assert [problem.title for problem in setup.problems] == ["The history is damaged"]
        assert [agent.id for agent in setup.agents] == ["claude-code", "codex"]
        for request in (MAX, SetSetting("refreshing.interval_min", "5")):
            answer = watched.ask(request, 2)
            assert answer.problem is not None
            assert (answer.text, answer.problem.title) == ("", "The history is damaged")
    assert not watched.paths.settings.exists(), "what is answered with a problem was not done"


def test_a_change_goes_on_once_the_history_is_mended(watched: Watched) -> None:
    """Moving the damaged file away and asking again is all it takes; no restart."""
    watched.log(1, ONE_DOLLAR)
    watched.paths.data.mkdir(parents=True)
    watched.paths.history.write_bytes(b"somebody's file" * 300)
    with running(watched):
        watched.wait(lambda snapshot: bool(snapshot.problems))
        watched.paths.history.rename(watched.paths.data / "damaged")
        assert watched.ask(MAX, 3).problem is None
        shown = watched.wait(lambda snapshot: snapshot.counts_spend and idle(snapshot))
        assert shown.problems == ()
        assert shown.state is SnapshotState.FRESH


def test_an_unexpected_error_in_a_change_is_answered_and_logged(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    """A request that nobody knows how to carry out: the next one, and the reading, are not harmed."""
    watched.log(1, ONE_DOLLAR)
    with running(watched):
        watched.wait(idle)
        with caplog.at_level(logging.ERROR):
            unknown = watched.engine.submit(cast(Request, object()))
            known = watched.engine.submit(MAX)
            answer = watched.answer(unknown)
        assert answer.problem is not None
        assert answer.problem.message == "an unexpected error; it is in the log file"
        assert watched.answer(known).problem is None
        assert [record.message for record in caplog.records] == ["a change failed"]
        assert caplog.records[0].exc_info is not None
        watched.log(2, ONE_DOLLAR)
        shown = watched.wait(lambda snapshot: bool(snapshot.sources) and snapshot.today.list_cost == Decimal(2))
        assert shown.state is SnapshotState.FRESH


def test_a_busy_history_is_told_and_the_engine_goes_on(watched: Watched) -> None:
    """Another process holds the lock for longer than we wait: the change is answered, and works the next time."""
    with running(watched):
        watched.wait(anything)
        watched.ask(FinishFirstRun())
        other = sqlite3.connect(watched.paths.history, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        answer = watched.ask(MAX, 8)
        other.execute("ROLLBACK")
        other.close()
        assert answer.problem is not None
        assert answer.problem.title == "The history is busy"
        assert watched.ask(MAX).problem is None


def test_a_failing_engine_rests_whatever_is_asked_of_it(watched: Watched) -> None:
    """Each thing asked for brings one more try, not a loop; after it the engine rests as before."""
    watched.paths.data.mkdir(parents=True)
    watched.paths.history.write_bytes(b"somebody's file" * 300)
    with running(watched):
        watched.wait(lambda snapshot: bool(snapshot.problems))
        ways: tuple[Callable[[], object], ...] = (
            watched.engine.refresh,
            lambda: watched.engine.want_setup(True),
            lambda: watched.ask(MAX),
        )
        for way in ways:
            before = len(watched.seen)
            way()
            watched.wait(anything, 3, after=before)
        watched.engine.look_again()
        time.sleep(1)
        assert len(watched.seen) <= 1 + 2 * len(ways)
        tries = len(watched.seen)
        for _ in range(5):
            watched.engine.look_again()
        time.sleep(1)
        assert len(watched.seen) == tries, "what only asks to be shown does not end a rest"


def test_asking_for_everything_before_it_fails_is_one_try_more(watched: Watched) -> None:
    """Requests that came while the history was being opened are not left standing to wake it again and again."""
    watched.paths.data.mkdir(parents=True)
    watched.paths.history.write_bytes(b"somebody's file" * 300)
    watched.engine.refresh()
    watched.engine.want_setup(True)
    watched.engine.look_again()
    number = watched.engine.submit(MAX)
    with running(watched):
        assert watched.answer(number).problem is not None
        time.sleep(1)
        assert 1 <= len(watched.seen) <= 2


def test_pages_that_cannot_be_read_do_not_end_the_engine(watched: Watched) -> None:
    """The file opens, but a table in it is broken: it is told, again on each try, and what is asked is answered."""
    watched.paths.data.mkdir(parents=True)
    watched.log(1)
    open_writer(watched.paths.history).close()
    connection = sqlite3.connect(watched.paths.history)
    root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'payer_rules'").fetchone()[0]
    size = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with watched.paths.history.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
    with running(watched):
        failed = watched.wait(lambda snapshot: bool(snapshot.problems))
        assert failed.state is SnapshotState.FAILING
        watched.engine.want_setup(True)
        watched.wait_setup(lambda setup: bool(setup.problems), 3)
        assert watched.ask(MAX, 3).problem is not None
        assert watched.ask(MAX, 3).problem is not None


def test_a_removed_history_begins_afresh(watched: Watched) -> None:
    """Nothing is written into a file that is gone: a new one is made, and read from the logs."""
    if os.name == "nt":
        pytest.skip("an open file cannot be removed there")
    watched.log(1, ONE_DOLLAR)
    with running(watched):
        watched.wait(idle)
        watched.ask(MAX)
        for file in sorted(watched.paths.data.glob("history.db*")):
            file.unlink()
        before = len(watched.seen)
        watched.wait(lambda snapshot: idle(snapshot) and not snapshot.counts_spend, after=before)
        assert watched.ask(AddReference("hourly", "60", "USD", TODAY)).problem is None
        with watched.history() as history:
            assert history.plans() == []
            assert len(history.reference_points()) == 1


def test_figures_stay_on_show_while_something_fails(watched: Watched) -> None:
    """The last that were known, their age, and what is wrong; once it is mended, as before."""
    if os.name == "nt":
        pytest.skip("an open file cannot be replaced there")
    watched.log(1, ONE_DOLLAR)
    with running(watched):
        good = watched.wait(idle)
        watched.settings('[appearance]\nicon_mode = "square"\n')
        watched.wait(lambda snapshot: bool(snapshot.problems))
        other = watched.paths.data / "other"
        other.write_bytes(b"somebody's file" * 300)
        for beside in watched.paths.data.glob("history.db-*"):
            beside.unlink()  # else what is in there makes the file whole again
        other.replace(watched.paths.history)
        failed = watched.wait(lambda snapshot: snapshot.state is SnapshotState.FAILING)
        assert failed.lines == (*good.lines[:2], f"The history is damaged · {good.as_of_text}")
        assert failed.today == good.today
        assert [problem.grave for problem in failed.problems] == [True, False], (
            "the remark on a setting stays beside it"
        )
        watched.paths.history.unlink()
        before = len(watched.seen)
        watched.engine.refresh()
        mended = watched.wait(lambda snapshot: snapshot.state is SnapshotState.FRESH, after=before)
        assert mended.lines[:2] == good.lines[:2]


def test_the_setup_is_sent_only_where_it_is_wanted_and_differs(watched: Watched) -> None:
    """A tray whose windows are closed makes none; an open window gets one at once, then only news."""
    watched.log(1, ONE_DOLLAR)
    with running(watched):
        watched.wait(idle)
        watched.ask(MAX)
        assert watched.setups == []
        watched.engine.want_setup(True)
        watched.wait_setup(lambda setup: bool(setup.plans), 1)
        watched.engine.want_setup(True)
        watched.wait_setup(anything, 1, after=1)
        before = len(watched.setups)
        watched.engine.look_again()
        time.sleep(1)
        assert len(watched.setups) == before, "nothing has changed, so nothing is told"
        watched.engine.want_setup(False)
        watched.ask(RemovePlan(1))
        watched.engine.want_setup(True)
        assert watched.wait_setup(anything, 1, after=before).plans == ()


def test_the_next_snapshot_holds_what_was_changed(watched: Watched) -> None:
    """Reference points and which of them leads: told in minutes, then in coffees."""
    watched.log(1, 4 * 39_950)
    with running(watched):
        watched.wait(idle)
        watched.ask(AddReference("hourly", "60", "USD", LONG_AGO))
        watched.wait(lambda snapshot: snapshot.today.equivalent_text == "4 min of your time", 1)
        watched.ask(AddReference("thing", "2", "USD", LONG_AGO, name="coffee"))
        watched.engine.want_setup(True)
        setup = watched.wait_setup(lambda setup: len(setup.references) == 2, 1)
        (coffee,) = (one for one in setup.references if one.kind == "thing")
        watched.ask(LeadReference(coffee.id))
        shown = watched.wait(lambda snapshot: snapshot.today.equivalent_text == "2 coffees", 1)
        assert shown.today_minutes == 4, "the ring stays in time"


@pytest.mark.parametrize("state", ["not started", "idle", "reading", "failing", "busy listener"])
def test_stopping_in_every_state(state: str, tmp_path: Path) -> None:
    """Within two seconds, from whichever thread, and again."""
    watched = Watched(tmp_path)
    free = threading.Event()
    if state == "not started":
        assert watched.engine.stop(0.1)
        return
    if state == "reading":
        many_files(watched)
    if state == "failing":
        watched.paths.data.mkdir(parents=True)
        watched.paths.history.write_bytes(b"somebody's file" * 300)
    if state == "busy listener":

        def slow(_: Snapshot) -> None:
            free.wait(1)

        watched.engine.listen(slow)
    watched.engine.start()
    wanted: dict[str, Callable[[Snapshot], bool]] = {
        "idle": lambda snapshot: snapshot.state is SnapshotState.NOTHING_READ,
        "reading": lambda snapshot: snapshot.progress is not None,
        "failing": lambda snapshot: bool(snapshot.problems),
        "busy listener": anything,
    }
    watched.wait(wanted[state])
    watched.engine.submit(MAX)
    began = time.monotonic()
    assert watched.engine.stop(2)
    assert time.monotonic() - began < 2
    assert watched.engine.stop(2)
    if state != "failing":
        with watched.history() as history:
            assert [plan.name for plan in history.plans()] == ["Claude Max"], "asked for before the end"


def test_the_command_line_and_the_engine_change_one_history(watched: Watched, tokentray: Callable[..., object]) -> None:
    """A plan added in a terminal is in the next snapshot; one added in a window is refused in the terminal."""
    watched.log(1, ONE_DOLLAR)
    with running(watched):
        watched.wait(idle)
        done = tokentray(
            "plans", "add", "Claude Max", "--agent", "claude-code", "--fee", "200", "--from", str(LONG_AGO),
            home=watched.paths.data,
        )  # fmt: skip
        assert getattr(done, "returncode", None) == 0, done
        watched.wait(lambda snapshot: [row.id for row in snapshot.sources] == ["plan:1"], 1.5)
        done = tokentray("settings", "set", "appearance.icon_mode", "mark", home=watched.paths.data)
        assert getattr(done, "returncode", None) == 0, done
        watched.wait(lambda snapshot: snapshot.icon_mode == "mark", 1.5)
        assert watched.ask(AddPlan("Claude Pro", (), "20", "USD", TODAY)).problem is None
        done = tokentray("plans", "add", "claude pro", "--fee", "20", "--from", str(TODAY), home=watched.paths.data)
        assert getattr(done, "returncode", None) == 2, done


def test_a_backup_put_back_is_read_on_from(watched: Watched, tokentray: Callable[..., object], tmp_path: Path) -> None:
    """What was told since is gone, what the logs hold is read again at once, and nobody has to ask for it."""
    watched.log(1, ONE_DOLLAR)
    with running(watched):
        watched.wait(idle)
        done = tokentray("backup", tmp_path / "backup.db", home=watched.paths.data)
        assert getattr(done, "returncode", None) == 0, done
        watched.ask(MAX)
        watched.log(2, ONE_DOLLAR)
        watched.wait(lambda snapshot: snapshot.counts_spend and snapshot.today.list_cost == 2)
        before = len(watched.seen)
        done = tokentray("restore", tmp_path / "backup.db", home=watched.paths.data)
        assert getattr(done, "returncode", None) == 0, done
        shown = watched.wait(
            lambda snapshot: idle(snapshot) and not snapshot.counts_spend and snapshot.today.list_cost == 2, 3, before
        )
        assert shown.state is SnapshotState.FRESH
        time.sleep(1)
        count = len(watched.seen)
        time.sleep(1)
        assert len(watched.seen) == count, "it is read once"


def test_folders_apart(tmp_path: Path) -> None:
    """History, settings and log in folders of their own, as on a person's system."""
    paths = Paths(tmp_path / "share" / "t", tmp_path / "state" / "t", tmp_path / "config" / "t")
    watched = Watched(tmp_path, paths=paths)
    with running(watched):
        watched.wait(anything)
        assert watched.ask(SetSetting("appearance.icon_mode", "mark")).problem is None
        watched.wait(lambda snapshot: snapshot.icon_mode == "mark", 1)
    assert paths.settings.is_file()
    assert date.fromisoformat(NOW[:10]) <= TODAY
