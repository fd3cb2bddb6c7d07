"""The history window in a real desktop: every way to it, and what a screen reader is told of it."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.desktop.accessible import Bus, GoneError, NoBusError, Node
from tests.desktop.programs import Program, shown, titles, tokentray
from tests.desktop.test_tray import desktop, wait_until
from tokentray.clock import SystemClock, SystemZone, local_date
from tokentray.insight.periods import month_of, month_text

_STARTS_WITHIN_S = 30.0
TODAY = local_date(SystemClock().now_utc(), SystemZone())
LAST = month_of(TODAY)[0] - timedelta(days=1)
BEFORE = month_of(LAST)[0] - timedelta(days=1)
"""A day of last month, and one of the month before it: the made-up year ends today."""


def month(day: date) -> str:
    """As `history --month` takes it."""
    return day.isoformat()[:7]


def usage_in(day: date) -> str:
    """How the title of the window begins over a month."""
    return f"Usage, {month_text(day)}"


@pytest.fixture(scope="module", name="year")
def year_fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a made-up year in it."""
    folder = tmp_path_factory.mktemp("year") / "home"
    tokentray("--home", str(folder), "demo", "--no-window")
    return folder


def test_the_menu_of_the_demo_opens_it(start: Callable[..., Program]) -> None:
    """And closed by Escape, it opens again where it was."""
    program = start("demo")
    wait_until(lambda: bool(desktop("tray-items")), _STARTS_WITHIN_S, program.said)
    for _ in range(2):
        desktop("tray-menu-click", "History")
        wait_until(lambda: shown(usage_in(TODAY)), also=lambda: (titles(), program.said()))
        desktop("key", "Escape")
        wait_until(lambda: not shown("Usage"), also=titles)


def test_a_command_opens_it_in_the_tray_that_runs(start: Callable[..., Program], year: Path) -> None:
    """In another grouping and over other days, then in another view of the window that is open."""
    home = ("--home", str(year))
    program = start(*home)
    wait_until(lambda: bool(desktop("tray-items")), _STARTS_WITHIN_S, program.said)
    tokentray(*home, "history", "--by", "model", "--month", month(LAST))
    wait_until(lambda: shown(usage_in(LAST)), also=lambda: (titles(), program.said()))
    tokentray(*home, "history", "--view", "why", "--month", month(BEFORE))
    wait_until(lambda: shown(f"Why, {month_text(BEFORE)}"), also=lambda: (titles(), program.said()))
    assert not shown("Usage")
    assert len(desktop("tray-items").splitlines()) == 1


def test_the_keys_that_export_do_so_while_a_filter_is_typed(start: Callable[..., Program], year: Path) -> None:
    """The desktop would have gone to the end of the line by them."""
    program = start("--home", str(year), "history", "--month", month(LAST))
    wait_until(lambda: shown(usage_in(LAST)), _STARTS_WITHIN_S, lambda: (titles(), program.said()))
    desktop("key", "ctrl+f")
    desktop("key", "ctrl+e")
    wait_until(lambda: shown("Export"), also=lambda: (titles(), program.said()))


def test_a_command_starts_the_tray_with_it(start: Callable[..., Program], year: Path) -> None:
    """Where none runs: the window is there, and so is the icon."""
    program = start("--home", str(year), "history", "--by", "project", "--month", month(LAST))
    wait_until(lambda: shown(usage_in(LAST)), _STARTS_WITHIN_S, lambda: (titles(), program.said()))
    wait_until(lambda: bool(desktop("tray-items")), also=program.said)


class Heard:
    """The history window as a screen reader has it."""

    def __init__(self, bus: Bus, window: Node) -> None:
        self.bus = bus
        self.window = window

    def all(self) -> list[Node]:
        return list(self.bus.tree(self.window))

    def tables(self) -> dict[str, Node]:
        """The tables that show, by name."""
        return {node.name: node for node in self.all() if node.role == "table" and node.showing}

    def column(self, table: Node) -> list[str]:
        """The names in the first column of a table."""
        rows, _ = self.bus.size(table)
        return [self.bus.cell(table, row, 0).name for row in range(rows)]


