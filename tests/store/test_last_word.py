"""What was said last of who pays holds: by the rules that are kept, and by SQL, as one reads what was said."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokentray.clock import UtcZone
from tokentray.engine.changes import apply
from tokentray.insight.who_pays import payer_on, rule_on
from tokentray.model import LogEvent
from tokentray.money import Nanos, NumberStyle
from tokentray.requests import SetPayer
from tokentray.store.told import payer_rules, plans
from tokentray.store.usage import UsageQuery, usage
from tokentray.store.writer import Batch, Writer

CODEX = "codex"
DAYS = [date(2026, 3, 1) + timedelta(days=number) for number in range(24)]
LONG_AGO = date(2026, 2, 1)
PARTS = list(product(("openai", "azure"), ("", "shop", "site")))
"""Providers and projects of its calls; those of no project have no name for it."""
TERMS = {"plan:1": ((DAYS[3], DAYS[8]), (DAYS[14], None)), "plan:2": ((DAYS[5], DAYS[16]),)}

Payers = dict[tuple[str, str, date], str]
"""Who pays, by provider, project and day; "" where nobody has said."""


@pytest.fixture(scope="module")
def writer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writer]:
    """A history of one call a day for each provider and project, and two plans."""
    opened = Writer(tmp_path_factory.mktemp("last-word") / "history.db")
    source = opened.source("agent", CODEX, "Codex", "openai", 0)
    calls = [_call(number, day, *part) for number, (day, part) in enumerate(product(DAYS, PARTS))]
    opened.add_models({pair: [] for pair in opened.new_models(calls)}, 0)
    opened.apply(Batch(source, "desk", calls, []))
    opened.rebuild()
    with opened.telling() as told:
        for name, terms in TERMS.items():
            plan_id = told.add_plan(name, "openai", 0)
            for first, last in terms:
                told.add_term(plan_id, Nanos(10**9), "USD", first, last, 1)
    yield opened
    opened.close()


def _call(number: int, day: date, provider: str, project: str) -> LogEvent:
    noon = int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp())
    root = f"/src/{project}" if project else ""
    return LogEvent(number + 1, 0, noon, provider, "a-model", 0, root, "s", 0, 5, 5, 0, 0, 0, 0, 0, 0)


def say(writer: Writer, request: SetPayer) -> None:
    """Say who pays."""
    file = Path("settings.toml")  # neither read nor written for this
    apply(writer, request, now_utc=0, zone=UtcZone(), settings_file=file, style=NumberStyle())


def unsay(writer: Writer) -> None:
    """Take back all that was said."""
    with writer.telling() as told:
        for rule in told.payer_rules():
            told.remove_rule(rule.id)


def by_rules(writer: Writer) -> Payers:
    """As the app finds it by the rules that are kept."""
    rules, known = payer_rules(writer.connection), plans(writer.connection)
    return {(*part, day): str(payer_on(day, rules, known, CODEX, *part) or "") for part in PARTS for day in DAYS}


def by_sql(writer: Writer) -> Payers:
    """As the history finds it for its calls."""
    query = UsageQuery(("provider", "project", "day", "payer"), where=(("source", CODEX),), today=date(2000, 1, 1))
    found: Payers = {}
    for row in usage(writer.connection, query, UtcZone()):
        assert row.requests == 1, "every call has one payer"
        found[row.key("provider"), row.key("project"), date.fromisoformat(row.key("day"))] = row.key("payer")
    return found


def matches(said: SetPayer, provider: str, project: str, day: date) -> bool:
    """Whether somebody who said this spoke of such a call."""
    runs = said.payer not in TERMS or any(first <= day <= (last or day) for first, last in TERMS[said.payer])
    meant = said.provider in ("", provider) and said.project in ("", project)
    return runs and meant and (said.from_day or day) <= day


WORDS = st.builds(
    SetPayer,
    st.just(CODEX),
    st.sampled_from(("payg", "nobody", *TERMS)),
    provider=st.sampled_from(("", "openai", "azure")),
    project=st.sampled_from(("", "shop", "site")),
    from_day=st.sampled_from((None, LONG_AGO, *DAYS)),
    keep_narrower=st.booleans(),
).filter(lambda said: any(matches(said, said.provider, said.project, day) for day in DAYS))
"""None that is refused, as one of a plan after its end would be."""


@settings(deadline=None, max_examples=120)
@given(st.lists(WORDS.filter(lambda said: not said.keep_narrower), min_size=1, max_size=9))
def test_the_last_word_holds(writer: Writer, said: list[SetPayer]) -> None:
    """On every day from its own on: whatever rules went because of it, it reads as all that was ever said."""
    unsay(writer)
    for one in said:
        say(writer, one)
    expected = {
        (*part, day): next((one.payer for one in reversed(said) if matches(one, *part, day)), "")
        for part in PARTS
        for day in DAYS
    }
    assert by_rules(writer) == expected
    assert by_sql(writer) == expected


@settings(deadline=None, max_examples=120)
@given(st.lists(WORDS, min_size=2, max_size=9))
def test_a_word_changes_what_it_speaks_of_and_nothing_else(writer: Writer, said: list[SetPayer]) -> None:
    """On its days and of its calls; where narrower rules are to be kept, not where one of them held."""
    unsay(writer)
    known = plans(writer.connection)
    for one in said:
        before, rules = by_rules(writer), payer_rules(writer.connection)
        say(writer, one)
        for (provider, project, day), payer in by_rules(writer).items():
            held = rule_on(day, rules, known, CODEX, provider, project)
            narrower = held is not None and (
                (held.provider != one.provider and not one.provider and one.project in ("", held.project))
                or (held.project != one.project and not one.project and one.provider in ("", held.provider))
            )
            taken = matches(one, provider, project, day) and not (one.keep_narrower and narrower)
            assert payer == (one.payer if taken else before[provider, project, day]), (one, rules, day)
    assert by_sql(writer) == by_rules(writer)
