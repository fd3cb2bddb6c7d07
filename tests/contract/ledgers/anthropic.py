"""An organisation at Anthropic: several people, keys, sign-ins without a key, both generations of reports.

It takes only what the real service documents, answers a few rows a page, tells money a day late, and its newest hour
grows.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any, NamedTuple, TypeVar

from tests.contract.ledgers import Books, Tokens
from tests.servers import Reply, ScriptedServer, Seen
from tokentray.clock import DAY_S, HOUR_S
from tokentray.ledger import Own

DANA, ERIN = "user_01Dana", "user_01Erin"
PEOPLE = ((DANA, "dana@example.com", "Dana Ito"), (ERIN, "erin@example.com", None))
LAPTOP, CI, OWN_KEY, ERINS, SYSTEM = "apikey_01Lap", "apikey_02Ci", "apikey_03Own", "apikey_04Erin", "apikey_05Sys"
KEYS: tuple[tuple[str, str, str | None], ...] = (
    (LAPTOP, "dana laptop", DANA),
    (CI, "dana ci", DANA),
    (OWN_KEY, "own", None),
    (ERINS, "erin", ERIN),
    (SYSTEM, "system", None),
)
ORGANISATION = "12345678-1234-5678-1234-567812345678"
WORKSPACE = "wrkspc_01Team"

_START = datetime(2026, 11, 19, 10, 20, tzinfo=UTC)
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
_MODELS = ("claude-sonnet-4-5", "claude-opus-5-5", "claude-next-9")
_TIERS = ("standard", "standard", "batch", "priority_on_demand", "express")
_WINDOWS = ("0-200k", "200k-1M", "1M-10M")
_SPEEDS = ("standard", "standard", "fast")
_KINDS = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h")
_COST_TYPES = ("tokens", "web_search", "code_execution", "grounding")
_GROUPS = """
    actor actor_type agent_id api_key_id claude_tag_category claude_tag_user_id context_window deployment_id
    environment_id inference_geo model organization_id product rbac_group_id service_tier session_id
    slack_channel_id speed user_profile_id workspace_id
"""
_LEGACY_GROUPS = """
    account_id api_key_id context_window inference_geo model service_account_id service_tier speed workspace_id
