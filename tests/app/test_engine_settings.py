"""Settings while the engine runs: taken up from the file however it is written, and at work at once."""

import os
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.app.engines import NOW, MovableClock, Watched, anything, idle, running
from tests.app.test_cli import line
from tokentray.clock import SystemClock, UtcZone, rfc3339
from tokentray.engine.inbox import Inbox
from tokentray.engine.watcher import Watcher
from tokentray.paths import Paths
from tokentray.requests import SetRate, SetSetting
from tokentray.snapshot import Snapshot, SnapshotState

ONE_DOLLAR = 39_800
SOON_S = 2.0
"""It takes a third of a second; the rest is for a machine that does other things too."""


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    """An engine whose settings lie in a folder of their own, as on a person's system; not started yet."""
    made = Watched(tmp_path, paths=Paths(tmp_path / "data", tmp_path / "state", tmp_path / "config" / "app"))
    made.log(1, ONE_DOLLAR)
    return made


def icon(mode: str) -> str:
    """A settings file with a word for the icon."""
    return f'[appearance]\nicon_mode = "{mode}"\n'


def shows(mode: str) -> Callable[[Snapshot], bool]:
    """Whether a snapshot is of that setting."""
    return lambda snapshot: snapshot.icon_mode == mode


def today_is(dollars: int) -> Callable[[Snapshot], bool]:
    """Whether a snapshot shows so much of today."""
    return lambda snapshot: snapshot.today.list_cost == Decimal(dollars)


def in_place(file: Path, text: str) -> None:
    file.write_text(text)


def by_rename(file: Path, text: str) -> None:
    """As most editors save: a new file beside the old one, then in its place."""
    beside = file.with_name("settings.toml~new")
    beside.write_text(text)
    beside.replace(file)


def from_elsewhere(file: Path, text: str) -> None:
    """Moved there from a folder that nobody watches."""
    away = file.parents[2] / "away.toml"
    away.write_text(text)
    away.replace(file)


@pytest.mark.parametrize("write", [in_place, by_rename, from_elsewhere])
def test_a_file_edited_by_hand(write: Callable[[Path, str], None], watched: Watched) -> None:
    """Made, changed and removed while running: each time the next snapshot has it at once."""
    watched.paths.config.mkdir(parents=True)
    with running(watched):
        watched.wait(idle)
        assert watched.seen[-1].icon_mode == "ring"
        for mode in ("amount", "mark", "amount"):
            before = len(watched.seen)
            write(watched.paths.settings, icon(mode))
            watched.wait(shows(mode), SOON_S, before)
        before = len(watched.seen)
        watched.paths.settings.unlink()
        watched.wait(shows("ring"), SOON_S, before)


def test_its_folder_made_later(watched: Watched) -> None:
    """Several levels of it, then the file; also after the folder was removed again."""
    with running(watched):
        watched.wait(idle)
        watched.settings(icon("amount"))
        watched.wait(shows("amount"), 2 * SOON_S)
        before = len(watched.seen)
        watched.paths.settings.write_text(icon("mark"))
        watched.wait(shows("mark"), SOON_S, before)
        before = len(watched.seen)
        watched.paths.settings.unlink()
        watched.paths.config.rmdir()
        watched.wait(shows("ring"), SOON_S, before)
        watched.settings(icon("amount"))
        watched.wait(shows("amount"), 2 * SOON_S, before)
        before = len(watched.seen)
        watched.paths.settings.write_text(icon("mark"))
        watched.wait(shows("mark"), SOON_S, before)


@pytest.mark.skipif(os.name == "nt", reason="links need a right there that few have")
def test_a_file_that_is_a_link(watched: Watched, tmp_path: Path) -> None:
    """Kept with other such files elsewhere: an edit there counts here."""
    kept = tmp_path / "kept" / "tokentray.toml"
    kept.parent.mkdir()
    kept.write_text(icon("amount"))
    watched.paths.config.mkdir(parents=True)
    watched.paths.settings.symlink_to(kept)
    with running(watched):
        watched.wait(lambda snapshot: idle(snapshot) and snapshot.icon_mode == "amount")
        for mode in ("mark", "ring", "mark"):
            before = len(watched.seen)
            by_rename(kept, icon(mode))
            watched.wait(shows(mode), SOON_S, before)


