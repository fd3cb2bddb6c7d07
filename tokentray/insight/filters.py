"""The filter box: `model:opus project:api* -agent:codex "night ferry"`. Pure; which names ids have is given.

Words are separated by blanks, all must be met; quotes keep blanks together. `key:pattern` speaks of one key, and of one
key given several times any will do; a minus before it leaves out what matches. A word without a key is looked for in
what people know use by. A pattern is found anywhere in a value or its name, whatever the case; with `*` (any text) or
`?` (one character) it is the whole of it; `key:""` is what has no value.
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from tokentray.store.usage import KEYS

ALIASES = {
    "models": "model",
    "projects": "project",
    "sources": "source",
    "plan": "payer",
    "paid-by": "payer",
    "apikey": "key",
    "api-key": "key",
    "host": "machine",
    "token": "kind",
    "tokens": "kind",
}
ANYWHERE = ("model", "project", "source", "agent", "account", "provider", "payer")
"""Keys that a word alone is looked for in. Sessions are not: their ids are so random that most short words occur."""

_WORD = re.compile(r'\s*(-?)(?:([^\s":]+):)?("[^"]*"|"[^"]*$|[^\s"]*)')


class FilterError(ValueError):
    """at: where in the text what is wrong begins, and how many characters of it there are. hint: what to do."""

    def __init__(self, message: str, hint: str, at: tuple[int, int]) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.at = at


class Term(NamedTuple):
    """keys: any of which the pattern may be met by. whole: the pattern is the value itself. excluded: what meets it
    is left out."""

    keys: tuple[str, ...]
    pattern: str
    excluded: bool = False
    whole: bool = False


class Filter(NamedTuple):
    """What was typed, understood; without terms everything passes."""

    terms: tuple[Term, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """What must be known of a row to say whether it passes."""
        return tuple(dict.fromkeys(key for term in self.terms for key in term.keys))


def parse(text: str) -> Filter:
    """Raises FilterError, in words. A pattern that is still to be typed is left out, and a quote may stay open."""
    terms: list[Term] = []
    at = 0
    while text[at:].strip():
        found = _WORD.match(text, at)
        assert found is not None, "every part of it may be empty"
        assert found.end() > at, "whatever is no blank begins a word"
        minus, key, pattern = found.groups()
        quoted = pattern.startswith('"')
        pattern = pattern.strip('"') if quoted else pattern
        keys = ANYWHERE if key is None else (_key(key, found.start(2)),)
        if pattern or (quoted and key is not None):
            terms.append(Term(keys, pattern, bool(minus), whole=quoted and not pattern))
        at = found.end()
    return Filter(tuple(terms))


def _key(text: str, at: int) -> str:
    name = text.lower()
    key = ALIASES.get(name, name)
    if key in KEYS:
        return key
    from difflib import get_close_matches  # for a slip of the fingers only

    near = get_close_matches(name, (*KEYS, *ALIASES), 1, 0.6)
    hint = f"Did you mean “{near[0]}:”?" if near else f"The keys are {', '.join(KEYS)}"
    raise FilterError(f"There is no key “{text}”", hint, (at, len(text)))


class Matcher:
    """Says which rows pass; each value is looked at once."""

    def __init__(self, of: Filter, label: Callable[[str, str], str]) -> None:
        """label: the name of a key's value, as people read it."""
        self._label = label
        self._any: dict[tuple[str, ...], list[int]] = {}
        self._patterns: list[Callable[[str], bool]] = []
        self._none: list[int] = []
        self._terms = of.terms
        self._every: list[list[int]] = []
        for number, term in enumerate(of.terms):
            self._patterns.append(_tester(term))
            if term.excluded:
                self._none.append(number)
            elif len(term.keys) > 1:  # words alone are each to be met
                self._every.append([number])
            else:
                self._any.setdefault(term.keys, []).append(number)
        self._every += self._any.values()
        self._known: dict[tuple[int, str, str], bool] = {}

    def passes(self, values: Mapping[str, str]) -> bool:
        """values: by key, of one row; a key that is not there has none."""
        return all(any(self._meets(one, values) for one in group) for group in self._every) and not any(
            self._meets(one, values) for one in self._none
        )

    def _meets(self, number: int, values: Mapping[str, str]) -> bool:
        for key in self._terms[number].keys:
            value = values.get(key, "")
            known = self._known.get((number, key, value))
            if known is None:
                test = self._patterns[number]
                known = test(value) or (bool(value) and test(self._label(key, value)))
                self._known[number, key, value] = known
            if known:
                return True
        return False


def _tester(term: Term) -> Callable[[str], bool]:
    if term.whole:
        return lambda value: not value
    pattern = term.pattern.casefold()
    if "*" not in pattern and "?" not in pattern:
        return lambda value: pattern in value.casefold()
    first, *others = ("".join("." if char == "?" else re.escape(char) for char in part) for part in pattern.split("*"))
    # What stands between two stars is found where it first occurs, and never looked for anew: else a few stars take
    # hours on a long name.
    between = "".join(f"(?>.*?{part})" for part in others[:-1] if part)
    whole = re.compile(f"{first}{between}.*{others[-1]}" if others else first, re.DOTALL)
    return lambda value: whole.fullmatch(value.casefold()) is not None
