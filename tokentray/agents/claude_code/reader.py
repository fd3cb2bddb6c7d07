"""Claude Code's session logs: one JSON object a line below `projects/`.

A response is written as several lines with one (message id, request id); the last has the final output count.
Sub-agents' messages appear in files of their own, and as `agent_progress` lines of the parent where that file
is gone. Forked and resumed sessions repeat old lines with only `sessionId` rewritten. Hence the key is
(message id, request id) over all files, and the line with the largest output wins.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from tokentray.agents.base import Skip
from tokentray.agents.lines import (
    MAX_TOKENS_PER_CALL,
    UNREADABLE,
    believable,
    decoded,
    hash32,
    hash64,
    lines_with,
    utc_seconds,
)
from tokentray.agents.project import project_root
from tokentray.model import CAVEAT_BIT, TIERS, Caveat, LogEvent, Tier

ID = "claude-code"
PROVIDER = "anthropic"
_SYNTHETIC = "<synthetic>"
_STANDARD, _FAST = TIERS.index(Tier.STANDARD), TIERS.index(Tier.FAST)
_BATCH = TIERS.index(Tier.BATCH)
_PRICE_ASSUMED = CAVEAT_BIT[Caveat.PRICE_ASSUMED]
_UNDERCOUNTED = CAVEAT_BIT[Caveat.OUTPUT_UNDERCOUNTED]
# Lines that may hold token counts without being a model call.
_OTHER_KINDS = frozenset(
    (
        "user",
        "progress",
        "system",
        "attachment",
        "file-history-snapshot",
        "summary",
        "queue-operation",
        "last-prompt",
        "custom-title",
        "mode",
    )
)


class _CacheCreation(msgspec.Struct, gc=False):
    ephemeral_5m_input_tokens: int | None = None
    ephemeral_1h_input_tokens: int | None = None


class _ServerTools(msgspec.Struct, gc=False):
    web_search_requests: int | None = None


class _Iteration(msgspec.Struct, gc=False):
    type: str | None = None
    model: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation: _CacheCreation | None = None


class _Usage(msgspec.Struct, gc=False):
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation: _CacheCreation | None = None
    server_tool_use: _ServerTools | None = None
    speed: str | None = None
    service_tier: str | None = None
    inference_geo: str | None = None
    iterations: list[_Iteration] | None = None


class _Message(msgspec.Struct, gc=False):
    id: str | None = None
    model: str | None = None
    usage: _Usage | None = None


class _Inner(msgspec.Struct, gc=False):
    type: str | None = None
    timestamp: str | None = None
    message: _Message | None = None
    requestId: str | None = None  # noqa: N815 - the log's own name
    uuid: str | None = None


class _Data(msgspec.Struct, gc=False):
    type: str | None = None
    message: _Inner | None = None


class _Line(msgspec.Struct, gc=False):
    type: str | None = None
    timestamp: str | None = None
    sessionId: str | None = None  # noqa: N815 - the log's own name
    requestId: str | None = None  # noqa: N815 - the log's own name
    uuid: str | None = None
    version: str | None = None
    cwd: str | None = None
    isSidechain: bool | None = None  # noqa: N815 - the log's own name
    message: _Message | None = None
    data: _Data | None = None


class _DataKind(msgspec.Struct, gc=False):
    type: str | None = None


class _Kind(msgspec.Struct, gc=False):
    """A second look at a line whose fields had another shape than expected."""

    type: str | None = None
    data: _DataKind | None = None


_line = msgspec.json.Decoder(_Line)
_kind = msgspec.json.Decoder(_Kind)


_OUTPUT = LogEvent._fields.index("output_tokens")
_AT = LogEvent._fields.index("at_utc")


class ClaudeCodeParser:
    """Turns lines into events; the same line always gives the same event, wherever a run begins."""

    def __init__(self, path: Path) -> None:
        self.skipped: Counter[str] = Counter()
        self.plan_type = ""
        parts = path.parts
        place = len(parts) - 1 - parts[::-1].index("projects") if "projects" in parts else len(parts)
        self._slug = parts[place + 1] if place + 2 < len(parts) else path.parent.name
        self._session = path.stem
        # The call of the line before, still open: most calls are several lines in a row that differ in nothing
        # but time and output, and half the work of a first read is saved by not making an event of each.
        self._same: tuple[object, ...] = ()
        self._open: list[Any] = []

    def state(self) -> str:
        return ""

    def parse(self, block: bytes) -> Iterator[LogEvent]:
        decode = _line.decode
        for raw in lines_with(block, b'"output_tokens"', self.skipped):
            try:
                line = decode(raw)
            except UNREADABLE:
                mended = decoded(_line, raw)
                if mended is None:
                    self._count_unreadable(raw)
                    continue
                line = mended
            if line.type == "assistant":
                message, sidechain = line.message, 1 if line.isSidechain else 0
                request, uuid, timestamp = line.requestId, line.uuid, line.timestamp
            elif line.type == "progress":
                # A sub-agent's message, told by its parent: the only place it stands once its own file is gone.
                inner = line.data.message if line.data and line.data.type == "agent_progress" else None
                if inner is None or inner.type != "assistant":
                    continue
                message, sidechain = inner.message, 1
                request, uuid, timestamp = inner.requestId, inner.uuid, inner.timestamp or line.timestamp
            else:
                if line.type not in _OTHER_KINDS:
                    self.skipped[Skip.UNKNOWN_KIND] += 1
                continue
            if message is None or message.usage is None or message.model == _SYNTHETIC:
                continue
            usage = message.usage
            at_utc = utc_seconds(timestamp)
            if at_utc is None:
                self.skipped[Skip.BAD_TIME] += 1
                continue
            same = (
                message.id, request, line.sessionId, sidechain, message.model, usage.input_tokens,
                usage.cache_creation_input_tokens, usage.cache_read_input_tokens, usage.cache_creation,
                usage.server_tool_use, usage.speed, usage.service_tier, usage.inference_geo, line.version, line.cwd,
            )  # fmt: skip
            if same == self._same and message.id and not usage.iterations:
                output = usage.output_tokens or 0
                if not 0 <= output <= MAX_TOKENS_PER_CALL:
                    self.skipped[Skip.BAD_COUNT] += 1
                    continue
                if output > self._open[_OUTPUT]:
                    self._open[_OUTPUT] = output
                if at_utc < self._open[_AT]:
                    self._open[_AT] = at_utc
                continue
            if self._open:
                yield LogEvent._make(self._open)
                self._open, self._same = [], ()
            call = self._call(line, message, request, uuid, at_utc, sidechain, raw)
            if call is None:
                continue
            if usage.iterations:
                yield from self._other_calls(LogEvent._make(call), message.id or uuid or str(call[0]), usage.iterations)
            self._open, self._same = call, same
        if self._open:
            yield LogEvent._make(self._open)
            self._open, self._same = [], ()

    def _count_unreadable(self, raw: bytes) -> None:
        """A line that is JSON and of a kind that never holds a call is no loss; anything else is named."""
        kind = decoded(_kind, raw)
        if kind is None:
            self.skipped[Skip.NOT_JSON] += 1
        elif kind.type == "assistant" or (kind.data and kind.data.type == "agent_progress"):
            self.skipped[Skip.BAD_COUNT] += 1
        elif kind.type not in _OTHER_KINDS:
            self.skipped[Skip.UNKNOWN_KIND] += 1

    def _call(
        self,
        line: _Line,
        message: _Message,
        request: str | None,
        uuid: str | None,
        at_utc: int,
        sidechain: int,
        raw: bytes,
    ) -> list[Any] | None:
        """The fields of a LogEvent, None where the line cannot be believed."""
        usage = message.usage
        assert usage is not None
        counts = _counts(usage)
        searches = (usage.server_tool_use and usage.server_tool_use.web_search_requests) or 0
        if not believable(*counts, searches):
            self.skipped[Skip.BAD_COUNT] += 1
            return None
        session = line.sessionId or self._session
        tier = _FAST if usage.speed == "fast" else _BATCH if usage.service_tier == "batch" else _STANDARD
        return [
            hash64(ID, message.id or uuid or raw.decode("utf-8", "replace")),
            hash32(request or session) if message.id else 0,
            at_utc,
            PROVIDER,
            message.model or "",
            tier,
            project_root(line.cwd or "", self._slug),
            session,
            sidechain,
            *counts,
            searches,
            (_UNDERCOUNTED if undercounts_output(line.version or "") else 0)
            # Inference kept in one region costs a tenth more on new models; no price table says on which.
            | (_PRICE_ASSUMED if usage.inference_geo == "us" else 0),
        ]

    def _other_calls(self, base: LogEvent, name: str, iterations: Sequence[_Iteration]) -> Iterator[LogEvent]:
        """Calls that the top level does not hold: an advisor of another model, and a compaction."""
        for index, extra in enumerate(iterations):
            if extra.type not in ("advisor_message", "compaction"):
                continue
            counts = _counts(extra)
            if not believable(*counts):
                self.skipped[Skip.BAD_COUNT] += 1
                continue
            fresh, output, reasoning, read, write_5m, write_1h = counts
            yield base._replace(
                message_key=hash64(ID, f"{name}:{extra.type.removesuffix('_message')}:{index}"),
                model=extra.model or base.model,
                input_tokens=fresh,
                output_tokens=output,
                reasoning_tokens=reasoning,
                cache_read_tokens=read,
                cache_write_5m_tokens=write_5m,
                cache_write_1h_tokens=write_1h,
                web_searches=0,
            )


def _counts(usage: _Usage | _Iteration) -> tuple[int, int, int, int, int, int]:
    """input, output, reasoning (never told apart), cache read, 5-minute and 1-hour cache writes."""
    write_5m, write_1h = _cache_writes(usage.cache_creation_input_tokens, usage.cache_creation)
    return (
        usage.input_tokens or 0, usage.output_tokens or 0, 0, usage.cache_read_input_tokens or 0, write_5m, write_1h,
    )  # fmt: skip


def _cache_writes(total: int | None, split: _CacheCreation | None) -> tuple[int, int]:
    """5-minute and 1-hour cache writes. Old logs have only the total, all of it 5-minute."""
    if split is None:
        return total or 0, 0
    write_5m, write_1h = split.ephemeral_5m_input_tokens or 0, split.ephemeral_1h_input_tokens or 0
    # Where the split says less than the total, the rest is unspecified and counts as 5-minute.
    return write_5m + max(0, (total or 0) - write_5m - write_1h), write_1h


_VERSION = re.compile(r"^(\d+)\.(\d+)\.(\d+)")


@lru_cache(maxsize=256)
def undercounts_output(version: str) -> bool:
    """Whether a build never wrote the final output count: 2.1.12 to 2.1.50, measured on 17,898 messages."""
    match = _VERSION.match(version)
    return match is not None and (2, 1, 12) <= tuple(map(int, match.groups())) <= (2, 1, 50)
