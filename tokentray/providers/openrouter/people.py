"""Who a key of OpenRouter belongs to, of which kind it is, and which part of its organisation is the person's."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import quote

from tokentray.errors import NotAllowedError, NotThereError, RequestRefusedError
from tokentray.ledger import ALL, Own
from tokentray.providers import answers
from tokentray.providers.base import Channel, Choice, Context, Identity
from tokentray.providers.openrouter.counters import mark_of
from tokentray.providers.openrouter.facts import (
    ADVICE,
    KEY,
    KEY_CANNOT,
    KEY_READS,
    MANAGEMENT_CANNOT,
    MANAGEMENT_READS,
    USER,
    WORKSPACE,
)

_A_PAGE = 100
_NOT_HERE = (NotAllowedError, NotThereError, RequestRefusedError)


class Member(NamedTuple):
    """Somebody in an organisation."""

    id: str
    email: str
    name: str

    @property
    def label(self) -> str:
        return f"{self.name} <{self.email}>" if self.name else self.email


def key_data(channel: Channel) -> Mapping[str, object]:
    """What is told of the key itself."""
    return answers.an_object(answers.an_object(channel.get("/key"), "the answer").get("data"), "data")


def is_management(data: Mapping[str, object]) -> bool:
    """Whether a key manages others; the second name is the older one of the same."""
    flags = [answers.flag(data.get(name), f"data.{name}") for name in ("is_management_key", "is_provisioning_key")]
    return any(flags)


def identify(context: Context) -> Identity:
    """Look at a key without reading usage beyond its own counters."""
    data = key_data(context.channel)
    user = answers.optional_text(data.get("creator_user_id"), "data.creator_user_id")
    label = answers.text(data.get("label"), "data.label")
    if not is_management(data):
        return Identity(
            kind="API key",
            scope=_path(user, mark_of(label)),
            reads=KEY_READS,
            cannot=KEY_CANNOT,
            whole=True,
            narrowable=False,
        )
    members = _members(context.channel)
    own = _own(context, members, user)
    return Identity(
        kind="Management key",
        holder=f"an organisation of {len(members)} people" if len(members) > 1 else "",
        scope=_scope(context.channel, own, user),
        reads=MANAGEMENT_READS,
        cannot=MANAGEMENT_CANNOT,
        own=own,
        whole=len(members) < 2,
        narrowable=True,
        choices=tuple(Choice(one.label, {USER: (one.id,)}) for one in members) if len(members) > 1 and not own else (),
        advice=ADVICE,
        names={one.id: one.label for one in members},
    )


def listed(
    channel: Channel, path: str, key_of: str, params: tuple[tuple[str, str], ...] = ()
) -> Iterator[Mapping[str, object]]:
    """Every item of a list that pages by how many to skip. key_of: the field that tells items apart."""
    seen: set[str] = set()
    while True:
        page = answers.an_object(channel.get(path, (*params, ("offset", str(len(seen))))), "the answer")
        items = list(answers.objects(page.get("data"), "data"))
        if not items:
            return
        for item in items:
            name = answers.text(item.get(key_of), f"data[].{key_of}")
            if name in seen:
                answers.changed("the next page", "is one that was read before")
            if len(seen) >= answers.MOST_PAGES:
                answers.changed("the list", "does not end")
            seen.add(name)
            yield item
        if "total_count" in page and len(seen) >= answers.count(page["total_count"], "total_count"):
            return


def _members(channel: Channel) -> list[Member]:
    """Those of the organisation; none for a personal account, which has no such list."""
    try:
        return [
            Member(
                answers.text(one.get("id"), "data[].id"),
                answers.optional_text(one.get("email"), "data[].email"),
                " ".join(
                    filter(
                        None,
                        (
                            answers.optional_text(one.get(part), f"data[].{part}")
                            for part in ("first_name", "last_name")
                        ),
                    )
                ),
            )
            for one in listed(channel, "/organization/members", "id", (("limit", str(_A_PAGE)),))
        ]
    except _NOT_HERE:
        return []


def _own(context: Context, members: list[Member], creator: str) -> Own:
    """The person's part: as asked for, else by their address, else that of who made the key."""
    asked = {name: values for name, values in context.own.items() if name != "email"}
    wanted = {one.casefold() for one in context.own.get("email", ())}
    by_email = {one.email.casefold(): one.id for one in members}
    if wanted - by_email.keys():
        raise RequestRefusedError("Nobody in this organisation has that address", "", "See who its members are")
    if wanted:
        asked[USER] = tuple(sorted({*asked.get(USER, ()), *(by_email[one] for one in wanted)}))
    if asked:
        return asked
    if len(members) < 2:
        return ALL
    found = sorted({by_email[one.casefold()] for one in context.emails if one.casefold() in by_email})
    if not found and creator in by_email.values():
        found = [creator]
    return {USER: tuple(found)} if found else ALL


def _scope(channel: Channel, own: Own, creator: str) -> str:
    """What is seen, so that a plain key's begins with that of the management key of the same user."""
    users, keys, workspaces = (own.get(name, ()) for name in (USER, KEY, WORKSPACE))
    user = users[0] if len(users) == 1 else creator
    if len(keys) == 1:
        answer = answers.an_object(channel.get(f"/keys/{quote(keys[0], safe='')}"), "the answer")
        data = answers.an_object(answer.get("data"), "data")
        maker = answers.optional_text(data.get("creator_user_id"), "data.creator_user_id")
        return _path(maker or user, mark_of(answers.text(data.get("label"), "data.label")))
    part = "+".join((*keys, *workspaces))
    return _path(user, mark_of(part)) if part else _path(user)


def _path(user: str, *parts: str) -> str:
    return "/".join(("openrouter", user, *parts)) if user and "/" not in user else ""
