"""Reads a date as people type it. What can be read in no way, or in more than one, is no date.

With its month as a word a date is read in any order, in English and in the words of the locale. In figures the year
comes first or last: "2026-10-05", "5.10.2026"; a date with slashes or dashes that begins with the day or the month goes
by the order of the locale, one with dots always begins with the day.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from PySide6.QtCore import QLocale

_PARTS = re.compile(r"\d+|[^\W\d_]+")
_BETWEEN = re.compile(r"[\s.,/\-\N{HYPHEN}\N{EN DASH}\N{RIGHT-TO-LEFT MARK}\N{LEFT-TO-RIGHT MARK}]*")
_UNSAID = frozenset(("de", "of", "st", "nd", "rd", "th"))
"""Words that add nothing: the 5th of October, 5 de octubre."""
_SHORTEST = 3
"""Letters by which a month can be told from the others."""
_CENTURY = 2000
_LONGEST = 60


def read_day(text: str, locale: QLocale) -> date | None:
    """The date that a text says, None where it says none."""
    text = unicodedata.normalize("NFC", text).strip().casefold()
    if len(text) > _LONGEST or _BETWEEN.fullmatch(_PARTS.sub("", text)) is None:
        return None
    parts = [part for part in _PARTS.findall(text) if part not in _UNSAID]
    if len(parts) != 3:
        return None
    words = [part for part in parts if not part.isdecimal()]
    if len(words) > 1:
        return None
    if words:
        figures = [part for part in parts if part.isdecimal()]
        month = _month(words[0], _months(locale.name()))
        year, day = figures if _is_year(figures[0]) else reversed(figures)
    elif _is_year(parts[0]):
        year, month, day = parts[0], _number(parts[1]), parts[2]
    elif _month_leads(locale.name()) and "." not in text:
        month, day, year = _number(parts[0]), parts[1], parts[2]
    else:
        day, month, year = parts[0], _number(parts[1]), parts[2]
    if len(year) not in (2, 4):
        return None
    try:
        return date(int(year) + (_CENTURY if len(year) == 2 else 0), month, _number(day))
    except ValueError:
        return None


def _is_year(figures: str) -> bool:
    return len(figures) == 4


def _number(figures: str) -> int:
    """Of a day or a month; 0, which is none, where it is too long for one."""
    return int(figures) if figures.isdecimal() and len(figures) <= 2 else 0


def _month(word: str, months: Mapping[str, int]) -> int:
    """The month that a word or the beginning of one means, 0 where that is none or several."""
    meant = {months[word]} if word in months else set()
    if not meant and len(word) >= _SHORTEST:
        meant = {month for name, month in months.items() if name.startswith(word)}
    return meant.pop() if len(meant) == 1 else 0


@lru_cache(maxsize=4)
def _months(locale_name: str) -> Mapping[str, int]:
    """Names of months, long and short: those of the locale, before those in English."""
    result: dict[str, int] = {}
    for locale in (QLocale(locale_name), QLocale.c()):
        for form in (QLocale.FormatType.LongFormat, QLocale.FormatType.ShortFormat):
            for month in range(1, 13):
                for name in (locale.monthName(month, form), locale.standaloneMonthName(month, form)):
                    plain = unicodedata.normalize("NFC", name).casefold().strip(". ")
                    if _PARTS.fullmatch(plain) and not plain.isdecimal():
                        result.setdefault(plain, month)
    return result


@lru_cache(maxsize=4)
def _month_leads(locale_name: str) -> bool:
    """Whether a date in figures begins with the month, as in the United States."""
    order = QLocale(locale_name).dateFormat(QLocale.FormatType.ShortFormat)
    return "M" in order and order.find("M") < order.find("d") and not order.startswith("y")
