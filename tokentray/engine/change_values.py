"""Charges, reference points and exchange rates: what is a value with a date, and stands for itself."""

from collections.abc import Sequence
from pathlib import Path

from tokentray.engine import change_checks as checks
from tokentray.engine.change_checks import Change
from tokentray.errors import RefusedError
from tokentray.insight.exchange import LIST_PRICES, Exchange
from tokentray.insight.reference import thing_names
from tokentray.insight.told_words import day_text, exact_money, exchange_text, one_of, reference_text
from tokentray.model import ReferencePoint
from tokentray.money import NumberStyle, nanos_to_decimal
from tokentray.program import command
from tokentray.requests import (
    AddCharge,
    AddReference,
    LeadReference,
    RemoveCharge,
    RemoveRate,
    RemoveReference,
    SetRate,
)

_KINDS = {"hourly": "The hourly rate", "pay": "The pay", "thing": "The price"}
_HOURS = "reference.working_week_hours"


def add_charge(change: Change, request: AddCharge) -> str:
    """An amount typed in by hand; its day may lie ahead."""
    day = checks.day(request.day, "The day", "day")
    amount = checks.amount(request.amount, "The amount", "amount")
    provider = checks.provider(request.provider, "provider")
    if not provider:
        raise RefusedError("The provider is missing", "", "Say who sent the bill, such as openai", field="provider")
    currency = checks.currency(request.currency)
    text = checks.text(request.text, "The text", "text")
    change.told.add_charge(day, amount, currency, provider, text, change.now_utc)
    said = f" ({text})" if text else ""
    return f"{exact_money(nanos_to_decimal(amount), currency, change.style)} to {provider} on {day_text(day)}{said}."


def remove_charge(change: Change, request: RemoveCharge) -> str:
    """Take a charge back."""
    for charge in change.told.charges():
        if charge.id == request.id:
            change.told.remove_charge(charge.id)
            amount = exact_money(nanos_to_decimal(charge.amount_nanos), charge.currency, change.style)
            return f"Removed: {amount} to {charge.provider} on {day_text(charge.day)}."
    raise _absent("charge", request.id, "charges list")


def check_hours(request: AddReference, settings_file: Path) -> None:
    """Refuse pay while the settings have no working week to measure it by."""
    if request.kind != "pay":
        return
    from tokentray import settings  # only here: reading TOML is nothing that another change should wait for

    notice = settings.load(settings_file).notice(_HOURS)
    if notice:
        raise RefusedError(
            "Pay needs the hours of a working week",
            notice,
            f"Put that right first (`{command()} settings set {_HOURS} 40`)",
            field="kind",
        )


def add_reference(change: Change, request: AddReference) -> str:
    """A reference point; the first of its kind and name holds backwards too."""
    told = change.told
    if request.kind not in _KINDS:
        raise RefusedError(
            "No such reference point", checks.shortened(request.kind), "Say hourly, pay or thing", field="kind"
        )
    before = told.reference_points()
    name = _thing(request, before)
    amount = checks.amount(request.amount, _KINDS[request.kind], "amount")
    currency = checks.currency(request.currency)
    since = checks.day(request.from_day, "The first day", "from_day")
    series = [point for point in before if (point.kind, point.name) == (request.kind, name)]
    for point in series:
        if point.valid_from == since:
            raise RefusedError(
                "Two of one date",
                f"{reference_text(point, change.style)} is set from {day_text(since)} already",
                f"Give another day, or remove that one first (`{command()} reference remove {point.id}`)",
                field="from_day",
            )
    new_id = told.add_reference(request.kind, name, amount, currency, since, change.now_utc)
    after = told.reference_points()
    new = next(point for point in after if point.id == new_id)
    when = f" from {day_text(since)} on" if series else ""
    sentence = f"{_counts_text(new, change.style)}{when}."
    leading = next(point for point in after if point.leads)
    if not new.leads:
        lead = f"(`{command()} reference lead {new.id}` changes that)"
        return f"{sentence} Amounts are still measured by {_series_text(leading)} {lead}."
    if before and not any(_same(point, leading) for point in before if point.leads):
        sentence = f"{sentence} Amounts are measured by it now."
    if not Exchange(told.exchange_rates()).reaches(LIST_PRICES, currency):
        asks = f"(`{command()} rates set {currency} {LIST_PRICES} RATE`)"
        sentence = f"{sentence} List prices are in {LIST_PRICES}: set an exchange rate {asks}."
    return sentence


