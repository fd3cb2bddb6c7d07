"""The chart of the usage: bars over the split, stacked by group."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from tokentray.charts.spec import Bar, BarChart, LateText, Series, Unit, UnitKind
from tokentray.engine.figures import Figures
from tokentray.engine.reports.groups import Group, Measured
from tokentray.engine.reports.known import Known
from tokentray.engine.reports.usage_table import is_no_spend
from tokentray.engine.reports.view_parts import DASH, lines
from tokentray.insight import words
from tokentray.insight.periods import BarText, bar_texts
from tokentray.insight.tally import ZERO, tally
from tokentray.model import Caveat, UsageRow
from tokentray.money import exact_sum
from tokentray.question import Measure, Question

OTHERS = "\x1eothers"
_MOST_SERIES = 8
_MOST_IN_FULL = 62
"""Bars of which each says what every part of it comes to: of a year of days that would take as long as reading it."""
_UNPRICED = (words.NOT_PRICED, words.MOSTLY_NOT_PRICED)
NO_WORTH = "No tokens were used; fees and charges have no list price."


class Ranked:
    """Which groups have a colour of their own: the largest over all the days, those picked before the others.

    bare: those that need none, as they hold nothing; where several stand together, they stand among them.
    """

    def __init__(
        self, groups: Sequence[Group], sizes: Mapping[str, Decimal], hidden: Collection[str], picked: Collection[str]
    ) -> None:
        """sizes: by the groups' ids, of those that hold anything of what is measured. picked: those of any currency."""
        # What the person switched off or picked must be there to be switched on again.
        own = [one for one in groups if one.id in sizes or one.id in hidden or one.id in picked]
        own.sort(key=lambda one: (one.id not in picked, -sizes.get(one.id, ZERO), one.id))
        bare = [one for one in groups if not (one.id in sizes or one.id in hidden or one.id in picked)]
        several = len(own) > _MOST_SERIES + 1  # one alone needs no name for several
        # Largest first whatever is picked: nothing may go from under the pointer that picks it.
        self.own = sorted(own[:_MOST_SERIES] if several else own, key=lambda one: (-sizes.get(one.id, ZERO), one.id))
        self.others = own[_MOST_SERIES:] + bare if several else []
        self.bare = [] if several else bare
        self._left_out = {one.id for one in self.others} if OTHERS in hidden else set[str]()
        self._left_out |= {one.id for one in groups if one.id in hidden or (picked and one.id not in picked)}

    def shows(self, id_: str) -> bool:
        """Whether a group is in chart and totals."""
        return id_ not in self._left_out

    @property
    def shows_others(self) -> bool:
        """Whether any of those without a colour is."""
        return any(self.shows(one.id) for one in self.others)


