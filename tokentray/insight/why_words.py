"""What Why says in sentences: what a friend would say of a month, and what must be said beside the steps."""

from decimal import Decimal

from tokentray.insight import words
from tokentray.insight.tally import ZERO
from tokentray.insight.told_words import day_text
from tokentray.insight.why import LinePart
from tokentray.insight.why_rows import LineKind
from tokentray.insight.why_steps import FIELDS, LABELS, Step, Teller, told
from tokentray.money import exact_sum, round_half_even

_MORE_LESS = {
    "fees": ("more in fees", "less in fees"),
    "other": ("more of what no token count explains", "less of what no token count explains"),
    "volume": ("for more use", "less through less use"),
    "mix_models": ("for a shift to dearer models", "less through a shift to cheaper models"),
    "mix_kinds": ("for a shift to dearer kinds of tokens", "less through a shift to cheaper kinds of tokens"),
    "price": ("for higher prices", "less through lower prices"),
}
_LEAST_TOLD = Decimal("0.03")
"""The part of all ups and downs under which a step stands in no sentence."""


def sentence(teller: Teller) -> str:
    """What a friend would say: how much more or less it is, and what made that, the most first."""
    first, *changes, last = teller.steps(teller.why.whole)
    difference = exact_sum([last.shown, -first.shown])
    estimated = any(teller.estimated(field) for field in FIELDS)
    than = teller.days.before_title
    if not (first.amount or teller.why.before.tokens or changes):
        return ""
    if teller.knows_nothing:
        return f"{teller.days.title} cannot be compared with {than}: no price is known of what was used."
    if difference:
        by = f"{teller.about(estimated)}{teller.plain_money(abs(difference))}"
        more = f"{by} {'more' if difference > 0 else 'less'} than {than}"
    else:
        more = f"as much as {than}"
    lead = f"{teller.days.title} {'was worth' if teller.why.of_worth else 'cost'} {more}"
    least = exact_sum([abs(step.shown) for step in changes]) * _LEAST_TOLD
    told_of = sorted((one for one in changes if abs(one.shown) > least), key=lambda one: -abs(one.amount))
    parts = [_part(teller, step) for step in told_of]
    return f"{lead}: {'; '.join(parts)}." if parts else f"{lead}."


def _part(teller: Teller, step: Step) -> str:
    field = "volume" if step.id == "new_use" else step.id
    text = f"{teller.about(teller.estimated(field))}{teller.plain_money(abs(step.shown))}"
    up, down = _MORE_LESS[field]
    phrase = "for use that was not there before" if step.id == "new_use" else up if step.shown > 0 else down
    most = _shift(teller) if field == "mix_models" else _mostly(teller, field, step.amount)
    return f"{text} {phrase}{f', mostly {most}' if most else ''}"


def _mostly(teller: Teller, field: str, amount: Decimal) -> str:
    """The one row that carries most of a part of the change, where several do."""
    parts = [(getattr(one.carried, field), teller.model(one)) for one in teller.why.models]
    parts += [(getattr(one.carried, field), _line_in_words(teller, one)) for one in teller.why.lines]
    same = [(abs(part), name) for part, name in parts if told(part) and (part > 0) == (amount > 0)]
    if len([part for part, _ in parts if told(part)]) < 2 or not same:
        return ""
    size, name = max(same, key=lambda one: one[0])
    return name if 2 * size >= abs(amount) else ""


def _shift(teller: Teller) -> str:
    """From the model whose share fell most to the one whose share rose most, in money."""
    parts = [(one.carried.mix_models, teller.model(one)) for one in teller.why.models]
    fell, rose = min(parts, default=(ZERO, "")), max(parts, default=(ZERO, ""))
    return f"from {fell[1]} to {rose[1]}" if fell[0] < 0 < rose[0] else ""


def remarks(teller: Teller, *, of_nothing: bool = True) -> tuple[str, ...]:
    """What must be said beside the steps, a sentence each. of_nothing: also what made no difference."""
    why, made = teller.why, []
    if not teller.days.complete:
        made.append(f"The month is not over: it is compared with {teller.days.before_title}")
    if teller.known_from is not None and teller.days.before_first < teller.known_from <= teller.days.before_last:
        made.append(f"What is known begins on {day_text(teller.known_from)}, so the month before is not whole")
    if not why.split and why.models:
        made.append(
            "Nothing with a price was used before, so what tokens explain is one line and cannot be split further"
        )
    still = [LABELS[field].lower() for field in FIELDS if not told(getattr(why.whole, field))]
    still = [label for label in still if not (why.of_worth and label == "fees")]
    if of_nothing and still and why.split and why.models:
        made.append(f"No difference came from {words.listed(still)}")
    if told(why.whole.fees):
        made.append("A fee is spread over the days of its billing month, so the same fee differs a little by month")
    if told(why.whole.exchange):
        shown = round_half_even(why.whole.exchange, teller.digits)
        text = teller.change_text(why.whole.exchange, shown, estimated=teller.estimated("other"))
        made.append(f"Of other, exchange rates alone made {text}; the rest is at the rates of the month before")
    for tokens, title in ((why.unpriced_before, teller.days.before_title), (why.unpriced_after, teller.days.title)):
        if tokens:
            made.append(f"{teller.style.number(tokens)} tokens of {title} have no known price and are left out")
    return tuple(f"{one}." for one in made)


def _line_in_words(teller: Teller, part: LinePart) -> str:
    """The same within a sentence about fees, or about what no token count explains."""
    if part.key.kind is LineKind.FEE:
        return teller.plain(teller.names.source(part.key.name))
    label = teller.line(part)
    return label if part.key.kind is LineKind.BILLED else f"{label[:1].lower()}{label[1:]}"
