"""What a management key tells of whole UTC days, by model, and of today by key; and what keys are called."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import NamedTuple

from tokentray.clock import DAY_S, date_of_day_number
from tokentray.errors import NotAllowedError, NotThereError, RequestRefusedError
from tokentray.ledger import BilledRow, Own, Window
from tokentray.money import Nanos
from tokentray.providers import answers
from tokentray.providers.base import Channel
from tokentray.providers.openrouter.analytics import Use
from tokentray.providers.openrouter.facts import CURRENCY, KEY, USER, WORKSPACE
from tokentray.providers.openrouter.people import listed

DAYS_BACK = 30
"""How many whole UTC days are told."""
_FILTERS = {USER: "user_id", KEY: "api_key_hash", WORKSPACE: "workspace_id"}
_NOT_HERE = (NotAllowedError, NotThereError, RequestRefusedError)


class Days(NamedTuple):
    """Whole days. uses: by day and model. models: what a model is called, by the longer name of its version."""

    uses: Mapping[tuple[int, str], Use]
    models: Mapping[str, str]


class KeyRecord(NamedTuple):
    """One key that exists."""

    hash: str
    name: str
    user: str
    today: Nanos


def days(channel: Channel, window: Window, own: Own) -> Days:
    """The whole UTC days of a window, endpoints of a model added up. Raises ChangedAnswerError."""
    found: dict[tuple[int, str], Use] = {}
    models: dict[str, str] = {}
    one_day = (("date", date_of_day_number(window.start_utc // DAY_S).isoformat()),)
    when = one_day if window.end_utc - window.start_utc == DAY_S else ()
    # Each filter takes one value: parts that do not overlap are asked for one by one.
    for values in product(*([(_FILTERS[name], value) for value in own[name]] for name in sorted(own))):
        answer = answers.an_object(channel.get("/activity", (*when, *values)), "the answer")
        for item in answers.objects(answer.get("data"), "data"):
            use = _use(item)
            version = answers.optional_text(item.get("model_permaslug"), "data[].model_permaslug")
            if version != use.model and " " not in version + use.model:
                models[version] = use.model
            if window.start_utc <= use.start_utc < window.end_utc:
                place = (use.start_utc, use.model)
                found[place] = added(found[place], use) if place in found else use
                answers.check_room(found, "data[]")
    return Days(found, models)


def added(one: Use, other: Use) -> Use:
    """Two rows of one model and stretch as one, of no key."""
    return one._replace(
        key="",
        amount=Nanos(one.amount + other.amount),
        requests=one.requests + other.requests,
        prompt_tokens=one.prompt_tokens + other.prompt_tokens,
        completion_tokens=one.completion_tokens + other.completion_tokens,
        reasoning_tokens=one.reasoning_tokens + other.reasoning_tokens,
    )


def key_records(channel: Channel, own: Own) -> tuple[KeyRecord, ...] | None:
    """The keys of the own part, in every workspace; None where they are not told."""
    try:
        return tuple(record for record in _records(channel, own) if _is_own(record, own))
    except _NOT_HERE:
        return None


def today_by_key(records: Iterable[KeyRecord], today_utc: int) -> tuple[BilledRow, ...]:
    """What each key spent today. What was spent by a key that was deleted since is not in it."""
    return tuple(
        BilledRow(today_utc, DAY_S, "", CURRENCY, record.today, key_name=record.hash)
        for record in records
        if record.today
    )


def _use(item: Mapping[str, object]) -> Use:
    completion = answers.count(item.get("completion_tokens"), "data[].completion_tokens")
    return Use(
        answers.day(item.get("date"), "data[].date"),
        DAY_S,
        answers.text(item.get("model"), "data[].model"),
        "",
        answers.money(item.get("usage"), "data[].usage"),
        answers.count(item.get("requests"), "data[].requests"),
        answers.count(item.get("prompt_tokens"), "data[].prompt_tokens"),
        completion,
        min(answers.count(item.get("reasoning_tokens"), "data[].reasoning_tokens"), completion),
    )


def _records(channel: Channel, own: Own) -> Iterator[KeyRecord]:
    for workspace in own.get(WORKSPACE, ()) or _workspaces(channel):
        part = (("workspace_id", workspace),) if workspace else ()
        for item in listed(channel, "/keys", "hash", (("include_disabled", "true"), *part)):
            yield KeyRecord(
                answers.text(item.get("hash"), "data[].hash"),
                answers.optional_text(item.get("name"), "data[].name"),
                answers.optional_text(item.get("creator_user_id"), "data[].creator_user_id"),
                answers.money(item.get("usage_daily"), "data[].usage_daily"),
            )


def _workspaces(channel: Channel) -> tuple[str, ...]:
    """Their ids; "" for the one there is where they are not told."""
    try:
        return tuple(answers.text(one.get("id"), "data[].id") for one in listed(channel, "/workspaces", "id")) or ("",)
    except _NOT_HERE:
        return ("",)


def _is_own(record: KeyRecord, own: Own) -> bool:
    return record.user in own.get(USER, (record.user,)) and record.hash in own.get(KEY, (record.hash,))
