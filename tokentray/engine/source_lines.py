"""The rows of a snapshot: what the person pays, what is paid elsewhere, and what nobody has said who pays for."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from tokentray.clock import local_date
from tokentray.engine.figures import Figures
from tokentray.insight import told_words, words
from tokentray.insight.plan_worth import times_text
from tokentray.insight.source_names import source_names
from tokentray.insight.standing import line_of, standing_of
from tokentray.insight.tally import ZERO, Tally, tally
from tokentray.insight.who_pays import payer_on, term_on
from tokentray.model import Caveat, Charge, Payer, PayerKind, PayerRule, Plan, UsageRow, payer_of
from tokentray.snapshot import Amount, SourceHealth, SourceLine, SourceState, Standing
from tokentray.store.account_rows import AccountRow
from tokentray.store.queries import SourceRow


class Told(NamedTuple):
    """What the person told us of who pays. accounts: also those that were removed, by the id that rows have."""

    rules: Sequence[PayerRule]
    plans: Sequence[Plan]
    charges: Sequence[Charge]
    accounts: Mapping[str, AccountRow] = {}


class _Line(NamedTuple):
    """A row in the making."""

    id: str
    kind: str
    label: str
    standing: Standing
    rows: tuple[UsageRow, ...]
    read: tuple[SourceHealth, ...]
    """The agents or the account that it is read from."""


def source_lines(
    rows: Sequence[UsageRow], health: Sequence[SourceHealth], told: Told, figures: Figures, month_start: date
) -> tuple[SourceLine, ...]:
    """Every line with its amounts of today and this month. rows: of the month, by day, source and payer."""
    today = local_date(figures.now_utc, figures.zone)
    lines = _lines(rows, health, told, today, month_start)
    made: list[SourceLine] = []
    for standing in Standing:
        made += _standing([line for line in lines if line.standing is standing], told, figures, today)
    return tuple(made)


def _lines(
    rows: Sequence[UsageRow], health: Sequence[SourceHealth], told: Told, today: date, month_start: date
) -> list[_Line]:
    """Lines with rows this month; running plans and failing or idle agents stand there without any."""
    groups: dict[tuple[str, Standing], list[UsageRow]] = {}
    for row in rows:
        groups.setdefault((line_of(row), standing_of(row)), []).append(row)
    names = {one.id: one for one in health}
    lines = []
    for plan in told.plans:
        name = f"plan:{plan.id}"
        mine = groups.pop((name, Standing.SPEND), [])
        if mine or term_on(plan, today):
            paid = _paid_by(Payer(PayerKind.PLAN, plan.id), mine, health, told, today)
            lines.append(_Line(name, "plan", plan.name, Standing.SPEND, tuple(mine), tuple(paid)))
    called = source_names((), (), told.charges)
    for charge in told.charges:
        if month_start <= charge.day <= today:
            name = f"charge:{charge.id}"
            mine = groups.pop((name, Standing.SPEND), [])
            lines.append(_Line(name, "charge", called.source(name), Standing.SPEND, tuple(mine), ()))
    for one in health:
        if one.kind == "account":
            mine, others = (groups.pop((one.id, where), []) for where in (Standing.SPEND, Standing.ELSEWHERE))
            lines += _of_account(one, mine, others, health, told, today)
    placed = {one.id for line in lines for one in line.read}
    for (name, standing), mine in groups.items():
        source = names.get(name)
        label, read = (source.label, (source,)) if source else (name, ())
        lines.append(_Line(name, "agent", label, standing, tuple(mine), read))
        placed.add(name)
    for one in health:
        if one.id not in placed and one.kind != "account":
            payer = payer_on(today, told.rules, told.plans, one.id)
            lines.append(_Line(one.id, one.kind, one.label, _where(payer), (), (one,)))
    return lines


def _of_account(
    one: SourceHealth,
    mine: Sequence[UsageRow],
    others: Sequence[UsageRow],
    health: Sequence[SourceHealth],
    told: Told,
    today: date,
) -> Iterator[_Line]:
    """What counts of an account, and what does not, being a whole organisation's. others: rows of the latter.

    One that was removed stands only where it has rows, or still pays.
    """
    account = told.accounts.get(one.id)
    counts, removed = account is None or account.counted, account is not None and account.removed_utc is not None
    paid = _paid_by(payer_of(one.id), mine, health, told, today)
    if mine or paid or (counts and not removed):
        yield _Line(one.id, one.kind, one.label, Standing.SPEND, tuple(mine), (one, *paid))
    if others or not (counts or removed):
        yield _Line(one.id, one.kind, one.label, Standing.ELSEWHERE, tuple(others), (one,))


def _paid_by(
    payer: Payer, rows: Iterable[UsageRow], health: Iterable[SourceHealth], told: Told, today: date
) -> list[SourceHealth]:
    """The agents whose use is in the rows of a plan or account, or would be today."""
    used = {row.key("source") for row in rows}
    narrower = {
        rule.agent
        for rule in told.rules
        if rule.payer == payer and (rule.provider or rule.project) and (rule.valid_from or today) <= today
    }
    return [
        one
        for one in health
        if one.kind == "agent"
        and (one.id in used | narrower or payer_on(today, told.rules, told.plans, one.id) == payer)
    ]


def _where(payer: Payer | None) -> Standing:
    """Where an agent stands that has not been used."""
    if payer is None:
        return Standing.UNASSIGNED
    return Standing.ELSEWHERE if payer.kind is PayerKind.NOBODY else Standing.SPEND


def _standing(lines: Sequence[_Line], told: Told, figures: Figures, today: date) -> list[SourceLine]:
    """The lines of one standing, the largest first. What a column displays adds up."""
    spends = bool(lines) and lines[0].standing is Standing.SPEND
    months = [tally(line.rows, figures.home) for line in lines]
    sizes = [one.cost_in(figures.currency) if spends else one.worth_in(figures.currency) for one in months]
    order = sorted(range(len(lines)), key=lambda index: (-sizes[index], lines[index].label))
    lines = [lines[index] for index in order]
    largest = max(sizes, default=ZERO)
    of_today = _amounts(lines, [_on(line.rows, today) for line in lines], told, figures, spends)
    of_month = _amounts(lines, [line.rows for line in lines], told, figures, spends)
    return [
        SourceLine(
            id=line.id,
            kind=line.kind,
            label=line.label,
            standing=line.standing,
            tag_text=line.kind if line.kind in ("plan", "charge") else "",
            today=now,
            month=month,
            bar_permille=permille(sizes[index], largest),
            state=_worst(line.read),
            last_success_utc=_oldest(line.read),
            as_of_text=_as_of(line, figures),
            error="; ".join(_error(line, one) for one in line.read if one.error),
        )
        for index, line, now, month in zip(order, lines, of_today, of_month, strict=True)
    ]


def _amounts(
    lines: Sequence[_Line], columns: Sequence[Sequence[UsageRow]], told: Told, figures: Figures, spends: bool
) -> list[Amount]:
    """One column: each line's amount, in figures that share the displayed total."""
    sums = [tally(rows, figures.home) for rows in columns]
    share: Callable[..., list[str]] = words.spend_texts if spends else words.worth_texts
    texts = share(sums, figures.currency, figures.style)
    made = []
    for line, rows, whole, text in zip(lines, columns, sums, texts, strict=True):
        # A fee or charge of other days costs nothing on this one, which is not the same as no cost.
        shown = text if rows or line.kind not in ("plan", "charge") else "–"
        known = _known(line, rows, whole, told, figures)
        if not spends:
            made.append(figures.worth(rows, text=shown, known=known))
        else:
            made.append(figures.spend(rows, shown, known, _plan_worth(line, rows, whole, figures)))
    return made


