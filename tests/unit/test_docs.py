"""The README holds what is true: every command is told, and every name it tells is built."""

import re
from pathlib import Path

from tokentray.agents import AGENTS
from tokentray.cli.parsing import COMMANDS
from tokentray.settings import SETTINGS, takes, value_text
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


def settings_table() -> str:
    """The table of the README's Settings, as SETTINGS has them; its values as they stand in the file."""
    lines = ["| setting | takes | default | |", "|---|---|---|---|"]
    for setting in SETTINGS:
        text = value_text(setting, setting.default)
        default = f'"{text}"' if isinstance(setting.default, str) else text
        lines.append(f"| `{setting.key}` | {takes(setting)} | `{default}` | {setting.help} |")
    return "\n".join(lines)


def test_every_setting_is_in_the_readme_as_it_is_declared() -> None:
    """Key, values, default and help: whoever edits the file by hand reads them here."""
    section = README.partition("\n## Settings\n")[2].partition("\n## ")[0]
    table = "\n".join(line for line in section.split("\n") if line.startswith("|"))
    assert table == settings_table()
