"""Follows the files that a tray depends on: its own always, the logs of agents where the person wants it.

What changes is put into the engine's inbox; nothing is read here.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from tokentray.agents.base import Agent
from tokentray.engine.inbox import Inbox
from tokentray.engine.watcher import Watcher
from tokentray.paths import Paths


class Following:
    """Used by the engine's thread; events come on the watcher's. logs: whether those of agents are followed now."""

    def __init__(self, paths: Paths, agents: Sequence[Agent], env: Mapping[str, str], home: Path, inbox: Inbox) -> None:
        self.logs = False
        self._paths = paths
        self._agents = agents
        self._env = env
        self._home = home
        self._inbox = inbox
        self._watcher = Watcher(self._file_changed, self._folder_changed)
        self._own_files: tuple[str, ...] = ()
        self._own_folders: tuple[Path, ...] = ()

    def follow(self, *, logs: bool) -> None:
        """Follow what there is now. Costs little where nothing is new."""
        if self.logs and not logs:
            self.stop()
        self.logs = logs
        settings = Path(os.path.realpath(self._paths.settings))  # often a link to where such files are kept together
        self._own_files = (str(self._paths.history), str(self._paths.settings), str(settings))
        self._own_folders = (self._paths.data, self._paths.config, settings.parent)
        # Those above what is missing first: what is made meanwhile is there for the second, or an event of the first.
        self._watcher.watch_for(self._own_folders)
        self._watcher.watch(self._own_folders, recursive=False)
        for agent in self._agents if logs else ():
            roots = agent.roots(self._env, self._home)
            self._watcher.watch_for(roots)
            self._watcher.watch(roots)

    def stop(self) -> None:
        """Follow nothing, until asked to again."""
        self._watcher.stop()
        self._watcher, self.logs = Watcher(self._file_changed, self._folder_changed), False

    def _file_changed(self, path: str) -> None:
        """A file event. Our own files change when the command line or an editor writes."""
        if path.startswith(self._own_files):
            self._inbox.show()
        elif path.endswith((".jsonl", ".json")):
            self._inbox.path(path)

    def _folder_changed(self, path: str) -> None:
        """A folder came or went: perhaps the first of an agent just installed."""
        folder = Path(path)
        if any(_holds(folder, own) for own in self._own_folders):
            self._inbox.show()
        if any(_holds(folder, root) for agent in self._agents for root in agent.roots(self._env, self._home)):
            self._inbox.folder()


def _holds(folder: Path, other: Path) -> bool:
    """Whether a folder is another or lies above it."""
    return folder == other or folder in other.parents
