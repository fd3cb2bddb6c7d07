"""The README holds what is true: every command is told, and every name it tells is built."""

import re
from pathlib import Path

from tokentray.agents import AGENTS
from tokentray.cli.main import COMMANDS
from tokentray.store.usage import KEYS

README = (Path(__file__).resolve().parents[2] / "README.md").read_text("utf-8")


def test_every_command_is_in_the_readme_and_no_other() -> None:
    """A command without a word about it is not finished; one that is not built must not be promised."""
    told = set(re.findall(r"`tokentray (\w+)", README)) | set(re.findall(r"dev\.py run (\w+)", README))
    assert told == set(COMMANDS)


def test_every_key_and_agent_is_in_the_readme() -> None:
    """Scripts are written from it."""
    words = set(re.findall(r"\w+", README))
    assert words >= set(KEYS)
    for agent in AGENTS:
        assert agent.label in README
