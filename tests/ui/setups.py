"""What the windows of settings and first run can be shown, as Setups made by hand; and a small engine's worth of
changes to them, so that a window under test meets what it would meet.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

from tests.ui import accounts
from tokentray.errors import RefusedError
from tokentray.money import NumberStyle, format_money
from tokentray.requests import (
    AddCharge,
    AddNote,
    AddPlan,
    AddReference,
    ChangeNote,
    ChangePlan,
    EndPlan,
    FinishFirstRun,
    LeadReference,
    PutRuleBack,
    RemoveCharge,
    RemoveNote,
    RemovePlan,
    RemoveRate,
    RemoveReference,
    RemoveRule,
    Request,
    SetPayer,
    SetRate,
    SetSetting,
)
from tokentray.settings.declared import SETTINGS, find, parse, value_text
from tokentray.setup import (
    AgentSetup,
    ChargeSetup,
    KnownPlan,
    PlanSetup,
    Proposal,
    RateSetup,
    ReferenceSetup,
    RuleSetup,
    SettingValue,
    Setup,
    TermSetup,
)
from tokentray.snapshot import Problem, ReadProgress

Told = TypeVar("Told", ChargeSetup, ReferenceSetup, RateSetup)

TODAY = date(2026, 11, 22)
ENGLISH = NumberStyle()
LONG_NAME = "Claude Code on the machine under the desk, second profile, EU"
ARABIC_NAME = "وكيل البرمجة على جهاز المكتب"
MARKUP = "<b>bold</b> & <img src=x>"

KNOWN_PLANS = (
    KnownPlan("Claude Pro", "anthropic", ("claude-code",), Decimal(20), "USD"),
    KnownPlan("Claude Max 5x", "anthropic", ("claude-code",), Decimal(100), "USD"),
    KnownPlan("Claude Max 20x", "anthropic", ("claude-code",), Decimal(200), "USD"),
    KnownPlan("ChatGPT Plus", "openai", ("codex",), Decimal(20), "USD"),
    KnownPlan("ChatGPT Pro", "openai", ("codex",), Decimal(200), "USD"),
)
_TO_MAX = Proposal("plan", "Signed in with a Claude account, not with a key", "Claude Max 20x", Decimal(200))
_TO_PAYG = Proposal("payg", "An OpenAI key is set for it, and no account is signed in")
_UNKNOWN = Proposal("plan", "Signed in with an account; which plan is not known")


def day_text(day: date) -> str:
    return f"{day.day} {day:%b} {day.year}"


def money(amount: Decimal, currency: str) -> str:
    return format_money(amount, currency, ENGLISH)


def agent(
    agent_id: str = "claude-code",
    label: str = "Claude Code",
    *,
    provider: str = "anthropic",
    sessions: int = 117,
    requests: int = 2653,
    worth: str = "≈ $66.58 at list price",
    proposal: Proposal = _TO_MAX,
) -> AgentSetup:
    """An agent with logs, of which nobody has said who pays."""
    first = date(2026, 8, 3) if requests else None
    last = TODAY if requests else None
    files = sessions * 2
    return AgentSetup(
        agent_id, label, provider, bool(files), files, sessions, requests, first, last, worth, "", "", proposal
    )


CODEX = agent(
    "codex",
    "Codex",
    provider="openai",
    sessions=1,
    requests=46,
    worth="≈ $3.02 at list price",
    proposal=_TO_PAYG,
)
GEMINI = agent(
    "gemini-cli", "Gemini CLI", provider="google", sessions=0, requests=0, worth="", proposal=Proposal("", "")
)


def _settings() -> tuple[SettingValue, ...]:
    return tuple(SettingValue(one.key, value_text(one, one.default), True) for one in SETTINGS)


def empty() -> Setup:
    """A machine without any agent, and nothing said."""
    return Setup(
        today=TODAY,
        agents=(),
        rules=(),
        plans=(),
        charges=(),
        references=(),
        rates=(),
        known_plans=KNOWN_PLANS,
        settings=_settings(),
        settings_file="/config/tokentray-desktop/settings.toml",
        currency="USD",
        first_run=True,
    )


def fresh() -> Setup:
    """Agents are found, and nobody has said anything."""
    return replace(
        empty(), agents=(agent(), CODEX, GEMINI), projects=("shop", "tokentray"), providers=("anthropic", "openai")
    )


def ordinary() -> Setup:
    """A plan, an agent paid as one goes, an employer's project, a charge, two reference points and a rate."""
    setup = replace(fresh(), first_run=False)
    for request in (
        AddPlan("Claude Max 20x", ("claude-code",), "200", "USD", date(2026, 8, 1)),
        SetPayer("codex", "payg"),
        SetPayer("codex", "nobody", project="shop", from_day=date(2026, 11, 1)),
        AddCharge(date(2026, 11, 3), "12.50", "openai", "USD", "A second seat for a week"),
        AddReference("hourly", "100", "USD", date(2026, 8, 1)),
        AddReference("thing", "4.50", "EUR", date(2026, 9, 1), "coffee"),
        SetRate("EUR", "USD", "1.0850", date(2026, 9, 1)),
    ):
        setup = carry_out(setup, request).setup
    return setup


