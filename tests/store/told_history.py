"""A history with something in every table that can be backed up, and all that it holds as one value to compare."""

import random
import sqlite3
from datetime import date
from pathlib import Path
from typing import Any

from tokentray.clock import FixedClock, UtcSeconds
from tokentray.engine.refresh import sync_prices
from tokentray.model import ExportedFile, ExportRecord, LogEvent, Payer, PayerKind
from tokentray.money import Nanos
from tokentray.prices import lookup
from tokentray.store.backup import back_up
from tokentray.store.restore import NAMES, REBUILT, REPLACED
from tokentray.store.writer import Batch, Writer

START = 1_772_000_100
NOW = 1_790_000_000
MODELS = (("anthropic", "claude-opus-4-8"), ("openai", "gpt-5.6-terra"), ("", "a model of nobody's"))
AGENTS = ("claude-code", "codex")
RESTORED = (*NAMES, *REPLACED, *REBUILT)


def make_history(path: Path, seed: int = 1, calls: int = 60) -> Path:
    """Made-up calls of two agents, what they were told to cost, who pays, and an account with reports of its own."""
    rng = random.Random(seed)
    writer = Writer(path)
    sync_prices(writer, FixedClock(UtcSeconds(NOW)))
    for agent in rng.sample(AGENTS, 2):
        source = writer.source("agent", agent, agent.title(), "anthropic", START)
        events = [_call(rng, number, agent, seed) for number in range(calls)]
        writer.add_models({pair: lookup.find(*pair) for pair in sorted(writer.new_models(events))}, NOW)
        writer.apply(Batch(source, f"host-{seed}", events, []))
        writer.mark_read(source, NOW - seed)
    writer.rebuild()
    _tell(writer, seed)
    _report(writer, seed)
    writer.close()
    return path


def _call(rng: random.Random, number: int, agent: str, seed: int) -> LogEvent:
    provider, model = rng.choice(MODELS)
    # Every third is repeated by a sub-agent under another request id, and so is kept but does not count.
    side = int(number % 3 == 2)
    return LogEvent(
        seed * 10**9 + (number - side) * 2 + AGENTS.index(agent), side * number, START + rng.randrange(60 * 86_400),
        provider, model, rng.randrange(2), rng.choice(["", "/src/harbour", "/src/b"]), f"session-{rng.randrange(9)}",
        side, rng.randrange(400_000), rng.randrange(5000), 7, rng.randrange(90_000), 5, 6, rng.randrange(3),
        rng.randrange(2),
    )  # fmt: skip


def _tell(writer: Writer, seed: int) -> None:
    account = writer.source("account", f"openai:{seed}", "my key", "openai", START)
    with writer.telling() as told:
        plan = told.add_plan(f"Max {seed}", "anthropic", NOW)
        told.add_term(plan, Nanos(200 * 10**9 + seed), "USD", date(2026, 1, 5), date(2026, 3, 4), 5)
        told.add_term(plan, Nanos(100 * 10**9), "EUR", date(2026, 3, 5), None, 28)
        told.add_rule("claude-code", "", "", None, Payer(PayerKind.PLAN, plan), NOW)
        told.add_rule("codex", "openai", "", date(2026, 4, 1), Payer(PayerKind.ACCOUNT, account), NOW)
        told.add_rule("codex", "", "harbour", date(2026, 4, 1), Payer(PayerKind.NOBODY), NOW)
        told.add_charge(date(2026, 4, seed % 28 + 1), Nanos(12_345_678_901), "USD", "openai", "“overage” of Aprîl", NOW)
        told.add_note(
            date(2026, 4, 2), f"the “import” of release {seed}", "harbour", Nanos(2_500_000_000), "rëleases", NOW
        )
        told.add_note(date(2026, 4, 2), "tried three models", "", Nanos(0), "", NOW)
        told.add_reference("hourly", "", Nanos(100 * 10**9), "EUR", date(2026, 1, 1), NOW)
        told.add_reference("thing", "a coffee", Nanos(4_500_000_000), "EUR", date(2026, 1, 1), NOW)
        told.lead("thing", "a coffee")
        told.set_rate("EUR", "USD", 1_085_000_000 + seed, date(2026, 1, 1))
        told.finish_first_run()
    files = (
        ExportedFile("pdf", f"/home/x/März {seed}.pdf", "0a" * 32),
        ExportedFile("csv", "/home/x/\udcff.csv", "1" * 64),
    )
    writer.add_export(ExportRecord(0, "2026-04", NOW, False, True, seed % 2 == 0, files, f'{{"total": "{seed}.25"}}'))


def _report(writer: Writer, seed: int) -> None:
    """What only providers' reports, price corrections and logs write, as no reader of them is needed here."""
    account, model = (
        writer.connection.execute(f"SELECT MAX(id) FROM {table} {where}").fetchone()[0]
        for table, where in (("sources", "WHERE kind = 'account'"), ("models", ""))
    )
    day = START // 86_400 * 86_400
    for sql, row in (
        (
            "accounts",
            (
                account,
                "https://api.openai.com",
                "Admin key",
                "Acmé",
                f"org-{seed}",
                '{"user_id": ["u"]}',
                1,
                1,
                '{"cursor": "x"}',
                None,
            ),
        ),
        ("account_keys", (account, "key", "ci")),
        ("feed_spans", (account, "billed", day, day + 86_400, day + 43_200)),
        ("feed_spans", (account, "billed", day + 5 * 86_400, day + 7 * 86_400, day + 7 * 86_400)),
        ("feed_ends", (account, "billed")),
        ("billed_intervals", (day + 6 * 86_400, day + 6 * 86_400 + 36_900, account, model, "", "USD", seed * 10**9)),
        ("readings", (account, "total_balance", "USD", day, 12_000_000_000)),
        ("revisions", (1, NOW, account, "billed", day, 86_400, 0, 0, 0, "storage", "", "USD", "-40000000", "")),
        ("account_polls", (account, "somebody", NOW + 60, NOW, NOW + 900, 2, "offline", None)),
        ("polls", (1, account, NOW - 9, NOW, "failed", "offline")),
        ("feed_reads", (account, "billed", NOW)),
        ("doubts", (account, "billed", day, NOW)),
        ("billed_buckets", (day, 86_400, account, model, "", "key", "USD", 5_000_000_000)),
        ("billed_buckets", (day, 86_400, account, 0, "storage", "", "USD", -40_000_000)),
        ("metered_buckets", (day, 3600, account, model, 0, 0, "key", 3, 100, 50, 0, 20, 0, 0, 1, 0, None)),
        ("price_corrections", (1, NOW, model, day, 2, "1.25", "2.5", "USD")),
        ("agent_plans", ("claude-code", f"max-{seed}", NOW)),
    ):
        writer.connection.execute(f"INSERT INTO {sql} VALUES ({', '.join('?' * len(row))})", row)


def make_backup(folder: Path, seed: int = 1, calls: int = 60) -> Path:
    """A backup of such a history."""
    target = folder / f"backup-{seed}.db"
    back_up(make_history(folder / f"of-{seed}" / "history.db", seed, calls), target)
    return target


def tables(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that is restored, ids and all."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        held = {table: sorted(connection.execute(f"SELECT * FROM {table}"), key=repr) for table in RESTORED}
        held["meta"] = connection.execute(
            "SELECT * FROM meta WHERE key NOT IN ('changes', 'statusline', 'price_table') ORDER BY key"
        ).fetchall()
        return held
    finally:
        connection.close()
