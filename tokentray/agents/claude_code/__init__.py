"""Where Claude Code keeps its session logs, and which of the files there are logs."""

from collections.abc import Mapping
from pathlib import Path

from tokentray.agents.base import LogParser, split_paths


class ClaudeCode:
    """Finds and reads Claude Code's logs."""

    id = "claude-code"
    label = "Claude Code"
    provider = "anthropic"

    def roots(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """`projects` of each configuration folder. CLAUDE_CONFIG_DIR: a list of such folders or of `projects`."""
        override = env.get("CLAUDE_CONFIG_DIR", "")
        if override:
            folders = split_paths(override)
        else:
            config = Path(env["XDG_CONFIG_HOME"]) if env.get("XDG_CONFIG_HOME") else home / ".config"
            folders = [home / ".claude", config / "claude"]
        return [folder if folder.name == "projects" else folder / "projects" for folder in folders]

    def owns(self, relative: str) -> bool:
        """Every .jsonl but the orchestration journals, which hold no usage."""
        return relative.endswith(".jsonl") and not relative.endswith("/journal.jsonl")

    def parser(self, path: Path, state: str) -> LogParser:
        """A parser without memory: each line stands for itself."""
        from tokentray.agents.claude_code.reader import ClaudeCodeParser

        del state
        return ClaudeCodeParser(path)
