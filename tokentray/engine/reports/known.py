"""How the amounts of a report are known, and as of when: the lines that hover and focus say."""

from collections.abc import Sequence

from tokentray.engine.figures import Figures
from tokentray.engine.reports.ground import Ground
from tokentray.engine.reports.view_parts import capital, in_words, lines
from tokentray.engine.source_lines import row_id
from tokentray.insight import words
from tokentray.insight.standing import PLAN, standing
from tokentray.insight.tally import Tally
from tokentray.model import UsageRow
from tokentray.snapshot import Standing


class Known:
    """Says it of any rows; sentences that come again are made once."""

    def __init__(self, ground: Ground, figures: Figures) -> None:
        self._ground = ground
        self._figures = figures
        self._read_utc = {row_id(one): one.read_at_utc for one in ground.sources if one.read_at_utc is not None}
        self._sentences: dict[tuple[object, ...], str] = {}

    def text(self, rows: Sequence[UsageRow], one: Tally) -> str:
        """A sentence on how they are known, and as of when."""
        every: set[tuple[str, str]] = set()
        used: set[tuple[str, str]] = set()
        for row in rows:  # many more than there are pairs
            pair = row.key("source"), row.key("payer")
            every.add(pair)
            if row.requests or row.total_tokens:
                used.add(pair)
        made_of = (one.basis, frozenset(every), frozenset(used), one.caveats, one.unpriced_tokens)
        text = self._sentences.get(made_of)
        if text is None:
            sources = frozenset([source for source, _ in every])
            payers = frozenset([(payer, standing(source, payer)) for source, payer in used])
            text = self._sentences[made_of] = self._text(rows, one, sources, payers)
        return text

    def _text(
        self, rows: Sequence[UsageRow], one: Tally, sources: frozenset[str], payers: frozenset[tuple[str, Standing]]
    ) -> str:
        figures = self._figures
        how = figures.basis_words(one.basis, rows) if one.basis else "nothing used and nothing paid"
        said = words.sentence((how, *self._who(payers, one), *figures.imperfect(one)))
        return lines((in_words(said), self._as_of(sources)))

    def _who(self, payers: frozenset[tuple[str, Standing]], one: Tally) -> list[str]:
        """Who pays where it is not the person alone, of what was used."""
        if not self._figures.counts_spend or not (one.tokens or one.requests):
            return []
        plans = sorted({self._figures.labels.get(payer) or self._name(payer) for payer, _ in payers if _plan(payer)})
        said = [f"covered by {words.listed(plans)}"] if plans else []
        standings = {told for _, told in payers}
        part = "" if len(standings) == 1 else "some of it "
        if Standing.ELSEWHERE in standings:
            said.append(f"{part}paid elsewhere and not counted")
        if Standing.UNASSIGNED in standings:
            said.append(f"{part}not counted, as nobody has said who pays")
        return said

    def _name(self, payer: str) -> str:
        return self._ground.names.source(payer)

    def _as_of(self, sources: frozenset[str]) -> str:
        if self._ground.made_up:
            return capital(self._ground.as_of_text)
        read = [self._read_utc[source] for source in sources if source in self._read_utc]
        return f"As of {self._figures.time_text(min(read))}" if read else ""


def _plan(payer: str) -> bool:
    return payer.startswith(PLAN)
