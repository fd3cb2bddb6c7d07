"""The names and the SQL of all migrations, apart from sqlite-utils so that a first start stays light.

A blank file gets the whole schema straight from here, exactly as the migrations would make it (a test compares the
two): importing sqlite-utils costs 0.1 s and 27 MB, which the tray would then hold for as long as it runs.
"""

from tokentray.store.schema_sql import M001_FIRST_SCHEMA, M002_WHO_PAYS, M003_ACCOUNTS, M004_NOTES
from tokentray.store.schema_sql_later import M005_EXPORTS

APPLICATION_ID = 0x546F6B54
"""Marks the file as ours ("TokT" in ASCII)."""

MIGRATION_SET = "tokentray"
MIGRATIONS: tuple[str, ...] = ("m001_first_schema", "m002_who_pays", "m003_accounts", "m004_notes", "m005_exports")
"""Every migration this build knows, in order. A history that names another is from a newer build."""

BOOKKEEPING = """
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
"""
"""Where sqlite-utils remembers what was applied, as it makes it itself."""

OPEN_START = -(2**62)
OPEN_END = 2**62
"""valid_from and valid_to of a price without such a date."""

SCRIPTS: tuple[str, ...] = (M001_FIRST_SCHEMA, M002_WHO_PAYS, M003_ACCOUNTS, M004_NOTES, M005_EXPORTS)
"""The SQL of each of MIGRATIONS."""


def statements(script: str) -> list[str]:
    """The single statements of a script of this module."""
    return [statement.strip() for statement in script.split(";\n") if statement.strip()]
