"""Tables of a PDF: columns as wide as they need, decimal points under each other, rows that are never cut."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from tokentray.export.document import LEFT, Cell, Kind, TableBlock
from tokentray.export.pdf_shapes import Bookmark, Item, Look, Rule, Strip, Words
from tokentray.export.pdf_type import Type

_DROPPED = ("tokens", "requests", "equivalent", "share")
"""What a table does without where it is narrow, the first one first. Money is never left out."""
_NAME_LEAST, _NAME_WANTED = 60.0, 92.0
_MOST_LINES = 12
"""Of a text in a row, which is never cut in two; other formats have it whole."""
_GAP = 11.0
_CLOSER = (1.0, 0.92, 0.84, 0.76, 0.68, 0.6, 0.52)


class _Extent(NamedTuple):
    """Of a column: its width. tail: of what stands from the decimal point on, at most."""

    wide: float
    tail: float = 0.0


class _Place(NamedTuple):
    """Of a column: its left end and its extent."""

    x: float
    wide: float
    tail: float = 0.0


class Setter:
    """Sets tables with one Look. point: the decimal point of the figures."""

    def __init__(self, type_: Type, look: Look, point: str) -> None:
        self._type = type_
        self._look = look
        self._point = point
        self._measured: dict[int, tuple[TableBlock, list[_Extent]]] = {}
        self._tail = re.compile(rf"(?:{re.escape(point)}\d+)?[^\d{re.escape(point)}]*$")

    def fitting(self, blocks: Sequence[TableBlock], wide: float, *, narrow: bool) -> list[TableBlock] | None:
        """The tables, without columns where they are too wide, alike where they have the same; None where none fits.

        narrow: names are wanted whole rather than every column.
        """
        fitted: dict[tuple[str, ...], int] = {}
        for block in blocks:
            sort = tuple(column.id for column in block.columns[1:])
            for level in range(len(_DROPPED) + 1):
                if self._least(block, level, narrow=narrow) <= wide:
                    fitted[sort] = max(level, fitted.get(sort, 0))
                    break
            else:
                return None
        return [_without(block, fitted[tuple(column.id for column in block.columns[1:])]) for block in blocks]

    def alone(self, block: TableBlock, half: float, wide: float) -> list[Strip]:
        """A table across the page, or half of it where that will do; smaller where money needs the room."""
        if self.natural(block) <= half:
            return self.strips(block, half)
        setter = self
        for factor in _CLOSER:
            look = self._look
            setter = Setter(
                self._type,
                look._replace(table=look.table * factor, small=look.small * factor, row=look.row * factor),
                self._point,
            )
            fitted = setter.fitting([block], wide, narrow=False)
            if fitted:
                return setter.strips(fitted[0], wide)
        return setter.strips(_without(block, len(_DROPPED)), wide)

    def natural(self, block: TableBlock) -> float:
        """How wide the table is with every name whole."""
        return sum(extent.wide for extent in self._extents(block)) + _GAP * (len(block.columns) - 1)

    def strips(self, block: TableBlock, wide: float) -> list[Strip]:
        """The table at that width: its title, its heads, its rows and what stands under it."""
        look = self._look
        places = self._places(block, wide)
        title = self._titled(block.title, wide)
        heads = self._heads(block, places, wide)
        again = (self._titled(f"{block.title}, continued", wide, marked=False), heads)
        rows = [self._row(block, row, places, bold=False) for row in block.rows]
        if block.total is not None:
            total = self._row(block, block.total, places, bold=True)
            rule = Rule(0, 1.5, wide, "secondary", 0.5)
            rows.append(Strip(total.tall + 1.5, (rule, *(item._replace(y=item.y + 1.5) for item in total.items))))
        strips = [title, heads]
        for number, row in enumerate(rows):
            # the first row stays with its heads, and the last one with the row before it
            keeps = number == 0 < len(rows) - 1 or number == len(rows) - 2
            strips.append(row._replace(keeps=keeps, again=again))
        if block.notes:
            strips[-1] = strips[-1]._replace(keeps=True)
            lines = self._type.wrap(self._type.clean(" ".join(block.notes)), wide, look.small)
            words = [
                Words(0, look.small * 1.5 + at * look.line(look.small), line, look.small, ink="secondary")
                for at, line in enumerate(lines)
            ]
            strips.append(Strip(look.small * 0.5 + len(lines) * look.line(look.small), tuple(words)))
        return strips

    def _titled(self, title: str, wide: float, *, marked: bool = True) -> Strip:
        size = self._look.table * 1.08
        shown = self._type.elide(self._type.clean(title), wide, size, bold=True)
        words = Words(0, size, shown, size, bold=True)
        return Strip(size * 1.5, (Bookmark(0, 0, shown), words) if marked else (words,), keeps=True)

    def _heads(self, block: TableBlock, places: Sequence[_Place], wide: float) -> Strip:
        look = self._look
        items: list[Item] = []
        for column, place in zip(block.columns, places, strict=True):
            title = self._type.elide(self._type.clean(column.title), place.wide, look.small)
            x = place.x
            if column.kind not in LEFT:
                x += place.wide - self._type.measure(title, look.small)
            items.append(Words(x, look.small, title, look.small, ink="secondary"))
        return Strip(look.small * 1.5, (*items, Rule(0, look.small * 1.38, wide, "secondary", 0.4)), keeps=True)

    def _row(self, block: TableBlock, row: Sequence[Cell], places: Sequence[_Place], *, bold: bool) -> Strip:
        look = self._look
        first = look.row * 0.5 + look.table * 0.34
        items: list[Item] = []
        lines = 1
        for column, cell, place in zip(block.columns, row, places, strict=True):
            text = self._type.clean(cell.text)
            if column.kind in LEFT:
                broken = self._type.wrap(text, place.wide, look.table, bold)
                if column.kind is Kind.NAME and (len(broken) > 2 or " ".join(broken) != text):
                    broken = [self._type.elide(text, place.wide, look.table, bold)]
                elif len(broken) > _MOST_LINES:
                    last = self._type.elide(" ".join(broken[_MOST_LINES - 1 :]), place.wide, look.table, bold)
                    broken = [*broken[: _MOST_LINES - 1], last]
                lines = max(lines, len(broken))
                items += [
                    Words(place.x, first + at * look.line(look.table), line, look.table, bold, direction="")
                    for at, line in enumerate(broken)
                ]
            elif text:
                head = self._head(text, column.kind, bold=bold)
                wide = self._type.measure(text, look.table, bold) if head is None else head + place.tail
                items.append(Words(place.x + place.wide - wide, first, text, look.table, bold))
        return Strip(look.row + (lines - 1) * look.line(look.table), tuple(items))

    def _head(self, text: str, kind: Kind, *, bold: bool) -> float | None:
        """The width of a figure up to its decimal point, and of a dash, which stands where whole digits do.

        None for what ends with its column: words, and times, which have no point to be under each other.
        """
        if len(text) > 1:
            found = self._tail.search(text) if any(char.isdigit() for char in text) else None
            if found is None or kind is Kind.FIGURE:
                return None
            text = text[: found.start()]
        return self._type.measure(text, self._look.table, bold)

    def _least(self, block: TableBlock, level: int, *, narrow: bool) -> float:
        """The width of a table without so many columns, its names no wider than they must be."""
        wanted = _NAME_WANTED if narrow else _NAME_LEAST
        extents = self._extents(block)
        least = [
            min(extents[at].wide, wanted) if block.columns[at].kind in (Kind.NAME, Kind.TEXT) else extents[at].wide
            for at in _kept(block, level)
        ]
        return sum(least) + _GAP * (len(least) - 1)

    def _extents(self, block: TableBlock) -> list[_Extent]:
        """Of each column as it would like to be."""
        known = self._measured.get(id(block))
        if known is None or known[0] is not block:
            known = self._measured[id(block)] = block, list(self._measure(block))
        return known[1]

    def _measure(self, block: TableBlock) -> Iterator[_Extent]:
        look, type_ = self._look, self._type
        rows = [(row, False) for row in block.rows] + ([(block.total, True)] if block.total is not None else [])
        for at, column in enumerate(block.columns):
            title = type_.measure(type_.clean(column.title), look.small)
            texts = [(type_.clean(row[at].text), bold) for row, bold in rows if row[at].text]
            if column.kind in LEFT:
                yield _Extent(max((title, *(type_.measure(text, look.table, bold) for text, bold in texts))))
                continue
            wides = [type_.measure(text, look.table, bold) for text, bold in texts]
            heads = [self._head(text, column.kind, bold=bold) for text, bold in texts]
            pairs = [(wide, head) for wide, head in zip(wides, heads, strict=True) if head is not None]
            tail = max((wide - head for wide, head in pairs), default=0.0)
            yield _Extent(max((title, *wides, *(head + tail for _, head in pairs))), tail)

    def _places(self, block: TableBlock, wide: float) -> list[_Place]:
        extents = self._extents(block)
        elastic = [at for at, column in enumerate(block.columns) if column.kind in (Kind.NAME, Kind.TEXT)] or [0]
        fixed = sum(width for at, (width, _) in enumerate(extents) if at not in elastic)
        shared = _shares([extents[at][0] for at in elastic], wide - _GAP * (len(extents) - 1) - fixed)
        given = dict(zip(elastic, shared, strict=True))
        places: list[_Place] = []
        x = 0.0
        for at, (width, tail) in enumerate(extents):
            places.append(_Place(x, given.get(at, width), tail))
            x += places[-1].wide + _GAP
        return places


def _shares(wanted: Sequence[float], room: float) -> list[float]:
    """What each column gets of a room: what it wants, or its share where that is less; the last one what is over."""
    given = [0.0] * len(wanted)
    left = max(room, 0.0)
    for rank, at in enumerate(sorted(range(len(wanted)), key=lambda one: wanted[one])):
        given[at] = min(wanted[at], left / (len(wanted) - rank))
        left -= given[at]
    given[-1] += left
    return given


def _without(block: TableBlock, number: int) -> TableBlock:
    """The table without so many of the columns it can do without, of those that it has."""
    kept = _kept(block, number)
    if len(kept) == len(block.columns):
        return block

    def of(row: tuple[Cell, ...]) -> tuple[Cell, ...]:
        return tuple(row[at] for at in kept)

    return replace(
        block,
        columns=tuple(block.columns[at] for at in kept),
        rows=tuple(map(of, block.rows)),
        total=None if block.total is None else of(block.total),
    )


def _kept(block: TableBlock, number: int) -> list[int]:
    gone = [id_ for id_ in _DROPPED if any(column.id == id_ for column in block.columns[1:])][:number]
    kept = [at for at, column in enumerate(block.columns) if at == 0 or column.id not in gone]
    return kept if len(kept) > 1 else list(range(len(block.columns)))
