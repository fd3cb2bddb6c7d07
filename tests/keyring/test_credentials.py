"""KeyStore against a real Secret Service, in each state that one can be in."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tokentray import credentials
from tokentray.credentials import KeyStore
from tokentray.secret import Credential, Secret

NAME = "anthropic:6fa459ea"
KEY = Credential(Secret("sk-ант-☂"), "https://api.anthropic.com")
RIG = Path(__file__).resolve().parent.parent / "rig" / "with-keyring"
REPORT = """
import sys
from tokentray.credentials import CredentialsError, KeyStore
from tokentray.secret import Credential, Secret
store = KeyStore(deadline_s=10)
print(store.backend_status())
for call in (lambda: store.get("a:b"), lambda: store.set("a:b", Credential(Secret("k"), "https://a")),
             lambda: store.delete("a:b")):
    try:
        call()
    except CredentialsError as exc:
        print(exc.code, "|", exc)
"""


def in_mode(mode: str) -> list[str]:
    """What a fresh process gets from a service in another state: its status, then an error per call."""
    # keyring leaves its socket to the garbage collector when a collection cannot be opened
    strict = ["-W", "error", "-W", "ignore::ResourceWarning"]
    done = subprocess.run(
        [RIG, mode, sys.executable, *strict, "-c", REPORT], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_store_read_replace_delete() -> None:
    store = KeyStore()
    store.set(NAME, KEY)
    assert store.get(NAME) == KEY
    newer = Credential(Secret("sk-2"), KEY.origin)
    store.set(NAME, newer)
    assert store.get(NAME) == newer
    store.delete(NAME)
    with pytest.raises(credentials.CredentialsMissingError):
        store.get(NAME)
    with pytest.raises(credentials.CredentialsMissingError):
        store.delete(NAME)


def test_status_names_the_service() -> None:
    status = KeyStore().backend_status()
    assert status.usable
    assert "SecretService" in status.name


def test_the_key_is_not_readable_in_the_store_file() -> None:
    """The service encrypts what it keeps, and nothing else of ours writes the key into the home."""
    KeyStore().set(NAME, KEY)
    home = Path(os.environ["HOME"])
    assert [path for path in home.rglob("*") if path.is_file()] == []
    KeyStore().delete(NAME)


def test_locked() -> None:
    """A keyring that nobody unlocks says so at once for each call; its status needs no prompt."""
    status, *errors = in_mode("--locked")
    assert "usable=True" in status
    assert [line.split(" | ")[0] for line in errors] == ["credentials-locked"] * 3
    assert "Unlock the keyring" in errors[0]


@pytest.mark.parametrize("mode", ["--no-daemon", "--no-bus"])
def test_no_service(mode: str) -> None:
    """Without a service every call says what to install, and nothing falls back to a file."""
    status, *errors = in_mode(mode)
    assert "usable=False" in status
    assert [line.split(" | ")[0] for line in errors] == ["credentials-none"] * 3
    assert all("Install and start a Secret Service" in line for line in errors)


def test_empty() -> None:
    """A fresh account without a collection, and nobody to ask for its password."""
    _, *errors = in_mode("--empty")
    assert [line.split(" | ")[0] for line in errors] == ["credentials-none"] * 3


def test_frozen_service_counts_as_locked() -> None:
    """keyring would wait for ever."""
    daemon = int(os.environ["TT_KEYRING_PID"])
    store = KeyStore(deadline_s=0.5)
    store.backend_status()
    os.kill(daemon, signal.Signals["SIGSTOP"])
    started = time.monotonic()
    try:
        with pytest.raises(credentials.CredentialsLockedError, match="did not answer"):
            store.get(NAME)
    finally:
        os.kill(daemon, signal.Signals["SIGCONT"])
    assert time.monotonic() - started < 5
    with pytest.raises(credentials.CredentialsMissingError):
        KeyStore().get(NAME)


def test_service_that_came_up_late() -> None:
    """keyring looks for a service once per process; we look again."""
    code = """
import os, subprocess, sys
address = os.environ.pop("DBUS_SESSION_BUS_ADDRESS")
from tokentray.credentials import KeyStore
os.environ["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nonexistent"
assert not KeyStore().backend_status().usable
os.environ["DBUS_SESSION_BUS_ADDRESS"] = address
assert KeyStore().backend_status().usable
"""
    done = subprocess.run([RIG, sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
