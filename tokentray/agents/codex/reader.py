"""Codex CLI's rollouts: lines of {timestamp, type, payload} below `sessions` and `archived_sessions`.

A line's meaning depends on those before it (model, service tier, running total), so the parser carries a small
state from run to run. An event is one `token_count` whose running total was not seen before; its amount is
`last_token_usage`. A fork or spawned thread begins with its parent's history, which is passed over by the age
of the turns' ids, so no parent is needed and the order of reading does not matter.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from tokentray.agents.base import Skip
from tokentray.agents.codex.format import DEFAULT_PROVIDER, Envelope, Line, Payload, RateLimits, Response, State, Tokens
from tokentray.agents.lines import MAX_TOKENS_PER_CALL, believable, decoded, hash64, utc_seconds
from tokentray.agents.project import project_root
from tokentray.model import CAVEAT_BIT, TIERS, Caveat, LogEvent, Tier

ID = "codex"
FALLBACK_MODEL = "gpt-5"
"""What a rollout without any model name ran on: builds that wrote none had this default."""
_REMEMBERED_TOTALS = 32
_REMEMBERED_RESPONSES = 16
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
_PLAN = b'"plan_type"'
_LONGEST_PLAN = 40


_line = msgspec.json.Decoder(Line)
_envelope = msgspec.json.Decoder(Envelope)
_state = msgspec.json.Decoder(State)
_limits = msgspec.json.Decoder(RateLimits)


class CodexParser:
    """Turns lines into events, carrying what earlier lines said."""

    def __init__(self, path: Path, state: str) -> None:
        self.skipped: Counter[str] = Counter()
        self.plan_type = ""
        self._path = path
        self._now = _state.decode(state) if state else State()

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
        line = decoded(_line, raw)
        if line is None:
            self._count_unreadable(raw)
            return None
        payload = line.payload
        if payload is None:
            usage = line.headless_usage()
            return None if usage is None else self._headless(line, usage)
        kind = payload.type if line.type == "event_msg" else line.type
        if kind == "token_count":
            return self._token_count(line, payload)
        if kind == "session_meta":
            self._session_meta(line, payload)
        elif kind == "turn_context":
            self._now.model = payload.model or self._now.model
            self._now.cwd = self._now.cwd or payload.cwd or ""
            self._turn(payload)
        elif kind == "task_started":
            self._turn(payload)
        elif kind == "thread_settings_applied":
            tier = payload.thread_settings.service_tier if payload.thread_settings else None
            if tier is not None:  # settings that name no tier say nothing of it
                self._now.tier = _TIER_NAMES.get(tier, 0)
        elif kind == "token_usage_record":
            return self._usage_record(line, payload)
        elif kind == "compacted":
            return self._compacted(payload)
        return None

    def _count_unreadable(self, raw: bytes) -> None:
        """A known kind with an unexpected shape carries no usage we could miss unless it says so."""
        envelope = decoded(_envelope, raw)
        if envelope is None:
            self.skipped[Skip.NOT_JSON] += 1
        elif b"_tokens" in raw:
            self.skipped[Skip.UNKNOWN_KIND if envelope.type != "event_msg" else Skip.BAD_COUNT] += 1

    def _session_meta(self, line: Line, payload: Payload) -> None:
        now = self._now
        if now.session:
            return  # it may repeat, and a fork repeats its parent's
        now.session = payload.id or self._session_of_name()
        now.provider = payload.model_provider or DEFAULT_PROVIDER
        now.cwd = payload.cwd or ""
        now.born_ms = _uuid7_ms(now.session)
        now.replaying = bool(payload.forked_from_id) or b'"parent_thread_id"' in bytes(payload.source)
        # A replayed history is stamped at the fork instant, which is this line's.
        now.last_usage_utc_ms = _milliseconds(line.timestamp)

    def _session_of_name(self) -> str:
        found = _UUID.findall(self._path.name)
        return str(found[-1]) if found else self._path.stem

    def _turn(self, payload: Payload) -> None:
        now = self._now
        if not now.replaying:
            return
        turn_ms = _uuid7_ms(payload.turn_id or "")
        if turn_ms is None or now.born_ms is None:
            return
        now.turn_ids = True
        if turn_ms >= now.born_ms:
            now.replaying = False

    def _token_count(self, line: Line, payload: Payload) -> LogEvent | None:
        limits = decoded(_limits, bytes(payload.rate_limits)) if _PLAN in bytes(payload.rate_limits) else None
        if limits is not None and limits.plan_type:
            self.plan_type = limits.plan_type[:_LONGEST_PLAN]
        info = payload.info
        if info is None:
            return None
        now = self._now
        total = info.total_token_usage.counts() if info.total_token_usage else None
        latest = info.last_token_usage.counts() if info.last_token_usage else None
        if (total and not _believable_total(total)) or (latest and not believable(*latest)):
            # Before anything is remembered of it, so that a repeat of the line can still be counted.
            self.skipped[Skip.BAD_COUNT] += 1
            return None
        before = now.total
        if total is not None:
            if total in now.seen:
                return None
            now.seen.append(total)
            del now.seen[:-_REMEMBERED_TOTALS]
            now.total = total
        if latest is not None:
            amount = latest
        elif total is not None:
            amount = tuple(max(0, a - b) for a, b in zip(total, before or (0,) * 5, strict=True))
        else:
            return None
        if not any(amount) or (now.replaying and self._is_replay(_milliseconds(line.timestamp))):
            return None
        response = now.responses.get(now.latest_response)
        if response is not None and (
            amount == response.amount or (total is not None and total == response.thread_total)
        ):
            self._settle(now.latest_response)
        compaction, now.compaction = now.compaction, None
        if amount == compaction:
            return None
        model = now.model or payload.model or info.model or ""
        return self._event(line.timestamp, amount, model, "", now.tier)

    def _is_replay(self, at_ms: int | None) -> bool:
        """Whether a usage line is the parent's history. Where no turn has an id, the opening burst is."""
        now = self._now
        last, now.last_usage_utc_ms = now.last_usage_utc_ms, at_ms
        if not now.turn_ids and at_ms is not None and last is not None and at_ms - last >= 1000:
            now.replaying = False
            return False
        return True

    def _usage_record(self, line: Line, payload: Payload) -> LogEvent | None:
        now, key = self._now, payload.response_id or ""
        now.latest_response = ""
        amount = payload.usage.counts() if payload.usage else ()
        if not key or not any(amount) or now.replaying or key in now.settled:
            return None
        thread = payload.thread_token_usage
        response = Response(
            line.timestamp or "", amount, thread.counts() if thread else None, payload.model or now.model, now.tier
        )
        if key in now.compacted:
            return self._compaction(key, response)
        now.latest_response = key
        now.responses = dict([*now.responses.items(), (key, response)][-_REMEMBERED_RESPONSES:])
        return None

    def _compacted(self, payload: Payload) -> LogEvent | None:
        """A remote compaction is a call of its own; it counts unless an ordinary event covered it."""
        now, key = self._now, payload.compaction_response_id or ""
        if not key or now.replaying or key in now.settled:
            return None
        response = now.responses.get(key)
        if response is not None:
            return self._compaction(key, response)
        now.compacted = [*now.compacted, key][-_REMEMBERED_RESPONSES:]
        return None

    def _compaction(self, key: str, response: Response) -> LogEvent | None:
        self._settle(key)
        self._now.compaction = response.amount
        return self._event(response.timestamp, response.amount, response.model, f"response:{key}", response.tier)

    def _settle(self, key: str) -> None:
        now = self._now
        now.responses = {other: response for other, response in now.responses.items() if other != key}
        now.compacted = [other for other in now.compacted if other != key]
        now.settled = [*now.settled, key][-_REMEMBERED_RESPONSES:]

    def _headless(self, line: Line, usage: Tokens) -> LogEvent | None:
        """A line of `codex exec --json`: usage at the top level."""
        now = self._now
        now.session = now.session or line.thread_id or self._session_of_name()
        now.headless += 1
        if not any(usage.counts()):
            return None
        call = f"{now.session}:exec:{now.headless}"
        return self._event(line.timestamp, usage.counts(), line.model or now.model, call, now.tier)

    def _event(
        self, timestamp: str | None, amount: tuple[int, ...], model: str, call: str, tier: int
    ) -> LogEvent | None:
        """call: what names it, wherever it stands; "" where its session, time and amount do."""
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
        key = hash64(ID, call) if call else hash64(ID, session, timestamp or "", *map(str, amount))
        return LogEvent(
            key,
            0,
            at_utc,
            now.provider,
            model or FALLBACK_MODEL,
            tier,
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


def _believable_total(counts: tuple[int, ...]) -> bool:
    """Whether counts can be a session's running total, which grows past any single call."""
    return min(counts) >= 0 and max(counts) < MAX_TOKENS_PER_CALL * 1000


def _uuid7_ms(text: str) -> int | None:
    """Milliseconds since 1970 in a UUIDv7, None for another kind of id."""
    match = _UUID7.match(text)
    return int(match[1] + match[2], 16) if match else None


def _milliseconds(timestamp: str | None) -> int | None:
    try:
        return int(datetime.fromisoformat(timestamp or "").timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
