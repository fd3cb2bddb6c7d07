"""`refresh`: reads the logs now, with progress where somebody watches."""

import argparse
import os
import sys

from tokentray.agents import AGENTS
from tokentray.agents.base import SKIP_WORDS
from tokentray.cli.context import Context, counted, warn
from tokentray.cli.values import day_of
from tokentray.clock import day_start_utc
from tokentray.doorbell import tell_refreshed
from tokentray.engine.refresh import refresh as refresh_logs
from tokentray.engine.scanner import ScanResult
from tokentray.errors import UsageError
from tokentray.paths import person_home
from tokentray.store.writer import Writer


def refresh(context: Context, options: argparse.Namespace) -> int:
    """Exit status 1 where a file or folder could not be read; each is named."""
    since = None
    if options.since:
        since = day_start_utc(day_of(options.since, "--since"), context.zone)
    return report(read_logs(context, options.source, since))


def read_logs(context: Context, sources: list[str] | None = None, since_utc: int | None = None) -> ScanResult:
    """Read what is new of all agents, or of those named. Raises StoreError or UsageError."""
    known = [agent.id for agent in AGENTS]
    for name in sources or []:
        if name not in known:
            raise UsageError(f"no source {name!r}", f"there are: {', '.join(known)}")
    writer = Writer(context.paths.history)
    try:
        return refresh_logs(
            writer,
            clock=context.clock,
            agents=[agent for agent in AGENTS if not sources or agent.id in sources],
            progress=_Progress() if sys.stderr.isatty() else lambda *_: None,
            modified_since_utc=since_utc,
        )
    finally:
        writer.close()
        tell_refreshed(context.paths)


def report(result: ScanResult, *, quiet: bool = False) -> int:
    """Say what was read and what could not be. Returns the exit status."""
    if sys.stderr.isatty() and result.files_read:
        print("\r\033[K", end="", file=sys.stderr)
    labels = {agent.id: agent.label for agent in AGENTS}
    for failure in result.failures:
        warn(f"{labels[failure.agent]}: {failure.path} was left out: {SKIP_WORDS[failure.kind]}")
    if not quiet:
        print(_summary(result, labels))
    return 1 if result.failures else 0


def _summary(result: ScanResult, labels: dict[str, str]) -> str:
    if not result.found:
        looked = dict.fromkeys(str(root) for agent in AGENTS for root in agent.roots(os.environ, person_home()))
        return f"No logs found of {' or '.join(labels.values())}: looked in {', '.join(looked)}."
    agents = " and ".join(labels[agent] for agent in result.found)
    text = f"{agents}: {result.files_read:,} of {counted(result.files_seen, 'file')} had something new"
    text += f", {counted(result.events, 'model call')} read." if result.events else "."
    if result.skipped:
        text += f" {counted(result.skipped.total(), 'line')} passed over; `tokentray doctor` says why."
    return text


class _Progress:
    """One line on the terminal, rewritten at each percent."""

    def __init__(self) -> None:
        self._percent = -1

    def __call__(self, files_done: int, files_total: int) -> None:
        percent = files_done * 100 // max(1, files_total)
        if percent != self._percent:
            self._percent = percent
            print(f"\r\033[K{files_done:,} of {files_total:,} files", end="", file=sys.stderr, flush=True)
