"""The view of the usage: any days, grouped, split and filtered. Its figures are those that `usage` gives."""

from collections.abc import Sequence
from datetime import date

from tokentray.charts.spec import BarChart
from tokentray.engine.figures import Figures
from tokentray.engine.reports import usage_words
from tokentray.engine.reports.ground import Ground
from tokentray.engine.reports.groups import Group, Measured, grouped, read
from tokentray.engine.reports.known import Known
from tokentray.engine.reports.naming import groupings, label_of
from tokentray.engine.reports.trail import trail
from tokentray.engine.reports.usage_chart import OTHERS, ChartMaker, Ranked
from tokentray.engine.reports.usage_table import COST, REQUESTS, TOKENS, WORTH, Line, TableMaker, lines_of
from tokentray.engine.reports.view_parts import chosen_bars, in_order
from tokentray.insight import columns, filters, periods, words
from tokentray.insight.converted import landing
from tokentray.insight.filters import Filter
from tokentray.insight.tally import leading, tally
from tokentray.model import UsageRow
from tokentray.money import exact_sum
from tokentray.question import SPLITS, Measure, Question
from tokentray.report import Choice, Headline, Report, Table

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
    title = periods.title(question.period, *days)
    report = Report(
        asked,
        question,
        title=title,
        trail=trail(ground, question),
        earlier=periods.stepped(question.period, -1, ground.today, ground.known),
        later=periods.stepped(question.period, 1, ground.today, ground.known),
        groupings=groupings(question.by),
        splits=tuple(Choice(split, split.capitalize()) for split in periods.splits(*days)),
        measures=tuple(Choice(one, usage_words.MEASURES[one]) for one in _measures(ground)),
        as_of_text=ground.as_of_text,
        subject=_subject(question, days),
        days=days,
    )
    rows = read(ground, question, wanted, days)
    return _Maker(ground, question, wanted, days, rows).filled(report)


def _measures(ground: Ground) -> tuple[Measure, ...]:
    money = (Measure.SPEND, Measure.WORTH) if ground.counts_spend else (Measure.WORTH,)
    return (*money, Measure.TOKENS, Measure.REQUESTS)


def _measure(asked: Measure, ground: Ground) -> Measure:
    return asked if asked in _measures(ground) else _measures(ground)[0]


def _subject(question: Question, days: tuple[date, date]) -> str:
    """For the names of files: "usage-2026-11-by-source"."""
    first, last = (day.isoformat() for day in days)
    if periods.month_of(days[0])[0] == days[0] and first[:7] == last[:7] and days[0] != days[1]:
        span = first[:7]
    else:
        span = first if first == last else f"{first}-to-{last}"
    return "-".join(("usage", span, *(("by", *question.by) if question.by else ())))


