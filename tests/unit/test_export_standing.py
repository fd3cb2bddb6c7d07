"""Whether an exported month is the last word: by what each source is known up to, in the person's own days."""

from datetime import date
from pathlib import Path

import pytest

from tests.unit.export_books import add_account, fail_account, read_account
from tests.unit.export_month import OPUS, call, make, plan, tell, utc
from tokentray.clock import NamedZone, UtcZone, Zone
from tokentray.errors import NotAllowedError, UnavailableError
from tokentray.export.standing import is_settled, standing_text
from tokentray.export.summary import build
from tokentray.store.backup import back_up
from tokentray.store.history import History
from tokentray.store.restore import checked_backup
from tokentray.store.writer import Writer

OCTOBER = date(2026, 10, 1)
TODAY = date(2026, 11, 3)
LATER = "2026-11-02 06:00"
BERLIN, ANGELES, KATHMANDU = NamedZone("Europe/Berlin"), NamedZone("America/Los_Angeles"), NamedZone("Asia/Kathmandu")
LAST_WORD = ""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A history whose agent was read after October."""
    return make(tmp_path / "history.db", {"claude-code": [call("2026-10-05 10:00", OPUS, "a", (0, 9))]}, read_at=LATER)


def of(path: Path, zone: Zone | None = None, today: date = TODAY, month: date = OCTOBER) -> str:
    """What is said of October."""
    with History(path) as history:
        return standing_text(history, month, zone or UtcZone(), today)


def waits(path: Path, zone: Zone | None = None) -> str:
    """What October waits for, between "Provisional: " and its end."""
    return of(path, zone).removeprefix("Provisional: ").removesuffix("; October can still change.")


def test_a_month_that_runs_is_never_the_last_word(path: Path) -> None:
    """Up to its last day in the person's zone, whatever was read."""
    running = "Provisional: November is not over."
    assert of(path, month=date(2026, 11, 30)) == running
    assert of(path, month=date(2026, 11, 1), today=date(2026, 11, 30)) == running
    with History(path) as history:
        assert not is_settled(history, OCTOBER, KATHMANDU, utc("2026-10-31 18:14"))
        assert is_settled(history, OCTOBER, KATHMANDU, utc("2026-10-31 18:15"))


@pytest.mark.parametrize(
    ("zone", "end"),
    [(UtcZone(), "2026-11-01 00:00"), (BERLIN, "2026-10-31 23:00"), (ANGELES, "2026-11-01 07:00")],
)
def test_logs_that_were_read_after_the_month(tmp_path: Path, zone: Zone, end: str) -> None:
    """From its last second on they hold all of it; before that they can hold more."""
    event = call("2026-10-05 10:00", OPUS, "a", (0, 9))
    late = make(tmp_path / "late.db", {"claude-code": [event]}, read_at=end)
    early = make(tmp_path / "early.db", {"claude-code": [event]}, read_at="2026-10-30 12:00")
    assert of(late, zone) == LAST_WORD
    assert of(early, zone) == (
        "Provisional: the logs of Claude Code were last read on 30 October; October can still change."
    )
    writer = Writer(late)
    writer.mark_looked_at(1, utc(end) - 1)
    writer.close()
    assert waits(late, zone) == "the logs of Claude Code were last read on 31 October"


def test_logs_that_cannot_be_read(path: Path) -> None:
    """The last read stands, and why there is none since is said; an agent of which nothing was read is waited for."""
    writer = Writer(path)
    writer.mark_looked_at(1, utc("2025-12-31 10:00"))
    writer.mark_read(1, utc(LATER), "its log folder cannot be read")
    writer.source("agent", "codex", "Codex", "openai", 0)
    writer.source("agent", "pi", "pi", "", 0)
    writer.close()
    assert waits(path) == (
        "the logs of Claude Code were last read on 31 December 2025, and cannot be read now;"
        " the logs of Codex and pi have not been read yet"
    )


