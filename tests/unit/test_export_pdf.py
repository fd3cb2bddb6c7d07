"""The PDF of a month: what is on its pages, in which order, and that no name and no amount does harm."""

import ast
import logging
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import pypdfium2
import pytest
from fontTools.ttLib import TTFont

from tests.unit.charts import bar_chart
from tests.unit.export_month import OPUS, call, charge, make, plan, tell, utc
from tests.unit.test_export_summary import NOVEMBER, TINY, TODAY
from tokentray import __version__, assets
from tokentray.charts import palette
from tokentray.charts.colors import LIGHT, rgb
from tokentray.clock import UtcZone
from tokentray.engine.demo import fill
from tokentray.export import pdf_chart, render
from tokentray.export.compose import document
from tokentray.export.document import Cell, ChartBlock, Column, Document, Kind, ListBlock, TableBlock
from tokentray.export.pdf import written
from tokentray.export.pdf_fonts import fonts_for
from tokentray.export.pdf_kerning import Kerned
from tokentray.export.pdf_shapes import Picture
from tokentray.export.pdf_type import Type
from tokentray.export.summary import MonthSummary, build
from tokentray.localeinfo import paper_is_letter
from tokentray.money import NumberStyle
from tokentray.store.history import History
from tokentray.store.writer import Writer

OCTOBER = date(2026, 10, 1)
DAY = date(2026, 10, 31)
PACKAGE = Path(__file__).parents[2] / "tokentray"
FOOT = 40.0
"""Below this height, in points, stands the foot of a page."""


class Letter(NamedTuple):
    """A letter on a page: its left and right end and its height over the lower edge, in points."""

    char: str
    left: float
    right: float
    bottom: float


@pytest.fixture(scope="module")
def october(tmp_path_factory: pytest.TempPathFactory) -> MonthSummary:
    """The demo's October: six sources, twelve models, eight projects, three plans."""
    path = tmp_path_factory.mktemp("demo") / "history.db"
    writer = Writer(path)
    fill(writer, now_utc=utc("2026-11-22 16:20"), zone=UtcZone())
    writer.close()
    with History(path) as history:
        return build(history, OCTOBER, UtcZone(), today=date(2026, 11, 22))


def _summary(path: Path, style: NumberStyle | None = None) -> MonthSummary:
    with History(path) as history:
        return build(history, NOVEMBER, UtcZone(), style, today=TODAY)


def _pages(data: bytes) -> list[str]:
    """The text of each page in the order in which it is in the file."""
    with pypdfium2.PdfDocument(data) as pdf:
        return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in pdf]


def _letters(data: bytes, number: int = 0) -> list[Letter]:
    with pypdfium2.PdfDocument(data) as pdf:
        text = pdf[number].get_textpage()
        found = []
        for at in range(text.count_chars()):
            left, bottom, right, _ = text.get_charbox(at, loose=True)
            found.append(Letter(text.get_text_range(at, 1), left, right, bottom))
        return found


def _lines(data: bytes, number: int = 0) -> Iterator[tuple[str, list[Letter]]]:
    """What stands at one height, with its letters."""
    heights: dict[int, list[Letter]] = {}
    for letter in _letters(data, number):
        if not letter.char.isspace():
            heights.setdefault(round(letter.bottom), []).append(letter)
    for _, letters in sorted(heights.items(), reverse=True):
        yield "".join(letter.char for letter in letters), letters


def _table(number: int, id_: str = "rows", title: str = "Many rows") -> TableBlock:
    columns = (Column("name", "What", Kind.NAME), Column("spend", "Spend", Kind.MONEY, "USD"))
    rows = tuple((Cell(f"row-{at:03d}"), Cell(f"${at}.00", Decimal(at))) for at in range(number))
    return TableBlock(id_, title, columns, rows, (Cell("Total"), Cell("$9,999.00", Decimal(9999))))


def test_an_ordinary_month_is_one_page(october: MonthSummary) -> None:
    """All that is not detail is on it: every name, every amount and every total as it reads elsewhere."""
    (page,) = _pages(render("pdf", october))
    words = re.sub(r"\s+", " ", page)
    made = document(october)
    for said in (made.title, made.amount, made.said, *made.sentences):
        assert said.replace("\u00a0", " ") in words
    tables = [block for block in made.blocks if isinstance(block, TableBlock) and not block.is_detail]
    assert len(tables) >= 6
    for table in tables:
        assert table.title in words
        money = [at for at, column in enumerate(table.columns) if column.kind in (Kind.NAME, Kind.MONEY)]
        for row in (*table.rows, *([table.total] if table.total else [])):
            for at in money:
                assert row[at].text.replace("\u00a0", " ") in words
    assert "1 of 1" not in words


