"""One account on its page: what it brought, how it stands, the mend where it fails, and what can be done with it."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokentray.requests import Answer, VerifyAccount
from tokentray.setup import AccountSetup, Setup
from tokentray.snapshot import Problem
from tokentray.ui.forms.controls import Button
from tokentray.ui.forms.desk import Desk
from tokentray.ui.forms.fields import SMALL, Refusal, row
from tokentray.ui.forms.found import capitalised
from tokentray.ui.forms.tried import TriedView
from tokentray.ui.forms.unfold import Panel, bring_into_view
from tokentray.ui.forms.waiting import Waiting, asking
from tokentray.ui.settings.accounts_days import Differences
from tokentray.ui.settings.accounts_forms import AccountForm, OwnForm, RekeyForm, RemoveForm, RenameForm
from tokentray.ui.settings.page import Link, label
from tokentray.ui.widgets import SECONDARY, SectionRule

MakeForm = Callable[[AccountSetup, Desk], AccountForm]
_BAD = frozenset(("failing", "locked"))


class AccountBlock(QWidget):
    """Folded: what it is and how it stands. Unfolded: all that can be done with it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._setup: Setup | None = None
        self._account: AccountSetup | None = None
        self._panel: Panel | None = None
        self._checking = False
        self.form: AccountForm | None = None
        self.name = label(weight=QFont.Weight.DemiBold, elides=True)
        self.amount = label(trailing=True)
        self.kind = label(factor=SMALL, secondary=True, wraps=True)
        self.own = label(factor=SMALL, secondary=True, wraps=True)
        self.state = label(factor=SMALL, secondary=True, wraps=True)
        self.trouble = Refusal()
        self.mend = Button("")
        self.manage = Link("Manage")
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.name, 1)
        head.addWidget(self.amount)
        self._mend_row = QWidget()
        mend = row(self.mend)
        mend.setContentsMargins(0, 2, 0, 2)
        self._mend_row.setLayout(mend)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 4, 0, 6)
        self._box.setSpacing(3)
        self._box.addWidget(SectionRule(inset=0))
        self._box.addSpacing(6)
        self._box.addLayout(head)
        line = QHBoxLayout()
        line.setSpacing(12)
        line.addWidget(self.kind, 1)
        line.addWidget(self.manage, 0, Qt.AlignmentFlag.AlignTop)
        self._box.addLayout(line)
        for words in (self.own, self.state, self.trouble):
            self._box.addWidget(words)
        self._box.addWidget(self._mend_row)
        self._box.addSpacing(4)
        self.details = self._make_details()
        self._box.addWidget(self.details)
        self.details.hide()
        self.mend.clicked.connect(self._on_mend)
        self.manage.clicked.connect(lambda: self.unfold(shown=self.details.isHidden()))

    def show_account(self, setup: Setup, account: AccountSetup) -> None:
        """Follow what is known; a form that is open is left to the person."""
        self._setup, self._account = setup, account
        removed = account.state == "removed"
        self.name.set_words(account.label)
        self.name.setForegroundRole(SECONDARY if removed else QPalette.ColorRole.WindowText)
        self.amount.set_words(f"{account.amount_text} this month" if account.amount_text else "")
        self.amount.setVisible(bool(account.amount_text))
        provider = account.provider_name if account.provider_name != account.label else ""
        kind = " · ".join(part for part in (provider, account.kind_text) if part)
        self.kind.set_words(kind)
        self.own.set_words(capitalised(account.own_text))
        self.own.setVisible(bool(account.own_text))
        bad = account.state in _BAD
        state = "" if bad else account.state_text
        parts = (state, account.covers_text, account.progress_text)
        self.state.set_words(capitalised(" · ".join(part for part in parts if part)))
        self.state.setVisible(bool(self.state.words()))
        trouble = Problem(capitalised(account.state_text), "", account.mend) if bad else None
        self.trouble.show_problem(trouble)
        if not bad and account.mend:
            self.trouble.show_problem(Problem(account.mend, "", "", grave=False))
        self._show_mend(account)
        self._show_links(account)
        self.host.set_words(f"Asked at {account.host}" if account.host and not removed else "")
        self.host.setVisible(bool(self.host.words()))
        self.days.show_days(account.differences, account.difference_text)
        self.days.setVisible(bool(account.differences))
        if self.form is not None:
            self.form.show_setup(setup)

    def unfold(self, *, shown: bool) -> None:
        """Show or hide what can be done with it."""
        if not shown:
            self._close()
            self.tried.hide()
        self.details.setVisible(shown)
        self._name_manage()
        if shown:
            bring_into_view(self)

    def open_rekey(self) -> None:
        """The form for another key."""
        self._open(RekeyForm, self.rekey)

    def focus_mend(self) -> None:
        """Put the keyboard on what leads out of a failure."""
        goal = self.manage if self._mend_row.isHidden() else self.mend
        goal.setFocus(Qt.FocusReason.TabFocusReason)
        bring_into_view(self)

    def _make_details(self) -> Panel:
        inside = QWidget()
        self.host = label(factor=SMALL, secondary=True, wraps=True)
        self.rename, self.part = Link("Rename…"), Link("Own part…")
        self.rekey, self.check, self.remove = Link("Replace key…"), Link("Check now"), Link("Remove…")
        self.waiting = Waiting()
        self.refusal = Refusal()
        self.tried = TriedView()
        self.days = Differences()
        self._inside = QVBoxLayout(inside)
        self._inside.setContentsMargins(0, 0, 0, 0)
        self._inside.setSpacing(6)
        self._inside.addWidget(self.host)
        self._inside.addLayout(row(self.rename, self.part, self.rekey, spacing=0))
        self._inside.addLayout(row(self.check, self.remove, spacing=0))
        for part in (self.waiting, self.refusal, self.tried):
            self._inside.addWidget(part)
        self._slot = QVBoxLayout()
        self._inside.addLayout(self._slot)
        self._inside.addWidget(self.days)
        self.tried.hide()
        self.rename.clicked.connect(partial(self._open, RenameForm, self.rename))
        self.part.clicked.connect(partial(self._open, OwnForm, self.part))
        self.rekey.clicked.connect(self.open_rekey)
        self.check.clicked.connect(self._on_check)
        self.remove.clicked.connect(partial(self._open, RemoveForm, self.remove))
        return Panel(inside)

    def _show_mend(self, account: AccountSetup) -> None:
        texts = {"rekey": "Replace key…", "unlock": "Try again", "own": "Say which part is yours…"}
        text = texts.get(account.mend_action, "Check now" if account.state in _BAD else "")
        self.mend.setText(text)
        self.mend.setAccessibleName(f"{text} {account.label}")
        self._mend_row.setVisible(bool(text))

    def _show_links(self, account: AccountSetup) -> None:
        removed = account.state == "removed"
        # All that the key sees is theirs: there is no part to choose.
        narrows = not account.narrowed or bool(account.own)
        self.part.setVisible(narrows and not removed)
        self.check.setVisible(not removed)
        self.rekey.setText("Add its key again…" if removed else "Replace key…")
        self.rekey.updateGeometry()
        self.remove.setText("Delete what was read…" if removed else "Remove…")
        self.remove.updateGeometry()
        for link in (self.rename, self.part, self.rekey, self.check, self.remove):
            link.setAccessibleName(f"{link.text().rstrip('…')}: {account.label}")
        self._name_manage()

    def _name_manage(self) -> None:
        assert self._account is not None
        self.manage.setText("Manage" if self.details.isHidden() else "Close")
        self.manage.updateGeometry()
        verb = "Manage" if self.details.isHidden() else "Close"
        self.manage.setAccessibleName(f"{verb} {self._account.label}")

    def _on_mend(self) -> None:
        assert self._account is not None
        self.unfold(shown=True)
        if self._account.mend_action == "rekey":
            self.open_rekey()
        elif self._account.mend_action == "own":
            self._open(OwnForm, self.part)
        else:
            self._on_check()

    def _on_check(self) -> None:
        assert self._account is not None
        if self._checking:
            return
        self._close()
        self._checking = True
        self.refusal.show_problem(None)
        self.tried.hide()
        first, _ = asking(self._account.provider_name)
        self.waiting.begin(first, "Still asking. The keyring may be asking you for its password.")
        self._desk.send(VerifyAccount(self._account.id), self, self._on_checked, patient=True)

    def _on_checked(self, answer: Answer) -> None:
        self._checking = False
        self.waiting.end()
        self.refusal.show_problem(answer.problem)
        if answer.tried is not None:
            self.tried.show_tried(answer.tried)
            self.tried.host.hide()  # it stands above
            self.tried.show()

    def _open(self, make: MakeForm, button: Link) -> None:
        assert self._account is not None
        assert self._setup is not None
        self.unfold(shown=True)
        if self.form is not None and type(self.form) is make:
            self.form.focus_first()
            return
        self._close()
        self.tried.hide()
        self.refusal.show_problem(None)
        self.form = make(self._account, self._desk)
        self.form.show_setup(self._setup)
        self.form.done.connect(partial(self._leave, button))
        self.form.cancelled.connect(partial(self._leave, button))
        self._panel = Panel(self.form)
        self._slot.addWidget(self._panel)
        self._panel.show()
        self.form.focus_first()
        bring_into_view(self._panel)

    def _leave(self, button: Link, _: str = "") -> None:
        if self.isVisible():  # a removed account is gone already when its answer comes
            goal = self.manage if button.isHidden() else button
            goal.setFocus(Qt.FocusReason.OtherFocusReason)
        self._close()

    def _close(self) -> None:
        if self._panel is not None:
            self._panel.hide()
            self._slot.removeWidget(self._panel)
            self._panel.deleteLater()
        self._panel = self.form = None
