"""What leaves the history window: its table as text, Markdown and CSV, its chart as a picture, copied or saved."""

import csv
import io
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from subprocess import CompletedProcess
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import Qt, QThreadPool
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.fake_engine import DEMO_NOW_UTC
from tests.ui.hands import focused
from tests.ui.history_made import COLUMNS, Parts, bar_chart, line_chart, report, row, table, waterfall
from tokentray.charts.spec import Chart
from tokentray.clock import UtcZone
from tokentray.engine.reports import usage
from tokentray.engine.reports.ground import Ground
from tokentray.money import NumberStyle
from tokentray.question import Period, Question, Span
from tokentray.settings import DEFAULTS
from tokentray.store.history import History
from tokentray.ui.history.copying import cells_text, table_csv, table_markdown, table_text
from tokentray.ui.history.picture import image, svg_text
from tokentray.ui.history.saving import Choose, ask_file

Run = Callable[..., CompletedProcess[str]]
_NOT_NATIVE = Qt.ApplicationAttribute.AA_DontUseNativeDialogs
NASTY = ("=HYPERLINK(1)", "+1", "-1", "@sum", "\ttab", "a|b", "<img src=x>", 'say "no"', "two\nlines", "ends\r")


@pytest.fixture(name="clear")
def clear_fixture() -> Iterator[None]:
    yield
    QApplication.clipboard().clear()


def chosen(path: Path) -> Choose:
    """As a person who chooses this file."""

    def choose(window: QWidget, suggested: str, kind: str, then: Callable[[Path], None]) -> None:
        choose.asked = suggested, kind  # type: ignore[attr-defined] # for a test to look at
        then(path)

    return choose


def save(qtbot: QtBot, path: Path, what: str) -> str:
    """Save something into a file, and what is said of it."""
    parts = Parts(chosen(path))
    qtbot.addWidget(parts)
    parts.show_report(report())
    with qtbot.waitSignal(parts.keeper.told) as told:
        getattr(parts.keeper, f"save_{what}")()
    words: str = told.args[0]
    return words


def test_text_stands_in_columns() -> None:
    """Figures under each other's points, the totals under a rule, and who is not in them marked."""
    made = table((row(1, "api", "1200.50"), row(2, "web", "3"), row(3, "gone", "9", shown=False)))
    assert table_text(made) == (
        "Source                         Spend  Requests  Output\n"
        "-----------------------  -----------  --------  ------\n"
        "api                      ≈ $1,200.50         1       –\n"
        "web                          ≈ $3.00         2       –\n"
        "gone (not in the total)      ≈ $9.00         3       –\n"
        "-----------------------  -----------  --------  ------\n"
        "Total                    ≈ $1,209.00        15       –\n"
    )


def test_text_shows_what_a_terminal_would_obey() -> None:
    """Control characters of names are written out, so that a line stays a line."""
    lines = table_text(table(tuple(row(at, name) for at, name in enumerate(NASTY)))).split("\n")
    assert len(lines) == 2 + len(NASTY) + 2 + 1
    assert all(line.isprintable() for line in lines)


def test_markdown_is_a_table_whatever_names_hold() -> None:
    """Each line has as many cells as there are columns; names are no markup; totals are bold."""
    lines = table_markdown(table(tuple(row(at, name) for at, name in enumerate(NASTY)))).splitlines()
    assert len(lines) == 2 + len(NASTY) + 1
    for line in lines:
        assert line.replace("\\|", "").count("|") == 5
    assert "| \\<img src=x\\> |" in "\n".join(lines)
    assert lines[-1] == "| **Total** | **≈ $1,209.00** | **15** | **–** |"


def test_csv_is_exact_and_safe() -> None:
    """Ids of fields, unrounded values, every column and row and no total; no cell that a spreadsheet would compute."""
    rows = tuple(row(at, name, "-0.000000001")._replace(keys=(("project", name),)) for at, name in enumerate(NASTY))
    read = list(csv.reader(io.StringIO(table_csv(table(rows)), newline="")))
    assert read[0] == ["project", "requests", "output_tokens", "cost", "list_cost"]
    assert len(read) == 1 + len(NASTY)
    for name, line in zip(NASTY, read[1:], strict=True):
        assert line[0].removeprefix("'") == name
        assert line[0][0] not in "=+-@\t\r"
        assert line[2:] == ["", "-0.000000001", "2.25"]


def test_csv_without_keys_has_names() -> None:
    """A view that is grouped by nothing that `usage` knows says its names as they stand."""
    made = table((row(1, "Volume")._replace(keys=()),))
    assert table_csv(made) == "source,cost,requests,output_tokens,list_cost\r\nVolume,1.5,1,,2.25\r\n"


def test_cells_are_copied_on_one_line_each() -> None:
    """A name with a line break or a tab would tear the table apart where it is pasted."""
    assert cells_text([row(1, "two\nli\tnes").cells[:2]]) == "two\\nli\\tnes\t≈ $1.50"


