"""What `doctor` says of settings, payers and currencies, without quoting what a person wrote."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.histories import read_logs

Program = Callable[..., subprocess.CompletedProcess[str]]
_LOGS = Path(__file__).parents[1] / "fixtures" / "logs"


def test_who_pays_and_settings_that_are_not_used(tokentray: Program, tmp_path: Path) -> None:
    """Nobody said who pays: a note until somebody does. A bad setting is named by its line, not its value."""
    home = tmp_path / "own"
    read_logs(home / "history.db", tmp_path, {"CLAUDE_CONFIG_DIR": str(_LOGS / "claude-code" / "streaming")})
    (home / "settings.toml").write_text('[appearance]\nicon_mode = "my-secret-word"\n[money]\ncurrency = "EUR"\n')
    said = tokentray("doctor", home=home)
    assert said.returncode == 1
    assert "note  Claude Code: nobody has said who pays, so its use is worth and no spend" in said.stdout
    assert "bad   Settings: appearance.icon_mode (line 2) cannot be used" in said.stdout
    assert "note  Currency: no rate leads from USD to EUR" in said.stdout
    assert "my-secret-word" not in said.stdout
    (home / "settings.toml").unlink()
    assert tokentray("agents", "set", "claude-code", "--paid-by", "payg", home=home).returncode == 0
    after = tokentray("doctor", home=home)
    assert "nobody has said" not in after.stdout
    assert "ok    Settings: as you set them" in after.stdout
