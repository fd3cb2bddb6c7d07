"""Logging to a file of the app's own, 0600, rotated, with anything that looks like a key taken out."""

import base64
import logging
import logging.handlers
import os
import re
from io import TextIOWrapper
from pathlib import Path

_KEY_SHAPES = re.compile(
    r"\b(?:sk|pk|rk|xai|gsk|key|ghp|gho|ghu|ghs|ghr|github_pat|hf|nvapi|pplx|fw|r8)[-_][A-Za-z0-9_\-]{12,}"
    r"|\bAIza[A-Za-z0-9_\-]{20,}"
)
_SHORTEST = 8
_never: dict[int, set[int]] = {}
"""By length, hashes of what must not be shown. Python's hash has a secret of its own in each run."""


def never_show(secret: str) -> None:
    """Have a secret taken out of everything that is logged from now on, also where it stands in base64 or hex.

    Only hashes of it are kept. What is shorter than a key is no key, and would blank out words.
    """
    data = secret.encode()
    # In base64 a secret looks otherwise at each of three places; what is the same at either end depends on neighbours.
    packed = (base64.b64encode(b"\0" * skip + data).decode()[-(-skip * 8 // 6) :] for skip in range(3))
    inside = [text.rstrip("=")[:-1] for text in packed]
    for text in (secret, data.hex(), data.hex().upper(), *inside):
        if len(text) >= _SHORTEST and hash(text) not in _never.get(len(text), ()):
            _never[len(text)] = {*_never.get(len(text), ()), hash(text)}


def redacted(text: str) -> str:
    """The text without what looks like a key, and without every secret that was used in this run."""
    for length, hashes in list(_never.items()):
        at = 0
        while at + length <= len(text):
            if hash(text[at : at + length]) in hashes:
                text = f"{text[:at]}[key]{text[at + length :]}"
            at += 1
    return _KEY_SHAPES.sub("[key]", text)


class RedactKeys(logging.Filter):
    """The second net: no secret is logged on purpose, and none reaches the file."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        cleaned = redacted(text)
        if cleaned != text:
            record.msg, record.args = cleaned, ()
        return True


class _Redacting(logging.Formatter):
    """The whole line, with the traceback that may follow it."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


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
    handler.setFormatter(_Redacting("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(RedactKeys())
    root.addHandler(handler)
