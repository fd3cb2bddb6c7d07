"""Makes the Setup that the windows of first run and settings show: what was found here, and what the person told us."""

import os
import sys
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from tokentray.agents.base import Agent
from tokentray.clock import Zone, local_date
from tokentray.engine.account_setups import account_setups, between, host_setups, places
from tokentray.engine.figures import Figures
from tokentray.engine.holdings import Holdings
from tokentray.engine.snapshots import figures_of
from tokentray.engine.source_lines import Told
from tokentray.insight import told_words, words
from tokentray.insight.exchange import held_on
from tokentray.insight.known_plans import KNOWN_PLANS
from tokentray.insight.periods import month_text
from tokentray.insight.plan_worth import times_text
from tokentray.insight.proposals import MANAGED, proposal
from tokentray.insight.source_names import account_labels
from tokentray.insight.tally import tally
from tokentray.insight.who_pays import ONE_DAY, agents_on, payer_on, term_on
from tokentray.model import PayerKind, Plan, PlanTerm, ReferencePoint, UsageRow
from tokentray.money import NumberStyle, exact_sum, nanos_to_decimal
from tokentray.paths import Paths, is_folder
from tokentray.settings import SETTINGS, Loaded, value_text
from tokentray.setup import (
    AgentSetup,
    ChargeSetup,
    PlanSetup,
    RateSetup,
    ReferenceSetup,
    RuleSetup,
    SettingValue,
    Setup,
    TermSetup,
)
from tokentray.snapshot import Problem, ReadProgress
from tokentray.store.history import History
from tokentray.store.usage import UsageQuery

_MONTH_DAYS = 30
_MANAGED_FILES = {
    "linux": ("/etc/claude-code/managed-settings.json",),
    "darwin": ("/Library/Application Support/ClaudeCode/managed-settings.json",),
    "win32": ("C:/Program Files/ClaudeCode/managed-settings.json",),
}


def build(
    history: History,
    now_utc: int,
    zone: Zone,
    style: NumberStyle,
    loaded: Loaded,
    *,
    agents: Sequence[Agent],
    env: Mapping[str, str],
    home: Path,
    paths: Paths,
    keyring_problem: Problem | None = None,
    polled_since_utc: int | None = 0,
    holdings: Holdings | None = None,
    problems: Sequence[Problem] = (),
    progress: ReadProgress | None = None,
    followed: bool = False,
) -> Setup:
    """The setup at an instant. Raises StoreError.

    keyring_problem: why no key can be read or kept just now. polled_since_utc: as in engine.snapshots.
    holdings: kept from before, read again only where they changed; while a log is `followed`, now and then.
    """
    today = local_date(now_utc, zone)
    told = Told(history.payer_rules(), history.plans(), history.charges())
    month = history.usage(UsageQuery(("day", "source", "payer"), today.replace(day=1), today, today=today), zone)
    figures = figures_of(history, month, told, now_utc, zone, style, loaded.settings)
    holdings = Holdings() if holdings is None else holdings
    holdings.read(history, zone, reading=followed or progress is not None)
    maker = _Maker(history, told, figures, holdings, env, home)
    references = history.reference_points()
    accounts = account_labels(history.sources())
    return Setup(
        today=today,
        agents=maker.agents(agents),
        rules=tuple(
            RuleSetup(
                rule.id,
                rule.agent,
                told_words.agent_text(rule.agent),
                rule.provider,
                rule.project,
                rule.valid_from,
                str(rule.payer),
                told_words.payer_text(rule.payer, told.plans, accounts),
                told_words.rule_text(rule, told.plans, accounts),
            )
            for rule in told.rules
        ),
        plans=tuple(_plan(plan, told, month, figures) for plan in told.plans),
        charges=tuple(
            ChargeSetup(
                charge.id,
                charge.day,
                nanos_to_decimal(charge.amount_nanos),
                charge.currency,
                charge.provider,
                charge.text,
                told_words.exact_money(nanos_to_decimal(charge.amount_nanos), charge.currency, style),
            )
            for charge in told.charges
        ),
        references=tuple(_reference(point, references, month, figures) for point in references),
        rates=tuple(
            RateSetup(rate.id, rate.base, rate.quote, rate.rate, rate.valid_from, told_words.exchange_text(rate, style))
            for rate in history.exchange_rates()
        ),
        known_plans=KNOWN_PLANS,
        settings=tuple(
            SettingValue(
                setting.key,
                value_text(setting, loaded.settings.value(setting)),
                loaded.settings.value(setting) == setting.default,
                loaded.notice(setting.key),
            )
            for setting in SETTINGS
        ),
        settings_file=str(paths.settings),
        currency=loaded.settings.currency or figures.currency,
        missing_rates=_missing_rates(told, references, (*month, *holdings.rows()), figures),
        projects=holdings.projects,
        providers=holdings.providers,
        problems=tuple(problems),
        progress=progress,
        first_run=not history.first_run_done(),
        accounts=account_setups(history, month, figures, polled_since_utc=polled_since_utc),
        hosts=(*host_setups(history.accounts(), history.poll_states(), now_utc), *between(loaded.settings)),
        places=places(paths, loaded.settings),
        keyring_problem=keyring_problem,
        last_export_text=_last_export(history, zone),
    )


