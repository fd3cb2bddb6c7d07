"""From a document to the pages of a PDF: which part stands where, and where a page ends.

An ordinary month is one page: with what the document calls detail where there is room, else without. What does not fit
in any look has everything in it, on as few pages as that needs in a look that reads well.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tokentray.export.document import Block, ChartBlock, Document, ListBlock, TableBlock
from tokentray.export.pdf_shapes import LOOKS, Bookmark, Item, Look, Picture, Strip, Words, beside, moved, stacked
from tokentray.export.pdf_table import Setter
from tokentray.export.pdf_type import Type

_SIDE, _TOP, _BOTTOM = 48.0, 38.0, 40.0
_FOOT = 23.0
"""From the lower edge to the baseline of what stands at the foot."""
_BETWEEN = 24.0
_WHOLE = ("source",)
"""Tables that get the whole width, so that all columns are shown at least once."""
_SMALL_PRINT = ("known",)
_FOLLOWS = {"plans": "parts"}
"""A short table that stands beside another one, to that other."""
_INDENT = 9.0
_CHART = 0.38
"""Of the width, for the chart beside what leads."""
_CHOICES = (*((look, True) for look in LOOKS[:2]), *((look, False) for look in LOOKS))
"""What a single page is tried with, the first one that fits is taken."""
_SEVERAL = LOOKS[1:4]
"""What several pages are tried with: the first one of those with the fewest pages is taken."""


class Paper(NamedTuple):
    """In points."""

    wide: float
    tall: float


def pages(document: Document, type_: Type, paper: Paper, point: str, name: str) -> list[list[Item]]:
    """What stands on each page. point: the decimal point of the figures. name: of the program, for the foot."""
    for look, detailed in _CHOICES:
        plan = _Plan(document, type_, look, paper, point)
        found = plan.filled(plan.strips(detailed=detailed))
        if len(found) == 1:
            break
    else:
        plans = (_Plan(document, type_, look, paper, point) for look in _SEVERAL)
        found = min((plan.filled(plan.strips(detailed=True)) for plan in plans), key=len)
    return [_footed(page, document, type_, paper, name, at, len(found)) for at, page in enumerate(found, 1)]


class _Plan:
    def __init__(self, document: Document, type_: Type, look: Look, paper: Paper, point: str) -> None:
        self._document = document
        self._type = type_
        self._look = look
        self._tables = Setter(type_, look, point)
        self._wide = paper.wide - 2 * _SIDE
        self._half = (self._wide - _BETWEEN) / 2
        self._tall = paper.tall - _TOP - _BOTTOM

    def strips(self, *, detailed: bool) -> list[Strip]:
        """Everything from the title to the last sentence, gaps included."""
        found = list(self._opening())
        for group in self._groups(_ordered(self._document.blocks, detailed=detailed)):
            for part in self._group(group):
                found += [Strip(self._look.gap, space=True), *part]
        return found

    def filled(self, strips: Sequence[Strip]) -> list[list[Item]]:
        """Strips put onto pages."""
        result: list[list[Item]] = [[]]
        used = 0.0
        at = 0
        while at < len(strips):
            end = at + 1
            while strips[end - 1].keeps and end < len(strips):
                end += 1
            chain = strips[at:end]
            if used and used + sum(strip.tall for strip in chain) > self._tall:
                result.append([])
                used = 0.0
                while chain and chain[0].space:
                    chain = chain[1:]
                chain = [*(chain[0].again if chain else ()), *chain]
            for strip in chain:
                result[-1] += moved(strip.items, _SIDE, _TOP + used)
                used += strip.tall
            at = end
        return [page for page in result if page]

    def _opening(self) -> Iterator[Strip]:
        """Title, status and amount with what must be known at once, the chart of the days at their right."""
        made, look, type_ = self._document, self._look, self._type
        chart = next((block for block in made.blocks if isinstance(block, ChartBlock)), None)
        narrow = self._wide * _CHART
        wide = self._wide - narrow - _BETWEEN if chart else self._wide
        title = type_.elide(type_.clean(made.title), wide, look.title, bold=True)
        strips = [Strip(look.title * 1.3, (Bookmark(0, 0, title), Words(0, look.title, title, look.title, bold=True)))]
        if made.status:
            strips += self._paragraph(made.status, look.text, wide, bold=True)
        strips += self._amount(wide)
        for sentence in made.sentences:
            strips += self._paragraph(sentence, look.text, wide)
        said = stacked(strips)
        if chart is None:
            yield said
        else:
            picture = stacked(self._picture(chart, narrow, max(look.chart, min(said.tall, look.chart * 1.6))))
            yield beside([said], [picture], wide + _BETWEEN)
        if made.changed:
            yield Strip(look.gap / 2, space=True)
            yield from self._sentences(made.changed, look.text, self._wide)

    def _amount(self, wide: float) -> Iterator[Strip]:
        """What leads, and beside it, or below where it does not fit, what it is."""
        look, type_ = self._look, self._type
        amount, said = type_.clean(self._document.amount), type_.clean(self._document.said)
        size = look.amount
        while type_.measure(amount, size, bold=True) > wide and size > look.title:
            size -= 1
        first, *more = type_.wrap(amount, wide, size, bold=True)
        items = [Words(0, size, first, size, bold=True)]
        end = type_.measure(first, size, bold=True) + look.amount * 0.28
        aside = not more and end + type_.measure(said, look.title * 0.9) <= wide
        if aside:
            items.append(Words(end, size, said, look.title * 0.9))
        yield Strip(size * 1.32, tuple(items))
        for line in more:
            yield Strip(size * 1.32, (Words(0, size, line, size, bold=True),))
        if said and not aside:
            yield from self._paragraph(self._document.said, look.title * 0.9, wide)
            yield Strip(look.text * 0.3)

    def _paragraph(self, text: str, size: float, wide: float, *, bold: bool = False) -> list[Strip]:
        lines = self._type.wrap(self._type.clean(text), wide, size, bold)
        return [Strip(self._look.line(size), (Words(0, size, line, size, bold),)) for line in lines]

    def _group(self, group: Sequence[Block]) -> list[list[Strip]]:
        """Tables beside each other where they go, everything else one below the other."""
        first = group[0]
        if isinstance(first, TableBlock):
            tables = [block for block in group if isinstance(block, TableBlock)]
            together = self._beside(tables)
            return [[together]] if together else [self._tables.alone(block, self._half, self._wide) for block in tables]
        return [self._list(first)] if isinstance(first, ListBlock) else []

    def _groups(self, blocks: Sequence[Block]) -> Iterator[list[Block]]:
        """Runs of tables that may stand beside each other, everything else alone."""
        run: list[Block] = []
        for block in blocks:
            if (
                isinstance(block, TableBlock)
                and block.id not in _WHOLE
                and self._tables.fitting([block], self._half, narrow=True)
            ):
                run.append(block)
                continue
            if run:
                yield run
            run = []
            yield [block]
        if run:
            yield run

    def _beside(self, blocks: Sequence[TableBlock]) -> Strip | None:
        """Two or more tables in two columns, cut where these are most alike in height; None where they do not fit."""
        if len(blocks) < 2:
            return None
        fitted = self._tables.fitting(blocks, self._half, narrow=True)
        if fitted is None:
            return None
        parts = [stacked(self._tables.strips(block, self._half)) for block in fitted]
        gap = Strip(self._look.gap)
        choices = [(_spaced(parts[:cut], gap), _spaced(parts[cut:], gap)) for cut in range(1, len(parts))]
        left, right = min(choices, key=lambda choice: max(sum(strip.tall for strip in half) for half in choice))
        made = beside(left, right, self._half + _BETWEEN)
        return made if made.tall <= self._tall * 0.8 else None

    def _picture(self, block: ChartBlock, wide: float, tall: float) -> list[Strip]:
        size = self._look.small
        title = Words(0, size, self._type.clean(block.title), size, ink="secondary")
        return [Strip(size * 1.3, (title,)), Strip(tall - size * 1.3, (Picture(0, 0, wide, tall - size * 1.3, block),))]

    def _list(self, block: ListBlock) -> list[Strip]:
        """Sentences, in two columns where they are small print."""
        look = self._look
        size = look.table * 1.08
        name = self._type.clean(block.title)
        title = Strip(size * 1.5, (Bookmark(0, 0, name), Words(0, size, name, size, bold=True)), keeps=True)
        if block.id not in _SMALL_PRINT:
            return [title, *self._sentences(block.sentences, look.text, self._wide)]
        columns = self._small_print(block.sentences)
        if columns.tall <= self._tall * 0.5:
            return [title, columns]
        return [title, *self._sentences(block.sentences, look.small, self._wide)]

    def _small_print(self, sentences: Sequence[str]) -> Strip:
        """Sentences in two columns, the left one no shorter."""
        size = self._look.small
        if self._look.flowing:
            each = [[line] for line in self._paragraph(" –\N{NO-BREAK SPACE}".join(sentences), size, self._half)]
        else:
            each = [self._sentences((sentence,), size, self._half) for sentence in sentences]
        heights = [sum(strip.tall for strip in strips) for strips in each]
        cut = min(range(1, len(each) + 1), key=lambda at: (max(sum(heights[:at]), sum(heights[at:])), -at))
        left, right = ([strip for strips in half for strip in strips] for half in (each[:cut], each[cut:]))
        return beside(left, right, self._half + _BETWEEN)

    def _sentences(self, sentences: Sequence[str], size: float, wide: float) -> list[Strip]:
        """Each with a dash in front, its lines a strip each; no line of a short one stands alone."""
        look, type_ = self._look, self._type
        found: list[Strip] = []
        for sentence in sentences:
            lines = type_.wrap(type_.clean(sentence), wide - _INDENT, size)
            for at, line in enumerate(lines):
                items = [Words(_INDENT, size, line, size)]
                if at == 0:
                    items.insert(0, Words(0, size, "–", size, ink="secondary"))
                last = at == len(lines) - 1
                after = size * 0.16 if last else 0.0
                keeps = not last and (at == 0 or at == len(lines) - 2)
                found.append(Strip(look.line(size) + after, tuple(items), keeps=keeps))
        return found


def _ordered(blocks: Sequence[Block], *, detailed: bool) -> list[Block]:
    """The blocks as a page has them: what is short beside what it belongs to, details at the end."""
    main = [block for block in blocks if not _is_detail(block)]
    ids = {block.id for block in main}
    result: list[Block] = []
    for block in main:
        if _FOLLOWS.get(block.id) not in ids:
            result.append(block)
            result += [other for other in main if _FOLLOWS.get(other.id) == block.id]
    return [*result, *(block for block in blocks if detailed and _is_detail(block))]


def _is_detail(block: Block) -> bool:
    return isinstance(block, TableBlock) and block.is_detail


def _spaced(strips: Sequence[Strip], gap: Strip) -> list[Strip]:
    return [one for strip in strips for one in (gap, strip)][1:]


def _footed(
    page: list[Item], document: Document, type_: Type, paper: Paper, name: str, number: int, of: int
) -> list[Item]:
    size = 7.5
    foot: list[Item] = [
        Words(_SIDE, paper.tall - _FOOT, f"{type_.clean(document.title)}, {name}", size, ink="secondary")
    ]
    if of > 1:
        text = f"{number} of {of}"
        x = paper.wide - _SIDE - type_.measure(text, size)
        foot.append(Words(x, paper.tall - _FOOT, text, size, ink="secondary"))
    return [*page, *foot]
