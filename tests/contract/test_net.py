"""The one HTTP client against real servers on this machine: whatever they do, it ends, in words, with the key safe."""

import base64
import contextlib
import gzip
import json
import logging
import subprocess
import sys
import threading
import traceback
import zlib
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.certificates import self_signed
from tests.servers import (
    Reply,
    ScriptedServer,
    Seen,
    Wire,
    cut_body,
    drip,
    endless,
    gzip_bomb,
    hang_up,
    silence,
    tunnel,
)
from tokentray.clock import FixedClock, UtcSeconds
from tokentray.errors import (
    ChangedAnswerError,
    KeyRefusedError,
    NotAllowedError,
    NotThereError,
    OfflineError,
    ProviderError,
    RateLimitedError,
    RedirectedError,
    RefusedError,
    RequestRefusedError,
    UnavailableError,
)
from tokentray.log import RedactKeys, start_logging
from tokentray.net.client import USER_AGENT, KeyedChannel, Network, NetworkSettings
from tokentray.net.transport import Call, Courier
from tokentray.secret import Credential, Secret

KEY = "sk-or-v1-" + "0123456789abcdef" * 4
OUR_TIME = 1_795_000_000
CLOCK = FixedClock(UtcSeconds(OUR_TIME))
FINE = Reply(body={"data": []})


@pytest.fixture
def network() -> Iterator[Network]:
    """As it is without any settings."""
    with Network() as made:
        yield made


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def channel(network: Network, url: str, *, key: str = KEY, deadline_s: float = 60.0, path: str = "/v1") -> KeyedChannel:
    return network.channel(
        Credential(Secret(key), url),
        url + path,
        header="Authorization",
        prefix="Bearer ",
        headers={"X-Version": "7"},
        name="Example",
        deadline_s=deadline_s,
        clock=CLOCK,
    )


def in_turn(*replies: Reply) -> Callable[[Seen], Reply]:
    """Each of them once, then the last for ever."""
    left = list(replies)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def failure(ask: Callable[[], object]) -> ProviderError:
    """What asking raises; with all that hangs on it, it shows nothing of the key."""
    with pytest.raises(ProviderError) as caught:
        ask()
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    for form in (KEY, KEY[9:], base64.b64encode(KEY.encode()).decode(), KEY.encode().hex()):
        assert form not in shown
    assert caught.value.title
    assert len(str(caught.value).splitlines()) == 1
    assert "Example" in str(caught.value) or "127.0.0.1" in str(caught.value)
    return caught.value


# What is sent, and what comes back


def test_a_request_names_us_and_carries_the_key_in_its_header(network: Network) -> None:
    """Nothing of the key stands in the address."""
    with ScriptedServer(lambda _: Reply(body=b'{"a": [1, 2.50, 1e2, null]}')) as server:
        asked = channel(network, server.url)
        params = [("starting_at", "2026-11-01T00:00:00+00:00"), ("group_by[]", "model"), ("group_by[]", "a b&c")]
        assert asked.get("/usage", params, {"X-More": "1"}) == {"a": [1, Decimal("2.50"), Decimal("1e2"), None]}
        assert asked.post("/query", {"own": ["ü"]}) == {"a": [1, Decimal("2.50"), Decimal("1e2"), None]}
    got, posted = server.seen
    assert (got.method, got.path, got.params, got.body) == ("GET", "/v1/usage", params, b"")
    assert got.headers["authorization"] == f"Bearer {KEY}"
    assert (got.headers["user-agent"], got.headers["x-version"], got.headers["x-more"]) == (USER_AGENT, "7", "1")
    assert USER_AGENT.startswith("TokenTray/")
    assert got.headers["accept-encoding"] == "gzip"
    assert (posted.method, posted.path, posted.json) == ("POST", "/v1/query", {"own": ["ü"]})
    assert posted.headers["content-type"] == "application/json"
    assert KEY not in got.target + posted.target
    assert server.connections == 1, "the connection is kept"


