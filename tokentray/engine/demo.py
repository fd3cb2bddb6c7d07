"""A made-up history for `tokentray demo`, pictures, tests and benchmarks: no real logs, network or keyring.

Seeded by day: the same moment and seed give the same rows. It is written as events through the store's own
writer, so prices, bands and buckets come about as they do for real logs.
"""

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from tokentray.clock import DAY_S, FixedClock, UtcSeconds, Zone, day_start_utc, days_between, local_date
from tokentray.engine import demo_accounts
from tokentray.engine import demo_cast as cast
from tokentray.engine.demo_told import tell
from tokentray.engine.refresh import sync_prices
from tokentray.model import TIERS, LogEvent, Tier
from tokentray.prices import lookup
from tokentray.store.writer import Batch, Writer

_STANDARD, _FAST = TIERS.index(Tier.STANDARD), TIERS.index(Tier.FAST)
_FLUSH_EVENTS = 16_384
_HEAVY = 8
_SESSIONS_A_DAY = 7.2
_WEEKEND_CHANCE = 0.16
_DAY_OFF_CHANCE = 0.04
_CALL_EVERY_S = 80
_COMPACT_AT_TOKENS = 168_000
_ENOUGH_TODAY = 8
_AGENTS = {agent.id: agent for agent in cast.AGENTS}


@dataclass(slots=True)
class _Session:
    """One stretch of work with one agent. start_utc: of its first call."""

    agent: str
    provider: str
    model: str
    project: str
    start_utc: int
    calls: int
    tier: int = _STANDARD
    hour_writes: bool = False
    helper: str = ""
    first_tokens: int = 17_000
    every_s: int = _CALL_EVERY_S


def fill(
    writer: Writer,
    *,
    now_utc: int,
    years: int = 1,
    heavy: bool = False,
    seed: int = 1,
    zone: Zone,
) -> None:
    """Write a believable history of `years` up to now_utc (UTC seconds) into an empty history.

    heavy: eight times the sessions, for benchmarks. zone: where the person works; mornings are its mornings.
    Raises StoreError.
    """
    demo = _Demo(writer, now_utc, years, heavy, seed, zone)
    demo.write()


