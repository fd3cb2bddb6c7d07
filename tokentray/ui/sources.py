"""The table of sources: who, today's amount, and how the month compares, on one line each.

What the person pays comes first; what is paid elsewhere, and what nobody has said who pays for, stand apart
under headings of their own, since neither is in the totals above.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from tokentray.question import Question
from tokentray.snapshot import SourceLine, SourceState, Standing
from tokentray.ui import theme
from tokentray.ui.buttons import QuietButton, TextButton, payer_button
from tokentray.ui.ways import LEADS_ON, of_source
from tokentray.ui.widgets import (
    GUTTER,
    SECONDARY,
    Section,
    TextLabel,
    decimal_tail,
    in_full,
    in_lines,
    paint_focus,
    tell_on_focus,
)

_BAR_WIDTH = 64
_COLUMN_GAP = 10
_TAG_GAP = 5
_LEAST_NAME, _FAIR_NAME = 60, 120
"""Pixels that names keep, and that long ones get: where less is left, what a plan is worth goes to a line of its
own, then the bars go.
"""
_FULL = 1000

HEADINGS = {
    Standing.ELSEWHERE: "Paid elsewhere, not counted",
    Standing.UNASSIGNED: "Worth at list price, payer not said",
}


def state_words(state: SourceState, error: str, as_of: str) -> str:
    """What a row says below its name, as of when in a line of its own: nothing while all is well."""
    if state is SourceState.FAILING:
        return "\n".join(part for part in (error or "could not be read", as_of) if part)
    if state is SourceState.STALE:
        return f"{as_of}, not read since" if as_of else "not read lately"
    if state is SourceState.NEVER:
        return "not read yet"
    return ""


@dataclass(frozen=True, slots=True)
class Columns:
    """What is right of the names, in pixels, the same for all rows.

    tail: of the amounts, from the decimal point on. tag: 0 where no row has one. last: of the bars, or of what
    plans are worth; 0 for none. below: whether the worth stands on a line of its own.
    """

    amount: int
    tail: int
    tag: int
    last: int
    below: bool


class MonthBar(QWidget):
    """A bar against the largest source's. The row says the amount; this is for the eye only."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source_id = ""
        self._permille = 0
        self.setFixedWidth(_BAR_WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)

    def show_share(self, source_id: str, permille: int) -> None:
        self._source_id, self._permille = source_id, permille
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        return QSize(_BAR_WIDTH, 8)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        del event
        shades = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        line = QRectF(0, self.height() / 2 - 3, self.width(), 6)
        painter.setBrush(shades.track)
        painter.drawRoundedRect(line, 3, 3)
        if self._permille > 0:
            long = max(6.0, line.width() * min(self._permille, _FULL) / _FULL)
            rtl = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
            start = line.right() - long if rtl else line.left()
            painter.setBrush(theme.source_color(self._source_id, shades.window))
            painter.drawRoundedRect(QRectF(start, line.top(), long, line.height()), 3, 3)


