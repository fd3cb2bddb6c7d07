"""What settings are changed with: one control for each kind of value, which is text as `settings get` prints it."""

import threading
from zoneinfo import available_timezones

from PySide6.QtCore import QObject, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QLineEdit, QListView, QSizePolicy, QVBoxLayout, QWidget

from tokentray.settings import (
    Choice,
    CurrencyCode,
    FilePath,
    FolderPath,
    ProxyAddress,
    Setting,
    Several,
    Switch,
    Whole,
    ZoneName,
)
from tokentray.ui import theme
from tokentray.ui.forms.boxes import Boxes
from tokentray.ui.forms.controls import Combo, CurrencyCombo, Number
from tokentray.ui.forms.eliding import NameCheck
from tokentray.ui.forms.folder import FolderEdit

_PAUSE_MS = 500
_LOOK_MS = 40
_WIDEST = 40
"""Letters that a choice is wide at most."""
_NARROWEST = 20
"""Letters that a line is wide at least."""
_SYSTEM_ZONE = "The system’s own"


class _Zones(QObject):
    """The names of all time zones, looked up apart from the main thread: they lie in some hundred files.

    Its thread knows nothing of Qt: the window may be gone before it is done.
    """

    found = Signal(list)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._names: list[str] = []
        self._looks = threading.Thread(target=_look, args=(self._names,), name="time-zones", daemon=True)
        self._waits = QTimer(self, interval=_LOOK_MS)
        self._waits.timeout.connect(self._on_waited)

    def look(self) -> None:
        self._looks.start()
        self._waits.start()

    def _on_waited(self) -> None:
        if not self._looks.is_alive():
            self._waits.stop()
            self.found.emit(self._names)


def _look(names: list[str]) -> None:
    names += sorted(available_timezones())


class SettingControl(QWidget):
    """What a setting is changed with. Its value is text, as `settings get` prints it."""

    changed = Signal()

    def text(self) -> str:
        raise NotImplementedError

    def show_text(self, text: str) -> None:
        """Fill it in; not something that the person did."""
        raise NotImplementedError

    def is_edited(self) -> bool:
        """Whether the person is in the middle of typing."""
        return False

    def settle(self) -> None:
        """What was typed was taken, so that it is no longer the person's alone."""

    def _hold(self, control: QWidget) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(control)
        self.control = control


class SwitchControl(SettingControl):
    """On or off."""

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self.check = NameCheck()
        self.check.set_name(setting.label)
        self._hold(self.check)
        self.check.clicked.connect(self.changed)

    def text(self) -> str:
        return "true" if self.check.isChecked() else "false"

    def show_text(self, text: str) -> None:
        self.check.setChecked(text == "true")


class ChoiceControl(SettingControl):
    """One of a few."""

    def __init__(self, kind: Choice | CurrencyCode) -> None:
        super().__init__()
        if isinstance(kind, Choice):
            self.combo = Combo()
            self.combo.show_choices(kind.choices)
            self.combo.setMinimumContentsLength(min(_WIDEST, max(len(text) for _, text in kind.choices)))
        else:
            self.combo = CurrencyCombo(nothing="As they came in")
        self._hold(self.combo)
        self.combo.chosen.connect(self.changed)

    def text(self) -> str:
        return self.combo.value()

    def show_text(self, text: str) -> None:
        self.combo.show_value(text)


class WholeControl(SettingControl):
    """A number with its unit. It is told when the person pauses, not at every step."""

    def __init__(self, kind: Whole) -> None:
        super().__init__()
        self.number = Number(kind.least, kind.most)
        self.number.setSuffix(f" {kind.unit}")
        self._hold(self.number)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self.changed)
        self.number.chosen.connect(lambda _: self._pause.start())
        self.number.editingFinished.connect(self._on_finished)

    def text(self) -> str:
        return str(self.number.value())

    def show_text(self, text: str) -> None:
        self.number.show_number(int(text))

    def is_edited(self) -> bool:
        return self._pause.isActive() or (self.number.touched and self.number.hasFocus())

    def settle(self) -> None:
        self.number.touched = False

    def _on_finished(self) -> None:
        if self._pause.isActive():
            self._pause.stop()
            self.changed.emit()


