"""The heavy demo, on which the other benchmarks stand: large enough, quick enough, in bounded memory."""

import subprocess
import sys
from pathlib import Path

import pytest

_RUN = """
import resource, sys, time
from pathlib import Path
from tokentray.clock import NamedZone
from tokentray.engine.demo import fill
from tokentray.store.writer import Writer

writer = Writer(Path(sys.argv[1]))
start = time.perf_counter()
fill(writer, now_utc=1_795_364_400, years=5, heavy=True, zone=NamedZone("Europe/Berlin"))
seconds = time.perf_counter() - start
count = lambda table: writer.connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS, KiB elsewhere
peak_mb = peak >> 20 if sys.platform == "darwin" else peak >> 10
print(count("log_events"), count("usage_buckets"), round(seconds), peak_mb)
"""


@pytest.mark.bench
def test_five_heavy_years(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two million calls in two hundred thousand buckets, within minutes and 300 MB."""
    done = subprocess.run(
        [sys.executable, "-c", _RUN, str(tmp_path / "history.db")], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    events, buckets, seconds, peak_mb = map(int, done.stdout.split())
    with capsys.disabled():
        print(f"\ndemo --years 5 --heavy: {events:,} calls, {buckets:,} buckets, {seconds} s, {peak_mb} MB")
    assert 1_900_000 < events < 2_200_000
    assert 180_000 < buckets < 220_000
    assert peak_mb < 300
    assert seconds < 300
