"""Equivalents: the formulas worked by hand, the words at every edge, and sums that lose nothing."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentray.insight.exchange import Exchange
from tokentray.insight.reference import Part, Reference, duration_text
from tokentray.model import ExchangeRate, ReferencePoint
from tokentray.money import NumberStyle

STYLE = NumberStyle()
GERMAN = NumberStyle(decimal_point=",", group_separator=".", symbol_first=False)
DAY = date(2026, 11, 21)
NO_RATES = Exchange([])


def point(
    kind: str, amount: str, since: str = "2026-01-01", currency: str = "USD", name: str = "", leads: bool = True
) -> ReferencePoint:
    """A reference point from a day on."""
    return ReferencePoint(1, kind, name, Decimal(amount), currency, date.fromisoformat(since), leads)


def dollars(amount: str, day: str = "2026-11-21") -> Part:
    """An amount of a day."""
    return Part(date.fromisoformat(day), Decimal(amount), "USD")


def told(of: ReferencePoint, amount: str, style: NumberStyle = STYLE, week: Decimal | int = 40) -> str:
    """An amount in one reference point, in words."""
    return Reference([of], NO_RATES, week).equivalent([dollars(amount)]).text(style)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("-5", "0 min of your time"),
        ("0", "0 min of your time"),
        ("0.000000001", "<1 min of your time"),
        ("0.5", "<1 min of your time"),
        ("0.500001", "1 min of your time"),
        ("1.5", "2 min of your time"),
        ("2.5", "2 min of your time"),
        ("9", "9 min of your time"),
        ("59.49", "59 min of your time"),
        ("59.5", "1 h 00 min of your time"),
        ("59.6", "1 h 00 min of your time"),
        ("60", "1 h 00 min of your time"),
        ("119.6", "2 h 00 min of your time"),
        ("128", "2 h 08 min of your time"),
        ("2399.49", "39 h 59 min of your time"),
        ("2399.5", "1.0 working week of your time"),
        ("2400", "1.0 working week of your time"),
        ("2520", "1.0 working week of your time"),
        ("2521", "1.1 working weeks of your time"),
        ("3120", "1.3 working weeks of your time"),
        ("24000000", "10,000.0 working weeks of your time"),
    ],
)
def test_the_hourly_rate_in_words(amount: str, text: str) -> None:
    """At 60 an hour a unit is a minute: minutes under an hour, then hours, then working weeks of forty hours."""
    assert told(point("hourly", "60"), amount) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("-1", "0 % of a month's pay"),
        ("0", "0 % of a month's pay"),
        ("0.000000001", "<0.1 % of a month's pay"),
        ("5", "<0.1 % of a month's pay"),
        ("5.01", "0.1 % of a month's pay"),
        ("96", "1 % of a month's pay"),
        ("324", "3.2 % of a month's pay"),
        ("994.9", "9.9 % of a month's pay"),
        ("995", "10 % of a month's pay"),
        ("1049", "10 % of a month's pay"),
        ("10000", "100 % of a month's pay"),
        ("11800", "118 % of a month's pay"),
        ("12345678", "123,457 % of a month's pay"),
    ],
)
def test_pay_in_words(amount: str, text: str) -> None:
    """120,000 a year is 10,000 a month; the share may pass a whole month's."""
    assert told(point("pay", "120000"), amount) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("-1", "0 coffees"),
        ("0", "0 coffees"),
        ("0.000000001", "<0.1 coffees"),
        ("0.225", "<0.1 coffees"),
        ("0.226", "0.1 coffees"),
        ("1.80", "0.4 coffees"),
        ("4.27", "0.9 coffees"),
        ("4.28", "1 coffee"),
        ("4.50", "1 coffee"),
        ("4.72", "1 coffee"),
        ("4.73", "1.1 coffees"),
        ("9", "2 coffees"),
        ("10.80", "2.4 coffees"),
        ("44.77", "9.9 coffees"),
        ("44.78", "10 coffees"),
        ("54.90", "12 coffees"),
        ("4500", "1,000 coffees"),
    ],
)
def test_a_thing_in_words(amount: str, text: str) -> None:
    """At 4.50 a coffee: tenths under ten, whole ones from there on."""
    assert told(point("thing", "4.50", name="a coffee"), amount) == text


