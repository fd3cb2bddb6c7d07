"""The mark of the app, drawn anew for each size of the tray: a token lying in a tray, on a plate of its own.

The plate makes it readable on any panel, whatever colour scheme the app itself has: a mid tone that stands
out from white and from black, and a light drawing on it. What it says, it says by shape:

- ring: today as a part of one hour of the person's time, clockwise from twelve; whole hours as an inner ring,
  a clock of twelve. Without a rate to measure by, the mark.
- amount: today, in three characters at most. Amounts in the hundreds have no form of two, so three stand in the
  smallest size too, closer together.
- nothing read yet: outline only. Stale: the ring, or the line under the amount, is dashed. Failing: a notch is
  cut into the corner.

On macOS the same drawing becomes a template image: black and alpha, the drawing cut out of the plate.
`resources/icons/tokentray.svg` is the mark for launchers; a test holds it to what is drawn here.
"""

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QGuiApplication,
    QIcon,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
    QTransform,
)

from tokentray.snapshot import Snapshot, SnapshotState

SIZES = (16, 22, 24, 32, 48, 64)
"""Pixels. All are sent to the panel, which picks one: so each is drawn, none scaled."""

PLATE = QColor("#4468ee")
INK = QColor("#ffffff")
ALERT = QColor("#e03131")

_HOURS_ON_DIAL = 12
_NARROWEST = 1.5
"""How many times taller than wide the amount's type may be drawn, against its own shape."""
_TOKEN = QPointF(8.0, 6.3)
"""Where the token lies in the mark, in sixteenths of the icon."""


class Mode(Enum):
    """What the icon shows."""

    RING = "ring"
    AMOUNT = "amount"
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class IconSpec:
    """Everything that the drawing depends on; two equal ones look the same, so the icon is set only when it
    differs.
    """

    state: SnapshotState
    ring: int | None
    """Sixtieths of the ring, None for another drawing. A finer step could not be seen, and would only wake the
    panel.
    """
    hours: int
    template: bool = False
    amount: str = ""
    """What stands on the plate, "" for another drawing."""


def spec_for(snapshot: Snapshot | None, *, template: bool = False) -> IconSpec:
    """What to draw for a snapshot; None is a start with nothing known yet."""
    if snapshot is None or snapshot.state is SnapshotState.NOTHING_READ:
        return IconSpec(SnapshotState.NOTHING_READ, None, 0, template)
    mode = Mode(snapshot.icon_mode)
    if mode is Mode.AMOUNT and not snapshot.blank:
        return IconSpec(snapshot.state, None, 0, template, snapshot.today_short)
    if mode is not Mode.RING or snapshot.today_minutes is None:
        return IconSpec(snapshot.state, None, 0, template)
    sixtieths = snapshot.ring_permille * 60 // 1000
    if snapshot.ring_permille and not sixtieths:
        sixtieths = 1
    return IconSpec(snapshot.state, sixtieths, min(snapshot.ring_hours, _HOURS_ON_DIAL), template)


def icon(spec: IconSpec) -> QIcon:
    """The icon in all sizes."""
    result = QIcon()
    for size in SIZES:
        result.addPixmap(pixmap(spec, size))
    result.setIsMask(spec.template)
    return result


def pixmap(spec: IconSpec, size: int) -> QPixmap:
    """One size of the icon, on a transparent ground."""
    result = QPixmap(size, size)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _draw(painter, spec, size)
    painter.end()
    return result


def _draw(painter: QPainter, spec: IconSpec, size: int) -> None:
    unit = size / 16.0
    middle = QPointF(size / 2, size / 2)
    plate = QColor("black") if spec.template else PLATE
    if spec.state is SnapshotState.NOTHING_READ:
        edge = 1.4 * unit
        painter.setPen(QPen(plate, edge))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        box = QRectF(edge / 2, edge / 2, size - edge, size - edge)
        painter.drawRoundedRect(box, 3.6 * unit, 3.6 * unit)
        _draw_tray(painter, unit, plate)
        painter.setPen(QPen(plate, 1.2 * unit))
        painter.drawEllipse(_TOKEN * unit, 1.8 * unit, 1.8 * unit)
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(plate))
    painter.drawRoundedRect(QRectF(0, 0, size, size), 4.2 * unit, 4.2 * unit)
    painter.save()
    if spec.template:
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationOut)
    if spec.amount:
        _draw_amount(painter, unit, spec)
    elif spec.ring is None:
        _draw_mark(painter, middle, unit, stale=spec.state is SnapshotState.STALE)
    else:
        _draw_ring(painter, middle, unit, spec)
    painter.restore()
    if spec.state is SnapshotState.FAILING:
        _draw_notch(painter, unit, QColor("black") if spec.template else ALERT)


