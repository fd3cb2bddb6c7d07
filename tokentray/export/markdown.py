"""A month as Markdown: reads as a letter both as it stands and rendered, its tables aligned.

Names come from logs, so what Markdown would take for markup is escaped and control characters are shown.
"""

from collections.abc import Iterable, Sequence

from tokentray.export.figures import Figure, Table
from tokentray.export.markdown_table import aligned, escaped
from tokentray.export.summary import MonthSummary
from tokentray.insight import words

_TIME_HEADS = {"hourly": "Your time", "pay": "Of a month's pay", "thing": "Equivalent"}
_SAID_BY_HEAD = " of a month's pay"
_ELSEWHERE, _UNSAID = "Paid elsewhere, not counted", "Nobody has said who pays, not counted"


def render(summary: MonthSummary) -> str:
    """The whole summary; a table with many rows ends in one that stands for the rest."""
    lines = [f"# {summary.title}", "", *_opening(summary)]
    if summary.counts_spend:
        lines += _section("What it is made of", _parts(summary), summary.parts.figures)
        lines += _section("Plans", _plans(summary), summary.plans)
    for table in (summary.by_source, summary.by_model, summary.by_project):
        lines += _section(f"By {table.title.lower()}", _ranked(table, summary), table.figures)
    for title, table in ((_ELSEWHERE, summary.elsewhere), (_UNSAID, summary.unsaid)):
        lines += _section(title, _uncounted(table, summary), table.figures)
    if summary.counts_spend:
        for table in summary.others:
            lines += _section(f"In {table.currency}, in no total", _other(table), table.figures)
    lines += _section("By day", _days(summary), summary.by_source.figures)
    lines += _section("Tokens", _tokens(summary), [kind for kind in summary.tokens if kind.count])
    lines += ["", "## How it is known", "", *(f"- {escaped(sentence)}" for sentence in summary.known), ""]
    return "\n".join(line.rstrip() for line in lines)


def _section(title: str, lines: Iterable[str], content: Sequence[object]) -> list[str]:
    """A heading with what is under it, nothing where there is nothing to say."""
    return ["", f"## {title}", "", *lines] if content else []


def _opening(summary: MonthSummary) -> Iterable[str]:
    equivalent = f", {_plain(summary.equivalent_text)}" if summary.equivalent_text else ""
    lacking = words.without_price(summary.amount_text, summary.total_tokens, summary.style)
    if lacking:
        yield f"**{lacking}**"
    else:
        yield f"**{summary.amount_text}** {'spent' if summary.counts_spend else words.WORTH}{equivalent}"
    yield ""
    worth = ""
    if summary.counts_spend and summary.total_tokens and not lacking:
        worth = f", {_worth(summary.worth_text, summary.total_tokens, summary, ' at list price')}"
    yield f"Use of language models, {summary.period_text}{worth}."
    if summary.change:
        yield f"That is {summary.change.text}."
    apart = [table.total.amount_text for table in summary.others if summary.counts_spend]
    for said, table in (
        ("use paid elsewhere", summary.elsewhere),
        ("use nobody has said who pays for", summary.unsaid),
    ):
        if table.figures:
            apart.append(f"{said}, {_worth(table.total.amount_text, table.total.tokens, summary)}")
    if apart:
        yield f"Not in it: {'; '.join(apart)}."


def _worth(text: str, tokens: int, summary: MonthSummary, ending: str = "") -> str:
    """A worth within a sentence; where nothing has a price, how many tokens it is of."""
    return words.without_price(text, tokens, summary.style) or f"worth {text}{ending}"


def _parts(summary: MonthSummary) -> list[str]:
    timed = bool(summary.time_kind)
    head = ["Part", "Spend", *_time_head(summary), "Share"]
    rows = [[f.label, f.amount_text, *_time(f, timed), f.share_text] for f in summary.parts.figures]
    total = summary.parts.total
    return aligned(head, [*rows, ["Total", total.amount_text, *_time(total, timed), ""]])


def _plans(summary: MonthSummary) -> list[str]:
    rows = [[escaped(one.label), one.fee_text, one.worth_text, one.ratio_text] for one in summary.plans]
    return aligned(["Plan", "Fee", "Worth", "Worth ÷ fee"], rows)


def _ranked(table: Table, summary: MonthSummary) -> list[str]:
    """Figures with all that is said of them, and their total."""
    timed, spends, style = bool(summary.time_kind), summary.counts_spend, summary.style

    def row(figure: Figure) -> list[str]:
        return [
            escaped(figure.label),
            figure.amount_text,
            *([figure.worth_text] if spends else []),
            *_time(figure, timed),
            figure.share_text,
            style.number(figure.requests),
            style.number(figure.tokens),
        ]

    amounts = ["Spend", "Worth"] if spends else ["Worth"]
    head = [table.title, *amounts, *_time_head(summary), "Share", "Requests", "Tokens"]
    rest = [table.rest] if table.rest else []
    return aligned(head, [row(figure) for figure in (*table.head, *rest, table.total)])


def _uncounted(table: Table, summary: MonthSummary) -> list[str]:
    style = summary.style
    rest = [table.rest] if table.rest else []
    rows = [
        [escaped(f.label), f.amount_text, style.number(f.requests), style.number(f.tokens)]
        for f in (*table.head, *rest, table.total)
    ]
    return aligned([table.title, "Worth", "Requests", "Tokens"], rows)


def _other(table: Table) -> list[str]:
    rest = [table.rest] if table.rest else []
    rows = [[escaped(f.label), f.amount_text, f.worth_text] for f in (*table.head, *rest, table.total)]
    return aligned([table.title, "Spend", "Worth"], rows)


def _days(summary: MonthSummary) -> list[str]:
    style, timed, spends = summary.style, bool(summary.time_kind), summary.counts_spend
    rows = []
    for figure in summary.days.figures:
        if figure.name > summary.last.isoformat():
            break  # the rest of the month is still to come
        tokens = style.number(figure.tokens) if figure.tokens else "–"
        worth = [figure.worth_text] if spends else []
        rows.append([figure.label, figure.amount_text, *worth, *_time(figure, timed), tokens])
    amounts = ["Spend", "Worth"] if spends else ["Worth"]
    return aligned(["Day", *amounts, *_time_head(summary), "Tokens"], rows)


def _time_head(summary: MonthSummary) -> list[str]:
    return [_TIME_HEADS[summary.time_kind]] if summary.time_kind else []


def _time(figure: Figure, timed: bool) -> list[str]:
    return [_plain(figure.equivalent_short.removesuffix(_SAID_BY_HEAD))] if timed else []


def _plain(equivalent: str) -> str:
    """An equivalent, which may end with the name of a thing as the person typed it; the sign of "<1 min" is ours."""
    return equivalent[:1] + escaped(equivalent[1:])


def _tokens(summary: MonthSummary) -> list[str]:
    style = summary.style
    rows = [[kind.label, style.number(kind.count)] for kind in summary.tokens if kind.count]
    lines = aligned(["Kind", "Tokens"], rows)
    if summary.cache_hit_rate is not None:
        rate = style.number(summary.cache_hit_rate * 100, 1)
        lines += ["", f"{rate} % of all input came from a cache."]
    if summary.web_searches:
        lines += ["", f"{style.number(summary.web_searches)} web searches, which have a price of their own."]
    return lines
