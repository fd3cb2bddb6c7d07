"""What a screen reader is told of the charts that this app paints itself: that they are charts.

Qt takes any widget it does not know for a filler between others, which readers pass over.
"""

from functools import cache

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAccessibleWidget, QWidget

_CHARTS = frozenset(("ChartView", "DayBars"))
"""Classes of widgets."""


class _HeardChart(QAccessibleWidget):
    """A class of its own, so that the binding hears when Qt lets go of it."""

    def __init__(self, chart: QWidget) -> None:
        super().__init__(chart, QAccessible.Role.Chart)


@cache
def name_charts() -> None:
    """From now on, they are charts. Costs nothing where nobody listens."""

    def make(name: str, widget: QObject) -> QAccessibleWidget | None:
        return _HeardChart(widget) if name in _CHARTS and isinstance(widget, QWidget) else None

    QAccessible.installFactory(make)
