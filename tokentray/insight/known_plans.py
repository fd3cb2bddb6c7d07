"""Plans that many people have, with their fee a month, offered in forms and proposals; every value can be changed.

Fees are the providers' published US prices a month, before tax, as of November 2026.
"""

from decimal import Decimal

from tokentray.setup import KnownPlan

KNOWN_PLANS: tuple[KnownPlan, ...] = (
    KnownPlan("Claude Pro", "anthropic", ("claude-code",), Decimal(20), "USD"),
    KnownPlan("Claude Max 5x", "anthropic", ("claude-code",), Decimal(100), "USD"),
    KnownPlan("Claude Max 20x", "anthropic", ("claude-code",), Decimal(200), "USD"),
    KnownPlan("ChatGPT Plus", "openai", ("codex",), Decimal(20), "USD"),
    KnownPlan("ChatGPT Pro", "openai", ("codex",), Decimal(200), "USD"),
    KnownPlan("GitHub Copilot Pro", "github-copilot", ("copilot-cli",), Decimal(10), "USD"),
    KnownPlan("GitHub Copilot Pro+", "github-copilot", ("copilot-cli",), Decimal(39), "USD"),
    KnownPlan("Google AI Pro", "google", ("gemini-cli",), Decimal("19.99"), "USD"),
    KnownPlan("Google AI Ultra", "google", ("gemini-cli",), Decimal("249.99"), "USD"),
)


def plan_named(name: str) -> KnownPlan | None:
    """The plan of that name."""
    return next((plan for plan in KNOWN_PLANS if plan.name == name), None)
