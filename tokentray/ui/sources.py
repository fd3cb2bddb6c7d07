"""The table of sources: who, how the month compares, and today's amount, on one line each."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from tokentray.snapshot import SourceLine, SourceState
from tokentray.ui import theme
from tokentray.ui.widgets import GUTTER, Section, TextLabel, decimal_tail, in_lines, known, paint_focus, tell_on_focus

_BAR_WIDTH = 64
_COLUMN_GAP = 12
_FULL = 1000


def state_words(source: SourceLine) -> str:
    """What a row says below its name: nothing while all is well."""
    if source.state is SourceState.FAILING:
        return "\n".join(part for part in (source.error or "could not be read", source.as_of_text) if part)
    if source.state is SourceState.STALE:
        return f"{source.as_of_text}, not read since" if source.as_of_text else "not read lately"
    if source.state is SourceState.NEVER:
        return "not read yet"
    return ""


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


class SourceRow(QWidget):
    """One source. A stop of the Tab key, and heard as one sentence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.name = TextLabel(elides=True, gutter=False)
        self.bar = MonthBar()
        self.amount = TextLabel(trailing=True, gutter=False)
        self.state = TextLabel(font=theme.font(0.88), secondary=True, wraps=True, gutter=False)
        first = QHBoxLayout()
        first.setSpacing(_COLUMN_GAP)
        first.addWidget(self.name, 1)
        first.addWidget(self.bar)
        first.addWidget(self.amount)
        box = QVBoxLayout(self)
        box.setContentsMargins(GUTTER, 4, GUTTER, 4)
        box.setSpacing(3)
        box.addLayout(first)
        box.addWidget(self.state)

    def show_source(self, source: SourceLine, month_label: str) -> None:
        self.name.set_words(source.label)
        self.bar.show_share(source.id, source.bar_permille)
        self.amount.set_words(source.today.amount_text)
        words = state_words(source)
        self.state.set_words(words)
        self.state.setVisible(bool(words))
        spoken = (
            source.label,
            f"today {source.today.amount_text}",
            f"{month_label} {source.month.amount_text}",
            words.replace("\n", ", ") or source.as_of_text,
        )
        self.setAccessibleName(", ".join(part for part in spoken if part))
        told = (
            f"{source.label}\nToday: {source.today.amount_text}\n{month_label}: {source.month.amount_text}\n"
            f"{known(source.today, source.as_of_text)}"
        )
        self.setToolTip(in_lines(told))
        self.setAccessibleDescription(known(source.today, source.as_of_text))

    def tail_width(self) -> int:
        """Pixels of the amount from its decimal point on."""
        text = self.amount.words()
        tail = decimal_tail(text)
        return self.amount.fontMetrics().horizontalAdvance(text[len(text) - tail :]) if tail < len(text) else -1

    def align(self, width: int, tail_width: int) -> None:
        """Make the amount column `width` wide, with the decimal points `tail_width` from its end."""
        own = self.tail_width()
        pad = max(0, tail_width - own) if own >= 0 else 0
        rtl = self.amount.alignment() & Qt.AlignmentFlag.AlignLeft
        # Figures read left to right in every language, so the pad is on the right; a column that is flush
        # left (right-to-left windows) is aligned on the point by padding the other side.
        if rtl:
            lead = self.amount.fontMetrics().horizontalAdvance(self.amount.words()) - max(own, 0)
            self.amount.setContentsMargins(max(0, width - tail_width - lead), 0, 0, 0)
        else:
            self.amount.setContentsMargins(0, 0, pad, 0)
        self.amount.setFixedWidth(width)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        super().focusInEvent(event)
        tell_on_focus(self, event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        super().paintEvent(event)
        if self.hasFocus():
            paint_focus(self, QRectF(self.rect()))


class SourcesSection(Section):
    """All sources, in the order of the snapshot."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        small = theme.font(0.88)
        self.month = TextLabel(font=small, secondary=True, gutter=False)
        self.today = TextLabel(font=small, secondary=True, trailing=True, gutter=False)
        self.today.set_words("Today")
        head = QGridLayout()
        head.setContentsMargins(GUTTER, 0, GUTTER, 0)
        head.setHorizontalSpacing(_COLUMN_GAP)
        head.setColumnStretch(0, 1)
        head.addWidget(self.month, 0, 1)
        head.addWidget(self.today, 0, 2)
        self._head = head
        self.body.addLayout(head)
        self.body.addSpacing(3)
        self._rows: list[SourceRow] = []

    def rows(self) -> list[SourceRow]:
        """The rows shown."""
        return [row for row in self._rows if not row.isHidden()]

    def show_sources(self, sources: tuple[SourceLine, ...], month_label: str) -> None:
        while len(self._rows) < len(sources):
            row = SourceRow(self)
            self._rows.append(row)
            self.body.addWidget(row)
        for row, source in zip(self._rows, sources, strict=False):
            row.show_source(source, month_label)
            row.show()
        for row in self._rows[len(sources) :]:
            row.hide()
        self.month.set_words(month_label)
        self.month.setFixedWidth(_BAR_WIDTH)
        self._align(self._rows[: len(sources)])

    def _align(self, rows: list[SourceRow]) -> None:
        tail = max((row.tail_width() for row in rows), default=0)
        tail = max(0, tail)
        metrics = self.fontMetrics()
        width = self.today.sizeHint().width()
        for row in rows:
            whole = row.amount.fontMetrics().horizontalAdvance(row.amount.words())
            own = row.tail_width()
            width = max(width, whole if own < 0 else whole - own + tail)
        width += metrics.horizontalAdvance(" ") // 2
        for row in rows:
            row.align(width, tail)
        self.today.setFixedWidth(width)
