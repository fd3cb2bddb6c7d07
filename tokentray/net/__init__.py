"""The one HTTP client: limits, proxies, certificates, and the origin check that guards every secret."""