def long_names() -> Setup:
    """Names of 60 characters and more, of two directions, and with markup."""
    named = agent("claude-code", LONG_NAME)
    arabic = replace(CODEX, label=ARABIC_NAME)
    marked = agent("pi", MARKUP, sessions=12)
    name = "A plan with a name that nobody would give it, but somebody will (team of four, EU, yearly)"
    setup = replace(empty(), agents=(named, arabic, marked), projects=("x" * 300, ARABIC_NAME, MARKUP), first_run=False)
    for request in (
        AddPlan(name, ("claude-code", "codex", "pi"), "1234567.89", "USD", date(2026, 8, 1)),
        SetPayer("codex", "payg", project="x" * 300),
        SetPayer("pi", "nobody", project=ARABIC_NAME, from_day=date(2026, 11, 1)),
        AddCharge(date(2026, 11, 3), "1234567.89", "a-provider-with-a-rather-long-name", "USD", "x" * 300),
        AddReference("thing", "123456.78", "KWD", date(2026, 9, 1), "weekend in the house by the lake with all of us"),
    ):
        setup = carry_out(setup, request).setup
    return setup


def many() -> Setup:
    """Five agents, six plans, two hundred charges."""
    labels = {"claude-code": "Claude Code", "codex": "Codex", "pi": "pi", "amp": "Amp", "goose": "Goose"}
    setup = replace(ordinary(), agents=tuple(agent(one, label) for one, label in labels.items()))
    for number in range(5):
        request = AddPlan(f"Plan {number + 1}", ("pi",), "20", "USD", date(2026, 1, 1), date(2026, number + 2, 1))
        setup = carry_out(setup, request).setup
    charges = tuple(
        ChargeSetup(100 + number, TODAY - timedelta(days=number), Decimal(number), "USD", "openai", "", f"${number}.00")
        for number in range(200)
    )
    return replace(setup, charges=charges)


def missing_rate() -> Setup:
    """A reference point in a currency that no rate leads to."""
    setup = replace(ordinary(), rates=(), missing_rates=("EUR",))
    return replace(setup, references=tuple(replace(one, leads=one.currency == "EUR") for one in setup.references))


def bad_settings() -> Setup:
    """A settings file edited by hand, with two values that cannot be."""
    setup = ordinary()
    bad = {
        "refreshing.interval_min": "The file says 0: not a whole number of minutes from 1 to 1440. 15 is used",
        "days.time_zone": "The file says “Mars/Olympus”: no time zone of the tz database. The system’s is used",
    }
    return replace(
        setup,
        settings=tuple(replace(one, notice=bad.get(one.key, "")) for one in setup.settings),
        problems=(
            Problem(
                "Two settings are not used",
                "refreshing.interval_min and days.time_zone hold values that cannot be",
                "Choose others here, or mend the file",
                grave=False,
            ),
        ),
    )


def unreadable_agent() -> Setup:
    """An agent whose logs cannot be opened."""
    setup = fresh()
    failing = replace(setup.agents[1], error="No permission to open the folder sessions", requests=0, sessions=0)
    return replace(setup, agents=(setup.agents[0], failing, setup.agents[2]))


def reading() -> Setup:
    """The first read is under way."""
    return replace(fresh(), agents=(agent(sessions=40, requests=812),), progress=ReadProgress(214, 1190))


def failing_engine() -> Setup:
    """A history that cannot be written."""
    problem = Problem("The history cannot be written", "the disk is full", "Make room, then try again")
    return replace(ordinary(), problems=(problem,))


