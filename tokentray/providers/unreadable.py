"""Providers that people ask for and whose books are not read: why, and what shows their use instead. Words only.

Two kinds: where no key can read usage at all, and where a key could and this program does not read it yet. Which it
is, is said.
"""

import re

from tokentray.providers.base import KeyShape, Unreadable

_CHARGE = "Type its invoices in: `tokentray charges add`"
_LOGS = "What coding agents do with it is read from their logs on this machine"
_EITHER = f"{_LOGS}; for the rest, type its invoices in: `tokentray charges add`"
_NOT_YET = "TokenTray does not read it yet"


def _shape(pattern: str, kind: str, text: str, *, likely: bool = True) -> KeyShape:
    return KeyShape(re.compile(pattern), kind, text, "", usable=False, likely=likely)


_GROQ = "A Groq key can read no usage: it is told only in the console, and as metrics to Enterprise customers"
_GEMINI = "A Gemini API key can read no usage or cost: Google tells them only to sign-ins to its cloud"
_BEDROCK = (
    "A Bedrock API key can read no usage: AWS tells cost only to AWS credentials, and charges for each question. "
    f"{_NOT_YET}"
)
_COHERE = "A Cohere key can read no usage: it is told only with each answer, and in the dashboard"
_PERPLEXITY = "A Perplexity key can read no usage or balance: they are told only in the web console"
_REPLICATE = "A Replicate token can read no totals: only single predictions tell how long they ran"
_XAI = f"xAI tells cost to a management key with the ID of a team, and nothing to an ordinary key. {_NOT_YET}"
_TOGETHER = f"Together tells an organization's cost to an ordinary key. {_NOT_YET}"
_FIREWORKS = f"Fireworks tells your own cost to an ordinary key. {_NOT_YET}"
_CURSOR = (
    f"Cursor tells usage only to administrators of a team, with the team's admin key. {_NOT_YET}. A personal plan has "
    "no usage API"
)
_MOONSHOT = f"Moonshot tells a key of its open platform the balance alone. {_NOT_YET}"
_KIMI_CODE = "A key of a Kimi Code subscription reads no cost: the plan is a flat fee"
_MINIMAX = "A MiniMax key can read no cost: only a plan's quota is told, in counts that are not documented"
_HUGGING_FACE = (
    f"Hugging Face tells the cost of inference through addresses that it does not document. {_NOT_YET}, and a token "
    "of yours may reach much more than that"
)
_ELEVEN = f"ElevenLabs tells a key its use in credits. {_NOT_YET}"
_VERCEL = f"Vercel's AI Gateway tells a key the team's balance, and a report by day at a price. {_NOT_YET}"

