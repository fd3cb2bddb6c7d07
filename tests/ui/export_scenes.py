"""Every state that the window of exports can be in: real months of made-up histories, and what came of writing them."""

import atexit
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests.ui import setups
from tests.ui.fake_engine import FakeExporter
from tests.ui.history_scenes import names, nothing, twelve, unpriced, very_large, very_small, year
from tests.ui.scenes import ENGLISH, GERMAN
from tokentray.clock import UtcZone
from tokentray.engine.exporter import ExportProgress, Preview
from tokentray.export.compose import document
from tokentray.export.document import Document
from tokentray.export.files import file_name
from tokentray.export.job import Job, Outcome, Written
from tokentray.export.summary import build
from tokentray.money import NumberStyle
from tokentray.requests import AccountRequest, Answer, Request
from tokentray.setup import Setup
from tokentray.snapshot import Problem
from tokentray.store.history import History
from tokentray.store.usage import UsageQuery
from tokentray.ui.export.window import ExportWindow

TODAY = date(2026, 11, 22)
_FOLDERS = ExitStack()
"""The histories, each written once for all scenes over it."""
atexit.register(_FOLDERS.close)
PROVISIONAL = (
    "Provisional: the bill of OpenAI is final up to 30 Oct 2026, 00:00 UTC; what comes later may still change it."
)
CHANGED = (
    "Changed since it was exported on 3 Nov 2026: $214.02, was $212.80.",
    "OpenAI, my key: $4.27, was ≈ $3.05; billed since.",
    "Codex: ≈ $12.10, was ≈ $12.31.",
    "Claude Code: worth ≈ $41.20, was ≈ $40.90.",
    "Mistral invoice: new, $8.20.",
    "By day: 31 Oct $7.32, was $6.10.",
)
NO_FOLDER = Problem(
    "The export was not written", "/media/dana/backup is gone", "Connect the drive, or choose another folder"
)
FULL = Problem("The export was not written", "there is no room left on the disk", "Free some, then try again")
BUSY = Problem("The history is in use", "another program holds it", "Try again in a moment")
EMPTY = Problem(
    "There is nothing for 2026-10", "the history is empty", "`tokentray refresh` reads your agents' logs", grave=False
)


class Scene(NamedTuple):
    """fill: writes the history. month: what the window opens on. then: what happens in it."""

    fill: Callable[[Path], object] = year
    month: date | None = None
    style: NumberStyle = ENGLISH
    setup: Callable[[], Setup] = setups.ordinary
    status: str = ""
    changed: tuple[str, ...] = ()
    then: Callable[["Stage"], object] = lambda _: None


