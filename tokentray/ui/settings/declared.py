"""Controls for declared settings, made from their declaration alone: a new setting needs nothing here.

A control shows what holds. A change is sent at once (a number when the person pauses), and what is refused is said
under the control that it belongs to.
"""

import threading
from zoneinfo import available_timezones

from PySide6.QtCore import QObject, QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLineEdit, QListView, QSizePolicy, QVBoxLayout, QWidget
from shiboken6 import isValid

from tokentray.requests import Answer, SetSetting
from tokentray.settings import (
    SETTINGS,
    Choice,
    CurrencyCode,
    FilePath,
    ProxyAddress,
    Setting,
    Switch,
    Whole,
    ZoneName,
)
from tokentray.setup import SettingValue, Setup
from tokentray.snapshot import Problem
from tokentray.ui import theme
from tokentray.ui.buttons import TextButton
from tokentray.ui.forms.controls import Button, Combo, CurrencyCombo, Number
from tokentray.ui.forms.desk import Desk, without_commands
from tokentray.ui.forms.eliding import NameCheck
from tokentray.ui.forms.fields import SMALL, Field, Fields, row
from tokentray.ui.settings.page import Page, label
from tokentray.ui.widgets import SectionRule

_PAUSE_MS = 500
_WIDEST = 40
"""Letters that a choice is wide at most."""
_NARROWEST = 20
"""Letters that a line is wide at least."""
_SYSTEM_ZONE = "The system’s own"


class _Zones(QObject):
    """The names of all time zones, looked up apart from the main thread: they lie in some hundred files."""

    found = Signal(list)

    def look(self) -> None:
        threading.Thread(target=self._look, name="time-zones", daemon=True).start()

    def _look(self) -> None:
        names = sorted(available_timezones())
        if isValid(self):
            self.found.emit(names)


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


class SettingField(Field):
    """A setting: its control, its help, what is wrong with the file's value, and the way back to the default."""

    def __init__(self, setting: Setting, desk: Desk) -> None:
        self.setting = setting
        self.value = _control(setting)
        self.reset = TextButton("Reset", factor=SMALL)
        self.reset.setAccessibleName(f"Reset {setting.label}")
        self.reset.setToolTip("Back to the default")
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self.value.control.setAccessibleName(setting.label)
        super().__init__(setting.label, self.value, without_commands(setting.help), beside=self.reset)
        self._desk = desk
        self._state: SettingValue | None = None
        self._asked: list[str | None] = []
        self._missed = self._refused = False
        self.value.changed.connect(self._on_changed)
        self.reset.clicked.connect(self._on_reset)

    def show_state(self, state: SettingValue) -> None:
        """Follow what holds, unless the person is typing or an answer is still to come."""
        differs, self._state = state != self._state, state
        self.reset.setVisible(not state.is_default)
        self._missed = bool(self._asked) or self.value.is_edited()
        if self._missed or (self._refused and not differs):
            return
        self._refused = False
        self.refuse(Problem(state.notice, "", "", grave=False) if state.notice else None)
        self.value.show_text(state.text)

    def _describe(self) -> None:
        super()._describe()
        self.value.control.setAccessibleDescription(self.value.accessibleDescription())

    def _on_changed(self) -> None:
        text = self.value.text()
        if self._asked:
            if self._asked[-1] == text:
                return
        elif self._state is not None and text == self._state.text and not self._state.notice:
            if self._refused:
                self._refused = False
                self.refuse(None)
            return
        self._send(text)

    def _on_reset(self) -> None:
        if self.reset.hasFocus():
            self.value.control.setFocus(Qt.FocusReason.OtherFocusReason)
        self._send(None)

    def _send(self, text: str | None) -> None:
        self._asked.append(text)
        self._desk.send(SetSetting(self.setting.key, text), self, self._on_answer)

    def _on_answer(self, answer: Answer) -> None:
        asked = self._asked.pop(0)
        if self._asked:
            return
        if answer.problem is None and asked in (None, self.value.text()):
            self.value.settle()
        self._refused = answer.problem is not None
        if answer.problem is not None:
            self.refuse(answer.problem)
            if isinstance(self.value, ZoneControl | TextControl) or self._state is None:
                return  # what was typed stays, to be mended
            self.value.show_text(self._state.text)
        elif self._missed and self._state is not None and not self.value.is_edited():
            self.show_state(self._state)


class DeclaredSettings(QWidget):
    """All settings that are declared for one page."""

    def __init__(self, page: str, desk: Desk) -> None:
        super().__init__()
        self.fields: dict[str, SettingField] = {}
        form = Fields(self)
        form.setVerticalSpacing(18)
        for setting in SETTINGS:
            if setting.page != page:
                continue
            field = SettingField(setting, desk)
            self.fields[setting.key] = field
            # A check box says itself what it is for.
            form.put("" if isinstance(setting.kind, Switch) else setting.label, field, field.value.control)

    def show_setup(self, setup: Setup) -> None:
        for state in setup.settings:
            if state.key in self.fields:
                self.fields[state.key].show_state(state)


class FileNote(QWidget):
    """Where the settings lie, and that they may be edited by hand."""

    def __init__(self) -> None:
        super().__init__()
        self._path = ""
        self.words = label(factor=SMALL, secondary=True, wraps=True)
        self.words.set_words(
            "All settings lie in one text file, which may be edited by hand; what is changed there shows here at once."
        )
        self.path = label(factor=SMALL, elides=True)
        self.path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.open = Button("Open its folder")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 10, 0, 0)
        box.setSpacing(6)
        box.addWidget(SectionRule(inset=0))
        box.addSpacing(4)
        box.addWidget(self.words)
        box.addWidget(self.path)
        box.addLayout(row(self.open))
        self.open.clicked.connect(self._on_open)

    def show_setup(self, setup: Setup) -> None:
        self._path = setup.settings_file
        self.path.set_words(setup.settings_file)
        self.path.setAccessibleName(f"Settings file: {setup.settings_file}")

    def _on_open(self) -> None:
        folder = self._path.replace("\\", "/").rpartition("/")[0]
        QDesktopServices.openUrl(QUrl.fromLocalFile(folder or "/"))


class DeclaredPage(Page):
    """A page of declared settings. `after` is where more may stand, above the note on the file."""

    def __init__(self, title: str, text: str, desk: Desk) -> None:
        super().__init__(title, text, desk)
        self.body.addSpacing(4)
        self.settings = DeclaredSettings(title, desk)
        self.body.addWidget(self.settings)
        self.lay_more()
        self.file = FileNote()
        self.body.addWidget(self.file)
        self.body.addStretch(1)

    def lay_more(self) -> None:
        """Add what stands between the settings and the note on the file."""

    def show_setup(self, setup: Setup) -> None:
        super().show_setup(setup)
        self.settings.show_setup(setup)
        self.file.show_setup(setup)


def _control(setting: Setting) -> SettingControl:
    kind = setting.kind
    if isinstance(kind, Switch):
        return SwitchControl(setting)
    if isinstance(kind, Whole):
        return WholeControl(kind)
    if isinstance(kind, ZoneName):
        return ZoneControl()
    if isinstance(kind, ProxyAddress | FilePath):
        return TextControl(kind)
    return ChoiceControl(kind)