@pytest.mark.parametrize(
    ("name", "one", "several"),
    [
        ("coffee", "1 coffee", "2.4 coffees"),
        ("A coffee", "1 coffee", "2.4 coffees"),
        (" an  espresso ", "1 espresso", "2.4 espressos"),
        ("box", "1 box", "2.4 boxes"),
        ("bus", "1 bus", "2.4 buses"),
        ("glass", "1 glass", "2.4 glasses"),
        ("sandwich", "1 sandwich", "2.4 sandwiches"),
        ("pastry", "1 pastry", "2.4 pastries"),
        ("tray", "1 tray", "2.4 trays"),
        ("GPU", "1 GPU", "2.4 GPUs"),
        ("coffees", "1 coffees", "2.4 coffees"),
        ("pint of beer", "1 pint of beer", "2.4 × pint of beer"),
        ("a pint of beer/pints of beer", "1 pint of beer", "2.4 pints of beer"),
        ("loaf / loaves", "1 loaf", "2.4 loaves"),
        ("coffee/", "1 coffee", "2.4 coffees"),
        ("/coffee", "1 coffee", "2.4 coffees"),
        ("コーヒー", "1 コーヒー", "2.4 × コーヒー"),
        ("PS5", "1 PS5", "2.4 × PS5"),
        ("/", "1 /", "2.4 × /"),
    ],
)
def test_names_of_things(name: str, one: str, several: str) -> None:
    """As one would say it; where English has no simple rule, or the words are several, as a multiple."""
    thing = point("thing", "10", name=name)
    assert told(thing, "10") == one
    assert told(thing, "24") == several


def test_numbers_are_written_as_the_locale_has_them() -> None:
    """In every kind."""
    assert told(point("thing", "10", name="coffee"), "24", GERMAN) == "2,4 coffees"
    assert told(point("thing", "10", name="coffee"), "0.01", GERMAN) == "<0,1 coffees"
    assert told(point("pay", "120"), "120", GERMAN) == "1.200 % of a month's pay"
    assert told(point("hourly", "1"), "123456", GERMAN) == "3.086,4 working weeks of your time"


def test_in_a_column_time_is_said_short() -> None:
    """Where the heading says whose time it is. A share and a thing say what they are of everywhere."""
    short = [
        Reference([of], NO_RATES).equivalent([dollars("128")]).text(STYLE, short=True)
        for of in (point("hourly", "60"), point("pay", "12000"), point("thing", "100", name="lunch"))
    ]
    assert short == ["2 h 08 min", "13 % of a month's pay", "1.3 lunches"]


@pytest.mark.parametrize(
    ("hours", "week", "text"),
    [
        (Fraction(37), Decimal("37.5"), "37 h 00 min"),
        (Fraction(4499, 120), Decimal("37.5"), "1.0 working week"),
        (Fraction(75), Decimal("37.5"), "2.0 working weeks"),
        (Fraction(3), 2, "1.5 working weeks"),
        (Fraction(59, 60), 1, "59 min"),
        (Fraction(1), 1, "1.0 working week"),
        (Fraction(167), 168, "167 h 00 min"),
    ],
)
def test_the_working_week_is_the_persons(hours: Fraction, week: Decimal | int, text: str) -> None:
    """A working week begins where the person's hours say."""
    assert (
        Reference([point("hourly", "1")], NO_RATES, week)
        .equivalent([Part(DAY, Decimal(hours.numerator) / Decimal(hours.denominator), "USD")])
        .text(STYLE, short=True)
        == text
    )


def test_the_past_is_at_the_rate_of_its_day() -> None:
    """50 at 50 an hour, then 50 at 100: an hour and a half. The first holds backwards; order says nothing."""
    reference = Reference([point("hourly", "100", "2026-07-01"), point("hourly", "50", "2026-01-01")], NO_RATES)
    parts = [dollars("25", "2025-06-01"), dollars("25", "2026-06-30"), dollars("50", "2026-07-01")]
    assert reference.equivalent(parts).hours == Fraction(3, 2)


def test_without_a_reference_point_there_is_no_equivalent() -> None:
    """Nothing is made up."""
    reference = Reference([], NO_RATES)
    nothing = reference.equivalent([dollars("1")])
    assert not reference.exists
    assert not reference.is_time
    assert nothing.text(STYLE) == nothing.text(STYLE, short=True) == nothing.missing_currency == ""
    assert nothing.hours is None


def test_one_of_several_leads() -> None:
    """Amounts are told in the one that leads, and hours are known from the others."""
    hourly, pay = point("hourly", "100", leads=False), point("pay", "120000", leads=False)
    coffee, lunch = point("thing", "5", name="coffee"), point("thing", "20", name="lunch", leads=False)
    reference = Reference([pay, lunch, coffee, hourly], NO_RATES)
    of_ten = reference.equivalent([dollars("10")])
    assert reference.exists
    assert not reference.is_time
    assert of_ten.text(STYLE) == "2 coffees"
    assert of_ten.hours == Fraction(1, 10)
    assert Reference([coffee, lunch], NO_RATES).equivalent([dollars("10")]).hours is None


