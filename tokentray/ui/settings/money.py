"""The page of money and days: in which currency, at which exchange rates, in which time zone."""

from PySide6.QtWidgets import QVBoxLayout

from tokentray.insight.told_words import day_text
from tokentray.money import plain
from tokentray.requests import RemoveRate, SetRate
from tokentray.setup import RateSetup, Setup
from tokentray.ui.forms.amounts import AmountEdit
from tokentray.ui.forms.controls import CurrencyCombo
from tokentray.ui.forms.dayedit import DayEdit
from tokentray.ui.forms.desk import Desk
from tokentray.ui.forms.form import Form
from tokentray.ui.forms.unfold import Unfold
from tokentray.ui.settings.declared import DeclaredPage
from tokentray.ui.settings.page import Line, reconcile
from tokentray.ui.settings.references import MissingRate

TITLE = "Money and days"
_TEXT = "Amounts stay as they came in; currency and time zone say how they are shown."


class RateForm(Form):
    """What one unit of a currency is in another, from a day on."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, action="Set rate", cancels=True)
        self._wanted = ""
        self.base = CurrencyCombo()
        self.rate = AmountEdit()
        self.quote = CurrencyCombo()
        self.quote.setAccessibleName("In the currency")
        self.from_day = DayEdit()
        self.add("base", "One", self.base)
        self.add_pair("rate", "is", self.rate, "quote", self.quote)
        self.add("from_day", "From", self.from_day, "The first rate of two currencies holds for all days before, too.")

    def request(self) -> SetRate:
        return SetRate(self.base.value(), self.quote.value(), self.rate.amount(), self.from_day.day())

    def show_setup(self, setup: Setup) -> None:
        own = setup.currency or "USD"
        base = self._wanted or next(iter(setup.missing_rates), "EUR" if own != "EUR" else "USD")
        for combo in (self.base, self.quote):
            combo.put_first(own)
        if not self.base.touched:
            self.base.show_value(base)
        if not self.quote.touched:
            self.quote.show_value(own if own != base else "EUR" if base != "EUR" else "USD")
        if not self.from_day.touched:
            self.from_day.show_day(setup.today)

    def want(self, currency: str) -> None:
        """Begin with a currency that has no rate yet."""
        self._wanted = currency

    def clear(self) -> None:
        super().clear()
        self.rate.show_amount(None)
        self._wanted = ""


class MoneyPage(DeclaredPage):
    """The currency, the time zone, and the exchange rates."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(TITLE, _TEXT, desk)

    def lay_more(self) -> None:
        self.section(
            "Exchange rates",
            "Amounts in one currency are shown in another at the rate of their day. No rate is fetched; you set them.",
        )
        self.missing: dict[str, MissingRate] = {}
        self._missing_column = QVBoxLayout()
        self.body.addLayout(self._missing_column)
        self.empty = self.say("No rate yet.")
        self.rates: dict[int, Line] = {}
        self._column = QVBoxLayout()
        self._column.setSpacing(8)
        self.body.addLayout(self._column)
        self.add_rate = Unfold("Set a rate…", lambda: RateForm(self.desk))
        self.body.addWidget(self.add_rate)

    def show_setup(self, setup: Setup) -> None:
        super().show_setup(setup)
        reconcile(
            self._missing_column,
            self.missing,
            [(code, code) for code in setup.missing_rates],
            self._hint,
            lambda hint, code: hint.show_currency(code),
            self.add_rate.button,
        )
        self.empty.setVisible(not setup.rates)
        newest = sorted(setup.rates, key=lambda rate: (rate.base, rate.quote, -rate.from_day.toordinal()))
        reconcile(
            self._column,
            self.rates,
            [(rate.id, rate) for rate in newest],
            lambda _: Line(self.desk),
            _show_rate,
            self.add_rate.button,
        )
        self.add_rate.show_setup(setup)

    def open_rate(self, currency: str) -> None:
        """Open the form on a currency that has no rate."""
        self.add_rate.open()
        form = self.add_rate.form
        if isinstance(form, RateForm) and self.setup is not None:
            form.want(currency)
            form.show_setup(self.setup)
            form.rate.setFocus()

    def _hint(self, code: str) -> MissingRate:
        hint = MissingRate()
        hint.set_asked.connect(lambda: self.open_rate(code))
        return hint


def _show_rate(line: Line, rate: RateSetup) -> None:
    undo = SetRate(rate.base, rate.quote, plain(rate.rate), rate.from_day)
    line.show_item(f"{rate.text}, from {day_text(rate.from_day)}", rate.text, RemoveRate(rate.id), undo)
