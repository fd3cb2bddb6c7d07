"""Accounts in every state, made by hand, and what a small engine makes of requests about them.

Keys here are made up: a prefix, then one sign over and over. A key of nines is refused, one of eights sees a whole
organisation, one of sevens the same as another account, and the keyring is locked for one of sixes.
"""

from dataclasses import replace
from datetime import date, timedelta

from tokentray.errors import RefusedError
from tokentray.requests import (
    AccountRequest,
    AddAccount,
    RekeyAccount,
    RemoveAccount,
    RenameAccount,
    SetOwn,
    SetProxyPassword,
    TryKey,
    VerifyAccount,
)
from tokentray.setup import (
    AccountSetup,
    DayDifference,
    HostSetup,
    KeyTried,
    MayPay,
    OwnChoice,
    PlaceSetup,
    Setup,
)
from tokentray.snapshot import Problem

TODAY = date(2026, 11, 22)
LONG_LABEL = "Everything that the second team of the house by the lake pays"
MARKUP = "<b>bold</b> & <img src=x>"
LOCKED = Problem("The keyring is locked", "no key can be read or kept", "Unlock it, then try again")

OPENAI_KEY = "sk-admin-" + "0" * 40
WRONG_KEY = "sk-proj-" + "0" * 40
REFUSED_KEY = "sk-admin-" + "9" * 40
WHOLE_KEY = "sk-admin-" + "8" * 40
SAME_KEY = "sk-admin-" + "7" * 40
LOCKED_KEY = "sk-admin-" + "6" * 40
SHARED_KEY = "sk-" + "0" * 22
"""A virtual key of a LiteLLM proxy, of which the address has to be told."""
SEVERAL_KEY = "sk-" + "a" * 48
UNREADABLE_KEY = "gsk_" + "0" * 40
UNKNOWN_KEY = "zzz-" + "0" * 30

CHOICES = (
    OwnChoice("Dana Ito <dana@example.com>", {"user_id": ("user-dana",)}),
    OwnChoice("Sam Okafor <sam@example.com>", {"user_id": ("user-sam",)}),
    OwnChoice("Sam Okafor <sam@example.com>", {"user_id": ("user-sam-2",)}),
)
_NAMES = {"openai": "OpenAI", "openrouter": "OpenRouter", "anthropic": "Anthropic", "deepseek": "DeepSeek"}
_NAMES |= {"litellm-proxy": "LiteLLM proxy", "github-copilot": "GitHub Copilot"}


def account(number: int = 1, label: str = "OpenAI, mine", provider: str = "openai", **changes: object) -> AccountSetup:
    """One that is well."""
    made = AccountSetup(
        id=number,
        provider=provider,
        provider_name=_NAMES.get(provider, provider),
        label=label,
        kind_text="Admin key of Acme",
        host=f"api.{provider}.com",
        base_url="",
        state="fresh",
        state_text="read 2 minutes ago",
        mend="",
        mend_action="",
        own={"user_id": ("user-dana",)},
        own_text="only yours: user Dana Ito",
        counted=True,
        narrowed=True,
        amount_text="$48.20",
        covers_text="from 1 Jan 2026",
        progress_text="",
    )
    return replace(made, **changes)  # type: ignore[arg-type] # as the test says


def differences(count: int = 5) -> tuple[DayDifference, ...]:
    """A bill beside its tokens."""
    rows = []
    for number in range(count):
        even = number % 2 == 0
        rows.append(
            DayDifference(
                day=TODAY - timedelta(days=number + 2),
                billed_text="$12.40" if even else "$1,208.11",
                other_text="$14.02" if even else "$1,208.11",
                basis="metered",
                difference_text="−$1.62" if even else "$0.00",
                percent_text="−12 %" if even else "",
                reason="A discount, or a price that is lower than the list" if even else "",
            )
        )
    return tuple(rows)


def several() -> tuple[AccountSetup, ...]:
    """One of each state."""
    return (
        account(
            differences=differences(),
            difference_text="The last 5 days were billed at $2,453.42, which is $4.86 less than their tokens at list "
            "price.",
        ),
        account(
            2,
            "Work",
            "anthropic",
            state="never",
            state_text="not read yet",
            amount_text="",
            covers_text="",
            progress_text="reading back: 3 of 12 months",
        ),
        account(
            3,
            "OpenRouter",
            "openrouter",
            kind_text="Management key",
            state="failing",
            state_text="key refused on 12 Nov; read 10 days ago",
            mend="Replace the key",
            mend_action="rekey",
            own={},
            own_text="all of it is yours",
            amount_text="$3.05",
        ),
        account(
            4,
            "DeepSeek",
            "deepseek",
            kind_text="Key",
            state="locked",
            state_text="the keyring is locked; read 3 hours ago",
            mend="Unlock the keyring, then try again",
            mend_action="unlock",
            own={},
            own_text="all of it is yours",
            amount_text="$0.41",
        ),
        account(
            5,
            "The whole house",
            state_text="read 4 minutes ago",
            own={},
            own_text="the whole organisation: not counted as yours",
            counted=False,
            narrowed=False,
            mend="Say which part is yours, or that all of it is",
            mend_action="own",
            amount_text="",
        ),
        account(
            6,
            "Old proxy",
            "litellm-proxy",
            kind_text="Virtual key",
            host="llm.example.com:4000",
            base_url="https://llm.example.com:4000",
            state="stale",
            state_text="read 2 days ago",
            own={},
            own_text="all of it is yours",
        ),
        account(
            7,
            "Copilot of last year",
            "github-copilot",
            kind_text="Fine-grained token",
            state="removed",
            state_text="removed on 3 Oct 2026; what was read stays",
            own={},
            own_text="all of it is yours",
            amount_text="",
        ),
    )


