"""The icon: every state another shape, readable on any panel, and the same as the mark for launchers."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from pytestqt.qtbot import QtBot

from tests.ui import scenes
from tokentray import assets
from tokentray.snapshot import SnapshotState
from tokentray.ui import icons, theme
from tokentray.ui.icons import IconSpec

pytestmark = pytest.mark.usefixtures("qtbot")

SHAPES = {
    "mark": IconSpec(SnapshotState.FRESH, None, 0),
    "little": IconSpec(SnapshotState.FRESH, 5, 0),
    "much": IconSpec(SnapshotState.FRESH, 50, 0),
    "hours": IconSpec(SnapshotState.FRESH, 50, 3),
    "nothing": IconSpec(SnapshotState.NOTHING_READ, None, 0),
    "stale-mark": IconSpec(SnapshotState.STALE, None, 0),
    "stale-ring": IconSpec(SnapshotState.STALE, 50, 3),
    "failing-mark": IconSpec(SnapshotState.FAILING, None, 0),
    "failing-ring": IconSpec(SnapshotState.FAILING, 50, 3),
    "amount": IconSpec(SnapshotState.FRESH, None, 0, amount="42"),
    "stale-amount": IconSpec(SnapshotState.STALE, None, 0, amount="42"),
    "failing-amount": IconSpec(SnapshotState.FAILING, None, 0, amount="42"),
    "hundreds": IconSpec(SnapshotState.FRESH, None, 0, amount="420"),
}


def image(spec: IconSpec, size: int) -> QImage:
    return icons.pixmap(spec, size).toImage().convertToFormat(QImage.Format.Format_ARGB32)


def different(one: QImage, other: QImage) -> int:
    width, height = one.width(), one.height()
    return sum(one.pixel(x, y) != other.pixel(x, y) for x in range(width) for y in range(height))


@pytest.mark.parametrize("size", icons.SIZES)
def test_every_shape_differs_at_every_size(size: int) -> None:
    drawn = {name: image(spec, size) for name, spec in SHAPES.items()}
    names = list(drawn)
    for index, name in enumerate(names):
        for other in names[index + 1 :]:
            assert different(drawn[name], drawn[other]) >= size, f"{name} and {other} look the same"


@pytest.mark.parametrize("template", [False, True])
def test_states_differ_by_shape_alone(template: bool) -> None:
    """The alpha channel is all that is left of a template image, and all that some eyes see."""
    drawn = {}
    for name in ("mark", "nothing", "stale-mark", "failing-mark"):
        picture = image(replace(SHAPES[name], template=True), 22)
        drawn[name] = [picture.pixelColor(x, y).alpha() > 127 for x in range(22) for y in range(22)]
        if template:
            colors = {picture.pixelColor(x, y).name() for x in range(22) for y in range(22)}
            assert colors <= {"#000000"}
    assert len({tuple(shape) for shape in drawn.values()}) == len(drawn)


@pytest.mark.parametrize("panel", ["white", "black"])
@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("size", [16, 22])
def test_readable_on_any_panel(name: str, panel: str, size: int) -> None:
    """Enough of every shape stands out from the panel, by the measure for graphics."""
    canvas = QImage(size, size, QImage.Format.Format_ARGB32)
    canvas.fill(QColor(panel))
    painter = QPainter(canvas)
    painter.drawPixmap(0, 0, icons.pixmap(SHAPES[name], size))
    painter.end()
    ground = QColor(panel)
    clear = sum(
        theme.contrast(canvas.pixelColor(x, y), ground) >= theme.SHAPE_CONTRAST
        for x in range(size)
        for y in range(size)
    )
    assert clear >= size * size / 5


def test_drawing_reads_on_its_plate() -> None:
    assert theme.contrast(icons.INK, icons.PLATE) >= theme.TEXT_CONTRAST
    for panel in ("white", "black"):
        assert theme.contrast(icons.PLATE, QColor(panel)) >= theme.SHAPE_CONTRAST


def test_all_sizes_are_in_the_icon() -> None:
    sizes = icons.icon(SHAPES["mark"]).availableSizes()
    assert sorted(size.width() for size in sizes) == list(icons.SIZES)
    assert icons.icon(replace(SHAPES["mark"], template=True)).isMask()


def test_spec_follows_the_snapshot() -> None:
    ordinary = scenes.ordinary()
    assert icons.spec_for(None).state is SnapshotState.NOTHING_READ
    assert icons.spec_for(ordinary) == IconSpec(SnapshotState.FRESH, 7, 0)
    assert icons.spec_for(ordinary._replace(icon_mode="mark")).ring is None
    assert icons.spec_for(scenes.no_reference()).ring is None
    assert icons.spec_for(scenes.very_large()).hours == 12
    hardly = ordinary._replace(ring_permille=3)
    assert icons.spec_for(hardly).ring == 1, "a little is not nothing"
    same = ordinary._replace(ring_permille=ordinary.ring_permille + 1)
    assert icons.spec_for(same) == icons.spec_for(ordinary), "no redraw for what is not seen"


def test_the_amount_is_drawn_where_that_was_chosen() -> None:
    """As the snapshot shortens it, with or without a rate to measure by; and nothing made up where none is known."""
    for scene in (scenes.ordinary(), scenes.no_reference()):
        assert icons.spec_for(scene._replace(icon_mode="amount")) == IconSpec(SnapshotState.FRESH, None, 0, amount="12")
    assert icons.spec_for(scenes.nothing_read()._replace(icon_mode="amount")).amount == ""
    assert icons.spec_for(scenes.refused_history()._replace(icon_mode="amount")).amount == ""


@pytest.mark.parametrize("size", icons.SIZES)
@pytest.mark.parametrize("text", ["9", "42", "1k", "420", "23k", ".4M"])
def test_an_amount_stands_inside_its_plate(text: str, size: int) -> None:
    """Whole: the rim of the plate is of the plate's colour all around."""
    drawn = image(IconSpec(SnapshotState.FRESH, None, 0, amount=text), size)
    middle = size // 2
    for x, y in ((0, middle), (size - 1, middle), (middle, 0), (middle, size - 1)):
        assert drawn.pixelColor(x, y) == icons.PLATE


def test_launcher_mark_is_the_mark(qtbot: QtBot) -> None:
    """`resources/icons/tokentray.svg` is drawn by hand; this holds it to what the tray draws."""
    renderer = QSvgRenderer(str(assets.path("icons/tokentray.svg")))
    assert renderer.isValid()
    picture = QImage(64, 64, QImage.Format.Format_ARGB32)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    renderer.render(painter)
    painter.end()
    drawn = image(SHAPES["mark"], 64)
    far = 0
    for x in range(64):
        for y in range(64):
            one, other = picture.pixelColor(x, y), drawn.pixelColor(x, y)
            inks = abs(one.red() * one.alpha() - other.red() * other.alpha()) // 255
            far += max(inks, abs(one.alpha() - other.alpha())) > 40
    assert far <= 20
