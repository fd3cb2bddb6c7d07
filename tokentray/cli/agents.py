"""`agents list`: which coding agents were found here and what was read of each."""

import argparse
import os
from pathlib import Path

from tokentray.agents import AGENTS
from tokentray.cli.context import Context, print_json, table
from tokentray.clock import rfc3339
from tokentray.store.history import History
from tokentray.store.queries import AgentTotals, SourceRow


def list_agents(context: Context, options: argparse.Namespace) -> int:
    """Found or not, files, sessions and model calls of every agent this build reads."""
    with History(context.paths.history) as history:
        sources = {source.name: source for source in history.sources() if source.kind == "agent"}
        totals = {name: history.agent_totals(source) for name, source in sources.items()}
    found = {agent.id: any(_is_folder(root) for root in agent.roots(os.environ, Path.home())) for agent in AGENTS}
    if options.json:
        print_json(
            [
                _json(
                    context,
                    agent.id,
                    agent.label,
                    found[agent.id],
                    sources.get(agent.id),
                    totals.get(agent.id),
                )
                for agent in AGENTS
            ]
        )
        return 0
    rows = []
    for agent in AGENTS:
        held = totals.get(agent.id, AgentTotals(0, 0, 0, None, None))
        state = "logs found" if found[agent.id] else "no logs here" if not held.requests else "logs gone, history kept"
        number = context.style.number
        rows.append([agent.label, state, number(held.files), number(held.sessions), number(held.requests)])
    print(table(["", "", "files", "sessions", "calls"], rows, 2))
    return 0


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _json(
    context: Context,
    agent: str,
    label: str,
    found: bool,
    source: SourceRow | None,
    totals: AgentTotals | None,
) -> dict[str, object]:
    def moment(at_utc: int | None) -> str | None:
        return None if at_utc is None else rfc3339(at_utc, context.zone)

    return {
        "agent": agent,
        "label": label,
        "found": found,
        "files": totals.files if totals else 0,
        "sessions": totals.sessions if totals else 0,
        "requests": totals.requests if totals else 0,
        "first": moment(totals.first_utc if totals else None),
        "last": moment(totals.last_utc if totals else None),
        "last_success": moment(source.read_at_utc if source else None),
        "error": (source.error or None) if source else None,
    }
