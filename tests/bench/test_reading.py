"""What reading may cost, as ratios within one run: against ccusage, against a bare start, against Python itself.

TOKENTRAY_BENCH_CORPUS: a tree of `make_corpus.py --mb 1000 --seed 7`, else one is made (1 GB, a minute).
TOKENTRAY_BENCH_CCUSAGE: the native binary of ccusage 20.0.24, else npm installs it into a temporary folder.
"""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from statistics import median

import pytest

from tests.bench.costs import Cost, run

pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(sys.platform == "win32", reason="CPU and memory of a child are read by wait4"),
]

_CHECKOUT = Path(__file__).parents[2]
_CCUSAGE = "ccusage@20.0.24"
_IMPORT_RUNS = 5
_SHORT_RUNS = 11


def tokentray(home: Path, *args: str) -> list[str | Path]:
    """The program as a person runs it."""
    return [sys.executable, "-m", "tokentray", "--home", home, *args]


@cache
def _bytecode() -> Path:
    """Where compiled modules go, as an installed program has them: not compiled anew by every process."""
    folder = Path(tempfile.mkdtemp(prefix="tokentray-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@pytest.fixture(scope="module")
def corpus(make_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home with 1 GB of logs."""
    given = os.environ.get("TOKENTRAY_BENCH_CORPUS")
    if given:
        return Path(given)
    home = tmp_path_factory.mktemp("corpus")
    command = [sys.executable, str(make_corpus), str(home), "--mb", "1000", "--seed", "7"]
    subprocess.run(command, check=True, capture_output=True)
    return home


@pytest.fixture(scope="module")
def ccusage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The native program, without the JavaScript that starts it."""
    given = os.environ.get("TOKENTRAY_BENCH_CCUSAGE")
    if given:
        return Path(given)
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("needs npm to install ccusage, or TOKENTRAY_BENCH_CCUSAGE")
    folder = tmp_path_factory.mktemp("npm")
    subprocess.run([npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), _CCUSAGE], check=True)
    found = sorted(folder.glob("node_modules/@ccusage/*/bin/ccusage"))
    if not found:
        pytest.skip("ccusage has no native program for this system")
    found[0].chmod(0o755)
    return found[0]


@pytest.fixture(scope="module")
def filled(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A TOKENTRAY_HOME into which the corpus was read."""
    home = tmp_path_factory.mktemp("filled")
    run(tokentray(home, "refresh"), home, environment(corpus))
    return home


def environment(corpus: Path) -> dict[str, str]:
    """The corpus as the person's home, for both programs."""
    hidden = {name: str(corpus / "none") for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")}
    return {
        "HOME": str(corpus),
        "USERPROFILE": str(corpus),
        "TZ": "UTC",
        "PYTHONPYCACHEPREFIX": str(_bytecode()),
        **hidden,
    }


def test_first_import_against_ccusage(corpus: Path, ccusage: Path, tmp_path: Path) -> None:
    """1 GB into the history, priced: at most 0.9 of the CPU that ccusage takes to print it; at most 150 MB."""
    env = environment(corpus)
    ours: list[Cost] = []
    theirs: list[Cost] = []
    for number in range(_IMPORT_RUNS + 1):  # the first round only warms the disk's cache
        theirs.append(run([ccusage, "daily", "--json", "--offline"], tmp_path, env))
        ours.append(run(tokentray(tmp_path / str(number), "refresh"), tmp_path, env))
    assert '"totals"' in theirs[0].output
    mine, other = (median(cost.cpu_s for cost in costs[1:]) for costs in (ours, theirs))
    peak = max(cost.peak_mb for cost in ours)
    print(
        f"\nfirst import: {mine:.2f} s CPU, ccusage {other:.2f} s, ratio {mine / other:.2f} (0.9); {peak:.0f} MB (150)"
    )
    assert mine <= 0.9 * other
    assert peak <= 150


def test_refresh_with_nothing_changed(corpus: Path, filled: Path, tmp_path: Path) -> None:
    """Looking at all files and finding nothing new: at most 60 ms CPU beyond `tokentray --version`."""
    env = environment(corpus)
    run(tokentray(filled, "--version"), tmp_path, env)
    looks = [run(tokentray(filled, "refresh"), tmp_path, env).cpu_s for _ in range(_SHORT_RUNS)]
    starts = [run(tokentray(filled, "--version"), tmp_path, env).cpu_s for _ in range(_SHORT_RUNS)]
    look, start = median(looks) * 1000, median(starts) * 1000
    print(f"\nnothing changed: {look:.0f} ms CPU, --version {start:.0f} ms, beyond it {look - start:.0f} ms (60)")
    assert look - start <= 60


def test_statusline(corpus: Path, filled: Path, tmp_path: Path) -> None:
    """On a filled history: at most three times the CPU of a Python that imports sqlite3 and json."""
    env = environment(corpus)
    run(tokentray(filled, "statusline"), tmp_path, env)
    lines = [run(tokentray(filled, "statusline"), tmp_path, env) for _ in range(_SHORT_RUNS)]
    bare = [run([sys.executable, "-c", "import sqlite3, json"], tmp_path, env).cpu_s for _ in range(_SHORT_RUNS)]
    assert len(lines[0].output.splitlines()) == 1
    line, python = median(cost.cpu_s for cost in lines) * 1000, median(bare) * 1000
    print(f"\nstatusline: {line:.0f} ms CPU, Python {python:.0f} ms, ratio {line / python:.2f} (3)")
    assert line <= 3 * python
