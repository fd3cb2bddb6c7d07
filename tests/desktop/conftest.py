"""These tests look at a real panel: `tests/rig/run-in-desktop` starts one of their own."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def desktop() -> Path:
    """The folder of the running desktop. Outside the rig the tests are skipped, in CI's own run never."""
    folder = os.environ.get("TT_DESKTOP_DIR")
    if folder:
        return Path(folder)
    reason = "needs a panel of its own: run inside tests/rig/run-in-desktop, as packaging/dev.py test does"
    if os.environ.get("CI") and os.environ.get("TT_STAGE") == "desktop":
        pytest.fail(reason)
    pytest.skip(reason)
