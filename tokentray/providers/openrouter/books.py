"""Reads a window of OpenRouter's books: counters with an ordinary key, hours and days by model with a management key.

Of the last 30 whole UTC days the daily list is what holds. Hours from the analytics query are kept in its place where
they add up to it, and for the day that has just ended as long as they know more. Today is told by the query, or
where there is none by what each key spent. Older days come from the query alone.

One answer tells money and tokens, so a window that was just read for the one is not asked for again for the other; and
where the past ends is remembered, so that what lies before it is not asked for at all.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

from tokentray.clock import DAY_S, HOUR_S
from tokentray.errors import RequestRefusedError
from tokentray.ledger import BilledRow, MeteredRow, Outcome, Own, Report, Window
from tokentray.model import Basis
from tokentray.money import Nanos
from tokentray.providers.base import Channel, Context
from tokentray.providers.openrouter import activity, analytics, counters
from tokentray.providers.openrouter.analytics import Offer, Use
from tokentray.providers.openrouter.facts import CURRENCY, INFO
from tokentray.providers.openrouter.people import is_management, key_data

_ROUNDING = 10_000
"""Nano-dollars that hours and their day may differ by and still say the same."""
_MOST_MODELS = 300
_A_MOMENT_S = 120
_ORDINARY, _MANAGEMENT = "key", "management"


def read(context: Context, basis: Basis, window: Window) -> Outcome:
    """What an account can tell of a window. A management key tells money and tokens at once, whichever is asked for."""
    channel, memory = context.channel, context.memory
    kind = memory.get("kind", "")
    if kind == _ORDINARY and (basis is Basis.METERED or window.end_utc <= _day(channel.now_utc)):
        return Outcome(ends=True)
    if not kind or window.end_utc > _day(channel.now_utc):
        data = key_data(channel)
        if not is_management(data):
            if basis is Basis.METERED or window.end_utc <= _day(channel.now_utc):
                return Outcome(ends=True)
            now = counters.parse_counters(data, channel.now_utc)
            kept = {"kind": _ORDINARY}
            return counters.outcome(now, context.readings, memory, kept, afresh=kind == _MANAGEMENT)
    unknown = context.own.keys() - set(INFO.own_keys) | context.own.keys() & {"email"}
    if unknown:
        raise RequestRefusedError("The own part is not understood", ", ".join(sorted(unknown)), "Set it again")
    return _managed(context, basis, window)


def _managed(context: Context, basis: Basis, asked: Window) -> Outcome:
    channel, own = context.channel, context.own
    today = _day(channel.now_utc)
    part = sha256(repr(sorted(own.items())).encode()).hexdigest()[:16]
    if asked.end_utc <= _begins(context.memory, part, today):
        return Outcome(ends=True)
    if _just_told(context.memory, part, basis, asked, channel.now_utc):
        return Outcome()
    first_listed = today - activity.DAYS_BACK * DAY_S
    window = Window(asked.start_utc, min(asked.end_utc, today + DAY_S))
    can, memory = _offer(channel, context.memory, today)
    models = _models(context.memory)
    if can and context.memory.get("offer") != memory["offer"]:  # once a day
        models |= activity.days(channel, Window(first_listed, today), own).models
    reports: list[Report] = []
    keys: dict[str, str] = {}
    if window.end_utc > max(first_listed, window.start_utc):
        recent = Window(max(window.start_utc, first_listed), window.end_utc)
        reports += _recent(channel, can, recent, own, today, models, keys)
    ends = False
    if window.start_utc < min(first_listed, window.end_utc):
        older = Window(window.start_utc, min(window.end_utc, first_listed))
        told, ends = _older(channel, can, older, own, models, keys)
        reports += told
    if ends:
        first = min((report.window.start_utc for report in reports), default=window.end_utc)
        memory["begins"] = f"{part} {today} {first}"
    elif _begins(context.memory, part, today):
        memory["begins"] = context.memory["begins"]
    memory["told"] = f"{part} {basis} {asked.start_utc} {asked.end_utc} {channel.now_utc}"
    memory["models"] = " ".join(f"{long}={short}" for long, short in sorted(models.items())[:_MOST_MODELS])
    return Outcome(reports=tuple(reports), keys=keys, memory=memory, ends=ends)


def _begins(memory: Mapping[str, str], part: str, today: int) -> int:
    """Where the past of a part was found to begin today, 0 where it was not looked for."""
    told = memory.get("begins", "").split()
    return int(told[2]) if told[:2] == [part, str(today)] and len(told) == 3 and told[2].isdecimal() else 0


def _just_told(memory: Mapping[str, str], part: str, basis: Basis, asked: Window, now_utc: int) -> bool:
    """Whether a window was read for the other basis a moment ago."""
    told = memory.get("told", "").split()
    if len(told) != 5 or not told[4].isdecimal() or told[1] == basis:
        return False
    same = (told[0], told[2], told[3]) == (part, str(asked.start_utc), str(asked.end_utc))
    return same and 0 <= now_utc - int(told[4]) <= _A_MOMENT_S


def _recent(
    channel: Channel,
    can: Offer | None,
    window: Window,
    own: Own,
    today: int,
    models: dict[str, str],
    keys: dict[str, str],
) -> list[Report]:
    told = analytics.uses(channel, can, can.finest, window, own) if can else None
    whole = Window(window.start_utc, min(window.end_utc, today))
    days = activity.days(channel, whole, own) if whole.end_utc > whole.start_utc else activity.Days({}, {})
    if can is None or told is None:
        return _without_query(channel, days, window, own, today, keys)
    models |= days.models
    finer = _named(channel, told.uses, own, models, keys)
    kept: list[Use] = []
    for day in range(window.start_utc, window.end_utc, DAY_S):
        of_day = [use for use in finer if _day(use.start_utc) == day]
        listed = [use for (at, _), use in days.uses.items() if at == day]
        just_ended = day == today - DAY_S and _money(of_day) > _money(listed)
        kept += of_day if day == today or just_ended or _say_the_same(of_day, listed) else listed
    as_of = min(channel.now_utc if told.as_of_utc is None else told.as_of_utc, channel.now_utc)
    width = analytics.WIDTHS[can.finest]
    complete_to = min(window.end_utc, max(as_of // width * width + width, window.start_utc))
    return _reports(kept, window, complete_to)


def _without_query(
    channel: Channel, days: activity.Days, window: Window, own: Own, today: int, keys: dict[str, str]
) -> list[Report]:
    """Whole days as listed; the one that has just ended only once it is there. Today by key."""
    yesterday = today - DAY_S
    listed = {day for day, _ in days.uses}
    end = min(window.end_utc, today if yesterday in listed else yesterday)
    reports = _reports(days.uses.values(), Window(window.start_utc, end), end) if end > window.start_utc else []
    records = activity.key_records(channel, own) if window.end_utc > today else None
    if records is not None:
        keys.update({record.hash: record.name for record in records if record.name})
        rows = activity.today_by_key(records, today)
        reports.append(Report(Basis.BILLED, Window(today, today + DAY_S), today + DAY_S, rows))
        # Read, and complete up to where it begins: today's tokens are not told.
        reports.append(Report(Basis.METERED, Window(today, today + DAY_S), today))
    return reports


def _older(
    channel: Channel,
    can: Offer | None,
    window: Window,
    own: Own,
    models: Mapping[str, str],
    keys: dict[str, str],
) -> tuple[list[Report], bool]:
    """Days from the query, and whether nothing older is told. What lies before its first day was not nothing, but is
    not known."""
    width = "day" if can is None or "day" in can.widths else "hour"
    told = analytics.uses(channel, can, width, window, own) if can else None
    if can is None or told is None:
        return [], True
    uses = _named(channel, told.uses, own, models, keys)
    before = analytics.any_before(channel, can, window.start_utc, own)
    if before or (before is None and uses):
        return _reports(uses, window, window.end_utc), False
    if not uses:
        return [], True
    known = Window(_day(min(use.start_utc for use in uses)), window.end_utc)
    return _reports(uses, known, known.end_utc), True


def _named(
    channel: Channel, uses: Iterable[Use], own: Own, models: Mapping[str, str], keys: dict[str, str]
) -> list[Use]:
    """Uses with the model's short name, and the hash of their key where its name tells which one that is."""
    uses = [use._replace(model=models.get(use.model, use.model)) for use in uses]
    if not any(use.key for use in uses):
        return uses
    records = activity.key_records(channel, own) or ()
    keys.update({record.hash: record.name for record in records if record.name})
    names = [record.name for record in records]
    hashes = {record.name: record.hash for record in records if names.count(record.name) == 1}
    return [use._replace(key=hashes.get(use.key, use.key)) for use in uses]


