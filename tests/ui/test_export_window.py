"""The window that exports a month: what is chosen, what is shown of it before, and what came of it."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel
from pytestqt.qtbot import QtBot

from tests.ui import setups
from tests.ui.export_scenes import (
    BUSY,
    CHANGED,
    EXPORT_SCENES,
    FULL,
    NO_FOLDER,
    PROVISIONAL,
    Scene,
    Stage,
    written,
)
from tests.ui.fake_engine import FakeExporter
from tests.ui.hands import choose, click, focused, press
from tests.ui.history_scenes import names
from tokentray.engine.exporter import ExportProgress, Preview
from tokentray.export.job import Job, Outcome
from tokentray.requests import Answer, SetSetting
from tokentray.snapshot import Problem
from tokentray.ui.export.window import ExportWindow
from tokentray.ui.forms.tabs import stops
from tokentray.ui.widgets import TextLabel

Put = Callable[[Scene], Stage]
OCTOBER = date(2026, 10, 1)


@pytest.fixture(name="put")
def put_fixture(qtbot: QtBot) -> Put:
    """Shows a scene's window, with the keyboard in it."""

    def put(scene: Scene) -> Stage:
        stage = Stage(scene)
        qtbot.addWidget(stage.window)
        stage.window.activateWindow()
        qtbot.waitUntil(stage.window.isActiveWindow)
        QApplication.processEvents()
        return stage

    return put


