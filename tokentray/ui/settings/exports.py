"""The page on exports: where months are written to, as what, and whether each one is written by itself."""

from tokentray.setup import Setup
from tokentray.ui.forms.desk import Desk
from tokentray.ui.forms.fields import SMALL
from tokentray.ui.settings.declared import DeclaredPage
from tokentray.ui.settings.page import label

TITLE = "Export"
_TEXT = "A month as files to hand in. The window that exports a month begins with what is chosen here."
_NONE_YET = "No month was written by itself yet."


class ExportPage(DeclaredPage):
    """The settings, and when a month was last written by itself."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(TITLE, _TEXT, desk)

    def lay_more(self) -> None:
        self.last = label(factor=SMALL, secondary=True, wraps=True)
        self.body.addWidget(self.last)

    def show_setup(self, setup: Setup) -> None:
        super().show_setup(setup)
        monthly = any(one.key == "export.monthly" and one.text == "true" for one in setup.settings)
        words = f"Last written by itself: {setup.last_export_text}." if setup.last_export_text else _NONE_YET
        self.last.set_words(words)
        self.last.setVisible(monthly or bool(setup.last_export_text))
