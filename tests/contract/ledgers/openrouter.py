"""OpenRouter, with a clock of its own: an organisation of two people or one person's account, their keys and calls.

The daily list leaves out the day that has just ended until an hour into the next; the query counts in text, calls
models by their longer names and keys by what people called them, and cuts short what is more than a page.
"""

import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import format_datetime
from hashlib import sha256
from itertools import groupby
from typing import Any, NamedTuple

from tests.contract.ledgers import Books, Tokens
from tests.servers import Reply, ScriptedServer, Seen
from tokentray.ledger import ALL, Own

DAY_S, HOUR_S = 86_400, 3_600
START_UTC = 1_792_660_000  # 22 October 2026, 09:06
DANA, KIM = "user_dana", "user_kim"
ORDINARY_KEY, OTHER_KEY, MANAGEMENT_KEY = (f"sk-or-v1-{digit * 64}" for digit in "012")
MODELS = {
    "anthropic/claude-sonnet-5": "anthropic/claude-5-sonnet-20260301",
    "openai/gpt-5.2": "openai/gpt-5.2-20251211",
}
DEFAULT, LAB = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
_METRICS = ("total_usage", "request_count", "tokens_prompt", "tokens_completion", "reasoning_tokens", "cache_hit_rate")
_WIDTHS = {"hour": HOUR_S, "day": DAY_S}


class Key(NamedTuple):
    """A key that runs models."""

    text: str
    name: str
    user: str
    workspace: str

    @property
    def hash(self) -> str:
        return sha256(self.text.encode()).hexdigest()

    @property
    def label(self) -> str:
        return f"{self.text[:12]}...{self.text[-3:]}"


KEYS = (
    Key(ORDINARY_KEY, "laptop", DANA, DEFAULT),
    Key(OTHER_KEY, "lab", DANA, LAB),
    Key(f"sk-or-v1-{'3' * 64}", "laptop", KIM, DEFAULT),
    Key(f"sk-or-v1-{'4' * 64}", "builds", KIM, DEFAULT),
)


class Call(NamedTuple):
    """One request, in nano-dollars."""

    at_utc: int
    key: Key
    model: str
    endpoint: str
    nanos: int
    prompt: int
    completion: int
    reasoning: int


