"""`history`: the history window on some usage, in the tray that runs; where none does, the tray is started with it."""

import argparse
import shlex
from datetime import date

from tokentray.cli.asking import asked
from tokentray.cli.context import Context
from tokentray.cli.values import day_or_today, month_of
from tokentray.doorbell import LONGEST_MESSAGE, history_message, ring
from tokentray.errors import TokenTrayError, UsageError
from tokentray.insight import periods
from tokentray.insight.question_json import to_text
from tokentray.program import command
from tokentray.question import Period, Question, Span, View


def history(context: Context, options: argparse.Namespace) -> int:
    """Exit status 2 for a key that does not exist, 3 without a display where no tray runs."""
    question = _question(context, options)
    message = history_message(to_text(question) if question else "")
    if len(message) > LONGEST_MESSAGE:
        raise UsageError("that is more than a window can be asked", "so many or so long values of --where")
    if ring(context.paths, message):
        return 0
    status = options.start_tray(options.home, options.utc, False, message)
    if status is None:
        instead = shlex.join(_in_text(context, question or Question(), options))
        raise TokenTrayError("There is no display here", "so no window", f"`{command()} {instead}` prints it")
    return int(status)


def _question(context: Context, options: argparse.Namespace) -> Question | None:
    """What is to be shown; None where nothing was said, for what the window showed last."""
    wanted = asked(options)
    view = View(options.view) if options.view else View.USAGE
    if options.month and (wanted.first or wanted.last):
        raise UsageError("--month is a period already", "so it takes neither --from nor --to")
    month = month_of(options.month) if options.month else None
    if not (options.view or month or options.by is not None or options.split or any(wanted)):
        return None
    plain = Question()
    return plain._replace(
        view=view,
        period=_period(context, view, month, wanted.first, wanted.last),
        by=plain.by if options.by is None else wanted.by,
        split=options.split or "",
        where=wanted.where,
    )


def _period(context: Context, view: View, month: date | None, first: date | None, last: date | None) -> Period:
    """Without a word about it: as `usage` means it, all history; for the views beside it, their own."""
    today = day_or_today(context, None, "")
    if month:
        return periods.period_of(*periods.month_of(month), today)
    if first and last:
        return periods.period_of(first, last, today)
    if first or last:
        return Period(Span.CUSTOM, first, last)
    return Period(Span.ALL) if view is View.USAGE else Period()


def _in_text(context: Context, question: Question, options: argparse.Namespace) -> list[str]:
    """The command that prints what the window would show."""
    if question.view is View.WHY:
        begins, ends = periods.days(question.period, day_or_today(context, None, ""), None)
        return ["explain", (begins if question.period.span is Span.MONTH else ends).isoformat()[:7]]
    if question.view in _INSTEAD:
        return _INSTEAD[question.view]
    words = ["usage", "--by", ",".join(part for part in (question.split, *question.by) if part)]
    first, last = options.from_day, options.to_day
    if options.month:
        first, last = (day.isoformat() for day in periods.month_of(month_of(options.month)))
    words += ["--from", first] if first else []
    words += ["--to", last] if last else []
    for condition in options.where:
        words += ["--where", condition]
    return words


_INSTEAD = {
    View.PLANS: ["plans", "list"],
    View.RECONCILE: ["accounts", "reconcile"],
    View.NOTES: ["notes", "list"],
}