def twelve() -> tuple[AccountSetup, ...]:
    """Twelve, of which one has a name of 60 characters, one holds markup, one is Arabic."""
    names = [LONG_LABEL, MARKUP, "حساب المكتب", *(f"Account {number}" for number in range(4, 13))]
    amounts = ("$1,234,567.89", "<$0.01", "at least ≈ $3.10")
    return tuple(
        account(place + 1, name, amount_text=amounts[place] if place < 3 else "$1.00")
        for place, name in enumerate(names)
    )


HOSTS = (
    HostSetup("api.openai.com", "usage and costs of OpenAI, mine", "2 minutes ago"),
    HostSetup("llm.example.com:4000", "what Old proxy spent, by day, model and key", "2 days ago"),
    HostSetup("openrouter.ai", "activity and credits of OpenRouter", "never"),
)
PLACES = (
    PlaceSetup("History", "/home/dana/.local/share/tokentray-desktop/history.db"),
    PlaceSetup("Settings", "/home/dana/.config/tokentray-desktop/settings.toml"),
    PlaceSetup("Log", "/home/dana/.local/state/tokentray-desktop/a-folder-with-a-long-name/log/tokentray.log"),
    PlaceSetup("Keys", "the keyring of this desktop (Secret Service)"),
)


def found(setup: Setup, request: TryKey) -> KeyTried:
    """What a key turns out to be."""
    last = request.key.reveal()[-1]
    name = _NAMES.get(request.provider, request.provider)
    if last == "9":
        raise RefusedError(f"{name} does not know the key", "it answered 401", "Make another and paste it", field="key")
    whole = last == "8"
    return KeyTried(
        provider=request.provider,
        provider_name=name,
        kind_text="Admin key of Acme",
        host=f"api.{request.provider}.com" if not request.base_url else request.base_url.partition("://")[2],
        reads=("Tokens by hour, model and key", "Costs by day"),
        cannot=("Balances and prompts", "Requests: it cannot run a model"),
        own={} if whole else {"user_id": ("user-dana",)},
        own_text="the whole organisation: not counted as yours" if whole else "only yours: user Dana Ito",
        needs_choice=whole,
        choices=CHOICES if whole else (),
        advice="" if whole else "A key with the scope api.usage.read alone would do",
        same_as=setup.accounts[0].label if last == "7" and setup.accounts else "",
        may_pay_for=(MayPay("codex", "Codex", True, "Codex, as you go so far"),) if last == "0" else (),
    )


def carry_out(setup: Setup, request: AccountRequest) -> tuple[Setup, str, KeyTried | None]:
    """What comes of a request. Raises RefusedError."""
    match request:
        case TryKey():
            return setup, "", found(setup, request)
        case AddAccount():
            if request.verify:
                found(setup, TryKey(request.provider, request.key, request.base_url))
            if request.key.reveal()[-1] == "6":
                raise RefusedError(LOCKED.title, LOCKED.message, LOCKED.hint)
            number = max((one.id for one in setup.accounts), default=0) + 1
            label = request.label or _NAMES.get(request.provider, request.provider)
            made = account(
                number, label, request.provider, own=request.own, counted=request.counted or bool(request.own)
            )
            made = replace(made, state="never", state_text="not read yet", amount_text="", covers_text="")
            return replace(setup, accounts=(*setup.accounts, made)), f"{label} is account {number}.", None
        case RekeyAccount():
            if request.verify and request.key.reveal()[-1] == "9":
                raise RefusedError("OpenRouter does not know the key", "it answered 401", "Make another", field="key")
            text = f"{_one(setup, request.id).label} has a new key; what was read before stays."
            well = {"state": "fresh", "state_text": "read just now", "mend": "", "mend_action": ""}
            return _changed(setup, request.id, **well), text, None
        case VerifyAccount():
            one = _one(setup, request.id)
            if one.state == "locked":
                raise RefusedError(LOCKED.title, LOCKED.message, LOCKED.hint)
            tried = KeyTried(
                one.provider, one.provider_name, one.kind_text, one.host, ("Costs by day",), (), one.own, one.own_text
            )
            choices = () if one.narrowed and not one.own else CHOICES
            return setup, f"{one.label}: the key works.", replace(tried, choices=choices)
        case RenameAccount():
            if not request.label:
                raise RefusedError("An account needs a name", "", "Type one", field="label")
            return _changed(setup, request.id, label=request.label), f"It is now called {request.label}.", None
        case SetOwn():
            narrowed = bool(request.own)
            text = "only yours" if narrowed else "the whole organisation, counted as yours"
            changes = {"own": request.own, "own_text": text, "narrowed": narrowed, "mend": "", "mend_action": ""}
            return _changed(setup, request.id, counted=True, **changes), f"It reads {text}.", None
        case RemoveAccount():
            if request.keep_history:
                changes = {"state": "removed", "state_text": "removed; what was read stays"}
                return _changed(setup, request.id, **changes), "Removed; what was read of it stays.", None
            left = tuple(one for one in setup.accounts if one.id != request.id)
            return replace(setup, accounts=left), "Removed, with everything that was read of it.", None
        case SetProxyPassword():
            return setup, "The password is kept." if request.password else "The password is removed.", None


def _one(setup: Setup, number: int) -> AccountSetup:
    return next(one for one in setup.accounts if one.id == number)


def _changed(setup: Setup, number: int, **changes: object) -> Setup:
    accounts = tuple(
        replace(one, **changes) if one.id == number else one  # type: ignore[arg-type] # as it is called above
        for one in setup.accounts
    )
    return replace(setup, accounts=accounts)