def _counts_text(point: ReferencePoint, style: NumberStyle) -> str:
    if point.kind == "thing":
        one = one_of(point.name)
        return f"{one[:1].upper()}{one[1:]} costs {exact_money(point.amount, point.currency, style)}"
    return f"{'Your time counts' if point.kind == 'hourly' else 'Your pay is'} {reference_text(point, style)}"


def _thing(request: AddReference, before: Sequence[ReferencePoint]) -> str:
    """The name of a thing, spelled as before where it is known; "" for other kinds."""
    if request.kind != "thing":
        if request.name.strip():
            raise RefusedError("Only a thing has a name", checks.shortened(request.name), field="name")
        return ""
    name = checks.name(request.name, "The thing's name", "name")
    known = {thing_names(point.name)[0].casefold(): point.name for point in before if point.kind == "thing"}
    return known.get(thing_names(name)[0].casefold(), name)


def lead_reference(change: Change, request: LeadReference) -> str:
    """Measure amounts by the reference points of the same kind and name as one."""
    for point in change.told.reference_points():
        if point.id == request.id:
            change.told.lead(point.kind, point.name)
            return f"Amounts are measured by {_series_text(point)}."
    raise _absent("reference point", request.id, "reference list")


def remove_reference(change: Change, request: RemoveReference) -> str:
    """Take a reference point back."""
    before = change.told.reference_points()
    for point in before:
        if point.id != request.id:
            continue
        change.told.remove_reference(point.id)
        sentence = f"Removed: {reference_text(point, change.style)} from {day_text(point.valid_from)}."
        left = [one for one in change.told.reference_points() if one.leads]
        if not left:
            return f"{sentence} No reference point is left."
        if point.leads and not _same(point, left[0]):
            return f"{sentence} Amounts are measured by {_series_text(left[0])} now."
        return sentence
    raise _absent("reference point", request.id, "reference list")


def _same(one: ReferencePoint, other: ReferencePoint) -> bool:
    return (one.kind, one.name) == (other.kind, other.name)


def _series_text(point: ReferencePoint) -> str:
    if point.kind == "thing":
        return f"“{thing_names(point.name)[0]}”"
    return "your time" if point.kind == "hourly" else "your pay"


def set_rate(change: Change, request: SetRate) -> str:
    """An exchange rate; one of the same two currencies and day is replaced."""
    base, quote = checks.currency(request.base, "base"), checks.currency(request.quote, "quote")
    if base == quote:
        raise RefusedError("One currency twice", f"1 {base} is 1 {base}", "Give two currencies", field="quote")
    rate = checks.amount(request.rate, "The rate", "rate")
    since = checks.day(request.from_day, "The first day", "from_day")
    before = [one for one in change.told.exchange_rates() if (one.base, one.quote) == (base, quote)]
    new_id = change.told.set_rate(base, quote, rate, since)
    new = next(one for one in change.told.exchange_rates() if one.id == new_id)
    others = [one for one in before if one.valid_from != since]
    when = f" from {day_text(since)} on" if others else ""
    replaced = [one for one in before if one.valid_from == since and one.rate != new.rate]
    instead = f", in place of {exchange_text(replaced[0], change.style)}" if replaced else ""
    return f"{exchange_text(new, change.style)}{when}{instead}."


def remove_rate(change: Change, request: RemoveRate) -> str:
    """Take an exchange rate back."""
    for rate in change.told.exchange_rates():
        if rate.id == request.id:
            change.told.remove_rate(rate.id)
            return f"Removed: {exchange_text(rate, change.style)} from {day_text(rate.valid_from)}."
    raise _absent("exchange rate", request.id, "rates list")


def _absent(what: str, number: int, shown_by: str) -> RefusedError:
    return RefusedError(f"No {what} {number}", "", f"`{command()} {shown_by}` shows their ids", field="id")
