"""The password of a proxy: in the keyring with the proxy it belongs to, and nowhere else."""

import queue
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tokentray.clock import SystemClock, UtcZone
from tokentray.credentials import CredentialsMissingError, CredentialsRefusedError, KeyStore
from tokentray.engine.account_work import AccountWork
from tokentray.engine.network import network_settings
from tokentray.money import NumberStyle
from tokentray.paths import resolve
from tokentray.requests import Answer, SetProxyPassword
from tokentray.secret import Credential, Secret
from tokentray.settings import DEFAULTS

Run = Callable[..., subprocess.CompletedProcess[str]]
ITEM = "proxy:proxy.example.com:3128"
ORIGIN = "http://proxy.example.com:3128"
SETTINGS = DEFAULTS._replace(proxy="http://ada@proxy.example.com:3128")


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    yield
    try:
        KeyStore().delete(ITEM)
    except CredentialsMissingError:
        return


def test_kept_replaced_and_cleared(tokentray: Run, private_home: Path) -> None:
    """By the command, for the proxy of the settings; no file holds it."""
    assert tokentray("settings", "set", "network.proxy", SETTINGS.proxy).returncode == 0
    for password in ("made up ☂", "newer ☂"):
        done = tokentray("settings", "proxy-password", "--key-stdin", stdin=password + "\n")
        assert (done.returncode, done.stderr) == (0, "")
        assert password not in done.stdout
        assert KeyStore().get(ITEM) == Credential(Secret(password), ORIGIN)
        assert network_settings(SETTINGS, KeyStore().get).proxy_password == Secret(password)
    files = [path for path in private_home.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if "newer ☂".encode() in path.read_bytes()]
    assert tokentray("settings", "proxy-password", "--clear").stdout.endswith("is removed from the keyring.\n")
    assert tokentray("settings", "proxy-password", "--clear").stdout == f"No password for {ORIGIN} was kept.\n"
    assert network_settings(SETTINGS, KeyStore().get).proxy_password is None


def test_of_another_proxy_is_not_used() -> None:
    """Whoever changes the settings cannot have it sent elsewhere."""
    KeyStore().set(ITEM, Credential(Secret("made up"), "http://other.example.com:3128"))
    with pytest.raises(CredentialsRefusedError, match=r"was kept for http://other\.example\.com:3128"):
        network_settings(SETTINGS, KeyStore().get)


def test_kept_and_removed_from_the_window(private_home: Path) -> None:
    """As by the command, on a thread that may wait; where the proxy has no user nothing is kept."""
    work = AccountWork(resolve(str(private_home)), SystemClock(), NumberStyle())
    answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()

    def ask(proxy: str, password: Secret | None) -> Answer:
        work.carry_out(SetProxyPassword(proxy, password), 1, UtcZone(), answers.put)
        return answers.get(timeout=20)

    done = ask(SETTINGS.proxy, Secret("made up"))
    assert (done.problem, done.text) == (None, f"The password for {SETTINGS.proxy} is kept in the keyring.")
    assert KeyStore().get(ITEM) == Credential(Secret("made up"), ORIGIN)
    assert ask(SETTINGS.proxy, None).text == f"The password for {ORIGIN} is removed from the keyring."
    with pytest.raises(CredentialsMissingError):
        KeyStore().get(ITEM)
    refused = ask(ORIGIN, Secret("made up"))
    assert refused.problem is not None
    assert refused.problem.title == "There is no proxy that wants a password"
    work.stop()
