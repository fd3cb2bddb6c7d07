"""Where requests of a window leave, and where each answer finds who asked. Nothing waits for an answer."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from tokentray.requests import AccountRequest, Answer, Request
from tokentray.ui.forms.fields import in_words

_SOON_MS = 300
_LATE_MS = 5000

_COMMAND = re.compile(r" \([^()]*`[^`]*`[^()]*\)")

Asked = Request | AccountRequest
Submit = Callable[[Asked], int]


class _Question(NamedTuple):
    asker: QObject
    then: Callable[[Answer], None]
    undo: Request | None
    patient: bool
    quiet: bool


class Desk(QObject):
    """Sends requests, and hands on the answers; those of other windows are left to them."""

    said = Signal(str)
    """What to say at the foot of the window: what was done, that it takes a while, or "" for nothing."""
    undo_offered = Signal(object)
    """After `said`: the request that would take back what was done, or None."""

    def __init__(self, submit: Submit, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._submit = submit
        self._open: dict[int, _Question] = {}
        self._waits = False
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self._on_soon)
        self._late = QTimer(self, singleShot=True, interval=_LATE_MS)
        self._late.timeout.connect(self._on_late)

    def send(
        self,
        request: Asked,
        asker: QObject,
        then: Callable[[Answer], None],
        undo: Request | None = None,
        *,
        patient: bool = False,
        quiet: bool = False,
    ) -> int:
        """Have it carried out. `then` is called with what came of it, unless `asker` is gone by then.

        undo: what takes it back, offered once it is done. patient: it may wait for the keyring or for a provider, and
        `asker` says so itself. quiet: what comes of it is shown where it was asked, and needs no words at the foot.
        """
        number = self._submit(request)
        self._open[number] = _Question(asker, then, undo, patient, quiet)
        if not patient and not self._late.isActive():
            self._soon.start()
            self._late.start()
        return number

    def take(self, answer: Answer) -> bool:
        """Hand an answer to who asked. Returns whether the question was from here."""
        question = self._open.pop(answer.request_id, None)
        if question is None:
            return False
        answer = _in_window(answer)
        if not self._hurries():
            self._soon.stop()
            self._late.stop()
        elif self._late.isActive():
            self._late.start()
        self._tell(answer, question)
        if isValid(question.asker):
            question.then(answer)
        return True

    def _tell(self, answer: Answer, question: _Question) -> None:
        problem, asker = answer.problem, question.asker
        unseen = isinstance(asker, QWidget) and not (isValid(asker) and asker.isVisible())
        if problem is None and question.quiet:
            return
        if problem is None:
            self.said.emit(answer.text)
        elif unseen:  # turned to another page, or left: it would be said where nobody looks
            self.said.emit(f"Not done. {in_words(problem)}")
        elif self._waits:
            self.said.emit("")
        else:
            return
        self._waits = False
        self.undo_offered.emit(question.undo if problem is None else None)

    def waits(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._open)

    def _hurries(self) -> bool:
        return any(not question.patient for question in self._open.values())

    def _on_soon(self) -> None:
        self._say("Saving…")

    def _on_late(self) -> None:
        self._say("Not saved yet: TokenTray is busy. What you changed is not lost; you can go on.")

    def _say(self, words: str) -> None:
        self._waits = True
        self.said.emit(words)
        self.undo_offered.emit(None)


def without_commands(text: str) -> str:
    """Without the commands in parentheses, which are for a terminal: a window has a button for each."""
    return _COMMAND.sub("", text)


def _in_window(answer: Answer) -> Answer:
    problem = answer.problem
    if problem is not None:
        problem = problem._replace(hint=without_commands(problem.hint))
    return replace(answer, text=without_commands(answer.text), problem=problem)
