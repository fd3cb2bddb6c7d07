"""These tests talk to a real Secret Service: `tests/rig/with-keyring` starts one of their own."""

import os

import pytest


@pytest.fixture(scope="session", autouse=True)
def secret_service() -> str:
    """The mode of the service, such as "unlocked". Outside the rig the tests are skipped, in CI's own run never."""
    mode = os.environ.get("TT_KEYRING_MODE")
    if mode:
        return mode
    reason = "needs a Secret Service of its own: run inside tests/rig/with-keyring, as packaging/dev.py test does"
    if os.environ.get("CI") and os.environ.get("TT_STAGE") == "keyring":
        pytest.fail(reason)
    pytest.skip(reason)
