"""What a provider that makes things up can add to the history has an end, whatever it is asked how often."""

import pytest

from tests.store.test_applying import Ledger, bill, billed, one_ledger
from tokentray.errors import ChangedAnswerError
from tokentray.ledger import Outcome
from tokentray.store.applying import MOST_KEYS, MOST_MODELS, MOST_REVISIONS

__all__ = ["one_ledger"]
DAY = 59


def test_models_that_nobody_sells_are_refused(ledger: Ledger) -> None:
    """Nothing is kept of an answer that names too many, and the next that names known ones is read."""
    ledger.apply(billed(DAY, DAY, *(bill(DAY, 1, f"model-{number}") for number in range(MOST_MODELS))))
    with pytest.raises(ChangedAnswerError, match="more than 5,000 models"):
        ledger.apply(billed(DAY, DAY, bill(DAY, 9_000, "model-0"), bill(DAY, 1, "one more")))
    assert ledger.db.execute("SELECT COUNT(*) FROM models").fetchone() == (MOST_MODELS,)
    ledger.apply(billed(DAY, DAY, bill(DAY, 9_000, "model-0")))
    assert ledger.bills() == {(DAY, "model-0"): 9_000}


def test_names_of_keys_have_an_end(ledger: Ledger) -> None:
    """Those that are known may still be renamed."""
    for start in (0, MOST_KEYS // 2, MOST_KEYS):
        ledger.apply(Outcome(keys={f"key-{number}": "old" for number in range(start, start + MOST_KEYS)}))
    ledger.apply(Outcome(keys={"key-0": "new", "key-x": "new"}))
    assert ledger.db.execute("SELECT COUNT(*) FROM account_keys").fetchone() == (MOST_KEYS,)
    assert ledger.db.execute("SELECT key_name FROM account_keys WHERE name = 'new'").fetchall() == [("key-0",)]


def test_what_was_changed_is_remembered_up_to_an_end(ledger: Ledger) -> None:
    """The oldest of it is forgotten, so that an answer which is another each time does not fill the disk."""
    for dollars in (1, 2, 1, 2, 1, 2, 1):
        ledger.apply(billed(DAY, DAY, *(bill(DAY, dollars, f"model-{number}") for number in range(4_000))))
    count, first = ledger.db.execute("SELECT COUNT(*), MIN(id) FROM revisions").fetchone()
    assert (count, first) == (MOST_REVISIONS, 6 * 4_000 - MOST_REVISIONS + 1)