@pytest.mark.parametrize(
    ("packing", "body"),
    [
        ("gzip", gzip.compress(b'{"a": 1}')),
        ("GZIP", gzip.compress(b'{"a":' + b" " * 500_000 + b"1}")),
        ("deflate", zlib.compress(b'{"a": 1}')),
        ("deflate", zlib.compress(b'{"a": 1}', wbits=-15)),
        ("identity", b'\xef\xbb\xbf{"a": 1}'),
    ],
    ids=("gzip", "large", "deflate", "deflate-raw", "identity"),  # a packed body holds the second it was packed in
)
def test_packed_answers_are_unpacked(network: Network, packing: str, body: bytes) -> None:
    with ScriptedServer(lambda _: Reply(body=body, headers={"Content-Encoding": packing})) as server:
        assert channel(network, server.url).get("/") == {"a": 1}


def test_accounts_share_connections_but_no_cookies(network: Network) -> None:
    """What a host hands to one account does not come with the key of another."""
    with ScriptedServer(lambda _: FINE._replace(headers={"Set-Cookie": "session=1; Path=/"})) as server:
        channel(network, server.url).get("/one")
        channel(network, server.url, key="sk-other").get("/two")
    assert [seen.headers["authorization"] for seen in server.seen] == [f"Bearer {KEY}", "Bearer sk-other"]
    assert not [seen for seen in server.seen if "cookie" in seen.headers]


def test_threads_get_each_their_own_answer(network: Network) -> None:
    """Four at once, each with its own key."""
    with ScriptedServer(lambda seen: Reply(body=[seen.headers["authorization"], seen.path])) as server:
        wrong: list[object] = []
        start = threading.Barrier(4)

        def work(number: int) -> None:
            asked = channel(network, server.url, key=f"sk-{number}")
            start.wait()
            for page in range(10):
                if asked.get(f"/{page}") != [f"Bearer sk-{number}", f"/v1/{page}"]:
                    wrong.append((number, page))

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not wrong
    assert len(server.seen) == 40


def test_the_time_is_the_providers_once_it_has_told(network: Network) -> None:
    """So that a clock that is an hour off asks for no day that is not there yet."""
    date = {"Date": "Wed, 18 Nov 2026 10:00:00 GMT"}
    told = 1_794_996_000
    with ScriptedServer(in_turn(Reply(500, headers=date), FINE._replace(headers={"Date": "yesterday"}))) as server:
        asked = channel(network, server.url)
        assert asked.now_utc == OUR_TIME
        failure(lambda: asked.get("/"))
        assert told <= asked.now_utc <= told + 30
        asked.get("/")
        assert told <= asked.now_utc <= told + 30


# Answers that are none


def raw(data: bytes) -> Reply:
    """Just those bytes, and the end."""

    def talk(wire: Wire) -> None:
        wire.send(data)

    return Reply(wire=talk)


