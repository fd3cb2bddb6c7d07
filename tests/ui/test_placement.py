"""Where the popover goes: always whole on the screen, and near the tray where anything tells its place."""

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect, QSize

from tokentray.ui.placement import GAP, panel_edge, place

SCREEN = QRect(0, 0, 1280, 800)
SIZE = QSize(362, 450)
NO_ICON = QRect()


def below_top_panel() -> QRect:
    return SCREEN.adjusted(0, 28, 0, 0)


def above_bottom_panel() -> QRect:
    return SCREEN.adjusted(0, 0, 0, -40)


def test_hangs_from_the_icon() -> None:
    shown = place(SIZE, SCREEN, below_top_panel(), QRect(900, 2, 24, 24), None)
    assert shown.center().x() in range(909, 914)
    assert shown.top() == 28 + GAP


def test_stands_on_a_panel_below() -> None:
    shown = place(SIZE, SCREEN, above_bottom_panel(), NO_ICON, QPoint(600, 780))
    assert shown.bottom() == above_bottom_panel().bottom() - GAP
    assert abs(shown.center().x() - 600) <= 1


def test_hangs_beside_a_panel_on_the_side() -> None:
    left = place(SIZE, SCREEN, SCREEN.adjusted(48, 0, 0, 0), NO_ICON, QPoint(20, 700))
    assert left.left() == 48 + GAP
    right = place(SIZE, SCREEN, SCREEN.adjusted(0, 0, -48, 0), NO_ICON, QPoint(1270, 100))
    assert right.right() == 1279 - 48 - GAP


def test_pointer_in_the_middle_says_nothing() -> None:
    """Opened by a second start or a key: the corner at the panel, not the middle of somebody's work."""
    shown = place(SIZE, SCREEN, below_top_panel(), NO_ICON, QPoint(640, 400))
    assert (shown.right(), shown.top()) == (1279 - GAP, 28 + GAP)


def test_edges() -> None:
    assert panel_edge(SCREEN, SCREEN) == "none"
    assert panel_edge(SCREEN, below_top_panel()) == "top"
    assert panel_edge(SCREEN, above_bottom_panel()) == "bottom"


@given(
    st.integers(100, 3000),
    st.integers(100, 3000),
    st.tuples(*[st.integers(0, 90)] * 4),
    st.integers(-4000, 4000),
    st.integers(-4000, 4000),
    st.booleans(),
    st.integers(-2000, 2000),
)
def test_never_leaves_the_screen(
    width: int, height: int, panels: tuple[int, int, int, int], x: int, y: int, icon: bool, shift: int
) -> None:
    """Second screens left of the first have negative places; sizes may be larger than the screen."""
    screen = SCREEN.translated(shift, shift // 2)
    available = screen.adjusted(panels[0], panels[1], -panels[2], -panels[3])
    at = QRect(x, y, 24, 24) if icon else NO_ICON
    shown = place(QSize(width, height), screen, available, at, QPoint(x, y))
    assert available.contains(shown)
