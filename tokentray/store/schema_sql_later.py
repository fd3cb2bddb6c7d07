"""What the later migrations do to the tables, as schema_sql says of the first four. Append only."""

M005_EXPORTS = """
-- Months that were written to files. figures: what they said, as JSON, to tell later what is not as it was.
CREATE TABLE exports (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  month TEXT NOT NULL,
  at INTEGER NOT NULL,
  redacted INTEGER NOT NULL CHECK (redacted IN (0, 1)),
  automatic INTEGER NOT NULL CHECK (automatic IN (0, 1)),
  provisional INTEGER NOT NULL CHECK (provisional IN (0, 1)),
  figures TEXT NOT NULL
) STRICT;
CREATE INDEX exports_month ON exports (month);

-- The files of an export. path: in the bytes of the file system, for a name need not be text. digest: SHA-256 of what
-- was written, by which a file that was changed by hand is known.
CREATE TABLE exported_files (
  export_id INTEGER NOT NULL REFERENCES exports (id) ON DELETE CASCADE,
  format TEXT NOT NULL,
  path BLOB NOT NULL,
  digest TEXT NOT NULL,
  PRIMARY KEY (export_id, format, path)
) STRICT;
"""
