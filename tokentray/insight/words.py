"""The words for amounts, the same in tray, popover, command line and exports.

Spend is what the person pays; what nobody has said who pays for is *worth at list price* and never called spend. An
estimate carries ≈, a bill or fee nothing. Where tokens lack a price an amount says "at least", and no view writes a
zero for them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from tokentray.insight.tally import ZERO, Tally
from tokentray.model import Caveat
from tokentray.money import NumberStyle, format_money, minor_digits, round_half_even, share_rounded

WORTH = "worth at list price"
NOT_PRICED = "not priced"
MOSTLY_NOT_PRICED = "mostly not priced"

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

CAVEAT_WORDS = {
    Caveat.OUTPUT_UNDERCOUNTED: "output is undercounted: that build of the agent never logged the final count",
    Caveat.PRICE_ASSUMED: "some of it at an assumed price",
    Caveat.MODEL_ASSUMED: "some of it of a model that the log does not name",
    Caveat.PARTIAL_DAY: "the bill of the last day is not complete yet",
    Caveat.UTC_DAY: "some of it is known by UTC day only",
    Caveat.SEEN_ELSEWHERE: "another account sees the same use; it counts once, there",
    Caveat.TOKENS_NOT_REPORTED: "some of it is billed without saying how many tokens",
    Caveat.BAND_UNKNOWN: "the provider does not tell which requests were long enough to cost more",
    Caveat.SPANS_DAYS: "some of it was spent over several days and stands on the last of them",
    Caveat.ORGANISATION_WIDE: "it is the whole organisation's, and not counted",
    Caveat.BILL_DIFFERS: "the bill is another amount than the tokens at list price",
}


def public_model_name(model: str) -> str:
    """A model's name, unless it could be a path or an address: local models are often named by their file."""
    return model if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,59}", model) else "a model of your own"


def listed(parts: Sequence[str]) -> str:
    """Several things in a sentence: "Claude Code", "Claude Code and Codex", "A, B and C"."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def listed_few(parts: Sequence[str], style: NumberStyle, most: int = 5) -> str:
    """The same of what may be many: "A, B, C, D and 296 others"."""
    if len(parts) <= most:
        return listed(parts)
    return listed([*parts[: most - 1], f"{style.number(len(parts) - most + 1)} others"])


def money_text(amounts: Mapping[str, Decimal], currency: str, style: NumberStyle) -> str:
    """Amounts by currency: "$3.05", "€6.00 + $3.05"; nothing is nothing in `currency`, which also stands first."""
    named = sorted(amounts, key=lambda one: (one != currency, one))
    return " + ".join(format_money(amounts[one], one, style) for one in named) or format_money(ZERO, currency, style)


def spend_text(spend: Tally, currency: str, style: NumberStyle, shown: Decimal | None = None) -> str:
    """What counts, as it reads: "$6.67", "≈ $11.97" where some is estimated, "at least ≈ $3.10", "not priced".

    shown: the figure to write for `currency`, where rows share a rounded total (see spend_texts).
    """
    shares = {} if shown is None else {currency: shown}
    return _text(spend.cost, spend.unpriced_paid_tokens, spend.estimated, currency, style, shares)


def worth_text(worth: Tally, currency: str, style: NumberStyle, shown: Decimal | None = None) -> str:
    """Tokens at list price, as it reads: "≈ $38.10", "at least ≈ $38.10", "not priced"."""
    shares = {} if shown is None else {currency: shown}
    return _text(worth.worth, worth.unpriced_tokens, True, currency, style, shares)


def at_list_price(worth: Tally, currency: str, style: NumberStyle) -> str:
    """The same within a sentence: "≈ $38.10 at list price", "1,200 tokens without a price"."""
    text = worth_text(worth, currency, style)
    return without_price(text, worth.tokens, style) or f"{text} at list price"


def without_price(text: str, tokens: int, style: NumberStyle) -> str:
    """What stands within a sentence for an amount that reads "not priced" or "mostly not priced"; "" for any other."""
    if text == NOT_PRICED:
        return f"{style.number(tokens)} tokens without a price"
    return f"{style.number(tokens)} tokens, mostly without a price" if text == MOSTLY_NOT_PRICED else ""


def spend_texts(column: Sequence[Tally], currency: str, style: NumberStyle) -> list[str]:
    """Texts of rows whose displayed figures add up to the displayed total, in each currency."""
    shares = _shares([one.cost for one in column])
    return [
        _text(one.cost, one.unpriced_paid_tokens, one.estimated, currency, style, shown)
        for one, shown in zip(column, shares, strict=True)
    ]


def worth_texts(column: Sequence[Tally], currency: str, style: NumberStyle) -> list[str]:
    """Texts of rows whose displayed figures add up to the displayed total, in each currency."""
    shares = _shares([one.worth for one in column])
    return [
        _text(one.worth, one.unpriced_tokens, True, currency, style, shown)
        for one, shown in zip(column, shares, strict=True)
    ]


def _shares(column: Sequence[Mapping[str, Decimal]]) -> list[dict[str, Decimal]]:
    """Each row's part of the rounded total, by currency."""
    rows: list[dict[str, Decimal]] = [{} for _ in column]
    for currency in sorted({currency for amounts in column for currency in amounts}):
        parts = share_rounded([amounts.get(currency, ZERO) for amounts in column], minor_digits(currency))
        for row, part in zip(rows, parts, strict=True):
            row[currency] = part
    return rows


def _text(
    amounts: Mapping[str, Decimal],
    unpriced_tokens: int,
    estimated: bool,
    currency: str,
    style: NumberStyle,
    shares: Mapping[str, Decimal],
) -> str:
    if unpriced_tokens and not any(amounts.values()):
        return NOT_PRICED
    shown = {one: _shown(amount, one, shares.get(one)) for one, amount in amounts.items() if amount}
    if unpriced_tokens and all(not round_half_even(amount, minor_digits(one)) for one, amount in shown.items()):
        return MOSTLY_NOT_PRICED  # "at least" and "less than a cent" do not go together
    text = money_text(shown, currency, style)
    text = f"≈ {text}" if estimated else text
    return f"at least {text}" if unpriced_tokens else text


def _shown(amount: Decimal, currency: str, share: Decimal | None) -> Decimal:
    """The figure to write: the share of a rounded total; "<$0.01" or "−<$0.01" where something shares out to none."""
    if share is None:
        return amount
    return share or Decimal(1).scaleb(-minor_digits(currency) - 1).copy_sign(amount)


def caveat_texts(caveats: Iterable[str]) -> list[str]:
    """What is known to be imperfect, in words."""
    return [CAVEAT_WORDS[Caveat(caveat)] for caveat in caveats]


def unpriced_text(tokens: int, style: NumberStyle) -> str:
    """Says that tokens are left out."""
    return f"{style.number(tokens)} tokens have no known price and are left out"


def sentence(parts: Iterable[str]) -> str:
    """Parts as one sentence."""
    text = "; ".join(part for part in parts if part)
    return f"{text[:1].upper()}{text[1:]}." if text else ""
