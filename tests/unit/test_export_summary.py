"""The summary of a month: worked by hand, and adding up whatever the data."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.unit.export_month import OPUS, TERRA, call, make, utc
from tokentray.clock import NamedZone, UtcZone
from tokentray.engine.demo import fill
from tokentray.errors import NoDataError
from tokentray.export.compose import document
from tokentray.export.dates import month_runs
from tokentray.export.document import ChartBlock
from tokentray.export.summary import MonthSummary, build
from tokentray.insight.reconcile import by_account
from tokentray.model import CAVEAT_BIT, Caveat, Price, Rates, Tier
from tokentray.money import NumberStyle
from tokentray.prices import lookup
from tokentray.store.history import History
from tokentray.store.usage import UsageQuery
from tokentray.store.writer import Writer

NOVEMBER = date(2026, 11, 1)
TODAY = date(2026, 12, 5)
DEMO_DAY = date(2026, 11, 22)
TINY = {
    "claude-code": [
        # 1,000 × 5 + 2,000 × 25 + 100,000 × 0.5 + 4,000 × 6.25 + 1,000 × 10 = 140,000 a million, and two searches
        call("2026-11-03 10:00", OPUS, "lanternfish", (1_000, 2_000, 100_000, 4_000, 1_000), searches=2),
        call("2026-11-30 10:00", OPUS, "harbour", (0, 200)),  # 0.005
    ],
    "codex": [call("2026-11-04 10:00", TERRA, "harbour", (3_000, 500, 10_000), reasoning=300)],  # 0.014
}


def _built(path: Path, month: date = NOVEMBER, redact: bool = False) -> MonthSummary:
    with History(path) as history:
        return build(history, month, UtcZone(), today=TODAY, redact=redact)


@pytest.fixture
def tiny(tmp_path: Path) -> MonthSummary:
    return _built(make(tmp_path / "history.db", TINY, hourly="1"))


@pytest.fixture(scope="module", params=["worth", "spend"])
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    """A made-up year, as the person told who pays and, for worth, before they did."""
    path = tmp_path_factory.mktemp("demo") / "history.db"
    writer = Writer(path)
    fill(writer, now_utc=utc("2026-11-22 16:20"), zone=UtcZone())
    with writer.telling() as told:
        if request.param == "worth":
            for rule in told.payer_rules():
                told.remove_rule(rule.id)
            for plan in told.plans():
                told.remove_plan(plan.id)
            for charge in told.charges():
                told.remove_charge(charge.id)
    writer.close()
    with History(path) as history:
        yield history


def test_a_month_worked_by_hand(tiny: MonthSummary) -> None:
    assert (tiny.month, tiny.title, tiny.period_text) == ("2026-11", "November 2026", "1 to 30 November 2026")
    assert tiny.complete
    assert (tiny.currency, tiny.total) == ("USD", Decimal("0.179"))
    assert tiny.shown_total == Decimal("0.18")
    assert tiny.amount_text == "≈ $0.18"
    assert tiny.equivalent_text == "11 min of your time", "10.74 at 1 USD an hour"
    assert tiny.change is None
    assert (tiny.requests, tiny.total_tokens, tiny.unpriced_tokens) == (3, 121_700, 0)
    assert [(f.name, f.label, f.list_cost, f.shown, f.share_text) for f in tiny.by_source.figures] == [
        ("claude-code", "Claude Code", Decimal("0.165"), Decimal("0.17"), "92 %"),
        ("codex", "Codex", Decimal("0.014"), Decimal("0.01"), "8 %"),
    ]
    assert [(f.label, f.shown) for f in tiny.by_model.figures] == [(OPUS, Decimal("0.17")), (TERRA, Decimal("0.01"))]
    assert [(f.label, f.list_cost, f.shown) for f in tiny.by_project.figures] == [
        ("lanternfish", Decimal("0.16"), Decimal("0.16")),
        ("harbour", Decimal("0.019"), Decimal("0.02")),
    ]


def test_days_are_all_there_also_the_empty_ones(tiny: MonthSummary) -> None:
    assert [figure.name for figure in tiny.days.figures] == [f"2026-11-{day:02d}" for day in range(1, 31)]
    used = [(f.label, f.amount_text, f.equivalent_text) for f in tiny.days.figures if f.requests]
    assert used == [
        ("Tue  3", "≈ $0.16", "10 min of your time"),
        ("Wed  4", "≈ $0.01", "1 min of your time"),
        ("Mon 30", "≈ $0.01", "<1 min of your time"),
    ]
    assert {f.amount_text for f in tiny.days.figures if not f.requests} == {"–"}


def test_tokens_by_kind_and_the_cache(tiny: MonthSummary) -> None:
    assert {kind.field: kind.count for kind in tiny.tokens} == {
        "input_tokens": 4_000,
        "cache_read_tokens": 110_000,
        "cache_write_5m_tokens": 4_000,
        "cache_write_1h_tokens": 1_000,
        "output_tokens": 2_700,
        "reasoning_tokens": 300,
    }
    assert tiny.web_searches == 2
    assert tiny.cache_hit_rate == Decimal("0.9244"), "110,000 of 119,000"


def test_how_it_is_known(tiny: MonthSummary) -> None:
    info = lookup.table_info()
    assert tiny.known[0].startswith("Estimated: the tokens in the logs of Claude Code and Codex on this machine")
    assert tiny.known[1] == "Last read on 5 December 2026 at 12:00."
    assert tiny.known[2].startswith(f"Prices are those of {info.source} {info.version}, kept up to ")
    assert tiny.known[3] == "The history begins on 3 November 2026: what was used before is not known."
    assert tiny.known[-1] == "Days begin at local midnight (UTC+00:00)."


def test_change_against_the_month_before(tmp_path: Path) -> None:
    october = [call("2026-10-07 10:00", OPUS, "harbour", (0, 4_000))]  # 0.10
    path = make(tmp_path / "history.db", {**TINY, "claude-code": [*october, *TINY["claude-code"]]})
    change = _built(path).change
    assert change is not None
    assert (change.amount, change.previous) == (Decimal("0.079"), Decimal("0.1"))
    assert (change.amount_text, change.percent_text) == ("≈ $0.08", "80 %")
    assert change.text == "≈ $0.08 (80 %) more than October 2026 (≈ $0.10)"
    assert _built(path, date(2026, 10, 31)).change is None, "there is no September"


def test_an_unfinished_month_is_held_against_the_same_days(tmp_path: Path) -> None:
    """A month half over is not less than the one before because it is half over."""
    calls = [
        call("2026-10-04 10:00", OPUS, "harbour", (0, 8_000)),  # 0.20
        call("2026-10-20 10:00", OPUS, "harbour", (0, 80_000)),
        call("2026-11-03 10:00", OPUS, "harbour", (0, 4_000)),  # 0.10
    ]
    summary = _built(make(tmp_path / "history.db", {"claude-code": calls}, read_at="2026-11-10 08:30"))
    assert not summary.complete
    assert summary.period_text == "1 to 10 November 2026, so far"
    assert len(summary.days.figures) == 30
    assert summary.change is not None
    assert summary.change.text == "≈ $0.10 (50 %) less than 1 to 10 October 2026 (≈ $0.20)"


def test_the_last_day_of_a_longer_month_meets_a_shorter_one(tmp_path: Path) -> None:
    """30 March against February: all of it, and it has no 30th."""
    calls = [
        call("2026-02-28 10:00", OPUS, "harbour", (0, 8_000)),
        call("2026-03-30 10:00", OPUS, "harbour", (0, 8_000)),
    ]
    path = make(tmp_path / "history.db", {"claude-code": calls}, read_at="2026-03-30 12:00")
    change = _built(path, date(2026, 3, 1)).change
    assert change is not None
    assert change.text == "as much as 1 to 28 February 2026 (≈ $0.20)"


def test_unpriced_tokens_make_it_at_least(tmp_path: Path) -> None:
    local = [call("2026-11-05 10:00", "qwen3-coder:30b", "", (900, 100))]
    summary = _built(make(tmp_path / "history.db", {**TINY, "pi": local}))
    assert summary.amount_text == "at least ≈ $0.18"
    assert summary.total == Decimal("0.179")
    assert summary.unpriced_tokens == 1_000
    assert [f.amount_text for f in summary.by_source.figures] == ["≈ $0.17", "≈ $0.01", "not priced"]
    assert [f.label for f in summary.by_project.figures] == ["lanternfish", "harbour", "(no project)"]
    assert summary.by_source.figures[-1].list_cost is None
    (sentence,) = [text for text in summary.known if "no known list price" in text]
    assert sentence.startswith("1,000 tokens of qwen3-coder:30b have no known list price")


def test_nothing_priced_is_never_zero_dollars(tmp_path: Path) -> None:
    calls = {"pi": [call("2026-11-05 10:00", "qwen3-coder:30b", "", (900, 100))]}
    summary = _built(make(tmp_path / "history.db", calls, hourly="100"))
    assert (summary.total, summary.amount_text, summary.equivalent_text) == (None, "not priced", "")
    assert summary.change is None
    assert {f.share_text for f in summary.by_model.figures} == {""}


def test_less_than_a_cent_says_so_and_the_table_still_adds_up(tmp_path: Path) -> None:
    """Three parts of 0.006 are 0.02 together: two of them get a cent, one reads as under one."""
    calls = [call("2026-11-03 10:00", OPUS, name, (0, 240)) for name in ("a", "b", "c")]
    summary = _built(make(tmp_path / "history.db", {"claude-code": calls}))
    assert summary.amount_text == "≈ $0.02"
    assert [f.amount_text for f in summary.by_project.figures] == ["≈ $0.01", "≈ $0.01", "≈ <$0.01"]
    assert sum(f.shown for f in summary.by_project.figures) == summary.shown_total


def test_the_chart_names_its_highest_day_and_none_without_money(tmp_path: Path) -> None:
    """Days of less than a cent all read alike, and still differ; of tokens without a price there is none to draw."""
    small = [call(f"2026-11-{day:02} 10:00", OPUS, "harbour", (day, 0)) for day in (3, 9, 4)]
    unpriced = [call("2026-11-03 10:00", "garden-shed-7b", "harbour", (10, 0))]
    said = "Worth at list price by day. The most on Mon 9: ≈ <$0.01. The table By day has all of them."
    for name, calls, spoken in (("small", small, [said]), ("unpriced", unpriced, [])):
        made = document(_built(make(tmp_path / f"{name}.db", {"claude-code": calls})))
        assert [block.spoken for block in made.blocks if isinstance(block, ChartBlock)] == spoken
        assert [block.id for block in made.blocks].count("days") == 1


def test_of_many_models_without_a_price_a_few_are_named(tmp_path: Path) -> None:
    """The sentence stays one that can be read, and counts the tokens of all."""
    calls = [call("2026-11-05 10:00", f"own-{n:03d}", "", (0, 1_000 - n)) for n in range(300)]
    (sentence,) = [one for one in _built(make(tmp_path / "history.db", {"pi": calls})).known if "no known list" in one]
    assert sentence.startswith("255,150 tokens of own-000, own-001, own-002, own-003 and 296 others have no known")


def test_caveats_are_put_in_words(tmp_path: Path) -> None:
    bits = CAVEAT_BIT[Caveat.OUTPUT_UNDERCOUNTED]
    calls = {"claude-code": [call("2026-11-03 10:00", OPUS, "a", (0, 240), caveats=bits)]}
    summary = _built(make(tmp_path / "history.db", calls))
    assert any(text.startswith("Claude Code: output is undercounted") for text in summary.known)


def test_a_source_that_failed_is_named(tmp_path: Path) -> None:
    path = make(tmp_path / "history.db", TINY)
    writer = Writer(path)
    writer.mark_read(1, 0, error="no permission for /src/secret")
    writer.close()
    (sentence,) = [text for text in _built(path).known if "could not" in text]
    assert sentence == "Claude Code could not be read the last time: newer use may be missing."


def test_another_currency_is_never_added(tmp_path: Path) -> None:
    euro = Price(Tier.STANDARD, 0, Rates(10**9, 10**9, 0, 0, 0), None, None, currency="EUR")
    calls = {**TINY, "pi": [call("2026-11-05 10:00", "eurollm", "harbour", (0, 2_000))]}
    summary = _built(
        make(tmp_path / "h.db", calls, find=lambda *pair: (euro,) if pair[1] == "eurollm" else lookup.find(*pair))
    )
    assert (summary.currency, summary.total) == ("USD", Decimal("0.179"))
    assert "Use worth ≈ <€0.01 is in no total, for nothing converts EUR here." in summary.known
    assert {row.currency for row in summary.rows} == {"USD", "EUR"}


def test_a_local_month_begins_at_the_persons_midnight(tmp_path: Path) -> None:
    """18:15 UTC is midnight in Kathmandu (UTC+05:45)."""
    calls = [
        call("2026-10-31 18:14", OPUS, "a", (0, 1_000)),  # 23:59 on 31 October there
        call("2026-10-31 18:15", OPUS, "b", (0, 2_000)),  # 00:00 on 1 November
        call("2026-11-30 18:15", OPUS, "c", (0, 4_000)),  # 00:00 on 1 December
    ]
    path = make(tmp_path / "history.db", {"claude-code": calls})
    with History(path) as history:
        here = build(history, NOVEMBER, NamedZone("Asia/Kathmandu"), today=TODAY)
        utc_days = build(history, NOVEMBER, UtcZone(), today=TODAY)
    assert [figure.name for figure in here.by_project.figures] == ["b"]
    assert [figure.name for figure in utc_days.by_project.figures] == ["c"]
    assert here.days.figures[0].requests == 1
    assert here.known[-1] == "Days begin at local midnight in Asia/Kathmandu (UTC+05:45)."


def test_both_offsets_of_a_month_with_a_clock_change_are_named(tmp_path: Path) -> None:
    path = make(tmp_path / "history.db", {"claude-code": [call("2026-10-20 10:00", OPUS, "a", (0, 1_000))]})
    with History(path) as history:
        summary = build(history, date(2026, 10, 1), NamedZone("Europe/Berlin"), today=TODAY)
    assert summary.known[-1] == "Days begin at local midnight in Europe/Berlin (UTC+02:00 and +01:00)."


def test_an_empty_month_names_those_that_have_data(tmp_path: Path) -> None:
    calls = [call(f"{month}-10 10:00", OPUS, "a", (0, 1_000)) for month in ("2025-12", "2026-01", "2026-03")]
    path = make(tmp_path / "history.db", {"claude-code": calls})
    with pytest.raises(NoDataError) as caught:
        _built(path)
    assert str(caught.value) == "There is nothing for 2026-11: there is 2025-12 to 2026-01 and 2026-03"
    assert caught.value.exit_status == 3


def test_an_empty_history_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NoDataError, match="the history is empty"):
        _built(tmp_path / "absent.db")


@pytest.mark.parametrize(
    ("months", "text"),
    [
        (["2025-11"], "2025-11"),
        (["2025-11", "2025-12", "2026-01"], "2025-11 to 2026-01"),
        (["2025-11", "2026-01", "2026-02", "2026-05"], "2025-11, 2026-01 to 2026-02 and 2026-05"),
    ],
)
def test_month_runs(months: list[str], text: str) -> None:
    assert month_runs(months) == text


@pytest.mark.parametrize("month", [NOVEMBER, date(2026, 6, 1), date(2025, 11, 1)])
def test_every_table_adds_up_as_displayed_and_exactly(demo: History, month: date) -> None:
    """Displayed rows add up to the displayed total, unrounded ones to what `usage` says of the month."""
    summary = build(demo, month, UtcZone(), today=DEMO_DAY)
    (whole,) = demo.usage(UsageQuery(("month",), where=(("month", summary.month),), today=DEMO_DAY), UtcZone())
    assert summary.total == (summary.cost if summary.counts_spend else summary.list_cost)
    for table in (summary.by_source, summary.by_model, summary.by_project, summary.days):
        figures = table.figures
        assert sum(figure.shown for figure in figures) == summary.shown_total == table.total.shown
        assert sum(figure.worth_shown for figure in figures) == table.total.worth_shown
        assert sum(figure.list_cost or 0 for figure in figures) == summary.list_cost
        assert sum(figure.cost for figure in figures) == summary.cost == whole.cost
        assert sum(figure.tokens for figure in figures) == summary.total_tokens
        assert sum(figure.unpriced_tokens for figure in figures) == summary.unpriced_tokens
        shares = [int(figure.share_text.split()[0]) for figure in figures if figure.share_text[:1].isdigit()]
        assert sum(shares) == 100
    assert sum(row.list_cost or 0 for row in summary.rows) == whole.list_cost
    assert sum(row.cost for row in summary.rows) == whole.cost
    assert sum(row.requests for row in summary.rows) == whole.requests
    apart = (summary.elsewhere, summary.unsaid)
    assert (summary.list_cost or 0) + sum(table.total.list_cost or 0 for table in apart) == whole.list_cost
    assert summary.total_tokens + sum(table.total.tokens for table in apart) == whole.total_tokens
    assert summary.requests + sum(table.total.requests for table in apart) == whole.requests
    if summary.counts_spend:
        assert sum(figure.cost for figure in summary.parts.figures) == whole.cost
        assert sum(figure.shown for figure in summary.parts.figures) == summary.shown_total
    else:
        assert not any(table.figures for table in apart)
        assert whole.cost == 0


def test_redaction_keeps_the_figures_and_no_name(demo: History) -> None:
    plain, redacted = (build(demo, NOVEMBER, UtcZone(), today=DEMO_DAY, redact=redact) for redact in (False, True))
    projects = {row.key("project") for row in plain.rows} - {""}
    named = [figure.name for figure in redacted.by_project.figures if figure.name]
    assert {row.key("project") for row in redacted.rows} - {""} == {f"project {n + 1}" for n in range(len(projects))}
    assert len(named) == len([figure for figure in plain.by_project.figures if figure.name])
    if not plain.counts_spend:
        assert named == [f"project {n + 1}" for n in range(len(projects))], "by worth"
    assert [f.list_cost for f in redacted.by_project.figures] == [f.list_cost for f in plain.by_project.figures]
    assert redacted.total == plain.total
    assert [row.keys for row in redacted.rows] == sorted(row.keys for row in redacted.rows)
    for project in projects:
        assert project not in repr(redacted)


def test_the_persons_own_way_to_write_numbers(tmp_path: Path) -> None:
    path = make(tmp_path / "history.db", {"claude-code": [call("2026-11-03 10:00", OPUS, "a", (0, 10**8))]})
    with History(path) as history:
        summary = build(history, NOVEMBER, UtcZone(), NumberStyle(",", ".", symbol_first=False), today=TODAY)
    assert summary.amount_text == "≈ 2.500,00\u00a0$"


def test_what_stands_for_many_has_the_sum_of_their_shares(tmp_path: Path) -> None:
    """300 projects: eleven and the rest, and the shares that are shown come to all of it."""
    calls = [call("2026-11-05 10:00", TERRA, f"p{n}", (0, 1_000 * n)) for n in range(300)]
    summary = _built(make(tmp_path / "history.db", {"codex": calls}))
    table = summary.by_project
    assert table.rest is not None
    assert (table.rest.label, table.rest.share_text) == ("289 others", "89 %")
    assert sum(figure.share for figure in (*table.head, table.rest)) == 100
    assert sum(figure.shown for figure in (*table.head, table.rest)) == summary.shown_total


def test_how_the_spend_of_a_source_is_known(demo: History) -> None:
    """Each source that costs anything says how; where nothing is spent, nothing is known of it."""
    summary = build(demo, NOVEMBER, UtcZone(), today=DEMO_DAY)
    told = {figure.label: figure.known_text for figure in summary.by_source.figures}
    if summary.plans:
        assert (told["Claude Max"], told["Extra usage"], told["pi"]) == ("plan fee", "charge", "estimated")
    assert told["OpenAI, my key"] == "billed, metered"
    assert all(told[figure.label] for figure in summary.by_source.figures if figure.cost)


@pytest.mark.parametrize("month", [date(9999, 12, 1), date(1, 1, 1), date(2027, 5, 1), date(2020, 1, 1)])
def test_a_month_out_of_reach_has_no_data(demo: History, month: date) -> None:
    """At either end of the calendar, to come, and before the first record: it says which months there are."""
    with pytest.raises(NoDataError, match=r"2025-11 to 2026-11"):
        build(demo, month, UtcZone(), today=DEMO_DAY)


def test_bills_beside_tokens(demo: History) -> None:
    """The figures of Reconcile for the month, and a word where they are apart."""
    summary = build(demo, date(2026, 10, 1), UtcZone(), today=DEMO_DAY)
    found = {one.label: one for one in summary.bills}
    openai, openrouter = found["OpenAI, my key"], found["OpenRouter"]
    days = by_account(demo.reconcile(date(2026, 10, 1), date(2026, 10, 31), UtcZone()))[int(openai.name[8:])]
    both = [one for one in days if one.billed is not None and one.other is not None]
    assert openai.billed == sum(one.billed for one in both if one.billed is not None)
    assert openai.listed == sum(one.other for one in both if one.other is not None)
    assert openai.difference == openai.billed - openai.listed
    assert (openai.differs, openrouter.differs) == (True, False)
    assert openai.text in summary.known
    assert "; the bill is $0." in openai.text
    assert ". Likely: searches, storage" in openai.text
    assert "OpenRouter: the bills agree with the tokens at list price on the days that have both." in summary.known
    assert "Providers bill by days of UTC." in summary.known


def test_the_blocks_stand_in_the_order_of_a_document(demo: History) -> None:
    """What leads first, how it is known last; a block without content is left out."""
    summary = build(demo, NOVEMBER, UtcZone(), today=DEMO_DAY)
    ids = [block.id for block in document(summary).blocks]
    whole = [
        "parts", "why", "source", "model", "project", "elsewhere", "unsaid", "chart", "days", "plans", "notes",
        "tokens", "known",
    ]  # fmt: skip
    missing = {"unsaid"} if summary.plans else {"elsewhere", "plans"}
    assert ids == [one for one in whole if one not in missing]
