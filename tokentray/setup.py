"""What the windows of first run and settings show: everything the person told us, and what was found here.

Frozen, and free of effects. Made by engine.setups; texts are ready to show, values are for the forms.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tokentray.ledger import Own
from tokentray.snapshot import Problem, ReadProgress


@dataclass(frozen=True, slots=True)
class Proposal:
    """Who most likely pays for an agent, and how we know. Only which settings exist is looked at.

    payer: "plan", "payg" or "nobody". plan_name, fee, currency: of the plan that is meant, "" and None where it
    is not known which. reason: a sentence to show beside it.
    """

    payer: str
    reason: str
    plan_name: str = ""
    fee: Decimal | None = None
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class AgentSetup:
    """One coding agent. payer: who pays for its use today where nothing narrower is said, "" where nobody said.

    payer_text: the same in words, "Claude Max, a plan". worth_text: all of its use, "≈ $66.58 at list price".
    first_day, last_day: of its use. found: whether its logs are on this machine. error: why they cannot be read.
    """

    id: str
    label: str
    provider: str
    found: bool
    files: int
    sessions: int
    requests: int
    first_day: date | None
    last_day: date | None
    worth_text: str
    payer: str
    payer_text: str
    proposal: Proposal
    error: str = ""


@dataclass(frozen=True, slots=True)
class RuleSetup:
    """One payer rule. text: "Codex in project shop, from 1 Nov 2026: nobody here pays"."""

    id: int
    agent: str
    agent_label: str
    provider: str
    project: str
    from_day: date | None
    payer: str
    payer_text: str
    text: str


@dataclass(frozen=True, slots=True)
class TermSetup:
    """A stretch of a plan at one fee. text: "$200 a month from 1 Nov 2026, billed on the 1st"."""

    id: int
    fee: Decimal
    currency: str
    first_day: date
    last_day: date | None
    cycle_day: int
    text: str


@dataclass(frozen=True, slots=True)
class PlanSetup:
    """One plan. agents: ids of those it pays for. runs: whether it does today.

    state_text: "since 1 Nov 2026" or "ended on 30 Sep 2026". worth_text: this month's, "worth ≈ $512.30, 3.8×".
    """

    id: int
    name: str
    provider: str
    agents: tuple[str, ...]
    agents_text: str
    terms: tuple[TermSetup, ...]
    runs: bool
    fee_text: str
    state_text: str
    worth_text: str


@dataclass(frozen=True, slots=True)
class ChargeSetup:
    """One charge. amount_text: "$12.50"."""

    id: int
    day: date
    amount: Decimal
    currency: str
    provider: str
    text: str
    amount_text: str


@dataclass(frozen=True, slots=True)
class ReferenceSetup:
    """One reference point. text: "$100.00 an hour". example_text: what this month comes to in it, or ""."""

    id: int
    kind: str
    name: str
    amount: Decimal
    currency: str
    from_day: date
    leads: bool
    text: str
    example_text: str


@dataclass(frozen=True, slots=True)
class RateSetup:
    """One exchange rate. text: "1 EUR is 1.0850 USD"."""

    id: int
    base: str
    quote: str
    rate: Decimal
    from_day: date
    text: str


@dataclass(frozen=True, slots=True)
class KnownPlan:
    """A plan that many have, offered in forms: what it is called, for which agents, and its fee a month."""

    name: str
    provider: str
    agents: tuple[str, ...]
    fee: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class OwnChoice:
    """A part of an organisation that the person may be. label: "Dana Ito <dana@example.com>"."""

    label: str
    own: Own


@dataclass(frozen=True, slots=True)
class MayPay:
    """An agent whose use of a provider an account of that provider may pay for.

    likely: its use counts as paid as you go, so that it would count twice beside the account's own bill. text: "Codex,
    which counts as you go".
    """

    agent: str
    label: str
    likely: bool
    text: str


@dataclass(frozen=True, slots=True)
class KeyTried:
    """What a key turned out to be, before it is kept: all texts ready to show.

    kind_text: "Admin key of Acme". host: where it is asked. reads, cannot: a sentence each. own: the person's part,
    found or as asked for; own_text: "only yours: user dana, 3 keys", or "all of the organisation: not counted until
    you say so". needs_choice: the person has to say who they are, or that all of it counts; choices: whom they may
    be. advice: a narrower key that would do. same_as: label of an account that sees the same, "" for none. may_pay_for:
    agents that have used this provider here, for the person to say which of them this account pays for.
    """

    provider: str
    provider_name: str
    kind_text: str
    host: str
    reads: tuple[str, ...]
    cannot: tuple[str, ...]
    own: Own
    own_text: str
    needs_choice: bool = False
    choices: tuple[OwnChoice, ...] = ()
    advice: str = ""
    same_as: str = ""
    may_pay_for: tuple[MayPay, ...] = ()


@dataclass(frozen=True, slots=True)
class DayDifference:
    """One UTC day of an account, as its bill and as its tokens have it. Texts ready to show, "–" for nothing known.

    other_text: metered or estimated, as basis says ("metered", "estimated"). percent_text: "−12 %". reason: the
    likely one, "" where they agree.
    """

    day: date
    billed_text: str
    other_text: str
    basis: str
    difference_text: str
    percent_text: str
    reason: str


@dataclass(frozen=True, slots=True)
class AccountSetup:
    """One account. state: "fresh", "stale", "failing", "never", "locked", "removed".

    kind_text: "Admin key of Acme". state_text: "read 2 minutes ago", "key refused on 12 Nov". mend: what to do, ""
    for nothing; mend_action: "rekey", "unlock", "own" or "" for what leads there. own_text: as in KeyTried.
    amount_text: this month's. covers_text: "from 1 Jan 2026", progress_text: "reading back: 3 of 12 months", or "".
    differences: of the last days that have both, the newest first; difference_text: them in a sentence, "".
    """

    id: int
    provider: str
    provider_name: str
    label: str
    kind_text: str
    host: str
    base_url: str
    state: str
    state_text: str
    mend: str
    mend_action: str
    own: Own
    own_text: str
    counted: bool
    narrowed: bool
    amount_text: str
    covers_text: str
    progress_text: str
    differences: tuple[DayDifference, ...] = ()
    difference_text: str = ""


@dataclass(frozen=True, slots=True)
class HostSetup:
    """A host that can be contacted. why: a sentence. last_text: "2 minutes ago", "never"."""

    host: str
    why: str
    last_text: str


@dataclass(frozen=True, slots=True)
class PlaceSetup:
    """Where something lies. what: "History", "Settings", "Keys"; where: a path, or the name of the keyring."""

    what: str
    where: str


@dataclass(frozen=True, slots=True)
class SettingValue:
    """A setting as it stands. text: as `settings get` prints it. notice: why the file's value is not used, or ""."""

    key: str
    text: str
    is_default: bool
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Setup:
    """Everything the forms show. today: the person's date, the default of date fields."""

    today: date
    agents: tuple[AgentSetup, ...]
    rules: tuple[RuleSetup, ...]
    plans: tuple[PlanSetup, ...]
    charges: tuple[ChargeSetup, ...]
    references: tuple[ReferenceSetup, ...]
    rates: tuple[RateSetup, ...]
    known_plans: tuple[KnownPlan, ...]
    settings: tuple[SettingValue, ...]
    settings_file: str
    currency: str
    """The person's: what forms begin with."""
    missing_rates: tuple[str, ...] = ()
    """Currencies of amounts or reference points that no exchange rate leads to."""
    projects: tuple[str, ...] = ()
    """Names of the projects seen, most used first, for forms."""
    providers: tuple[str, ...] = ()
    """Providers as logged, for forms."""
    problems: tuple[Problem, ...] = ()
    progress: ReadProgress | None = None
    first_run: bool = False
    accounts: tuple[AccountSetup, ...] = ()
    hosts: tuple[HostSetup, ...] = ()
    places: tuple[PlaceSetup, ...] = ()
    keyring_problem: Problem | None = None
    """Why no key can be read or kept just now."""
    last_export_text: str = ""
    """The month that was last exported by itself, "October 2026, on 3 Nov 2026", and what its files are called where
    others were kept; "" for none.
    """