def test_half_written(watched: Watched) -> None:
    """What held before holds on, said as a remark; the rest of the file makes it go away."""
    watched.settings(icon("amount"))
    with running(watched):
        watched.wait(lambda snapshot: idle(snapshot) and snapshot.icon_mode == "amount")
        watched.paths.settings.write_text('[appearance]\nicon_mode = "ma')
        told = watched.wait(lambda snapshot: bool(snapshot.problems), SOON_S)
        (problem,) = told.problems
        assert not problem.grave
        assert problem.message.startswith("settings.toml line 2 is not TOML")
        assert problem.message.endswith("the settings stay as they were")
        assert (problem.title, problem.hint) == (
            "The settings file is not used",
            "Mend it there, or move the file away",
        )
        assert (told.icon_mode, told.state) == ("amount", SnapshotState.FRESH)
        watched.paths.settings.write_text(icon("mark"))
        mended = watched.wait(shows("mark"), SOON_S)
        assert mended.problems == ()


def test_a_bad_value_falls_back_with_a_notice(watched: Watched) -> None:
    """Only that setting: the others of the file count. The setup has the notice beside it."""
    with running(watched):
        watched.wait(idle)
        watched.engine.want_setup(True)
        watched.settings(icon("square") + "[refreshing]\ninterval_min = 7\n")
        told = watched.wait(lambda snapshot: bool(snapshot.problems), 2 * SOON_S)
        assert (told.icon_mode, told.problems[0].grave) == ("ring", False)
        setup = watched.wait_setup(lambda setup: bool(setup.problems), SOON_S)
        values = {value.key: value for value in setup.settings}
        assert "line 2" in values["appearance.icon_mode"].notice
        assert values["appearance.icon_mode"].is_default
        assert (values["refreshing.interval_min"].text, values["refreshing.interval_min"].is_default) == ("7", False)
        answer = watched.ask(SetSetting("appearance.icon_mode", "mark"))
        assert answer.problem is None
        watched.wait(lambda snapshot: snapshot.icon_mode == "mark" and not snapshot.problems, SOON_S)


def test_a_window_changes_one_and_leaves_the_rest(watched: Watched) -> None:
    """Unknown keys and comments of the file survive; the default takes the value out again."""
    watched.settings('# mine\n[appearance]\nfuture = "kept"\n\n[other]\nthing = 3\n')
    with running(watched):
        watched.wait(idle)
        assert watched.ask(SetSetting("appearance.icon_mode", "mark")).problem is None
        watched.wait(shows("mark"), SOON_S)
        text = watched.paths.settings.read_text()
        assert all(part in text for part in ("# mine", 'future = "kept"', "thing = 3", 'icon_mode = "mark"'))
        before = len(watched.seen)
        assert watched.ask(SetSetting("appearance.icon_mode", None)).problem is None
        watched.wait(shows("ring"), SOON_S, before)


def test_logs_are_not_followed_while_that_is_off(watched: Watched) -> None:
    """Written meanwhile: read once it is on again, and by Refresh all the while."""
    with running(watched):
        watched.wait(today_is(1))
        assert watched.ask(SetSetting("refreshing.watch", "off")).problem is None
        watched.log(2, ONE_DOLLAR)
        watched.settings("[refreshing]\nwatch = false\n" + icon("mark"))
        assert today_is(1)(watched.wait(shows("mark"), SOON_S)), "an event of the log would have come before"
        watched.engine.refresh()
        watched.wait(today_is(2), SOON_S)
        watched.log(3, ONE_DOLLAR)
        assert watched.ask(SetSetting("refreshing.watch", "on")).problem is None
        watched.wait(today_is(3), SOON_S)
        watched.log(4, ONE_DOLLAR)
        watched.wait(today_is(4), 2 * SOON_S)


