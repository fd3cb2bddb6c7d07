"""The notes of an exported month: the words and the money of the Notes view."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from shutil import copyfile

import pytest

from tests.ui.fake_engine import DEMO_NOW_UTC
from tests.unit.export_month import OPUS, call, make, tell
from tokentray.clock import UtcZone
from tokentray.engine.reports import notes as view
from tokentray.engine.reports.ground import Ground
from tokentray.export.compose import document
from tokentray.export.document import TableBlock
from tokentray.export.summary import MonthSummary, build
from tokentray.money import Nanos, NumberStyle
from tokentray.question import Period, Question, Span, View
from tokentray.settings import DEFAULTS
from tokentray.store.history import History

OCTOBER = date(2026, 10, 1)
TODAY = date(2026, 11, 22)
ALONE = (
    (date(2026, 10, 8), "three releases", "", Nanos(3 * 10**9), "releases"),
    (date(2026, 10, 12), "Tables <b>& more", "lanternfish", Nanos(0), ""),
    (date(2026, 10, 13), "never seen", "no such project", Nanos(10**9), "thing"),
)
TOGETHER = (*ALONE, (date(2026, 10, 8), "and a talk", "harbour-ui", Nanos(2_500_000_000), "talks"))


@pytest.fixture(params=[ALONE, TOGETHER], ids=["alone", "together"])
def history(request: pytest.FixtureRequest, demo_home: Path, tmp_path: Path) -> Iterator[History]:
    """The made-up year with these notes: each beside money of its own, or two beside the same."""
    path = tmp_path / "history.db"
    copyfile(demo_home / "history.db", path)
    for written in request.param:
        tell(path, lambda told, written=written: told.add_note(*written, 0))  # type: ignore[misc]
    with History(path) as opened:
        yield opened


def _summary(history: History) -> MonthSummary:
    return build(history, OCTOBER, UtcZone(), today=TODAY)


def _block(summary: MonthSummary) -> TableBlock:
    (block,) = [one for one in document(summary).blocks if one.id == "notes"]
    assert isinstance(block, TableBlock)
    return block


def test_it_says_what_the_view_says(history: History) -> None:
    """Every note of the month with the same words, amounts and total, the oldest first."""
    ground = Ground(history, DEMO_NOW_UTC, UtcZone(), NumberStyle(), DEFAULTS)
    report = view.build(ground, Question(View.NOTES, period=Period(Span.MONTH, OCTOBER)))
    block = _block(_summary(history))
    shown = [column.id for column in block.columns]
    assert shown == ["day", "note", "project", "quantity", "spend", "worth", "each"]
    names = {"spend": "cost", "worth": "list_cost"}
    places = [[column.id for column in report.table.columns].index(names.get(one, one)) for one in shown]

    def texts(cells: tuple[object, ...]) -> list[str]:
        return [getattr(cells[place], "text").replace("–", "") for place in places]  # noqa: B009 # cells of a report

    told = sorted((row.cells[0].value, int(row.id.split(":")[1]), texts(row.cells)) for row in report.table.rows)
    assert [[cell.text.replace("–", "") for cell in row] for row in block.rows] == [one for *_, one in told]
    assert block.total is not None
    (total,) = report.table.totals
    assert block.total[0].text == total.cells[0].text
    assert [cell.text.replace("–", "") for cell in block.total[4:6]] == texts(total.cells)[4:6]


def test_what_counts_once_is_said(history: History) -> None:
    """Where two notes stand beside the same money, the total says so, else rows add up to it."""
    summary = _summary(history)
    block = _block(summary)
    assert block.total is not None
    spends = [row[4].value for row in block.rows]
    if summary.notes.shares_money:
        assert block.total[0].text == "Total, each day once"
        assert "Some notes stand beside the same money: it counts once in the total." in block.notes
    else:
        assert sum(one for one in spends if isinstance(one, Decimal)) == block.total[4].value


def test_values_stand_beside_the_words(history: History) -> None:
    """Unrounded, for files that machines read."""
    found = {one.text: one for one in _summary(history).notes.figures}
    assert (found["three releases"].quantity, found["three releases"].of) == (Decimal(3), "releases")
    assert found["three releases"].cost > 0
    assert found["Tables <b>& more"].quantity is None
    nothing = found["never seen"]
    assert (nothing.cost, nothing.list_cost) == (Decimal(0), Decimal(0))
    assert nothing.spend_text == "–"


def test_a_month_without_notes_has_no_such_table(demo_home: Path) -> None:
    """Nothing stands in for it."""
    with History(demo_home / "history.db") as opened:
        made = document(build(opened, date(2026, 2, 1), UtcZone(), today=TODAY))
    assert "notes" not in [block.id for block in made.blocks]


def test_one_of_many_that_comes_to_next_to_nothing(tmp_path: Path) -> None:
    """None of nine costs at least less than a cent where other tokens have no price; file and view agree."""
    calls = [call("2026-10-08 10:00", OPUS, "a", (0, 1_000)), call("2026-10-08 11:00", "unheard-of", "a", (0, 90_000))]
    path = make(tmp_path / "history.db", {"claude-code": calls})
    tell(path, lambda told: told.add_note(date(2026, 10, 8), "drafts", "", Nanos(9 * 10**9), "drafts", 0))
    with History(path) as opened:
        ground = Ground(opened, DEMO_NOW_UTC, UtcZone(), NumberStyle(), DEFAULTS)
        report = view.build(ground, Question(View.NOTES, period=Period(Span.MONTH, OCTOBER)))
        summary = _summary(opened)
    each = [column.id for column in report.table.columns].index("each")
    assert summary.notes.figures[0].each_text == report.table.rows[0].cells[each].text == "mostly not priced"
