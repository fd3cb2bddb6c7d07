"""The shapes of a rollout's lines, with only the fields that count, and what is kept between them."""

import msgspec

DEFAULT_PROVIDER = "openai"


class Tokens(msgspec.Struct, frozen=True, gc=False):
    input_tokens: int | None = None
    cached_input_tokens: int | None = None
    cache_write_input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_output_tokens: int | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None

    def counts(self) -> tuple[int, ...]:
        """input (cached included), cached, cache write, output (reasoning included), reasoning."""
        return (
            self.input_tokens or self.prompt_tokens or 0,
            self.cached_input_tokens or 0,
            self.cache_write_input_tokens or 0,
            self.output_tokens or self.completion_tokens or 0,
            self.reasoning_output_tokens or 0,
        )


class Info(msgspec.Struct, gc=False):
    total_token_usage: Tokens | None = None
    last_token_usage: Tokens | None = None
    model: str | None = None


class RateLimits(msgspec.Struct, gc=False):
    plan_type: str | None = None


class Settings(msgspec.Struct, gc=False):
    service_tier: str | None = None
    model: str | None = None


class Payload(msgspec.Struct, gc=False):
    type: str | None = None
    id: str | None = None
    cwd: str | None = None
    model: str | None = None
    model_provider: str | None = None
    turn_id: str | None = None
    forked_from_id: str | None = None
    source: msgspec.Raw = msgspec.Raw()
    info: Info | None = None
    rate_limits: msgspec.Raw = msgspec.Raw()
    """Decoded apart: whatever shape it takes, the tokens beside it count."""
    thread_settings: Settings | None = None
    response_id: str | None = None
    usage: Tokens | None = None
    thread_token_usage: Tokens | None = None
    compaction_response_id: str | None = None


class Line(msgspec.Struct, gc=False):
    type: str | None = None
    timestamp: str | None = None
    payload: Payload | None = None
    usage: Tokens | None = None
    thread_id: str | None = None
    model: str | None = None
    # A captured `codex exec --json` may also have the counts themselves at the top level.
    input_tokens: int | None = None
    cached_input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_output_tokens: int | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None

    def headless_usage(self) -> Tokens | None:
        """Usage of a captured line, None where it has none."""
        if self.usage is not None or (self.input_tokens is None and self.prompt_tokens is None):
            return self.usage
        return Tokens(
            input_tokens=self.input_tokens,
            cached_input_tokens=self.cached_input_tokens,
            output_tokens=self.output_tokens,
            reasoning_output_tokens=self.reasoning_output_tokens,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
        )


class Envelope(msgspec.Struct, gc=False):
    """A line whose payload has another shape than any we know."""

    type: str | None = None


class Response(msgspec.Struct, gc=False):
    """A token_usage_record: a call that counts apart only if it was a compaction."""

    timestamp: str
    amount: tuple[int, ...]
    thread_total: tuple[int, ...] | None
    model: str
    tier: int


class State(msgspec.Struct, gc=False):
    """What the lines so far have said. Stored as JSON between runs."""

    session: str = ""
    provider: str = DEFAULT_PROVIDER
    cwd: str = ""
    model: str = ""
    tier: int = 0
    total: tuple[int, ...] | None = None
    seen: list[tuple[int, ...]] = []
    """The running totals of late: one that comes again is a repeat."""
    replaying: bool = False
    born_ms: int | None = None
    turn_ids: bool = False
    last_usage_utc_ms: int | None = None
    responses: dict[str, Response] = {}
    """Records by response id that neither a compaction nor an ordinary event has claimed."""
    latest_response: str = ""
    compacted: list[str] = []
    """Response ids of compactions whose record is still to come."""
    settled: list[str] = []
    """Response ids that are counted already, one way or the other."""
    compaction: tuple[int, ...] | None = None
    """Amount of the compaction counted since the last ordinary event."""
    headless: int = 0
