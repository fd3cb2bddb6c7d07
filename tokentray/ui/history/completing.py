"""What the filter box offers to complete a word with: keys, and names that reports have shown. Pure."""

from tokentray.insight.filters import ALIASES, ANYWHERE
from tokentray.report import ColumnKind, Report
from tokentray.store.usage import KEYS

_MOST_NAMES = 500
_MOST_OFFERED = 50
_LEAST_LETTERS = 2
"""Letters from which a word without a key is looked for among names."""


class Seen:
    """The names under which values of each key have been shown, the newest last."""

    def __init__(self) -> None:
        self._names: dict[str, dict[str, None]] = {}

    def take(self, report: Report) -> None:
        """Keep the names of a report's groups."""
        places = [at for at, column in enumerate(report.table.columns) if column.kind is ColumnKind.NAME]
        for row in report.table.rows[:_MOST_NAMES]:
            for (key, value), place in zip(row.keys, places, strict=False):
                if value:
                    kept = self._names.setdefault(key, {})
                    kept.pop(row.cells[place].text, None)
                    kept[row.cells[place].text] = None
        for kept in self._names.values():
            for name in list(kept)[:-_MOST_NAMES]:
                del kept[name]

    def names(self, key: str) -> list[str]:
        """Those of a key, in the order of the alphabet."""
        return sorted(self._names.get(key, ()), key=str.casefold)


def word_at(text: str, cursor: int) -> tuple[int, str]:
    """The word that ends at the cursor: where it begins, and what stands of it. Quotes keep blanks together."""
    start, quoted = 0, False
    for place, char in enumerate(text[:cursor]):
        if char == '"':
            quoted = not quoted
        elif char.isspace() and not quoted:
            start = place + 1
    return start, text[start:cursor]


def offered(word: str, seen: Seen) -> list[str]:
    """What a word could become, whole words each."""
    minus, rest = ("-", word[1:]) if word.startswith("-") else ("", word)
    key, colon, typed = rest.partition(":")
    if colon:
        name = ALIASES.get(key.lower(), key.lower())
        found = [f"{key}:{_pattern(one)}" for one in seen.names(name) if _holds(one, typed)]
    else:
        ordered = (*ANYWHERE, *(one for one in KEYS if one not in ANYWHERE))
        found = [f"{one}:" for one in ordered if one.startswith(rest.lower())]
        if len(rest) >= _LEAST_LETTERS:
            found += [f"{one}:{_pattern(name)}" for one in ANYWHERE for name in seen.names(one) if _holds(name, rest)]
    return [f"{minus}{one}" for one in found if one != rest][:_MOST_OFFERED]


def _holds(name: str, typed: str) -> bool:
    return typed.strip('"').casefold() in name.casefold()


def _pattern(name: str) -> str:
    """A name as a pattern that meets it: any one character for those that cannot be typed, in quotes where needed."""
    pattern = "".join("?" if char == '"' or not char.isprintable() else char for char in name)
    return f'"{pattern}"' if any(char.isspace() or char == ":" for char in pattern) else pattern
