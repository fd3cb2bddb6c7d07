"""Plans over days, notes in words, and the way from the views beside the usage into the usage."""

from datetime import date
from decimal import Decimal

import pytest

from tests.unit.test_tally import row
from tokentray.insight.deeper import deeper
from tokentray.insight.note_words import beside, quantity_text, shares_money
from tokentray.insight.plan_months import idle_text, plan_days
from tokentray.insight.plan_worth import at_least
from tokentray.model import Note
from tokentray.money import NumberStyle
from tokentray.question import Period, Question, Span, View
from tokentray.report import Row

DAY, NEXT = date(2026, 11, 13), date(2026, 11, 14)


def note(day: date = DAY, project: str = "", quantity: str = "", of: str = "") -> Note:
    return Note(1, day, "text", project, Decimal(quantity) if quantity else None, of)


def test_plans_by_their_ids() -> None:
    """Fees and tokens of one plan together, in the order of the ids as numbers; last used is the last day with use."""
    rows = [
        row("1", basis=("plan",), source="plan:10", payer="plan:10"),
        row("0", "3", tokens=5, day=DAY, source="codex", payer="plan:9"),
        row("0", "3", tokens=5, day=NEXT, source="amp", payer="plan:9"),
        row("1", basis=("plan",), day=date(2026, 11, 20), source="plan:9", payer="plan:9"),
        row("4", "4", tokens=5, source="pi", payer="payg"),
        row("0", "4", tokens=5, source="pi"),
    ]
    nine, ten = plan_days(rows)
    assert (nine.name, nine.sources, nine.last_used, len(nine.rows)) == ("plan:9", ("codex", "amp"), NEXT, 3)
    assert (ten.name, ten.sources, ten.last_used, len(ten.rows)) == ("plan:10", (), None, 1)


@pytest.mark.parametrize(
    ("last_used", "text"),
    [
        (date(2026, 11, 9), ""),
        (date(2026, 11, 8), "no use in 14 days"),
        (date(2026, 10, 9), "no use in 44 days"),
        (None, "no use in 30 days or more"),
    ],
)
def test_idle_plans(last_used: date | None, text: str) -> None:
    """A fortnight without use is worth a quiet word."""
    assert idle_text(last_used, date(2026, 10, 23), date(2026, 11, 22)) == text


def test_a_plan_known_for_a_few_days_is_not_idle() -> None:
    """Nothing is said of a plan that has just begun."""
    assert idle_text(None, date(2026, 11, 20), date(2026, 11, 22)) == ""


@pytest.mark.parametrize(
    ("text", "unpriced", "told"), [("6.7×", 0, "6.7×"), ("6.7×", 1, "at least 6.7×"), ("<0.1×", 1, ""), ("", 1, "")]
)
def test_a_ratio_of_which_a_part_is_not_known(text: str, unpriced: int, told: str) -> None:
    """ "At least" and "less than" do not go together."""
    assert at_least(text, unpriced) == told


def test_quantities_as_they_were_typed() -> None:
    """All digits, in the person's locale."""
    german = NumberStyle(decimal_point=",", group_separator=".")
    assert quantity_text(note(quantity="3", of="releases"), NumberStyle()) == "3 releases"
    assert quantity_text(note(quantity="1234.5", of="km"), german) == "1.234,5 km"
    assert quantity_text(note(quantity="3"), NumberStyle()) == "3"
    assert quantity_text(note(), NumberStyle()) == ""


def test_money_beside_notes_counts_once() -> None:
    """All of a day where any note is of all of it, else the projects that notes name."""
    assert beside([note(project="a"), note(project="b"), note(project="a"), note(NEXT), note(NEXT, "a")]) == {
        DAY: frozenset({"a", "b"}),
        NEXT: None,
    }
    assert beside([note(), note(project="a")]) == {DAY: None}
    assert shares_money([note(project="a"), note(NEXT, "a"), note(project="b")]) is False
    assert shares_money([note(project="a"), note(project="a")]) is True
    assert shares_money([note(project="a"), note()]) is True
    assert shares_money([note(), note()]) is True


@pytest.mark.parametrize(
    ("view", "where", "by"),
    [
        (View.PRICES, (("model", "opus"),), "source"),
        (View.PLANS, (("payer", "plan:1"),), "source"),
        (View.RECONCILE, (("source", "account:1"),), "model"),
    ],
)
def test_a_row_of_another_view_leads_into_its_usage(view: View, where: tuple[tuple[str, str], ...], by: str) -> None:
    """Also where that is the only step left to take."""
    found = deeper(Question(view, picked=("x",)), Row("x", (), where=where))
    assert found is not None
    assert (found.view, found.where, found.by, found.picked) == (View.USAGE, where, (by,), ())
    again = deeper(Question(view, where=where), Row("x", (), where=where))
    assert again is not None
    assert again.view is View.USAGE


def test_a_note_leads_into_its_day() -> None:
    """And into its project, where it names one."""
    found = deeper(Question(View.NOTES), Row("note:1", (), where=(("day", "2026-11-13"), ("project", "shop"))))
    assert found is not None
    assert found.view is View.USAGE
    assert found.period == Period(Span.CUSTOM, DAY, DAY)
    assert found.where == (("project", "shop"),)
    assert found.outer == (Period(),)
