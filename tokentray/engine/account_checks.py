"""What is checked before an account is added or changed: its own part, its label, and that nothing is read twice."""

from collections.abc import Mapping, Sequence

from tokentray.errors import RefusedError
from tokentray.insight.account_words import organisation, overlaps, same_part
from tokentray.ledger import Own, Reading
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
    """Refuse what would be read twice and could not be told apart, also from the history of a removed account."""
    for other in others:
        if other.removed_utc is None and same_part(identity.scope, other.scope):
            raise RefusedError(
                f"{other.label} reads the same already",
                f"it is account {other.id}",
                f"Replace the key of that account instead (`{command()} accounts rekey {other.id}`)",
                field="key",
            )
        if overlaps(identity.scope, identity.own, other.scope, other.own):
            if other.removed_utc is None:
                reads = f"{other.label} reads a part of the same"
                mend = f"Change whose use that account reads (`{command()} accounts own {other.id}`)"
            else:
                reads = f"{other.label}, which was removed, has read a part of the same"
                delete = f"{command()} accounts remove {other.id} --delete-history"
                mend = f"Say the part that it had, or delete its history (`{delete}`)"
            raise RefusedError(reads, "what both see could not be told apart", mend, field="own")


def same_balance(identity: Identity, read: Mapping[tuple[str, str], Reading]) -> bool:
    """Whether a key of which nothing tells whose it is stands at the very balance that an account was last read at."""
    here = {(one.name, one.currency): one.amount for one in identity.readings}
    return any(here.values()) and here == {key: one.amount for key, one in read.items()}


def check_twins(twins: Sequence[AccountRow]) -> None:
    """Refuse what seems to be the same account once more: its spend would count twice."""
    for other in twins:
        raise RefusedError(
            f"{other.label} has the very same balance",
            "it seems to be one account with two keys",
            "Add one key of an account only; if they are two accounts, keep it without checking (`--no-verify`)",
            field="key",
        )


def check_replacement(account: AccountRow, identity: Identity, others: Sequence[AccountRow]) -> None:
    """Refuse a key that is of other books than the account's, or of more than it reads."""
    if not account.scope:
        check_overlap(identity, others)
        return
    own_account = "Add it as an account of its own"
    if organisation(identity.scope) != organisation(account.scope):
        raise RefusedError(
            f"That key is not of {account.label}",
            f"it reads {identity.holder or 'another account'}, not {account.holder or 'the same as before'}",
            own_account,
            field="key",
        )
    if account.scope.startswith(f"{identity.scope}/"):
        raise RefusedError(
            f"That key sees more than {account.label}",
            "what was read of it before could not be told from the rest",
            f"{own_account}; what both see counts once",
            field="key",
        )
    if identity.scope != account.scope:
        check_overlap(identity, others)


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
