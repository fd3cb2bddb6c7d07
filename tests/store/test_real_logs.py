"""Real logs and generated trees: every number as it must be, by whatever way it was come to."""

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from tests.histories import COUNTS, Dump, cells, dump, grouped, read_logs, skipped

COUNTED = ("claude-code", "codex")
FIELDS = tuple(name for name in COUNTS if name != "web_search_requests")  # which the expected files do not tell
# The corpus script's own words for the same.
CORPUS_FIELDS = ("messages", "input", "output", "reasoning", "cache_read", "cache_write_5m", "cache_write_1h")
CLAUDE_LIST_COST = Decimal("66.5761")
Cells = Mapping[tuple[str, ...], tuple[int, ...]]


@pytest.fixture(scope="module")
def trees(real_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with both agents' real logs, as files of our own."""
    home = tmp_path_factory.mktemp("real")
    shutil.copytree(real_logs / "claude", home / ".claude")
    shutil.copytree(real_logs / "codex", home / ".codex")
    for path in home.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return home


@pytest.fixture(scope="module")
def wanted(real_logs: Path) -> Cells:
    """What the logs must add up to, by agent, model and UTC day."""
    rows = json.loads((real_logs / "expected.json").read_text(encoding="utf-8"))
    return {
        (row["agent"], row["model"], row["day"]): tuple(row[name] for name in FIELDS)
        for row in rows
        if row["agent"] in COUNTED
    }


@pytest.fixture(scope="module")
def whole(trees: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Dump]:
    """The history of one reading, and all that is in it."""
    history = tmp_path_factory.mktemp("whole") / "history.db"
    assert read_logs(history, trees).failures == []
    return history, dump(history)


def found(history: Path) -> Cells:
    """The same of a history."""
    return {key: counts[:7] for key, counts in cells(history, ("agent", "model", "day")).items()}


def test_every_cell(whole: tuple[Path, Dump], wanted: Cells) -> None:
    """Both agents, each model and UTC day, each kind of token and the requests."""
    assert len(wanted) > 40
    assert found(whole[0]) == wanted


def test_list_cost(whole: tuple[Path, Dump]) -> None:
    """The Claude part at list price, to the cent; nothing of either agent is unpriced."""
    (claude,) = grouped(whole[0], where=[("agent", "claude-code")])
    assert claude.list_cost is not None
    assert abs(claude.list_cost - CLAUDE_LIST_COST) <= Decimal("0.01")
    assert all(row.unpriced_tokens == 0 for row in grouped(whole[0], ("agent",)))


def test_reading_again_changes_nothing(whole: tuple[Path, Dump], trees: Path) -> None:
    """A second refresh opens no file; with every mark forgotten it reads all of them again, to the same rows."""
    history, before = whole
    again = history.with_name("again.db")
    shutil.copy(history, again)
    assert read_logs(again, trees).files_read == 0
    assert dump(again) == before
    connection = sqlite3.connect(again)
    with connection:
        connection.execute("DELETE FROM log_files")
    connection.close()
    assert read_logs(again, trees).files_read > 40
    assert dump(again) == before


@pytest.mark.parametrize("seed", [1, 2])
def test_random_chunks_with_restarts(trees: Path, whole: tuple[Path, Dump], tmp_path: Path, seed: int) -> None:
    """Files grow by random pieces in random order, each step a process of its own that starts from the history."""
    chance = random.Random(seed)
    home, history = tmp_path / "home", tmp_path / "history.db"
    files = {path.relative_to(trees): path.read_bytes() for path in sorted(trees.rglob("*.jsonl"))}
    written = dict.fromkeys(files, 0)
    while pending := [name for name in files if written[name] < len(files[name])]:
        for name in chance.sample(pending, min(len(pending), chance.randint(1, 30))):
            end = written[name] + chance.randint(1, max(2, len(files[name]) // 3))
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            with (home / name).open("ab") as file:
                file.write(files[name][written[name] : end])
            written[name] = min(end, len(files[name]))
        read_logs(history, home)
    assert dump(history) == whole[1]
    # Half lines were read between whiles, but never counted as broken.
    assert skipped(history) == skipped(whole[0])


@pytest.mark.parametrize("order", ["by name", "backwards", "shuffled"])
def test_one_file_after_another(trees: Path, whole: tuple[Path, Dump], tmp_path: Path, order: str) -> None:
    """In any order of files, forks before their parents and sub-agents before their sessions."""
    home, history = tmp_path / "home", tmp_path / "history.db"
    files = sorted(path.relative_to(trees) for path in trees.rglob("*.jsonl"))
    if order == "backwards":
        files.reverse()
    elif order == "shuffled":
        random.Random(3).shuffle(files)
    for name in files:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(trees / name, home / name)
        read_logs(history, home)
    assert dump(history) == whole[1]


# Slowed down and committing often, so that a kill hits the middle of the work.
DRIVER = """
import sys
from pathlib import Path
from tokentray.engine import scanner
from tokentray.engine.refresh import refresh
from tests.histories import NOON
from tokentray.store.writer import Writer
scanner._BATCH_EVENTS, scanner._BATCH_FILES, scanner._PAUSE_S = 5, 1, 0.01
writer = Writer(Path(sys.argv[1]))
print("ready", flush=True)
refresh(writer, clock=NOON, env={}, home=Path(sys.argv[2]), gentle=True)
writer.close()
"""


def marks(history: Path) -> tuple[int, int]:
    """How many files were begun, and how many bytes of them were read."""
    connection = sqlite3.connect(history)
    try:
        row = connection.execute("SELECT COUNT(*), COALESCE(SUM(offset), 0) FROM log_files").fetchone()
        return row[0], row[1]
    finally:
        connection.close()


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is for POSIX")
def test_killed_at_twenty_random_moments(trees: Path, whole: tuple[Path, Dump], tmp_path: Path) -> None:
    """kill -9 in the middle of a refresh, twenty times over, then one that may finish: equal."""
    chance = random.Random(9)
    history = tmp_path / "history.db"
    total = marks(whole[0])
    midway = 0
    for _ in range(20):
        process = subprocess.Popen(
            [sys.executable, "-c", DRIVER, str(history), str(trees)],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(chance.uniform(0, 0.09))
        process.kill()
        ended = process.wait(30)
        process.stdout.close()
        if ended == -9 and (0, 0) < marks(history) < total:
            midway += 1
        assert not set(dump_keys(history)) - set(dump_keys(whole[0]))
    print(f"{midway} of 20 kills landed midway")
    assert midway >= 10, "the kills must land in the middle of the work to prove anything"
    read_logs(history, trees)
    assert dump(history) == whole[1]
    connection = sqlite3.connect(history)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def dump_keys(history: Path) -> list[tuple[object, ...]]:
    """The keys of the calls in a history."""
    return [row[:2] for row in dump(history)[0]]


def corpus_cells(home: Path) -> Cells:
    """What a generated tree must add up to, by agent, model, tier and UTC day."""
    agents = json.loads((home / "expected.json").read_text(encoding="utf-8"))["agents"]
    return {
        (
            {"claude": "claude-code"}.get(agent, agent),
            model.removesuffix("-fast"),
            "fast" if model.endswith("-fast") else "standard",
            day,
        ): tuple(counts[name] for name in CORPUS_FIELDS)
        for agent, days in agents.items()
        for day, models in days.items()
        for model, counts in models.items()
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_generated_trees(make_corpus: Path, tmp_path: Path, seed: int) -> None:
    """The tree equals its own expected file, as a whole and after lines were appended to its newest sessions."""
    home, history = tmp_path / "home", tmp_path / "history.db"
    for more in ([], ["--append", "50"]):
        command = [sys.executable, str(make_corpus), str(home), "--mb", "6", "--seed", str(seed), *more]
        subprocess.run(command, check=True, capture_output=True)
        read_logs(history, home)
        got = cells(history, ("agent", "model", "tier", "day"))
        assert {key: counts[:7] for key, counts in got.items()} == corpus_cells(home)
    fresh = tmp_path / "fresh.db"
    read_logs(fresh, home)
    assert dump(fresh) == dump(history)
