"""DeepSeek, with a clock of its own: an account that is topped up and given money, and spends gifts first."""

import random
from datetime import UTC, datetime
from decimal import ROUND_UP, Decimal
from email.utils import format_datetime
from typing import NamedTuple

from tests.contract.ledgers import Books
from tests.servers import Reply, ScriptedServer, Seen
from tokentray.ledger import ALL, Own

DAY_S = 86_400
START_UTC = 1_794_296_400  # 10 November 2026, 07:40
KEY = "sk-" + "0" * 32
_CENT = Decimal("0.01")


class Spend(NamedTuple):
    """Money that went at an instant, in units of the currency."""

    at_utc: int
    currency: str
    amount: Decimal


class Purse:
    """Money in one currency. Unlike what the answer shows, exact."""

    def __init__(self, topped_up: str, given: str = "0") -> None:
        self.topped_up, self.given = Decimal(topped_up), Decimal(given)

    def take(self, amount: Decimal) -> None:
        gift = min(self.given, amount)
        self.given -= gift
        self.topped_up -= amount - gift

    def shown(self, currency: str) -> dict[str, str]:
        # Rounded up to the cent, so that what is left of a cent is shown: what is spent shows late.
        given, topped_up = (part.quantize(_CENT, ROUND_UP) for part in (self.given, self.topped_up))
        return {
            "currency": currency,
            "total_balance": str(given + topped_up),
            "granted_balance": str(given),
            "topped_up_balance": str(topped_up),
        }


class DeepSeekLedger:
    """whole_cents: every request costs whole cents, so that what the balance shows is exact."""

    def __init__(self, *, seed: int = 3, topped_up: str = "50", given: str = "0", whole_cents: bool = True) -> None:
        self.key = KEY
        self.own: Own = ALL
        self.now_utc = START_UTC
        self.purses = {"USD": Purse(topped_up, given)}
        self.spends: list[Spend] = []
        self._random = random.Random(seed)
        self._smallest = 1 if whole_cents else 100
        self.server = ScriptedServer(self._answer)

    @property
    def url(self) -> str:
        return self.server.url

    def close(self) -> None:
        self.server.close()

    def advance(self, seconds: int) -> None:
        end = self.now_utc + seconds
        while self.now_utc < end:
            self.now_utc = min(end, self.now_utc + self._random.randrange(600, 40_000))
            self.spend(Decimal(self._random.randrange(1, 30)) / (100 * self._smallest))

    def spend(self, amount: Decimal, currency: str = "USD") -> None:
        """Spend now, as far as there is money."""
        purse = self.purses[currency]
        amount = min(amount, purse.given + purse.topped_up)
        purse.take(amount)
        self.spends.append(Spend(self.now_utc, currency, amount))

    def correct(self) -> None:
        """Give a little back, which is then less spent."""
        back = self.spends[-1].amount / 2 // _CENT * _CENT
        self.purses["USD"].topped_up += back
        self.spends.append(Spend(self.now_utc, "USD", -back))

    def spent(self, start_utc: int, end_utc: int, currency: str = "USD") -> int:
        """What went in a stretch, the end included, in nano-units."""
        amounts = [one.amount for one in self.spends if start_utc < one.at_utc <= end_utc and one.currency == currency]
        return int(sum(amounts, Decimal(0)).scaleb(9))

    def ledger(self) -> Books:
        """All that was spent, by day: a balance tells no models. It is told from the second look on."""
        days: dict[tuple[str, str], int] = {}
        for one in self.spends:
            place = ("", datetime.fromtimestamp(one.at_utc, UTC).date().isoformat())
            days[place] = days.get(place, 0) + int(one.amount.scaleb(9))
        return Books(days, {})

    def _answer(self, seen: Seen) -> Reply:
        headers = {"Date": format_datetime(datetime.fromtimestamp(self.now_utc, UTC), usegmt=True)}
        if seen.headers.get("authorization") != f"Bearer {self.key}":
            error = {"message": "Authentication Fails", "type": "authentication_error", "param": None, "code": "x"}
            return Reply(401, {"error": error}, headers)
        if seen.path != "/user/balance":
            return Reply(404, {"error": {"message": "Not Found"}}, headers)
        entries = [purse.shown(currency) for currency, purse in self.purses.items()]
        available = any(purse.given + purse.topped_up > 0 for purse in self.purses.values())
        return Reply(200, {"is_available": available, "balance_infos": entries}, headers)
