"""The words for amounts, the same in tray, popover, command line and exports.

Until a payer rule says who pays, every amount is *worth at list price* and carries ≈: never "spend".
"""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from tokentray.model import Caveat, UsageRow
from tokentray.money import NumberStyle, format_money, round_half_even, share_rounded
from tokentray.snapshot import Worth

WORTH = "worth at list price"
NOT_PRICED = "not priced"
MOSTLY_NOT_PRICED = "mostly not priced"
ZERO = Decimal(0)

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

CAVEAT_WORDS = {
    Caveat.OUTPUT_UNDERCOUNTED: "output is undercounted: that build of the agent never logged the final count",
    Caveat.PRICE_ASSUMED: "some of it at an assumed price",
    Caveat.MODEL_ASSUMED: "some of it of a model that the log does not name",
}


def public_model_name(model: str) -> str:
    """A model's name, unless it could be a path or an address: local models are often named by their file."""
    return model if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,59}", model) else "a model of your own"


def amount_text(
    list_cost: Decimal | None,
    unpriced_tokens: int,
    currency: str,
    style: NumberStyle,
    shown: Decimal | None = None,
) -> str:
    """An amount as it reads: "≈ $11.97", "at least ≈ $11.97" where tokens lack a price, "not priced" where all do.

    shown: the figure to write, where rows share a rounded total (see amount_texts).
    """
    if not list_cost and unpriced_tokens:
        return NOT_PRICED
    if unpriced_tokens and list_cost and round_half_even(list_cost, 2) == 0:
        return MOSTLY_NOT_PRICED  # "at least" and "less than a cent" do not go together
    figure = shown if shown and list_cost else list_cost
    text = f"≈ {format_money(figure or ZERO, currency, style)}"
    return f"at least {text}" if unpriced_tokens else text


def amount_texts(amounts: Sequence[tuple[Decimal | None, int]], currency: str, style: NumberStyle) -> list[str]:
    """Texts of (list cost, unpriced tokens) rows whose displayed figures add up to the displayed total."""
    shares = share_rounded([cost or ZERO for cost, _ in amounts])
    return [
        amount_text(cost, unpriced, currency, style, shown)
        for (cost, unpriced), shown in zip(amounts, shares, strict=True)
    ]


def known_text(who: str, unpriced_tokens: int, caveats: Iterable[str], style: NumberStyle) -> str:
    """How an amount is known, for hover and focus. who: whose logs, such as "Claude Code's logs"."""
    parts = [f"Estimated from {who} at each day's list price"]
    if unpriced_tokens:
        parts.append(f"{style.number(unpriced_tokens)} tokens have no known price and are left out")
    parts += [CAVEAT_WORDS[Caveat(caveat)] for caveat in caveats]
    return "; ".join(parts) + "."


def add_up(rows: Iterable[UsageRow]) -> tuple[Decimal | None, int, int, tuple[str, ...], tuple[str, ...]]:
    """List cost, tokens, unpriced tokens, basis and caveats of several rows of one currency together."""
    cost: Decimal | None = None
    tokens = unpriced = 0
    basis: dict[str, None] = {}
    caveats: dict[str, None] = {}
    for row in rows:
        if row.list_cost is not None:
            cost = (cost or ZERO) + row.list_cost
        tokens += row.total_tokens
        unpriced += row.unpriced_tokens
        basis.update(dict.fromkeys(row.basis))
        caveats.update(dict.fromkeys(row.caveats))
    if cost is None and not unpriced:
        cost = ZERO  # nothing was used, and nothing is known exactly
    return cost, tokens, unpriced, tuple(basis), tuple(caveats)


def worth(rows: Iterable[UsageRow], currency: str, who: str, equivalent_text: str, style: NumberStyle) -> Worth:
    """One amount with all that is said of it."""
    cost, tokens, unpriced, basis, caveats = add_up(rows)
    return Worth(
        list_cost=cost,
        currency=currency,
        tokens=tokens,
        unpriced_tokens=unpriced,
        basis=basis,
        caveats=caveats,
        amount_text=amount_text(cost, unpriced, currency, style),
        equivalent_text="" if unpriced and not cost else equivalent_text,
        known_text=known_text(who, unpriced, caveats, style),
    )
