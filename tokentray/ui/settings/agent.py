"""One agent on the page of who pays: what was found of it, and the ways to say who pays for its use."""

import textwrap
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokentray.localeinfo import number_style
from tokentray.requests import Answer, RemoveRule, SetPayer
from tokentray.setup import AgentSetup, RuleSetup, Setup
from tokentray.snapshot import Problem
from tokentray.ui.forms.controls import Button
from tokentray.ui.forms.dayedit import UNREAD, DayEdit
from tokentray.ui.forms.desk import Desk
from tokentray.ui.forms.fields import SMALL, Field, Refusal, row
from tokentray.ui.forms.found import found_text
from tokentray.ui.forms.payers import NEW_PLAN, NOBODY, NOT_SAID, PAYG, PayerCombo, proposed_payer
from tokentray.ui.forms.plan import PlanForm
from tokentray.ui.forms.unfold import Panel, bring_into_view
from tokentray.ui.settings.page import label
from tokentray.ui.widgets import SectionRule

_LONGEST_NAME = 40


def proposal_text(payer: str, setup: Setup, agent: AgentSetup) -> str:
    """What the button says that takes the proposal."""
    if payer == NEW_PLAN:
        return f"Add {textwrap.shorten(agent.proposal.plan_name, _LONGEST_NAME, placeholder='') or 'the plan'}…"
    if payer in (PAYG, NOBODY):
        return "I pay as I go" if payer == PAYG else "Nobody here pays"
    name = next(plan.name for plan in setup.plans if f"plan:{plan.id}" == payer)
    return f"{textwrap.shorten(name, _LONGEST_NAME, placeholder='…')} pays"


class SinceWhen(QWidget):
    """Asks from which day on another payer holds: it may mend what was said, or begin only now."""

    chosen = Signal(object)
    """The first day, None for all days."""
    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.question = label(wraps=True)
        self.always = Button("For all days")
        self.since = Button("From this day on:")
        self.day = DayEdit()
        self.day.setAccessibleName("First day")
        self.cancel = Button("Cancel")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.question)
        box.addLayout(row(self.since, self.day))
        self.refusal = Refusal()
        box.addWidget(self.refusal)
        box.addLayout(row(self.always, self.cancel))
        self.always.clicked.connect(lambda: self.chosen.emit(None))
        self.since.clicked.connect(self._on_since)
        self.day.edited.connect(lambda: self.refusal.show_problem(None))
        self.cancel.clicked.connect(self.cancelled)

    def ask(self, agent: AgentSetup, text: str, today: date) -> None:
        """text: the payer that was chosen."""
        self.question.set_words(f"From when on does “{text}” hold for {agent.label}?")
        if not self.day.touched:
            self.day.show_day(today)
        self.refusal.show_problem(None)

    def _on_since(self) -> None:
        if self.day.is_unread():
            self.refusal.show_problem(UNREAD)
            self.day.setFocus(Qt.FocusReason.OtherFocusReason)
            self.day.selectAll()
        else:
            self.chosen.emit(self.day.day())


