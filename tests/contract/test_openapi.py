"""Every request that is made of a provider is one that its description allows: said by Prism, a server made from it.

What is asked is taken down from the provider's scripted server, several windows of it, and asked again of Prism, whose
own answers are examples of fixed dates and tell nothing.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qsl

import pytest

from tests.conftest import _shared
from tests.contract.recorded import record
from tests.servers import Reply, ScriptedServer, Seen
from tokentray.net.client import Network
from tokentray.providers import PROVIDERS
from tokentray.providers.base import Provider

_SPECS = {"github-copilot": "github-billing"}
"""Where the description has another name than the provider."""
_PACKAGE = "@stoplight/prism-cli"


@pytest.fixture(scope="module")
def prism() -> str:
    """The program: its own, or where npx has put it when it fetched it before. Nothing is fetched here."""
    if found := shutil.which("prism"):
        return found
    if npx := shutil.which("npx"):
        # Asked once where it is: npx itself takes as long to start as Prism does.
        command = [npx, "--offline", "--yes", "-p", _PACKAGE, "-c", "command -v prism"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        if done.returncode == 0 and Path(done.stdout.strip()).exists():
            return done.stdout.strip()
    pytest.skip(f"needs Prism: run `npx -p {_PACKAGE} prism --version` once")


@pytest.fixture(scope="module", params=PROVIDERS, ids=[one.info.id for one in PROVIDERS])
def provider(request: pytest.FixtureRequest) -> Provider:
    one: Provider = request.param
    return one


@pytest.fixture(scope="module")
def description(provider: Provider) -> Path:
    name = _SPECS.get(provider.info.id, provider.info.id)
    return _shared("providers", "specs", f"{name}.openapi.json")


@pytest.fixture(scope="module")
def mock(prism: str, description: Path) -> Iterator[str]:
    """The address of Prism, serving the provider's description."""
    process = subprocess.Popen(
        [prism, "mock", "-h", "127.0.0.1", "-p", "0", str(description)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        start_new_session=True,  # so that whatever it starts ends with it
    )
    assert process.stdout is not None
    url = ""
    for line in process.stdout:
        if found := re.search(r"listening on (http://127\.0\.0\.1:\d+)", line):
            url = found[1]
            break
    draining = threading.Thread(target=_drain, args=(process.stdout,))
    draining.start()
    try:
        assert url, "Prism did not start"
        yield url
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)
        draining.join()
        process.stdout.close()


@pytest.fixture(scope="module")
def asked(provider: Provider) -> list[Seen]:
    """Every different request while a key is looked at and windows of a day, three days and a month are read."""
    found: dict[tuple[str, str, bytes], Seen] = {}
    with Network() as network, ScriptedServer(lambda _: Reply(404)) as server:
        for days_back in (0, 2, 29):
            path = record(provider, network, server, days_back=days_back).path
        for seen in server.seen:
            plain = seen._replace(target=seen.target.removeprefix(path))
            found.setdefault((plain.method, plain.target, plain.body), plain)
    return list(found.values())


def test_no_request_breaks_the_providers_description(mock: str, asked: list[Seen]) -> None:
    """Neither in its path and parameters nor in its headers and body."""
    assert len(asked) >= 2 or all(seen.path == "/user/balance" for seen in asked)
    for seen in asked:
        status, violations = _ask(mock, seen)
        assert (status, violations) == (200, []), f"{seen.method} {seen.target}"


def test_prism_would_say_so(mock: str, asked: list[Seen], provider: Provider) -> None:
    """The same request without its key is refused, so that the other test could fail."""
    header = provider.info.auth.header.lower()
    status, _ = _ask(mock, asked[0]._replace(headers={n: v for n, v in asked[0].headers.items() if n != header}))
    assert status == 401


def test_every_parameter_is_one_that_the_description_names(asked: list[Seen], description: Path) -> None:
    """Prism lets unknown ones pass, and a filter that is not heeded would let other people's use in."""
    spec = json.loads(description.read_text())
    for seen in asked:
        names = _parameters(spec, seen)
        # A list is named with or without brackets: both are taken.
        assert {name.removesuffix("[]") for name, _ in parse_qsl(seen.target.partition("?")[2])} <= names, seen.target


def _parameters(spec: dict[str, Any], seen: Seen) -> set[str]:
    for template, item in spec["paths"].items():
        if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)), seen.path):
            told = [*item.get("parameters", ()), *item[seen.method.lower()].get("parameters", ())]
            return {_resolved(spec, one)["name"].removesuffix("[]") for one in told}
    raise AssertionError(f"{seen.path} is not described")


def _resolved(spec: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in value:
        found: Any = spec
        for step in value["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        value = found
    return value


def _ask(url: str, seen: Seen) -> tuple[int, list[str]]:
    """The status, and what Prism finds fault with."""
    headers = {name: value for name, value in seen.headers.items() if name not in ("host", "content-length")}
    request = urllib.request.Request(url + seen.target, data=seen.body or None, headers=headers, method=seen.method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            status, found = answer.status, answer.headers.get("sl-violations", "[]")
    except urllib.error.HTTPError as refusal:
        with refusal:
            status, found = refusal.code, refusal.headers.get("sl-violations", "[]")
    return status, [one["message"] for one in json.loads(found) if one["location"][0] == "request"]


def _drain(stream: IO[str]) -> None:
    for _ in stream:
        pass
