"""A month in spend: worked by hand, whose money it is told apart, and adding up in every currency."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from tests.unit.export_month import (
    OPUS,
    TERRA,
    TEXTS,
    call,
    charge,
    make,
    nanos,
    plan,
    rate,
    rule,
    tell,
    text_of,
    utc,
)
from tests.unit.test_export_summary import NOVEMBER, TODAY
from tokentray.clock import UtcZone
from tokentray.errors import NoDataError
from tokentray.export.summary import MonthSummary, build
from tokentray.model import LogEvent, Payer, PayerKind, Price
from tokentray.prices import lookup
from tokentray.settings import DEFAULTS
from tokentray.store.history import History
from tokentray.store.told import Told
from tokentray.store.usage import UsageQuery
from tokentray.store.writer import Writer

CALLS = {
    "claude-code": [
        call("2026-11-03 10:00", OPUS, "lanternfish", (0, 4_000_000)),  # × 25 a million = 100
        call("2026-11-10 10:00", OPUS, "harbour", (0, 8_000_000)),  # 200
    ],
    "codex": [
        call("2026-11-04 10:00", TERRA, "harbour", (0, 500_000)),  # × 12 a million = 6
        call("2026-11-05 10:00", TERRA, "client-portal", (0, 250_000)),  # 3
    ],
    "pi": [call("2026-11-06 10:00", OPUS, "harbour", (0, 40_000))],  # 1
}
SAID: tuple[Callable[[Told], object], ...] = (
    plan("Claude Max", "90", "claude-code"),
    rule("codex", PayerKind.PAYG),
    rule("codex", PayerKind.NOBODY, project="client-portal"),
    charge("2026-11-16", "12.50", "Overage of Ada's laptop"),
)


def _price(provider: str, model: str) -> Sequence[Price]:
    """What pi calls has a price here."""
    return lookup.find("anthropic" if provider == "ollama" else provider, model)


def built(
    tmp_path: Path,
    *said: Callable[[Told], object],
    calls: dict[str, list[LogEvent]] = CALLS,
    month: date = NOVEMBER,
    currency: str = "",
    hourly: str = "100",
    read_at: str = "2026-12-05 12:00",
    today: date = TODAY,
    redact: bool = False,
) -> MonthSummary:
    """The summary of a month of which a person has told something."""
    path = make(tmp_path / "history.db", calls, hourly=hourly, read_at=read_at, find=_price)
    tell(path, *said)
    with History(path) as history:
        settings = DEFAULTS._replace(currency=currency)
        return build(history, month, UtcZone(), None, settings, today=today, redact=redact)


@pytest.fixture
def worked(tmp_path: Path) -> MonthSummary:
    """A plan of 90 a month, an agent paid as one goes but for a client's project, a charge, and one nobody spoke of."""
    return built(tmp_path, *SAID)


def test_a_month_of_spend_worked_by_hand(worked: MonthSummary) -> None:
    """90 of fees + 12.50 + 6 = 108.50; what is paid elsewhere (3) and what nobody spoke of (1) is in no total."""
    assert worked.counts_spend
    assert (worked.total, worked.cost, worked.list_cost) == (Decimal("108.5"), Decimal("108.5"), Decimal(306))
    assert (worked.amount_text, worked.worth_text) == ("≈ $108.50", "≈ $306.00")
    assert worked.equivalent_text == "1 h 05 min of your time", "1.085 hours are 65.1 minutes"
    assert [(f.label, f.cost, f.amount_text, f.share_text) for f in worked.parts.figures] == [
        ("Plan fees", Decimal(90), "$90.00", "83 %"),
        ("Charges", Decimal("12.5"), "$12.50", "11 %"),
        ("As you go, estimated", Decimal(6), "≈ $6.00", "6 %"),
    ]
    assert [(f.name, f.label, f.amount_text, f.worth_text) for f in worked.by_source.figures] == [
        ("plan:1", "Claude Max", "$90.00", "≈ $300.00"),
        ("charge:1", "Overage of Ada's laptop", "$12.50", "–"),
        ("codex", "Codex", "≈ $6.00", "≈ $6.00"),
    ]
    assert [(f.label, f.amount_text, f.worth_text) for f in worked.by_model.figures] == [
        ("Fees and charges", "$102.50", "–"),
        (TERRA, "≈ $6.00", "≈ $6.00"),
        (OPUS, "–", "≈ $300.00"),
    ]
    assert [(f.label, f.cost, f.list_cost) for f in worked.by_project.figures] == [
        ("Fees and charges", Decimal("102.5"), Decimal(0)),
        ("harbour", Decimal(6), Decimal(206)),
        ("lanternfish", Decimal(0), Decimal(100)),
    ]
    days = {f.name[-2:]: (f.amount_text, f.worth_text, f.equivalent_short) for f in worked.days.figures}
    assert days["01"] == ("$3.00", "–", "2 min"), "90 ÷ 30"
    assert days["03"] == ("$3.00", "≈ $100.00", "2 min")
    assert days["04"] == ("≈ $9.00", "≈ $6.00", "5 min")
    assert days["05"] == ("$3.00", "–", "2 min"), "the client's own use is not in it"
    assert days["16"] == ("$15.50", "–", "9 min")


