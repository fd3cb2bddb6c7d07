"""Resources: every file shipped is used, and every name used exists."""

import re
from pathlib import Path

import pytest

from tokentray import assets

ROOT = Path(__file__).resolve().parents[2]


def test_every_resource_is_used_and_every_name_exists() -> None:
    """A name is used where the code names it, or the README shows or links to it."""
    shipped = {path.relative_to(ROOT / "resources").as_posix() for path in (ROOT / "resources").rglob("*.*")}
    code = "".join(path.read_text("utf-8") for path in (ROOT / "tokentray").rglob("*.py"))
    asked = set(re.findall(r'assets\.path\(\s*"([^"]+)"', code))
    named = set(re.findall(r'"(fonts/[^"]+)"', code))
    shown = set(re.findall(r"resources/([\w./-]+\.(?:png|json))", (ROOT / "README.md").read_text("utf-8")))
    others = {
        "icons/tokentray.svg",  # held to the painted mark by tests/ui/test_icons.py; desktop entries use it
        "fonts/OFL.txt",  # the licence of the fonts, which asks to stand beside them
    }
    assert shipped <= asked | named | shown | others
    for name in asked | named | shown | others:
        assert assets.path(name).exists()


def test_a_missing_resource_says_so() -> None:
    """An incomplete installation is named as one."""
    with pytest.raises(FileNotFoundError, match="not part of this installation"):
        assets.path("no-such-file.json")
