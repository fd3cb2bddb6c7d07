"""Where rows of usage stand that are grouped by source and payer, and the line of a table that they belong to."""

from collections.abc import Iterable

from tokentray.model import PayerKind, UsageRow
from tokentray.snapshot import Standing

PLAN, ACCOUNT, CHARGE = f"{PayerKind.PLAN}:", f"{PayerKind.ACCOUNT}:", "charge:"
"""How sources of these kinds begin."""


def standing_of(row: UsageRow) -> Standing:
    """What the person pays, what is paid elsewhere, or what nobody has said who pays for."""
    return standing(row.key("source"), row.key("payer"))


def standing(source: str, payer: str) -> Standing:
    """The same of what these are for rows."""
    if payer == PayerKind.NOBODY:
        return Standing.ELSEWHERE
    return Standing.SPEND if payer or source.startswith(CHARGE) else Standing.UNASSIGNED


def by_standing(rows: Iterable[UsageRow]) -> dict[Standing, list[UsageRow]]:
    """Rows apart, in their order."""
    parts: dict[Standing, list[UsageRow]] = {standing: [] for standing in Standing}
    for row in rows:
        parts[standing_of(row)].append(row)
    return parts


def line_of(row: UsageRow) -> str:
    """The line that a row belongs to: the plan or account that pays, else the source it comes from."""
    payer = row.key("payer")
    return payer if payer.startswith((PLAN, ACCOUNT)) else row.key("source")
