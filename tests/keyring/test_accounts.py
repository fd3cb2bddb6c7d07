"""Accounts by the command line, from the pasted key to the removed one, with a real keyring and a real server."""

import base64
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.bench import costs
from tests.contract.ledgers.anthropic import AnthropicOrganisation
from tests.contract.ledgers.deepseek import DeepSeekLedger
from tests.contract.ledgers.github_copilot import GitHub
from tests.contract.ledgers.litellm_proxy import LiteLLMProxy
from tests.contract.ledgers.openai import OpenAILedger
from tests.contract.ledgers.openrouter import OpenRouterLedger
from tests.servers import Reply, ScriptedServer, Seen
from tokentray.clock import SystemClock, UtcZone, local_date
from tokentray.credentials import CredentialsMissingError, KeyStore

Run = Callable[..., subprocess.CompletedProcess[str]]
MIB = 2**20
SERVERS: dict[str, Callable[[], Any]] = {
    "anthropic": AnthropicOrganisation,
    "openai": OpenAILedger,
    "openrouter": OpenRouterLedger,
    "litellm-proxy": LiteLLMProxy,
    "github-copilot": GitHub,
    "deepseek": DeepSeekLedger,
}


@pytest.fixture
def proxy() -> Iterator[LiteLLMProxy]:
    server = LiteLLMProxy(days=12, now=datetime.fromtimestamp(SystemClock().now_utc(), UTC))
    yield server
    server.close()


@pytest.fixture
def home(private_home: Path) -> Path:
    return private_home / "tokentray"


def add(tokentray: Run, provider: str, server: Any, *more: str, key: str = "") -> subprocess.CompletedProcess[str]:
    own = [part for name, ids in server.own.items() for one in ids for part in ("--own", f"{name}={one}")]
    return tokentray(
        "accounts", "add", provider, "--key-stdin", "--base-url", server.url, *own, *more, stdin=(key or server.key)
    )


def spend(tokentray: Run) -> Decimal:
    rows = json.loads(tokentray("usage", "--by", "month", "--json").stdout)
    return sum((Decimal(row["cost"]) for row in rows), Decimal(0))


def listed(tokentray: Run) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(tokentray("accounts", "list", "--json").stdout)
    return found


def keys_of(home: Path) -> list[str]:
    """Names of the keyring's items."""
    with closing(sqlite3.connect(home / "history.db")) as connection:
        return [row[0] for row in connection.execute("SELECT name FROM sources WHERE kind = 'account'")]


def test_an_account_from_its_key_to_its_end(tokentray: Run, proxy: LiteLLMProxy, home: Path) -> None:
    """Added, read, given another key, removed with its history kept, added again and gone for good."""
    done = add(tokentray, "litellm-proxy", proxy, "--label", "Team gateway")
    assert (done.returncode, done.stderr) == (0, "")
    assert "only yours: user dana@example.com" in done.stdout
    [account] = listed(tokentray)
    assert (account["state"], account["host"], account["last_contact"]) == ("never", proxy.url[7:], None)
    assert add(tokentray, "litellm-proxy", proxy).returncode == 2, "the same twice"

    done = tokentray("refresh", "--source", "team gateway")
    assert (done.returncode, done.stderr) == (0, "")
    billed = spend(tokentray)
    assert billed == Decimal(sum(proxy.ledger().billed.values())).scaleb(-9)
    [account] = listed(tokentray)
    assert (account["state"], account["error"]) == ("fresh", "")
    assert account["last_contact"]
    assert "Team gateway" in tokentray("status").stdout

    wrong = tokentray("accounts", "rekey", "Team gateway", "--key-stdin", stdin="sk-" + "1" * 22)
    assert wrong.returncode == 3
    assert KeyStore().get(keys_of(home)[0]).key.reveal() == proxy.key, "the old one stays"
    proxy.key = "sk-" + "2" * 22
    done = tokentray("refresh", "--source", "litellm-proxy")
    assert done.returncode == 3
    assert "accounts rekey 1" in done.stderr
    assert done.stderr.count("\n") == 1
    assert spend(tokentray) == billed, "what was read stays"
    assert "Key refused" in tokentray("status").stdout
    assert tokentray("accounts", "rekey", "1", "--key-stdin", stdin=proxy.key).returncode == 0
    assert tokentray("refresh").returncode == 0
    assert tokentray("accounts", "rename", "1", "Work").stdout == "Team gateway is now called Work.\n"

    [name] = keys_of(home)
    assert tokentray("accounts", "remove", "work").returncode == 0
    with pytest.raises(CredentialsMissingError):
        KeyStore().get(name)
    assert listed(tokentray)[0]["state"] == "removed"
    assert spend(tokentray) == billed
    proxy.advance(3600)
    assert tokentray("refresh").stdout.count("Work") == 0, "nobody asks for it any more"

    done = add(tokentray, "litellm-proxy", proxy)
    assert "goes on" in done.stdout
    assert [one["id"] for one in listed(tokentray)] == [1]
    assert tokentray("refresh").returncode == 0
    # An hour on may be tomorrow for the gateway, which the program does not ask for today.
    today = local_date(SystemClock().now_utc(), UtcZone()).isoformat()
    so_far = [amount for (_, day), amount in proxy.ledger().billed.items() if day <= today]
    assert spend(tokentray) == Decimal(sum(so_far)).scaleb(-9)
    assert tokentray("accounts", "remove", "1", "--delete-history").returncode == 0
    assert listed(tokentray) == []
    assert spend(tokentray) == 0
    with closing(sqlite3.connect(home / "history.db")) as connection:
        for table in ("billed_buckets", "metered_buckets", "feed_spans", "account_keys", "accounts", "readings"):
            assert connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone() == (0,), table


