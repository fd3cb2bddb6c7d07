"""Check boxes and radio buttons that are called by a name: where it does not fit it is cut, and told whole on hover."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QRadioButton, QSizePolicy, QStyle, QWidget

from tokentray.ui import theme
from tokentray.ui.widgets import plain_tip

_LEAST_LETTERS = 8

if TYPE_CHECKING:
    _Button = QAbstractButton
else:
    _Button = object


class _Named(_Button):
    """What both have in common."""

    _name = ""

    def set_name(self, name: str) -> None:
        self._name = name
        self._fit()
        self.updateGeometry()

    def name(self) -> str:
        """The whole name, also where less of it fits."""
        return self._name

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        # One more pixel, since widths of text are rounded.
        wide = self._around() + self.fontMetrics().horizontalAdvance(self._name) + 1
        return QSize(wide, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        least = min(self.sizeHint().width(), self._around() + self.fontMetrics().averageCharWidth() * _LEAST_LETTERS)
        return QSize(least, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        super().resizeEvent(event)
        self._fit()

    def _prepare(self) -> None:
        self.setFont(theme.font())
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def _around(self) -> int:
        """Pixels that it takes besides its text."""
        radio = isinstance(self, QRadioButton)
        metrics = QStyle.PixelMetric
        mark = metrics.PM_ExclusiveIndicatorWidth if radio else metrics.PM_IndicatorWidth
        gap = metrics.PM_RadioButtonLabelSpacing if radio else metrics.PM_CheckBoxLabelSpacing
        return self.style().pixelMetric(mark, None, self) + self.style().pixelMetric(gap, None, self) + 6

    def _fit(self) -> None:
        room = max(0, self.width() - self._around())
        shown = self.fontMetrics().elidedText(self._name, Qt.TextElideMode.ElideRight, room)
        self.setToolTip(plain_tip(self._name) if shown != self._name else "")
        # An ampersand would underline the next letter.
        self.setText(shown.replace("&", "&&"))


class Check(QCheckBox):
    """A check box that leaves Enter to its form. On some desktops it would tick itself, and so take back a tick."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
        else:
            super().keyPressEvent(event)


class NameCheck(_Named, Check):
    """A check box that is called by a name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._prepare()


class NameRadio(_Named, QRadioButton):
    """A radio button that is called by a name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._prepare()
