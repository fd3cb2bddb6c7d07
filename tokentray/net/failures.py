"""Every way in which asking a provider fails, as one of our errors: statuses, the network, and what stands between.

Words name the provider and the mend. None holds a key, a query, or more of a body than the provider's own sentence.
"""

import json
import re
from collections.abc import Mapping
from typing import NamedTuple

from tokentray.errors import (
    ChangedAnswerError,
    KeyRefusedError,
    NotAllowedError,
    NotThereError,
    OfflineError,
    ProviderError,
    RateLimitedError,
    RedirectedError,
    RequestRefusedError,
    UnavailableError,
)

LONGEST_WAIT_S = 86_400
_LONGEST_WORDS = 200
_LATER = "It is asked again later"
_NETWORK = "Check the network, or the proxy in the settings (`network.proxy`)"
_LIMITED = re.compile(r"rate.?limit|too many requests|abuse detection", re.IGNORECASE)
_BUSY = {408, 409, 423, 425}
_OUT_OF_DATE, _OF_ANOTHER_HOST = (9, 10), (62, 63, 64)
_UNLIKELY = re.compile(r"[*…•]{2,}|[A-Za-z0-9+/=_\-]{32,}")
"""What is left of a key that was starred out, and what is too long for a word."""
_SHARED = 6


class Answered(NamedTuple):
    """An answer that is no success. headers: by names in lower case. now_utc: when it was given."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    now_utc: int


def of_status(answer: Answered, name: str, key: str) -> ProviderError:
    """The error that a status stands for. key: what must not show in the provider's own words, which may repeat it."""
    status, wait_s = answer.status, retry_after_s(answer)
    said = _said(answer.body, key)
    telling = f"{name} said: {said}" if said else f"{name} answered {status}"
    if status == 401:
        # Its words are left out: they like to repeat the key, in part.
        return KeyRefusedError("Key refused", f"{name} does not know this key, or no longer", "Replace the key")
    if status == 402:
        hint = f"Top up at {name}; it is asked again later"
        return UnavailableError("Payment wanted", telling, hint, retry_after_s=wait_s)
    if status == 429 or (status == 403 and _is_limit(answer, said)):
        return RateLimitedError(
            "Asked too often", f"{name} wants to be left alone for a while", _LATER, retry_after_s=wait_s
        )
    if status in (403, 451):
        return NotAllowedError("Not allowed", telling, "Use a key that may read this")
    if status in (404, 410):
        return NotThereError("Not there", telling, "Check the address of the account")
    if status >= 500 or status in _BUSY:
        return UnavailableError("Provider in trouble", f"{name} answered {status}", _LATER, retry_after_s=wait_s)
    if status >= 400:
        return RequestRefusedError("Request refused", telling, "See whether a newer TokenTray asks otherwise")
    return ChangedAnswerError("Answer not understood", f"{name} answered {status}", "Check the address of the account")


def of_network(error: Exception, name: str, host: str) -> ProviderError:
    """The error that one of httpcore's stands for. host: whom it was to reach."""
    import ssl

    import httpcore

    # httpcore hands its cause on as an argument, and takes it off the chain on the way.
    causes = (error.__cause__, error.__context__, *error.args)
    if isinstance(error, httpcore.ProxyError):
        return _of_proxy(str(error), name)
    if isinstance(error, httpcore.TimeoutException):
        if isinstance(error, httpcore.ConnectTimeout):
            return OfflineError("Not reached", f"{name} ({host}) does not answer from here", _NETWORK)
        return too_slow(name)
    refused = next((cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)), None)
    if refused is not None:
        return _of_certificate(getattr(refused, "verify_code", 0), f"{name} ({host})")
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return UnavailableError("No secure connection", f"{name} ({host}) speaks no TLS that is understood", _LATER)
    if isinstance(error, httpcore.ConnectError):
        return OfflineError("Not reached", f"{name} ({host}) cannot be reached from here", _NETWORK)
    return UnavailableError("Answer cut", f"{name} broke off", _LATER)


