"""What a look at a long history costs: `status` from a cold start on five heavy years."""

import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

from tests.bench.costs import run

pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(sys.platform == "win32", reason="CPU and memory of a child are read by wait4"),
]

_RUNS = 15
# The statements of one snapshot, run again by themselves: what SQLite costs, without what is made of it.
_QUERIES = """
import sqlite3, sys, time
from pathlib import Path
from tokentray.clock import SystemClock, SystemZone
from tokentray.engine.snapshots import build
from tokentray.money import NumberStyle
from tokentray.store.history import History

path, asked = Path(sys.argv[1]), []
with History(path) as history:
    history.connection.set_trace_callback(asked.append)
    build(history, SystemClock().now_utc(), SystemZone(), NumberStyle())
connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
start = time.process_time()
for statement in asked:
    connection.execute(statement).fetchall()
print(time.process_time() - start)
"""


def test_status_on_five_heavy_years(heavy_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At most four times Python with SQLite and JSON loaded, plus the queries themselves."""
    python, history = sys.executable, heavy_home / "history.db"
    base, status, queries = [], [], []
    for _ in range(_RUNS):
        base.append(run([python, "-c", "import sqlite3, json"], tmp_path, {}).cpu_s)
        status.append(run([python, "-m", "tokentray", "--home", heavy_home, "status"], tmp_path, {}).cpu_s)
        asked = subprocess.run([python, "-c", _QUERIES, history], capture_output=True, text=True, check=True)
        queries.append(float(asked.stdout))
    spent, limit = median(status), 4 * median(base) + median(queries)
    with capsys.disabled():
        print(
            f"\nstatus, five heavy years: {spent * 1000:.0f} ms of CPU; python -c 'import sqlite3, json'"
            f" {median(base) * 1000:.0f} ms, queries {median(queries) * 1000:.0f} ms:"
            f" {(spent - median(queries)) / median(base):.1f} x (limit 4)"
        )
    assert spent <= limit
