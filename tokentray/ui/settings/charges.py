"""The page of charges: amounts typed in by hand, for what no log and no plan tells of."""

from PySide6.QtWidgets import QLineEdit, QVBoxLayout

from tokentray.insight.told_words import day_text
from tokentray.localeinfo import number_style
from tokentray.money import plain
from tokentray.requests import AddCharge, RemoveCharge
from tokentray.setup import ChargeSetup, Setup
from tokentray.ui import theme
from tokentray.ui.forms.amounts import AmountEdit
from tokentray.ui.forms.controls import Button, Combo, CurrencyCombo
from tokentray.ui.forms.dayedit import DayEdit
from tokentray.ui.forms.desk import Desk
from tokentray.ui.forms.fields import row
from tokentray.ui.forms.form import Form
from tokentray.ui.forms.unfold import Unfold
from tokentray.ui.settings.page import Line, Page, label, reconcile

TITLE = "Charges"
_TEXT = (
    "What you paid that neither a plan nor a log shows: extra usage of a plan, credits, an invoice. "
    "Each counts on its date."
)
_AT_FIRST = 30


class ChargeForm(Form):
    """An amount, when and to whom it was paid, and what for."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, action="Add charge", cancels=True)
        self._currency = ""
        self.day = DayEdit()
        self.amount = AmountEdit()
        self.currency = CurrencyCombo()
        self.provider = Combo(editable=True)
        self.text = QLineEdit()
        self.text.setFont(theme.font())
        self.text.setMaxLength(300)
        self.add_amount("amount", "Amount", self.amount, self.currency, "Before tax.")
        self.add("day", "Date", self.day)
        self.add("provider", "Paid to", self.provider)
        self.add("text", "What for", self.text)

    def request(self) -> AddCharge:
        return AddCharge(
            day=self.day.day(),
            amount=self.amount.amount(),
            provider=self.provider.value(),
            currency=self.currency.value(),
            text=self.text.text().strip(),
        )

    def show_setup(self, setup: Setup) -> None:
        self._currency = setup.currency or "USD"
        self.provider.show_choices([(name, name) for name in setup.providers])
        self.currency.put_first(setup.currency)
        if not self.currency.touched:
            self.currency.show_value(self._currency)
        if not self.day.touched:
            self.day.show_day(setup.today)

    def clear(self) -> None:
        super().clear()
        self.amount.show_amount(None)
        self.provider.show_value("")
        self.text.clear()


class ChargeLine(Line):
    """One charge: its date, its amount, whom it was paid to and what for."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.day = label(secondary=True)
        self.amount = label(trailing=True)
        self.words.insertWidget(0, self.day)
        self.words.insertWidget(1, self.amount)

    def show_charge(self, charge: ChargeSetup) -> None:
        self.day.set_words(day_text(charge.day))
        self.amount.set_words(charge.amount_text)
        text = " · ".join(part for part in (charge.provider, charge.text) if part)
        name = f"the charge of {charge.amount_text} on {day_text(charge.day)}"
        undo = AddCharge(charge.day, plain(charge.amount), charge.provider, charge.currency, charge.text)
        self.show_item(text, name, RemoveCharge(charge.id), undo)


class ChargesPage(Page):
    """All charges, the newest first."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(TITLE, _TEXT, desk)
        self._shown = _AT_FIRST
        self.add_charge = Unfold("Add a charge…", lambda: ChargeForm(desk))
        self.body.addWidget(self.add_charge)
        self.body.addSpacing(6)
        self.empty = self.say("No charge yet.")
        self.charges: dict[int, ChargeLine] = {}
        self._column = QVBoxLayout()
        self._column.setSpacing(8)
        self.body.addLayout(self._column)
        self.more = Button("")
        self.body.addLayout(row(self.more))
        self.body.addStretch(1)
        self.more.clicked.connect(self._on_more)

    def show_setup(self, setup: Setup) -> None:
        super().show_setup(setup)
        self.add_charge.show_setup(setup)
        self.empty.setVisible(not setup.charges)
        newest = sorted(setup.charges, key=lambda charge: (charge.day, charge.id), reverse=True)
        reconcile(
            self._column,
            self.charges,
            [(charge.id, charge) for charge in newest[: self._shown]],
            lambda _: ChargeLine(self.desk),
            lambda line, charge: line.show_charge(charge),
            self.add_charge.button,
        )
        self._align()
        left = len(newest) - self._shown
        self.more.setVisible(left > 0)
        self.more.setText(f"Show {number_style().number(max(0, left))} earlier")

    def _on_more(self) -> None:
        held, before = self.more.hasFocus(), len(self.charges)
        assert self.setup is not None
        self._shown = len(self.setup.charges)
        self.show_setup(self.setup)
        if held:
            list(self.charges.values())[before].remove.setFocus()

    def _align(self) -> None:
        """Dates and amounts stand in columns."""
        lines = list(self.charges.values())
        for column in ([line.day for line in lines], [line.amount for line in lines]):
            wide = max((words.wished_width() for words in column), default=0)
            for words in column:
                words.setFixedWidth(wide)
