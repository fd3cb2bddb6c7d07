"""Bodies and waits, without a network: every bound, and every way in which a wait is told."""

import contextlib
import gzip
import json
import zlib
from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from tokentray.errors import ChangedAnswerError, UnavailableError
from tokentray.net.bodies import MOST_BYTES, parsed, whole
from tokentray.net.failures import LONGEST_WAIT_S, Answered, http_date, retry_after_s

NOW = 1_794_996_000  # 18 Nov 2026 10:00:00 UTC


def in_pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


@pytest.mark.parametrize("size", [1, 7, 100_000])
@pytest.mark.parametrize("packing", ["", "gzip", "deflate", "bare"])
def test_a_body_is_whole_however_it_comes(size: int, packing: str) -> None:
    """In pieces of any size; a bare deflate is told by its first byte."""
    body = json.dumps(list(range(500))).encode()
    packed = {"": body, "gzip": gzip.compress(body), "deflate": zlib.compress(body)}.get(
        packing, zlib.compress(body, wbits=-15)
    )
    encoding = "deflate" if packing == "bare" else packing
    assert whole(in_pieces(packed, size), encoding, "Example") == body


def test_the_bound_is_on_what_comes_and_on_what_it_unpacks_to() -> None:
    """To the byte."""
    for packed, encoding in ((b" " * MOST_BYTES, ""), (gzip.compress(b" " * MOST_BYTES), "gzip")):
        assert len(whole(in_pieces(packed, 65_536), encoding, "Example")) == MOST_BYTES
    for packed, encoding in ((b" " * (MOST_BYTES + 1), ""), (gzip.compress(b" " * (MOST_BYTES + 1)), "gzip")):
        with pytest.raises(ChangedAnswerError, match="far more"):
            whole(in_pieces(packed, 65_536), encoding, "Example")


@effort(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["gzip", "deflate"]), st.integers(1, 60))
def test_bytes_that_are_no_packing_are_an_error_of_ours(data: bytes, encoding: str, size: int) -> None:
    with contextlib.suppress(ChangedAnswerError, UnavailableError):
        assert isinstance(whole(in_pieces(data, size), encoding, "Example"), bytes)


@effort(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | st.text('[]{}",:0123456789.eE+-ntfu \\', max_size=40).map(str.encode))
def test_any_body_is_an_object_an_array_or_refused(body: bytes) -> None:
    """Nothing else comes out, and nothing else is raised."""
    with contextlib.suppress(ChangedAnswerError):
        assert isinstance(parsed(body, "application/json", "Example"), dict | list)


def test_a_body_that_would_swell_in_memory_is_refused() -> None:
    """By the number of its values, and by what one wide letter makes of all the others."""
    assert len(str(parsed(b'["' + b"x" * (MOST_BYTES - 4) + b'"]', "", "Example"))) == MOST_BYTES
    for body in (b"[" + b"{}," * 400_000 + b"{}]", '["😀'.encode() + b"x" * (MOST_BYTES // 2) + b'"]'):
        with pytest.raises(ChangedAnswerError, match="far more"):
            parsed(body, "application/json", "Example")


def test_numbers_are_exact() -> None:
    """No float on the way, whatever the number."""
    value = parsed(b'{"a": 0.1, "b": 12345678901234567890, "c": -0.000000000000000000001, "d": 1E3}', "", "Example")
    assert value == {
        "a": Decimal("0.1"),
        "b": 12345678901234567890,
        "c": Decimal("-0.000000000000000000001"),
        "d": Decimal("1E3"),
    }


@pytest.mark.parametrize(
    ("status", "headers", "wait_s"),
    [
        (429, {}, None),
        (429, {"retry-after": "30"}, 30),
        (429, {"retry-after": " 1.9 "}, 1),
        (429, {"retry-after": "0"}, 1),
        (429, {"retry-after": "-5"}, None),
        (429, {"retry-after": "soon"}, None),
        (429, {"retry-after": "999999999"}, LONGEST_WAIT_S),
        (429, {"retry-after": "9" * 400}, None),
        (429, {"retry-after": "٣"}, None),
        (429, {"retry-after": "Wed, 18 Nov 2026 10:00:45 GMT"}, 45),
        (429, {"retry-after": "Wed, 18 Nov 2026 09:00:00 GMT"}, 1),
        (429, {"retry-after": "Wed, 18 Nov 2099 09:00:00 GMT"}, LONGEST_WAIT_S),
        (429, {"retry-after": "Wed, 18 Nov 1926 09:00:00 GMT"}, None),
        (429, {"retry-after": "30", "retry-after-ms": "1500"}, 2),
        (429, {"x-ratelimit-reset": str(NOW + 90)}, 90),
        (429, {"x-ratelimit-reset": str((NOW + 90) * 1000)}, 90),
        (429, {"x-ratelimit-reset": "90"}, 90),
        (429, {"x-ratelimit-reset": str(NOW - 5)}, 1),
        (429, {"x-ratelimit-reset": "90", "x-ratelimit-remaining": "12"}, None),
        (403, {"x-ratelimit-reset": "90", "x-ratelimit-remaining": "0"}, 90),
        (500, {"x-ratelimit-reset": "90"}, None),
        (503, {"retry-after": "7"}, 7),
    ],
)
def test_how_long_to_wait(status: int, headers: dict[str, str], wait_s: int | None) -> None:
    """By the provider's clock, at least a second and at most a day; not at all where it cannot be read."""
    assert retry_after_s(Answered(status, headers, b"", NOW)) == wait_s


@effort(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_a_date_or_none(text: str) -> None:
    assert http_date(text) is None or isinstance(http_date(text), int)
