"""The page of reference points: what the person measures money against, and which of them leads."""

from itertools import groupby

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QVBoxLayout, QWidget

from tokentray.insight.told_words import day_text
from tokentray.money import plain
from tokentray.requests import AddReference, Answer, LeadReference, RemoveReference
from tokentray.setup import ReferenceSetup, Setup
from tokentray.ui.forms.controls import Button
from tokentray.ui.forms.desk import Desk
from tokentray.ui.forms.eliding import NameRadio
from tokentray.ui.forms.fields import SMALL, Refusal, row
from tokentray.ui.forms.found import capitalised
from tokentray.ui.forms.reference import ReferenceForm
from tokentray.ui.forms.unfold import Unfold
from tokentray.ui.settings.declared import DeclaredSettings
from tokentray.ui.settings.page import Line, Page, label, reconcile

TITLE = "Reference points"
_TEXT = (
    "Something of your own that you measure money against: an hour of your time, your pay, a thing you know the "
    "price of. Amounts are shown beside it, in the one you choose."
)
_NAMES = {"hourly": "Hourly rate", "pay": "Yearly pay"}
_INDENT = 24

Series = tuple[ReferenceSetup, ...]


class SeriesBlock(QWidget):
    """One reference point with all it was over time. Chosen, amounts are shown in it."""

    led = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.radio = NameRadio()
        self.example = label(factor=SMALL, secondary=True, wraps=True)
        self.refusal = Refusal()
        self.terms: dict[int, Line] = {}
        self._column = QVBoxLayout()
        self._column.setSpacing(4)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 6)
        box.setSpacing(3)
        box.addWidget(self.radio)
        below = QHBoxLayout()
        below.setContentsMargins(0, 0, 0, 0)
        below.addSpacing(_INDENT)
        inner = QVBoxLayout()
        inner.setSpacing(4)
        inner.addLayout(self._column)
        inner.addWidget(self.example)
        inner.addWidget(self.refusal)
        below.addLayout(inner, 1)
        box.addLayout(below)
        self.radio.clicked.connect(self.led)

    def show_series(self, series: Series) -> None:
        latest = series[-1]
        name = _NAMES.get(latest.kind, latest.name)
        self.radio.set_name(name)
        self.radio.setAccessibleName(f"Show amounts in: {name}")
        example = next((one.example_text for one in series if one.example_text), "")
        self.example.set_words(capitalised(example))
        self.example.setVisible(bool(example))
        reconcile(
            self._column,
            self.terms,
            [(one.id, one) for one in reversed(series)],
            lambda _: Line(self._desk),
            _show_term,
            self.radio,
        )


class ReferencesPage(Page):
    """All reference points, the form for another, and the length of a working week."""

    rates_asked = Signal(str)
    """The person wants to set an exchange rate for a currency."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(TITLE, _TEXT, desk)
        self._asked = False
        self.missing: dict[str, MissingRate] = {}
        self._missing_column = QVBoxLayout()
        self.body.addLayout(self._missing_column)
        self.empty = self.say("None yet. An hourly rate is the plainest: $11.97 then reads “7 min of your time”.")
        self.series: dict[tuple[str, str], SeriesBlock] = {}
        self._group = QButtonGroup(self)
        self._column = QVBoxLayout()
        self._column.setSpacing(6)
        self.body.addLayout(self._column)
        self.add_reference = Unfold("Add a reference point…", lambda: ReferenceForm(desk, cancels=True))
        self.body.addWidget(self.add_reference)
        self.rule()
        self.settings = DeclaredSettings(TITLE, desk)
        self.body.addWidget(self.settings)
        self.body.addStretch(1)

    def show_setup(self, setup: Setup) -> None:
        super().show_setup(setup)
        reconcile(
            self._missing_column,
            self.missing,
            [(code, code) for code in setup.missing_rates],
            self._missing,
            lambda hint, code: hint.show_currency(code),
            self.add_reference.button,
        )
        self.empty.setVisible(not setup.references)
        series = _series(setup.references)
        reconcile(
            self._column,
            self.series,
            list(series.items()),
            self._block,
            lambda block, shown: block.show_series(shown),
            self.add_reference.button,
        )
        if not self._asked:
            self._show_leading(series)
        self.add_reference.show_setup(setup)
        self.settings.show_setup(setup)

    def _show_leading(self, series: dict[tuple[str, str], Series]) -> None:
        leads = [key for key, shown in series.items() if any(one.leads for one in shown)]
        self._group.setExclusive(False)
        for key, block in self.series.items():
            block.radio.setChecked(key in leads[:1])
        self._group.setExclusive(True)

    def _block(self, series: Series) -> SeriesBlock:
        block = SeriesBlock(self.desk)
        key = (series[0].kind, series[0].name)
        self._group.addButton(block.radio)
        block.led.connect(lambda: self._lead(key))
        return block

    def _missing(self, code: str) -> "MissingRate":
        hint = MissingRate()
        hint.set_asked.connect(lambda: self.rates_asked.emit(code))
        return hint

    def _lead(self, key: tuple[str, str]) -> None:
        assert self.setup is not None
        series = _series(self.setup.references).get(key, ())
        if not series or any(one.leads for one in series):
            return
        block = self.series[key]
        block.refusal.show_problem(None)
        self._asked = True

        def then(answer: Answer) -> None:
            self._asked = False
            if answer.problem is not None:
                block.refusal.show_problem(answer.problem)
                assert self.setup is not None
                self._show_leading(_series(self.setup.references))

        self.desk.send(LeadReference(series[-1].id), block, then)


class MissingRate(QWidget):
    """Says that a rate is missing, and leads to where it is set."""

    set_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.words = label(wraps=True)
        self.button = Button("")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 8)
        box.addWidget(self.words)
        box.addLayout(row(self.button))
        self.button.clicked.connect(self.set_asked)

    def show_currency(self, code: str) -> None:
        self.words.set_words(
            f"No exchange rate is set for {code}, so amounts cannot be converted from or to it and are shown apart."
        )
        self.button.setText(f"Set a rate for {code}…")


def _show_term(line: Line, one: ReferenceSetup) -> None:
    undo = AddReference(one.kind, plain(one.amount), one.currency, one.from_day, one.name)
    line.show_item(f"{one.text}, from {day_text(one.from_day)}", one.text, RemoveReference(one.id), undo)


def _series(references: tuple[ReferenceSetup, ...]) -> dict[tuple[str, str], Series]:
    """Those of one kind and name are one over time, oldest first."""
    order = {"hourly": 0, "pay": 1, "thing": 2}

    def key(one: ReferenceSetup) -> tuple[int, str, str]:
        return (order.get(one.kind, 3), one.kind, one.name)

    inside = sorted(references, key=lambda one: (key(one), one.from_day, one.id))
    return {(kind, name): tuple(group) for (_, kind, name), group in groupby(inside, key)}
