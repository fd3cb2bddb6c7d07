"""The analytics API: tokens and money by the hour, and how far its figures reach."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, TypeVar

from tokentray.clock import DAY_S, HOUR_S
from tokentray.errors import NotAllowedError, NotThereError, RequestRefusedError
from tokentray.ledger import BilledRow, MeteredRow, Report, Window
from tokentray.model import Basis
from tokentray.providers.answers import (
    an_object,
    changed,
    check_room,
    currency,
    flag,
    instant,
    money,
    objects,
    optional_text,
    pages,
    text,
)
from tokentray.providers.anthropic.people import Part, Person
from tokentray.providers.anthropic.rows import bucket_start, item, metered, rfc3339, summed_money, summed_usage
from tokentray.providers.base import Channel

USAGE = "/v1/organizations/analytics/usage"
COST = "/v1/organizations/analytics/cost"
BETA = {"anthropic-beta": "analytics-usage-cost-2026-08-24"}
REFUSALS = (NotAllowedError, NotThereError, RequestRefusedError)
"""What says that this API is not for the key or the organisation."""

FIRST_UTC = 1_767_225_600
"""2026-01-01: nothing is told of the time before."""

_FILTERS = {"": "", "api_key_id": "api_key_ids[]", "actor": "actor_ids[]", "workspace_id": "workspace_ids[]"}
_USAGE_GROUPS = ("model", "api_key_id", "service_tier", "context_window", "speed")
_COST_GROUPS = ("model", "api_key_id", "cost_type")
_PAGES = 20
"""A read that is longer ends with a whole day, and the rest is asked for next time: a poll has a minute."""

Row = TypeVar("Row", BilledRow, MeteredRow)
Group = Mapping[str, object]


class Asked(NamedTuple):
    """What is asked for. end_utc: of its last UTC day. until_utc: of the last hour that has begun; no later."""

    start_utc: int
    end_utc: int
    until_utc: int


class Seen(NamedTuple):
    """Who and what a key sees. organisation: its id, "" where nothing was used."""

    organisation: str
    people: tuple[Person, ...]


def read_usage(channel: Channel, parts: tuple[Part, ...], asked: Asked) -> Report:
    """Tokens by the hour. Raises ProviderError."""
    rows: list[MeteredRow] = []
    told = _Told(asked.end_utc, asked.until_utc)
    for part in parts:
        used = True
        if part.dimension and part.dimension not in _USAGE_GROUPS:
            used, told = _used(channel, part, asked, told)
        if used:
            found, told = _read(channel, USAGE, "usage", part, _USAGE_GROUPS, asked, told, metered)
            rows += found
    kept = summed_usage(row for row in rows if row.start_utc < told.end_utc)
    return Report(Basis.METERED, Window(asked.start_utc, told.end_utc), told.complete_to_utc, metered=kept)


def read_cost(channel: Channel, parts: tuple[Part, ...], asked: Asked) -> Report:
    """Money by the hour, after discounts and before credits. Raises ProviderError."""
    rows: list[BilledRow] = []
    told = _Told(asked.end_utc, asked.until_utc)
    for part in parts:
        extra = () if part.dimension in ("", *_COST_GROUPS) else (part.dimension,)
        found, told = _read(channel, COST, "cost", part, (*_COST_GROUPS, *extra), asked, told, _billed)
        rows += found
    kept = summed_money(row for row in rows if row.start_utc < told.end_utc)
    return Report(Basis.BILLED, Window(asked.start_utc, told.end_utc), told.complete_to_utc, billed=kept)


def look(channel: Channel, *, with_people: bool = False) -> Seen | None:
    """Whether the key may read this API, and if so what it sees of the last days; None where it may not.

    with_people: by whom it was used, for a key that may not list the organisation's members.
    """
    until = channel.now_utc // HOUR_S * HOUR_S
    params = [
        ("starting_at", rfc3339(max(until - 30 * DAY_S, FIRST_UTC))),
        ("ending_at", rfc3339(until)),
        ("group_by[]", "organization_id"),
        *([("group_by[]", "actor")] if with_people else []),
        ("limit", "1000" if with_people else "1"),
    ]
    try:
        page = an_object(channel.get(USAGE, params, BETA), "the answer")
    except REFUSALS:
        return None
    groups = [an_object(row.get("group"), "group") for row in objects(page.get("data"), "data")]
    organisations = {optional_text(group.get("organization_id"), "organization_id") for group in groups} - {""}
    people: dict[str, Person] = {}
    for group in groups:
        actor = an_object(group.get("actor") or {}, "actor")
        user = optional_text(actor.get("user_id"), "actor.user_id")
        if user:
            email = optional_text(actor.get("email_address"), "actor.email_address")
            people[user] = Person(user, email, optional_text(actor.get("name"), "actor.name"))
    return Seen(organisations.pop() if len(organisations) == 1 else "", tuple(people.values()))


class _Told(NamedTuple):
    """How far the answers of a read reach. complete_to_utc: where the one that is furthest behind is complete."""

    end_utc: int
    complete_to_utc: int


def _read(
    channel: Channel,
    path: str,
    figures: str,
    part: Part,
    groups: tuple[str, ...],
    asked: Asked,
    told: _Told,
    take: Callable[[int, Group, Group], Row],
) -> tuple[list[Row], _Told]:
    """All rows of one part, as `take` makes them. A group that an hour has twice is the one told last.

    Rows come by time: where there are too many for one poll, what was read is kept up to the last whole day.
    """
    until: int = min(told.end_utc, asked.until_utc)
    params = [
        *_of(part, asked.start_utc, until),
        ("time_bucket_width", "1h"),
        *(("group_by[]", name) for name in groups),
        ("order_by", "time"),
        ("order", "asc"),
        ("limit", "1000"),
    ]
    rows: dict[tuple[object, ...], Row | None] = {}
    latest, in_order = asked.start_utc, True
    for number, page in enumerate(_pages(channel, path, params), 1):
        told = told._replace(complete_to_utc=min(told.complete_to_utc, _refreshed(page, channel.now_utc)))
        known, entries = len(rows), list(objects(page.get("data"), "data"))
        for entry in entries:
            start = bucket_start(entry, HOUR_S, "data[]")
            if not asked.start_utc <= start < until:
                changed("data[]", "lies outside of what was asked for")
            group: Group = an_object(entry.get("group"), "data[].group")
            key = (start, *(_name(group.get(name), name) for name in groups))
            row = take(start, group, an_object(entry.get(figures), f"data[].{figures}"))
            rows[key] = row if _belongs(part, group, groups) else None
            check_room(rows, "data[]")
            latest, in_order = max(latest, start), in_order and start >= latest
        if entries and len(rows) == known:
            changed("the list", "goes on with what it has told before")
        whole = latest // DAY_S * DAY_S
        if number >= _PAGES and in_order and _next(page) and whole > asked.start_utc:
            told = _Told(whole, min(told.complete_to_utc, whole))
            break
    return [row for row in rows.values() if row is not None], told


def _used(channel: Channel, part: Part, asked: Asked, told: _Told) -> tuple[bool, _Told]:
    """Whether a part was used at all, and the filter takes nobody else's use: tokens leave no room to group by it."""
    params = [
        *_of(part, asked.start_utc, min(told.end_utc, asked.until_utc)),
        ("group_by[]", part.dimension),
        ("limit", "1000"),
    ]
    used = False
    for page in _pages(channel, USAGE, params):
        told = told._replace(complete_to_utc=min(told.complete_to_utc, _refreshed(page, channel.now_utc)))
        for entry in objects(page.get("data"), "data"):
            used = True
            if not _belongs(
                part._replace(but_keys=frozenset()), an_object(entry.get("group"), "data[].group"), (part.dimension,)
            ):
                changed(f"the filter {_FILTERS[part.dimension]}", "lets others' use through")
    return used, told