NO_ANSWERS = {
    "html": (Reply(body="<html>", headers={"Content-Type": "text/html"}), ChangedAnswerError, "login page or a proxy"),
    "html-as-json": (Reply(body=" \n<!doctype html>"), ChangedAnswerError, "login page"),
    "empty": (Reply(body=b""), ChangedAnswerError, "nothing at all"),
    "blank": (Reply(body=b" \n"), ChangedAnswerError, "nothing at all"),
    "no-content": (Reply(204), ChangedAnswerError, "nothing at all"),
    "cut-json": (Reply(body=b'{"data": ['), ChangedAnswerError, "no JSON"),
    "text": (Reply(body=b'"fine"'), ChangedAnswerError, "no JSON"),
    "number": (Reply(body=b"7"), ChangedAnswerError, "no JSON"),
    "nan": (Reply(body=b'{"a": NaN}'), ChangedAnswerError, "no JSON"),
    "infinity": (Reply(body=b'{"a": -Infinity}'), ChangedAnswerError, "no JSON"),
    "digits": (Reply(body=b"[" + b"9" * 5000 + b"]"), ChangedAnswerError, "no JSON"),
    "fraction-digits": (Reply(body=b"[0." + b"9" * 5000 + b"]"), ChangedAnswerError, "no JSON"),
    "nested": (Reply(body=b"[" * 200_000), ChangedAnswerError, "no JSON"),
    "no-utf-8": (Reply(body=b'{"a": "\xff"}'), ChangedAnswerError, "no JSON"),
    "utf-16": (Reply(body='{"a": 1}'.encode("utf-16")), ChangedAnswerError, "no JSON"),
    "twice": (Reply(body=b'{"amount": 1, "amount": 2}'), ChangedAnswerError, "no JSON"),
    "many-values": (Reply(body=b"[" + b"[]," * 2_000_000 + b"[]]"), ChangedAnswerError, "far more"),
    "unasked-packing": (Reply(body=b"x", headers={"Content-Encoding": "br"}), ChangedAnswerError, "nobody asked for"),
    "packed-twice": (
        Reply(body=gzip.compress(gzip.compress(b"[]")), headers={"Content-Encoding": "gzip, gzip"}),
        ChangedAnswerError,
        "nobody asked for",
    ),
    "not-packed": (Reply(body=b"[]", headers={"Content-Encoding": "gzip"}), ChangedAnswerError, "packed it wrongly"),
    "cut-packed": (
        Reply(body=gzip.compress(b"[1, 2, 3]")[:-9], headers={"Content-Encoding": "gzip"}),
        UnavailableError,
        "broke off",
    ),
    "not-modified": (Reply(304), ChangedAnswerError, "answered 304"),
    "cut-body": (cut_body(), UnavailableError, "broke off"),
    "hung-up": (hang_up(), UnavailableError, "broke off"),
    "no-http": (raw(b"SSH-2.0-x\r\n\r\n"), UnavailableError, "broke off"),
    "long-headers": (
        raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000),
        UnavailableError,
        "broke off",
    ),
}


@pytest.mark.parametrize("case", NO_ANSWERS)
def test_what_is_no_answer_is_said_in_words_and_the_next_is_read(network: Network, case: str) -> None:
    """One request's trouble is not the next one's."""
    reply, kind, words = NO_ANSWERS[case]
    replies = [reply, reply] if reply.wire is not None and case != "cut-body" else [reply]
    with ScriptedServer(in_turn(*replies, FINE)) as server:
        asked = channel(network, server.url)
        error = failure(lambda: asked.get("/usage"))
        assert type(error) is kind
        assert words in str(error)
        assert asked.get("/usage") == {"data": []}


def test_a_connection_that_was_given_up_is_made_anew_for_what_can_be_asked_twice(network: Network) -> None:
    """A server may hang up on a kept connection at any time; what is posted is not sent twice."""
    with ScriptedServer(in_turn(FINE, hang_up(), FINE)) as server:
        asked = channel(network, server.url)
        assert asked.get("/") == asked.get("/")
        assert len(server.seen) == 3
    with ScriptedServer(lambda _: hang_up()) as server:
        failure(lambda: channel(network, server.url).post("/", {}))
        assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("reply", "most"),
    [(endless(), 20_000_000), (endless(promised=True), 5_000_000), (gzip_bomb(), 1_000_000)],
    ids=["no length", "length said", "gzip bomb"],
)
def test_two_gigabytes_are_not_read(network: Network, reply: Reply, most: int) -> None:
    """Counted by the server: eight million bytes of a body, and what lies in the buffers on the way."""
    with ScriptedServer(lambda _: reply) as server:
        error = failure(lambda: channel(network, server.url).get("/"))
        assert type(error) is ChangedAnswerError
        assert error.title == "Answer too large"
    assert server.sent < most


@pytest.mark.parametrize(
    "reply", [silence(), drip(every_s=0.02), drip(every_s=0.02, head=True)], ids=["silence", "body", "headers"]
)
def test_the_deadline_ends_what_would_go_on_for_ever(network: Network, reply: Reply) -> None:
    """Also one byte at a time, where each byte comes in time. It holds for all requests of a channel together."""
    with ScriptedServer(lambda _: reply) as server:
        asked = channel(network, server.url, deadline_s=0.2)
        assert asked.left_s == 0.2
        for _ in range(2):
            error = failure(lambda: asked.get("/"))
            assert type(error) is UnavailableError
            assert error.title == "No answer in time"
        assert asked.left_s == 0
        assert len(server.seen) == 1, "nothing is asked any more once it is over"
        assert asked.contacted