class _Demo:
    def __init__(self, writer: Writer, now_utc: int, years: int, heavy: bool, seed: int, zone: Zone) -> None:
        self._writer = writer
        self._now_utc = now_utc
        self._factor = _HEAVY if heavy else 1
        self._seed = seed
        self._zone = zone
        self._today = local_date(now_utc, zone)
        self._first = self._today - timedelta(days=365 * years + years // 4)
        self._off = cast.DaysOff(self._today)
        self._pending: dict[str, list[LogEvent]] = {agent.id: [] for agent in cast.AGENTS}

    def write(self) -> None:
        """Everything: sources, reference point, events day by day, buckets."""
        writer, now_utc = self._writer, self._now_utc
        sync_prices(writer, FixedClock(UtcSeconds(now_utc)))
        sources = {
            agent.id: writer.source("agent", agent.id, agent.label, agent.provider, now_utc) for agent in cast.AGENTS
        }
        with writer.telling() as told:
            tell(told, self._first, self._today, now_utc)
        days = days_between(self._first, self._today)
        start = day_start_utc(days[0], self._zone)
        for day in days:
            end = day_start_utc(day + timedelta(days=1), self._zone)
            self._add_day(day, start, end)
            start = end
            if sum(map(len, self._pending.values())) >= _FLUSH_EVENTS:
                self._flush(sources)
        self._flush(sources)
        for source_id in sources.values():
            writer.mark_read(source_id, now_utc)
        if self._factor == 1:  # what is far more than one person's is for measuring how logs are counted
            demo_accounts.add(writer, self._first, self._today, now_utc, self._seed, self._off, self._zone)

    def _flush(self, sources: dict[str, int]) -> None:
        """Whole days at a time, so that buckets are built once and never held for years in memory."""
        for agent, events in self._pending.items():
            new = self._writer.new_models(events)
            self._writer.add_models({pair: lookup.find(*pair) for pair in sorted(new)}, self._now_utc)
            self._writer.apply(Batch(sources[agent], cast.MACHINE, events, ()))
            self._pending[agent] = []
        self._writer.rebuild()

    def _add_day(self, day: date, start_utc: int, end_utc: int) -> None:
        # Keys count up from the day's number: the table takes them in order, at a fraction of the writes that
        # random ones would need.
        key = day.toordinal() << 32
        rng = random.Random(f"{self._seed}:{day.isoformat()}")  # noqa: S311 - a picture, not a secret
        last_utc = min(end_utc - 1, self._now_utc)
        written = 0
        for session in self._sessions(rng, day, start_utc):
            for event in _calls(rng, session, key, last_utc):
                self._pending[session.agent].append(event)
                written += 1
            key += 1 << 16
        if day == self._today and written < _ENOUGH_TODAY:
            self._add_just_now(rng, start_utc, key)

    def _add_just_now(self, rng: random.Random, start_utc: int, key: int) -> None:
        """Early in the morning: a session that has just been, however little of the day there is."""
        elapsed = self._now_utc - start_utc
        session = self._session(rng, self._today, start_utc, _AGENTS["claude-code"], "lanternfish")
        session.every_s = min(_CALL_EVERY_S, elapsed // (2 * session.calls))
        session.start_utc = max(start_utc, self._now_utc - session.calls * (session.every_s + 9) * 5 // 4)
        events = list(_calls(rng, session, key, self._now_utc))
        self._pending[session.agent] += events or [
            event._replace(at_utc=self._now_utc) for event in _calls(rng, session, key, self._now_utc + DAY_S)
        ]

    def _sessions(self, rng: random.Random, day: date, start_utc: int) -> Iterator[_Session]:
        ago = (self._today - day).days
        if day in self._off:
            return
        weekend = day.weekday() >= 5 and ago
        if ago and rng.random() < (1 - _WEEKEND_CHANCE if weekend else _DAY_OFF_CHANCE):
            return
        grown = 1 - 0.4 * min(1.0, ago / 365)
        usual = 1.3 if weekend else _SESSIONS_A_DAY * grown * (0.8 if day.weekday() == 4 else 1)
        projects = [(name, share) for name, share, ended in cast.PROJECTS if ago >= ended]
        for _ in range(self._count(rng, usual)):
            agents = [(a.id, a.share) for a in cast.AGENTS if a.id != cast.IDLE or ago >= cast.IDLE_DAYS]
            agent = _AGENTS[cast.pick(agents, rng.random())]
            project = cast.SIDE_PROJECT if weekend else cast.pick(projects, rng.random())
            yield self._session(rng, day, start_utc, agent, project)
        if weekend:
            return
        if ago < cast.SCALE_DAYS:
            # Nothing much at first, then more every week: it grows with the square of its age.
            risen = (1 - ago / cast.SCALE_DAYS) ** 2
            for _ in range(self._count(rng, 0.2 + 4.2 * risen)):
                agent = _AGENTS[cast.SCALING_AGENTS[rng.random() < 0.3]]
                yield self._session(rng, day, start_utc, agent, cast.SCALING_PROJECT)
        if ago in cast.LOCAL_MODEL_DAYS and rng.random() < 0.4:
            local = self._session(rng, day, start_utc, _AGENTS[cast.LOCAL_AGENT], cast.SIDE_PROJECT)
            local.provider, local.model = cast.LOCAL_PROVIDER, cast.LOCAL_MODEL
            local.first_tokens, local.calls = 4_000, 6
            yield local

    def _count(self, rng: random.Random, usual: float) -> int:
        return max(0, int(self._factor * rng.gauss(usual, 0.25 * usual) + rng.random()))

    def _session(self, rng: random.Random, day: date, start_utc: int, agent: cast.DemoAgent, project: str) -> _Session:
        deep = rng.random() * 1000 < agent.deep_permille
        model = (agent.deep if deep else agent.everyday).on(day, rng.random())
        helper = agent.helper.on(day, rng.random()) if agent.helper and rng.random() < 0.45 else ""
        fast = agent.fast_since is not None and day >= agent.fast_since and deep and rng.random() < 0.07
        return _Session(
            agent=agent.id,
            provider=agent.provider,
            model=model,
            project=cast.project_root(project),
            start_utc=start_utc + _start_s(rng),
            calls=max(4, int(rng.gauss(45, 17))),
            tier=_FAST if fast else _STANDARD,
            hour_writes=rng.random() < 0.35,
            helper=helper,
            first_tokens=rng.randrange(13_000, 23_000),
        )


def _start_s(rng: random.Random) -> int:
    """Seconds after local midnight: a hump before lunch, a wider one after it, little in the evening."""
    roll = rng.random()
    hour, spread = (9.7, 0.8) if roll < 0.44 else (14.6, 1.1) if roll < 0.95 else (20.5, 0.6)
    return int(min(max(rng.gauss(hour, spread), 6.5), 22.5) * 3600)


def _calls(rng: random.Random, session: _Session, key: int, last_utc: int) -> Iterator[LogEvent]:
    """The calls of a session up to `last_utc`: a context that grows, is read from the cache each time, and is
    summed up when it is full. `key`: the first message key; 65,536 of them are the session's."""
    agent = _AGENTS[session.agent]
    session_id = str(uuid.UUID(int=rng.getrandbits(128), version=4))
    roll, wait = rng.random, rng.expovariate
    provider, model, project, tier = session.provider, session.model, session.project, session.tier
    helper_at = rng.randrange(3, session.calls) if session.helper and session.calls > 3 else -1
    at = session.start_utc
    # Half the sessions find the agent's own instructions in the cache already.
    context = 0 if roll() < 0.5 else session.first_tokens * 2 // 3
    new = session.first_tokens - context
    for number in range(session.calls):
        at += 1 + int(wait(1 / session.every_s)) if session.every_s else 0
        if at > last_utc:
            return
        output = 60 + int(wait(1 / 600))
        reasoning = int(output * roll() * 0.8) if agent.reasons else 0
        searches = 1 + int(roll() * 3) if roll() < 0.008 else 0
        asked, written = (3 + int(roll() * 9), new) if agent.writes_cache else (new, 0)
        hour_writes = written if session.hour_writes else 0
        yield LogEvent(
            key + number, 0, at, provider, model, tier, project, session_id, 0,
            asked, output, reasoning, context, written - hour_writes, hour_writes, searches, 0,
        )  # fmt: skip
        context += new + output
        new = 250 + int(wait(1 / 2_300))
        if context > _COMPACT_AT_TOKENS:
            context, new = session.first_tokens * 2 // 3, 9_000 + int(wait(1 / 4_000))
        if number == helper_at:
            yield from _helper_calls(rng, session, session_id, key + (1 << 15), at, last_utc)


def _helper_calls(
    rng: random.Random, session: _Session, session_id: str, key: int, at_utc: int, last_utc: int
) -> Iterator[LogEvent]:
    """A sub-agent that looks something up on a small model, beside its parent's session."""
    context, new = 0, 8_000 + rng.randrange(4_000)
    for number in range(rng.randrange(5, 16)):
        at_utc += 4 + int(rng.expovariate(1 / 14))
        if at_utc > last_utc:
            return
        output = 30 + int(rng.expovariate(1 / 170))
        yield LogEvent(
            key + number, 0, at_utc, session.provider, session.helper, _STANDARD, session.project, session_id,
            1, 4, output, 0, context, new, 0, 0, 0,
        )  # fmt: skip
        context += new + output
        new = 300 + int(rng.expovariate(1 / 2_600))
