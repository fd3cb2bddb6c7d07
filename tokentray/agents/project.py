"""Which project a log line belongs to: the repository root of its working folder, worktrees folded into it.

Folders named in old logs are often gone, so everything works on names first and asks the disk only for what
is still there. Windows paths in a log read elsewhere are understood too.
"""

import os
import re
from functools import lru_cache
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

_NOT_ALNUM = re.compile(r"[^A-Za-z0-9]")
_WINDOWS = re.compile(r"^(?:[A-Za-z]:[\\/]|\\\\)")
# <repo>/.claude/worktrees/<name> and <repo>/.worktrees/<name>: where agents put their worktrees.
_WORKTREE_FOLDERS = {".worktrees", "worktrees"}


def slug(folder: str) -> str:
    """A folder's name as Claude Code writes it: every character but letters and digits becomes '-'."""
    return _NOT_ALNUM.sub("-", folder)


@lru_cache(maxsize=4096)
def project_root(cwd: str, session_slug: str = "") -> str:
    """The root folder of the project that `cwd` lies in, "" for no folder.

    session_slug: the slug of the folder the session began in, so that a session which walks through
    subfolders stays one project even after the folders are gone.
    """
    if not cwd:
        return ""
    path = _pure(cwd)
    for ancestor in (path, *path.parents):
        if session_slug and slug(str(ancestor)) == session_slug:
            path = ancestor
            break
    path = _without_worktree(path)
    return str(_repository(path) or path)


def _pure(text: str) -> PurePath:
    return PureWindowsPath(text) if _WINDOWS.match(text) else PurePosixPath(text)


def _without_worktree(path: PurePath) -> PurePath:
    parts = path.parts
    for index in range(len(parts) - 2, 0, -1):
        if parts[index] not in _WORKTREE_FOLDERS:
            continue
        if parts[index] == ".worktrees":
            return type(path)(*parts[:index])
        if parts[index - 1] in (".claude", ".git", ".codex") and index > 1:
            return type(path)(*parts[: index - 1])
    return path


def _repository(path: PurePath) -> PurePath | None:
    """The repository that holds a folder of this machine, by looking for .git upwards; None where unknown."""
    here = Path(path)
    if not here.is_absolute():
        return None
    for folder in (here, *here.parents):
        mark = folder / ".git"
        try:
            if mark.is_dir():
                return folder
            if mark.is_file():
                return _main_worktree(mark) or folder
        except OSError:
            return None
    return None


def _main_worktree(mark: Path) -> Path | None:
    """The main checkout behind a linked worktree's .git file ("gitdir: <repo>/.git/worktrees/<name>").

    A bare repository has none: then it is the repository itself, or the folder that hides it as ".bare".
    """
    with mark.open("rb") as file:
        text = file.read(4096).decode("utf-8", "replace")
    if not text.startswith("gitdir:"):
        return None
    # normpath: git also writes the way as "../../repo/.git/worktrees/<name>".
    target = Path(os.path.normpath(mark.parent / text.removeprefix("gitdir:").strip()))
    common = target.parent.parent
    if target.parent.name != "worktrees":
        return None
    return common.parent if common.name.startswith(".") else common
