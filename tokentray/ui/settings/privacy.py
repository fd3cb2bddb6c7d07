"""The page of privacy: every host that can be contacted, why, and when it last was; and where everything lies."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokentray.setup import HostSetup, PlaceSetup, Setup
from tokentray.ui.forms.desk import Desk
from tokentray.ui.forms.fields import SMALL
from tokentray.ui.forms.found import capitalised
from tokentray.ui.settings.page import Link, Page, label, reconcile
from tokentray.ui.widgets import plain_tip

TITLE = "Privacy"
_TEXT = (
    "Everything stays on this machine. There is no account with us, no server of ours and no telemetry; nothing is "
    "sent but what stands here."
)


class HostLine(QWidget):
    """One host."""

    def __init__(self) -> None:
        super().__init__()
        self.host = label(weight=QFont.Weight.DemiBold, elides=True)
        self.last = label(factor=SMALL, secondary=True, trailing=True)
        self.why = label(factor=SMALL, secondary=True, wraps=True)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.host, 1)
        head.addWidget(self.last)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 2, 0, 4)
        box.setSpacing(2)
        box.addLayout(head)
        box.addWidget(self.why)

    def show_host(self, host: HostSetup) -> None:
        self.host.set_words(host.host)
        self.last.set_words(f"last: {host.last_text}" if host.last_text else "")
        self.why.set_words(capitalised(host.why))


class PlaceLine(QWidget):
    """Where something lies: to be read, selected and copied."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._where = ""
        self.what = label(secondary=True)
        self.where = label(elides=True)
        self.where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.copy = Link("Copy")
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(12)
        line.addWidget(self.what)
        line.addWidget(self.where, 1)
        line.addWidget(self.copy)
        self.copy.clicked.connect(self._on_copy)

    def show_place(self, place: PlaceSetup) -> None:
        self._where = place.where
        self.what.set_words(place.what)
        self.where.set_words(place.where)
        self.where.setAccessibleName(f"{place.what}: {place.where}")
        self.copy.setAccessibleName(f"Copy {place.what}: {place.where}")
        self.copy.setToolTip(plain_tip(place.where))

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._where)
        self._desk.said.emit(f"Copied: {self._where}")


class PrivacyPage(Page):
    """Hosts and places."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(TITLE, _TEXT, desk)
        self.section("Hosts that can be contacted")
        self.nobody = self.say("None. A host comes here once you add an account that is asked there.")
        self.hosts: dict[str, HostLine] = {}
        self._hosts = QVBoxLayout()
        self._hosts.setSpacing(6)
        self.body.addLayout(self._hosts)
        self.section("Where everything lies")
        self.places: dict[str, PlaceLine] = {}
        self._places = QVBoxLayout()
        self._places.setSpacing(4)
        self.body.addLayout(self._places)
        self.body.addStretch(1)

    def show_setup(self, setup: Setup) -> None:
        super().show_setup(setup)
        self.nobody.setVisible(not setup.hosts)
        reconcile(
            self._hosts,
            self.hosts,
            [(one.host, one) for one in setup.hosts],
            lambda _: HostLine(),
            lambda line, host: line.show_host(host),
            self,
        )
        reconcile(
            self._places,
            self.places,
            [(one.what, one) for one in setup.places],
            lambda _: PlaceLine(self.desk),
            lambda line, place: line.show_place(place),
            self,
        )
        lines = list(self.places.values())
        wide = max((_width(line) for line in lines), default=0)
        for line in lines:
            line.what.setFixedWidth(wide)


def _width(line: PlaceLine) -> int:
    return QFontMetrics(line.what.font()).horizontalAdvance(line.what.words()) + 2
