"""What an account costs that bills and meters every hour of five heavy years, and pays for the agent used most."""

import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

from tests.bench.billed import with_account
from tests.bench.costs import run

pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(sys.platform == "win32", reason="CPU and memory of a child are read by wait4"),
]

_RUNS = 9
_LONG_RUNS = 3
# As many plain tuples as the account has rows, each looked at, sorted and summed once: what Python itself takes for a
# pass over them. Prints their number and the seconds.
_PASS = """
import sqlite3, sys, time
from pathlib import Path

connection = sqlite3.connect(f"{Path(sys.argv[1]).absolute().as_uri()}?mode=ro", uri=True)
start, rows, sums = time.process_time(), [], {}
for table in ("metered_buckets", "billed_buckets", "usage_buckets"):
    rows += connection.execute(f"SELECT start, model_id, * FROM {table}")
rows.sort(key=lambda row: row[:2])
for row in rows:
    key = row[0] // 86_400, row[1]
    sums[key] = sums.get(key, 0) + sum(value for value in row[4:] if isinstance(value, int))
print(len(rows), time.process_time() - start)
"""


@pytest.fixture(scope="module")
def billed_home(heavy_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The five heavy years with the account."""
    return with_account(heavy_home, tmp_path_factory.mktemp("billed") / "home")


def _cpu(home: Path, folder: Path, runs: int, *args: str) -> float:
    """Seconds of one command; the first run compiles and warms."""
    command = [sys.executable, "-m", "tokentray", "--home", str(home), *args]
    run(command, folder, {})
    return median(run(command, folder, {}).cpu_s for _ in range(runs))


def test_status(heavy_home: Path, billed_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A month of hourly books: at most four times the status without, in bounded memory."""
    plain = _cpu(heavy_home, tmp_path, _RUNS, "status")
    billed = _cpu(billed_home, tmp_path, _RUNS, "status")
    peak = run([sys.executable, "-m", "tokentray", "--home", billed_home, "status"], tmp_path, {}).peak_mb
    with capsys.disabled():
        print(
            f"\nstatus with an hourly account: {billed * 1000:.0f} ms of CPU, without {plain * 1000:.0f} ms:"
            f" {billed / plain:.1f} x (limit 4); {peak:.0f} MB (60)"
        )
    assert billed <= 4 * plain
    assert peak <= 60


def test_statusline(billed_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Asked again with nothing new: at most three times Python with SQLite and JSON, whatever reports there are."""
    line = _cpu(billed_home, tmp_path, _RUNS, "statusline")
    bare = median(run([sys.executable, "-c", "import sqlite3, json"], tmp_path, {}).cpu_s for _ in range(_RUNS))
    with capsys.disabled():
        print(f"\nstatusline with an hourly account: {line * 1000:.0f} ms of CPU: {line / bare:.1f} x (limit 3)")
    assert line <= 3 * bare


def test_whole_history(billed_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every hour's bill laid over its tokens and their logs: at most nine plain passes over the rows; 450 MB."""
    args = ("usage", "--by", "month,model")
    spent = _cpu(billed_home, tmp_path, _LONG_RUNS, *args)
    peak = run([sys.executable, "-m", "tokentray", "--home", billed_home, *args], tmp_path, {}).peak_mb
    passes = []
    for _ in range(_LONG_RUNS):
        command = [sys.executable, "-c", _PASS, str(billed_home / "history.db")]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        passes.append(float(told[1]))
    rows, once = int(told[0]), median(passes)
    with capsys.disabled():
        print(
            f"\nusage --by month,model with an hourly account: {spent:.2f} s of CPU; a plain pass over {rows:,} rows"
            f" {once:.2f} s: {spent / once:.1f} x (limit 9); {peak:.0f} MB (450)"
        )
    assert rows > 250_000
    assert spent <= 9 * once
    assert peak <= 450
