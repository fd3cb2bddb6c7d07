"""Takes providers' answers apart, and says which field is not what it should be. Shared by all of them; pure.

`at` names a field for the error: "data[].amount". Nothing of the answer's values is put into an error.
"""

from collections.abc import Callable, Iterator, Mapping, Sized
from datetime import UTC, datetime
from decimal import Context, Decimal, InvalidOperation
from typing import NoReturn

from tokentray.errors import ChangedAnswerError
from tokentray.money import Nanos, nanos_rounded

MOST_PAGES = 2000
MOST_ROWS = 30_000
"""Of one window or list. A person's own come to a few thousand; these still fit in memory beside the answer."""
_LARGEST_COUNT = 10**15
_LONGEST_TEXT = 300
_LONGEST_NUMBER = 60
_EXACT = Context(prec=80)


def changed(at: str, what: str) -> NoReturn:
    """Raise: the answer is of another shape than is known."""
    raise ChangedAnswerError("Answer not understood", f"{at} {what}", "See whether a newer TokenTray reads it")


def check_room(rows: Sized, at: str) -> None:
    """Raise where there are more rows already than can be meant, whatever pages are still to come."""
    if len(rows) > MOST_ROWS:
        raise ChangedAnswerError(
            "Answer too large",
            f"{at} comes to more than {MOST_ROWS:,} rows",
            "Limit the account to your own part, or see whether a newer TokenTray reads it",
        )


def an_object(value: object, at: str) -> Mapping[str, object]:
    """A JSON object."""
    return value if isinstance(value, dict) else changed(at, "is no object")


def a_list(value: object, at: str) -> list[object]:
    """A JSON array."""
    return value if isinstance(value, list) else changed(at, "is no list")


def objects(value: object, at: str) -> Iterator[Mapping[str, object]]:
    """The objects of a JSON array."""
    for item in a_list(value, at):
        yield an_object(item, f"{at}[]")


def text(value: object, at: str) -> str:
    """A text of at most 300 characters; a control character in it is refused."""
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT or not value.isprintable():
        changed(at, "is no name")
    return value


def optional_text(value: object, at: str) -> str:
    """A text, "" where there is none."""
    return "" if value is None else text(value, at)


def count(value: object, at: str) -> int:
    """A count, as a number or as text; nothing for null."""
    if value is None:
        return 0
    number = _number(value, at)
    if number != number.to_integral_value() or not 0 <= number <= _LARGEST_COUNT:
        changed(at, "is no count")
    return int(number)


def money(value: object, at: str, *, per_unit: int = 1) -> Nanos:
    """An amount, as a number or as text, in nano-units. per_unit: a power of ten, 100 for cents."""
    amount = _number(value, at)
    try:
        return nanos_rounded(amount.scaleb(1 - len(str(per_unit)), _EXACT))
    except ValueError:
        changed(at, "is no amount of money")


def flag(value: object, at: str) -> bool:
    """A truth; null is False."""
    return value if isinstance(value, bool) else (False if value is None else changed(at, "is neither true nor false"))


def instant(value: object, at: str) -> int:
    """RFC 3339 with a time zone, to UTC seconds."""
    try:
        moment = datetime.fromisoformat(text(value, at))
    except ValueError:
        changed(at, "is no time")
    if moment.tzinfo is None:
        changed(at, "is a time without a zone")
    return int(moment.timestamp())


def seconds(value: object, at: str) -> int:
    """Unix seconds, of this century."""
    number = count(value, at)
    return number if number < 4_102_444_800 else changed(at, "is no time")


def day(value: object, at: str) -> int:
    """A date ("2026-11-19", or a time of that date), to the UTC second at which it begins."""
    try:
        moment = datetime.fromisoformat(text(value, at)[:10]).replace(tzinfo=UTC)
    except ValueError:
        changed(at, "is no date")
    return int(moment.timestamp())


def currency(value: object, at: str) -> str:
    """An ISO 4217 code, in capitals."""
    code = text(value, at).upper()
    return code if len(code) == 3 and code.isascii() and code.isalpha() else changed(at, "is no currency")


def pages(
    fetch: Callable[[str], object], next_of: Callable[[Mapping[str, object]], str]
) -> Iterator[Mapping[str, object]]:
    """Every page of a list. fetch: the page of a cursor, "" for the first. next_of: the next cursor, "" at the end.

    A cursor that was seen before, and a list without an end, are answers that are not understood.
    """
    cursor, seen = "", {""}
    for _ in range(MOST_PAGES):
        page = an_object(fetch(cursor), "the answer")
        yield page
        cursor = next_of(page)
        if not cursor:
            return
        if cursor in seen:
            changed("the next page", "is one that was read before")
        seen.add(cursor)
    changed("the list", "does not end")


def _number(value: object, at: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        changed(at, "is no number")
    if isinstance(value, str) and len(value) > _LONGEST_NUMBER:
        changed(at, "is no number that can be meant")
    try:
        number = Decimal(value)
    except InvalidOperation:
        changed(at, "is no number")
    if not number.is_finite() or abs(number.adjusted()) > 40:
        changed(at, "is no number that can be meant")
    return number
