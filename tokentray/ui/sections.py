"""The sections of the popover but for the sources: today, the days, the month, problems."""

from PySide6.QtCore import QLocale, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from tokentray.snapshot import DayBar, Problem, ReadProgress, Snapshot
from tokentray.ui import theme
from tokentray.ui.buttons import RefreshButton, TextButton, payer_button
from tokentray.ui.chart import DayBars
from tokentray.ui.ways import LEADS_ON
from tokentray.ui.widgets import (
    GUTTER,
    Figure,
    Section,
    TextLabel,
    in_lines,
    is_click,
    is_confirmed,
    known,
    paint_focus,
)

FIRST_READ = "Reading your logs for the first time. Figures appear here as they are read."


def progress_words(progress: ReadProgress) -> str:
    """Such as "214 of 1,190 files", in the person's way of writing numbers."""
    locale = QLocale()
    if locale.language() == QLocale.Language.C:
        locale = QLocale(QLocale.Language.English)  # the C locale writes 1190 where everybody reads 1,190
    return f"{locale.toString(progress.files_done)} of {locale.toString(progress.files_total)} files"


class TodaySection(Section):
    """The amount of today in the largest type, the equivalent right under it, and how fresh it is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, ruled=False)
        self.title = TextLabel(font=theme.font(1.0, QFont.Weight.DemiBold))
        self.title.set_words("Today")
        self.as_of = TextLabel(font=theme.font(0.88), secondary=True, trailing=True, elides=True)
        self.refresh = RefreshButton()
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(0)
        head.addWidget(self.title)
        head.addWidget(self.as_of, 1)
        head.addWidget(self.refresh)
        self.progress = ProgressLine()
        self.amount = Figure(font=theme.font(2.5, QFont.Weight.DemiBold))
        self.equivalent = TextLabel(font=theme.font(1.25), elides=True)
        self.note = TextLabel(font=theme.font(0.88), secondary=True, wraps=True)
        self.payer = payer_button()
        noted = QHBoxLayout()
        noted.setContentsMargins(0, 0, 0, 0)
        noted.setSpacing(0)
        noted.addWidget(self.note, 1)
        noted.addWidget(self.payer, 0, Qt.AlignmentFlag.AlignTop)
        self.empty = TextLabel(secondary=True, wraps=True)
        self.body.addLayout(head)
        self.body.addSpacing(3)
        self.body.addWidget(self.progress)
        self.body.addSpacing(5)
        self.body.addWidget(self.amount)
        self.body.addWidget(self.equivalent)
        self.body.addSpacing(3)
        self.body.addLayout(noted)
        self.body.addWidget(self.empty)

    def show_snapshot(self, snapshot: Snapshot, room: int) -> None:
        """room: the pixels that a line may be wide."""
        nothing = snapshot.blank
        reading = snapshot.progress
        self.as_of.set_words(progress_words(reading) if reading else "" if nothing else snapshot.as_of_text)
        self.progress.show_progress(reading)
        self.equivalent.set_words(snapshot.today.equivalent_text)
        self.equivalent.setVisible(bool(snapshot.today.equivalent_text) and not nothing)
        self.note.set_words(snapshot.today.note_text)
        self.note.setVisible(bool(snapshot.today.note_text) and not nothing)
        # Once it is said for some, the rows that it is not said for have a button of their own.
        self.payer.setVisible(not snapshot.counts_spend and not nothing)
        # Where something is wrong, its own section says what: no promise of figures beside it.
        broken = any(problem.grave for problem in snapshot.problems)
        self.empty.setVisible(nothing and not broken)
        if nothing:
            words = "No figures" if broken else "Nothing read yet"
            self.amount.set_words(words)
            self.amount.setAccessibleName(f"Today: {words.lower()}")
            self.amount.setToolTip("")
            self.empty.set_words(
                FIRST_READ
                if reading
                else "Figures appear here once a coding agent has written a session log on this machine. "
                "TokenTray reads the logs of Claude Code and Codex."
            )
        else:
            self.amount.set_amount("Today", snapshot.today, snapshot.as_of_text)
            for label in (self.equivalent, self.note):
                label.setToolTip(in_lines(known(snapshot.today, snapshot.as_of_text)))
        self.amount.fit(1.6 if nothing else 2.5, room)


class ProgressLine(QProgressBar):
    """A thin line under the head. It keeps its room, so that nothing jumps when a read starts or ends."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextVisible(False)
        self.setFixedHeight(3)
        self.setAccessibleName("Reading logs")
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)

    def show_progress(self, progress: ReadProgress | None) -> None:
        self.setVisible(progress is not None)
        self.setRange(0, max(1, progress.files_total) if progress else 1)
        self.setValue(progress.files_done if progress else 0)
        self.setAccessibleDescription(progress_words(progress) if progress else "")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        del event
        shades = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        line = QRectF(self.rect()).adjusted(GUTTER, 0, -GUTTER, 0)
        painter.setBrush(shades.track)
        painter.drawRoundedRect(line, 1.5, 1.5)
        long = line.width() * self.value() / max(1, self.maximum())
        start = line.right() - long if self.layoutDirection() == Qt.LayoutDirection.RightToLeft else line.left()
        painter.setBrush(shades.accent)
        painter.drawRoundedRect(QRectF(start, line.top(), long, line.height()), 1.5, 1.5)


