"""What files that somebody changed, and providers that mean harm, cannot bring about."""

import json
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.app.polled import KEY, NOW, TODAY, Books, Rig, SetClock, made_up, use_memory_keyring
from tests.servers import Reply, ScriptedServer, Seen
from tokentray.clock import DAY_S, UtcZone, date_of_day_number
from tokentray.engine.account_desk import AccountDesk
from tokentray.errors import ChangedAnswerError, RefusedError
from tokentray.ledger import Window
from tokentray.model import Basis
from tokentray.money import NumberStyle
from tokentray.net.client import Network
from tokentray.providers.base import Context
from tokentray.providers.litellm_proxy import LITELLM_PROXY
from tokentray.requests import RekeyAccount
from tokentray.secret import Credential, Secret

Program = Callable[..., subprocess.CompletedProcess[str]]
NEW_KEY = Secret("sk-made-up-" + "1" * 24)


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    use_memory_keyring(monkeypatch)
    return Rig(tmp_path)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer(Books().answer) as one:
        yield one


def desk(rig: Rig) -> AccountDesk:
    return AccountDesk(
        rig.path,
        rig.clock,
        UtcZone(),
        NumberStyle(),
        rig.keys,
        Network,
        providers=rig.providers,
        emails=lambda: (),
    )


def change(path: Path, statement: str, *values: object) -> None:
    """Change a history as somebody else than the program would."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement, values)


def test_a_new_key_goes_to_no_address_that_only_the_history_names(rig: Rig, server: ScriptedServer) -> None:
    """A changed history makes the key be asked for anew, and is not told it; an address that the person says is."""
    account = rig.add("https://llm.example.com")
    change(rig.path, "UPDATE accounts SET base_url = ?", server.url)
    with pytest.raises(RefusedError) as refused:
        desk(rig).do(RekeyAccount(account, NEW_KEY))
    assert refused.value.field == "base_url"
    assert "https://llm.example.com" in str(refused.value)
    assert server.seen == []
    assert rig.keys.get("made-up:one").key == KEY
    desk(rig).do(RekeyAccount(account, NEW_KEY, server.url, verify=False))
    assert rig.keys.get("made-up:one").key == NEW_KEY
    desk(rig).do(RekeyAccount(account, KEY, verify=False))
    assert rig.keys.get("made-up:one").origin == server.url


def test_without_a_key_to_compare_it_with_an_address_is_said_again(rig: Rig) -> None:
    """As on a new machine with an old backup: an address elsewhere is confirmed by whoever gives the key."""
    account = rig.add_without_key("made-up:one", "https://llm.example.com")
    with pytest.raises(RefusedError, match=r"--base-url https://llm\.example\.com"):
        desk(rig).do(RekeyAccount(account, NEW_KEY, verify=False))
    desk(rig).do(RekeyAccount(account, NEW_KEY, "https://llm.example.com", verify=False))
    assert rig.keys.get("made-up:one").origin == "https://llm.example.com"


def test_the_providers_own_address_need_not_be_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key for the provider's own host, or for this machine, is taken without its address."""
    use_memory_keyring(monkeypatch)
    found = made_up()
    rig = Rig(tmp_path, [found._replace(info=found.info._replace(base_url="https://api.example.com/v1"))])
    for number, url in enumerate(("https://api.example.com/v1", "http://127.0.0.1:4000")):
        account = rig.add_without_key(f"made-up:{number}", url, label=str(number))
        desk(rig).do(RekeyAccount(account, NEW_KEY, verify=False))
        assert rig.keys.get(f"made-up:{number}").key == NEW_KEY


def test_the_doctor_names_no_account_and_no_host(tokentray: Program, rig: Rig, tmp_path: Path) -> None:
    """Its words can be pasted in public, also where an account cannot be read."""
    rig.add("https://llm-corp.example", label="Dana at Corp")
    change(rig.path, "UPDATE sources SET error = 'Not reached: Made Up (llm-corp.example) cannot be reached'")
    said = tokentray("doctor", home=tmp_path)
    assert "dana" not in said.stdout.lower()
    assert "-corp" not in said.stdout.lower()


