"""Reads what is new in the agents' logs into the history, in bounded memory and without losing its place.

Events and the marks of the files they came from are committed together, so the reader may be ended at any
moment: the next run goes on where the last commit was, and a line read twice counts once.
"""

import gc
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tokentray.agents.base import Agent, LogParser, Skip
from tokentray.agents.tail import FileMark, GrowingFile
from tokentray.clock import Clock
from tokentray.engine.discovery import Found, Walk
from tokentray.model import LogEvent, Price, merge_events
from tokentray.store.queries import FileRow
from tokentray.store.writer import Batch, FileRead, Writer

_BATCH_EVENTS = 65_536
_BATCH_FILES = 256
_PAUSE_S = 0.001

Progress = Callable[[int, int], None]
"""Told the number of files done and of files to read."""
FindPrices = Callable[[str, str], Sequence[Price]]


class Failure(NamedTuple):
    """A file or folder that could not be read. kind: one of agents.base.Skip."""

    agent: str
    path: str
    kind: str


class ScanResult:
    """What one scan did."""

    def __init__(self) -> None:
        self.found: list[str] = []
        """Ids of the agents with a log folder on this machine."""
        self.files_seen = 0
        self.files_read = 0
        self.events = 0
        self.skipped: Counter[str] = Counter()
        self.failures: list[Failure] = []
        self.stopped = False


class _Pending:
    """Events and marks not committed yet."""

    def __init__(self) -> None:
        self.events: dict[tuple[int, int], LogEvent] = {}
        self.files: list[FileRead] = []


