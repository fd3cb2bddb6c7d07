"""The view of the usage: any days, grouped, split and filtered. Its figures are those that `usage` gives."""

from collections.abc import Sequence
from datetime import date

from tokentray.charts.spec import BarChart
from tokentray.engine.figures import Figures
from tokentray.engine.reports import usage_words
from tokentray.engine.reports.framing import framed, split_choices
from tokentray.engine.reports.ground import Ground
from tokentray.engine.reports.groups import Group, Measured, condensed, grouped, read
from tokentray.engine.reports.known import Known
from tokentray.engine.reports.naming import groupings, label_of
from tokentray.engine.reports.usage_chart import NO_WORTH, OTHERS, ChartMaker, Ranked
from tokentray.engine.reports.usage_table import (
    COST,
    REQUESTS,
    TOKENS,
    WORTH,
    Line,
    TableMaker,
    is_no_spend,
    lines_of,
    shared_among,
)
from tokentray.engine.reports.view_parts import DASH, chosen_bars, in_order, in_words, is_shown
from tokentray.insight import columns, filters, periods, words
from tokentray.insight.converted import landing
from tokentray.insight.filters import Filter
from tokentray.insight.tally import USUAL, leading, tally
from tokentray.model import UsageRow
from tokentray.money import exact_sum
from tokentray.question import SPLITS, Measure, Question
from tokentray.report import Choice, Headline, Report, Row, Table

_SORTED_BY = {Measure.SPEND: COST, Measure.WORTH: WORTH, Measure.TOKENS: TOKENS, Measure.REQUESTS: REQUESTS}


def build(ground: Ground, asked: Question) -> Report:
    """Raises FilterError and StoreError."""
    wanted = filters.parse(asked.text)
    days = periods.days(asked.period, ground.today, ground.known)
    question = asked._replace(
        split=periods.split_for(asked.split, asked.period, *days),
        by=tuple(dict.fromkeys(asked.by)),
        measure=_measure(asked.measure, ground),
    )
    if asked.measure is Measure.LEADING and _is_worth_alone(read(ground, question, wanted, days)):
        question = question._replace(measure=Measure.WORTH)
    report = framed(ground, asked, question, days)
    report = report._replace(
        groupings=groupings(question.by),
        splits=split_choices(periods.splits(*days)),
        measures=tuple(Choice(one, usage_words.MEASURES[one]) for one in _measures(ground)),
        subject="-".join((report.subject, *(("by", *question.by) if question.by else ()))),
    )
    return _Maker(ground, question, wanted, days).filled(report)


def _measures(ground: Ground) -> tuple[Measure, ...]:
    money = (Measure.SPEND, Measure.WORTH) if ground.counts_spend else (Measure.WORTH,)
    return (*money, Measure.TOKENS, Measure.REQUESTS)


def _measure(asked: Measure, ground: Ground) -> Measure:
    return asked if asked in _measures(ground) else _measures(ground)[0]


def _is_worth_alone(rows: Sequence[UsageRow]) -> bool:
    """Whether none of it is spend, as of what a plan covers: bars of nothing would say nothing of it."""
    return any(row.list_cost for row in rows) and not any(row.cost or row.unpriced_paid_tokens for row in rows)