class AgentBlock(QWidget):
    """One agent: what was found of it, what that is worth, and who pays."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._setup: Setup | None = None
        self._agent: AgentSetup | None = None
        self._asked = 0
        """Requests of the combo box that are under way; until they are answered it shows what was chosen."""
        self._missed = False
        """Whether a setup came while the combo box was left to the person."""
        self.name = label(weight=QFont.Weight.DemiBold, elides=True)
        self.worth = label(trailing=True)
        self.found = label(factor=SMALL, secondary=True, wraps=True)
        self.error = Refusal()
        self.payer = PayerCombo()
        self.field = Field("Who pays", self.payer)
        self.reason = label(factor=SMALL, secondary=True, wraps=True)
        self.take = Button("")
        self.proposal = QWidget()
        self.since = SinceWhen()
        self.since_panel = Panel(self.since)
        self.plan_form: PlanForm | None = None
        self._plan_panel: Panel | None = None
        proposal = QVBoxLayout(self.proposal)
        proposal.setContentsMargins(0, 0, 0, 0)
        proposal.setSpacing(4)
        proposal.addWidget(self.reason)
        proposal.addLayout(row(self.take))
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.name, 1)
        head.addWidget(self.worth)
        self.pays = QWidget()
        pays = QHBoxLayout(self.pays)
        pays.setContentsMargins(0, 0, 0, 0)
        pays.setSpacing(14)
        asks = label()
        asks.set_words("Who pays")
        asks.setBuddy(self.payer)
        asks.setMinimumHeight(self.payer.sizeHint().height())
        pays.addWidget(asks, 0, Qt.AlignmentFlag.AlignTop)
        answers = QVBoxLayout()
        answers.setSpacing(6)
        answers.addWidget(self.field)
        answers.addWidget(self.proposal)
        pays.addLayout(answers, 1)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 4, 0, 6)
        self._box.setSpacing(4)
        self._box.addWidget(SectionRule(inset=0))
        self._box.addSpacing(6)
        self._box.addLayout(head)
        self._box.addWidget(self.found)
        self._box.addWidget(self.error)
        self._box.addSpacing(2)
        self._box.addWidget(self.pays)
        self._box.addWidget(self.since_panel)
        self.since_panel.hide()
        self.payer.chosen.connect(self._on_chosen)
        self.take.clicked.connect(self._on_take)
        self.since.chosen.connect(self._on_since)
        self.since.cancelled.connect(self._back)

    def show_agent(self, setup: Setup, agent: AgentSetup) -> None:
        """Follow what is known; what the person is choosing is left to them."""
        before, self._setup, self._agent = self._agent, setup, agent
        style = number_style()
        self.name.set_words(agent.label)
        self.worth.set_words(agent.worth_text)
        self.worth.setVisible(bool(agent.worth_text and agent.requests))
        self.found.set_words(found_text(agent, setup.today, style, reading=setup.progress is not None))
        self.error.show_problem(Problem("Its logs could not be read", agent.error, "") if agent.error else None)
        proposed = proposed_payer(setup, agent) if not agent.payer else ""
        self.proposal.setVisible(bool(proposed) and not self._choosing())
        self.pays.setVisible(agent.found or bool(agent.requests or agent.payer))
        if proposed:
            self.reason.set_words(agent.proposal.reason)
            text = proposal_text(proposed, setup, agent)
            self.take.setText(text)
            self.take.setAccessibleName(f"{text}: take this for {agent.label}")
        if before is not None and before.payer != agent.payer and not self._asked:
            self.field.refuse(None)
        self._missed = self.payer.touched = bool(self._asked) or self._choosing()
        self.payer.show_agent(setup, agent)
        if self.plan_form is not None:
            self.plan_form.show_setup(setup)

    def _choosing(self) -> bool:
        return not self.since_panel.isHidden() or (self._plan_panel is not None and not self._plan_panel.isHidden())

    def _on_chosen(self, payer: str) -> None:
        setup, agent = self._setup, self._agent
        assert setup is not None
        assert agent is not None
        self.field.refuse(None)
        self._close()
        if payer == NEW_PLAN:
            self._open_plan()
        elif payer == agent.payer:
            self._back()
        elif payer == NOT_SAID:
            self._unsay(self._general_rules())
        elif agent.first_day is None or not self._general_rules():
            self._set(payer, None)
        else:
            self.since.day.touched = False
            self.since.ask(agent, self.payer.currentText(), setup.today)
            self.since_panel.show()
            self.since.since.setFocus(Qt.FocusReason.OtherFocusReason)
            bring_into_view(self.since_panel)

    def _on_since(self, first_day: date | None) -> None:
        payer = self.payer.value()
        self._close()
        self.payer.setFocus(Qt.FocusReason.OtherFocusReason)
        self._set(payer, first_day)

    def _on_take(self) -> None:
        assert self._setup is not None
        assert self._agent is not None
        payer = proposed_payer(self._setup, self._agent)
        self.payer.show_value(payer)
        self.payer.touched = True
        self._on_chosen(payer)
        if payer != NEW_PLAN:
            self.payer.setFocus(Qt.FocusReason.OtherFocusReason)

    def _set(self, payer: str, first_day: date | None) -> None:
        assert self._agent is not None
        self._asked += 1
        request = SetPayer(self._agent.id, payer, from_day=first_day, keep_narrower=True)
        self._desk.send(request, self, self._on_answer)

    def _unsay(self, rules: list[RuleSetup]) -> None:
        for rule in rules:
            self._asked += 1
            self._desk.send(RemoveRule(rule.id), self, self._on_answer)
        if not rules:
            self._back()

    def _general_rules(self) -> list[RuleSetup]:
        """Those that say who pays for all of this agent's use."""
        assert self._setup is not None
        assert self._agent is not None
        mine = self._agent.id
        return [rule for rule in self._setup.rules if rule.agent == mine and not (rule.provider or rule.project)]

    def _on_answer(self, answer: Answer) -> None:
        self._asked -= 1
        if answer.problem is not None:
            self._back()
            self.field.refuse(answer.problem)
            return
        if not self._asked:
            self._settle()

    def _open_plan(self) -> None:
        assert self._setup is not None
        assert self._agent is not None
        if self.plan_form is None:
            self.plan_form = PlanForm(self._desk, cancels=True)
            self._plan_panel = Panel(self.plan_form)
            self._box.addWidget(self._plan_panel)
            self.plan_form.done.connect(self._on_plan_done)
            self.plan_form.cancelled.connect(self._on_plan_left)
        self.plan_form.clear()
        self.plan_form.show_setup(self._setup)
        self.plan_form.propose(self._agent, self._setup.today)
        assert self._plan_panel is not None
        self._plan_panel.show()
        self.proposal.hide()
        self.plan_form.focus_first()
        bring_into_view(self._plan_panel)

    def _on_plan_done(self) -> None:
        self._settle()
        self.payer.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_plan_left(self) -> None:
        self._back()
        self.payer.setFocus(Qt.FocusReason.OtherFocusReason)

    def _close(self) -> None:
        self.since_panel.hide()
        if self._plan_panel is not None:
            self._plan_panel.hide()

    def _settle(self) -> None:
        """It was done: follow the setup again. Where none came yet, what was chosen stands until then."""
        if self._missed:
            self._back()
        else:
            self._close()
            self.payer.touched = False

    def _back(self) -> None:
        """Show again what was said."""
        self._close()
        self.payer.touched = False
        if self._setup is not None and self._agent is not None:
            self.show_agent(self._setup, self._agent)
