"""What may be typed: names, amounts, currencies, dates. Each check gives the value or raises RefusedError.

what: the words for a message; field: the field of the request that is meant.
"""

import re
import unicodedata
from datetime import date
from typing import NamedTuple

from tokentray.agents import AGENTS
from tokentray.errors import RefusedError
from tokentray.insight.agent_names import NAMES
from tokentray.insight.told_words import day_text
from tokentray.money import CURRENCIES, Nanos, NumberStyle, nanos_from_text
from tokentray.store.told import FIRST_YEAR, LAST_YEAR, Told

_NAME_LIMIT = 100
_FOLDER_LIMIT = 255
_TEXT_LIMIT = 500
# Line ends, half characters of a broken encoding, and signs that turn the direction of all that follows.
_REFUSED_KINDS = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Change(NamedTuple):
    """What a request is carried out with. today: the person's date."""

    told: Told
    now_utc: int
    today: date
    style: NumberStyle


def name(typed: str, what: str, field: str) -> str:
    """A name without the space around it, in any script."""
    stripped = _readable(typed, what, field, _NAME_LIMIT)
    if not any(char.isprintable() for char in stripped):
        raise RefusedError(f"{what} is missing", "", "Give it a name that can be read", field=field)
    return stripped


def text(typed: str, what: str, field: str) -> str:
    """A line of the person's own words, "" for none."""
    return _readable(typed, what, field, _TEXT_LIMIT)


def folder_name(typed: str, what: str, field: str) -> str:
    """A name as it stands in logs, "" for any."""
    return _readable(typed, what, field, _FOLDER_LIMIT)


def _readable(typed: str, what: str, field: str, limit: int) -> str:
    stripped = typed.strip()
    if len(stripped) > limit:
        raise RefusedError(
            f"{what} is too long", f"it has {len(stripped)} characters", f"{limit} are allowed", field=field
        )
    for char in stripped:
        if unicodedata.category(char) in _REFUSED_KINDS or char in _TURNING:
            raise RefusedError(
                f"{what} holds a control character",
                char.encode("unicode_escape").decode("ascii"),
                "Type it without that",
                field=field,
            )
    return stripped


def amount(typed: str, what: str, field: str) -> Nanos:
    """An amount above zero, exact to the nano-unit."""
    try:
        nanos = nanos_from_text(typed)
    except ValueError as exc:
        raise RefusedError(*_no_amount(typed.strip(), what), field=field) from exc
    if nanos <= 0:
        raise RefusedError(f"{what} must be above zero", f"not {shortened(typed)}", field=field)
    return nanos


def _no_amount(digits: str, what: str) -> tuple[str, str, str]:
    if not digits:
        return f"{what} is missing", "", "Write it as 100 or 87.50"
    shown = shortened(digits)
    number = re.fullmatch(r"[+-]?(\d*)\.?(\d*)", digits, re.ASCII)
    if number is None or not (number[1] or number[2]):
        return f"{what} is not a number", shown, "Write it with digits and a point, as 100 or 87.50"
    if digits.startswith("-"):
        return f"{what} must be above zero", f"not {shown}", ""
    if len(number[1].lstrip("0")) > 9:
        return f"{what} is too large", shown, "It must be below 1,000,000,000"
    return f"{what} is too fine", shown, "Nine digits after the point are kept"


def shortened(typed: str) -> str:
    """What was typed, in quotes, for a message of one line."""
    return repr(typed if len(typed) <= 40 else f"{typed[:39]}…")


def currency(typed: str, field: str = "currency") -> str:
    """The code of a currency in use, in capitals."""
    code = typed.strip().upper()
    if code not in CURRENCIES:
        raise RefusedError("Unknown currency", shortened(typed), "Give its code, such as USD or EUR", field=field)
    return code


def day(value: date, what: str, field: str) -> date:
    """A date that can be meant."""
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise RefusedError(
            f"{what} cannot be meant",
            value.isoformat(),
            f"It must lie in the years {FIRST_YEAR} to {LAST_YEAR}",
            field=field,
        )
    return value


def span(first: date, last: date | None) -> None:
    """A plan's first and last day."""
    day(first, "The first day", "first_day")
    if last is None:
        return
    day(last, "The last day", "last_day")
    if last < first:
        raise RefusedError(
            "The end is before the start",
            f"{day_text(last)} is before {day_text(first)}",
            "Give a last day that is not before the first",
            field="last_day",
        )


def agent(typed: str, told: Told, field: str) -> str:
    """The id of an agent that has a name here, or that the history holds something of.

    Its logs need not be read: who pays can be said before they are.
    """
    known = {name: name for name in (*NAMES, *sorted(told.agent_ids()))}
    found = known.get(typed.strip().lower())
    if found is None:
        raise RefusedError(
            "No such agent",
            f"nothing is known here of {shortened(typed)}",
            f"There are {', '.join(known)}",
            field=field,
        )
    return found


def provider(typed: str, field: str) -> str:
    """A provider as typed, or by its own id where it is one whose agents are read here; "" for none."""
    given = _readable(typed, "The provider", field, _NAME_LIMIT)
    own = {agent.provider.lower(): agent.provider for agent in AGENTS}
    return own.get(given.lower(), given)