def test_what_is_written_while_the_watches_are_made_anew_is_taken(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turning the following of logs off ends all watches for a moment, in which nothing makes an event."""
    stop, show = Watcher.stop, Inbox.show

    def written_meanwhile(self: Watcher) -> None:
        stop(self)
        assert self._observer is not None
        self._observer.join()  # no event of it is still under way
        watched.settings("[refreshing]\nwatch = false\n" + icon("mark"))
        monkeypatch.setattr(Inbox, "show", show)

    with running(watched):
        watched.wait(today_is(1))
        time.sleep(1)  # events of the start would have the settings read once more
        monkeypatch.setattr(Watcher, "stop", written_meanwhile)
        monkeypatch.setattr(Inbox, "show", lambda _: None)  # that of the change itself is lost with the watches
        assert watched.ask(SetSetting("refreshing.watch", "off")).problem is None
        watched.wait(shows("mark"), SOON_S)
        monkeypatch.undo()


def test_nothing_is_read_under_a_pause(tmp_path: Path) -> None:
    """Not by file events, nor when the time has come, nor at the start; Refresh reads; its end reads what is new."""
    clock = MovableClock()
    watched = Watched(tmp_path, clock=clock)
    watched.log(1, ONE_DOLLAR)
    watched.settings("[refreshing]\npaused = true\n")
    with running(watched):
        watched.wait(anything)
        watched.settings("[refreshing]\npaused = true\n" + icon("mark"))
        assert watched.wait(shows("mark")).state is SnapshotState.NOTHING_READ
        watched.engine.refresh()
        watched.wait(today_is(1), SOON_S)
        watched.log(2, ONE_DOLLAR)
        (watched.logs.parent / "-src-new").mkdir()
        clock.ahead_s = 3600
        watched.settings("[refreshing]\npaused = true\n" + icon("amount"))
        shown = watched.wait(shows("amount"), SOON_S)
        assert today_is(1)(shown) or shown.today.tokens == 0, "an hour on it may be tomorrow"
        assert shown.state is SnapshotState.FRESH, "a chosen pause makes nothing stale"
        clock.ahead_s = 0
        assert watched.ask(SetSetting("refreshing.paused", "false")).problem is None
        watched.wait(today_is(2), SOON_S)


def test_a_pause_in_the_middle_of_a_read(watched: Watched) -> None:
    """It takes hold at once; afterwards the rest is read, and nothing twice."""
    for index in range(300):
        text = "".join(line(index * 200 + n + 10, "2026-01-01T10:00:00.000Z") for n in range(200))
        (watched.logs / f"more{index}.jsonl").write_text(text)
    with running(watched):
        watched.wait(lambda snapshot: snapshot.progress is not None)
        assert watched.ask(SetSetting("refreshing.paused", "true"), SOON_S).problem is None
        paused = watched.wait(lambda snapshot: snapshot.progress is None, SOON_S, len(watched.seen) - 1)
        assert paused.progress is None
        with watched.history() as history:
            done = sum(history.held().files.values())
        assert done < 301
        assert watched.ask(SetSetting("refreshing.paused", "false")).problem is None
        watched.engine.want_setup(True)
        setup = watched.wait_setup(lambda setup: setup.progress is None and setup.agents[0].files == 301, 30)
        assert (setup.agents[0].requests, setup.agents[0].sessions) == (60_001, 1)


def test_another_interval_holds_at_once(tmp_path: Path) -> None:
    """Two minutes after the last look, an interval of one minute makes the next one due."""
    clock = MovableClock()
    watched = Watched(tmp_path, clock=clock)
    watched.log(1, ONE_DOLLAR)
    watched.settings("[refreshing]\nwatch = false\n")
    with running(watched):
        watched.wait(today_is(1))
        watched.log(2, ONE_DOLLAR)
        clock.ahead_s = 120
        watched.settings("[refreshing]\nwatch = false\n" + icon("mark"))
        assert watched.wait(shows("mark"), SOON_S).today.tokens <= 1000 + ONE_DOLLAR
        watched.settings("[refreshing]\nwatch = false\ninterval_min = 1\n")
        watched.wait(lambda snapshot: today_is(2)(snapshot) or snapshot.month.list_cost == Decimal(2), SOON_S)


def test_many_small_events_do_not_put_the_regular_look_off(tmp_path: Path) -> None:
    """The time since the last look counts, not the time since anything at all happened."""
    clock = MovableClock()
    watched = Watched(tmp_path, clock=clock)
    watched.log(1, ONE_DOLLAR)
    watched.settings("[refreshing]\nwatch = false\n")
    with running(watched):
        watched.wait(today_is(1))
        watched.log(2, ONE_DOLLAR)
        for minute in range(0, 14, 2):
            clock.ahead_s = minute * 60
            watched.engine.look_again()
        clock.ahead_s = 15 * 60 + 1
        watched.engine.look_again()
        watched.wait(lambda snapshot: snapshot.month.tokens == 2 * (1000 + ONE_DOLLAR), SOON_S)


def test_another_time_zone_moves_the_days(tmp_path: Path) -> None:
    """What was used an hour ago is today's where it is noon now, and yesterday's where it has just struck midnight."""
    now_utc = SystemClock().now_utc()
    hour = now_utc // 3600 % 24

    def zone_at(wanted: int) -> str:
        ahead = (wanted - hour + 11) % 24 - 11
        return f"Etc/GMT{-ahead:+d}"  # its sign is the other way round

    watched = Watched(tmp_path, utc=False)
    watched.logs.mkdir(parents=True)
    (watched.logs / "s1.jsonl").write_text(line(1, rfc3339(now_utc - 3660, UtcZone()), out=ONE_DOLLAR))
    watched.settings(f'[days]\ntime_zone = "{zone_at(12)}"\n')
    with running(watched):
        watched.wait(today_is(1))
        watched.settings(f'[days]\ntime_zone = "{zone_at(0)}"\n')
        moved = watched.wait(today_is(0), SOON_S, 1)
        assert moved.days[-2].amount.list_cost == Decimal(1)
        answer = watched.ask(SetSetting("days.time_zone", "Mars/Olympus"))
        assert answer.field == "days.time_zone"
        watched.settings('[days]\ntime_zone = "Mars/Olympus"\n')
        told = watched.wait(lambda snapshot: bool(snapshot.problems), SOON_S)
        assert not told.problems[0].grave


def test_a_currency_and_a_working_week(watched: Watched) -> None:
    """Settings that change what amounts say are in the next snapshot."""
    with running(watched):
        watched.wait(today_is(1))
        assert watched.ask(SetRate("EUR", "USD", "1.25", date(2026, 1, 1))).problem is None
        assert watched.ask(SetSetting("money.currency", "EUR")).problem is None
        shown = watched.wait(lambda snapshot: snapshot.today.currency == "EUR", SOON_S)
        assert shown.today.amount_text == "≈ €0.80"
        seen = len(watched.seen)
        assert watched.ask(SetSetting("money.currency", "CHF")).problem is None
        shown = watched.wait(lambda snapshot: snapshot.today.currency == "USD", SOON_S, seen)
        assert shown.today.amount_text == "≈ $1.00", "no rate leads there, so it stays what it is"


@pytest.mark.skipif(os.name == "nt", reason="links need a right there that few have")
def test_logs_behind_a_link_are_followed(tmp_path: Path) -> None:
    """The agent's folder kept on another disk: what is appended, and what is new in it, is read at once."""
    watched = Watched(tmp_path)
    kept = tmp_path / "disk" / "projects"
    kept.mkdir(parents=True)
    watched.logs.parent.parent.mkdir(parents=True)
    watched.logs.parent.symlink_to(kept)
    with running(watched):
        watched.wait(idle)
        watched.log(1, ONE_DOLLAR)
        watched.wait(today_is(1), 2 * SOON_S)
        watched.log(2, ONE_DOLLAR)
        watched.wait(today_is(2), 2 * SOON_S)
        (kept / "-src-new").mkdir()
        (kept / "-src-new" / "s2.jsonl").write_text(line(3, NOW, out=ONE_DOLLAR))
        watched.wait(today_is(3), 2 * SOON_S)
