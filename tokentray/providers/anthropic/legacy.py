"""The older reports: tokens by the hour, and the bill of the whole organisation by the UTC day.

The bill knows neither keys nor people, so an own part has none: its tokens count at list price.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from tokentray.clock import DAY_S, HOUR_S
from tokentray.ledger import BilledRow, MeteredRow, Report, Window
from tokentray.model import Basis
from tokentray.providers.answers import changed, check_room, currency, flag, money, objects, optional_text, pages, text
from tokentray.providers.anthropic.analytics import Asked
from tokentray.providers.anthropic.people import Part
from tokentray.providers.anthropic.rows import bucket_start, item, metered, rfc3339, summed_money, summed_usage
from tokentray.providers.base import Channel

USAGE = "/v1/organizations/usage_report/messages"
COST = "/v1/organizations/cost_report"

_FAST_BETA = {"anthropic-beta": "fast-mode-2026-02-01"}
# A person's part by account_id is what they were signed in for: use through an API key carries none.
_DIMENSIONS = {"": "", "api_key_id": "api_key_id", "actor": "account_id", "workspace_id": "workspace_id"}
_FILTERS = {"api_key_id": "api_key_ids[]", "account_id": "account_ids[]", "workspace_id": "workspace_ids[]"}
_USAGE_GROUPS = ("model", "api_key_id", "service_tier", "context_window")
_COST_DIMENSIONS = (
    "description",
    "model",
    "cost_type",
    "token_type",
    "service_tier",
    "context_window",
    "inference_geo",
    "workspace_id",
)
_HOURS_AT_ONCE = 72
"""A page may hold 168, which in a large organisation is too much for one answer."""
_LATE_DAYS = 3
"""For how many settled days without a bill one is waited for."""

Row = TypeVar("Row", BilledRow, MeteredRow)
Result = Mapping[str, object]


def read_usage(channel: Channel, parts: tuple[Part, ...], asked: Asked, *, with_speed: bool = True) -> Report:
    """Tokens by the hour. with_speed: tell fast mode apart, which not every organisation may. Raises ProviderError."""
    rows: list[MeteredRow] = []
    for part in parts:
        dimension = _DIMENSIONS[part.dimension]
        groups = (*_USAGE_GROUPS, *(["speed"] if with_speed else []))
        groups = tuple(dict.fromkeys((*groups, *([dimension] if dimension else []))))
        params = [
            ("starting_at", rfc3339(asked.start_utc)),
            # Buckets that end before it are told: an hour more, so that the last is among them however that is meant.
            ("ending_at", rfc3339(asked.until_utc + HOUR_S)),
            ("bucket_width", "1h"),
            ("limit", str(_HOURS_AT_ONCE)),
            *(("group_by[]", name) for name in groups),
            *((_FILTERS[dimension], one) for one in part.ids),
        ]

        def take(start: int, result: Result, part: Part = part, dimension: str = dimension) -> MeteredRow | None:
            return metered(start, result, result) if _belongs(part, dimension, result) else None

        stretch = Window(asked.start_utc, asked.until_utc)
        rows += _read(channel, USAGE, params, _FAST_BETA if with_speed else {}, HOUR_S, stretch, groups, take)
    complete_to = min(asked.until_utc, channel.now_utc - HOUR_S)
    return Report(Basis.METERED, Window(asked.start_utc, asked.end_utc), complete_to, metered=summed_usage(rows))


def check(channel: Channel) -> None:
    """Whether these reports are open to the key at all. Raises ProviderError."""
    last = channel.now_utc // HOUR_S * HOUR_S - HOUR_S
    channel.get(USAGE, [("starting_at", rfc3339(last)), ("bucket_width", "1h"), ("limit", "1")])


def no_cost(asked: Asked, now_utc: int) -> Iterator[Report]:
    """What is told of a part's bill: nothing, up to no time, so that tokens count. Only of the day that runs.

    Days that were billed by the analytics API while it was open stay as they are.
    """
    today = now_utc // DAY_S * DAY_S
    if asked.start_utc <= today < asked.end_utc:
        yield Report(Basis.BILLED, Window(today, asked.end_utc), today)


def read_cost(channel: Channel, asked: Asked) -> Report:
    """The bill of the whole organisation by the UTC day; a day settles within the next. Raises ProviderError."""
    window = Window(asked.start_utc, asked.end_utc)
    params = [
        ("starting_at", rfc3339(asked.start_utc)),
        ("ending_at", rfc3339(asked.end_utc + DAY_S)),
        ("bucket_width", "1d"),
        ("limit", "31"),
        ("group_by[]", "description"),
    ]
    rows = summed_money(_read(channel, COST, params, {}, DAY_S, window, _COST_DIMENSIONS, _billed))
    settled = channel.now_utc // DAY_S * DAY_S - DAY_S
    # The last days may be empty because their bill is late. Without use they come to nothing by their tokens too.
    told = max((row.start_utc + DAY_S for row in rows), default=0)
    complete_to = max(min(settled, told), settled - _LATE_DAYS * DAY_S)
    return Report(Basis.BILLED, window, min(asked.end_utc, complete_to), billed=rows)


def _billed(start_utc: int, result: Result) -> BilledRow:
    model = optional_text(result.get("model"), "model")
    named = item(result.get("cost_type")) or ("" if model else optional_text(result.get("description"), "description"))
    amount = money(result.get("amount"), "amount", per_unit=100)
    return BilledRow(start_utc, DAY_S, model, currency(result.get("currency"), "currency"), amount, named)


def _read(
    channel: Channel,
    path: str,
    params: list[tuple[str, str]],
    headers: Mapping[str, str],
    width_s: int,
    stretch: Window,
    dimensions: tuple[str, ...],
    take: Callable[[int, Result], Row | None],
) -> Iterator[Row]:
    """Rows of buckets that come oldest first, empty ones among them. A group told twice is as it was told last."""

    def fetch(cursor: str) -> object:
        return channel.get(path, [*params, *([("page", cursor)] if cursor else [])], headers)

    rows: dict[tuple[object, ...], Row | None] = {}
    starts: set[int] = set()
    for page in pages(fetch, _next):
        known, start = len(starts), 0
        for bucket in objects(page.get("data"), "data"):
            start = bucket_start(bucket, width_s, "data[]")
            starts.add(start)
            if start < stretch.start_utc:
                changed("data[]", "lies outside of what was asked for")
            if start >= stretch.end_utc:
                break
            result: Result
            for result in objects(bucket.get("results"), "data[].results"):
                key = (start, *(optional_text(result.get(name), name) for name in dimensions))
                rows[key] = take(start, result)
                check_room(rows, "data[].results")
        if start and len(starts) == known:
            changed("the list", "goes on with what it has told before")
        if start >= stretch.end_utc:
            break
    return (row for row in rows.values() if row is not None)


def _belongs(part: Part, dimension: str, result: Result) -> bool:
    """Whether a row is of the part that was asked for."""
    if result.get("api_key_id") in part.but_keys:
        return False
    return not dimension or result.get(dimension) in part.ids


def _next(page: Result) -> str:
    return text(page.get("next_page"), "next_page") if flag(page.get("has_more"), "has_more") else ""