def behind_proxy(address: str = "http://ada@proxy.example.com:3128") -> Setup:
    """The network is reached through a proxy."""
    made = ordinary()
    settings = tuple(
        replace(one, text=address, is_default=not address) if one.key == "network.proxy" else one
        for one in made.settings
    )
    return replace(made, settings=settings)


def exporting(folder: str = "/home/dana/Documents/months of " + "a very long name " * 6) -> Setup:
    """Each month is written by itself."""
    made = ordinary()
    told = {"export.monthly": "true", "export.folder": folder}
    settings = tuple(
        replace(one, text=told[one.key], is_default=False) if one.key in told else one for one in made.settings
    )
    return replace(made, settings=settings, last_export_text="October 2026, on 3 Nov 2026")


def with_accounts() -> Setup:
    """One account of each state, hosts and places."""
    return replace(ordinary(), accounts=accounts.several(), hosts=accounts.HOSTS, places=accounts.PLACES)


def twelve_accounts() -> Setup:
    """Twelve, with names of all kinds."""
    return replace(ordinary(), accounts=accounts.twelve(), hosts=accounts.HOSTS, places=accounts.PLACES)


def locked_keyring() -> Setup:
    """No key can be read or kept."""
    return replace(with_accounts(), keyring_problem=accounts.LOCKED)


SETUPS: dict[str, Callable[[], Setup]] = {
    "ordinary": ordinary,
    "empty": empty,
    "fresh": fresh,
    "long-names": long_names,
    "many": many,
    "missing-rate": missing_rate,
    "bad-settings": bad_settings,
    "unreadable-agent": unreadable_agent,
    "reading": reading,
    "failing-engine": failing_engine,
    "accounts": with_accounts,
    "twelve-accounts": twelve_accounts,
    "locked-keyring": locked_keyring,
}


@dataclass(frozen=True)
class Done:
    """What came of a change: the setup after it, and a sentence."""

    setup: Setup
    text: str


def carry_out(setup: Setup, request: Request) -> Done:
    """A change as the engine would make it, with the checks that matter to a form. Raises RefusedError."""
    match request:
        case SetPayer():
            return Done(_set_payer(setup, request), f"{_payer_text(setup, request.payer)} from now on")
        case RemoveRule():
            left = tuple(rule for rule in setup.rules if rule.id != request.id)
            return Done(_with_payers(replace(setup, rules=left)), "Rule removed")
        case PutRuleBack():
            if any(rule.id == request.id for rule in setup.rules):
                raise RefusedError(f"Rule {request.id} is there", "", "It was put back already", field="id")
            return Done(_with_payers(_with_rule(setup, request.id, request)), "Put back")
        case AddPlan():
            return Done(_add_plan(setup, request), f"{request.name} added")
        case EndPlan():
            return Done(_end_plan(setup, request), "The plan ends")
        case ChangePlan():
            return Done(_change_plan(setup, request), "Another fee is set")
        case RemovePlan():
            plans = tuple(plan for plan in setup.plans if plan.id != request.id)
            rules = tuple(rule for rule in setup.rules if rule.payer != f"plan:{request.id}")
            return Done(_with_payers(replace(setup, plans=plans, rules=rules)), "Plan removed")
        case AddCharge():
            amount = _amount(request.amount, "amount")
            if not request.provider:
                raise RefusedError("A charge needs a provider", "", "Say whom you paid", field="provider")
            text = money(amount, request.currency)
            charge = ChargeSetup(
                _next(setup.charges), request.day, amount, request.currency, request.provider, request.text, text
            )
            charges = sorted((*setup.charges, charge), key=lambda one: one.day, reverse=True)
            return Done(replace(setup, charges=tuple(charges)), f"{text} added")
        case RemoveCharge():
            return Done(replace(setup, charges=_without(setup.charges, request.id)), "Charge removed")
        case AddReference():
            return Done(_add_reference(setup, request), "Reference point added")
        case RemoveReference():
            return Done(replace(setup, references=_without(setup.references, request.id)), "Reference point removed")
        case LeadReference():
            chosen = next(one for one in setup.references if one.id == request.id)
            leads = {one.id: (one.kind, one.name) == (chosen.kind, chosen.name) for one in setup.references}
            references = tuple(replace(one, leads=leads[one.id]) for one in setup.references)
            return Done(replace(setup, references=references), f"Amounts are measured by {chosen.text}")
        case SetRate():
            rate = _amount(request.rate, "rate")
            if request.base == request.quote:
                raise RefusedError("A rate is between two currencies", "", "Choose another", field="quote")
            text = f"1 {request.base} is {request.rate} {request.quote}"
            made = RateSetup(_next(setup.rates), request.base, request.quote, rate, request.from_day, text)
            missing = tuple(code for code in setup.missing_rates if code not in (request.base, request.quote))
            return Done(replace(setup, rates=(*setup.rates, made), missing_rates=missing), text)
        case RemoveRate():
            return Done(replace(setup, rates=_without(setup.rates, request.id)), "Rate removed")
        case SetSetting():
            return Done(_set_setting(setup, request), "Saved")
        case FinishFirstRun():
            return Done(replace(setup, first_run=False), "")
        case AddNote() | ChangeNote() | RemoveNote():
            return Done(setup, "Done")  # the history window shows notes, no setup does


