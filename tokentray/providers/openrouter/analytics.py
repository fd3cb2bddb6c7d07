"""OpenRouter's analytics query: money and tokens by hour or day, model and key. What it offers is asked for first."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from tokentray.clock import DAY_S, HOUR_S
from tokentray.errors import NotAllowedError, NotThereError, RequestRefusedError
from tokentray.ledger import Own, Window
from tokentray.money import Nanos
from tokentray.providers import answers
from tokentray.providers.base import Channel
from tokentray.providers.openrouter.facts import KEY, USER, WORKSPACE

MONEY = "total_usage"
_COUNTS = ("request_count", "tokens_prompt", "tokens_completion", "reasoning_tokens")
_DIMENSIONS = ("model", "api_key_id")
WIDTHS = {"hour": HOUR_S, "day": DAY_S}
_FIELDS = {USER: "user", KEY: "api_key_id", WORKSPACE: "workspace"}
_LATEST_S, _LATEST_MS = 10**11, 10**14
_NOT_OFFERED = (NotAllowedError, NotThereError, RequestRefusedError)


class Offer(NamedTuple):
    """What the query takes, of what we ask for. counts, dimensions: in our order. widths: "hour", "day", "month"."""

    counts: tuple[str, ...]
    dimensions: tuple[str, ...]
    widths: tuple[str, ...]

    @property
    def finest(self) -> str:
        """The finest width that we keep."""
        return "hour" if "hour" in self.widths else "day"


class Use(NamedTuple):
    """One row: what a model cost, and its tokens, in an hour or a day. key: as its holder calls it, "" if not told."""

    start_utc: int
    width_s: int
    model: str
    key: str
    amount: Nanos
    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0


class Told(NamedTuple):
    """Rows of a window. as_of_utc: when they were looked up, None where the answer does not say."""

    uses: tuple[Use, ...]
    as_of_utc: int | None


def offer(channel: Channel) -> Offer | None:
    """What can be asked for, None where this key or account has no analytics."""
    try:
        answer = answers.an_object(channel.get("/analytics/meta"), "the answer")
    except _NOT_OFFERED:
        return None
    data = answers.an_object(answer.get("data"), "data")
    metrics, dimensions, widths = (
        {
            answers.text(one.get("name"), f"data.{part}[].name")
            for one in answers.objects(data.get(part), f"data.{part}")
        }
        for part in ("metrics", "dimensions", "granularities")
    )
    if MONEY not in metrics or "model" not in dimensions or not widths & WIDTHS.keys():
        return None
    return Offer(
        tuple(name for name in _COUNTS if name in metrics),
        tuple(name for name in _DIMENSIONS if name in dimensions),
        tuple(name for name in ("hour", "day", "month") if name in widths),
    )


def uses(channel: Channel, can: Offer, width: str, window: Window, own: Own) -> Told | None:
    """Everything of a window, by model and key. None where it is refused, or the own part was not understood."""
    try:
        return _whole(channel, can, width, window, own, can.dimensions)
    except _NOT_OFFERED:
        return None


def any_before(channel: Channel, can: Offer, end_utc: int, own: Own) -> bool | None:
    """Whether anything is told of the time before a moment, however long ago. None where that is refused."""
    width = "month" if "month" in can.widths else "day"
    window = Window(int(datetime(2023, 1, 1, tzinfo=UTC).timestamp()), end_utc)
    try:
        data = _query(channel, {"metrics": [MONEY], "granularity": width, **_limits(window, own)})
    except _NOT_OFFERED:
        return None
    return any(answers.money(row.get(MONEY), MONEY) for row in _rows(data))


def _whole(
    channel: Channel, can: Offer, width: str, window: Window, own: Own, dimensions: Sequence[str]
) -> Told | None:
    """One window; in halves where the answer is cut short, and by model alone where a single bucket still is."""
    body = {
        "metrics": [MONEY, *can.counts],
        "dimensions": list(dimensions),
        "granularity": width,
        **_limits(window, own),
    }
    data = _query(channel, body)
    if own and answers.a_list(data.get("warnings") or [], "data.warnings"):
        return None  # a part that was not understood is left out, and everybody's use comes back
    metadata = answers.an_object(data.get("metadata"), "data.metadata")
    if not answers.flag(metadata.get("truncated"), "data.metadata.truncated"):
        return Told(tuple(_parsed(_rows(data), width, window)), _as_of(data))
    step = WIDTHS[width]
    buckets = (window.end_utc - window.start_utc) // step
    if buckets > 1:
        middle = window.start_utc + buckets // 2 * step
        halves = [
            _whole(channel, can, width, half, own, dimensions)
            for half in (Window(window.start_utc, middle), Window(middle, window.end_utc))
        ]
        older, newer = halves
        if not (older and newer):
            return None
        uses = older.uses + newer.uses
        answers.check_room(uses, "data.data")
        return Told(uses, newer.as_of_utc)
    return _whole(channel, can, width, window, own, dimensions[:1]) if len(dimensions) > 1 else None


def _query(channel: Channel, body: Mapping[str, object]) -> Mapping[str, object]:
    answer = answers.an_object(channel.post("/analytics/query", body), "the answer")
    return answers.an_object(answer.get("data"), "data")


def _limits(window: Window, own: Own) -> dict[str, object]:
    limits: dict[str, object] = {"time_range": {"start": _text(window.start_utc), "end": _text(window.end_utc)}}
    if own:
        limits["filters"] = [
            {"field": _FIELDS[name], "operator": "in", "value": list(values)} for name, values in sorted(own.items())
        ]
    return limits


def _rows(data: Mapping[str, object]) -> list[Mapping[str, object]]:
    return list(answers.objects(data.get("data"), "data.data"))


def _parsed(rows: Sequence[Mapping[str, object]], width: str, window: Window) -> list[Use]:
    step = WIDTHS[width]
    found: list[Use] = []
    answers.check_room(rows, "data.data")
    for row in rows:
        start = _start(row, width) // step * step
        if not window.start_utc <= start < window.end_utc:  # the end may be taken as included
            continue
        requests, prompt, completion, reasoning = (answers.count(row.get(name), name) for name in _COUNTS)
        found.append(
            Use(
                start,
                step,
                answers.optional_text(row.get("model"), "model"),
                _label(row.get("api_key_id")),
                answers.money(0 if row.get(MONEY) is None else row[MONEY], MONEY),
                requests,
                prompt,
                completion,
                min(reasoning, completion),
            )
        )
    return found


def _label(value: object) -> str:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else answers.optional_text(value, KEY)


def _start(row: Mapping[str, object], width: str) -> int:
    name = next((name for name in (f"date__{width}", "date") if name in row), "")
    text = answers.text(row.get(name or f"date__{width}"), f"date__{width}").replace(" ", "T")
    if len(text) == len("2026-11-19"):
        return answers.day(text, name)
    has_zone = text.endswith(("Z", "z")) or "+" in text[10:] or "-" in text[10:]
    return answers.instant(text if has_zone else f"{text}Z", name)


def _as_of(data: Mapping[str, object]) -> int | None:
    """When it was looked up: in Unix milliseconds or seconds, which is not told."""
    value = data.get("cachedAt")
    if not isinstance(value, int | Decimal) or not 0 < value < _LATEST_MS:
        return None
    return int(value) // 1000 if value > _LATEST_S else int(value)


def _text(at_utc: int) -> str:
    return datetime.fromtimestamp(at_utc, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