class ReferenceHint(Section):
    """Leads to where amounts get their measure; absent once a reference point is set."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, ruled=False)
        words = TextLabel(font=theme.font(0.92), secondary=True, elides=True)
        words.set_words("In your own time?")
        self.set = TextButton("Set your hourly rate", factor=0.92, link=True)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(words, 1)
        row.addWidget(self.set)
        self.body.addSpacing(6)
        self.body.addLayout(row)


def _span_words(days: tuple[DayBar, ...]) -> str:
    """What the bars are, "Last 30 days"; and the fainter ones, where there are any."""
    span = f"Last {len(days)} days"
    return f"{span}; fainter, what they bought at list price" if any(day.worth_permille for day in days) else span


class DaysSection(Section):
    """The bars, and under them the words for what is pointed at."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, ruled=False)
        self.bars = DayBars()
        self.caption = TextLabel(font=theme.font(0.88), secondary=True, wraps=True)
        self._rest = ""
        self.bars.named.connect(self._on_named)
        self.body.addSpacing(14)
        self.body.addWidget(self.bars)
        self.body.addSpacing(4)
        self.body.addWidget(self.caption)

    def show_days(self, days: tuple[DayBar, ...], quiet_text: str) -> None:
        """Show the bars, or what is known of earlier days where there is nothing to draw."""
        self._rest = quiet_text or _span_words(days)
        self.bars.set_days(days)
        self.bars.setVisible(not quiet_text)
        if self.bars.current() is None:
            self.caption.set_words(self._rest)

    def _on_named(self, words: str) -> None:
        self.caption.set_words(words or self._rest)


class MonthSection(Section):
    """This month's amount and equivalent. All of it leads to the month in the history window."""

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        small = theme.font(0.88)
        self.label = TextLabel(font=theme.font(1.0, QFont.Weight.DemiBold))
        self.amount = Figure(font=theme.font(1.25, QFont.Weight.DemiBold), trailing=True)
        self.note = TextLabel(font=small, secondary=True)
        self.equivalent = TextLabel(trailing=True, elides=True)
        self.long_note = TextLabel(font=small, secondary=True, wraps=True)
        self.long_note.setContentsMargins(GUTTER, 3, GUTTER, 0)
        for left, right in ((self.label, self.amount), (self.note, self.equivalent)):
            row = QHBoxLayout()
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(0)
            row.addWidget(left)
            row.addWidget(right, 1)
            self.body.addLayout(row)
        self.body.addWidget(self.long_note)
        self.body.addSpacing(3)  # between the last line and the mark around all of it
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def show_month(self, snapshot: Snapshot, room: int) -> None:
        """room: the pixels that a line may be wide."""
        month = snapshot.month
        self.label.set_words(snapshot.month_label)
        self.amount.set_amount(snapshot.month_label, month, snapshot.as_of_text)
        told = f"{known(month, snapshot.as_of_text)}\n{LEADS_ON}"
        self.amount.setAccessibleDescription(told)
        self.amount.setToolTip(in_lines(told))
        self.amount.fit(1.25, room - self.label.sizeHint().width())
        self.equivalent.set_words(month.equivalent_text)
        # An empty line would keep a height of its own, by the type it once had.
        self.equivalent.setVisible(bool(month.equivalent_text))
        self.note.set_words(month.note_text)
        self.long_note.set_words(month.note_text)
        wide = self.note.wished_width() + (self.equivalent.wished_width() if month.equivalent_text else 0)
        fits = wide <= room + 2 * GUTTER
        self.note.setVisible(bool(month.note_text) and fits)
        # The same words stand under today's amount already, so they make room for a long equivalent.
        self.long_note.setVisible(bool(month.note_text) and not fits and month.note_text != snapshot.today.note_text)
        for label in (self.label, self.note, self.long_note, self.equivalent):
            label.setToolTip(in_lines(told))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        # The amount in here has the keyboard, and leaves such keys to what it lies in; so do all texts with clicks.
        if is_confirmed(event):
            self.chosen.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        super().paintEvent(event)
        if self.underMouse():  # marked as the rows of sources are, which lead there too
            paint_focus(self, QRectF(self.rect().adjusted(0, self.label.y() - 4, 0, 0)), theme.current().track)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        event.accept()  # else the release would be another's

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        if is_click(self, event):
            self.chosen.emit()


