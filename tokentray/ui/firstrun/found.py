"""The card of what was found on this machine: each agent, read live, and who pays for it."""

import os
from collections.abc import Iterable

from PySide6.QtWidgets import QVBoxLayout, QWidget

from tokentray.errors import TokenTrayError
from tokentray.requests import RemovePlan
from tokentray.setup import AgentSetup, Setup
from tokentray.ui import theme
from tokentray.ui.firstrun.card import Card
from tokentray.ui.firstrun.choices import SAME
from tokentray.ui.firstrun.row import AgentRow
from tokentray.ui.forms.desk import Desk
from tokentray.ui.sections import ProgressLine, progress_words
from tokentray.ui.widgets import TextLabel

ABOUT = "The session logs of coding agents. Who pays decides what counts: guessed here, and yours to say."

_LOOKING = "Looking for session logs…"


def where_read() -> list[tuple[str, str]]:
    """Each agent that can be read, and the folders where its logs are looked for."""
    from tokentray.agents import AGENTS  # the reading of logs is none of the window's business but here
    from tokentray.paths import person_home

    try:
        home = person_home()
    except TokenTrayError:
        return [(agent.label, "") for agent in AGENTS]
    found = []
    for agent in AGENTS:
        folders = (str(root) for root in agent.roots(os.environ, home))
        found.append((agent.label, ", ".join(_short(folder, str(home)) for folder in folders)))
    return found


def _short(folder: str, home: str) -> str:
    return f"~{folder[len(home) :]}" if folder.startswith(home + os.sep) else folder


class FoundCard(Card):
    """Agents under each other."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("Found on this machine", ABOUT, parent)
        self._desk = desk
        self._setup: Setup | None = None
        self._by_id: dict[str, AgentRow] = {}
        self._added: set[str] = set()
        self.progress = ProgressLine()
        self.empty = TextLabel(wraps=True, gutter=False)
        self.where = TextLabel(font=theme.font(0.92), secondary=True, wraps=True, gutter=False)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(14)
        self.body.addSpacing(10)
        self.body.addWidget(self.progress)
        self.body.addSpacing(5)
        self.body.addWidget(self.empty)
        self.body.addSpacing(4)
        self.body.addWidget(self.where)
        self.body.addLayout(self._rows)
        self.body.addStretch(1)
        self.empty.set_words(_LOOKING)
        self.where.hide()
        self.progress.hide()

    def rows(self) -> list[AgentRow]:
        """The rows shown, in order."""
        shown = _shown(self._setup) if self._setup else ()
        return [self._by_id[agent.id] for agent in shown]

    def show_setup(self, setup: Setup) -> None:
        self._setup = setup
        self.progress.show_progress(setup.progress)
        self.beside.set_words(progress_words(setup.progress) if setup.progress else "")
        agents = _shown(setup)
        for place, agent in enumerate(agents):
            if agent.id not in self._by_id:
                row = AgentRow(self._desk)
                row.changed.connect(self._share)
                row.change_asked.connect(lambda row=row: self._take_back(row))
                row.plan.done.connect(lambda _, row=row: self._on_added(row))
                self._by_id[agent.id] = row
                self._rows.insertWidget(place, row)
        for name, row in self._by_id.items():
            row.setVisible(any(agent.id == name for agent in agents))
            # The line of progress stands where the first row would have its own.
            row.rule.setVisible(bool(agents) and name != agents[0].id)
        self._share()
        self._show_empty(agents, setup)

    def send_rest(self) -> None:
        """Tell all that stands here and was not told yet."""
        for row in self.rows():
            row.send_rest()

    def stops(self) -> list[QWidget]:
        """What the Tab key comes to, in order."""
        return [stop for row in self.rows() for stop in row.stops()]

    def _share(self) -> None:
        """Hand the plans that are being told further up to the rows below, and their agents to the plans."""
        setup = self._setup
        if setup is None:
            return
        drafts: dict[str, tuple[str, str]] = {}
        added = {plan.id for plan in setup.plans if plan.name.casefold() in self._added}
        for agent in _shown(setup):
            row = self._by_id[agent.id]
            row.show_agent(setup, agent, drafts)
            row.show_added_here(any(agent.payer == f"plan:{number}" for number in added))
            name = row.plan_name()
            if name is not None:
                drafts[agent.id] = (agent.label, name)
        for row in self.rows():
            sharing = (other.agent.id for other in self.rows() if other.value() == f"{SAME}{row.agent.id}")
            row.plan.agents = (row.agent.id, *sharing)

    def _on_added(self, row: AgentRow) -> None:
        self._added.add(row.plan.name.text().strip().casefold())
        self._share()

    def _take_back(self, row: AgentRow) -> None:
        number = int(row.agent.payer.partition(":")[2])
        self._desk.send(RemovePlan(number), row, lambda answer: row.begin_again() if answer.problem is None else None)

    def _show_empty(self, agents: Iterable[AgentSetup], setup: Setup) -> None:
        nothing = not list(agents)
        self.empty.setVisible(nothing)
        self.where.setVisible(nothing)
        if not nothing:
            return
        self.empty.set_words(_LOOKING if setup.progress else "There are no session logs of a coding agent here yet.")
        places = "\n".join(f"{label}: {folders}" if folders else label for label, folders in where_read())
        self.where.set_words(f"These are read, and show up here by themselves once they have written any:\n{places}")


def _shown(setup: Setup) -> list[AgentSetup]:
    """Agents with logs here, or of which something is known."""
    return [agent for agent in setup.agents if agent.found or agent.requests or agent.payer or agent.error]
