"""What is known of OpenRouter before it is asked, and what each kind of its keys shows."""

import re

from tokentray.model import Basis
from tokentray.providers.base import FeedInfo, KeyShape, ProviderInfo

CURRENCY = "USD"
KEY_PAGE = "https://openrouter.ai/settings/keys"

USER, KEY, WORKSPACE = "user_id", "api_key_id", "workspace_id"
"""What an account can be limited to. A key goes by its hash."""

KEY_READS = ("What this key spent, by UTC day, from the beginning of the month on",)
KEY_CANNOT = (
    "Tokens and models: a management key shows them",
    "Other keys of yours: add each, or a management key",
    "What your own upstream keys were charged: their provider bills it",
)
MANAGEMENT_READS = ("Money and tokens by model and hour, also of the past",)
MANAGEMENT_CANNOT = (
    "Which tokens came from a cache",
    "What your own upstream keys were charged: their provider bills it",
)
ADVICE = (
    "A management key can also make and delete keys. An ordinary key shows its own spend by the day, and can do neither"
)

INFO = ProviderInfo(
    id="openrouter",
    name="OpenRouter",
    base_url="https://openrouter.ai/api/v1",
    why="What your keys spent, by day and model",
    credential="An ordinary key for its own spend by the day, or a management key for models and tokens too",
    key_page=KEY_PAGE,
    shapes=(
        KeyShape(
            re.compile(r"sk-or-v1-[0-9a-f]{64}"),
            "OpenRouter key",
            "Ordinary: what this key spent, by the day. Management: money and tokens of all keys, by model",
            KEY_PAGE,
        ),
    ),
    feeds=(FeedInfo(Basis.BILLED, 300), FeedInfo(Basis.METERED, 300)),
    own_keys=(USER, "email", KEY, WORKSPACE),
)
