"""Histories whose months are exported, and what `usage` says of their months."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from tests.unit.export_month import OPUS, TERRA, call, charge, make, nanos, plan, rate, rule, tell, utc
from tokentray.model import LogEvent, PayerKind
from tokentray.money import exact_sum
from tokentray.store.writer import Writer

KEYS = ("day", "agent", "model", "project", "source", "payer")
TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens")
TO_USD = {"USD": Decimal(1), "EUR": Decimal("1.25")}
"""What `several` is told of rates; from CHF none leads anywhere."""


class Exact(NamedTuple):
    """What `usage` says of a group, unrounded, in USD."""

    cost: Decimal
    list_cost: Decimal
    requests: int
    tokens: int


@dataclass(frozen=True)
class Case:
    """A month of a history. of_spend: whether spend leads. names: what redaction has to take away."""

    month: str
    of_spend: bool = True
    redact: bool = False
    names: Sequence[str] = ()


@dataclass(frozen=True)
class Month:
    """The files of a month by format, and the rows of `usage` of the same days."""

    case: Case
    files: Mapping[str, bytes]
    rows: Sequence[Mapping[str, Any]]

    @property
    def counted(self) -> list[Mapping[str, Any]]:
        """What the totals are of: what the person pays, in a currency that can be told in theirs."""
        return [row for row in self.rows if not self.case.of_spend or (_is_paid(row) and _converts(row))]

    def groups(self, title: str) -> dict[str, Exact]:
        """By the keys that the files' tables have."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for row in self.counted:
            found.setdefault(_line_of(row) if title == "Source" else row[title.lower()], []).append(row)
        return {name: exact(of_it) for name, of_it in found.items()}


def _is_paid(row: Mapping[str, Any]) -> bool:
    return bool(row["payer"] or row["source"].startswith("charge:")) and row["payer"] != "nobody"


def _converts(row: Mapping[str, Any]) -> bool:
    return row["currency"] in TO_USD or not Decimal(row["cost"])


def _line_of(row: Mapping[str, Any]) -> str:
    payer: str = row["payer"]
    return payer if payer.startswith(("plan:", "account:")) else str(row["source"])


def exact(rows: Iterable[Mapping[str, Any]]) -> Exact:
    of_it = list(rows)
    return Exact(
        exact_sum([Decimal(row["cost"]) * TO_USD.get(row["currency"], 0) for row in of_it]),
        exact_sum([Decimal(row["list_cost"] or 0) * TO_USD.get(row["currency"], 0) for row in of_it]),
        sum(row["requests"] for row in of_it),
        sum(row[kind] for row in of_it for kind in TOKENS),
    )


def calls() -> dict[str, list[LogEvent]]:
    """Of October 2026: odd counts, names that a spreadsheet would compute, more projects than a page has room for."""
    return {
        "claude-code": [
            call(f"2026-10-{day:02d} 10:00", OPUS, f"p{day % 14}", (day, 7 * day + 1, 100 * day))
            for day in range(1, 32)
        ],
        "codex": [call(f"2026-10-{day:02d} 12:00", TERRA, "=SUM(A1)", (10**6, day, 0)) for day in range(3, 9)],
        "pi": [call("2026-10-09 09:00", "a-model-of-one's-own", "tides", (1000, 2000))],
    }


def in_several_currencies(home: Path) -> None:
    """Three currencies of which two convert, amounts below nothing and of a hundredth of a cent, and no price."""
    path = make(home / "history.db", calls(), read_at="2026-11-05 12:00", hourly="100")
    tell(
        path,
        plan("Flat", "90", "claude-code", currency="EUR"),
        rule("codex", PayerKind.PAYG),
        rule("pi", PayerKind.NOBODY),
        rate("EUR", "USD", "1.25"),
        charge("2026-10-05", "0.0004", "hardly anything"),
        charge("2026-10-06", "12.50", "in francs", "CHF"),
        charge("2026-10-07", "1234567.89", "the whole hall"),
    )
    (home / "settings.toml").write_text('[money]\ncurrency = "USD"\n', encoding="utf-8")
    bill(path, ("04", "-31.004", "USD"), ("05", "-0.0021", "USD"), ("06", "3.333", "USD"), ("07", "-3.25", "EUR"))


def bill(path: Path, *amounts: tuple[str, str, str]) -> None:
    """An account whose cost report has these items: day of October, amount and currency."""
    writer = Writer(path)
    account = writer.source("account", "a-uuid", "OpenAI, my key", "openai", 0)
    ends = utc("2026-11-01 00:00")
    span = (account, utc("2026-10-01 00:00"), ends, ends)
    writer.connection.execute("INSERT INTO feed_spans VALUES (?, 'billed', ?, ?, ?)", span)
    for day, amount, currency in amounts:
        row = (utc(f"2026-10-{day} 00:00"), 86_400, account, 0, "credit", "", currency, nanos(amount))
        writer.connection.execute("INSERT INTO billed_buckets VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    writer.connection.commit()
    writer.close()
