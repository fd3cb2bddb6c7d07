"""What the tests of the windows share: anything that Qt complains of fails the test."""

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.ui import scenes
from tests.ui.fake_engine import FakeEngine
from tests.ui.hands import Put, Run, show
from tests.ui.settings_scenes import Stage
from tokentray.setup import Setup
from tokentray.ui.bridge import Bridge
from tokentray.ui.settings.window import SettingsWindow

# Said by the offscreen platform of windows that ask for what it has not got.
_OFFSCREEN = [
    r"This plugin does not support (propagateSizeHints|raise)\(\)",
    "This plugin does not support grabbing the (keyboard|mouse)",  # as an open list does
    "systemTrayWindowChanged",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/ui/" in item.path.as_posix():
            item.add_marker(pytest.mark.qt_log_level_fail("WARNING"))
            item.add_marker(pytest.mark.qt_log_ignore(*_OFFSCREEN))


@pytest.fixture(autouse=True, scope="module")
def let_go() -> Iterator[None]:
    """Clear away here, as the app does, what tests let go of: else any thread might, which Qt's objects bear badly."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture(name="put")
def put_fixture(qtbot: QtBot) -> Put:
    """Shows a stage's window, with the keyboard in it."""
    kept: list[Stage] = []

    def put(stage: Stage) -> Stage:
        kept.append(stage)
        qtbot.addWidget(stage.window)
        show(stage.window, qtbot)
        return stage

    return put


@pytest.fixture(name="run")
def run_fixture(qtbot: QtBot) -> Iterator[Run]:
    """A window over an engine that carries changes out in a thread of its own."""
    kept: list[tuple[FakeEngine, Bridge]] = []

    def run(setup: Setup, page: str, **how: object) -> tuple[FakeEngine, SettingsWindow]:
        engine = FakeEngine([scenes.ordinary()], setup=setup, **how)  # type: ignore[arg-type] # as the test says
        bridge = Bridge()
        window = SettingsWindow(engine.submit)
        qtbot.addWidget(window)
        kept.append((engine, bridge))
        engine.listen_setup(bridge.receive_setup)
        engine.listen_answers(bridge.receive_answer)
        bridge.setup_changed.connect(window.show_setup)
        bridge.answered.connect(window.take_answer)
        engine.start()
        engine.want_setup(True)
        window.show_page(page)
        show(window, qtbot)
        qtbot.waitUntil(lambda: window.page.setup is not None)
        return engine, window

    yield run
    for engine, bridge in kept:
        bridge.close()
        assert engine.stop(2)


@pytest.fixture(scope="module", name="folder")
def folder_fixture(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a made-up year, a module's own."""
    folder = tmp_path_factory.mktemp("own")
    shutil.copy(demo_home / "history.db", folder)
    return folder
