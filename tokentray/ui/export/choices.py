"""What is chosen of an export: the month, the formats, the folder, and whether names are left out."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tokentray.export import FORMATS
from tokentray.export.files import file_name
from tokentray.insight.periods import month_text
from tokentray.settings import Several
from tokentray.settings.declared import find
from tokentray.ui.forms.boxes import Boxes
from tokentray.ui.forms.controls import Combo
from tokentray.ui.forms.eliding import NameCheck
from tokentray.ui.forms.fields import Field, Fields
from tokentray.ui.forms.folder import ChooseFolder, FolderEdit, ask_folder

_REDACTED = (
    "Projects, accounts, and plans and models that are not public are called by numbers, and so is what notes and"
    " charges say."
)
_APART = 10


class Choices(QWidget):
    """A column of fields."""

    asked = Signal()
    """Another month, or names instead of none: another preview."""
    changed = Signal()
    """Anything else was changed."""

    def __init__(self, choose_folder: ChooseFolder = ask_folder) -> None:
        super().__init__()
        self.touched = False
        """Whether the person has changed anything but the month: then nothing is filled in any more."""
        self.month = Combo()
        self.formats = Boxes(_formats())
        self.folder = FolderEdit(choose_folder)
        self.redact = NameCheck()
        self.redact.set_name("Leave out names")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(16)
        fields = Fields()
        fields.setVerticalSpacing(6)
        fields.add("Month", self.month)
        later = fields.add("Write it as", self.formats)
        self.into = fields.add("Into the folder", self.folder)
        self.into.control = self.folder.line
        fields.label_of(self.into).setBuddy(self.folder.line)
        self.folder.line.setAccessibleName("Into the folder")
        fields.stack()
        for field in (later, self.into):
            fields.label_of(field).setContentsMargins(0, _APART, 0, 0)
        box.addLayout(fields)
        box.addWidget(Field("Leave out names", self.redact, _REDACTED))
        box.addStretch(1)
        self.month.chosen.connect(lambda _: self.asked.emit())
        self.formats.changed.connect(self._on_changed)
        self.folder.chosen.connect(self._on_changed)
        self.folder.line.textEdited.connect(self._on_typed)
        self.redact.clicked.connect(self._on_redact)

    def show_months(self, months: Sequence[str], running: str) -> None:
        """Offer these, the newest first ("2026-10"). running: the one that is not over."""
        texts = [(one, month_text(day_of(one)) + (", so far" if one == running else "")) for one in months]
        self.month.show_choices(texts)

    def show_remembered(self, formats: str, folder: str, *, redact: bool) -> None:
        """What was chosen last time, unless the person is choosing."""
        if not self.touched:
            self.formats.show_text(formats)
            self.folder.show_folder(folder)
            self.redact.setChecked(redact)
            self.tell_files()

    def tell_files(self) -> None:
        """Say under the folder what the files are going to be called."""
        month, names = self.month.value(), self.formats.chosen()
        if not month or not names:
            self.into.explain("")
            return
        first = file_name(day_of(month), names[0], self.redact.isChecked())
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        self.into.explain(first + more)

    def _on_changed(self) -> None:
        self.touched = True
        self.tell_files()
        self.changed.emit()

    def _on_typed(self) -> None:
        self.touched = True
        self.changed.emit()

    def _on_redact(self) -> None:
        self._on_changed()
        self.asked.emit()


def day_of(month: str) -> date:
    """The first day of a month that is named "2026-10"."""
    return date.fromisoformat(f"{month}-01")


def _formats() -> list[tuple[str, str]]:
    """What a month can be written as, each with what it is for."""
    kind = find("export.formats").kind
    assert isinstance(kind, Several)
    return [choice for choice in kind.choices if choice[0] in FORMATS]
