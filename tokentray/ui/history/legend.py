"""The legend of a chart: an item for each series. A click switches one on or off, a double click goes deeper into it.

One stop of the Tab key, with the arrow keys inside. Items flow in lines, and scroll where they take more than two.
"""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QScrollArea, QSizePolicy, QWidget

from tokentray.charts.layout import Mark, marks
from tokentray.charts.shapes import Box, Drawing
from tokentray.charts.spec import BarChart, Chart, LineChart, LineSeries, Series
from tokentray.ui import theme
from tokentray.ui.history.flow import Flow
from tokentray.ui.history.marks import SIDE, sign, wide
from tokentray.ui.history.painting import paint
from tokentray.ui.history.tips import series_known, series_tip, series_words, visible
from tokentray.ui.widgets import is_right_to_left, paint_focus, tell_on_focus

_MOST_LINES = 2
_INSET, _NEAR, _ACROSS = 5, 6, 8
_LONGEST = 28
"""Letters of a label that are shown; its tooltip has all of it."""
_CONTROL = Qt.KeyboardModifier.ControlModifier


class LegendItem(QAbstractButton):
    """A series: its sign, its name, its amount. Whether it is ticked follows what is shown, never the click alone."""

    deeper_asked = Signal()
    only_asked = Signal()
    toggle_asked = Signal()
    walked = Signal(int)
    """How many items on the keyboard goes."""

    def __init__(self, series: Series | LineSeries, mark: Mark, parent: QWidget) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setFont(theme.font(0.95))
        self._modifiers = Qt.KeyboardModifier.NoModifier
        self._is_double = False
        self._hint = QSize()
        """Found when it is asked for: laying items out asks again and again."""
        self.series, self.mark = series, mark
        self.show_series(series, mark)
        self.clicked.connect(self._on_clicked)

    def show_series(self, series: Series | LineSeries, mark: Mark, as_of: str = "") -> None:
        """Stand for this from now on. as_of: as Report.as_of_text."""
        self.series, self.mark = series, mark
        self.setChecked(series.shown)
        self.setAccessibleName(series_words(series))
        self.setToolTip(series_tip(series, as_of))
        self.setAccessibleDescription(series_known(series, as_of))
        self._hint = QSize()
        self.updateGeometry()
        self.update()

    def nextCheckState(self) -> None:  # noqa: N802 (Qt's name)
        """Nothing: the tick follows the answer."""

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        if self._hint.isValid():
            return self._hint
        metrics = self.fontMetrics()
        label, amount = self._label(), visible(self.series.text)
        across = 2 * _INSET + wide(self.mark) + _NEAR + metrics.horizontalAdvance(label) + 2
        across += _NEAR + metrics.horizontalAdvance(amount) if amount else 0
        self._hint = QSize(round(across), metrics.height() + 8)
        return self._hint

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._hint = QSize()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        self._is_double = False
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        self._modifiers = event.modifiers()
        super().mouseReleaseEvent(event)
        self._modifiers = Qt.KeyboardModifier.NoModifier

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        super().mouseDoubleClickEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and not event.modifiers() & _CONTROL:
            self._is_double = True
            self.toggle_asked.emit()  # as before the first of the two clicks
            self.deeper_asked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        keys, key = Qt.Key, Qt.Key(event.key())
        back, forth = keys.Key_Left, keys.Key_Right
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            back, forth = forth, back
        steps = {back: -1, keys.Key_Up: -1, forth: 1, keys.Key_Down: 1, keys.Key_Home: -9999, keys.Key_End: 9999}
        if key in steps and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.walked.emit(steps[key])
        elif key in (keys.Key_Return, keys.Key_Enter):
            self.deeper_asked.emit()
        elif key == keys.Key_Space and event.modifiers() & _CONTROL:
            self.only_asked.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        super().focusInEvent(event)
        tell_on_focus(self, event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        del event
        shades, shown = theme.current(), self.series.shown
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shades.rule if self.isDown() else shades.track)
            painter.drawRoundedRect(QRectF(self.rect()), 5, 5)
        turned = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        takes = wide(self.mark)
        left = self.width() - _INSET - takes if turned else _INSET
        shapes = sign(self.mark, left, (self.height() - SIDE) / 2, shown=shown)
        paint(Drawing(self.width(), self.height(), Box(0, 0, 0, 0), shapes), painter, shades)
        metrics, amount = self.fontMetrics(), visible(self.series.text)
        end = metrics.horizontalAdvance(amount) + _NEAR if amount else 0
        room = QRectF(_INSET + takes + _NEAR, 0, self.width() - 2 * _INSET - takes - _NEAR, self.height())
        if turned:
            room.moveRight(self.width() - room.left())
        painter.setFont(self.font())
        # Each text in its own direction, on its own side of the room.
        label = metrics.elidedText(self._label(), Qt.TextElideMode.ElideRight, int(room.width() - end) + 1)
        leading, trailing = (Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignLeft)[:: 1 if turned else -1]
        for text, side, ink in (
            (label, leading, shades.text if shown else shades.secondary),
            (amount, trailing, shades.secondary),
        ):
            rtl = is_right_to_left(text)
            painter.setLayoutDirection(Qt.LayoutDirection.RightToLeft if rtl else Qt.LayoutDirection.LeftToRight)
            painter.setPen(ink)
            flags = side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(room, int(flags | Qt.TextFlag.TextSingleLine), text)
        painter.end()
        if self.hasFocus():
            paint_focus(self, QRectF(self.rect()))

    def _label(self) -> str:
        label = visible(self.series.label)
        return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1].rstrip()}…"

    def _on_clicked(self) -> None:
        if self._is_double:
            return
        if self._modifiers & _CONTROL:
            self.only_asked.emit()
        else:
            self.toggle_asked.emit()