def test_a_window_of_endless_rows_is_left_before_it_fills_the_memory(server: ScriptedServer) -> None:
    """Pages that are each small enough, of ever new models: the poll ends with an error, long before the pages do."""
    day = date_of_day_number(NOW // DAY_S).isoformat()

    def answer(seen: Seen) -> Reply:
        page = int(dict(seen.params)["page"])
        models = {f"model-{page}-{number}": {"metrics": {"spend": 1}} for number in range(5_000)}
        told = {"date": day, "metrics": {"spend": 5_000}, "breakdown": {"models": models}}
        return Reply(200, {"results": [told], "metadata": {"page": page, "has_more": True}})

    server.answer = answer
    with Network() as network:
        channel = network.channel(
            Credential(KEY, server.url), server.url, header="Authorization", prefix="", name="Proxy", clock=SetClock()
        )
        context = Context(channel, {"user_id": ("dana",)}, base_url=server.url)
        with pytest.raises(ChangedAnswerError, match="more than 30,000 rows"):
            LITELLM_PROXY.read(context, Basis.BILLED, Window(TODAY, TODAY + DAY_S))
    assert len(server.seen) <= 7


def test_a_changed_history_moves_no_cursor(tokentray: Program, rig: Rig) -> None:
    """Whatever stands in the texts of an account is shown as letters, and nothing of it sets the title or a colour."""
    rig.add("https://llm.example.com")
    harm = "\x1b]0;gone\x07\x1b[31m\u202e"
    change(rig.path, "UPDATE accounts SET base_url = ?1, kind = ?1, holder = ?1, own = ?2",
        f"https://llm{harm}/", json.dumps({"user_id": [harm]}),
    )  # fmt: skip
    change(rig.path, "UPDATE sources SET label = ?1, error = ?1, provider = ?1", harm)
    for words in ("accounts list", "refresh", "status", "statusline", "doctor", "accounts reconcile", "usage"):
        said = tokentray(*words.split(), home=rig.path.parent)
        assert not set("\x1b\x07\u202e") & set(said.stdout + said.stderr), words
        assert "bug of TokenTray" not in said.stderr, said.stderr


@pytest.mark.parametrize("own", ["[" * 100_000, '{"a": ' * 50_000, "[]", '{"user_id": 7}', "nothing"])
def test_a_part_that_is_none_is_a_damaged_history(tokentray: Program, rig: Rig, own: str) -> None:
    """One line says so, and no bug is reported."""
    rig.add("https://llm.example.com")
    change(rig.path, "UPDATE accounts SET own = ?", own)
    said = tokentray("accounts", "list", home=rig.path.parent)
    assert said.returncode == 3
    assert said.stderr.count("\n") == 1
    assert "bug of TokenTray" not in said.stderr, said.stderr


@pytest.mark.parametrize(
    "words", [["openrouter", "{key}"], ["{key}"], ["openrouter", "--key={key}"], ["openrouter", "--base-url", "{key}"]]
)
def test_a_key_given_as_an_argument_is_not_repeated(tokentray: Program, words: list[str]) -> None:
    """It stands in the shell's history by then, but not also in whatever keeps what is printed."""
    key = "sk-or-v1-" + "0" * 64
    said = tokentray("accounts", "add", *(word.format(key=key) for word in words), stdin=key)
    assert said.returncode == 2
    assert said.stderr.startswith("tokentray: ")
    assert "0000" not in said.stdout + said.stderr


def test_the_doctor_says_who_stands_between(tokentray: Program, rig: Rig) -> None:
    """A proxy and certificates in a settings file that somebody changed are seen, though not named."""
    home = rig.path.parent
    assert "Network" not in tokentray("doctor", home=home).stdout
    home.mkdir(exist_ok=True)
    (home / "settings.toml").write_text(
        '[network]\nproxy = "http://proxy.corp.example:8080"\nca_file = "/etc/corp.pem"\n'
    )
    said = tokentray("doctor", home=home).stdout
    assert "note  Network: providers are asked through a proxy that is set" in said
    assert "note  Network: certificates of a file are trusted beside the system's" in said
    assert "corp" not in said
