"""Brings a history up to this build's schema, by sqlite-utils. Append only; each step says why in a comment."""

import sqlite3
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from tokentray.store import schema

migrations = Migrations(schema.MIGRATION_SET)


@migrations()
def m001_first_schema(db: Database) -> None:
    """Everything that reading, pricing and keeping local logs needs."""
    for statement in schema.statements(schema.M001_FIRST_SCHEMA):
        db.execute(statement)


@migrations()
def m002_who_pays(db: Database) -> None:
    """Payer rules, plans, charges, exchange rates, and room for what providers' own reports say."""
    for statement in schema.statements(schema.M002_WHO_PAYS):
        db.execute(statement)


def apply(connection: sqlite3.Connection) -> None:
    """Run what is pending, each step in a transaction of its own."""
    migrations.apply(Database(connection))


def copy_before(connection: sqlite3.Connection, path: Path, stamp: str) -> Path:
    """A dated copy of the file beside it, made before a migration touches it. Mode 0600."""
    target = path.with_name(f"{path.stem}-before-{stamp}{path.suffix}")
    target.touch(mode=0o600)
    copy = sqlite3.connect(target)
    try:
        connection.backup(copy)
    finally:
        copy.close()
    return target
