"""The figures of Why as they read: the steps from one month to the next, and the columns of its rows, which add up."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import ROUND_FLOOR, Context, Decimal
from typing import NamedTuple

from tokentray.insight import words
from tokentray.insight.source_names import SourceNames
from tokentray.insight.tally import ZERO, Tally
from tokentray.insight.why import Carried, LinePart, ModelPart, Why
from tokentray.insight.why_days import MonthDays
from tokentray.insight.why_rows import LineKind
from tokentray.money import MINUS, NumberStyle, exact_sum, format_money, minor_digits, round_half_even

FIELDS = ("fees", "other", "volume", "mix_models", "mix_kinds", "price")
"""The parts of a change, in the order to show them."""
LABELS = {
    "fees": "Fees",
    "other": "Other",
    "volume": "Volume",
    "mix_models": "Mix between models",
    "mix_kinds": "Mix between token kinds",
    "price": "Price",
}
NEW_USE = "New use"
_TIPS = {
    "fees": "Fees of plans, each spread over the days of its billing month",
    "other": "What no token count explains: searches, charges, balances, and exchange rates",
    "volume": "More or fewer tokens, each at the month before's mean price",
    "mix_models": "A shift to dearer or cheaper models",
    "mix_kinds": "A shift to dearer or cheaper kinds of tokens within the models",
    "price": "Another price paid for the same kind of tokens of the same model",
}
DASH = "–"
_ROUNDING = Decimal("0.00000001")
"""What is smaller has come about by rounding to nano-units."""


class Step(NamedTuple):
    """A step of the waterfall. amount: unrounded. shown: as it reads, so that all steps add up. tip: what it is."""

    id: str
    label: str
    amount: Decimal
    shown: Decimal
    is_whole: bool
    text: str
    tip: str = ""


class Teller(NamedTuple):
    """What the words are made with. plain: makes a name out of a log fit to be shown within a line.

    known_from: the first day of which anything is known, None where that is nothing.
    """

    why: Why
    days: MonthDays
    names: SourceNames
    style: NumberStyle
    plain: Callable[[str], str]
    known_from: date | None = None

    @property
    def digits(self) -> int:
        """Digits after the point."""
        return minor_digits(self.why.currency)

    def model(self, part: ModelPart) -> str:
        """A model's name, with its provider where two sell it."""
        name = self.plain(part.model) or "(no model)"
        same = [one for one in self.why.models if one.model == part.model]
        return f"{name} ({self.plain(part.provider) or 'no provider'})" if len(same) > 1 else name

    def line(self, part: LinePart) -> str:
        """What a line is of."""
        if part.key.kind is LineKind.SEARCHES:
            return "Web searches"
        if part.key.kind is LineKind.CHARGE:
            return f"Charges by {self.plain(part.key.name)}" if part.key.name else "Charges"
        name = self.plain(self.names.source(part.key.name)) or "No source"
        return f"{name}, fee" if part.key.kind is LineKind.FEE else f"{name}, without token counts"

    @property
    def lines(self) -> tuple[LinePart, ...]:
        """Those to show: what is left of a bill may be less than a nano-unit."""
        return tuple(one for one in self.why.lines if told(one.carried.before) or told(one.carried.after))

    @property
    def lacks_prices(self) -> bool:
        """Whether tokens of either month are left out for want of a price."""
        return bool(self.why.unpriced_before or self.why.unpriced_after)

    @property
    def knows_nothing(self) -> bool:
        """Whether nothing else was used or paid, so that there is nothing to compare."""
        return self.lacks_prices and not self.why.models and not self.lines

    def whole_text(self, whole: Tally, shown: Decimal | None = None) -> str:
        """What a month comes to: "≈ $212.80", "at least ≈ $3.10"."""
        cost, worth = whole.cost_in(self.why.currency), whole.worth_in(self.why.currency)
        unpriced = whole.unpriced_tokens if self.why.of_worth else whole.unpriced_paid_tokens
        if not (unpriced or (worth if self.why.of_worth else cost)):
            return DASH if self.lacks_prices else self.plain_money(ZERO)
        one = whole._replace(
            cost={self.why.currency: cost},
            worth={self.why.currency: worth},
        )
        text = words.worth_text if self.why.of_worth else words.spend_text
        return text(one, self.why.currency, self.style, shown)

    def change_text(self, amount: Decimal, shown: Decimal, *, estimated: bool) -> str:
        """A change as it reads: "≈ +$60.10", "−$3.00"; a dash for none."""
        return f"{self.about(estimated)}{self._signed(amount, shown)}" if told(amount) else DASH

    def amount_text(self, amount: Decimal, shown: Decimal, *, estimated: bool) -> str:
        """An amount of a row as it reads; a dash for none."""
        return f"{self.about(estimated)}{self._money(amount, shown)}" if told(amount) else DASH

    def cell_text(self, column: str, carried: Carried, shown: Decimal) -> str:
        """A figure of a row; fees are no estimate."""
        amount: Decimal = getattr(carried, column)
        if column in ("before", "after"):
            return self.amount_text(amount, shown, estimated=carried.estimated)
        return self.change_text(amount, shown, estimated=carried.estimated and column != "fees")

    def about(self, estimated: bool) -> str:
        """ "≈ " before what is an estimate."""
        return "≈ " if estimated or self.why.of_worth else ""

    def _money(self, amount: Decimal, shown: Decimal) -> str:
        """What shares out to nothing is under a cent."""
        tiny = Decimal(1).scaleb(-self.digits - 1)
        return format_money(shown or (tiny if amount > 0 else -tiny), self.why.currency, self.style)

    def _signed(self, amount: Decimal, shown: Decimal) -> str:
        money = self._money(abs(amount), abs(shown))
        return f"{'+' if (shown or amount) > 0 else MINUS}{money}"

    def steps(self, whole: Carried, *, of_all: bool = True) -> tuple[Step, ...]:
        """From the month before to the month. Steps of nothing are left out.

        whole: the sum of what is shown. of_all: whether that is everything.
        """
        why = self.why
        ends = [round_half_even(one, self.digits) for one in (whole.before, whole.after)]
        amounts = [getattr(whole, field) for field in FIELDS]
        shares = share(amounts, exact_sum([ends[1], -ends[0]]), self.digits)
        made = []
        for field, amount, shown in zip(FIELDS, amounts, shares, strict=True):
            if told(amount):
                new = field == "volume" and not why.split
                text = self.change_text(amount, shown, estimated=self.estimated(field))
                tip = "What tokens explain; nothing of it was used before, so there is nothing to compare with"
                made.append(
                    Step(
                        "new_use" if new else field,
                        NEW_USE if new else LABELS[field],
                        amount,
                        shown,
                        is_whole=False,
                        text=text,
                        tip=tip if new else _TIPS[field],
                    )
                )
        texts = [
            self.whole_text(tally) if of_all else f"{self.about(whole.estimated)}{self.plain_money(end)}"
            for tally, end in ((why.before, ends[0]), (why.after, ends[1]))
        ]
        first = Step("before", self.days.before_title, whole.before, ends[0], is_whole=True, text=texts[0])
        last = Step("after", self.days.title, whole.after, ends[1], is_whole=True, text=texts[1])
        return first, *made, last

    def plain_money(self, amount: Decimal) -> str:
        """An amount as it is."""
        return format_money(amount, self.why.currency, self.style)

    def estimated(self, field: str) -> bool:
        """Whether a part of the change is an estimate."""
        if field in ("fees", "other"):
            carried = [line.carried for line in self.why.lines]
            carried += [model.carried for model in self.why.models if model.carried.exchange]
            return any(one.estimated and told(getattr(one, field)) for one in carried)
        return any(model.carried.estimated for model in self.why.models)


