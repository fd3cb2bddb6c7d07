"""Logging to a file of the app's own, 0600, rotated, with anything that looks like a key taken out."""

import logging
import logging.handlers
import os
import re
from io import TextIOWrapper
from pathlib import Path

_KEY_SHAPES = re.compile(r"\b(?:sk|pk|rk|xai|gsk|key|ghp|gho|ghs|github_pat|hf|AIza)[-_][A-Za-z0-9_\-]{12,}")


class RedactKeys(logging.Filter):
    """The second net: no secret is logged on purpose, and a key-shaped word never reaches the file."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        cleaned = _KEY_SHAPES.sub("[key]", text)
        if cleaned != text:
            record.msg, record.args = cleaned, ()
        return True


class _PrivateFile(logging.handlers.RotatingFileHandler):
    """Keeps every new file to its owner."""

    def _open(self) -> TextIOWrapper:
        os.close(os.open(self.baseFilename, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
        return super()._open()


def start_logging(log_file: Path, *, debug: bool = False) -> None:
    """Write warnings (with debug, everything) to the log file; go without where it cannot be opened."""
    root = logging.getLogger("tokentray")
    root.setLevel(logging.DEBUG if debug else logging.INFO)
    handler: logging.Handler
    try:
        log_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = _PrivateFile(log_file, maxBytes=512_000, backupCount=2, encoding="utf-8")
    except OSError:
        handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(RedactKeys())
    root.addHandler(handler)