def test_what_is_copied_has_the_columns_of_the_window(qtbot: QtBot, clear: None) -> None:
    """Text and Markdown as the person has them, CSV whole; each says that it was done."""
    parts = Parts()
    qtbot.addWidget(parts)
    parts.show_report(report())
    header = parts.table.body.horizontalHeader()
    header.moveSection(2, 1)
    parts.table.header.show_column(COLUMNS[3], False)
    with qtbot.waitSignal(parts.keeper.told) as told:
        parts.keeper.copy_text()
    assert told.args == ["Copied the table as text"]
    assert QApplication.clipboard().text().split("\n")[0].split() == ["Source", "Requests", "Spend"]
    parts.keeper.copy_markdown()
    assert QApplication.clipboard().text().startswith("| Source | Requests | Spend |\n")
    parts.keeper.copy_csv()
    assert QApplication.clipboard().text().startswith("source,requests,output_tokens,cost,list_cost")
    parts.keeper.copy_picture()
    assert QApplication.clipboard().image().width() > 1500


def test_a_file_is_written_for_its_owner(qtbot: QtBot, tmp_path: Path) -> None:
    """The same CSV as is copied; nobody else can read a new file, and one that was there keeps its rights."""
    path = tmp_path / "usage.csv"
    assert save(qtbot, path, "csv") == "Saved usage.csv"
    assert path.read_bytes().decode() == table_csv(table())
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        path.chmod(0o644)
        save(qtbot, path, "csv")
        assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_pictures_are_saved(qtbot: QtBot, tmp_path: Path) -> None:
    """A PNG of twice the size, and an SVG that any reader takes, with title, legend and the chart in words."""
    assert save(qtbot, tmp_path / "a.png", "png") == "Saved a.png"
    picture = QImage(str(tmp_path / "a.png"))
    assert picture.width() == 2000
    assert picture.pixelColor(2, 2) == QColor("white")
    assert save(qtbot, tmp_path / "a.svg", "svg") == "Saved a.svg"
    texts = [one.text for one in ElementTree.parse(tmp_path / "a.svg").iter("{http://www.w3.org/2000/svg}text")]
    assert "Spend in November 2026" in texts
    assert "<img src=x> & <b>" in texts
    assert "≈ $4.10" in texts


@pytest.mark.parametrize("chart", [bar_chart(hidden=(1, 2)), waterfall(), line_chart()], ids=["bars", "steps", "lines"])
def test_a_legend_tells_what_is_shown_and_no_more(chart: Chart) -> None:
    """Every series that is drawn is named under the picture; those switched off are not."""
    tree = ElementTree.fromstring(svg_text(chart, ""))
    texts = [one.text or "" for one in tree.iter("{http://www.w3.org/2000/svg}text")]
    for series in getattr(chart, "series", ()):
        assert any(text.startswith(series.label[:4]) for text in texts) == series.shown


def test_pictures_are_light_in_a_dark_window(qtbot: QtBot) -> None:
    """And the same whatever is selected in the window: they are for somebody else."""
    parts = Parts()
    qtbot.addWidget(parts)
    assert image(bar_chart(selected=(1, 3))) == image(bar_chart())
    assert image(bar_chart()).pixelColor(0, 0) == QColor("white")


@pytest.mark.skipif(sys.platform == "win32", reason="folders without the right to write are made otherwise there")
def test_what_went_wrong_is_said_calmly(qtbot: QtBot, tmp_path: Path) -> None:
    """A folder that is gone, a folder in the way, a full disk: what, and what to do; what was there stays."""
    gone = save(qtbot, tmp_path / "gone" / "a.csv", "csv")
    assert gone == f"Not saved: there is no folder {tmp_path / 'gone'}. Create it, or choose another"
    assert save(qtbot, tmp_path, "csv") == f"Not saved: {tmp_path} is a folder. Name a file in it"
    if Path("/dev/full").exists():
        assert save(qtbot, Path("/dev/full"), "png").startswith("Not saved: there is no room for /dev/full. Free some")


def test_a_file_is_named_after_what_is_shown(qtbot: QtBot, tmp_path: Path) -> None:
    """Whatever the subject holds, it leads into no other folder; the next one is asked for where the last one was."""
    choose = chosen(tmp_path / "x.csv")
    parts = Parts(choose)
    qtbot.addWidget(parts)
    parts.show_report(report()._replace(subject="usage ../../etc/2026-11\nby source"))
    for _ in range(2):
        with qtbot.waitSignal(parts.keeper.told):
            parts.keeper.save_csv()
    suggested, kind = choose.asked  # type: ignore[attr-defined] # see chosen
    assert Path(suggested).parent == tmp_path
    assert Path(suggested).name == "usage-..-..-etc-2026-11-by-source.csv"
    assert kind == "CSV (*.csv)"


