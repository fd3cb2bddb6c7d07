"""Programs that tests in a desktop start, ended with them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.desktop.programs import Program


@pytest.fixture(name="start")
def start_fixture(tmp_path: Path) -> Iterator[Callable[..., Program]]:
    """Starts the program; ends what the test left running."""
    started: list[Program] = []

    def start(*words: str, **env: str) -> Program:
        started.append(Program(tmp_path / f"stderr{len(started)}", *words, **env))
        return started[-1]

    yield start
    for program in started:
        program.close()