class Stage:
    """A scene's window over an exporter that is answered by hand, from a real history."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.exporter = FakeExporter()
        self.requests: list[Request | AccountRequest] = []
        self.folders: list[str] = []
        self.window = ExportWindow(self.exporter, self._submit, self._choose)
        self.window.open_on(scene.month)
        self.window.show_setup(scene.setup())
        self.answer()
        scene.then(self)

    def answer(self) -> None:
        """What the real one would tell of all previews asked for, also of those that follow."""
        done = 0
        while done < len(self.exporter.previews):
            month, redact = self.exporter.previews[done]
            done += 1
            if done == len(self.exporter.previews):
                self.window.take(self.preview(month, redact))
        self.exporter.previews.clear()

    def preview(self, month: date, redact: bool) -> Preview:
        months, shown = _month(self.scene.fill, month, self.scene.style, redact)
        if shown is None:
            return Preview(month, redact, None, EMPTY, months)
        return Preview(
            month, redact, replace(shown, status=self.scene.status, changed=self.scene.changed), None, months
        )

    def accept(self) -> None:
        """Every request was carried out."""
        for number in range(1, len(self.requests) + 1):
            self.window.take_answer(Answer(number, "Done"))

    def _submit(self, request: Request | AccountRequest) -> int:
        self.requests.append(request)
        return len(self.requests)

    def _choose(self, window: object, start: str, then: Callable[[str], None]) -> None:
        """As a person who takes the folder laid ready, or thinks better of it."""
        del window
        if self.folders:
            then(self.folders.pop(0))
        else:
            self.folders.append(start)


@cache
def _home(fill: Callable[[Path], object]) -> Path:
    folder = Path(_FOLDERS.enter_context(TemporaryDirectory()))
    fill(folder)
    return folder


@cache
def _month(
    fill: Callable[[Path], object], month: date, style: NumberStyle, redact: bool
) -> tuple[tuple[str, ...], Document | None]:
    path = _home(fill) / "history.db"
    if not path.exists():
        return (), None
    with History(path) as history:
        rows = history.usage(UsageQuery(("month",), today=TODAY), UtcZone())
        months = tuple(sorted({row.key("month") for row in rows}, reverse=True))
        if month.isoformat()[:7] not in months:
            return months, None
        summary = build(history, month, UtcZone(), style, today=TODAY, redact=redact)
        return months, document(summary)


def written(job: Job, problem: Problem | None = None, *, failing: tuple[str, ...] = ()) -> Outcome:
    """What came of a job: all of it, or all but what fails."""
    files = tuple(
        Written(name, job.folder / file_name(job.month, name, job.redact), problem if name in failing else None)
        for name in job.formats
    )
    return Outcome(job, files)


def _running(stage: Stage) -> None:
    _all_formats(stage)
    stage.window.run()
    stage.window.take(ExportProgress(3, 6))


def _done(stage: Stage) -> None:
    stage.window.run()
    stage.window.take(written(stage.exporter.jobs[-1]))
    stage.answer()


def _six(stage: Stage) -> None:
    _all_formats(stage)
    _done(stage)


def _kept(stage: Stage) -> None:
    stage.window.run()
    job = stage.exporter.jobs[-1]
    first, *rest = written(job).written
    beside = job.folder / "tokentray-2026-10-2.pdf"
    stage.window.take(Outcome(job, (first._replace(path=beside, kept=first.path), *rest)))


def _in_part(stage: Stage) -> None:
    _all_formats(stage)
    stage.window.run()
    stage.window.take(written(stage.exporter.jobs[-1], FULL, failing=("xlsx", "json")))


def _failed(stage: Stage) -> None:
    stage.window.run()
    job = stage.exporter.jobs[-1]
    stage.window.take(written(job, NO_FOLDER, failing=job.formats))


def _busy(stage: Stage) -> None:
    stage.window.take(Preview(date(2026, 10, 1), False, None, BUSY, ()))


def _redacted(stage: Stage) -> None:
    stage.window.choices.redact.click()
    stage.answer()


def _no_format(stage: Stage) -> None:
    for check in stage.window.choices.formats.checks.values():
        if check.isChecked():
            check.click()


def _all_formats(stage: Stage) -> None:
    for check in stage.window.choices.formats.checks.values():
        if not check.isChecked():
            check.click()


EXPORT_SCENES: dict[str, Scene] = {
    "ordinary": Scene(),
    "so-far": Scene(month=date(2026, 11, 5)),
    "empty": Scene(nothing),
    "provisional": Scene(status=PROVISIONAL),
    "changed": Scene(status=PROVISIONAL, changed=CHANGED),
    "redacted": Scene(then=_redacted),
    "german": Scene(style=GERMAN),
    "names": Scene(names, date(2026, 11, 1)),
    "twelve-sources": Scene(twelve, date(2026, 11, 1)),
    "very-small": Scene(very_small, date(2026, 11, 1)),
    "very-large": Scene(very_large, date(2026, 11, 1)),
    "unpriced": Scene(unpriced, date(2026, 11, 1)),
    "long-folder": Scene(setup=setups.exporting),
    "no-format": Scene(then=_no_format),
    "running": Scene(then=_running),
    "done": Scene(then=_done),
    "done-six": Scene(then=_six, changed=CHANGED),
    "kept": Scene(then=_kept),
    "in-part": Scene(then=_in_part),
    "failed": Scene(then=_failed),
    "busy": Scene(then=_busy),
}