def _last_export(history: History, zone: Zone) -> str:
    """The newest month that was written by itself, and where a file was kept that is not as it was written."""
    record = next((one for one in history.exports() if one.automatic), None)
    if record is None:
        return ""
    from tokentray.export.files import file_name  # with all that an export needs

    month, day = date.fromisoformat(f"{record.month}-01"), local_date(record.at_utc, zone)
    text = f"{month_text(month)}, on {told_words.day_text(day)}"
    called = {file_name(month, file.format, record.redacted): Path(file.path).name for file in record.files}
    beside = {kept: made for kept, made in called.items() if made != kept}
    if not beside:
        return text
    are = "is not as it was" if len(beside) == 1 else "are not as they were"
    return f"{text}, as {words.listed(list(beside.values()))}, for {words.listed(list(beside))} {are} written"


class _Maker:
    """What the agents' part is made of."""

    def __init__(
        self, history: History, told: Told, figures: Figures, holdings: Holdings, env: Mapping[str, str], home: Path
    ) -> None:
        self._told = told
        self._figures = figures
        self._holdings = holdings
        self._env = env
        self._home = home
        self._plan_types = history.agent_plans()
        self._sources = {source.name: source for source in history.sources() if source.kind == "agent"}
        self._accounts = account_labels(history.sources())

    def agents(self, agents: Sequence[Agent]) -> tuple[AgentSetup, ...]:
        """Every agent this build reads, then those that only the history or a rule knows."""
        made = []
        for agent in agents:
            found = any(is_folder(root) for root in agent.roots(self._env, self._home))
            made.append(self._agent(agent.id, agent.label, agent.provider, found))
        known = {agent.id for agent in agents}
        ruled = {rule.agent: rule.agent for rule in self._told.rules if rule.agent}
        for name, label in (ruled | {name: source.label for name, source in self._sources.items()}).items():
            if name not in known:
                source = self._sources.get(name)
                made.append(self._agent(name, label, source.provider if source else "", False))
        return tuple(made)

    def _agent(self, name: str, label: str, provider: str, found: bool) -> AgentSetup:
        figures, source = self._figures, self._sources.get(name)
        held = self._holdings.of(name)
        first, last = held.days or (None, None)
        text = words.worth_text(tally(held.rows, figures.home), figures.currency, figures.style)
        payer = payer_on(local_date(figures.now_utc, figures.zone), self._told.rules, self._told.plans, name)
        return AgentSetup(
            id=name,
            label=label,
            provider=provider,
            found=found,
            files=held.files,
            sessions=held.sessions,
            requests=held.requests,
            first_day=first,
            last_day=last,
            worth_text=_at_list_price(text) if held.requests else "",
            payer=str(payer) if payer else "",
            payer_text=told_words.payer_text(payer, self._told.plans, self._accounts) if payer else "nobody has said",
            proposal=proposal(
                name,
                self._plan_types.get(name, ""),
                self._present(name),
                _recent_worth(held.rows, last),
                held.requests > 0,
            ),
            error=source.error if source else "",
        )

    def _present(self, agent: str) -> set[str]:
        """Names of settings that exist; of none of them the value."""
        present = {name for name, value in self._env.items() if value}
        files = _MANAGED_FILES.get(sys.platform, ()) if agent == "claude-code" else ()
        # os.path.exists and not Path.exists, which raises where one may not look.
        return present | ({MANAGED} if any(os.path.exists(file) for file in files) else set())  # noqa: PTH110


def _at_list_price(text: str) -> str:
    return text if text in (words.NOT_PRICED, words.MOSTLY_NOT_PRICED) else f"{text} at list price"


def _recent_worth(rows: Sequence[UsageRow], last: date | None) -> Decimal:
    """The list cost in USD of the thirty days that end with the last use."""
    since = (last - timedelta(days=_MONTH_DAYS - 1)).isoformat() if last else ""
    recent = (row.list_cost for row in rows if row.list_cost and row.currency == "USD" and row.key("day") >= since)
    return exact_sum(list(recent))


