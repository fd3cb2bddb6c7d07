"""Anthropic: the books of a Console organisation, or of Claude Enterprise, narrowed to one person.

The analytics API tells tokens and money by the hour, key and model. Where it is refused, the older reports are read:
tokens by the hour, and the bill by the UTC day for the whole organisation alone.
"""

import re

from tokentray.model import Basis
from tokentray.providers.anthropic.books import read
from tokentray.providers.anthropic.identity import identify
from tokentray.providers.anthropic.wording import ADMIN_KEYS, ENTERPRISE_KEYS
from tokentray.providers.base import Auth, FeedInfo, KeyShape, Provider, ProviderInfo

_SHAPES = (
    KeyShape(
        re.compile(r"sk-ant-admin\d\d-[A-Za-z0-9_-]{8,}"),
        "Admin key",
        "It reads tokens and bills of the whole organisation; TokenTray keeps your part alone. It can also manage the"
        " organisation, so it belongs in the keyring and nowhere else.",
        ADMIN_KEYS,
    ),
    KeyShape(
        re.compile(r"sk-ant-api01-[A-Za-z0-9_-]{8,}"),
        "Claude Enterprise key",
        "With the scope read:analytics it reads tokens and costs, and can change nothing.",
        ENTERPRISE_KEYS,
    ),
    KeyShape(
        re.compile(r"sk-ant-api\d\d-[A-Za-z0-9_-]{8,}"),
        "API key",
        "The usual key of a workspace cannot read usage. One with the scope read:analytics can, and so can an admin's"
        " own key that is bound to no workspace: Anthropic is asked which it is.",
        ADMIN_KEYS,
    ),
    KeyShape(
        re.compile(r"sk-ant-o[ar]t\d\d-[A-Za-z0-9_-]{8,}"),
        "OAuth token",
        "It belongs to the program that signed in, such as Claude Code, runs out within hours, and is not for others"
        " to use. What a Pro or Max subscription uses is read from the agent's logs instead.",
        ADMIN_KEYS,
        usable=False,
    ),
    KeyShape(
        re.compile(r"sk-ant-sid\d\d-[A-Za-z0-9_-]{8,}"),
        "session of a browser",
        "It is the cookie of a signed-in browser, which stands for you in everything: keep it there.",
        ADMIN_KEYS,
        usable=False,
    ),
)

INFO = ProviderInfo(
    id="anthropic",
    name="Anthropic",
    base_url="https://api.anthropic.com",
    why="Your tokens and bills of the Claude API",
    credential="An Admin key of the Console organisation, which its admins can make; for Claude Enterprise a key with"
    " the scope read:analytics.",
    key_page=ADMIN_KEYS,
    shapes=_SHAPES,
    feeds=(
        FeedInfo(Basis.METERED, interval_s=300, corrects_days=30, depth_days=365, chunk_days=31),
        FeedInfo(Basis.BILLED, interval_s=1800, corrects_days=30, depth_days=365, chunk_days=31),
    ),
    own_keys=("email", "user_id", "api_key_id", "workspace_id"),
    auth=Auth("x-api-key", ""),
    headers={"anthropic-version": "2023-06-01"},
)

ANTHROPIC = Provider(INFO, identify, read)
