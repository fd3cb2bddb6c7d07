"""Declared settings on their pages, made from their declaration alone: a new setting needs nothing here.

A control shows what holds. A change is sent at once (a number when the person pauses), and what is refused is said
under the control that it belongs to.
"""

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tokentray.requests import Answer, SetSetting
from tokentray.settings import SETTINGS, Setting, Switch
from tokentray.setup import SettingValue, Setup
from tokentray.snapshot import Problem
from tokentray.ui.buttons import TextButton
from tokentray.ui.forms.controls import Button
from tokentray.ui.forms.desk import Desk, without_commands
from tokentray.ui.forms.fields import SMALL, Field, Fields, row
from tokentray.ui.settings.page import Page, label
from tokentray.ui.settings.setting_controls import FolderControl, TextControl, ZoneControl, control_of
from tokentray.ui.widgets import SectionRule


class SettingField(Field):
    """A setting: its control, its help, what is wrong with the file's value, and the way back to the default."""

    def __init__(self, setting: Setting, desk: Desk) -> None:
        self.setting = setting
        self.value = control_of(setting)
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
            if isinstance(self.value, ZoneControl | TextControl | FolderControl) or self._state is None:
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
