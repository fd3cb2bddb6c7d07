"""Whose use an account reads, in words, and when two accounts would read some of the same."""

import pytest

from tokentray.insight.account_words import kind_text, overlaps, own_text, same_part
from tokentray.ledger import ALL, Own

DANA: Own = {"user_id": ("user-dana",)}
KEYS: Own = {"api_key_id": ("key-1", "key-2")}


@pytest.mark.parametrize(
    ("own", "narrowed", "counted", "text"),
    [
        (DANA, True, True, "only yours: user user-dana"),
        ({**DANA, **KEYS}, True, True, "only yours: user user-dana, 2 keys"),
        (ALL, True, True, "all of it is yours"),
        (ALL, False, False, "the whole organisation: not counted as yours"),
        (ALL, False, True, "the whole organisation, counted as yours"),
    ],
)
def test_whose_use_is_said(own: Own, narrowed: bool, counted: bool, text: str) -> None:
    """One person's part by what it is limited to; a whole organisation says whether it counts."""
    assert own_text(own, narrowed=narrowed, counted=counted) == text


def test_ids_are_named_where_a_name_is_known() -> None:
    """An id says nothing to the person it belongs to."""
    assert own_text(DANA, narrowed=True, counted=True, names={"user-dana": "Dana"}) == "only yours: user Dana"
    assert kind_text("Admin key", "Acme") == "Admin key of Acme"
    assert kind_text("", "Acme") == "Acme"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # One and the same, or one inside the other, is for the counting to settle.
        (("p/org", ALL), ("p/org", ALL), False),
        (("p/user", ALL), ("p/user/key-1", ALL), False),
        (("p/org/a", DANA), ("p/org/b", {"user_id": ("user-eve",)}), False),
        (("p/org/a", DANA), ("p/org/b", KEYS), True),
        (("p/org/a", KEYS), ("p/org/b", {"api_key_id": ("key-2",)}), True),
        (("p/org/a", KEYS), ("p/org/b", {"api_key_id": ("key-3",)}), False),
        (("p/org-1/a", DANA), ("p/org-2/b", KEYS), False),
        (("", DANA), ("", KEYS), False),
    ],
)
def test_parts_that_cannot_be_told_apart_overlap(one: tuple[str, Own], other: tuple[str, Own], expected: bool) -> None:
    """Parts of one organisation are apart only where they name other values of the same thing; either way round."""
    assert overlaps(*one, *other) is expected
    assert overlaps(*other, *one) is expected


def test_nothing_known_is_not_the_same() -> None:
    """Two accounts of which nothing is known are two."""
    assert not same_part("", "")
    assert same_part("p/org", "p/org")
