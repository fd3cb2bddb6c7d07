"""Where the popover goes: a pure function, since every desktop knows something else about its tray.

Under StatusNotifierItem the icon's rectangle is empty, under Wayland the pointer is unknown too and the
compositor places windows itself; then this is not asked.
"""

from PySide6.QtCore import QPoint, QRect, QSize

GAP = 8
"""Pixels kept free between the popover and the panel or the screen's edge."""
_NEAR_PANEL = 60
"""A pointer this close to the panel has just clicked there."""


def place(size: QSize, screen: QRect, available: QRect, icon: QRect, cursor: QPoint | None) -> QRect:
    """The rectangle of the popover, inside what the panels leave of the screen.

    It hangs from the icon where that is known, else from the pointer where that is at a panel or an edge,
    else it stands in the corner of the panel that is the widest, on the trailing side.
    """
    fitting = size.boundedTo(QSize(available.width() - 2 * GAP, available.height() - 2 * GAP))
    edge = panel_edge(screen, available)
    anchor = _anchor(screen, available, icon, cursor)
    if anchor is None:
        anchor = QPoint(available.right(), available.top() if edge != "bottom" else available.bottom())
        if edge == "left":
            anchor.setX(available.left())
    left, top = anchor.x() - fitting.width() // 2, anchor.y() - fitting.height() // 2
    if edge == "left":
        left = available.left() + GAP
    elif edge == "right":
        left = available.right() - GAP - fitting.width() + 1
    elif edge == "bottom" or (edge == "none" and anchor.y() > available.center().y()):
        top = available.bottom() - GAP - fitting.height() + 1
    else:
        top = available.top() + GAP
    left = max(available.left() + GAP, min(left, available.right() - GAP - fitting.width() + 1))
    top = max(available.top() + GAP, min(top, available.bottom() - GAP - fitting.height() + 1))
    return QRect(QPoint(left, top), fitting)


def panel_edge(screen: QRect, available: QRect) -> str:
    """The side of the screen that the widest panel takes: "top", "bottom", "left", "right", or "none"."""
    taken = {
        "top": available.top() - screen.top(),
        "bottom": screen.bottom() - available.bottom(),
        "left": available.left() - screen.left(),
        "right": screen.right() - available.right(),
    }
    edge = max(taken, key=lambda side: taken[side])
    return edge if taken[edge] > 0 else "none"


def _anchor(screen: QRect, available: QRect, icon: QRect, cursor: QPoint | None) -> QPoint | None:
    if icon.isValid() and screen.intersects(icon):
        return icon.center()
    if cursor is None or not screen.contains(cursor):
        return None
    inner = available.adjusted(_NEAR_PANEL, _NEAR_PANEL, -_NEAR_PANEL, -_NEAR_PANEL)
    return None if inner.contains(cursor) else cursor
