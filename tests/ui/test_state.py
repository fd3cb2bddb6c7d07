"""What is remembered between starts, in a real file: kept whole, private, and never in the way."""

import json
import os
import stat
import threading
from datetime import date
from pathlib import Path

import pytest

from tokentray.question import Period, Question, Span, View
from tokentray.ui.state import HistoryState, State

LEFT = HistoryState(
    geometry=b"\x01\xd9\xd0\xcb",
    splitter=b"\x00\xff",
    view=View.WHY,
    questions={
        View.USAGE: Question(by=("model",), where=(("project", "مشروع <b>"),)),
        View.WHY: Question(View.WHY, Period(Span.MONTH, date(2026, 10, 1))),
    },
    columns='{"order": ["cost"]}',
)


def written(state: State, left: HistoryState) -> None:
    """Keep it, and wait for the file."""
    state.keep_history(left)
    for thread in threading.enumerate():
        if thread.name == "state":
            thread.join(5)


def test_what_was_left_is_there_at_the_next_start(tmp_path: Path) -> None:
    """The question last asked among it; the file is its owner's alone, and nothing else lies beside it."""
    path = tmp_path / "state.json"
    written(State(path), LEFT)
    again = State(path).history
    assert again == LEFT
    assert again.question == LEFT.questions[View.WHY]
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["state.json"]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_newest_state_wins(tmp_path: Path) -> None:
    """However the threads that write come to run."""
    state = State(tmp_path / "state.json")
    for number in range(20):
        state.keep_history(LEFT._replace(geometry=bytes([number])))
    written(state, LEFT._replace(geometry=b"last"))
    assert State(tmp_path / "state.json").history.geometry == b"last"


def test_what_another_version_keeps_stays(tmp_path: Path) -> None:
    """At every level but inside what is ours."""
    path = tmp_path / "state.json"
    path.write_text('{"popover": {"pinned": true}, "history": {"zoom": 3, "view": "quarters"}}', "utf-8")
    state = State(path)
    assert state.history == HistoryState()
    written(state, LEFT)
    kept = json.loads(path.read_text("utf-8"))
    assert kept["popover"] == {"pinned": True}
    assert kept["history"]["zoom"] == 3
    assert kept["history"]["view"] == "why"


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "[" * 100_000, '{"history": 7}', "x" * 2_000_000])
def test_a_file_that_cannot_be_used_is_passed_over(tmp_path: Path, content: str) -> None:
    """And is replaced by the next that is kept."""
    path = tmp_path / "state.json"
    path.write_text(content, "utf-8")
    state = State(path)
    assert state.history == HistoryState()
    written(state, LEFT)
    assert State(path).history == LEFT


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("geometry", "no base64!"),
        ("geometry", 3),
        ("splitter", ["AA=="]),
        ("view", "quarters"),
        ("view", {}),
        ("questions", []),
        ("questions", {"why": {"by": ["colour"]}, "quarters": {}}),
        ("columns", {"usage": "cost"}),
    ],
)
def test_one_part_that_cannot_be_used_costs_no_other(tmp_path: Path, name: str, value: object) -> None:
    path = tmp_path / "state.json"
    written(State(path), LEFT)
    kept = json.loads(path.read_text("utf-8"))
    kept["history"][name] = value
    path.write_text(json.dumps(kept), "utf-8")
    found = State(path).history
    for other in {"geometry", "splitter", "view", "questions", "columns"} - {name}:
        assert getattr(found, other) == getattr(LEFT, other)
    assert getattr(found, name) in (getattr(HistoryState(), name), {})


@pytest.mark.parametrize("content", ['{"\\ud800": 1}', '{"history": {"columns": "\\ud800"}}'])
def test_half_a_character_keeps_nothing_from_being_kept(tmp_path: Path, content: str) -> None:
    """JSON can hold one, a file cannot: the window is closed and remembered all the same."""
    path = tmp_path / "state.json"
    path.write_text(content, "utf-8")
    state = State(path)
    written(state, LEFT._replace(columns=state.history.columns))
    assert State(path).history.questions == LEFT.questions


def test_a_folder_that_cannot_be_written_is_no_hindrance(tmp_path: Path) -> None:
    """What is remembered is then that of this run."""
    state = State(tmp_path / "nowhere" / "state.json")
    written(state, LEFT)
    assert state.history == LEFT
    unkept = State(None)
    written(unkept, LEFT)
    assert unkept.history == LEFT