UNREADABLE_PROVIDERS: tuple[Unreadable, ...] = (
    Unreadable(
        "gemini",
        "Google Gemini",
        _GEMINI,
        _EITHER,
        (
            _shape(r"AIza[A-Za-z0-9_-]{35}", "Gemini API key", _GEMINI),
            _shape(r"AQ\.[A-Za-z0-9_-]{20,}", "Gemini API key", _GEMINI),
        ),
    ),
    Unreadable(
        "azure-openai",
        "Azure OpenAI",
        "A key of an Azure resource can read no usage or cost: Azure tells them only to a sign-in with Entra. "
        f"{_NOT_YET}",
        _EITHER,
    ),
    Unreadable(
        "aws-bedrock",
        "AWS Bedrock",
        _BEDROCK,
        _EITHER,
        (
            _shape(r"ABSK[A-Za-z0-9+/=]{20,}", "Bedrock API key", _BEDROCK),
            _shape(r"(AKIA|ASIA)[A-Z0-9]{16}", "AWS access key", _BEDROCK),
        ),
    ),
    Unreadable(
        "cursor",
        "Cursor",
        _CURSOR,
        "Add a personal plan's fee with `tokentray plans add`, and what goes beyond it with `tokentray charges add`",
        (
            _shape(r"crsr_[A-Za-z0-9]{20,}", "Key", _CURSOR),
            _shape(r"key_[0-9a-f]{64}", "Key", _CURSOR, likely=False),
        ),
    ),
    Unreadable("xai", "xAI", _XAI, _EITHER, (_shape(r"xai-[A-Za-z0-9_-]{20,}", "Key", _XAI),)),
    Unreadable(
        "mistral",
        "Mistral",
        f"A Mistral key can read no usage; an Admin key of an organization is told it by month. {_NOT_YET}",
        _EITHER,
    ),
    Unreadable("groq", "Groq", _GROQ, _EITHER, (_shape(r"gsk_[A-Za-z0-9]{20,}", "API key", _GROQ),)),
    Unreadable(
        "together", "Together AI", _TOGETHER, _EITHER, (_shape(r"tgp_v1_[A-Za-z0-9_-]{20,}", "API key", _TOGETHER),)
    ),
    Unreadable(
        "fireworks", "Fireworks AI", _FIREWORKS, _EITHER, (_shape(r"fw_[A-Za-z0-9]{20,}", "API key", _FIREWORKS),)
    ),
    Unreadable(
        "vercel-ai-gateway",
        "Vercel AI Gateway",
        _VERCEL,
        _EITHER,
        (_shape(r"vck_[A-Za-z0-9]{20,}", "API key", _VERCEL),),
    ),
    Unreadable(
        "moonshot",
        "Moonshot AI (Kimi)",
        _MOONSHOT,
        _EITHER,
        (_shape(r"sk-kimi-[A-Za-z0-9_-]{20,}", "Kimi Code key", _KIMI_CODE),),
    ),
    Unreadable(
        "zai",
        "Z.ai (GLM)",
        "A key of Z.ai can read no cost: only how much of a Coding Plan's quota is used, and that is not documented",
        "Add the plan's fee with `tokentray plans add`; type in what is paid as you go: `tokentray charges add`",
        (
            _shape(
                r"[0-9a-f]{32}\.[A-Za-z0-9]{16}",
                "API key",
                "It can read no cost: only how much of a Coding Plan's quota is used, and that is not documented",
            ),
        ),
    ),
    Unreadable(
        "minimax",
        "MiniMax",
        _MINIMAX,
        "Add the plan's fee with `tokentray plans add`; type in what is paid as you go: `tokentray charges add`",
        (
            _shape(r"sk-cp-[A-Za-z0-9_-]{20,}", "Plan key", _MINIMAX),
            _shape(r"sk-api-[A-Za-z0-9_-]{20,}", "API key", _MINIMAX),
        ),
    ),
    Unreadable(
        "perplexity",
        "Perplexity",
        _PERPLEXITY,
        _CHARGE,
        (_shape(r"pplx-[A-Za-z0-9]{20,}", "API key", _PERPLEXITY),),
    ),
    Unreadable(
        "cohere",
        "Cohere",
        _COHERE,
        _CHARGE,
    ),
    Unreadable(
        "replicate", "Replicate", _REPLICATE, _CHARGE, (_shape(r"r8_[A-Za-z0-9]{20,}", "API token", _REPLICATE),)
    ),
    Unreadable(
        "huggingface",
        "Hugging Face",
        _HUGGING_FACE,
        _CHARGE,
        (_shape(r"hf_[A-Za-z0-9]{20,}", "Token", _HUGGING_FACE),),
    ),
    Unreadable(
        "elevenlabs", "ElevenLabs", _ELEVEN, _CHARGE, (_shape(r"sk_[0-9a-f]{48}", "API key", _ELEVEN, likely=False),)
    ),
    Unreadable(
        "siliconflow",
        "SiliconFlow",
        f"SiliconFlow tells a key the balance alone. {_NOT_YET}",
        _EITHER,
        (_shape(r"sk-[a-z]{48}", "API key", f"SiliconFlow tells it the balance alone. {_NOT_YET}", likely=False),),
    ),
)
