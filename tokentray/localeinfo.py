"""How the person's locale writes numbers, asked of the system once."""

import locale
import os
from collections.abc import Mapping
from functools import cache

from tokentray.money import NumberStyle


@cache
def number_style() -> NumberStyle:
    """The system's style; "1,234.56" with the symbol first where it has none (the C locale)."""
    try:
        locale.setlocale(locale.LC_ALL, "")
        convention = locale.localeconv()
    except (locale.Error, ValueError):
        return NumberStyle()
    point = str(convention["mon_decimal_point"]) or str(convention["decimal_point"])
    separator = str(convention["mon_thousands_sep"])
    if not convention["mon_decimal_point"]:
        return NumberStyle()
    return NumberStyle(point, separator, convention["p_cs_precedes"] != 0)


_LETTER = frozenset({"US", "CA", "MX", "PH", "CL", "CO", "CR", "GT", "NI", "PA", "PR", "SV", "VE"})
"""Countries that print on Letter, after the Unicode CLDR; all others on A4."""
_NAMED = ("United States", "Canada", "Mexico", "Philippines", "Chile", "Colombia")
"""How Windows names the greatest of them."""


def paper_is_letter(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the person's country prints on Letter; not so where the system does not say which country it is."""
    said = next((environ[name] for name in ("LC_ALL", "LC_PAPER", "LANG") if environ.get(name)), "")
    if not said:
        said = locale.getlocale()[0] or ""
    country = said.partition("_")[2].partition(".")[0].partition("@")[0]
    return country in _LETTER or country in _NAMED
