"""Which local days anything is known of: from the first use, fee or charge on, up to the last read."""

from collections.abc import Iterable, Sequence
from datetime import date

from tokentray.clock import Zone, local_date
from tokentray.model import Charge, Plan
from tokentray.store.queries import SourceRow


def known_days(
    bounds: tuple[int, int] | None, plans: Iterable[Plan], charges: Iterable[Charge], today: date, zone: Zone
) -> tuple[date, date] | None:
    """The first and the last day with use, or with a fee or charge up to today; None where there is none.

    bounds: the first and the last use, in UTC seconds.
    """
    found = [] if bounds is None else [local_date(at, zone) for at in bounds]
    found += [charge.day for charge in charges if charge.day <= today]
    for plan in plans:
        for term in plan.terms:
            if term.first_day <= today:
                found += [term.first_day, min(term.last_day or today, today)]
    return (min(found), max(found)) if found else None


def last_read_day(sources: Sequence[SourceRow], today: date, zone: Zone) -> date:
    """The day of the last read of any source; without one, nothing is known to be missing."""
    reads = [source.read_at_utc for source in sources if source.read_at_utc is not None]
    return local_date(max(reads), zone) if reads else today
