"""Amounts as people type them, with the decimal comma or point of their own, as plain decimal text. No floats."""

import re
import unicodedata
from decimal import Decimal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from tokentray.localeinfo import number_style
from tokentray.money import NumberStyle, plain
from tokentray.ui import theme

_GROUPED = re.compile(r"[1-9]\d{0,2}([.,]\d{2,3})*[.,]\d{3}")
"""By thousands, or as in India: 12,34,567."""
_SPACING = frozenset("'’_ ")
_SAME_AS = {"−": "-", "٫": ".", "٬": ","}


def plain_amount(text: str, style: NumberStyle) -> str:
    """An amount as typed as plain decimal text: "1.234,50", "1,234.50" and "1 234,5 €" all are 1234.50 or 1234.5.

    One comma or point before exactly three digits parts thousands where the person's locale does so. What is no
    amount is handed on as it was typed, to be refused in words.
    """
    digits = "".join(_plain_character(char) for char in text)
    sign, digits = (digits[0], digits[1:]) if digits[:1] in ("-", "+") else ("", digits)
    marks = [char for char in digits if char in ".,"]
    if marks:
        whole, fraction = _split(digits, marks, style)
        if "." in whole or "," in whole:
            if not _GROUPED.fullmatch(whole) or len(set(whole) & {".", ","}) > 1:
                return text.strip()
            whole = whole.replace(".", "").replace(",", "")
        digits = f"{whole or '0'}.{fraction}" if fraction else whole or "0"
        if not (whole or fraction):
            return text.strip()
    if not (digits.replace(".", "", 1).isdigit() and digits.isascii()):
        return text.strip()
    return f"{'-' if sign == '-' else ''}{digits}"


def shown_amount(amount: str, style: NumberStyle) -> str:
    """Plain decimal text with the person's decimal sign; ungrouped, so that it cannot be misread."""
    return amount.replace(".", style.decimal_point)


def _plain_character(char: str) -> str:
    if char in _SPACING or unicodedata.category(char) in ("Sc", "Zs", "Cf"):
        return ""
    digit = unicodedata.digit(char, -1) if unicodedata.category(char) == "Nd" else -1
    return str(digit) if digit >= 0 else _SAME_AS.get(char, char)


def _split(digits: str, marks: list[str], style: NumberStyle) -> tuple[str, str]:
    """What stands before the decimal sign and what after it; all before it where there is none."""
    last = marks[-1]
    if len(set(marks)) == 1:
        thousands = last != style.decimal_point and last == style.group_separator and _GROUPED.fullmatch(digits)
        if len(marks) > 1 or thousands:
            return digits, ""
    whole, _, fraction = digits.rpartition(last)
    return whole, fraction


class AmountEdit(QLineEdit):
    """A line for an amount of money, or a rate. When it is left, it shows what was understood."""

    def __init__(self, parent: QWidget | None = None, *, style: NumberStyle | None = None) -> None:
        super().__init__(parent)
        self._style = style or number_style()
        self.setFont(theme.font())
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setMaxLength(60)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setInputMethodHints(Qt.InputMethodHint.ImhFormattedNumbersOnly)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        hint = super().sizeHint()
        return QSize(self.fontMetrics().horizontalAdvance("0") * 16, hint.height())

    def amount(self) -> str:
        """Plain decimal text, "" for nothing; what is no amount, as it was typed."""
        return plain_amount(self.text(), self._style)

    def show_amount(self, amount: Decimal | None) -> None:
        """Fill it in; not something that the person typed."""
        self.setText("" if amount is None else shown_amount(plain(amount), self._style))
        self.setModified(False)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        super().focusOutEvent(event)
        understood = shown_amount(self.amount(), self._style)
        if self.isModified() and understood != self.text():
            self.setText(understood)
            self.setModified(True)
