"""What the person told us: payer rules, plans, charges, notes, reference points, exchange rates; read and written.

Nothing is checked here but what the schema checks; engine.changes says what may be written. A Told is handed out by
Writer.telling() for one transaction, so that what was checked is what is changed.
"""

import sqlite3
from collections.abc import Iterable
from datetime import date

from tokentray.model import (
    Charge,
    ExchangeRate,
    Note,
    Payer,
    PayerKind,
    PayerRule,
    Plan,
    PlanTerm,
    ReferencePoint,
)
from tokentray.money import Nanos, nanos_to_decimal
from tokentray.store.told_accounts import ToldAccounts

FIRST_YEAR, LAST_YEAR = 2000, 2100
"""Every day that is told lies in these: the day or month before or after it is a date still."""
_LEADS = "leading_reference"
_FIRST_RUN = "first_run_done"
_MONTHLY = "monthly_since"


def payer_rules(connection: sqlite3.Connection) -> list[PayerRule]:
    """All rules in the order in which they were given."""
    rows = connection.execute(
        "SELECT id, agent, provider, project, valid_from, payer, payer_id FROM payer_rules ORDER BY id"
    )
    return [PayerRule(row[0], row[1], row[2], row[3], _day(row[4]), Payer(PayerKind(row[5]), row[6])) for row in rows]


def plans(connection: sqlite3.Connection) -> list[Plan]:
    """All plans with their terms, in the order they were added."""
    terms: dict[int, list[PlanTerm]] = {}
    for row in connection.execute(
        "SELECT plan_id, id, fee_nanos, currency, first_day, last_day, cycle_day FROM plan_terms ORDER BY first_day"
    ):
        term = PlanTerm(row[1], Nanos(row[2]), row[3], date.fromisoformat(row[4]), _day(row[5]), row[6])
        terms.setdefault(row[0], []).append(term)
    rows = connection.execute("SELECT id, name, provider FROM plans ORDER BY id")
    return [Plan(row[0], row[1], row[2], tuple(terms.get(row[0], ()))) for row in rows]


def charges(connection: sqlite3.Connection) -> list[Charge]:
    """All charges, oldest first."""
    rows = connection.execute("SELECT id, day, amount_nanos, currency, provider, text FROM charges ORDER BY day, id")
    return [Charge(row[0], date.fromisoformat(row[1]), Nanos(row[2]), *row[3:]) for row in rows]


def notes(connection: sqlite3.Connection, first: date | None = None, last: date | None = None) -> list[Note]:
    """Notes of some days, both ends included, oldest first."""
    rows = connection.execute(
        "SELECT id, day, text, project, quantity_nanos, of_what FROM notes WHERE day BETWEEN ? AND ? ORDER BY day, id",
        (first.isoformat() if first else "", (last or date.max).isoformat()),
    )
    return [
        Note(id_, date.fromisoformat(day), text, project, nanos_to_decimal(Nanos(quantity)) if quantity else None, of)
        for id_, day, text, project, quantity, of in rows
    ]


def exchange_rates(connection: sqlite3.Connection) -> list[ExchangeRate]:
    """All rates, oldest date first."""
    rows = connection.execute(
        "SELECT id, base, quote, rate_nanos, valid_from FROM exchange_rates ORDER BY base, quote, valid_from"
    )
    return [
        ExchangeRate(row[0], row[1], row[2], nanos_to_decimal(Nanos(row[3])), date.fromisoformat(row[4]))
        for row in rows
    ]


def reference_points(connection: sqlite3.Connection) -> list[ReferencePoint]:
    """All reference points, oldest date first. The leading one is what was chosen, else time, else pay, else a thing.

    All rows of the leading kind and name have `leads` set.
    """
    rows = connection.execute(
        "SELECT id, kind, name, amount_nanos, currency, valid_from FROM reference_points ORDER BY kind, valid_from, id"
    ).fetchall()
    chosen = connection.execute("SELECT value FROM meta WHERE key = ?", (_LEADS,)).fetchone()
    kind, _, name = str(chosen[0] if chosen else "").partition(" ")
    series = [(row[1], row[2]) for row in rows]
    order = {"hourly": 0, "pay": 1, "thing": 2}
    leading = (kind, name)
    if leading not in series:
        leading = min(series, key=lambda one: order[one[0]], default=("", ""))
    return [
        ReferencePoint(
            row[0],
            row[1],
            row[2],
            nanos_to_decimal(Nanos(row[3])),
            row[4],
            date.fromisoformat(row[5]),
            (row[1], row[2]) == leading,
        )
        for row in rows
    ]


def first_run_done(connection: sqlite3.Connection) -> bool:
    """Whether the window of the first start was closed once."""
    return connection.execute("SELECT 1 FROM meta WHERE key = ?", (_FIRST_RUN,)).fetchone() is not None


def monthly_since(connection: sqlite3.Connection) -> date | None:
    """The first month that is to be exported by itself, by its first day; None where none is."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (_MONTHLY,)).fetchone()
    return date.fromisoformat(row[0]) if row else None


def agent_plans(connection: sqlite3.Connection) -> dict[str, str]:
    """The plan that an agent's own logs last named, by agent."""
    return dict(connection.execute("SELECT agent, plan_type FROM agent_plans"))