# Statuses


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (400, RequestRefusedError, "Example said: no such group"),
        (401, KeyRefusedError, "Replace the key"),
        (402, UnavailableError, "Top up"),
        (403, NotAllowedError, "Example said: no such group"),
        (404, NotThereError, "Example said: no such group"),
        (408, UnavailableError, "answered 408"),
        (409, UnavailableError, "answered 409"),
        (415, RequestRefusedError, "no such group"),
        (422, RequestRefusedError, "no such group"),
        (429, RateLimitedError, "left alone"),
        (451, NotAllowedError, "no such group"),
        (500, UnavailableError, "answered 500"),
        (503, UnavailableError, "answered 503"),
        (524, UnavailableError, "answered 524"),
        (529, UnavailableError, "answered 529"),
    ],
)
@pytest.mark.parametrize("body", ["told", "cut", "packed wrongly"])
def test_each_status_is_its_error(
    network: Network, status: int, kind: type[ProviderError], words: str, body: str
) -> None:
    """With the provider's own sentence where it helps, and all the same where that is lost."""
    told = json.dumps({"error": {"message": "no such group"}}).encode()
    reply = Reply(status, told)
    if body == "cut":
        head = f"HTTP/1.1 {status} X\r\nContent-Length: 99\r\n\r\n".encode()
        reply = raw(head + told)
    elif body == "packed wrongly":
        reply = Reply(status, told, {"Content-Encoding": "gzip"})
    with ScriptedServer(lambda _: reply) as server:
        error = failure(lambda: channel(network, server.url).get("/"))
    assert type(error) is kind
    assert body != "told" or words in str(error)
    assert getattr(error, "retry_after_s", None) is None


@pytest.mark.parametrize(
    ("reply", "wait_s"),
    [
        (Reply(429, headers={"Retry-After": "30"}), 30),
        (Reply(503, headers={"Retry-After": "Wed, 18 Nov 2026 10:02:00 GMT"}), 120),
        (Reply(403, headers={"Retry-After": "60"}), 60),
        (Reply(403, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1794996090"}), 90),
        (Reply(403, {"message": "You have exceeded a secondary rate limit."}), None),
    ],
)
def test_how_long_to_wait_is_told_by_the_providers_clock(network: Network, reply: Reply, wait_s: int | None) -> None:
    """A limit is a limit, also where it comes as 403."""
    dated = reply._replace(headers={**reply.headers, "Date": "Wed, 18 Nov 2026 10:00:00 GMT"})
    with ScriptedServer(lambda _: dated) as server:
        error = failure(lambda: channel(network, server.url).get("/"))
    assert isinstance(error, RateLimitedError | UnavailableError)
    assert isinstance(error, RateLimitedError) == (reply.status in (403, 429))
    assert error.retry_after_s == wait_s


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": f"Incorrect API key provided: {KEY}."}},
        {"error": f"key sk-or-v1…cdef or sk-or-*******cdef: {KEY[:14]}"},
        {"message": f"Basic {base64.b64encode(KEY.encode()).decode()} {KEY.encode().hex()}"},
        {"detail": f"'{KEY}'"},
    ],
)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
def test_a_provider_that_repeats_the_key_is_not_quoted_with_it(
    network: Network, body: dict[str, object], status: int
) -> None:
    with ScriptedServer(lambda _: Reply(status, body)) as server:
        error = failure(lambda: channel(network, server.url).get("/"))
    for part in (KEY[:14], KEY[-6:], "cdef"):
        assert part not in str(error)


