"""Every state that the popover can be in, as a Snapshot made by hand. No engine, no clock, no files.

A scene is what a person could really see, so amounts, words and bars of one scene agree with each other.
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from tokentray.money import NumberStyle, format_money
from tokentray.snapshot import (
    Amount,
    DayBar,
    Problem,
    ReadProgress,
    Snapshot,
    SnapshotState,
    SourceLine,
    SourceState,
    Standing,
)

NOW_UTC = 1_795_348_800
"""2026-11-22 12:00 UTC."""
TODAY = date(2026, 11, 22)
ENGLISH = NumberStyle()
GERMAN = NumberStyle(decimal_point=",", group_separator=".", symbol_first=False)
KNOWN = "Estimated from session logs on this machine, at the providers' list prices"
KNOWN_PLAN = "The fee of Claude Max, $200.00 a month, spread over the days of its billing month"
AT_LIST_PRICE = "worth at list price"
LONG_NAME = "Claude Code on the machine under the desk, second profile, EU"

_WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FIRST_DAYS = (310, 120, 80, 640, 720, 410, 900, 530, 0, 60, 480, 870, 330, 610, 250)
_LAST_DAYS = (40, 0, 560, 1000, 740, 380, 690, 0, 110, 450, 820, 270, 590, 360, 420)
_PATTERN = _FIRST_DAYS + _LAST_DAYS


def worth(amount: str | None, equivalent: str = "", *, unpriced: int = 0, style: NumberStyle = ENGLISH) -> Amount:
    """So many dollars at list price where nobody has said who pays; None where nothing of it could be priced."""
    if amount is None:
        text = "not priced"
    else:
        text = f"{'at least ' if unpriced else ''}≈ {format_money(Decimal(amount), 'USD', style)}"
    return Amount(
        cost=Decimal(0),
        list_cost=None if amount is None else Decimal(amount),
        currency="USD",
        tokens=1_234_567,
        unpriced_tokens=unpriced,
        basis=("estimated",),
        caveats=(),
        amount_text=text,
        equivalent_text=equivalent,
        known_text=KNOWN + (f"; {unpriced:,} tokens have no known price" if unpriced else ""),
        note_text=AT_LIST_PRICE,
    )


def spend(amount: str | None, equivalent: str = "", *, unpriced: int = 0, style: NumberStyle = ENGLISH) -> Amount:
    """So many dollars that the person pays as they go."""
    at_list_price = worth(amount, equivalent, unpriced=unpriced, style=style)
    return at_list_price._replace(cost=Decimal(amount or 0), is_spend=True, note_text="")


def plan_fee(fee: str, covered: str, equivalent: str = "", style: NumberStyle = ENGLISH) -> Amount:
    """A plan's fee, and what the tokens it covered are worth."""
    return spend(fee, equivalent)._replace(
        list_cost=Decimal(covered),
        basis=("plan",),
        amount_text=format_money(Decimal(fee), "USD", style),
        worth_text=f"worth ≈ {format_money(Decimal(covered), 'USD', style)}",
        known_text=KNOWN_PLAN,
    )


def source(
    source_id: str,
    label: str,
    today: Amount,
    month: Amount,
    bar: int,
    state: SourceState = SourceState.FRESH,
    as_of: str = "as of 11:58",
    error: str = "",
) -> SourceLine:
    """One row. A row of a plan has its id, and a worth is of an agent that nobody has said who pays for."""
    kind = source_id.partition(":")[0] if ":" in source_id else "agent"
    standing = Standing.SPEND if today.is_spend else Standing.UNASSIGNED
    tag = "" if kind == "agent" else kind
    last = None if state is SourceState.NEVER else NOW_UTC - 120
    return SourceLine(source_id, kind, label, standing, tag, today, month, bar, state, last, as_of, error)


def days(highest: str = "21.40", style: NumberStyle = ENGLISH) -> tuple[DayBar, ...]:
    """Thirty days up to today."""
    result = []
    for index, permille in enumerate(_PATTERN):
        day = TODAY - timedelta(days=len(_PATTERN) - 1 - index)
        amount = str(Decimal(highest) * permille / 1000)
        label = f"{_WEEK[day.weekday()]} {day.day} {day:%b}"
        result.append(DayBar(day, label, spend(amount, style=style), permille))
    return tuple(result)


