"""What Why says: the steps from one month to the next, and the sentence that tells them."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import ROUND_FLOOR, Context, Decimal
from typing import NamedTuple

from tokentray.insight import words
from tokentray.insight.source_names import SourceNames
from tokentray.insight.tally import ZERO, Tally
from tokentray.insight.told_words import day_text
from tokentray.insight.why import Carried, LinePart, ModelPart, Why
from tokentray.insight.why_days import MonthDays
from tokentray.insight.why_rows import LineKind
from tokentray.money import NumberStyle, exact_sum, format_money, minor_digits, round_half_even

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
    "fees": "fees of plans, each spread over the days of its billing month",
    "other": "what no token count explains: searches, charges, balances, and exchange rates",
    "volume": "more or fewer tokens, each at the month before's mean price",
    "mix_models": "a shift to dearer or cheaper models",
    "mix_kinds": "a shift to dearer or cheaper kinds of tokens within the models",
    "price": "another price paid for the same kind of tokens of the same model",
}
_MORE_LESS = {
    "fees": ("more in fees", "less in fees"),
    "other": ("more of what no token count explains", "less of what no token count explains"),
    "volume": ("for more use", "less through less use"),
    "mix_models": ("for a shift to dearer models", "less through a shift to cheaper models"),
    "mix_kinds": ("for a shift to dearer kinds of tokens", "less through a shift to cheaper kinds of tokens"),
    "price": ("for higher prices", "less through lower prices"),
}
_ROUNDING = Decimal("0.00000001")
"""What is smaller has come about by rounding to nano-units."""

_LEAST_TOLD = Decimal("0.03")
"""The part of all ups and downs under which a step stands in no sentence."""


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

    def _line_in_words(self, part: LinePart) -> str:
        """The same within a sentence about fees, or about what no token count explains."""
        if part.key.kind is LineKind.FEE:
            return self.plain(self.names.source(part.key.name))
        label = self.line(part)
        return label if part.key.kind is LineKind.BILLED else f"{label[:1].lower()}{label[1:]}"

    @property
    def lines(self) -> tuple[LinePart, ...]:
        """Those to show: what is left of a bill may be less than a nano-unit."""
        return tuple(one for one in self.why.lines if told(one.carried.before) or told(one.carried.after))

    def whole_text(self, whole: Tally, shown: Decimal | None = None) -> str:
        """What a month comes to: "≈ $212.80", "at least ≈ $3.10"."""
        cost, worth = whole.cost_in(self.why.currency), whole.worth_in(self.why.currency)
        unpriced = whole.unpriced_tokens if self.why.of_worth else whole.unpriced_paid_tokens
        if not (unpriced or (worth if self.why.of_worth else cost)):
            return self._plain_money(ZERO)
        one = whole._replace(
            cost={self.why.currency: cost},
            worth={self.why.currency: worth},
        )
        text = words.worth_text if self.why.of_worth else words.spend_text
        return text(one, self.why.currency, self.style, shown)

    def change_text(self, amount: Decimal, shown: Decimal, *, estimated: bool) -> str:
        """A change as it reads: "≈ +$60.10", "−$3.00"; a dash for none."""
        return f"{self._about(estimated)}{self._signed(amount, shown)}" if told(amount) else "–"

    def amount_text(self, amount: Decimal, shown: Decimal, *, estimated: bool) -> str:
        """An amount of a row as it reads; a dash for none."""
        return f"{self._about(estimated)}{self._money(amount, shown)}" if told(amount) else "–"

    def cell_text(self, column: str, carried: Carried, shown: Decimal) -> str:
        """A figure of a row; fees are no estimate."""
        amount: Decimal = getattr(carried, column)
        if column in ("before", "after"):
            return self.amount_text(amount, shown, estimated=carried.estimated)
        return self.change_text(amount, shown, estimated=carried.estimated and column != "fees")

    def _about(self, estimated: bool) -> str:
        return "≈ " if estimated or self.why.of_worth else ""

    def _money(self, amount: Decimal, shown: Decimal) -> str:
        """What shares out to nothing is under a cent."""
        tiny = Decimal(1).scaleb(-self.digits - 1)
        return format_money(shown or (tiny if amount > 0 else -tiny), self.why.currency, self.style)

    def _signed(self, amount: Decimal, shown: Decimal) -> str:
        money = self._money(abs(amount), abs(shown))
        return f"{'+' if (shown or amount) > 0 else '−'}{money}"

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
                tip = "what tokens explain; nothing of it was used before, so there is nothing to compare with"
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
            self.whole_text(tally) if of_all else f"{self._about(whole.estimated)}{self._plain_money(end)}"
            for tally, end in ((why.before, ends[0]), (why.after, ends[1]))
        ]
        first = Step("before", self.days.before_title, whole.before, ends[0], is_whole=True, text=texts[0])
        last = Step("after", self.days.title, whole.after, ends[1], is_whole=True, text=texts[1])
        return first, *made, last

    def _plain_money(self, amount: Decimal) -> str:
        return format_money(amount, self.why.currency, self.style)

    def estimated(self, field: str) -> bool:
        """Whether a part of the change is an estimate."""
        if field in ("fees", "other"):
            carried = [line.carried for line in self.why.lines]
            carried += [model.carried for model in self.why.models if model.carried.exchange]
            return any(one.estimated and told(getattr(one, field)) for one in carried)
        return any(model.carried.estimated for model in self.why.models)

    def sentence(self) -> str:
        """What a friend would say: how much more or less it is, and what made that, the most first."""
        first, *changes, last = self.steps(self.why.whole)
        difference = exact_sum([last.shown, -first.shown])
        estimated = any(self.estimated(field) for field in FIELDS)
        than = self.days.before_title
        if not (first.amount or self.why.before.tokens or changes):
            return ""
        if difference:
            by = f"{self._about(estimated)}{self._plain_money(abs(difference))}"
            more = f"{by} {'more' if difference > 0 else 'less'} than {than}"
        else:
            more = f"as much as {than}"
        lead = f"{self.days.title} {'was worth' if self.why.of_worth else 'cost'} {more}"
        least = exact_sum([abs(step.shown) for step in changes]) * _LEAST_TOLD
        told_of = sorted((one for one in changes if abs(one.shown) > least), key=lambda one: -abs(one.amount))
        parts = [self._part(step) for step in told_of]
        return f"{lead}: {'; '.join(parts)}." if parts else f"{lead}."

    def _part(self, step: Step) -> str:
        field = "volume" if step.id == "new_use" else step.id
        text = f"{self._about(self.estimated(field))}{self._plain_money(abs(step.shown))}"
        up, down = _MORE_LESS[field]
        phrase = "for use that was not there before" if step.id == "new_use" else up if step.shown > 0 else down
        most = self._shift() if field == "mix_models" else self._mostly(field, step.amount)
        return f"{text} {phrase}{f', mostly {most}' if most else ''}"

    def _mostly(self, field: str, amount: Decimal) -> str:
        """The one row that carries most of a part of the change, where several do."""
        parts = [(getattr(one.carried, field), self.model(one)) for one in self.why.models]
        parts += [(getattr(one.carried, field), self._line_in_words(one)) for one in self.why.lines]
        same = [(abs(part), name) for part, name in parts if told(part) and (part > 0) == (amount > 0)]
        if len([part for part, _ in parts if told(part)]) < 2 or not same:
            return ""
        size, name = max(same, key=lambda one: one[0])
        return name if 2 * size >= abs(amount) else ""

    def _shift(self) -> str:
        """From the model whose share fell most to the one whose share rose most, in money."""
        parts = [(one.carried.mix_models, self.model(one)) for one in self.why.models]
        fell, rose = min(parts, default=(ZERO, "")), max(parts, default=(ZERO, ""))
        return f"from {fell[1]} to {rose[1]}" if fell[0] < 0 < rose[0] else ""

    def remarks(self) -> tuple[str, ...]:
        """What must be said beside the steps, a sentence each."""
        why, made = self.why, []
        if not self.days.complete:
            made.append(f"The month is not over: it is compared with {self.days.before_title}")
        if self.known_from is not None and self.days.before_first < self.known_from <= self.days.before_last:
            made.append(f"What is known begins on {day_text(self.known_from)}, so the month before is not whole")
        if not why.split and why.models:
            made.append(
                "Nothing with a price was used before, so what tokens explain is one line and cannot be split further"
            )
        still = [LABELS[field].lower() for field in FIELDS if not told(getattr(why.whole, field))]
        still = [label for label in still if not (why.of_worth and label == "fees")]
        if still and why.split and why.models:
            made.append(f"No difference came from {words.listed(still)}")
        if told(why.whole.fees):
            made.append("A fee is spread over the days of its billing month, so the same fee differs a little by month")
        if told(why.whole.exchange):
            shown = round_half_even(why.whole.exchange, self.digits)
            text = self.change_text(why.whole.exchange, shown, estimated=self.estimated("other"))
            made.append(f"Of other, exchange rates alone made {text}; the rest is at the rates of the month before")
        for tokens, title in ((why.unpriced_before, self.days.before_title), (why.unpriced_after, self.days.title)):
            if tokens:
                made.append(f"{self.style.number(tokens)} tokens of {title} have no known price and are left out")
        return tuple(f"{one}." for one in made)


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