@pytest.mark.parametrize("reply", [{"label": KEY, "data": [f"Bearer {KEY}", KEY[:9]]}, {KEY: {"name": f"x{KEY}y"}}])
def test_an_answer_that_repeats_the_key_is_read_without_it(network: Network, reply: dict[str, object]) -> None:
    """A name, label or id goes into the history and onto the screen, so none may be the key."""
    with ScriptedServer(lambda _: Reply(200, reply)) as server:
        answer = channel(network, server.url).get("/")
    assert KEY not in str(answer)
    assert str(answer) == str(reply).replace(KEY, "[key]")


@pytest.mark.parametrize("host", [f"{KEY}.example.com", f"{KEY.upper()}.example", f"x-{KEY[-8:]}.example"])
def test_a_host_that_repeats_the_key_is_not_named(network: Network, host: str) -> None:
    """Redirects go to names that somebody else makes up."""
    with ScriptedServer(lambda _: Reply(302, headers={"Location": f"https://{host}/"})) as server:
        error = failure(lambda: channel(network, server.url).get("/"))
    assert type(error) is RedirectedError
    assert KEY[-8:].lower() not in str(error).lower()


@pytest.mark.parametrize("said", ["long " * 500, "\x1b[2Jgone\r\nTwo", ["no", "text"], {"message": {"x": 1}}, None])
def test_a_providers_words_are_short_and_printable(network: Network, said: object) -> None:
    with ScriptedServer(lambda _: Reply(400, {"error": said})) as server:
        error = failure(lambda: channel(network, server.url).get("/"))
    assert len(error.message) < 230
    assert error.message.isprintable()


# Where the key goes


def test_redirects_within_the_origin_are_followed(network: Network) -> None:
    """At most three, and only what can be asked twice."""
    reply = in_turn(*(Reply(status, headers={"Location": "/v2/usage?x=1"}) for status in (301, 307, 308)), FINE)
    with ScriptedServer(reply) as server:
        assert channel(network, server.url).get("/usage", [("q", "1")]) == {"data": []}
        assert [seen.target for seen in server.seen] == ["/v1/usage?q=1", *["/v2/usage?x=1"] * 3]
    with ScriptedServer(lambda _: Reply(302, headers={"Location": "usage"})) as server:
        error = failure(lambda: channel(network, server.url).get("/usage"))
        assert type(error) is RedirectedError
        assert len(server.seen) == 4
        failure(lambda: channel(network, server.url).post("/usage", {}))
        assert len(server.seen) == 5


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    "form", ["{other}/v1/usage?token=1", "//127.0.0.1:{port}/", "http://localhost:{mine}/", "https://127.0.0.1:{mine}/"]
)
def test_a_redirect_elsewhere_is_refused_and_nobody_there_is_asked(network: Network, method: str, form: str) -> None:
    """Another port, scheme or name is another origin; only its host is told."""
    with ScriptedServer(lambda _: FINE) as other, ScriptedServer(lambda _: Reply(status=302)) as server:
        location = form.format(other=other.url, port=other.port, mine=server.port)
        server.answer = lambda _: Reply(302, headers={"Location": location})
        asked = channel(network, server.url)
        error = failure(lambda: asked.get("/") if method == "get" else asked.post("/", {}))
        assert type(error) is RedirectedError
        assert "token" not in str(error)
        assert ("localhost" if "localhost" in form else "127.0.0.1") in error.message
        assert len(server.seen) == 1
    assert not other.seen
    assert not other.connections


@pytest.mark.parametrize(
    "location",
    ["", "http://", "https://exa mple.com/", "http://me:pw@127.0.0.1:{mine}/", "\x00", "javascript:1", "http://[::1"],
)
def test_a_redirect_to_nowhere_is_an_error_of_ours(network: Network, location: str) -> None:
    with ScriptedServer(lambda _: FINE) as server:
        server.answer = lambda _: Reply(302, headers={"Location": location.format(mine=server.port)})
        error = failure(lambda: channel(network, server.url).get("/"))
    assert isinstance(error, RedirectedError | RequestRefusedError | UnavailableError)
    assert "pw" not in str(error)
    assert not [seen for seen in server.seen if seen.headers["authorization"] != f"Bearer {KEY}"]


