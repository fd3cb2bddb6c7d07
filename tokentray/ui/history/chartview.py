"""The chart: what is pointed at is named, bars are selected by dragging, and a double click leads on. The keyboard does
all of it too. It draws what it is given and asks by signals.
"""

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QApplication, QMenu, QSizePolicy, QToolTip, QWidget

from tokentray.charts.layout import draw
from tokentray.charts.shapes import Drawing, Pen, Size, bar_at, hit_at, hits_of
from tokentray.charts.spec import BarChart, Chart, LineChart
from tokentray.ui import theme
from tokentray.ui.heard import name_roles
from tokentray.ui.history import bars, painting
from tokentray.ui.history.menus import add, plain_menu, quoted
from tokentray.ui.history.saving import Keeper
from tokentray.ui.history.tips import bar_known, bar_tip, bar_words, visible
from tokentray.ui.widgets import paint_focus

_INSET = 6
"""Room for the ring of the keyboard focus."""
_WASH = 22
"""How much of the ink of text lies over the bar that is pointed at, of 255."""
RESTS_AFTER_MS = 700
"""Milliseconds that the keyboard rests on something before its tooltip shows, as the pointer does."""
_SHIFT = Qt.KeyboardModifier.ShiftModifier


class ChartView(QWidget):
    """A chart of any kind. keeper: copies and saves it."""

    named = Signal(str)
    """Words for the bar, or the part of it, that is pointed at, "" when none is."""
    selected = Signal(object)
    """Ids of the first and the last bar to select, None for none."""
    zoom_asked = Signal(str)
    """Id of a bar."""
    deeper_asked = Signal(str)
    """Id of a series."""

    def __init__(self, keeper: Keeper, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keeper = keeper
        self._chart: Chart | None = None
        self._spoken = self._as_of = ""
        self._walked = False
        """Whether the keys have led to the bar that is pointed at."""
        self._drawing: Drawing | None = None
        self._picture: QPixmap | None = None
        self._pen: Pen | None = None
        self._at, self._part = -1, -1
        self._anchor = -1
        """The bar from which the selection is stretched."""
        self._pressed: QPoint | None = None
        self._drags = False
        self._live: tuple[int, int] | None = None
        """What is being selected, or what was last asked for and is not yet in a chart that came."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(96)
        self._rests = QTimer(self, singleShot=True, interval=RESTS_AFTER_MS)
        self._rests.timeout.connect(self._tell_at_bar)
        name_roles()
        self._name()

    def set_chart(self, chart: Chart | None, spoken: str = "", as_of: str = "") -> None:
        """Show a chart, None for none. spoken: all of it in words. as_of: as Report.as_of_text."""
        self._spoken, self._as_of = spoken, as_of
        self._describe()
        if chart == self._chart and self._live == bars.selected(chart):
            return
        before, now = bars.ids(self._chart), bars.ids(chart)
        pointed = before[self._at] if self._at >= 0 else ""
        part = bars.series_id(self._chart, self._part) if pointed in now else ""
        self._chart = chart
        if before != now:
            self._anchor, self._pressed = -1, None
        if self._pressed is None:
            self._live = bars.selected(chart)
        self._draw_anew()
        at = now.index(pointed) if pointed in now else len(now) - 1 if self.hasFocus() else -1
        parts = [place for place in bars.parts(chart, at) if part and bars.series_id(chart, place) == part]
        self._point_at(at, parts[0] if parts else -1, again=True)

    def chart(self) -> Chart | None:
        """The one that is shown."""
        return self._chart

    def drawing(self) -> Drawing:
        """Its shapes as they stand in this widget now, from the inset on."""
        if self._drawing is None:
            size = Size(max(0, self.width() - 2 * _INSET), max(0, self.height() - 2 * _INSET))
            chart = self._chart
            if isinstance(chart, BarChart):
                chart = chart._replace(selected=self._live)
            if self._pen is None:
                self._pen = painting.pen(right_to_left=self._turned)
            self._drawing = bars.nothing(size) if chart is None else draw(chart, size, self._pen)
        return self._drawing

    def bar_rect(self, index: int) -> QRectF:
        """Where a bar's column is, the whole height of the plot."""
        drawing = self.drawing()
        left, right = drawing.columns[index]
        return QRectF(_INSET + left, _INSET + drawing.plot.y, right - left, drawing.plot.h)

    def part_rect(self, index: int, part: int) -> QRectF | None:
        """Where a part of a bar is; None where there is none to be seen."""
        hits = (hit for hit in hits_of(self.drawing(), index) if hit.series == part)
        return next((QRectF(_INSET + hit.x, _INSET + hit.y, hit.w, hit.h) for hit in hits), None)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        return QSize(640, 240)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        del event
        shades = theme.current()
        scale = self.devicePixelRatioF()
        drawing = self.drawing()
        if self._picture is None or self._picture.devicePixelRatio() != scale:
            self._picture = self._painted(drawing, shades, scale)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        if 0 <= self._at < len(drawing.columns):
            wash = QColor(shades.text)
            wash.setAlpha(_WASH)
            painter.fillRect(self.bar_rect(self._at), wash)
            part = self.part_rect(self._at, self._part) if self._part >= 0 else None
            if part is not None:
                painter.setPen(QPen(shades.text, 1.4))
                painter.drawRect(part)
        painter.end()
        if self.hasFocus():
            paint_focus(self, QRectF(self.rect()))

    def _painted(self, drawing: Drawing, shades: theme.Colors, scale: float) -> QPixmap:
        """The chart without what is pointed at, so that pointing costs next to nothing."""
        picture = QPixmap(round(self.width() * scale), round(self.height() * scale))
        picture.setDevicePixelRatio(scale)
        picture.fill(shades.window)
        painter = QPainter(picture)
        painter.translate(_INSET, _INSET)
        painting.paint(drawing, painter, shades)
        painter.end()
        return picture

    def event(self, event: QEvent) -> bool:
        kinds = QEvent.Type
        if event.type() == kinds.ToolTip and isinstance(event, QHelpEvent):
            self._tell(event.globalPos())
            return True
        if event.type() in (kinds.PaletteChange, kinds.FontChange, kinds.StyleChange, kinds.LayoutDirectionChange):
            self._pen = None
            self._draw_anew()
        elif event.type() == kinds.Resize:
            self._draw_anew()
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        bar, _ = self._under(event.position())
        if event.button() != Qt.MouseButton.LeftButton or bar < 0:
            return
        QToolTip.hideText()
        if not event.modifiers() & _SHIFT or self._anchor < 0:
            self._anchor = bar
        self._pressed, self._drags = event.position().toPoint(), bool(event.modifiers() & _SHIFT)
        if self._drags:
            self._stretch_to(bar)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        place = event.position()
        if self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            self._point_at(*self._under(place))
            if QToolTip.isVisible():
                self._tell(event.globalPosition().toPoint())
        elif isinstance(self._chart, BarChart):
            far = (place.toPoint() - self._pressed).manhattanLength() >= QApplication.startDragDistance()
            self._drags = self._drags or far
            if self._drags:
                bar = bar_at(self.drawing(), place.x() - _INSET)
                self._stretch_to(bar)
                self._point_at(bar)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        self._pressed = None
        if self._drags:
            self._tell_selected()
        else:
            self._toggle(self._anchor)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        bar, part = self._under(event.position())
        if event.button() == Qt.MouseButton.LeftButton and bar >= 0:
            self._pressed = None
            self._lead_on(bar, part)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        super().leaveEvent(event)
        if not self.hasFocus():
            self._point_at(-1)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 (Qt's name)
        place = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard and 0 <= self._at < len(bars.ids(self._chart)):
            place = self.mapToGlobal(self.bar_rect(self._at).center().toPoint())
        self.menu().popup(place)

    def menu(self) -> QMenu:
        """What can be done with the bar that is pointed at, and with the whole."""
        menu = plain_menu(self)
        chart, at, part = self._chart, self._at, self._part
        if isinstance(chart, BarChart | LineChart) and 0 <= at < len(bars.ids(chart)):
            id_ = bars.ids(chart)[at]
            add(menu, f"Zoom into {quoted(bars.label(chart, at))}", lambda: self.zoom_asked.emit(id_))
            if bars.leads_deeper(chart, part):
                into = chart.series[part]
                add(menu, f"Go deeper into {quoted(into.label)}", lambda: self.deeper_asked.emit(into.id))
            menu.addSeparator()
        self._keeper.add_to(menu)
        return menu

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        key, modifiers = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        last = len(bars.ids(self._chart)) - 1
        here = last if self._at < 0 else self._at
        goal = bars.goal(key, here, last, right_to_left=self._turned)
        self._walked = self._walked or goal is not None or key in (Qt.Key.Key_Up, Qt.Key.Key_Down)
        if last < 0 or modifiers & ~_SHIFT:
            super().keyPressEvent(event)
        elif goal is not None and modifiers & _SHIFT and isinstance(self._chart, BarChart):
            self._anchor = here if self._anchor < 0 or self._live is None else self._anchor
            self._point_at(goal)
            self._stretch_to(goal)
            self._tell_selected()
        elif goal is not None:
            part = bars.series_id(self._chart, self._part)
            stays = self._part if part and self._part in bars.parts(self._chart, goal) else -1
            self._point_at(goal, stays)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._point_at(here, bars.next_part(self._chart, here, self._part, 1 if key == Qt.Key.Key_Down else -1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._lead_on(here, self._part if modifiers & _SHIFT else -1)
        elif key == Qt.Key.Key_Space:
            self._anchor = here
            self._toggle(here)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        super().focusInEvent(event)
        if self._at < 0 and event.reason() != Qt.FocusReason.MouseFocusReason:
            self._point_at(len(bars.ids(self._chart)) - 1)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        super().focusOutEvent(event)
        self._walked = False
        self._rests.stop()
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._point_at(-1)
        self.update()

    @property
    def _turned(self) -> bool:
        return self.layoutDirection() == Qt.LayoutDirection.RightToLeft

    def _under(self, place: QPointF) -> tuple[int, int]:
        """Bar and part at a place, -1 for none."""
        hit = hit_at(self.drawing(), place.x() - _INSET, place.y() - _INSET)
        return (-1, -1) if hit is None else (hit.bar, hit.series)

    def _lead_on(self, bar: int, part: int) -> None:
        """Into a part where it can be gone into, else into the days of its bar."""
        if bars.leads_deeper(self._chart, part):
            self.deeper_asked.emit(bars.series_id(self._chart, part))
        elif isinstance(self._chart, BarChart | LineChart):
            self.zoom_asked.emit(bars.ids(self._chart)[bar])

    def _toggle(self, bar: int) -> None:
        """Select one bar, or none where it was the one."""
        if isinstance(self._chart, BarChart):
            self._show_selected(None if self._live == (bar, bar) else (bar, bar))
            self._tell_selected()

    def _stretch_to(self, bar: int) -> None:
        if isinstance(self._chart, BarChart):
            self._show_selected((min(self._anchor, bar), max(self._anchor, bar)))

    def _show_selected(self, live: tuple[int, int] | None) -> None:
        if live != self._live:
            self._live = live
            self._draw_anew()

    def _tell_selected(self) -> None:
        ids = bars.ids(self._chart)
        self.selected.emit(None if self._live is None else (ids[self._live[0]], ids[self._live[1]]))

    def _draw_anew(self) -> None:
        self._drawing = self._picture = None
        self.update()

    def _point_at(self, at: int, part: int = -1, *, again: bool = False) -> None:
        """Name a bar, and a part of it, where -1 is none."""
        if (at, part) == (self._at, self._part) and not again:
            return
        self._at, self._part = at, part
        self._name()
        if self._walked and not again:
            # As long as the pointer would have to rest there.
            QToolTip.hideText()
            self._rests.start()
        self.update()

    def _name(self) -> None:
        title = visible(self._chart.title) if self._chart is not None else "Chart"
        words = "" if self._chart is None or self._at < 0 else bar_words(self._chart, self._at, self._part)
        self.setAccessibleName(f"{title}: {words}" if words else title)
        self._describe()
        self.named.emit(words)

    def _describe(self) -> None:
        """To who hears it: the bar that keys have led to as its tooltip tells it, else the whole chart."""
        words = self._spoken
        if self._chart is not None and self._at >= 0 and self._walked:
            words = bar_known(self._chart, self._at, self._part, self._as_of)
        self.setAccessibleDescription(words)

    def _tell_at_bar(self) -> None:
        if self.hasFocus() and 0 <= self._at < len(bars.ids(self._chart)):
            self._tell(self.mapToGlobal(self.bar_rect(self._at).center().toPoint()))

    def _tell(self, place: QPoint) -> None:
        """The tooltip of what is pointed at, for as long as the pointer stays on it."""
        if self._chart is None or self._at < 0:
            QToolTip.hideText()
        else:
            QToolTip.showText(place, bar_tip(self._chart, self._at, self._part, self._as_of), self)