def _amount(text: str, field: str) -> Decimal:
    plain = text.replace(".", "", 1)
    if not (plain.isascii() and plain.isdigit()):
        raise RefusedError("That is no amount", repr(text), "Type a number such as 12.50", field=field)
    if not Decimal(text):
        raise RefusedError("The amount must be above zero", "", "Type what it costs", field=field)
    return Decimal(text)


def _next(things: tuple[object, ...]) -> int:
    return max((getattr(one, "id", 0) for one in things), default=0) + 1


def _without(things: tuple[Told, ...], number: int) -> tuple[Told, ...]:
    return tuple(one for one in things if one.id != number)


def _payer_text(setup: Setup, payer: str) -> str:
    for plan in setup.plans:
        if payer == f"plan:{plan.id}":
            return f"{plan.name}, a plan"
    for account in setup.accounts:
        if payer == f"account:{account.id}":
            return f"{account.label}, an account"
    return {"payg": "as you go", "nobody": "nobody here", "": ""}[payer]


def _label(setup: Setup, agent_id: str) -> str:
    return next((one.label for one in setup.agents if one.id == agent_id), agent_id)


def _set_payer(setup: Setup, request: SetPayer) -> Setup:
    """The last word: of what it covers, what was said before goes."""

    def covered(rule: RuleSetup) -> bool:
        same = (rule.agent, rule.provider, rule.project) == (request.agent, request.provider, request.project)
        return same and (request.from_day is None or rule.from_day == request.from_day)

    kept = tuple(rule for rule in setup.rules if not covered(rule))
    return _with_payers(_with_rule(replace(setup, rules=kept), _next(setup.rules), request))


def _with_rule(setup: Setup, number: int, request: SetPayer | PutRuleBack) -> Setup:
    who = _payer_text(setup, request.payer)
    narrowed = f" in project {request.project}" if request.project else ""
    narrowed += f" through {request.provider}" if request.provider else ""
    since = f", from {day_text(request.from_day)}" if request.from_day else ""
    made = RuleSetup(
        number,
        request.agent,
        _label(setup, request.agent),
        request.provider,
        request.project,
        request.from_day,
        request.payer,
        who,
        f"{_label(setup, request.agent)}{narrowed}{since}: {who} pays",
    )
    return replace(setup, rules=tuple(sorted((*setup.rules, made), key=lambda rule: rule.id)))


def _with_payers(setup: Setup) -> Setup:
    """Who pays for each agent where nothing narrower is said."""
    agents = []
    for one in setup.agents:
        general = [
            rule
            for rule in setup.rules
            if rule.agent == one.id
            and not (rule.provider or rule.project)
            and (rule.from_day is None or rule.from_day <= TODAY)
        ]
        payer = general[-1].payer if general else ""
        agents.append(replace(one, payer=payer, payer_text=_payer_text(setup, payer)))
    return replace(setup, agents=tuple(agents))


def _term(number: int, fee: Decimal, currency: str, first: date, last: date | None, cycle: int) -> TermSetup:
    until = f" to {day_text(last)}" if last else ""
    text = f"{money(fee, currency)} a month from {day_text(first)}{until}, billed on day {cycle}"
    return TermSetup(number, fee, currency, first, last, cycle, text)


def _plan(number: int, name: str, agents: tuple[str, ...], agents_text: str, terms: tuple[TermSetup, ...]) -> PlanSetup:
    latest = terms[-1]
    runs = latest.first_day <= TODAY and (latest.last_day is None or latest.last_day >= TODAY)
    state = f"since {day_text(terms[0].first_day)}"
    if latest.last_day:
        state = f"{'ends' if runs else 'ended'} on {day_text(latest.last_day)}"
    fee = f"{money(latest.fee, latest.currency)} a month"
    worth = "worth ≈ $512.30 this month, 3.8×" if runs else ""
    return PlanSetup(number, name, "", agents, agents_text, terms, runs, fee, state, worth)


