"""API keys: the `KeyStore` over the desktop's own secret store.

Nothing here writes a key anywhere else: a store that would keep keys in a plain file, or nowhere, is refused.
Every call waits for the desktop, which may be asking the person for a password: never on the UI thread.
"""

import contextlib
import json
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, cast

from tokentray import log
from tokentray.errors import CredentialsError
from tokentray.secret import Credential, Secret

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_T = TypeVar("_T")

SERVICE = "tokentray-desktop"
DEADLINE_S = 30.0
MAX_ITEM_CHARS = 1280
"""Windows keeps no more in one item; held to everywhere, so that a key stored on one system fits all."""

_ALLOWED = ("SecretService", "libsecret", "kwallet", "macOS", "Windows")
_ALLOWED_MODULES = {f"keyring.backends.{name}" for name in _ALLOWED}
_SERVICE_LIBRARIES = {"secretstorage", "jeepney"}
_INSTALL = (
    "Install and start a Secret Service, such as gnome-keyring, KWallet or KeePassXC"
    if sys.platform.startswith("linux")
    else "Check the system's own keychain"
)


class CredentialsMissingError(CredentialsError):
    """The store holds no item of that name."""

    code = "credentials-missing"


class CredentialsLockedError(CredentialsError):
    """The store is locked, or did not answer in time, as when nobody answers its prompt."""

    code = "credentials-locked"


class CredentialsRefusedError(CredentialsError):
    """The store would not do it, or is none to trust a key to."""

    code = "credentials-refused"


class CredentialsUnavailableError(CredentialsError):
    """There is no store."""

    code = "credentials-none"


@dataclass(frozen=True, slots=True)
class BackendStatus:
    """The store in use. reason and hint: why it is not usable, and what to do."""

    name: str
    usable: bool
    reason: str = ""
    hint: str = ""


class KeyStore:
    """Keys by name ("<provider>:<uuid>") in the desktop's secret store.

    Raises CredentialsMissingError, -LockedError, -RefusedError or -UnavailableError, and nothing else.
    """

    def __init__(self, deadline_s: float | None = DEADLINE_S) -> None:
        """deadline_s: after that long a call counts as locked. None where the caller has a thread to lose."""
        self._deadline_s = deadline_s

    def get(self, name: str) -> Credential:
        """The stored credential."""
        text = self._bounded(lambda: _backend().get_password(SERVICE, name))
        if text is None:
            raise CredentialsMissingError("No key", "it is no longer in the keyring", "Give it again")
        try:
            item = json.loads(text)
            return Credential(Secret(str(item["key"])), str(item["origin"]))
        except (ValueError, TypeError, KeyError):
            # `from None`: the error of json.loads carries the text it could not read
            raise CredentialsRefusedError(
                "Key not read", f"the item {name} was not written by TokenTray", "Store the key again"
            ) from None

    def set(self, name: str, credential: Credential) -> None:
        """Store or replace."""
        text = json.dumps({"key": credential.key.reveal(), "origin": credential.origin})
        if len(text) > MAX_ITEM_CHARS:
            raise CredentialsRefusedError(
                "Key not stored", "it is longer than a secret store keeps", "Check what was pasted"
            )
        log.never_show(credential.key.reveal())
        self._bounded(lambda: _backend().set_password(SERVICE, name, text))

    def delete(self, name: str) -> None:
        """Remove."""
        self._bounded(lambda: _backend().delete_password(SERVICE, name))

    def backend_status(self) -> BackendStatus:
        """Which store is in use, without opening it: no prompt appears."""
        try:
            name = self._bounded(lambda: str(_backend().name))
        except CredentialsError as exc:
            return BackendStatus(name="", usable=False, reason=exc.message, hint=exc.hint)
        return BackendStatus(name=name, usable=True)

    def is_locked(self) -> bool | None:
        """Whether a key can only be read after the person was asked. No prompt appears. None where it cannot be told.

        A Secret Service in which nothing was ever kept counts as locked: it would ask for a password to begin with.
        """
        try:
            return self._bounded(_is_locked)
        except CredentialsError:
            return None

    def _bounded(self, call: Callable[[], _T]) -> _T:
        """Run `call` in a thread that may be left behind: keyring has no time limit of its own."""
        if self._deadline_s is None:
            return _translated(call)
        result: Future[_T] = Future()

        def work() -> None:
            try:
                result.set_result(call())
            except BaseException as exc:  # noqa: BLE001 - handed to the caller, who raises it
                result.set_exception(exc)

        # A daemon thread, so that quitting never waits for a prompt that nobody answers.
        threading.Thread(target=work, name="keyring", daemon=True).start()
        if not wait([result], self._deadline_s).done:
            raise _locked(f"it did not answer within {self._deadline_s:g} s")
        return _translated(result.result)