def _say_the_same(finer: Iterable[Use], listed: Sequence[Use]) -> bool:
    sums: dict[str, Use] = {}
    for use in finer:
        sums[use.model] = activity.added(sums[use.model], use) if use.model in sums else use
    if sums.keys() != {use.model for use in listed}:
        return False
    return all(
        abs(sums[use.model].amount - use.amount) <= _ROUNDING and _counts(sums[use.model]) == _counts(use)
        for use in listed
    )


def _counts(use: Use) -> tuple[int, int, int, int]:
    return use.requests, use.prompt_tokens, use.completion_tokens, use.reasoning_tokens


def _reports(uses: Iterable[Use], window: Window, complete_to: int) -> list[Report]:
    uses = list(uses)
    billed = tuple(
        BilledRow(use.start_utc, use.width_s, use.model, CURRENCY, use.amount, key_name=use.key)
        for use in uses
        if use.amount
    )
    metered = tuple(
        MeteredRow(
            use.start_utc,
            use.width_s,
            use.model,
            band=None,
            key_name=use.key,
            requests=use.requests,
            input_tokens=use.prompt_tokens,
            output_tokens=use.completion_tokens,
            reasoning_tokens=use.reasoning_tokens,
        )
        for use in uses
        if use.model and any(_counts(use))
    )
    return [
        Report(Basis.BILLED, window, complete_to, billed=billed),
        Report(Basis.METERED, window, complete_to, metered=metered),
    ]


def _offer(channel: Channel, memory: Mapping[str, str], today: int) -> tuple[Offer | None, dict[str, str]]:
    """What the query offers, asked for once a day, and what to remember of it. That it offers nothing may be a bad
    moment, and is believed for an hour.
    """
    parts = memory.get("offer", "").split(";")
    day, hour = str(today // DAY_S), f"hour {channel.now_utc // HOUR_S}"
    if len(parts) == 4 and parts[0] in (day, hour):
        counts, dimensions, widths = (tuple(part.split(",")) if part else () for part in parts[1:])
        can = Offer(counts, dimensions, widths) if widths else None
    else:
        can = analytics.offer(channel)
    told = ";".join(",".join(part) for part in can) if can else ";;"
    return can, {"kind": _MANAGEMENT, "offer": f"{day if can else hour};{told}"}


def _models(memory: Mapping[str, str]) -> dict[str, str]:
    """What models are called, by the names of their versions, as remembered."""
    pairs = (entry.partition("=") for entry in memory.get("models", "").split())
    return {long: short for long, _, short in pairs if short}


def _money(uses: Iterable[Use]) -> Nanos:
    return Nanos(sum(use.amount for use in uses))


def _day(at_utc: int) -> int:
    return at_utc // DAY_S * DAY_S
