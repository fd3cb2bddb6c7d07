"""What a screen reader is told of what Qt knows only as widgets: that it is a window, a chart, or a failure.

Qt takes any widget it does not know for a filler between others, which readers pass over.
"""

from functools import cache

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QAccessibleWidget, QWidget

_CHART, _WINDOW = QAccessible.Role.Chart, QAccessible.Role.Window
_ROLES = {
    "ChartView": _CHART,
    "DayBars": _CHART,
    "ExportWindow": _WINDOW,
    "FirstRun": _WINDOW,
    "HistoryWindow": _WINDOW,
    "Popover": _WINDOW,
    "ProblemRow": QAccessible.Role.AlertMessage,
    "SettingsWindow": _WINDOW,
}
"""By class of widget."""


class _Heard(QAccessibleWidget):
    """A class of its own, so that the binding hears when Qt lets go of it."""

    def __init__(self, widget: QWidget, role: QAccessible.Role) -> None:
        super().__init__(widget, role)


@cache
def name_roles() -> None:
    """From now on, these are told for what they are. Costs nothing where nobody listens."""

    def make(name: str, widget: QObject) -> QAccessibleWidget | None:
        role = _ROLES.get(name)
        return None if role is None or not isinstance(widget, QWidget) else _Heard(widget, role)

    QAccessible.installFactory(make)


def announce(widget: QWidget, words: str) -> None:
    """Say words of a widget that has not got the keyboard, once they are to be seen."""
    if words and widget.isVisible():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, words))
