"""The page of flat plans: what they cost, for whom they pay, and since when."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokentray.requests import ChangePlan, EndPlan, RemovePlan
from tokentray.setup import PlanSetup, Setup
from tokentray.ui.forms.amounts import AmountEdit
from tokentray.ui.forms.dayedit import DayEdit
from tokentray.ui.forms.desk import Desk
from tokentray.ui.forms.fields import SMALL, row
from tokentray.ui.forms.form import Form
from tokentray.ui.forms.found import capitalised
from tokentray.ui.forms.plan import PlanForm
from tokentray.ui.forms.unfold import Panel, Unfold, bring_into_view
from tokentray.ui.settings.page import Link, Page, label, reconcile
from tokentray.ui.widgets import SectionRule

TITLE = "Plans"
_TEXT = (
    "A flat fee for one or several agents, such as Claude Max or ChatGPT Plus. "
    "Its fee counts once, spread over the days of each month; what its agents use is its worth."
)


class FeeForm(Form):
    """Another fee of a plan, from a day on."""

    def __init__(self, plan: PlanSetup, desk: Desk) -> None:
        super().__init__(desk, action="Set fee", cancels=True)
        self._plan = plan.id
        self.fee = AmountEdit()
        self.from_day = DayEdit()
        self.add("fee", "New fee a month", self.fee, f"In {plan.terms[-1].currency}, as before.")
        self.add("from_day", "From", self.from_day, "The fee until then stays as it was.")

    def request(self) -> ChangePlan:
        return ChangePlan(self._plan, self.fee.amount(), self.from_day.day())

    def show_setup(self, setup: Setup) -> None:
        if not self.from_day.touched:
            self.from_day.show_day(setup.today)


class EndForm(Form):
    """The last day of a plan."""

    def __init__(self, plan: PlanSetup, desk: Desk) -> None:
        super().__init__(desk, action="Set last day", cancels=True)
        self._plan = plan.id
        self.last_day = DayEdit()
        self.add("last_day", "Last day", self.last_day, "The last that was, or will be, paid for.")

    def request(self) -> EndPlan:
        return EndPlan(self._plan, self.last_day.day())

    def show_setup(self, setup: Setup) -> None:
        if not self.last_day.touched:
            self.last_day.show_day(setup.today)


class RestartForm(PlanForm):
    """A further term of a plan that has ended, filled in as it was."""

    def __init__(self, plan: PlanSetup, desk: Desk) -> None:
        super().__init__(desk, cancels=True, action="Start again")
        self._plan = plan
        self._filled = False

    def show_setup(self, setup: Setup) -> None:
        super().show_setup(setup)
        if not self._filled:
            self._filled = True
            self.repeat(self._plan, setup.today)

    def focus_first(self) -> None:
        self.fee.setFocus(Qt.FocusReason.TabFocusReason)


class RemoveForm(Form):
    """Asks once whether a plan is to go, and says what goes with it."""

    def __init__(self, plan: PlanSetup, desk: Desk) -> None:
        super().__init__(desk, action="Remove plan", cancels=True)
        self._plan = plan.id
        words = label(wraps=True)
        words.set_words(
            f"Remove {plan.name}? Its fees leave every month’s total, and the rules that name it go, "
            "so that nobody is said to pay for its agents. If you have only stopped paying, end it instead."
        )
        self.fields.addWidget(words, 0, 0, 1, 2)
        self.cancel_button.setText("Keep it")

    def request(self) -> RemovePlan:
        return RemovePlan(self._plan)

    def show_setup(self, setup: Setup) -> None:
        del setup

    def focus_first(self) -> None:
        self.cancel_button.setFocus(Qt.FocusReason.TabFocusReason)


MakeForm = Callable[[PlanSetup, Desk], Form]


class PlanBlock(QWidget):
    """One plan, and what can be done with it."""

    gone = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._setup: Setup | None = None
        self._plan: PlanSetup | None = None
        self._panel: Panel | None = None
        self.form: Form | None = None
        self.name = label(weight=QFont.Weight.DemiBold, elides=True)
        self.fee = label(trailing=True)
        self.agents = label(factor=SMALL, secondary=True, wraps=True)
        self.state = label(factor=SMALL, secondary=True, wraps=True)
        self.terms = label(factor=SMALL, secondary=True, wraps=True)
        self.change = Link("Another fee…")
        self.restart = Link("Start again…")
        self.end = Link("End…")
        self.remove = Link("Remove…")
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.name, 1)
        head.addWidget(self.fee)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 4, 0, 6)
        self._box.setSpacing(4)
        self._box.addWidget(SectionRule(inset=0))
        self._box.addSpacing(6)
        self._box.addLayout(head)
        for words in (self.agents, self.state, self.terms):
            self._box.addWidget(words)
        self._box.addLayout(row(self.change, self.restart, self.end, self.remove, spacing=0))
        self.change.clicked.connect(partial(self._open, FeeForm, self.change))
        self.restart.clicked.connect(partial(self._open, RestartForm, self.restart))
        self.end.clicked.connect(partial(self._open, EndForm, self.end))
        self.remove.clicked.connect(partial(self._open, RemoveForm, self.remove))

    def show_plan(self, setup: Setup, plan: PlanSetup) -> None:
        self._setup, self._plan = setup, plan
        self.name.set_words(plan.name)
        self.fee.set_words(plan.fee_text)
        self.agents.set_words(f"Pays for {plan.agents_text}" if plan.agents_text else "Pays for no agent")
        self.state.set_words(capitalised(", ".join(part for part in (plan.state_text, plan.worth_text) if part)))
        self.terms.set_words("\n".join(term.text for term in plan.terms))
        self.terms.setVisible(len(plan.terms) > 1)
        last_day = plan.terms[-1].last_day if plan.terms else None
        ended = last_day is not None and last_day < setup.today
        for button, fits in ((self.change, not ended), (self.restart, ended), (self.end, True)):
            button.setVisible(fits and bool(plan.terms))
        for button, what in (
            (self.change, "Another fee of"),
            (self.restart, "Start again:"),
            (self.end, "Say when it ends:"),
            (self.remove, "Remove"),
        ):
            button.setAccessibleName(f"{what} {plan.name}")
        if self.form is not None:
            self.form.show_setup(setup)

    def _open(self, make: MakeForm, button: Link) -> None:
        if self._setup is None or self._plan is None:
            return
        if self.form is not None and type(self.form) is make:
            self.form.focus_first()
            return
        self._close()
        self.form = make(self._plan, self._desk)
        self.form.show_setup(self._setup)
        self.form.done.connect(partial(self._leave, button))
        self.form.cancelled.connect(partial(self._leave, button))
        self._panel = Panel(self.form)
        self._box.addWidget(self._panel)
        self.form.focus_first()
        bring_into_view(self._panel)

    def _leave(self, button: Link, _: str = "") -> None:
        if self.isVisible():  # a removed plan is gone already when its answer comes
            button.setFocus(Qt.FocusReason.OtherFocusReason)
        self._close()

    def _close(self) -> None:
        if self._panel is not None:
            self._panel.hide()
            self._box.removeWidget(self._panel)
            self._panel.deleteLater()
        self._panel = self.form = None


class PlansPage(Page):
    """All plans, those that run first, and the form to add one."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(TITLE, _TEXT, desk)
        self.empty = self.say("No plan yet. Without one, agents are paid by use, or by somebody else.")
        self.plans: dict[int, PlanBlock] = {}
        self._column = QVBoxLayout()
        self._column.setSpacing(4)
        self.body.addLayout(self._column)
        self.add_plan = Unfold("Add a plan…", lambda: PlanForm(desk, cancels=True))
        self.body.addSpacing(6)
        self.body.addWidget(self.add_plan)
        self.body.addStretch(1)

    def show_setup(self, setup: Setup) -> None:
        super().show_setup(setup)
        self.empty.setVisible(not setup.plans)
        reconcile(
            self._column,
            self.plans,
            [(plan.id, plan) for plan in sorted(setup.plans, key=lambda plan: not plan.runs)],
            lambda _: PlanBlock(self.desk),
            lambda block, plan: block.show_plan(setup, plan),
            self.add_plan.button,
        )
        self.add_plan.show_setup(setup)
