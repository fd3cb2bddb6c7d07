"""Finds an agent's log files: a walk that follows links, never goes in circles, and names what it cannot enter."""

import os
import stat
from collections.abc import Iterator
from errno import ELOOP
from pathlib import Path
from typing import NamedTuple

from tokentray.agents.base import Agent, Skip


class Found(NamedTuple):
    """A log file as the folder shows it. identity: device and inode."""

    path: str
    identity: str
    size: int
    mtime_ns: int


class Walk:
    """The files of one agent below its roots."""

    def __init__(self, agent: Agent, roots: list[Path]) -> None:
        self.agent = agent
        self.roots = roots
        self.exists = False
        """Whether any root is there, once files() was walked."""
        self.problems: dict[str, str] = {}
        """Path to kind of skip, for what cannot be read."""
        self._entered: set[tuple[int, int]] = set()

    def files(self) -> Iterator[Found]:
        """Every file once, links followed."""
        for root in self.roots:
            try:
                if not root.is_dir():
                    continue
            except OSError:
                continue
            self.exists = True
            yield from self._folder(str(root), len(str(root)) + 1)

    def file(self, path: str) -> Found | None:
        """One file as if it had been walked to; None where it is not this agent's, gone or unreadable."""
        for root in self.roots:
            prefix = f"{root}{os.sep}"
            if not path.startswith(prefix) or not self.agent.owns(path[len(prefix) :].replace("\\", "/")):
                continue
            try:
                info = os.stat(path)  # noqa: PTH116 - see _folder
            except OSError:
                return None
            if stat.S_ISREG(info.st_mode):
                return Found(path, f"{info.st_dev}:{info.st_ino}", info.st_size, info.st_mtime_ns)
        return None

    def _folder(self, folder: str, prefix: int) -> Iterator[Found]:
        try:
            info = os.stat(folder)  # noqa: PTH116 - a walk over thousands of entries works on plain strings
            if (info.st_dev, info.st_ino) in self._entered:
                return
            self._entered.add((info.st_dev, info.st_ino))
            with os.scandir(folder) as entries:
                listed = list(entries)
        except OSError as exc:
            self._problem(folder, exc)
            return
        for entry in listed:
            relative = entry.path[prefix:].replace("\\", "/")
            try:
                info = entry.stat()
            except FileNotFoundError:
                continue  # gone since the folder was listed, or a link to nothing
            except OSError as exc:
                if self.agent.owns(relative) or exc.errno == ELOOP:
                    self._problem(entry.path, exc)
                continue
            if stat.S_ISDIR(info.st_mode):
                if self.agent.owns(relative):
                    self.problems[entry.path] = Skip.NOT_A_FILE
                else:
                    yield from self._folder(entry.path, prefix)
            elif self.agent.owns(relative):
                if stat.S_ISREG(info.st_mode):
                    yield Found(entry.path, f"{info.st_dev}:{info.st_ino}", info.st_size, info.st_mtime_ns)
                else:
                    self.problems[entry.path] = Skip.NOT_A_FILE

    def _problem(self, path: str, exc: OSError) -> None:
        self.problems[path] = Skip.LINK_LOOP if exc.errno == ELOOP else Skip.UNREADABLE
