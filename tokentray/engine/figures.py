"""Makes the figures of a snapshot: amounts with their equivalents and with how they are known."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from tokentray.clock import DAY_S, Zone, date_of_day_number, local_date
from tokentray.insight import words
from tokentray.insight.reference import Equivalent, Part, Reference
from tokentray.insight.standing import PLAN, by_standing
from tokentray.insight.tally import BASES, Home, Tally, tally
from tokentray.model import Basis, ReferencePoint, UsageRow
from tokentray.money import NumberStyle, exact_sum
from tokentray.snapshot import Amount, Standing

_KNOWN = {
    Basis.BILLED: "billed",
    Basis.METERED: "by the provider's own token counts at list price",
    Basis.PLAN: "of plan fees, spread over their days",
    Basis.CHARGE: "typed in by hand",
}


class Figures(NamedTuple):
    """What every figure of a snapshot is made with. Rows are grouped by day, source and payer.

    currency: the one to lead with. counts_spend: whether anything counts as spend; else amounts are worth.
    labels: of agents and accounts, by id.
    """

    home: Home
    currency: str
    reference: Reference
    style: NumberStyle
    now_utc: int
    zone: Zone
    counts_spend: bool
    labels: dict[str, str]

    def total(self, rows: Sequence[UsageRow]) -> Amount:
        """The amount of a day or month, over all sources."""
        if not self.counts_spend:
            return self.worth(rows, note=words.WORTH)
        whole, parts = tally(rows, self.home), by_standing(rows)
        unsaid = tally(parts[Standing.UNASSIGNED], self.home)
        covered = self._covered(parts)
        text = words.spend_text(whole, self.currency, self.style)
        known = self._known(parts, whole, covered, unsaid)
        amount = self._spend(rows, whole, text, known, self._plans_worth(covered))
        return amount._replace(note_text=f"+ {self.at_list_price(unsaid)}, payer not said" if unsaid.tokens else "")

    def bought(self, rows: Sequence[UsageRow]) -> Decimal:
        """List cost of what the person pays for, in the leading currency; nothing while no spend is counted."""
        if not self.counts_spend:
            return Decimal(0)
        return tally(by_standing(rows)[Standing.SPEND], self.home).worth_in(self.currency)

    def worth(self, rows: Sequence[UsageRow], *, note: str = "", text: str = "", known: str = "") -> Amount:
        """An amount that is worth at list price, and no spend. text: as shared out in a column."""
        whole = tally(rows, self.home)
        text = text or words.worth_text(whole, self.currency, self.style)
        known = known or words.sentence((self._estimated(rows), *self.imperfect(whole)))
        amount = self._amount(whole, text, self._equivalent_text(rows, text, of_worth=True), known)
        return amount._replace(note_text=note)

    def spend(self, rows: Sequence[UsageRow], text: str, known: str, worth_text: str = "") -> Amount:
        """An amount of one line that counts. text: as shared out in a column."""
        return self._spend(rows, tally(rows, self.home), text, known, worth_text)

    def _spend(self, rows: Sequence[UsageRow], whole: Tally, text: str, known: str, worth_text: str) -> Amount:
        others = tuple((one, amount) for one, amount in whole.cost.items() if one != self.currency)
        amount = self._amount(whole, text, self._equivalent_text(rows, text), known)
        return amount._replace(is_spend=True, worth_text=worth_text, others=others)

    def _amount(self, whole: Tally, text: str, equivalent_text: str, known: str) -> Amount:
        return Amount(
            cost=whole.cost_in(self.currency),
            list_cost=self._list_cost(whole),
            currency=self.currency,
            tokens=whole.tokens,
            unpriced_tokens=whole.unpriced_tokens,
            basis=whole.basis,
            caveats=whole.caveats,
            amount_text=text,
            equivalent_text=equivalent_text,
            known_text=known,
        )

    def at_list_price(self, worth: Tally) -> str:
        """ "≈ $38.10 at list price"."""
        return words.at_list_price(worth, self.currency, self.style)

    def equivalent(self, rows: Iterable[UsageRow], *, of_worth: bool) -> Equivalent:
        """Rows in the leading reference point: their worth, or what counts of them."""
        amounts: dict[tuple[str, str], list[Decimal]] = {}
        steady = self.reference.is_steady
        for row in rows:
            amount = row.list_cost if of_worth else row.cost
            if amount:
                amounts.setdefault(("" if steady else row.key("day"), row.currency), []).append(amount)
        return self.reference.equivalent(
            Part(date.fromisoformat(day) if day else date.max, exact_sum(parts), currency)
            for (day, currency), parts in amounts.items()
        )

    def measured_by(self, points: Sequence[ReferencePoint]) -> "Figures":
        """The same figures beside other reference points."""
        return self._replace(reference=self.reference.of(points))

    def time_text(self, at_utc: int) -> str:
        """A time as it is said: "14:02" today, "21 Nov 14:02" on another day, with the year in another one."""
        offset_s = self.zone.offset_s(at_utc)
        minutes = (at_utc + offset_s) // 60
        clock = f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"
        day = date_of_day_number((at_utc + offset_s) // DAY_S)
        today = local_date(self.now_utc, self.zone)
        if day == today:
            return clock
        named = f"{day.day} {words.MONTHS[day.month - 1][:3]}"
        return f"{named} {clock}" if day.year == today.year else f"{named} {day.year} {clock}"

    def agents(self, rows: Iterable[UsageRow]) -> list[str]:
        """Labels of the agents whose logs rows come from, in the order of all agents."""
        used = {row.key("source") for row in rows if row.total_tokens or row.requests}
        return [label for name, label in self.labels.items() if name in used]

    def estimate_words(self, rows: Iterable[UsageRow]) -> str:
        """ "estimated from the logs of Codex at each day's list price"."""
        whose = words.listed(self.agents(rows))
        return f"estimated from {f'the logs of {whose}' if whose else 'no logs yet'} at each day's list price"

    def imperfect(self, whole: Tally) -> list[str]:
        """What is missing of an amount, and what may be wrong with it."""
        unpriced = [words.unpriced_text(whole.unpriced_tokens, self.style)] if whole.unpriced_tokens else []
        return unpriced + words.caveat_texts(whole.caveats)

    def basis_words(self, bases: Sequence[str], rows: Iterable[UsageRow]) -> str:
        """ "billed", "partly billed, partly estimated from the logs of Codex at each day's list price"."""
        told = [_KNOWN.get(Basis(basis)) or self.estimate_words(rows) for basis in bases]
        return told[0] if len(told) == 1 else ", ".join(f"partly {one}" for one in told)

    def _estimated(self, rows: Sequence[UsageRow]) -> str:
        if any(row.total_tokens or row.requests for row in rows):
            return self.estimate_words(rows)
        whose = words.listed(list(self.labels.values()))
        return f"estimated from {f'the logs of {whose}' if whose else 'no logs yet'} at each day's list price"

    def _covered(self, parts: dict[Standing, list[UsageRow]]) -> Tally:
        """What plans paid for."""
        return tally([row for row in parts[Standing.SPEND] if row.key("payer").startswith(PLAN)], self.home)

    def _plans_worth(self, covered: Tally) -> str:
        """ "plans worth ≈ $38.10", "" where nothing is known of it."""
        text = words.worth_text(covered, self.currency, self.style)
        known = covered.tokens and text not in (words.NOT_PRICED, words.MOSTLY_NOT_PRICED)
        return f"plans worth {text}" if known else ""

    def _known(self, parts: dict[Standing, list[UsageRow]], whole: Tally, covered: Tally, unsaid: Tally) -> str:
        """How the amount of a day or month is known, part by part."""
        by_basis: dict[tuple[str, ...], list[UsageRow]] = {}
        for row in parts[Standing.SPEND]:
            if row.cost or row.unpriced_paid_tokens:
                by_basis.setdefault(row.basis, []).append(row)
        said = []
        for bases in sorted(by_basis, key=lambda bases: [BASES.index(basis) for basis in bases]):
            mine = by_basis[bases]
            if not any(row.cost for row in mine):
                continue  # what has no price is said below
            text = words.spend_text(tally(mine, self.home), self.currency, self.style)
            between = ", " if text == words.MOSTLY_NOT_PRICED else " "
            said.append(f"{text}{between}{self.basis_words(bases, mine)}")
        for worth, form in (
            (covered, "the plans covered {}"),
            (tally(parts[Standing.ELSEWHERE], self.home), "paid elsewhere and not counted: {}"),
            (unsaid, "not counted, as nobody has said who pays: {}"),
        ):
            if worth.tokens:
                said.append(form.format(self.at_list_price(worth)))
        if not said and not whole.unpriced_tokens:
            said = ["nothing paid" if whole.tokens or whole.requests else "nothing used and nothing paid"]
        return words.sentence((*said, *self.imperfect(whole)))

    def _list_cost(self, whole: Tally) -> Decimal | None:
        """None where nothing has a price, and where nothing of it can be told in the leading currency."""
        known = whole.priced or not whole.unpriced_tokens
        return whole.worth_in(self.currency) if known and (self.currency in whole.worth or not whole.worth) else None

    def _equivalent_text(self, rows: Sequence[UsageRow], text: str, *, of_worth: bool = False) -> str:
        """text: the amount as it reads; where it says that nothing is known, there is nothing to compare."""
        if text in (words.NOT_PRICED, words.MOSTLY_NOT_PRICED):
            return ""
        return self.equivalent(rows, of_worth=of_worth).text(self.style)
