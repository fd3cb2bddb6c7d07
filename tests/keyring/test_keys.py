"""Keys over a real Secret Service: what is asked by itself, and when."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.app.polled import wait_until
from tokentray.credentials import CredentialsLockedError, KeyStore
from tokentray.engine.keys import Keys
from tokentray.secret import Credential, Secret

NAME = "openai:6fa459eb"
KEY = Credential(Secret("sk-made-up-" + "0" * 20), "https://api.openai.com")
RIG = Path(__file__).resolve().parent.parent / "rig" / "with-keyring"
STATES = """
from tokentray.credentials import CredentialsError, KeyStore
from tokentray.engine.keys import Keys
keys = Keys(deadline_s=10)
print("locked", KeyStore().is_locked(), "may ask", keys.may_ask())
for by_hand in (False, False, True):
    try:
        keys.get("a:b", by_hand=by_hand)
    except CredentialsError as exc:
        print(exc.code, keys.may_ask())
"""


def in_mode(mode: str, code: str) -> list[str]:
    """What a fresh process prints beside a service in another state."""
    # keyring leaves its socket to the garbage collector when a collection cannot be opened
    strict = ["-W", "error", "-W", "ignore::ResourceWarning"]
    done = subprocess.run([RIG, mode, sys.executable, *strict, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_open() -> None:
    """An open keyring is seen to be open, and its key is read once."""
    assert KeyStore().is_locked() is False
    keys = Keys()
    keys.put(NAME, KEY)
    keys.forget(NAME)
    assert keys.get(NAME, by_hand=False) == KEY
    keys.remove(NAME)
    assert keys.refusal is None


def test_locked_is_asked_once_by_itself() -> None:
    """The first time, for a prompt is what unlocks it; after that only by hand."""
    assert in_mode("--locked", STATES) == [
        "locked True may ask True",
        "credentials-locked False",
        "credentials-locked False",
        "credentials-locked False",
    ]


def test_empty_counts_as_locked() -> None:
    """Where nothing was ever kept, asking would make the desktop ask for a password to begin with."""
    assert in_mode("--empty", STATES) == [
        "locked True may ask True",
        "credentials-none False",
        "credentials-none False",
        "credentials-none False",
    ]


@pytest.mark.parametrize("mode", ["--no-daemon", "--no-bus"])
def test_no_service(mode: str) -> None:
    """Whether it is locked cannot be told, and it is not asked until there is one."""
    assert in_mode(mode, STATES)[0] == "locked None may ask True"
    assert in_mode(mode, STATES)[1:] == ["credentials-none False"] * 3


def test_frozen_then_thawed() -> None:
    """A service that hangs counts as locked; its late answer is taken without another question."""
    daemon = int(os.environ["TT_KEYRING_PID"])
    store = KeyStore()
    store.set(NAME, KEY)
    keys, came = Keys(deadline_s=0.5), []
    keys.listen(lambda: came.append(True))
    store.backend_status()
    os.kill(daemon, signal.Signals["SIGSTOP"])
    try:
        with pytest.raises(CredentialsLockedError):
            keys.get(NAME)
        with pytest.raises(CredentialsLockedError):
            keys.get(NAME, by_hand=False)
        assert not keys.may_ask()
    finally:
        os.kill(daemon, signal.Signals["SIGCONT"])
    wait_until(lambda: bool(came))
    assert keys.get(NAME) == KEY
    store.delete(NAME)