@pytest.fixture(name="heard")
def heard_fixture(start: Callable[..., Program], year: Path) -> Iterator[Heard]:
    """The window on last month by source, over a program that talks to screen readers."""
    try:
        bus = Bus()
    except NoBusError as exc:
        pytest.skip(str(exc))
    words = ("--home", str(year), "history", "--by", "source", "--month", month(LAST))
    program = start(*words, QT_LINUX_ACCESSIBILITY_ALWAYS_ON="1")
    wait_until(lambda: shown(usage_in(LAST)), _STARTS_WITHIN_S, lambda: (titles(), program.said()))
    found: list[Node] = []

    def joined() -> bool:
        for application in bus.applications():
            found[:] = [one for one in bus.children(application.at) if one.name.startswith("Usage")]
            if found:
                return True
        return False

    wait_until(joined, also=bus.applications)
    window = Heard(bus, found[0])
    wait_until(lambda: bool(window.tables()))
    yield window
    bus.close()


def test_every_stop_of_the_keyboard_has_a_name_and_a_role(heard: Heard) -> None:
    """What is chosen from is named by what is chosen, and says what stands beside it."""
    stops = [node for node in heard.all() if node.focusable and node.showing and node.role != "list"]
    assert len(stops) > 20
    assert not [(node.role, node.at) for node in stops if not node.name.strip()]
    roles = {node.role for node in stops}
    assert roles >= {"push button", "check box", "radio button", "combo box", "text", "table", "page tab list"}
    assert roles.isdisjoint({"invalid", "unknown"})
    boxes = [heard.bus.labels(node) for node in stops if node.role == "combo box"]
    assert boxes == [["Show"], ["Group by"], ["Split by"]]


def test_the_table_can_be_read(heard: Heard) -> None:
    """Its headers, and each cell with what stands in it and how that is known; the totals too."""
    tables = heard.tables()
    table, totals = tables["Table"], tables["Totals"]
    rows, columns = heard.bus.size(table)
    assert rows >= 5
    headers = [heard.bus.header(table, column) for column in range(columns)]
    assert headers[:2] == ["Source", "Spend, sorted, largest first"]
    assert all(headers)
    assert "Claude Max · plan" in heard.column(table)
    cells = [heard.bus.cell(table, row, column) for row in range(rows) for column in range(columns)]
    assert all(cell.name and cell.description for cell in cells)
    assert heard.column(totals) == ["Total"]
    assert heard.bus.cell(totals, 0, 1).name.startswith("≈ $")


def test_the_chart_is_told_in_words(heard: Heard) -> None:
    """What it shows, with its total, its highest bar and its largest parts; and what of it is shown can be switched."""
    nodes = heard.all()
    spoken = [node for node in nodes if node.showing and "Highest:" in node.description]
    assert len(spoken) == 1
    assert spoken[0].focusable
    assert spoken[0].role == "chart"
    assert heard.window.role == "frame"
    assert nodes.index(spoken[0]) < nodes.index(heard.tables()["Table"])
    assert spoken[0].name.startswith(f"Spend in {month_text(LAST)} by source, by day")
    assert "Claude Max" in spoken[0].description
    plan = next(node for node in heard.all() if node.role == "check box" and node.name.startswith("Claude Max"))
    assert plan.checked
    heard.bus.press(plan)
    wait_until(lambda: not heard.bus.look(plan.at).checked)


def test_a_button_can_be_pressed(heard: Heard) -> None:
    """By its name alone: the month before. The window then has another name for everybody."""
    heard.bus.press(next(node for node in heard.all() if node.name == "Earlier"))
    wait_until(lambda: shown(usage_in(BEFORE)), also=titles)
    wait_until(lambda: _name_of(heard).startswith(usage_in(BEFORE)))
    assert heard.window.name.startswith(usage_in(LAST))


def test_what_was_done_is_announced(heard: Heard) -> None:
    """To who has the keyboard elsewhere, once."""
    heard.bus.listen()
    table = heard.tables()["Table"]  # who answers all that has heard by then that somebody listens
    heard.bus.take_keyboard(table)
    desktop("key", "ctrl+c")
    wait_until(lambda: bool(heard.bus.announced()))
    assert heard.tables()
    assert heard.bus.announced() == ["Copied"]


def _name_of(heard: Heard) -> str:
    try:
        return heard.bus.look(heard.window.at).name
    except GoneError:
        return ""