class _Base:
    """What is the same whatever is picked, switched off, selected or sorted: made once for all of those questions."""

    def __init__(self, ground: Ground, question: Question, wanted: Filter, days: tuple[date, date]) -> None:
        self._ground = ground
        self._question = question
        self.rows = read(ground, question, wanted, days)
        whole = ground.figures(self.rows)
        self.figures = whole._replace(currency=self._currency(whole))
        home = self.figures.home
        if home.currency and not any(
            (row.cost or row.list_cost) and landing(row, home) == home.currency for row in self.rows
        ):
            home = home._replace(currency="")  # nothing can be told in it
        self.groups = grouped(self.rows, question, home, ground.settings.currency or USUAL)
        self.ids = frozenset(one.id for one in self.groups)
        self.several = len({one.currency for one in self.groups}) > 1
        self.measured = Measured(question.measure, home)
        self.charted = [one for one in self.groups if self.is_charted(one)]
        sizes = self.measured.column([one.rows() for one in self.charted])
        self.sizes = {
            one.id: size
            for one, size in zip(self.charted, sizes, strict=True)
            if size or self.measured.holds_anything(one)
        }
        self.known = Known(ground, self.figures)
        self.labels = periods.bars(*days, question.split, ground.zone)
        self._of_worth = question.measure is Measure.WORTH or not ground.counts_spend
        self.table = TableMaker(ground, self.figures, question.by, self.known, of_worth=self._of_worth)
        self._lines: tuple[object, list[Line], list[Row]] | None = None

    def _currency(self, figures: Figures) -> str:
        if self._question.measure is not Measure.WORTH:
            return figures.currency
        return leading(tally(self.rows, figures.home).worth, figures.home)

    def is_charted(self, group: Group) -> bool:
        """Amounts of another currency stand in the table alone."""
        return not self.measured.is_money or group.currency == self.figures.currency or not self.several

    def lines(self, span: tuple[int, int] | None) -> tuple[list[Line], list[Row]]:
        """The lines of all bars or of some, by name, and their rows."""
        if self._lines is None or self._lines[0] != span:
            bars = None if span is None else frozenset(self.labels[span[0] : span[1] + 1])
            found = [(group, self._condensed(rows)) for group in self.groups if (rows := group.rows(bars))]
            every = lines_of(found, self.figures.home, of_worth=self._of_worth)
            lines = [line for line in every if line.holds_anything]
            made = [(line, self.table.row(line, several=self.several)) for line in lines]
            names = len(self._question.by) or 1
            made.sort(key=lambda pair: [str(cell.value).casefold() for cell in pair[1].cells[:names]])
            self._lines = span, [line for line, _ in made], [row for _, row in made]
        return self._lines[1:]

    def _condensed(self, rows: list[UsageRow]) -> list[UsageRow]:
        return rows if self._ground.days_matter else condensed(rows, self._question.split)


