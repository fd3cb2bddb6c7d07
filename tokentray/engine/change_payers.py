"""Payer rules: who pays for an agent, a provider or a project, and from when. What is said last holds."""

import shlex
from collections.abc import Sequence
from itertools import pairwise

from tokentray.engine import change_checks as checks
from tokentray.engine.change_checks import Change
from tokentray.engine.change_rules import begin, give, terms
from tokentray.errors import RefusedError
from tokentray.insight.told_words import day_text, plan_name, rule_text, scope_text, span_text
from tokentray.insight.who_pays import ONE_DAY
from tokentray.model import Payer, PayerKind, PayerRule, Plan, payer_of
from tokentray.program import command
from tokentray.requests import PutRuleBack, RemoveRule, SetPayer


def set_payer(change: Change, request: SetPayer) -> str:
    """The last word on what it speaks of."""
    told = change.told
    agent = checks.agent(request.agent, told, "agent")
    provider = checks.folder_name(request.provider, "The provider", "provider")
    project = checks.folder_name(request.project, "The project", "project")
    payer = _payer(change, request.payer)
    if request.from_day is not None:
        checks.day(request.from_day, "The first day", "from_day")
    new = PayerRule(0, agent, provider, project, request.from_day, payer)
    _refuse_ended(new, told.plans())
    remarks = give(change, new, keep_narrower=request.keep_narrower)
    return " ".join([_sentence(new, told.plans()), *remarks])


def remove_rule(change: Change, request: RemoveRule) -> str:
    """Take a rule back."""
    rules = {rule.id: rule for rule in change.told.payer_rules()}
    if request.id not in rules:
        raise RefusedError(
            f"No rule {request.id}", "", f"`{command()} agents list` shows the rules and their ids", field="id"
        )
    change.told.remove_rule(request.id)
    return f"Removed: {rule_text(rules[request.id], change.told.plans())}."


def put_back(change: Change, request: PutRuleBack) -> str:
    """Give a rule that was taken back its old place."""
    told = change.told
    if request.id in {rule.id for rule in told.payer_rules()}:
        raise RefusedError(f"Rule {request.id} is there", "", "It was put back already", field="id")
    payer = _payer(change, request.payer)
    rule = PayerRule(request.id, request.agent, request.provider, request.project, request.from_day, payer)
    told.put_back_rule(rule, change.now_utc)
    return f"Put back: {rule_text(rule, told.plans())}."


def _payer(change: Change, text: str) -> Payer:
    try:
        payer = payer_of(text.strip().lower())
    except ValueError as exc:
        raise RefusedError(
            "No such payer",
            checks.shortened(text),
            "Say payg, nobody, plan:ID or account:ID",
            field="payer",
        ) from exc
    if payer.kind is PayerKind.PLAN and payer.id not in {plan.id for plan in change.told.plans()}:
        raise RefusedError(
            f"No plan {payer.id}", "", f"`{command()} plans list` shows the plans and their ids", field="payer"
        )
    if payer.kind is PayerKind.ACCOUNT and payer.id not in change.told.account_ids():
        raise RefusedError(
            f"No account {payer.id}", "", f"`{command()} accounts list` shows the accounts and their ids", field="payer"
        )
    return payer


def _refuse_ended(new: PayerRule, plans: Sequence[Plan]) -> None:
    """Refuse a rule that would hold on no day."""
    if new.payer.kind is PayerKind.PLAN and not terms(new, plans):
        name = plan_name(new.payer.id, plans)
        raise RefusedError(
            f"{name} does not run then",
            f"plan {new.payer.id} has ended",
            f"Begin it again first (`{command()} plans add {shlex.quote(name)} --fee N --from D`)",
            field="payer",
        )


def _sentence(rule: PayerRule, plans: Sequence[Plan]) -> str:
    scope = scope_text(rule.agent, rule.provider, rule.project)
    when = f"from {day_text(rule.valid_from)} on" if rule.valid_from else "for all of its history"
    match rule.payer.kind:
        case PayerKind.PLAN:
            return _plan_sentence(rule, scope, plans)
        case PayerKind.ACCOUNT:
            return f"Account {rule.payer.id} pays for {scope} {when}."
        case PayerKind.PAYG:
            return f"You pay for {scope} as you go {when}: its list cost counts as spend."
        case PayerKind.NOBODY:
            return f"Nobody here pays for {scope} {when}: it is shown, and not counted."


def _plan_sentence(rule: PayerRule, scope: str, plans: Sequence[Plan]) -> str:
    held = terms(rule, plans)
    sentence = f"{plan_name(rule.payer.id, plans)} pays for {scope}"
    sentence = f"{sentence} {span_text(begin(rule, plans), held[-1].last_day)}"
    gaps = any(one.last_day and one.last_day + ONE_DAY < other.first_day for one, other in pairwise(held))
    return f"{sentence}, while it runs." if gaps else f"{sentence}."
