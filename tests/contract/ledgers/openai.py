"""An organisation at OpenAI, with a clock of its own: several people and keys, and what it charged each of them.

Usage comes by the hour, the newest hour growing. Costs of a day come once it is over, and grow until a day later.
"""

import json
import random
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import format_datetime
from typing import Any, NamedTuple

from tests.servers import Reply, ScriptedServer, Seen
from tokentray.ledger import Own

DAY_S, HOUR_S = 86_400, 3_600
START_UTC = 1_794_296_400  # 10 November 2026, 07:00
KEY = "sk-admin-" + "0" * 40

PEOPLE = {
    "user-dana": ("Dana Reyes", "dana@example.com"),
    "user-kim": ("Kim Ode", "kim@example.com"),
    "user-lee": ("Lee Varga", "lee@example.com"),
}
PROJECTS = {"proj_app": ("App", 1_700_000_000, None), "proj_lab": ("Lab", 1_650_000_000, 1_790_000_000)}
KEYS = {  # key: project, owner ("" for a service account), name
    "key_dana1": ("proj_app", "user-dana", "dana laptop"),
    "key_dana2": ("proj_lab", "user-dana", "dana lab"),
    "key_kim": ("proj_app", "user-kim", "kim laptop"),
    "key_lee": ("proj_app", "user-lee", "lee laptop"),
    "key_ci": ("proj_app", "", "ci"),
    "key_prod": ("proj_app", "", "production"),
}
OWN: Own = {"user_id": ("user-dana",), "api_key_id": ("key_ci",)}
"""Dana, who claims the service account of the builds."""

_RATES = {  # nano-dollars a token: uncached input, cached input, cache write, output
    "gpt-5.2-2025-12-11": (1750, 175, 1750, 14000),
    "gpt-5.4-mini-2026-03-17": (250, 25, 250, 2000),
    "text-embedding-3-small": (20, 0, 0, 0),
}
_EMBEDS = "text-embedding-3-small"
_SEARCH_NANOS = 10_000_000
_TIERS = (None, "default", "flex", "priority")
_GROUPS = {
    "completions": {"project_id", "user_id", "api_key_id", "model", "batch", "service_tier"},
    "embeddings": {"project_id", "user_id", "api_key_id", "model"},
    "web_search_calls": {"project_id", "user_id", "api_key_id", "model", "context_level"},
    "costs": {"project_id", "line_item", "api_key_id", "user_id"},
}
_MOST = {"1h": 168, "1d": 31, "1m": 1440}
_WIDTHS = {"1h": HOUR_S, "1d": DAY_S, "1m": 60}
_FILTERS = {"project_ids[]": "project_id", "user_ids[]": "user_id", "api_key_ids[]": "api_key_id", "models[]": "model"}


class Call(NamedTuple):
    """What was used at an instant. key: "" for the playground."""

    at_utc: int
    user: str
    key: str
    model: str
    tier: str | None
    batch: bool
    requests: int
    uncached: int
    cached: int
    written: int
    output: int
    searches: int

    def field(self, name: str) -> str | bool | None:
        """The value it is grouped or filtered by."""
        project = KEYS[self.key][0] if self.key else "proj_app"
        return {
            "project_id": project,
            "user_id": self.user or None,
            "api_key_id": self.key or None,
            "model": self.model,
            "batch": self.batch,
            "service_tier": self.tier,
        }.get(name)

    def lines(self) -> dict[str, int]:
        """What it costs, in nano-dollars, by line of the bill."""
        name = f"priority | {self.model}" if self.tier == "priority" else self.model
        tokens = (self.uncached, self.cached, self.written, self.output)
        kinds = ("input", "cached input", "cache writes", "output")
        found = {
            f"{name}, {kind}": count * rate
            for kind, count, rate in zip(kinds, tokens, _RATES[self.model], strict=True)
            if count * rate
        }
        return found | ({"web search tool calls": self.searches * _SEARCH_NANOS} if self.searches else {})