def snapshot(
    today: Amount,
    month: Amount,
    sources: tuple[SourceLine, ...],
    *,
    state: SnapshotState = SnapshotState.FRESH,
    as_of: str = "as of 11:58",
    bars: tuple[DayBar, ...] | None = None,
    problems: tuple[Problem, ...] = (),
    progress: ReadProgress | None = None,
) -> Snapshot:
    """A snapshot whose three lines are made of its own parts."""
    has_reference = bool(today.equivalent_text)
    beside = f" · {today.equivalent_text}" if has_reference else ""
    month_beside = f" · {month.equivalent_text}" if month.equivalent_text else ""
    return Snapshot(
        taken_at_utc=NOW_UTC,
        as_of_text=as_of,
        state=state,
        today=today,
        month=month,
        month_label="November",
        sources=sources,
        days=days() if bars is None else bars,
        lines=(
            f"Today {today.amount_text}{beside}",
            f"November {month.amount_text}{month_beside}",
            as_of.capitalize() if today.is_spend else f"Worth at list price · {as_of}",
        ),
        has_reference=has_reference,
        counts_spend=today.is_spend,
        today_minutes=7 if has_reference else None,
        ring_permille=120 if has_reference else 0,
        ring_hours=0,
        today_short="12",
        problems=problems,
        progress=progress,
    )


def ordinary() -> Snapshot:
    """A plan, and an agent paid for as it goes."""
    return snapshot(
        spend("11.97", "7 min of your time"),
        spend("212.80", "2 h 08 min of your time"),
        (
            source("plan:1", "Claude Max", plan_fee("6.67", "38.10"), plan_fee("146.67", "512.30"), 1000),
            source("codex", "Codex", spend("5.30"), spend("66.13"), 451),
        ),
    )


def unassigned() -> Snapshot:
    """Nobody has said who pays for anything: no amount is spend."""
    bars = tuple(
        day._replace(amount=day.amount._replace(cost=Decimal(0), is_spend=False, note_text=AT_LIST_PRICE))
        for day in days()
    )
    return snapshot(
        worth("11.97", "7 min of your time"),
        worth("212.80", "2 h 08 min of your time"),
        (
            source("claude-code", "Claude Code", worth("8.42"), worth("180.20"), 1000),
            source("codex", "Codex", worth("3.55"), worth("32.60"), 181),
        ),
        bars=bars,
    )


def part_said() -> Snapshot:
    """Plans, a charge, an employer's key, and two agents that nobody has said who pays for."""
    base = ordinary()
    today = spend("20.42", "12 min of your time")._replace(note_text="+ ≈ $3.20 at list price, payer not said")
    month = spend("246.30", "2 h 27 min of your time")._replace(note_text="+ ≈ $41.07 at list price, payer not said")
    charge = spend("12.50")._replace(basis=("charge",), amount_text="$12.50", known_text="Typed in by hand")
    none = plan_fee("0.67", "0")._replace(worth_text="worth ≈ $0.00")
    employer = source("pi", "pi", worth("14.05"), worth("160.11"), 1000)
    return base._replace(
        today=today,
        month=month,
        sources=(
            *base.sources,
            source("charge:4", "Invoice of a gateway", charge, charge, 85),
            source("plan:2", "ChatGPT Plus", none, plan_fee("14.67", "31.00"), 100),
            employer._replace(standing=Standing.ELSEWHERE),
            source("gemini-cli", "Gemini CLI", worth("2.75"), worth("40.02"), 1000),
            source("amp", "Amp", worth("0.45"), worth("1.05"), 26),
        ),
    )


def employer_only() -> Snapshot:
    """Everything is paid elsewhere: nothing spent, and that is said as it is."""
    none = spend("0", "0 min of your time")._replace(amount_text="$0.00")
    row = source("claude-code", "Claude Code", worth("8.42"), worth("180.20"), 1000)
    return snapshot(none, none, (row._replace(standing=Standing.ELSEWHERE),), bars=days("0"))


def plans_only() -> Snapshot:
    """Fees, and nothing else: no bar to compare with."""
    today = spend("7.34", "4 min of your time")._replace(amount_text="$7.34", basis=("plan",), known_text=KNOWN_PLAN)
    month = spend("161.34", "1 h 37 min of your time")._replace(amount_text="$161.34", basis=("plan",))
    return snapshot(
        today,
        month,
        (
            source("plan:1", "Claude Max", plan_fee("6.67", "38.10"), plan_fee("146.67", "512.30"), 1000),
            source("plan:2", "ChatGPT Plus", plan_fee("0.67", "4.40"), plan_fee("14.67", "31.00"), 100),
        ),
    )


