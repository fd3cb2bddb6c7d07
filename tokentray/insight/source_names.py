"""Names for the ids that rows of usage are grouped by: sources and payers, as tables show them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tokentray.insight.standing import ACCOUNT, CHARGE, PLAN
from tokentray.insight.told_words import agent_text, day_text, payer_text, plan_name
from tokentray.model import Charge, PayerKind, Plan, payer_of
from tokentray.store.queries import SourceRow


class SourceNames(NamedTuple):
    """labels: of agents by their id, of accounts by "account:ID"."""

    plans: Sequence[Plan]
    charges: Mapping[str, Charge]
    labels: Mapping[str, str]

    def source(self, source: str) -> str:
        """ "Codex", "Claude Max", what a charge is for, "" for none."""
        if source in self.charges:
            return _charge_text(self.charges[source])
        if source.startswith((PLAN, ACCOUNT)):
            return self.payer(source)
        return self.labels.get(source, agent_text(source)) if source else ""

    def payer(self, payer: str) -> str:
        """ "Claude Max", "you, as you go", "nobody here", "" where nobody has said; what is no payer, as it is."""
        if not payer:
            return ""
        try:
            who = payer_of(payer)
        except ValueError:
            return payer
        if who.kind is PayerKind.PLAN:
            return plan_name(who.id, self.plans)
        return self.labels.get(payer, payer_text(who, self.plans))


def source_names(sources: Sequence[SourceRow], plans: Sequence[Plan], charges: Sequence[Charge]) -> SourceNames:
    """The names of a history's sources. Charges that say the same are told apart by their day."""
    said = Counter(map(_charge_text, charges))
    return SourceNames(
        plans,
        {f"{CHARGE}{charge.id}": _dated(charge) if said[_charge_text(charge)] > 1 else charge for charge in charges},
        {source.name if source.kind == "agent" else f"{source.kind}:{source.id}": source.label for source in sources},
    )


def _dated(charge: Charge) -> Charge:
    return charge._replace(text=f"{_charge_text(charge)}, {day_text(charge.day)}")


def _charge_text(charge: Charge) -> str:
    return charge.text or charge.provider or "Charge"


def account_labels(sources: Sequence[SourceRow]) -> dict[int, str]:
    """What the accounts are called, by id."""
    return {source.id: source.label for source in sources if source.kind == "account"}