def _plan_worth(line: _Line, rows: Sequence[UsageRow], whole: Tally, figures: Figures) -> str:
    """What stands beside a fee: "worth ≈ $38.10", "not priced", "no use"; "" without a fee, or a log to read."""
    if line.kind != "plan":
        return ""
    if not whole.tokens:
        return "no use" if line.read and rows else ""
    text = words.worth_text(whole, figures.currency, figures.style)
    return text if text in (words.NOT_PRICED, words.MOSTLY_NOT_PRICED) else f"worth {text}"


def _known(line: _Line, rows: Sequence[UsageRow], whole: Tally, told: Told, figures: Figures) -> str:
    """How a line's amount is known: a sentence for hover and focus."""
    imperfect = figures.imperfect(whole)
    if line.kind == "plan":
        return words.sentence((*_known_plan(line, rows, whole, told, figures), *imperfect))
    if line.kind == "charge":
        charge = next(one for one in told.charges if f"charge:{one.id}" == line.id)
        return words.sentence((f"typed in by hand for {told_words.day_text(charge.day)}",))
    if line.kind == "account":
        bases = figures.basis_words(whole.basis, rows) if whole.basis else "nothing used and nothing billed"
        apart = line.standing is Standing.ELSEWHERE and Caveat.ORGANISATION_WIDE.value not in whole.caveats
        wide = [words.CAVEAT_WORDS[Caveat.ORGANISATION_WIDE]] if apart else []
        return words.sentence((bases, *imperfect, *wide))
    estimated = f"estimated from {line.label}'s logs at each day's list price"
    if line.standing is Standing.ELSEWHERE:
        return words.sentence((f"paid elsewhere, so not counted; {estimated}", *imperfect))
    if line.standing is Standing.UNASSIGNED:
        return words.sentence((estimated, "nobody has said who pays" if figures.counts_spend else "", *imperfect))
    return words.sentence((f"you pay as you go: {estimated}", *imperfect))


