"""`refresh`: reads the logs and asks the providers now, with progress where somebody watches."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tokentray.agents import AGENTS
from tokentray.agents.base import SKIP_WORDS, Agent
from tokentray.cli.context import Context, counted, visible, warn
from tokentray.cli.values import day_of
from tokentray.clock import day_start_utc
from tokentray.doorbell import tell_refreshed
from tokentray.engine.refresh import refresh as refresh_logs
from tokentray.engine.scanner import ScanResult
from tokentray.errors import StoreDamagedError, UsageError
from tokentray.paths import person_home
from tokentray.program import command
from tokentray.store.account_rows import AccountRow
from tokentray.store.writer import Writer

if TYPE_CHECKING:
    from tokentray.engine.poller import PollResult


def refresh(context: Context, options: argparse.Namespace) -> int:
    """Exit status 1 where anything could not be read; each is named. 3 where nothing at all could be."""
    since = None
    if options.since:
        since = day_start_utc(day_of(options.since, "--since"), context.zone)
    accounts: Sequence[AccountRow]
    if options.check:
        _check(context)
    if options.source:
        agents, accounts = _chosen(context, options.source)
        result = _read(context, agents, since)[0] if agents else None
    else:
        result, accounts = _read(context, AGENTS, since)
    status = report(result) if result else 0
    if accounts:
        failed = _poll(context, accounts)
        status = max(status, 3 if failed == len(accounts) and not result else min(1, failed))
    return status


def read_logs(context: Context) -> ScanResult:
    """Read what is new of all agents. Raises StoreError."""
    return _read(context, AGENTS, None)[0]


def _chosen(context: Context, names: Sequence[str]) -> tuple[Sequence[Agent], list[AccountRow]]:
    """The agents and accounts that names mean. Raises UsageError for one that means none.

    An account is named by its id ("account:3"), its label or its provider.
    """
    from tokentray.store.history import History  # only here: a refresh of everything is made every few minutes

    with History(context.paths.history) as history:
        accounts = history.accounts()
    known = {agent.id for agent in AGENTS}
    ways = [(one, {f"account:{one.id}", one.label.casefold(), one.provider}) for one in accounts]
    for name in names:
        if name not in known and not any(name.casefold() in way for _, way in ways):
            there = [*(agent.id for agent in AGENTS), *(f"account:{one.id} ({one.label})" for one in accounts)]
            raise UsageError(f"no source {name!r}", f"there are: {', '.join(there)}")
    wanted = {name.casefold() for name in names}
    return [agent for agent in AGENTS if agent.id in names], [one for one, way in ways if way & wanted]


def _read(context: Context, agents: Sequence[Agent], since_utc: int | None) -> tuple[ScanResult, Sequence[AccountRow]]:
    """The same, once more where the history was found damaged and could be mended."""
    try:
        return _read_once(context, agents, since_utc)
    except StoreDamagedError:
        _mend(context)
        return _read_once(context, agents, None)


def _check(context: Context) -> None:
    """Mend a history whose damage lies where reading the logs does not come by."""
    from tokentray.store.history import History

    with History(context.paths.history) as history:
        sound = not history.exists or history.integrity() == "ok"
    if not sound:
        _mend(context)


def _mend(context: Context) -> None:
    """Have what can be read in the place of a damaged history, and say so."""
    from tokentray.engine.mending import mend, said

    done = mend(context.paths.history, context.clock.now_utc(), context.zone)
    warn(". ".join(filter(None, said(done)[:3])))


def _read_once(
    context: Context, agents: Sequence[Agent], since_utc: int | None
) -> tuple[ScanResult, Sequence[AccountRow]]:
    """Read the logs; what came of it, and the accounts there are."""
    writer = Writer(context.paths.history)
    try:
        result = refresh_logs(
            writer,
            clock=context.clock,
            agents=agents,
            progress=_Progress("files") if sys.stderr.isatty() else lambda *_: None,
            modified_since_utc=since_utc,
        )
        return result, writer.accounts()
    finally:
        writer.close()
        tell_refreshed(context.paths)


def _poll(context: Context, accounts: Sequence[AccountRow]) -> int:
    """Ask the providers and say how each account stands. Returns how many could not be read."""
    from tokentray.engine.keys import Keys  # only here: without accounts nothing of keyring and network is needed
    from tokentray.engine.network import open_network
    from tokentray.engine.polls import poll_all

    keys = Keys()
    bars: dict[str, _Progress] = {}

    def progress(label: str, days_done: int, days: int) -> None:
        bars.setdefault(label, _Progress(f"days of {label}"))(days_done, days)

    results = poll_all(
        accounts,
        context.paths.history,
        context.clock,
        keys,
        lambda: open_network(context.settings, keys),
        progress=progress if sys.stderr.isatty() else lambda *_: None,
    )
    tell_refreshed(context.paths)
    if bars:
        print("\r\033[K", end="", file=sys.stderr)
    for result in results:
        if result.error is not None:
            if context.debug:
                raise result.error
            warn(f"{result.label}: {result.error}{_rekey(result)}")
        else:
            print(visible(f"{result.label}: {_poll_text(result)}"))
    return sum(result.error is not None for result in results)


def _rekey(result: "PollResult") -> str:
    """The command that mends it, "" where none does."""
    code = result.error.code if result.error else ""
    return f": {command()} accounts rekey {result.account_id}" if code in ("key-refused", "credentials-missing") else ""


def _poll_text(result: "PollResult") -> str:
    if result.busy and not result.changed:
        return "it is being read by another TokenTray just now."
    text = "something new was read" if result.changed else "nothing new"
    if result.held_back:
        days = counted(result.held_back, "day")
        text += f"; an answer that takes back more than half of {days} waits for a second one, in an hour"
    if result.more:
        text += "; there is more of its past, which the next refresh reads"
    return f"{text}."


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
    """One line on the terminal, rewritten at each percent. what: is counted."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._percent = -1

    def __call__(self, done: int, total: int) -> None:
        percent = done * 100 // max(1, total)
        if percent != self._percent:
            self._percent = percent
            print(f"\r\033[K{done:,} of {total:,} {visible(self._what)}", end="", file=sys.stderr, flush=True)
