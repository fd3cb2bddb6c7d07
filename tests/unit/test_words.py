"""The words for amounts: estimates, what has no price, several currencies, and columns that add up as displayed."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.test_tally import AS_IT_COMES, row
from tokentray.insight import words
from tokentray.insight.tally import Tally, tally
from tokentray.model import Caveat, UsageRow
from tokentray.money import NumberStyle, minor_digits

STYLE = NumberStyle()
GERMAN = NumberStyle(",", ".", False)
BILLED, FEE = ("billed",), ("plan",)
LACKING = row("0", None, tokens=9, unpriced=9)


def whole(*rows: UsageRow) -> Tally:
    """Rows added up as they come."""
    return tally(rows, AS_IT_COMES)


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([], "$0.00"),
        ([row("6.67", basis=FEE)], "$6.67"),
        ([row("11.97", "11.97", tokens=5)], "≈ $11.97"),
        ([row("6.67", basis=FEE), row("1", "1", tokens=5)], "≈ $7.67"),
        ([row("6.67", basis=FEE), row("0", "1", tokens=5)], "$6.67"),
        ([row("0.004", basis=BILLED)], "<$0.01"),
        ([row("0.004", "0.004", tokens=5)], "≈ <$0.01"),
        ([row("-3", basis=BILLED)], "−$3.00"),
        ([row("3", basis=BILLED), row("-3", basis=BILLED)], "$0.00"),
        ([row("3", "3", tokens=5), row("0", None, tokens=9, unpriced=9, unpriced_paid=9)], "at least ≈ $3.00"),
        ([row("3", basis=FEE), row("0", None, tokens=9, unpriced=9, unpriced_paid=9)], "at least ≈ $3.00"),
        ([row("3", basis=FEE), row("0", None, tokens=9, unpriced=9)], "$3.00"),
        ([row("0", None, tokens=9, unpriced=9, unpriced_paid=9)], "not priced"),
        ([row("0.001", "0.001", tokens=1), row("0", None, tokens=9, unpriced=9, unpriced_paid=9)], "mostly not priced"),
        ([row("1", basis=BILLED), row("6", currency="EUR", basis=FEE)], "$1.00 + €6.00"),
        ([row("6", currency="EUR", basis=FEE), row("900", currency="JPY", basis=FEE)], "€6.00 + ¥900"),
        ([row("1.2345", currency="KWD", basis=FEE)], "1.234\N{NO-BREAK SPACE}KWD"),
        ([row("1234567", basis=FEE)], "$1,234,567.00"),
    ],
)  # fmt: skip
def test_spend(rows: list[UsageRow], text: str) -> None:
    """≈ where some of it is an estimate; "at least" where some that is paid has no price; never a made-up zero."""
    assert words.spend_text(whole(*rows), "USD", STYLE) == text


@pytest.mark.parametrize(
    ("rows", "text", "sentence"),
    [
        ([], "≈ $0.00", "≈ $0.00 at list price"),
        ([row("0", "38.10", tokens=5)], "≈ $38.10", "≈ $38.10 at list price"),
        ([row("0", None, tokens=1200, unpriced=1200)], "not priced", "1,200 tokens without a price"),
        ([row("0", "2", tokens=5), LACKING], "at least ≈ $2.00", "at least ≈ $2.00 at list price"),
        ([row("0", "0.001", tokens=5), LACKING], "mostly not priced", "14 tokens, mostly without a price"),
        ([row("10", "0", basis=FEE), row("0", "0.004", tokens=5)], "≈ <$0.01", "≈ <$0.01 at list price"),
    ],
)  # fmt: skip
def test_worth(rows: list[UsageRow], text: str, sentence: str) -> None:
    """Always an estimate, whoever pays; within a sentence too it never reads "not priced at list price"."""
    assert words.worth_text(whole(*rows), "USD", STYLE) == text
    assert words.at_list_price(whole(*rows), "USD", STYLE) == sentence


def test_the_persons_own_way_of_writing() -> None:
    """Decimal comma, and the sign behind."""
    amount = whole(row("1234.5", basis=FEE), row("2", currency="EUR", basis=FEE))
    assert words.spend_text(amount, "EUR", GERMAN) == "2,00\N{NO-BREAK SPACE}€ + 1.234,50\N{NO-BREAK SPACE}$"


def test_what_leads_stands_first() -> None:
    """The person's currency, then the others by their codes."""
    amount = whole(*(row("1", currency=code, basis=FEE) for code in ("USD", "JPY", "EUR", "GBP")))
    assert words.spend_text(amount, "GBP", STYLE) == "£1.00 + €1.00 + ¥1 + $1.00"


def test_three_parts_of_a_cent() -> None:
    """0.6 of a cent each are 1.8: two rows of a cent, and one that says that there was something."""
    column = [whole(row("0.006", basis=FEE)) for _ in range(3)]
    assert words.spend_texts(column, "USD", STYLE) == ["$0.01", "$0.01", "<$0.01"]
    assert words.spend_text(whole(*[row("0.006", basis=FEE)] * 3), "USD", STYLE) == "$0.02"


