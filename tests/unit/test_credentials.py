import copy
import pickle
import subprocess
import sys
import threading
import traceback
from typing import Any

import keyring
import keyring.backend
import keyring.backends.chainer
import keyring.backends.fail
import keyring.backends.null
import keyring.errors
import pytest

from tokentray import credentials
from tokentray.credentials import KeyStore
from tokentray.secret import Credential, Secret

NAME = "openai:1b4e28ba"
CANARY = "sk-canary-0123456789"


class MemoryKeyring(keyring.backend.KeyringBackend):
    """A store in memory that passes for the desktop's own."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring types only parts of itself
        self.items: dict[tuple[str, str], str] = {}
        self.failure: Exception | None = None

    def get_password(self, service: str, username: str) -> str | None:
        if self.failure:
            raise self.failure
        return self.items.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.items[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.items:
            raise keyring.errors.PasswordDeleteError("not found")
        del self.items[service, username]


MemoryKeyring.__module__ = "keyring.backends.SecretService"


class PlaintextKeyring(MemoryKeyring):
    """What keyrings.alt puts in the way of a person without a Secret Service."""


PlaintextKeyring.__module__ = "keyrings.alt.file"


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> MemoryKeyring:
    backend = MemoryKeyring()
    use(monkeypatch, backend)
    return backend


def use(monkeypatch: pytest.MonkeyPatch, backend: keyring.backend.KeyringBackend) -> None:
    before = keyring.get_keyring()
    monkeypatch.setattr(keyring.core, "_keyring_backend", backend)
    assert keyring.get_keyring() is backend
    assert before is not None


@pytest.mark.parametrize("show", [str, repr, "{}".format, "%s".__mod__, lambda s: f"{[s]!r}"])
def test_secret_shows_itself_nowhere(show: Any) -> None:
    """No way of turning an object into text holds the key, alone or inside another object."""
    assert CANARY not in show(Secret(CANARY))
    assert CANARY not in repr(Credential(Secret(CANARY), "https://api.example.com"))


@pytest.mark.parametrize("write", [pickle.dumps, copy.copy, copy.deepcopy])
def test_secret_is_not_written(write: Any) -> None:
    with pytest.raises(TypeError, match="not written anywhere"):
        write(Secret(CANARY))


def test_secret_compares_and_reveals() -> None:
    assert Secret("ключ") == Secret("ключ")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert Secret(CANARY).reveal() == CANARY
    with pytest.raises(TypeError):
        hash(Secret("a"))


def test_round_trip(memory: MemoryKeyring) -> None:
    """An item is one JSON text with key and origin, under the app's service."""
    store = KeyStore()
    stored = Credential(Secret("sk-ключ\n☂"), "https://api.openai.com")
    store.set(NAME, stored)
    assert list(memory.items) == [("tokentray-desktop", NAME)]
    assert store.get(NAME) == stored
    store.delete(NAME)
    with pytest.raises(credentials.CredentialsMissingError, match="no longer in the keyring"):
        store.get(NAME)
    with pytest.raises(credentials.CredentialsMissingError):
        store.delete(NAME)


