"""Who is in an OpenAI organisation, which keys are whose, and what an Admin key turned out to be."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from tokentray.clock import DAY_S
from tokentray.errors import KeyRefusedError, NotAllowedError, NotThereError
from tokentray.ledger import Own
from tokentray.providers.answers import (
    a_list,
    an_object,
    changed,
    check_room,
    flag,
    objects,
    optional_text,
    pages,
    seconds,
    text,
)
from tokentray.providers.base import Channel, Choice, Context, Identity, Params
from tokentray.providers.openai.facts import KEY_PAGE, SCOPE

_PAGE = ("limit", "100")
_MOST_PEOPLE = 1000
MOST_PROJECTS = 50
"""More are not searched for keys while the person waits, nor for names alone."""

_READS = (
    "Tokens of each model and key by the hour, minutes after they are used",
    "Costs of each model and key by UTC day, final a day later",
)
_NO_BALANCE = "Balance and prompts: no key reads those"


class Person(NamedTuple):
    """A member. label: "Dana Reyes <dana@example.com>"."""

    id: str
    email: str
    label: str


class Project(NamedTuple):
    """A project, archived ones included."""

    id: str
    name: str
    created_utc: int


class ProjectKey(NamedTuple):
    """A key of a project. owner_id: of the person it belongs to, "" where that is a service account."""

    id: str
    name: str
    owner_id: str
    project_id: str
    project: str


def allowed(channel: Channel, path: str, params: Params) -> object:
    """The answer to a question about usage. Raises NotAllowedError where the key is good, but lacks the scope."""
    try:
        return channel.get(path, params)
    except (KeyRefusedError, NotAllowedError) as exc:
        # Both are answered for a missing scope; what a good key is still told apart by is that it sees the people.
        if isinstance(exc, KeyRefusedError) and not _lists_people(channel):
            raise
        raise NotAllowedError(
            "The key may not read usage",
            f"it is no Admin key, or lacks the scope {SCOPE}",
            f"Give it that scope, or make an Admin key that has it: {KEY_PAGE}",
        ) from exc


def people(channel: Channel, emails: Sequence[str] = ()) -> list[Person]:
    """Members, service accounts left out, at most a thousand. emails: only those with such an address."""
    found = []
    for member in islice(_listed(channel, "/organization/users", [("emails[]", one) for one in emails]), _MOST_PEOPLE):
        if flag(member.get("is_service_account"), "data[].is_service_account"):
            continue
        person = text(member.get("id"), "data[].id")
        inner = an_object(member.get("user") or {}, "data[].user")
        email = optional_text(member.get("email") or inner.get("email"), "data[].email")
        name = optional_text(member.get("name") or inner.get("name"), "data[].name")
        label = f"{name} <{email}>" if name and email else name or email or person
        found.append(Person(person, email, label))
    return found


def user_of(channel: Channel, email: str) -> str:
    """The id of the member with an address. Raises NotThereError where there is none."""
    for person in people(channel, [email]):
        if person.email.lower() == email.lower():
            return person.id
    raise NotThereError(
        "Nobody there has that e-mail address",
        "no member of the organisation goes by it",
        "Say who you are by user_id instead",
    )


def projects(channel: Channel) -> list[Project]:
    """Every project, archived ones included, the oldest first."""
    found = [
        Project(
            text(one.get("id"), "data[].id"),
            optional_text(one.get("name"), "data[].name"),
            seconds(one.get("created_at"), "data[].created_at"),
        )
        for one in _listed(channel, "/organization/projects", [("include_archived", "true")])
    ]
    return sorted(found, key=lambda one: (one.created_utc, one.id))


def project_keys(channel: Channel, of: Iterable[Project]) -> list[ProjectKey]:
    """The keys of projects, whoever owns them, also those whose owner has left."""
    found = []
    for project in of:
        try:
            for key in _listed(
                channel, f"/organization/projects/{project.id}/api_keys", [("owner_project_access", "any")]
            ):
                owner = an_object(key.get("owner") or {}, "data[].owner")
                user = an_object(owner.get("user") or {}, "data[].owner.user")
                found.append(
                    ProjectKey(
                        text(key.get("id"), "data[].id"),
                        optional_text(key.get("name"), "data[].name"),
                        optional_text(user.get("id"), "data[].owner.user.id") if owner.get("type") == "user" else "",
                        project.id,
                        project.name or project.id,
                    )
                )
        except NotThereError:
            continue  # an archived project need not have a list of keys any more
    return found


def identify(context: Context) -> Identity:
    """What the key sees, and which part of it is the person's."""
    channel = context.channel
    yesterday = channel.now_utc // DAY_S * DAY_S - DAY_S
    # The answer is not looked at: whether there is one says whether usage may be read.
    allowed(channel, "/organization/costs", [("start_time", str(yesterday)), ("limit", "1")])
    try:
        members = people(channel)
        all_projects = projects(channel)
        few = len(all_projects) <= MOST_PROJECTS
        keys = project_keys(channel, all_projects) if few else []
    except (KeyRefusedError, NotAllowedError):
        return _unlisted(context)
    own = _resolved(context, members) if context.own else _found(members, context.emails)
    sole = len(members) == 1
    organisation = f"openai/{all_projects[0].id}" if all_projects else ""
    service = [key for key in keys if not key.owner_id]
    cannot = [_NO_BALANCE]
    if own and service and not own.get("api_key_id"):
        cannot.append("Which service accounts are yours: claim their keys by api_key_id")
    if not few:
        cannot.append(f"Keys of service accounts were not looked for in {len(all_projects)} projects")
    return Identity(
        kind="Admin key",
        holder=members[0].label if sole else f"an organisation of {_many(len(members))}" if members else "",
        scope=_scope(organisation, own, keys),
        reads=_READS,
        cannot=tuple(cannot),
        own=own,
        whole=sole and not own,
        choices=() if sole else tuple(_choices(members, service, own, context.emails)),
        advice=f"An Admin key that has the scope {SCOPE} alone would do, with your user_id given",
        names={one.id: one.label for one in members},
    )


