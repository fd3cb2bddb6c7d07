"""Puts a rule at the end of the list of payer rules, where it is the last word, and says what that does to others."""

import shlex
from collections.abc import Sequence
from datetime import date
from itertools import product
from typing import NamedTuple

from tokentray.engine.change_checks import Change
from tokentray.insight.told_words import rule_text
from tokentray.insight.who_pays import payer_on, rule_on, turning_days
from tokentray.insight.words import listed
from tokentray.model import PayerKind, PayerRule, Plan, PlanTerm
from tokentray.program import command

_Scope = tuple[str, str, str]
"""Agent, provider and project of a rule, "" for any."""


def give(change: Change, new: PayerRule, *, keep_narrower: bool, until: date | None = None) -> list[str]:
    """Add a rule; what that does to others, in sentences.

    Those of the same agent, provider and project that can never match any more go. keep_narrower: those for one
    provider or project alone go on to hold. until: the last day that is meant, where the rule's plan runs again later.
    """
    told = change.told
    plans, rules = told.plans(), told.payer_rules()
    given = _Given(new, until, rules, plans)
    replaced = _put(change, new)
    covered = [rule for rule in rules if rule not in replaced and given.covers(rule)]
    narrower = [rule for rule in covered if _scope(rule) != _scope(new)]
    later = [rule for rule in covered if rule not in narrower and begin(rule, plans) >= begin(new, plans)]
    given.say_again(change, [_scope(new)])  # who pays after `until` goes on to
    if keep_narrower and _are_stood_over(narrower, rules):
        # As the last words they would hold on days on which something else did: only where they held, then.
        given.say_again(change, _parts(new, rules))
    elif keep_narrower:
        for rule in narrower:
            told.remove_rule(rule.id)
            _add(change, rule)
    others = [rule for rule in replaced if rule._replace(id=0) != new]
    return _remarks(others, later, narrower, keep_narrower, plans)


def terms(rule: PayerRule, plans: Sequence[Plan]) -> list[PlanTerm]:
    """The terms of its plan in which a rule matches."""
    since = rule.valid_from or date.min
    known = [term for plan in plans if plan.id == rule.payer.id for term in plan.terms]
    return [term for term in known if term.last_day is None or since <= term.last_day]


def begin(rule: PayerRule, plans: Sequence[Plan]) -> date:
    """The first day on which a rule matches: date.min for all history, date.max for never."""
    since = rule.valid_from or date.min
    if rule.payer.kind is not PayerKind.PLAN:
        return since
    return max(since, min((term.first_day for term in terms(rule, plans)), default=date.max))


class _Given(NamedTuple):
    """A new rule and the last day that is meant by it, with the rules before it."""

    new: PayerRule
    until: date | None
    rules: Sequence[PayerRule]
    plans: Sequence[Plan]

    @property
    def days(self) -> list[date]:
        """The days from the new rule's first on at which the payer may be another."""
        return turning_days([*self.rules, self.new], self.plans, begin(self.new, self.plans), None)

    def covers(self, rule: PayerRule) -> bool:
        """Whether the new rule stands over all of one that holds, or will once its plan runs."""
        scope = _scope(rule)
        if scope != _scope(self.new) and not _is_narrower(rule, self.new):
            return False
        days = [day for day in self.days if rule_on(day, [rule], self.plans, *scope)]
        return not days or any(self._held(day, scope) == rule and self._takes(day, scope) for day in days)

    def say_again(self, change: Change, scopes: Sequence[_Scope]) -> None:
        """Say what the new rule is not to stand over again, behind it."""
        for scope, day in product(scopes, self.days):
            held = self._held(day, scope)
            taken = self._takes(day, scope) and not (held and _is_narrower(held, self.new))
            payer = self.new.payer if taken else held.payer if held else None
            if payer and payer != payer_on(day, change.told.payer_rules(), self.plans, *scope):
                _put(change, PayerRule(0, *scope, None if day == date.min else day, payer))

    def _held(self, day: date, scope: _Scope) -> PayerRule | None:
        return rule_on(day, self.rules, self.plans, *scope)

    def _takes(self, day: date, scope: _Scope) -> bool:
        meant = self.until is None or day <= self.until
        return meant and rule_on(day, [self.new], self.plans, *scope) is not None


