"""Reads the settings file. Content never raises: what cannot be used is named in a notice, and something else holds."""

import stat
from collections.abc import Callable, Sequence, Set
from pathlib import Path
from typing import Any, NamedTuple

from tokentray.paths import FileMark, file_mark
from tokentray.settings.declared import DEFAULTS, SETTINGS, Setting, Settings, spoken
from tokentray.settings.kinds import without_password

MOST_BYTES = 1_000_000
_SHOWN = 40

Tables = dict[str, Any]
"""A settings file as tomllib reads it."""


class Upgrade(NamedTuple):
    """A setting that was called otherwise once. convert: the old value as TOML holds it to the new one."""

    old: str
    new: str
    convert: Callable[[object], object] = lambda raw: raw


UPGRADES: tuple[Upgrade, ...] = ()
"""Oldest first; append only. An old key counts until the new one is set."""


class Notice(NamedTuple):
    """Something of the file that is not used.

    key: the setting, or a whole table of them, or "" for the whole file. line: in the file, 0 where it is not known.
    found: what the file says. used: what holds instead. text: all of it, a sentence.
    """

    key: str
    line: int
    found: str
    used: str
    text: str


class Loaded(NamedTuple):
    """What was read. broken: none of the file could be used. unknown: its keys that are no setting of this build.

    mark: of the file, from before it was read.
    """

    settings: Settings = DEFAULTS
    notices: tuple[Notice, ...] = ()
    broken: bool = False
    unknown: tuple[str, ...] = ()
    mark: FileMark = FileMark()

    def notice(self, key: str) -> str:
        """Why the file's value of a setting is not used, "" where it is."""
        meant = (key, key.partition(".")[0])
        return next((notice.text for notice in self.notices if notice.key in meant), "")


def load(path: Path, *, last: Settings | None = None, upgrades: Sequence[Upgrade] = UPGRADES) -> Loaded:
    """The settings as the file has them; all defaults where there is none. Never raises, never writes.

    last: what holds where the file cannot be read at all, in a running program the settings as they were.
    """
    mark = file_mark(path)
    try:
        text = _text(path)
        tables = parsed(text)
    except FileNotFoundError:
        return Loaded(mark=mark)
    except (OSError, UnreadableError) as exc:
        return _broken(path, exc, last, mark)
    settings, notices = _settings(path, text, tables, upgrades)
    known = {setting.key for setting in SETTINGS} | {upgrade.old for upgrade in upgrades}
    return Loaded(settings, notices, False, _unknown(tables, known), mark)


class UnreadableError(Exception):
    """The file is no settings file. line: where, 0 for all of it. reason: the words that follow "it is"."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


def read(path: Path) -> bytes:
    """The file as it is. Raises OSError, and UnreadableError for what is no file of a believable size."""
    if not stat.S_ISREG(path.stat().st_mode):  # to open a pipe would wait for its other end
        raise UnreadableError("not a file")
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise UnreadableError("larger than settings can be")
    return data


def decoded(data: bytes) -> str:
    """Its text, without the mark that some editors put first. Raises UnreadableError."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise UnreadableError("not UTF-8", data.count(b"\n", 0, exc.start) + 1) from exc


def parsed(text: str) -> Tables:
    """The tables of the file, numbers with a point as they are written. Raises UnreadableError."""
    import tomllib  # 5 ms, needed only where there is a file

    try:
        return tomllib.loads(text, parse_float=_Point)
    except RecursionError as exc:
        raise UnreadableError("nested too deeply") from exc
    except ValueError as exc:  # TOMLDecodeError is one; a number of five thousand digits is another
        raise UnreadableError(*_reason(exc, text)) from exc


class _Point(NamedTuple):
    """A number with a point. No setting is one; kept as text, it compares as it stands in the file, nan too."""

    text: str


def _text(path: Path) -> str:
    return decoded(read(path))


