"""From the click to the painted popover, in a real panel, over five heavy years."""

import json
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(sys.platform != "linux", reason="the panel's rig is Linux's"),
]

_ROOT = Path(__file__).parents[2]
_COLD = 5
_LIMIT_MS = 50.0


def test_click_to_painted(heavy_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At most 50 ms of CPU once warm; the clock's time is printed beside it, for a loaded machine stretches it."""
    rig = _ROOT / "tests" / "rig" / "run-in-desktop"
    done = subprocess.run(
        [rig, "--timeout", "120", "--", sys.executable, "-m", "tests.bench.popover_probe", heavy_home],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    taken = json.loads(done.stdout.strip().splitlines()[-1])[_COLD:]
    wall, cpu = median(one for one, _ in taken), median(one for _, one in taken)
    with capsys.disabled():
        worst = max(one for one, _ in taken)
        told = f"{wall:.0f} ms (worst {worst:.0f}), {cpu:.0f} ms of CPU (limit {_LIMIT_MS:.0f})"
        print(f"\nclick to painted popover: {told}")
    assert cpu <= _LIMIT_MS
