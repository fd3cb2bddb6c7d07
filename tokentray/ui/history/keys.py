"""The keys of the history window, and the small window that lists them."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from tokentray.ui import theme
from tokentray.ui.widgets import TextLabel

LISTED = (
    ("Ctrl+1 … Ctrl+6", "Usage, Why, Prices, Plans, Reconcile, Notes"),
    ("Ctrl+Left, Ctrl+Right", "The days, month or year before, or after"),
    ("Ctrl+F", "Filter; Esc empties it"),
    ("Alt+Left, Alt+Right", "Back, forward"),
    ("Left, Right", "In the chart: from bar to bar"),
    ("Up, Down", "In the chart: from part to part of a bar"),
    ("Shift+Left, Shift+Right", "In the chart: select bars"),
    ("Space", "In the table: count this row alone. In the legend: switch off, or on"),
    ("Alt+Up, Alt+Down", "In the table: sort by the column"),
    ("Enter", "Go deeper: into a row, an item of the legend, a bar"),
    ("Esc", "Clear the selection, then what was picked, then close"),
    ("Ctrl+C", "Copy the chosen cells"),
    ("Menu, Shift+F10", "Copy, save and the rest of what a right click offers"),
    ("Ctrl+R", "Read logs and accounts now"),
    ("Ctrl+Shift+Up, Ctrl+Shift+Down", "More room for the table, for the chart"),
    ("Ctrl+E", "Export the month in view"),
    ("Ctrl+,", "Settings"),
    ("Ctrl+W", "Close"),
)
_MODIFIERS = frozenset((Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta))


class KeysPopup(QFrame):
    """The list. Any key or click beside it closes it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAccessibleName("Keyboard")
        self.setAccessibleDescription("; ".join(f"{keys}: {words}" for keys, words in LISTED))
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 14, 16, 14)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(5)
        for place, (keys, words) in enumerate(LISTED):
            named, told = TextLabel(font=theme.font(1.0, QFont.Weight.DemiBold), gutter=False), TextLabel(gutter=False)
            named.set_words(keys)
            told.set_words(words)
            grid.addWidget(named, place, 0)
            grid.addWidget(told, place, 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        if event.key() not in _MODIFIERS:
            self.close()

    def open(self, over: QWidget) -> None:
        """Show it in the middle of a window."""
        self.adjustSize()
        middle = over.mapToGlobal(over.rect().center()) - QPoint(self.width() // 2, self.height() // 2)
        self.move(middle)
        self.show()
        self.setFocus(Qt.FocusReason.PopupFocusReason)
