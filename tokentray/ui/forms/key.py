"""The form that adds an account: a pasted key, what it can show, and only then that it is kept.

Enter does each step in turn: check the key, then add the account. Until it is added the key is in this form alone,
and is forgotten as soon as the form is left.
"""

from enum import Enum, auto

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QFont, QHideEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QCheckBox, QLineEdit, QVBoxLayout, QWidget

from tokentray.ledger import ALL
from tokentray.requests import AddAccount, Answer, TryKey
from tokentray.setup import KeyTried, Setup
from tokentray.snapshot import Problem
from tokentray.ui import theme
from tokentray.ui.buttons import TextButton
from tokentray.ui.forms import key_guess
from tokentray.ui.forms.controls import Combo
from tokentray.ui.forms.desk import Asked, Desk
from tokentray.ui.forms.eliding import NameCheck
from tokentray.ui.forms.fields import SMALL, Field, Fields, Refusal, row
from tokentray.ui.forms.form import Form
from tokentray.ui.forms.keyedit import KeyBox
from tokentray.ui.forms.own import OwnPicker
from tokentray.ui.forms.plan import AgentChecks
from tokentray.ui.forms.tried import TriedView
from tokentray.ui.forms.unfold import bring_into_view
from tokentray.ui.forms.waiting import Waiting, asking, keeping
from tokentray.ui.widgets import TextLabel

_NO_KEY = Problem("There is no key yet", "", "Paste one above")
_NO_PROVIDER = Problem("Whose key it is cannot be told by its looks", "", "Choose the provider")
_NO_ADDRESS = Problem("The address is missing", "", "Type where it is reached, such as https://llm.example.com")


class Step(Enum):
    """How far it has come."""

    TYPING = auto()
    CHECKING = auto()
    FOUND = auto()
    ADDING = auto()


