"""Two readings of one call: the same result in whichever order and however often they come."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tokentray.model import CAVEAT_BIT, TIERS, Caveat, LogEvent, Tier, caveats_of, merge_events

few = st.integers(0, 2)
readings = st.builds(
    LogEvent,
    message_key=st.just(7),
    request_key=st.just(3),
    at_utc=st.integers(0, 3),
    provider=st.sampled_from(["anthropic", "openai"]),
    model=st.sampled_from(["", "a", "b"]),
    tier=few,
    project=st.sampled_from(["", "/p", "/q"]),
    session=st.sampled_from(["s", "t"]),
    sidechain=st.integers(0, 1),
    input_tokens=few,
    output_tokens=few,
    reasoning_tokens=st.integers(0, 1),
    cache_read_tokens=few,
    cache_write_5m_tokens=few,
    cache_write_1h_tokens=few,
    web_searches=st.integers(0, 1),
    caveats=st.integers(0, 3),
)


@settings(max_examples=300)
@given(readings, readings)
def test_commutative_and_idempotent(one: LogEvent, other: LogEvent) -> None:
    """Which line is read first changes nothing, and neither does reading one again."""
    merged = merge_events(one, other)
    assert merged == merge_events(other, one)
    assert merge_events(merged, one) == merged == merge_events(other, merged)
    assert merge_events(one, one) == one


@settings(max_examples=300)
@given(readings, readings, st.sampled_from(LogEvent._fields[2:]))
def test_near_twins_commute(one: LogEvent, another: LogEvent, name: str) -> None:
    """Ties included: readings that differ in a single field merge to one result."""
    other = one._replace(**{name: getattr(another, name)})
    assert merge_events(one, other) == merge_events(other, one)


@settings(max_examples=300)
@given(readings, readings, readings)
def test_associative(one: LogEvent, two: LogEvent, three: LogEvent) -> None:
    """Batches may be cut anywhere."""
    assert merge_events(merge_events(one, two), three) == merge_events(one, merge_events(two, three))


def test_the_rule_by_hand() -> None:
    """More output wins with all its counts; the time is the first; the parent owns the call."""
    first = LogEvent(1, 2, 100, "anthropic", "m", 0, "/sub", "child", 1, 10, 5, 0, 7, 3, 0, 0, 0)
    last = first._replace(
        at_utc=160, project="/repo", session="parent", sidechain=0, output_tokens=50, cache_write_5m_tokens=0
    )
    assert merge_events(first, last) == last._replace(at_utc=100)
    # The larger output keeps its counts even where the parent's own line has less.
    early = last._replace(output_tokens=1, input_tokens=999)
    merged = merge_events(first, early)
    assert (merged.output_tokens, merged.input_tokens, merged.session, merged.sidechain) == (5, 10, "parent", 0)


def test_stored_codes_are_append_only() -> None:
    """The numbers in histories already written stand for these, for ever."""
    assert TIERS[:5] == (Tier.STANDARD, Tier.FAST, Tier.BATCH, Tier.FLEX, Tier.PRIORITY)
    assert {
        Caveat.OUTPUT_UNDERCOUNTED: 1,
        Caveat.PRICE_ASSUMED: 2,
        Caveat.MODEL_ASSUMED: 4,
    }.items() <= CAVEAT_BIT.items()
    assert caveats_of(5) == (Caveat.OUTPUT_UNDERCOUNTED, Caveat.MODEL_ASSUMED)
    assert caveats_of(0) == ()
