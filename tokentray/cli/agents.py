"""`agents`: which coding agents were found here, what was read of each, and who pays for them."""

import argparse
import os
from collections.abc import Mapping
from typing import NamedTuple

from tokentray.agents import AGENTS
from tokentray.cli.context import Context, print_json, table, visible
from tokentray.cli.telling import tell
from tokentray.cli.values import day_of
from tokentray.clock import local_date, rfc3339
from tokentray.insight.source_names import account_labels
from tokentray.insight.told_words import agent_text, payer_text
from tokentray.insight.who_pays import payer_on
from tokentray.model import Payer, PayerRule, Plan
from tokentray.paths import is_folder, person_home
from tokentray.requests import RemoveRule, SetPayer
from tokentray.store.history import History
from tokentray.store.queries import AgentTotals, SourceRow


class _Listed(NamedTuple):
    """One agent: what is on this machine, what the history holds, and who pays today (None: nobody said)."""

    id: str
    label: str
    found: bool
    source: SourceRow | None
    totals: AgentTotals
    payer: Payer | None
    rules: tuple[PayerRule, ...]


def list_agents(context: Context, options: argparse.Namespace) -> int:
    """Every agent this build reads, then those that only the history knows; then every rule on who pays."""
    with History(context.paths.history) as history:
        plans = history.plans()
        rules = history.payer_rules()
        accounts = account_labels(history.sources())
        listed = _listed(context, history, rules, plans)
    if options.json:
        print_json([_json(context, agent) for agent in listed])
        return 0
    number = context.style.number
    rows = [
        [
            agent.label,
            _state(agent),
            visible(payer_text(agent.payer, plans, accounts)) if agent.payer else "",
            number(agent.totals.files),
            number(agent.totals.sessions),
            number(agent.totals.requests),
        ]
        for agent in listed
    ]
    print(table(["", "", "paid by", "files", "sessions", "requests"], rows, 3))
    if rules:
        print("\nWho pays")
        print(table(["rule", "agent", "provider", "project", "from", "paid by"], _rule_rows(rules, plans, accounts), 6))
        print("The last that matches holds.")
    return 0


def _rule_rows(rules: list[PayerRule], plans: list[Plan], accounts: Mapping[int, str]) -> list[list[str]]:
    return [
        [
            str(rule.id),
            agent_text(rule.agent),
            visible(rule.provider),
            visible(rule.project),
            str(rule.valid_from or ""),
            visible(payer_text(rule.payer, plans, accounts)),
        ]
        for rule in rules
    ]


def set_payer(context: Context, options: argparse.Namespace) -> int:
    """Say who pays for an agent, from a day on or for all of its history: the last word, also over narrower rules."""
    request = SetPayer(
        agent=options.agent,
        payer=options.paid_by,
        provider=options.provider,
        project=options.project,
        from_day=None if options.from_day is None else day_of(options.from_day, "--from"),
    )
    return tell(context, request)


def unset_payer(context: Context, options: argparse.Namespace) -> int:
    """Take a rule back. Exit status 2 where there is none."""
    return tell(context, RemoveRule(options.id))


def _listed(context: Context, history: History, rules: list[PayerRule], plans: list[Plan]) -> list[_Listed]:
    today = local_date(context.clock.now_utc(), context.zone)
    sources = {source.name: source for source in history.sources() if source.kind == "agent"}
    totals = {name: history.agent_totals(source) for name, source in sources.items()}
    known = [
        (agent.id, agent.label, any(is_folder(root) for root in agent.roots(os.environ, person_home())))
        for agent in AGENTS
    ]
    labels = {rule.agent: rule.agent for rule in rules} | {name: source.label for name, source in sources.items()}
    others = [(name, label, False) for name, label in labels.items() if name not in {id for id, *_ in known}]
    nothing = AgentTotals(0, 0, 0, None, None)
    return [
        _Listed(
            name,
            label,
            found,
            sources.get(name),
            totals.get(name, nothing),
            payer_on(today, rules, plans, name),
            tuple(rule for rule in rules if rule.agent == name),
        )
        for name, label, found in (*known, *others)
    ]


def _state(agent: _Listed) -> str:
    if agent.found:
        return "logs found"
    return "logs gone, history kept" if agent.totals.requests else "no logs here"


def _json(context: Context, agent: _Listed) -> dict[str, object]:
    def moment(at_utc: int | None) -> str | None:
        return None if at_utc is None else rfc3339(at_utc, context.zone)

    return {
        "agent": agent.id,
        "label": agent.label,
        "found": agent.found,
        "files": agent.totals.files,
        "sessions": agent.totals.sessions,
        "requests": agent.totals.requests,
        "first": moment(agent.totals.first_utc),
        "last": moment(agent.totals.last_utc),
        "last_success": moment(agent.source.read_at_utc if agent.source else None),
        "error": (agent.source.error or None) if agent.source else None,
        "payer": str(agent.payer) if agent.payer else None,
        "rules": [
            {
                "id": rule.id,
                "agent": rule.agent,
                "provider": rule.provider,
                "project": rule.project,
                "from": rule.valid_from.isoformat() if rule.valid_from else None,
                "payer": str(rule.payer),
            }
            for rule in agent.rules
        ],
    }
