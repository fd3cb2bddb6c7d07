"""`note` and `notes` as a person runs them: what a day's spend bought, kept in a line."""

import json
import subprocess
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tokentray.clock import SystemClock, UtcZone, local_date

Program = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path, tokentray: Program) -> Program:
    """The program over an empty folder, days in UTC: `run("notes", "list")`."""

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        return tokentray(*args, "--utc", home=tmp_path / "data", env={"LC_ALL": "C.UTF-8"})

    return run


def done(said: subprocess.CompletedProcess[str]) -> str:
    """What a command printed that must succeed."""
    assert said.returncode == 0, said.stderr
    return said.stdout.strip()


def listed(run: Program, *args: str) -> list[dict[str, Any]]:
    """`notes list --json`."""
    return list(json.loads(done(run("notes", "list", *args, "--json"))))


def test_noted_listed_changed_and_removed(run: Program) -> None:
    """A note is kept as it was said; what is not named of it stays when it is changed."""
    assert done(run("notes", "list")).startswith("No note yet. Add one with: ")
    noted = run("note", "2026-03-02", "Shipped", "the importer", "--project", "shop", "--count", "3.50", "--of", "runs")
    assert done(noted) == "Noted for 2 Mar 2026: “Shipped the importer”."
    done(run("note", "2026-02-28", "Tried <img src=x> بحث"))
    first = {"id": 2, "day": "2026-02-28", "text": "Tried <img src=x> بحث", "project": "", "count": None, "of": ""}
    second = {
        "id": 1, "day": "2026-03-02", "text": "Shipped the importer", "project": "shop", "count": "3.5", "of": "runs",
    }  # fmt: skip
    assert listed(run) == [first, second]
    assert listed(run, "--from", "2026-03-01") == [second]
    assert listed(run, "--to", "2026-02-28") == [first]
    assert done(run("notes", "list", "--from", "2026-04-01")) == "No note on these days."
    assert [line.split("  ")[-1].strip() for line in done(run("notes", "list")).splitlines()] == [
        "note",
        "Tried <img src=x> بحث",
        "Shipped the importer",
    ]
    assert "3.5 runs" in done(run("notes", "list"))
    done(run("notes", "change", "1", "--text", "Shipped it", "--count", "4"))
    assert listed(run, "--from", "2026-03-01") == [{**second, "text": "Shipped it", "count": "4"}]
    done(run("notes", "change", "1", "--on", "2026-03-03", "--count", "", "--project", ""))
    changed = {"id": 1, "day": "2026-03-03", "text": "Shipped it", "project": "", "count": None, "of": ""}
    assert listed(run) == [first, changed]
    assert done(run("notes", "remove", "2")) == "Removed: “Tried <img src=x> بحث” on 28 Feb 2026."
    assert listed(run) == [changed]


def test_today_and_yesterday(run: Program) -> None:
    """Said by name."""
    before = local_date(SystemClock().now_utc(), UtcZone())
    done(run("note", "today", "one"))
    done(run("note", "Yesterday", "two"))
    days = {note["text"]: date.fromisoformat(note["day"]) for note in listed(run)}
    after = local_date(SystemClock().now_utc(), UtcZone())
    assert before <= days["one"] <= after
    assert before <= days["two"] + timedelta(days=1) <= after


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("note", "tomorrow", "x"), "DATE takes a day as YYYY-MM-DD, today or yesterday: not 'tomorrow'"),
        (("note", "2026-02-30", "x"), "DATE takes a day as YYYY-MM-DD, today or yesterday: not '2026-02-30'"),
        (("note", "2099-01-01", "x"), "That day is still to come: 1 Jan 2099. A note says what was bought"),
        (("note", "today", " "), "The note is missing. Say in a line what the spend bought"),
        (("note", "today"), "the following arguments are required: TEXT"),
        (("note", "today", "a\nb"), "The note holds a control character: \\n. Type it without that"),
        (("note", "today", "x", "--count", "3"), "What is counted is missing. Say what it is a count of"),
        (("note", "today", "x", "--of", "runs"), "The count is missing: of “runs”. Say how many"),
        (("note", "today", "x", "--of", "runs", "--count", "many"), "The count is not a number: 'many'"),
        (("note", "today", "x", "--project", "\x1b[2J"), "The project holds a control character: \\x1b"),
        (("notes", "change", "9", "--text", "x"), "No note 9. `"),
        (("notes", "change", "9"), "There is nothing to change. Give --on, --text, --project, --count or --of"),
        (("notes", "remove", "9"), "notes list` shows their ids"),
        (("notes", "list", "--from", "2026-02-02", "--to", "2026-02-01"), "--from lies after --to"),
        (("notes", "list", "--to", "soon"), "--to takes a day as YYYY-MM-DD, today or yesterday: not 'soon'"),
    ],
)
def test_refused_in_a_line(run: Program, args: tuple[str, ...], said: str) -> None:
    """What is wrong, and how to mend it; nothing is kept."""
    refused = run(*args)
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert len(refused.stderr.splitlines()) == 1
    assert said in refused.stderr
    assert listed(run) == []
