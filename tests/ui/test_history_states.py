"""What the history window says of its sources: that they are being read, that one fails, that they are old."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAccessible
from PySide6.QtGui import Qt as Rich
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from tests.ui.fake_engine import FakeEngine, FakeReports
from tests.ui.hands import click, focused, press
from tests.ui.history_scenes import source
from tests.ui.history_window import Held, Put, put_windows
from tests.ui.scenes import ordinary
from tokentray.question import Question
from tokentray.snapshot import Problem, ReadProgress, Snapshot, SourceHealth
from tokentray.ui.bridge import Bridge
from tokentray.ui.forms.tabs import stops
from tokentray.ui.history.foot import Foot
from tokentray.ui.history.health import health_of
from tokentray.ui.historyowner import HistoryOwner
from tokentray.ui.sections import FIRST_READ
from tokentray.ui.state import State

REFUSED = "Key refused: OpenRouter does not know this key, or no longer. Replace the key"
LOCKED = "Keyring locked: it was not unlocked. Unlock the keyring, then try again"
CLAUDE = source("claude-code", "Claude Code")
CODEX = source("codex", "Codex")
REFUSES = source("account:3", "OpenRouter", REFUSED)
NEVER = source("claude-code", "Claude Code", never=True)


def told(*health: SourceHealth, progress: ReadProgress | None = None, problems: tuple[Problem, ...] = ()) -> Snapshot:
    """A snapshot that says this of its sources."""
    return ordinary()._replace(health=health, progress=progress, problems=problems)


@pytest.fixture(name="put")
def put_fixture(demo_home: Path, qtbot: QtBot) -> Iterator[Put]:
    yield from put_windows(demo_home, qtbot)


@pytest.fixture(name="held")
def held_fixture(put: Put) -> Held:
    held = put()
    held.open(Question())
    return held


@pytest.fixture(name="bare")
def bare_fixture(put: Put, tmp_path: Path) -> Held:
    """A window over no history at all."""
    held = put(tmp_path)
    held.open(Question())
    return held


def _answer_again(held: Held) -> None:
    """As after each look at the logs: the same question, answered anew."""
    with held.qtbot.waitSignal(held.window.asking.answered, timeout=20_000):
        held.window.asking.again()


def test_well_read_sources_are_not_spoken_of(held: Held) -> None:
    held.window.show_snapshot(told(CLAUDE, CODEX))
    assert held.window.foot.trouble.isHidden()
    assert held.window.foot.as_of.words() == "a made-up year"


def test_a_read_is_counted_where_else_it_says_as_of_when(held: Held) -> None:
    """Amounts still grow meanwhile; nothing moves as the line comes, counts on and goes."""
    window = held.window
    age = window.foot.as_of.words()
    parts = (window.foot, window.busy, window.headline, window.body.chart, window.body.table)

    def places() -> list[QPoint]:
        QApplication.processEvents()
        return [part.mapTo(window, QPoint(0, 0)) for part in parts]

    before = places()
    window.show_snapshot(told(CLAUDE, progress=ReadProgress(214, 1190)))
    assert window.foot.as_of.words() == "Reading logs: 214 of 1,190 files; amounts still grow"
    assert places() == before
    window.show_snapshot(told(CLAUDE, progress=ReadProgress(1189, 1190)))
    assert window.foot.as_of.words() == "Reading logs: 1,189 of 1,190 files; amounts still grow"
    _answer_again(held)
    assert "1,189 of 1,190" in window.foot.as_of.words(), "an answer that comes meanwhile leaves it there"
    assert places() == before
    window.show_snapshot(told(CLAUDE))
    assert "1,189 of 1,190" in window.foot.as_of.words(), "until there are the figures that came of it"
    _answer_again(held)
    assert window.foot.as_of.words() == age
    assert places() == before


@pytest.mark.parametrize("turned", [False, True])
def test_how_far_a_read_has_come_is_painted(put: Put, turned: bool) -> None:
    """A line that begins where one begins to read; half of the files are half of it."""
    if turned:
        QApplication.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    held = put()
    held.open(Question())
    line = held.window.busy
    plain = line.grab().toImage()
    held.window.show_snapshot(told(CLAUDE, progress=ReadProgress(500, 1000)))
    half = line.grab().toImage()
    left, right = (half.pixelColor(at, 1) for at in (line.width() // 4, line.width() * 3 // 4))
    assert left != right
    held.window.show_snapshot(told(CLAUDE, progress=ReadProgress(1000, 1000)))
    done = line.grab().toImage().pixelColor(line.width() // 2, 1)
    assert done == (right if turned else left)
    held.window.show_snapshot(told(CLAUDE))
    assert line.grab().toImage() == plain


def test_an_empty_history_says_that_it_is_being_read(bare: Held) -> None:
    """As the popover does; once all is read and there is still nothing, it says that."""
    window = bare.window
    nothing = window.body.empty.words()
    assert nothing
    window.show_snapshot(told(NEVER, progress=ReadProgress(2, 9)))
    assert window.body.empty.words().split() == FIRST_READ.split(), "at once"
    _answer_again(bare)
    assert window.body.empty.words().split() == FIRST_READ.split(), "and with the next answer"
    window.show_snapshot(told(CLAUDE, NEVER, progress=ReadProgress(5, 9)))
    assert window.body.empty.words() == f"{nothing}\nLogs are still being read."
    window.show_snapshot(told(CLAUDE))
    _answer_again(bare)
    assert window.body.empty.words() == nothing


def test_a_failing_source_leads_to_its_mend(held: Held) -> None:
    """By a click and by keyboard, as the last stop of the window; the whole stands in the tooltip."""
    window = held.window
    asked: list[str] = []
    window.settings_asked.connect(asked.append)
    window.show_snapshot(told(CLAUDE, REFUSES))
    trouble = window.foot.trouble
    assert trouble.isVisible()
    assert trouble.text() == "OpenRouter: Key refused"
    assert trouble.sign.grave
    assert "Replace the key" in trouble.toolTip()
    heard = QAccessible.queryAccessibleInterface(trouble)
    assert heard is not None
    assert heard.role() == QAccessible.Role.Button
    assert heard.text(QAccessible.Text.Name) == "OpenRouter: Key refused"
    assert REFUSED in heard.text(QAccessible.Text.Description)
    click(trouble)
    assert list(stops(window))[-1] is trouble
    window.views.setFocus()
    press(Qt.Key.Key_Backtab)
    assert focused() is trouble
    press(Qt.Key.Key_Return)
    press(Qt.Key.Key_Space)
    assert asked == ["account:3"] * 3


def test_an_ampersand_in_a_name_is_no_key(held: Held) -> None:
    """Only the pointer and the keyboard on it press a button, whatever letter follows."""
    asked: list[str] = []
    held.window.settings_asked.connect(asked.append)
    held.window.show_snapshot(told(source("account:3", "R&D", REFUSED)))
    trouble = held.window.foot.trouble
    press(Qt.Key.Key_D, Qt.KeyboardModifier.AltModifier)
    assert not trouble.isDown()
    trouble.setFocus()
    press(Qt.Key.Key_Return)
    assert asked == ["account:3"]
    assert trouble.text() == "R&D: Key refused"


def test_focus_tells_the_whole(held: Held, qtbot: QtBot) -> None:
    held.window.show_snapshot(told(CLAUDE, REFUSES))
    held.window.foot.trouble.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(lambda: "Replace the key" in QToolTip.text().replace("\n", " "))
    QToolTip.hideText()


def test_a_mended_source_gives_the_keyboard_back(held: Held) -> None:
    """Its word goes, and who was on it stands in the table rather than nowhere."""
    window = held.window
    window.show_snapshot(told(CLAUDE, REFUSES))
    window.foot.trouble.setFocus()
    window.show_snapshot(told(CLAUDE, CODEX))
    assert window.foot.trouble.isHidden()
    assert focused() is window.body.table.body


@pytest.mark.parametrize(
    ("health", "words", "page"),
    [
        ((source("codex", "Codex", "Two files could not be read"),), "Codex: Two files could not be read", "agents"),
        ((source("account:3", "A", LOCKED), source("account:4", "B", LOCKED)), "A and B: Keyring locked", "accounts"),
        (tuple(source(f"account:{n}", "A", LOCKED) for n in range(3)), "3 accounts: Keyring locked", "accounts"),
        ((source("account:3", "A", LOCKED), REFUSES), "A: Keyring locked; 1 more", "account:3"),
        ((source("codex", "Codex", stale=True), REFUSES), "OpenRouter: Key refused; 1 more", "account:3"),
        ((source("codex", "Codex", stale=True),), "Codex: as of 11:58, not read since", "agents"),
        ((source("pi", "pi", stale=True), source("amp", "Amp", stale=True)), "pi and Amp: not read lately", "agents"),
        ((NEVER, source("account:4", "OpenAI", never=True)), "OpenAI: not read yet", "account:4"),
        (
            (*(source(f"a{n}", "A", stale=True) for n in range(2)), source("account:1", "B", stale=True)),
            "3 sources: not read lately",
            "account:1",
        ),
    ],
)
def test_the_gravest_is_said_and_how_much_more_there_is(
    held: Held, health: tuple[SourceHealth, ...], words: str, page: str
) -> None:
    """What is the same for several is said once; failures come before what is merely old."""
    held.window.show_snapshot(told(*health))
    trouble = held.window.foot.trouble
    assert trouble.text() == words
    assert trouble.page == page
    assert trouble.sign.grave == any(one.error for one in health)
    assert all(one.label in trouble.accessibleDescription() for one in health if one is not NEVER)


def test_of_several_old_ones_the_oldest_tells_since_when(held: Held) -> None:
    """In whatever order they come."""
    amp, codex = source("amp", "Amp", stale=True), source("codex", "Codex", stale=True)
    (line,) = (one for one in ordinary().sources if one.id == "codex")
    snapshot = told(codex, amp._replace(last_success_utc=86_400))
    snapshot = snapshot._replace(sources=(line, line._replace(id="amp", as_of_text="as of 3 Nov")))
    held.window.show_snapshot(snapshot)
    assert held.window.foot.trouble.text() == "Codex and Amp: as of 3 Nov, not read since"
    held.window.show_snapshot(snapshot._replace(health=snapshot.health[::-1]))
    assert held.window.foot.trouble.text() == "Amp and Codex: as of 3 Nov, not read since"


def test_what_no_setting_mends_is_told_by_a_click(held: Held, qtbot: QtBot) -> None:
    """A history that cannot be written: what, on what and what to do. A remark on a setting is none of this window."""
    window = held.window
    asked: list[str] = []
    window.settings_asked.connect(asked.append)
    remark = Problem("A setting is not used", "", "", grave=False)
    window.show_snapshot(told(CLAUDE, problems=(remark,)))
    assert window.foot.trouble.isHidden()
    full = Problem("The history cannot be written", "the disk is full", "Make room")
    window.show_snapshot(told(CLAUDE, problems=(remark, full)))
    assert window.foot.trouble.text() == "The history cannot be written"
    click(window.foot.trouble)
    qtbot.waitUntil(lambda: "The disk is full. Make room" in QToolTip.text().replace("\n", " "))
    assert asked == []
    QToolTip.hideText()


@pytest.mark.parametrize("turned", [False, True])
def test_its_words_stand_beside_its_sign(put: Put, turned: bool) -> None:
    """On the side where one reads on, and cut where there is little room."""
    if turned:
        QApplication.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    held = put()
    held.open(Question())
    held.window.resize(640, 480)
    held.window.show_snapshot(told(source("account:9", "N" * 300, REFUSED), CODEX))
    QApplication.processEvents()
    trouble = held.window.foot.trouble
    sign = trouble.sign.geometry()
    trouble.sign.hide()
    seen = trouble.grab().toImage()
    ground = seen.pixelColor(0, 0)
    inked = [x for x in range(seen.width()) if any(seen.pixelColor(x, y) != ground for y in range(seen.height()))]
    assert len(inked) > 60
    assert max(inked) < sign.left() if turned else min(inked) > sign.right()


def test_any_name_is_plain_text_and_has_its_room(held: Held) -> None:
    """However long a name is, what is pointed at is still told beside it, and the window keeps its least size."""
    window = held.window
    window.resize(640, 480)
    for label in ("<img src=x onerror=alert(1)>", "م" * 300, "two\nlines\x1b[31m", "\N{ROCKET}" * 60):
        window.show_snapshot(told(source("account:9", label, "<b>No</b>: \a" + "x" * 300), progress=ReadProgress(1, 9)))
        QApplication.processEvents()
        trouble, words = window.foot.trouble, window.foot.words
        assert window.width() == 640
        assert trouble.geometry().right() < window.foot.as_of.geometry().left()
        assert words.geometry().right() <= trouble.geometry().left()
        assert words.width() > 60
        assert not Rich.mightBeRichText(trouble.toolTip())
        assert "\x1b" not in trouble.text() + trouble.toolTip()
        assert "\a" not in trouble.toolTip()


def test_it_stands_there_from_the_start(qtbot: QtBot) -> None:
    """Opened over a snapshot that was told before; what comes of the end of a read is asked for."""
    begins = told(CLAUDE, REFUSES)
    reads = begins._replace(progress=ReadProgress(1, 9))
    engine = FakeEngine([begins, reads, begins])
    bridge = Bridge()
    engine.listen(bridge.receive)
    engine.reports.listen(bridge.receive_report)
    owner = HistoryOwner(engine, bridge, State(None))
    asked: list[str] = []
    owner.settings_asked.connect(asked.append)
    engine.start()
    try:
        qtbot.waitUntil(lambda: bridge.shown is not None)
        owner.open()
        window = owner.window
        assert window is not None
        assert window.foot.trouble.text() == "OpenRouter: Key refused"
        click(window.foot.trouble)
        assert asked == ["account:3"]
        qtbot.waitUntil(lambda: not window.asking.waits)
        engine.refresh()
        qtbot.waitUntil(lambda: window.foot.as_of.words().startswith("Reading logs: 1 of 9"))
        assert isinstance(engine.reports, FakeReports)
        before = len(engine.reports.questions)
        timers = window.asking.findChildren(QTimer)
        assert not any(timer.isActive() for timer in timers), "a count alone is no reason to ask again"
        engine.refresh()
        qtbot.waitUntil(lambda: bridge.shown == begins)
        assert len(engine.reports.questions) == before + 1, "at once"
        qtbot.waitUntil(lambda: not window.foot.as_of.words())
        window.close()
        QApplication.processEvents()
    finally:
        bridge.close()
        assert engine.stop(5)


def test_it_is_announced_once(qtbot: QtBot) -> None:
    """Not with each snapshot, and a count that goes on is not read out; who hears the window asks for it."""
    foot = Foot()
    qtbot.addWidget(foot)
    with qtbot.waitExposed(foot):
        foot.show()
    said: list[str] = []
    foot.announced.connect(said.append)
    for files in (1, 2, 3):
        foot.show_health(health_of(told(CLAUDE, REFUSES, progress=ReadProgress(files, 3))))
    assert said == ["OpenRouter: Key refused"], "a read may be over at once"
    qtbot.waitUntil(lambda: said[1:] == ["Reading logs; amounts still grow"])
    foot.show_health(health_of(told(CLAUDE, REFUSES)))
    foot.show_health(health_of(told(CLAUDE, REFUSES, progress=ReadProgress(1, 1))))
    foot.show_health(health_of(told(CLAUDE, REFUSES)))
    assert not any(timer.isActive() for timer in foot.findChildren(QTimer)), "this one was"
    foot.show_health(health_of(told(CLAUDE)))
    foot.show_health(health_of(told(CLAUDE, REFUSES)))
    assert said[2:] == ["OpenRouter: Key refused"], "come back, it is news again"
    foot.show_health(health_of(told(source("codex", "Codex", stale=True), REFUSES)))
    assert foot.trouble.text() == "OpenRouter: Key refused; 1 more"
    assert said[3:] == [], "how much more there is is none"


def test_the_button_exports_the_month_in_view(held: Held) -> None:
    """As Ctrl+E does."""
    window = held.window
    asked: list[object] = []
    window.export_asked.connect(asked.append)
    click(window.top.export)
    press(Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert len(asked) == 2
    assert asked[0] == asked[1]
    assert asked[0] is not None
    assert "Ctrl+E" in window.top.export.toolTip()
