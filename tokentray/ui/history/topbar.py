"""The bar on top of the history window: its views, and what can be done with all of it."""

from PySide6.QtWidgets import QHBoxLayout

from tokentray.ui.buttons import RefreshButton, TextButton
from tokentray.ui.history.views import Views
from tokentray.ui.view import MARGIN
from tokentray.ui.widgets import GUTTER


class TopBar(QHBoxLayout):
    """The views on one side, the buttons on the other."""

    def __init__(self) -> None:
        super().__init__()
        self.views = Views()
        self.export = TextButton("Export")
        self.export.setAccessibleName("Export this month")
        self.export.setToolTip("Export this month (Ctrl+E)")
        self.keys = TextButton("Keyboard")
        self.keys.setToolTip("What the keyboard does (F1)")
        self.refresh = RefreshButton()
        self.setContentsMargins(MARGIN - 11, 4, MARGIN - GUTTER, 0)
        self.setSpacing(2)
        self.addWidget(self.views)
        self.addStretch(1)
        for button in (self.export, self.keys, self.refresh):
            self.addWidget(button)
