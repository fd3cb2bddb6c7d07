"""Coding agents by their ids and as people call them, whether this build reads their logs or not."""

NAMES = {
    "claude-code": "Claude Code",
    "codex": "Codex",
    "gemini-cli": "Gemini CLI",
    "opencode": "OpenCode",
    "copilot-cli": "Copilot CLI",
    "pi": "pi",
    "openclaw": "OpenClaw",
    "amp": "Amp",
    "droid": "Droid",
    "qwen-code": "Qwen Code",
    "kimi-cli": "Kimi CLI",
    "cline": "Cline",
    "roo-code": "Roo Code",
    "kilo-code": "Kilo Code",
    "goose": "goose",
}
