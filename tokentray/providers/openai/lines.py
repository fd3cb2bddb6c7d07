"""Takes OpenAI's results apart: one result of usage or of costs to what the ledger says. Pure."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from tokentray.model import Tier
from tokentray.money import Nanos
from tokentray.providers.answers import an_object, changed, count, currency, flag, money, optional_text

_TIERS = {
    "": Tier.STANDARD,
    "default": Tier.STANDARD,
    "standard": Tier.STANDARD,
    "auto": Tier.STANDARD,
    "scale": Tier.STANDARD,  # capacity bought ahead; what its tokens would have cost is the standard price
    "fast": Tier.FAST,
    "flex": Tier.FLEX,
    "priority": Tier.PRIORITY,
    "batch": Tier.BATCH,
}
_MODEL = re.compile(r"(?=.*[-\d])[a-z0-9][a-z0-9._:/@-]*", re.IGNORECASE)
_OF_TOKENS = ("input", "output", "cache", "token")


class Tokens(NamedTuple):
    """What one result of the usage API counts, without its time. assumed: its tier is not known."""

    model: str
    tier: Tier
    key_name: str
    requests: int = 0
    uncached: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    searches: int = 0
    assumed: bool = False


class Money(NamedTuple):
    """What one result of the costs API charges, without its day."""

    model: str
    item: str
    currency: str
    amount: Nanos
    key_name: str


def completions(result: Mapping[str, object]) -> Tokens:
    """Chat, responses and completions. The input that is told includes what was read from and written to the cache."""
    total = count(result.get("input_tokens"), "results[].input_tokens")
    cached = count(result.get("input_cached_tokens"), "results[].input_cached_tokens")
    written = count(result.get("input_cache_write_tokens"), "results[].input_cache_write_tokens")
    if total < cached + written:
        changed("results[].input_tokens", "is less than its own cached part")
    named = optional_text(result.get("service_tier"), "results[].service_tier").lower()
    batch = flag(result.get("batch"), "results[].batch")
    return Tokens(
        _model(result),
        Tier.BATCH if batch else _TIERS.get(named, Tier.STANDARD),
        _key_name(result),
        requests=count(result.get("num_model_requests"), "results[].num_model_requests"),
        uncached=total - cached - written,
        output=count(result.get("output_tokens"), "results[].output_tokens"),
        cache_read=cached,
        cache_write=written,
        assumed=not batch and named not in _TIERS,
    )


def embeddings(result: Mapping[str, object]) -> Tokens:
    """Embeddings: input alone, and no tier."""
    return Tokens(
        _model(result),
        Tier.STANDARD,
        _key_name(result),
        requests=count(result.get("num_model_requests"), "results[].num_model_requests"),
        uncached=count(result.get("input_tokens"), "results[].input_tokens"),
    )


def searches(result: Mapping[str, object]) -> Tokens:
    """Web searches. The requests they were made in, and their tokens, are among the completions."""
    return Tokens(
        _model(result),
        Tier.STANDARD,
        _key_name(result),
        searches=count(result.get("num_requests"), "results[].num_requests"),
    )


def costs(result: Mapping[str, object]) -> Money | None:
    """Money of one line of the bill; None for what is no spend.

    Spend is before credits and gifts, so an amount below nothing that is no model's is left out; one that is a
    model's takes back what was charged for it, and counts.
    """
    amount = an_object(result.get("amount"), "results[].amount")
    nanos = money(amount.get("value"), "results[].amount.value")
    model, item = line_item(optional_text(result.get("line_item"), "results[].line_item"))
    code = currency(amount.get("currency"), "results[].amount.currency")
    if nanos == 0 or (nanos < 0 and not model):
        return None
    return Money(model, item, code, nanos, _key_name(result))


def line_item(text: str) -> tuple[str, str]:
    """A line of the bill to its model, "" for none, and what else it is for, "" for a model's tokens.

    "gpt-5.2, cached input", "priority | gpt-5.6-sol, output, long context" and "gpt-audio-mini audio, input" are
    tokens; "whisper-1, audio" is a model's, but no tokens; "web search tool calls" is no model's.
    """
    *before, main = (part.strip() for part in text.split(" | "))
    head, *kinds = (part.strip() for part in main.split(","))
    name, *modality = head.split(" ")
    if not _MODEL.fullmatch(name) or (modality and not kinds):
        return "", text
    if any(word in kind.lower() for kind in kinds for word in _OF_TOKENS):
        return name, ""
    return name, ", ".join([*before, *modality, *kinds])


def _model(result: Mapping[str, object]) -> str:
    return optional_text(result.get("model"), "results[].model")


def _key_name(result: Mapping[str, object]) -> str:
    return optional_text(result.get("api_key_id"), "results[].api_key_id")
