"""Keys over a keyring in memory that may hang, be declined, or be away."""

import threading
from collections.abc import Iterator

import keyring
import keyring.errors
import pytest

from tests.unit.test_credentials import MemoryKeyring, use
from tokentray.credentials import CredentialsLockedError, CredentialsMissingError, CredentialsUnavailableError
from tokentray.engine.keys import Keys
from tokentray.secret import Credential, Secret

NAME = "openai:1b4e28ba"
KEY = Credential(Secret("sk-" + "0" * 20), "https://api.openai.com")
OTHER = Credential(Secret("sk-" + "1" * 20), "https://api.openai.com")


class PromptingKeyring(MemoryKeyring):
    """A store that asks the person first, who answers when a test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.prompts = 0
        self.prompted = threading.Semaphore(0)
        self.answered = threading.Event()
        self.answered.set()

    def get_password(self, service: str, username: str) -> str | None:
        self._prompt()
        return super().get_password(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._prompt()
        super().set_password(service, username, password)

    def _prompt(self) -> None:
        self.prompts += 1
        self.prompted.release()
        self.answered.wait(30)


PromptingKeyring.__module__ = "keyring.backends.macOS"


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[PromptingKeyring]:
    backend = PromptingKeyring()
    use(monkeypatch, backend)
    yield backend
    backend.answered.set()


def test_a_key_is_read_once(store: PromptingKeyring) -> None:
    """The keyring is asked once for each key, until it is forgotten."""
    keys = Keys()
    keys.put(NAME, KEY)
    store.prompts = 0
    assert [keys.get(NAME), keys.get(NAME)] == [KEY, KEY]
    assert store.prompts == 0
    keys.forget(NAME)
    assert [keys.get(NAME), keys.get(NAME)] == [KEY, KEY]
    assert store.prompts == 1


def test_replaced_removed_and_let_go(store: PromptingKeyring) -> None:
    keys = Keys()
    keys.put(NAME, KEY)
    keys.put(NAME, OTHER)
    assert keys.get(NAME) == OTHER
    keys.remove(NAME)
    with pytest.raises(CredentialsMissingError):
        keys.get(NAME)
    assert keys.refusal is None


def test_a_late_answer_is_taken_and_announced(store: PromptingKeyring) -> None:
    """Who waits too long is told that it is locked; once it is unlocked, the key is there without a second prompt."""
    keys, told = Keys(), threading.Event()
    keys.put(NAME, KEY)
    keys.forget(NAME)
    keys.listen(told.set)
    store.answered.clear()
    with pytest.raises(CredentialsLockedError):
        keys.get(NAME, 0.05)
    prompts = store.prompts
    with pytest.raises(CredentialsLockedError):
        keys.get(NAME)  # at once, not after its deadline
    assert not told.is_set()
    assert isinstance(keys.refusal, CredentialsLockedError)
    store.answered.set()
    assert told.wait(5)
    assert keys.get(NAME) == KEY
    assert store.prompts == prompts
    assert keys.refusal is None


def test_a_late_answer_does_not_bring_an_older_key_back(store: PromptingKeyring) -> None:
    """What was forgotten while the answer was out is read anew."""
    keys, told = Keys(), threading.Event()
    keys.put(NAME, KEY)
    keys.forget(NAME)
    keys.listen(told.set)
    store.answered.clear()
    with pytest.raises(CredentialsLockedError):
        keys.get(NAME, 0.05)
    keys.forget(NAME)
    store.answered.set()
    assert told.wait(5)
    prompts = store.prompts
    assert keys.get(NAME) == KEY
    assert store.prompts == prompts + 1


@pytest.mark.parametrize("before", [None, OTHER])
def test_what_could_not_be_stored_in_time_is_not_stored_later(
    store: PromptingKeyring, before: Credential | None
) -> None:
    """The person was told that nothing was kept, so nothing is; a key that was there before stays."""
    keys, told = Keys(deadline_s=0.5), threading.Event()
    if before:
        keys.put(NAME, before)
    keys.listen(told.set)
    store.answered.clear()
    with pytest.raises(CredentialsLockedError):
        keys.put(NAME, KEY)
    store.answered.set()
    assert told.wait(5)
    if before:
        assert keys.get(NAME) == before
        keys.forget(NAME)
        assert keys.get(NAME) == before
    else:
        with pytest.raises(CredentialsMissingError):
            keys.get(NAME)
        assert store.items == {}


def test_one_declined_prompt_is_enough(store: PromptingKeyring) -> None:
    """Those who asked while a prompt was up are refused with it, and nothing asks again by itself."""
    keys = Keys()
    store.answered.clear()
    store.failure = keyring.errors.KeyringLocked("declined")
    errors: list[BaseException] = []

    def ask() -> None:
        try:
            keys.get(NAME)
        except CredentialsLockedError as exc:
            errors.append(exc)

    first = threading.Thread(target=ask)
    first.start()
    assert store.prompted.acquire(timeout=5)
    others = [threading.Thread(target=ask) for _ in range(3)]
    for thread in others:
        thread.start()
    while keys._tasks.qsize() < 3:
        threading.Event().wait(0.005)
    store.answered.set()
    for thread in (first, *others):
        thread.join(5)
    assert len(errors) == 4
    assert store.prompts == 1
    with pytest.raises(CredentialsLockedError):
        keys.get(NAME, by_hand=False)
    assert store.prompts == 1
    store.failure = None
    store.items["tokentray-desktop", NAME] = '{"key": "k", "origin": "https://a"}'
    assert keys.get(NAME).origin == "https://a", "by hand it is asked again"
    assert keys.may_ask()


def test_a_store_that_comes_up_later_is_asked_by_itself(
    monkeypatch: pytest.MonkeyPatch, store: PromptingKeyring
) -> None:
    """Without a store nothing could have prompted, so its coming up is enough."""
    from keyring.backends import fail

    keys = Keys()
    store.failure = keyring.errors.InitError("no store yet")
    with pytest.raises(CredentialsUnavailableError):
        keys.get(NAME)
    use(monkeypatch, fail.Keyring())  # type: ignore[no-untyped-call]  # keyring types only parts of itself
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
    assert not keys.may_ask()
    store.failure = None
    use(monkeypatch, store)
    assert keys.may_ask()