class OpenRouterLedger:
    """key: MANAGEMENT_KEY, or that of one of KEYS. members: whether it is an organisation. rows_most: of one answer to
    the query. widths: what the query offers, none for no query at all. keeps_days: how far back the query goes.
    """

    def __init__(
        self,
        *,
        key: str = MANAGEMENT_KEY,
        days: int = 50,
        seed: int = 7,
        members: bool = True,
        rows_most: int = 40,
        widths: Sequence[str] = ("hour", "day", "month"),
        keeps_days: int = 400,
    ) -> None:
        self.key = key
        self.members = members
        self.own: Own = {"user_id": (DANA,)} if members and key == MANAGEMENT_KEY else ALL
        self.rows_most, self.widths, self.keeps_days = rows_most, widths, keeps_days
        self.counter_day: int | None = None
        """The day that daily counters are still at, where they have not been set back at midnight."""
        self.calls: list[Call] = []
        self.now_utc = START_UTC - days * DAY_S
        self._random = random.Random(seed)
        self.advance(days * DAY_S)
        self.server = ScriptedServer(self._answer)

    @property
    def url(self) -> str:
        return f"{self.server.url}/api/v1"

    def close(self) -> None:
        self.server.close()

    def advance(self, seconds: int) -> None:
        end = self.now_utc + seconds
        while self.now_utc < end:
            self.now_utc = min(end, self.now_utc + self._random.randrange(2 * HOUR_S, 20 * HOUR_S))
            if self.now_utc < end:
                self.call(self._random.choice(KEYS))
        self.call(KEYS[0])

    def call(self, key: Key, *, at_utc: int | None = None, nanos: int | None = None) -> None:
        """One request, now where nothing else is said."""
        number = self._random.randrange
        completion = number(1, 3000)
        self.calls.append(
            Call(
                self.now_utc if at_utc is None else at_utc,
                key,
                self._random.choice([*MODELS]),
                self._random.choice(("one", "two")),
                number(1, 900_000_000) if nanos is None else nanos,
                number(1, 90_000),
                completion,
                number(completion),
            )
        )

    def correct(self) -> None:
        """Of yesterday: a call comes to light, and one is given back."""
        yesterday = self.now_utc // DAY_S * DAY_S - DAY_S
        self.call(KEYS[0], at_utc=yesterday + 23 * HOUR_S)
        for index, call in enumerate(self.calls):
            if yesterday <= call.at_utc < yesterday + DAY_S:
                self.calls[index] = call._replace(nanos=call.nanos // 2)
                return

    def ledger(self) -> Books:
        """What was spent by the key, or by the person. An ordinary key tells no models and no tokens."""
        billed: Counter[tuple[str, str]] = Counter()
        tokens: dict[tuple[str, str], tuple[int, int]] = {}
        ordinary = self.key != MANAGEMENT_KEY
        for call in self._mine():
            place = ("" if ordinary else call.model, _date(call.at_utc))
            billed[place] += call.nanos
            had = tokens.get(place, (0, 0))
            tokens[place] = (had[0] + call.prompt, had[1] + call.completion)
        return Books(dict(billed), {} if ordinary else {at: Tokens(*counts) for at, counts in tokens.items()})

    def spent(self, start_utc: int, end_utc: int) -> int:
        """Nano-dollars within a stretch."""
        return sum(call.nanos for call in self._mine() if start_utc <= call.at_utc < end_utc)

    def _mine(self) -> Iterator[Call]:
        users = self.own.get("user_id", (DANA, KIM))
        for call in self.calls:
            if call.key.text == self.key if self.key != MANAGEMENT_KEY else call.key.user in users:
                yield call

    def _answer(self, seen: Seen) -> Reply:
        headers = {"Date": format_datetime(datetime.fromtimestamp(self.now_utc, UTC), usegmt=True)}
        status, body = self._body(seen)
        if status != 200:
            body = {"error": {"code": status, "message": body}}
        # Money as a number of JSON, digit by digit: "@0.5@" stands for 0.5.
        return Reply(status, json.dumps(body).replace('"@', "").replace('@"', ""), headers)

    def _body(self, seen: Seen) -> tuple[int, Any]:
        if seen.headers.get("authorization") != f"Bearer {self.key}":
            return 401, "User not found."
        path, params = seen.path.removeprefix("/api/v1"), dict(seen.params)
        if path == "/key":
            return 200, {"data": self._own_key()}
        if self.key != MANAGEMENT_KEY:
            return 403, "Only management keys can perform this operation"
        if path == "/activity":
            return 200, {"data": self._activity(params)}
        if path == "/keys":
            wanted = params.get("workspace_id", DEFAULT)
            keys = [self._record(key) for key in KEYS if key.workspace == wanted]
            return 200, {"data": keys[int(params.get("offset", 0)) :][:1]}
        if path.startswith("/keys/"):
            found = [self._record(key) for key in KEYS if key.hash == path.removeprefix("/keys/")]
            return (200, {"data": found[0]}) if found else (404, "API key not found")
        if path == "/workspaces":
            spaces = [{"id": DEFAULT, "name": "Default"}, {"id": LAB, "name": "Lab"}]
            return 200, {"data": spaces[int(params.get("offset", 0)) :][:1], "total_count": 2}
        if path == "/organization/members" and self.members:
            people = [
                {
                    "id": DANA,
                    "email": "dana@example.com",
                    "first_name": "Dana",
                    "last_name": "Ito",
                    "role": "org:admin",
                },
                {"id": KIM, "email": "kim@example.com", "first_name": None, "last_name": None, "role": "org:member"},
            ]
            return 200, {"data": people[int(params.get("offset", 0)) :][:1], "total_count": 2}
        if path == "/analytics/meta" and self.widths:
            return 200, {"data": self._meta()}
        if path == "/analytics/query" and self.widths:
            return self._query(seen.json)
        return 404, "Resource not found"

    def _own_key(self) -> Mapping[str, object]:
        key = next((key for key in KEYS if key.text == self.key), Key(MANAGEMENT_KEY, "desk", DANA, DEFAULT))
        manages = self.key == MANAGEMENT_KEY
        return {**self._record(key), "is_management_key": manages, "is_provisioning_key": manages}

    def _record(self, key: Key) -> dict[str, object]:
        today = self.now_utc // DAY_S
        counter_day = today if self.counter_day is None else self.counter_day
        monday = (today - (today + 3) % 7) * DAY_S
        first = int(datetime.fromtimestamp(self.now_utc, UTC).replace(day=1, hour=0, minute=0, second=0).timestamp())
        own = [call for call in self.calls if call.key == key]
        spent = {
            "usage": sum(call.nanos for call in own),
            "usage_daily": sum(call.nanos for call in own if call.at_utc // DAY_S >= counter_day),
            "usage_weekly": sum(call.nanos for call in own if call.at_utc >= monday),
            "usage_monthly": sum(call.nanos for call in own if call.at_utc >= first),
        }
        return {
            "hash": key.hash,
            "name": key.name,
            "label": key.label,
            "creator_user_id": key.user,
            "workspace_id": key.workspace,
            "disabled": False,
            "limit": None,
            "limit_remaining": None,
            "limit_reset": None,
            "byok_usage": 17.38,
            "byok_usage_daily": 17.38,
            **{name: _money(nanos) for name, nanos in spent.items()},
        }

    def _activity(self, params: Mapping[str, str]) -> list[Mapping[str, object]]:
        today = self.now_utc // DAY_S
        rows: list[Mapping[str, object]] = []
        last = today - (1 if self.now_utc % DAY_S >= HOUR_S else 2)
        for (day, model, endpoint), calls in _grouped(
            self.calls, lambda call: (call.at_utc // DAY_S, call.model, call.endpoint)
        ):
            of_part = [
                call
                for call in calls
                if params.get("user_id", call.key.user) == call.key.user
                and params.get("api_key_hash", call.key.hash) == call.key.hash
                and params.get("workspace_id", call.key.workspace) == call.key.workspace
            ]
            date = _date(day * DAY_S)
            if of_part and today - 30 <= day <= last and params.get("date", date) == date:
                rows.append(
                    {
                        "date": date,
                        "model": model,
                        "model_permaslug": MODELS[model],
                        "endpoint_id": endpoint,
                        "provider_name": "Somebody",
                        "usage": _money(sum(call.nanos for call in of_part)),
                        "byok_usage_inference": 0.25,
                        "requests": len(of_part),
                        "prompt_tokens": sum(call.prompt for call in of_part),
                        "completion_tokens": sum(call.completion for call in of_part),
                        "reasoning_tokens": sum(call.reasoning for call in of_part),
                    }
                )
        return rows

    def _meta(self) -> Mapping[str, object]:
        return {
            "metrics": [
                {"name": name, "display_label": name, "is_rate": "rate" in name, "display_format": "number"}
                for name in _METRICS
            ],
            "dimensions": [
                {"name": name, "display_label": name} for name in ("model", "api_key_id", "user", "workspace")
            ],
            "operators": [{"name": "in", "value_type": "array"}],
            "granularities": [{"name": name, "display_label": name} for name in ("minute", *self.widths)],
        }

    def _query(self, body: Mapping[str, Any]) -> tuple[int, Any]:
        if body["granularity"] not in self.widths or set(body["metrics"]) - set(_METRICS):
            return 400, "Invalid request parameters"
        start, end = (int(datetime.fromisoformat(body["time_range"][name]).timestamp()) for name in ("start", "end"))
        start = max(start, (self.now_utc // DAY_S - self.keeps_days) * DAY_S)
        fields = {
            "user": lambda call: call.key.user,
            "api_key_id": lambda call: call.key.hash,
            "workspace": lambda call: call.key.workspace,
        }
        calls = [call for call in self.calls if start <= call.at_utc < end]
        for one in body.get("filters", ()):
            calls = [call for call in calls if fields[one["field"]](call) in one["value"]]
        dimensions = body.get("dimensions", [])
        rows = []
        for (bucket, *values), group in _grouped(
            calls, lambda call: (_bucket(call, body["granularity"]), *(_value(call, name) for name in dimensions))
        ):
            row: dict[str, object] = {
                f"date__{body['granularity']}": bucket,
                **dict(zip(dimensions, values, strict=True)),
            }
            row["total_usage"] = _money(sum(call.nanos for call in group))
            row["request_count"] = str(len(group))
            row["tokens_prompt"] = str(sum(call.prompt for call in group))
            row["tokens_completion"] = str(sum(call.completion for call in group))
            row["reasoning_tokens"] = sum(call.reasoning for call in group)
            rows.append(row)
        cut = len(rows) > self.rows_most
        metadata = {"query_time_ms": 17, "row_count": len(rows), "truncated": cut}
        return 200, {"data": {"data": rows[: self.rows_most], "metadata": metadata, "cachedAt": self.now_utc * 1000}}


def _grouped(calls: Sequence[Call], of: Any) -> Iterator[tuple[Any, list[Call]]]:
    for place, group in groupby(sorted(calls, key=of), of):
        yield place, list(group)


def _bucket(call: Call, width: str) -> str:
    at = datetime.fromtimestamp(call.at_utc, UTC)
    if width == "month":
        return at.strftime("%Y-%m-01T00:00:00.000Z")
    return at.strftime("%Y-%m-%dT%H:00:00.000Z" if width == "hour" else "%Y-%m-%dT00:00:00.000Z")


def _value(call: Call, dimension: str) -> str:
    return MODELS[call.model] if dimension == "model" else call.key.name


def _date(at_utc: int) -> str:
    return datetime.fromtimestamp(at_utc, UTC).date().isoformat()


def _money(nanos: int) -> str:
    return f"@{Decimal(nanos).scaleb(-9):f}@"
