"""The form of a reference point: what the person measures money against."""

from PySide6.QtWidgets import QLineEdit

from tokentray.requests import AddReference
from tokentray.setup import Setup
from tokentray.ui import theme
from tokentray.ui.forms.amounts import AmountEdit
from tokentray.ui.forms.controls import Combo, CurrencyCombo
from tokentray.ui.forms.dayedit import DayEdit
from tokentray.ui.forms.desk import Desk
from tokentray.ui.forms.form import Form

_KINDS = (("hourly", "Hourly rate"), ("pay", "Yearly pay"), ("thing", "A thing of mine"))
_AMOUNTS = {"hourly": "Amount an hour", "pay": "Amount a year", "thing": "Price apiece"}
_HELP = {
    "hourly": "What an hour of your time is worth to you. Amounts then read “9 min of your time”.",
    "pay": "Before tax. Amounts then read “2 % of a month’s pay”.",
    "thing": "Anything you have a feeling for. Amounts then read “2.4 coffees”.",
}


class ReferenceForm(Form):
    """A reference point, from a day on."""

    def __init__(self, desk: Desk | None = None, *, cancels: bool = False, brief: bool = False) -> None:
        """brief: without its date, which the first run does not ask for."""
        super().__init__(desk, action="Add reference point", cancels=cancels)
        self._currency = ""
        self.kind = Combo()
        self.kind.show_choices(_KINDS)
        self.kind.show_value("hourly")
        self.name = QLineEdit()
        self.name.setFont(theme.font())
        self.name.setMaxLength(100)
        self.name.setPlaceholderText("coffee")
        self.amount = AmountEdit()
        self.currency = CurrencyCombo()
        self.from_day = DayEdit()
        self.add("kind", "Kind", self.kind)
        self.add("name", "Name", self.name)
        self.add_amount("amount", "Amount", self.amount, self.currency)
        self.add("from_day", "From", self.from_day, "The first one of a kind holds for all days before, too.")
        self.show_field("from_day", shown=not brief)
        self.kind.currentIndexChanged.connect(self._on_kind)
        self._on_kind()

    def request(self) -> AddReference:
        return AddReference(
            kind=self.kind.value(),
            amount=self.amount.amount(),
            currency=self.currency.value(),
            from_day=self.from_day.day(),
            name=self.name.text().strip() if self.kind.value() == "thing" else "",
        )

    def show_setup(self, setup: Setup) -> None:
        self._currency = setup.currency
        self.currency.put_first(setup.currency)
        if not self.currency.touched:
            self.currency.show_value(setup.currency or "USD")
        if not self.from_day.touched:
            self.from_day.show_day(setup.today)

    def clear(self) -> None:
        super().clear()
        self.name.clear()
        self.amount.show_amount(None)
        self.currency.show_value(self._currency or "USD")

    def _on_kind(self) -> None:
        kind = self.kind.value()
        self.show_field("name", shown=kind == "thing")
        self.label_field("amount", _AMOUNTS[kind])
        self.field("kind").explain(_HELP[kind])
