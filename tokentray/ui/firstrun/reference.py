"""The card of the reference point: what the person measures money against, and at once what that shows."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from tokentray.requests import Answer, RemoveReference
from tokentray.setup import ReferenceSetup, Setup
from tokentray.ui import theme
from tokentray.ui.buttons import TextButton
from tokentray.ui.firstrun.card import Card, DoneSign
from tokentray.ui.forms.desk import Desk
from tokentray.ui.forms.reference import ReferenceForm
from tokentray.ui.widgets import TextLabel

ABOUT = "Money is easier to judge in your own time, or in something you have a feeling for. Later is fine."


class _AmountForm(ReferenceForm):
    """As everywhere, but that Enter with nothing typed is for the window: later is fine."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not self.amount.text().strip():
            event.ignore()
        else:
            super().keyPressEvent(event)


class ReferenceCard(Card):
    """The form of a reference point, or the one that leads."""

    settled = Signal()
    """One was set here: the rest of the window can go on."""
    settings_asked = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("Your reference point", ABOUT, parent)
        self._desk = desk
        self._leading: ReferenceSetup | None = None
        self._set_here = False
        self.form = _AmountForm(desk, brief=True)
        self.form.fields.stack()
        self.form.fields.setVerticalSpacing(6)
        self.form.label_field("kind", "Measure by")
        self.form.send_button.setText("Set")
        self.form.send_button.setAccessibleName("Set the reference point")
        self.sign = DoneSign()
        self.text = TextLabel(font=theme.font(1.0, QFont.Weight.DemiBold), wraps=True, gutter=False)
        self.change = TextButton("Change", factor=0.92, link=True)
        self.example = TextLabel(wraps=True, gutter=False)
        self.rate = TextLabel(font=theme.font(0.92), secondary=True, wraps=True, gutter=False)
        self.summary = QWidget()
        line = QHBoxLayout(self.summary)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self.sign, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.text, 1)
        line.addWidget(self.change, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addSpacing(14)
        self.body.addWidget(self.form)
        self.body.addWidget(self.summary)
        self.body.addSpacing(6)
        self.body.addWidget(self.example)
        self.body.addSpacing(6)
        self.body.addWidget(self.rate)
        self.body.addStretch(1)
        self.change.clicked.connect(self._on_change)
        self.form.done.connect(self._on_done)
        self._lay_out()

    def show_setup(self, setup: Setup) -> None:
        self._leading = next((one for one in setup.references if one.leads), None)
        self.form.show_setup(setup)
        missing = ", ".join(setup.missing_rates)
        self.rate.set_words(f"An exchange rate for {missing} is missing: set it in the settings." if missing else "")
        self._lay_out()

    def send_rest(self) -> None:
        """Set what was typed and not sent yet."""
        if not self.form.isHidden() and self.form.amount.text().strip():
            self.form.submit()

    def stops(self) -> list[QWidget]:
        """What the Tab key comes to, in order."""
        form = self.form
        return [form.kind, form.name, form.amount, form.currency, form.send_button, self.change]

    def _lay_out(self) -> None:
        leading = self._leading
        self.form.setVisible(leading is None)
        self.summary.setVisible(leading is not None)
        self.example.setVisible(bool(leading and leading.example_text))
        self.rate.setVisible(bool(self.rate.words()))
        if leading is not None:
            self.text.set_words(leading.text)
            self.example.set_words(leading.example_text[:1].upper() + leading.example_text[1:])
        self.change.setAccessibleName("Change the reference point")

    def _on_done(self) -> None:
        self._set_here = True
        self.settled.emit()

    def _on_change(self) -> None:
        """Take back what was set here a moment ago; one with a past is changed with its dates, in the settings."""
        if not self._set_here or self._leading is None:
            self.settings_asked.emit()
            return
        self._desk.send(RemoveReference(self._leading.id), self, self._on_taken_back)

    def _on_taken_back(self, answer: Answer) -> None:
        if answer.problem is not None:
            return
        self._set_here = False
        if self._leading is None:
            self.form.amount.setFocus(Qt.FocusReason.OtherFocusReason)
            self.form.amount.selectAll()
