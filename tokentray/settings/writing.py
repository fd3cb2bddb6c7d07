"""Changes one setting in the file and leaves every other line of it as the person wrote it."""

import os
import re
import time
from collections.abc import Iterator, MutableMapping, Sequence
from pathlib import Path
from typing import Any

from tokentray.errors import SettingsError, StoreError
from tokentray.files import locked, staged, why_not_written
from tokentray.paths import file_mark, make_private
from tokentray.settings.declared import SETTINGS, Setting, find, parse, value_text
from tokentray.settings.kinds import (
    Choice,
    CurrencyCode,
    FilePath,
    FolderPath,
    ProxyAddress,
    Several,
    Switch,
    Value,
    Whole,
    ZoneName,
)
from tokentray.settings.reading import (
    UPGRADES,
    Tables,
    UnreadableError,
    Upgrade,
    decoded,
    held,
    line_of,
    parsed,
    read,
)

_TITLE = "The settings were not changed"
_PATIENCE_S = 5.0
_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"

_HEAD = """\
# What you chose for TokenTray. Every line that begins with # and a name shows a default:
# take the # away and change the value. Changes are taken up while TokenTray runs."""


def save(path: Path, key: str, text: str | None, *, upgrades: Sequence[Upgrade] = UPGRADES) -> None:
    """Set one setting as typed, None for its default; a file is made where there is none. The rest stays as it is.

    Whole or not at all, 0600, and safe against others who save or edit at the same time. Raises RefusedError for
    an unknown key or a value the setting does not take, SettingsError where the file cannot be read or written.
    """
    setting = find(key)
    value = setting.default if text is None else parse(setting, text)
    target = Path(os.path.realpath(path))  # a link to a file that is kept elsewhere stays one
    try:
        if value == setting.default and not target.exists():
            return
        make_private(path.parent)
        with locked(path.with_name(f".{path.name}.lock"), _PATIENCE_S):
            _replace(target, setting, value, upgrades)
    except StoreError as exc:
        raise SettingsError(_TITLE, exc.message, exc.hint) from exc
    except UnreadableError as exc:
        place = f"line {exc.line} of {path}" if exc.line else str(path)
        raise SettingsError(_TITLE, f"{place} is {exc.reason}", "Mend that, or move the file away") from exc
    except OSError as exc:
        raise SettingsError(_TITLE, *why_not_written(exc, target, "Give yourself the right to")) from exc


def template() -> str:
    """A new settings file: every setting with its help, what it takes and its default, all commented out."""
    lines = [_HEAD]
    table = ""
    for setting in SETTINGS:
        if setting.table != table:
            table = setting.table
            lines += ["", f"[{table}]"]
        lines += ["", f"# {setting.help}", f"# Takes {takes(setting)}."]
        if isinstance(setting.kind, Choice):
            lines += [f'#   "{word}": {label}' for word, label in setting.kind.choices]
        lines.append(f"#{_line(setting, setting.default)}")
    return "\n".join(lines) + "\n"


def takes(setting: Setting) -> str:
    """What may stand in the file for a setting, as it is written there."""
    match setting.kind:
        case Choice(choices):
            *most, last = (f'"{word}"' for word, _ in choices)
            return f"{', '.join(most)} or {last}"
        case Switch():
            return "true or false"
        case Whole(least, greatest, unit):
            return f"{least} to {greatest} {unit}"
        case ZoneName():
            return 'a name such as "Europe/Berlin", or "" for the zone of the system'
        case CurrencyCode():
            return 'a code such as "EUR", or "" for the one they came in'
        case ProxyAddress():
            return 'an address such as "http://proxy.example.com:8080", "none", or "" for the proxy of the system'
        case Several():
            return f'{setting.kind.allowed}, such as "{setting.default}"'
        case FolderPath():
            return 'the full path of a folder, or "" for your documents folder'
        case FilePath():
            return 'the full path of a file, or ""'


def _line(setting: Setting, value: Value) -> str:
    """As it stands in its table. All values are printable; of what TOML escapes, that leaves two signs."""
    text = value_text(setting, value)
    if isinstance(value, str):
        text = '"' + text.replace("\\", r"\\").replace('"', r"\"") + '"'
    return f"{setting.name} = {text}"


def _replace(target: Path, setting: Setting, value: Value, upgrades: Sequence[Upgrade]) -> None:
    until = time.monotonic() + _PATIENCE_S
    while True:
        mark = file_mark(target)
        try:
            before = read(target)
        except FileNotFoundError:
            before = template().encode()
        after = _changed(before, setting, value, upgrades)
        if after == before:
            return
        with staged(target, after, 0o600) as part:
            # An editor knows no lock: what it saved since we read must not be lost.
            if file_mark(target) == mark:
                part.replace(target)
                return
        if time.monotonic() > until:
            raise UnreadableError("being changed by another program all the time")


