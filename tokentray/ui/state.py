"""What the app remembers between starts, in state.json: how the history window lay and what it was last asked.

Nothing of it is needed: a file that cannot be used is passed over with a line in the log. What another version keeps
there stays. Writing is done beside the main thread, and the newest state wins.
"""

import base64
import binascii
import json
import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from tokentray.files import staged
from tokentray.insight.question_json import of_object, to_object
from tokentray.question import Question, View

_log = logging.getLogger(__name__)

_LARGEST = 1 << 20
_OWNER_ONLY = 0o600
_Part = TypeVar("_Part")
_NO_QUESTIONS: Mapping[View, Question] = MappingProxyType({})


class HistoryState(NamedTuple):
    """How the history window was left.

    geometry, splitter: as Qt saves them, b"" for none. view: the one last seen. questions: the last one of each view.
    columns: as ui.history.columns writes them, "" for none.
    """

    geometry: bytes = b""
    splitter: bytes = b""
    view: View = View.USAGE
    questions: Mapping[View, Question] = _NO_QUESTIONS
    columns: str = ""

    @property
    def question(self) -> Question | None:
        """The question last asked, None where there was none."""
        return self.questions.get(self.view)


class State:
    """The file, read once. path: None for what is not to be kept."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._asked = 0
        self._written = 0
        self._held = _read(path) if path else {}
        self.history = _history(self._held.get("history"))

    def keep_history(self, history: HistoryState) -> None:
        """Remember how the window was left. Returns at once; never fails."""
        self.history = history
        kept = self._held.get("history")
        self._held["history"] = (kept if isinstance(kept, dict) else {}) | _history_object(history)
        if self._path is None:
            return
        self._asked += 1
        data = (json.dumps(self._held, indent=1, ensure_ascii=False) + "\n").encode(errors="replace")
        threading.Thread(target=self._write, args=(self._path, data, self._asked), name="state").start()

    def _write(self, path: Path, data: bytes, number: int) -> None:
        with self._lock:
            if number < self._written:
                return
            self._written = number
            try:
                with staged(path, data, _OWNER_ONLY) as part:
                    part.replace(path)
            except OSError as exc:
                _log.info("how the windows lay is not remembered: %s: %s", path.name, exc.strerror or exc)


def _read(path: Path) -> dict[str, Any]:
    """All that the file holds, also of other versions; nothing where it cannot be used."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise ValueError("too large")
        found = json.loads(data)
        if not isinstance(found, dict):
            raise ValueError("not an object")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as exc:
        _log.info("%s is passed over: %s", path.name, exc)
        return {}
    return found


def _history(found: object) -> HistoryState:
    """What can be used of what was kept, each part for itself."""
    if not isinstance(found, dict):
        return HistoryState()
    return HistoryState(
        geometry=_usable("geometry", found.get("geometry", ""), _bytes, b""),
        splitter=_usable("splitter", found.get("splitter", ""), _bytes, b""),
        view=_usable("view", found.get("view", ""), View, View.USAGE),
        questions=_by_view("question", found.get("questions"), of_object),
        columns=_usable("columns", found.get("columns", ""), _text, ""),
    )


def _history_object(history: HistoryState) -> dict[str, object]:
    return {
        "geometry": base64.b64encode(history.geometry).decode("ascii"),
        "splitter": base64.b64encode(history.splitter).decode("ascii"),
        "view": history.view.value,
        "questions": {view.value: to_object(question) for view, question in history.questions.items()},
        "columns": history.columns,
    }


def _usable(name: str, value: object, read: Callable[[Any], _Part], otherwise: _Part) -> _Part:
    """A value as it is read, or what holds without it."""
    if value == "":
        return otherwise
    try:
        return read(value)
    except (TypeError, ValueError) as exc:
        _log.info("the %s that was remembered is passed over: %s", name, exc)
        return otherwise


def _by_view(name: str, found: object, read: Callable[[Any], _Part]) -> dict[View, _Part]:
    """A value for each view that this version has."""
    kept = found if isinstance(found, dict) else {}
    parts: dict[View, _Part] = {}
    for view in View:
        part = _usable(name, kept.get(view.value, ""), read, None)
        if part is not None:
            parts[view] = part
    return parts


def _bytes(value: object) -> bytes:
    try:
        return base64.b64decode(_text(value), validate=True)
    except binascii.Error as exc:
        raise ValueError(str(exc)) from exc


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value
