"""OpenAI: tokens by the hour and money by the UTC day, of the organisation that an Admin key belongs to."""

from tokentray.providers.base import Provider
from tokentray.providers.openai.books import read
from tokentray.providers.openai.facts import INFO
from tokentray.providers.openai.people import identify

OPENAI = Provider(INFO, identify, read)
