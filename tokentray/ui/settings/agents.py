"""The page on which the person says who pays for each agent, and sees which rules that comes to."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from tokentray.localeinfo import number_style
from tokentray.requests import PutRuleBack, RemoveRule, SetPayer
from tokentray.setup import RuleSetup, Setup
from tokentray.ui.forms.controls import Combo
from tokentray.ui.forms.dayedit import OptionalDay
from tokentray.ui.forms.desk import Desk
from tokentray.ui.forms.fields import SMALL, row
from tokentray.ui.forms.form import Form
from tokentray.ui.forms.payers import payer_choices
from tokentray.ui.forms.unfold import Unfold
from tokentray.ui.settings.agent import AgentBlock
from tokentray.ui.settings.page import Line, Link, Page, label, reconcile

TITLE = "Agents and who pays"
_TEXT = (
    "Tokens that a plan covers, or that somebody else pays for, are not your spend. "
    "Say who pays for each agent; until then its amounts are called worth at list price."
)


class RuleForm(Form):
    """A rule for a part of an agent's use: one provider, one project, from a day on."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, action="Add rule", cancels=True)
        self.agent = Combo()
        self.payer = Combo()
        self.project = Combo(editable=True)
        self.provider = Combo(editable=True)
        self.from_day = OptionalDay("Only from", "First day")
        for combo, text in ((self.project, "Any project"), (self.provider, "Any provider")):
            line = combo.lineEdit()
            if line is not None:
                line.setPlaceholderText(text)
        self.add("agent", "Agent", self.agent)
        self.add("project", "Project", self.project, "The name of its folder; left empty, all of them.")
        self.add("provider", "Provider", self.provider, "As the logs name it; left empty, all of them.")
        self.add("from_day", "Since", self.from_day)
        self.add("payer", "Who pays", self.payer)

    def request(self) -> SetPayer:
        return SetPayer(
            agent=self.agent.value(),
            payer=self.payer.value(),
            provider=self.provider.value(),
            project=self.project.value(),
            from_day=self.from_day.day(),
            keep_narrower=True,
        )

    def show_setup(self, setup: Setup) -> None:
        self.agent.show_choices([(agent.id, agent.label) for agent in setup.agents])
        self.project.show_choices([(name, name) for name in setup.projects])
        self.provider.show_choices([(name, name) for name in setup.providers])
        self.payer.show_choices(payer_choices(setup, ended=True))
        if not self.agent.value() and setup.agents:
            self.agent.show_value(setup.agents[0].id)
        if not self.payer.value():
            self.payer.show_value("nobody")
        if not self.from_day.touched:
            self.from_day.show_day(None, setup.today)

    def clear(self) -> None:
        super().clear()
        self.project.show_value("")
        self.provider.show_value("")
        self.from_day.check.setChecked(False)


class AgentsPage(Page):
    """All agents, the rules, and the way back to the window of the first start."""

    first_run_asked = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__(TITLE, _TEXT, desk)
        self.progress = label(factor=SMALL, secondary=True)
        self.body.addWidget(self.progress)
        self.empty = self.say(
            "No coding agent was found on this machine yet. TokenTray reads the logs of Claude Code and Codex; "
            "they appear here once one of them has written a session."
        )
        self.agents: dict[str, AgentBlock] = {}
        self._agents_column = QVBoxLayout()
        self._agents_column.setSpacing(4)
        self.body.addLayout(self._agents_column)
        self.section(
            "More exact rules",
            "All that was said of who pays, also for one project or provider alone. The last rule that matches wins.",
        )
        self.no_rules = self.say("Nothing was said yet.")
        self.rules: dict[int, Line] = {}
        self._rules_column = QVBoxLayout()
        self._rules_column.setSpacing(6)
        self.body.addLayout(self._rules_column)
        self.add_rule = Unfold("Add a rule…", lambda: RuleForm(desk))
        self.body.addSpacing(4)
        self.body.addWidget(self.add_rule)
        self.first_run = Link("Show the window of the first start again")
        self.body.addSpacing(16)
        self.body.addLayout(row(self.first_run))
        self.body.addStretch(1)
        self.first_run.clicked.connect(self.first_run_asked)

    def show_setup(self, setup: Setup) -> None:
        super().show_setup(setup)
        reading = setup.progress
        style = number_style()
        words = ""
        if reading is not None:
            words = f"Reading logs: {style.number(reading.files_done)} of {style.number(reading.files_total)} files"
        self.progress.set_words(words)
        self.progress.setVisible(bool(words))
        self.empty.setVisible(not any(agent.found or agent.requests for agent in setup.agents))
        reconcile(
            self._agents_column,
            self.agents,
            [(agent.id, agent) for agent in setup.agents],
            lambda _: AgentBlock(self.desk),
            lambda block, agent: block.show_agent(setup, agent),
            self.add_rule.button,
        )
        self.no_rules.setVisible(not setup.rules)
        reconcile(
            self._rules_column,
            self.rules,
            [(rule.id, rule) for rule in setup.rules],
            lambda _: Line(self.desk),
            _show_rule,
            self.add_rule.button,
        )
        self.add_rule.show_setup(setup)
        self.add_rule.setVisible(bool(setup.agents))


def _show_rule(line: Line, rule: RuleSetup) -> None:
    undo = PutRuleBack(rule.id, rule.agent, rule.payer, rule.provider, rule.project, rule.from_day)
    line.show_item(rule.text, rule.text, RemoveRule(rule.id), undo)