def test_a_key_goes_to_the_origin_it_was_given_for_and_no_other(network: Network) -> None:
    """Whatever the settings, the database or a restored backup say."""
    with ScriptedServer(lambda _: FINE) as server:
        credential = Credential(Secret(KEY), "https://api.example.com")
        with pytest.raises(RefusedError, match=r"given for https://api\.example\.com, not for http://127"):
            network.channel(credential, server.url, header="x-api-key", prefix="", name="Example", clock=CLOCK)
    assert not server.connections


@pytest.mark.parametrize(
    "path",
    ["usage", "", "@evil.example.com/", "/../admin", "/a/%2e%2e/b", "/a\\b", "/a?b=1", "/a#b", "//evil/", "/\r\n"],
)
def test_a_path_stays_below_the_base_url(network: Network, path: str) -> None:
    """As an id out of an answer might not."""
    with ScriptedServer(lambda _: FINE) as server:
        error = failure(lambda: channel(network, server.url).get(path))
        assert type(error) is RequestRefusedError
    assert not server.seen


@pytest.mark.parametrize("key", ["", "sk-a b", "sk-\n1", "sk-ключ", "sk-\x00"])
def test_a_key_that_cannot_stand_in_a_header_is_refused_unseen(network: Network, key: str) -> None:
    """Libraries would repeat it in their error."""
    with ScriptedServer(lambda _: FINE) as server:
        with pytest.raises(KeyRefusedError) as caught:
            channel(network, server.url, key=key).get("/")
        assert not key or key not in "".join(traceback.format_exception(caught.value))
    assert not server.seen


def test_what_cannot_be_reached_was_not_contacted(network: Network) -> None:
    """No network, or nobody at that port."""
    with ScriptedServer(lambda _: FINE) as server:
        url = server.url
    for base in (url, url.replace("http:", "https:"), "https://no-such-host.invalid"):
        asked = channel(network, base)
        error = failure(lambda: asked.get("/"))  # noqa: B023 - called at once
        assert type(error) is OfflineError
        assert not asked.contacted


def test_plain_http_goes_to_private_addresses_only(network: Network) -> None:
    """Whatever a name leads to when it is looked up: nothing is connected to, for a key would be shown."""
    with ScriptedServer(lambda _: FINE) as server:
        assert channel(network, f"http://localhost:{server.port}").get("/") == {"data": []}
    courier, call = Courier("", None, "", USER_AGENT), Call(5, plain=True)
    with contextlib.closing(courier), pytest.raises(OfflineError, match="is not in a private network"):
        courier.send("GET", "http://8.8.8.8/", "http://8.8.8.8", {}, None, call, "Example")
    assert not call.contacted


# Certificates and proxies

Tls = tuple[ScriptedServer, Path]
HOST = "https://api.example.test"


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[Tls]:
    """A server with a company's own certificate for 127.0.0.1 and api.example.test, and the file that has it."""
    context, file = self_signed(tmp_path, "127.0.0.1", "api.example.test")
    with ScriptedServer(lambda _: FINE, tls=context) as server:
        yield server, file


def test_a_certificate_is_trusted_by_the_persons_own_file(tls: Tls) -> None:
    """Without it the connection ends before the key is sent, and says what to do."""
    server, file = tls
    with Network() as network:
        asked = channel(network, server.url)
        error = failure(lambda: asked.get("/"))
        assert type(error) is OfflineError
        assert "network.ca_file" in error.hint
        assert "this system does not trust" in error.message
        assert asked.contacted
    assert not server.seen
    with Network(NetworkSettings(ca_file=str(file))) as network:
        assert channel(network, server.url).get("/") == {"data": []}
        error = failure(lambda: channel(network, server.url.replace("127.0.0.1", "localhost")).get("/"))
        assert "shows one of another host" in error.message
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read"),
        (b"", "holds no certificate"),
        (b"# none\n", "holds no certificate"),
        ("", "is no file"),
    ],
)
def test_a_file_that_is_no_certificate_is_named_by_its_setting(tmp_path: Path, content: object, words: str) -> None:
    file = tmp_path / "company.pem"
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content == "":
        file.mkdir()
    with Network(NetworkSettings(ca_file=str(file))) as network, pytest.raises(ProviderError) as caught:
        channel(network, "https://127.0.0.1:9").get("/")
    assert f"the file of network.ca_file {words}" in caught.value.message
    assert str(tmp_path) not in str(caught.value)


