"""The form of a plan: what it is called, what it costs a month, for whom it pays, and from when to when."""

from collections.abc import Iterable, Sequence
from datetime import date

from PySide6.QtWidgets import QVBoxLayout, QWidget

from tokentray.requests import AddPlan
from tokentray.setup import AgentSetup, KnownPlan, PlanSetup, Setup
from tokentray.ui.forms.amounts import AmountEdit
from tokentray.ui.forms.controls import Combo, CurrencyCombo, Number
from tokentray.ui.forms.dayedit import DayEdit, OptionalDay
from tokentray.ui.forms.desk import Desk
from tokentray.ui.forms.eliding import NameCheck
from tokentray.ui.forms.form import Form


class AgentChecks(QWidget):
    """The agents that a plan pays for, as check boxes under each other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.touched = False
        self._boxes: dict[str, NameCheck] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)

    def box(self, agent: str) -> NameCheck:
        """The check box of an agent, by its id."""
        return self._boxes[agent]

    def show_agents(self, agents: Iterable[AgentSetup]) -> None:
        """Offer these; what is ticked stays."""
        for agent in agents:
            self._show(agent.id, agent.label)

    def offer(self, agents: Sequence[tuple[str, str]]) -> None:
        """Offer these alone: ids and texts."""
        for agent, box in self._boxes.items():
            box.setVisible(any(agent == one for one, _ in agents))
        for agent, text in agents:
            self._show(agent, text)

    def ticked(self) -> tuple[str, ...]:
        """The ids of those ticked."""
        return tuple(agent for agent, box in self._boxes.items() if box.isChecked() and not box.isHidden())

    def tick(self, agents: Iterable[str]) -> None:
        """Tick these alone; not something that the person did."""
        wanted = frozenset(agents)
        for agent, box in self._boxes.items():
            box.setChecked(agent in wanted)
        self.touched = False

    def _show(self, agent: str, text: str) -> None:
        if agent not in self._boxes:
            box = NameCheck()
            self._boxes[agent] = box
            box.clicked.connect(self._on_clicked)
            self._column.addWidget(box)
            box.show()
        self._boxes[agent].set_name(text)
        self._boxes[agent].setAccessibleName(f"Pays for {text}")

    def _on_clicked(self) -> None:
        self.touched = True


class PlanForm(Form):
    """A plan, or a further term of the plan of that name."""

    def __init__(
        self, desk: Desk | None = None, *, cancels: bool = False, brief: bool = False, action: str = "Add plan"
    ) -> None:
        """brief: without its end and billing day, which the first run does not ask for."""
        super().__init__(desk, action=action, cancels=cancels)
        self._known: tuple[KnownPlan, ...] = ()
        self._currency = ""
        self._wanted_agents: tuple[str, ...] = ()
        self.name = Combo(editable=True)
        self.fee = AmountEdit()
        self.currency = CurrencyCombo()
        self.agents = AgentChecks()
        self.first_day = DayEdit()
        self.last_day = OptionalDay("Ends on", "Last day")
        self.cycle_day = Number(0, 28)
        self.cycle_day.setSpecialValueText("As the first day")
        self.add("name", "Name", self.name)
        self.add_amount("fee", "Fee a month", self.fee, self.currency, "What you pay, before tax.")
        self.add("agents", "Pays for", self.agents)
        self.add("first_day", "First day", self.first_day, "The first that was paid for. Use before it is not covered.")
        self.add("last_day", "End", self.last_day)
        self.add("cycle_day", "Billing day", self.cycle_day, "The day of the month on which the fee is due, 1 to 28.")
        self.show_field("last_day", shown=not brief)
        self.show_field("cycle_day", shown=not brief)
        self.name.currentTextChanged.connect(self._on_name)

    def request(self) -> AddPlan:
        name = self.name.value()
        known = self._known_by(name)
        return AddPlan(
            name=name,
            agents=self.agents.ticked(),
            fee=self.fee.amount(),
            currency=self.currency.value(),
            first_day=self.first_day.day(),
            last_day=self.last_day.day(),
            cycle_day=self.cycle_day.value() or None,
            provider=known.provider if known else "",
        )

    def show_setup(self, setup: Setup) -> None:
        if setup.known_plans != self._known:
            self._known = setup.known_plans
            self.name.show_choices([(plan.name, plan.name) for plan in setup.known_plans])
        self._currency = setup.currency
        self.currency.put_first(setup.currency)
        if not self.currency.value():
            self.currency.show_value(setup.currency or "USD")
        self.agents.show_agents(setup.agents)
        if self._wanted_agents and not self.agents.touched:
            self.agents.tick(self._wanted_agents)
        if not self.first_day.touched:
            self.first_day.show_day(setup.today.replace(day=1))
        if not self.last_day.touched:
            self.last_day.show_day(None, setup.today)

    def propose(self, agent: AgentSetup, today: date) -> None:
        """Fill in what is known of the plan that most likely pays for an agent."""
        self._wanted_agents = (agent.id,)
        proposal = agent.proposal
        self.name.show_value(proposal.plan_name)
        known = self._known_by(proposal.plan_name)
        self.fee.show_amount(proposal.fee if proposal.fee is not None else known.fee if known else None)
        self.currency.show_value(proposal.currency or self._currency or "USD")
        self.agents.tick((agent.id,))
        self.first_day.show_day(today.replace(day=1))

    def repeat(self, plan: PlanSetup, first_day: date) -> None:
        """Fill in a plan that was told before, to begin anew."""
        latest = plan.terms[-1]
        self._wanted_agents = plan.agents
        self.name.show_value(plan.name)
        self.fee.show_amount(latest.fee)
        self.currency.show_value(latest.currency)
        self.agents.tick(plan.agents)
        self.first_day.show_day(first_day)
        self.first_day.touched = True

    def clear(self) -> None:
        super().clear()
        self.name.show_value("")
        self.fee.show_amount(None)
        self.currency.show_value(self._currency or "USD")
        self._wanted_agents = ()
        self.agents.tick(())
        self.cycle_day.show_number(0)
        self.last_day.show_day(None, self.first_day.day())

    def _known_by(self, name: str) -> KnownPlan | None:
        wanted = name.casefold()
        return next((plan for plan in self._known if plan.name.casefold() == wanted), None)

    def _on_name(self, name: str) -> None:
        """A plan that many have fills in what nobody has typed."""
        known = self._known_by(name.strip())
        if known is None:
            return
        if not self.fee.isModified():
            self.fee.show_amount(known.fee)
        if not self.currency.touched:
            self.currency.show_value(known.currency)
        if not self.agents.touched and not self._wanted_agents:
            self.agents.tick(known.agents)