def _translated(call: Callable[[], _T]) -> _T:
    """The answer of a call, keyring's errors in our words."""
    try:
        return call()
    except CredentialsError:
        raise
    except Exception as exc:
        ours = _in_our_words(exc)
        if ours is None:
            raise
    # Outside of the handler: a store may repeat in its error what it was to keep.
    raise ours


def _is_locked() -> bool | None:
    if type(_backend()).__module__ != "keyring.backends.SecretService":
        return None
    import secretstorage  # type: ignore[import-not-found, unused-ignore]  # comes with keyring, on Linux alone

    with contextlib.closing(secretstorage.dbus_init()) as connection:
        try:
            return bool(secretstorage.Collection(connection).is_locked())
        except secretstorage.ItemNotFoundException:
            return True


def _backend() -> "KeyringBackend":
    """The first trusted backend that keyring found."""
    import keyring
    from keyring.backends import fail
    from keyring.core import load_keyring

    try:
        found = keyring.get_keyring()
        if isinstance(found, fail.Keyring) and sys.platform == "linux":
            # keyring looks for a store once per process; this one may have come up since.
            with contextlib.suppress(RuntimeError):  # its word for a backend that cannot be used here
                found = load_keyring("keyring.backends.SecretService.Keyring")
    except (ImportError, AttributeError, RuntimeError) as exc:
        raise CredentialsRefusedError(
            "Keyring refused", f"the backend set for keyring cannot be loaded ({exc})", "Remove that setting"
        ) from exc
    # The chainer writes on to the next backend when one declines, so it is never used itself.
    for candidate in getattr(found, "backends", [found]):
        if type(candidate).__module__ in _ALLOWED_MODULES:
            return cast("KeyringBackend", candidate)
    if isinstance(found, fail.Keyring):
        raise CredentialsUnavailableError("No keyring", "no secret store is running", _INSTALL)
    name = type(found).__module__
    raise CredentialsRefusedError("Keyring refused", f"{name} is not a store that keeps keys safe", _INSTALL)


def _locked(why: str) -> CredentialsLockedError:
    return CredentialsLockedError("Keyring locked", why, "Unlock the keyring, then try again")


def _in_our_words(exc: Exception) -> CredentialsError | None:
    """keyring's error as one of ours; None for what is no error of a keyring."""
    from keyring import errors

    if isinstance(exc, errors.KeyringLocked):
        return _locked("it was not unlocked")
    if isinstance(exc, errors.PasswordDeleteError):
        return CredentialsMissingError("No key", "it is no longer in the keyring", "Give it again")
    if isinstance(exc, errors.InitError | errors.NoKeyringError | OSError):
        return CredentialsUnavailableError("No keyring", "the secret store cannot be reached", _INSTALL)
    if isinstance(exc, errors.KeyringError) or type(exc).__module__.split(".")[0] in _SERVICE_LIBRARIES:
        return CredentialsRefusedError("Keyring refused", f"the secret store said: {log.redacted(str(exc))}")
    return None