def _add_plan(setup: Setup, request: AddPlan) -> Setup:
    if not request.name:
        raise RefusedError("A plan needs a name", "", "Such as “Claude Max”", field="name")
    if not request.agents:
        raise RefusedError("A plan pays for at least one agent", "", "Tick one", field="agents")
    fee = _amount(request.fee, "fee")
    if request.last_day and request.last_day < request.first_day:
        raise RefusedError("The plan ends before it begins", "", "Choose a later last day", field="last_day")
    for plan in setup.plans:
        if plan.name == request.name and plan.terms[-1].last_day is None:
            message = f"{plan.name} runs since {day_text(plan.terms[-1].first_day)}"
            raise RefusedError("The plan runs already", message, "End it first", field="first_day")
    number = _next(setup.plans)
    day = request.first_day
    cycle = request.cycle_day or min(day.day, 28)
    term = _term(number * 10, fee, request.currency, day, request.last_day, cycle)
    names = ", ".join(_label(setup, one) for one in request.agents)
    setup = replace(setup, plans=(*setup.plans, _plan(number, request.name, request.agents, names, (term,))))
    for one in request.agents:
        setup = _set_payer(setup, SetPayer(one, f"plan:{number}", from_day=request.first_day))
    return setup


def _replaced(setup: Setup, number: int, terms: Callable[[PlanSetup], tuple[TermSetup, ...]]) -> Setup:
    plans = tuple(
        _plan(one.id, one.name, one.agents, one.agents_text, terms(one)) if one.id == number else one
        for one in setup.plans
    )
    return replace(setup, plans=plans)


def _end_plan(setup: Setup, request: EndPlan) -> Setup:
    def ended(plan: PlanSetup) -> tuple[TermSetup, ...]:
        last = plan.terms[-1]
        if request.last_day < last.first_day:
            raise RefusedError("The plan ends before it begins", "", "Choose a later day", field="last_day")
        return (*plan.terms[:-1], _term(last.id, last.fee, last.currency, last.first_day, request.last_day, 1))

    return _replaced(setup, request.id, ended)


def _change_plan(setup: Setup, request: ChangePlan) -> Setup:
    fee = _amount(request.fee, "fee")

    def changed(plan: PlanSetup) -> tuple[TermSetup, ...]:
        last = plan.terms[-1]
        if request.from_day <= last.first_day:
            raise RefusedError("That is before the fee it changes", "", "Choose a later day", field="from_day")
        before = _term(last.id, last.fee, last.currency, last.first_day, request.from_day - timedelta(days=1), 1)
        return (*plan.terms[:-1], before, _term(last.id + 1, fee, last.currency, request.from_day, None, 1))

    return _replaced(setup, request.id, changed)


def _add_reference(setup: Setup, request: AddReference) -> Setup:
    amount = _amount(request.amount, "amount")
    if request.kind == "thing" and not request.name:
        raise RefusedError("A thing needs a name", "", "Such as “coffee”", field="name")
    for one in setup.references:
        if (one.kind, one.name, one.from_day) == (request.kind, request.name, request.from_day):
            raise RefusedError("There is one of that date already", one.text, "Choose another date", field="from_day")
    per = {"hourly": " an hour", "pay": " a year", "thing": f" a {request.name}"}[request.kind]
    example = {
        "hourly": "This month: 2 h 08 min of your time",
        "pay": "This month: 2 % of a month’s pay",
    }
    made = ReferenceSetup(
        _next(setup.references),
        request.kind,
        request.name,
        amount,
        request.currency,
        request.from_day,
        not setup.references,
        f"{money(amount, request.currency)}{per}",
        example.get(request.kind, f"This month: 42.1 {request.name}s"),
    )
    return replace(setup, references=(*setup.references, made))


def _set_setting(setup: Setup, request: SetSetting) -> Setup:
    setting = find(request.key)
    value = setting.default if request.value is None else parse(setting, request.value)
    made = SettingValue(setting.key, value_text(setting, value), value == setting.default)
    settings = tuple(made if one.key == request.key else one for one in setup.settings)
    return replace(setup, settings=settings)
