"""Reads the body of an answer within bounds, and takes JSON out of it. What is not JSON to the letter is refused.

Nothing of a body is put into an error.
"""

import json
import zlib
from collections.abc import Iterable
from decimal import Decimal
from typing import NoReturn

from tokentray.errors import ChangedAnswerError, UnavailableError

MOST_BYTES = 8 * 2**20
_MOST_VALUES = 400_000
"""Eight million bytes of JSON can be three million empty lists, which would take all memory there is."""
_MOST_WIDE_BYTES = MOST_BYTES // 2
"""Of a body with any letter beyond ASCII, one of which makes Python keep all others four times as wide."""
_LONGEST_NUMBER = 100
_NEWER = "See whether a newer TokenTray reads it"
_IN_BETWEEN = "A login page or a proxy may stand in between: check the address of the account and the network"
_UNPACKED = 65_536


def whole(pieces: Iterable[bytes], encoding: str, name: str, *, most_bytes: int = MOST_BYTES) -> bytes:
    """The body, unpacked. encoding: its Content-Encoding. name: whose, for the error.

    Raises ChangedAnswerError for more than most_bytes, packed or not, and for a packing that was not asked for;
    UnavailableError where it breaks off.
    """
    packing = encoding.strip().lower()
    if packing in ("", "identity"):
        return _joined(pieces, name, most_bytes)
    if packing not in ("gzip", "x-gzip", "deflate"):
        raise ChangedAnswerError("Answer not understood", f"{name} packed it in a way that nobody asked for", _NEWER)
    return _unpacked(pieces, packing, name, most_bytes)


def too_large(name: str) -> NoReturn:
    """Raise: the answer is larger than any that is meant."""
    raise ChangedAnswerError("Answer too large", f"{name} sent far more than was asked for", _NEWER)


def parsed(body: bytes, content_type: str, name: str) -> object:
    """The object or array that a body is; numbers that are not whole as Decimal. Raises ChangedAnswerError."""
    start = body[:100].lstrip()[:1]
    if not start:
        _refuse(name, "nothing at all")
    if start == b"<" or content_type.partition(";")[0].strip().lower() == "text/html":
        _refuse(name, "a web page", _IN_BETWEEN)
    values = sum(map(body.count, (b"[", b"{", b",", b":")))
    if values > _MOST_VALUES or (len(body) > _MOST_WIDE_BYTES and not body.isascii()):
        too_large(name)
    try:
        value = json.loads(
            body.decode("utf-8-sig"),
            parse_float=_decimal,
            parse_int=_whole_number,
            parse_constant=_no_number,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError):
        value = None
    # Outside of the handler, for the parser's error carries the whole text.
    if not isinstance(value, dict | list):
        _refuse(name, "what is no JSON")
    return value


def _joined(pieces: Iterable[bytes], name: str, most_bytes: int) -> bytes:
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > most_bytes:
            too_large(name)
    return bytes(body)


def _unpacked(pieces: Iterable[bytes], packing: str, name: str, most_bytes: int) -> bytes:
    body, read = bytearray(), 0
    unpacker = None
    try:
        for piece in filter(None, pieces):
            read += len(piece)
            if unpacker is None:
                # Some servers send "deflate" without the two bytes that belong before it, the first of which is known.
                bare = packing == "deflate" and piece[0] & 15 != zlib.DEFLATED
                unpacker = zlib.decompressobj(-zlib.MAX_WBITS if bare else zlib.MAX_WBITS | 32)
            rest = piece
            while rest and not unpacker.eof:
                body += unpacker.decompress(rest, _UNPACKED)
                rest = unpacker.unconsumed_tail
                if len(body) > most_bytes or read > most_bytes:
                    too_large(name)
            if unpacker.unused_data:
                raise zlib.error("more than one packed body")
        if unpacker is not None:
            body += unpacker.flush()  # what it holds back of the last piece, some hundred bytes
    except zlib.error:
        raise ChangedAnswerError("Answer not understood", f"{name} packed it wrongly", _NEWER) from None
    if unpacker is not None and not unpacker.eof:
        raise UnavailableError("Answer cut", f"{name} broke off in the middle of it", "It is asked again later")
    return bytes(body)


def _refuse(name: str, what: str, hint: str = _NEWER) -> NoReturn:
    raise ChangedAnswerError("Answer not understood", f"{name} answered {what}", hint) from None


def _decimal(text: str) -> Decimal:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError("a number that cannot be meant")
    return Decimal(text)


def _whole_number(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError("a number that cannot be meant")
    return int(text)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name that comes twice: which of them is meant cannot be told")
    return found
