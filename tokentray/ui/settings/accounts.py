"""The page of accounts: keys whose books are read, how each stands, and the form for another."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tokentray.setup import Setup
from tokentray.ui.forms.controls import Button
from tokentray.ui.forms.desk import Desk
from tokentray.ui.forms.fields import row
from tokentray.ui.forms.found import capitalised
from tokentray.ui.forms.key import KeyForm
from tokentray.ui.forms.unfold import Unfold, bring_into_view
from tokentray.ui.sections import ProblemRow
from tokentray.ui.settings.accounts_block import AccountBlock
from tokentray.ui.settings.page import Page, reconcile
from tokentray.ui.widgets import GUTTER

TITLE = "Accounts"
_TEXT = (
    "What you pay by use, from the providers’ own books. Each key lies in the keyring of this desktop alone, and goes "
    "to its own provider only."
)


class AccountsPage(Page):
    """All accounts, those that were removed last."""

    refresh_asked = Signal()
    """Look at the keyring, and at what is due, again."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(TITLE, _TEXT, desk)
        self._wanted = 0
        self.keyring = QWidget()
        self.problem = ProblemRow()
        self.again = Button("Try again", name="Try the keyring again")
        box = QVBoxLayout(self.keyring)
        box.setContentsMargins(-GUTTER, 4, 0, 4)
        box.setSpacing(2)
        box.addWidget(self.problem)
        again = row(self.again)
        again.setContentsMargins(GUTTER + 22 + GUTTER, 0, 0, 0)
        box.addLayout(again)
        self.body.addWidget(self.keyring)
        self.keyring.hide()
        self.empty = self.say(
            "No account yet. Add a key, and its bill shows here by day and model, back to where the provider tells."
        )
        self.accounts: dict[int, AccountBlock] = {}
        self._column = QVBoxLayout()
        self._column.setSpacing(4)
        self.body.addLayout(self._column)
        self.add_account = Unfold("Add an account…", lambda: KeyForm(desk))
        self.body.addSpacing(6)
        self.body.addWidget(self.add_account)
        self.body.addStretch(1)
        self.again.clicked.connect(self.refresh_asked)

    def show_setup(self, setup: Setup) -> None:
        super().show_setup(setup)
        if setup.keyring_problem is not None:
            problem = setup.keyring_problem
            self.problem.show_problem(problem._replace(message=capitalised(problem.message)))
        elif self.again.hasFocus():
            self.add_account.button.setFocus(Qt.FocusReason.OtherFocusReason)
        self.keyring.setVisible(setup.keyring_problem is not None)
        self.empty.setVisible(not setup.accounts)
        reconcile(
            self._column,
            self.accounts,
            [(one.id, one) for one in sorted(setup.accounts, key=lambda one: one.state == "removed")],
            lambda _: AccountBlock(self.desk),
            lambda block, account: block.show_account(setup, account),
            self.add_account.button,
        )
        self.add_account.show_setup(setup)
        if self._wanted:
            self.open_account(self._wanted)

    def open_account(self, number: int) -> None:
        """Come to an account, with the keyboard on its mend; to one not known yet, as soon as it is."""
        self._wanted = number
        block = self.accounts.get(number)
        if block is not None:
            self._wanted = 0
            block.focus_mend()
            bring_into_view(block)
        elif self.setup is not None:
            self._wanted = 0
