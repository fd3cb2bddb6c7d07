"""Tells which log files changed, by the system's own file events: nothing ticks while nothing is written."""

import logging
import stat
from collections.abc import Callable, Iterable
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch

_log = logging.getLogger(__name__)


class Watcher(FileSystemEventHandler):
    """Calls `changed(path)` on a thread of its own for every file written below the watched folders.

    folder_made: called with every folder that appears in them.
    """

    def __init__(self, changed: Callable[[str], None], folder_made: Callable[[str], None]) -> None:
        self._changed = changed
        self._folder_made = folder_made
        self._observer: BaseObserver | None = None
        self._watched: dict[Path, tuple[tuple[int, int], ObservedWatch]] = {}

    def watch(self, folders: Iterable[Path], *, recursive: bool = True) -> bool:
        """Watch folders that exist and are not watched yet. False where the system has no more watches to give."""
        complete = True
        for folder in folders:
            try:
                info = folder.stat()
            except OSError:
                continue
            identity = (info.st_dev, info.st_ino)
            known = self._watched.get(folder)
            if not stat.S_ISDIR(info.st_mode) or (known is not None and known[0] == identity):
                continue
            try:
                observer = self._start()
                if known is not None:
                    # Deleted and made again: the old watch sees nothing of the new folder.
                    observer.unschedule(known[1])
                self._watched[folder] = identity, observer.schedule(self, str(folder), recursive=recursive)
            except OSError as exc:
                # inotify's limit of watches or instances: the regular look at everything still finds changes.
                _log.info("cannot watch a log folder: %s", exc.strerror)
                complete = False
        return complete

    def watch_for(self, folders: Iterable[Path]) -> None:
        """Notice folders that do not exist yet, by watching the nearest one above each that does."""
        for folder in folders:
            if not folder.exists():
                above = next((parent for parent in folder.parents if parent.is_dir()), None)
                if above is not None and above != Path(above.anchor):
                    self.watch([above], recursive=False)

    def stop(self) -> None:
        """End the watching threads; they are daemons, so nothing waits for one that hangs."""
        if self._observer is not None:
            self._observer.stop()

    def _start(self) -> BaseObserver:
        if self._observer is None:
            self._observer = Observer()
            self._observer.daemon = True
            self._observer.start()
        return self._observer

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Part of watchdog's interface. Reading a file also makes events; only writing matters here."""
        if event.is_directory:
            if event.event_type in ("created", "moved"):
                self._folder_made(_text(event.dest_path if event.event_type == "moved" else event.src_path))
            return
        if event.event_type not in ("created", "modified", "moved", "closed"):
            return
        self._changed(_text(event.dest_path if event.event_type == "moved" else event.src_path))


def _text(path: bytes | str) -> str:
    return path.decode("utf-8", "surrogateescape") if isinstance(path, bytes) else path
