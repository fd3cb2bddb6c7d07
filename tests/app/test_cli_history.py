"""`history` as a person runs it: what it asks of the tray that runs, and what it says where there is none."""

import os
import shlex
import socket
import subprocess
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.conftest import IN_DESKTOP
from tokentray.doorbell import LONGEST_MESSAGE, socket_name
from tokentray.insight.question_json import of_text
from tokentray.paths import make_private, resolve, runtime_folder
from tokentray.question import Period, Question, Span, View

Run = Callable[..., subprocess.CompletedProcess[str]]
NO_DISPLAY = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": None}
ALL = Period(Span.ALL)

pytestmark = pytest.mark.skipif(os.name != "posix" or IN_DESKTOP, reason="pipes of Windows are not for tests")


class Tray:
    """The end of the socket where the tray listens."""

    def __init__(self, bell: socket.socket) -> None:
        self._bell = bell

    def heard(self) -> bytes:
        """The message that waits there."""
        caller, _ = self._bell.accept()
        with caller, caller.makefile("rb") as stream:
            return stream.read()


@pytest.fixture(name="tray")
def tray_fixture(private_home: Path) -> Iterator[Tray]:
    places = resolve(str(private_home / "tokentray"))
    make_private(places.data)
    with socket.socket(socket.AF_UNIX) as bell:
        bell.bind(socket_name(places.data, runtime_folder(places)))
        bell.listen(1)
        bell.settimeout(20)
        yield Tray(bell)


@pytest.mark.parametrize(
    ("words", "question"),
    [
        (["--by", "model"], Question(period=ALL, by=("model",))),
        (["--by", " day , model,day"], Question(period=ALL, by=("day", "model"))),
        (["--by", ""], Question(period=ALL, by=())),
        (["--split", "week"], Question(period=ALL, split="week")),
        (["--where", "project=a=b", "--where", "model=مثال <b>\n"],
         Question(period=ALL, where=(("project", "a=b"), ("model", "مثال <b>\n")))),
        (["--month", "2025-10"], Question(period=Period(Span.MONTH, date(2025, 10, 1)))),
        (["--from", "2025-10-01", "--to", "2025-10-31"], Question(period=Period(Span.MONTH, date(2025, 10, 1)))),
        (["--from", "2025-10-02", "--to", "2025-10-31"],
         Question(period=Period(Span.CUSTOM, date(2025, 10, 2), date(2025, 10, 31)))),
        (["--from", "2025-10-02"], Question(period=Period(Span.CUSTOM, date(2025, 10, 2)))),
        (["--to", "2025-10-02"], Question(period=Period(Span.CUSTOM, None, date(2025, 10, 2)))),
        (["--view", "why", "--month", "2025-10"], Question(View.WHY, Period(Span.MONTH, date(2025, 10, 1)))),
        (["--view", "notes"], Question(View.NOTES)),
        (["--view", "usage"], Question(period=ALL)),
    ],
)  # fmt: skip
def test_the_running_tray_is_asked(tokentray: Run, tray: Tray, words: list[str], question: Question) -> None:
    """One line; its options mean what they mean for `usage`. Nothing is printed, and no history is made."""
    done = tokentray("history", *words, env=NO_DISPLAY)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    verb, _, rest = tray.heard().partition(b" ")
    assert verb == b"history"
    assert rest.endswith(b"\n")
    assert of_text(rest) == question


def test_without_a_word_it_opens_what_was_shown_last(tokentray: Run, tray: Tray) -> None:
    assert tokentray("history", env=NO_DISPLAY).returncode == 0
    assert tray.heard() == b"history\n"


def test_a_long_name_is_asked_for_whole(tokentray: Run, tray: Tray) -> None:
    """300 characters of any script fit; what does not fit is refused rather than cut."""
    name = "\N{ARABIC LETTER MEEM}" * 300 + "\N{ROCKET}" * 300
    assert tokentray("history", "--where", f"project={name}", env=NO_DISPLAY).returncode == 0
    message = tray.heard()
    assert len(message) <= LONGEST_MESSAGE
    assert of_text(message.partition(b" ")[2]).where == (("project", name),)
    done = tokentray("history", "--where", f"project={'x' * LONGEST_MESSAGE}", env=NO_DISPLAY)
    assert done.returncode == 2
    assert "more than a window can be asked" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--by", "colour"], "there is no key 'colour'"),
        (["--where", "model"], "--where takes KEY=VALUE"),
        (["--where", "colour=red"], "there is no key 'colour'"),
        (["--where", "model=\udcff"], "--where takes text in UTF-8"),
        (["--from", "yesterday"], "--from takes a day as YYYY-MM-DD"),
        (["--from", "2025-10-02", "--to", "2025-10-01"], "--from lies after --to"),
        (["--month", "2025"], "MONTH is given as YYYY-MM"),
        (["--month", "2025-10", "--to", "2025-10-05"], "--month is a period already"),
        (["--split", "minute"], "invalid choice: 'minute'"),
        (["--view", "tomorrow"], "invalid choice: 'tomorrow'"),
    ],
)
def test_what_is_wrong_is_said_in_the_words_of_usage(tokentray: Run, words: list[str], said: str) -> None:
    done = tokentray("history", *words, env=NO_DISPLAY)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    shared = [word for word in words if word in ("--month", "--split", "--view")]
    if not shared:
        assert tokentray("usage", *words, env=NO_DISPLAY).stderr == done.stderr


@pytest.mark.parametrize(
    ("words", "instead"),
    [
        (["--by", "model,day", "--from", "2025-10-02", "--where", "project=two words"],
         "usage --by model,day --from 2025-10-02 --where 'project=two words'"),
        (["--month", "2025-10", "--split", "week"], "usage --by week,source --from 2025-10-01 --to 2025-10-31"),
        (["--view", "reconcile"], "accounts reconcile"),
        (["--view", "plans"], "plans list"),
        ([], "usage --by source"),
    ],
)  # fmt: skip
def test_without_a_display_it_names_the_command_that_prints_it(
    tokentray: Run, private_home: Path, words: list[str], instead: str
) -> None:
    """Exit status 3, and that command works."""
    done = tokentray("history", *words, env=NO_DISPLAY)
    assert done.returncode == 3
    assert done.stderr.startswith("tokentray: There is no display here: so no window. `")
    assert done.stderr.endswith(f" {instead}` prints it\n")
    made = tokentray(*shlex.split(instead), env=NO_DISPLAY)
    assert made.returncode == 0, made.stderr
    assert not (private_home / "tokentray" / "tray.lock").exists()


@pytest.mark.parametrize(
    "words", [["--month", "2025-10"], ["--from", "2025-08-03", "--to", "2025-10-04"], ["--to", "2025-10-02"]]
)
def test_without_a_display_it_names_the_command_that_explains(tokentray: Run, words: list[str]) -> None:
    """Of a longer time the last month, as in the window."""
    done = tokentray("history", "--view", "why", *words, env=NO_DISPLAY)
    assert done.returncode == 3
    assert done.stderr.endswith(" explain 2025-10` prints it\n")