def test_the_environment_weakens_no_connection(tls: Tls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What other programs take as leave to trust, to write down keys, or to log in otherwise, means nothing here."""
    server, file = tls
    (tmp_path / "netrc").write_text("default login somebody password else\n")
    named = {
        "PYTHONHTTPSVERIFY": "0",
        "REQUESTS_CA_BUNDLE": str(file),
        "CURL_CA_BUNDLE": str(file),
        "SSLKEYLOGFILE": str(tmp_path / "keys"),
        "NETRC": str(tmp_path / "netrc"),
    }
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    with Network() as network:
        assert type(failure(lambda: channel(network, server.url).get("/"))) is OfflineError
    assert not server.seen
    with Network(NetworkSettings(ca_file=str(file))) as network:
        channel(network, server.url).get("/")
    assert server.seen[0].headers["authorization"] == f"Bearer {KEY}"
    assert not (tmp_path / "keys").exists()


def test_a_server_without_tls_is_no_secure_connection(network: Network) -> None:
    with ScriptedServer(lambda _: FINE) as server:
        error = failure(lambda: channel(network, server.url.replace("http:", "https:")).get("/"))
        assert type(error) is UnavailableError
    assert not server.seen


def through(proxy: str, file: Path, password: str = "") -> Network:
    return Network(NetworkSettings(proxy, Secret(password) if password else None, str(file)))


def test_an_own_proxy_makes_a_tunnel_and_sees_no_key(tls: Tls, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its password goes to it alone; neither the system's proxies nor their exceptions count then."""
    server, file = tls
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "*")
    with ScriptedServer(lambda _: tunnel(server.port)) as proxy:
        address = proxy.url.replace("//", "//ad%40@")
        with through(address, file, "made up: ☂") as network:
            assert channel(network, HOST).get("/usage") == {"data": []}
            assert channel(network, HOST).get("/usage") == {"data": []}
    (seen,) = proxy.seen
    assert (seen.method, seen.target) == ("CONNECT", "api.example.test:443")
    assert seen.headers["proxy-authorization"] == "Basic " + base64.b64encode("ad@:made up: ☂".encode()).decode()
    assert KEY not in str(seen)
    assert [seen.path for seen in server.seen] == ["/v1/usage", "/v1/usage"]
    assert not [seen for seen in server.seen if "proxy-authorization" in seen.headers]


