"""Which price table is shipped, without reading it: asked at every refresh, so it must cost nothing."""

from tokentray import assets

_HEAD_BYTES = 256
_BEFORE = b'"digest":"'


def shipped_digest() -> str:
    """The digest in the head of prices.json; another one means another table. Raises FileNotFoundError."""
    with assets.path("prices.json").open("rb") as file:
        head = file.read(_HEAD_BYTES)
    start = head.index(_BEFORE) + len(_BEFORE)
    return head[start : head.index(b'"', start)].decode("ascii")
