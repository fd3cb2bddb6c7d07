"""Values that people type: dates, months and amounts, with words for what is wrong with them."""

from datetime import date

from tokentray.errors import UsageError
from tokentray.money import Nanos, nanos_from_text


def day_of(text: str, option: str) -> date:
    """A date as YYYY-MM-DD. Raises UsageError."""
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise UsageError(f"{option} takes a day as YYYY-MM-DD", f"not {text!r}") from exc


def month_of(text: str) -> date:
    """The first day of a month as YYYY-MM. Raises UsageError."""
    try:
        if len(text) != 7:
            raise ValueError(text)
        return date.fromisoformat(f"{text}-01")
    except ValueError as exc:
        raise UsageError("MONTH is given as YYYY-MM", f"not {text!r}") from exc


def positive_amount(text: str) -> Nanos:
    """An amount above zero in nano-units. Raises UsageError."""
    try:
        amount = nanos_from_text(text)
    except ValueError as exc:
        raise UsageError("AMOUNT is a number such as 100 or 87.50", f"not {text!r}") from exc
    if amount <= 0:
        raise UsageError("AMOUNT is above zero", f"not {text!r}")
    return amount


def currency_code(text: str) -> str:
    """An ISO 4217 code in capitals. Raises UsageError."""
    code = text.strip().upper()
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise UsageError("a currency is given by its code, such as USD or EUR", f"not {text!r}")
    return code
