"""A LiteLLM proxy of a team: two people, three keys, several models, pages of a few rows, the newest hour growing."""

import hashlib
import json
import random
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

from tests.contract.ledgers import Books, Tokens
from tests.servers import Reply, ScriptedServer, Seen
from tokentray.ledger import Own

ME = "dana@example.com"
_START = datetime(2026, 11, 19, 10, 20, tzinfo=UTC)
_MODELS = ("claude-sonnet-5", "gpt-5.2", "azure/gpt-5.2-eu", "")
_COUNTS = (
    "prompt_tokens",
    "completion_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "api_requests",
)
_Row = tuple[str, str, str, str]
"""Date, user, hash of the key, model."""


class LiteLLMProxy:
    """rows_a_page: what a page holds at most, whatever is asked for. now: its clock."""

    def __init__(self, *, days: int = 45, rows_a_page: int = 7, seed: int = 4, now: datetime = _START) -> None:
        self.key = "sk-" + "0" * 22
        self.own: Own = {"user_id": (ME,)}
        self.hash = hashlib.sha256(self.key.encode()).hexdigest()
        self._keys = {
            self.hash: (ME, "dana-laptop"),
            hashlib.sha256(b"ci").hexdigest(): (ME, "dana-ci"),
            hashlib.sha256(b"erin").hexdigest(): ("erin@example.com", "erin"),
        }
        self._random = random.Random(seed)
        self._now = now - timedelta(days=days)
        self._rows: dict[_Row, Counter[str]] = {}
        self._page = rows_a_page
        self.advance(days * 86_400)
        self.server = ScriptedServer(self._answer)

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def now_utc(self) -> int:
        return int(self._now.timestamp())

    def advance(self, seconds: int) -> None:
        for _ in range(0, seconds, 6 * 3600):
            for key, (user, _alias) in self._keys.items():
                if self._random.random() < 0.4:
                    self._work(self._now.date(), user, key, self._random.choice(_MODELS))
            self._now += timedelta(seconds=min(seconds, 6 * 3600))
        # The hour that is being counted always grows.
        self._work(self._now.date(), ME, self.hash, _MODELS[0])

    def correct(self) -> None:
        """Two days ago: the gateway learns a price, and one more call comes to light."""
        day = self._now.date() - timedelta(days=2)
        self._work(day, ME, self.hash, _MODELS[1])
        for (at, *_), counts in self._rows.items():
            if at == day.isoformat():
                counts["nanos"] = counts["nanos"] * 9 // 10

    def work_on_another_model(self) -> None:
        """A row of today that was not there before."""
        self._work(self._now.date(), ME, self.hash, f"new-{len(self._rows)}")

    def ledger(self) -> Books:
        billed: Counter[tuple[str, str]] = Counter()
        sums: dict[tuple[str, str], Counter[str]] = {}
        for (day, user, _key, model), counts in self._rows.items():
            if user == ME:
                billed[model, day] += counts["nanos"]
                sums.setdefault((model, day), Counter()).update(counts)
        return Books(
            dict(billed),
            {
                place: Tokens(
                    counts["prompt_tokens"] - counts["cache_read_input_tokens"] - counts["cache_creation_input_tokens"],
                    counts["completion_tokens"],
                    counts["cache_read_input_tokens"],
                    counts["cache_creation_input_tokens"],
                )
                for place, counts in sums.items()
            },
        )

    def close(self) -> None:
        self.server.close()

    def _work(self, day: date, user: str, key: str, model: str) -> None:
        number = self._random.randrange
        read, written = number(20_000), number(2_000)
        self._rows.setdefault((day.isoformat(), user, key, model), Counter()).update(
            {
                "nanos": number(1, 3_000_000_000),
                "prompt_tokens": read + written + number(50_000),
                "completion_tokens": number(1, 9_000),
                "cache_read_input_tokens": read,
                "cache_creation_input_tokens": written,
                "api_requests": number(1, 40),
            }
        )

    def _answer(self, seen: Seen) -> Reply:
        headers = {"Date": format_datetime(self._now, usegmt=True)}
        status, body = self._body(seen)
        # Money as a number of JSON, digit by digit: "@0.5@" stands for 0.5.
        return Reply(status, json.dumps(body).replace('"@', "").replace('@"', ""), headers)

    def _body(self, seen: Seen) -> tuple[int, Any]:
        if seen.headers.get("authorization") != f"Bearer {self.key}":
            return 401, {"error": {"message": "Authentication Error", "type": "auth_error", "code": "401"}}
        params = dict(seen.params)
        if seen.path == "/key/info" and not params:
            info = {"user_id": ME, "team_id": None, "key_alias": "dana-laptop", "spend": 12.41, "status": "active"}
            return 200, {"key": self.hash, "info": info}
        if seen.path == "/v2/user/info":
            return 200, {"user_id": ME, "user_email": ME, "user_role": "internal_user", "spend": 12.41, "teams": []}
        if seen.path != "/user/daily/activity":
            return 404, {"detail": "Not Found"}
        if "start_date" not in params or "end_date" not in params:
            return 400, {"detail": {"error": "Please provide start_date and end_date"}}
        if params.get("user_id", ME) != ME:
            return 403, {"detail": {"error": "Users can only view their own spend"}}
        size, page = int(params.get("page_size", 50)), int(params.get("page", 1))
        if not 1 <= size <= 1000 or page < 1:
            return 422, {"detail": [{"loc": ["query", "page_size"], "msg": "out of range"}]}
        return 200, self._activity(params, min(size, self._page), page)

    def _activity(self, params: Mapping[str, str], size: int, page: int) -> object:
        rows = [
            (place, counts)
            for place, counts in sorted(self._rows.items(), reverse=True)
            if place[1] == ME
            and params["start_date"] <= place[0] <= params["end_date"]
            and params.get("api_key", place[2]) == place[2]
        ]
        pages = -(-len(rows) // size)
        dates: dict[str, list[tuple[_Row, Counter[str]]]] = {}
        for place, counts in rows[(page - 1) * size : page * size]:
            dates.setdefault(place[0], []).append((place, counts))
        return {
            "results": [{"date": day, **self._day(of_day)} for day, of_day in dates.items()],
            "metadata": {"page": page, "total_pages": pages, "has_more": page < pages},
        }

    def _day(self, rows: list[tuple[_Row, Counter[str]]]) -> Mapping[str, object]:
        models: dict[str, Any] = {}
        for (_day, _user, key, model), counts in rows:
            if model:  # what is of no model is in the day's total alone
                entry = models.setdefault(model, {"rows": [], "api_key_breakdown": {}})
                entry["rows"].append(counts)
                entry["api_key_breakdown"][key] = {
                    "metrics": _metrics([counts]),
                    "metadata": {"key_alias": self._keys[key][1], "team_id": None},
                }
        for entry in models.values():
            entry["metrics"] = _metrics(entry.pop("rows"))
        return {"metrics": _metrics([counts for _, counts in rows]), "breakdown": {"models": models, "entities": {}}}


def _metrics(rows: list[Counter[str]]) -> dict[str, object]:
    total: Counter[str] = Counter()
    for counts in rows:
        total.update(counts)
    spend = Decimal(total["nanos"]).scaleb(-9)
    return {"spend": f"@{spend:f}@", **{name: total[name] for name in _COUNTS}}
