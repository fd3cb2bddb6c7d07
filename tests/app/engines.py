"""A real engine over a folder of its own, and everything it told. Shared by the tests of the engine."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from tests.app.test_cli import line
from tokentray.clock import Clock, SystemClock, UtcSeconds, UtcZone, rfc3339
from tokentray.engine.runtime import Engine
from tokentray.money import NumberStyle
from tokentray.paths import Paths
from tokentray.requests import Answer, Request
from tokentray.setup import Setup
from tokentray.snapshot import Snapshot
from tokentray.store.history import History

T = TypeVar("T")

NOW = rfc3339(SystemClock().now_utc(), UtcZone())


class MovableClock:
    """The system's clock, which a test may set forward."""

    def __init__(self) -> None:
        self.ahead_s = 0

    def now_utc(self) -> UtcSeconds:
        return UtcSeconds(SystemClock().now_utc() + self.ahead_s)


class Watched:
    """An engine, and every snapshot, setup and answer it sent."""

    def __init__(
        self,
        root: Path,
        *,
        clock: Clock | None = None,
        utc: bool = True,
        env: Mapping[str, str] | None = None,
        paths: Paths | None = None,
        made_up: bool = False,
    ) -> None:
        self.home = root / "person"
        self.logs = self.home / ".claude" / "projects" / "-src-harbour"
        self.paths = paths or Paths(root / "data", root / "data", root / "data")
        self.seen: list[Snapshot] = []
        self.sent_at: list[float] = []
        self.setups: list[Setup] = []
        self.answers: dict[int, Answer] = {}
        self._news = threading.Condition()
        self.engine = Engine(
            self.paths,
            clock or SystemClock(),
            UtcZone() if utc else None,
            NumberStyle(),
            env=env or {},
            home=self.home,
            made_up=made_up,
        )
        self.engine.listen(self._hear)
        self.engine.listen_setup(self._hear_setup)
        self.engine.listen_answers(self._hear_answer)

    def _hear(self, snapshot: Snapshot) -> None:
        with self._news:
            self.seen.append(snapshot)
            self.sent_at.append(time.monotonic())
            self._news.notify_all()

    def _hear_setup(self, setup: Setup) -> None:
        with self._news:
            self.setups.append(setup)
            self._news.notify_all()

    def _hear_answer(self, answer: Answer) -> None:
        with self._news:
            self.answers[answer.request_id] = answer
            self._news.notify_all()

    def log(self, number: int, output: int = 40_000, name: str = "s1") -> None:
        """Append a call of 1 USD for every 40,000 output tokens, and one cent of input for the most part."""
        self.logs.mkdir(parents=True, exist_ok=True)
        with (self.logs / f"{name}.jsonl").open("a") as file:
            file.write(line(number, NOW, out=output))

    def wait(self, wanted: Callable[[Snapshot], bool], timeout_s: float = 10, after: int = 0) -> Snapshot:
        """The first snapshot, from now or before, that is as wanted. after: how many to pass over."""
        return self._wait_in(self.seen, wanted, timeout_s, after)

    def wait_setup(self, wanted: Callable[[Setup], bool], timeout_s: float = 10, after: int = 0) -> Setup:
        """The first setup that is as wanted."""
        return self._wait_in(self.setups, wanted, timeout_s, after)

    def _wait_in(self, values: list[T], wanted: Callable[[T], bool], timeout_s: float, after: int) -> T:
        with self._news:
            done = self._news.wait_for(lambda: any(wanted(value) for value in values[after:]), timeout_s)
            assert done, [getattr(value, "lines", "a setup") for value in values[-3:]]
            return next(value for value in values[after:] if wanted(value))

    def answer(self, request_id: int, timeout_s: float = 10) -> Answer:
        """What came of a request."""
        with self._news:
            assert self._news.wait_for(lambda: request_id in self.answers, timeout_s), self.answers
            return self.answers[request_id]

    def ask(self, request: Request, timeout_s: float = 10) -> Answer:
        """Have a change carried out."""
        return self.answer(self.engine.submit(request), timeout_s)

    def settings(self, text: str) -> None:
        """Write the settings file as an editor that writes in place does."""
        self.paths.settings.parent.mkdir(parents=True, exist_ok=True)
        self.paths.settings.write_text(text)

    def history(self) -> History:
        """What is stored, through eyes of one's own."""
        return History(self.paths.history)


@contextmanager
def running(watched: Watched, *, stop_s: float = 2) -> Iterator[Watched]:
    """Run an engine; it must end within `stop_s` whatever it is doing."""
    watched.engine.start()
    try:
        yield watched
    finally:
        assert watched.engine.stop(stop_s), "the engine must end within two seconds"


def anything(_: object) -> bool:
    """Whatever comes."""
    return True


def idle(snapshot: Snapshot) -> bool:
    """Whether the first look at everything is done."""
    return snapshot.progress is None and bool(snapshot.health) and snapshot.health[0].last_success_utc is not None