class Told(ToldAccounts):
    """Reads and writes within one transaction."""

    def payer_rules(self) -> list[PayerRule]:
        return payer_rules(self._db)

    def plans(self) -> list[Plan]:
        return plans(self._db)

    def charges(self) -> list[Charge]:
        return charges(self._db)

    def notes(self) -> list[Note]:
        return notes(self._db)

    def exchange_rates(self) -> list[ExchangeRate]:
        return exchange_rates(self._db)

    def reference_points(self) -> list[ReferencePoint]:
        return reference_points(self._db)

    def account_ids(self) -> set[int]:
        """Ids of the accounts there are."""
        return {row[0] for row in self._db.execute("SELECT id FROM sources WHERE kind = 'account'")}

    def agent_ids(self) -> set[str]:
        """Agents that the history holds something of."""
        return {row[0] for row in self._db.execute("SELECT name FROM sources WHERE kind = 'agent'")}

    def add_rule(
        self, agent: str, provider: str, project: str, valid_from: date | None, payer: Payer, now_utc: int
    ) -> int:
        """Add a rule at the end of the list."""
        since = valid_from.isoformat() if valid_from else ""
        return self._insert(
            "payer_rules (agent, provider, project, valid_from, payer, payer_id, created_at)",
            (agent, provider, project, since, payer.kind.value, payer.id, now_utc),
        )

    def put_back_rule(self, rule: PayerRule, now_utc: int) -> None:
        """Give a rule that was removed its old place."""
        since = rule.valid_from.isoformat() if rule.valid_from else ""
        self._insert(
            "payer_rules (id, agent, provider, project, valid_from, payer, payer_id, created_at)",
            (rule.id, rule.agent, rule.provider, rule.project, since, rule.payer.kind.value, rule.payer.id, now_utc),
        )

    def remove_rule(self, rule_id: int) -> bool:
        return self._delete("payer_rules", rule_id)

    def add_plan(self, name: str, provider: str, now_utc: int) -> int:
        return self._insert("plans (name, provider, created_at)", (name, provider, now_utc))

    def add_term(
        self, plan_id: int, fee: Nanos, currency: str, first_day: date, last_day: date | None, cycle_day: int
    ) -> int:
        last = last_day.isoformat() if last_day else ""
        return self._insert(
            "plan_terms (plan_id, fee_nanos, currency, first_day, last_day, cycle_day)",
            (plan_id, fee, currency, first_day.isoformat(), last, cycle_day),
        )

    def end_term(self, term_id: int, last_day: date) -> None:
        self._db.execute("UPDATE plan_terms SET last_day = ? WHERE id = ?", (last_day.isoformat(), term_id))

    def remove_term(self, term_id: int) -> bool:
        return self._delete("plan_terms", term_id)

    def remove_plan(self, plan_id: int) -> bool:
        """With its terms and the rules that name it."""
        self._db.execute("DELETE FROM payer_rules WHERE payer = 'plan' AND payer_id = ?", (plan_id,))
        self._db.execute("DELETE FROM plan_terms WHERE plan_id = ?", (plan_id,))
        return self._delete("plans", plan_id)

    def add_charge(self, day: date, amount: Nanos, currency: str, provider: str, text: str, now_utc: int) -> int:
        return self._insert(
            "charges (day, amount_nanos, currency, provider, text, created_at)",
            (day.isoformat(), amount, currency, provider, text, now_utc),
        )

    def remove_charge(self, charge_id: int) -> bool:
        return self._delete("charges", charge_id)

    def add_note(self, day: date, text: str, project: str, quantity: Nanos, of: str, now_utc: int) -> int:
        """quantity: 0 for none."""
        return self._insert(
            "notes (day, text, project, quantity_nanos, of_what, created_at)",
            (day.isoformat(), text, project, quantity, of, now_utc),
        )

    def change_note(self, note_id: int, day: date, text: str, project: str, quantity: Nanos, of: str) -> bool:
        changed = self._db.execute(
            "UPDATE notes SET day = ?, text = ?, project = ?, quantity_nanos = ?, of_what = ? WHERE id = ?",
            (day.isoformat(), text, project, quantity, of, note_id),
        )
        return changed.rowcount > 0

    def remove_note(self, note_id: int) -> bool:
        return self._delete("notes", note_id)

    def add_reference(self, kind: str, name: str, amount: Nanos, currency: str, since: date, now_utc: int) -> int:
        return self._insert(
            "reference_points (kind, name, amount_nanos, currency, valid_from, created_at)",
            (kind, name, amount, currency, since.isoformat(), now_utc),
        )

    def remove_reference(self, reference_id: int) -> bool:
        return self._delete("reference_points", reference_id)

    def lead(self, kind: str, name: str) -> None:
        """Make the reference points of a kind and name the ones that amounts are shown in."""
        self._db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (_LEADS, f"{kind} {name}"))

    def set_rate(self, base: str, quote: str, rate_nanos: int, since: date) -> int:
        """Add an exchange rate, or change the one of that day."""
        self._db.execute(
            "DELETE FROM exchange_rates WHERE base = ? AND quote = ? AND valid_from = ?",
            (base, quote, since.isoformat()),
        )
        return self._insert(
            "exchange_rates (base, quote, rate_nanos, valid_from)", (base, quote, rate_nanos, since.isoformat())
        )

    def remove_rate(self, rate_id: int) -> bool:
        return self._delete("exchange_rates", rate_id)

    def finish_first_run(self) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, '1')", (_FIRST_RUN,))

    def begin_monthly(self, first: date) -> None:
        """From which month on months are exported by themselves."""
        self._db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (_MONTHLY, first.isoformat()))

    def end_monthly(self) -> None:
        self._db.execute("DELETE FROM meta WHERE key = ?", (_MONTHLY,))

    def _insert(self, table: str, values: Iterable[str | int]) -> int:
        row = tuple(values)
        inserted = self._db.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))}) RETURNING id", row)
        return int(inserted.fetchone()[0])

    def _delete(self, table: str, row_id: int) -> bool:
        return self._db.execute(f"DELETE FROM {table} WHERE id = ?", (row_id,)).rowcount > 0


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
