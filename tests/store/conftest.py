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


@pytest.fixture
def run_program() -> Callable[..., str]:
    """Run a Python program from the checkout; what it prints is returned, and it must succeed."""

    def run(program: str, *args: Path | str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", program, *map(str, args)],
            capture_output=True,
            text=True,
            cwd=_CHECKOUT,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
