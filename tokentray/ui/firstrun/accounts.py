"""The card of accounts: paste a key, see what it can show, keep it. Several, one after the other; later is fine."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokentray.setup import AccountSetup, Setup
from tokentray.ui import theme
from tokentray.ui.buttons import TextButton
from tokentray.ui.firstrun.card import Card, DoneSign
from tokentray.ui.forms.desk import Desk
from tokentray.ui.forms.key import KeyForm, Step
from tokentray.ui.forms.tabs import stops
from tokentray.ui.widgets import TextLabel

ABOUT = "What you pay by use, from the providers’ own books. Keys stay in the keyring of this desktop. Later is fine."


class _Kept(QWidget):
    """An account that is there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = TextLabel(elides=True, gutter=False)
        self.kind = TextLabel(font=theme.font(0.92), secondary=True, wraps=True, gutter=False)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(DoneSign(), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self.name)
        words.addWidget(self.kind)
        head.addLayout(words, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 8)
        box.addLayout(head)

    def show_account(self, account: AccountSetup) -> None:
        self.name.set_words(account.label)
        state = account.progress_text or account.state_text
        self.kind.set_words(", ".join(part for part in (account.kind_text or account.provider_name, state) if part))


class AccountsCard(Card):
    """The accounts that are there, and the form for another."""

    settled = Signal()
    """One was added here."""
    relaid = Signal()
    """Parts of it came or went."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("Accounts", ABOUT, parent)
        self._kept: dict[int, _Kept] = {}
        self.form = KeyForm(desk, leaves=False)
        self.form.fields.stack()
        self.form.fields.setVerticalSpacing(6)
        self.another = TextButton("Add another key", link=True)
        self._column = QVBoxLayout()
        self._column.setSpacing(0)
        self.body.addSpacing(12)
        self.body.addLayout(self._column)
        self.body.addWidget(self.another, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(self.form)
        self.body.addStretch(1)
        self.another.hide()
        self.another.clicked.connect(self._on_another)
        self.form.done.connect(self._on_done)

    def show_setup(self, setup: Setup) -> None:
        shown = {one.id: one for one in setup.accounts if one.state != "removed"}
        for number in [number for number in self._kept if number not in shown]:
            gone = self._kept.pop(number)
            self._column.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for number, account in shown.items():
            if number not in self._kept:
                first = not self._kept
                self._kept[number] = _Kept(self)
                self._column.addWidget(self._kept[number])
                self._kept[number].show()
                if first and not self.form.typed():
                    self._fold()
            self._kept[number].show_account(account)
        self.form.show_setup(setup)
        if not self._kept:
            self._unfold()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self.relaid.emit()
        return done

    def kept(self) -> list[str]:
        """The labels of the accounts shown."""
        return [one.name.words() for one in self._kept.values()]

    def send_rest(self) -> bool:
        """Go on with a key that was pasted and not added yet. Returns whether it is not being added: it is to be looked
        at first, or something is missing.
        """
        if self.form.isHidden() or not self.form.typed():
            return False
        self.form.submit()
        return self.form.step is not Step.ADDING

    def stops(self) -> list[QWidget]:
        """What the Tab key comes to, in order."""
        return [self.another, *stops(self.form)] if not self.form.isHidden() else [self.another]

    def _on_another(self) -> None:
        self._unfold()
        self.form.focus_first()

    def _on_done(self) -> None:
        self._fold()
        self.settled.emit()

    def _fold(self) -> None:
        self.form.hide()
        self.another.show()

    def _unfold(self) -> None:
        self.form.show()
        self.another.hide()
