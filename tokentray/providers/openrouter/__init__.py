"""OpenRouter: what one key spent by the day, or with a management key everything by the hour and model."""

from tokentray.providers.base import Provider
from tokentray.providers.openrouter.books import read
from tokentray.providers.openrouter.facts import INFO
from tokentray.providers.openrouter.people import identify

OPENROUTER = Provider(INFO, identify, read)
"""The provider, as the registry lists it."""
