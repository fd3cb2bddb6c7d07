"""The real program in a real panel: icon, tooltip, clicks, menu, and what panels and signals do to it.

Everything is asked the way a tray host asks it, over the session bus, and of the windows on the screen.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

_LATEST_S = 10.0
FIRST_START = "First start — TokenTray"
_PROMISED_S = 2.0
"""An appended line is shown, and the program has ended, within this."""


def desktop(*words: str) -> str:
    """One verb of the rig's desktop-ctl, "" where it found nothing."""
    return subprocess.run(["desktop-ctl", *words], capture_output=True, text=True, timeout=20).stdout.strip()


def wait_until(holds: Callable[[], bool], seconds: float = _LATEST_S, also: Callable[[], Any] = lambda: "") -> float:
    """Wait for something to hold. Returns how long it took."""
    begun = time.monotonic()
    while not holds():
        if time.monotonic() - begun > seconds:
            pytest.fail(f"it did not happen within {seconds} s: {also()}")
        time.sleep(0.03)
    return time.monotonic() - begun


def tooltip() -> list[str]:
    """The lines of the tooltip, as the host has them."""
    item = desktop("tray-items").splitlines()
    if not item:
        return []
    name, _, path = item[0].partition("/")
    command = ["gdbus", "call", "--session", "-d", name, "-o", f"/{path or 'StatusNotifierItem'}"]
    command += ["-m", "org.freedesktop.DBus.Properties.Get", "org.kde.StatusNotifierItem", "ToolTip"]
    told = subprocess.run(command, capture_output=True, text=True, timeout=20).stdout
    quoted = re.search(r"\], (?:'([^']*)'|\"([^\"]*)\"), ", told)
    # gdbus writes an empty list of pictures as "@a(iiay) []".
    return (quoted[1] or quoted[2] or "").split("\\n") if quoted else []


def windows(title: str = "TokenTray") -> list[str]:
    """Our windows of that title on the screen; the popover has the name of the app alone."""
    return [line for line in desktop("windows").splitlines() if line.split(maxsplit=2)[2:] == [title]]


def menu() -> list[str]:
    """The entries of the menu with what cannot be chosen marked, as the host has them."""
    rows = (line.split(" ", 1)[1].strip() for line in desktop("tray-menu").splitlines() if " " in line)
    return [row for row in rows if row not in ("-", "")]


def call(number: int, tokens: int = 100_000) -> str:
    """A line of a Claude Code session log for a call made now."""
    usage = {"input_tokens": tokens, "output_tokens": 20_000}
    message = {
        "id": f"msg_{number}",
        "role": "assistant",
        "model": "claude-sonnet-4-5-20250929",
        "usage": usage,
    }
    line = {
        "type": "assistant",
        "timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),  # noqa: TID251 - as the agent does
        "sessionId": "s1",
        "cwd": "/tmp/project",
        "requestId": f"req_{number}",
        "message": message,
    }
    return json.dumps(line) + "\n"


class Program:
    """The tray app as a process, over a small log of its own."""

    def __init__(self, home: Path) -> None:
        self.log = home / ".claude" / "projects" / "p" / "s1.jsonl"
        self.log.parent.mkdir(parents=True)
        self.log.write_text(call(1), encoding="utf-8")
        self._errors = (home / "stderr").open("w+", encoding="utf-8")
        self.process = subprocess.Popen([sys.executable, "-m", "tokentray"], stderr=self._errors)

    def status(self) -> list[str]:
        """The first lines of `tokentray status`."""
        command = [sys.executable, "-m", "tokentray", "status"]
        told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout
        return told.splitlines()[:3]

    def said(self) -> str:
        self._errors.seek(0)
        return self._errors.read()

    def ends(self, seconds: float = _PROMISED_S) -> int:
        """Wait for the end. Returns the exit status."""
        begun = time.monotonic()
        status = self.process.wait(_LATEST_S)
        assert time.monotonic() - begun < seconds
        assert "Traceback" not in self.said()
        return status

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(_LATEST_S)
        self._errors.close()
        wait_until(lambda: not desktop("tray-items"))


@pytest.fixture(name="start")
def start_fixture(private_home: Path) -> Iterator[Callable[[], Program]]:
    """Starts the program; ends what the test left running."""
    started: list[Program] = []

    def start() -> Program:
        started.append(Program(private_home))
        return started[-1]

    yield start
    for program in started:
        program.close()


@pytest.fixture(name="newcomer")
def newcomer_fixture(start: Callable[[], Program]) -> Program:
    """The program at its first start: its icon in the panel, its log read, and its questions on the screen."""
    running = start()
    wait_until(lambda: bool(desktop("tray-items")), also=running.said)
    wait_until(lambda: len(tooltip()) == 3 and "$0.00" not in tooltip()[0], also=tooltip)
    wait_until(lambda: len(windows(FIRST_START)) == 1, also=running.said)
    time.sleep(1)  # the window manager gives the focus when it likes
    return running