class ChartMaker:
    """groups: all whose amounts are in the chart's currency, of all the days.

    names, texts, tips: by id; the last two as far as they are written already.
    """

    def __init__(
        self,
        figures: Figures,
        measured: Measured,
        known: Known,
        ranked: Ranked,
        names: dict[str, str],
        texts: dict[str, str],
        tips: dict[str, str],
    ) -> None:
        self._figures = figures
        self._measured = measured
        self._known = known
        self._ranked = ranked
        self._names = names
        self._texts = texts
        self._tips = tips
        self._others = self._by_bar(ranked.others)
        self._bare = self._by_bar(ranked.bare)

    def chart(
        self, title: str, question: Question, labels: Sequence[str], now: str, selected: tuple[int, int] | None
    ) -> BarChart:
        """now: the label of the bar that is not over yet, "" for none."""
        unit = self._unit()
        texts = bar_texts(question.split, labels)
        in_full = len(labels) <= _MOST_IN_FULL
        bars = [
            self._bar(label, text, is_open=label == now, in_full=in_full)
            for label, text in zip(labels, texts, strict=True)
        ]
        return BarChart(title, unit, self._series(question), tuple(bars), selected=selected)

    def amount_text(self, rows: Sequence[UsageRow]) -> str:
        """What rows come to in the measure, as it reads."""
        figures, measure = self._figures, self._measured.measure
        if measure is Measure.SPEND:
            one = tally(rows, figures.home)
            return DASH if is_no_spend(one) else words.spend_text(one, figures.currency, figures.style)
        if measure is Measure.WORTH:
            one = tally(rows, figures.home)
            return words.worth_text(one, figures.currency, figures.style) if one.tokens or one.worth else DASH
        return self._count_text(int(self._measured.sum(rows)))

    def _count_text(self, count: int) -> str:
        return f"{self._figures.style.number(count)} {self._noun(count)}"

    def _noun(self, count: int) -> str:
        noun = "token" if self._measured.measure is Measure.TOKENS else "request"
        return noun if count == 1 else f"{noun}s"

    def _unit(self) -> Unit:
        figures = self._figures
        if self._measured.is_money:
            return Unit(UnitKind.MONEY, figures.style, figures.currency)
        return Unit(UnitKind.COUNT, figures.style, noun=self._noun(2))

    def _series(self, question: Question) -> tuple[Series, ...]:
        ranked = self._ranked
        made = [
            Series(
                one.id,
                self._names[one.id],
                one.ink(question.by),
                self._texts.get(one.id) or self.amount_text(one.rows()),
                ranked.shows(one.id),
                self._tips.get(one.id) or self._tip(one.rows()),
            )
            for one in ranked.own
        ]
        if ranked.others:
            rows = [row for one in ranked.others for row in one.rows()]
            made.append(
                Series(
                    OTHERS,
                    f"{len(ranked.others)} others",
                    "",
                    self._texts.get(OTHERS) or self.amount_text(rows),
                    ranked.shows_others,
                    self._tip(rows),
                )
            )
        return tuple(made)

    def _by_bar(self, groups: Sequence[Group]) -> dict[str, list[UsageRow]]:
        """Rows of those that are shown together, by label: there may be ten thousand of them, and as many bars."""
        found: dict[str, list[UsageRow]] = {}
        for one in groups:
            if self._ranked.shows(one.id):
                for label, rows in one.bars.items():
                    found.setdefault(label, []).extend(rows)
        return found

    def _tip(self, rows: Sequence[UsageRow]) -> str:
        return self._known.text(rows, tally(rows, self._figures.home))

    def _bar(self, label: str, text: BarText, *, is_open: bool, in_full: bool) -> Bar:
        ranked = self._ranked
        parts = [one.bars.get(label, []) if ranked.shows(one.id) else [] for one in ranked.own]
        if ranked.others:
            parts.append(self._others.get(label, []))
        rows = [row for part in parts for row in part] + self._bare.get(label, [])
        if not rows:
            nothing = Bar(label, text.short, text.heading, text.label, (ZERO,) * len(parts), "–", "", is_open)
            return nothing._replace(tip=lines((text.label, "Nothing used and nothing paid.")))
        amounts = tuple([self._measured.sum(part) if part else ZERO for part in parts])
        spent = exact_sum(amounts)
        shown: str | LateText
        tip: str | LateText
        if in_full and self._measured.measure is Measure.SPEND:
            shown = LateText(_spend_text, self._figures, rows)
            tip = LateText(_in_full, self._figures, text.label, rows)
        else:
            said, known = self._said(rows)
            shown, tip = said[0], lines((text.label, " · ".join(part for part in said if part), known))
        incomplete = any(Caveat.PARTIAL_DAY.value in row.caveats for row in rows)
        return Bar(
            label,
            text.short,
            text.heading,
            text.label,
            amounts,
            shown,
            tip,
            is_open or incomplete,
            not spent and str(shown) in _UNPRICED,
        )

    def _said(self, rows: Sequence[UsageRow]) -> tuple[tuple[str, str], str]:
        """Amount and equivalent of a bar, and how they are known."""
        figures, measure = self._figures, self._measured.measure
        one = tally(rows, figures.home)
        known = self._known.text(rows, one)
        if not self._measured.is_money:
            return (self._count_text(one.tokens if measure is Measure.TOKENS else one.requests), ""), known
        of_worth = measure is Measure.WORTH
        if of_worth and not (one.tokens or one.worth):
            return (DASH, ""), NO_WORTH
        text = (words.worth_text if of_worth else words.spend_text)(one, figures.currency, figures.style)
        told = "" if text in _UNPRICED else figures.equivalent(rows, of_worth=of_worth).text(figures.style)
        return (text, told), known


def _spend_text(figures: Figures, rows: Sequence[UsageRow]) -> str:
    return words.spend_text(tally(rows, figures.home), figures.currency, figures.style)


def _in_full(figures: Figures, label: str, rows: Sequence[UsageRow]) -> str:
    """How the spend of a bar is known, with what each part of it comes to."""
    amount = figures.total(rows)
    said = " · ".join(part for part in (amount.amount_text, amount.equivalent_text) if part)
    return lines((label, said, amount.known_text))