def _put(change: Change, new: PayerRule) -> list[PayerRule]:
    """Add a rule, and remove those that can never match any more because of it. Returns these."""
    plans = change.told.plans()
    replaced = [rule for rule in change.told.payer_rules() if _replaces(new, rule, plans)]
    for rule in replaced:
        change.told.remove_rule(rule.id)
    _add(change, new)
    return replaced


def _add(change: Change, rule: PayerRule) -> None:
    _, agent, provider, project, since, payer = rule
    change.told.add_rule(agent, provider, project, since, payer, change.now_utc)


def _replaces(new: PayerRule, rule: PayerRule, plans: Sequence[Plan]) -> bool:
    """A plan has an end, so it replaces only what is said of itself."""
    if _scope(rule) != _scope(new) or (new.payer.kind is PayerKind.PLAN and rule.payer != new.payer):
        return False
    return begin(rule, plans) >= begin(new, plans)


def _scope(rule: PayerRule) -> _Scope:
    return rule.agent, rule.provider, rule.project


def _is_narrower(rule: PayerRule, new: PayerRule) -> bool:
    """Whether a rule speaks of a part of what another speaks of: of one provider or project alone."""
    part = new.provider in ("", rule.provider) and new.project in ("", rule.project)
    return rule.agent == new.agent and part and _scope(rule) != _scope(new)


def _are_stood_over(narrower: Sequence[PayerRule], rules: Sequence[PayerRule]) -> bool:
    """Whether a rule after some of these can match what they match, so that their places matter."""
    return any(
        all(one == other or "" in (one, other) for one, other in zip(_scope(rule), _scope(later), strict=True))
        for rule in narrower
        for later in rules[rules.index(rule) + 1 :]
        if later not in narrower
    )


def _parts(new: PayerRule, rules: Sequence[PayerRule]) -> list[_Scope]:
    """What narrower rules tell apart, the wider parts first."""
    narrower = [rule for rule in rules if _is_narrower(rule, new)]
    providers = {new.provider, *(rule.provider for rule in narrower)}
    projects = {new.project, *(rule.project for rule in narrower)}
    parts = [(new.agent, *part) for part in product(sorted(providers), sorted(projects))]
    return sorted(parts, key=lambda part: -part.count(""))


def _remarks(
    replaced: Sequence[PayerRule],
    later: Sequence[PayerRule],
    narrower: Sequence[PayerRule],
    keep_narrower: bool,
    plans: Sequence[Plan],
) -> list[str]:
    sentences = []
    if replaced:
        sentences.append(f"That is in place of {_quoted(replaced, plans)}.")
    if stood_over := [*later, *([] if keep_narrower else narrower)]:
        sentences.append(f"As the later word it also stands over {_quoted(stood_over, plans)}.")
    if narrower and keep_narrower:
        kept = listed([f"“{rule_text(rule, plans)}”" for rule in narrower])  # behind the new one it has another id
        sentences.append(f"{kept} {'goes' if len(narrower) == 1 else 'go'} on to hold.")
    elif narrower:
        again = listed([f"`{_command(rule)}`" for rule in narrower])
        sentences.append(f"{again} {'lets that' if len(narrower) == 1 else 'let those'} hold again.")
    return sentences


def _quoted(rules: Sequence[PayerRule], plans: Sequence[Plan]) -> str:
    return listed([f"“{rule_text(rule, plans)}” (rule {rule.id})" for rule in rules])


def _command(rule: PayerRule) -> str:
    """The command that says a rule."""
    named = (("--provider", rule.provider), ("--project", rule.project), ("--from", str(rule.valid_from or "")))
    options = [part for option, value in named if value for part in (option, value)]
    return f"{command()} agents set {shlex.join([rule.agent, '--paid-by', str(rule.payer), *options])}"
