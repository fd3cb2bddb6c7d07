"""The `.venv` for packaging/dev.py: made once, reused while its stamp fits, else rebuilt by itself.

Standard library only. Versions come from packaging/constraints.txt.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import dev_system

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
_LOCK = VENV / "dev.lock"
_STAMP = VENV / "dev.stamp"
# Relative to ROOT, where pip runs: pip splits PIP_CONSTRAINT at spaces, which ROOT may hold.
_CONSTRAINTS = "packaging/constraints.txt"


def ensure(*, dev: bool) -> None:
    """Make `.venv` fit for running the app, with `dev` also for its tests. Exits where it cannot."""
    complaint = dev_system.glibc_complaint()
    if complaint:
        sys.exit(complaint)
    VENV.mkdir(exist_ok=True)
    with _only_one():
        wanted = _stamp(dev)
        if _fits(wanted):
            return
        # An installation for running only grows into one for tests; any other difference starts anew.
        if not (dev and _fits(_stamp(False))):
            _clear()
            _make()
        _STAMP.unlink(missing_ok=True)
        _install(dev)
        _STAMP.write_text(wanted)


def _fits(wanted: str) -> bool:
    try:
        if _STAMP.read_text() not in (wanted, wanted.replace(" run", " dev")):
            return False
        return subprocess.run([PYTHON, "-c", ""], capture_output=True, check=False).returncode == 0 and _as_pinned()
    except OSError:
        return False


def _stamp(dev: bool) -> str:
    """Changes with whatever decides what is installed: packages, pins, Python, and the folder."""
    project = _project()
    parts = [
        json.dumps([project.get(table) for table in ("build-system", "project", "dependency-groups")]),
        (ROOT / _CONSTRAINTS).read_text(encoding="utf-8"),
        f"{sys.version} {sys.base_prefix} {VENV}",
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest() + (" dev" if dev else " run")


def _project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _as_pinned() -> bool:
    """No other tool, uv for one, has put a version here that is not the pinned one."""
    text = (ROOT / _CONSTRAINTS).read_text(encoding="utf-8")
    pins: dict[str, set[str]] = {}  # more than one version where markers tell Pythons apart
    for name, version in re.findall(r"^([\w.-]+)==([\w.]+)", text, re.MULTILINE):
        pins.setdefault(_plain(name), set()).add(version)
    pattern = "Lib/site-packages/*.dist-info" if os.name == "nt" else "lib/python*/site-packages/*.dist-info"
    for folder in VENV.glob(pattern):
        name, _, version = folder.name.removesuffix(".dist-info").rpartition("-")
        if version not in pins.get(_plain(name), {version}):
            return False
    return True


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _clear() -> None:
    """Empty the folder, but for the lock that is being held."""
    for path in VENV.iterdir():
        if path == _LOCK:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _make() -> None:
    dev_system.install([dev_system.VENV])
    lacking = dev_system.advice([dev_system.VENV])
    if lacking:
        sys.exit(f"This Python cannot make a virtual environment yet: {lacking}")
    # Not sys.executable, which may be the one inside the `.venv` that was just cleared.
    base = getattr(sys, "_base_executable", sys.executable)
    _say_and_run("making .venv", [base, "-m", "venv", VENV])


def _install(dev: bool) -> None:
    requirements: list[str] = []
    if dev:  # read here, since the pip that comes with Python 3.11 knows no --group
        groups = _project()["dependency-groups"]
        assert isinstance(groups, dict)
        requirements = groups["dev"]
    pip: list[str | Path] = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        "-c",
        _CONSTRAINTS,
    ]
    what = "the app, its tests and checks" if dev else "the app"
    _say_and_run(
        f"installing {what} into .venv (the first time downloads about 120 MB)",
        [*pip, "-e", ".", *requirements],
    )


def _say_and_run(what: str, command: Sequence[str | Path]) -> None:
    print(f"{what} … ", end="", flush=True)
    started = time.monotonic()
    # The build backend is pinned too: older pips read the first name for it, newer ones the second.
    pins = {"PIP_CONSTRAINT": _CONSTRAINTS, "PIP_BUILD_CONSTRAINT": _CONSTRAINTS}
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH")}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=env | pins,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        print("failed", flush=True)
        sys.exit(f"{done.stdout}\n{what} failed with exit status {done.returncode}; the reason is above")
    print(f"{time.monotonic() - started:.0f} s", flush=True)


@contextlib.contextmanager
def _only_one() -> Iterator[None]:
    """Held while `.venv` is looked at or made; the system lets go of it when the holder dies."""
    with _LOCK.open("a+") as lock:
        if not _try_lock(lock.fileno()):
            print("another run is making .venv: waiting for it", flush=True)
            while not _try_lock(lock.fileno()):
                time.sleep(0.2)
        yield


def _try_lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, 0, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
