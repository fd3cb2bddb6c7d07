"""Codex CLI's rollouts: lines of {timestamp, type, payload} below `sessions` and `archived_sessions`.

A line's meaning depends on those before it (model, service tier, running total), so the parser carries a small
state from run to run. An event is one `token_count` whose running total was not seen before; its amount is
`last_token_usage`. A fork or spawned thread begins with its parent's history, which is passed over by the age
of the turns' ids, so no parent is needed and the order of reading does not matter.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tokentray.agents.base import Skip
from tokentray.agents.lines import believable, hash64, utc_seconds
from tokentray.agents.project import project_root
from tokentray.model import CAVEAT_BIT, TIERS, Caveat, LogEvent, Tier

ID = "codex"
PROVIDER = "openai"
FALLBACK_MODEL = "gpt-5"
"""What a rollout without any model name ran on: builds that wrote none had this default."""
_REMEMBERED_TOTALS = 32
_TIER_NAMES = {
    "fast": TIERS.index(Tier.FAST),
    "priority": TIERS.index(Tier.PRIORITY),
    "flex": TIERS.index(Tier.FLEX),
    "batch": TIERS.index(Tier.BATCH),
}
_MODEL_ASSUMED = CAVEAT_BIT[Caveat.MODEL_ASSUMED]
_UUID7 = re.compile(r"^([0-9a-f]{8})-([0-9a-f]{4})-7", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_HEAD_BYTES = 120
_CONTENT = b'"response_item"'
"""Kind of the lines that hold what was said: most of the bytes, none of the usage."""


class _Tokens(msgspec.Struct, frozen=True, gc=False):
    input_tokens: int | None = None
    cached_input_tokens: int | None = None
    cache_write_input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_output_tokens: int | None = None

    def counts(self) -> tuple[int, ...]:
        """input (cached included), cached, cache write, output (reasoning included), reasoning."""
        return (
            self.input_tokens or 0,
            self.cached_input_tokens or 0,
            self.cache_write_input_tokens or 0,
            self.output_tokens or 0,
            self.reasoning_output_tokens or 0,
        )


class _Info(msgspec.Struct, gc=False):
    total_token_usage: _Tokens | None = None
    last_token_usage: _Tokens | None = None
    model: str | None = None


class _Settings(msgspec.Struct, gc=False):
    service_tier: str | None = None
    model: str | None = None


class _Payload(msgspec.Struct, gc=False):
    type: str | None = None
    id: str | None = None
    cwd: str | None = None
    model: str | None = None
    model_provider: str | None = None
    turn_id: str | None = None
    forked_from_id: str | None = None
    source: msgspec.Raw = msgspec.Raw()
    info: _Info | None = None
    thread_settings: _Settings | None = None
    response_id: str | None = None
    usage: _Tokens | None = None
    compaction_response_id: str | None = None


class _Line(msgspec.Struct, gc=False):
    type: str | None = None
    timestamp: str | None = None
    payload: _Payload | None = None
    usage: _Tokens | None = None
    thread_id: str | None = None
    model: str | None = None


class _Envelope(msgspec.Struct, gc=False):
    """A line whose payload has another shape than any we know."""

    type: str | None = None


class _State(msgspec.Struct, gc=False):
    """What the lines so far have said. Stored as JSON between runs."""

    session: str = ""
    provider: str = PROVIDER
    cwd: str = ""
    model: str = ""
    tier: int = 0
    total: tuple[int, ...] | None = None
    seen: list[int] = []
    replaying: bool = False
    born_ms: int | None = None
    turn_ids: bool = False
    last_usage_utc_ms: int | None = None
    unclaimed: dict[str, tuple[int, ...]] = {}
    compactions: list[tuple[int, ...]] = []
    headless: int = 0


_line = msgspec.json.Decoder(_Line)
_envelope = msgspec.json.Decoder(_Envelope)
_state = msgspec.json.Decoder(_State)


class CodexParser:
    """Turns lines into events, carrying what earlier lines said."""

    def __init__(self, path: Path, state: str) -> None:
        self.skipped: Counter[str] = Counter()
        self._path = path
        self._now = _state.decode(state) if state else _State()

    def state(self) -> str:
        return msgspec.json.encode(self._now).decode()

    def parse(self, block: bytes) -> Iterator[LogEvent]:
        position = 0
        end = block.find(b"\n")
        while end >= 0:
            if end > position and block.find(_CONTENT, position, position + _HEAD_BYTES) < 0:
                event = self._line_event(block[position:end])
                if event is not None:
                    yield event
            position = end + 1
            end = block.find(b"\n", position)

    def _line_event(self, raw: bytes) -> LogEvent | None:
        if not raw.strip():
            return None
        try:
            line = _line.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            self._count_unreadable(raw)
            return None
        payload = line.payload
        if payload is None:
            return self._headless(line) if line.usage is not None else None
        kind = payload.type if line.type == "event_msg" else line.type
        if kind == "token_count":
            return self._token_count(line, payload)
        if kind == "session_meta":
            self._session_meta(payload)
        elif kind == "turn_context":
            self._now.model = payload.model or self._now.model
            self._now.cwd = self._now.cwd or payload.cwd or ""
            self._turn(payload)
        elif kind == "task_started":
            self._turn(payload)
        elif kind == "thread_settings_applied" and payload.thread_settings is not None:
            self._now.tier = _TIER_NAMES.get(payload.thread_settings.service_tier or "", 0)
        elif kind == "token_usage_record":
            self._usage_record(payload)
        elif kind == "compacted":
            return self._compacted(line, payload)
        return None

    def _count_unreadable(self, raw: bytes) -> None:
        """A known kind with an unexpected shape carries no usage we could miss unless it says so."""
        try:
            kind = _envelope.decode(raw).type
        except (msgspec.MsgspecError, UnicodeDecodeError):
            self.skipped[Skip.NOT_JSON] += 1
            return
        if b"_tokens" in raw:
            self.skipped[Skip.UNKNOWN_KIND if kind != "event_msg" else Skip.BAD_COUNT] += 1

    def _session_meta(self, payload: _Payload) -> None:
        now = self._now
        if now.session:
            return  # it may repeat, and a fork repeats its parent's
        now.session = payload.id or self._session_of_name()
        now.provider = payload.model_provider or PROVIDER
        now.cwd = payload.cwd or ""
        now.born_ms = _uuid7_ms(now.session)
        now.replaying = bool(payload.forked_from_id) or b'"parent_thread_id"' in bytes(payload.source)

    def _session_of_name(self) -> str:
        found = _UUID.findall(self._path.name)
        return str(found[-1]) if found else self._path.stem

    def _turn(self, payload: _Payload) -> None:
        now = self._now
        if not now.replaying:
            return
        turn_ms = _uuid7_ms(payload.turn_id or "")
        if turn_ms is None or now.born_ms is None:
            return
        now.turn_ids = True
        if turn_ms >= now.born_ms:
            now.replaying = False

    def _token_count(self, line: _Line, payload: _Payload) -> LogEvent | None:
        info = payload.info
        if info is None:
            return None
        now = self._now
        at_ms = _milliseconds(line.timestamp)
        total = info.total_token_usage.counts() if info.total_token_usage else None
        before = now.total
        if total is not None:
            mark = hash64(*map(str, total))
            if mark in now.seen:
                return None
            now.seen = [*now.seen[1 - _REMEMBERED_TOTALS :], mark]
            now.total = total
        if info.last_token_usage is not None:
            amount = info.last_token_usage.counts()
        elif total is not None:
            amount = tuple(max(0, a - b) for a, b in zip(total, before or (0,) * 5, strict=True))
        else:
            return None
        if self._is_replay(at_ms):
            return None
        now.unclaimed = {key: value for key, value in now.unclaimed.items() if value != amount}
        if amount in now.compactions:
            now.compactions.remove(amount)
            return None
        model = now.model or payload.model or info.model or ""
        return self._event(line.timestamp, amount, model, "")

    def _is_replay(self, at_ms: int | None) -> bool:
        """Whether a usage line is the parent's history. Where no turn has an id, the opening burst is."""
        now = self._now
        last, now.last_usage_utc_ms = now.last_usage_utc_ms, at_ms
        if not now.replaying:
            return False
        if not now.turn_ids and at_ms is not None and last is not None and at_ms - last >= 1000:
            now.replaying = False
            return False
        return True

    def _usage_record(self, payload: _Payload) -> None:
        if payload.response_id and payload.usage is not None and not self._now.replaying:
            kept = list(self._now.unclaimed.items())[-15:]
            self._now.unclaimed = dict([*kept, (payload.response_id, payload.usage.counts())])

    def _compacted(self, line: _Line, payload: _Payload) -> LogEvent | None:
        """A remote compaction is a call of its own; it counts unless an ordinary event covered it."""
        amount = self._now.unclaimed.pop(payload.compaction_response_id or "", None)
        if amount is None or self._now.replaying:
            return None
        self._now.compactions = [*self._now.compactions[-7:], amount]
        return self._event(line.timestamp, amount, self._now.model, payload.compaction_response_id or "")

    def _headless(self, line: _Line) -> LogEvent | None:
        """A line of `codex exec --json`: usage at the top level."""
        assert line.usage is not None
        self._now.session = self._now.session or line.thread_id or self._session_of_name()
        self._now.headless += 1
        model = line.model or self._now.model
        return self._event(line.timestamp, line.usage.counts(), model, f"exec:{self._now.headless}")

    def _event(self, timestamp: str | None, amount: tuple[int, ...], model: str, call: str) -> LogEvent | None:
        now = self._now
        at_utc = utc_seconds(timestamp)
        if at_utc is None:
            self.skipped[Skip.BAD_TIME] += 1
            return None
        total_input, cached, written, output, reasoning = amount
        fresh = total_input - cached - written
        if not believable(fresh, *amount) or reasoning > output:
            self.skipped[Skip.BAD_COUNT] += 1
            return None
        session = now.session or self._session_of_name()
        key = hash64(ID, session, call) if call else hash64(ID, session, timestamp or "", *map(str, amount))
        return LogEvent(
            key,
            0,
            at_utc,
            now.provider,
            model or FALLBACK_MODEL,
            now.tier,
            project_root(now.cwd),
            session,
            0,
            fresh,
            output,
            reasoning,
            cached,
            written,
            0,
            0,
            0 if model else _MODEL_ASSUMED,
        )


def _uuid7_ms(text: str) -> int | None:
    """Milliseconds since 1970 in a UUIDv7, None for another kind of id."""
    match = _UUID7.match(text)
    return int(match[1] + match[2], 16) if match else None


def _milliseconds(timestamp: str | None) -> int | None:
    from datetime import datetime

    try:
        return int(datetime.fromisoformat(timestamp or "").timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
