"""What a person can change, as values: made by the command line and the windows, carried out by engine.changes.

Amounts and rates are plain decimal text as typed ("100", "4.50"); everything is checked in one place, and what
is refused raises RefusedError with the field that is meant.
"""

from dataclasses import dataclass, field
from datetime import date

from tokentray.ledger import ALL, Own
from tokentray.secret import Secret
from tokentray.setup import KeyTried
from tokentray.snapshot import Problem


@dataclass(frozen=True, slots=True)
class SetPayer:
    """Say who pays. payer: "payg", "nobody", "plan:ID" or "account:ID". from_day: None from the first day on.

    It is the last word, which holds. keep_narrower: not over the rules for one provider or project alone, where this
    one names none: those go on to hold.
    """

    agent: str
    payer: str
    provider: str = ""
    project: str = ""
    from_day: date | None = None
    keep_narrower: bool = False


@dataclass(frozen=True, slots=True)
class RemoveRule:
    """Take a payer rule back."""

    id: int


@dataclass(frozen=True, slots=True)
class PutRuleBack:
    """Undo that: give the rule its old place in the list. What SetPayer says again would be the last word instead."""

    id: int
    agent: str
    payer: str
    provider: str
    project: str
    from_day: date | None


@dataclass(frozen=True, slots=True)
class AddPlan:
    """A plan, or a further term of the plan of that name. last_day: included. cycle_day: None for the first day's.

    It pays for `agents` while it runs; rules for one provider or project alone go on to hold.
    """

    name: str
    agents: tuple[str, ...]
    fee: str
    currency: str
    first_day: date
    last_day: date | None = None
    cycle_day: int | None = None
    provider: str = ""


@dataclass(frozen=True, slots=True)
class EndPlan:
    """Say on which day a running plan ends: the last that was paid for."""

    id: int
    last_day: date


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """Another fee from a day on: the running term ends the day before."""

    id: int
    fee: str
    from_day: date


@dataclass(frozen=True, slots=True)
class RemovePlan:
    """Remove a plan with all its terms and the rules that name it."""

    id: int


@dataclass(frozen=True, slots=True)
class AddCharge:
    """An amount typed in by hand."""

    day: date
    amount: str
    provider: str
    currency: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class RemoveCharge:
    """Take a charge back."""

    id: int


@dataclass(frozen=True, slots=True)
class AddNote:
    """A line on what a day's spend bought. project: "" for all of the day's.

    quantity: how much there is of what `of` names; both or neither.
    """

    day: date
    text: str
    project: str = ""
    quantity: str = ""
    of: str = ""


@dataclass(frozen=True, slots=True)
class ChangeNote:
    """All of a note anew."""

    id: int
    day: date
    text: str
    project: str = ""
    quantity: str = ""
    of: str = ""


@dataclass(frozen=True, slots=True)
class RemoveNote:
    """Take a note back."""

    id: int


@dataclass(frozen=True, slots=True)
class AddReference:
    """A reference point. kind: "hourly", "pay" (a year) or "thing", which needs a name."""

    kind: str
    amount: str
    currency: str
    from_day: date
    name: str = ""


@dataclass(frozen=True, slots=True)
class RemoveReference:
    """Take a reference point back."""

    id: int


@dataclass(frozen=True, slots=True)
class LeadReference:
    """Show amounts in this one."""

    id: int


@dataclass(frozen=True, slots=True)
class SetRate:
    """One unit of `base` is `rate` units of `quote` from a day on. The rate of the same day is replaced."""

    base: str
    quote: str
    rate: str
    from_day: date


@dataclass(frozen=True, slots=True)
class RemoveRate:
    """Take an exchange rate back."""

    id: int


@dataclass(frozen=True, slots=True)
class SetSetting:
    """A setting by its key; value as text, None for its default."""

    key: str
    value: str | None


@dataclass(frozen=True, slots=True)
class FinishFirstRun:
    """The window of the first start was closed: do not show it again by itself."""


@dataclass(frozen=True, slots=True)
class TryKey:
    """Look at a key without keeping it: answered with `tried`. provider: an id of tokentray.providers.

    base_url: "" for the provider's own. own: the part asked for, ALL to have it found. plain_http: the person agreed
    that the key goes unencrypted to a private address.
    """

    provider: str
    key: Secret
    base_url: str = ""
    own: Own = field(default_factory=lambda: ALL)
    plain_http: bool = False


@dataclass(frozen=True, slots=True)
class AddAccount:
    """Keep a key in the keyring, and read its account from now on.

    own: the person's part of an organisation. counted: whether an account that sees the whole organisation counts as
    the person's own. verify: False to keep it without asking the provider. pays_for: ids of agents whose use of the
    provider it pays for, so that nothing counts twice.
    """

    provider: str
    key: Secret
    label: str = ""
    base_url: str = ""
    own: Own = field(default_factory=lambda: ALL)
    counted: bool = False
    verify: bool = True
    plain_http: bool = False
    pays_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RekeyAccount:
    """Replace the key of an account; what was read stays. base_url: "" for the one it has."""

    id: int
    key: Secret
    base_url: str = ""
    verify: bool = True
    plain_http: bool = False


@dataclass(frozen=True, slots=True)
class VerifyAccount:
    """Ask the provider whether the key still works, and what it can read."""

    id: int


@dataclass(frozen=True, slots=True)
class RenameAccount:
    """Another label."""

    id: int
    label: str


@dataclass(frozen=True, slots=True)
class SetOwn:
    """Another part of the organisation. What was read under the old one is read anew.

    counted: as for AddAccount.
    """

    id: int
    own: Own
    counted: bool = False


@dataclass(frozen=True, slots=True)
class RemoveAccount:
    """Take the key out of the keyring. keep_history: whether what was read stays and counts."""

    id: int
    keep_history: bool = True


@dataclass(frozen=True, slots=True)
class SetProxyPassword:
    """Keep the password of a proxy in the keyring, for that proxy alone; None to delete it.

    proxy: the address with its user, as the setting holds it.
    """

    proxy: str
    password: Secret | None


Request = (
    SetPayer
    | RemoveRule
    | PutRuleBack
    | AddPlan
    | EndPlan
    | ChangePlan
    | RemovePlan
    | AddCharge
    | RemoveCharge
    | AddNote
    | ChangeNote
    | RemoveNote
    | AddReference
    | RemoveReference
    | LeadReference
    | SetRate
    | RemoveRate
    | SetSetting
    | FinishFirstRun
)
"""Changes of what the person told us."""

AccountRequest = (
    TryKey | AddAccount | RekeyAccount | VerifyAccount | RenameAccount | SetOwn | RemoveAccount | SetProxyPassword
)
"""What has to do with keys: it may wait for the keyring and for the provider, so it is answered later."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request. text: what was done, a sentence. problem: why not; field: the one that is meant.

    tried: what a TryKey or VerifyAccount found.
    """

    request_id: int
    text: str
    problem: Problem | None = None
    field: str = ""
    tried: KeyTried | None = None
