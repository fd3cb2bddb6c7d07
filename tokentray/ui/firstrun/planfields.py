"""The fields of a plan in the window of the first start: as few as make its fee count."""

from datetime import date
from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from tokentray.requests import AddPlan
from tokentray.setup import Setup
from tokentray.snapshot import Problem
from tokentray.ui import theme
from tokentray.ui.forms.amounts import AmountEdit
from tokentray.ui.forms.controls import CurrencyCombo
from tokentray.ui.forms.dayedit import DayEdit
from tokentray.ui.forms.desk import Desk
from tokentray.ui.forms.fields import row
from tokentray.ui.forms.form import Form
from tokentray.ui.widgets import TextLabel

WHO_PAYS = "Who pays"
LABEL_GAP = 12
"""Pixels between labels and what they belong to."""


def label_width() -> int:
    """Pixels of the widest label, so that those of a row and of its plan make one column."""
    metrics = QFontMetrics(theme.font())
    return max(metrics.horizontalAdvance(words) for words in (WHO_PAYS, "Name", "Fee a month"))


class PlanFields(Form):
    """Name, fee and first day. Its agents are those of the rows that share it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, action="Add plan")
        self.agents: tuple[str, ...] = ()
        self._provider = ""
        self._filled: tuple[str, Decimal | None] | None = None
        self.name = QLineEdit()
        self.name.setFont(theme.font())
        self.name.setMaxLength(100)
        self.fee = AmountEdit()
        self.fee.setFixedWidth(self.fee.fontMetrics().horizontalAdvance("0") * 11)
        self.currency = CurrencyCombo()
        self.first_day = DayEdit()
        self.add("name", "Name", self.name)
        since = QLabel("since")
        since.setTextFormat(Qt.TextFormat.PlainText)
        since.setFont(theme.font())
        since.setBuddy(self.first_day)
        self.currency.setAccessibleName("Currency")
        self.first_day.setAccessibleName("Since")
        beside = QWidget()
        beside.setLayout(row(self.currency, since, self.first_day))
        fee = self.fields.add("Fee a month", self.fee, beside=beside)
        self._by_name |= {"fee": fee, "currency": fee, "first_day": fee}
        self.fields.setHorizontalSpacing(LABEL_GAP)
        for field in ("name", "fee"):
            self.fields.label_of(self.field(field)).setMinimumWidth(label_width())
        help_text = TextLabel(font=theme.font(0.92), secondary=True, wraps=True, gutter=False)
        help_text.set_words("Its fee counts from that day on.")
        self._foot.insertSpacing(0, label_width() + LABEL_GAP)
        self._foot.insertWidget(1, help_text, 100)

    def request(self) -> AddPlan:
        return AddPlan(
            name=self.name.text().strip(),
            agents=self.agents,
            fee=self.fee.amount(),
            currency=self.currency.value(),
            first_day=self.first_day.day(),
            provider=self._provider,
        )

    def show_setup(self, setup: Setup) -> None:
        self.currency.put_first(setup.currency)
        if not self.currency.value():
            self.currency.show_value(setup.currency or "USD")

    def fill(self, name: str, fee: Decimal | None, currency: str, since: date, provider: str, *, named: bool) -> None:
        """Begin with a plan; what was typed for the same one stays. named: whether the name is chosen already."""
        self._provider = provider
        self.show_field("name", shown=not named)
        if not self.first_day.touched:
            self.first_day.show_day(since)
        if self._filled == (name, fee):
            return
        self._filled = (name, fee)
        self.refuse(None)
        self.name.setText(name)
        self.name.setModified(False)
        self.fee.show_amount(fee)
        self.currency.show_value(currency or self.currency.value())

    def refuse(self, problem: Problem | None, name: str = "") -> None:
        super().refuse(problem, name)
        if problem is not None and name == "first_day" and self.fee.hasFocus():
            self.first_day.setFocus(Qt.FocusReason.OtherFocusReason)

    def complete(self) -> bool:
        """Whether nothing is missing."""
        return bool(self.name.text().strip() and self.fee.text().strip())

    @property
    def touched(self) -> bool:
        """Whether the person has typed or chosen anything in it."""
        typed = self.name.isModified() or self.fee.isModified()
        return typed or self.currency.touched or self.first_day.touched
