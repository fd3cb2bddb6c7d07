"""What every report is made from: the open history, the person's settings, and what today is. One thread uses it.

A ground stands for as long as nobody writes to the history and the settings and the day stay; what is read of the
history is therefore read once.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import date
from functools import cached_property
from typing import TypeVar, cast

from tokentray.clock import Zone, local_date
from tokentray.engine.figures import Figures
from tokentray.engine.snapshots import figures_with
from tokentray.engine.source_lines import Told, row_id
from tokentray.errors import ReadInterruptedError
from tokentray.insight.exchange import Exchange
from tokentray.insight.known_days import known_days
from tokentray.insight.reference import Reference
from tokentray.insight.source_names import SourceNames, source_names
from tokentray.insight.tally import Home
from tokentray.insight.who_pays import counts_spend
from tokentray.model import ExchangeRate, ReferencePoint, UsageRow
from tokentray.money import NumberStyle
from tokentray.settings import Settings
from tokentray.store.account_rows import AccountRow
from tokentray.store.history import History
from tokentray.store.queries import SourceRow
from tokentray.store.usage import UsageQuery

T = TypeVar("T")

_MOST_KEPT = 12
_MOST_MADE = 3
_MOST_ROWS_KEPT = 60_000


class Ground:
    """now_utc: may move on while the rest stays, as long as the day does. made_up: of a demo, nothing grows old.

    is_over: whether nobody waits any more for what is made from it.
    """

    def __init__(
        self,
        history: History,
        now_utc: int,
        zone: Zone,
        style: NumberStyle,
        settings: Settings,
        *,
        made_up: bool = False,
        is_over: Callable[[], bool] = lambda: False,
    ) -> None:
        self.history = history
        self.now_utc = now_utc
        self.zone = zone
        self.style = style
        self.settings = settings
        self.made_up = made_up
        self._is_over = is_over
        self.today = local_date(now_utc, zone)
        self._kept: OrderedDict[UsageQuery, list[UsageRow]] = OrderedDict()
        self._made: OrderedDict[object, object] = OrderedDict()

    @cached_property
    def sources(self) -> list[SourceRow]:
        """Agents and accounts."""
        return self.history.sources()

    @cached_property
    def rates(self) -> list[ExchangeRate]:
        """All exchange rates, oldest date first."""
        return self.history.exchange_rates()

    @cached_property
    def points(self) -> list[ReferencePoint]:
        """All reference points, oldest date first."""
        return self.history.reference_points()

    @cached_property
    def told(self) -> Told:
        """What the person said of who pays; accounts also where they were removed."""
        accounts: dict[int, AccountRow] = {one.id: one for one in self.history.accounts(removed=True)}
        named = {row_id(source): accounts[source.id] for source in self.sources if source.id in accounts}
        return Told(self.history.payer_rules(), self.history.plans(), self.history.charges(), named)

    @cached_property
    def counts_spend(self) -> bool:
        """Whether anything counts as spend; else amounts are worth at list price."""
        return counts_spend(self.told.rules, self.told.plans, self.told.charges, self.sources)

    @cached_property
    def names(self) -> SourceNames:
        """What sources and payers are called."""
        return source_names(self.sources, self.told.plans, self.told.charges)

    @cached_property
    def home(self) -> Home:
        """The person's currency and the rates that lead there."""
        return Home(self.settings.currency, Exchange(self.rates))

    @cached_property
    def reference(self) -> Reference:
        """What amounts are measured against."""
        return Reference(self.points, self.home.exchange, self.settings.working_week_hours)

    @cached_property
    def known(self) -> tuple[date, date] | None:
        """The first and the last local day with use, or with a fee or charge up to today; None where there is none."""
        return known_days(self.history.bounds(), self.told.plans, self.told.charges, self.today, self.zone)

    @cached_property
    def days_matter(self) -> bool:
        """Whether it matters on which day an amount was: where a rate or what amounts are measured by has changed."""
        pairs = [frozenset((rate.base, rate.quote)) for rate in self.rates]
        points = [(point.kind, point.name) for point in self.points]
        return len(set(pairs)) < len(pairs) or len(set(points)) < len(points)

    @cached_property
    def as_of_text(self) -> str:
        """ "as of 14:02": the source that was read longest ago; of the moment at which this ground was laid."""
        if self.made_up:
            return "a made-up year"
        gone = {name for name, one in self.told.accounts.items() if one.removed_utc is not None}
        read = [one.read_at_utc for one in self.sources if one.read_at_utc is not None and row_id(one) not in gone]
        return f"as of {self.figures([]).time_text(min(read))}" if read else "nothing read yet"

    def figures(self, rows: list[UsageRow]) -> Figures:
        """What amounts are written with. rows: those that say which currency leads where none was chosen."""
        return figures_with(
            rows,
            self.home,
            self.reference,
            self.now_utc,
            self.zone,
            self.style,
            self.sources,
            spends=self.counts_spend,
        )

    def usage(
        self,
        by: tuple[str, ...],
        first: date | None = None,
        last: date | None = None,
        where: tuple[tuple[str, str], ...] = (),
    ) -> list[UsageRow]:
        """Usage of these days, as `usage` gives it; asked for again, it is not read again. Raises StoreError."""
        query = UsageQuery(tuple(dict.fromkeys(by)), first, last, where, self.today)
        rows = self._kept.get(query)
        if rows is None:
            if self._is_over():  # an interrupt ends only the query in hand
                raise ReadInterruptedError("Reading was broken off", "it is not wanted any more", "")
            rows = self._kept[query] = self.history.usage(query, self.zone)
            while len(self._kept) > 1 and (
                len(self._kept) > _MOST_KEPT or sum(map(len, self._kept.values())) > _MOST_ROWS_KEPT
            ):
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(query)
        return rows

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made for this key of late, else made now. A key means the same wherever it is used."""
        if key not in self._made:
            self._made[key] = make()
            while len(self._made) > _MOST_MADE:
                self._made.popitem(last=False)
        self._made.move_to_end(key)
        return cast(T, self._made[key])