class SourceRow(QuietButton):
    """One source: a button, heard as one sentence, that leads to its history. Where an account fails, a word leads to
    its mend.
    """

    mend_asked = Signal(str)
    """The id of the source."""
    history_asked = Signal(object)
    """The Question that the row stands for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        small = theme.font(0.88)
        self.name = TextLabel(elides=True, gutter=False)
        self.amount = TextLabel(trailing=True, gutter=False)
        self.tag = TextLabel(font=small, secondary=True, gutter=False)
        self.bar = MonthBar()
        self.worth = TextLabel(font=small, secondary=True, gutter=False)
        self.worth_below = TextLabel(font=small, secondary=True, wraps=True, gutter=False)
        self.state = TextLabel(font=small, secondary=True, wraps=True, gutter=False)
        self.mend = TextButton("Mend…", factor=0.88, link=True)
        self._source_id = ""
        self._question: Question | None = None
        self._last = QWidget()
        last = QHBoxLayout(self._last)
        last.setContentsMargins(0, 0, 0, 0)
        last.setSpacing(0)
        last.addWidget(self.bar)
        last.addWidget(self.worth)
        last.addStretch(1)
        first = QHBoxLayout()
        first.setSpacing(0)
        first.addWidget(self.name, 1)
        first.addSpacing(_COLUMN_GAP)
        first.addWidget(self.amount)
        first.addWidget(self.tag)
        first.addSpacing(_COLUMN_GAP)
        first.addWidget(self._last)
        box = QVBoxLayout(self)
        box.setContentsMargins(GUTTER, 4, GUTTER, 4)
        box.setSpacing(3)
        box.addLayout(first)
        box.addWidget(self.worth_below)
        below = QHBoxLayout()
        below.setSpacing(_COLUMN_GAP)
        below.addWidget(self.state, 1)
        below.addWidget(self.mend, 0, Qt.AlignmentFlag.AlignTop)
        box.addLayout(below)
        self.mend.hide()
        self.clicked.connect(lambda: self.history_asked.emit(self._question))
        self.mend.clicked.connect(lambda: self.mend_asked.emit(self._source_id))

    def show_source(self, source: SourceLine, month_label: str) -> None:
        self.name.set_words(source.label)
        self.amount.set_words(source.today.amount_text)
        self.tag.set_words(source.tag_text)
        self.bar.show_share(source.id, source.bar_permille)
        self.worth.set_words(source.today.worth_text)
        self.worth_below.set_words(source.today.worth_text)
        role = SECONDARY if source.standing is Standing.ELSEWHERE else QPalette.ColorRole.WindowText
        for label in (self.name, self.amount):
            label.setForegroundRole(role)
        words = state_words(source.state, source.error, source.as_of_text)
        self.state.set_words(words)
        self.state.setVisible(bool(words))
        self._source_id = source.id
        self._question = of_source(source)
        self.mend.setVisible(source.kind == "account" and source.state is SourceState.FAILING)
        self.mend.setAccessibleName(f"Mend {source.label} in the settings")
        today, month = in_full(source.today), in_full(source.month)
        spoken = (
            source.label,
            source.tag_text,
            f"today {today}",
            f"{month_label} {month}",
            words.replace("\n", ", ") or source.as_of_text,
        )
        self.setAccessibleName(", ".join(part for part in spoken if part))
        how = [source.today.known_text]
        if source.month.known_text != source.today.known_text:
            how.append(f"{month_label}: {source.month.known_text}")
        how.append(source.as_of_text[:1].upper() + source.as_of_text[1:])
        how.append(LEADS_ON)
        told = "\n".join(part for part in how if part)
        self.setToolTip(in_lines(f"{source.label}\nToday: {today}\n{month_label}: {month}\n{told}"))
        self.setAccessibleDescription(told)

    def tail_width(self) -> int:
        """Pixels of the amount from its decimal point on."""
        text = self.amount.words()
        tail = decimal_tail(text)
        return self.amount.fontMetrics().horizontalAdvance(text[len(text) - tail :]) if tail < len(text) else -1

    def whole_width(self) -> int:
        """Pixels of the whole amount."""
        return self.amount.fontMetrics().horizontalAdvance(self.amount.words())

    def lay_out(self, columns: Columns) -> None:
        """Put the parts into the columns of the table, the decimal points one above the other."""
        own = self.tail_width()
        pad = max(0, columns.tail - own) if own >= 0 else 0
        # Figures read left to right in every language, so the pad is on the right; a column that is flush
        # left (right-to-left windows) is aligned on the point by padding the other side.
        if self.amount.alignment() & Qt.AlignmentFlag.AlignLeft:
            lead = self.whole_width() - max(own, 0)
            self.amount.setContentsMargins(max(0, columns.amount - columns.tail - lead), 0, 0, 0)
        else:
            self.amount.setContentsMargins(0, 0, pad, 0)
        self.amount.setFixedWidth(columns.amount)
        rtl = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        gap = _TAG_GAP if columns.tag else 0
        self.tag.setContentsMargins(0 if rtl else gap, 0, gap if rtl else 0, 0)
        self.tag.setFixedWidth(columns.tag + gap)
        self.tag.setVisible(columns.tag > 0)
        self._last.setFixedWidth(columns.last)
        self._last.setVisible(columns.last > 0)
        worth = bool(self.worth.words())
        self.bar.setVisible(not worth or columns.below)
        self.worth.setVisible(worth and not columns.below)
        self.worth_below.setVisible(worth and columns.below)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        super().focusInEvent(event)
        tell_on_focus(self, event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        del event
        # Its parts paint themselves. A line where others have a ground: on one, the small type would be hard to read.
        if self.hasFocus():
            paint_focus(self, QRectF(self.rect()))
        elif self.underMouse():
            paint_focus(self, QRectF(self.rect()), theme.current().track)


class _Group(QWidget):
    """The rows of one standing, under its heading where it has one."""

    mend_asked = Signal(str)
    history_asked = Signal(object)

    def __init__(self, standing: Standing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heading = TextLabel(font=theme.font(0.88), secondary=True, wraps=True)
        self.heading.set_words(HEADINGS.get(standing, ""))
        self.payer = payer_button()
        self._head = QWidget(self)
        head = QHBoxLayout(self._head)
        head.setContentsMargins(0, 10, 0, 2)
        head.setSpacing(0)
        head.addWidget(self.heading, 1)
        head.addWidget(self.payer, 0, Qt.AlignmentFlag.AlignTop)
        self.payer.setVisible(standing is Standing.UNASSIGNED)
        self._body = QVBoxLayout(self)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(0)
        self._body.addWidget(self._head)
        self._rows: list[SourceRow] = []

    def rows(self) -> list[SourceRow]:
        """The rows shown."""
        return [row for row in self._rows if not row.isHidden()]

    def show_sources(self, sources: Sequence[SourceLine], month_label: str, *, headed: bool) -> None:
        while len(self._rows) < len(sources):
            row = SourceRow(self)
            row.mend_asked.connect(self.mend_asked)
            row.history_asked.connect(self.history_asked)
            self._rows.append(row)
            self._body.addWidget(row)
        for row, source in zip(self._rows, sources, strict=False):
            row.show_source(source, month_label)
            row.show()
        for row in self._rows[len(sources) :]:
            row.hide()
        self._head.setVisible(headed)
        self.setVisible(bool(sources))

    def stops(self) -> list[QWidget]:
        """What the Tab key comes to, in order."""
        return [self.payer, *(stop for row in self._rows for stop in (row, row.mend))]


class SourcesSection(Section):
    """All sources, in the order of the snapshot."""

    mend_asked = Signal(str)
    """The id of the account that fails."""
    history_asked = Signal(object)
    """The Question that a row stands for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        small = theme.font(0.88)
        self.today = TextLabel(font=small, secondary=True, trailing=True, gutter=False)
        self.today.set_words("Today")
        self.month = TextLabel(font=small, secondary=True, gutter=False)
        policy = self.month.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # its column stays, whether it has a head or not
        self.month.setSizePolicy(policy)
        head = QHBoxLayout()
        head.setContentsMargins(GUTTER, 0, GUTTER, 0)
        head.setSpacing(0)
        head.addStretch(1)
        head.addWidget(self.today)
        head.addSpacing(_COLUMN_GAP)
        head.addWidget(self.month)
        self.body.addLayout(head)
        self.body.addSpacing(3)
        self._groups = {standing: _Group(standing, self) for standing in Standing}
        for group in self._groups.values():
            group.mend_asked.connect(self.mend_asked)
            group.history_asked.connect(self.history_asked)
            self.body.addWidget(group)
        self.payer = self._groups[Standing.UNASSIGNED].payer

    def rows(self) -> list[SourceRow]:
        """The rows shown."""
        return [row for group in self._groups.values() if not group.isHidden() for row in group.rows()]

    def heading(self, standing: Standing) -> TextLabel:
        """What stands above the rows of a standing."""
        return self._groups[standing].heading

    def stops(self) -> list[QWidget]:
        """What the Tab key comes to, in order."""
        return [stop for group in self._groups.values() for stop in group.stops()]

    def parts(self) -> list[QWidget]:
        """All that may change its height, from the rows up."""
        return [*self.rows(), *self._groups.values(), self]

    def show_sources(self, sources: tuple[SourceLine, ...], month_label: str, room: int, *, headed: bool) -> None:
        """room: the pixels that a line may be wide. headed: whether what is not spend stands under a heading."""
        for standing, group in self._groups.items():
            mine = [source for source in sources if source.standing is standing]
            group.show_sources(mine, month_label, headed=headed and standing in HEADINGS)
        self._lay_out(month_label, room)

    def _lay_out(self, month_label: str, room: int) -> None:
        rows = self.rows()
        tail = max((row.tail_width() for row in rows), default=0)
        tail = max(0, tail)
        amount = self.today.sizeHint().width()
        for row in rows:
            own = row.tail_width()
            amount = max(amount, row.whole_width() if own < 0 else row.whole_width() - own + tail)
        amount += self.fontMetrics().horizontalAdvance(" ") // 2
        tag = max((_advance(row.tag) for row in rows), default=0)
        gap = tag + _TAG_GAP if tag else 0
        worth = max((_advance(row.worth) for row in rows), default=0)
        barred = any(not row.worth.words() for row in rows)
        left = room - amount - gap - 2 * _COLUMN_GAP
        name = min(_FAIR_NAME, max((_advance(row.name) for row in rows), default=0))
        # What a plan is worth is of today and the bars are of the month: no one head is true of both. Rows tell.
        head = "" if worth else month_label
        last, below = max(worth, self._head_width(head), _BAR_WIDTH if barred else 0), False
        if left - last < name and worth:
            head, below = month_label, True
            last = max(self._head_width(head), _BAR_WIDTH)
        if left - last < min(name, _LEAST_NAME):
            head, last = "", 0
        self.month.set_words(head)
        for row in rows:
            row.lay_out(Columns(amount, tail, tag, last, below))
        self.today.setFixedWidth(amount)
        rtl = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        self.month.setContentsMargins(0 if rtl else gap, 0, gap if rtl else 0, 0)
        self.month.setFixedWidth(gap + last)
        self.month.setVisible(bool(head))

    def _head_width(self, head: str) -> int:
        return QFontMetrics(self.month.font()).horizontalAdvance(head) + 1


def _advance(label: TextLabel) -> int:
    words = label.words()
    return QFontMetrics(label.font()).horizontalAdvance(words) + 1 if words else 0