class Scanner:
    """One reader over all agents. Runs on whichever single thread calls it."""

    def __init__(
        self,
        writer: Writer,
        agents: Sequence[Agent],
        *,
        env: Mapping[str, str],
        home: Path,
        clock: Clock,
        machine: str,
        find_prices: FindPrices,
        progress: Progress = lambda *_: None,
        should_stop: Callable[[], bool] = lambda: False,
        gentle: bool = False,
        modified_since_utc: int | None = None,
    ) -> None:
        self._writer = writer
        self._agents = agents
        self._env = env
        self._home = home
        self._clock = clock
        self._machine = machine
        self._find_prices = find_prices
        self._progress = progress
        self._should_stop = should_stop
        # A pause after each block leaves the interpreter to the windows of the same process.
        self._gentle = gentle
        self._modified_since_ns = None if modified_since_utc is None else modified_since_utc * 10**9

    def read_files(self, paths: Iterable[str]) -> ScanResult:
        """Read on in files that are known to have changed, without looking at the rest. Raises StoreError."""
        result, paths = ScanResult(), list(paths)
        for agent in self._agents:
            walk = Walk(agent, agent.roots(self._env, self._home))
            files = [file for path in paths if (file := walk.file(path)) is not None]
            if not files:
                continue
            source_id = self._writer.source("agent", agent.id, agent.label, agent.provider, self._clock.now_utc())
            known = self._writer.log_files(agent.id, (file.key for file in files))
            changed = [file for file in files if file.key not in known or known[file.key][1:4] != _sighting(file)]
            if changed:
                result.files_seen += len(files)
                self._read_agent(agent, source_id, changed, known, len(changed), result)
                if result.stopped:
                    break
                self._writer.mark_looked_at(source_id, self._clock.now_utc())
        return result

    def scan(self) -> ScanResult:
        """Look at every agent's folders and read what changed. Raises StoreError."""
        with _rare_collections():
            return self._scan()

    def _scan(self) -> ScanResult:
        result = ScanResult()
        work: list[tuple[Agent, int, list[Found], dict[str, FileRow]]] = []
        problems: dict[str, dict[str, str]] = {}
        for agent in self._agents:
            walk = Walk(agent, agent.roots(self._env, self._home))
            files = walk.files()
            if not walk.exists and not walk.problems:
                # Looked at, and nothing there: an agent that was removed does not make the rest look old.
                gone = self._writer.known_source("agent", agent.id)
                if gone is not None:
                    self._writer.mark_read(gone, self._clock.now_utc())
                continue
            source_id = self._writer.source("agent", agent.id, agent.label, agent.provider, self._clock.now_utc())
            seen = self._writer.log_sightings(agent.id)
            changed = [
                file
                for file in files
                if seen.get(file.key) != _sighting(file)
                and (self._modified_since_ns is None or file.mtime_ns >= self._modified_since_ns)
            ]
            # The newest first: today's figures are there while the rest is still being read.
            changed.sort(key=lambda file: (-file.mtime_ns, file.path))
            result.found.append(agent.id)
            result.files_seen += len(files)
            work.append((agent, source_id, changed, self._writer.log_files(agent.id, (file.key for file in changed))))
            problems[agent.id] = walk.problems
            # A link to nothing hides nothing that could be read: `doctor` lists it, and that is all.
            result.failures += [
                Failure(agent.id, path, kind)
                for path, kind in sorted(walk.problems.items())
                if kind != Skip.BROKEN_LINK
            ]
        total = sum(len(changed) for _, _, changed, _ in work)
        for agent, source_id, changed, known in work:
            unread = self._read_agent(agent, source_id, changed, known, total, result)
            if result.stopped:
                break
            if self._modified_since_ns is None:  # else files were left out that may have problems still
                self._writer.set_file_problems(agent.id, problems[agent.id] | unread)
            unreadable = any(str(root) in problems[agent.id] for root in agent.roots(self._env, self._home))
            error = "its log folder cannot be read: check the permissions" if unreadable else ""
            self._writer.mark_read(source_id, self._clock.now_utc(), error)
        return result

    def _read_agent(
        self,
        agent: Agent,
        source_id: int,
        files: Sequence[Found],
        known: Mapping[str, FileRow],
        total: int,
        result: ScanResult,
    ) -> dict[str, str]:
        """Read files; those that could not be read come back, path to kind of skip."""
        pending = _Pending()
        unread: dict[str, str] = {}
        for file in files:
            if self._should_stop():
                result.stopped = True
                break
            try:
                self._read_file(agent, source_id, file, known.get(file.key), pending, result)
            except FileNotFoundError:
                continue  # gone since it was listed: what was read of it stays
            except OSError:
                unread[file.key] = Skip.UNREADABLE
                result.failures.append(Failure(agent.id, file.key, Skip.UNREADABLE))
            result.files_read += 1
            if len(pending.files) >= _BATCH_FILES:
                self._commit(source_id, pending, result)
            self._progress(result.files_read, total)
        self._commit(source_id, pending, result)
        return unread

    def _read_file(
        self,
        agent: Agent,
        source_id: int,
        file: Found,
        row: FileRow | None,
        pending: _Pending,
        result: ScanResult,
    ) -> None:
        path = Path(file.key)
        mark = FileMark(row.identity, row.size, row.mtime_ns, row.offset, row.tail_check) if row else FileMark()
        with GrowingFile(Path(file.path), mark) as log:
            restarted = log.restarted
            parser = agent.parser(path, row.state if row and log.start else "")
            begun = end = log.start
            events = pending.events
            for block in log.blocks():
                for event in parser.parse(block.lines):
                    key = event[:2]
                    other = events.get(key)
                    events[key] = event if other is None else merge_events(other, event)
                parser.skipped[Skip.TOO_LONG] += block.too_long
                end = block.end
                if len(events) >= _BATCH_EVENTS:
                    pending.files.append(_file_read(file, agent, log.mark(end), parser, restarted, begun, result))
                    restarted, begun = False, end
                    self._commit(source_id, pending, result)
                    events = pending.events
                if self._gentle:
                    time.sleep(_PAUSE_S)
                if self._should_stop():
                    result.stopped = True
                    break
            if log.tail and not result.stopped:
                self._read_tail(agent, path, parser, log.tail, pending)
            pending.files.append(_file_read(file, agent, log.mark(end), parser, restarted, begun, result))

    def _read_tail(self, agent: Agent, path: Path, parser: LogParser, tail: bytes, pending: _Pending) -> None:
        """Count a last line that is whole but for its newline; the mark stays before it, the key makes it safe."""
        if not (tail.startswith(b"{") and tail.rstrip().endswith(b"}")):
            return
        for event in agent.parser(path, parser.state()).parse(tail + b"\n"):
            other = pending.events.get(event[:2])
            pending.events[event[:2]] = event if other is None else merge_events(other, event)

    def _commit(self, source_id: int, pending: _Pending, result: ScanResult) -> None:
        if not pending.events and not pending.files:
            return
        events = list(pending.events.values())
        new = self._writer.new_models(events)
        self._writer.add_models({pair: self._find_prices(*pair) for pair in sorted(new)}, self._clock.now_utc())
        self._writer.apply(Batch(source_id, self._machine, events, list(pending.files)))
        result.events += len(events)
        pending.events = {}
        pending.files = []


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Look for garbage cycles rarely while millions of short-lived values pass: a tenth of a first read's CPU."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _sighting(file: Found) -> tuple[str, int, int]:
    return file.identity, file.size, file.mtime_ns


def _file_read(
    file: Found,
    agent: Agent,
    mark: FileMark,
    parser: LogParser,
    restarted: bool,
    read_from: int,
    result: ScanResult,
) -> FileRead:
    skipped = dict(+parser.skipped)
    parser.skipped.clear()
    result.skipped.update(skipped)
    return FileRead(
        file.key,
        agent.id,
        mark.identity,
        mark.size,
        mark.mtime_ns,
        mark.offset,
        mark.check,
        parser.state(),
        restarted,
        read_from,
        skipped,
        parser.plan_type,
    )


def machine_name() -> str:
    """This machine's name, for telling several apart in one history."""
    return os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")
