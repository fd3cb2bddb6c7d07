"""Text from anywhere as text of an HTML file: nothing of it is markup, and what cannot be printed is written out."""

import re
from html import escape

from tokentray.charts.text import elided, shown

_TOGETHER = re.compile("≈ [^ ]*[0-9]|[0-9]+ %")
LONGEST = 80
"""Characters of a name that a table shows; the whole of a longer one stands in its title."""


def words(text: str) -> str:
    """Text, or the value of an attribute between double quotes."""
    return escape(shown(text))


def sentence(text: str) -> str:
    """Text in lines, in which no estimate and no share is parted from its sign."""
    return _TOGETHER.sub('<span class="whole">\\g<0></span>', words(text))


def short(name: str) -> str:
    """A name as a table shows it, not yet escaped."""
    return elided(shown(name), LONGEST, 1, lambda text, _: len(text))
