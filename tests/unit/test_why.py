"""Why a month differs, worked out by hand: every line of product.md's sentence on numbers small enough to check."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import pytest

from tokentray.insight.exchange import Exchange
from tokentray.insight.tally import Home
from tokentray.insight.why import Why, explain
from tokentray.insight.why_rows import LineKey, LineKind
from tokentray.model import ExchangeRate, UsageRow

NO_HOME = Home("", Exchange([]))


def use(
    model: str,
    kind: str,
    tokens: int,
    cost: str,
    *,
    payer: str = "payg",
    worth: str = "",
    currency: str = "USD",
    day: str = "2026-10-05",
    unpriced: int = 0,
    source: str = "codex",
    basis: str = "estimated",
) -> UsageRow:
    """Tokens of one kind. worth: their list cost, what they cost without it."""
    keys = {"day": day, "provider": "maker", "model": model, "kind": kind, "source": source, "payer": payer}
    counts = [tokens if kind == name else 0 for name in ("input", "output")]
    paid = unpriced if payer in ("payg", "account:1") else 0
    return UsageRow(
        tuple(keys.items()), 0, counts[0], counts[1], 0, 0, 0, 0, 0, Decimal(cost), Decimal(worth or cost),
        unpriced, paid, currency, (basis,), (),
    )  # fmt: skip


def fee(amount: str, currency: str = "USD", plan: int = 1, day: str = "2026-10-05") -> UsageRow:
    """A plan's fee."""
    return use(
        "",
        "",
        0,
        amount,
        payer=f"plan:{plan}",
        worth="0",
        currency=currency,
        day=day,
        source=f"plan:{plan}",
        basis="plan",
    )


def of(*amounts: int | str) -> tuple[Decimal, ...]:
    """Amounts of money."""
    return tuple(map(Decimal, amounts))


def no_price(provider: str, model: str, kind: str) -> None:
    """A price table that knows nothing."""


def why(before: Iterable[UsageRow], after: Iterable[UsageRow], home: Home = NO_HOME, *, of_worth: bool = False) -> Why:
    """The one Why there is."""
    (one,) = explain(before, after, home, no_price, of_worth=of_worth)
    return one


def closes(one: Why) -> None:
    """Every row adds up to its change, and every column to its total."""
    rows = [*(model.carried for model in one.models), *(line.carried for line in one.lines)]
    for row in (*rows, one.whole):
        assert row.fees + row.other + row.volume + row.mix_models + row.mix_kinds + row.price == row.after - row.before
    for field in ("before", "after", "fees", "other", "volume", "mix_models", "mix_kinds", "price", "exchange"):
        assert sum(getattr(row, field) for row in rows) == getattr(one.whole, field)


def test_volume_mix_and_price_by_hand() -> None:
    """100 in and 10 out for 3 before; 150 in at half the price and 40 out at the same: 4.75 now.

    P̄₀ = 3/110; volume = 80·3/110; price = 150·(0.005-0.01); the rest is the shift from input to output.
    """
    before = [use("m", "input", 100, "1"), use("m", "output", 10, "2")]
    after = [use("m", "input", 150, "0.75"), use("m", "output", 40, "8")]
    one = why(before, after)
    whole = one.whole
    assert (whole.before, whole.after) == of(3, "8.75")
    assert whole.volume == Decimal("2.181818182")
    assert whole.price == Decimal("-0.75")
    assert whole.mix_models == 0
    assert whole.mix_kinds == Decimal("5.75") + Decimal("0.75") - Decimal("2.181818182")
    assert (whole.fees, whole.other) == of(0, 0)
    closes(one)


def test_a_shift_between_models_is_mix_of_models() -> None:
    """100 tokens move from a model at 0.01 to one at 0.05: 4 dearer, nothing else."""
    before = [use("cheap", "input", 300, "3"), use("dear", "input", 100, "5")]
    after = [use("cheap", "input", 200, "2"), use("dear", "input", 200, "10")]
    whole = why(before, after).whole
    assert (whole.volume, whole.mix_models, whole.mix_kinds, whole.price) == of(0, 4, 0, 0)


def test_a_model_not_used_before_is_measured_by_its_list_price_then() -> None:
    """20 a token at list price at the end of the month before, paid with 15 now: 5 a token are price."""
    listed: list[tuple[str, str, str]] = []

    def list_price(*asked: str) -> tuple[Decimal, str]:
        listed.append((asked[0], asked[1], asked[2]))
        return Decimal(20), "USD"

    before = [use("old", "input", 10, "100")]
    after = [use("old", "input", 10, "100"), use("new", "output", 2, "30")]
    (one,) = explain(before, after, NO_HOME, list_price, of_worth=False)
    assert listed == [("maker", "new", "output")]
    assert one.whole.price == -10
    assert one.whole.volume == 20
    assert one.whole.mix_models == 2 * 20 - 2 * 10
    closes(one)
    assert why(before, after).whole.price == 0, "without a list price it is measured by what it costs now"


def test_nothing_used_before_is_not_split() -> None:
    """What tokens explain is one line then; fees stand apart as ever."""
    one = why([fee("20")], [fee("25"), use("m", "input", 10, "7")])
    assert not one.split
    assert (one.whole.fees, one.whole.volume, one.whole.mix, one.whole.price) == of(5, 7, 0, 0)
    closes(one)


def test_nothing_used_now_is_all_volume() -> None:
    """A month of nothing after one of use."""
    one = why([fee("20"), use("m", "input", 10, "7"), use("n", "output", 1, "2")], [])
    assert one.split
    assert (one.whole.fees, one.whole.volume, one.whole.mix, one.whole.price) == of(-20, -9, 0, 0)
    closes(one)


