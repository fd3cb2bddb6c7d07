"""Who belongs to an organisation, whose its API keys are, and with it what the person's own part of it is."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import NamedTuple

from tokentray.clock import HOUR_S
from tokentray.errors import (
    KeyRefusedError,
    NotAllowedError,
    NotThereError,
    RequestRefusedError,
)
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
    text,
)
from tokentray.providers.base import Channel, Context, Params

USERS = "/v1/organizations/users"
KEYS = "/v1/organizations/api_keys"
REFUSALS = (KeyRefusedError, NotAllowedError, NotThereError, RequestRefusedError)
"""What a key that may read less than an Admin key is answered."""

_KEYS_AT_ONCE = 100
"""Ids in one request: longer addresses are not taken everywhere."""


class Person(NamedTuple):
    """A member. name: "" where none is told."""

    id: str
    email: str
    name: str

    @property
    def label(self) -> str:
        return f"{self.name} <{self.email}>" if self.name and self.email else self.name or self.email or self.id


class ApiKey(NamedTuple):
    """An API key. made_by: the id of the person, "" where that is not told."""

    id: str
    name: str
    made_by: str


class Part(NamedTuple):
    """What one filter asks for. dimension: what the filter goes by, "" for all of the organisation.

    but_keys: API keys whose use another part has already.
    """

    dimension: str = ""
    ids: tuple[str, ...] = ()
    but_keys: frozenset[str] = frozenset()


class Mine(NamedTuple):
    """The person's own part: everything of these people, keys or workspaces. None of any: the whole organisation.

    names: of API keys by id.
    """

    users: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    workspaces: tuple[str, ...] = ()
    names: Mapping[str, str] = {}

    @property
    def parts(self) -> tuple[Part, ...]:
        """What to ask for, so that all of it is told and nothing twice.

        What an ordinary key was used for is put down to the key; what a person's own key or a sign-in was used for is
        put down to the person, with the key if there was one. So the keys are asked for first, whoever it is put down
        to, and then the people, without what came through those keys. Filters in one request narrow each other, and
        would leave out the one or the other.
        """
        if self.workspaces:
            return (Part("workspace_id", self.workspaces),)
        pieces = [self.keys[index : index + _KEYS_AT_ONCE] for index in range(0, len(self.keys), _KEYS_AT_ONCE)]
        parts = [Part("api_key_id", piece) for piece in pieces]
        if self.users:
            parts.append(Part("actor", self.users, frozenset(self.keys)))
        return tuple(parts) or (Part(),)

    @property
    def whole(self) -> bool:
        return not (self.users or self.keys or self.workspaces)


def organisation(channel: Channel) -> tuple[str, str]:
    """The id and the name of the organisation that an Admin key is of."""
    answer = an_object(channel.get("/v1/organizations/me"), "the answer")
    return text(answer.get("id"), "id"), optional_text(answer.get("name"), "name")


def people(channel: Channel, params: Params = (), *, limit: int = 1000) -> Iterator[Person]:
    """The members, page by page."""
    for item in _listed(channel, USERS, params, limit):
        yield Person(
            text(item.get("id"), "data[].id"),
            optional_text(item.get("email"), "data[].email"),
            optional_text(item.get("name"), "data[].name"),
        )


def people_of(channel: Channel, email: str) -> tuple[Person, ...]:
    """Those whose address it is: one, or none."""
    found = people(channel, [("email", email)])
    return tuple(person for person in found if person.email.casefold() == email.strip().casefold())


def api_keys(channel: Channel, made_by: str = "") -> Iterator[ApiKey]:
    """The API keys of the organisation, those that are no longer in use among them, or only those a person made."""
    params = [("created_by_user_id", made_by)] if made_by else []
    for item in _listed(channel, KEYS, params, 1000):
        maker = an_object(item.get("created_by") or {}, "data[].created_by")
        key = ApiKey(
            text(item.get("id"), "data[].id"),
            optional_text(item.get("name"), "data[].name"),
            optional_text(maker.get("id"), "data[].created_by.id"),
        )
        if made_by in ("", key.made_by):
            yield key


def mine(context: Context, memory: dict[str, str]) -> Mine:
    """What to read: the own part as it was asked for, with keys that the person made since. Looked up once an hour.

    An organisation of one person is read as a whole; once others join, only what is that person's.
    `memory` is brought up to date. Raises ProviderError.
    """
    now, own = context.channel.now_utc, context.own
    asked = "&".join(f"{key}={value}" for key in sorted(own) for value in sorted(own[key]))
    if memory.get("own") != asked:
        for name in ("users", "keys", "sole", "looked_up"):
            memory.pop(name, None)
        memory["own"] = asked
    names: Mapping[str, str] = {}
    if not 0 <= now - number(memory.get("looked_up")) < HOUR_S:
        with suppress(*REFUSALS):  # an analytics key lists nobody: what was asked for, or found before, is read
            names = _look_up(context.channel, own, memory)
        memory["looked_up"] = str(now)
    users = {*own.get("user_id", ()), *_words(memory.get("users"))}
    keys = {*own.get("api_key_id", ()), *_words(memory.get("keys"))}
    part = Mine(tuple(sorted(users)), tuple(sorted(keys)), tuple(sorted(own.get("workspace_id", ()))), names)
    if own and part.whole:
        raise NotThereError(
            "Your part is not found",
            "nobody is known to have the address that the account is limited to",
            "Choose your part of the organisation anew",
        )
    return part


def number(remembered: str | None) -> int:
    """A number as it was remembered, 0 for none."""
    return int(remembered) if remembered and remembered.isascii() and remembered.isdigit() else 0


def _look_up(channel: Channel, own: Own, memory: dict[str, str]) -> Mapping[str, str]:
    """Remember who is meant and which keys are theirs. Returns the names of the keys that are read."""
    users = [*own.get("user_id", ())]
    for email in own.get("email", ()):
        users += [person.id for person in people_of(channel, email)]
    if not own:
        first = [person.id for person in islice(people(channel, limit=2), 2)]
        if len(first) == 1:
            memory["sole"] = first[0]
        elif memory.get("sole"):
            users = [memory["sole"]]
    asked = set(own.get("api_key_id", ()))
    found = {key.id: key.name for user in users for key in api_keys(channel, user)}
    memory["users"], memory["keys"] = ",".join(users), ",".join(sorted(found))
    if not users or not asked <= found.keys():
        wanted = asked | found.keys()
        found = {key.id: key.name for key in api_keys(channel) if not wanted or key.id in wanted}
    return {key: name for key, name in found.items() if name}


def _words(remembered: str | None) -> list[str]:
    return [word for word in (remembered or "").split(",") if word]


def _listed(channel: Channel, path: str, params: Params, limit: int) -> Iterator[Mapping[str, object]]:
    """The objects of a list whose pages follow the last id of the one before."""

    def fetch(after: str) -> object:
        return channel.get(path, [*params, ("limit", str(limit)), *([("after_id", after)] if after else [])])

    def after(page: Mapping[str, object]) -> str:
        if not flag(page.get("has_more"), "has_more"):
            return ""
        return optional_text(page.get("last_id"), "last_id") or changed("last_id", "is missing, though there is more")

    told = 0
    for page in pages(fetch, after):
        told += len(a_list(page.get("data"), "data"))
        check_room(range(told), "data")
        yield from objects(page.get("data"), "data")