@pytest.fixture(name="program")
def program_fixture(newcomer: Program) -> Program:
    """The program as it is from the second start on: nothing of it on the screen but the icon."""
    desktop("key", "Escape")
    wait_until(lambda: not windows(FIRST_START), also=newcomer.said)
    return newcomer


def test_tooltip_has_the_words_of_status(program: Program) -> None:
    lines = tooltip()
    assert lines == program.status()
    assert lines[0].startswith("Today ≈ $0.6")


def test_icon_is_sent_in_every_size(program: Program) -> None:
    told = desktop("tray-props")
    for size in (16, 22, 24, 32, 48, 64):
        assert f"{size}x{size}" in told
    assert "Status: Active" in told


def test_icon_is_in_the_panel(program: Program) -> None:
    assert desktop("find-color", "#4468ee", "--timeout", "5"), "the plate of the mark is nowhere on the screen"


def test_a_click_opens_the_popover_and_the_next_closes_it(program: Program) -> None:
    desktop("tray-activate")
    wait_until(lambda: len(windows()) == 1)
    time.sleep(0.35)  # two clicks within 300 ms are one
    desktop("tray-activate")
    wait_until(lambda: not windows())


def test_a_pointer_on_the_icon_opens_it_too_and_escape_closes_it(program: Program) -> None:
    x, y, *_ = desktop("find-color", "#4468ee", "--timeout", "5").split()
    desktop("click", x, y)
    wait_until(lambda: len(windows()) == 1)
    time.sleep(0.3)
    desktop("key", "Escape")
    wait_until(lambda: not windows())


def test_a_second_start_shows_the_first(program: Program) -> None:
    """It leaves at once with 0, and there is still one icon."""
    second = subprocess.run([sys.executable, "-m", "tokentray"], capture_output=True, text=True, timeout=30)
    assert second.returncode == 0, second.stderr
    wait_until(lambda: len(windows()) == 1)
    assert len(desktop("tray-items").splitlines()) == 1


def test_menu_opens_and_quits(program: Program) -> None:
    lines = tooltip()
    entries = menu()
    assert entries[0] == "Open TokenTray"
    assert entries[1:4] == [f"{line} (disabled)" for line in lines]
    assert entries[-5:] == ["Refresh", "History", "Export month", "Settings", "Quit"]
    desktop("tray-menu-click", "Open TokenTray")
    wait_until(lambda: len(windows()) == 1)
    desktop("tray-menu-click", "Quit")
    assert program.ends() == 0
    wait_until(lambda: not desktop("tray-items"))


def test_the_first_start_is_done_by_keyboard(newcomer: Program) -> None:
    """From the first start to the equivalent: a rate, Enter, Enter; the figures are spend from then on."""
    for key in ("1", "0", "0", "Return"):
        desktop("key", key)
    wait_until(lambda: "of your time" in tooltip()[0], also=tooltip)
    assert tooltip()[2].startswith("Worth at list price")
    desktop("key", "Return")
    wait_until(lambda: not windows(FIRST_START))
    wait_until(lambda: "Worth" not in "".join(tooltip()), also=tooltip)
    assert tooltip() == newcomer.status()


def test_settings_open_from_the_menu(program: Program) -> None:
    desktop("tray-menu-click", "Settings")
    wait_until(lambda: bool(windows("Settings — TokenTray")))


def test_a_refresh_of_the_command_line_shows_at_once(program: Program) -> None:
    """Also what no file event told of: the command line rings."""
    command = [sys.executable, "-m", "tokentray", "reference", "add", "hourly", "100"]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    took = wait_until(lambda: "of your time" in tooltip()[0], also=tooltip)
    assert took < _PROMISED_S
    assert tooltip() == program.status()


def test_an_appended_line_shows_at_once(program: Program) -> None:
    before = tooltip()[0]
    with program.log.open("a", encoding="utf-8") as log:
        log.write(call(2))
    took = wait_until(lambda: tooltip()[0] != before, also=tooltip)
    assert took < _PROMISED_S
    assert tooltip() == program.status()


def test_a_restarted_panel_has_the_icon_again(program: Program) -> None:
    desktop("panel-stop")
    desktop("panel-start")
    wait_until(lambda: bool(desktop("tray-items")))
    assert desktop("find-color", "#4468ee", "--timeout", "10")
    desktop("tray-activate")
    wait_until(lambda: len(windows()) == 1)


def test_a_panel_that_comes_later_gets_the_icon(start: Callable[[], Program]) -> None:
    """As at log-in, when we are up before the panel is."""
    desktop("panel-stop")
    try:
        running = start()
        time.sleep(1.5)
        assert running.process.poll() is None
    finally:
        desktop("panel-start")
    wait_until(lambda: bool(desktop("tray-items")), also=running.said)
    assert desktop("find-color", "#4468ee", "--timeout", "10")
    assert not windows(), "no window needed where a tray came in time"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ends_when_asked_by_a_signal(program: Program, number: signal.Signals) -> None:
    os.kill(program.process.pid, number)
    assert program.ends() == 0
