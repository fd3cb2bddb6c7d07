"""What OpenAI is to the rest: its keys, its feeds, and where the right key is made."""

import re

from tokentray.model import Basis
from tokentray.providers.base import FeedInfo, KeyShape, ProviderInfo

KEY_PAGE = "https://platform.openai.com/settings/organization/admin-keys"
SCOPE = "api.usage.read"

_NOT_USABLE = (
    "makes requests, and sees nothing of past usage. An Admin key reads usage and costs, and cannot make requests"
)

INFO = ProviderInfo(
    id="openai",
    name="OpenAI",
    base_url="https://api.openai.com/v1",
    why="What you used and were billed of the OpenAI API",
    credential=f"An Admin key, which an owner of the organisation makes; the scope {SCOPE} is enough",
    key_page=KEY_PAGE,
    shapes=(
        KeyShape(
            re.compile(r"sk-admin-[A-Za-z0-9_-]{20,}"),
            "Admin key",
            "Reads tokens and costs of the whole organisation, of which only your part is asked for and kept; "
            "sees no balance and no prompts, and cannot make requests",
            KEY_PAGE,
        ),
        KeyShape(re.compile(r"sk-proj-[A-Za-z0-9_-]{20,}"), "Project key", f"It {_NOT_USABLE}", KEY_PAGE, usable=False),
        KeyShape(
            re.compile(r"sk-svcacct-[A-Za-z0-9_-]{20,}"),
            "Service-account key",
            f"It {_NOT_USABLE}",
            KEY_PAGE,
            usable=False,
        ),
        KeyShape(
            # Others have keys of 32 to 38 such signs.
            re.compile(r"sk-(?:None-)?[A-Za-z0-9]{40,}"),
            "Older user key",
            f"It {_NOT_USABLE}",
            KEY_PAGE,
            usable=False,
            likely=False,
        ),
    ),
    feeds=(
        # Four pages of a week's hours, and two of thirty days.
        FeedInfo(Basis.METERED, interval_s=300, corrects_days=3, depth_days=None, chunk_days=28),
        FeedInfo(Basis.BILLED, interval_s=1800, corrects_days=3, depth_days=None, chunk_days=60),
    ),
    own_keys=("user_id", "email", "api_key_id", "project_id"),
)