class _Maker:
    """Makes the one report."""

    def __init__(
        self, ground: Ground, question: Question, wanted: Filter, days: tuple[date, date], rows: list[UsageRow]
    ) -> None:
        self._ground = ground
        self._wanted = wanted
        self._days = days
        self._rows = rows
        whole = ground.figures(rows)
        self._figures = whole._replace(currency=self._currency(whole, question.measure))
        home = self._figures.home
        if home.currency and not any(
            (row.cost or row.list_cost) and landing(row, home) == home.currency for row in rows
        ):
            home = home._replace(currency="")  # nothing can be told in it
        self._groups = grouped(rows, question, home)
        self._several = len({one.currency for one in self._groups}) > 1
        self._measured = Measured(question.measure, home)
        charted = [one for one in self._groups if self._is_charted(one)]
        self._ranked = Ranked(charted, self._measured, question)
        apart = Ranked([one for one in self._groups if not self._is_charted(one)], self._measured, question)
        self._apart = apart
        # Rows picked before that these days do not hold are forgotten.
        picked = {*self._ranked.picked, *apart.picked}
        self._question = question._replace(picked=tuple(one for one in question.picked if one in picked))
        self._known = Known(ground, self._figures)
        self._labels = periods.bars(*days, question.split, ground.zone)

    def _currency(self, figures: Figures, measure: Measure) -> str:
        if measure is not Measure.WORTH:
            return figures.currency
        return leading(tally(self._rows, figures.home).worth, figures.home)

    def _is_charted(self, group: Group) -> bool:
        """Amounts of another currency stand in the table alone."""
        return not self._measured.is_money or group.currency == self._figures.currency or not self._several

    def _shows(self, group: Group) -> bool:
        picked = self._question.picked
        if picked and group.id not in picked:
            return False
        return (self._ranked if self._is_charted(group) else self._apart).shows(group.id)

    def filled(self, report: Report) -> Report:
        """The report with chart, table and words."""
        question = self._question
        span = chosen_bars(question.selected, self._labels)
        bars = None if span is None else frozenset(self._labels[span[0] : span[1] + 1])
        question = question._replace(selected=None if span is None else question.selected)
        report = report._replace(question=question)
        found = [(group, rows) for group in self._groups if (rows := group.rows(bars))]
        lines = [line for line in lines_of(found, self._figures) if line.holds_anything]
        if not lines:
            report = report._replace(empty_text=self._empty_text(question))
        table = self._table(question, lines)
        shown = [line for line in lines if self._shows(line.group)]
        headline = self._headline([row for line in shown for row in line.rows])
        chart = self._chart(report.title, lines if bars is None else [], span)
        left_out = usage_words.remarks(
            self._figures,
            question,
            self._measured.is_money,
            [one for one in self._groups if self._shows(one)],
            self._labels,
        )
        return report._replace(
            headline=headline,
            chart=chart,
            table=table,
            remarks=left_out,
            spoken=report.empty_text or usage_words.spoken(chart, headline),
        )

    def _table(self, question: Question, lines: Sequence[Line]) -> Table:
        maker = TableMaker(
            self._ground, self._figures, question.by, self._known, of_worth=question.measure is Measure.WORTH
        )
        made = maker.columns()
        rows = [maker.row(line, shown=self._shows(line.group), several=self._several) for line in lines]
        names = len(question.by) or 1
        rows.sort(key=lambda row: [str(cell.value).casefold() for cell in row.cells[:names]])
        timed = bool(question.by) and question.by[0] in SPLITS
        sort, descending = question.sort, question.descending
        if sort not in {column.id for column in made}:
            sort = question.by[0] if timed else _SORTED_BY[question.measure]
            descending = not timed
        totals = maker.totals([line for line in lines if self._shows(line.group)], several=self._several)
        return Table(made, in_order(rows, made, sort, descending), totals, sort, descending)

    def _chart(self, title: str, lines: Sequence[Line], span: tuple[int, int] | None) -> BarChart:
        """lines: those of all the days, () where other ones are looked at; texts are then as in the table."""
        texts = {line.group.id: self._text(line) for line in lines}
        others = {one.id for one in self._ranked.others}
        rest = [line for line in lines if line.group.id in others]
        if rest and self._measured.is_money:
            one = tally([row for line in rest for row in line.rows], self._figures.home)
            worth = self._measured.measure is Measure.WORTH
            share = exact_sum([line.worth_share if worth else line.cost_share for line in rest])
            write = columns.worth_text if worth else columns.spend_text
            texts[OTHERS] = write(one, share, self._figures.currency, self._figures.style)
        names = {one.id: self._name(one) for one in self._ranked.own}
        maker = ChartMaker(self._figures, self._measured, self._known, self._ranked, names, texts)
        question = self._question
        return maker.chart(usage_words.chart_title(question, title), question, self._labels, self._now(), span)

    def _now(self) -> str:
        """The label of the bar that is not over yet, "" for none."""
        ground = self._ground
        if not self._days[0] <= ground.today <= self._days[1]:
            return ""
        return periods.label_at(self._question.split, ground.now_utc, ground.zone)

    def _text(self, line: Line) -> str:
        """A group's amount as the table has it."""
        figures, currency = self._figures, line.group.currency
        if self._measured.measure is Measure.SPEND:
            return columns.spend_text(line.one, line.cost_share, currency, figures.style)
        if self._measured.measure is Measure.WORTH:
            return columns.worth_text(line.one, line.worth_share, currency, figures.style)
        return ""

    def _name(self, group: Group) -> str:
        by = self._question.by
        named = [label_of(self._ground, key, value, group.rows()) for key, value in zip(by, group.values, strict=True)]
        return " · ".join(named) or usage_words.MEASURES[self._measured.measure]

    def _empty_text(self, question: Question) -> str:
        unfiltered = self._rows
        if self._wanted.terms and not unfiltered:
            keys = (question.split, *question.by, *self._wanted.keys)
            unfiltered = self._ground.usage(keys, *self._days, question.where)
        return usage_words.empty_text(self._ground, question, self._wanted, unfiltered)

    def _headline(self, rows: Sequence[UsageRow]) -> Headline:
        """What is shown, in the largest type; of tokens and requests, with the money beside them."""
        figures, measure = self._figures, self._measured.measure
        if measure is Measure.WORTH:
            amount = figures.worth(rows, note=words.WORTH)
        else:
            amount = figures.total(rows)
        if self._measured.is_money:
            return Headline(amount.amount_text, amount.equivalent_text, amount.note_text, amount.known_text)
        count = int(self._measured.sum(rows))
        noun = "token" if measure is Measure.TOKENS else "request"
        text = f"{figures.style.number(count)} {noun}{'' if count == 1 else 's'}"
        money = " · ".join(part for part in (amount.amount_text, amount.note_text) if part)
        return Headline(text, money, amount.equivalent_text, amount.known_text)
