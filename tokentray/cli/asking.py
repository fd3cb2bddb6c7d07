"""Which usage is meant: the options that `usage` and `history` share, with words for what is wrong with them."""

import argparse
from datetime import date
from typing import NamedTuple

from tokentray.cli.values import day_of
from tokentray.errors import UsageError
from tokentray.store.usage import KEYS


class Asked(NamedTuple):
    """by: keys, each once. first, last: both included, None for all before or after. where: key and value."""

    by: tuple[str, ...]
    first: date | None
    last: date | None
    where: tuple[tuple[str, str], ...]


def asked(options: argparse.Namespace) -> Asked:
    """What --by, --from, --to and --where say. Raises UsageError."""
    by = tuple(dict.fromkeys(key.strip() for key in (options.by or "").split(",") if key.strip()))
    where = tuple(_condition(text) for text in options.where)
    for key in (*by, *(key for key, _ in where)):
        if key not in KEYS:
            raise UsageError(f"there is no key {key!r}", f"the keys are {', '.join(KEYS)}")
    first = day_of(options.from_day, "--from") if options.from_day else None
    last = day_of(options.to_day, "--to") if options.to_day else None
    if first and last and first > last:
        raise UsageError("--from lies after --to", f"{first} and {last}")
    return Asked(by, first, last, where)


def _condition(text: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not separator:
        raise UsageError("--where takes KEY=VALUE", f"not {text!r}")
    try:
        value.encode()
    except UnicodeEncodeError as exc:
        raise UsageError("--where takes text in UTF-8", f"not {text!r}") from exc
    return key, value
