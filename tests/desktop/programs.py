"""The program as a person starts it in a desktop, and what its windows are called there."""

import os
import subprocess
import sys
from pathlib import Path

from tests.desktop.test_tray import desktop, wait_until


def titles() -> list[str]:
    """Of all windows on the screen."""
    return [line.split(maxsplit=2)[2] for line in desktop("windows").splitlines() if len(line.split(maxsplit=2)) == 3]


def shown(start: str) -> bool:
    """Whether a window of the app shows whose title begins so."""
    return any(title.startswith(start) and title.endswith("TokenTray") for title in titles())


class Program:
    """The program over a folder of its own, and what it has to say."""

    def __init__(self, errors: Path, *words: str, **env: str) -> None:
        self._errors = errors.open("w+", encoding="utf-8")
        command = [sys.executable, "-m", "tokentray", *words]
        self.process = subprocess.Popen(command, stderr=self._errors, env=os.environ | env)

    def said(self) -> str:
        self._errors.seek(0)
        return self._errors.read()

    def close(self) -> None:
        """End it as a person's session does."""
        if self.process.poll() is None:
            self.process.terminate()
            assert self.process.wait(5) == 0
        assert "Traceback" not in self.said()
        self._errors.close()
        wait_until(lambda: not desktop("tray-items"))


def tokentray(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tokentray", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
