"""The words for what the person told us: fees, rates, days, who pays. Exact: nothing is rounded that was typed."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from tokentray.insight.agent_names import NAMES
from tokentray.insight.reference import thing_names
from tokentray.insight.words import MONTHS
from tokentray.model import ExchangeRate, Payer, PayerKind, PayerRule, Plan, PlanTerm, ReferencePoint
from tokentray.money import NumberStyle, format_money, minor_digits, nanos_to_decimal

NO_NAMES: Mapping[int, str] = {}


def day_text(day: date) -> str:
    """A date to read: "1 Nov 2026"."""
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def exact_money(amount: Decimal, currency: str, style: NumberStyle) -> str:
    """An amount as it was typed, with at least its currency's digits: "$100.00", "$0.005"."""
    return format_money(amount, currency, style, max(minor_digits(currency), _digits(amount)))


def exact_number(value: Decimal, style: NumberStyle) -> str:
    """A number with all its digits and no more: "1.085", "160"."""
    return style.number(value, _digits(value))


def _digits(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def fee_text(term: PlanTerm, style: NumberStyle) -> str:
    """A plan's fee: "$200.00 a month"."""
    return f"{exact_money(nanos_to_decimal(term.fee_nanos), term.currency, style)} a month"


def span_text(first: date, last: date | None) -> str:
    """When something holds: "from 1 Nov 2026", "from 1 Nov 2026 to 30 Nov 2026"."""
    return f"from {day_text(first)}" + (f" to {day_text(last)}" if last else "")


def reference_text(point: ReferencePoint, style: NumberStyle) -> str:
    """A reference point: "$100.00 an hour", "$90,000.00 a year", "$4.50 a coffee"."""
    one = {"hourly": "an hour", "pay": "a year"}.get(point.kind) or one_of(point.name)
    return f"{exact_money(point.amount, point.currency, style)} {one}"


def one_of(name: str) -> str:
    """One of a thing, as in "$4.50 a coffee"."""
    one, _ = thing_names(name)
    return f"{'an' if one.lower().startswith(('a', 'e', 'i', 'o', 'u')) else 'a'} {one}"


def exchange_text(rate: ExchangeRate, style: NumberStyle) -> str:
    """An exchange rate: "1 EUR is 1.085 USD"."""
    return f"1 {rate.base} is {exact_number(rate.rate, style)} {rate.quote}"


def agent_text(agent: str) -> str:
    """An agent by the name people know; its id where this build does not know it."""
    return NAMES.get(agent) or agent or "any agent"


def payer_text(payer: Payer, plans: Iterable[Plan], accounts: Mapping[int, str] = NO_NAMES) -> str:
    """Who pays, in a table or a form: "Claude Max, a plan", "OpenAI, an account", "you, as you go", "nobody here".

    accounts: their labels by id.
    """
    if payer.kind is PayerKind.PLAN:
        return f"{plan_name(payer.id, plans)}, a plan"
    if payer.kind is PayerKind.ACCOUNT:
        return f"{accounts[payer.id]}, an account" if payer.id in accounts else f"account {payer.id}"
    return "you, as you go" if payer.kind is PayerKind.PAYG else "nobody here"


def plan_name(plan_id: int, plans: Iterable[Plan]) -> str:
    """A plan by its name."""
    return next((plan.name for plan in plans if plan.id == plan_id), f"plan {plan_id}")


def scope_text(agent: str, provider: str, project: str) -> str:
    """What a rule speaks of: "Codex", "Codex in project shop", "Codex with provider openai"."""
    text = agent_text(agent)
    if provider:
        text += f" with provider {provider}"
    return f"{text} in project {project}" if project else text


def rule_text(rule: PayerRule, plans: Iterable[Plan], accounts: Mapping[int, str] = NO_NAMES) -> str:
    """A payer rule: "Codex in project shop, from 1 Nov 2026: nobody here pays"."""
    since = f", from {day_text(rule.valid_from)}" if rule.valid_from else ""
    return f"{scope_text(rule.agent, rule.provider, rule.project)}{since}: {pays_text(rule.payer, plans, accounts)}"


def pays_text(payer: Payer, plans: Iterable[Plan], accounts: Mapping[int, str] = NO_NAMES) -> str:
    """Who pays, as the end of a sentence: "Claude Max pays", "you pay as you go", "nobody here pays"."""
    if payer.kind is PayerKind.PLAN:
        return f"{plan_name(payer.id, plans)} pays"
    if payer.kind is PayerKind.ACCOUNT:
        return f"{accounts.get(payer.id, f'account {payer.id}')} pays"
    return "you pay as you go" if payer.kind is PayerKind.PAYG else "nobody here pays"
