"""Providers that people ask for and whose books are not read: why, and what shows their use instead. Words only.

Two kinds: where no key can read usage at all, and where a key could and this program does not read it yet. Which it
is, is said.
"""

import re
from typing import NamedTuple

from tokentray.providers.base import KeyShape, Unreadable

_NOT_YET = "TokenTray does not read it yet"
_CHARGE = "Type its invoices in: `tokentray charges add`"
_LOGS = (
    "What coding agents do with it is read from their logs on this machine; for the rest, type its invoices in: "
    "`tokentray charges add`"
)
_PLAN = "Add a plan's fee with `tokentray plans add`, and what is paid beyond it with `tokentray charges add`"


class _Looks(NamedTuple):
    """A kind of key. text: where it is another than for the provider at large."""

    pattern: str
    kind: str = "API key"
    likely: bool = True
    text: str = ""


def _unreadable(provider_id: str, name: str, text: str, instead: str, *looks: _Looks) -> Unreadable:
    shapes = tuple(
        KeyShape(
            re.compile(one.pattern), one.kind, f"{one.text or text}. {instead}", "", usable=False, likely=one.likely
        )
        for one in looks
    )
    return Unreadable(provider_id, name, text, instead, shapes)


UNREADABLE_PROVIDERS: tuple[Unreadable, ...] = (
    _unreadable(
        "gemini",
        "Google Gemini",
        "A Gemini API key can read no usage or cost: Google tells them only to a sign-in to its cloud",
        _LOGS,
        _Looks(r"AIza[A-Za-z0-9_-]{35}"),
        _Looks(r"AQ\.[A-Za-z0-9_-]{20,}"),
    ),
    _unreadable(
        "azure-openai",
        "Azure OpenAI",
        "A key of an Azure resource can read no usage or cost: Azure tells them only to a sign-in with Entra. "
        + _NOT_YET,
        _LOGS,
    ),
    _unreadable(
        "aws-bedrock",
        "AWS Bedrock",
        "A Bedrock API key can read no usage: AWS tells cost to AWS credentials alone, and charges for each question. "
        + _NOT_YET,
        _LOGS,
        _Looks(r"ABSK[A-Za-z0-9+/=]{20,}", "Bedrock API key"),
        _Looks(r"(AKIA|ASIA)[A-Z0-9]{16}", "AWS access key"),
    ),
    _unreadable(
        "cursor",
        "Cursor",
        f"Cursor tells usage only to a team's admin key. {_NOT_YET}. A personal plan has no usage API",
        _PLAN,
        _Looks(r"crsr_[A-Za-z0-9]{20,}"),
        _Looks(r"key_[0-9a-f]{64}", likely=False),
    ),
    _unreadable(
        "xai",
        "xAI",
        f"xAI tells cost only to a management key with the ID of a team, and nothing to an ordinary key. {_NOT_YET}",
        _LOGS,
        _Looks(r"xai-token-[A-Za-z0-9_-]{20,}", "Management key"),
        _Looks(r"xai-[A-Za-z0-9_-]{20,}"),
    ),
    _unreadable(
        "mistral",
        "Mistral",
        f"A Mistral key can read no usage; an organisation's Admin key is told it by month. {_NOT_YET}",
        _LOGS,
    ),
    _unreadable(
        "groq",
        "Groq",
        "A Groq key can read no usage: it is told only in the console, and as metrics to Enterprise customers",
        _LOGS,
        _Looks(r"gsk_[A-Za-z0-9]{20,}"),
    ),
    _unreadable(
        "together",
        "Together AI",
        f"Together tells an organisation's cost to an ordinary key. {_NOT_YET}",
        _LOGS,
        _Looks(r"tgp_v1_[A-Za-z0-9_-]{20,}"),
    ),
    _unreadable(
        "fireworks",
        "Fireworks AI",
        f"Fireworks tells a person's own cost to an ordinary key. {_NOT_YET}",
        _LOGS,
        _Looks(r"fw_[A-Za-z0-9]{20,}"),
    ),
    _unreadable(
        "vercel-ai-gateway",
        "Vercel AI Gateway",
        f"Vercel's gateway tells a key the team's balance, and a report by day at a price. {_NOT_YET}",
        _LOGS,
        _Looks(r"vck_[A-Za-z0-9]{20,}"),
    ),
    _unreadable(
        "moonshot",
        "Moonshot AI (Kimi)",
        f"Moonshot tells a key of its open platform the balance alone. {_NOT_YET}",
        _PLAN,
        _Looks(
            r"sk-kimi-[A-Za-z0-9_-]{20,}",
            "Kimi Code key",
            text="A key of a Kimi Code subscription can read no cost: the plan is a flat fee",
        ),
    ),
    _unreadable(
        "zai",
        "Z.ai (GLM)",
        "A Z.ai key can read no cost: only how much of a Coding Plan's quota is used, and that is not documented",
        _PLAN,
        _Looks(r"[0-9a-f]{32}\.[A-Za-z0-9]{16}"),
    ),
    _unreadable(
        "minimax",
        "MiniMax",
        "A MiniMax key can read no cost: only a plan's quota is told, and that is not documented",
        _PLAN,
        _Looks(r"sk-cp-[A-Za-z0-9_-]{20,}", "Plan key"),
        _Looks(r"sk-api-[A-Za-z0-9_-]{20,}"),
    ),
    _unreadable(
        "siliconflow",
        "SiliconFlow",
        f"SiliconFlow tells a key the balance alone. {_NOT_YET}",
        _LOGS,
        _Looks(r"sk-[a-z]{48}", likely=False),
    ),
    _unreadable(
        "perplexity",
        "Perplexity",
        "A Perplexity key can read no usage or balance: they are told only in the web console",
        _CHARGE,
        _Looks(r"pplx-[A-Za-z0-9]{20,}"),
    ),
    _unreadable(
        "cohere",
        "Cohere",
        "A Cohere key can read no usage: it is told only with each answer, and in the dashboard",
        _CHARGE,
    ),
    _unreadable(
        "replicate",
        "Replicate",
        "A Replicate token can read no totals: only single predictions tell how long they ran",
        _CHARGE,
        _Looks(r"r8_[A-Za-z0-9]{20,}", "API token"),
    ),
    _unreadable(
        "huggingface",
        "Hugging Face",
        f"Hugging Face tells the cost of inference only where it documents nothing of it. {_NOT_YET}",
        _CHARGE,
        _Looks(r"hf_[A-Za-z0-9]{20,}", "Access token"),
    ),
    _unreadable(
        "elevenlabs",
        "ElevenLabs",
        f"ElevenLabs tells a key its use in credits. {_NOT_YET}",
        _CHARGE,
        _Looks(r"sk_[0-9a-f]{48}", likely=False),
    ),
)