"""
_DIMENSIONS, _LEGACY_DIMENSIONS = frozenset(_GROUPS.split()), frozenset(_LEGACY_GROUPS.split())
_FILTERS = frozenset(("actor_ids[]", "api_key_ids[]", "workspace_ids[]", "models[]", "speeds[]", "service_tiers[]"))
_Item = TypeVar("_Item")


class _Use(NamedTuple):
    """What requests have in common. user: whom they are put down to, "" for the key. key: "" for a sign-in."""

    hour: int
    model: str
    service_tier: str
    context_window: str
    speed: str
    user: str
    key: str


class _RefusedError(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class AnthropicOrganisation:
    """rows_a_page: what a page holds at most, whatever is asked for. people: how many of PEOPLE are members.

    analytics, legacy, admin: whether these parts of the API are open to the key. fast: whether legacy tells speed.
    heeds_filters: False for a gateway that loses what usage is narrowed by.
    """

    def __init__(self, *, days: int = 40, rows_a_page: int = 200, seed: int = 4, people: int = 2) -> None:
        self.key = "sk-ant-admin01-" + "0" * 24
        self.own: Own = {"user_id": (DANA,), "api_key_id": (LAPTOP, CI)}
        self.analytics = self.legacy = self.admin = self.fast = self.heeds_filters = True
        self.people = PEOPLE[:people]
        self.keys = KEYS if people > 1 else tuple(key for key in KEYS if key[2] != ERIN)
        self._random = random.Random(seed)
        self._now = _START - timedelta(days=days)
        self._page = rows_a_page
        self._uses: dict[_Use, Counter[str]] = {}
        self._cursors: dict[str, tuple[object, int]] = {}
        self.advance(days * DAY_S)
        self.server = ScriptedServer(self._answer)

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def now_utc(self) -> int:
        return int(self._now.timestamp())

    @property
    def refreshed_utc(self) -> int:
        """Up to when tokens are told."""
        return self.now_utc - 300

    @property
    def billed_utc(self) -> int:
        """Up to when money is told."""
        return (self.now_utc - 26 * HOUR_S) // HOUR_S * HOUR_S

    def advance(self, seconds: int) -> None:
        end = self._now + timedelta(seconds=seconds)
        while self._now < end:
            if self._random.random() < 0.6:
                self._work(self.now_utc)
            self._now = min(end, self._now + timedelta(hours=1))
        self._work(self.now_utc, model=_MODELS[0], user="", key=LAPTOP)  # the newest hour grows

    def correct(self) -> None:
        """Three days ago money falls a little, and a request comes to light."""
        day = (self.now_utc - 3 * DAY_S) // DAY_S * DAY_S
        for use, counts in self._uses.items():
            if day <= use.hour < day + DAY_S:
                for cost_type in _COST_TYPES:
                    counts[f"nanos of {cost_type}"] = counts[f"nanos of {cost_type}"] * 9 // 10
        self._work(day + 5 * HOUR_S, user="", key=CI)

    def ledger(self, *, whole: bool = False) -> Books:
        billed: Counter[tuple[str, str]] = Counter()
        metered: dict[tuple[str, str], Tokens] = {}
        for use, counts in self._uses.items():
            if not (whole or self._is_mine(use)):
                continue
            place = use.model, datetime.fromtimestamp(use.hour, UTC).date().isoformat()
            if self._is_billed(use) and (self.analytics or whole):
                billed[place] += sum(counts[f"nanos of {cost_type}"] for cost_type in _COST_TYPES)
            before = metered.get(place, Tokens())
            metered[place] = Tokens(*(had + counts[kind] for had, kind in zip(before, _KINDS, strict=True)))
        return Books(dict(billed), metered)

    def close(self) -> None:
        self.server.close()

    def _is_mine(self, use: _Use) -> bool:
        """Dana's keys and what is put down to her; the older reports tell a person of sign-ins alone."""
        return use.key in (LAPTOP, CI) or (use.user == DANA and (self.analytics or not use.key))

    def _is_billed(self, use: _Use) -> bool:
        if self.analytics:
            return use.hour + HOUR_S <= self.billed_utc
        return use.hour // DAY_S * DAY_S + DAY_S <= self.billed_utc

    def _work(self, at_utc: int, *, model: str = "", user: str | None = None, key: str = "") -> None:
        choice, number = self._random.choice, self._random.randrange
        if user is None:
            # By a key; by a key whose person is known; by a sign-in.
            places = [("", key) for key, _, _ in self.keys] + [(DANA, LAPTOP), (DANA, OWN_KEY)]
            places += [(person, "") for person, _, _ in self.people]
            user, key = choice(places)
        use = _Use(
            at_utc // HOUR_S * HOUR_S,
            model or choice(_MODELS),
            choice(_TIERS),
            choice(_WINDOWS),
            choice(_SPEEDS),
            user,
            key,
        )
        counts = self._uses.setdefault(use, Counter())
        counts.update({kind: number(1, 90_000) for kind in _KINDS})
        counts.update({"requests": number(1, 30), "searches": number(3)})
        counts.update({f"nanos of {cost_type}": number(1, 2_000_000_000) for cost_type in _COST_TYPES[: number(1, 5)]})

    def _answer(self, seen: Seen) -> Reply:
        headers = {"Date": format_datetime(self._now, usegmt=True)}
        try:
            return Reply(200, self._body(seen), headers)
        except _RefusedError as exc:
            error = {"type": "error", "error": {"type": "invalid_request_error", "message": str(exc)}}
            return Reply(exc.status, {**error, "request_id": "req_011"}, headers)

    def _body(self, seen: Seen) -> object:
        if seen.headers.get("x-api-key") != self.key or "authorization" in seen.headers:
            raise _RefusedError(401, "invalid x-api-key")
        if seen.headers.get("anthropic-version") != "2023-06-01":
            raise _RefusedError(400, "anthropic-version: header is required")
        asked = _Asked(seen)
        match seen.path.removeprefix("/v1/organizations/"):
            case "me":
                self._open(self.admin)
                return {"id": ORGANISATION, "type": "organization", "name": "Example Labs"}
            case "users":
                self._open(self.admin)
                return self._list(asked, [_member(*person) for person in self.people], {"email": "email"})
            case "api_keys":
                self._open(self.admin)
                return self._list(asked, [_key(*key) for key in self.keys], {"created_by_user_id": "created_by"})
            case "analytics/usage":
                self._open(self.analytics)
                return self._analytics(asked, "usage")
            case "analytics/cost":
                self._open(self.analytics)
                return self._analytics(asked, "cost")
            case "usage_report/messages":
                self._open(self.legacy)
                return self._messages(asked)
            case "cost_report":
                self._open(self.legacy)
                return self._cost_report(asked)
        raise _RefusedError(404, "Not found")

    def _open(self, allowed: bool) -> None:
        if not allowed:
            raise _RefusedError(403, "Your API key does not have permission to use the specified resource.")

    def _list(self, asked: "_Asked", items: list[dict[str, Any]], filters: Mapping[str, str]) -> object:
        asked.only(*filters, "limit", "after_id", "before_id", "status", "workspace_id")
        limit = asked.number("limit", 20, 1000)
        for name, field in filters.items():
            value = asked.one(name)
            if value:
                items = [item for item in items if value in (item[field], (item[field] or {}) and _id(item[field]))]
        after = asked.one("after_id")
        start = next((index + 1 for index, item in enumerate(items) if item["id"] == after), 0)
        page = items[start : start + min(limit, 2)]
        ends = {"first_id": page[0]["id"], "last_id": page[-1]["id"]} if page else {"first_id": None, "last_id": None}
        return {"data": page, "has_more": start + len(page) < len(items), **ends}

    def _analytics(self, asked: "_Asked", figures: str) -> object:
        if "analytics-usage-cost-2026-08-24" not in asked.beta:
            raise _RefusedError(400, "anthropic-beta: this API is in beta")
        asked.only(
            "starting_at",
            "ending_at",
            "time_bucket_width",
            "group_by[]",
            "order_by",
            "order",
            "limit",
            "page",
            *_FILTERS,
        )
        start, end, width = asked.instant("starting_at"), asked.instant("ending_at"), asked.one("time_bucket_width")
        if width not in ("", "1h", "1d"):
            raise _RefusedError(400, "time_bucket_width: not served here")
        if start < max(_FIRST.timestamp(), self.now_utc - 365 * DAY_S) or not start < end <= start + 31 * DAY_S:
            raise _RefusedError(400, "starting_at: out of range")
        extra = {"cost_type", "token_type"} if figures == "cost" else set()
        groups = asked.all("group_by[]")
        if set(groups) - _DIMENSIONS - extra or len(set(groups) - extra) > 5 or len(set(groups)) != len(groups):
            raise _RefusedError(400, "group_by: not valid")
        if asked.one("order_by") not in ("", "time", *(["amount"] if figures == "cost" else ["total_tokens"])):
            raise _RefusedError(400, "order_by: not valid")
        if asked.one("order_by") == "time" and not width:
            raise _RefusedError(400, "order_by: time needs time_bucket_width")
        limit = asked.number("limit", 20, 1000)
        seconds = {"1h": HOUR_S, "1d": DAY_S}.get(width, end - start)
        rows: dict[tuple[object, ...], Counter[str]] = {}
        shown: dict[tuple[object, ...], dict[str, object]] = {}
        for use, counts in self._told(figures, start, end, self._analytics_filter(asked)):
            at = use.hour // seconds * seconds if width else start
            for kind in _COST_TYPES if figures == "cost" and "cost_type" in groups else [""]:
                part = Counter({name: n for name, n in counts.items() if not kind or name == f"nanos of {kind}"})
                if not part:
                    continue
                group = {name: _dimension(use, name, kind) for name in groups}
                place = (at, *(str(group[name]) for name in groups))
                rows.setdefault(place, Counter()).update(part)
                shown[place] = group
        order = sorted(rows, key=str, reverse=asked.one("order") != "asc")
        order.sort(key=lambda place: int(str(place[0])), reverse=asked.one("order") != "asc")
        page, cursor = self._turn(asked, order, min(limit, self._page))
        return {
            "data": [
                {
                    "starting_at": _text(int(str(place[0]))),
                    "ending_at": _text(int(str(place[0])) + seconds),
                    "group": {**dict.fromkeys((*sorted(_DIMENSIONS), *extra)), **shown[place]},
                    figures: _usage(rows[place]) if figures == "usage" else _cost(rows[place], "cost_type" in groups),
                }
                for place in page
            ],
            "has_more": cursor is not None,
            "next_page": cursor,
            "data_refreshed_at": _text(self.billed_utc if figures == "cost" else self.refreshed_utc),
        }

    def _analytics_filter(self, asked: "_Asked") -> Callable[[_Use], bool]:
        """Filters of different kinds narrow each other."""
        actors, keys, workspaces = (asked.all(name) for name in ("actor_ids[]", "api_key_ids[]", "workspace_ids[]"))
        return lambda use: (
            not self.heeds_filters
            or (
                (not actors or (use.user or use.key) in actors)
                and (not keys or use.key in keys)
                and (not workspaces or WORKSPACE in workspaces)
            )
        )

    def _messages(self, asked: "_Asked") -> object:
        asked.only(
            "starting_at",
            "ending_at",
            "bucket_width",
            "limit",
            "group_by[]",
            "page",
            "account_ids[]",
            "api_key_ids[]",
            "workspace_ids[]",
        )
        if asked.one("bucket_width") != "1h":
            raise _RefusedError(400, "bucket_width: not served here")
        groups = asked.all("group_by[]")
        if set(groups) - _LEGACY_DIMENSIONS:
            raise _RefusedError(400, "group_by: not valid")
        if "speed" in groups and (not self.fast or "fast-mode-2026-02-01" not in asked.beta):
            raise _RefusedError(400, "group_by: speed is in beta")
        accounts, keys = asked.all("account_ids[]"), asked.all("api_key_ids[]")

        def wanted(use: _Use) -> bool:
            return (not accounts or (use.user in accounts and not use.key)) and (not keys or use.key in keys)

        def results(start: int) -> list[dict[str, object]]:
            rows: dict[tuple[str, ...], Counter[str]] = {}
            for use, counts in self._told("usage", start, start + HOUR_S, wanted):
                place = tuple(_dimension(use, name) or "" for name in groups)
                rows.setdefault(place, Counter()).update(counts)
            return [
                {
                    **dict.fromkeys(sorted(_LEGACY_DIMENSIONS)),
                    **{name: value or None for name, value in zip(groups, place, strict=True)},
                    **{name: n for name, n in _usage(counts).items() if name not in ("requests", "total_tokens")},
                }
                for place, counts in rows.items()
            ]

        return self._buckets(asked, HOUR_S, 168, results)

    def _cost_report(self, asked: "_Asked") -> object:
        asked.only("starting_at", "ending_at", "bucket_width", "limit", "group_by[]", "page")
        if asked.one("bucket_width") != "1d" or asked.all("group_by[]") != ["description"]:
            raise _RefusedError(400, "bucket_width: not served here")

        def results(start: int) -> list[dict[str, object]]:
            rows: Counter[tuple[str, str]] = Counter()
            for use, counts in self._told("cost", start, start + DAY_S, lambda _: True):
                for cost_type in _COST_TYPES:
                    rows[use.model, cost_type] += counts[f"nanos of {cost_type}"]
            return [
                {
                    "amount": _cents(nanos),
                    "currency": "USD",
                    "cost_type": cost_type,
                    "description": f"{model} Usage - {cost_type}",
                    "model": model,
                    "token_type": None,
                    "service_tier": "standard",
                    "context_window": None,
                    "inference_geo": "global",
                    "workspace_id": None,
                }
                for (model, cost_type), nanos in rows.items()
            ]

        return self._buckets(asked, DAY_S, 31, results)

    def _buckets(
        self, asked: "_Asked", width: int, most: int, results: Callable[[int], list[dict[str, object]]]
    ) -> object:
        """Buckets that begin on or after the start and end before the end, empty ones among them."""
        start, end = asked.instant("starting_at") // width * width, self.now_utc + width
        if asked.one("ending_at"):
            end = asked.instant("ending_at")
        limit = asked.number("limit", 7, most)
        starts = [at for at in range(start, min(end, self.now_utc + 1), width) if at + width < end]
        page, cursor = self._turn(asked, starts, min(limit, 17))
        data = [{"starting_at": _text(at), "ending_at": _text(at + width), "results": results(at)} for at in page]
        return {"data": data, "has_more": cursor is not None, "next_page": cursor}

    def _told(
        self, figures: str, start: int, end: int, wanted: Callable[[_Use], bool]
    ) -> Iterable[tuple[_Use, Counter[str]]]:
        for use, counts in self._uses.items():
            if start <= use.hour < end and wanted(use) and (figures == "usage" or self._is_billed(use)):
                yield use, counts

    def _turn(self, asked: "_Asked", items: Sequence[_Item], size: int) -> tuple[Sequence[_Item], str | None]:
        """The page that is asked for, by a cursor that belongs to the same question."""
        question, start = asked.question, 0
        cursor = asked.one("page")
        if cursor:
            if cursor not in self._cursors or self._cursors[cursor][0] != question:
                raise _RefusedError(400, "page: not a cursor of this query")
            start = self._cursors[cursor][1]
        if start + size >= len(items):
            return items[start:], None
        following = f"page_{len(self._cursors)}"
        self._cursors[following] = (question, start + size)
        return items[start : start + size], following


