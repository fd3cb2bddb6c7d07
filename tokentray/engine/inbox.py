"""What has been asked of the engine's thread since it last looked. Filled from any thread, emptied by that one."""

import threading
from dataclasses import dataclass, field

from tokentray.requests import Answer, Request


@dataclass(slots=True)
class Asked:
    """paths: files that changed. folder: one of an agent's came or went. look: somebody wants all of it read now.

    show: something of ours changed. polled: an account was read. setup: a window wants it. answers: what came of
    requests that were carried out elsewhere, to be told here. damaged: the inode of a history that somebody else found
    damaged, 0 for none.
    """

    paths: set[str] = field(default_factory=set)
    folder: bool = False
    changes: list[tuple[int, Request]] = field(default_factory=list)
    look: bool = False
    show: bool = False
    polled: bool = False
    setup: bool = False
    answers: list[Answer] = field(default_factory=list)
    stop: bool = False
    damaged: int = 0

    def any(self) -> bool:
        return bool(self.paths or self.folder or self.show or self.polled or self.damaged) or not self.can_settle()

    def can_settle(self) -> bool:
        """Whether nobody is waiting, so that a burst of file events may end first."""
        return not (self.look or self.stop or self.setup or self.changes or self.answers)


class Inbox:
    """The door between the windows' thread and the engine's."""

    def __init__(self) -> None:
        self._wake = threading.Condition()
        self._asked = Asked()
        self._last_id = 0

    def look(self) -> None:
        with self._wake:
            self._asked.look = True
            self._wake.notify()

    def show(self) -> None:
        with self._wake:
            self._asked.show = True
            self._wake.notify()

    def polled(self) -> None:
        with self._wake:
            self._asked.polled = True
            self._wake.notify()

    def damaged(self, inode: int) -> None:
        with self._wake:
            self._asked.damaged = inode
            self._wake.notify()

    def setup(self) -> None:
        with self._wake:
            self._asked.setup = True
            self._wake.notify()

    def stop(self) -> None:
        with self._wake:
            self._asked.stop = True
            self._wake.notify()

    def folder(self) -> None:
        with self._wake:
            self._asked.folder = True
            self._wake.notify()

    def path(self, path: str) -> None:
        with self._wake:
            self._asked.paths.add(path)
            self._wake.notify()

    def change(self, request: Request) -> int:
        """Put a change in; its id, by which it is answered."""
        with self._wake:
            self._last_id += 1
            self._asked.changes.append((self._last_id, request))
            self._wake.notify()
            return self._last_id

    def new_id(self) -> int:
        """The id of a request that is carried out elsewhere."""
        with self._wake:
            self._last_id += 1
            return self._last_id

    def answer(self, answer: Answer) -> None:
        """Put in what came of one."""
        with self._wake:
            self._asked.answers.append(answer)
            self._wake.notify()

    def give_back(self, asked: Asked) -> None:
        """Put back what was asked for, before what has been asked since: it is done by who comes next."""
        with self._wake:
            now = self._asked
            now.changes = asked.changes + now.changes
            now.answers = asked.answers + now.answers
            now.paths |= asked.paths
            for name in ("folder", "look", "show", "polled", "setup", "stop"):
                setattr(now, name, getattr(now, name) or getattr(asked, name))

    def take_urgent(self) -> Asked:
        """What somebody before an open window waits for: changes, answers and the setup. The rest stays for wait()."""
        with self._wake:
            urgent = Asked(changes=self._asked.changes, setup=self._asked.setup, answers=self._asked.answers)
            self._asked.changes, self._asked.setup, self._asked.answers = [], False, []
            return urgent

    def wait(self, timeout_s: float, settle_s: float) -> Asked:
        """Sleep until something is asked, or the timeout; then let a burst of file events settle."""
        with self._wake:
            self._wake.wait_for(self._asked.any, timeout=timeout_s)
            if self._asked.any() and self._asked.can_settle():
                self._wake.wait_for(lambda: not self._asked.can_settle(), timeout=settle_s)
            asked, self._asked = self._asked, Asked()
            return asked

    def rest(self, timeout_s: float) -> None:
        """Sleep after a failure, until somebody asks for more than file events tell of, or the timeout."""
        with self._wake:
            self._wake.wait_for(lambda: not self._asked.can_settle(), timeout=timeout_s)
            # What begins anew looks at everything and shows it; left standing, these would end the next rest at once.
            self._asked.look = self._asked.setup = False