def test_text_is_in_reading_order(october: MonthSummary) -> None:
    """What leads comes first, tables follow with their totals behind their rows, small print comes last."""
    (page,) = _pages(render("pdf", october))
    marks = ["October 2026", october.amount_text.replace("\u00a0", " "), "What it is made of", "Plans", "By source"]
    marks += ["By model", "By project", "How it is known"]
    places = [page.replace("\u00a0", " ").index(f"{mark}") for mark in marks]
    assert places == sorted(places)
    models = page[page.index("By model") : page.index("By project")]
    assert models.index("kimi-k2.7-code") < models.index("Total")


def test_the_same_month_is_the_same_file(october: MonthSummary) -> None:
    assert render("pdf", october) == render("pdf", october)


def test_decimal_points_are_under_each_other(october: MonthSummary) -> None:
    """In the table of sources those of a column are at one place to a fiftieth of a millimetre, in the total too."""
    data = render("pdf", october)
    lines = list(_lines(data))
    first = next(at for at, (text, _) in enumerate(lines) if text.startswith("SourceBasis")) + 1
    rows = [[letter.left for letter in letters if letter.char == "."] for _, letters in lines[first : first + 7]]
    assert "Total" in lines[first + 6][0]
    for column in range(2):
        places = [row[column] for row in rows]
        assert max(places) - min(places) < 0.06


def test_what_the_file_says_of_itself(october: MonthSummary) -> None:
    """Its title, language and the program; nothing of the machine, and the last day that it covers as its date."""
    data = render("pdf", october)
    with pypdfium2.PdfDocument(data) as pdf:
        said = pdf.get_metadata_dict(skip_empty=True)
    program = f"TokenTray {__version__}"
    assert said == {
        "Title": "October 2026, TokenTray",
        "Creator": program,
        "Producer": program,
        "CreationDate": "D:20261031000000Z",
    }
    assert b"/Lang (en)" in data
    assert b"/Alt " in data, "the chart is told in words"


def test_status_and_changes_stand_at_the_top(october: MonthSummary) -> None:
    changed = ("Spend was ≈ $180.00 and is ≈ $183.87.", "pi came in.")
    (page, *_) = _pages(render("pdf", replace(october, status="Provisional: late bills.", changed=changed)))
    places = [page.index(text) for text in ("October 2026", "Provisional: late bills.", "≈ $183.87", *changed)]
    assert places == sorted(places)
    assert places[-1] < page.index("What it is made of")


def test_a_month_with_a_little_too_much_is_two_full_pages(october: MonthSummary) -> None:
    """What is not on the first page fills the second, details and all, rather than a second and a third in part."""
    changed = tuple(f"Source {at}: $2.00, was $1.00." for at in range(12))
    one, two = _pages(render("pdf", replace(october, changed=changed)))
    assert "By model" in one
    assert "How it is known" in two
    assert "By day" in two


def test_a_small_month_has_its_days(tmp_path: Path) -> None:
    """Where there is room, details are on the page."""
    made = _summary(make(tmp_path / "history.db", {"codex": TINY["codex"]}))
    (page,) = _pages(render("pdf", made))
    assert "Tue 3" in re.sub(r" +", " ", page.replace("\u00a0", " "))


NAMES = (
    "مشروع الواجهة", "פרויקט 12", "日本語プロジェクト", "नमस्ते", "🚀 rocket 👩‍💻", "<script>alert(1)<|script>",
    "{nb}", "x" * 300, "a\u202eb\x1b[31m", "e\u0301te\u0301", "=1+1", "long words " * 30,
)  # fmt: skip


def _strange() -> Document:
    rows = tuple((Cell(name), Cell("$1.00", Decimal(1))) for name in NAMES)
    table = replace(_table(1), rows=rows)
    return Document(NAMES[0], "$12.00", NAMES[4], NAMES, (table, ListBlock("known", NAMES[1], NAMES)), NAMES[2], NAMES)


