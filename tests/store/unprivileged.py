"""Gives up root in a test's own process, since permission bits bind everybody else only."""

import os
import sys
import tempfile
from pathlib import Path

_NOBODY = 65_534
_LOGS = Path(__file__).parents[1] / "fixtures" / "logs"


def give_up() -> None:
    """Become nobody. All that the reading imports late is loaded first: nobody may not be let into its folders."""
    from tests.histories import HOME_OF, grouped, read_logs

    with tempfile.TemporaryDirectory() as folder:
        history = Path(folder) / "history.db"
        for agent, case in (("claude-code", "streaming"), ("codex", "repeats")):
            read_logs(history, Path(folder), {HOME_OF[agent]: str(_LOGS / agent / case)})
        assert grouped(history, ("session", "day"))
    if sys.platform != "win32" and os.geteuid() == 0:
        os.setgroups([])
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)
