"""`backup` and `restore` as a person runs them: what is said, the exit status, and one line for each failure."""

import json
import re
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.store.told_history import make_history

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a history in it."""
    return make_history(tmp_path / "kept" / "history.db").parent


def usage(tokentray: Run, home: Path) -> list[dict[str, object]]:
    """What the command line says of a history."""
    done = tokentray("usage", "--by", "month,agent,model", "--json", "--utc", home=home)
    assert done.returncode == 0, done.stderr
    rows: list[dict[str, object]] = json.loads(done.stdout)
    return rows


def test_there_and_back(tokentray: Run, home: Path, tmp_path: Path) -> None:
    """One line says where the backup is, its size, and up to when; restored elsewhere, every figure is the same."""
    file = tmp_path / "copy.db"
    made = tokentray("backup", file, "--utc", home=home)
    assert made.returncode == 0, made.stderr
    assert re.fullmatch(
        rf"Backed up to {re.escape(str(file))}: [\d.,]+ [kM]B, with use up to \d+ Apr 2026\.\n", made.stdout
    )
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    other = tmp_path / "another machine"
    done = tokentray("restore", file, "--utc", home=other)
    assert done.returncode == 0, done.stderr
    holds, restored = done.stdout.splitlines()
    assert holds.startswith("The backup holds 80 model calls from 25 Feb 2026 to ")
    assert holds.endswith(", 1 plan, 3 payer rules, 1 charge, 2 notes, 2 reference points and 1 export.")
    assert restored.startswith("Restored; there was no history before.")
    assert "refresh" in restored
    assert done.stderr == ""
    assert usage(tokentray, other) == usage(tokentray, home)
    assert len(usage(tokentray, other)) > 5


def test_what_was_there_is_kept_and_named(tokentray: Run, home: Path, tmp_path: Path) -> None:
    """The name it is kept under is said, and restoring that takes all of it back."""
    file = tmp_path / "copy.db"
    assert tokentray("backup", file, home=home).returncode == 0
    other = make_history(tmp_path / "other" / "history.db", seed=2).parent
    before = usage(tokentray, other)
    done = tokentray("restore", file, home=other)
    found = re.search(r"what was there is kept as (\S+\.db)\.", done.stdout)
    assert found is not None
    assert re.fullmatch(r"history-before-restore-\d{4}-\d\d-\d\d-\d{6}\.db", Path(found[1]).name)
    assert usage(tokentray, other) == usage(tokentray, home) != before
    assert tokentray("restore", found[1], home=other).returncode == 0
    assert usage(tokentray, other) == before


@pytest.mark.parametrize(
    ("args", "status", "words"),
    [
        (["backup"], 2, "FILE"),
        (["restore"], 2, "FILE"),
        (["backup", "-"], 2, "so - will not do"),
        (["restore", "-"], 2, "so - will not do"),
        (["backup", "notes.txt"], 2, "no backup of TokenTray's"),
        (["backup", "kept/history.db"], 2, "the history itself"),
        (["backup", "."], 2, "is a folder"),
        (["backup", "absent/b.db"], 3, "there is no folder"),
        (["restore", "absent.db"], 2, "there is no file"),
        (["restore", "notes.txt"], 2, "is no database"),
        (["restore", "theirs.db"], 2, "belongs to another program"),
        (["restore", "cut.db"], 3, "damaged"),
        (["restore", "wrong.db"], 3, "does not hold together"),
        (["restore", "kept/history.db"], 2, "the history itself"),
    ],
)
def test_what_goes_wrong(
    tokentray: Run,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    args: list[str],
    status: int,
    words: str,
) -> None:
    """One line on what failed, on what, and what to do; the exit status of the contract; nothing changed."""
    monkeypatch.chdir(tmp_path)
    Path("notes.txt").write_text("notes", encoding="utf-8")
    assert tokentray("backup", "cut.db", home=home).returncode == 0
    assert tokentray("backup", "wrong.db", home=home).returncode == 0
    Path("cut.db").write_bytes(Path("cut.db").read_bytes()[:9000])
    for name, statement in (("wrong.db", "UPDATE log_events SET input = -5"), ("theirs.db", "CREATE TABLE t (x)")):
        connection = sqlite3.connect(name)
        connection.execute(statement)
        connection.commit()
        connection.close()
    before = usage(tokentray, home)
    done = tokentray(*args, home=home)
    assert done.returncode == status
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == (1 if len(args) > 1 else len(done.stderr.splitlines()))
    assert usage(tokentray, home) == before
    assert Path("notes.txt").read_text(encoding="utf-8") == "notes"


def test_before_there_is_a_history(tokentray: Run, tmp_path: Path) -> None:
    """Nothing to back up: exit status 3, said in words, and no folder is made on the way."""
    done = tokentray("backup", tmp_path / "b.db", home=tmp_path / "new")
    assert done.returncode == 3
    assert "nothing to back up" in done.stderr
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / "b.db").exists()


def test_a_file_name_cannot_move_the_cursor(tokentray: Run, home: Path, tmp_path: Path) -> None:
    """Control characters in it are shown escaped, whether it works or not."""
    done = tokentray("backup", tmp_path / "a\x1b[2Jb.db", home=home)
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "\\x1b[2Jb.db" in done.stdout
    assert "\x1b" not in tokentray("restore", tmp_path / "\x1b[2J.db", home=home).stderr