def _unlisted(context: Context) -> Identity:
    """A key that reads usage, and may not see who is there: the person has to say who they are, by an id."""
    if context.own.get("email"):
        raise NotAllowedError(
            "The key may not look up people",
            "so an e-mail address does not tell whose usage is meant",
            "Say who you are by user_id instead",
        )
    return Identity(
        kind="Admin key",
        reads=_READS,
        cannot=(_NO_BALANCE, "Who is in the organisation: say who you are by user_id"),
        own=context.own,
    )


def _found(members: Sequence[Person], emails: Iterable[str]) -> Own:
    """The person's part: the one member with one of their addresses."""
    wanted = {email.lower() for email in emails}
    matching = [person for person in members if person.email and person.email.lower() in wanted]
    return {"user_id": (matching[0].id,)} if len(matching) == 1 and len(members) > 1 else {}


def _resolved(context: Context, members: Sequence[Person]) -> Own:
    """The part asked for, addresses turned into ids."""
    by_email = {person.email.lower(): person.id for person in members if person.email}
    return with_users(context.own, lambda email: by_email.get(email.lower()) or user_of(context.channel, email))


def with_users(own: Own, user_of_email: Callable[[str], str]) -> Own:
    """A part with the addresses in it turned into the ids of their members."""
    if "email" not in own:
        return own
    users = dict.fromkeys((*own.get("user_id", ()), *(user_of_email(email) for email in own["email"])))
    return {"user_id": tuple(users)} | {field: ids for field, ids in own.items() if field not in ("email", "user_id")}


def _choices(
    members: Sequence[Person], service: Sequence[ProjectKey], own: Own, emails: Iterable[str]
) -> Iterator[Choice]:
    wanted = {email.lower() for email in emails}
    for person in sorted(members, key=lambda one: (one.email.lower() not in wanted, one.label.lower(), one.id)):
        yield Choice(person.label, {"user_id": (person.id,)})
    for key in service:
        label = f"service-account key {key.name or key.id} ({key.project})"
        if key.id in own.get("api_key_id", ()):
            continue
        if own:
            yield Choice(f"as found, and {label}", {**own, "api_key_id": (*own.get("api_key_id", ()), key.id)})
        else:
            yield Choice(label[0].upper() + label[1:], {"api_key_id": (key.id,)})


def _scope(organisation: str, own: Own, keys: Iterable[ProjectKey]) -> str:
    """The path of what is read. No answer names the organisation: its oldest project, which cannot be deleted, does."""
    ids = sorted(one for field in own.values() for one in field)
    if not organisation or not ids:
        return organisation
    if len(ids) == 1 and "api_key_id" in own:
        owner = next((key.owner_id for key in keys if key.id == ids[0]), "")
        return "/".join(filter(None, (organisation, owner, ids[0])))
    return f"{organisation}/{'+'.join(ids)}"


def _many(members: int) -> str:
    return f"{members} people" if members < _MOST_PEOPLE else f"{_MOST_PEOPLE} people and more"


def _lists_people(channel: Channel) -> bool:
    try:
        channel.get("/organization/users", [("limit", "1")])
    except (KeyRefusedError, NotAllowedError):
        return False
    return True


def _listed(channel: Channel, path: str, params: Params) -> Iterator[Mapping[str, object]]:
    """Every object of a list, by its pages of a hundred."""
    told = 0
    for page in pages(lambda after: channel.get(path, _after(params, after)), _last_id):
        told += len(a_list(page.get("data"), "data"))
        check_room(range(told), "data")
        yield from objects(page.get("data"), "data")


def _after(params: Params, after: str) -> Params:
    return [_PAGE, *params, ("after", after)] if after else [_PAGE, *params]


def _last_id(page: Mapping[str, object]) -> str:
    if not flag(page.get("has_more"), "has_more"):
        return ""
    last = list(objects(page.get("data"), "data"))[-1:]
    return text(last[0].get("id"), "data[].id") if last else changed("data", "is empty and goes on")
