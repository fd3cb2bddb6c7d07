"""Payer rules as one SQL expression over a bucket: who pays for it, as an index into a short list.

The last rule that matches wins. Dates are the person's, so a change of payer splits at their midnight.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from tokentray.clock import Zone, day_start_utc
from tokentray.model import Payer, PayerKind, PayerRule, Plan
from tokentray.store import told


class Payers(NamedTuple):
    """sql: an expression over `b` that gives an index into `payers`. payers[0] is None: nobody has said who pays.

    accounts: the labels of the accounts there are, by id.
    """

    sql: str
    payers: tuple[Payer | None, ...]
    accounts: Mapping[int, str]

    def account_of(self, index: int) -> int:
        """The account that a payer is, 0 for any other."""
        payer = self.payers[index]
        return payer.id if payer is not None and payer.kind is PayerKind.ACCOUNT else 0


def payers(connection: sqlite3.Connection, plans: Sequence[Plan], zone: Zone) -> Payers:
    """The rules of a history, for buckets of its local days."""
    rules = told.payer_rules(connection)
    accounts = dict(connection.execute("SELECT id, label FROM sources WHERE kind = 'account'"))
    if not rules:
        return Payers("0", (None,), accounts)
    by_id = {plan.id: plan for plan in plans}
    agents = dict(connection.execute("SELECT name, id FROM sources WHERE kind = 'agent'"))
    distinct: list[Payer | None] = [None, *dict.fromkeys(rule.payer for rule in rules)]
    cases = []
    for rule in reversed(rules):
        condition = _condition(connection, rule, agents, by_id, zone)
        if condition is not None:
            cases.append(f"WHEN {condition} THEN {distinct.index(rule.payer)}")
    return Payers(f"CASE {' '.join(cases)} ELSE 0 END" if cases else "0", tuple(distinct), accounts)


def _condition(
    connection: sqlite3.Connection,
    rule: PayerRule,
    agents: Mapping[str, int],
    plans: Mapping[int, Plan],
    zone: Zone,
) -> str | None:
    """When a rule matches, as SQL; None where it cannot match anything that is in the history."""
    parts = []
    if rule.agent:
        if rule.agent not in agents:
            return None
        parts.append(f"b.source_id = {int(agents[rule.agent])}")
    if rule.provider:
        found = connection.execute("SELECT id FROM models WHERE provider = ?", (rule.provider,))
        parts.append(f"b.model_id IN ({_ids(found)})")
    if rule.project:
        found = connection.execute("SELECT id FROM projects WHERE name = ?", (rule.project,))
        parts.append(f"b.project_id IN ({_ids(found)})")
    if rule.valid_from is not None:
        parts.append(f"b.start >= {day_start_utc(rule.valid_from, zone)}")
    if rule.payer.kind is PayerKind.PLAN:
        plan = plans.get(rule.payer.id)
        terms = [_span(term.first_day, term.last_day, zone) for term in plan.terms] if plan else []
        if not terms:
            return None
        parts.append(f"({' OR '.join(terms)})")
    return " AND ".join(parts) or "1"


def _ids(rows: Iterable[tuple[int]]) -> str:
    return ", ".join(str(int(row[0])) for row in rows)


def _span(first: date, last: date | None, zone: Zone) -> str:
    begun = f"b.start >= {day_start_utc(first, zone)}"
    if last is None:
        return f"({begun})"
    return f"({begun} AND b.start < {day_start_utc(last + timedelta(days=1), zone)})"
