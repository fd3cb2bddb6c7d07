"""Values that people type: dates and months, with words for what is wrong with them, and what holds without them."""

from datetime import date

from tokentray.cli.context import Context
from tokentray.clock import local_date
from tokentray.errors import UsageError


def day_of(text: str, option: str) -> date:
    """A date as YYYY-MM-DD. Raises UsageError."""
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise UsageError(f"{option} takes a day as YYYY-MM-DD", f"not {text!r}") from exc


def day_or_today(context: Context, text: str | None, option: str) -> date:
    """A date as YYYY-MM-DD, the person's today where none was typed. Raises UsageError."""
    return local_date(context.clock.now_utc(), context.zone) if text is None else day_of(text, option)


def month_of(text: str) -> date:
    """The first day of a month as YYYY-MM. Raises UsageError."""
    try:
        if len(text) != 7:
            raise ValueError(text)
        return date.fromisoformat(f"{text}-01")
    except ValueError as exc:
        raise UsageError("MONTH is given as YYYY-MM", f"not {text!r}") from exc


def currency_or_own(context: Context, typed: str | None) -> str:
    """The currency that was typed, else the person's, else USD. Not checked here."""
    return typed if typed is not None else context.settings.currency or "USD"
