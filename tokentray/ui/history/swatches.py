"""The small squares in front of names, each as the bars of its group look. Made once for each look."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

from tokentray.charts import palette
from tokentray.charts.layout import marks
from tokentray.charts.spec import Chart
from tokentray.report import Row
from tokentray.ui import theme
from tokentray.ui.history.painting import paint_swatch

SIDE = 12
"""Pixels of a square."""


class Swatches:
    """Squares for the rows of a table. Rows that have no colour in the chart are grey."""

    def __init__(self) -> None:
        self._looks: dict[str, tuple[str, int]] = {}
        self._made: dict[tuple[str, int], QPixmap] = {}
        self._scale = 1.0

    def show_chart(self, chart: Chart | None, rows: Sequence[Row]) -> None:
        """The chart that stands above the table."""
        shown = () if chart is None else tuple(mark for mark in marks(chart) if not mark.dashed)
        # What tells lines apart is the form of their markers, and no pattern of a square.
        found = {mark.id: (mark.ink, palette.SOLID if mark.line else mark.pattern) for mark in shown}
        self._looks = found if any(row.id in found for row in rows) else {}

    def forget(self, scale: float) -> None:
        """Colours have changed, or the pixels of the screen."""
        self._made.clear()
        self._scale = scale

    def of(self, row: Row) -> QPixmap | None:
        """None for a row that has no colour."""
        if not row.ink:
            return None
        if self._looks:
            look = self._looks.get(row.id, ("", palette.SOLID))
        else:
            look = (row.ink, palette.look(row.ink).pattern)
        if look not in self._made:
            self._made[look] = self._square(*look)
        return self._made[look]

    def _square(self, ink: str, pattern: int) -> QPixmap:
        side = round(SIDE * self._scale)
        result = QPixmap(side, side)
        result.setDevicePixelRatio(self._scale)
        result.fill(Qt.GlobalColor.transparent)
        painter = QPainter(result)
        paint_swatch(QRectF(0, 0, SIDE, SIDE), ink, pattern, painter, theme.current())
        painter.end()
        return result
