"""The providers whose books can be read, one module each, and what can be told of a key by its looks."""

from typing import NamedTuple

from tokentray.providers.anthropic import ANTHROPIC
from tokentray.providers.base import KeyShape, Provider, Unreadable
from tokentray.providers.deepseek import DEEPSEEK
from tokentray.providers.github_copilot import GITHUB_COPILOT
from tokentray.providers.litellm_proxy import LITELLM_PROXY
from tokentray.providers.openai import OPENAI
from tokentray.providers.openrouter import OPENROUTER
from tokentray.providers.unreadable import UNREADABLE_PROVIDERS

PROVIDERS: tuple[Provider, ...] = (
    ANTHROPIC,
    OPENAI,
    OPENROUTER,
    LITELLM_PROXY,
    GITHUB_COPILOT,
    DEEPSEEK,
)
"""In the order in which they are offered."""

UNREADABLE: tuple[Unreadable, ...] = UNREADABLE_PROVIDERS
"""Those that are often asked for, with what to use instead."""


class Looks(NamedTuple):
    """A provider, by its id, and the kind of its keys that a text looks like."""

    provider: str
    shape: KeyShape


def provider(provider_id: str) -> Provider | None:
    """The provider of an id."""
    return next((one for one in PROVIDERS if one.info.id == provider_id), None)


def recognise(text: str) -> tuple[Looks, ...]:
    """Whose key a text may be, the likeliest first; none where no kind of key looks like it."""
    found = [
        Looks(one.info.id, shape) for one in PROVIDERS for shape in one.info.shapes if shape.pattern.fullmatch(text)
    ]
    found += [Looks(one.id, shape) for one in UNREADABLE for shape in one.shapes if shape.pattern.fullmatch(text)]
    first: dict[str, Looks] = {}
    for looks in found:
        first.setdefault(looks.provider, looks)
    return tuple(sorted(first.values(), key=lambda looks: not looks.shape.likely))