class KeyForm(Form):
    """Adds an account. leaves: whether there is a button to leave it, which puts it away."""

    def __init__(self, desk: Desk, *, leaves: bool = True) -> None:
        super().__init__(desk, action="Check", cancels=True)
        self._leaves = leaves
        self._accounts: frozenset[str] = frozenset()
        self._asked: Asked | None = None
        self.step = Step.TYPING
        self.tried: KeyTried | None = None
        self.key = KeyBox()
        self.provider = Combo()
        self.base_url = QLineEdit()
        self.base_url.setFont(theme.font())
        self.base_url.setMaxLength(500)
        self.base_url.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.plain_http = NameCheck()
        self.plain_http.set_name("Send the key unencrypted, inside my own network")
        self.add("key", "Paste a key", self.key)
        self.key.edit.setAccessibleName("Paste a key")
        self.fields.label_of(self.field("key")).setBuddy(self.key.edit)
        self.add("provider", "Provider", self.provider)
        self.add("base_url", "Address", self.base_url)
        self.add("plain_http", "", self.plain_http)
        self.plain_http.setAccessibleName(self.plain_http.name())

        self.kind = TextLabel(font=theme.font(1.0, QFont.Weight.DemiBold), wraps=True, gutter=False)
        self.told = TextLabel(font=theme.font(SMALL), secondary=True, wraps=True, gutter=False)
        self.page = TextButton("", factor=SMALL, link=True)
        self.gateway = TextButton("Through a gateway…", factor=SMALL, link=True)
        self.about = QWidget()
        told = QVBoxLayout(self.about)
        told.setContentsMargins(0, 2, 0, 2)
        told.setSpacing(3)
        told.addWidget(self.kind)
        told.addWidget(self.told)
        # In a card there is no room for both on one line: it would become wider than before.
        told.addLayout(row(self.page, self.gateway, spacing=0) if leaves else _column(self.page, self.gateway))

        self.view = TriedView()
        self.own = OwnPicker()
        self.label = QLineEdit()
        self.label.setFont(theme.font())
        self.label.setMaxLength(100)
        self.found = QWidget()
        found = QVBoxLayout(self.found)
        found.setContentsMargins(0, 4, 0, 0)
        found.setSpacing(10)
        found.addWidget(self.view)
        found.addWidget(self.own)
        self.pays = AgentChecks()
        self.pays_field = Field("Pays for", self.pays, "What they use of it then counts as this bill, and not twice.")
        below = Fields()
        below.put("Pays for", self.pays_field, self.pays)
        self._below = below
        self._by_name["label"] = below.add("Call it", self.label)
        found.addLayout(below)

        self.keyring = Refusal()
        self.waiting = Waiting()
        self.skip = TextButton("Keep without checking", factor=SMALL, link=True)
        self._foot.insertWidget(2, self.skip)
        box = self.layout()
        assert isinstance(box, QVBoxLayout)
        for place, part in enumerate((self.about, self.found, self.keyring)):
            box.insertWidget(1 + place, part)
        box.insertWidget(box.count() - 1, self.waiting)

        self.key.changed.connect(self._on_typed)
        self.provider.chosen.connect(self._on_typed)
        self.base_url.textEdited.connect(self._on_typed)
        self.plain_http.clicked.connect(self._on_typed)
        self.page.clicked.connect(self._on_page)
        self.gateway.clicked.connect(self._on_gateway)
        self.skip.clicked.connect(self._on_skip)
        self.cancel_button.clicked.disconnect(self.cancelled)
        self.cancel_button.clicked.connect(self.leave)
        self._gateway_open = False
        self._page = ""
        self._align()
        self._lay_out()

    def request(self) -> Asked:
        """What the next step asks for."""
        if self.step is Step.FOUND:
            return self._addition(verify=True)
        return TryKey(self._provider(), self.key.secret(), self._address(), ALL, plain_http=self.plain_http.isChecked())

    def show_setup(self, setup: Setup) -> None:
        self._accounts = frozenset(account.label for account in setup.accounts)
        self.keyring.show_problem(setup.keyring_problem)

    def clear(self) -> None:
        super().clear()
        self._asked = None
        self.key.forget()
        self.provider.show_value("")
        self.base_url.clear()
        self.plain_http.setChecked(False)
        self._gateway_open = False
        self._begin_again()

    def typed(self) -> bool:
        """Whether there is a key in it."""
        return bool(self.key.text())

    def submit(self) -> None:
        """The next step, unless one is under way or something is missing, which is then said."""
        if self.step in (Step.CHECKING, Step.ADDING):
            return
        self.refuse(None)
        if self.step is Step.FOUND:
            if self._says_whose():
                self._send(Step.ADDING, self._addition(verify=True))
        elif self._is_complete():
            self._send(Step.CHECKING, self.request())

    def leave(self) -> None:
        """Take back the step under way; where none is, put the form away."""
        if self.step is Step.CHECKING or (self.step is Step.FOUND and not self._leaves):
            self._begin_again()
            self.key.edit.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.clear()
        if self._leaves:
            self.cancelled.emit()

    def refuse(self, problem: Problem | None, name: str = "") -> None:
        if name == "own" and problem is not None and not self.own.isHidden():
            super().refuse(None)
            self.own.refuse(problem)
            bring_into_view(self.own)
            return
        if problem is None:
            self.own.refuse(None)
        super().refuse(problem, "" if self.found.isHidden() and name == "label" else name)
        if problem is not None and not self.refusal.isHidden():
            bring_into_view(self.refusal)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        holder = QApplication.focusWidget()
        pressed = isinstance(holder, QAbstractButton) and not isinstance(holder, QCheckBox)
        enters = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enters and not pressed and not self.typed() and not self._leaves:
            event.ignore()  # nothing to add: it is meant for the window
        elif event.key() == Qt.Key.Key_Escape and (self._leaves or self.step is not Step.TYPING):
            self.leave()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 (Qt's name)
        """Turned to another page, or closed: a key does not stay behind. What is under way goes on by itself."""
        super().hideEvent(event)
        if not event.spontaneous():
            self.clear()

    def _provider(self) -> str:
        return self.provider.value()

    def _address(self) -> str:
        return "" if self.field("base_url").isHidden() else self.base_url.text().strip()

    def _addition(self, *, verify: bool) -> AddAccount:
        own = self.own.own() if self.step is Step.FOUND and not self.own.isHidden() else ALL
        return AddAccount(
            provider=self._provider(),
            key=self.key.secret(),
            label=self.label.text().strip() if self.step is Step.FOUND else "",
            base_url=self._address(),
            own=ALL if own is None else own,
            counted=self.step is Step.FOUND and not self.own.isHidden() and self.own.counted(),
            verify=verify,
            plain_http=self._plain(),
            pays_for=self.pays.ticked() if self.step is Step.FOUND and self.tried is not None else (),
        )

    def _plain(self) -> bool:
        """Whether the person agreed to the address as it now is."""
        return self.plain_http.isChecked() and key_guess.is_plain_http(self._address())

    def _says_whose(self) -> bool:
        """Whether the person said which part is theirs, where the provider can be asked for one."""
        if self.own.isHidden():
            return True
        return self.own.check(needed=self.tried is not None and self.tried.needs_choice)

    def _is_complete(self) -> bool:
        missing = ""
        if not self.typed():
            missing = "key"
        elif not self._provider():
            missing = "provider"
        elif key_guess.needs_base_url(self._provider()) and not self._address():
            missing = "base_url"
        if missing:
            self.refuse({"key": _NO_KEY, "provider": _NO_PROVIDER, "base_url": _NO_ADDRESS}[missing], missing)
            return False
        if self._is_blocked(self._told()):
            self.page.setFocus(Qt.FocusReason.OtherFocusReason)
            return False
        return True

    def _is_blocked(self, told: key_guess.About) -> bool:
        """Whether nothing can be read with it: a gateway alone may have keys of any look."""
        return not told.usable or (told.wrong and not self._address())

    def _send(self, step: Step, asked: Asked) -> None:
        assert self._desk is not None
        self.step = step
        self._asked = asked
        name = key_guess.names().get(self._provider(), self._provider())
        if isinstance(asked, AddAccount):
            self.waiting.begin(*keeping(name if asked.verify else ""))
        else:
            self.waiting.begin(*asking(name))
        self._lay_out()
        looks = isinstance(asked, TryKey)
        self._desk.send(asked, self, lambda answer: self._on_told(asked, answer), patient=True, quiet=looks)

    def _on_told(self, asked: Asked, answer: Answer) -> None:
        if self._asked is not asked:
            return  # it was left, or something else was typed, before the answer came
        self._asked = None
        self.waiting.end()
        if isinstance(asked, AddAccount):
            self.step = Step.FOUND if self.tried is not None else Step.TYPING
            if answer.problem is None:
                self.clear()
                self.done.emit(answer.text)
                return
        elif answer.problem is None and answer.tried is not None:
            self._show_found(answer.tried)
            return
        else:
            self.step = Step.TYPING
        self._lay_out()
        self.refuse(answer.problem, answer.field)

    def _show_found(self, tried: KeyTried) -> None:
        self.step, self.tried = Step.FOUND, tried
        self.view.show_tried(tried)
        self.own.clear()
        keys = key_guess.own_keys(tried.provider)
        self.own.show_part(tried.choices, tried.own, counted=False, keys=keys, all_mine=tried.needs_choice)
        self.own.setVisible(tried.needs_choice or bool(tried.choices or tried.own))
        self.pays.offer([(one.agent, one.text) for one in tried.may_pay_for])
        self.pays.tick(one.agent for one in tried.may_pay_for if one.likely)
        self._below.show_row(self.pays_field, shown=bool(tried.may_pay_for))
        if not self.label.isModified():
            self.label.setText(_free_label(tried, self._accounts))
        self._lay_out()
        if tried.needs_choice and self._holds_focus():
            goal = self.own.whole if self.own.field.isHidden() else self.own.who
            goal.setFocus(Qt.FocusReason.OtherFocusReason)
        bring_into_view(self)

    def _begin_again(self) -> None:
        """Back to the key, with what was found of it forgotten."""
        self.step, self.tried, self._asked = Step.TYPING, None, None
        self.waiting.end()
        self.own.clear()
        self.label.setText("")
        self.label.setModified(False)
        self.refuse(None)
        self._lay_out()

    def _on_typed(self) -> None:
        if self.step is not Step.TYPING:
            self._begin_again()
        else:
            self.refuse(None)
            self._lay_out()

    def _told(self) -> key_guess.About:
        chosen = self._provider() if self.provider.touched else ""
        return key_guess.about(self.key.text(), chosen)

    def _lay_out(self) -> None:
        """Follow what was typed and how far it has come."""
        told = self._told()
        news = told.text != self.told.words()
        self.provider.show_choices([("", "Told by the key"), *key_guess.choices(self.key.text())])
        if not self.provider.touched:
            self.provider.show_value(told.provider)
        provider = self._provider()
        found = self.step is Step.FOUND or (self.step is Step.ADDING and self.tried is not None)
        self.kind.set_words(told.title)
        self.kind.setVisible(bool(told.title))
        self.told.set_words(told.text)
        # Where it is one of several cards, nothing is said before anything was done.
        self.told.setVisible(bool(told.text) and (self._leaves or self.typed() or bool(provider)))
        self._page = told.page
        if told.page:
            self.page.setText(key_guess.page_text(told.page, wrong=told.wrong))
            self.page.updateGeometry()
            self.page.setToolTip(told.page)
        self.page.setVisible(bool(told.page))
        needs = key_guess.needs_base_url(provider)
        readable = bool(provider) and told.usable
        self.show_field("base_url", shown=readable and (needs or self._gateway_open))
        self.gateway.setVisible(readable and not needs and not self._gateway_open and self.typed())
        self.about.setVisible(not found)
        self.base_url.setPlaceholderText(key_guess.base_url(provider) or "https://llm.example.com")
        self.show_field("plain_http", shown=key_guess.is_plain_http(self._address()))
        self.found.setVisible(found)
        self.keyring.setVisible(bool(self.keyring.title.words()) and self.typed())
        waits = self.step in (Step.CHECKING, Step.ADDING)
        self.send_button.setText("Add account" if found else "Check")
        blocked = self._is_blocked(told)
        self.send_button.setVisible(not blocked and (self._leaves or self.typed()))
        self.skip.setVisible(self.step is Step.TYPING and self.typed() and readable and not blocked)
        self.cancel_button.setText("Stop waiting" if waits else "Cancel" if self._leaves else "Start over")
        self.cancel_button.setVisible(self._leaves or self.step is not Step.TYPING)
        if news and self.typed():
            bring_into_view(self)

    def _align(self) -> None:
        """Have what stands beside labels begin in one column, before and after the check."""
        labels = [self.fields.label_of(self.field(name)) for name in ("key", "provider", "base_url", "plain_http")]
        labels += [self.own.fields.label_of(self.own.field)]
        labels += [self._below.label_of(field) for field in (self.pays_field, self.field("label"))]
        wide = max(one.sizeHint().width() for one in labels)
        for one in labels:
            one.setMinimumWidth(wide)
        self.view.align(wide)

    def _on_page(self) -> None:
        QDesktopServices.openUrl(QUrl(self._page))

    def _on_gateway(self) -> None:
        self._gateway_open = True
        self._lay_out()
        self.base_url.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_skip(self) -> None:
        self.refuse(None)
        if self._is_complete():
            self._send(Step.ADDING, self._addition(verify=False))


def _column(*links: TextButton) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(0)
    for link in links:
        column.addWidget(link, 0, Qt.AlignmentFlag.AlignLeft)
    return column


def _free_label(tried: KeyTried, taken: frozenset[str]) -> str:
    """The provider's name, numbered where another account has it."""
    if tried.provider_name not in taken:
        return tried.provider_name
    return next(name for number in range(2, len(taken) + 3) if (name := f"{tried.provider_name} {number}") not in taken)
