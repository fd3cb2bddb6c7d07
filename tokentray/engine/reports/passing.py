"""What of a view passes the steps by which the person went deeper, and the filter box."""

from collections.abc import Iterator, Mapping
from datetime import date

from tokentray.engine.reports.ground import Ground
from tokentray.engine.reports.naming import label
from tokentray.engine.reports.view_parts import in_words
from tokentray.insight.filters import Filter, Matcher, parse
from tokentray.insight.words import listed
from tokentray.model import UsageRow
from tokentray.question import Question
from tokentray.store.usage import KEYS


class Passing:
    """known_by: keys that what is shown has; what speaks of others alone is left aside, and said.

    bare: what words without a key are looked for in, where it is not what they are for usage. where: the steps that are
    followed. keyed_text: what was typed where all of it speaks of known keys, else "". Raises FilterError where what
    was typed cannot be read.
    """

    def __init__(
        self,
        ground: Ground,
        question: Question,
        known_by: frozenset[str] = frozenset(KEYS),
        bare: tuple[str, ...] = (),
    ) -> None:
        typed = parse(question.text)
        keyed = [one for one in typed.terms if len(one.keys) == 1]
        terms = [one._replace(keys=bare) if bare and one not in keyed else one for one in typed.terms]
        self.where = tuple(pair for pair in question.where if pair[0] in known_by)
        whole = all(not known_by.isdisjoint(one.keys) for one in keyed) and len(keyed) == len(terms)
        self.keyed_text = question.text if whole else ""
        self._filter = Filter(tuple(one for one in terms if not known_by.isdisjoint(one.keys)))
        self._matcher = Matcher(self._filter, lambda key, value: label(ground, key, value))
        self._ground = ground
        asked = {key for key, _ in question.where}.union(*(one.keys for one in keyed))
        self._aside = sorted(asked - known_by)

    def passes(self, values: Mapping[str, str]) -> bool:
        """Whether what has these values by key is shown."""
        wanted: dict[str, set[str]] = {}
        for key, value in self.where:
            wanted.setdefault(key, set()).add(value)
        return all(values.get(key, "") in of_it for key, of_it in wanted.items()) and self._matcher.passes(values)

    def usage(self, by: tuple[str, ...], first: date, last: date) -> list[UsageRow]:
        """Rows of usage that pass, grouped by what the filter speaks of as well."""
        rows = self._ground.usage((*by, *self._filter.keys), first, last, self.where)
        if not self._filter.terms:
            return rows
        return [row for row in rows if self._matcher.passes(dict(row.keys))]

    def remarks(self, why: str) -> Iterator[str]:
        """A sentence where some of what was asked for was left aside."""
        if self._aside:
            yield f"{why}: what was asked of {in_words(listed(self._aside))} is left aside here."