class Legend(QScrollArea):
    """The items of a chart; none where it has no more than one series, or none that a legend could tell apart."""

    toggled = Signal(str)
    """Id of a series to switch on or off."""
    picked_asked = Signal(tuple)
    """Ids of the rows to pick: those of one series alone, () for all again."""
    deeper_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.items: list[LegendItem] = []
        self._spare: list[LegendItem] = []
        """Items of a chart with more series: making one takes longer than all else of it."""
        self._current = 0
        self._most_lines = _MOST_LINES
        self._as_of = ""
        self._content = QWidget()
        self._flow = Flow(self._content, _ACROSS, 0)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it follows the focus, and is no stop itself
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setWidgetResizable(True)
        self.setWidget(self._content)
        self._content.setAccessibleName("Legend")
        self._content.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        self._fit()

    def allow_lines(self, lines: int | None = None) -> None:
        """Scroll from so many lines on, rather than from the usual number: the window is low."""
        self._most_lines = lines or _MOST_LINES
        self._fit()

    def set_chart(self, chart: Chart | None, as_of: str = "") -> None:
        """Show the series of this chart. as_of: as Report.as_of_text."""
        aged, self._as_of = as_of != self._as_of, as_of
        all_series: tuple[Series | LineSeries, ...] = chart.series if isinstance(chart, BarChart | LineChart) else ()
        pairs = list(zip(all_series, marks(chart) if chart is not None else (), strict=True))
        # A dashed companion comes and goes with its line, and has the same colour.
        lines = {one.ink for one, mark in pairs if not mark.dashed}
        pairs = [(one, mark) for one, mark in pairs if not (mark.dashed and one.ink in lines)]
        series, signs = tuple(one for one, _ in pairs), tuple(mark for _, mark in pairs)
        if len(series) < 2 and not any(not one.shown for one in series):
            series, signs = (), ()
        held = self._holder()
        self._flow.setEnabled(False)  # else each item that comes lays all of them out
        for place, (one, mark) in enumerate(zip(series, signs, strict=True)):
            if place == len(self.items):
                self._add(self._spare.pop(0) if self._spare else self._made(one, mark))
                self.items[place].show_series(one, mark, as_of)
            elif aged or (self.items[place].series, self.items[place].mark) != (one, mark):
                self.items[place].show_series(one, mark, as_of)
        for item in self.items[len(series) :]:
            self._flow.removeWidget(item)
            item.hide()
        self._spare[:0] = self.items[len(series) :]  # in the order in which they were made, and are read out
        del self.items[len(series) :]
        self._flow.setEnabled(True)
        self._flow.activate()
        # The keyboard stays with the series it was on, wherever that stands now.
        self._set_current(next((at for at, one in enumerate(series) if one.id == held), self._current), held != "")
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "items"):
            for item in (*self.items, *self._spare):
                item.setFont(theme.font(0.95))
            self._fit()

    def _made(self, series: Series | LineSeries, mark: Mark) -> LegendItem:
        item = LegendItem(series, mark, self._content)
        item.toggle_asked.connect(lambda: self.toggled.emit(item.series.id))
        item.deeper_asked.connect(lambda: self.deeper_asked.emit(item.series.id))
        item.only_asked.connect(lambda: self._only(item))
        item.walked.connect(lambda step: self._walk(item, step))
        return item

    def _add(self, item: LegendItem) -> None:
        self.items.append(item)
        self._flow.addWidget(item)
        item.show()

    def _only(self, item: LegendItem) -> None:
        """This series alone; where it is alone already, all of them again."""
        alone = item.series.shown and not any(one.series.shown for one in self.items if one is not item)
        self.picked_asked.emit(() if alone else (item.series.id,))

    def _walk(self, item: LegendItem, step: int) -> None:
        place = max(0, min(self.items.index(item) + step, len(self.items) - 1))
        self._set_current(place, True)

    def _holder(self) -> str:
        """The id of the series that has the keyboard, "" for none."""
        return next((item.series.id for item in self.items if item.hasFocus()), "")

    def _set_current(self, place: int, takes_keyboard: bool) -> None:
        """The item that the Tab key comes to."""
        self._current = max(0, min(place, len(self.items) - 1))
        for at, item in enumerate(self.items):
            current = at == self._current
            item.setFocusPolicy(Qt.FocusPolicy.StrongFocus if current else Qt.FocusPolicy.ClickFocus)
            if current and takes_keyboard:
                item.setFocus(Qt.FocusReason.TabFocusReason)
                self.ensureWidgetVisible(item, 0, 0)

    def _fit(self) -> None:
        """As tall as its lines, up to `most_lines`."""
        places = self._flow.places(max(1, self.viewport().width()))
        tops = sorted({place.top() for place in places})
        tall = places[0].height() if places else 0
        self.setFixedHeight(min(len(tops), self._most_lines) * tall)