def large_plan() -> Snapshot:
    """Columns so wide that the worth of a plan goes to a line of its own."""
    return snapshot(
        spend("21400.25", "5.4 working weeks of your time"),
        spend("401234.10", "100.3 working weeks of your time"),
        (
            source(
                "plan:1", "Enterprise seats", plan_fee("10000", "1234567.89"), plan_fee("220000", "3456789.01"), 1000
            ),
            source("codex", "Codex", spend("11400.25"), spend("181234.10"), 823),
        ),
    )


def remark() -> Snapshot:
    """Something worth knowing that is no failure."""
    problem = Problem(
        "A setting is not used",
        'icon.mode = "rings" is none of ring, amount, mark; ring is used',
        "Mend it in the settings file, or choose another in the settings",
        grave=False,
    )
    return ordinary()._replace(problems=(problem,))


def two_currencies() -> Snapshot:
    """What cannot be converted stands beside, and is never added."""
    base = ordinary()
    both = "≈ $11.97 + €4.20"
    today = base.today._replace(amount_text=both, equivalent_text="", others=(("EUR", Decimal("4.20")),))
    today = today._replace(note_text="set a rate for EUR to see it in your time")
    euros = spend("4.20")._replace(currency="EUR", amount_text="€4.20", basis=("charge",))
    return base._replace(today=today, sources=(*base.sources, source("charge:1", "Mistral", euros, euros, 0)))


def nothing_read() -> Snapshot:
    """A fresh machine: no agent has written anything."""
    none = spend("0")
    return snapshot(none, none, (), state=SnapshotState.NOTHING_READ, as_of="nothing read yet", bars=())._replace(
        lines=("Today ≈ $0.00", "November ≈ $0.00", "Nothing read yet"),
        today_short="",
    )


def first_scan() -> Snapshot:
    return nothing_read()._replace(progress=ReadProgress(214, 1190))


def amount_in_icon() -> Snapshot:
    """The icon says the amount, whatever it is measured by."""
    return no_reference()._replace(icon_mode="amount")


def reading_on() -> Snapshot:
    """Some is read, the rest is coming in."""
    return ordinary()._replace(progress=ReadProgress(876, 1190))


def refused_history() -> Snapshot:
    """A history that cannot be read: what is wrong, and no amount made up."""
    problem = Problem(
        "The history is from a newer TokenTray",
        "it knows a step that this build does not (m002_more), and was left untouched",
        "Update TokenTray, or choose another folder with --home",
    )
    lines = (problem.title, problem.hint, "")
    return nothing_read()._replace(state=SnapshotState.FAILING, lines=lines, problems=(problem,))


def quiet_month() -> Snapshot:
    """Agents that were used long ago: the history says so."""
    none = spend("0", "0 min of your time")
    rows = (source("claude-code", "Claude Code", none, none, 0), source("codex", "Codex", none, none, 0))
    text = "Nothing used in 30 days; last on 14 August 2026. ≈ $100.32 in all, 1 h 00 min of your time."
    return snapshot(none, none, rows, bars=days("0"))._replace(quiet_text=text)


def very_small() -> Snapshot:
    return snapshot(
        spend("0.004", "<1 min of your time"),
        spend("0.02", "<1 min of your time"),
        (source("codex", "Codex", spend("0.004"), spend("0.02"), 1000),),
        bars=days("0.006"),
    )


def very_large() -> Snapshot:
    return snapshot(
        spend("1234567.89", "308.6 working weeks of your time", unpriced=12),
        spend("31234567.04", "7,808.6 working weeks of your time", unpriced=12),
        (
            source("claude-code", "Claude Code", spend("1234500.00"), spend("31200000"), 1000),
            source("codex", "Codex", spend("67.89", unpriced=12), spend("34567.04"), 2),
        ),
        bars=days("1234567"),
    )._replace(
        ring_permille=310,
        ring_hours=40,
        today_short="1M",
    )


