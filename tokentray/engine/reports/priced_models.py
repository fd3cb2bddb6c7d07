"""Models with what they cost over some months and what the list says: what chart and table of prices are made from."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from tokentray.engine.reports.groups import exact_column
from tokentray.insight.blended import (
    Use,
    list_per_million,
    main_provider,
    main_tier,
    per_million,
    price_on,
    since,
    uses,
)
from tokentray.insight.converted import landing, spend_of, worth_of
from tokentray.insight.exchange import LIST_PRICES
from tokentray.insight.periods import bar_days
from tokentray.insight.standing import ACCOUNT
from tokentray.insight.tally import Home, Tally, tally
from tokentray.model import PayerKind, Price, UsageRow
from tokentray.store.history import History

KEYS = ("provider", "model", "tier", "source", "payer")


class Model:
    """A model in one currency. rows: by month or day and by KEYS, all that its price is made of, and no other's.

    amount: of all of them, in `currency`. of_worth: at list price, else as paid.
    """

    def __init__(
        self, name: str, currency: str, rows: Sequence[UsageRow], home: Home, history: History, *, of_worth: bool
    ) -> None:
        self.name = name
        self.id = name
        self.currency = currency
        self.rows = tuple(rows)
        self.amount = Decimal(0)
        self._home = home
        self._history = history
        self._of_worth = of_worth
        self._months: dict[str, list[UsageRow]] = {}
        for row in rows:
            self._months.setdefault(month_of(row), []).append(row)

    @property
    def months(self) -> list[str]:
        """Those in which a price is known, in order."""
        return [month for month in sorted(self._months) if self.price(month) is not None]

    def rows_of(self, month: str = "") -> Sequence[UsageRow]:
        """Those of a month, all without one."""
        return self._months.get(month, ()) if month else self.rows

    def price(self, month: str = "") -> Fraction | None:
        """Of a million tokens of a month, of all without one; None where none of them has a price."""
        rows = self.rows_of(month)
        amount = (worth_of if self._of_worth else spend_of)(rows, self._home)
        return per_million(amount, self.tokens(month))

    def tokens(self, month: str = "") -> int:
        """Those that the price is of: tokens without one are left out."""
        rows = self.rows_of(month)
        return sum(
            row.total_tokens - (row.unpriced_tokens if self._of_worth else row.unpriced_paid_tokens) for row in rows
        )

    def told(self, month: str = "") -> Tally:
        """Rows added up, for the words beside them."""
        return tally(self.rows_of(month), self._home)

    @cached_property
    def mix(self) -> list[Use]:
        """All its tokens by provider and tier."""
        return uses(self.rows)

    @cached_property
    def provider(self) -> str:
        """The one whose list prices the table names."""
        return main_provider(self.mix)

    @cached_property
    def tier(self) -> str:
        """The tier whose list prices the table names."""
        return main_tier(self.mix, self.provider)

    @cached_property
    def prices(self) -> Mapping[str, Sequence[Price]]:
        """List prices by provider, as the history keeps them."""
        return {use.provider: self._history.list_prices(use.provider, self.name) for use in self.mix}

    def list_price(self, day: date) -> Fraction | None:
        """What its whole mix of tokens cost a million at the list prices of a day, in its currency."""
        found = list_per_million(self.mix, self.prices, day)
        if found is None or self.currency == LIST_PRICES:
            return found
        rate = self._home.exchange.rate_on(day, LIST_PRICES, self.currency)
        return None if rate is None else found * rate

    def listed(self, day: date) -> Price | None:
        """The list price of a day that the table names."""
        return price_on(self.prices.get(self.provider, ()), self.tier, day)

    def listed_since(self, day: date) -> date | None:
        """Since when that price has been what it is, None where no change is known."""
        return since(self.prices.get(self.provider, ()), self.tier, day)


def month_of(row: UsageRow) -> str:
    """The month of a row that is by month, or by day."""
    return row.key("month") or row.key("day")[:7]


def paid_per_token(row: UsageRow) -> bool:
    """Whether the person pays for each token of it; a plan's tokens have no price of their own."""
    payer = row.key("payer")
    return payer == PayerKind.PAYG or payer.startswith(ACCOUNT)


def models_of(rows: Iterable[UsageRow], home: Home, history: History, *, of_worth: bool) -> list[Model]:
    """Every model with tokens, those with the largest amounts first; rows without a model are no model's."""
    found: dict[tuple[str, str], list[UsageRow]] = {}
    for row in rows:
        if row.key("model"):
            found.setdefault((row.key("model"), landing(row, home)), []).append(row)
    made = [
        Model(name, currency, mine, home, history, of_worth=of_worth)
        for (name, currency), mine in found.items()
        if any(row.total_tokens for row in mine)
    ]
    for currency in {model.currency for model in made}:
        mine = [model for model in made if model.currency == currency]
        for model, amount in zip(mine, exact_column([one.rows for one in mine], home, of_worth=of_worth), strict=True):
            model.amount = amount
    if len({model.currency for model in made}) > 1:
        for model in made:
            model.id = f"{model.name}\x1f{model.currency}"
    return sorted(made, key=lambda model: (-model.amount, model.name))


def last_day(month: str, last: date) -> date:
    """The day of a month whose list price stands for it: its last one that is shown."""
    return min(bar_days("month", month)[1], last)