@pytest.mark.parametrize(
    ("words", "key", "status", "said"),
    [
        (("groq",), "gsk_" + "0" * 52, 2, "A Groq key can read no usage"),
        (("nobody",), "x", 2, "No such provider"),
        (("openai",), "sk-proj-" + "0" * 80, 2, "https://platform.openai.com/"),
        (("anthropic",), "sk-proj-" + "0" * 80, 2, "not a key of Anthropic"),
        (("openrouter",), "", 2, "no key"),
        (("openrouter",), "two words", 2, "no key"),
        (("litellm-proxy",), "sk-" + "0" * 22, 2, "--base-url"),
        (("litellm-proxy", "--base-url", "http://gateway.example.com"), "sk-" + "0" * 22, 2, "https"),
        (("litellm-proxy", "--base-url", "http://192.168.1.9:4000"), "sk-" + "0" * 22, 2, "--plain-http"),
        (("litellm-proxy", "--base-url", "https://u:p@gateway.example.com"), "sk-" + "0" * 22, 2, "Address"),
        (("openai", "--own", "team=9"), "sk-admin-" + "0" * 90, 2, "user_id"),
        (("openai", "--own", "user_id"), "sk-admin-" + "0" * 90, 2, "KEY=VALUE"),
        ((), "what is this", 2, "no key"),
        ((), "zz" * 20, 2, "Say whose it is"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    tokentray: Run, home: Path, words: tuple[str, ...], key: str, status: int, said: str
) -> None:
    """What, why and the mend; nothing is kept, nobody is asked, and the key is not repeated."""
    done = tokentray("accounts", "add", *words, "--key-stdin", stdin=key)
    assert (done.returncode, done.stdout) == (status, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not key or len(key) < 4 or key not in done.stderr
    assert not (home / "history.db").exists() or keys_of(home) == []


def test_a_key_is_asked_for_only_where_somebody_can_answer(tokentray: Run) -> None:
    """Never from an argument; without a terminal the way to give it is named."""
    done = tokentray("accounts", "add", "openrouter")
    assert done.returncode == 2
    assert "--key-stdin" in done.stderr


def forms(secret: str) -> list[bytes]:
    """How a key could lie somewhere without looking like itself."""
    raw = secret.encode()
    parts = [raw, raw[::-1], raw.hex().encode(), raw.hex().upper().encode(), secret.encode("utf-16-le")]
    parts += [quote(secret, safe="").encode()]
    for shift in range(3):
        # base64 of a longer text holds it from one of three places on; its ends depend on what stands beside it.
        parts.append(base64.b64encode(b"x" * shift + raw)[4:-4])
        parts.append(base64.urlsafe_b64encode(b"x" * shift + raw)[4:-4])
    return parts


def findings(folder: Path, secret: str) -> list[str]:
    return [
        f"{file.name}: {form[:12]!r}"
        for file in folder.rglob("*")
        if file.is_file()
        for form in forms(secret)
        if form in file.read_bytes()
    ]


def test_the_search_finds_a_key(tmp_path: Path) -> None:
    """In each of the forms; else finding none would mean nothing."""
    secret = "canary-5e1f0c9a7b3d2468"
    for number, form in enumerate(forms(secret)):
        (tmp_path / str(number)).write_bytes(b"before " + form + b" after")
    assert len({found.split(":")[0] for found in findings(tmp_path, secret)}) == len(forms(secret))


_ENDS = "5e1f0c9a7b3d24685e1f0c9a7b3d2468"


@pytest.mark.parametrize("provider", SERVERS)
def test_a_key_is_nowhere_but_in_the_keyring(tokentray: Run, home: Path, tmp_path: Path, provider: str) -> None:
    """Not in files, logs, errors, exports, backups or process arguments, whatever the provider answers with."""
    server = SERVERS[provider]()
    key = server.key[: len(server.key) - len(_ENDS)] + _ENDS if len(server.key) > 40 else f"sk-{_ENDS}"
    server.key = key
    arguments: list[bytes] = []
    answer = server.server.answer

    def watched(seen: Seen) -> Reply:
        for process in Path("/proc").iterdir():
            if process.name.isdigit():
                try:
                    arguments.append((process / "cmdline").read_bytes() + (process / "environ").read_bytes())
                except OSError:
                    continue
        reply: Reply = answer(seen)
        return reply

    server.server.answer = watched
    said: list[str] = []

    def run(*words: str, stdin: str = "") -> int:
        done = tokentray(*words, stdin=stdin)
        said.append(done.stdout + done.stderr)
        return done.returncode

    try:
        assert add(lambda *w, stdin: _said(tokentray(*w, stdin=stdin), said), provider, server).returncode == 0
        assert run("refresh") == 0
        run("export", "2026-11", "--format", "json", "-o", str(tmp_path / "month.json"))
        answers = [
            Reply(401, f"bad key {key}"),
            Reply(400, {"error": {"message": f"{key} is no key"}}),
            Reply(500, key),
        ]
        answers += [
            Reply(302, "", {"Location": f"http://127.0.0.1:9/?key={key}"}),
            Reply(200, {"key": key, "data": key}),
        ]
        for number, told in enumerate(answers):
            server.server.answer = lambda _, told=told: told
            assert run("refresh", *(["--debug"] if number % 2 else [])) != 0
            assert run("accounts", "verify", *([] if number % 2 else ["--debug"])) != 0
        assert run("backup", str(tmp_path / "copy.db")) == 0
        assert run("accounts", "list") == 0
    finally:
        server.close()
    (tmp_path / "said").write_text("\n".join(said))
    assert arguments
    (tmp_path / "arguments").write_bytes(b"\n".join(arguments))
    assert findings(tmp_path, key) == []
    assert findings(home, key) == []
    [name] = keys_of(home)
    assert KeyStore().get(name).key.reveal() == key


def _said(done: subprocess.CompletedProcess[str], said: list[str]) -> subprocess.CompletedProcess[str]:
    said.append(done.stdout + done.stderr)
    return done


def test_what_files_say_sends_a_key_nowhere_else(
    tokentray: Run, proxy: LiteLLMProxy, home: Path, tmp_path: Path
) -> None:
    """A changed database, a backup of one and a changed settings file: the other host hears nothing of the key."""
    assert add(tokentray, "litellm-proxy", proxy).returncode == 0
    assert tokentray("refresh").returncode == 0
    billed = spend(tokentray)
    with ScriptedServer(lambda _: Reply(200, {"results": [], "metadata": {}})) as other:
        with closing(sqlite3.connect(home / "history.db")) as connection, connection:
            connection.execute("UPDATE accounts SET base_url = ?", (f"{other.url}/",))
        assert tokentray("backup", tmp_path / "changed.db").returncode == 0
        for command in ("refresh", "accounts verify", "accounts own 1"):
            done = tokentray(*command.split())
            assert done.returncode in (1, 2, 3), command
            assert done.stderr.count("\n") == 1, done.stderr
        done = tokentray("accounts", "rekey", "1", "--key-stdin", stdin="sk-" + "3" * 22)
        assert done.returncode == 2, "a new key goes to no address that the history alone names"
        shutil.rmtree(home)
        assert tokentray("restore", tmp_path / "changed.db").returncode == 0
        assert tokentray("refresh").returncode == 1
        (home / "settings.toml").write_text(f'[network]\nproxy = "{other.url}"\n')
        tokentray("refresh")
        assert other.seen == []
        assert spend(tokentray) == billed
    for tampered in (
        "http://user:secret@127.0.0.1:1",
        "javascript:alert(1)",
        "",
        "https://[",
        "http://127.0.0.1@evil.example",
    ):
        with closing(sqlite3.connect(home / "history.db")) as connection, connection:
            connection.execute("UPDATE accounts SET base_url = ?", (tampered,))
        done = tokentray("refresh")
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1, done.stderr
        assert "bug of TokenTray" not in done.stderr


_LISTENS = """
import os, sys
def hook(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.bind"):
        line = f"{event} {args[1] if event != 'socket.getaddrinfo' else args[:2]}\\n"
        fd = os.open(os.environ["CONTACTS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(fd, line.encode()); os.close(fd)
sys.addaudithook(hook)
"""


def test_nothing_else_is_contacted(tokentray: Run, proxy: LiteLLMProxy, home: Path, tmp_path: Path) -> None:
    """Every command; what it connects to is the desktop's own bus, the tray's socket, and the host that is listed."""
    (tmp_path / "hooked").mkdir()
    (tmp_path / "hooked" / "sitecustomize.py").write_text(textwrap.dedent(_LISTENS))
    contacts = tmp_path / "contacts"
    env = {"CONTACTS": str(contacts), "PYTHONPATH": str(tmp_path / "hooked")}

    def run(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return tokentray(*words, stdin=stdin, env=env)

    assert add(run, "litellm-proxy", proxy).returncode == 0
    for words in (
        "refresh", "status", "status --json", "statusline", "usage", "accounts list", "accounts verify", "doctor",
        "accounts reconcile", "agents list", "plans list", "charges list", "reference list", "rates list",
        "settings list", "prices claude-opus-5", "export 2026-11", "accounts remove 1", "refresh",
    ):  # fmt: skip
        assert run(*words.split()).returncode in (0, 1), words
    port = proxy.server.port
    lines = contacts.read_text().splitlines()
    ours = [line for line in lines if f"('127.0.0.1', {port})" in line or f"127.0.0.1', {port}" in line]
    bus = [line for line in lines if line.startswith("socket.connect /") or line.startswith("socket.connect b'")]
    assert ours
    assert [line for line in lines if line not in ours and line not in bus] == []


def _endless(wire: Any) -> None:
    """Two thousand million bytes of a list, as far as somebody takes them."""
    wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n[")
    chunk = b"1," * 500_000
    for _ in range(2_000):
        if not wire.send(chunk):
            return


def _announced(wire: Any) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2147483648\r\n\r\n[")
    _endless(wire)


def _bomb() -> Reply:
    """A thousand million blanks in a million bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = b"".join(packer.compress(b" " * MIB) for _ in range(1000)) + packer.flush()
    return Reply(200, packed, {"Content-Encoding": "gzip", "Content-Type": "application/json"})


def _models() -> Reply:
    """A day of sixty thousand models, within the size of a body."""
    metrics = {"spend": 0.001, "prompt_tokens": 5, "completion_tokens": 5, "api_requests": 1}
    models = {f"m{number}": {"metrics": metrics} for number in range(60_000)}
    day = datetime.fromtimestamp(SystemClock().now_utc(), UTC).date().isoformat()
    return Reply(
        200,
        {
            "results": [{"date": day, "metrics": metrics, "breakdown": {"models": models}}],
            "metadata": {"page": 1, "total_pages": 1, "has_more": False},
        },
    )


BAD: dict[str, Callable[[], Reply]] = {
    "60,000 models": _models,
    "2 GB without end": lambda: Reply(wire=_endless),
    "2 GB announced": lambda: Reply(wire=_announced),
    "gzip bomb": _bomb,
    "nested": lambda: Reply(200, b"[" * 4_000_000),
    "many small": lambda: Reply(200, b"[" + b"[]," * 2_600_000 + b"[]]"),
    "a long number": lambda: Reply(200, b"[" + b"9" * 7_000_000 + b"]"),
}


@pytest.mark.parametrize("bad", BAD)
def test_memory_is_bounded_whatever_is_answered(
    tokentray: Run, proxy: LiteLLMProxy, home: Path, tmp_path: Path, bad: str
) -> None:
    """At most 150 MiB at the peak of `refresh`; the last figures stay, and one line names account and mend."""
    assert add(tokentray, "litellm-proxy", proxy, "--label", "Gateway").returncode == 0
    assert tokentray("refresh").returncode == 0
    billed, reply = spend(tokentray), BAD[bad]()
    proxy.server.answer = lambda _: reply
    cost = costs.run([sys.executable, "-m", "tokentray", "refresh"], tmp_path, {}, expected=1)
    assert cost.said.startswith("tokentray: Gateway: ")
    assert cost.said.count("\n") == 1
    assert cost.peak_mb <= 150, f"{cost.peak_mb:.0f} MiB"
    assert spend(tokentray) == billed


def test_one_that_fails_does_not_keep_others_from_being_read(tokentray: Run, proxy: LiteLLMProxy) -> None:
    """Each failure is named, the exit status says in part, and what could be read is there."""
    other = LiteLLMProxy(days=5, seed=9)
    try:
        assert add(tokentray, "litellm-proxy", proxy, "--label", "Broken").returncode == 0
        assert add(tokentray, "litellm-proxy", other, "--label", "Sound").returncode == 0
        proxy.server.answer = lambda _: Reply(503, "")
        done = tokentray("refresh")
        assert done.returncode == 1
        assert done.stderr.startswith("tokentray: Broken: ")
        assert done.stderr.count("\n") == 1
        assert "Sound: something new was read." in done.stdout
        assert spend(tokentray) == Decimal(sum(other.ledger().billed.values())).scaleb(-9)
        states = {one["label"]: one["state"] for one in listed(tokentray)}
        assert states == {"Broken": "failing", "Sound": "fresh"}
    finally:
        other.close()


def test_a_backup_on_another_machine_asks_for_its_key(
    tokentray: Run, proxy: LiteLLMProxy, home: Path, tmp_path: Path
) -> None:
    """There the keyring has none: the history is there, and the mend is to give the key again."""
    assert add(tokentray, "litellm-proxy", proxy).returncode == 0
    assert tokentray("refresh").returncode == 0
    billed = spend(tokentray)
    assert tokentray("backup", tmp_path / "copy.db").returncode == 0
    [name] = keys_of(home)
    KeyStore().delete(name)
    shutil.rmtree(home)
    assert tokentray("restore", tmp_path / "copy.db").returncode == 0
    assert spend(tokentray) == billed
    done = tokentray("refresh")
    assert done.returncode == 1
    assert "accounts rekey 1" in done.stderr
    assert tokentray("accounts", "rekey", "1", "--key-stdin", stdin=proxy.key).returncode == 0
    assert tokentray("refresh").returncode == 0


def test_a_frozen_keyring_leaves_the_logs_readable(tokentray: Run, proxy: LiteLLMProxy, private_home: Path) -> None:
    """`refresh` reads what it can, exits 1, and does not wait for ever."""
    assert add(tokentray, "litellm-proxy", proxy).returncode == 0
    daemon = int(os.environ["TT_KEYRING_PID"])
    os.kill(daemon, signal.SIGSTOP)
    try:
        done = tokentray("refresh")
        assert done.returncode == 1
        assert "Unlock the keyring" in done.stderr
    finally:
        os.kill(daemon, signal.SIGCONT)
    assert tokentray("refresh").returncode == 0
