"""A month exported in a real desktop: from the tray's menu to files in a folder."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.desktop.programs import Program, shown, titles, tokentray
from tests.desktop.test_history import LAST, month
from tests.desktop.test_tray import desktop, menu, wait_until

_SHOWN_WITHIN_S = 30.0
_TITLE = "Export a month"


@pytest.fixture(name="home")
def home_fixture(tmp_path: Path) -> Path:
    """A made-up year, exported into a folder of its own."""
    home = tmp_path / "home"
    tokentray("--home", str(home), "demo", "--no-window")
    (tmp_path / "months").mkdir()
    tokentray("--home", str(home), "settings", "set", "export.folder", str(tmp_path / "months"))
    tokentray("--home", str(home), "settings", "set", "export.formats", "md,csv")
    return home


def test_two_steps_from_the_menu_to_the_files(start: Callable[..., Program], home: Path, tmp_path: Path) -> None:
    """The menu opens the window with everything chosen, and Return writes the month; Escape leaves."""
    program = start("--home", str(home))
    wait_until(lambda: "Export month" in menu(), _SHOWN_WITHIN_S, lambda: (menu(), program.said()))
    desktop("tray-menu-click", "Export month")
    wait_until(lambda: shown(_TITLE), _SHOWN_WITHIN_S, lambda: (titles(), program.said()))
    wanted = {f"tokentray-{month(LAST)}.md", f"tokentray-{month(LAST)}.csv"}

    def is_written() -> bool:
        # It rests until the month is read, and takes no notice while it writes.
        if not list((tmp_path / "months").iterdir()):
            desktop("key", "Return")
        return wanted <= {path.name for path in (tmp_path / "months").iterdir()}

    def is_left() -> bool:
        # A key that comes while the window manager is busy goes to nobody.
        if shown(_TITLE):
            desktop("key", "Escape")
        return not shown(_TITLE)

    wait_until(is_written, _SHOWN_WITHIN_S, lambda: (titles(), program.said()))
    wait_until(is_left, _SHOWN_WITHIN_S, titles)
    told = tokentray("--home", str(home), "export", month(LAST), "--format", "md")
    title = told.stdout.splitlines()[0]
    assert (tmp_path / "months" / f"tokentray-{month(LAST)}.md").read_text("utf-8").splitlines()[0] == title
