"""Whose part of an organisation an account reads: chosen among those that the provider names, or typed."""

import re
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tokentray.ledger import ALL, Own
from tokentray.setup import OwnChoice
from tokentray.snapshot import Problem
from tokentray.ui.forms.controls import Combo
from tokentray.ui.forms.eliding import NameCheck
from tokentray.ui.forms.fields import Field, Fields

_PAIR = re.compile(r"([a-z][a-z_]*)=([^\s=,;]+)")
_NO_PART = Problem("Which part is yours?", "", "Choose yourself above, or say that all of it counts as yours")
WHOLE = "All of the organisation counts as mine"


def own_plain(own: Own) -> str:
    """A part in the provider's terms: "user_id=dana, api_key_id=key_1"."""
    return ", ".join(f"{key}={value}" for key, values in own.items() for value in values)


def parse_own(text: str) -> Own | None:
    """The same back, None where it is not written like that."""
    found: dict[str, tuple[str, ...]] = {}
    for part in re.split(r"[,;\s]+", text.strip()):
        match = _PAIR.fullmatch(part)
        if match is None:
            return None
        found[match[1]] = (*found.get(match[1], ()), match[2])
    return found


class OwnPicker(QWidget):
    """Who the person is at the provider, or that all of it is theirs."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices: dict[str, Own] = {}
        self._shown: tuple[tuple[str, ...], Own, bool] | None = None
        self.who = Combo(editable=True)
        self.whole = NameCheck()
        self.whole.set_name(WHOLE)
        self.field = Field("Only mine", self.who)
        self.fields = Fields()
        self.fields.put("Only mine", self.field, self.who)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addLayout(self.fields)
        box.addWidget(self.whole)
        self.who.editTextChanged.connect(self._on_changed)
        self.whole.toggled.connect(self._on_changed)

    def show_part(
        self, choices: Sequence[OwnChoice], own: Own, *, counted: bool, keys: Sequence[str], all_mine: bool
    ) -> None:
        """Offer these choices. own: the part that is read now. keys: the terms that may be typed; none where it cannot
        be narrowed. all_mine: whether saying that all of it counts makes sense.
        """
        self._choices = {}
        for choice in choices:
            label = choice.label if choice.label not in self._choices else f"{choice.label} ({own_plain(choice.own)})"
            self._choices[label] = choice.own
        self.who.show_choices([(label, label) for label in self._choices])
        shown = (tuple(self._choices), own, counted)
        if shown != self._shown and not self.who.touched:
            label = next((label for label, one in self._choices.items() if dict(one) == dict(own)), own_plain(own))
            self.who.show_value(label)
            self.whole.setChecked(counted and not own)
        self._shown = shown
        line = self.who.lineEdit()
        if line is not None:
            line.setPlaceholderText("Your name or e-mail" if choices else f"{keys[0]}=…" if keys else "")
        terms = ", ".join(f"{key}=…" for key in keys)
        self.field.explain(
            f"Choose yourself; any part of a name finds it. Or type {terms}" if choices else f"Type {terms}"
        )
        self.fields.show_row(self.field, shown=bool(keys or choices))
        self.whole.setVisible(all_mine)
        self._on_changed()

    def own(self) -> Own | None:
        """The part chosen or typed, ALL for no limit; None for a text that is neither."""
        text = self.who.value()
        if self.whole.isChecked() or not text:
            return ALL
        if text in self._choices:
            return self._choices[text]
        folded = [own for label, own in self._choices.items() if text.casefold() in label.casefold()]
        return folded[0] if len(folded) == 1 else parse_own(text)

    def counted(self) -> bool:
        """Whether all of it counts as the person's own."""
        return self.whole.isChecked()

    def clear(self) -> None:
        """Begin anew."""
        self._shown = None
        self.who.touched = False
        self.who.show_value("")
        self.whole.setChecked(False)
        self.field.refuse(None)

    def refuse(self, problem: Problem | None) -> None:
        """Say under it why not; None takes that away."""
        self.field.refuse(problem)

    def check(self, *, needed: bool = False) -> bool:
        """Whether what is typed can be meant. Says under the line what is wrong with it. needed: nothing is, too."""
        if needed and not (self.field.isHidden() or self.who.value() or self.counted()):
            self.refuse(_NO_PART)
            self.who.setFocus(Qt.FocusReason.OtherFocusReason)
            return False
        if self.own() is not None:
            return True
        self.refuse(
            Problem("That names nobody", self.who.value(), "Choose from the list, or type it as user_id=… or email=…")
        )
        return False

    def _on_changed(self) -> None:
        self.who.setEnabled(not self.whole.isChecked())
        if self.field.refused():
            self.refuse(None)
        self.changed.emit()
