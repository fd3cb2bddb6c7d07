"""Rows of a month without the names that say what somebody works on."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tokentray.insight.words import public_model_name
from tokentray.model import UsageRow


def redacted(rows: Sequence[UsageRow], rank: Callable[[Sequence[UsageRow]], Any]) -> list[UsageRow]:
    """Projects numbered by rank, models that could be paths unnamed; sorted so that their order tells nothing."""
    groups: dict[str, list[UsageRow]] = {}
    for row in rows:
        groups.setdefault(row.key("project"), []).append(row)
    ranked = sorted((name for name in groups if name), key=lambda name: (rank(groups[name]), name))
    names: Mapping[str, str] = {name: f"project {number}" for number, name in enumerate(ranked, 1)}

    def renamed(row: UsageRow) -> UsageRow:
        public = {"project": lambda value: names.get(value, value), "model": public_model_name}
        return row._replace(
            keys=tuple((key, public[key](value) if key in public and value else value) for key, value in row.keys)
        )

    return sorted(map(renamed, rows), key=lambda row: row.keys)