def test_what_others_pay_and_what_nobody_spoke_of_stand_apart(worked: MonthSummary) -> None:
    """Each by its agent, at list price."""
    assert [(f.label, f.list_cost, f.cost) for f in worked.elsewhere.figures] == [("Codex", Decimal(3), Decimal(0))]
    assert [(f.label, f.list_cost, f.cost) for f in worked.unsaid.figures] == [("pi", Decimal(1), Decimal(0))]
    assert (worked.requests, worked.total_tokens) == (3, 12_500_000)
    assert (worked.elsewhere.total.tokens, worked.unsaid.total.tokens) == (250_000, 40_000)


def test_a_plan_beside_what_it_covered(worked: MonthSummary) -> None:
    """300 at list price over a fee of 90: 3.3 times."""
    (one,) = worked.plans
    assert (one.name, one.label, one.fee_text, one.worth_text, one.ratio_text) == (
        "plan:1", "Claude Max", "$90.00", "≈ $300.00", "3.3×",
    )  # fmt: skip
    assert one.ratio == Fraction(10, 3)


def test_how_spend_is_known(worked: MonthSummary) -> None:
    """Every basis, who paid for what, and what list price means."""
    known = worked.known
    assert known[0] == (
        "Plan fees, each spread evenly over the days of its billing months: Claude Max, $90.00 a month."
    )
    assert known[1] == "Charges were typed in by hand and count on their day."
    assert known[2].startswith("Estimated: the tokens in the logs of Codex on this machine, at the provider's list")
    assert known[3] == (
        "As you said, Claude Max pays for Claude Code; you pay as you go for Codex; nobody here pays for Codex in"
        " project client-portal; nobody has said who pays for pi."
    )
    assert known[4].startswith("Worth at list price: what the tokens in the logs of Claude Code, Codex and pi cost")
    assert known[5] == "Last read on 5 December 2026 at 12:00."
    assert known[-2] == "Amounts are in USD. Spend is before tax, after discounts, and before credits and gifts."
    assert known[-1] == "Days begin at local midnight (UTC+00:00)."


def test_change_of_spend(worked: MonthSummary) -> None:
    """October cost the fee, 90: 18.50 more is 20.6 %. An estimate is in the difference."""
    assert worked.change is not None
    assert (worked.change.amount, worked.change.previous) == (Decimal("18.5"), Decimal(90))
    assert worked.change.text == (
        "≈ $18.50 (21 %) more than October 2026 ($90.00); use nobody has said who pays for is left out of both"
    )


