"""Every counting rule on a small log of its own, in every order of its files. See NOTE.md beside each."""

import itertools
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.histories import COUNTS, HOME_OF, dump, grouped, read_logs, skipped
from tokentray.store.history import History

LOGS = Path(__file__).parents[1] / "fixtures" / "logs"
CASES = sorted(path.parent.relative_to(LOGS).as_posix() for path in LOGS.glob("*/*/expected.json"))
_MOST_ORDERS = 6
_START_S = 1_780_000_000


def test_the_fixtures_are_there() -> None:
    """Each case has its numbers and how they were derived, and every rule's case is found."""
    assert len(CASES) >= 35
    assert all((LOGS / case / "NOTE.md").read_text(encoding="utf-8").strip() for case in CASES)


def rows_of(history: Path, by: list[str]) -> list[dict[str, Any]]:
    """The history in the form of expected.json: zeros and empty caveats left out."""
    found = []
    for row in grouped(history, by):
        counts = {name: getattr(row, name) for name in COUNTS if getattr(row, name)}
        caveats = [caveat for caveat in row.caveats if caveat != "price-assumed"]
        found.append({**dict(row.keys), **counts, **({"caveats": caveats} if caveats else {})})
    return sorted(found, key=lambda row: [row[key] for key in by])


def plans(history: Path) -> dict[str, str]:
    """The plan that each agent's logs name."""
    with History(history) as opened:
        return opened.agent_plans()


@pytest.mark.parametrize("case", CASES)
def test_case(case: str, tmp_path: Path) -> None:
    """The same rows whichever file is read first, all at once or one refresh after another, and read twice."""
    agent = case.split("/")[0]
    expected = json.loads((LOGS / case / "expected.json").read_text(encoding="utf-8"))
    by = expected["by"]
    wanted = sorted(expected["rows"], key=lambda row: [row[key] for key in by])
    home = tmp_path / "logs"
    shutil.copytree(LOGS / case, home)
    for name in ("expected.json", "NOTE.md"):
        (home / name).unlink()
    files = sorted(path for path in home.rglob("*") if path.is_file())
    env = {HOME_OF[agent]: str(home)}
    dumps = []
    for number, order in enumerate(itertools.islice(itertools.permutations(files), _MOST_ORDERS)):
        for place, path in enumerate(order):
            os.utime(path, (_START_S - place, _START_S - place))  # the newest is read first
        history = tmp_path / f"at-once-{number}" / "history.db"
        read_logs(history, tmp_path, env)
        assert rows_of(history, by) == wanted
        assert skipped(history) == expected["skipped"]
        dumps.append(dump(history))
        read_logs(history, tmp_path, env)
        assert dump(history) == dumps[-1]
        assert skipped(history) == expected["skipped"]

        history = tmp_path / f"one-by-one-{number}" / "history.db"
        for path in files:
            path.rename(path.with_suffix(".away"))
        for path in order:
            path.with_suffix(".away").rename(path)
            read_logs(history, tmp_path, env)
        dumps.append(dump(history))
    assert all(one == dumps[0] for one in dumps)


PLUS = LOGS / "codex" / "plan-type"


@pytest.mark.parametrize("later", ["pro", ""])
def test_the_newest_word_on_the_plan_stands(later: str, tmp_path: Path) -> None:
    """Whichever file is read first, at once or later: the plan is the one that the last written log names, if any."""
    home = tmp_path / "logs"
    shutil.copytree(PLUS, home)
    named, silent = sorted(home.rglob("*.jsonl"))
    newest = named.with_name(f"rollout-later-{named.name.removeprefix('rollout-')}")
    newest.write_text(
        named.read_text().replace('"plus"', f'"{later}"' if later else "null").replace("free", "business")
    )
    wanted = later or "business"
    for path, age_s in ((named, 3000), (silent, 2000), (newest, 1000)):
        os.utime(path, (_START_S - age_s, _START_S - age_s))
    for number, order in enumerate(itertools.permutations((named, silent, newest))):
        history = tmp_path / f"{number}" / "history.db"
        for path in order:
            path.rename(path.with_suffix(".away"))
        for path in order:
            path.with_suffix(".away").rename(path)
            read_logs(history, tmp_path, {HOME_OF["codex"]: str(home)})
        assert plans(history) == {"codex": wanted}
    whole = tmp_path / "whole" / "history.db"
    read_logs(whole, tmp_path, {HOME_OF["codex"]: str(home)})
    assert plans(whole) == {"codex": wanted}


def test_what_is_appended_may_name_another_plan_or_none(tmp_path: Path) -> None:
    """A log that goes on without a word of it leaves the plan as it was; a word changes it."""
    home = tmp_path / "logs"
    shutil.copytree(PLUS, home)
    history = tmp_path / "history.db"
    env = {HOME_OF["codex"]: str(home)}
    read_logs(history, tmp_path, env)
    assert plans(history) == {"codex": "plus"}
    log = sorted(home.rglob("*.jsonl"))[0]
    lines = log.read_text().splitlines(keepends=True)
    with log.open("a") as file:
        file.write(lines[-1].replace('"input_tokens":190', '"input_tokens":260').replace("10:00:04", "10:00:05"))
    read_logs(history, tmp_path, env)
    assert plans(history) == {"codex": "plus"}
    with log.open("a") as file:
        file.write(lines[2].replace("free", "pro"))
    read_logs(history, tmp_path, env)
    assert plans(history) == {"codex": "pro"}


def test_a_plan_of_any_length_or_script_can_be_kept(tmp_path: Path) -> None:
    """Cut where it is no name any more; half a character is mended."""
    home = tmp_path / "logs"
    shutil.copytree(PLUS, home)
    log = sorted(home.rglob("*.jsonl"))[0]
    for word, kept in (("x" * 5000, "x" * 40), ("\\ud800plus", "\ufffdplus"), ("", None)):
        log.write_text((PLUS / log.relative_to(home)).read_text().replace('"plus"', f'"{word}"').replace("free", ""))
        history = tmp_path / f"{len(word)}.db"
        read_logs(history, tmp_path, {HOME_OF["codex"]: str(home)})
        assert plans(history).get("codex") == kept