def _draw_tray(painter: QPainter, unit: float, ink: QColor) -> None:
    """The tray: a shallow box, open above."""
    pen = QPen(ink, 1.6 * unit)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    tray = QPainterPath(QPointF(3.6, 8.6) * unit)
    for x, y in ((3.6, 12.2), (12.4, 12.2), (12.4, 8.6)):
        tray.lineTo(QPointF(x, y) * unit)
    painter.drawPath(tray)


def _draw_mark(painter: QPainter, middle: QPointF, unit: float, *, stale: bool) -> None:
    if stale:
        _dashes(painter, middle, 5.4 * unit, 1.8 * unit)
    else:
        _draw_tray(painter, unit, INK)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(INK))
    painter.drawEllipse(middle if stale else _TOKEN * unit, 2.5 * unit, 2.5 * unit)


def _draw_ring(painter: QPainter, middle: QPointF, unit: float, spec: IconSpec) -> None:
    radius, width = 5.5 * unit, 2.2 * unit
    if spec.state is SnapshotState.STALE:
        _dashes(painter, middle, radius, width)
    else:
        _arc(painter, middle, radius, width, 1.0, faint=True)
        if spec.ring:
            _arc(painter, middle, radius, width, spec.ring / 60, faint=False)
    if spec.hours:
        _arc(painter, middle, 2.5 * unit, 1.9 * unit, 1.0, faint=True)
        _arc(painter, middle, 2.5 * unit, 1.9 * unit, spec.hours / _HOURS_ON_DIAL, faint=False)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(INK))
        painter.drawEllipse(middle, 2.2 * unit, 2.2 * unit)


def _draw_amount(painter: QPainter, unit: float, spec: IconSpec) -> None:
    """The figure as large as the plate allows; above the notch, or the dashed line, where there is one."""
    font = QFont(QGuiApplication.font().family())
    font.setWeight(QFont.Weight.Bold)
    font.setPixelSize(100)  # drawn as a shape, and scaled: type of the wished size would be rounded to pixels
    shape = QPainterPath()
    shape.addText(0, 0, font, spec.amount)
    drawn = shape.boundingRect()
    tall = QPainterPath()
    tall.addText(0, 0, font, "0")
    stale, failing = spec.state is SnapshotState.STALE, spec.state is SnapshotState.FAILING
    room = QRectF(1.2 * unit, (1.3 if stale or failing else 3.0) * unit, 13.6 * unit, 10.0 * unit)
    if failing:
        room.setHeight(6.8 * unit)
    elif stale:
        room.setHeight(9.8 * unit)
    high = room.height() / tall.boundingRect().height()
    wide = min(high, room.width() / drawn.width())
    high = min(high, wide * _NARROWEST)
    middle = room.center()
    place = QTransform()
    place.translate(middle.x(), middle.y())
    place.scale(wide, high)
    place.translate(-drawn.center().x(), -tall.boundingRect().center().y())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(INK))
    painter.drawPath(place.map(shape))
    if stale:
        for number in range(3):
            painter.drawRect(QRectF((2.2 + number * 4.2) * unit, 12.7 * unit, 3.2 * unit, 1.6 * unit))


def _arc(painter: QPainter, middle: QPointF, radius: float, width: float, share: float, *, faint: bool) -> None:
    """A part of a circle, clockwise from twelve."""
    ink = QColor(INK)
    ink.setAlpha(64 if faint else 255)
    pen = QPen(ink, width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    box = QRectF(middle.x() - radius, middle.y() - radius, 2 * radius, 2 * radius)
    if share >= 1:
        painter.drawEllipse(box)
    else:
        painter.drawArc(box, 90 * 16, -round(share * 360 * 16))


def _dashes(painter: QPainter, middle: QPointF, radius: float, width: float) -> None:
    """A ring of six dashes: fewer and longer ones stay apart at 16 pixels."""
    pen = QPen(INK, width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    box = QRectF(middle.x() - radius, middle.y() - radius, 2 * radius, 2 * radius)
    for number in range(6):
        painter.drawArc(box, (number * 60 + 12) * 16, 36 * 16)


def _draw_notch(painter: QPainter, unit: float, ink: QColor) -> None:
    """Bites the lower right corner out of the plate and sets a triangle there."""
    painter.save()
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(Qt.GlobalColor.black))
    painter.drawEllipse(QPointF(12.6 * unit, 12.4 * unit), 4.9 * unit, 4.9 * unit)
    painter.restore()
    sign = QPainterPath(QPointF(12.4 * unit, 8.9 * unit))
    sign.lineTo(16.0 * unit, 15.6 * unit)
    sign.lineTo(8.8 * unit, 15.6 * unit)
    sign.closeSubpath()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(ink))
    painter.drawPath(sign)
