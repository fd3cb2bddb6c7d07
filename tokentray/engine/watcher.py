"""Tells which log files changed, by the system's own file events: nothing ticks while nothing is written."""

import logging
import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch

_log = logging.getLogger(__name__)
# It calls it an error when one of its threads is told to end while another of them reads.
logging.getLogger("watchdog").setLevel(logging.CRITICAL)


class _Watched(NamedTuple):
    """A folder that is watched. identity: device and inode, by which one made again in its place is told apart."""

    identity: tuple[int, int]
    watch: ObservedWatch
    events: "_Events"


class Watcher:
    """Calls `changed(path)` on a thread of its own for every file written, moved or removed below the watched folders.

    folder_changed: called with every folder that appears in them or goes, themselves included. Paths are those of
    the folders as they were named, also where a link leads to them.
    """

    def __init__(self, changed: Callable[[str], None], folder_changed: Callable[[str], None]) -> None:
        self._changed = changed
        self._folder_changed = folder_changed
        self._observer: BaseObserver | None = None
        self._watched: dict[tuple[Path, bool], _Watched] = {}

    def watch(self, folders: Iterable[Path], *, recursive: bool = True) -> bool:
        """Watch folders that exist and are not watched yet. False where the system has no more watches to give."""
        complete = True
        for folder in folders:
            try:
                info = folder.stat()
            except OSError:
                continue
            identity = (info.st_dev, info.st_ino)
            known = self._watched.get((folder, recursive))
            if known is not None and known.identity == identity and not known.events.ended:
                continue
            if not stat.S_ISDIR(info.st_mode):
                continue
            # A link is not followed by all systems' events, so its end is watched under the name of the link.
            events = _Events(str(folder), os.path.realpath(folder), self._changed, self._folder_changed)
            try:
                observer = self._start()
                if known is not None:
                    # Deleted and made again: the old watch sees nothing of the new folder.
                    observer.unschedule(known.watch)
                watch = observer.schedule(events, events.real, recursive=recursive)
            except OSError as exc:
                # inotify's limit of watches or instances: the regular look at everything still finds changes.
                _log.info("cannot watch a log folder: %s", exc.strerror)
                complete = False
            else:
                self._watched[folder, recursive] = _Watched(identity, watch, events)
        return complete

    def watch_for(self, folders: Iterable[Path]) -> None:
        """Notice folders that do not exist yet, by watching the nearest one above each that does."""
        for folder in folders:
            if not os.path.exists(folder):  # noqa: PTH110 - Path.exists raises where one may not look
                above = next((parent for parent in folder.parents if os.path.isdir(parent)), None)  # noqa: PTH112
                if above is not None and above != Path(above.anchor):
                    self.watch([above], recursive=False)

    def stop(self) -> None:
        """End the watching threads; they are daemons, so nothing waits for one that hangs."""
        if self._observer is not None:
            self._observer.stop()

    def _start(self) -> BaseObserver:
        if self._observer is None:
            observer = Observer()
            observer.daemon = True
            observer.start()
            self._observer = observer
        return self._observer


class _Events(FileSystemEventHandler):
    """What happens in one watched folder. ended: the folder itself is gone, and with it the watch."""

    def __init__(
        self, folder: str, real: str, changed: Callable[[str], None], folder_changed: Callable[[str], None]
    ) -> None:
        self.real = real
        self.ended = False
        self._folder = folder
        self._changed = changed
        self._folder_changed = folder_changed

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Part of watchdog's interface. Reading a file also makes events; only what changes it matters here."""
        kind = event.event_type
        if event.is_directory:
            if kind not in ("created", "moved", "deleted"):
                return
            tell = self._folder_changed
        elif kind in ("created", "modified", "moved", "closed", "deleted"):
            tell = self._changed
        else:
            return
        source = self._named(event.src_path)
        if event.is_directory and kind == "deleted" and source == self._folder:
            self.ended = True
        tell(source)
        if kind == "moved":
            tell(self._named(event.dest_path))

    def _named(self, path: bytes | str) -> str:
        """A path below the folder as it was named."""
        text = path.decode("utf-8", "surrogateescape") if isinstance(path, bytes) else path
        return self._folder + text[len(self.real) :] if text.startswith(self.real) else text
