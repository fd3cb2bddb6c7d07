"""What a process costs: its CPU time and its largest memory, measured from outside."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

_CHECKOUT = Path(__file__).parents[2]
# A process of its own starts the one that is measured: Linux counts the memory of the process that forked, too.
_MEASURE = """
import json, os, sys
out = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
pid = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, out, 1)])
_, status, used = os.wait4(pid, 0)
print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss, os.waitstatus_to_exitcode(status)]))
"""


class Cost(NamedTuple):
    """What a process used. peak_mb: its largest resident memory. said: on standard error."""

    cpu_s: float
    peak_mb: float
    output: str
    said: str = ""


def run(command: Sequence[str | Path], folder: Path, env: Mapping[str, str], *, expected: int = 0) -> Cost:
    """Run a program to its end, and see that its exit status is the expected one."""
    output = folder / "output.txt"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _MEASURE, str(output), *map(str, command)],
        env={**kept, "PYTHONPATH": str(_CHECKOUT), **env},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    cpu_s, peak, status = json.loads(done.stdout)
    assert status == expected, done.stderr
    peak_mb = peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    return Cost(cpu_s, peak_mb, output.read_text(encoding="utf-8"), done.stderr)