def twelve_sources() -> Snapshot:
    amounts = {
        "Claude Code": "8.42",
        "Codex": "3.55",
        "Gemini CLI": "120.10",
        "OpenCode": "0.004",
        "Copilot CLI": "0",
        "pi": "1.25",
        "OpenClaw": "14.00",
        "Amp": "0.67",
        "Droid": "2.10",
        "Qwen Code": "9.99",
        "Kimi CLI": "0.33",
        "Goose": "1002.45",
    }
    rows = tuple(
        source(name.lower().replace(" ", "-"), name, spend(amount), spend("50"), 1000 - index * 83)
        for index, (name, amount) in enumerate(amounts.items())
    )
    return snapshot(
        spend("1162.86", "11 h 38 min of your time"), spend("4212.80", "1.1 working weeks of your time"), rows
    )


def long_name() -> Snapshot:
    base = ordinary()
    longest = base.sources[0]._replace(label=LONG_NAME)
    return base._replace(sources=(longest, base.sources[1]))


def one_failing() -> Snapshot:
    base = ordinary()
    failing = base.sources[1]._replace(
        state=SourceState.FAILING,
        as_of_text="as of 09:12",
        error="The folder with its logs could not be opened: permission denied",
    )
    problem = Problem(
        "Codex could not be read",
        "No permission to open the folder sessions.",
        "Give your user the right to read it, then refresh.",
    )
    return base._replace(state=SnapshotState.FAILING, sources=(base.sources[0], failing), problems=(problem,))


def account_failing() -> Snapshot:
    """An account whose key was refused: its last amount stays, and its row leads to the mend."""
    base = ordinary()
    amount = spend("3.05")._replace(basis=("billed",), amount_text="$3.05")
    month = spend("48.20")._replace(basis=("billed",), amount_text="$48.20")
    refused = "OpenRouter does not know the key"
    failing = source(
        "account:3", "OpenRouter", amount, month, 220, SourceState.FAILING, "as of 12 Nov 09:12", refused
    )._replace(tag_text="")
    problem = Problem("OpenRouter could not be read", refused, "Replace the key, in the settings")
    rows = (*base.sources, failing)
    return base._replace(state=SnapshotState.FAILING, sources=rows, problems=(problem,))


def all_stale() -> Snapshot:
    base = ordinary()
    rows = tuple(row._replace(state=SourceState.STALE, as_of_text="as of 03:02") for row in base.sources)
    return base._replace(state=SnapshotState.STALE, as_of_text="as of 03:02", sources=rows)


def unpriced_model() -> Snapshot:
    base = snapshot(
        spend("3.55", "2 min of your time", unpriced=48_211),
        spend("32.60", "19 min of your time", unpriced=48_211),
        (
            source("codex", "Codex", spend("3.55"), spend("32.60"), 1000),
            source("claude-code", "Claude Code", spend(None, unpriced=48_211), spend(None, unpriced=48_211), 0),
        ),
    )
    last = base.days[-2]._replace(amount=spend(None, unpriced=900), height_permille=0)
    return base._replace(days=(*base.days[:-2], last, base.days[-1]))


def no_reference() -> Snapshot:
    return snapshot(
        spend("11.97"),
        spend("212.80"),
        ordinary().sources,
    )


def german() -> Snapshot:
    def euro_style(amount: str, equivalent: str = "") -> Amount:
        return spend(amount, equivalent, style=GERMAN)

    return snapshot(
        euro_style("1311.97", "13 h 07 min of your time"),
        euro_style("20212.80", "5,1 working weeks of your time"),
        (
            source("claude-code", "Claude Code", euro_style("1305.30"), euro_style("20033.53"), 1000),
            source("codex", "Codex", euro_style("0"), euro_style("32.60"), 2),
            source("plan:1", "Claude Max", plan_fee("6.67", "38.10", style=GERMAN), plan_fee("146.67", "512.30"), 8),
        ),
        bars=days("2100", GERMAN),
    )


SCENES: dict[str, Callable[[], Snapshot]] = {
    "nothing-read": nothing_read,
    "first-scan": first_scan,
    "ordinary": ordinary,
    "unassigned": unassigned,
    "part-said": part_said,
    "employer-only": employer_only,
    "plans-only": plans_only,
    "large-plan": large_plan,
    "two-currencies": two_currencies,
    "remark": remark,
    "amount-in-icon": amount_in_icon,
    "reading-on": reading_on,
    "no-reference": no_reference,
    "refused-history": refused_history,
    "quiet-month": quiet_month,
    "very-small": very_small,
    "very-large": very_large,
    "twelve-sources": twelve_sources,
    "long-name": long_name,
    "one-failing": one_failing,
    "account-failing": account_failing,
    "all-stale": all_stale,
    "unpriced-model": unpriced_model,
    "german": german,
}