def test_between_fees_alone_nothing_is_estimated(tmp_path: Path) -> None:
    """20 against 15 is 5 more, to the cent; a fee that changed is told with its days."""

    def dearer(told: Told) -> None:
        plan_id = told.add_plan("Gemini", "google", 0)
        told.add_term(plan_id, nanos("15"), "USD", date(2026, 10, 1), date(2026, 10, 31), 1)
        told.add_term(plan_id, nanos("20"), "USD", date(2026, 11, 1), None, 1)

    summary = built(tmp_path, dearer, calls={})
    assert summary.amount_text == "$20.00"
    assert summary.change is not None
    assert summary.change.text == "$5.00 (33 %) more than October 2026 ($15.00)"
    assert summary.plans[0].worth_text == "no use"
    assert (summary.plans[0].ratio, summary.plans[0].ratio_text) == (Fraction(0), "")


def test_what_no_rate_converts_is_said_to_be_left_out(tmp_path: Path) -> None:
    """October's 20 euros are in no amount in dollars, and so in no difference of them either."""
    said = [charge("2026-10-06", "20", currency="EUR"), charge("2026-10-07", "30"), charge("2026-11-06", "35")]
    summary = built(tmp_path, *said, calls={})
    assert summary.change is not None
    assert summary.change.text == "$5.00 (17 %) more than October 2026 ($30.00); what is in EUR is left out of both"


def test_a_month_in_which_nobody_had_spoken_is_no_measure(tmp_path: Path) -> None:
    """October's use had no payer: spend did not rise by all of November."""
    calls = {"codex": [call("2026-10-04 10:00", TERRA, "a", (0, 500_000)), *CALLS["codex"]]}
    assert built(tmp_path, rule("codex", PayerKind.PAYG, since="2026-11-01"), calls=calls).change is None


def test_a_fee_that_changed_is_told_with_its_days(tmp_path: Path) -> None:
    """15 days of 30 at 90 and 15 at 180: 45 + 90."""

    def dearer(told: Told) -> None:
        plan_id = told.add_plan("Claude Max", "anthropic", 0)
        told.add_term(plan_id, nanos("90"), "USD", date(2026, 1, 1), date(2026, 11, 15), 1)
        told.add_term(plan_id, nanos("180"), "USD", date(2026, 11, 16), None, 1)

    summary = built(tmp_path, dearer, calls={})
    assert summary.total == 135
    assert summary.known[0].endswith("Claude Max, $90.00 a month to 15 Nov 2026 and $180.00 a month from 16 Nov 2026.")


def test_a_plan_that_began_within_the_month(tmp_path: Path) -> None:
    """Over the same days: ten of its fee's days, and only the tokens of those."""
    said = plan("Claude Max", "90", "claude-code", since="2026-11-10", until="2026-11-19", day=1)
    summary = built(tmp_path, said)
    (one,) = summary.plans
    assert (one.cost, one.list_cost, one.ratio_text) == (Decimal(30), Decimal(200), "6.7×")
    assert [f.label for f in summary.unsaid.figures] == ["Claude Code", "Codex", "pi"], "100, 9 and 1 before it"
    assert any("Claude Max pays for Claude Code; nobody has said who pays for Claude Code up to 3 Nov" in text
               for text in summary.known)  # fmt: skip


def test_an_unfinished_month_says_which_days_are_read(tmp_path: Path) -> None:
    """Fees count up to today, the 20th; the logs were read on the 12th: 20 × 3 + 6 + 12.50 of charges by then."""
    summary = built(tmp_path, *SAID, read_at="2026-11-12 08:30", today=date(2026, 11, 20))
    assert summary.period_text == "1 to 20 November 2026, so far"
    assert summary.total == Decimal("78.5")
    assert "Fees are counted up to 20 November 2026; use after the last read is not in it." in summary.known
    assert summary.change is not None
    assert summary.change.text.startswith("≈ $20.44 (35 %) more than 1 to 20 October 2026 ($58.06)"), "90 × 20 ÷ 31"


def test_a_charge_after_today_is_not_in_it(tmp_path: Path) -> None:
    """What is still to come is not spent."""
    summary = built(tmp_path, charge("2026-11-10", "1"), charge("2026-11-25", "5"), calls={}, today=date(2026, 11, 20))
    assert summary.total == 1


def test_a_month_to_come_has_nothing(tmp_path: Path) -> None:
    """A plan runs on, and is not spent ahead."""
    with pytest.raises(NoDataError, match="there is 2026-01 to 2026-12"):
        built(tmp_path, *SAID, month=date(2027, 1, 1))


