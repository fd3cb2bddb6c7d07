"""Every folder and file the app keeps. TOKENTRAY_HOME (or `--home`) moves them all under one folder."""

import os
import stat
import sys
from pathlib import Path
from typing import NamedTuple

from tokentray.errors import StoreError, UsageError

APP_NAME = "tokentray-desktop"
_COARSEST_S = 3


class Paths(NamedTuple):
    """Where this installation keeps its files."""

    data: Path
    state: Path
    config: Path

    @property
    def history(self) -> Path:
        """The SQLite file that everything counts on."""
        return self.data / "history.db"

    @property
    def settings(self) -> Path:
        """What the person chose, as a file they may edit."""
        return self.config / "settings.toml"

    @property
    def state_file(self) -> Path:
        """What the app remembers of its windows."""
        return self.state / "state.json"

    @property
    def log_file(self) -> Path:
        return self.state / "tokentray.log"


def resolve(home: str | None = None) -> Paths:
    """The folders in use: `home`, else TOKENTRAY_HOME, else the system's own for this app."""
    chosen = home or os.environ.get("TOKENTRAY_HOME")
    if chosen:
        # abspath only: resolving links would make the folder's name in messages another than the person's.
        root = Path(chosen).expanduser().absolute()
        return Paths(data=root, state=root, config=root)
    import platformdirs  # 20 ms to import, needed only without a home of one's own

    return Paths(
        data=platformdirs.user_data_path(APP_NAME, appauthor=False),
        state=platformdirs.user_state_path(APP_NAME, appauthor=False),
        config=platformdirs.user_config_path(APP_NAME, appauthor=False),
    )


def person_home() -> Path:
    """The person's home folder, where agents keep their logs. Raises UsageError where the system knows none."""
    try:
        return Path.home()
    except RuntimeError as exc:
        raise UsageError("this user has no home folder", "so no logs can be found", "Set HOME to one") from exc


def documents_folder() -> Path:
    """Where files of the person's own go: home, where there is no folder for documents. Raises UsageError."""
    import platformdirs

    documents = platformdirs.user_documents_path()
    return documents if documents.is_absolute() and is_folder(documents) else person_home()


def runtime_folder(paths: Paths) -> Path:
    """Where the tray's socket lies: the system's run-time folder for this person, else beside the state."""
    own_home = paths.data == paths.state
    if own_home or (sys.platform == "linux" and not os.environ.get("XDG_RUNTIME_DIR")):
        return paths.state
    import platformdirs

    return platformdirs.user_runtime_path(APP_NAME, appauthor=False)


def is_folder(path: Path) -> bool:
    """Whether there is a folder, or a link to one; also where nothing may be asked of it, for then it is there."""
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except PermissionError:  # is_dir() says another thing of it in each version of Python
        return True
    except OSError:
        return False


def make_private(folder: Path) -> None:
    """Create a folder, 0700; one that exists is left as it is. Raises StoreError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as exc:
        raise StoreError(
            "The folder cannot be used", f"{folder}: {exc.strerror or exc}", "Choose another with --home"
        ) from exc


class FileMark(NamedTuple):
    """What a file looks like from outside. All noughts where there is none, or where it cannot be looked at."""

    written_ns: int = 0
    changed_ns: int = 0
    size: int = 0
    inode: int = 0

    def settled(self, now_utc: int) -> bool:
        """Whether a write from now on must change the mark: clocks of file systems are as coarse as two seconds."""
        return abs(now_utc - self.written_ns // 10**9) > _COARSEST_S


def file_mark(path: Path) -> FileMark:
    """The mark of a file, or of what a link leads to. Costs one question to the system."""
    try:
        found = path.stat()
    except OSError:
        return FileMark()
    return FileMark(found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)