def test_a_folder_that_is_not_there_is_not_suggested(qtbot: QtBot, tmp_path: Path) -> None:
    """A person without a folder for documents is led home: a dialog would begin wherever the program was started."""
    choose = chosen(tmp_path / "x.csv")
    parts = Parts(choose)
    qtbot.addWidget(parts)
    parts.show_report(report())
    with qtbot.waitSignal(parts.keeper.told):
        parts.keeper.save_csv()
    suggested, _ = choose.asked  # type: ignore[attr-defined] # see chosen
    assert Path(suggested).parent.is_dir()


def test_nothing_is_offered_where_there_is_nothing(qtbot: QtBot) -> None:
    """A window without a chart offers no picture, and one without rows no table."""
    parts = Parts()
    qtbot.addWidget(parts)
    parts.show_report(report()._replace(chart=None))
    words = [action.text() for action in parts.chart.menu().actions()]
    assert words == ["Copy table as text", "Copy table as CSV", "Copy table as Markdown", "Save table as CSV…"]
    parts.show_report(report()._replace(chart=None, table=table()._replace(rows=())))
    assert parts.chart.menu().actions() == []


def test_the_dialog_asks_for_a_file(qtbot: QtBot, tmp_path: Path) -> None:
    """It comes up over the window, comes back at once, suggests the name, and gives what was chosen."""
    found: list[Path] = []
    QApplication.setAttribute(_NOT_NATIVE)
    try:
        window = QWidget()
        qtbot.addWidget(window)
        ask_file(window, str(tmp_path / "usage.csv"), "CSV (*.csv)", found.append)
        dialog = window.findChild(QFileDialog)
        assert isinstance(dialog, QFileDialog)
        assert dialog.selectedFiles() == [str(tmp_path / "usage.csv")]
        dialog.accept()
        assert found == [tmp_path / "usage.csv"]
    finally:
        QApplication.setAttribute(_NOT_NATIVE, False)


@pytest.mark.parametrize("by", [("source",), ("model",), ("project",), ("kind",), ("payer", "model")])
def test_csv_of_the_usage_is_that_of_the_command(
    by: tuple[str, ...], demo_home: Path, tokentray: Callable[..., CompletedProcess[str]]
) -> None:
    """The same columns first, the same rows, the same values: the window and the command line agree."""
    with History(demo_home / "history.db") as history:
        ground = Ground(history, DEMO_NOW_UTC, UtcZone(), NumberStyle(), DEFAULTS)
        made = usage.build(ground, Question(by=by, period=Period(Span.MONTH, date(2026, 10, 1))))
    ours = list(csv.reader(io.StringIO(table_csv(made.table), newline="")))
    asked = ["--by", ",".join(by), "--from", "2026-10-01", "--to", "2026-10-31"]
    ran = tokentray("--utc", "usage", "--csv", *asked, home=demo_home)
    told = list(csv.reader(io.StringIO(ran.stdout)))
    assert ours[0][: len(told[0])] == told[0]
    assert sorted(line[: len(told[0])] for line in ours[1:]) == sorted(told[1:])


def test_a_window_closed_while_a_file_is_written(
    qtbot: QtBot, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The file is written all the same, and nobody is told who is not there any more."""
    path = tmp_path / "usage.csv"
    parts = Parts(chosen(path))
    parts.show_report(report())
    pool, gate = QThreadPool.globalInstance(), threading.Event()
    for _ in range(pool.maxThreadCount()):
        pool.start(lambda: bool(gate.wait(20)))
    parts.keeper.save_csv()
    with qtbot.waitSignal(parts.destroyed):
        parts.deleteLater()
    gate.set()
    assert pool.waitForDone(20_000)
    QApplication.processEvents()
    assert path.read_bytes() == table_csv(table()).encode()
    assert capfd.readouterr().err == ""


@pytest.mark.usefixtures("clear")
def test_the_button_to_copy_and_save_by_keys(qtbot: QtBot) -> None:
    """Tab comes to it before the table; a key opens it, arrows choose, Enter copies, Esc leaves all as it was. Then the
    keyboard is on the button again."""
    QApplication.clipboard().clear()
    parts = Parts()
    qtbot.addWidget(parts)
    parts.show_report(report())
    with qtbot.waitExposed(parts):
        parts.show()
    parts.activateWindow()
    qtbot.waitUntil(parts.isActiveWindow)
    button = parts.table.keep_button
    parts.chart.setFocus(Qt.FocusReason.TabFocusReason)
    for _ in range(len(parts.legend.items) + 3):
        if button.hasFocus():
            break
        QTest.keyClick(focused(), Qt.Key.Key_Tab)
    assert button.hasFocus()

    def opened(key: Qt.Key) -> QMenu:
        QTest.keyClick(button, key)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        return menu

    menu = opened(Qt.Key.Key_Space)
    QTest.keyClick(menu, Qt.Key.Key_Escape)
    assert not menu.isVisible()
    parts.activateWindow()  # the offscreen platform forgets it when a menu closes
    assert button.hasFocus()
    assert QApplication.clipboard().text() == ""
    menu = opened(Qt.Key.Key_Return)
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert QApplication.clipboard().text().splitlines()[0].startswith("source,")
    parts.activateWindow()
    assert button.hasFocus()