def test_unpriced_use_makes_only_what_it_is_in_at_least(tmp_path: Path) -> None:
    """A plan's fee is known whatever its tokens are worth; what one pays for is not."""
    calls = {
        "claude-code": [call("2026-11-03 10:00", "unheard-of", "a", (900, 100)), *CALLS["claude-code"]],
        "codex": [call("2026-11-03 10:00", "unheard-of", "a", (9, 1))],
    }
    said = (plan("Claude Max", "90", "claude-code"), rule("codex", PayerKind.PAYG))
    covered = built(tmp_path, said[0], calls={"claude-code": calls["claude-code"]})
    assert (covered.amount_text, covered.worth_text) == ("$90.00", "at least ≈ $300.00")
    assert covered.plans[0].ratio_text == "at least 3.3×"
    (tmp_path / "both").mkdir()
    paid = built(tmp_path / "both", *said, calls=calls)
    assert paid.amount_text == "at least ≈ $90.00"
    assert [f.amount_text for f in paid.by_source.figures] == ["$90.00", "not priced"]
    (tmp_path / "alone").mkdir()
    alone = built(tmp_path / "alone", said[1], calls={"codex": calls["codex"]})
    assert (alone.total, alone.cost, alone.amount_text, alone.equivalent_text) == (None, Decimal(0), "not priced", "")


def test_everything_paid_elsewhere_is_a_month_of_nothing(tmp_path: Path) -> None:
    """No table of nothing, and no claim that a month was cheap."""
    summary = built(tmp_path, *(rule(agent, PayerKind.NOBODY) for agent in CALLS))
    assert (summary.total, summary.amount_text) == (Decimal(0), "$0.00")
    assert summary.elsewhere.total.list_cost == 310
    text = text_of("md", summary)
    assert "**$0.00** spent\n" in text
    assert "Not in it: use paid elsewhere, worth ≈ $310.00.\n" in text
    assert "## By" not in text
    assert "## Paid elsewhere, not counted\n" in text


def test_other_currencies_stand_apart(tmp_path: Path) -> None:
    """A plan in euros and use in dollars, with no rate: neither is added to the other."""
    said = (plan("Le Chat", "30", "pi", currency="EUR"), rule("codex", PayerKind.PAYG))
    summary = built(tmp_path, *said)
    assert (summary.currency, summary.total) == ("EUR", Decimal(30)), "what most of the spend is in"
    (table,) = summary.others
    assert (table.currency, [(f.label, f.cost) for f in table.figures]) == ("USD", [("Codex", Decimal(9))])
    assert (summary.list_currency, summary.list_cost, summary.worth_text) == ("USD", Decimal(1), "≈ $1.00")
    (line,) = summary.by_source.figures
    assert (line.label, line.amount_text, line.worth_text) == ("Le Chat", "€30.00", "≈ $1.00")
    assert "≈ $9.00 stands apart and is in no total: no exchange rate leads from USD to EUR." in summary.known
    (one,) = summary.plans
    assert (one.fee_text, one.worth_text, one.ratio, one.ratio_text) == ("€30.00", "≈ $1.00", None, "")
    assert summary.equivalent_text == "set a rate for USD", "the hour is told in dollars"
    assert summary.time_kind == "", "no column of what cannot be said"
    assert "## In USD, in no total" in text_of("md", summary)


