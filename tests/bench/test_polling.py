"""What polling costs: an account with nothing new, polled every five minutes, and a year read back in large pages."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.app.polled import Books
from tests.servers import ScriptedServer

pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(sys.platform != "linux", reason="memory, wake-ups and connections are read from /proc"),
]

_ROOT = Path(__file__).parents[2]


def test_an_account_with_nothing_new(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Memory does not grow from poll to poll, the history by one line each; between polls nothing runs or is open."""
    with ScriptedServer(Books().answer) as server:
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.polling_probe", tmp_path, server.url],
            cwd=_ROOT,
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    with capsys.disabled():
        print(
            f"\nan account polled with nothing new: {told['grown_kb']} KB in {told['polls']} polls (300);"
            f" between polls {told['idle_cpu_s'] * 1000:.0f} ms of CPU in 5 s (20),"
            f" {told['idle_wakeups_a_second']:.1f} wake-ups a second (1)"
        )
    assert told["rows"] == {"polls": told["polls"]}
    assert told["grown_kb"] <= 300
    assert told["idle_cpu_s"] <= 0.02
    assert told["idle_wakeups_a_second"] <= 1
