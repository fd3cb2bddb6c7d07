"""Looks at a key: what kind it is, what it can read, and which part of the organisation is the person's."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar

from tokentray.errors import KeyRefusedError, NotAllowedError, NotThereError, ProviderError, RefusedError
from tokentray.ledger import ALL, Own
from tokentray.providers.anthropic import analytics, wording
from tokentray.providers.anthropic.people import REFUSALS, ApiKey, Person, api_keys, organisation, people, people_of
from tokentray.providers.base import Choice, Context, Identity

_MOST_CHOICES = 200
_BEGINNINGS = {"user_id": ("user_", "svac_"), "api_key_id": ("apikey_",), "workspace_id": ("wrkspc_",)}
_Item = TypeVar("_Item")


class _Found(NamedTuple):
    """What was found of the person's part. whole: there is nobody else."""

    own: Own = ALL
    choices: tuple[Choice, ...] = ()
    whole: bool = False


def identify(context: Context) -> Identity:
    """What a key turned out to be. Raises ProviderError, or RefusedError where the part asked for cannot be."""
    _check(context.own)
    try:
        id_, name = organisation(context.channel)
    except (KeyRefusedError, NotAllowedError, NotThereError) as refusal:
        return _without_admin(context, refusal)
    newer = analytics.look(context.channel) is not None
    keys = _if_allowed(api_keys(context.channel))
    members = _if_allowed(islice(people(context.channel), _MOST_CHOICES + 1))
    found = _find(context, members, keys)
    reads, cannot = _reads(newer, narrowed=not found.whole)
    return Identity(
        "Admin key",
        name,
        _scope(id_, found.own, keys),
        reads,
        cannot,
        found.own,
        found.whole,
        choices=found.choices,
        advice=wording.ADVICE,
        names={one.id: one.label for one in members} | {key.id: key.name for key in keys},
    )


def _without_admin(context: Context, refusal: ProviderError) -> Identity:
    """A key that may not ask who it is: one with the scope read:analytics, or none that we can use."""
    try:
        seen = analytics.look(context.channel, with_people=True)
    except KeyRefusedError:
        seen = None
    if seen is None:
        raise type(refusal)(wording.REFUSED_TITLE, wording.REFUSED, wording.REFUSED_HINT) from None

    def of_email(email: str) -> Iterable[Person]:
        return (person for person in seen.people if person.email.casefold() == email.strip().casefold())

    own = _resolve(context.own, of_email)
    if not own:
        own = next((_own_of(person, ()) for email in context.emails for person in of_email(email)), ALL)
    choices = () if own else _choices(seen.people, ())
    scope = _scope(seen.organisation, own, ()) if seen.organisation else ""
    cannot = (wording.NO_SUBSCRIPTION, wording.NO_NAMES, wording.NO_OLDER)
    return Identity("Analytics key", "", scope, wording.READS_ANALYTICS, cannot, own, choices=choices)


def _find(context: Context, members: Sequence[Person], keys: Sequence[ApiKey]) -> _Found:
    """The person's part: as asked for, all of an organisation of one, by an address of theirs, or to be chosen."""

    def of_email(email: str) -> Iterable[Person]:
        if len(members) > _MOST_CHOICES:
            return people_of(context.channel, email)
        return (person for person in members if person.email.casefold() == email.strip().casefold())

    if context.own:
        return _Found(_asked(context, members, keys, of_email))
    if len(members) == 1:
        return _Found(whole=True)
    for email in context.emails:
        for person in of_email(email):
            return _Found(_own_of(person, keys))
    return _Found(choices=_choices(members, keys))


def _asked(
    context: Context,
    members: Sequence[Person],
    keys: Sequence[ApiKey],
    of_email: Callable[[str], Iterable[Person]],
) -> Own:
    """The part asked for, by ids that exist, with the keys that its people made."""
    own = _resolve(context.own, of_email)
    users = set(own.get("user_id", ()))
    if members and not users <= {person.id for person in members}:
        everybody = members if len(members) <= _MOST_CHOICES else people(context.channel)
        unknown = {user for user in users if user.startswith("user_")} - {person.id for person in everybody}
        if unknown:
            raise RefusedError("No such person", min(unknown), "The members are listed in Console", field="own")
    asked = set(own.get("api_key_id", ()))
    unknown = asked - {key.id for key in keys}
    if keys and unknown:
        raise RefusedError("No such API key", min(unknown), "The keys are listed in Console", field="own")
    made = {key.id for key in keys if key.made_by in users}
    return {**own, "api_key_id": tuple(sorted(asked | made))} if asked | made else own


def _resolve(own: Own, of_email: Callable[[str], Iterable[Person]]) -> Own:
    """The same part with the ids of people instead of their addresses."""
    users = [*own.get("user_id", ())]
    for email in own.get("email", ()):
        found = [person.id for person in of_email(email)]
        if not found:
            raise RefusedError("No such person", email, "Take the address that Console shows for you", field="own")
        users += found
    kept = {key: tuple(sorted(set(values))) for key, values in own.items() if key not in ("email", "user_id")}
    return {"user_id": tuple(sorted(set(users))), **kept} if users else kept


def _check(own: Own) -> None:
    """Raise RefusedError for a part that cannot be meant."""
    for key, beginnings in _BEGINNINGS.items():
        for value in own.get(key, ()):
            if not value.startswith(beginnings):
                raise RefusedError(f"No {key}", value, f"It begins with {beginnings[0]}", field="own")
    if "workspace_id" in own and len(own) > 1:
        raise RefusedError(
            "Two ways to say what is yours",
            "a workspace is a part of its own",
            "Give a workspace, or people and keys",
            field="own",
        )


def _own_of(person: Person, keys: Sequence[ApiKey]) -> Own:
    made = tuple(sorted(key.id for key in keys if key.made_by == person.id))
    return {"user_id": (person.id,), **({"api_key_id": made} if made else {})}


def _choices(members: Sequence[Person], keys: Sequence[ApiKey]) -> tuple[Choice, ...]:
    known = sorted(members[:_MOST_CHOICES], key=lambda person: person.label.casefold())
    return tuple(Choice(person.label, _own_of(person, keys)) for person in known)


def _scope(organisation_id: str, own: Own, keys: Sequence[ApiKey]) -> str:
    """The path of a part: of the organisation, a person in it, a key of that person."""
    makers: Mapping[str, str] = {key.id: key.made_by for key in keys}
    users, chosen = own.get("user_id", ()), own.get("api_key_id", ())
    path = ["anthropic", organisation_id]
    if users:
        path.append("+".join((*users, *(key for key in chosen if makers.get(key) not in users))))
    elif chosen:
        by = {makers.get(key, "") for key in chosen}
        path += [*(by if len(by) == 1 else ()), "+".join(chosen)]
    elif own:
        path.append("+".join(own.get("workspace_id", ())))
    return "/".join(part for part in path if part)


def _reads(newer: bool, *, narrowed: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the key reads, and what it cannot."""
    if newer:
        return wording.READS_ANALYTICS, (wording.NO_SUBSCRIPTION, wording.NO_OLDER)
    if narrowed:
        return (wording.READS_TOKENS,), (wording.NO_SUBSCRIPTION, wording.NO_OWN_BILL, wording.NO_OLDER)
    reads = (wording.READS_TOKENS, wording.READS_DAILY_BILL)
    return reads, (wording.NO_SUBSCRIPTION, wording.NO_PRIORITY, wording.NO_OLDER)


def _if_allowed(listed: Iterable[_Item]) -> list[_Item]:
    """A list, empty for a key that may not see it."""
    try:
        return list(listed)
    except REFUSALS:
        return []
