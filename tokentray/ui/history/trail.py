"""How the person came to what is shown, each step a way back. What does not fit goes into a menu."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from tokentray.report import Step
from tokentray.ui import theme
from tokentray.ui.buttons import TextButton
from tokentray.ui.history.tips import visible
from tokentray.ui.widgets import GUTTER, TextLabel, in_lines, tell_on_focus

_LETTERS = 26
_LEAST_OF_PRESENT = 90
"""Pixels that the step the window is at has, before those that led there make room."""
_MENU_LETTERS = 60


class StepButton(TextButton):
    """A step that was left. A long name is cut, and told whole on hover and focus."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("", parent, link=True)

    def show_step(self, label: str) -> None:
        metrics, label = self.fontMetrics(), visible(label)
        room = metrics.averageCharWidth() * _LETTERS
        shown = metrics.elidedText(label, Qt.TextElideMode.ElideRight, room)
        self.setText(shown)
        self.setAccessibleName(f"Back to {label}")
        self.setToolTip(in_lines(label) if shown != label else "")
        self.updateGeometry()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        super().focusInEvent(event)
        tell_on_focus(self, event)


class Trail(QWidget):
    """One line of steps, always of the same height."""

    asked = Signal(object)
    """The Question of the step that the person goes back to."""

    def __init__(self) -> None:
        super().__init__()
        self._steps: tuple[Step, ...] = ()
        self._buttons: list[StepButton] = []
        self._marks: list[TextLabel] = []
        self.present = TextLabel(elides=True)
        self.more = TextButton("…", self, link=True)
        self.more.setAccessibleName("Steps between")
        self._more_mark = self._mark()
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(0)
        self._line.addWidget(self.more)
        self._line.addWidget(self._more_mark)
        self._line.addWidget(self.present, 1)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(self.more.sizeHint().height())
        self.more.clicked.connect(self._on_more)
        self._fit()

    @property
    def buttons(self) -> list[StepButton]:
        """Those of the steps that can be gone back to and are not in the menu."""
        return [button for button in self._buttons if not button.isHidden()]

    def show_trail(self, steps: Sequence[Step]) -> None:
        """Show these steps, the present one last; none where it is the only one."""
        if tuple(steps) == self._steps:
            return
        held = next((place for place, button in enumerate(self._buttons) if button.hasFocus()), None)
        self._steps = tuple(steps)
        while len(self._buttons) < len(steps) - 1:
            place = len(self._buttons)
            button, mark = StepButton(self), self._mark()
            button.clicked.connect(lambda _=False, at=place: self.asked.emit(self._steps[at].question))
            self._buttons.append(button)
            self._marks.append(mark)
            # The menu stands after the first step, and the present one at the end.
            at = 0 if place == 0 else self._line.count() - 1
            self._line.insertWidget(at, button)
            self._line.insertWidget(at + 1, mark)
        for button, step in zip(self._buttons, steps[:-1], strict=False):
            button.show_step(step.label)
        # One who went nowhere reads where they are in the title of the period.
        self.present.set_words(visible(steps[-1].label) if len(steps) > 1 else "")
        self._fit()
        if held is not None and self._buttons[held].isHidden() and self.buttons:
            self.buttons[-1].setFocus(Qt.FocusReason.OtherFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        super().resizeEvent(event)
        self._fit()

    def _mark(self) -> TextLabel:
        mark = TextLabel(self, secondary=True, gutter=False)
        mark.set_words("\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}" if self.isRightToLeft() else "›")
        return mark

    def _fit(self) -> None:
        """Show the first step and as many of the last as fit; the rest is in the menu, the first too where need be."""
        count = max(0, len(self._steps) - 1)
        metrics = self.present.fontMetrics()
        wished = metrics.horizontalAdvance(self.present.words()) + 2 * GUTTER
        mark = self._more_mark.sizeHint().width()
        room = self.width() - min(wished, max(_LEAST_OF_PRESENT, self.width() // 3))
        wide = [button.sizeHint().width() + mark for button in self._buttons[:count]]
        kept = set(range(count))
        if sum(wide) > room:
            room -= self.more.sizeHint().width() + mark
            for place in (*range(1, count), 0):
                if sum(wide[one] for one in kept) <= room:
                    break
                kept.discard(place)
        for place, (button, sign) in enumerate(zip(self._buttons, self._marks, strict=True)):
            button.setVisible(place in kept)
            sign.setVisible(place in kept)
        hidden = len(kept) < count
        self.more.setVisible(hidden)
        self._more_mark.setVisible(hidden)

    def _on_more(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setFont(theme.font())
        for place, button in enumerate(self._buttons[: len(self._steps) - 1]):
            if not button.isHidden():
                continue
            step = self._steps[place]
            room = menu.fontMetrics().averageCharWidth() * _MENU_LETTERS
            label = menu.fontMetrics().elidedText(visible(step.label), Qt.TextElideMode.ElideRight, room)
            action = menu.addAction(label.replace("&", "&&"))
            action.triggered.connect(lambda _=False, at=step: self.asked.emit(at.question))
        corner = self.more.rect().bottomRight() if self.isRightToLeft() else self.more.rect().bottomLeft()
        menu.popup(self.more.mapToGlobal(corner) + QPoint(0, 2))