class Opener(QObject):
    """The desktop's place: keeps what it is asked to open."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[QUrl] = []

    @Slot(QUrl)
    def take(self, url: QUrl) -> None:
        self.opened.append(url)


@pytest.fixture(name="opener")
def opener_fixture() -> Iterator[Opener]:
    opener = Opener()
    QDesktopServices.setUrlHandler("file", opener, "take")  # type: ignore[arg-type] # its stub names bytes, it takes str
    yield opener
    QDesktopServices.unsetUrlHandler("file")


def texts(stage: Stage) -> str:
    """All that the window says, but for the preview."""
    labels = stage.window.findChildren(QLabel)
    return "\n".join(
        one.words() if isinstance(one, TextLabel) else one.text() for one in labels if one.isVisibleTo(stage.window)
    )


def finish(stage: Stage) -> Job:
    """The job asked for is done."""
    job = stage.exporter.jobs[-1]
    stage.window.take(written(job))
    QApplication.processEvents()
    return job


# What it begins with.


def test_it_begins_with_the_newest_month_that_is_over(put: Put) -> None:
    """And with what was remembered; Return exports it."""
    stage = put(Scene())
    choices = stage.window.choices
    assert choices.month.value() == "2026-10"
    assert choices.month.currentText() == "October 2026"
    assert choices.formats.chosen() == ("pdf", "csv")
    assert stage.window.export.isEnabled()
    press(Qt.Key.Key_Return)
    (job,) = stage.exporter.jobs
    assert (job.month, job.formats, job.redact) == (OCTOBER, ("pdf", "csv"), False)
    assert job.folder.is_absolute()
    assert stage.requests == [], "nothing was chosen otherwise, so nothing is to be remembered"


def test_the_running_month_is_offered_as_such(put: Put) -> None:
    stage = put(Scene(month=date(2026, 11, 5)))
    month = stage.window.choices.month
    assert (month.value(), month.currentText()) == ("2026-11", "November 2026, so far")
    assert month.itemText(0) == "November 2026, so far"
    assert month.itemData(1) == "2026-10"


def test_only_a_running_month_is_chosen_where_there_is_no_other(put: Put) -> None:
    stage = put(Scene(names))
    assert stage.window.choices.month.value() == "2026-11"
    assert "November 2026" in stage.window.preview.toPlainText()


def test_a_month_without_data_gives_way_to_one_that_has_some(put: Put) -> None:
    """What led here may have been a view of days before the first record."""
    stage = put(Scene(names, date(2025, 1, 1)))
    assert stage.window.choices.month.value() == "2026-11"
    assert stage.window.export.isEnabled()


def test_it_turns_to_another_month_while_it_is_open(put: Put) -> None:
    stage = put(Scene())
    stage.window.open_on(date(2026, 9, 17))
    stage.answer()
    assert stage.window.choices.month.value() == "2026-09"
    assert "September 2026" in stage.window.preview.toPlainText()
    stage.window.open_on(None)
    assert stage.window.choices.month.value() == "2026-09", "brought to the front as it is"


def test_nothing_to_export_is_no_failure(put: Put) -> None:
    stage = put(EXPORT_SCENES["empty"])
    assert "There is nothing to export yet" in texts(stage)
    assert "`" not in texts(stage)
    assert not stage.window.export.isEnabled()
    press(Qt.Key.Key_Return)
    assert not stage.exporter.jobs


def test_what_cannot_be_read_is_said_and_read_again(put: Put, qtbot: QtBot) -> None:
    """By itself; nobody has to ask for it."""
    stage = put(EXPORT_SCENES["busy"])
    assert BUSY.title in texts(stage)
    assert not stage.window.export.isEnabled()
    qtbot.waitUntil(lambda: stage.exporter.previews == [(OCTOBER, False)], timeout=10_000)
    stage.answer()
    assert BUSY.title not in texts(stage)
    assert stage.window.export.isEnabled()


# What is shown before.


def test_the_preview_follows_the_month_and_only_the_one_asked_for_last(put: Put) -> None:
    stage = put(Scene())
    choose(stage.window.choices.month, "2026-08")
    choose(stage.window.choices.month, "2026-07")
    late = stage.preview(date(2026, 8, 1), False)
    assert "October 2026" in stage.window.preview.toPlainText(), "what is shown stays until the next is there"
    stage.window.take(late)
    assert "August 2026" not in stage.window.preview.toPlainText()
    stage.answer()
    assert "July 2026" in stage.window.preview.toPlainText()


def test_redaction_shows_what_will_be_written(put: Put) -> None:
    stage = put(Scene())
    assert "quillmark" in stage.window.preview.toPlainText()
    stage.window.choices.redact.click()
    assert stage.exporter.previews == [(OCTOBER, True)]
    stage.answer()
    assert "quillmark" not in stage.window.preview.toPlainText()
    assert "tokentray-2026-10-redacted.pdf" in texts(stage)


def test_what_is_not_the_last_word_is_said_once_above_the_preview(put: Put) -> None:
    stage = put(EXPORT_SCENES["changed"])
    said, shown = texts(stage), stage.window.preview.toPlainText()
    for words in (PROVISIONAL, CHANGED[0], CHANGED[1], "More of it stands in the files."):
        assert words in said
        assert words not in shown
    assert CHANGED[-1] in stage.window.notice.details.toolTip().replace("\n", " ")
    assert not put(Scene()).window.notice.isVisible()


def test_the_preview_fetches_nothing_and_leads_nowhere(put: Put, opener: Opener) -> None:
    """A name from a log is text, whatever it looks like."""
    stage = put(Scene(names, date(2026, 11, 1)))
    preview = stage.window.preview
    assert "<img src=x onerror=alert(1)>" in preview.toPlainText()
    assert not preview.openLinks()
    preview.anchorClicked.emit(QUrl("https://example.com"))
    assert preview.loadResource(2, QUrl("file:///etc/hostname")) is None
    assert not opener.opened


def test_a_preview_of_the_same_month_stays_where_it_was_scrolled_to(put: Put, qtbot: QtBot) -> None:
    stage = put(Scene())
    bar = stage.window.preview.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 100)
    bar.setValue(100)
    shown = stage.preview(OCTOBER, False)
    assert shown.document is not None
    stage.scene = stage.scene._replace(status=PROVISIONAL)
    stage.window.look_again()
    qtbot.waitUntil(lambda: bool(stage.exporter.previews), timeout=5_000)
    stage.answer()
    assert stage.window.notice.isVisible()
    assert bar.value() == 100


# What is chosen.


def test_choices_are_remembered_when_they_are_exported_with(put: Put) -> None:
    """Not while somebody tries what there is."""
    stage = put(Scene())
    choices = stage.window.choices
    choices.formats.checks["csv"].click()
    choices.formats.checks["html"].click()
    choices.redact.click()
    stage.answer()
    assert stage.requests == []
    click(stage.window.export)
    assert stage.requests == [SetSetting("export.formats", "pdf,html"), SetSetting("export.redact", "true")]
    assert stage.exporter.jobs[-1].formats == ("pdf", "html")
    assert stage.exporter.jobs[-1].redact


def test_a_folder_is_browsed_for_or_typed(put: Put, tmp_path: Path) -> None:
    stage = put(Scene())
    folder = stage.window.choices.folder
    before = folder.folder()
    click(folder.browse)
    assert stage.folders == [str(before)], "the dialog begins where files would go, and was left"
    assert folder.folder() == before
    stage.folders[:] = [str(tmp_path)]
    click(folder.browse)
    assert folder.text() == str(tmp_path)
    click(stage.window.export)
    assert stage.exporter.jobs[-1].folder == tmp_path
    assert SetSetting("export.folder", str(tmp_path)) in stage.requests


def test_a_folder_is_named_by_its_full_path(put: Put) -> None:
    stage = put(Scene())
    line = stage.window.choices.folder.line
    line.setFocus()
    QTest.keyClicks(line, "months")
    assert not stage.window.export.isEnabled()
    assert "Name the folder by its full path" in texts(stage)
    press(Qt.Key.Key_Return)
    assert not stage.exporter.jobs
    line.selectAll()
    QTest.keyClicks(line, "~/months")
    assert stage.window.export.isEnabled()
    assert "full path" not in texts(stage)
    press(Qt.Key.Key_Return)
    assert stage.exporter.jobs[-1].folder == Path("~/months").expanduser()


def test_at_least_one_format_is_chosen(put: Put) -> None:
    stage = put(EXPORT_SCENES["no-format"])
    assert "Choose at least one format" in texts(stage)
    assert not stage.window.export.isEnabled()
    stage.window.choices.formats.checks["json"].click()
    assert stage.window.export.isEnabled()
    assert "Choose at least one format" not in texts(stage)


def test_what_the_settings_say_meanwhile_is_followed_until_the_person_chooses(put: Put) -> None:
    stage = put(Scene())
    stage.window.show_setup(setups.exporting("/srv/months"))
    assert stage.window.choices.folder.text() == "/srv/months"
    stage.window.choices.formats.checks["md"].click()
    stage.window.show_setup(setups.ordinary())
    assert stage.window.choices.folder.text() == "/srv/months"
    assert stage.window.choices.formats.checks["md"].isChecked()


def test_what_cannot_be_remembered_is_said_and_exported_all_the_same(put: Put) -> None:
    stage = put(Scene())
    stage.window.choices.formats.checks["md"].click()
    click(stage.window.export)
    stage.window.take_answer(Answer(1, "", Problem("The settings were not changed", "the disk is full", "")))
    assert len(stage.exporter.jobs) == 1
    assert "Not remembered. The settings were not changed: the disk is full" in texts(stage)


# What came of it.


def test_progress_counts_files_and_nothing_is_asked_for_twice(put: Put) -> None:
    stage = put(EXPORT_SCENES["running"])
    assert "3 of 6 files" in texts(stage)
    assert (stage.window.result.bar.value(), stage.window.result.bar.maximum()) == (3, 6)
    press(Qt.Key.Key_Return)
    assert len(stage.exporter.jobs) == 1
    finish(stage)
    assert not stage.window.result.bar.isVisible()
    assert stage.window.export.isEnabled()


def test_the_keyboard_stays_on_what_was_pressed(put: Put) -> None:
    """Though the button rests while files are written."""
    stage = put(Scene())
    stage.window.export.setFocus()
    press(Qt.Key.Key_Space)
    assert not stage.window.export.isEnabled()
    finish(stage)
    assert focused() is stage.window.export


def test_the_keyboard_waits_on_the_month(qtbot: QtBot) -> None:
    """Before anything is known: then Return exports rather than closes."""
    exporter = FakeExporter()
    window = ExportWindow(exporter, lambda _: 0)
    qtbot.addWidget(window)
    window.open_on(None)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    assert focused() is window.choices.month
    press(Qt.Key.Key_Return)
    assert window.isVisible()
    assert not exporter.jobs


def test_what_somebody_else_exports_shows_no_progress(put: Put) -> None:
    """A month written by itself is none of this window's, but may change what is said of the month."""
    stage = put(Scene())
    stage.window.take(ExportProgress(1, 2))
    stage.window.take(Outcome(Job(OCTOBER, ("pdf",), Path("/srv")), automatic=True))
    assert not stage.window.result.isVisible()
    assert stage.exporter.previews == [(OCTOBER, False)]


