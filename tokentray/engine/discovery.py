"""Finds an agent's log files: a walk that follows links, never goes in circles, and names what it cannot enter."""

import os
import stat
from errno import EACCES, ELOOP, EPERM
from pathlib import Path
from typing import NamedTuple

from tokentray.agents.base import Agent, Skip


class Found(NamedTuple):
    """A log file as the folder shows it. identity: device and inode."""

    path: str
    identity: str
    size: int
    mtime_ns: int

    @property
    def key(self) -> str:
        """The path as the history and messages have it."""
        return self.path if self.path.isascii() else storable(self.path)


def storable(path: str) -> str:
    """A path as text that can be written down: bytes of a file name that are no UTF-8 become escapes."""
    return path.encode("utf-8", "backslashreplace").decode("utf-8")


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

    def files(self) -> list[Found]:
        """Every file once, links followed."""
        found: list[Found] = []
        for root in self.roots:
            try:
                info = root.stat()
            except OSError as exc:
                if exc.errno in (EACCES, EPERM, ELOOP):
                    self._problem(str(root), exc)
                continue
            if stat.S_ISDIR(info.st_mode):
                self.exists = True
                self._tree(str(root), (info.st_dev, info.st_ino), found)
        return found

    def file(self, path: str) -> Found | None:
        """One file as if it had been walked to; None where it is not this agent's, gone or unreadable."""
        for root in self.roots:
            prefix = f"{root}{os.sep}"
            if not path.startswith(prefix) or not self.agent.owns(path[len(prefix) :].replace("\\", "/")):
                continue
            try:
                info = os.stat(path)  # noqa: PTH116 - thousands of entries are walked as plain strings
            except OSError:
                return None
            if stat.S_ISREG(info.st_mode):
                return Found(path, f"{info.st_dev}:{info.st_ino}", info.st_size, info.st_mtime_ns)
        return None

    def _tree(self, root: str, identity: tuple[int, int], found: list[Found]) -> None:
        owns, prefix = self.agent.owns, len(root) + 1
        waiting = [(root, identity)]
        while waiting:
            folder, identity = waiting.pop()
            if identity in self._entered:
                continue
            self._entered.add(identity)
            try:
                with os.scandir(folder) as entries:
                    listed = list(entries)
            except OSError as exc:
                self._problem(folder, exc)
                continue
            for entry in listed:
                path = entry.path
                relative = path[prefix:]
                mine = owns(relative if os.sep == "/" else relative.replace(os.sep, "/"))
                try:
                    info = entry.stat()
                except FileNotFoundError:
                    if mine and entry.is_symlink():
                        self.problems[storable(path)] = Skip.BROKEN_LINK
                    continue  # else gone since the folder was listed
                except OSError as exc:
                    if mine or exc.errno == ELOOP:
                        self._problem(path, exc)
                    continue
                kind = stat.S_IFMT(info.st_mode)
                if mine and kind == stat.S_IFREG:
                    found.append(Found(path, f"{info.st_dev}:{info.st_ino}", info.st_size, info.st_mtime_ns))
                elif mine:
                    self.problems[storable(path)] = Skip.NOT_A_FILE
                elif kind == stat.S_IFDIR:
                    waiting.append((path, (info.st_dev, info.st_ino)))

    def _problem(self, path: str, exc: OSError) -> None:
        self.problems[storable(path)] = Skip.LINK_LOOP if exc.errno == ELOOP else Skip.UNREADABLE
