"""The small parts that the popover is made of: texts, figures, lines, the ring of the keyboard.

All text is plain: names and errors come out of logs and may hold markup.
"""

import re
import textwrap
import unicodedata
from functools import lru_cache

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
)
from PySide6.QtGui import Qt as Rich
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QSizePolicy,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from tokentray.snapshot import Amount
from tokentray.ui import theme

SECONDARY = QPalette.ColorRole.PlaceholderText
"""Role that explaining text is painted in; `SnapshotView` gives it a readable colour."""

GUTTER = 6
"""Pixels that every line keeps free on both sides: the ring of the keyboard focus is drawn there, clear of
the text.
"""

_TIP_COLUMNS = 52
_TOGETHER = re.compile(r"(?<=≈) | (?=%)")
"""Blanks that no line is broken at: an estimate keeps its sign, and a share its own."""

_CONFIRMS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)

_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


def known(amount: Amount, as_of: str) -> str:
    """What hover and focus say of an amount: how it is known, and as of when ("as of 14:02")."""
    return "\n".join(part for part in (amount.known_text, as_of[:1].upper() + as_of[1:]) if part)


def in_full(amount: Amount) -> str:
    """An amount with what is said beside it, on one line: "$6.67, worth ≈ $38.10"."""
    return ", ".join(part for part in (amount.amount_text, amount.worth_text, amount.note_text) if part)


def plain_tip(text: str) -> str:
    """A tooltip's text as it is. What looks like markup Qt would lay out as such, and fetch the pictures of it."""
    return re.sub("[<&]", "\\g<0>\N{WORD JOINER}", text) if Rich.mightBeRichText(text) else text


@lru_cache(maxsize=512)
def in_lines(text: str) -> str:
    """A tooltip's text in lines of a readable length; Qt wraps none of its plain text itself."""
    return plain_tip("\n".join(part for line in text.split("\n") for part in textwrap.wrap(line, _TIP_COLUMNS)))


def is_right_to_left(text: str) -> bool:
    """The direction of a text, by its first letter that has one; figures and signs read left to right."""
    for char in text:
        direction = unicodedata.bidirectional(char)
        if direction in ("R", "AL"):
            return True
        if direction == "L":
            return False
    return False


class TextLabel(QLabel):
    """Plain text on the leading or trailing side, in its own direction whatever that of the window is.

    elides: too long a text is cut with an ellipsis, and shown whole in the tooltip.
    """

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        font: QFont | None = None,
        secondary: bool = False,
        trailing: bool = False,
        wraps: bool = False,
        elides: bool = False,
        gutter: bool = True,
    ) -> None:
        super().__init__(parent)
        if gutter:
            self.setContentsMargins(GUTTER, 0, GUTTER, 0)
        self._whole = ""
        self._elides = elides
        self._trailing = trailing
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wraps)
        self.setFont(font or theme.font())
        if secondary:
            self.setForegroundRole(SECONDARY)
        if elides:
            self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def set_words(self, text: str) -> None:
        """Show `text`; costs nothing where it is shown already."""
        if text == self._whole:
            return
        self._whole = text
        self._turn()
        if self._elides:
            self._elide()
        else:
            self.setText(_TOGETHER.sub("\N{NO-BREAK SPACE}", text) if self.wordWrap() else text)

    def words(self) -> str:
        """The whole text, also where less of it fits."""
        return self._whole

    def wished_width(self) -> int:
        """The width at which the whole text fits."""
        return self.fontMetrics().horizontalAdvance(self._whole) + 2 * GUTTER + 1

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        hint = super().minimumSizeHint()
        return QSize(0, hint.height()) if self._elides else hint

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        super().resizeEvent(event)
        if self._elides:
            self._elide()

    def _turn(self) -> None:
        window_rtl = QApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft
        text_rtl = is_right_to_left(self._whole)
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft if text_rtl else Qt.LayoutDirection.LeftToRight)
        side = Qt.AlignmentFlag.AlignRight if window_rtl != self._trailing else Qt.AlignmentFlag.AlignLeft
        self.setAlignment(side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter)

    def _elide(self) -> None:
        shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.contentsRect().width())
        self.setText(shown)
        self.setToolTip(plain_tip(self._whole) if shown != self._whole else "")


