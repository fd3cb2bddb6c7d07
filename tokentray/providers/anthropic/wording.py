"""The sentences and pages that a person is told about Anthropic's keys and reports."""

ADMIN_KEYS = "https://platform.claude.com/settings/admin-keys"
ENTERPRISE_KEYS = "https://claude.ai/admin-settings/organization"

READS_TOKENS = "Your tokens by hour, model and API key, minutes after they were used"
READS_ANALYTICS = (
    READS_TOKENS,
    "What was billed for them by the hour, after discounts and before credits",
)
READS_DAILY_BILL = "What was billed, by the UTC day"

NO_SUBSCRIPTION = "What a Pro or Max subscription uses: it is in no report of the API, but in the agents' logs"
NO_OWN_BILL = (
    "Your own part of the bill: this organisation is told it as a whole only, so your tokens count at list price"
)
NO_PRIORITY = "What Priority Tier costs: it is left out of the daily bill"
NO_NAMES = "Names of people and API keys: those an Admin key tells"
NO_OLDER = "More than the last 365 days, and nothing before 2026"

ADVICE = (
    "An Admin key can also manage the organisation, and Console has no narrower kind: keep it for TokenTray alone, so"
    " that you can revoke it alone"
)

REFUSED_TITLE = "This key cannot read usage"
REFUSED = (
    "Anthropic does not know it, or it is the usual API key of a workspace; an individual account has no key that can"
)
REFUSED_HINT = (
    f"Make an Admin key: {ADMIN_KEYS}. An individual account first sets up an organisation in Console, under Settings,"
    " Organization"
)
