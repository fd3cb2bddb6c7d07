"""What the tests of the windows share: anything that Qt complains of fails the test."""

import pytest

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
