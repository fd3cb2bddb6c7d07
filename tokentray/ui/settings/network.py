"""The page on the network: its settings, and the password of a proxy that wants one, which goes into the keyring."""

from urllib.parse import urlsplit

from PySide6.QtGui import QFont, QHideEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tokentray.requests import Answer, SetProxyPassword
from tokentray.settings import is_password
from tokentray.setup import Setup
from tokentray.snapshot import Problem
from tokentray.ui.buttons import TextButton
from tokentray.ui.forms.desk import Asked, Desk
from tokentray.ui.forms.fields import SMALL
from tokentray.ui.forms.form import Form
from tokentray.ui.forms.keyedit import KeyBox
from tokentray.ui.forms.waiting import Waiting
from tokentray.ui.settings.declared import DeclaredPage
from tokentray.ui.settings.page import label
from tokentray.ui.widgets import SectionRule

TITLE = "Network"
_TEXT = "How the providers of your accounts are reached."
_NONE = Problem("There is no password yet", "", "Type it")
_IMPOSSIBLE = Problem("That is no password", "it is too long, or holds a control character", "Copy it again")
_WAITS = ("Asking the keyring…", "Waiting for the keyring: it may be asking you for its password.")


class PasswordForm(Form):
    """The password of the proxy's user. Whether one is kept is not known here: to look would ask the keyring."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, action="Keep password")
        self._proxy = ""
        self.password = KeyBox(name="password", tidies=False)
        self.remove = TextButton("Remove it from the keyring", factor=SMALL, link=True)
        self.waiting = Waiting()
        self.add("password", "Password", self.password)
        self.fields.label_of(self.field("password")).setBuddy(self.password.edit)
        self._foot.insertWidget(1, self.remove)
        box = self.layout()
        assert isinstance(box, QVBoxLayout)
        box.insertWidget(box.count() - 1, self.waiting)
        self.password.changed.connect(self._on_typed)
        self.remove.clicked.connect(lambda: self._send(SetProxyPassword(self._proxy, None)))

    def request(self) -> SetProxyPassword:
        return SetProxyPassword(self._proxy, self.password.secret())

    def show_setup(self, setup: Setup) -> None:
        """Follow the proxy: a password that was typed for another is forgotten."""
        proxy = next((one.text for one in setup.settings if one.key == "network.proxy"), "")
        if proxy == self._proxy:
            return
        self.clear()
        self._proxy = proxy
        parts = urlsplit(proxy)
        place = parts.netloc.rpartition("@")[2]
        text = f"Of {parts.username} at {place}. It is kept in the keyring, and goes to that proxy only."
        self.field("password").explain(text if parts.username else "")

    def wanted(self) -> bool:
        """Whether the proxy has a user, whose password it may ask for."""
        return bool(urlsplit(self._proxy).username)

    def clear(self) -> None:
        super().clear()
        self.password.forget()
        self.waiting.end()

    def submit(self) -> None:
        if not self.password.text():
            self.refuse(_NONE, "password")
        elif not is_password(self.password.text()):
            self.refuse(_IMPOSSIBLE, "password")
        else:
            self._send(self.request())

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 (Qt's name)
        """Turned to another page, or closed: a password does not stay behind. What is under way goes on by itself."""
        super().hideEvent(event)
        if not event.spontaneous():
            self.clear()

    def _send(self, asked: SetProxyPassword) -> None:
        if asked == self._pending:
            return
        assert self._desk is not None
        self.refuse(None)
        self._pending = asked
        self.waiting.begin(*_WAITS)
        self._desk.send(asked, self, lambda answer: self._on_told(asked, answer), patient=True)

    def _on_told(self, asked: Asked, answer: Answer) -> None:
        if self._pending == asked:
            self.waiting.end()
            if answer.problem is None:
                self.password.forget()
        self._on_answer(asked, answer)

    def _on_typed(self) -> None:
        self._pending = None
        self.waiting.end()
        if self.field("password").refused():
            self.refuse(None)


class NetworkPage(DeclaredPage):
    """The settings, and the password where the proxy has a user."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(TITLE, _TEXT, desk)

    def lay_more(self) -> None:
        self.part = QWidget()
        heading = label(factor=1.1, weight=QFont.Weight.DemiBold, wraps=True)
        heading.set_words("The proxy’s password")
        self.password = PasswordForm(self.desk)
        box = QVBoxLayout(self.part)
        box.setContentsMargins(0, 10, 0, 0)
        box.setSpacing(8)
        box.addWidget(SectionRule(inset=0))
        box.addWidget(heading)
        box.addWidget(self.password)
        self.body.addWidget(self.part)
        self.part.hide()

    def show_setup(self, setup: Setup) -> None:
        super().show_setup(setup)
        self.password.show_setup(setup)
        self.part.setVisible(self.password.wanted())