def test_one_currency_at_each_days_rate(tmp_path: Path) -> None:
    """30 EUR + 6 USD at 1.20 and 3 USD at 1.50: 30 + 5 + 2 EUR. The rates are named with their dates."""
    said = (
        plan("Le Chat", "30", "pi", currency="EUR"),
        rule("codex", PayerKind.PAYG),
        rate("EUR", "USD", "1.1", "2026-01-01"),
        rate("EUR", "USD", "1.2", "2026-10-15"),
        rate("EUR", "USD", "1.5", "2026-11-05"),
        rate("EUR", "USD", "9", "2026-12-01"),
    )
    summary = built(tmp_path, *said, currency="EUR")
    assert (summary.currency, summary.total, summary.others) == ("EUR", Decimal(37), ())
    assert [(f.label, f.amount_text) for f in summary.by_source.figures] == [
        ("Le Chat", "€30.00"), ("Codex", "≈ €7.00"),
    ]  # fmt: skip
    assert (
        "Amounts in USD are converted at the rate of their day: 1 EUR is 1.2 USD from 15 Oct 2026; 1 EUR is 1.5 USD"
        " from 5 Nov 2026."
    ) in summary.known
    assert summary.plans[0].ratio == Fraction(1, 45), "1 USD at 1.50 over 30 EUR"
    assert {row.currency for row in summary.rows} == {"EUR", "USD"}, "rows are as they came in"


def test_rates_without_a_chosen_currency_convert_nothing(tmp_path: Path) -> None:
    """What is shown together is the person's choice; a ratio has no currency and is told."""
    said = (plan("Le Chat", "30", "pi", currency="EUR"), rule("codex", PayerKind.PAYG), rate("EUR", "USD", "1.2"))
    summary = built(tmp_path, *said)
    assert [table.currency for table in summary.others] == ["USD"]
    assert "≈ $9.00 stands apart and is in no total: no currency is chosen to show USD and EUR in." in summary.known
    assert summary.plans[0].ratio == Fraction(1, 36), "1 ÷ 1.2 over 30"


def test_every_table_adds_up_in_another_currency(tmp_path: Path) -> None:
    """At a rate no decimal can hold, tables agree to the nano-unit, and as displayed."""
    calls = {
        agent: [
            call(f"2026-11-{day:02d} 1{n}:00", OPUS, f"p{(day + n) % 5}", (day, 31 * n + day)) for day in range(1, 29)
        ]
        for n, agent in enumerate(("claude-code", "codex", "pi"))
    }
    said = (*SAID, rate("JPY", "USD", "0.007"), rate("EUR", "USD", "1.3"), rate("EUR", "USD", "1.07", "2026-11-12"))
    for currency in ("EUR", "JPY"):
        (tmp_path / currency).mkdir()
        summary = built(tmp_path / currency, *said, calls=calls, currency=currency)
        assert summary.currency == currency
        for table in (summary.by_source, summary.by_model, summary.by_project, summary.days, summary.parts):
            assert sum(f.cost for f in table.figures) == summary.cost
            assert sum(f.shown for f in table.figures) == summary.shown_total
            if table is not summary.parts:
                assert sum(f.list_cost or 0 for f in table.figures) == summary.list_cost
                assert sum(f.worth_shown for f in table.figures) == table.total.worth_shown


def test_worth_alone_is_converted_too(tmp_path: Path) -> None:
    """Before anyone said who pays: 310 USD at 1.25 are 248 EUR."""
    summary = built(tmp_path, rate("EUR", "USD", "1.25"), currency="EUR")
    assert not summary.counts_spend
    assert (summary.currency, summary.total, summary.amount_text) == ("EUR", Decimal(248), "≈ €248.00")


def test_redacted_charges_have_numbers(tmp_path: Path) -> None:
    """What they were for is the person's; plans keep their names."""
    summary = built(tmp_path, *SAID, charge("2026-11-02", "1", "A second secret"), redact=True)
    for name in TEXTS:
        text = text_of(name, summary)
        for private in ("laptop", "secret", "lanternfish", "harbour", "client-portal"):
            assert private not in text, name
    labels = {f.label: f.cost for f in summary.by_source.figures}
    assert (labels["charge 1"], labels["charge 2"]) == (Decimal(1), Decimal("12.5")), "by day"
    assert any("nobody here pays for Codex in project 3" in text for text in summary.known)
    assert "Claude Max" in text_of("md", summary)


