"""GitHub's billing of one person's Copilot: totals for a month or a day, in both units, with what the plan covers."""

import json
import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any, NamedTuple

from tests.contract.ledgers import Books
from tests.servers import Reply, ScriptedServer, Seen
from tokentray.ledger import Own

LOGIN = "Dana-Ito"
_START = datetime(2026, 11, 19, 10, 20, tzinfo=UTC)
_CREDITS_FROM = date(2026, 10, 10)
"""Before that, GitHub counted premium requests."""
_CENT = 10_000_000


class _Line(NamedTuple):
    unit: str
    product: str
    sku: str
    model: str
    unit_type: str
    unit_nanos: int


_PREMIUM = tuple(
    _Line("premium_request", "Copilot", "Copilot Premium Request", model, "requests", 4 * _CENT)
    for model in ("Claude Sonnet 5", "GPT-5")
)
_CREDITS = (
    *(
        _Line("ai_credit", "Copilot AI Credits", "AI Credit", model, "ai-credits", _CENT)
        for model in ("Claude Sonnet 5", "GPT-5")
    ),
    _Line("ai_credit", "Copilot AI Credits", "Code Review Minutes", "", "ai-credits", _CENT),
)


class GitHub:
    """units: those that it has a bill for. plan_covers: gross nano-dollars of a month that cost nothing more."""

    def __init__(
        self,
        *,
        days: int = 60,
        units: tuple[str, ...] = ("ai_credit", "premium_request"),
        plan_covers: int = 10 * 100 * _CENT,
        seed: int = 4,
        now: datetime = _START,
    ) -> None:
        self.key = "github_pat_" + "0" * 22
        self.own: Own = {}
        self.units = units
        self._covers = plan_covers
        self._random = random.Random(seed)
        self._now = now - timedelta(days=days)
        self._gross: dict[tuple[date, _Line], int] = {}
        self.advance(days * 86_400)
        self.server = ScriptedServer(self._answer)

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def now_utc(self) -> int:
        return int(self._now.timestamp())

    def advance(self, seconds: int) -> None:
        for _ in range(0, seconds, 8 * 3600):
            if self._random.random() < 0.5:
                self._work(self._now.date(), self._random.randrange(1, 120))
            self._now += timedelta(seconds=min(seconds, 8 * 3600))
        self._work(self._now.date(), 3)

    def correct(self) -> None:
        """Two days ago there was more."""
        self._work(self._now.date() - timedelta(days=2), 50)

    def ledger(self) -> Books:
        billed: Counter[tuple[str, str]] = Counter()
        for (day, line), net in self._net().items():
            if line.unit in self.units and net:
                billed[line.model, day.isoformat()] += net
        return Books(dict(billed), {})

    def close(self) -> None:
        self.server.close()

    def _work(self, day: date, amount: int) -> None:
        line = self._random.choice(_CREDITS if day >= _CREDITS_FROM else _PREMIUM)
        place = (day, line)
        self._gross[place] = self._gross.get(place, 0) + amount * line.unit_nanos

    def _net(self) -> dict[tuple[date, _Line], int]:
        """What the plan does not cover, which is used up as the month goes."""
        left: dict[tuple[int, int], int] = {}
        net = {}
        for (day, line), gross in sorted(self._gross.items()):
            month = (day.year, day.month)
            covered = min(gross, left.setdefault(month, self._covers))
            left[month] -= covered
            net[day, line] = gross - covered
        return net

    def _answer(self, seen: Seen) -> Reply:
        headers = {"Date": format_datetime(self._now, usegmt=True)}
        status, body = self._body(seen)
        # Money as a number of JSON, digit by digit: "@0.5@" stands for 0.5.
        return Reply(status, json.dumps(body).replace('"@', "").replace('@"', ""), headers)

    def _body(self, seen: Seen) -> tuple[int, Any]:
        if seen.headers.get("authorization") != f"Bearer {self.key}":
            return 401, {"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest"}
        if not seen.headers.get("user-agent") or not seen.headers.get("x-github-api-version"):
            return 400, {"message": "Missing header"}
        if seen.path == "/user":
            return 200, {"login": LOGIN, "id": 1, "type": "User"}
        for unit in self.units:
            if seen.path == f"/users/{LOGIN}/settings/billing/{unit}/usage":
                return self._usage(unit, {name: int(value) for name, value in seen.params})
        return 404, {"message": "Not Found", "documentation_url": "https://docs.github.com/rest"}

    def _usage(self, unit: str, asked: dict[str, int]) -> tuple[int, Any]:
        if (asked["year"], asked["month"]) > (self._now.year, self._now.month):
            return 400, {"message": "Bad Request"}
        gross: Counter[_Line] = Counter()
        owed: Counter[_Line] = Counter()
        net = self._net()
        for (day, line), amount in self._gross.items():
            told = {"year": day.year, "month": day.month, "day": day.day}
            if line.unit == unit and all(told[name] == value for name, value in asked.items()):
                gross[line] += amount
                owed[line] += net[day, line]
        items = [
            {
                "product": line.product,
                "sku": line.sku,
                "model": line.model,
                "unitType": line.unit_type,
                "pricePerUnit": _dollars(line.unit_nanos),
                "grossQuantity": gross[line] // line.unit_nanos,
                "grossAmount": _dollars(gross[line]),
                "discountQuantity": (gross[line] - owed[line]) // line.unit_nanos,
                "discountAmount": _dollars(gross[line] - owed[line]),
                "netQuantity": owed[line] // line.unit_nanos,
                "netAmount": _dollars(owed[line]),
            }
            for line in gross
        ]
        return 200, {"timePeriod": asked, "user": LOGIN, "usageItems": items}


def _dollars(nanos: int) -> str:
    return f"@{Decimal(nanos).scaleb(-9):f}@"
