"""The preview of a month, as a real text view lays it out: every cell, nothing as markup, and its chart in colour."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QTextBlock, QTextTable
from PySide6.QtWidgets import QTextBrowser
from pytestqt.qtbot import QtBot

from tests.ui.export_scenes import EXPORT_SCENES, Stage
from tests.ui.fake_engine import FakeExporter
from tests.unit.charts import bar_chart
from tokentray.charts.colors import DARK, LIGHT, Shades
from tokentray.charts.text import shown
from tokentray.export.document import Cell, ChartBlock, Column, Document, Kind, ListBlock, TableBlock
from tokentray.export.html_text import LONGEST, short
from tokentray.export.preview_html import preview
from tokentray.ui.export.window import ExportWindow

NAMES = (
    "<img src=x onerror=alert(1)>",
    "مشروع (1)",
    "a\x1b[31m\u202eb",
    "🦊 fox",
    "x" * 300,
    "&amp;",
    "<a href='x'>y</a>",
)
COLUMNS = (
    Column("project", "Project <b>", Kind.NAME),
    Column("day", "Day", Kind.DATE),
    Column("spend", "Spend", Kind.MONEY, "USD"),
)
ROWS = tuple(
    (Cell(name), Cell("Sat  3", date(2026, 10, 3)), Cell(f"≈ ${at}.00", Decimal(at))) for at, name in enumerate(NAMES)
)
MONTH = Document(
    "October <2026>",
    "<$0.01",
    "spent & more",
    ("A sentence of <i>x</i>.",),
    (
        TableBlock(
            "project", "By <project>", COLUMNS, ROWS, (Cell("Total"), Cell(""), Cell("≈ $21.00")), ("A <note>.",)
        ),
        ChartBlock("chart", "By day", bar_chart([[3], [0], [5]], series_inks=[""]), "The most on the 3rd: $5 <3."),
        ListBlock("known", "How", ("One & two.", "<p>Three.")),
    ),
    status="Provisional <for now>",
    changed=("It was $1 < $2.",),
)


@pytest.fixture(name="view")
def view_fixture(qtbot: QtBot) -> QTextBrowser:
    view = QTextBrowser()
    qtbot.addWidget(view)
    view.resize(640, 900)
    view.show()
    return view


def _show(view: QTextBrowser, shades: Shades) -> None:
    palette = view.palette()
    palette.setColor(palette.ColorRole.Base, QColor(shades.window))
    view.setPalette(palette)
    view.setHtml(preview(MONTH, shades.text, shades.secondary, shades.rule))


def _table(view: QTextBrowser) -> QTextTable:
    (table,) = (frame for frame in view.document().rootFrame().childFrames() if isinstance(frame, QTextTable))
    return table


def _text(table: QTextTable, row: int, column: int) -> str:
    """Of a cell. The view keeps a text in one line by spaces of another kind, and breaks a long word where it may."""
    text = table.cellAt(row, column).firstCursorPosition().block().text()
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{ZERO WIDTH SPACE}", "")


def _blocks(view: QTextBrowser) -> Iterator[QTextBlock]:
    block = view.document().begin()
    while block.isValid():
        yield block
        block = block.next()


def test_every_cell_stands_in_its_place_as_it_is(view: QTextBrowser) -> None:
    """What looks like markup is read as text, and what cannot be printed is written out."""
    _show(view, LIGHT)
    table = _table(view)
    lines = [[_text(table, row, column) for column in range(table.columns())] for row in range(table.rows())]
    assert lines[0] == [column.title for column in COLUMNS]
    assert lines[-1] == ["Total", "", "≈ $21.00"]
    assert [line[0].strip("\u2068\u2069") for line in lines[1:-1]] == [short(name) for name in NAMES]
    assert [line[2] for line in lines[1:-1]] == [row[2].text for row in ROWS]
    assert {len(line[1]) for line in lines[1:-1]} == {len("Sat  3")}
    assert lines[3][0] == "a\\x1b[31m\\u202eb"
    assert len(lines[5][0]) == LONGEST


def test_a_name_that_runs_leftwards_stays_on_its_side(view: QTextBrowser) -> None:
    """Names begin on the left and figures end on the right, whatever direction a name has."""
    _show(view, LIGHT)
    table = _table(view)
    for row in range(1, table.rows()):
        sides = [
            table.cellAt(row, column).firstCursorPosition().blockFormat().alignment()
            & Qt.AlignmentFlag.AlignHorizontal_Mask
            for column in (0, 2)
        ]
        assert sides[0] & Qt.AlignmentFlag.AlignLeft
        assert sides[1] & Qt.AlignmentFlag.AlignRight
    assert _text(table, 2, 0) == f"\u2068{NAMES[1]}\u2069"


def test_all_that_is_said_is_there_and_nothing_leads_anywhere(view: QTextBrowser) -> None:
    _show(view, LIGHT)
    text = view.toPlainText()
    said = (MONTH.title, MONTH.amount, MONTH.said, MONTH.status, *MONTH.sentences, *MONTH.changed)
    blocks = ("By <project>", "A <note>.", "By day", "The most on the 3rd: $5 <3.", "One & two.", "<p>Three.")
    assert all(shown(one) in text for one in (*said, *blocks))
    assert re.search("<(a|script|link)[ >]", view.toHtml()) is None
    assert re.findall('<img src="(.{11})', view.toHtml()) == ["data:image/"]


def test_figures_stay_in_sight_beside_names_that_are_read_in_whole_words(view: QTextBrowser) -> None:
    """Nine columns, as of a month that is not over, and a name of 300 letters: nothing stands beyond the edge."""
    heads = ("1 – 22 Oct 2026", "Fees", "Other", "Volume", "Mix of models", "Mix of kinds", "Price", "1 – 22 Nov 2026")
    columns = (Column("what", "What", Kind.NAME), *(Column(head, head, Kind.MONEY, "USD") for head in heads))
    figures = tuple(Cell(text) for text in ("$73.34", "−$2.37", *["≈ −$7.41"] * 5, "$143.93"))
    tables = (
        TableBlock("why", "Against", columns, ((Cell("Charges by anthropic"), *figures),)),
        TableBlock("project", "By project", COLUMNS, ROWS),
    )
    view.resize(790, 900)
    view.setHtml(preview(replace(MONTH, blocks=tables), "#000000", "#555555", "#cccccc"))
    assert view.horizontalScrollBar().maximum() == 0
    table = next(frame for frame in view.document().rootFrame().childFrames() if isinstance(frame, QTextTable))
    name = table.cellAt(1, 0).firstCursorPosition().block()
    assert name.layout().lineCount() == 1


def test_no_amount_is_parted_from_its_sign(view: QTextBrowser) -> None:
    """In a sentence that takes several lines."""
    said = "It cost ≈ $2.25 (9 %) more, " * 20
    view.setHtml(preview(replace(MONTH, sentences=(said,), blocks=()), "#000000", "#555555", "#cccccc"))
    block = next(one for one in _blocks(view) if one.text().startswith("It cost"))
    lines = [block.layout().lineAt(at) for at in range(block.layout().lineCount())]
    ends = [block.text()[: line.textStart() + line.textLength()].rstrip() for line in lines]
    assert len(ends) > 2
    assert not [end for end in ends if end.endswith(("≈", "9"))]


@pytest.mark.parametrize("shades", [LIGHT, DARK], ids=["light", "dark"])
def test_the_chart_is_painted_in_the_colours_of_the_window(view: QTextBrowser, shades: Shades) -> None:
    """Bars stand on the ground of the window itself, in the colour that is made for it."""
    _show(view, shades)
    view.verticalScrollBar().setValue(0)
    picture = view.viewport().grab().toImage()
    colors = [picture.pixelColor(x, y).name() for x in range(0, 640, 4) for y in range(0, picture.height(), 4)]
    assert colors.count(shades.accent) > 200
    assert colors.count(shades.window) > len(colors) // 2
    other = DARK if shades is LIGHT else LIGHT
    assert other.accent not in colors


def test_what_takes_long_to_read_is_said_to_be_read(qtbot: QtBot) -> None:
    """Until the first month is there its place is not left blank for long, and then it says nothing else."""
    window = ExportWindow(FakeExporter(), lambda _: 1)
    qtbot.addWidget(window)
    window.open_on(None)
    assert not window.reading.text()
    qtbot.waitUntil(lambda: window.reading.text() == "Reading the month…" and window.reading.isVisible())
    stage = Stage(EXPORT_SCENES["ordinary"])
    qtbot.addWidget(stage.window)
    assert stage.window.preview.isVisible()
    assert not stage.window.reading.isVisible()
