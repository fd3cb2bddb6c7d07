"""The page on exports: a folder, formats, redaction and each month by itself, each told at once."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from tests.ui import setups
from tests.ui.hands import Put, click, press, to_the_stop
from tests.ui.settings_scenes import Stage
from tokentray.requests import SetSetting
from tokentray.snapshot import Problem
from tokentray.ui.forms.boxes import Boxes
from tokentray.ui.forms.folder import FolderEdit, documents
from tokentray.ui.settings.declared import SettingField
from tokentray.ui.settings.exports import ExportPage
from tokentray.ui.settings.setting_controls import FolderControl, SeveralControl
from tokentray.ui.settings.window import EXPORT


def field_of(stage: Stage, key: str) -> SettingField:
    return next(one for one in stage.window.page.findChildren(SettingField) if one.setting.key == key)


def folder_of(stage: Stage) -> FolderEdit:
    control = field_of(stage, "export.folder").value
    assert isinstance(control, FolderControl)
    return control.folder


def boxes_of(stage: Stage) -> Boxes:
    control = field_of(stage, "export.formats").value
    assert isinstance(control, SeveralControl)
    return control.boxes


def test_a_folder_is_told_when_it_is_left(put: Put, tmp_path: Path) -> None:
    """Without one, the field shows where files go all the same."""
    stage = put(Stage(setups.ordinary(), EXPORT))
    line = folder_of(stage).line
    assert (line.text(), line.placeholderText()) == ("", documents())
    assert to_the_stop("Folder") is line
    QTest.keyClicks(line, str(tmp_path))
    stage.window.show_setup(setups.ordinary())
    assert line.text() == str(tmp_path), "what is being typed is the person's"
    assert stage.requests == []
    press(Qt.Key.Key_Tab)
    assert stage.requests == [SetSetting("export.folder", str(tmp_path))]


def test_a_folder_that_is_refused_stays_to_be_mended(put: Put) -> None:
    stage = put(Stage(setups.ordinary(), EXPORT))
    line = folder_of(stage).line
    to_the_stop("Folder")
    QTest.keyClicks(line, "months")
    press(Qt.Key.Key_Return)
    stage.refuse(Problem("export.folder takes the full path of a folder", "not 'months'", ""), "export.folder")
    assert line.text() == "months"
    assert "full path" in field_of(stage, "export.folder").refusal.words()
    assert "full path" in line.accessibleDescription()


def test_the_label_of_several_boxes_stands_beside_the_first(put: Put) -> None:
    """Not beside the middle of all, nor below it."""
    stage = put(Stage(setups.ordinary(), EXPORT))
    first = next(iter(boxes_of(stage).checks.values()))
    (label,) = [one for one in stage.window.page.findChildren(QLabel) if one.text() == "Formats"]
    middle = label.mapTo(stage.window, label.rect().center()).y()
    assert abs(middle - first.mapTo(stage.window, first.rect().center()).y()) <= 1


def test_formats_are_told_at_once_and_one_stays(put: Put) -> None:
    """A month is written as something."""
    stage = put(Stage(setups.ordinary(), EXPORT))
    boxes = boxes_of(stage)
    assert boxes.chosen() == ("pdf", "csv")
    click(boxes.checks["csv"])
    assert stage.requests == [SetSetting("export.formats", "pdf")]
    click(boxes.checks["pdf"])
    assert boxes.chosen() == ("pdf",)
    assert len(stage.requests) == 1
    click(boxes.checks["xlsx"])
    assert stage.requests[-1] == SetSetting("export.formats", "pdf,xlsx")


def test_when_a_month_was_last_written_by_itself_is_said(put: Put) -> None:
    """Where it is switched on, or was."""
    stage = put(Stage(setups.ordinary(), EXPORT))
    page = stage.window.page
    assert isinstance(page, ExportPage)
    assert not page.last.isVisible()
    stage.window.show_setup(setups.exporting())
    assert page.last.words() == "Last written by itself: October 2026, on 3 Nov 2026."
    assert page.last.isVisible()
    check = field_of(stage, "export.monthly")
    to_the_stop("Write each month into this folder")
    press(Qt.Key.Key_Space)
    assert stage.requests == [SetSetting("export.monthly", "false")]
    assert check.reset.isVisible()
