"""Who most likely pays for an agent, and how we know: a guess that is explained, and never acted on by itself.

It goes by what the agent's own logs say of a plan, by which settings exist, and by how much was used. Values of
settings are not looked at, and files that hold credentials are never opened.
"""

import re
from collections.abc import Collection
from decimal import Decimal

from tokentray.insight.known_plans import plan_named
from tokentray.setup import Proposal

# Codex writes the plan's own name into its logs; the others are paid by an organisation.
_CHATGPT = {"plus": "ChatGPT Plus", "pro": "ChatGPT Pro"}
_PAID_BY_OTHERS = frozenset(("team", "business", "enterprise", "edu", "education", "self_serve_business_usage_based"))
_CLOUDS = {"CLAUDE_CODE_USE_BEDROCK": "Amazon Bedrock", "CLAUDE_CODE_USE_VERTEX": "Google Vertex AI"}
_KEYS = {
    "claude-code": ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"),
    "codex": ("CODEX_API_KEY", "OPENAI_API_KEY"),
    "gemini-cli": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
}
MANAGED = "managed settings"
"""Stands in `present` for a file by which an organisation manages an agent."""
# Worth of a month from which the larger plan is the likelier guess.
_MAX_5X_FROM, _MAX_20X_FROM = Decimal(60), Decimal(700)


def proposal(agent: str, plan_type: str, present: Collection[str], month_worth: Decimal, used: bool) -> Proposal:
    """The likeliest payer. plan_type: as the agent's logs name it, "" where they do not.

    present: names of environment variables that are set, and MANAGED. month_worth: list cost in USD of the last 30
    days of its use. used: whether the history holds any use.
    """
    if MANAGED in present:
        return Proposal("nobody", "An organisation manages it on this machine, so it most likely pays.")
    if plan_type:
        return _by_plan_type(plan_type.lower())
    for name, cloud in _CLOUDS.items():
        if agent == "claude-code" and name in present:
            return Proposal("nobody", f"{name} is set: {cloud} bills it, most often an employer's account.")
    for name in _KEYS.get(agent, ()):
        if name in present:
            return Proposal("payg", f"{name} is set here, so it most likely pays by use.")
    if agent == "codex":
        if used:
            return Proposal("payg", "Its logs name no ChatGPT plan, so it most likely pays by use.")
        return Proposal("plan", "Most often it comes with a ChatGPT plan.", "ChatGPT Plus", Decimal(20))
    if agent == "claude-code":
        return _claude(month_worth)
    return Proposal("payg", "Nothing here says who pays; most often it is by use.")


def _by_plan_type(plan_type: str) -> Proposal:
    name = _CHATGPT.get(plan_type)
    if name is not None:
        known = plan_named(name)
        return Proposal("plan", f"Its logs name the plan: {name}.", name, known.fee if known else None)
    if plan_type in _PAID_BY_OTHERS:
        return Proposal("nobody", f"Its logs name a plan that an organisation pays: {plan_type.replace('_', ' ')}.")
    if plan_type == "free":
        return Proposal("nobody", "Its logs name the free plan: nobody pays.")
    if not re.fullmatch(r"[a-z][a-z0-9]{0,19}", plan_type):  # what a log says is shown only where it is a plain word
        return Proposal("plan", "Its logs name a plan that is not known here.")
    return Proposal("plan", f"Its logs name a plan: {plan_type}.", f"ChatGPT {plan_type.capitalize()}")


def _claude(month_worth: Decimal) -> Proposal:
    name = "Claude Pro"
    if month_worth >= _MAX_20X_FROM:
        name = "Claude Max 20x"
    elif month_worth >= _MAX_5X_FROM:
        name = "Claude Max 5x"
    known = plan_named(name)
    reason = "No API key is set here, so it is most likely signed in with a Claude plan; which one is a guess by use."
    return Proposal("plan", reason, name, known.fee if known else None)