def test_names_of_any_kind(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    """They are text that cannot be taken for anything else, whole or with an ellipsis, and nobody hears of fonts."""
    caplog.set_level(logging.WARNING)
    pages = _pages(written(_strange(), DAY))
    page = "".join(pages)
    for shown in ("<script>alert(1)<|script>", "{nb}", r"a\u202eb\x1b[31m", "été", "=1+1"):
        assert page.count(shown) >= 3
    assert "x…" in page
    for name in ("日本語", "नमस्ते"):
        code = name[0].encode("unicode_escape").decode()
        assert name[0] in page or code in page
    assert not caplog.records
    assert capfd.readouterr() == ("", "")


@pytest.fixture
def fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which fontconfig finds fonts, empty so far."""
    if sys.platform in ("darwin", "win32") or not shutil.which("fc-match"):
        pytest.skip("fonts are found by fontconfig on Linux alone")
    folder = tmp_path / "fonts"
    folder.mkdir()
    config = tmp_path / "fonts.conf"
    config.write_text(f"<fontconfig><dir>{folder}</dir><cachedir>{tmp_path}/cache</cachedir></fontconfig>")
    monkeypatch.setenv("FONTCONFIG_FILE", str(config))
    return folder


def _make_font(file: Path, letters: str, *, rights: int = 0, damaged: str = "") -> None:
    """A font that draws these letters, as Latin ones."""
    font = TTFont(assets.path("fonts/SourceSans3-Regular.ttf"))
    drawn = {ord(letter): glyph for letter, glyph in zip(letters, cycle("abcdefg"))}
    for table in font["cmap"].tables:
        table.cmap = {code: glyph for code, glyph in drawn.items() if table.format == 12 or code < 0x10000}
    for table in ("GSUB", "GPOS", "GDEF"):
        del font[table]
    font["OS/2"].fsType = rights
    font.save(file)
    if damaged:
        with TTFont(file) as saved:
            place = saved.reader.tables[damaged]
        data = bytearray(file.read_bytes())
        data[place.offset : place.offset + place.length] = b"\xff" * place.length
        file.write_bytes(data)


def _of_name(name: str) -> Document:
    table = replace(_table(1), rows=((Cell(name), Cell("$1.00")), (Cell("plain"), Cell("$2.00"))))
    return Document("October 2026", "$3.00", "", (), (table,))


@pytest.mark.usefixtures("fonts")
def test_what_no_font_draws_is_its_code() -> None:
    """On a system without any font but the shipped one, names are still told apart, and composed letters whole."""
    (page,) = _pages(written(_of_name("ab אב 日"), DAY))
    assert r"ab \u05d0\u05d1 \u65e5" in page
    (page,) = _pages(written(_of_name("cafe\u0301"), DAY))
    assert "café" in page


@pytest.mark.parametrize("name", ["日本語プロジェクト", "मेरा", "🚀"])
def test_fonts_of_the_system_fill_in(fonts: Path, name: str) -> None:
    """What the shipped font lacks is drawn with one that has it, and can be copied out of the file."""
    _make_font(fonts / "other.ttf", f"{name} ab")
    (page,) = _pages(written(_of_name(f"ab {name}"), DAY))
    assert f"ab {name}" in page


def test_a_name_that_runs_leftwards(fonts: Path) -> None:
    """Its first letter is the rightmost one, and the figures within it stay as they are."""
    _make_font(fonts / "other.ttf", "אבגד")
    data = written(_of_name("אב 12 גד"), DAY)
    places = {letter.char: letter.left for letter in _letters(data) if letter.char in "אבגד"}
    assert places["א"] > places["ב"] > places["ג"] > places["ד"]
    assert "12" in _pages(data)[0]


def test_a_font_that_must_not_be_embedded_is_not(fonts: Path) -> None:
    _make_font(fonts / "other.ttf", "日本", rights=2)
    data = written(_of_name("日本"), DAY)
    assert r"\u65e5\u672c" in _pages(data)[0]


@pytest.mark.parametrize("table", ["head", "cmap", "glyf"])
def test_a_damaged_font_costs_its_letters_alone(fonts: Path, table: str) -> None:
    """Whether that shows when it is looked at or only when its letters are put into the file."""
    _make_font(fonts / "other.ttf", "日本", damaged=table)
    (fonts / "none.ttf").write_bytes(b"no font at all")
    (page,) = _pages(written(_of_name("日本"), DAY))
    assert r"\u65e5\u672c" in page
    assert "plain $2.00" in page


def test_what_does_not_fit_has_more_pages() -> None:
    """Every row and sentence is there once, tables begin each page with their heads, and pages are counted."""
    sentences = tuple(f"Sentence {at:03d} goes on for more than one line of a page. " * 3 for at in range(40))
    made = Document("October 2026", "$1.00", "spent", (), (_table(150), ListBlock("why", "Why", sentences)))
    data = written(made, DAY)
    pages = _pages(data)
    assert len(pages) > 3
    whole = "\n".join(pages)
    assert re.findall(r"row-\d{3}", whole) == [f"row-{at:03d}" for at in range(150)]
    assert [whole.count(f"Sentence {at:03d}") for at in range(40)] == [3] * 40
    for number, page in enumerate(pages, 1):
        assert f"October 2026, TokenTray {number} of {len(pages)}" in page
        if number > 1 and "row-" in page:
            assert page.startswith("Many rows, continued\nWhat")
    with pypdfium2.PdfDocument(data) as pdf:
        assert [mark.get_title() for mark in pdf.get_toc()] == ["October 2026", "Many rows", "Why"]


@pytest.mark.parametrize("rows", range(40, 68, 4))
def test_no_page_ends_with_a_heading(rows: int) -> None:
    """Wherever a page ends: a title has its heads and its first row with it, and a total the row before it."""
    blocks = (_table(rows, "one", "First of both"), _table(rows // 2, "source", "Second of both"))
    made = Document("October 2026", "$1.00", "spent", (), (*blocks, ListBlock("why", "Why so", ("One.", "Two."))))
    data = written(made, DAY)
    for number, page in enumerate(_pages(data)):
        body = [text for text, letters in _lines(data, number) if letters[0].bottom > FOOT]
        assert body
        assert not body[-1].startswith(("Firstofboth", "Secondofboth", "What", "Whyso"))
        assert not re.match(r"[^\n]+continued\nWhat[^\n]+\nTotal", page)


def test_nothing_leaves_the_page(tmp_path: Path) -> None:
    """Millions, millionths, several currencies and long names stay between the margins."""
    names = [call(f"2026-11-{at + 1:02d} 10:00", OPUS, name, (10**9, 10**8)) for at, name in enumerate(NAMES)]
    path = make(
        tmp_path / "history.db", {"claude-code": [*names, call("2026-11-02 10:00", OPUS, "tiny", (1,))]}, hourly="3"
    )
    tell(path, plan("Max", "100", "claude-code"), charge("2026-11-05", "123456789.01", "big " * 60))
    tell(path, charge("2026-10-05", "98765432.10"), charge("2026-11-06", "12.00", "euro", "EUR"))
    data = render("pdf", _summary(path, NumberStyle(",", ".", symbol_first=False)))
    text = "".join(_pages(data))
    assert "123.456.889,01" in text
    with pypdfium2.PdfDocument(data) as pdf:
        count, (wide, tall) = len(pdf), pdf[0].get_size()
    for number in range(count):
        letters = [letter for letter in _letters(data, number) if not letter.char.isspace()]
        assert min(letter.left for letter in letters) > 40
        assert max(letter.right for letter in letters) < wide - 40
        assert 15 < min(letter.bottom for letter in letters) < max(letter.bottom for letter in letters) < tall - 30


def test_a_month_with_nothing_but_a_fee(tmp_path: Path) -> None:
    path = make(tmp_path / "history.db", {})
    tell(path, plan("Claude Max", "100", "claude-code", currency="JPY"))
    (page,) = _pages(render("pdf", _summary(path)))
    assert page.count("¥100") >= 4


def test_a_chart_is_painted_in_its_colours_with_its_patterns() -> None:
    """Each part of a bar in its colour, and what shares a colour with another one under a pattern."""
    chart = bar_chart([[9, 8, 7]] * 3, series_inks=["source:codex", "agent:codex", "project:codex"])
    pdf = Kerned(unit="pt", format=(300, 200))
    pdf.add_page()
    type_ = Type(pdf, (), fonts_for)
    pdf_chart.paint(Picture(10, 10, 280, 180, ChartBlock("chart", "", chart, "")), pdf, type_)
    with pypdfium2.PdfDocument(bytes(pdf.output())) as made:
        picture = made[0].render(scale=4).to_pil().convert("RGB")
    colors = {color for _, color in picture.getcolors(picture.width * picture.height)}
    for name in (palette.color("source:codex", LIGHT), palette.paler("source:codex", LIGHT), LIGHT.rule):
        assert tuple(round(channel * 255) for channel in rgb(name)) in colors


def test_pages_are_made_of_texts_alone() -> None:
    """No module of the PDF reads an amount, so that its floats are places and never money."""
    for file in sorted((PACKAGE / "export").glob("pdf*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        read = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not read & {"value", "amounts", "total_cost", "cost", "list_cost", "shown_total", "figures"}, file.name


@pytest.mark.parametrize(
    ("environ", "letter"),
    [
        ({"LANG": "en_US.UTF-8"}, True),
        ({"LANG": "fr_CA"}, True),
        ({"LANG": "en_US.UTF-8", "LC_PAPER": "de_DE.UTF-8"}, False),
        ({"LC_ALL": "C.UTF-8", "LANG": "en_US.UTF-8"}, False),
        ({"LANG": "de_DE@euro"}, False),
        ({"LANG": "en_GB.UTF-8"}, False),
    ],
)
def test_paper_is_that_of_the_country(environ: dict[str, str], letter: bool) -> None:
    assert paper_is_letter(environ) is letter