class RefusedError(Exception):
    """An answer that is none. status, message: as it says."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class OpenAILedger:
    """The organisation, served at `url`. The switches may be changed while it runs.

    by_user: whether costs can be grouped by user. as_text: amounts as text rather than numbers. empty: it has
    forgotten everything. lists: whether the key may list people and projects. scope: whether it may read usage, else
    the status that says so. filters: whether it keeps to the filters it is sent.
    """

    key = KEY
    own = OWN

    def __init__(self, seed: int = 1, *, days: int = 20, now_utc: int = START_UTC, playground: bool = False) -> None:
        self.now_utc = now_utc
        self.by_user = True
        self.as_text = False
        self.empty = False
        self.lists = True
        self.missing_scope = 0
        self.filters = True
        self.people = dict(PEOPLE)
        self._random = random.Random(seed)
        self._calls: list[Call] = []
        self._playground = playground
        self._use(now_utc - days * DAY_S, now_utc + 5 * DAY_S)
        self.server = ScriptedServer(self._answer)
        self.url = f"{self.server.url}/v1"

    def close(self) -> None:
        """Hang up."""
        self.server.close()

    def advance(self, seconds: int) -> None:
        """Let time pass. What is used is made up five days ahead."""
        self.now_utc += seconds

    def correct(self) -> None:
        """Find that the day before yesterday cost more than was said, for everybody."""
        day = self.now_utc // DAY_S * DAY_S - 2 * DAY_S
        for index, call in enumerate(self._calls):
            if day <= call.at_utc < day + DAY_S and call.model != _EMBEDS:
                self._calls[index] = call._replace(output=call.output + 777, uncached=call.uncached // 2)

    def ledger(self, own: Own | None = None) -> dict[str, dict[tuple[str, int], Any]]:
        """What of a part (its `own`, without another) is told now: nano-dollars and tokens, by model and UTC day.

        Tokens as in the last fields of a MeteredRow.
        """
        own = self.own if own is None else own
        billed: Counter[tuple[str, int]] = Counter()
        metered: defaultdict[tuple[str, int], list[int]] = defaultdict(lambda: [0] * 8)
        for call in () if self.empty else self._calls:
            if own and not any(call.field(field) in ids for field, ids in own.items()):
                continue
            day = call.at_utc // DAY_S * DAY_S
            if call.at_utc <= self.now_utc:
                tokens = (call.requests, call.uncached, call.output, 0, call.cached, call.written, 0, call.searches)
                sums = metered[(call.model, day)]
                sums[:] = [have + more for have, more in zip(sums, tokens, strict=True)]
            for line, nanos in call.lines().items():
                model = "" if line.startswith("web") else call.model
                billed[(model, day)] += self._told(day, nanos)
        return {
            "billed": {key: nanos for key, nanos in billed.items() if nanos},
            "metered": {key: tuple(tokens) for key, tokens in metered.items()},
        }

    def _use(self, first_utc: int, last_utc: int) -> None:
        dice = self._random
        for hour in range(first_utc // HOUR_S * HOUR_S, last_utc, HOUR_S):
            for key, (_, owner, _) in KEYS.items():
                if dice.random() < 0.12:
                    self._calls.append(self._call(hour + dice.randrange(HOUR_S), owner, key))
            if self._playground and dice.random() < 0.05:
                self._calls.append(self._call(hour + dice.randrange(HOUR_S), "user-dana", ""))
        self._calls.sort(key=lambda call: call.at_utc)

    def _call(self, at_utc: int, owner: str, key: str) -> Call:
        dice = self._random
        model = dice.choice(sorted(_RATES))
        if model == _EMBEDS:
            return Call(at_utc, owner, key, model, None, False, 1, dice.randrange(1, 9000), 0, 0, 0, 0)
        return Call(
            at_utc,
            owner,
            key,
            model,
            dice.choice(_TIERS),
            dice.random() < 0.2,
            dice.randrange(1, 9),
            dice.randrange(20_000),
            dice.randrange(50_000),
            dice.choice((0, 0, dice.randrange(3000))),
            dice.randrange(1, 6000),
            dice.choice((0, 0, 0, 2)),
        )

    def _told(self, day: int, nanos: int) -> int:
        """As much of a cost of a day as the bill shows: nothing until the day is over, all of it a day later."""
        return nanos * min(max(self.now_utc - day - DAY_S, 0), DAY_S) // DAY_S

    def _answer(self, seen: Seen) -> Reply:
        date = {"Date": format_datetime(datetime.fromtimestamp(self.now_utc, UTC), usegmt=True)}
        try:
            body = json.dumps(self._body(seen))
        except RefusedError as exc:
            error = {"error": {"message": exc.message, "type": "invalid_request_error", "param": None, "code": None}}
            return Reply(exc.status, error, date)
        return Reply(200, re.sub(r'"@(.*?)@"', r"\1", body), date)  # amounts with every digit, as numbers

    def _body(self, seen: Seen) -> object:
        if seen.headers.get("authorization") != f"Bearer {self.key}":
            raise RefusedError(401, f"Incorrect API key provided: {KEY[:12]}****.")
        path = seen.path.removeprefix("/v1/organization/")
        keys_of = re.fullmatch(r"projects/(\w+)/api_keys", path)
        if path in ("users", "projects") or keys_of:
            if not self.lists:
                raise RefusedError(403, "You have insufficient permissions. Missing scopes: api.management.read.")
            if keys_of:
                return self._list(seen, self._keys(keys_of[1]), {"owner_project_access"})
            found = self._users(seen) if path == "users" else self._projects(seen)
            return self._list(seen, found, {"emails[]", "include_archived"})
        if self.missing_scope:
            raise RefusedError(self.missing_scope, "You have insufficient permissions. Missing scopes: api.usage.read.")
        if path == "costs":
            return self._page(seen, "costs", self._costs, {"1d": 180})
        if path.removeprefix("usage/") in _GROUPS:
            return self._page(seen, path.removeprefix("usage/"), self._usage, _MOST)
        raise RefusedError(404, "Invalid URL")

    def _users(self, seen: Seen) -> list[dict[str, Any]]:
        wanted = {value.lower() for name, value in seen.params if name == "emails[]"}
        members = [
            {"object": "organization.user", "id": user, "name": name, "email": email, "is_service_account": False}
            for user, (name, email) in self.people.items()
            if not wanted or email in wanted
        ]
        robot = {"object": "organization.user", "id": "user-robot", "name": "ci", "is_service_account": True}
        return members if wanted else [*members, robot]

    def _projects(self, seen: Seen) -> list[dict[str, Any]]:
        archived = ("include_archived", "true") in seen.params
        return [
            {"id": project, "name": name, "created_at": created, "archived_at": gone}
            for project, (name, created, gone) in PROJECTS.items()
            if archived or gone is None
        ]

    def _keys(self, project: str) -> list[dict[str, Any]]:
        return [
            {
                "object": "organization.project.api_key",
                "id": key,
                "name": name,
                "owner": {"type": "user", "user": {"id": owner, "name": PEOPLE[owner][0]}}
                if owner
                else {"type": "service_account", "service_account": {"id": f"svc_{name}"}},
            }
            for key, (where, owner, name) in KEYS.items()
            if where == project
        ]

    def _list(self, seen: Seen, found: list[dict[str, Any]], also: set[str]) -> object:
        params = dict(seen.params)
        if not set(params) <= {"limit", "after"} | also or not 1 <= int(params.get("limit", "20")) <= 100:
            raise RefusedError(400, "Unknown parameter")
        ids = [one["id"] for one in found]
        first = ids.index(params["after"]) + 1 if "after" in params else 0
        page = found[first : first + 2]  # fewer than were asked for
        more = first + 2 < len(found)
        return {"object": "list", "data": page, "last_id": page[-1]["id"] if page else None, "has_more": more}

    def _page(
        self, seen: Seen, name: str, told: Callable[[str, int, int, Seen], list[Any]], most: Mapping[str, int]
    ) -> object:
        params = dict(seen.params)
        names = set(params) - {"start_time", "end_time", "bucket_width", "limit", "page", "group_by[]", "batch"}
        width = params.get("bucket_width", "1d")
        allowed = set(_FILTERS) - ({"user_ids[]", "models[]"} if name == "costs" else set())
        if not names <= allowed or width not in most or not 1 <= int(params.get("limit", "7")) <= most[width]:
            raise RefusedError(400, "Unknown or wrong parameter")
        groups = [value for key, value in seen.params if key == "group_by[]"]
        if not set(groups) <= _GROUPS[name] or (name == "costs" and "user_id" in groups and not self.by_user):
            raise RefusedError(400, "Grouping not supported")
        width_s = _WIDTHS[width]
        start, end = int(params["start_time"]), min(int(params.get("end_time", self.now_utc)), self.now_utc)
        buckets = list(range(start // width_s * width_s, end, width_s))
        query = format(hash(tuple(one for one in seen.params if one[0] != "page")) & 0xFFFF, "x")
        token = params.get("page", f"page_{query}_0")
        if not token.startswith(f"page_{query}_"):
            raise RefusedError(400, "The page is of another query")
        first = int(token.rpartition("_")[2])
        last = first + min(int(params.get("limit", "7")), 9 if name == "costs" else 100)
        return {
            "object": "page",
            "data": [
                {
                    "object": "bucket",
                    "start_time": bucket,
                    "end_time": bucket + width_s,
                    "results": [] if self.empty else told(name, bucket, width_s, seen),
                }
                for bucket in buckets[first:last]
            ],
            "has_more": last < len(buckets),
            "next_page": f"page_{query}_{last}" if last < len(buckets) else None,
        }

    def _asked(self, seen: Seen, first: int, last: int) -> list[Call]:
        wanted: defaultdict[str, set[str]] = defaultdict(set)
        for name, value in seen.params if self.filters else ():
            if name in _FILTERS:
                wanted[_FILTERS[name]].add(value)
        begins, ends = (bisect_left(self._calls, at, key=lambda call: call.at_utc) for at in (first, last))
        return [
            call for call in self._calls[begins:ends] if all(call.field(field) in ids for field, ids in wanted.items())
        ]

    def _usage(self, name: str, bucket: int, width_s: int, seen: Seen) -> list[Any]:
        groups = [value for key, value in seen.params if key == "group_by[]"]
        sums: defaultdict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
        for call in self._asked(seen, bucket, min(bucket + width_s, self.now_utc + 1)):
            counted = sums[tuple(call.field(group) for group in groups)]
            if name == "completions" and call.model != _EMBEDS:
                counted.update(
                    input_tokens=call.uncached + call.cached + call.written,
                    input_cached_tokens=call.cached,
                    input_cache_write_tokens=call.written,
                    input_uncached_tokens=call.uncached,
                    output_tokens=call.output,
                    num_model_requests=call.requests,
                )
            elif name == "embeddings" and call.model == _EMBEDS:
                counted.update(input_tokens=call.uncached, num_model_requests=call.requests)
            elif name == "web_search_calls" and call.searches:
                counted.update(num_requests=call.searches, num_model_requests=call.requests)
        return [
            dict.fromkeys(sorted(_GROUPS[name])) | dict(zip(groups, values, strict=True)) | counted
            for values, counted in sums.items()
            if counted
        ]

    def _costs(self, name: str, bucket: int, width_s: int, seen: Seen) -> list[Any]:
        groups = [value for key, value in seen.params if key == "group_by[]"]
        sums: Counter[tuple[Any, ...]] = Counter()
        for call in self._asked(seen, bucket, bucket + width_s):
            for line, nanos in call.lines().items():
                told = self._told(bucket, nanos)
                if told:
                    sums[tuple(line if group == "line_item" else call.field(group) for group in groups)] += told
        if self.now_utc >= bucket + DAY_S and not any(key in _FILTERS for key, _ in seen.params):
            # Nobody's: storage, and a gift that lowers the invoice.
            sums[tuple("vector storage" if group == "line_item" else None for group in groups)] += 250_000_000
            sums[tuple("credit grant" if group == "line_item" else None for group in groups)] -= 5_000_000_000
        return [
            dict.fromkeys(sorted(_GROUPS[name]))
            | dict(zip(groups, values, strict=True))
            | {"object": "organization.costs.result", "amount": {"value": self._amount(nanos), "currency": "usd"}}
            for values, nanos in sums.items()
        ]

    def _amount(self, nanos: int) -> str:
        text = format(Decimal(nanos).scaleb(-9), "f")
        return text if self.as_text else f"@{text}@"
