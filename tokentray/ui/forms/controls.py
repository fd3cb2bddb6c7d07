"""The controls of forms: as Qt has them, but for what would surprise in a page that scrolls and is kept up to date.

The wheel scrolls the page and changes nothing, unless the control has the keyboard. `touched` says whether the
person has changed a control since it was last filled: only then is it theirs, and not overwritten.
"""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QCompleter,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from tokentray.money import CURRENCIES
from tokentray.ui import theme
from tokentray.ui.widgets import is_right_to_left, plain_tip, tell_on_focus

_COMMON_CURRENCIES = ("USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "CNY", "INR", "BRL", "SEK", "PLN")
_COMMAND_KEYS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
_WALKING_KEYS = frozenset(
    (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End)
)
_LEAVING_KEYS = frozenset((Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape))
_SAME_DIRECTION = "\N{LEFT-TO-RIGHT MARK}"
"""Keeps an ellipsis or a colon at the end of its words, where the window is turned."""
_NARROWEST = 10
"""Letters that a combo box shows at least; what is longer is told by its tooltip."""


def direction_of(text: str) -> Qt.LayoutDirection:
    """The direction that a text is written in, whatever that of the window is."""
    return Qt.LayoutDirection.RightToLeft if is_right_to_left(text) else Qt.LayoutDirection.LeftToRight


class Button(QPushButton):
    """A push button that Enter presses too."""

    def __init__(self, text: str, parent: QWidget | None = None, *, name: str = "") -> None:
        """name: for those who hear it, where the text alone does not say what it is of."""
        super().__init__(parent)
        self.setText(text)
        self.setAutoDefault(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        if name:
            self.setAccessibleName(name)

    def setText(self, text: str) -> None:  # noqa: N802 (Qt's name)
        """Plain text: a name in it may hold an ampersand, which would underline the next letter."""
        turned = QApplication.layoutDirection() != direction_of(text)
        super().setText(text.replace("&", "&&") + (_SAME_DIRECTION if turned else ""))


class Combo(QComboBox):
    """A choice among a few, each a text with the value it stands for."""

    chosen = Signal(str)
    """The value that the person has chosen. Not sent when one is filled in."""

    def __init__(self, parent: QWidget | None = None, *, editable: bool = False) -> None:
        super().__init__(parent)
        self.touched = False
        self._choices: tuple[tuple[str, str], ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(_NARROWEST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMaxVisibleItems(14)
        self.setEditable(editable)
        line = self.lineEdit()
        if line is not None:
            self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
            line.setMaxLength(300)
            line.textEdited.connect(self._on_touched)
            completer = self.completer() or QCompleter(self)
            # Any part of a name finds it. Completing in the line would have Enter take the first name of all for
            # one that was only come to.
            completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.activated.connect(self._on_activated)
        self.currentTextChanged.connect(self._on_text)

    def show_choices(self, choices: Sequence[tuple[str, str]]) -> None:
        """Offer these: value and text. What is chosen or typed stays; an open list is left alone."""
        if tuple(choices) == self._choices or self.view().isVisible():
            return
        self._choices = tuple(choices)
        kept, typed, line = self.value(), self.currentText(), self.lineEdit()
        place = (
            (line.cursorPosition(), line.selectionStart(), line.selectionLength()) if line is not None else (0, -1, 0)
        )
        blocked = self.blockSignals(True)
        self.clear()
        for value, text in choices:
            self.addItem(text, value)
            self.setItemData(self.count() - 1, plain_tip(text), Qt.ItemDataRole.ToolTipRole)
        if line is not None:
            self.setEditText(typed)
            line.setCursorPosition(place[0])
            if place[1] >= 0:
                line.setSelection(place[1], place[2])
        else:
            self.setCurrentIndex(self.findData(kept))
        self.blockSignals(blocked)
        self._on_text(self.currentText())

    def value(self) -> str:
        """What is chosen; of a combo box that takes text, the text."""
        if self.isEditable():
            return self.currentText().strip()
        value = self.currentData()
        return value if isinstance(value, str) else ""

    def show_value(self, value: str) -> None:
        """Fill it in, unless its list is open; not something that the person chose."""
        self.touched = False
        if self.view().isVisible():
            return
        if value == self.value() and (self.isEditable() or self.currentIndex() >= 0):
            return
        blocked = self.blockSignals(True)
        if self.isEditable():
            self.setEditText(value)
        else:
            self.setCurrentIndex(self.findData(value))
        self.blockSignals(blocked)
        self._on_text(self.currentText())

    def has_value(self, value: str) -> bool:
        """Whether it is among the choices."""
        return self.findData(value) >= 0

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        hint = super().minimumSizeHint()
        letters = max(0, self.minimumContentsLength() - _NARROWEST)
        return QSize(hint.width() - letters * self.fontMetrics().horizontalAdvance("X"), hint.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Keys open the list: what is chosen holds at once, so they must not walk through it."""
        text = event.text()
        if event.key() in _LEAVING_KEYS:
            if self.isEditable():
                super().keyPressEvent(event)
            event.ignore()  # else some desktops open the list by Enter, and a line to type in keeps it from the form
        elif self.isEditable() or event.modifiers() & _COMMAND_KEYS:
            super().keyPressEvent(event)
        elif event.key() in _WALKING_KEYS:
            self.showPopup()
        elif text.isprintable() and text.strip():
            self.showPopup()
            self.view().keyboardSearch(text)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 (Qt's name)
        # Nor does the wheel, which would choose what nobody looked for.
        if self.isEditable() and self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        super().resizeEvent(event)
        self._on_text(self.currentText())

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        super().focusInEvent(event)
        tell_on_focus(self, event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """As the style paints it, but for a text that does not fit: styles cut it in the middle of a letter."""
        if self.isEditable():
            super().paintEvent(event)
            return
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        room = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        option.currentText = self.fontMetrics().elidedText(
            self.currentText(), Qt.TextElideMode.ElideRight, room.width() - 4
        )
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.setLayoutDirection(direction_of(self.currentText()))
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()

    def _on_activated(self, index: int) -> None:
        self.touched = True
        value = self.itemData(index)
        self.chosen.emit(value if isinstance(value, str) and not self.isEditable() else self.value())

    def _on_touched(self) -> None:
        self.touched = True

    def _on_text(self, text: str) -> None:
        room = self.width() - 40
        self.setToolTip(plain_tip(text) if QFontMetrics(self.font()).horizontalAdvance(text) > room > 0 else "")


class CurrencyCombo(Combo):
    """A choice among the currencies in use; those that most people have come first."""

    def __init__(self, parent: QWidget | None = None, *, nothing: str = "") -> None:
        """nothing: the text of a first choice that stands for no currency, "" for none such."""
        super().__init__(parent)
        self._nothing = nothing
        self._first = ""
        self.setMinimumContentsLength(max(6, len(nothing)))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.put_first("")

    def put_first(self, currency: str) -> None:
        """Offer the person's own currency before all others."""
        common = dict.fromkeys(code for code in (currency, *_COMMON_CURRENCIES) if code in CURRENCIES)
        codes = [*common, *sorted(CURRENCIES - common.keys())]
        head = [("", self._nothing)] if self._nothing else []
        self.show_choices([*head, *((code, code) for code in codes)])


class Number(QSpinBox):
    """A whole number in a range. It tells a change when the person has ended it."""

    chosen = Signal(int)

    def __init__(self, least: int, most: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.touched = False
        self._told = least
        self.setFont(theme.font())
        self.setRange(least, most)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setKeyboardTracking(False)
        self.setCorrectionMode(QSpinBox.CorrectionMode.CorrectToNearestValue)
        self.lineEdit().textEdited.connect(self._on_touched)
        self.valueChanged.connect(self._on_value)

    def show_number(self, number: int) -> None:
        """Fill it in; not something that the person chose."""
        self.touched = False
        self._told = number
        blocked = self.blockSignals(True)
        self.setValue(number)
        self.blockSignals(blocked)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 (Qt's name)
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _on_touched(self) -> None:
        self.touched = True

    def _on_value(self, number: int) -> None:
        self.touched = True
        if number != self._told:
            self._told = number
            self.chosen.emit(number)