class Figure(TextLabel):
    """An amount that answers, on hover and on focus, how it is known and as of when."""

    def __init__(self, parent: QWidget | None = None, *, font: QFont | None = None, trailing: bool = False) -> None:
        super().__init__(parent, font=font, trailing=trailing)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def fit(self, factor: float, room: int) -> None:
        """Make the type `factor` times the desktop's, or as large as `room` pixels allow: some amounts are
        long.
        """
        chosen = theme.font(factor, QFont.Weight.DemiBold)
        while factor > 1.0 and QFontMetrics(chosen).horizontalAdvance(self.words()) > room:
            factor -= 0.1
            chosen = theme.font(factor, QFont.Weight.DemiBold)
        self.setFont(chosen)

    def set_amount(self, name: str, amount: Amount, as_of: str) -> None:
        """name: what the amount is of, for those who hear the window instead of seeing it."""
        self.set_words(amount.amount_text)
        spoken = [name, amount.amount_text, amount.note_text, amount.equivalent_text]
        self.setAccessibleName(", ".join(part for part in spoken if part))
        self.setAccessibleDescription(known(amount, as_of))
        self.setToolTip(in_lines(known(amount, as_of)))

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        super().focusInEvent(event)
        tell_on_focus(self, event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        super().paintEvent(event)
        if self.hasFocus():
            metrics = QFontMetrics(self.font())
            wide = min(self.width(), metrics.horizontalAdvance(self.words()) + 2 * GUTTER)
            left = bool(self.alignment() & Qt.AlignmentFlag.AlignLeft)
            paint_focus(self, QRectF(0 if left else self.width() - wide, 0, wide, self.height()))


class SectionRule(QWidget):
    """A hairline between sections."""

    def __init__(self, parent: QWidget | None = None, *, inset: int = GUTTER) -> None:
        super().__init__(parent)
        self._inset = inset
        self.setFixedHeight(1)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        del event
        QPainter(self).fillRect(self.rect().adjusted(self._inset, 0, -self._inset, 0), theme.current().rule)


class Section(QWidget):
    """A part of the popover, with a hairline above; hidden while it has nothing to say."""

    def __init__(self, parent: QWidget | None = None, *, ruled: bool = True) -> None:
        super().__init__(parent)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        if ruled:
            self.body.addWidget(SectionRule())
            self.body.addSpacing(13)


def tell_on_focus(widget: QWidget, event: QFocusEvent) -> None:
    """Show the tooltip of a widget that the keyboard has come to: hover and focus say the same."""
    if event.reason() in _KEYBOARD:
        # After this event: Qt hides any tooltip while it passes the focus on.
        QTimer.singleShot(0, widget, lambda: _tell(widget))


def _tell(widget: QWidget) -> None:
    if widget.hasFocus() and widget.toolTip():
        QToolTip.showText(widget.mapToGlobal(widget.rect().bottomLeft()), widget.toolTip(), widget)


def is_click(widget: QWidget, event: QMouseEvent) -> bool:
    """Whether a released button of the mouse was a click on the widget."""
    return event.button() == Qt.MouseButton.LeftButton and widget.rect().contains(event.position().toPoint())


def is_confirmed(event: QKeyEvent) -> bool:
    """Whether a key does what a click does."""
    return event.key() in _CONFIRMS


def paint_focus(widget: QWidget, box: QRectF, color: QColor | None = None) -> None:
    """The ring around what has the keyboard, in the colour for that, or around what is pointed at, in another."""
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color or theme.current().accent, 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box.adjusted(0.8, 0.8, -0.8, -0.8), 4, 4)
    painter.end()


def decimal_tail(text: str) -> int:
    """How many characters of an amount stand from its decimal point on (0: it has none).

    The point is the last "." or "," that exactly one or two digits follow; grouped thousands have three.
    """
    end = len(text)
    while end and not text[end - 1].isdigit():
        end -= 1
    start = end
    while start and text[start - 1].isdigit():
        start -= 1
    if start and start < end and text[start - 1] in ".," and end - start <= 2:
        return len(text) - start + 1
    return len(text) - end