def test_files_are_opened_and_shown_in_their_folder(put: Put, opener: Opener, tmp_path: Path) -> None:
    stage = put(Scene(setup=lambda: setups.exporting(str(tmp_path))))
    click(stage.window.export)
    finish(stage)
    result = stage.window.result
    assert result.title.words() == "October 2026: 2 files written"
    for line in result.files:
        click(line.open)
    click(result.folder)
    paths = [Path(url.toLocalFile()) for url in opener.opened]
    assert paths == [tmp_path / "tokentray-2026-10.pdf", tmp_path / "tokentray-2026-10.csv", tmp_path]
    assert stage.exporter.previews == [(OCTOBER, False)], "what is told of the month may differ now"


def test_what_failed_stands_beside_what_was_written(put: Put) -> None:
    stage = put(EXPORT_SCENES["in-part"])
    result = stage.window.result
    assert result.title.words() == "October 2026: 4 of 6 files written"
    assert len(result.files) == 4
    (refusal,) = result.refusals
    assert refusal.words() == f"{FULL.title}: {FULL.message}. {FULL.hint}"


def test_a_folder_that_is_gone_is_said_once(put: Put) -> None:
    """Not for each file; and what is mended is tried again from here."""
    stage = put(EXPORT_SCENES["failed"])
    result = stage.window.result
    assert result.title.words() == "October 2026: nothing was written"
    assert not result.folder.isVisible()
    assert [one.title.words() for one in result.refusals] == [f"{NO_FOLDER.title}: {NO_FOLDER.message}"]
    click(stage.window.export)
    assert len(stage.exporter.jobs) == 2
    finish(stage)
    assert not result.refusals


