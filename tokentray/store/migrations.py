"""Brings a history up to this build's schema, by sqlite-utils. Append only; each step says why in a comment."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from tokentray.clock import DAY_S, SystemClock, date_of_day_number
from tokentray.store import schema, schema_sql, schema_sql_later

migrations = Migrations(schema.MIGRATION_SET)


@migrations()
def m001_first_schema(db: Database) -> None:
    """Everything that reading, pricing and keeping local logs needs."""
    for statement in schema.statements(schema_sql.M001_FIRST_SCHEMA):
        db.execute(statement)


@migrations()
def m002_who_pays(db: Database) -> None:
    """Payer rules, plans, charges, exchange rates, and room for what providers' own reports say."""
    for statement in schema.statements(schema_sql.M002_WHO_PAYS):
        db.execute(statement)


@migrations()
def m003_accounts(db: Database) -> None:
    """Accounts, what their feeds cover, and how polling them went."""
    for statement in schema.statements(schema_sql.M003_ACCOUNTS):
        db.execute(statement)


@migrations()
def m004_notes(db: Database) -> None:
    """What a day's spend bought."""
    for statement in schema.statements(schema_sql.M004_NOTES):
        db.execute(statement)


@migrations()
def m005_exports(db: Database) -> None:
    """Which months were exported, and what they said."""
    for statement in schema.statements(schema_sql_later.M005_EXPORTS):
        db.execute(statement)


def apply(connection: sqlite3.Connection) -> None:
    """Run what is pending, each step in a transaction of its own."""
    migrations.apply(Database(connection))


def copy_before(connection: sqlite3.Connection, path: Path) -> Path:
    """A copy of the file beside it, named for the first step it lacks and the UTC date. Mode 0600.

    Made inside the transaction that migrates, so that of two processes only the one that does it makes the copy.
    """
    lacks = next(one.name for one in migrations.pending(Database(connection)))
    day = date_of_day_number(SystemClock().now_utc() // DAY_S)
    target = path.with_name(f"{path.stem}-before-{lacks.partition('_')[0]}-{day}{path.suffix}")
    target.touch(mode=0o600)
    # By a reader of its own: SQLite makes no backup of a connection that is inside a write transaction.
    with closing(sqlite3.connect(path)) as reader, closing(sqlite3.connect(target)) as copy:
        reader.backup(copy)
    return target