@pytest.mark.parametrize("leads", ["pay", "thing"])
def test_pay_tells_hours_where_no_hourly_rate_does(leads: str) -> None:
    """104,000 a year is 2,000 a week: 50 an hour at forty hours a week, 62.50 at thirty-two."""
    points = [point("pay", "104000", leads=leads == "pay"), point("thing", "5", name="tea", leads=leads == "thing")]
    assert Reference(points, NO_RATES).equivalent([dollars("125")]).hours == Fraction(5, 2)
    assert Reference(points, NO_RATES, 32).equivalent([dollars("125")]).hours == 2
    with_rate = [*points, point("hourly", "125", leads=False)]
    assert Reference(with_rate, NO_RATES, 32).equivalent([dollars("125")]).hours == 1


def test_amounts_in_several_currencies() -> None:
    """Each at the exchange rate of its day: 11 USD at 1.1, then 12 USD at 1.2, 10 EUR and 8 GBP are 40 EUR."""
    exchange = Exchange(
        [
            ExchangeRate(1, "EUR", "USD", Decimal("1.1"), date(2026, 1, 1)),
            ExchangeRate(2, "EUR", "USD", Decimal("1.2"), date(2026, 6, 1)),
            ExchangeRate(3, "GBP", "USD", Decimal("1.5"), date(2026, 1, 1)),
        ]
    )
    parts = [
        dollars("11", "2026-05-31"),
        dollars("12", "2026-06-01"),
        Part(date(2026, 6, 1), Decimal(10), "EUR"),
        Part(date(2026, 6, 1), Decimal(8), "GBP"),
    ]
    reference = Reference([point("hourly", "20", currency="EUR")], exchange)
    assert reference.equivalent(parts).hours == 2
    assert reference.equivalent(parts).text(STYLE) == "2 h 00 min of your time"


def test_a_reference_point_may_change_its_currency() -> None:
    """Moved abroad in June: amounts before count against dollars, after against euros."""
    points = [point("hourly", "100", "2026-01-01"), point("hourly", "50", "2026-06-01", "EUR")]
    exchange = Exchange([ExchangeRate(1, "EUR", "USD", Decimal(2), date(2026, 1, 1))])
    parts = [dollars("100", "2026-05-31"), dollars("100", "2026-06-01")]
    assert Reference(points, exchange).equivalent(parts).hours == 2
    assert Reference(points, NO_RATES).equivalent(parts).text(STYLE) == "set a rate for EUR"
    assert Reference(points, NO_RATES).equivalent(parts[:1]).hours == 1


def euros(kind: str) -> ReferencePoint:
    """A reference point in euros."""
    return point(kind, "100", currency="EUR", name="coffee" if kind == "thing" else "")


@pytest.mark.parametrize("kind", ["hourly", "pay", "thing"])
def test_a_missing_rate_is_asked_for(kind: str) -> None:
    """Dollars are not divided by euros, nor left out of a sum; the text names the currency to set a rate for."""
    reference = Reference([euros(kind)], NO_RATES)
    asked = reference.equivalent([dollars("1")])
    assert asked.text(STYLE) == asked.text(STYLE, short=True) == "set a rate for EUR"
    assert asked.missing_currency == "EUR"
    assert asked.hours is None
    pounds = Part(DAY, Decimal(1), "GBP")
    assert reference.equivalent([dollars("1"), pounds]).missing_currency == "EUR"
    assert reference.equivalent([Part(DAY, Decimal(1), "EUR"), pounds]).missing_currency == "GBP"
    with_dollars = Reference([euros(kind)], Exchange([ExchangeRate(1, "USD", "EUR", Decimal("0.9"), DAY)]))
    assert with_dollars.equivalent([pounds, dollars("1")]).text(STYLE) == "set a rate for GBP"
    assert with_dollars.equivalent([dollars("1")]).missing_currency == ""
    assert with_dollars.equivalent([pounds]).missing_currency == "GBP", "the euro has its rate, whatever else is summed"


def test_nothing_needs_no_rate() -> None:
    """A day without spend is none of the person's time in any currency."""
    reference = Reference([euros("hourly")], NO_RATES)
    assert reference.equivalent([]).text(STYLE) == "0 min of your time"
    assert reference.equivalent([dollars("0")]).text(STYLE) == "0 min of your time"


def test_hours_are_left_out_where_only_they_lack_a_rate() -> None:
    """The leading reference point is told all the same."""
    points = [point("thing", "5", name="coffee"), point("hourly", "100", currency="EUR", leads=False)]
    one = Reference(points, NO_RATES).equivalent([dollars("10")])
    assert (one.text(STYLE), one.hours, one.missing_currency) == ("2 coffees", None, "")


