"""A question as JSON and back, for what is remembered between starts and what `tokentray history` sends.

Only what differs from an ordinary question is written. Reading is strict: what is not understood whole is not asked.
"""

import json
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from tokentray.question import SPLITS, Measure, Period, Question, Span, View
from tokentray.store.usage import KEYS

_LONGEST_TEXT = 4096
_MOST_PARTS = 1024
_Choice = TypeVar("_Choice", bound=StrEnum)
_Part = TypeVar("_Part")


def to_text(question: Question) -> str:
    """JSON on one line."""
    return json.dumps(to_object(question), ensure_ascii=False, separators=(",", ":"))


def of_text(text: str | bytes) -> Question:
    """The question of such a line. Raises ValueError, which says what is wrong with it."""
    try:
        found = json.loads(text)
    except RecursionError as exc:
        raise ValueError("nested too deeply") from exc
    return of_object(found)


def to_object(question: Question) -> dict[str, object]:
    """What JSON can hold of a question, as `of_object` reads it."""
    plain = Question()
    made: dict[str, object] = {}
    for name in Question._fields:
        value = getattr(question, name)
        if value == getattr(plain, name):
            continue
        if name == "period":
            value = _period_object(value)
        elif name == "outer":
            value = [_period_object(period) for period in value]
        made[name] = value
    return made


def of_object(found: object) -> Question:
    """The question that JSON holds. Raises ValueError for anything unknown."""
    if not isinstance(found, dict):
        raise ValueError("a question is an object")
    fields: dict[str, Any] = {str(name): _field(str(name), value) for name, value in found.items()}
    return Question(**fields)


def _field(name: str, value: object) -> object:
    reader = _READERS.get(name)
    if reader is None:
        raise ValueError(f"a question has no {name!r}")
    try:
        return reader(value)
    except (TypeError, ValueError) as exc:
        raise ValueError(f"{name}: {exc}") from exc


def _period_object(period: Period) -> dict[str, str]:
    days = {"first": period.first, "last": period.last}
    return {"span": period.span.value} | {name: day.isoformat() for name, day in days.items() if day}


def _period(value: object) -> Period:
    if not isinstance(value, dict) or not value.keys() <= {"span", "first", "last"}:
        raise ValueError("a period has span, first and last")
    span = _choice(Span)(value.get("span"))
    first, last = (_day(value[name]) if name in value else None for name in ("first", "last"))
    if first and span not in (Span.MONTH, Span.YEAR, Span.CUSTOM):
        raise ValueError(f"{span.value} has no first day")
    if last and span is not Span.CUSTOM:
        raise ValueError(f"{span.value} has no last day")
    if first and last and first > last:
        raise ValueError(f"{first} lies after {last}")
    return Period(span, first, last)


def _day(value: object) -> date:
    text = _text(value)
    if len(text) != len("2026-11-22"):
        raise ValueError(f"not a day: {text[:20]!r}")
    return date.fromisoformat(text)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("not a text")
    if len(value) > _LONGEST_TEXT:
        raise ValueError("too long")
    value.encode()  # half a character, which JSON can hold, is none that could be looked for
    return value


def _key(value: object) -> str:
    key = _text(value)
    if key not in KEYS:
        raise ValueError(f"there is no key {key[:20]!r}")
    return key


def _split(value: object) -> str:
    split = _text(value)
    if split and split not in SPLITS:
        raise ValueError(f"no split: {split[:20]!r}")
    return split


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("neither true nor false")
    return value


def _choice(kind: type[_Choice]) -> Callable[[object], _Choice]:
    return lambda value: kind(_text(value))


def _several(read: Callable[[object], _Part]) -> Callable[[object], tuple[_Part, ...]]:
    def parts(value: object) -> tuple[_Part, ...]:
        if not isinstance(value, list) or len(value) > _MOST_PARTS:
            raise ValueError(f"not a list of at most {_MOST_PARTS}")
        return tuple(read(part) for part in value)

    return parts


def _keys(value: object) -> tuple[str, ...]:
    keys = _several(_key)(value)
    if len(set(keys)) < len(keys):
        raise ValueError("a key comes twice")
    return keys


def _pair(value: object) -> tuple[str, str]:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError("not two texts")
    return _text(value[0]), _text(value[1])


def _step(value: object) -> tuple[str, str]:
    key, wanted = _pair(value)
    return _key(key), wanted


_READERS: dict[str, Callable[[object], object]] = {
    "view": _choice(View),
    "period": _period,
    "by": _keys,
    "split": _split,
    "measure": _choice(Measure),
    "where": _several(_step),
    "text": _text,
    "hidden": _several(_text),
    "picked": _several(_text),
    "selected": _pair,
    "outer": _several(_period),
    "sort": _text,
    "descending": _flag,
}
