"""How well what the history window shows is being read, by the snapshot and in the words of the popover. No widgets."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tokentray.insight.words import listed
from tokentray.report import Report
from tokentray.snapshot import Problem, ReadProgress, Snapshot, SourceHealth, SourceState
from tokentray.ui.history.tips import on_one_line, sentence, visible
from tokentray.ui.sections import FIRST_READ, progress_words
from tokentray.ui.sources import state_words
from tokentray.ui.view import ACCOUNTS, AGENTS

READING = "Reading logs; amounts still grow"
_STILL = "Logs are still being read."
_MOST_NAMED = 2
_LONGEST_NAME = 32
"""Characters of a name in the line; hover tells the whole."""


class Trouble(NamedTuple):
    """What is wrong. words: the gravest of it in a line, a failure without as of when. more: how much else there is.

    whole: all of it, in lines. page: of the settings, or an account's own id; None where they do not mend it. failed:
    False for what was only not read for long, or not yet.
    """

    words: str
    more: int
    whole: str
    page: str | None
    failed: bool

    @property
    def more_text(self) -> str:
        """ "; 2 more", or nothing."""
        return f"; {self.more} more" if self.more else ""


class Health(NamedTuple):
    """progress: of a read of the logs that goes on. first: whether none was ever finished."""

    progress: ReadProgress | None = None
    first: bool = False
    trouble: Trouble | None = None


def health_of(snapshot: Snapshot) -> Health:
    """What a snapshot says of it."""
    first = all(one.last_success_utc is None for one in snapshot.health)
    return Health(snapshot.progress, first, _trouble(snapshot))


def reading_words(progress: ReadProgress) -> str:
    """What stands where else the window says as of when it is."""
    return f"Reading logs: {progress_words(progress)}; amounts still grow"


def while_read(report: Report, health: Health) -> Report:
    """A report as it is shown while logs are read: what is not there yet may still come."""
    if health.progress is None or not report.empty_text:
        return report
    # A sentence to a line, so that none ends in a single word.
    words = FIRST_READ.replace(". ", ".\n") if health.first else f"{report.empty_text}\n{_STILL}"
    return report._replace(empty_text=words)


class _Found(NamedTuple):
    """One thing that is wrong. told: the whole of it."""

    words: str
    told: str
    page: str | None
    failed: bool = True


def _trouble(snapshot: Snapshot) -> Trouble | None:
    found = [_failed(problem) for problem in snapshot.problems if problem.grave]
    for state in (SourceState.FAILING, SourceState.STALE, SourceState.NEVER):
        found += _unread(snapshot, state)
    if not found:
        return None
    gravest = found[0]
    return Trouble(gravest.words, len(found) - 1, "\n".join(one.told for one in found), gravest.page, gravest.failed)


def _failed(problem: Problem) -> _Found:
    parts = [visible(part) for part in (problem.title, problem.message, problem.hint) if part]
    return _Found(parts[0], ". ".join(map(sentence, parts)), None)


def _unread(snapshot: Snapshot, state: SourceState) -> Iterator[_Found]:
    """Sources in that state; those for which the same must be said together. Agents that were never read are being
    read, or have nothing.
    """
    as_of = {line.id: line.as_of_text for line in snapshot.sources}
    alike: dict[str, list[SourceHealth]] = {}
    for one in snapshot.health:
        if one.state is state and (one.kind == "account" or state is not SourceState.NEVER):
            alike.setdefault(one.error, []).append(one)
    for error, group in alike.items():
        oldest = min(group, key=lambda one: one.last_success_utc or 0)
        told = state_words(state, visible(error), as_of.get(oldest.id, ""))
        # An error begins with its title, which is enough for a line.
        short = told.split("\n")[0].split(": ")[0] if state is SourceState.FAILING else told
        names = listed([visible(one.label) for one in group])
        yield _Found(f"{_who(group)}: {short}", f"{names}: {told}", _page(group), state is SourceState.FAILING)


def _who(group: Sequence[SourceHealth]) -> str:
    """One or two by their names, in the direction that those have; more are counted."""
    if len(group) <= _MOST_NAMED:
        return listed([on_one_line(_cut(one.label), False) for one in group])
    kinds = {one.kind for one in group}
    return f"{len(group)} {f'{kinds.pop()}s' if len(kinds) == 1 else 'sources'}"


def _page(group: Sequence[SourceHealth]) -> str:
    """Where they are mended: one account on its own, several on the page of all."""
    accounts = [one.id for one in group if one.kind == "account"]
    if not accounts:
        return AGENTS
    return accounts[0] if len(accounts) == 1 else ACCOUNTS


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