def _plan(plan: Plan, told: Told, month: Sequence[UsageRow], figures: Figures) -> PlanSetup:
    today = local_date(figures.now_utc, figures.zone)
    running = term_on(plan, today)
    shown = running or next(
        (term for term in plan.terms if term.first_day > today), plan.terms[-1] if plan.terms else None
    )
    agents = agents_on(today, plan, told.rules, told.plans)
    return PlanSetup(
        id=plan.id,
        name=plan.name,
        provider=plan.provider,
        agents=agents,
        agents_text=words.listed([told_words.agent_text(agent) for agent in agents]),
        terms=tuple(_term(term, figures.style) for term in plan.terms),
        runs=running is not None,
        fee_text=told_words.fee_text(shown, figures.style) if shown else "",
        state_text=_state_text(plan, running, today, figures.style),
        worth_text=_worth_text(plan, month, figures),
    )


def _term(term: PlanTerm, style: NumberStyle) -> TermSetup:
    span = told_words.span_text(term.first_day, term.last_day)
    text = f"{told_words.fee_text(term, style)} {span}, billed on day {term.cycle_day} of the month"
    fee = nanos_to_decimal(term.fee_nanos)
    return TermSetup(term.id, fee, term.currency, term.first_day, term.last_day, term.cycle_day, text)


def _state_text(plan: Plan, running: PlanTerm | None, today: date, style: NumberStyle) -> str:
    """Since when it runs and at its fee of today, and what becomes of it; or when it begins, begins again, or ended."""
    coming = next((term for term in plan.terms if term.first_day > today), None)
    if running is None:
        begun = any(term.first_day <= today for term in plan.terms)
        if coming is not None:
            return f"{'begins again' if begun else 'begins'} on {told_words.day_text(coming.first_day)}"
        last = plan.terms[-1].last_day if plan.terms else None
        return f"ended on {told_words.day_text(last)}" if last else ""
    start = running.first_day
    for term in reversed(plan.terms):
        if term.last_day is not None and term.last_day + ONE_DAY == start:
            start = term.first_day
    since = f"since {told_words.day_text(start)}"
    if start != running.first_day:
        since += f", at this fee since {told_words.day_text(running.first_day)}"
    if running.last_day is None:
        return since
    if coming is not None and coming.first_day == running.last_day + ONE_DAY:
        return f"{since}; {told_words.fee_text(coming, style)} from {told_words.day_text(coming.first_day)}"
    return f"{since}, ends on {told_words.day_text(running.last_day)}"


def _worth_text(plan: Plan, month: Sequence[UsageRow], figures: Figures) -> str:
    """What it covered this month against its fee over the same days: "worth ≈ $512.30 this month, 3.8× its fee"."""
    name = f"{PayerKind.PLAN}:{plan.id}"
    rows = [row for row in month if row.key("payer") == name]
    covered = tally(rows, figures.home)
    if not covered.tokens:
        return ""
    text = words.worth_text(covered, figures.currency, figures.style)
    if text in (words.NOT_PRICED, words.MOSTLY_NOT_PRICED):
        return f"{figures.style.number(covered.tokens)} tokens this month, {text}"
    times = times_text(rows, figures.home.exchange, figures.style)
    return f"worth {text} this month{f', {times}' if times else ''}"


def _reference(
    point: ReferencePoint, points: Sequence[ReferencePoint], month: Sequence[UsageRow], figures: Figures
) -> ReferenceSetup:
    return ReferenceSetup(
        id=point.id,
        kind=point.kind,
        name=point.name,
        amount=point.amount,
        currency=point.currency,
        from_day=point.valid_from,
        leads=point.leads,
        text=told_words.reference_text(point, figures.style),
        example_text=_example_text(point, points, month, figures),
    )


def _example_text(
    point: ReferencePoint, points: Sequence[ReferencePoint], month: Sequence[UsageRow], figures: Figures
) -> str:
    """What this month comes to in the one that holds today; "" for those of other days, and for nothing."""
    today = local_date(figures.now_utc, figures.zone)
    series = [one for one in points if (one.kind, one.name) == (point.kind, point.name)]
    if series[held_on(today, [one.valid_from for one in series])].id != point.id:
        return ""
    alone = figures.measured_by([one._replace(leads=True) for one in series])
    told = alone.equivalent(month, of_worth=not figures.counts_spend)
    if not told.units or told.missing_currency:
        return ""
    return f"this month {figures.total(month).amount_text} is {told.text(figures.style)}"


def _missing_rates(
    told: Told, references: Sequence[ReferencePoint], rows: Sequence[UsageRow], figures: Figures
) -> tuple[str, ...]:
    """Currencies that cannot be told in the one that was chosen, or else in the one that amounts lead with."""
    used = [row.currency for row in rows if row.cost or row.list_cost]
    used += [term.currency for plan in told.plans for term in plan.terms]
    used += [charge.currency for charge in told.charges]
    used += [point.currency for point in references]
    wanted = figures.home.currency or figures.currency
    return tuple(one for one in dict.fromkeys(used) if not figures.home.exchange.reaches(one, wanted))