def column_shares(
    teller: Teller, column: str, rows: Sequence[Carried], whole: Carried
) -> tuple[list[Decimal], Decimal]:
    """The figures of a column as they read, and their total, which is that of the steps. column: a field of Carried."""
    ends = [round_half_even(one, teller.digits) for one in (whole.before, whole.after)]
    difference = exact_sum([ends[1], -ends[0]])
    if column in FIELDS:
        total = share([getattr(whole, field) for field in FIELDS], difference, teller.digits)[FIELDS.index(column)]
    else:
        totals = {"before": ends[0], "after": ends[1], "change": difference}
        total = totals[column] if column in totals else round_half_even(getattr(whole, column), teller.digits)
    return share([getattr(one, column) for one in rows], total, teller.digits), total


def told(amount: Decimal) -> bool:
    """Whether an amount is more than what rounding leaves."""
    return abs(amount) >= _ROUNDING


def share(parts: Sequence[Decimal], total: Decimal, digits: int) -> list[Decimal]:
    """Amounts with `digits` after the point that add up to a total that has no more of them, by largest remainder.

    What is nothing stays so. The total may differ from the rounded sum, as it is of rounded ends.
    """
    unit = Decimal(1).scaleb(-digits)
    floors = [part.quantize(unit, ROUND_FLOOR, Context(prec=80)) if told(part) else ZERO for part in parts]
    units = exact_sum([total, *(-floor for floor in floors)]).scaleb(digits)
    real = [index for index, part in enumerate(parts) if told(part)]
    ranked = sorted(real, key=lambda index: (exact_sum([floors[index], -parts[index]]), index))
    missing = int(units)
    while missing and ranked:
        turn = ranked if missing > 0 else ranked[::-1]
        step = unit if missing > 0 else -unit
        for index in turn[: abs(missing)]:
            floors[index] = exact_sum([floors[index], step])
        missing -= min(abs(missing), len(turn)) * (1 if missing > 0 else -1)
    return floors
