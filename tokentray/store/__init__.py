"""The history: schema, the one writer, typed reads. The only package that imports sqlite3."""