def test_markdown_of_spend(worked: MonthSummary) -> None:
    """The spend, what it is made of, its plans, and what is not in it."""
    text = text_of("md", worked)
    assert text.startswith(
        "# November 2026\n\n**≈ $108.50** spent, 1 h 05 min of your time\n\n"
        "Use of language models, 1 to 30 November 2026, worth ≈ $306.00 at list price.\n"
        "That is ≈ $18.50 (21 %) more than October 2026 ($90.00); use nobody has said who pays for is left out of"
        " both.\n"
        "Not in it: use paid elsewhere, worth ≈ $3.00; use nobody has said who pays for, worth ≈ $1.00.\n\n"
        "## What it is made of\n\n"
        "| Part                 |     Spend |  Your time | Of spend |\n"
        "|:---------------------|----------:|-----------:|---------:|\n"
        "| Plan fees            |    $90.00 |     54 min |     83 % |\n"
        "| Charges              |    $12.50 |      8 min |     11 % |\n"
        "| As you go, estimated |   ≈ $6.00 |      4 min |      6 % |\n"
        "| Total                | ≈ $108.50 | 1 h 05 min |          |\n\n"
        "## Against October 2026\n\n"
    )
    assert (
        "## Plans\n\n"
        "| Plan       |    Fee |     Worth | Worth ÷ fee |\n"
        "|:-----------|-------:|----------:|------------:|\n"
        "| Claude Max | $90.00 | ≈ $300.00 |        3.3× |\n"
    ) in text
    assert (
        "## Nobody has said who pays, not counted\n\n"
        "| Source |   Worth | Requests | Tokens |\n"
        "|:-------|--------:|---------:|-------:|\n"
        "| pi     | ≈ $1.00 |        1 | 40,000 |\n"
    ) in text
    assert "| Mon 16 |    $15.50 |         – |      9 min |          – |" in text
    assert "| Total  | ≈ $108.50 | ≈ $306.00 | 1 h 05 min | 12,500,000 |" in text
    assert "\n\n\n" not in text


