"""Every folder and file the app keeps. TOKENTRAY_HOME (or `--home`) moves them all under one folder."""

import os
from pathlib import Path
from typing import NamedTuple

APP_NAME = "tokentray-desktop"


class Paths(NamedTuple):
    """Where this installation keeps its files."""

    data: Path
    state: Path
    runtime: Path

    @property
    def history(self) -> Path:
        """The SQLite file that everything counts on."""
        return self.data / "history.db"

    @property
    def log_file(self) -> Path:
        return self.state / "tokentray.log"


def resolve(home: str | None = None) -> Paths:
    """The folders in use: `home`, else TOKENTRAY_HOME, else the system's own for this app."""
    chosen = home or os.environ.get("TOKENTRAY_HOME")
    if chosen:
        # abspath only: resolving links would make the folder's name in messages another than the person's.
        root = Path(chosen).expanduser().absolute()
        return Paths(data=root, state=root, runtime=root)
    import platformdirs  # 20 ms to import, needed only without a home of one's own

    return Paths(
        data=platformdirs.user_data_path(APP_NAME, appauthor=False),
        state=platformdirs.user_state_path(APP_NAME, appauthor=False),
        runtime=platformdirs.user_runtime_path(APP_NAME, appauthor=False),
    )


def make_private(folder: Path) -> None:
    """Create a folder, 0700; one that exists is left as it is."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
