"""A secret shows itself to two callers only, and nothing else of the package could let it out."""

import ast
import copy
import pickle
from pathlib import Path

import pytest

from tokentray.secret import Credential, Secret

PACKAGE = Path(__file__).parents[2] / "tokentray"
MAY_REVEAL = {"credentials.py", "net"}


def test_only_the_network_and_the_keyring_reveal_one() -> None:
    """Every call of reveal() in the package, by where it is."""
    callers = {
        file.relative_to(PACKAGE).parts[0]
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in ("reveal", "_text")
        and file.name != "secret.py"
        and not (node.attr == "_text" and isinstance(node.value, ast.Name) and node.value.id == "self")
    }
    assert callers == MAY_REVEAL


def test_a_secret_is_written_nowhere() -> None:
    """Not into text of any kind, not into a copy, not into a file."""
    secret = Secret("canary-0123")
    credential = Credential(secret, "https://api.example.com")
    for shown in (
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret!s:>40}",
        f"{credential}",
        "".join(("", str(secret))),
    ):
        assert "canary" not in shown
    for write in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            write(secret)
    assert secret == Secret("canary-0123")
    assert secret != Secret("canary-0124")