def test_a_long_table_of_spend_still_adds_up(tmp_path: Path) -> None:
    """Nineteen projects in one row: spend and worth are what the rows show together."""
    calls = {"codex": [call("2026-11-05 10:00", TERRA, f"p-{n:02d}", (0, 9_000 + n)) for n in range(30)]}
    summary = built(tmp_path, rule("codex", PayerKind.PAYG), calls=calls)
    table = text_of("md", summary).split("## By project\n\n")[1].split("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    assert [row[0] for row in cells][-2:] == ["19 others", "Total"]
    for column in (1, 2):
        *amounts, total = (Decimal(row[column].removeprefix("≈ $")) for row in cells)
        assert sum(amounts) == total == summary.shown_total


@pytest.mark.parametrize(
    ("kind", "amount", "name", "head", "cell"),
    [("pay", "13020", "", "Of a month's pay", "10 %"), ("thing", "4.50", "a coffee", "Equivalent", "24 coffees")],
)
def test_another_reference_point_has_its_column(
    tmp_path: Path, kind: str, amount: str, name: str, head: str, cell: str
) -> None:
    """108.50 is a tenth of 13,020 ÷ 12, and 24.1 coffees at 4.50."""
    chosen = lambda told: told.add_reference(kind, name, nanos(amount), "USD", date(2026, 1, 1), 0)  # noqa: E731
    text = text_of("md", built(tmp_path, *SAID, chosen, hourly=""))
    total = next(line for line in text.splitlines() if line.startswith("| Total"))
    assert head in text
    assert f" {cell} |" in total


def test_csv_of_spend_is_whole(worked: MonthSummary) -> None:
    """Fees and charges are rows with a source; costs add up to the total, list costs to all use."""
    rows = list(csv.DictReader(io.StringIO(text_of("csv", worked), newline="")))
    assert sum(Decimal(row["cost"]) for row in rows) == Decimal("108.5")
    assert sum(Decimal(row["list_cost"]) for row in rows) == 310
    assert rows[0] == {
        "day": "2026-11-01", "agent": "", "model": "", "project": "", "source": "plan:1", "payer": "plan:1",
        **dict.fromkeys(("requests", "input_tokens", "output_tokens", "reasoning_tokens", "cache_read_tokens",
                         "cache_write_5m_tokens", "cache_write_1h_tokens", "web_search_requests"), "0"),
        "cost": "3", "list_cost": "0", "unpriced_tokens": "0", "currency": "USD", "basis": "plan", "caveats": "",
    }  # fmt: skip
    payers = {row["payer"] for row in rows}
    assert payers == {"plan:1", "payg", "nobody", ""}
    (charged,) = [row for row in rows if row["source"] == "charge:1"]
    assert (charged["day"], charged["cost"], charged["basis"]) == ("2026-11-16", "12.5", "charge")


def test_json_of_spend(worked: MonthSummary) -> None:
    """Unrounded text, with what is apart told apart."""
    document = json.loads(text_of("json", worked), parse_float=pytest.fail)
    assert (document["counts_spend"], document["total"], document["cost"], document["list_cost"]) == (
        True, "108.5", "108.5", "306",
    )  # fmt: skip
    assert document["by_basis"] == [
        {"basis": ["plan"], "cost": "90"},
        {"basis": ["charge"], "cost": "12.5"},
        {"basis": ["estimated"], "cost": "6"},
    ]
    assert document["plans"] == [
        {
            "source": "plan:1", "name": "Claude Max", "cost": "90", "currency": "USD", "list_cost": "300",
            "list_currency": "USD", "ratio": "3.333333333", "tokens": 12_000_000, "unpriced_tokens": 0, "requests": 2,
        }
    ]  # fmt: skip
    assert document["paid_elsewhere"] == [
        {
            "source": "codex", "name": "Codex", "cost": "0", "list_cost": "3", "basis": [], "tokens": 250_000,
            "unpriced_tokens": 0, "requests": 1,
        }
    ]  # fmt: skip
    assert [entry["source"] for entry in document["payer_not_said"]] == ["pi"]
    assert document["change"]["amount"] == "18.5"
    assert document["other_currencies"] == {}
    for key in ("by_source", "by_model", "by_project", "by_day"):
        assert sum(Decimal(entry["cost"]) for entry in document[key]) == Decimal("108.5")
        assert sum(Decimal(entry["list_cost"]) for entry in document[key]) == 306
    assert sum(Decimal(row["cost"]) for row in document["rows"]) == Decimal("108.5")


def test_spend_agrees_with_usage(tmp_path: Path, worked: MonthSummary) -> None:
    """The one total that `usage` gives for the month."""
    with History(tmp_path / "history.db") as history:
        (whole,) = history.usage(UsageQuery((), NOVEMBER, date(2026, 11, 30), today=TODAY), UtcZone())
    assert whole.cost == worked.cost == worked.total
    assert whole.list_cost == 310


def test_a_bill_and_the_estimate_after_it(tmp_path: Path) -> None:
    """Billed to the 5th: 4.40 for what lists at 6, 0.50 for searches. Then estimated: 100,000 at 12 a million."""
    calls = {
        "codex": [
            call("2026-11-04 10:00", TERRA, "harbour", (0, 500_000)),
            call("2026-11-10 10:00", TERRA, "harbour", (0, 100_000)),
        ]
    }
    path = make(tmp_path / "history.db", calls)
    writer = Writer(path)
    account = writer.source("account", "a-uuid", "OpenAI, my key", "openai", 0)
    with writer.telling() as told:
        told.add_rule("codex", "", "", None, Payer(PayerKind.ACCOUNT, account), 0)
    (model,) = writer.connection.execute("SELECT id FROM models WHERE name = ?", (TERRA,)).fetchone()
    begins, day = utc("2026-10-01 00:00"), utc("2026-11-04 00:00")
    complete = utc("2026-11-06 00:00")
    writer.connection.execute(
        "INSERT INTO feed_spans VALUES (?, 'billed', ?, ?, ?)", (account, begins, complete, complete)
    )
    for model_id, item, amount in ((model, "", "4.40"), (0, "searches", "0.50")):
        bill = (day, 86_400, account, model_id, item, "", "USD", nanos(amount))
        writer.connection.execute("INSERT INTO billed_buckets VALUES (?, ?, ?, ?, ?, ?, ?, ?)", bill)
    writer.connection.commit()
    writer.close()
    with History(path) as history:
        summary = build(history, NOVEMBER, UtcZone(), today=TODAY)
    assert (summary.total, summary.amount_text) == (Decimal("6.1"), "≈ $6.10")
    assert [(f.label, f.amount_text) for f in summary.parts.figures] == [
        ("Billed", "$4.90"), ("As you go, estimated", "≈ $1.20"),
    ]  # fmt: skip
    assert [(f.name, f.label, f.amount_text) for f in summary.by_source.figures] == [
        (f"account:{account}", "OpenAI, my key", "≈ $6.10"),
    ]  # fmt: skip
    days = {f.name[-2:]: f.amount_text for f in summary.days.figures}
    assert (days["04"], days["10"]) == ("$4.90", "≈ $1.20"), "a bill is no estimate"
    assert [(f.label, f.cost) for f in summary.by_project.figures] == [
        ("harbour", Decimal("5.6")), ("(no project)", Decimal("0.5")),
    ]  # fmt: skip
    assert summary.known[0] == "Billed: by the cost reports of OpenAI, my key, up to 4 November 2026."
    assert summary.known[1].startswith("Estimated: the tokens in the logs of Codex on this machine")
    assert summary.known[2] == "As you said, OpenAI, my key pays for Codex."
    assert "OpenAI, my key: some of it is known by UTC day only." in summary.known


def test_a_whole_organisation_stands_apart(tmp_path: Path) -> None:
    """What it was billed is no spend, and no log is said to know of it."""
    path = make(tmp_path / "history.db", {})
    writer = Writer(path)
    account = writer.source("account", "a-uuid", "Company", "openai", 0)
    begins, until, day = utc("2026-10-01 00:00"), utc("2026-12-01 00:00"), utc("2026-11-04 00:00")
    writer.connection.execute("INSERT INTO accounts VALUES (?, '', '', '', '', '{}', 0, 0, '{}', NULL)", (account,))
    for feed in ("billed", "metered"):
        writer.connection.execute(
            "INSERT INTO feed_spans VALUES (?, ?, ?, ?, ?)", (account, feed, begins, until, until)
        )
    writer.add_models({("openai", TERRA): lookup.find("openai", TERRA)}, 0)
    bill = (day, 86_400, account, 1, "", "", "USD", nanos("900"))
    tokens = (day, 86_400, account, 1, 0, 0, "", 9, 1000, 1000, 0, 0, 0, 0, 0, 0, None)
    writer.connection.execute("INSERT INTO billed_buckets VALUES (?, ?, ?, ?, ?, ?, ?, ?)", bill)
    writer.connection.execute(f"INSERT INTO metered_buckets VALUES ({', '.join('?' * 17)})", tokens)
    writer.connection.commit()
    writer.close()
    with History(path) as history:
        summary = build(history, NOVEMBER, UtcZone(), today=TODAY)
    assert (summary.total, summary.amount_text) == (Decimal(0), "$0.00")
    assert [(f.label, f.list_cost) for f in summary.elsewhere.figures] == [("Company", Decimal(900))]
    assert "Company: it is the whole organisation's, and not counted." in summary.known
    assert not [sentence for sentence in summary.known if "logs" in sentence]


def test_charges_that_say_the_same_are_told_apart(tmp_path: Path) -> None:
    """By their day, so that each amount has a name of its own; what another charge says stays as it was typed."""
    path = make(tmp_path / "history.db", {})
    tell(
        path,
        charge("2026-11-05", "3.50"),
        charge("2026-11-09", "2"),
        charge("2026-11-10", "1", "overage"),
    )
    with History(path) as history:
        summary = build(history, NOVEMBER, UtcZone(), today=TODAY)
        redacted = build(history, NOVEMBER, UtcZone(), today=TODAY, redact=True)
    assert [f.label for f in summary.by_source.figures] == ["openai, 5 Nov 2026", "openai, 9 Nov 2026", "overage"]
    assert [f.label for f in redacted.by_source.figures] == ["charge 1", "charge 2", "charge 3"]