def test_a_bill_that_is_late(path: Path) -> None:
    """Up to its watermark, in days of the person; the last word once it is past the last UTC day of the month."""
    account = add_account(path)
    assert waits(path) == "OpenAI, my key has not been read yet"
    read_account(path, account, "2026-10-30 10:00", billed_to="2026-10-29 00:00", metered_to="2026-10-30 08:00")
    assert waits(path) == waits(path, BERLIN) == "OpenAI, my key is billed up to 28 October"
    assert waits(path, ANGELES) == "OpenAI, my key is billed up to 27 October"
    read_account(path, account, "2026-11-02 00:30", billed_to="2026-11-01 00:00", metered_to="2026-10-31 20:00")
    assert waits(path) == "OpenAI, my key is metered up to 30 October"
    read_account(path, account, "2026-11-02 01:00", billed_to="2026-11-01 00:00", metered_to="2026-11-02 00:00")
    assert of(path) == of(path, BERLIN) == of(path, KATHMANDU) == LAST_WORD
    assert waits(path, ANGELES) == "OpenAI, my key is billed up to 30 October"
    read_account(path, account, "2026-11-03 00:00", billed_to="2026-11-01 12:00", metered_to="2026-11-03 00:00")
    assert waits(path, ANGELES) == "OpenAI, my key is not billed for all of 31 October yet"
    read_account(path, account, "2026-11-03 01:00", billed_to="2026-11-02 00:00", metered_to="2026-11-03 00:00")
    assert of(path, ANGELES) == LAST_WORD


def test_a_counter_that_was_looked_at_before_the_month_ended(path: Path) -> None:
    """It is told as complete up to the end of the day that it counts, which its last look does not know."""
    account = add_account(path, "OpenRouter", "openrouter")
    to = "2026-11-01 00:00"
    read_account(path, account, "2026-10-31 22:00", billed_to=to, metered_to=to)
    assert waits(path) == "OpenRouter was last read on 31 October"
    to = "2026-11-02 00:00"
    read_account(path, account, "2026-11-01 00:05", billed_to=to, metered_to=to)
    assert of(path) == LAST_WORD


def test_an_account_that_fails(path: Path) -> None:
    """It is waited for, and said to fail; a key that cannot read bills is not waited for on their account."""
    account = add_account(path)
    fail_account(path, account, "2026-10-20 10:00", UnavailableError("No answer", "it did not answer", ""))
    assert waits(path) == "OpenAI, my key has not been read yet, and cannot be read now"
    read_account(path, account, "2026-11-02 01:00", metered_to="2026-11-02 00:00")
    assert waits(path) == "OpenAI, my key is not billed yet"
    fail_account(path, account, "2026-11-02 02:00", NotAllowedError("Not allowed", "the key may not read costs", ""))
    assert of(path) == LAST_WORD


def test_an_account_that_tells_nothing_more(path: Path) -> None:
    """One that was removed, or that counts for nothing, holds no month back."""
    account = add_account(path)
    add_account(path, "the company's", counted=False)
    assert waits(path) == "OpenAI, my key has not been read yet"
    tell(path, lambda told: told.remove_account(account, True, utc("2026-11-02 00:00")))
    assert of(path) == LAST_WORD


def test_a_month_that_is_half_read(path: Path) -> None:
    """The past is read newest first: a month is not the last word before its first day was read."""
    account = add_account(path)
    to = "2026-11-02 00:00"
    read_account(path, account, LATER, begins="2026-10-20", billed_to=to, metered_to=to, ends=False)
    assert waits(path) == "OpenAI, my key is still being read"
    read_account(path, account, LATER, begins="2026-10-01", billed_to=to, metered_to=to, ends=False)
    assert of(path) == LAST_WORD


def test_an_account_that_was_made_within_the_month(path: Path) -> None:
    """Where nothing older will ever be told, nothing is missing."""
    account = add_account(path)
    to = "2026-11-02 00:00"
    read_account(path, account, LATER, begins="2026-10-20", billed_to=to, metered_to=to)
    assert of(path) == LAST_WORD


