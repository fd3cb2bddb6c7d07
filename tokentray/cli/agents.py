"""`agents list`: which coding agents were found here and what was read of each."""

import argparse
import os
import stat
from pathlib import Path
from typing import NamedTuple

from tokentray.agents import AGENTS
from tokentray.cli.context import Context, print_json, table
from tokentray.clock import rfc3339
from tokentray.paths import person_home
from tokentray.store.history import History
from tokentray.store.queries import AgentTotals, SourceRow


class _Listed(NamedTuple):
    """One agent: what is on this machine and what the history holds."""

    id: str
    label: str
    found: bool
    source: SourceRow | None
    totals: AgentTotals


def list_agents(context: Context, options: argparse.Namespace) -> int:
    """Every agent this build reads, then those that only the history knows."""
    listed = _listed(context)
    if options.json:
        print_json([_json(context, agent) for agent in listed])
        return 0
    number = context.style.number
    rows = [
        [agent.label, _state(agent), number(totals.files), number(totals.sessions), number(totals.requests)]
        for agent in listed
        for totals in [agent.totals]
    ]
    print(table(["", "", "files", "sessions", "requests"], rows, 2))
    return 0


def _listed(context: Context) -> list[_Listed]:
    with History(context.paths.history) as history:
        sources = {source.name: source for source in history.sources() if source.kind == "agent"}
        totals = {name: history.agent_totals(source) for name, source in sources.items()}
    known = [
        (agent.id, agent.label, any(is_folder(root) for root in agent.roots(os.environ, person_home())))
        for agent in AGENTS
    ]
    others = [(name, source.label, False) for name, source in sources.items() if name not in {id for id, *_ in known}]
    nothing = AgentTotals(0, 0, 0, None, None)
    return [
        _Listed(name, label, found, sources.get(name), totals.get(name, nothing))
        for name, label, found in (*known, *others)
    ]


def _state(agent: _Listed) -> str:
    if agent.found:
        return "logs found"
    return "logs gone, history kept" if agent.totals.requests else "no logs here"


def is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except PermissionError:
        return True  # it is there; `doctor` says that it cannot be read
    except OSError:
        return False


def _json(context: Context, agent: _Listed) -> dict[str, object]:
    def moment(at_utc: int | None) -> str | None:
        return None if at_utc is None else rfc3339(at_utc, context.zone)

    return {
        "agent": agent.id,
        "label": agent.label,
        "found": agent.found,
        "files": agent.totals.files,
        "sessions": agent.totals.sessions,
        "requests": agent.totals.requests,
        "first": moment(agent.totals.first_utc),
        "last": moment(agent.totals.last_utc),
        "last_success": moment(agent.source.read_at_utc if agent.source else None),
        "error": (agent.source.error or None) if agent.source else None,
    }
