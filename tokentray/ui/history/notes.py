"""Notes in the history window: what the spend bought, in a line. Added, changed and removed in place, with undo."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from tokentray.insight.told_words import day_text
from tokentray.localeinfo import number_style
from tokentray.report import NoteFacts, Report
from tokentray.requests import AddNote, Answer, ChangeNote, RemoveNote
from tokentray.setup import Setup
from tokentray.ui import theme
from tokentray.ui.forms.amounts import AmountEdit, shown_amount
from tokentray.ui.forms.controls import Button, Combo
from tokentray.ui.forms.dayedit import DayEdit
from tokentray.ui.forms.desk import Desk
from tokentray.ui.forms.fields import Refusal
from tokentray.ui.forms.form import Form
from tokentray.ui.history.tips import visible

_LONGEST = 500
_LONGEST_COUNTED = 100
_SPOKEN = 40


class NoteForm(Form):
    """The line, its day, and what it is of: for a new note, or for one that there is."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, action="Add note", cancels=True)
        self._id: int | None = None
        self.text, self.of = QLineEdit(), QLineEdit()
        self.day = DayEdit()
        self.project = Combo(editable=True)
        self.quantity = AmountEdit()
        for line, most in ((self.text, _LONGEST), (self.of, _LONGEST_COUNTED)):
            line.setFont(theme.font())
            line.setMaxLength(most)
        self.of.setAccessibleName("What is counted")
        self.of.setPlaceholderText("releases")
        self.add("text", "What it bought", self.text)
        self.add("day", "Day", self.day)
        self.add("project", "Project", self.project, "Empty for all of the day.")
        self.add_pair("quantity", "How many", self.quantity, "of", self.of, "If you count: 3 releases.")

    def request(self) -> AddNote | ChangeNote:
        day, text, project = self.day.day(), self.text.text().strip(), self.project.value()
        quantity, of = self.quantity.amount(), self.of.text().strip()
        if self._id is None:
            return AddNote(day, text, project, quantity, of)
        return ChangeNote(self._id, day, text, project, quantity, of)

    def show_setup(self, setup: Setup) -> None:
        """It begins with a note, not with a setup."""
        del setup

    def begin(self, note: NoteFacts | None, day: date, projects: Sequence[str]) -> None:
        """Begin with a note, or anew with a day. projects: those to choose from."""
        self.clear()
        self._id = None if note is None else note.id
        self.send_button.setText("Add note" if note is None else "Change note")
        self.day.show_day(day if note is None else note.day)
        self.text.setText("" if note is None else note.text)
        self.project.show_choices([(name, name) for name in projects])
        self.project.show_value("" if note is None else note.project)
        self.quantity.setText("" if note is None else shown_amount(note.quantity, number_style()))
        self.quantity.setModified(False)
        self.of.setText("" if note is None else note.of)
        self.text.setCursorPosition(0)


class NotesBar(QWidget):
    """The buttons over the table of notes: to add one, and to change or remove the one that is chosen in the table."""

    form_asked = Signal(object)
    """To fill in: the NoteFacts to change, None for a new note."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._notes: dict[str, NoteFacts] = {}
        self._chosen: NoteFacts | None = None
        self._removing = False
        self.add = Button("Add a note…")
        self.change = Button("Change…")
        self.remove = Button("Remove")
        self.refusal = Refusal()
        line = QHBoxLayout()
        line.setSpacing(6)
        for button in (self.add, self.change, self.remove):
            line.addWidget(button)
        line.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(line)
        box.addWidget(self.refusal)
        self.add.clicked.connect(lambda: self.form_asked.emit(None))
        self.change.clicked.connect(lambda: self.form_asked.emit(self._chosen))
        self.remove.clicked.connect(self._on_remove)
        self.choose("")

    def show_report(self, report: Report) -> None:
        """The notes there are now."""
        self._notes = {note.row_id: note for note in report.notes}
        self.refusal.show_problem(None)
        self.choose(self._chosen.row_id if self._chosen else "")

    def note(self, row_id: str) -> NoteFacts | None:
        """The note of a row."""
        return self._notes.get(row_id)

    def choose(self, row_id: str) -> None:
        """The row that the buttons are for, "" for none."""
        self._chosen = note = self._notes.get(row_id)
        holds = self.change.hasFocus() or self.remove.hasFocus()
        for button, verb in ((self.change, "Change"), (self.remove, "Remove")):
            button.setEnabled(note is not None)
            named = "" if note is None else f" of {day_text(note.day)}: {visible(note.text)[:_SPOKEN]}"
            button.setAccessibleName(f"{verb} the note{named}")
        if holds and note is None:
            self.add.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_remove(self) -> None:
        note = self._chosen
        if note is None or self._removing:
            return
        self._removing = True
        undo = AddNote(note.day, note.text, note.project, note.quantity, note.of)
        self._desk.send(RemoveNote(note.id), self, self._on_removed, undo)

    def _on_removed(self, answer: Answer) -> None:
        self._removing = False
        self.refusal.show_problem(answer.problem)
