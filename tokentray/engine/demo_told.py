"""What the person of the made-up history has told: plans and one left alone, an employer's project, a charge, notes."""

from datetime import date, timedelta

from tokentray.engine import demo_cast as cast
from tokentray.model import Payer, PayerKind
from tokentray.money import nanos_from_text
from tokentray.store.told import Told

_LARGER_PLAN_DAYS = 150
"""The larger plan was taken this many days ago."""
_CHARGE_DAYS = 6
_EMPLOYERS_PROJECT = "night-ferry"
_NOTES = (
    (3, "Search answers in a third of the time", "lanternfish", "0", ""),
    (10, "Accessible forms, all of them", "harbour-ui", "14", "forms"),
    (17, "Moved off the old queue in one afternoon", "", "0", ""),
    (33, "Tables for the northern ports", "tide-tables", "6", "ports"),
    (61, "First release of the importer", cast.SCALING_PROJECT, "1", "release"),
    (96, "Flaky tests gone", "harbour-ui", "23", "tests mended"),
)
"""Days ago, what the spend bought, on which project, and how many of what."""


def tell(told: Told, first: date, today: date, now_utc: int) -> None:
    """Write it into an empty history. first: of the made-up days."""
    larger = today - timedelta(days=_LARGER_PLAN_DAYS)
    plans = (
        ("Claude Max", "anthropic", "claude-code", (("20", first, larger - timedelta(days=1)), ("100", larger, None))),
        ("ChatGPT Plus", "openai", "codex", (("20", first, None),)),
        ("Google AI Pro", "google", cast.IDLE, (("19.99", first, None),)),
    )
    for name, provider, agent, terms in plans:
        plan_id = told.add_plan(name, provider, now_utc)
        for fee, begin, end in terms:
            told.add_term(plan_id, nanos_from_text(fee), "USD", begin, end, min(begin.day, 28))
        told.add_rule(agent, "", "", None, Payer(PayerKind.PLAN, plan_id), now_utc)
    told.add_rule("pi", "", "", None, Payer(PayerKind.PAYG), now_utc)
    told.add_rule("pi", cast.LOCAL_PROVIDER, "", None, Payer(PayerKind.NOBODY), now_utc)
    told.add_rule("claude-code", "", _EMPLOYERS_PROJECT, None, Payer(PayerKind.NOBODY), now_utc)
    told.add_charge(
        today - timedelta(days=_CHARGE_DAYS), nanos_from_text("12.50"), "USD", "anthropic", "Extra usage", now_utc
    )
    for days_ago, text, project, quantity, of in _NOTES:
        day = today - timedelta(days=days_ago)
        if day >= first:
            told.add_note(day, text, project, nanos_from_text(quantity), of, now_utc)
    told.add_reference("hourly", "", nanos_from_text("100"), "USD", first, now_utc)
    told.add_reference("thing", "coffee", nanos_from_text("4.50"), "USD", first, now_utc)
    told.lead("hourly", "")
    told.finish_first_run()