def _billed(start_utc: int, group: Group, cost: Group) -> BilledRow:
    return BilledRow(
        start_utc,
        HOUR_S,
        optional_text(group.get("model"), "model"),
        currency(cost.get("currency"), "cost.currency"),
        money(cost.get("amount"), "cost.amount", per_unit=100),
        item(group.get("cost_type")),
        optional_text(group.get("api_key_id"), "api_key_id"),
    )


def _of(part: Part, start_utc: int, until_utc: int) -> list[tuple[str, str]]:
    return [
        ("starting_at", rfc3339(start_utc)),
        ("ending_at", rfc3339(until_utc)),
        *((_FILTERS[part.dimension], one) for one in part.ids),
    ]


def _belongs(part: Part, group: Group, groups: tuple[str, ...]) -> bool:
    """Whether a row is of the part that was asked for, as far as it is grouped by what the part goes by.

    A member who may not see the others is told no actor at all: there the filter stands alone.
    """
    if group.get("api_key_id") in part.but_keys:
        return False
    if not part.dimension or part.dimension not in groups:
        return True
    if part.dimension == "actor" and group.get("actor") is None:
        return True
    return _name(group.get(part.dimension), part.dimension) in part.ids


def _name(value: object, name: str) -> str:
    """A dimension's value: a text, or the id of an actor."""
    if name != "actor" or value is None:
        return optional_text(value, name)
    actor = an_object(value, name)
    ids = (optional_text(actor.get(key), name) for key in ("user_id", "service_account_id", "api_key_id", "subject"))
    return next((one for one in ids if one), "")


def _pages(channel: Channel, path: str, params: list[tuple[str, str]]) -> Iterator[Group]:
    return pages(lambda cursor: channel.get(path, [*params, *([("page", cursor)] if cursor else [])], BETA), _next)


def _next(page: Group) -> str:
    return text(page.get("next_page"), "next_page") if flag(page.get("has_more"), "has_more") else ""


def _refreshed(page: Group, now_utc: int) -> int:
    """How current a page says it is; an hour ago where it does not, which is well past the usual five minutes."""
    told = page.get("data_refreshed_at")
    return now_utc - HOUR_S if told is None else instant(told, "data_refreshed_at")
