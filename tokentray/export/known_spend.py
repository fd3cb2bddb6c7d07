"""How a month's spend is known: by which basis, and who paid for what."""

from collections.abc import Iterable, Sequence
from datetime import date

from tokentray.export.dates import day_text
from tokentray.export.frame import Frame, Split
from tokentray.insight import told_words, words
from tokentray.model import Basis, Payer, PayerKind, PayerRule, Plan, UsageRow, payer_of
from tokentray.money import NumberStyle


def sentences(frame: Frame, split: Split, days: tuple[date, date]) -> Iterable[str]:
    """One for each basis of what counts, then who paid, then what list cost is."""
    counted = [*split.counted, *split.others]
    charged = {row.key("source") for row in counted if Basis.PLAN.value in row.basis}
    fees = [_fee_text(plan, days, frame.style) for plan in frame.told.plans if f"plan:{plan.id}" in charged]
    if fees:
        yield f"Plan fees, each spread evenly over the days of its billing months: {'; '.join(fees)}."
    if _of(counted, Basis.CHARGE):
        yield "Charges were typed in by hand and count on their day."
    billed = _of(counted, Basis.BILLED)
    if billed:
        until = max(date.fromisoformat(row.key("day")) for row in billed)
        yield f"Billed: by the cost reports of {_sources(billed, frame)}, up to {day_text(until)}."
    metered = _of(counted, Basis.METERED)
    if metered:
        yield f"Metered: the token counts of {_sources(metered, frame)}, at list price of each day."
    estimated = _of(counted, Basis.ESTIMATED)
    if estimated:
        yield (
            f"Estimated: the tokens in the logs of {_agents(estimated, frame)} on this machine, at the provider's list"
            " price of each day. Discounts and taxes are not in it."
        )
    yield from _who_paid([*counted, *split.elsewhere, *split.unsaid], frame)
    covered = [row for row in counted if not row.cost and (row.total_tokens or row.requests)]
    if covered or split.elsewhere or split.unsaid:
        used = [row for row in (*counted, *split.elsewhere, *split.unsaid) if row.total_tokens or row.requests]
        logged = [row for row in used if row.key("agent")]
        if logged:
            yield (
                f"Worth at list price: what the tokens in the logs of {_agents(logged, frame)} cost at the provider's"
                " published price of each day, whoever pays. It is no spend."
            )


def _of(rows: Iterable[UsageRow], basis: Basis) -> list[UsageRow]:
    """Rows that count, or would with a price, and are known so."""
    return [row for row in rows if basis.value in row.basis and (row.cost or row.unpriced_paid_tokens)]


def _fee_text(plan: Plan, days: tuple[date, date], style: NumberStyle) -> str:
    """ "Claude Max, $100.00 a month", with the days of each fee where it changed."""
    first, last = days
    terms = [term for term in plan.terms if term.first_day <= last and (term.last_day or last) >= first]
    told = []
    for term in terms:
        since = f" from {told_words.day_text(term.first_day)}" if term.first_day > first else ""
        until = f" to {told_words.day_text(term.last_day)}" if term.last_day and term.last_day < last else ""
        told.append(f"{told_words.fee_text(term, style)}{since}{until}")
    return f"{plan.name}, {words.listed(told)}"


def _who_paid(rows: Sequence[UsageRow], frame: Frame) -> Iterable[str]:
    """Who paid for which agent, as the person said; narrowed down where an agent has several payers."""
    used: dict[str, dict[str, list[UsageRow]]] = {}
    for row in rows:
        if row.key("agent"):
            used.setdefault(row.key("agent"), {}).setdefault(row.key("payer"), []).append(row)
    told: dict[str, list[str]] = {}
    for agent, by_payer in used.items():
        main = max(by_payer, key=lambda payer: sum(row.total_tokens for row in by_payer[payer]))
        for payer, mine in by_payer.items():
            others = [row for one, of_it in by_payer.items() if one != payer for row in of_it]
            narrowed = "" if payer == main else _narrowed(mine, others, _rules(agent, payer, frame), frame.style)
            told.setdefault(payer, []).append(frame.names.source(agent) + narrowed)
    said = [f"{_pays_text(payer_of(payer), frame)} for {words.listed(told[payer])}" for payer in told if payer]
    if "" in told:
        said.append(f"nobody has said who pays for {words.listed(told[''])}")
    if said:
        yield words.sentence((f"as you said, {said[0]}" if told.keys() - {""} else said[0], *said[1:]))


def _rules(agent: str, payer: str, frame: Frame) -> list[PayerRule]:
    """The rules by which a payer pays for an agent."""
    return [rule for rule in frame.told.rules if rule.agent in ("", agent) and str(rule.payer) == payer]


def _narrowed(
    rows: Sequence[UsageRow], others: Sequence[UsageRow], rules: Sequence[PayerRule], style: NumberStyle
) -> str:
    """What sets some of an agent's use apart from the rest, as the rules say it: projects, providers, or days."""
    if rules and all(rule.project for rule in rules):
        projects = sorted({row.key("project") for row in rows})
        hidden = all(project.startswith("project ") for project in projects)  # redacted: "project 7"
        called = "" if hidden else "projects " if len(projects) > 1 else "project "
        return f" in {called}{words.listed_few(projects, style)}"
    if rules and all(rule.provider for rule in rules):
        return f" with provider {words.listed(sorted({rule.provider for rule in rules}))}"
    days, rest = sorted({row.key("day") for row in rows}), {row.key("day") for row in others}
    if days[-1] < min(rest):
        return f" up to {told_words.day_text(date.fromisoformat(days[-1]))}"
    if days[0] > max(rest):
        return f" from {told_words.day_text(date.fromisoformat(days[0]))} on"
    return " in part"


def _pays_text(payer: Payer, frame: Frame) -> str:
    if payer.kind is PayerKind.ACCOUNT:
        return f"{frame.names.payer(str(payer))} pays"
    return told_words.pays_text(payer, frame.told.plans)


def _sources(rows: Iterable[UsageRow], frame: Frame) -> str:
    return words.listed(list(dict.fromkeys(frame.names.source(row.key("source")) for row in rows)))


def _agents(rows: Iterable[UsageRow], frame: Frame) -> str:
    used = {row.key("agent") for row in rows}
    labels = [source.label for source in frame.told.sources if source.kind == "agent" and source.name in used]
    return words.listed(labels) or "agents"
