"""The months that were exported: when, to which files, and what they said."""

import os
import sqlite3

from tokentray.model import ExportedFile, ExportRecord


def exports(connection: sqlite3.Connection, month: str | None = None) -> list[ExportRecord]:
    """All exports, or those of one month ("2026-10"), newest first. Raises ValueError for a path that is none."""
    files: dict[int, list[ExportedFile]] = {}
    where, value = ("", ()) if month is None else (" WHERE month = ?", (month,))
    for export_id, format_, path, digest in connection.execute(
        "SELECT export_id, format, path, digest FROM exported_files"
        f" WHERE export_id IN (SELECT id FROM exports{where}) ORDER BY rowid",
        value,
    ):
        files.setdefault(export_id, []).append(ExportedFile(format_, os.fsdecode(path), digest))
    rows = connection.execute(
        "SELECT id, month, at, redacted, automatic, provisional, figures FROM exports"
        f"{where} ORDER BY at DESC, id DESC",
        value,
    )
    return [
        ExportRecord(
            id_, of, at, bool(redacted), bool(automatic), bool(provisional), tuple(files.get(id_, ())), figures
        )
        for id_, of, at, redacted, automatic, provisional, figures in rows
    ]


def add(connection: sqlite3.Connection, record: ExportRecord) -> int:
    """Keep an export; the id it comes with is ignored. Returns its own. Inside a transaction."""
    row = connection.execute(
        "INSERT INTO exports (month, at, redacted, automatic, provisional, figures) VALUES (?, ?, ?, ?, ?, ?)"
        " RETURNING id",
        (record.month, record.at_utc, record.redacted, record.automatic, record.provisional, record.figures),
    ).fetchone()
    connection.executemany(
        "INSERT INTO exported_files (export_id, format, path, digest) VALUES (?, ?, ?, ?)",
        [(row[0], file.format, os.fsencode(file.path), file.digest) for file in record.files],
    )
    return int(row[0])
