"""A month without what says who uses what for what: names that a person or a log supplied become numbers.

Numbers are the same in every table, sentence and row of a file. A time zone is named after a place: only its offsets
from UTC are said. Ids such as "plan:1" stay: they identify nobody. Money, tokens and days stay as well, and so do the
public names of agents, models, providers and plans.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tokentray.insight.known_plans import KNOWN_PLANS
from tokentray.model import Charge, Note, PayerRule, Plan, ReferencePoint, UsageRow
from tokentray.prices.public import is_public_model, is_public_provider
from tokentray.store.queries import SourceRow

SENTENCE = (
    "Redacted: names of projects, accounts, and of plans and models that are not public are replaced by numbers, and"
    " so is what notes and charges say."
)
_THING = "thing"
_OTHER_PROVIDER = "another provider"


@dataclass(frozen=True, slots=True)
class Redaction:
    """What projects and models are called instead. active: whether anything is, else all names stay."""

    active: bool = False
    projects: Mapping[str, str] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)

    def provider(self, name: str) -> str:
        """A provider as it may be called."""
        return public_provider(name) if self.active else name

    def rows(self, rows: Sequence[UsageRow]) -> list[UsageRow]:
        """Rows without names, sorted so that their order tells nothing."""
        if not self.active:
            return list(rows)
        named: Mapping[str, Mapping[str, str]] = {"project": self.projects, "model": self.models}
        made = [
            row._replace(keys=tuple((key, named.get(key, {}).get(value, value)) for key, value in row.keys))
            for row in rows
        ]
        return sorted(made, key=lambda row: row.keys)

    def notes(self, notes: Sequence[Note]) -> list[Note]:
        """Notes without their words, numbered as they stand."""
        if not self.active:
            return list(notes)
        return [
            note._replace(text=f"note {number}", project=self.projects.get(note.project, note.project), of="")
            for number, note in enumerate(notes, 1)
        ]


def redaction(
    rows: Sequence[UsageRow],
    rank: Callable[[Sequence[UsageRow]], Any],
    other_models: Iterable[str],
    notes: Iterable[Note],
) -> Redaction:
    """Projects and models numbered by rank within the rows of a month, then those of its notes and its Why by name."""
    projects = _ranked(rows, "project", rank)
    projects += sorted({note.project for note in notes if note.project} - set(projects))
    models = _ranked(rows, "model", rank)
    models += sorted(set(other_models) - set(models))
    hidden = [name for name in models if name and not is_public_model(name)]
    return Redaction(active=True, projects=_numbered("project", projects), models=_numbered("model", hidden))


def _ranked(rows: Sequence[UsageRow], key: str, rank: Callable[[Sequence[UsageRow]], Any]) -> list[str]:
    groups: dict[str, list[UsageRow]] = {}
    for row in rows:
        if row.key(key):
            groups.setdefault(row.key(key), []).append(row)
    return sorted(groups, key=lambda name: (rank(groups[name]), name))


def _numbered(what: str, names: Sequence[str]) -> dict[str, str]:
    return {name: f"{what} {number}" for number, name in enumerate(names, 1)}


def public_provider(name: str) -> str:
    """A provider's name, unless it is not one that everybody knows."""
    return name if not name or is_public_provider(name) else _OTHER_PROVIDER


def public_plans(plans: Iterable[Plan]) -> list[Plan]:
    """Plans that providers sell under their name keep it; others are called by their id."""
    return [plan if _is_sold(plan.name) else plan._replace(name=f"plan {plan.id}") for plan in plans]


def _is_sold(name: str) -> bool:
    """Whether a name is that of a known plan, or of what such a plan is one of: "Claude Max"."""
    return bool(name) and any(f"{known.name} ".startswith(f"{name} ") for known in KNOWN_PLANS)


def public_charges(charges: Iterable[Charge]) -> list[Charge]:
    """What charges are for is replaced by "charge 1" and so on, by day."""
    return [
        charge._replace(text=f"charge {number}", provider=public_provider(charge.provider))
        for number, charge in enumerate(charges, 1)
    ]


def public_rules(rules: Iterable[PayerRule]) -> list[PayerRule]:
    """Rules that name no provider but those that everybody knows."""
    return [rule._replace(provider=public_provider(rule.provider)) for rule in rules]


def public_sources(sources: Sequence[SourceRow]) -> list[SourceRow]:
    """Accounts are called by their provider and a number: "OpenAI account 1"."""
    made, counts = [], dict[str, int]()
    for source in sources:
        if source.kind != "account":
            made.append(source)
            continue
        provider = _provider_name(source.provider)
        counts[provider] = counts.get(provider, 0) + 1
        made.append(source._replace(label=f"{provider} account {counts[provider]}"))
    return made


def _provider_name(provider_id: str) -> str:
    from tokentray.providers import provider  # only where there is an account: who has none is spared it

    found = provider(provider_id)
    return found.info.name if found else public_provider(provider_id)


def public_points(points: Sequence[ReferencePoint]) -> list[ReferencePoint]:
    """The thing that leads is called so, and other things are left out: they stand in no file."""
    leading = {(point.kind, point.name) for point in points if point.leads}
    return [
        point._replace(name=_THING) if point.kind == _THING else point
        for point in points
        if point.kind != _THING or (point.kind, point.name) in leading
    ]