def retry_after_s(answer: Answered) -> int | None:
    """How long the provider wants to be left alone: at least a second, at most a day; None where it does not say."""
    said = answer.headers.get("retry-after", "").strip()
    exact = _number(answer.headers.get("retry-after-ms", ""))
    reset = _number(answer.headers.get("x-ratelimit-reset", ""))
    wait_s: int | None = None
    if exact is not None:
        wait_s = -(-exact // 1000)
    elif said:
        wait_s = _number(said)
        if wait_s is None:
            until_utc = http_date(said)
            wait_s = None if until_utc is None else until_utc - answer.now_utc
    elif reset is not None and answer.status in (403, 429) and _may_be_spent(answer.headers):
        # Unix seconds at GitHub, milliseconds at OpenRouter, and at some the seconds that are left.
        reset = reset // 1000 if reset > 10**11 else reset
        wait_s = reset - answer.now_utc if reset > 10**9 else reset
    return None if wait_s is None else min(max(wait_s, 1), LONGEST_WAIT_S)


def http_date(text: str) -> int | None:
    """UTC seconds of a date as HTTP writes it, None for what is none of this century."""
    from email.utils import parsedate_to_datetime

    try:
        at_utc = int(parsedate_to_datetime(text).timestamp())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return at_utc if 1_577_836_800 <= at_utc < 4_102_444_800 else None


def too_slow(name: str) -> UnavailableError:
    """The time that there was for it is over."""
    return UnavailableError("No answer in time", f"{name} was too slow", _LATER)


def elsewhere(name: str, host: str) -> RedirectedError:
    """The way leads to another host."""
    shown = "".join(sign for sign in host if sign.isprintable())[:100] or "somewhere"
    return RedirectedError(
        "Led elsewhere",
        f"{name} sent us to {shown}, where the key does not go",
        "Check the address of the account, and whether a login page stands in between",
    )


def led_in_circles(name: str) -> RedirectedError:
    """Within the same host, but without an end."""
    return RedirectedError("Led elsewhere", f"{name} sends us on and on", "Check the address of the account")


def not_sent(name: str) -> RequestRefusedError:
    """What was to be sent is no request."""
    return RequestRefusedError("Not sent", f"{name} cannot be asked this way", "Check the address of the account")


def bad_key(name: str) -> KeyRefusedError:
    """What was given as a key cannot stand in a header."""
    return KeyRefusedError("Key refused", f"for {name}, it holds signs that no key has", "Replace the key")


def ca_file(what: str) -> ProviderError:
    """The person's own certificates cannot be used."""
    return ProviderError("Certificates not read", f"the file of network.ca_file {what}", "Mend that setting")


def _of_certificate(code: int, who: str) -> OfflineError:
    """code: OpenSSL's, where it was OpenSSL that looked."""
    title = "Certificate not trusted"
    if code in _OUT_OF_DATE:
        return OfflineError(title, f"by this clock, {who} shows one that is out of date", "Check this machine's clock")
    if code in _OF_ANOTHER_HOST:
        hint = "Check the address of the account; a login page of the network may stand in between"
        return OfflineError(title, f"{who} shows one of another host", hint)
    hint = "Where a company's proxy has a certificate of its own, name its file in the settings (`network.ca_file`)"
    return OfflineError(title, f"{who} shows one that this system does not trust", hint)


def _of_proxy(said: str, name: str) -> OfflineError:
    if said.startswith("407"):
        return OfflineError(
            "Proxy refused",
            f"it wants a user and password before it lets {name} be asked",
            "Name its user in the settings (http://USER@host:port), and give its password (`settings proxy-password`)",
        )
    status = said[:3] if said[:3].isdigit() else "no"
    return OfflineError(
        "Proxy refused", f"it does not lead to {name} ({status})", "Check the proxy in the settings (`network.proxy`)"
    )


def _is_limit(answer: Answered, said: str) -> bool:
    """Whether a 403 means "not now", as at GitHub, and not "not you"."""
    spent = answer.headers.get("x-ratelimit-remaining", "").strip() == "0"
    return spent or "retry-after" in answer.headers or _LIMITED.search(said) is not None


def _may_be_spent(headers: Mapping[str, str]) -> bool:
    return headers.get("x-ratelimit-remaining", "0").strip() in ("", "0")


def _number(text: str) -> int | None:
    digits = text.strip().partition(".")[0]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else None


def _said(body: bytes, key: str) -> str:
    """The provider's own sentence, printable and short, without anything that may be part of a key; "" for none."""
    try:
        told = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return ""
    for _ in range(3):
        if not isinstance(told, dict):
            break
        told = told.get("error") or told.get("message") or told.get("detail") or ""
    if not isinstance(told, str):
        return ""
    words = "".join(sign if sign.isprintable() else " " for sign in told[:2000]).split()
    text = " ".join("[…]" if _may_tell(word, key) else word for word in words)
    return text if len(text) <= _LONGEST_WORDS else text[: _LONGEST_WORDS - 1] + "…"


def _may_tell(word: str, key: str) -> bool:
    shared = any(word[at : at + _SHARED] in key for at in range(len(word) - _SHARED + 1))
    return shared or _UNLIKELY.search(word) is not None
