"""The order of the Tab key, taken from how things are laid out: rows come and go, and Qt goes by when they were made.

No widget here has a focus proxy: the Tab key would come to what it stands for once more, and skip the rest.
"""

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLayout, QScrollArea, QSplitter, QWidget


def stops(widget: QWidget) -> Iterator[QWidget]:
    """What the Tab key can come to inside a widget, in the order of its layouts."""
    if widget.isHidden():
        return
    layout = widget.layout()
    content = widget.widget() if isinstance(widget, QScrollArea) else None
    if content is not None:
        yield from stops(content)
    elif isinstance(widget, QSplitter):
        for part in map(widget.widget, range(widget.count())):
            if part is not None:
                yield from stops(part)
    elif layout is not None and not isinstance(widget, QAbstractButton):
        yield from _inside(layout)
    elif widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
        yield widget


def focus(widget: QWidget, reason: Qt.FocusReason = Qt.FocusReason.OtherFocusReason) -> None:
    """Put the keyboard on the first stop inside a widget."""
    first = next(stops(widget), None)
    if first is not None:
        first.setFocus(reason)


def put_in_order(found: list[QWidget]) -> None:
    """Have the Tab key walk in this order."""
    for one, other in pairwise(found):
        QWidget.setTabOrder(one, other)


def _inside(layout: QLayout) -> Iterator[QWidget]:
    for place in range(layout.count()):
        item = layout.itemAt(place)
        below, widget = (item.layout(), item.widget()) if item is not None else (None, None)
        if widget is not None:
            yield from stops(widget)
        elif below is not None:
            yield from _inside(below)
