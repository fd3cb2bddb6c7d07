"""Which columns of a table stand where, and how wide: what the person chose, kept by the ids of the columns, so that it
holds over all views. Pure.
"""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from tokentray.report import Column, ColumnKind

_MOST = 300
"""Ids that are remembered; more come of no view."""
_NARROWEST, _WIDEST = 24, 2400
_NOTHING: Mapping[str, int] = MappingProxyType({})
_AS_THEY_ARE: Mapping[str, bool] = MappingProxyType({})


class Chosen(NamedTuple):
    """order: ids as the person put them, of all tables seen. shown: where they chose otherwise than the view does.

    widths: in pixels, of the columns they made wider or narrower themselves.
    """

    order: tuple[str, ...] = ()
    shown: Mapping[str, bool] = _AS_THEY_ARE
    widths: Mapping[str, int] = _NOTHING

    def shows(self, column: Column) -> bool:
        """Names always are: figures of nobody say nothing."""
        return column.kind is ColumnKind.NAME or self.shown.get(column.id, column.shown)

    def arranged(self, columns: Sequence[Column]) -> list[int]:
        """The places of the columns in the table, in the order they are to stand in."""
        places = {column.id: place for place, column in enumerate(columns)}
        return [places[id_] for id_ in _woven([id_ for id_ in self.order if id_ in places], places)]

    def moved(self, ids: Sequence[str]) -> "Chosen":
        """The person has put the columns of a table in this order."""
        return self._replace(order=tuple(_woven(ids, self.order)))

    def with_shown(self, column: Column, shown: bool) -> "Chosen":
        kept = {id_: choice for id_, choice in self.shown.items() if id_ != column.id}
        return self._replace(shown=kept if shown == column.shown else {**kept, column.id: shown})

    def with_width(self, column: Column, width: int) -> "Chosen":
        return self._replace(widths={**self.widths, column.id: max(_NARROWEST, min(width, _WIDEST))})

    def text(self) -> str:
        """As JSON, to be remembered between starts."""
        return json.dumps(
            {
                "order": list(self.order[:_MOST]),
                "shown": dict(list(self.shown.items())[:_MOST]),
                "widths": dict(list(self.widths.items())[:_MOST]),
            }
        )


def chosen_of(text: str) -> Chosen:
    """What was remembered. What cannot be used of it is left out: it is not worth a word to the person."""
    try:
        kept = json.loads(text)
    except (ValueError, RecursionError):
        return Chosen()
    if not isinstance(kept, dict):
        return Chosen()
    order, shown, widths = (kept.get(part) for part in ("order", "shown", "widths"))
    return Chosen(
        order=tuple(dict.fromkeys(id_ for id_ in order[:_MOST] if isinstance(id_, str)))
        if isinstance(order, list)
        else (),
        shown={id_: choice for id_, choice in shown.items() if isinstance(choice, bool)}
        if isinstance(shown, dict)
        else {},
        widths={
            id_: width
            for id_, width in widths.items()
            if isinstance(width, int) and not isinstance(width, bool) and _NARROWEST <= width <= _WIDEST
        }
        if isinstance(widths, dict)
        else {},
    )


def _woven(leading: Sequence[str], others: Sequence[str] | Mapping[str, int]) -> list[str]:
    """The leading ids as they stand, and each of the others behind the one that it follows among them."""
    result = list(leading)
    have = set(result)
    before = ""
    for id_ in others:
        if id_ not in have:
            result.insert(result.index(before) + 1 if before else 0, id_)
            have.add(id_)
        before = id_
    return result
