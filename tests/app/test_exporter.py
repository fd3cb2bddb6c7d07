"""Exports on their own thread over a real history: written whole, beside what others changed, and told."""

import hashlib
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.unit.export_month import OPUS, call, make, utc
from tokentray.clock import FixedClock, UtcSeconds, UtcZone
from tokentray.engine.exporter import Exporter, ExportProgress, Preview
from tokentray.export.job import Job, Outcome, Written
from tokentray.money import NumberStyle
from tokentray.paths import Paths
from tokentray.store.history import History

OCTOBER = date(2026, 10, 1)
CLOCK = FixedClock(UtcSeconds(utc("2026-12-05 12:00")))
AN_ANSWER = Outcome | ExportProgress | Preview


class Exporting:
    """An exporter over a history of two months, and everything it told."""

    def __init__(self, root: Path) -> None:
        self.paths = Paths(root / "data", root / "data", root / "data")
        self.paths.data.mkdir()
        self.folder = root / "months"
        self.folder.mkdir()
        calls = [
            call("2026-10-03 10:00", OPUS, "harbour", (0, 400_000)),
            call("2026-11-03 10:00", OPUS, "quay", (9, 9)),
        ]
        make(self.paths.history, {"claude-code": calls})
        self.exporter = Exporter(self.paths, CLOCK, UtcZone(), NumberStyle())
        self.told: list[AN_ANSWER] = []
        self.threads: set[str] = set()
        self._news = threading.Condition()
        self.exporter.listen(self._hear)

    def _hear(self, told: AN_ANSWER) -> None:
        with self._news:
            self.told.append(told)
            self.threads.add(threading.current_thread().name)
            self._news.notify_all()

    def job(self, *formats: str, redact: bool = False) -> Job:
        return Job(OCTOBER, formats or ("md", "csv"), self.folder, redact)

    def wait(self, wanted: Callable[[AN_ANSWER], bool], after: int = 0) -> AN_ANSWER:
        """The first thing told that is as wanted."""
        with self._news:
            assert self._news.wait_for(lambda: any(map(wanted, self.told[after:])), 10), self.told
            return next(one for one in self.told[after:] if wanted(one))

    def run(self, job: Job) -> Outcome:
        after = len(self.told)
        self.exporter.run(job)
        outcome = self.wait(lambda one: isinstance(one, Outcome), after)
        assert isinstance(outcome, Outcome)
        return outcome

    def preview(self, month: date, *, redact: bool = False) -> Preview:
        after = len(self.told)
        self.exporter.preview(month, redact)
        preview = self.wait(lambda one: isinstance(one, Preview) and one.month == month, after)
        assert isinstance(preview, Preview)
        return preview

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture(name="exporting")
def exporting_fixture(tmp_path: Path) -> Iterator[Exporting]:
    exporting = Exporting(tmp_path)
    yield exporting
    assert exporting.exporter.stop(5)


def test_a_month_is_written_told_and_kept_in_mind(exporting: Exporting) -> None:
    """Each file with its digest; how far it has come is told before and after each."""
    job = exporting.job()
    outcome = exporting.run(job)
    paths = [exporting.folder / "tokentray-2026-10.md", exporting.folder / "tokentray-2026-10.csv"]
    assert outcome.job == job
    assert outcome.written == (Written("md", paths[0]), Written("csv", paths[1]))
    assert outcome.problem is None
    assert outcome.is_whole
    assert exporting.told == [*(ExportProgress(done, 2) for done in range(3)), outcome]
    assert exporting.threads == {"exports"}
    assert "≈ $10.00" in paths[0].read_text("utf-8")
    with History(exporting.paths.history) as history:
        (record,) = history.exports()
    assert (record.month, record.at_utc, record.redacted, record.automatic) == (
        "2026-10",
        CLOCK.now_utc(),
        False,
        False,
    )
    assert [(file.format, Path(file.path), file.digest) for file in record.files] == [
        (name, path, hashlib.sha256(path.read_bytes()).hexdigest())
        for name, path in zip(("md", "csv"), paths, strict=True)
    ]


def test_a_redacted_month_has_a_name_of_its_own(exporting: Exporting) -> None:
    """Neither replaces the other, and it names no project."""
    exporting.run(exporting.job("md"))
    exporting.run(exporting.job("md", redact=True))
    assert exporting.names() == ["tokentray-2026-10-redacted.md", "tokentray-2026-10.md"]
    assert "harbour" not in (exporting.folder / "tokentray-2026-10-redacted.md").read_text("utf-8")


def test_another_export_replaces_its_own_file_and_none_that_was_changed(exporting: Exporting) -> None:
    """The month was exported, then told more; then somebody wrote a remark into the file."""
    exporting.run(exporting.job("md"))
    more = [
        call("2026-10-03 10:00", OPUS, "harbour", (0, 400_000)),
        call("2026-10-09 10:00", OPUS, "quay", (0, 40_000)),
    ]
    make(exporting.paths.history, {"claude-code": more})
    outcome = exporting.run(exporting.job("md"))
    path = exporting.folder / "tokentray-2026-10.md"
    assert outcome.written == (Written("md", path),)
    assert "≈ $11.00" in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8") + "checked by Ada\n", "utf-8")
    outcome = exporting.run(exporting.job("md"))
    beside = exporting.folder / "tokentray-2026-10 (2).md"
    assert outcome.written == (Written("md", beside, kept=path),)
    assert path.read_text("utf-8").endswith("checked by Ada\n")
    assert exporting.names() == [beside.name, path.name]