class _Asked:
    """The parameters of a request."""

    def __init__(self, seen: Seen) -> None:
        self._params = seen.params
        self.beta = seen.headers.get("anthropic-beta", "").split(",")
        self.question = (seen.path, [pair for pair in seen.params if pair[0] != "page"])

    def only(self, *names: str) -> None:
        for name, _ in self._params:
            if name not in names:
                raise _RefusedError(400, f"{name}: Extra inputs are not permitted")
            if not name.endswith("[]") and len(self.all(name)) > 1:
                raise _RefusedError(400, f"{name}: given twice")

    def all(self, name: str) -> list[str]:
        return [value for key, value in self._params if key == name]

    def one(self, name: str) -> str:
        return next(iter(self.all(name)), "")

    def instant(self, name: str) -> int:
        try:
            moment = datetime.fromisoformat(self.one(name))
        except ValueError:
            raise _RefusedError(400, f"{name}: Field required") from None
        if moment.tzinfo is None:
            raise _RefusedError(400, f"{name}: needs a time zone")
        return int(moment.timestamp())

    def number(self, name: str, default: int, most: int) -> int:
        text = self.one(name) or str(default)
        if not text.isdigit() or not 1 <= int(text) <= most:
            raise _RefusedError(400, f"{name}: out of range")
        return int(text)


