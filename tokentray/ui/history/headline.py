"""The figure of the whole report, in the largest type, with its equivalent right under it."""

from PySide6.QtGui import QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from tokentray.charts.spec import BarChart
from tokentray.insight.periods import bar_days, span_text
from tokentray.question import View
from tokentray.report import Report
from tokentray.ui import theme
from tokentray.ui.history.tips import sentence, visible
from tokentray.ui.widgets import Figure, TextLabel, in_lines

_LARGE = 2.1
_EQUIVALENT = 1.15
_SMALL = 0.92


class Headline(QWidget):
    """Two lines that keep their room, whatever they say: the figure; its equivalent, and what must be said of it."""

    def __init__(self) -> None:
        super().__init__()
        self.amount = Figure(font=theme.font(_LARGE, QFont.Weight.DemiBold))
        self.equivalent = TextLabel(font=theme.font(_EQUIVALENT))
        self.note = TextLabel(font=theme.font(_SMALL), secondary=True, elides=True)
        for label in (self.amount, self.equivalent):
            label.setFixedHeight(QFontMetrics(label.font()).height() + 2)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self.equivalent)
        below.addWidget(self.note, 1)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(0)
        lines.addWidget(self.amount)
        lines.addLayout(below)
        self.amount.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.amount.setAccessibleName("No figures yet")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_report(self, report: Report) -> None:
        """The figure, and on hover and focus how it is known and as of when."""
        headline = report.headline
        told = known_words(report)
        self.amount.set_words(headline.amount_text or "–")
        self.equivalent.set_words(headline.equivalent_text)
        self.equivalent.setVisible(bool(headline.equivalent_text))
        note = " · ".join(part for part in (only_words(report), headline.note_text) if part)
        self.note.set_words(note)
        spoken = (report.title, headline.amount_text, headline.equivalent_text, note)
        # Qt tells who hears the window that the name, and with it the figures, is another.
        self.amount.setAccessibleName(", ".join(part for part in spoken if part))
        self.amount.setAccessibleDescription(told)
        self.amount.setToolTip(in_lines(told))
        self.equivalent.setToolTip(in_lines(told))
        self.note.setToolTip(in_lines("\n".join(part for part in (note, told) if part)))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.amount.fit(_LARGE, max(1, self.width() - 12))


def only_words(report: Report) -> str:
    """Which part of the period and the rows the figure is of: "only 2 – 4 November 2026", "only 2 rows", "" for all."""
    parts, chart, question = [], report.chart, report.question
    picked = question.picked if question.view is View.USAGE else ()
    if picked:
        rows = [row for row in report.table.rows if row.id in picked]
        alone = len(picked) == 1 and rows and rows[0].cells
        parts.append(visible(rows[0].cells[0].text) if alone else f"{len(picked)} rows")
    if isinstance(chart, BarChart) and chart.selected is not None:
        first, last = (chart.bars[place] for place in chart.selected)
        if question.split == "hour":
            parts.append(first.label if first is last else f"{first.label} – {last.label}")
        else:
            days = bar_days(question.split, first.id)[0], bar_days(question.split, last.id)[1]
            shown = report.days or days
            parts.append(span_text(max(days[0], shown[0]), min(days[1], shown[1])))
    return f"only {', '.join(parts)}" if parts else ""


def known_words(report: Report) -> str:
    """How the figure of a report is known, and as of when, in lines."""
    return "\n".join(part for part in (report.headline.known_text, sentence(report.as_of_text)) if part)
