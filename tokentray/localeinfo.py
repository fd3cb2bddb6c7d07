"""How the person's locale writes numbers, asked of the system once."""

import locale
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
