"""What windows are told, and that nothing is made for them twice."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.store.test_snapshots import NOW, Made, call
from tokentray.clock import DAY_S, UtcSeconds, UtcZone
from tokentray.engine.teller import Teller
from tokentray.model import PayerKind
from tokentray.money import NumberStyle
from tokentray.paths import Paths
from tokentray.settings import DEFAULTS, Loaded
from tokentray.snapshot import Problem, Snapshot
from tokentray.store.history import History

DEFAULT = Loaded()


class Counting(NumberStyle):
    """Counts the numbers that are written, which every snapshot made does."""

    written = 0

    def number(self, value: Decimal | int, places: int = 0) -> str:
        type(self).written += 1
        return super().number(value, places)


class Desk:
    """A teller over a history with use, what it sent, and the clock it goes by."""

    def __init__(self, folder: Path) -> None:
        self.made = Made(folder / "history.db")
        self.made.add("codex", "Codex", call(1, NOW - 5))
        self.history = History(self.made.path)
        self.seen: list[Snapshot] = []
        self.ahead_s = 0
        self.teller = Teller(
            Paths(folder, folder, folder), self, Counting(), agents=(), env={}, home=folder, made_up=False
        )
        self.teller.snapshot_listeners.append(self.seen.append)

    def now_utc(self) -> UtcSeconds:
        return UtcSeconds(NOW + self.ahead_s)

    def made_anew(self, loaded: Loaded = DEFAULT, *, history: History | None = None) -> bool:
        """Whether an event of our own files has a snapshot made."""
        before = Counting.written
        self.teller.show(history or self.history, loaded, UtcZone(), only_if_changed=True, written=True)
        return Counting.written > before


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A history with one call, shown once."""
    desk = Desk(tmp_path)
    assert desk.made_anew(), "the first is made whatever is said"
    return desk


def test_what_was_told_is_not_made_again(desk: Desk) -> None:
    """Each of our own writes makes an event of the file, after what it wrote was shown."""
    assert not desk.made_anew()
    desk.made.rule("codex", PayerKind.PAYG)
    assert desk.made_anew()
    assert desk.seen[-1].counts_spend
    assert not desk.made_anew()
    assert len(desk.seen) == 2


def test_whatever_may_read_differently_is_made_again(desk: Desk) -> None:
    """Other settings, another file in its place, and after a failure."""
    assert desk.made_anew(Loaded(DEFAULTS._replace(icon_mode="amount")))
    assert desk.made_anew()
    with History(desk.made.path) as another:
        assert desk.made_anew(history=another)
    assert desk.made_anew()
    desk.teller.fail(Problem("Reading stopped", "", ""), DEFAULT, UtcZone())
    assert desk.made_anew()
    assert not desk.seen[-1].problems


def test_a_look_that_was_asked_for_is_always_made(desk: Desk) -> None:
    """Time alone makes figures old."""
    before = Counting.written
    desk.teller.show(desk.history, DEFAULT, UtcZone(), only_if_changed=True)
    assert Counting.written > before


def test_a_new_day_is_made_whatever_brought_it_up(desk: Desk) -> None:
    """An event at midnight stands for the midnight that it came before."""
    desk.ahead_s = 60
    assert not desk.made_anew()
    desk.ahead_s = DAY_S
    assert desk.made_anew()
    assert desk.seen[-1].today.tokens == 0