@pytest.mark.parametrize("text", [CANARY, f'"{CANARY}"', f'{{"key": "{CANARY}"}}', f'{{"{CANARY}'])
def test_foreign_item_is_refused_without_showing_it(memory: MemoryKeyring, text: str) -> None:
    """An item that is not ours is refused, and the traceback does not carry what it held."""
    memory.items["tokentray-desktop", NAME] = text
    with pytest.raises(credentials.CredentialsRefusedError) as caught:
        KeyStore().get(NAME)
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_a_store_that_repeats_a_key_is_not_quoted_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a store says of a key that it would not keep goes to the screen and into the log."""

    class Telling(MemoryKeyring):
        def set_password(self, service: str, username: str, password: str) -> None:
            raise keyring.errors.PasswordSetError(f"cannot store {password} as {service}, {username}")

    Telling.__module__ = MemoryKeyring.__module__
    use(monkeypatch, Telling())
    with pytest.raises(credentials.CredentialsRefusedError, match=NAME) as caught:
        KeyStore().set(NAME, Credential(Secret(CANARY), "https://api.openai.com"))
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_too_long_is_refused_before_it_is_cut(memory: MemoryKeyring) -> None:
    with pytest.raises(credentials.CredentialsRefusedError, match="longer"):
        KeyStore().set(NAME, Credential(Secret("x" * 1280), "https://api.openai.com"))
    assert memory.items == {}


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (keyring.errors.KeyringLocked("no"), credentials.CredentialsLockedError),
        (keyring.errors.InitError("no"), credentials.CredentialsUnavailableError),
        (keyring.errors.NoKeyringError("no"), credentials.CredentialsUnavailableError),
        (ConnectionResetError("bus gone"), credentials.CredentialsUnavailableError),
        (keyring.errors.KeyringError("odd"), credentials.CredentialsRefusedError),
    ],
)
def test_errors_become_ours(memory: MemoryKeyring, failure: Exception, expected: type[Exception]) -> None:
    memory.failure = failure
    with pytest.raises(expected):
        KeyStore().get(NAME)


def test_a_bug_stays_a_bug(memory: MemoryKeyring) -> None:
    """What is no error of a keyring is not dressed up as one."""
    memory.failure = ZeroDivisionError("ours")
    with pytest.raises(ZeroDivisionError):
        KeyStore().get(NAME)


def test_a_store_that_never_answers_is_left_behind(memory: MemoryKeyring, monkeypatch: pytest.MonkeyPatch) -> None:
    """A frozen store counts as locked after the deadline, and its thread does not keep the program alive."""
    answer = threading.Event()
    monkeypatch.setattr(memory, "get_password", lambda *_: answer.wait(30) and None)
    with pytest.raises(credentials.CredentialsLockedError, match=r"within 0\.05 s"):
        KeyStore(deadline_s=0.05).get(NAME)
    waiting = [thread for thread in threading.enumerate() if thread.name == "keyring"]
    assert waiting
    assert all(thread.daemon for thread in waiting)
    answer.set()
    for thread in waiting:
        thread.join(5)


@pytest.mark.parametrize("kind", [PlaintextKeyring, keyring.backends.null.Keyring])
def test_unsafe_backends_are_refused(monkeypatch: pytest.MonkeyPatch, kind: type[Any]) -> None:
    """A store that keeps keys in a plain file, or nowhere, gets none."""
    backend = kind()
    use(monkeypatch, backend)
    with pytest.raises(credentials.CredentialsRefusedError, match="not a store that keeps keys safe"):
        KeyStore().set(NAME, Credential(Secret(CANARY), "https://api.openai.com"))
    status = KeyStore().backend_status()
    assert not status.usable
    assert kind.__module__ in status.reason
    assert getattr(backend, "items", {}) == {}


def test_the_chainer_is_unwrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the trusted one of several backends is used, also where another comes first."""
    plain, safe = PlaintextKeyring(), MemoryKeyring()

    class Chainer(keyring.backends.chainer.ChainerBackend):
        backends = [plain, safe]  # noqa: RUF012 - as keyring declares it

    use(monkeypatch, Chainer())  # type: ignore[no-untyped-call]
    KeyStore().set(NAME, Credential(Secret(CANARY), "https://api.openai.com"))
    assert plain.items == {}
    assert len(safe.items) == 1
    assert KeyStore().backend_status().usable


def test_status_names_the_backend(memory: MemoryKeyring) -> None:
    status = KeyStore().backend_status()
    assert (status.usable, status.reason, status.hint) == (True, "", "")
    assert status.name == memory.name


def test_importing_costs_no_keyring() -> None:
    """keyring takes 160 ms to import, so it is imported when it is used."""
    code = "import sys, tokentray.credentials; sys.exit('keyring' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