def _changed(data: bytes, setting: Setting, value: Value, upgrades: Sequence[Upgrade]) -> bytes:
    """The file with one setting changed; the very same where it holds that already."""
    text = decoded(data)
    windows = "\r\n" in text and text.count("\n") == text.count("\r\n")
    if windows:
        text = text.replace("\r\n", "\n")
    after = _edited(text, setting, value, upgrades)
    if after == text:
        return data
    start = _BOM if data.startswith(_BOM.encode()) else ""
    return (start + (after.replace("\n", "\r\n") if windows else after)).encode()


def _edited(text: str, setting: Setting, value: Value, upgrades: Sequence[Upgrade]) -> str:
    tables = parsed(text)
    resets = value == setting.default
    inside = tables.get(setting.table, {})
    if not isinstance(inside, dict) and not resets:
        line = line_of(text, setting.table)
        raise UnreadableError(f"setting {setting.table} to a value, not to a table", line)
    gone = [upgrade.old for upgrade in upgrades if upgrade.new == setting.key and held(tables, upgrade.old) is not None]
    if resets and held(tables, setting.key) is not None:
        gone.append(setting.key)
    wanted = dict(tables)
    for key in gone:
        table, _, name = key.partition(".")
        wanted[table] = {other: raw for other, raw in wanted[table].items() if other != name}
    if not resets:
        wanted[setting.table] = {**wanted.get(setting.table, {}), setting.name: value}
    if wanted == tables:
        return text
    for attempt in _attempts(text, setting, None if resets else value, gone):
        if _reads_as(attempt, wanted):
            return attempt
    raise UnreadableError(f"written in a way in which {setting.key} cannot be changed safely")


def _reads_as(text: str, wanted: Tables) -> bool:
    try:
        return _filled(parsed(text)) == _filled(wanted)
    except UnreadableError:
        return False


def _filled(tables: Tables) -> Tables:
    """Without tables that hold nothing: some ways to write a table end with its last key."""
    return {name: raw for name, raw in tables.items() if raw != {}}


def _attempts(text: str, setting: Setting, value: Value | None, gone: Sequence[str]) -> Iterator[str]:
    """Ways to write the change, the one a person would choose first. Some may be wrong: each is read again."""
    if value is None:
        defaulted = _with_tomlkit(text, setting, setting.default, [])
        others = [key for key in gone if key != setting.key]
        for commented in _line_by_line(defaulted, rf"((?:{setting.table}\s*\.\s*)?{setting.name}\s*=)", r"#\1"):
            yield _with_tomlkit(commented, setting, None, others)
    else:
        plain = re.escape(_line(setting, setting.default))
        line = _line(setting, value).replace("\\", r"\\")
        for placed in (
            *_line_by_line(text, rf"#{plain}(\s*(?:#.*)?)$", rf"{line}\1"),
            *_line_by_line(text, rf"(\[{setting.table}\]\s*(?:#.*)?)$", rf"\1\n{line}"),
        ):
            yield _with_tomlkit(placed, setting, None, gone)
    yield _with_tomlkit(text, setting, value, gone)


def _line_by_line(text: str, pattern: str, replacement: str) -> Iterator[str]:
    """The text with one line replaced, for every line that the pattern fits."""
    lines = text.split("\n")
    for index, line in enumerate(lines):
        changed, count = re.subn(rf"^\s*{pattern}", replacement, line, count=1)
        if count:
            yield "\n".join([*lines[:index], changed, *lines[index + 1 :]])


def _with_tomlkit(text: str, setting: Setting, value: Value | None, gone: Sequence[str]) -> str:
    """The text with a value set (None: with none set) and keys taken out; as it was where tomlkit cannot."""
    if value is None and not gone:
        return text
    import tomlkit  # 40 ms that only a change of the file need wait for
    from tomlkit.exceptions import TOMLKitError

    try:
        document: MutableMapping[str, Any] = tomlkit.parse(text)
        for key in gone:
            table, _, name = key.partition(".")
            del document[table][name]
        if value is not None:
            document.setdefault(setting.table, tomlkit.table())[setting.name] = value
        return tomlkit.dumps(document)
    except (TOMLKitError, LookupError, TypeError, ValueError, AttributeError, RecursionError):
        return text  # it does not take all that tomllib takes, and fails in several ways