class ZoneControl(SettingControl):
    """A time zone: typed, or chosen among all that there are; any part of a name finds it."""

    def __init__(self) -> None:
        super().__init__()
        self.combo = Combo(editable=True)
        self.combo.setMinimumContentsLength(26)
        self._hold(self.combo)
        self.zones = _Zones(self)
        self.zones.found.connect(self._on_found)
        self.combo.show_choices([(_SYSTEM_ZONE, _SYSTEM_ZONE)])
        completer = self.combo.completer()
        assert completer is not None
        self._completer = completer
        self.names = QListView()
        completer.setPopup(self.names)
        self.combo.chosen.connect(self.changed)
        line = self.combo.lineEdit()
        assert line is not None
        line.editingFinished.connect(self._on_finished)
        self.zones.look()

    def text(self) -> str:
        name = self.combo.value()
        return "" if name == _SYSTEM_ZONE else name

    def show_text(self, text: str) -> None:
        self.combo.show_value(text or _SYSTEM_ZONE)

    def is_edited(self) -> bool:
        return self.combo.touched and self.combo.hasFocus()

    def settle(self) -> None:
        self.combo.touched = False

    def _on_found(self, names: list[str]) -> None:
        self.combo.show_choices([(name, name) for name in (_SYSTEM_ZONE, *names)])
        if self.is_edited():  # typed before there were names to offer
            self._completer.setCompletionPrefix(self.combo.currentText())
            self._completer.complete()

    def _on_finished(self) -> None:
        if self.combo.touched and not self.names.isVisible():
            self.changed.emit()


class _Line(QLineEdit):
    """As wide as an address, where there is room."""

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        return QSize(self.fontMetrics().averageCharWidth() * _WIDEST, super().sizeHint().height())


class TextControl(SettingControl):
    """An address or a path: told when the person leaves it or presses Enter."""

    def __init__(self, kind: ProxyAddress | FilePath) -> None:
        super().__init__()
        self.line = _Line()
        self.line.setFont(theme.font())
        self.line.setPlaceholderText(kind.empty[:1].upper() + kind.empty[1:])
        self.line.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.line.setMinimumWidth(self.line.fontMetrics().averageCharWidth() * _NARROWEST)
        # Addresses and paths read from left to right in every window.
        self.line.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self._hold(self.line)
        self.line.editingFinished.connect(self._on_finished)

    def text(self) -> str:
        return self.line.text().strip()

    def show_text(self, text: str) -> None:
        self.line.setText(text)
        self.line.setCursorPosition(0)

    def is_edited(self) -> bool:
        return self.line.isModified() and self.line.hasFocus()

    def settle(self) -> None:
        self.line.setModified(False)

    def _on_finished(self) -> None:
        if self.line.isModified():
            self.changed.emit()


class FolderControl(SettingControl):
    """A folder: told when it is chosen, or when the person leaves the line or presses Enter."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = FolderEdit()
        self._hold(self.folder)
        self.control = self.folder.line
        self.folder.chosen.connect(self.changed)

    def text(self) -> str:
        return self.folder.text()

    def show_text(self, text: str) -> None:
        self.folder.show_folder(text)

    def is_edited(self) -> bool:
        return self.folder.is_edited()

    def settle(self) -> None:
        self.folder.settle()


class SeveralControl(SettingControl):
    """One or more of a few, each a box."""

    def __init__(self, kind: Several) -> None:
        super().__init__()
        self.boxes = Boxes(kind.choices, least=1)
        self._hold(self.boxes)
        self.boxes.changed.connect(self.changed)

    def line_height(self) -> int:
        """As forms.fields.OfLines."""
        return self.boxes.line_height()

    def text(self) -> str:
        return self.boxes.text()

    def show_text(self, text: str) -> None:
        self.boxes.show_text(text)


def control_of(setting: Setting) -> SettingControl:
    """The control that fits a setting, by its kind."""
    kind = setting.kind
    if isinstance(kind, Switch):
        return SwitchControl(setting)
    if isinstance(kind, Whole):
        return WholeControl(kind)
    if isinstance(kind, ZoneName):
        return ZoneControl()
    if isinstance(kind, Several):
        return SeveralControl(kind)
    if isinstance(kind, FolderPath):
        return FolderControl()
    if isinstance(kind, ProxyAddress | FilePath):
        return TextControl(kind)
    return ChoiceControl(kind)