def test_what_no_token_count_explains_stands_in_lines_of_its_own() -> None:
    """Searches, charges, and bills without tokens; a plan's tokens cost nothing and are left out."""
    after = [
        use("m", "search", 0, "0.3"),
        use("", "", 0, "4", payer="", source="charge:1", basis="charge"),
        use("", "", 0, "2", payer="account:1", source="account:1", basis="billed"),
        use("m", "", 0, "1", payer="account:1", source="account:1", basis="billed"),
        use("m", "output", 900, "0", payer="plan:1", worth="90"),
        use("m", "output", 900, "0", payer="nobody", worth="90"),
    ]
    one = why([], after)
    assert [(part.key, part.carried.other) for part in one.lines] == [
        (LineKey(LineKind.SEARCHES, ""), Decimal("0.3")),
        (LineKey(LineKind.CHARGE, "maker"), Decimal(4)),
        (LineKey(LineKind.BILLED, "account:1"), Decimal(3)),
    ]
    assert one.models == ()
    assert one.whole.other == Decimal("7.3")
    closes(one)


def test_worth_is_of_all_tokens_and_no_fees() -> None:
    """At list price it does not matter who pays."""
    before = [fee("20"), use("m", "output", 10, "0", payer="plan:1", worth="5")]
    after = [fee("25"), use("m", "output", 20, "0", payer="nobody", worth="10")]
    whole = why(before, after, of_worth=True).whole
    assert (whole.before, whole.after, whole.fees, whole.volume) == of(5, 10, 0, 5)


def test_tokens_without_a_price_are_left_out_and_counted() -> None:
    """Neither in Q nor in any amount; those that the person pays for are told."""
    before = [use("m", "input", 10, "1")]
    after = [use("m", "input", 25, "1", unpriced=15), use("x", "input", 7, "0", worth="0", unpriced=7, payer="plan:1")]
    one = why(before, after)
    assert one.whole.change == 0
    assert (one.unpriced_before, one.unpriced_after) == (0, 15)
    assert (one.whole.tokens_before, one.whole.tokens_after) == (10, 10)
    (worth,) = explain(before, after, NO_HOME, no_price, of_worth=True)
    assert worth.unpriced_after == 22


def rate(base: str, quote: str, value: str, since: str) -> ExchangeRate:
    """A rate from a day on."""
    return ExchangeRate(1, base, quote, Decimal(value), date.fromisoformat(since))


def test_what_the_exchange_rate_alone_made_is_other() -> None:
    """The same dollars at 0.8 and then at 0.9 to the euro: nothing but exchange, of the tokens and of the fee."""
    home = Home("EUR", Exchange([rate("USD", "EUR", "0.8", "2026-10-01"), rate("USD", "EUR", "0.9", "2026-11-01")]))
    before = [use("m", "input", 10, "50"), fee("100")]
    after = [use("m", "input", 10, "50", day="2026-11-05"), fee("100", day="2026-11-05")]
    one = why(before, after, home)
    assert one.currency == "EUR"
    assert (one.whole.before, one.whole.after) == of(120, 135)
    assert (one.whole.fees, one.whole.volume, one.whole.mix, one.whole.price) == of(0, 0, 0, 0)
    assert (one.whole.other, one.whole.exchange) == of(15, 15)
    closes(one)
    doubled = why(before, [use("m", "input", 20, "100", day="2026-11-05")], home).whole
    assert (doubled.volume, doubled.fees, doubled.exchange) == of(40, -80, 10)


def test_what_no_rate_leads_home_from_is_told_apart() -> None:
    """One Why for the person's own currency, one for the other; never one to one."""
    home = Home("EUR", Exchange([rate("USD", "EUR", "0.8", "2026-10-01")]))
    found = explain([use("m", "input", 10, "50")], [fee("9", "CHF")], home, no_price, of_worth=False)
    assert [(one.currency, one.whole.change) for one in found] == [("EUR", Decimal(-40)), ("CHF", Decimal(9))]


def test_tokens_stand_with_their_bill() -> None:
    """Listed in dollars and billed in euros: the price paid is in euros, where nothing leads from one to the other."""

    def month(tokens: int, paid: str) -> list[UsageRow]:
        listed = use("m", "input", tokens, "0", worth="3", payer="account:1", source="account:1", basis="billed")
        bill = use(
            "m", "input", 0, paid, worth="0", currency="EUR", payer="account:1", source="account:1", basis="billed"
        )
        return [listed, bill]

    one = why(month(10, "5"), month(20, "10"))
    assert one.currency == "EUR"
    assert (one.whole.volume, one.whole.other) == of(5, 0)
    assert not one.models[0].carried.estimated


def test_nothing_of_either_month_is_no_answer() -> None:
    """Nothing to tell."""
    assert explain([], [], NO_HOME, no_price, of_worth=False) == ()


@pytest.mark.parametrize("size", ["0.000001", "9999999.123456789"])
def test_any_size(size: str) -> None:
    """A millionth and ten millions add up alike."""
    before = [use("a", "input", 7, size), use("b", "output", 11, "0.000000000000003")]
    after = [use("a", "output", 13, "0.000000000000001"), use("c", "input", 3, size)]
    closes(why(before, after))


def test_tokens_without_a_price_belong_to_the_leading_currency() -> None:
    """They have no currency of their own: nothing is told apart for them, whatever the person's currency."""
    home = Home("EUR", Exchange([]))
    after = [use("m", "input", 10, "5"), use("x", "input", 7, "0", worth="0", unpriced=7)]
    (one,) = explain([], after, home, no_price, of_worth=False)
    assert (one.currency, one.unpriced_after, one.after.unpriced_paid_tokens) == ("USD", 7, 7)
    (bare,) = explain([], after[1:], home, no_price, of_worth=False)
    assert (bare.models, bare.lines, bare.unpriced_after) == ((), (), 7)
