"""What is checked before an account is added or changed: its own part, its label, and that nothing is read twice."""

from collections.abc import Sequence

from tokentray.errors import RefusedError
from tokentray.insight.account_words import overlaps, same_part
from tokentray.ledger import Own
from tokentray.program import command
from tokentray.providers.base import Identity, ProviderInfo
from tokentray.store.account_rows import AccountRow

_LONGEST_LABEL = 100


def check_own(info: ProviderInfo, own: Own) -> None:
    """Refuse what the provider cannot be limited to."""
    for key, values in own.items():
        if key not in info.own_keys:
            takes = f"It takes {', '.join(info.own_keys)}" if info.own_keys else "All that its key sees is your own"
            raise RefusedError(f"{info.name} knows no {key}", "", takes, field="own")
        if not values or not all(value and value.isprintable() and len(value) <= 200 for value in values):
            raise RefusedError(f"The {key} is no name", "", "Copy it as the provider shows it", field="own")


def check_choice(info: ProviderInfo, identity: Identity, counted: bool) -> None:
    """The person has to say which part is theirs where the API could be limited to it."""
    if identity.whole or identity.own or counted or not identity.narrowable:
        return
    several = identity.choices[:8]
    whom = "; ".join(f"{one.label} ({_as_options(one.own)})" for one in several)
    more = f"; and {len(identity.choices) - len(several)} more" if len(identity.choices) > len(several) else ""
    raise RefusedError(
        f"Which part of {identity.holder or info.name} is yours?",
        f"{whom}{more}" if whom else "nobody in it could be told to be you",
        "Say which (`--own KEY=VALUE`), or that all of it is yours (`--count-all`)",
        field="own",
    )


def _as_options(own: Own) -> str:
    key, values = next(iter(own.items()))
    return f"--own {key}={values[0]}"


def check_overlap(identity: Identity, others: Sequence[AccountRow]) -> None:
    """Refuse what would be read twice and could not be told apart."""
    for other in others:
        if same_part(identity.scope, other.scope):
            raise RefusedError(
                f"{other.label} reads the same already",
                f"it is account {other.id}",
                f"Replace the key of that account instead (`{command()} accounts rekey {other.id}`)",
                field="key",
            )
        if overlaps(identity.scope, identity.own, other.scope, other.own):
            raise RefusedError(
                f"{other.label} reads a part of the same",
                "what both see could not be told apart",
                f"Change whose use that account reads (`{command()} accounts own {other.id}`)",
                field="own",
            )


def new_label(wanted: str, info: ProviderInfo, identity: Identity, accounts: Sequence[AccountRow]) -> str:
    """What to call a new account: as wished, else after its provider and whose it is, unlike any other."""
    taken = {one.label.casefold() for one in accounts}
    if wanted:
        label = checked_label(wanted)
        if label.casefold() in taken:
            raise RefusedError("Another account has that name", label, "Choose another (`--label`)", field="label")
        return label
    for label in (info.name, f"{info.name}, {identity.holder}" if identity.holder else ""):
        if label and label.casefold() not in taken:
            return label[:_LONGEST_LABEL]
    return next(label for n in range(2, 1000) if (label := f"{info.name} {n}").casefold() not in taken)


def checked_label(text: str) -> str:
    """A label in one line. Raises RefusedError."""
    label = " ".join(text.split())
    if not label or len(label) > _LONGEST_LABEL or not label.isprintable():
        raise RefusedError(
            "That is no name for an account", "", f"Up to {_LONGEST_LABEL} ordinary characters", field="label"
        )
    return label