def test_a_file_that_was_changed_by_hand_is_named(put: Put) -> None:
    stage = put(EXPORT_SCENES["kept"])
    assert "tokentray-2026-10-2.pdf" in texts(stage)
    assert "tokentray-2026-10.pdf is not as it was written, so it was kept" in texts(stage)


def test_another_month_takes_away_what_came_of_the_last(put: Put) -> None:
    stage = put(EXPORT_SCENES["done"])
    assert stage.window.result.isVisible()
    choose(stage.window.choices.month, "2026-09")
    assert not stage.window.result.isVisible()


# Of every state.


@pytest.mark.parametrize("name", EXPORT_SCENES)
def test_every_stop_is_named_and_tab_walks_as_read(name: str, put: Put) -> None:
    """From the month to the button that exports, and round again."""
    window = put(EXPORT_SCENES[name]).window
    order = [stop for stop in stops(window) if stop.isEnabled()]
    for stop in order:
        assert stop.accessibleName() or (isinstance(stop, QAbstractButton) and stop.text()), stop
    order[0].setFocus()
    walked = [focused()]
    for _ in order[1:]:
        press(Qt.Key.Key_Tab)
        walked.append(focused())
    assert walked == order
    press(Qt.Key.Key_Tab)
    assert focused() is order[0]


@pytest.mark.parametrize("name", EXPORT_SCENES)
def test_no_text_is_cut_and_all_fits_a_low_screen(name: str, put: Put) -> None:
    """At 200 % a screen 900 pixels high has 450: the choices scroll, and the buttons stay."""
    window = put(EXPORT_SCENES[name]).window
    window.resize(window.minimumSizeHint().width(), 430)
    QApplication.processEvents()
    assert window.minimumSizeHint().height() <= 430
    assert window.minimumSizeHint().width() <= 800
    for button in (window.export, window.close_button):
        assert window.rect().contains(button.geometry())
    for label in window.findChildren(TextLabel):
        if label.isVisible() and label.words() and not label.wordWrap() and not label.toolTip():
            assert label.width() >= label.fontMetrics().horizontalAdvance(label.words()), label.words()


def test_escape_closes(put: Put, qtbot: QtBot) -> None:
    stage = put(Scene())
    for holder in (stage.window.choices.month, stage.window.choices.folder.line, stage.window.preview):
        stage.window.open_on(None)
        holder.setFocus()
        with qtbot.waitSignal(stage.window.closed):
            press(Qt.Key.Key_Escape)


def test_a_preview_that_comes_before_the_settings_is_not_exported(qtbot: QtBot) -> None:
    """Nobody knows yet where to."""
    stage = Stage(Scene())
    fresh = ExportWindow(stage.exporter, lambda _: 0)
    for window in (stage.window, fresh):
        qtbot.addWidget(window)
    fresh.open_on(OCTOBER)
    fresh.take(Preview(OCTOBER, False, None, None, ("2026-10",)))
    assert not fresh.export.isEnabled()
    fresh.run()
    assert not stage.exporter.jobs
