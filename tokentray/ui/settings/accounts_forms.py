"""The forms of one account: its label, its part, another key, and the end of it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from tokentray.ledger import ALL
from tokentray.requests import (
    Answer,
    RekeyAccount,
    RemoveAccount,
    RenameAccount,
    SetOwn,
    VerifyAccount,
)
from tokentray.setup import AccountSetup, OwnChoice, Setup
from tokentray.snapshot import Problem
from tokentray.ui import theme
from tokentray.ui.forms import key_guess
from tokentray.ui.forms.desk import Asked, Desk
from tokentray.ui.forms.eliding import NameCheck, NameRadio
from tokentray.ui.forms.fields import SMALL
from tokentray.ui.forms.form import Form
from tokentray.ui.forms.keyedit import KeyBox
from tokentray.ui.forms.own import OwnPicker
from tokentray.ui.forms.waiting import Waiting, asking, keeping
from tokentray.ui.settings.page import label


class AccountForm(Form):
    """A form of one account, which may have to wait for the keyring or the provider."""

    def __init__(self, account: AccountSetup, desk: Desk, *, action: str) -> None:
        super().__init__(desk, action=action, cancels=True)
        self.account = account
        self.waiting = Waiting()
        box = self.layout()
        assert isinstance(box, QVBoxLayout)
        box.insertWidget(box.count() - 1, self.waiting)

    def show_setup(self, setup: Setup) -> None:
        """Follow the account as it is now."""
        self.account = next((one for one in setup.accounts if one.id == self.account.id), self.account)

    def send(self, asked: Asked, words: tuple[str, str]) -> None:
        """Have it carried out, and say what is waited for."""
        if asked == self._pending:
            return
        assert self._desk is not None
        self.refuse(None)
        self._pending = asked
        self.waiting.begin(*words)
        self._desk.send(asked, self, lambda answer: self._on_told(asked, answer), patient=True)

    def is_complete(self) -> bool:
        """Whether all is there that is needed. Says what is not."""
        return True

    def submit(self) -> None:
        if self.is_complete():
            self.send(self.request(), keeping(""))

    def _on_told(self, asked: Asked, answer: Answer) -> None:
        if self._pending == asked:
            self.waiting.end()
        self._on_answer(asked, answer)


class RenameForm(AccountForm):
    """Another label."""

    def __init__(self, account: AccountSetup, desk: Desk) -> None:
        super().__init__(account, desk, action="Rename")
        self.label = QLineEdit(account.label)
        self.label.setFont(theme.font())
        self.label.setMaxLength(100)
        self.add("label", "Call it", self.label)

    def request(self) -> RenameAccount:
        return RenameAccount(self.account.id, self.label.text().strip())

    def submit(self) -> None:
        self.send(self.request(), ("Saving…", "Not saved yet: TokenTray is busy."))

    def focus_first(self) -> None:
        super().focus_first()
        self.label.selectAll()


class OwnForm(AccountForm):
    """Another part of the organisation. The provider is asked at once whom the person may be."""

    def __init__(self, account: AccountSetup, desk: Desk) -> None:
        super().__init__(account, desk, action="Set")
        self.own = OwnPicker()
        words = label(factor=SMALL, secondary=True, wraps=True)
        words.set_words("What was read of another part goes, and is read anew.")
        self.fields.addWidget(self.own, 0, 0, 1, 2)
        self.fields.addWidget(words, 1, 0, 1, 2)
        self._looked = False
        self._show((), account)

    def request(self) -> SetOwn:
        own = self.own.own()
        return SetOwn(self.account.id, ALL if own is None else own, self.own.counted())

    def is_complete(self) -> bool:
        return self.own.check(needed=True)

    def submit(self) -> None:
        if self.is_complete():
            self.send(self.request(), asking(self.account.provider_name))

    def refuse(self, problem: Problem | None, name: str = "") -> None:
        self.own.refuse(problem if name == "own" else None)
        super().refuse(None if name == "own" else problem, name)

    def focus_first(self) -> None:
        goal = self.own.whole if self.own.field.isHidden() else self.own.who
        goal.setFocus(Qt.FocusReason.TabFocusReason)
        if not self._looked:
            self._looked = True
            assert self._desk is not None
            self.waiting.begin(
                f"Asking {self.account.provider_name} whom you may be…",
                "Still asking. You can type it meanwhile; the keyring may be asking you for its password.",
            )
            self._desk.send(VerifyAccount(self.account.id), self, self._on_looked, patient=True, quiet=True)

    def _on_looked(self, answer: Answer) -> None:
        if self._pending is None:
            self.waiting.end()
        if answer.tried is not None:
            self._show(answer.tried.choices, self.account)
        elif answer.problem is not None and self._pending is None:
            self.refusal.show_problem(answer.problem)

    def _show(self, choices: tuple[OwnChoice, ...], account: AccountSetup) -> None:
        self.own.show_part(
            choices,
            account.own,
            counted=account.counted and not account.narrowed,
            keys=key_guess.own_keys(account.provider),
            all_mine=True,
        )


class RekeyForm(AccountForm):
    """Another key. What was read stays."""

    def __init__(self, account: AccountSetup, desk: Desk) -> None:
        super().__init__(account, desk, action="Replace key")
        self.key = KeyBox()
        self.base_url = QLineEdit()
        self.base_url.setFont(theme.font())
        self.base_url.setMaxLength(500)
        self.base_url.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.base_url.setPlaceholderText(account.base_url or account.host)
        self.plain_http = NameCheck()
        self.plain_http.set_name("Send the key unencrypted, inside my own network")
        self.add("key", "New key", self.key, "What was read stays. The old key leaves the keyring.")
        self.key.edit.setAccessibleName("New key")
        self.fields.label_of(self.field("key")).setBuddy(self.key.edit)
        self.add("base_url", "Address", self.base_url, "Empty to ask where it was asked until now.")
        self.add("plain_http", "", self.plain_http)
        self.plain_http.setAccessibleName(self.plain_http.name())
        self.show_field("base_url", shown=_elsewhere(account))
        self.key.changed.connect(self._on_typed)
        self.base_url.textEdited.connect(self._on_typed)
        self._on_typed()

    def request(self) -> RekeyAccount:
        address = self.base_url.text().strip()
        plain = self.plain_http.isChecked() and not self.field("plain_http").isHidden()
        return RekeyAccount(self.account.id, self.key.secret(), address, plain_http=plain)

    def clear(self) -> None:
        super().clear()
        self.key.forget()

    def is_complete(self) -> bool:
        if self.key.text():
            return True
        self.refuse(Problem("There is no key yet", "", "Paste one"), "key")
        return False

    def submit(self) -> None:
        if self.is_complete():
            self.send(self.request(), keeping(self.account.provider_name))

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 (Qt's name)
        super().hideEvent(event)
        if not event.spontaneous():
            self.key.forget()

    def _on_typed(self) -> None:
        self._pending = None
        self.waiting.end()
        if self.field("key").refused():
            self.refuse(None)
        address = self.base_url.text() or self.account.base_url
        self.show_field("plain_http", shown=_elsewhere(self.account) and key_guess.is_plain_http(address))
        told = key_guess.about(self.key.text(), self.account.provider)
        stays = "What was read stays. The old key leaves the keyring."
        self.field("key").explain(f"{told.title}. {told.text}" if told.title and self.key.text() else stays)


class RemoveForm(AccountForm):
    """Asks once whether an account is to go, and what becomes of what was read."""

    def __init__(self, account: AccountSetup, desk: Desk) -> None:
        removed = account.state == "removed"
        super().__init__(account, desk, action="Delete" if removed else "Remove account")
        words = label(wraps=True)
        self.keep, self.delete = NameRadio(), NameRadio()
        self.keep.set_name("Keep what was read: it goes on to count")
        self.delete.set_name("Delete what was read: it leaves every total")
        self.keep.setChecked(not removed)
        self.delete.setChecked(removed)
        choice = QWidget()
        inside = QVBoxLayout(choice)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.keep)
        inside.addWidget(self.delete)
        if removed:
            words.set_words(f"Delete all that was read of {account.label}? It leaves every total. There is no undo.")
        else:
            words.set_words(
                f"Remove {account.label}? Its key leaves the keyring for good: there is no undo. "
                "The provider still knows it; to end it, delete it there."
            )
        self.fields.addWidget(words, 0, 0, 1, 2)
        self.fields.addWidget(choice, 1, 0, 1, 2)
        if removed:
            choice.hide()
        self.cancel_button.setText("Keep it")

    def request(self) -> RemoveAccount:
        return RemoveAccount(self.account.id, keep_history=self.keep.isChecked())

    def focus_first(self) -> None:
        self.cancel_button.setFocus(Qt.FocusReason.TabFocusReason)


def _elsewhere(account: AccountSetup) -> bool:
    """Whether it is asked at an address that the person gave."""
    return bool(account.base_url)
