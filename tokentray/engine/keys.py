"""The keys of the accounts, read from the keyring once and kept in memory: the one way to it for polls and changes.

All calls to the keyring are made on one daemon thread, for each may wait for a prompt that nobody answers. Who asks
waits up to a deadline, after which the keyring counts as locked; the answer that comes later is still taken, and
announced. What runs by itself never makes a second prompt appear: see `may_ask`.
"""

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from tokentray.credentials import (
    DEADLINE_S,
    CredentialsLockedError,
    CredentialsMissingError,
    CredentialsRefusedError,
    CredentialsUnavailableError,
    KeyStore,
)
from tokentray.errors import CredentialsError
from tokentray.secret import Credential

_log = logging.getLogger(__name__)

T = TypeVar("T")

_LOOK_S = 5.0
"""How long to wait for a look at whether the keyring is locked, which never prompts."""


@dataclass(slots=True)
class _Task(Generic[T]):
    """One call. late: who asked has given up. undo: what takes the call back, for one that changes the keyring."""

    call: Callable[[], T]
    may_prompt: bool = True
    undo: Callable[[], None] | None = None
    late: bool = False
    result: Future[T] = field(default_factory=Future)


class Keys:
    """Credentials by the name of their keyring item. May be used from several threads.

    Raises CredentialsMissingError, -LockedError, -RefusedError or -UnavailableError, and nothing else.
    """

    def __init__(self, deadline_s: float = DEADLINE_S) -> None:
        self._deadline_s = deadline_s
        self._store = KeyStore(deadline_s=None)
        self._lock = threading.Lock()
        self._known: dict[str, Credential] = {}
        self._versions: dict[str, int] = {}
        """How often each name was changed or forgotten: a late answer to an older question is not taken."""
        self._tasks: queue.SimpleQueue[_Task[object]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._stuck: _Task[object] | None = None
        self._refusal: CredentialsError | None = None
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> None:
        """Have `listener` called, on the keyring's thread, when an answer has come after who asked gave up."""
        self._listeners.append(listener)

    @property
    def refusal(self) -> CredentialsError | None:
        """Why the keyring as a whole could not be read the last time; None where it could, or was not asked."""
        return self._refusal

    def get(self, name: str, deadline_s: float | None = None, *, by_hand: bool = True) -> Credential:
        """The credential of an item. by_hand: the person is there, so that a prompt may appear."""
        with self._lock:
            known, version = self._known.get(name), self._versions.get(name, 0)
        if known is not None:
            return known
        if not by_hand and not self.may_ask():
            raise _again(self._refusal or _no_answer())

        def read() -> Credential:
            credential = self._store.get(name)
            with self._lock:
                if self._versions.get(name, 0) == version:
                    self._known[name] = credential
            return credential

        return self._ask(_Task(read), deadline_s)

    def put(self, name: str, credential: Credential) -> None:
        """Store or replace. Where it takes too long, nothing is stored, also not later."""
        before: list[Credential] = []

        def store() -> None:
            before.extend(self._stored(name))
            self._store.set(name, credential)
            self._remember(name, credential)

        self._ask(_Task(store, undo=lambda: self._put_back(name, before)))

    def remove(self, name: str) -> None:
        """Delete. Where it takes too long, nothing is deleted, also not later."""
        before: list[Credential] = []

        def delete() -> None:
            before.extend(self._stored(name))
            self._store.delete(name)
            self._remember(name, None)

        self._ask(_Task(delete, undo=lambda: self._put_back(name, before)))

    def forget(self, name: str) -> None:
        """Keep it in memory no longer: another process may have replaced it, or its account is gone."""
        self._remember(name, None)

    def may_ask(self) -> bool:
        """Whether the keyring can be asked without the person being there.

        The first time it can, for a prompt is then what unlocks it. Once that was refused or left unanswered, only
        when the keyring is open or has come up, which is looked at without a prompt.
        """
        if self._refusal is None:
            return True
        if self._stuck is not None:
            return False
        try:
            locked = self._ask(_Task(self._store.is_locked, may_prompt=False), _LOOK_S)
            if locked is None and isinstance(self._refusal, CredentialsUnavailableError):
                # A store of which it cannot be told has come up, and was not asked yet.
                return self._ask(_Task(self._store.backend_status, may_prompt=False), _LOOK_S).usable
        except CredentialsError:
            return False
        return locked is False

    def _remember(self, name: str, credential: Credential | None) -> None:
        with self._lock:
            self._versions[name] = self._versions.get(name, 0) + 1
            if credential is None:
                self._known.pop(name, None)
            else:
                self._known[name] = credential

    def _stored(self, name: str) -> list[Credential]:
        """What lies under a name, on the keyring's thread; nothing where it is none of ours."""
        try:
            return [self._store.get(name)]
        except (CredentialsMissingError, CredentialsRefusedError):
            return []

    def _put_back(self, name: str, before: list[Credential]) -> None:
        if before:
            self._store.set(name, before[0])
        else:
            self._store.delete(name)
        self._remember(name, before[0] if before else None)

    def _ask(self, task: _Task[T], deadline_s: float | None = None) -> T:
        """Have a call made and wait for it. Raises CredentialsLockedError where it does not come back in time."""
        with self._lock:
            if self._stuck is not None:
                raise _no_answer()
            self._tasks.put(task)  # type: ignore[arg-type]  # the thread hands the answer back as it came
            if self._thread is None:
                # A daemon, so that quitting never waits for a prompt that nobody answers.
                self._thread = threading.Thread(target=self._work, name="keyring", daemon=True)
                self._thread.start()
        try:
            return task.result.result(self._deadline_s if deadline_s is None else deadline_s)
        except TimeoutError:
            with self._lock:
                if not task.result.done():
                    task.late = True
                    self._stuck = task  # type: ignore[assignment]  # as above
                    self._refusal = _no_answer()
                    raise self._refusal from None
            return task.result.result()

    def _work(self) -> None:
        while True:
            task = self._tasks.get()
            if task.late:
                # Not begun when its time was up: it is not what hangs, and nobody waits for it any more.
                self._finished(task)
                continue
            try:
                answer = task.call()
            except CredentialsError as exc:
                self._failed(task, exc)
            except BaseException as exc:  # noqa: BLE001 - handed to who asked, who raises it
                self._failed(task, exc)
            else:
                self._answered(task, answer)

    def _answered(self, task: _Task[object], answer: object) -> None:
        with self._lock:
            late = task.late
            task.result.set_result(answer)
            if task.may_prompt:
                self._refusal = None
        if late and task.undo is not None:
            try:
                task.undo()
            except CredentialsError as exc:
                _log.warning("a change of the keyring that came too late could not be undone: %s", exc.title)
        self._finished(task)

    def _failed(self, task: _Task[object], exc: BaseException) -> None:
        whole = isinstance(exc, CredentialsLockedError | CredentialsUnavailableError)
        waiting: list[_Task[object]] = []
        with self._lock:
            if task.may_prompt:
                if whole:
                    assert isinstance(exc, CredentialsError)
                    self._refusal = exc
                    # A prompt that was just declined does not appear again for each of those who asked meanwhile.
                    waiting = self._waiting()
                elif isinstance(exc, CredentialsMissingError):
                    self._refusal = None
            for one in (task, *waiting):
                one.result.set_exception(exc)
        self._finished(task)

    def _waiting(self) -> list[_Task[object]]:
        tasks = []
        while not self._tasks.empty():
            tasks.append(self._tasks.get())
        return tasks

    def _finished(self, task: _Task[object]) -> None:
        """Let others ask again, and tell those who gave up."""
        with self._lock:
            # Others may have given up behind it; they are over as well, for what held them up has ended.
            was_stuck, self._stuck = self._stuck, None
        if was_stuck is not None and task.may_prompt:
            for listener in self._listeners:
                listener()


def _again(exc: CredentialsError) -> CredentialsError:
    """The same error anew: one that was raised before carries the frames of then."""
    return type(exc)(exc.title, exc.message, exc.hint)


def _no_answer() -> CredentialsLockedError:
    return CredentialsLockedError("Keyring locked", "it did not answer in time", "Unlock the keyring, then try again")