def _member(id_: str, email: str, name: str | None) -> dict[str, Any]:
    member = {"id": id_, "type": "user", "email": email, "name": name, "role": "developer"}
    return {**member, "added_at": "2026-01-05T10:00:00Z"}


def _key(id_: str, name: str, maker: str | None) -> dict[str, Any]:
    made = {"id": maker, "type": "user"} if maker else None
    key = {"id": id_, "type": "api_key", "name": name, "status": "active", "created_at": "2026-02-01T09:00:00Z"}
    return {**key, "expires_at": None, "created_by": made, "partial_key_hint": None, "principal": None, "scope": {}}


def _id(value: object) -> object:
    return value["id"] if isinstance(value, dict) else value


def _dimension(use: _Use, name: str, cost_type: str = "") -> Any:
    if name == "actor":
        if not use.user:
            return {"type": "api_actor", "api_key_id": use.key}
        email = next(email for id_, email, _ in PEOPLE if id_ == use.user)
        return {"type": "user_actor", "user_id": use.user, "email_address": email, "name": None, "deleted": False}
    values: dict[str, str | None] = {
        "api_key_id": use.key or None,
        "cost_type": cost_type,
        "organization_id": ORGANISATION,
        "workspace_id": WORKSPACE,
        "account_id": use.user if not use.key else None,
    }
    return values[name] if name in values else getattr(use, name)


def _usage(counts: Counter[str]) -> dict[str, object]:
    return {
        "uncached_input_tokens": counts["input"],
        "cache_creation": {
            "ephemeral_5m_input_tokens": counts["cache_write_5m"],
            "ephemeral_1h_input_tokens": counts["cache_write_1h"],
        },
        "cache_read_input_tokens": counts["cache_read"],
        "output_tokens": counts["output"],
        "server_tool_use": {"web_search_requests": counts["searches"]},
        "requests": counts["requests"],
        "total_tokens": sum(counts[kind] for kind in _KINDS),
    }


def _cost(counts: Counter[str], by_type: bool) -> dict[str, object]:
    nanos = sum(counts[f"nanos of {cost_type}"] for cost_type in _COST_TYPES)
    listed = nanos * 10 // 9
    requests = None if by_type else counts["requests"]
    return {"amount": _cents(nanos), "list_amount": _cents(listed), "currency": "USD", "requests": requests}


def _cents(nanos: int) -> str:
    return f"{Decimal(nanos).scaleb(-7):f}"


def _text(at_utc: int) -> str:
    return datetime.fromtimestamp(at_utc, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