def test_one_file_that_cannot_be_written_does_not_keep_the_other(exporting: Exporting) -> None:
    """It is named with why; what was written is kept in mind."""
    for number in range(1, 120):
        name = "tokentray-2026-10" if number == 1 else f"tokentray-2026-10 ({number})"
        (exporting.folder / f"{name}.md").write_text("of somebody else")
    outcome = exporting.run(exporting.job())
    first, second = outcome.written
    assert first.problem is not None
    assert "too many files" in first.problem.message
    assert second.problem is None
    assert not outcome.is_whole
    with History(exporting.paths.history) as history:
        assert [[file.format for file in record.files] for record in history.exports()] == [["csv"]]


def test_a_folder_that_is_gone_is_told_for_each_file(exporting: Exporting) -> None:
    """Nothing is made in its place: it may be a drive that is not there. Nothing was handed in, either."""
    exporting.folder.rmdir()
    outcome = exporting.run(exporting.job())
    assert [one.problem.message for one in outcome.written if one.problem] == [
        f"there is no folder {exporting.folder}"
    ] * 2
    assert not exporting.folder.exists()
    with History(exporting.paths.history) as history:
        assert history.exports() == []


def test_a_month_without_data_is_told(exporting: Exporting) -> None:
    """With the months that have some; the thread lives on."""
    outcome = exporting.run(exporting.job()._replace(month=date(2026, 8, 1)))
    assert outcome.problem is not None
    assert outcome.problem.title == "There is nothing for 2026-08"
    assert outcome.written == ()
    assert exporting.run(exporting.job()).is_whole


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="permission bits bind everybody but root")
def test_a_folder_that_may_not_be_written_to(exporting: Exporting) -> None:
    exporting.folder.chmod(0o500)
    outcome = exporting.run(exporting.job("md"))
    assert outcome.written[0].problem is not None
    assert "no permission" in outcome.written[0].problem.message
    exporting.folder.chmod(0o700)


def test_what_cannot_be_kept_in_mind_is_said_beside_the_files(exporting: Exporting) -> None:
    """The files are there; that a later change cannot be told is not hidden."""
    connection = sqlite3.connect(exporting.paths.history)
    connection.execute("CREATE TRIGGER full BEFORE INSERT ON exports BEGIN SELECT RAISE(FAIL, 'no'); END")
    connection.close()
    outcome = exporting.run(exporting.job("md"))
    assert outcome.is_whole
    assert outcome.problem is not None


def test_a_preview_says_the_month_and_which_there_are(exporting: Exporting) -> None:
    """The newest first, and nothing is written."""
    preview = exporting.preview(OCTOBER)
    assert preview.problem is None
    assert preview.document is not None
    assert (preview.document.title, preview.document.amount) == ("October 2026", "≈ $10.00")
    assert preview.months == ("2026-11", "2026-10")
    assert exporting.names() == []


def test_a_preview_of_a_month_without_data_still_says_which_there_are(exporting: Exporting) -> None:
    preview = exporting.preview(date(2026, 1, 1))
    assert preview.document is None
    assert preview.problem is not None
    assert preview.months == ("2026-11", "2026-10")


def test_of_previews_the_newest_wins_and_no_export_is_dropped(exporting: Exporting) -> None:
    """Somebody turns through the months while two exports wait."""
    exporting.exporter.run(exporting.job("md"))
    for month in range(1, 12):
        exporting.exporter.preview(date(2026, month, 1), False)
    exporting.exporter.run(exporting.job("csv"))
    last = exporting.wait(lambda one: isinstance(one, Preview) and one.month.month == 11)
    exporting.wait(lambda one: isinstance(one, Outcome) and one.job.formats == ("csv",))
    assert exporting.names() == ["tokentray-2026-10.csv", "tokentray-2026-10.md"]
    previews = [one for one in exporting.told if isinstance(one, Preview)]
    assert previews[-1] == last
    assert len({one.month for one in previews}) == len(previews)


def test_nothing_is_told_of_a_preview_that_nobody_looks_at(exporting: Exporting) -> None:
    """The window was closed: exports go on."""
    exporting.exporter.run(exporting.job("md"))
    exporting.exporter.preview(date(2026, 11, 1), False)
    exporting.exporter.rest()
    exporting.exporter.run(exporting.job("csv"))
    exporting.wait(lambda one: isinstance(one, Outcome) and one.job.formats == ("csv",))
    assert not [one for one in exporting.told if isinstance(one, Preview)]


def test_the_thread_ends_when_there_is_nothing_to_do(exporting: Exporting) -> None:
    """And another begins with the next question."""
    for _ in range(3):
        exporting.preview(OCTOBER)
        for running in threading.enumerate():
            if running.name == "exports":
                running.join(5)
                assert not running.is_alive()


def test_nothing_is_begun_after_the_end(exporting: Exporting) -> None:
    assert exporting.exporter.stop(5)
    exporting.exporter.run(exporting.job())
    exporting.exporter.preview(OCTOBER, False)
    assert not [one for one in threading.enumerate() if one.name == "exports"]
    assert exporting.told == []


def test_an_end_in_between_keeps_the_files_that_are_written(exporting: Exporting) -> None:
    """Each is whole and kept in mind as written; the others are not begun, and said not to be."""

    def end(told: AN_ANSWER) -> None:
        if isinstance(told, ExportProgress) and told.done == 1:
            exporting.exporter.stop(0)

    exporting.exporter.listen(end)
    outcome = exporting.run(exporting.job("md", "csv", "json"))
    assert [one.problem is None for one in outcome.written] == [True, False, False]
    assert outcome.written[1].problem is not None
    assert outcome.written[1].problem.title == "tokentray-2026-10.csv was not written"
    assert [path.name for path in exporting.folder.iterdir()] == ["tokentray-2026-10.md"]
    with History(exporting.paths.history) as history:
        assert [[file.format for file in record.files] for record in history.exports()] == [["md"]]