RATES = Exchange(
    [
        ExchangeRate(1, "EUR", "USD", Decimal("1.0854"), date(2026, 1, 5)),
        ExchangeRate(2, "USD", "EUR", Decimal("0.93"), date(2026, 1, 15)),
        ExchangeRate(3, "GBP", "EUR", Decimal("1.17"), date(2026, 1, 10)),
    ]
)
ALL = [
    point("hourly", "87.5", "2026-01-01"),
    point("hourly", "99.99", "2026-01-10", "EUR"),
    point("pay", "81234", "2026-01-03", "GBP"),
    point("pay", "90000", "2026-01-12", "USD"),
    point("thing", "4.50", "2026-01-01", "EUR", "coffee"),
    point("thing", "5.10", "2026-01-20", "USD", "coffee"),
]
KINDS = st.sampled_from(["hourly", "pay", "thing"])
PARTS = st.builds(
    Part,
    st.dates(date(2025, 12, 25), date(2026, 1, 31)),
    st.decimals(-(10**4), 10**12, places=15),
    st.sampled_from(["USD", "EUR", "GBP"]),
)


def leading(kind: str) -> Reference:
    """All reference points of which one kind leads."""
    return Reference([one._replace(leads=one.kind == kind) for one in ALL], RATES)


@given(KINDS, st.lists(PARTS, max_size=12), st.integers(0, 12))
def test_equivalents_add_up(kind: str, parts: list[Part], cut: int) -> None:
    """However a sum is divided, what its parts come to is what it comes to: to the last digit."""
    reference = leading(kind)
    whole, one, other = (reference.equivalent(some) for some in (parts, parts[:cut], parts[cut:]))
    assert whole.units is not None
    assert whole.hours is not None
    assert whole.units == (one.units or 0) + (other.units or 0)
    assert whole.hours == (one.hours or 0) + (other.hours or 0)
    assert reference.equivalent(parts[::-1]) == whole


@given(KINDS, PARTS, st.decimals(0, 10**4, places=15))
def test_a_part_in_two_is_the_same(kind: str, part: Part, some: Decimal) -> None:
    """Whether two calls of a day come together or apart."""
    reference = leading(kind)
    apart = [part._replace(amount=some), part._replace(amount=Decimal(f"{-some:f}")), part]
    assert reference.equivalent(apart) == reference.equivalent([part])


@given(KINDS, st.lists(st.decimals(0, 10**4, places=4), min_size=2, max_size=6), st.integers(0, 12))
def test_more_money_is_never_less(kind: str, amounts: list[Decimal], exponent: int) -> None:
    """Exactly, and as read."""
    reference = leading(kind)
    told = [reference.equivalent([Part(DAY, amount.scaleb(exponent - 4), "USD")]) for amount in sorted(amounts)]
    for less, more in pairwise(told):
        assert less.units is not None
        assert more.units is not None
        assert less.units <= more.units
        assert _size(less.text(STYLE)) <= _size(more.text(STYLE))


@given(KINDS, st.lists(PARTS, max_size=4))
def test_words_are_always_words(kind: str, parts: list[Part]) -> None:
    """Never a minus, an exponent, an hour of sixty minutes, or "1" of several."""
    text = leading(kind).equivalent(parts).text(STYLE)
    assert text.endswith({"hourly": " of your time", "pay": " % of a month's pay"}.get(kind, ""))
    assert not [never for never in ("nan", "inf", "None", "-", "E+", " 60 min") if never in f" {text}"]
    assert not text.startswith(("1 coffees", "0 h", "<0 ", "1.0 working weeks"))
    assert _size(text) >= 0


@given(st.fractions(0, 10**6), st.sampled_from([Fraction(1), Fraction(75, 2), Fraction(40), Fraction(168)]))
def test_durations_are_as_near_as_they_are_read(hours: Fraction, week: Fraction) -> None:
    """Within half a minute, or half a tenth of a working week."""
    text = duration_text(hours, STYLE, week)
    half = week / 20 if "week" in text else Fraction(1, 120)
    assert abs(_size(text, week) - hours) <= half or text == "<1 min"


def _size(text: str, week: Fraction = Fraction(40)) -> Fraction:
    """What a text says, as a number: hours where it is a duration."""
    first, unit, *rest = text.replace(",", "").split()
    if first.startswith("<"):
        return Fraction(first[1:]) / 1000
    number = Fraction(first)
    if unit == "h":
        return number + Fraction(rest[0]) / 60
    return number * {"min": Fraction(1, 60), "working": week}.get(unit, Fraction(1))
