"""One agent in the window of the first start: what was found of it, and who pays for it."""

from collections.abc import Mapping
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tokentray.localeinfo import number_style
from tokentray.requests import SetPayer
from tokentray.setup import AgentSetup, PlanSetup, Setup
from tokentray.snapshot import Problem
from tokentray.ui import theme
from tokentray.ui.buttons import TextButton
from tokentray.ui.firstrun.card import DoneSign
from tokentray.ui.firstrun.choices import KNOWN, SAME, choices, is_new_plan, known_plan, preselected
from tokentray.ui.firstrun.planfields import LABEL_GAP, WHO_PAYS, PlanFields, label_width
from tokentray.ui.forms.controls import Combo
from tokentray.ui.forms.desk import Desk
from tokentray.ui.forms.fields import Refusal
from tokentray.ui.forms.found import capitalised, found_text
from tokentray.ui.forms.payers import NOBODY, PAYG
from tokentray.ui.widgets import SectionRule, TextLabel

_MEANS = {
    PAYG: "What it uses counts as spend, at list price.",
    NOBODY: "What it uses is shown, and never counted.",
}


class AgentRow(QWidget):
    """Who pays for one agent. A payer that is chosen is told at once; a plan, once its fields are sent."""

    changed = Signal()
    """Another choice: others may share its plan, or do so no more."""
    change_asked = Signal()
    """The plan that was added here is to be taken back, and its fields shown again."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._agent: AgentSetup | None = None
        self._setup: Setup | None = None
        self._asked = ""
        small = theme.font(0.92)
        self.rule = SectionRule(inset=0)
        self.name = TextLabel(font=theme.font(1.0, QFont.Weight.DemiBold), elides=True, gutter=False)
        self.worth = TextLabel(trailing=True, gutter=False)
        self.found = TextLabel(font=small, secondary=True, wraps=True, gutter=False)
        self.error = Refusal()
        self.label = QLabel(WHO_PAYS)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setFont(theme.font())
        self.label.setMinimumWidth(label_width())
        self.payer = Combo()
        self.label.setBuddy(self.payer)
        self.done = DoneSign()
        self.why = TextLabel(font=small, secondary=True, wraps=True, gutter=False)
        self.change = TextButton("Change", factor=0.92, link=True)
        self.refusal = Refusal()
        self.plan = PlanFields(desk)

        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.name, 1)
        head.addWidget(self.worth)
        said = QHBoxLayout()
        said.setSpacing(LABEL_GAP)
        said.addWidget(self.label)
        said.addWidget(self.payer, 1)
        explained = QHBoxLayout()
        explained.setSpacing(6)
        explained.addWidget(self.done, 0, Qt.AlignmentFlag.AlignTop)
        explained.addWidget(self.why, 1)
        explained.addWidget(self.change, 0, Qt.AlignmentFlag.AlignTop)
        under = QVBoxLayout()
        under.setSpacing(5)
        under.addWidget(self.refusal)
        under.addLayout(explained)
        indented = QHBoxLayout()
        indented.setSpacing(0)
        indented.addSpacing(label_width() + LABEL_GAP)
        indented.addLayout(under, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.rule)
        box.addSpacing(12)
        box.addLayout(head)
        box.addSpacing(1)
        box.addWidget(self.found)
        box.addWidget(self.error)
        box.addSpacing(8)
        box.addLayout(said)
        box.addSpacing(5)
        box.addLayout(indented)
        box.addWidget(self.plan)
        self.plan.setContentsMargins(0, 8, 0, 0)
        self.plan.hide()
        self.change.hide()
        self.payer.chosen.connect(self._on_chosen)
        self.change.clicked.connect(self.change_asked)
        self.plan.done.connect(self._on_plan_added)

    @property
    def agent(self) -> AgentSetup:
        """The agent shown."""
        assert self._agent is not None
        return self._agent

    def value(self) -> str:
        """The choice that stands."""
        return self.payer.value()

    def show_agent(self, setup: Setup, agent: AgentSetup, drafts: Mapping[str, tuple[str, str]]) -> None:
        """drafts: label and plan name of the agents further up whose plan is being told, by their ids."""
        said_anew = self._agent is not None and self._agent.payer != agent.payer
        self._agent, self._setup = agent, setup
        self.name.set_words(agent.label)
        self.worth.set_words(agent.worth_text if agent.requests else "")
        found = found_text(agent, setup.today, number_style(), reading=setup.progress is not None)
        self.found.set_words(capitalised(found))
        self.found.setVisible(bool(agent.requests) or not agent.error)
        self.error.show_problem(Problem(agent.error, "", "") if agent.error else None)
        self.payer.setAccessibleName(f"Who pays for {agent.label}")
        labels = {one: label for one, (label, _) in drafts.items()}
        self.payer.show_choices(choices(setup, agent, labels, number_style()))
        if said_anew:
            self.payer.touched = False
            self.refusal.show_problem(None)
        gone = self.payer.currentIndex() < 0
        if not self.payer.touched or gone:
            self.payer.show_value(preselected(setup, agent, {one: name for one, (_, name) in drafts.items()}))
        self.plan.show_setup(setup)
        self._lay_out()

    def plan_name(self) -> str | None:
        """The name of the plan that is being told here, None where none is."""
        return self.plan.name.text().strip() if is_new_plan(self.value()) else None

    def show_added_here(self, added: bool) -> None:
        """Whether its plan was added in this window, and so can be taken back here."""
        self.change.setVisible(added and self.agent.payer.startswith("plan:"))

    def begin_again(self) -> None:
        """Show the fields of the plan as they were sent."""
        if self._asked:
            self.payer.show_value(self._asked)
            self.payer.touched = True
            self._lay_out()
            self.changed.emit()

    def send_rest(self) -> None:
        """Tell what stands here and was not told yet; a plan that nobody has looked at only where it is whole."""
        value = self.value()
        if value in ("", self.agent.payer) or value.startswith(SAME):
            return
        if not is_new_plan(value):
            self._send(value)
        elif self.plan.complete() or self.plan.touched or self.payer.touched:
            self.plan.submit()

    def stops(self) -> list[QWidget]:
        """What the Tab key comes to, in order."""
        fields = [self.plan.name, self.plan.fee, self.plan.currency, self.plan.first_day, self.plan.send_button]
        return [self.payer, self.change, *fields]

    def _on_chosen(self, value: str) -> None:
        self.refusal.show_problem(None)
        self._lay_out()
        self.changed.emit()
        if value and not is_new_plan(value) and not value.startswith(SAME) and value != self.agent.payer:
            self._send(value)
        elif is_new_plan(value):
            self.plan.focus_first()

    def _send(self, value: str) -> None:
        assert self._setup is not None
        since = _said_from(self._setup, self.agent)
        request = SetPayer(self.agent.id, value, from_day=since, keep_narrower=True)
        self._desk.send(request, self, lambda answer: self.refusal.show_problem(answer.problem))

    def _on_plan_added(self) -> None:
        self.payer.touched = False

    def _lay_out(self) -> None:
        """Follow the choice: its fields, and the line that says why, or what it means."""
        setup, agent, value = self._setup, self.agent, self.value()
        assert setup is not None
        new = is_new_plan(value)
        if new:
            self._asked = value
            self._fill(setup, agent, value)
        self.plan.setVisible(new)
        said = bool(value) and value == agent.payer
        self.done.setVisible(said)
        self.why.set_words(self._words(setup, agent, value))
        self.why.setVisible(bool(self.why.words()))
        self.payer.setAccessibleDescription(self.why.words())

    def _fill(self, setup: Setup, agent: AgentSetup, value: str) -> None:
        since = agent.first_day or setup.today.replace(day=1)
        proposal = agent.proposal
        known = known_plan(setup, value.removeprefix(KNOWN)) if value.startswith(KNOWN) else None
        if known is not None:
            self.plan.fill(known.name, known.fee, known.currency, since, known.provider, named=True)
        elif proposal.payer == "plan" and not self.payer.has_value(f"{KNOWN}{proposal.plan_name}"):
            self.plan.fill(proposal.plan_name, proposal.fee, proposal.currency, since, agent.provider, named=False)
        else:
            self.plan.fill("", None, "", since, agent.provider, named=False)

    def _words(self, setup: Setup, agent: AgentSetup, value: str) -> str:
        plan = _plan_of(setup, agent.payer)
        if plan is not None and value == agent.payer:
            return f"{plan.fee_text}, {plan.state_text}"
        if value.startswith(SAME):
            return "One fee for both."
        if value in _MEANS and (value == agent.payer or self.payer.touched):
            return _MEANS[value]
        return "" if agent.payer or self.payer.touched else agent.proposal.reason


def _plan_of(setup: Setup, payer: str) -> PlanSetup | None:
    return next((plan for plan in setup.plans if payer == f"plan:{plan.id}"), None)


def _said_from(setup: Setup, agent: AgentSetup) -> date | None:
    """From when the payer of today holds, so that another takes its place; None where nobody has said, or for ever."""
    rules = [rule for rule in setup.rules if rule.agent == agent.id and not (rule.provider or rule.project)]
    days = [rule.from_day for rule in rules if rule.from_day and rule.from_day <= setup.today]
    days += [plan.terms[0].first_day for plan in setup.plans if agent.payer == f"plan:{plan.id}" and plan.terms]
    return max(days, default=None)