class ProblemSign(QWidget):
    """A triangle with a mark of exclamation for a failure, an i in a circle for a remark: a shape, so that the
    red is never alone.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grave = True
        self.setFixedSize(18, 18)

    def show_grave(self, grave: bool) -> None:
        self.grave = grave
        self.setAccessibleName("Problem" if grave else "Remark")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        return QSize(18, 18)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        del event
        shades = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(shades.failure if self.grave else shades.secondary, 1.5)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        if self.grave:
            sign = QPainterPath(QPointF(9, 2.5))
            sign.lineTo(16, 15)
            sign.lineTo(2, 15)
            sign.closeSubpath()
            painter.drawPath(sign)
            painter.drawLine(QPointF(9, 7), QPointF(9, 10.2))
            painter.drawPoint(QPointF(9, 12.6))
        else:
            painter.drawEllipse(QPointF(9, 9), 6.8, 6.8)
            painter.drawPoint(QPointF(9, 5.9))
            painter.drawLine(QPointF(9, 8.7), QPointF(9, 12.3))


class ProblemRow(QWidget):
    """What failed, on what and why, and what to do next, in the words used everywhere."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = TextLabel(font=theme.font(1.0, QFont.Weight.DemiBold), wraps=True)
        self.message = TextLabel(font=theme.font(0.92), wraps=True)
        self.hint = TextLabel(font=theme.font(0.92), secondary=True, wraps=True)
        words = QVBoxLayout()
        words.setSpacing(2)
        for label in (self.title, self.message, self.hint):
            words.addWidget(label)
        box = QHBoxLayout(self)
        box.setContentsMargins(GUTTER, 3, 0, 6)
        box.setSpacing(4)
        self.sign = ProblemSign()
        box.addWidget(self.sign, 0, Qt.AlignmentFlag.AlignTop)
        box.addLayout(words, 1)

    def show_problem(self, problem: Problem) -> None:
        self.sign.show_grave(problem.grave)
        for label, text in (
            (self.title, problem.title),
            (self.message, problem.message),
            (self.hint, problem.hint),
        ):
            label.set_words(text)
            label.setVisible(bool(text))
        self.setAccessibleName(". ".join(part for part in (problem.title, problem.message, problem.hint) if part))


class ProblemsSection(Section):
    """All that failed, and below it what is merely worth knowing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[ProblemRow] = []

    def rows(self) -> list[ProblemRow]:
        """The rows shown."""
        return [row for row in self._rows if not row.isHidden()]

    def show_problems(self, problems: tuple[Problem, ...]) -> None:
        problems = tuple(sorted(problems, key=lambda problem: not problem.grave))
        while len(self._rows) < len(problems):
            self._rows.append(ProblemRow(self))
            self.body.addWidget(self._rows[-1])
        for row, problem in zip(self._rows, problems, strict=False):
            row.show_problem(problem)
            row.show()
        for row in self._rows[len(problems) :]:
            row.hide()
