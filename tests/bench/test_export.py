"""What a month in all six formats costs, from a cold start: a made-up year, and five heavy ones."""

import shutil
import sys
from pathlib import Path
from statistics import median

import pytest

from tests.bench.costs import run
from tokentray.clock import SystemClock, SystemZone, local_date
from tokentray.export import FORMATS

pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(sys.platform == "win32", reason="CPU and memory of a child are read by wait4"),
]

_RUNS = 5
_BASE = "import fpdf, xlsxwriter"
_MORE_S = 1
_PEAK_MB = 120


def test_all_six_formats_of_a_month(demo_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At most three times what loading the libraries takes, plus one second; and a bounded peak of memory."""
    measured(demo_home, "2026-10", "a made-up year", tmp_path, capsys)


def test_all_six_formats_of_a_heavy_month(heavy_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No more where five years of two million calls lie around the month."""
    month = local_date(SystemClock().now_utc(), SystemZone()).isoformat()[:7]
    measured(heavy_home, month, "five heavy years", tmp_path, capsys)


def measured(source: Path, month: str, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Export from a copy, turn by turn with loading the libraries."""
    home, folder = tmp_path / "data", tmp_path / "files"
    home.mkdir()
    shutil.copyfile(source / "history.db", home / "history.db")
    bare, taken = [], []
    for _ in range(_RUNS):
        folder.mkdir()
        bare.append(run([sys.executable, "-c", _BASE], tmp_path, {}).cpu_s)
        export = ("export", month, "--format", "all", "-o", f"{folder}/")
        taken.append(run([sys.executable, "-m", "tokentray", "--home", home, *export], tmp_path, {}))
        made = {path.suffix.removeprefix(".") for path in folder.iterdir() if path.stat().st_size}
        assert made == set(FORMATS)
        shutil.rmtree(folder)
    spent, limit = median(cost.cpu_s for cost in taken), 3 * median(bare) + _MORE_S
    peak = median(cost.peak_mb for cost in taken)
    with capsys.disabled():
        print(
            f"\na month in all formats, {name}: {spent * 1000:.0f} ms of CPU (limit {limit * 1000:.0f}: three times"
            f" {median(bare) * 1000:.0f} and a second), {peak:.0f} MB at most (limit {_PEAK_MB})"
        )
    assert spent <= limit
    assert peak <= _PEAK_MB
