"""Local coding agents: one module for each agent's logs, and the list of them."""

from tokentray.agents.base import Agent
from tokentray.agents.claude_code import ClaudeCode
from tokentray.agents.codex import Codex

AGENTS: tuple[Agent, ...] = (ClaudeCode(), Codex())


def agent_named(agent_id: str) -> Agent | None:
    """The agent of that id, None where there is none."""
    return next((agent for agent in AGENTS if agent.id == agent_id), None)