def _reason(exc: ValueError, text: str) -> tuple[str, int]:
    import re

    message = str(exc)
    place = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", message)
    line = 0
    if place:
        message = message[: place.start()]
        line = int(place[1]) if place[1] else text.count("\n") + 1
    return f"not TOML ({message[:1].lower()}{message[1:]})", line


def _broken(path: Path, exc: OSError | UnreadableError, last: Settings | None, mark: FileMark) -> Loaded:
    if isinstance(exc, UnreadableError):
        line, reason = exc.line, exc.reason
    else:
        line, reason = 0, f"not readable ({exc.strerror or exc})"
    used = "the defaults hold" if last is None else "the settings stay as they were"
    text = f"{_place(path, line)} is {reason}; until that is mended, {used}"
    return Loaded(last or DEFAULTS, (Notice("", line, reason, used, text),), True, (), mark)


def _settings(
    path: Path, text: str, tables: Tables, upgrades: Sequence[Upgrade]
) -> tuple[Settings, tuple[Notice, ...]]:
    values, notices = [], []
    for setting in SETTINGS:
        key, raw = _found(tables, setting, upgrades)
        try:
            values.append(setting.default if raw is None else setting.kind.from_toml(raw))
        except ValueError as exc:
            values.append(setting.default)
            line, found, used = line_of(text, key), _shown(raw), spoken(setting, setting.default)
            words = f"{_place(path, line)}: {key} is {found}, not {exc}; {used} is used"
            notices.append(Notice(setting.key, line, found, used, words))
    named = {setting.table for setting in SETTINGS}
    for name, raw in tables.items():
        if name in named and not isinstance(raw, dict):
            line, found = line_of(text, name), _shown(raw)
            words = f"{_place(path, line)}: {name} is {found}, not a table; its defaults are used"
            notices.append(Notice(name, line, found, "its defaults", words))
    return Settings._make(values), tuple(notices)


def _found(tables: Tables, setting: Setting, upgrades: Sequence[Upgrade]) -> tuple[str, object]:
    """What the file holds for a setting, and under which key; None where it holds nothing."""
    raw = held(tables, setting.key)
    if raw is not None:
        return setting.key, raw
    for upgrade in reversed(upgrades):
        old = held(tables, upgrade.old)
        if upgrade.new == setting.key and old is not None:
            return upgrade.old, upgrade.convert(old)
    return setting.key, None


def held(tables: Tables, key: str) -> object:
    """What stands under a key, None where nothing does: TOML knows no null."""
    table, _, name = key.partition(".")
    inside = tables.get(table)
    return inside.get(name) if isinstance(inside, dict) else None


def _unknown(tables: Tables, known: Set[str]) -> tuple[str, ...]:
    """Keys of the file that are not known; a table that holds none of them is named whole."""
    named = {key.partition(".")[0] for key in known}
    keys: list[str] = []
    for name, raw in tables.items():
        if name not in named:
            keys.append(name)
        elif isinstance(raw, dict):
            keys += [key for key in (f"{name}.{inside}" for inside in raw) if key not in known]
    return tuple(keys)


def _place(path: Path, line: int) -> str:
    return f"{path.name} line {line}" if line else path.name


def line_of(text: str, key: str) -> int:
    """The line that most likely sets a key; 0 where none looks like it."""
    import re

    table = ""
    for number, line in enumerate(text.split("\n"), start=1):
        header = re.match(r"\s*\[\[?([^\]]*)\]", line)
        left = re.match(r"([^#=]+)=", line)
        parts = [header[1]] if header else [table, left[1]] if left else []
        if header:
            table = header[1]
        if ".".join(filter(None, (re.sub(r"[\s\"']", "", part) for part in parts))) == key:
            return number
    return 0


def _shown(raw: object) -> str:
    """What a file says, short and in words where it is long."""
    match raw:
        case bool():
            return str(raw).lower()
        case int():
            return str(raw) if abs(raw) < 10**12 else "a very large number"
        case _Point():
            return raw.text[:_SHOWN]
        case str():
            told = without_password(raw)
            return f'"{told}"' if len(told) <= _SHOWN else f'"{told[:_SHOWN]}…"'
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return "a date or time"
