"""Which names of models and providers say nothing of who uses them: those made of the words of the price table.

A name in a log may be a path, an address, or that of a model somebody tuned for a customer. What a price pattern
accepts may still end in such a name, so each of its words is looked at.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from tokentray.prices import lookup

_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"v?\d{1,8}[a-z]?")
_BETWEEN = re.compile(r"[-._:/@\[\]=~]*")
_LONGEST = 80


def is_public_model(name: str) -> bool:
    """Whether a model's name is made of nothing but words of the price table, versions and dates."""
    return len(name) <= _LONGEST and _made_of_known(name.lower())


def is_public_provider(name: str) -> bool:
    """Whether a provider's name, as a log or a person writes it, is one of the price table."""
    return name.lower() in _providers()


def _made_of_known(name: str) -> bool:
    known = _words(lookup.table_info().digest)
    found = _WORD.findall(name)
    return (
        _BETWEEN.fullmatch(_WORD.sub("", name)) is not None
        and all(word in known or _NUMBER.fullmatch(word) for word in found)
        and any(word in known and not _NUMBER.fullmatch(word) for word in found)
    )


@lru_cache(maxsize=1)
def _words(_digest: str) -> frozenset[str]:
    """_digest: of the table, which an upgrade may replace under a running program."""
    texts = set(_providers())
    for provider, models in lookup.named():
        texts.add(provider)
        for model, match in models:
            texts.add(model.lower())
            texts.update(_literals(match))
    return frozenset(word for text in texts for word in _WORD.findall(text))


def _providers() -> frozenset[str]:
    return frozenset({provider for provider, _ in lookup.named()} | lookup.other_providers())


def _literals(tree: list[Any]) -> Iterable[str]:
    """The texts in a match tree that are no pattern of their own."""
    operator, *parts = tree
    if operator in "|&":
        for part in parts:
            yield from _literals(part)
    elif operator != "~":
        yield from parts
