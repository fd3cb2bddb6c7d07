"""What the tests of the history share: a folder that other users may enter, and a process of its own."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

_CHECKOUT = Path(__file__).parents[2]


@pytest.fixture
def shared_temp() -> Iterator[Path]:
    """A folder that a process of another user can reach; pytest's own are closed to them."""
    folder = Path(tempfile.mkdtemp(prefix="tokentray-test-"))
    folder.chmod(0o755)
    yield folder
    for root, names, _ in os.walk(folder):
        for name in names:
            (Path(root) / name).chmod(0o700)
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def checkout_for_all() -> Iterator[Path]:
    """The checkout, or a copy of what runs where other users may not enter its folder, as in root's home."""
    folders = (_CHECKOUT, *_CHECKOUT.parents)
    if sys.platform == "win32" or all(folder.stat().st_mode & 0o001 for folder in folders):
        yield _CHECKOUT
        return
    copy = Path(tempfile.mkdtemp(prefix="tokentray-checkout-"))
    copy.chmod(0o755)
    for name in ("tokentray", "tests", "resources"):
        shutil.copytree(_CHECKOUT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    yield copy
    shutil.rmtree(copy)


@pytest.fixture
def run_program(checkout_for_all: Path) -> Callable[..., str]:
    """Run a Python program from the checkout; what it prints is returned, and it must succeed."""

    def run(program: str, *args: Path | str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", program, *map(str, args)],
            capture_output=True,
            text=True,
            cwd=checkout_for_all,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