def test_the_systems_proxy_is_used_unless_it_says_not_to(tls: Tls, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read anew for each request: a laptop is carried from one network to the next."""
    server, file = tls
    with ScriptedServer(lambda _: tunnel(server.port)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("//", "//ada:made-up@"))
        with through("", file) as network:
            channel(network, HOST).get("/usage")
            assert proxy.seen[0].headers["proxy-authorization"].startswith("Basic ")
            monkeypatch.setenv("NO_PROXY", "localhost, .example.test")
            assert type(failure(lambda: channel(network, HOST).get("/usage"))) is OfflineError
            monkeypatch.delenv("NO_PROXY")
            channel(network, server.url).get("/usage")
        with through("none", file) as network:
            assert type(failure(lambda: channel(network, HOST).get("/usage"))) is OfflineError
    assert len(proxy.seen) == 1, "neither the exceptions nor this machine were asked through it"
    assert len(server.seen) == 2


def test_plain_http_never_goes_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would show the key to it."""
    with ScriptedServer(lambda _: FINE) as proxy, ScriptedServer(lambda _: FINE) as server:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        for setting in ("", proxy.url):
            with Network(NetworkSettings(setting)) as network:
                channel(network, server.url).get("/usage")
    assert len(server.seen) == 2
    assert not proxy.connections


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(407, headers={"Proxy-Authenticate": "Basic"}), "settings proxy-password"),
        (Reply(403), "it does not lead to Example (403)"),
        (Reply(502), "it does not lead to Example (502)"),
        (hang_up(), "broke off"),
    ],
)
def test_a_proxy_that_refuses_is_named(tls: Tls, reply: Reply, words: str) -> None:
    server, file = tls
    with (
        ScriptedServer(lambda _: reply) as proxy,
        through(proxy.url.replace("//", "//ada@"), file, "made-up") as network,
    ):
        error = failure(lambda: channel(network, HOST).get("/usage"))
        assert words in str(error)
        assert "made-up" not in "".join(traceback.format_exception(error))
    assert not server.seen


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "nonsense://x", "http://127.0.0.1:99999", "http://"])
def test_a_system_proxy_that_cannot_be_used_is_said(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with Network() as network, pytest.raises(OfflineError) as caught:
        channel(network, HOST).get("/usage")
    assert "Set network.proxy to http://host:port" in caught.value.hint


# What is told on


def test_no_log_record_holds_a_key_or_a_query(network: Network, caplog: pytest.LogCaptureFixture) -> None:
    """At the chattiest level, whoever listens: the libraries below are silent, and we name path and status."""
    with caplog.at_level(logging.DEBUG), ScriptedServer(in_turn(FINE, Reply(401), cut_body())) as server:
        asked = channel(network, server.url)
        asked.get("/usage", [("email", "ada@example.com")])
        failure(lambda: asked.get("/usage"))
        failure(lambda: asked.get("/usage"))
    assert {record.name for record in caplog.records} == {"tokentray.net.client"}
    assert [record.getMessage().partition(",")[0] for record in caplog.records] == [
        "GET 127.0.0.1/v1/usage: 200",
        "GET 127.0.0.1/v1/usage: 401",
        "GET 127.0.0.1/v1/usage: failed",
    ]
    text = "".join(f"{vars(record)!r}" for record in caplog.records)
    assert KEY not in text
    assert "ada" not in text


def test_a_key_that_was_used_never_reaches_the_log_file(network: Network, tmp_path: Path) -> None:
    """The second net: also one of a shape that nobody knows, in a traceback, and in base64 or hex."""
    key = "Zx7q.made+up/for=this_test"
    logger = logging.getLogger("tokentray")
    before = list(logger.handlers), logger.level
    start_logging(tmp_path / "tokentray.log", debug=True)
    try:
        with ScriptedServer(lambda _: FINE) as server:
            channel(network, server.url, key=key).get("/")
        forms = [key, key.encode().hex(), *(base64.b64encode(b"x" * n + key.encode()).decode() for n in range(3))]
        for form in forms:
            logger.warning("it was %s, said the server", form)
        try:
            raise ValueError(f"bad header {key!r}")
        except ValueError:
            logger.exception("a bug")
        logger.warning("sk-proj-%s", "0" * 30)
    finally:
        for handler in [one for one in logger.handlers if one not in before[0]]:
            logger.removeHandler(handler)
            handler.close()
        logger.setLevel(before[1])
    text = (tmp_path / "tokentray.log").read_text("utf-8")
    assert text.count("[key]") == len(forms) + 2
    assert text.count("said the server") == len(forms)
    assert "bad header '[key]'" in text
    for form in (key, key.encode().hex(), base64.b64encode(key.encode()).decode().rstrip("=")[:-1], "0" * 30):
        assert form not in text


def test_the_filter_leaves_other_words_alone() -> None:
    record = logging.LogRecord("tokentray", logging.INFO, "", 1, "%d files of %s", (3, "codex"), None)
    assert RedactKeys().filter(record)
    assert (record.getMessage(), record.args) == ("3 files of codex", (3, "codex"))


def test_no_library_is_loaded_before_a_network_is_opened() -> None:
    """Status lines and reports import what names a Network, and must not wait for httpx."""
    code = (
        "import sys; import tokentray.net.client, tokentray.engine.network;"
        "print({'httpx', 'httpcore', 'truststore', 'ssl', 'keyring'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
