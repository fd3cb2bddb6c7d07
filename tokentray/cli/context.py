"""What every command is handed: where things lie, the time, the zone, and how to write to the terminal."""

import sys
from decimal import Decimal
from typing import NamedTuple

from tokentray import paths
from tokentray.clock import Clock, SystemClock, UtcZone, Zone
from tokentray.money import NumberStyle, plain
from tokentray.settings import Loaded, Settings, load


class Context(NamedTuple):
    """Made once from the options of the whole program."""

    paths: paths.Paths
    clock: Clock
    zone: Zone
    debug: bool
    loaded: Loaded = Loaded()

    @property
    def settings(self) -> Settings:
        """What the person chose; defaults where they chose nothing, or where the file cannot be read."""
        return self.loaded.settings

    @property
    def style(self) -> NumberStyle:
        """How the person's locale writes numbers."""
        from tokentray.localeinfo import number_style

        return number_style()


def context(home: str | None, utc: bool, debug: bool) -> Context:
    """The context of this run: the settings are read once, and the days are those of their zone unless in UTC."""
    places = paths.resolve(home)
    loaded = load(places.settings)
    return Context(places, SystemClock(), UtcZone() if utc else loaded.settings.zone, debug, loaded)


def warn_of_settings(context: Context) -> None:
    """A line to standard error for everything of the settings file that is not used."""
    for notice in context.loaded.notices:
        warn(notice.text)


def print_json(value: object) -> None:
    """JSON alone on standard output, decimals as unrounded text. ASCII, so no log text can move a cursor."""
    import json  # 7 ms that a refresh or a status line need not wait for

    print(json.dumps(value, indent=1, default=_plain))


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    raise TypeError(f"not for JSON: {type(value).__name__}")


_NO_BREAK = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"


def visible(text: str) -> str:
    """Text from logs with control and direction characters shown as escapes; amounts keep their no-break spaces."""
    return "".join(
        char if char.isprintable() or char in _NO_BREAK else char.encode("unicode_escape").decode() for char in text
    )


def counted(count: int, noun: str) -> str:
    """A count with its noun: "1 file", "1,190 files"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def warn(text: str) -> None:
    """One line to standard error."""
    print(f"tokentray: {visible(text)}", file=sys.stderr)


def table(header: list[str], rows: list[list[str]], left: int) -> str:
    """Columns in plain text: the first `left` of them to the left, figures to the right."""
    widths = [max(len(line[column]) for line in [header, *rows]) for column in range(len(header))]

    def line(cells: list[str]) -> str:
        return "  ".join(
            cell.ljust(width) if column < left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ).rstrip()

    return "\n".join(line(cells) for cells in [header, *rows])
