"""A form: fields that are sent as one request. Refused, it keeps what was typed and says at which field why."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QCheckBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from tokentray.requests import Answer
from tokentray.setup import Setup
from tokentray.snapshot import Problem
from tokentray.ui.forms.amounts import AmountEdit
from tokentray.ui.forms.controls import Button, Combo, CurrencyCombo
from tokentray.ui.forms.dayedit import UNREAD, DayEdit
from tokentray.ui.forms.desk import Asked, Desk
from tokentray.ui.forms.fields import Field, Fields, Refusal
from tokentray.ui.forms.tabs import focus


class Form(QWidget):
    """Fields by the names they have in the request.

    Without a desk it is a part of a larger form: it has no buttons, and who holds it sends `request()` and hands
    a refusal to `refuse`.
    """

    done = Signal(str)
    """It was sent and carried out; what was done, in words."""
    cancelled = Signal()

    def __init__(self, desk: Desk | None = None, *, action: str = "", cancels: bool = False) -> None:
        """action: what its button says. cancels: whether there is a button to leave it."""
        super().__init__()
        self._desk = desk
        self._pending: Asked | None = None
        self._by_name: dict[str, Field] = {}
        self.fields = Fields()
        self.refusal = Refusal()
        self.send_button = Button(action)
        self.cancel_button = Button("Cancel")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addLayout(self.fields)
        box.addWidget(self.refusal)
        self._foot = QHBoxLayout()
        self._foot.addWidget(self.send_button)
        self._foot.addWidget(self.cancel_button)
        self._foot.addStretch(1)
        box.addLayout(self._foot)
        self.send_button.setVisible(desk is not None)
        self.cancel_button.setVisible(desk is not None and cancels)
        self.send_button.clicked.connect(self.submit)
        self.cancel_button.clicked.connect(self.cancelled)

    def request(self) -> Asked:
        """What it asks for, as typed; whether that may be is not decided here."""
        raise NotImplementedError

    def show_setup(self, setup: Setup) -> None:
        """Follow what is known now: what can be chosen, and the values that nobody has touched."""
        raise NotImplementedError

    def clear(self) -> None:
        """Begin anew: nothing typed, nothing refused, no answer awaited."""
        self._pending = None
        self.refuse(None)
        for edit in self.findChildren(DayEdit):
            edit.touched = False
        for combo in self.findChildren(Combo):
            combo.touched = False

    def field(self, name: str) -> Field:
        """A field by its name in the request."""
        return self._by_name[name]

    def submit(self) -> None:
        """Send it, unless the very same is under way."""
        if self._desk is None:
            return
        if self._refuses_days():
            return
        asked = self.request()
        if asked == self._pending:
            return
        self.refuse(None)
        self._pending = asked
        self._desk.send(asked, self, lambda answer: self._on_answer(asked, answer))

    def refuse(self, problem: Problem | None, name: str = "") -> None:
        """Say why not at the field of that name, or under all of them; None takes every refusal away."""
        for each in self._by_name.values():
            if each.refused():
                each.refuse(None)
        field = self._by_name.get(name)
        if problem is None or field is None or field.isHidden():
            self.refusal.show_problem(problem)
            return
        self.refusal.show_problem(None)
        field.refuse(problem)
        if self._holds_focus():
            focus(field.control)
            if isinstance(field.control, QLineEdit):
                field.control.selectAll()

    def focus_first(self) -> None:
        """Put the keyboard on the first field."""
        for field in self._by_name.values():
            if not field.isHidden():
                focus(field.control, Qt.FocusReason.TabFocusReason)
                return

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        enters = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        holder = QApplication.focusWidget()
        pressed = isinstance(holder, QAbstractButton) and not isinstance(holder, QCheckBox)
        if enters and self._desk is not None and not pressed:
            self.submit()
        elif event.key() == Qt.Key.Key_Escape and not self.cancel_button.isHidden():
            self.cancelled.emit()
        else:
            super().keyPressEvent(event)

    def add(self, name: str, label: str, control: QWidget, text: str = "") -> Field:
        """One more field. name: its own in the request."""
        field = self.fields.add(label, control, text)
        self._by_name[name] = field
        return field

    def add_amount(self, name: str, label: str, amount: AmountEdit, currency: CurrencyCombo, text: str = "") -> Field:
        """An amount with its currency beside it, which is the field "currency" of the request."""
        currency.setAccessibleName("Currency")
        return self.add_pair(name, label, amount, "currency", currency, text)

    def add_pair(
        self, name: str, label: str, control: QWidget, other_name: str, other: QWidget, text: str = ""
    ) -> Field:
        """Two fields of the request on one line; `other` has an accessible name already."""
        field = self.fields.add(label, control, text, beside=other)
        self._by_name[name] = self._by_name[other_name] = field
        return field

    def show_field(self, name: str, *, shown: bool) -> None:
        """Show or hide a field with its label."""
        self.fields.show_row(self._by_name[name], shown=shown)

    def label_field(self, name: str, label: str) -> None:
        """Call a field differently."""
        field = self._by_name[name]
        self.fields.label_of(field).setText(label)
        field.control.setAccessibleName(label)

    def _refuses_days(self) -> bool:
        """Whether what stands for a date is none. It is said here, since a request holds dates."""
        for name, field in self._by_name.items():
            days = [edit for edit in (field.control, *field.findChildren(DayEdit)) if isinstance(edit, DayEdit)]
            for edit in days:
                if edit.isEnabled() and edit.isVisibleTo(self) and edit.is_unread():
                    self._pending = None
                    self.refuse(UNREAD, name)
                    edit.setFocus(Qt.FocusReason.OtherFocusReason)
                    edit.selectAll()
                    return True
        return False

    def _holds_focus(self) -> bool:
        holder: QWidget | None = QApplication.focusWidget()
        return holder is None or holder is self or self.isAncestorOf(holder)

    def _on_answer(self, asked: Asked, answer: Answer) -> None:
        if self._pending != asked:
            return  # it was left, or sent again with something else, before the answer came
        self._pending = None
        if answer.problem is not None:
            self.refuse(answer.problem, answer.field)
        else:
            self.done.emit(answer.text)
