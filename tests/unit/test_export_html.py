"""The HTML file of a month: whole, still, harmless, and the same month as in every other format."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pypdfium2
import pytest

from tests.unit.export_month import OPUS, TERRA, call, charge, make, plan, rule, tell, text_of
from tests.unit.test_export_summary import NOVEMBER, TINY, TODAY
from tokentray.charts.colors import DARK, LIGHT
from tokentray.charts.text import shown
from tokentray.clock import UtcZone
from tokentray.export.compose import document
from tokentray.export.document import ChartBlock, ListBlock, TableBlock
from tokentray.export.html_paper import height, layout, type_size
from tokentray.export.html_text import LONGEST, sentence, short
from tokentray.export.summary import MonthSummary, build
from tokentray.model import LogEvent, PayerKind
from tokentray.store.history import History

OCTOBER = date(2026, 10, 1)
VOID = {"meta", "col", "br", "hr", "img", "link", "input"}
NAMES = (
    '"><img src=x onerror=alert(1)>',
    "<b>bold & bolder",
    "مشروع (1)",
    "a\x1b[31m\u202eb",
    "🦊 fox",
    'it\'s "quoted"',
    "x" * 300,
    "</style><!-- ",
)


@dataclass
class Page(HTMLParser):
    """A file as read: every tag closed in its turn, the cells of each table, and all text outside the style."""

    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    text: dict[str, str] = field(default_factory=dict)
    style: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[str] = []
        self._id = ""

    @classmethod
    def of(cls, text: str) -> "Page":
        """The page of a file."""
        page = cls()
        page.feed(text)
        page.close()
        assert page._open == [], "left open"
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remembers where text belongs."""
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag in ("section", "details"):
            self._id = dict(attrs)["id"] or ""
        elif tag == "table":
            self.tables[self._id] = []
        elif tag == "tr":
            self.tables[self._id].append([])
        elif tag in ("th", "td"):
            self.tables[self._id][-1].append("")
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Shapes of a drawing alone close themselves."""
        assert "svg" in self._open, tag
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        """Nothing closes but what was opened last."""
        assert self._open.pop() == tag
        if tag in ("section", "details"):
            self._id = ""

    def handle_data(self, data: str) -> None:
        """Text where it belongs."""
        if self._open and self._open[-1] == "style":
            self.style += data
            return
        self.text[self._id] = self.text.get(self._id, "") + data
        if "th" in self._open or "td" in self._open:
            self.tables[self._id][-1][-1] += data

    def handle_comment(self, data: str) -> None:
        """There are none."""
        raise AssertionError(data)


def _summary(
    path: Path, calls: dict[str, list[LogEvent]], month: date = NOVEMBER, redact: bool = False
) -> MonthSummary:
    with History(make(path / "history.db", calls, hourly="100")) as history:
        return build(history, month, UtcZone(), today=TODAY, redact=redact)


@pytest.fixture(scope="module")
def demo(demo_home: Path) -> MonthSummary:
    """October of the demo: the ordinary month."""
    with History(next(demo_home.rglob("history.db"))) as history:
        return build(history, OCTOBER, UtcZone(), today=date(2026, 11, 22))


@pytest.fixture
def hostile(tmp_path: Path) -> MonthSummary:
    """A month in which everything that can be named is named badly."""
    calls = {
        "claude-code": [
            call(f"2026-11-{day:02d} 10:00", OPUS, name.replace("/", "∕"), (0, 40_000 * day))
            for day, name in enumerate(NAMES, 1)
        ],
        "codex": [call("2026-11-20 10:00", TERRA, "harbour", (10_000_000, 1))],
        "pi": [call("2026-11-21 10:00", "<i>local</i>:30b", "harbour", (10_000, 1))],
    }
    path = make(tmp_path / "history.db", calls, hourly="100")
    tell(
        path,
        plan("الخطة <b>", "100", "claude-code"),
        charge("2026-11-03", "12.50", "</style><script>x</script>"),
        charge("2026-11-04", "7", "&amp;", "EUR"),
        rule("codex", PayerKind.NOBODY),
    )
    with History(path) as history:
        return build(history, NOVEMBER, UtcZone(), today=TODAY)


def _rows(block: TableBlock) -> Iterator[list[str]]:
    yield [column.title for column in block.columns]
    for row in (*block.rows, *([block.total] if block.total else [])):
        yield [short(row[0].text), *(shown(cell.text) for cell in row[1:])]


def _tidy(texts: list[str]) -> list[str]:
    """A day is aligned with a space as wide as a figure, a name is as it is."""
    return [text.replace("\N{FIGURE SPACE}", " ") for text in texts]


@pytest.mark.parametrize("month", ["demo", "hostile"])
def test_every_block_is_there_with_every_cell(month: str, request: pytest.FixtureRequest) -> None:
    """Tables are read back cell by cell; sentences are there; blocks stand in the order of the document."""
    summary: MonthSummary = request.getfixturevalue(month)
    made, page = document(summary), Page.of(text_of("html", summary))
    assert page.tags.count("h1") == 1
    assert [key for key in page.text if key] == [block.id for block in made.blocks]
    for block in made.blocks:
        if isinstance(block, TableBlock):
            assert [_tidy(row) for row in page.tables[block.id]] == [_tidy(row) for row in _rows(block)]
            sentences = block.notes
        else:
            sentences = block.sentences if isinstance(block, ListBlock) else (block.spoken,)
        assert all(shown(sentence) in page.text[block.id] for sentence in sentences)
    said = page.text[""]
    assert all(shown(text) in said for text in (made.title, made.amount, made.said, *made.sentences))


@pytest.mark.parametrize("month", ["demo", "hostile"])
def test_it_runs_nothing_and_fetches_nothing(month: str, request: pytest.FixtureRequest) -> None:
    """No scripts, no handlers, no addresses: what looks like one is text."""
    page = Page.of(text_of("html", request.getfixturevalue(month)))
    allowed = {"html", "head", "meta", "title", "style", "body", "main", "header", "h1", "h2", "p", "strong", "div",
               "section", "details", "summary", "table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr",
               "th", "td", "bdi", "time", "span", "ul", "li", "figure", "figcaption",
               "svg", "desc", "rect", "line", "text"}  # fmt: skip
    assert set(page.tags) <= allowed
    names = {name for _, name, _ in page.attributes}
    assert not {name for name in names if name.startswith("on") or name in ("href", "src", "srcset", "action")}
    assert [one for one in page.attributes if "//" in one[2] and one[1] not in ("xmlns", "title")] == []
    assert not re.search(r"url\(|@import|//|expression", page.style)
    policies = [value for tag, name, value in page.attributes if tag == "meta" and name == "content"]
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in policies


def test_heads_and_totals_are_named_as_such(demo: MonthSummary) -> None:
    """A screen reader says the head of each cell, and what each table, chart and row is."""
    page = Page.of(text_of("html", demo))
    scopes = [value for tag, name, value in page.attributes if tag == "th" and name == "scope"]
    tables = [block for block in document(demo).blocks if isinstance(block, TableBlock)]
    assert scopes.count("col") == sum(len(block.columns) for block in tables)
    assert scopes.count("row") == sum(len(block.rows) + bool(block.total) for block in tables)
    assert page.tags.count("th") == len(scopes)
    assert page.tags.count("caption") == page.tags.count("table") == len(tables)
    assert ("svg", "role", "img") in page.attributes
    assert ("html", "lang", "en") in page.attributes
    assert page.tags.count("details") == sum(block.is_detail for block in tables)
    days = [value for tag, name, value in page.attributes if tag == "time" and name == "datetime"]
    assert {f"2026-10-{day:02d}" for day in range(1, 32)} <= set(days)


def test_names_do_not_turn_their_neighbours_and_long_ones_are_cut(hostile: MonthSummary) -> None:
    page = Page.of(text_of("html", hostile))
    names = [row[0] for row in page.tables["project"]]
    assert "مشروع (1)" in names
    assert "a\\x1b[31m\\u202eb" in names
    assert "x" * (LONGEST - 1) + "…" in names
    assert ("bdi", "title", "x" * 300) in page.attributes
    isolated = sum(tag == "bdi" and (name, value) == ("dir", "auto") for tag, name, value in page.attributes)
    assert isolated == page.tags.count("bdi") > len(NAMES)


def test_light_and_dark_and_always_light_on_paper(demo: MonthSummary) -> None:
    """Each colour of the chart has one for the dark, which holds on screens alone."""
    page = Page.of(text_of("html", demo))
    light, _, after = page.style.partition("@media screen and (prefers-color-scheme: dark) {\n")
    dark, _, _ = after.partition("\n}\n")
    assert f"--page: {LIGHT.window};" in light
    assert f"--page: {DARK.window};" in dark
    assert DARK.window not in light
    painted = {(name, value) for _, name, value in page.attributes if name in ("fill", "stroke") and value != "none"}
    assert len(painted) > 3
    for name, value in painted:
        assert f'svg [{name}="{value}"] {{ {name}: #' in dark


def test_the_same_month_gives_the_same_bytes(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    assert text_of("html", _summary(one, TINY)) == text_of("html", _summary(other, TINY))


def test_a_month_of_which_nobody_said_who_pays(tmp_path: Path) -> None:
    """No table stands beside what is said first, and nothing is called spent."""
    text = text_of("html", _summary(tmp_path, TINY))
    assert '<div class="opening">' not in text
    assert "spent" not in text
    assert "Worth at list price by day" in Page.of(text).text["chart"]


def test_blocks_stand_beside_each_other_and_keep_their_order(demo: MonthSummary) -> None:
    made = document(demo)
    plan = layout(made)
    assert plan.beside_opening == made.blocks[0]
    assert [block for run in plan.runs for block in run.blocks] == list(made.blocks[1:])
    assert sum(run.chart is not None for run in plan.runs) == 1
    assert next(run for run in plan.runs if run.chart).is_beside


def test_a_chart_alone_stands_alone(tmp_path: Path) -> None:
    """What is folded beside it takes no room on paper, so it is drawn for the whole width only."""
    text = text_of("html", _summary(tmp_path, TINY))
    assert text.count("<svg") == 1
    assert "charted" not in text.partition("</style>")[2]


def test_type_on_paper_is_as_large_as_a_page_lets_it_be(hostile: MonthSummary, tmp_path: Path) -> None:
    """It shrinks to spare a second page, and not where there is one anyway."""
    made = document(hostile)
    size = type_size(layout(made))
    assert height(layout(made), size) <= 740 < height(layout(made), size + 1)
    (tmp_path / "little").mkdir()
    assert type_size(layout(document(_summary(tmp_path / "little", TINY)))) == 90
    many = tuple(f"{at} is a reason of some length, of which there are very many in this month." for at in range(99))
    assert type_size(layout(replace(made, blocks=(*made.blocks, ListBlock("n", "Notes", many))))) == 80


def test_what_is_not_the_last_word_and_what_changed_is_said_first(demo: MonthSummary) -> None:
    """Above everything that can still move, and as text."""
    changed = ("Changed since it was exported: $2, was $1.", "<b>OpenAI</b>: $2, was $1.")
    page = Page.of(text_of("html", replace(demo, status="Provisional: not <billed> yet.", changed=changed)))
    said = page.text[""]
    assert said.index("October 2026") < said.index("Provisional: not <billed> yet.") < said.index(demo.amount_text)
    assert said.index(demo.period_text) < said.index(changed[0]) < said.index(changed[1])


def _chromium() -> str:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("needs Chromium")
    return found


@pytest.mark.parametrize("month", ["demo", "hostile"])
def test_it_prints_on_one_page(month: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """An ordinary month, printed by a browser: one page, with every total and nothing that is folded."""
    program = _chromium()
    summary: MonthSummary = request.getfixturevalue(month)
    file, printed = tmp_path / "month.html", tmp_path / "month.pdf"
    file.write_bytes(text_of("html", summary).encode())
    subprocess.run(
        [program, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
         f"--user-data-dir={tmp_path / 'profile'}", f"--print-to-pdf={printed}", file.as_uri()],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    pdf = pypdfium2.PdfDocument(printed)
    try:
        assert len(pdf) == 1
        text = re.sub(r"\s+", " ", pdf[0].get_textpage().get_text_range())
    finally:
        pdf.close()
    for block in document(summary).blocks:
        if isinstance(block, TableBlock) and not block.is_detail:
            assert block.title in text
            assert not block.total or block.total[1].text in text
        elif isinstance(block, ChartBlock):
            assert block.title in text
    assert "By day" not in text


def test_no_amount_is_parted_from_its_sign() -> None:
    """Where a line ends within a sentence, an estimate and a share stay whole; nothing else is kept together."""
    told = sentence("It cost ≈ $2.25 (9 %) more, mostly <b>.")
    assert told == (
        'It cost <span class="whole">≈ $2.25</span> (<span class="whole">9 %</span>) more, mostly &lt;b&gt;.'
    )
