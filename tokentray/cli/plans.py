"""`plans`: flat fees, the agents they pay for, and the stretches of time over which they did."""

import argparse

from tokentray.cli.context import Context, print_json, table, visible
from tokentray.cli.telling import tell
from tokentray.cli.values import currency_or_own, day_of, day_or_today
from tokentray.clock import local_date
from tokentray.insight.told_words import agent_text, exact_money
from tokentray.insight.who_pays import agents_on, term_on
from tokentray.money import nanos_to_decimal
from tokentray.program import command
from tokentray.requests import AddPlan, ChangePlan, EndPlan, RemovePlan
from tokentray.store.history import History


def list_plans(context: Context, options: argparse.Namespace) -> int:
    """Every plan with each of its terms, in the order they were added."""
    today = local_date(context.clock.now_utc(), context.zone)
    with History(context.paths.history) as history:
        plans, rules = history.plans(), history.payer_rules()
    if options.json:
        print_json(
            [
                {
                    "id": plan.id,
                    "name": plan.name,
                    "provider": plan.provider,
                    "agents": list(agents_on(today, plan, rules, plans)),
                    "terms": [
                        {
                            "id": term.id,
                            "fee": nanos_to_decimal(term.fee_nanos),
                            "currency": term.currency,
                            "from": term.first_day.isoformat(),
                            "to": term.last_day.isoformat() if term.last_day else None,
                            "day": term.cycle_day,
                        }
                        for term in plan.terms
                    ],
                    "running": term_on(plan, today) is not None,
                }
                for plan in plans
            ]
        )
        return 0
    if not plans:
        print(f'No plan yet. Add one with: {command()} plans add "Claude Max" --agent claude-code --fee 100')
        return 0
    rows = []
    for plan in plans:
        named = [str(plan.id), visible(plan.name), ", ".join(map(agent_text, agents_on(today, plan, rules, plans)))]
        for term in plan.terms:
            to = str(term.last_day) if term.last_day else ""
            runs = "runs" if term is term_on(plan, today) else ""
            fee = exact_money(nanos_to_decimal(term.fee_nanos), term.currency, context.style)
            rows.append([*named, str(term.first_day), to, runs, str(term.cycle_day), fee])
            named = ["", "", ""]
    print(table(["id", "plan", "pays for", "from", "to", "", "day", "a month"], rows, 6))
    return 0


def add_plan(context: Context, options: argparse.Namespace) -> int:
    """A plan, or a further term of the one of that name."""
    request = AddPlan(
        name=options.name,
        agents=tuple(options.agent),
        fee=options.fee,
        currency=currency_or_own(context, options.currency),
        first_day=day_or_today(context, options.from_day, "--from"),
        last_day=None if options.to_day is None else day_of(options.to_day, "--to"),
        cycle_day=options.day,
    )
    return tell(context, request)


def end_plan(context: Context, options: argparse.Namespace) -> int:
    """The last day that is paid for."""
    return tell(context, EndPlan(options.id, day_of(options.on_day, "--on")))


def change_plan(context: Context, options: argparse.Namespace) -> int:
    """Another fee from a day on."""
    return tell(context, ChangePlan(options.id, options.fee, day_of(options.from_day, "--from")))


def remove_plan(context: Context, options: argparse.Namespace) -> int:
    """With its fees and the rules that name it."""
    return tell(context, RemovePlan(options.id))