def test_an_answer_that_is_doubted(path: Path) -> None:
    """One that would take away more than half of a day is asked for once more, and the month waits for that."""
    account = add_account(path)
    to = "2026-11-02 00:00"
    bills = {"2026-10-12": "3", "2026-10-13": "4"}
    read_account(path, account, LATER, billed_to=to, metered_to=to, bills=bills)
    assert of(path) == LAST_WORD
    read_account(path, account, "2026-11-02 07:00", billed_to=to, bills={"2026-10-12": "1", "2026-10-13": "4"})
    assert waits(path) == "OpenAI, my key tells of far less than before on 12 October, and is asked once more"
    read_account(path, account, "2026-11-02 09:00", billed_to=to, bills={"2026-10-12": "1", "2026-10-13": "4"})
    assert of(path) == LAST_WORD


def test_fees_and_charges_are_known_at_once(path: Path) -> None:
    """A plan without any log to read waits for nothing."""
    tell(path, plan("Max", "100", "claude-code"))
    assert of(path) == LAST_WORD


def test_many_sources_that_are_waited_for(path: Path) -> None:
    """The first are named and the rest counted, agents of which the same is said one by one."""
    for number in range(3):
        add_account(path, f"key {number}")
    named = "key 0 has not been read yet; key 1 has not been read yet; key 2 has not been read yet"
    assert waits(path) == named
    add_account(path, "key 3")
    assert waits(path) == f"{named}; 1 more source is waited for"
    writer = Writer(path)
    writer.source("agent", "codex", "Codex", "openai", 0)
    writer.source("agent", "pi", "pi", "", 0)
    writer.close()
    assert waits(path) == f"{named}; 3 more sources are waited for"


def test_the_document_says_it_in_the_names_it_has(path: Path) -> None:
    """And one that is redacted leaves the label out that the person gave."""
    account = add_account(path, "Ada's secret key")
    read_account(path, account, "2026-10-30 10:00", billed_to="2026-10-29 00:00", metered_to="2026-10-30 08:00")
    with History(path) as history:
        named, redacted = (build(history, OCTOBER, UtcZone(), today=TODAY, redact=redact) for redact in (False, True))
    assert named.status == "Provisional: Ada's secret key is billed up to 28 October; October can still change."
    assert "billed up to 28 October" in redacted.status
    assert "secret" not in redacted.status


def test_a_restored_history(path: Path, tmp_path: Path) -> None:
    """It knows when logs and accounts were read before the backup, which holds what they told up to then."""
    told = add_account(path)
    read_account(path, told, "2026-11-03 00:00", billed_to="2026-11-02 12:00", metered_to="2026-11-03 00:00")
    counter = add_account(path, "OpenRouter", "openrouter")
    to = "2026-11-01 00:00"
    read_account(path, counter, "2026-11-01 00:05", billed_to=to, metered_to=to)
    assert _restored(path, tmp_path / "after.db") == of(path) == LAST_WORD
    read_account(path, counter, "2026-10-31 22:00", billed_to=to, metered_to=to)
    assert _restored(path, tmp_path / "before.db") == of(path)
    assert waits(path) == "OpenRouter was last read on 31 October"


def test_a_restored_account_of_which_one_feed_was_told(path: Path, tmp_path: Path) -> None:
    """Whether the key may read the other one is known again once it was asked."""
    account = add_account(path)
    read_account(path, account, "2026-11-03 00:00", billed_to="2026-11-02 12:00")
    fail_account(path, account, "2026-11-03 01:00", NotAllowedError("Not allowed", "the key may not read it", ""))
    assert of(path) == LAST_WORD
    assert _restored(path, tmp_path / "restored.db").startswith(
        "Provisional: OpenAI, my key has not been read since the history was restored, "
    )


def _restored(path: Path, target: Path) -> str:
    """What is said of October by a new history that a backup of this one was restored to."""
    backup = target.with_suffix(".backup")
    back_up(path, backup)
    with checked_backup(backup, target) as checked:
        checked.restore("then")
    return of(target)
