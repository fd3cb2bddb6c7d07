"""`export` as a person runs it: one file, several into a folder, to a pipe, and never over what somebody changed."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.export_month import OPUS, call, make
from tokentray.export import FORMATS
from tokentray.settings import SETTINGS, Several
from tokentray.store.history import History

Program = Callable[..., subprocess.CompletedProcess[str]]
MONTH = "2025-12"


@pytest.fixture(name="home")
def home_fixture(tmp_path: Path) -> Path:
    home = tmp_path / "data"
    make(home / "history.db", {"claude-code": [call("2025-12-03 10:00", OPUS, "lanternfish", (0, 400_000))]})
    return home


@pytest.fixture(name="export")
def export_fixture(home: Path, tokentray: Program) -> Program:
    """`export("-o", "x/")` for that month, days in UTC."""
    return lambda *args: tokentray("export", MONTH, *args, "--utc", home=home, env={"LC_ALL": "C.UTF-8"})


@pytest.fixture(name="folder")
def folder_fixture(tmp_path: Path) -> Path:
    folder = tmp_path / "months"
    folder.mkdir()
    return folder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def recorded(home: Path) -> list[tuple[str, ...]]:
    """The formats of each export that is kept in mind, newest first."""
    with History(home / "history.db") as history:
        return [tuple(file.format for file in record.files) for record in history.exports()]


def test_all_formats_into_a_folder(export: Program, folder: Path, home: Path) -> None:
    """Each in a file of its own, named on standard error; kept in mind as one export."""
    done = export("--format", "all", "-o", f"{folder}/")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert names(folder) == sorted(f"tokentray-{MONTH}.{name}" for name in FORMATS)
    assert done.stderr.splitlines()[: len(FORMATS)] == [
        f"Written: {folder / f'tokentray-{MONTH}.{name}'}" for name in FORMATS
    ]
    assert recorded(home) == [tuple(FORMATS)]


def test_a_folder_takes_the_formats_of_the_settings(export: Program, folder: Path, tokentray: Program) -> None:
    """Without --format; a folder needs no stroke at its end where it is there."""
    tokentray("settings", "set", "export.formats", "json, md", home=folder.parent / "data")
    tokentray("settings", "set", "export.redact", "true", home=folder.parent / "data")
    assert export("-o", str(folder)).returncode == 0
    assert names(folder) == [f"tokentray-{MONTH}-redacted.json", f"tokentray-{MONTH}-redacted.md"]
    assert "lanternfish" not in (folder / f"tokentray-{MONTH}-redacted.json").read_text("utf-8")
    assert "lanternfish" not in export().stdout
    assert "lanternfish" in export("--no-redact").stdout


def test_the_settings_offer_every_format() -> None:
    """They stand below the formats and cannot ask them."""
    kind = next(setting.kind for setting in SETTINGS if setting.key == "export.formats")
    assert isinstance(kind, Several)
    assert {word for word, _ in kind.choices} == set(FORMATS)


def test_a_file_that_somebody_changed_is_left_in_a_folder(export: Program, folder: Path) -> None:
    """It is said, and the export lies beside it; a file that is named is replaced, as every command does."""
    path = folder / f"tokentray-{MONTH}.md"
    path.write_text("mine")
    done = export("--format", "md", "-o", f"{folder}/")
    assert done.returncode == 0
    assert path.read_text() == "mine"
    assert f"tokentray: {path.name} was not written by TokenTray, or was changed since, and was left" in done.stderr
    assert names(folder) == [f"tokentray-{MONTH} (2).md", path.name]
    assert export("-o", str(path)).returncode == 0
    assert path.read_text("utf-8").startswith("# December 2025")


def test_a_file_by_its_ending_is_kept_in_mind(export: Program, folder: Path, home: Path) -> None:
    """--format goes before the ending; what goes to standard output was not handed in."""
    assert export("-o", str(folder / "december.JSON")).returncode == 0
    assert json.loads((folder / "december.JSON").read_text("utf-8"))["month"] == MONTH
    assert export("--format", "csv", "-o", str(folder / "december.txt")).returncode == 0
    assert (folder / "december.txt").read_text("utf-8-sig").startswith("day,")
    assert export("--format", "json").returncode == 0
    assert export("--format", "json", "-o", "-").returncode == 0
    assert recorded(home) == [("csv",), ("json",)]


def test_a_month_that_is_not_the_last_word_says_so(home: Path, folder: Path, tokentray: Program) -> None:
    """Beside files and a CSV; what else goes to standard output says it itself."""
    month = "2099-01"
    make(home / "history.db", {"codex": [call("2099-01-02 10:00", OPUS, "quay", (0, 40_000))._replace(request_key=5)]})

    def said(*args: str) -> list[str]:
        done = tokentray("export", month, "--utc", *args, home=home)
        assert done.returncode == 0
        return [line for line in done.stderr.splitlines() if not line.startswith("Written: ")]

    words = ["Provisional: January is not over."]
    assert said("-o", str(folder / "january.md")) == words
    assert said("--format", "md,json", "-o", f"{folder}/") == words
    assert said("--format", "csv") == words
    assert said("--format", "json") == []
    assert words[0] in (folder / "january.md").read_text("utf-8")


def test_what_changed_since_it_was_handed_in_is_said(export: Program, home: Path, folder: Path) -> None:
    """Of what went into files alone: what was looked at was not handed in."""
    assert export().returncode == 0
    late = call("2025-12-30 10:00", OPUS, "quay", (0, 40_000))._replace(request_key=5)
    make(home / "history.db", {"codex": [late]})
    assert "Changed since" not in export("-o", f"{folder}/").stderr
    make(home / "history.db", {"codex": [late, late._replace(at_utc=late.at_utc + 60)]})
    assert "Changed since it was exported" in export("-o", f"{folder}/").stderr


@pytest.mark.skipif(os.name != "posix", reason="a device by its name is Unix's")
def test_a_device_is_not_kept_in_mind(export: Program, home: Path) -> None:
    assert export("--format", "pdf", "-o", os.devnull).returncode == 0
    assert recorded(home) == []


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--format", "doc"), "no format 'doc': there are: md"),
        (("--format", "pdf,doc", "-o", "months/"), "no format 'doc'"),
        (("--format", ""), "no format ''"),
        (("--format", "md,csv"), "several formats go into a folder. Name one: -o FOLDER/"),
        (("--format", "all", "-o", "december.md"), "several formats go into a folder"),
        (("-o", "december.docx"), "no format 'docx'"),
    ],
)
def test_what_cannot_be_meant_is_refused(export: Program, home: Path, args: tuple[str, ...], words: str) -> None:
    """Before anything is read or written."""
    done = export(*args)
    assert done.returncode == 2
    assert words in done.stderr
    assert recorded(home) == []


def test_a_part_that_fails_is_named(export: Program, folder: Path) -> None:
    """Exit status 1 where some files were written, 3 where none was. What holds for all of them is said once."""
    for number in range(1, 120):
        name = f"tokentray-{MONTH}" if number == 1 else f"tokentray-{MONTH} ({number})"
        (folder / f"{name}.md").write_text("of somebody else")
    done = export("--format", "md,csv", "-o", f"{folder}/")
    assert done.returncode == 1
    assert "too many files called" in done.stderr
    assert (folder / f"tokentray-{MONTH}.csv").exists()
    done = export("--format", "md,csv", "-o", f"{folder / 'gone'}/")
    assert done.returncode == 3
    assert done.stderr.count("there is no folder") == 1
    assert not (folder / "gone").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pty")
def test_a_terminal_gets_no_pdf_but_a_pipe_does(home: Path) -> None:
    """What a terminal would be filled with is of no use to anybody."""
    import pty

    command = [sys.executable, "-m", "tokentray", "export", MONTH, "--utc", "--home", str(home), "--format"]
    piped = subprocess.run([*command, "pdf"], capture_output=True, check=True)
    assert piped.stdout.startswith(b"%PDF")
    for name, words in (("pdf", "PDF is nothing for a terminal. Name a file: -o FILE.pdf"), ("xlsx", "FILE.xlsx")):
        ours, theirs = pty.openpty()
        try:
            done = subprocess.run(
                [*command, name], stdout=theirs, stderr=subprocess.PIPE, text=True, encoding="utf-8", check=False
            )
        finally:
            os.close(ours)
            os.close(theirs)
        assert done.returncode == 2
        assert words in done.stderr


def test_doctor_looks_at_the_folder_of_each_month(home: Path, folder: Path, tokentray: Program) -> None:
    """Where that is switched on; it names no path."""

    def said() -> list[dict[str, str]]:
        report = json.loads(tokentray("doctor", "--json", home=home).stdout)
        return [{"level": one["level"], "text": one["text"]} for one in report if one["about"] == "Export"]

    assert said() == []
    tokentray("settings", "set", "export.folder", str(folder), home=home)
    tokentray("settings", "set", "export.monthly", "true", home=home)
    assert said() == [{"level": "ok", "text": "each month is written to your folder"}]
    folder.rmdir()
    assert said() == [{"level": "bad", "text": "the folder that each month is written to is not there"}]


def test_a_month_without_data_leaves_the_file_alone(home: Path, folder: Path, tokentray: Program) -> None:
    """Exit status 3, with the months that have some; also of one to come."""
    path = folder / "mine.md"
    path.write_text("mine")
    for month in ("2025-11", "2099-01"):
        done = tokentray("export", month, "-o", path, home=home)
        assert done.returncode == 3
        assert "2025-12" in done.stderr
    assert path.read_text() == "mine"
