"""Where Codex CLI keeps its rollouts."""

from collections.abc import Mapping
from pathlib import Path

from tokentray.agents.base import LogParser, split_paths


class Codex:
    """Finds and reads Codex's rollouts."""

    id = "codex"
    label = "Codex"
    provider = "openai"

    def roots(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """Both session folders of each CODEX_HOME (a comma-separated list), else of ~/.codex."""
        homes = split_paths(env.get("CODEX_HOME", "")) or [home / ".codex"]
        return [base / name for base in homes for name in ("sessions", "archived_sessions")]

    def owns(self, relative: str) -> bool:
        """Every .jsonl: a moved or renamed rollout still counts once, for its key holds no path."""
        return relative.endswith(".jsonl")

    def parser(self, path: Path, state: str) -> LogParser:
        """A parser that goes on from `state`."""
        from tokentray.agents.codex.reader import CodexParser

        return CodexParser(path, state)