class _Maker:
    """Makes the one report."""

    def __init__(self, ground: Ground, question: Question, wanted: Filter, days: tuple[date, date]) -> None:
        self._ground = ground
        self._wanted = wanted
        self._days = days
        plain = question._replace(hidden=(), picked=(), selected=None, sort="", descending=True, outer=())
        base = ground.once(("usage", plain, days), lambda: _Base(ground, plain, wanted, days))
        self._base = base
        # Rows picked before that these days do not hold are forgotten.
        picked = tuple(one for one in question.picked if one in base.ids)
        self._span = chosen_bars(question.selected, base.labels)
        self._question = question._replace(picked=picked, selected=None if self._span is None else question.selected)
        self._ranked = Ranked(base.charted, base.sizes, frozenset(question.hidden), frozenset(picked))

    def _shows(self, group: Group) -> bool:
        if self._base.is_charted(group):
            return self._ranked.shows(group.id)
        question = self._question
        return is_shown(group.id, question.hidden, question.picked)

    def _lines(self) -> tuple[list[Line], list[Row]]:
        """The lines with their rows; where not all are shown, what is displayed of those that are adds up."""
        base = self._base
        lines, rows = base.lines(self._span)
        if all(self._shows(line.group) for line in lines):
            return lines, rows
        again = shared_among(lines, self._shows)
        made = []
        for before, line, row in zip(lines, again, rows, strict=True):
            new = row if line is before else base.table.row(line, several=base.several)
            made.append(new._replace(shown=self._shows(line.group)))
        return again, made

    def filled(self, report: Report) -> Report:
        """The report with chart, table and words."""
        base, question = self._base, self._question
        report = report._replace(question=question, subject="-".join((report.subject, *self._selected())))
        lines, rows = self._lines()
        if not lines and not (self._span is not None and base.lines(None)[0]):
            report = report._replace(empty_text=self._empty_text(question))
        shown = [line for line in lines if self._shows(line.group)]
        headline = self._headline([row for line in shown for row in line.rows]) if lines else Headline()
        chart = self._chart(report.title, *((lines, rows) if self._span is None else ([], [])))
        left_out = usage_words.remarks(
            base.figures,
            question,
            base.measured.is_money,
            [one for one in base.groups if self._shows(one)],
            base.labels,
        )
        if not lines and not report.empty_text:
            left_out = (usage_words.NOTHING_SELECTED,)
        elif base.measured.measure is Measure.SPEND:
            left_out += usage_words.of_no_spend(question.by, [line.one for line in shown])
        return report._replace(
            headline=headline,
            chart=chart,
            table=self._table(rows, shown),
            remarks=left_out,
            spoken=report.empty_text or usage_words.spoken(chart, headline),
        )

    def _selected(self) -> Sequence[str]:
        """The bars that the table is of, for the name of a file."""
        if self._span is None:
            return ()
        first, last = (self._base.labels[place] for place in self._span)
        return ("of", first) if first == last else ("of", first, "to", last)

    def _table(self, rows: Sequence[Row], shown: Sequence[Line]) -> Table:
        base, question = self._base, self._question
        columns = base.table.columns()
        timed = bool(question.by) and question.by[0] in SPLITS
        sort, descending = question.sort, question.descending
        if sort not in {column.id for column in columns}:
            sort = question.by[0] if timed else _SORTED_BY[question.measure]
            descending = not timed
        totals = base.table.totals(shown, several=base.several)
        return Table(columns, in_order(rows, columns, sort, descending), totals, sort, descending)

    def _chart(self, title: str, lines: Sequence[Line], rows: Sequence[Row]) -> BarChart:
        """lines, rows: those of all the days, empty where other ones are looked at; texts are as in the table."""
        texts = {line.group.id: self._text(line) for line in lines}
        others = {one.id for one in self._ranked.others}
        rest = [line for line in lines if line.group.id in others]
        if rest and self._base.measured.is_money:
            one = tally([used for line in rest for used in line.rows], self._base.figures.home)
            worth = self._base.measured.measure is Measure.WORTH
            share = exact_sum([line.worth_share if worth else line.cost_share for line in rest])
            write = columns.worth_text if worth else columns.spend_text
            texts[OTHERS] = write(one, share, self._base.figures.currency, self._base.figures.style)
        names = {one.id: self._name(one) for one in self._ranked.own}
        tips = {row.id: row.tip for row in rows}
        maker = ChartMaker(self._base.figures, self._base.measured, self._base.known, self._ranked, names, texts, tips)
        question = self._question
        return maker.chart(
            usage_words.chart_title(question, title), question, self._base.labels, self._now(), self._span
        )

    def _now(self) -> str:
        """The label of the bar that is not over yet, "" for none."""
        ground = self._ground
        if not self._days[0] <= ground.today <= self._days[1]:
            return ""
        return periods.label_at(self._question.split, ground.now_utc, ground.zone)

    def _text(self, line: Line) -> str:
        """A group's amount as the table has it."""
        figures, currency = self._base.figures, line.group.currency
        if self._base.measured.measure is Measure.SPEND:
            if is_no_spend(line.one):
                return DASH
            return columns.spend_text(line.one, line.cost_share, currency, figures.style)
        if self._base.measured.measure is Measure.WORTH:
            if not (line.one.tokens or line.one.worth):
                return DASH
            return columns.worth_text(line.one, line.worth_share, currency, figures.style)
        return ""

    def _name(self, group: Group) -> str:
        by = self._question.by
        named = [label_of(self._ground, key, value, group.rows()) for key, value in zip(by, group.values, strict=True)]
        return " · ".join(dict.fromkeys(named)) or usage_words.MEASURES[self._base.measured.measure]

    def _empty_text(self, question: Question) -> str:
        unfiltered = self._base.rows
        if self._wanted.terms and not unfiltered:
            keys = (question.split, *question.by, *self._wanted.keys)
            unfiltered = self._ground.usage(keys, *self._days, question.where)
        return usage_words.empty_text(self._ground, question, self._wanted, unfiltered)

    def _headline(self, rows: Sequence[UsageRow]) -> Headline:
        """What is shown, in the largest type; of tokens and requests, with the money beside them."""
        figures, measure = self._base.figures, self._base.measured.measure
        if measure is Measure.WORTH:
            amount = figures.worth(rows, note=words.WORTH)
        else:
            amount = figures.total(rows)
        known_text = in_words(amount.known_text)
        if measure is Measure.WORTH and not (amount.tokens or amount.list_cost):
            return Headline(DASH, "", amount.note_text, NO_WORTH)
        if self._base.measured.is_money:
            return Headline(amount.amount_text, amount.equivalent_text, amount.note_text, known_text)
        count = int(self._base.measured.sum(rows))
        noun = "token" if measure is Measure.TOKENS else "request"
        text = f"{figures.style.number(count)} {noun}{'' if count == 1 else 's'}"
        money = " · ".join(part for part in (amount.amount_text, amount.note_text) if part)
        return Headline(text, money, amount.equivalent_text, known_text)