def test_a_row_short_of_a_cent_that_lacks_prices_says_so() -> None:
    """Sharing must not turn "at least a cent" into "at least less than a cent"."""
    lacking = row("0", None, tokens=9, unpriced=9, unpriced_paid=9)
    column = [whole(row("0.006", "0.006", tokens=1)), whole(row("0.006", "0.006", tokens=1)),
              whole(row("0.006", "0.006", tokens=1), lacking)]  # fmt: skip
    assert words.spend_texts(column, "USD", STYLE) == ["≈ $0.01", "≈ $0.01", "mostly not priced"]


def shown_in(text: str, currency: str) -> Decimal:
    """What a reader adds up: the figure displayed of a currency, nothing for less than its smallest unit."""
    sign = {"USD": r"\$", "EUR": "€", "JPY": "¥"}.get(currency)
    found = re.search(
        rf"(−?)(<?){sign}([\d,.]+)" if sign else rf"(−?)(<?)([\d,.]+)\N{{NO-BREAK SPACE}}{currency}", text
    )
    if found is None or found[2]:
        return Decimal(0)
    return Decimal(found[1].replace("−", "-") + found[3].replace(",", ""))


amounts = st.one_of(
    st.integers(0, 10**7).map(lambda value: Decimal(value).scaleb(-6)),
    st.integers(0, 10**16).map(lambda value: Decimal(value).scaleb(-9)),
    st.integers(-(10**10), 0).map(lambda value: Decimal(value).scaleb(-9)),
)
columns = st.lists(
    st.lists(st.tuples(amounts, st.sampled_from(["USD", "EUR", "JPY", "KWD"])), max_size=4), min_size=1, max_size=8
)


@given(columns, st.sampled_from(["USD", "EUR", "JPY", "KWD"]))
def test_displayed_rows_add_up_to_the_displayed_total(column: list[list[tuple[Decimal, str]]], currency: str) -> None:
    """In each currency, also one of no digits and one of three; and no row is off by as much as its smallest unit."""
    rows = [[row(str(cost), currency=code, basis=FEE) for cost, code in parts] for parts in column]
    tallies = [whole(*parts) for parts in rows]
    total = words.spend_text(whole(*(one for parts in rows for one in parts)), currency, STYLE)
    texts = words.spend_texts(tallies, currency, STYLE)
    for code in ("USD", "EUR", "JPY", "KWD"):
        unit = Decimal(1).scaleb(-minor_digits(code))
        assert sum(shown_in(text, code) for text in texts) == shown_in(total, code)
        for one, text in zip(tallies, texts, strict=True):
            assert abs(shown_in(text, code) - one.cost_in(code)) < unit


@given(columns)
def test_displayed_worth_adds_up_as_well(column: list[list[tuple[Decimal, str]]]) -> None:
    """The same for tokens at list price."""
    rows = [[row("0", str(abs(cost)), currency=code, tokens=1) for cost, code in parts] for parts in column]
    tallies = [whole(*parts) for parts in rows]
    total = words.worth_text(whole(*(one for parts in rows for one in parts)), "USD", STYLE)
    texts = words.worth_texts(tallies, "USD", STYLE)
    for code in ("USD", "EUR", "JPY", "KWD"):
        assert sum(shown_in(text, code) for text in texts) == shown_in(total, code)


def test_sentences() -> None:
    """Parts joined, the first letter large, a full stop; nothing where there is nothing."""
    assert words.sentence(["one thing", "", "another"]) == "One thing; another."
    assert words.sentence(["", ""]) == ""
    assert words.listed([]) == ""
    assert words.listed(["A"]) == "A"
    assert words.listed(["A", "B"]) == "A and B"
    assert words.listed(["A", "B", "C"]) == "A, B and C"
    assert words.unpriced_text(40_000, STYLE) == "40,000 tokens have no known price and are left out"


def test_every_caveat_has_words() -> None:
    """Each id of the contract is told, and in a clause that can follow another."""
    texts = words.caveat_texts([caveat.value for caveat in Caveat])
    assert len(texts) == len(set(texts)) == len(Caveat)
    assert all(text and text[0].islower() and not text.endswith(".") for text in texts)


@pytest.mark.parametrize(
    ("model", "shown"),
    [
        ("claude-opus-4-8", "claude-opus-4-8"),
        ("qwen3-coder:30b", "qwen3-coder:30b"),
        ("/home/me/models/secret.gguf", "a model of your own"),
        ("me@example.org", "a model of your own"),
        ("x" * 61, "a model of your own"),
        ("", "a model of your own"),
    ],
)
def test_names_of_models_that_could_be_private(model: str, shown: str) -> None:
    """A path or an address is never shown as a name."""
    assert words.public_model_name(model) == shown


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (1, "n0"),
        (5, "n0, n1, n2, n3 and n4"),
        (6, "n0, n1, n2, n3 and 2 others"),
        (1300, "n0, n1, n2, n3 and 1,296 others"),
    ],
)
def test_of_many_names_a_few_are_told(count: int, text: str) -> None:
    """All of them are accounted for."""
    assert words.listed_few([f"n{number}" for number in range(count)], NumberStyle()) == text
