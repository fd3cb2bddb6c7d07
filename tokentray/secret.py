"""A secret that hides itself, and the one origin that it may be sent to. Only `net` and `credentials` reveal one."""

import hmac
from dataclasses import dataclass
from typing import NoReturn


class Secret:
    """Text that shows itself to `reveal()` only, and cannot be pickled or copied."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself. Keep the result out of names that live long."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    __hash__ = None  # type: ignore[assignment]  # a hash would tell equal secrets from others

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not written anywhere")


@dataclass(frozen=True, slots=True)
class Credential:
    """A key and the one origin ("https://api.example.com") it may be sent to."""

    key: Secret
    origin: str
