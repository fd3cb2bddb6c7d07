"""A question goes through JSON and comes back as it was; anything else is refused with words."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokentray.insight.question_json import of_object, of_text, to_object, to_text
from tokentray.question import SPLITS, Measure, Period, Question, Span, View
from tokentray.store.usage import KEYS

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
DAYS = st.dates()
PERIODS = st.one_of(
    st.sampled_from(Span).map(Period),
    st.tuples(st.sampled_from([Span.MONTH, Span.YEAR]), DAYS).map(lambda parts: Period(*parts)),
    st.tuples(DAYS, DAYS).map(lambda days: Period(Span.CUSTOM, min(days), max(days))),
    DAYS.map(lambda day: Period(Span.CUSTOM, None, day)),
)
QUESTIONS = st.builds(
    Question,
    view=st.sampled_from(View),
    period=PERIODS,
    by=st.lists(st.sampled_from(sorted(KEYS)), unique=True, max_size=3).map(tuple),
    split=st.sampled_from(["", *SPLITS]),
    measure=st.sampled_from(Measure),
    where=st.lists(st.tuples(st.sampled_from(sorted(KEYS)), TEXTS), max_size=3).map(tuple),
    text=TEXTS,
    hidden=st.lists(TEXTS, max_size=3).map(tuple),
    picked=st.lists(TEXTS, max_size=3).map(tuple),
    selected=st.none() | st.tuples(TEXTS, TEXTS),
    outer=st.lists(PERIODS, max_size=3).map(tuple),
    sort=TEXTS,
    descending=st.booleans(),
)


@settings(max_examples=50)
@given(QUESTIONS)
def test_every_question_comes_back_as_it_was(question: Question) -> None:
    """On one line of UTF-8, whatever control characters and scripts are in it."""
    line = to_text(question)
    assert "\n" not in line.encode().decode()
    assert of_text(line.encode()) == question
    assert of_object(json.loads(json.dumps(to_object(question)))) == question


def test_an_ordinary_question_is_short() -> None:
    assert to_text(Question()) == "{}"
    asked = Question(period=Period(Span.MONTH, date(2026, 10, 1)), by=("model",))
    assert to_text(asked) == '{"period":{"span":"month","first":"2026-10-01"},"by":["model"]}'


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("[]", "an object"),
        ('"usage"', "an object"),
        ("{", "Expecting"),
        ("[" * 100_000, "nested"),
        ('{"colour": "red"}', "no 'colour'"),
        ('{"view": "yesterday"}', "view: 'yesterday'"),
        ('{"view": 3}', "view: not a text"),
        ('{"by": "model"}', "by: not a list"),
        ('{"by": ["colour"]}', "by: there is no key 'colour'"),
        ('{"by": ["model", "model"]}', "twice"),
        ('{"split": "minute"}', "split: no split"),
        ('{"measure": "height"}', "measure: 'height'"),
        ('{"where": [["model"]]}', "where: not two texts"),
        ('{"where": [["colour", "red"]]}', "there is no key"),
        ('{"where": [["model", null]]}', "not a text"),
        ('{"where": [["model", "\\ud800"]]}', "surrogate"),
        ('{"period": {"span": "week"}}', "'week'"),
        ('{"period": {}}', "not a text"),
        ('{"period": {"span": "month", "first": "2026-11"}}', "not a day"),
        ('{"period": {"span": "month", "first": "2026-02-30"}}', "period: "),
        ('{"period": {"span": "month", "first": "20261122"}}', "not a day"),
        ('{"period": {"span": "month", "last": "2026-11-30"}}', "no last day"),
        ('{"period": {"span": "all", "first": "2026-11-30"}}', "no first day"),
        ('{"period": {"span": "custom", "first": "2026-11-02", "last": "2026-11-01"}}', "lies after"),
        ('{"period": {"span": "custom", "until": "2026-11-02"}}', "span, first and last"),
        ('{"selected": ["2026-11-02"]}', "not two texts"),
        ('{"descending": 1}', "neither true nor false"),
        ('{"text": "' + "x" * 5000 + '"}', "too long"),
        ('{"hidden": [' + ",".join(['""'] * 2000) + "]}", "not a list of at most"),
    ],
)
def test_what_is_not_understood_is_refused(line: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        of_text(line)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(ValueError, match="decode"):
        of_text(b'{"text": "\xff"}')
