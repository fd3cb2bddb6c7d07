"""Small integer ids for the names that repeat in every event: models, projects, sessions, machines."""

import sqlite3
from pathlib import PurePosixPath, PureWindowsPath

Name = tuple[str, ...]

_COLUMNS = {
    "models": ("provider", "name"),
    "projects": ("root",),
    "sessions": ("name",),
    "machines": ("name",),
}


class Names:
    """Ids of one table, each looked up once. Forget everything after a rollback."""

    def __init__(self, connection: sqlite3.Connection, table: str) -> None:
        self._db = connection
        self._table = table
        self._columns = _COLUMNS[table]
        self._known: dict[Name, int] = {}

    def forget(self) -> None:
        """Drop what was looked up; what a transaction made may be gone with it."""
        self._known.clear()

    def knows(self, name: Name) -> bool:
        """Whether a name has an id already."""
        return name in self._known or self._find(name) is not None

    def id_of(self, name: Name) -> int:
        """The id of a name, made where it is new. Needs a transaction."""
        found = self._known.get(name)
        return found if found is not None else (self._find(name) or self._add(name))

    def _find(self, name: Name) -> int | None:
        where = " AND ".join(f"{column} = ?" for column in self._columns)
        row = self._db.execute(f"SELECT id FROM {self._table} WHERE {where}", name).fetchone()
        if row is None:
            return None
        self._known[name] = int(row[0])
        return self._known[name]

    def _add(self, name: Name) -> int:
        columns, values = self._columns, name
        if self._table == "projects":
            columns, values = (*columns, "name"), (*name, project_name(name[0]))
        self._db.execute(
            f"INSERT INTO {self._table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(values))})",
            values,
        )
        found = self._find(name)
        assert found is not None
        return found


def project_name(root: str) -> str:
    """What a project is called: its root folder's own name, never its path. "" for no folder."""
    if not root:
        return ""
    windows = root[1:3] in (":\\", ":/") or root.startswith("\\\\")
    path = PureWindowsPath(root) if windows else PurePosixPath(root)
    return path.name or str(path)