def _known_plan(line: _Line, rows: Sequence[UsageRow], whole: Tally, told: Told, figures: Figures) -> Iterable[str]:
    plan = next(one for one in told.plans if f"plan:{one.id}" == line.id)
    today = local_date(figures.now_utc, figures.zone)
    running = term_on(plan, today)
    term = running or [one for one in plan.terms if one.first_day <= today][-1]
    yield f"the fee of {plan.name}, {told_words.fee_text(term, figures.style)}, spread over the days it pays for"
    if running is None and term.last_day is not None:
        yield f"it ended on {told_words.day_text(term.last_day)}"
    if whole.tokens:
        times = times_text(rows, figures.home.exchange, figures.style)
        worth = f"it covered {figures.at_list_price(whole)}{f', {times}' if times else ''}"
        yield f"{worth}, {figures.estimate_words(rows)}"
    elif line.read and rows:
        yield f"{words.listed([one.label for one in line.read])} did not use it then"


def _on(rows: Iterable[UsageRow], day: date) -> list[UsageRow]:
    return [row for row in rows if row.key("day") == day.isoformat()]


def _worst(read: Iterable[SourceHealth]) -> SourceState:
    states = {one.state for one in read}
    for state in (SourceState.FAILING, SourceState.STALE, SourceState.FRESH, SourceState.NEVER):
        if state in states:
            return state
    return SourceState.FRESH


def _oldest(read: Iterable[SourceHealth]) -> int | None:
    return min((one.last_success_utc for one in read if one.last_success_utc is not None), default=None)


def _as_of(line: _Line, figures: Figures) -> str:
    if not line.read:
        return "" if line.kind in ("plan", "charge") else "never read"
    oldest = _oldest(line.read)
    return "never read" if oldest is None else f"as of {figures.time_text(oldest)}"


def _error(line: _Line, one: SourceHealth) -> str:
    return one.error if one.label == line.label else f"{one.label}: {one.error}"


def permille(part: Decimal, whole: Decimal) -> int:
    """A thousandth scale that never hides what is there: anything above nothing is at least 1."""
    if whole <= 0 or part <= 0:
        return 0
    return max(1, int(Fraction(part) / Fraction(whole) * 1000))


def row_id(source: SourceRow) -> str:
    """A source as the rows of usage name it."""
    return source.name if source.kind == "agent" else f"{source.kind}:{source.id}"


def health_of(sources: Iterable[SourceRow], state_of: Callable[[SourceRow], SourceState]) -> tuple[SourceHealth, ...]:
    """How well each source is being read; accounts by the id that rows have."""
    return tuple(
        SourceHealth(
            row_id(source),
            source.kind,
            source.label,
            state_of(source),
            source.read_at_utc,
            source.error,
        )
        for source in sources
    )
