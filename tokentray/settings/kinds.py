"""What a setting may hold: each kind reads typed text and TOML alike, and says in words what it takes.

`from_text` and `from_toml` raise ValueError with those words. Every command imports this, so the classes are plain.
"""

from typing import NamedTuple

from tokentray.clock import NamedZone
from tokentray.money import CURRENCIES

Value = str | int | bool

_TRUE, _FALSE = ("true", "on", "yes"), ("false", "off", "no")
_LONGEST_PASSWORD = 500
_UNQUOTED = ", without quotes"


class Choice(NamedTuple):
    """One of a few words. choices: the word and what it means to a person."""

    choices: tuple[tuple[str, str], ...]

    @property
    def allowed(self) -> str:
        """ "ring, amount or mark"."""
        *most, last = (word for word, _ in self.choices)
        return f"{', '.join(most)} or {last}"

    def from_text(self, text: str) -> str:
        word = text.strip().lower()
        if word not in dict(self.choices):
            raise ValueError(self.allowed)
        return word

    def from_toml(self, raw: object) -> str:
        return self.from_text(_string(raw, self.allowed))


class Switch:
    """On or off."""

    allowed = "true or false"

    def from_text(self, text: str) -> bool:
        word = text.strip().lower()
        if word not in _TRUE + _FALSE:
            raise ValueError(self.allowed)
        return word in _TRUE

    def from_toml(self, raw: object) -> bool:
        if not isinstance(raw, bool):
            raise ValueError(self.allowed + (_UNQUOTED if isinstance(raw, str) else ""))
        return raw


class Whole(NamedTuple):
    """A whole number from `least` to `most`, both included. unit: what it counts, in the plural."""

    least: int
    most: int
    unit: str

    @property
    def allowed(self) -> str:
        """ "a whole number of minutes from 1 to 1440"."""
        return f"a whole number of {self.unit} from {self.least} to {self.most}"

    def from_text(self, text: str) -> int:
        digits = text.strip()
        # int() takes digits of every script, 1_000 and numbers of any length.
        if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
            raise ValueError(self.allowed)
        return self.from_toml(int(digits))

    def from_toml(self, raw: object) -> int:
        if not isinstance(raw, int) or isinstance(raw, bool) or not self.least <= raw <= self.most:
            raise ValueError(self.allowed + (_UNQUOTED if isinstance(raw, str) else ""))
        return raw


class ZoneName:
    """A time zone by its name in the tz database, "" for the system's."""

    allowed = "a time zone of the tz database such as Europe/Berlin"
    empty = "the system's"

    def from_text(self, text: str) -> str:
        name = text.strip()
        if name:
            try:
                NamedZone(name)
            except ValueError as exc:
                raise ValueError(self.allowed) from exc
        return name

    def from_toml(self, raw: object) -> str:
        return self.from_text(_string(raw, self.allowed))


class CurrencyCode:
    """A currency by its code of ISO 4217, "" for none."""

    allowed = "the code of a currency such as EUR"
    empty = "none"

    def from_text(self, text: str) -> str:
        code = text.strip().upper()
        if code and code not in CURRENCIES:
            raise ValueError(self.allowed)
        return code

    def from_toml(self, raw: object) -> str:
        return self.from_text(_string(raw, self.allowed))


class ProxyAddress:
    """A proxy as "http://[user@]host:port", "none" for no proxy at all, "" for the system's."""

    allowed = "none, or the address of a proxy such as http://proxy.example.com:8080"
    bare = "an address without its password, which `settings proxy-password` keeps in the keyring"
    empty = "the system's"

    def from_text(self, text: str) -> str:
        import re

        address = text.strip()
        if address.lower() in ("", "none"):
            return address.lower()
        user = r"(?:([^\s:@/\"'\\]{1,100})(:[^@]*)?@)?"
        host = r"(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?)"
        found = re.fullmatch(rf"(https?://)?{user}{host}(?::([0-9]{{1,5}}))?/?", address, re.IGNORECASE)
        if found is None or not address.isprintable() or not (found[1] or found[5]):
            # Whatever it is, a password in it must not be told on.
            raise ValueError(self.bare if without_password(address) != address else self.allowed)
        if found[3]:
            raise ValueError(self.bare)
        if found[5] and not 0 < int(found[5]) < 65_536:
            raise ValueError(self.allowed)
        name = f"{found[2]}@" if found[2] else ""
        port = f":{int(found[5])}" if found[5] else ""
        return f"{(found[1] or 'http://').lower()}{name}{found[4].lower()}{port}"

    def from_toml(self, raw: object) -> str:
        return self.from_text(_string(raw, self.allowed))


class FilePath:
    """A file by its full path, or from the home folder on as "~/…"; "" for none."""

    allowed = "the full path of a file"
    empty = "none"

    def from_text(self, text: str) -> str:
        from pathlib import PurePosixPath, PureWindowsPath

        path = text.strip()
        full = PurePosixPath(path).is_absolute() or PureWindowsPath(path).is_absolute() or path.startswith("~/")
        if path and not (full and path.isprintable() and len(path) <= 1000):
            raise ValueError(self.allowed)
        return path

    def from_toml(self, raw: object) -> str:
        return self.from_text(_string(raw, self.allowed))


class FolderPath(FilePath):
    """A folder, as a file is named; "" for the person's documents."""

    allowed = "the full path of a folder"
    empty = "your documents folder"


class Several(NamedTuple):
    """At least one of a few words, with commas between them. choices: as of Choice; held in their order, each once."""

    choices: tuple[tuple[str, str], ...]

    @property
    def empty(self) -> str:
        return "none"

    @property
    def allowed(self) -> str:
        """ "one or several of md, pdf, with commas between"."""
        return f"one or several of {', '.join(word for word, _ in self.choices)}, with commas between"

    def from_text(self, text: str) -> str:
        words = {word for word in text.lower().replace(",", " ").split() if word}
        if not words or not words <= set(dict(self.choices)):
            raise ValueError(self.allowed)
        return ",".join(word for word, _ in self.choices if word in words)

    def from_toml(self, raw: object) -> str:
        return self.from_text(_string(raw, self.allowed))


Kind = Choice | Several | Switch | Whole | ZoneName | CurrencyCode | ProxyAddress | FilePath


def is_password(text: str) -> bool:
    """Whether a text can be the password of a proxy."""
    return 0 < len(text) <= _LONGEST_PASSWORD and text.isprintable()


def without_password(text: str) -> str:
    """A text as it may be repeated: of an address the password is left out."""
    import re

    return re.sub(r":(?!//).*@", ":…@", text, flags=re.DOTALL)


def _string(raw: object, allowed: str) -> str:
    if not isinstance(raw, str):
        raise ValueError(f"{allowed}, in quotes")
    return raw


def likely_zone(text: str) -> str:
    """The zone that somebody meant who typed "berlin" or "europe/berlin", or ""; looks through the whole database."""
    from difflib import get_close_matches
    from zoneinfo import available_timezones

    wanted = text.strip().replace(" ", "_").casefold()
    names: dict[str, str] = {}
    for name in sorted(available_timezones()):
        # A city is looked for by its own name too; "Berlin" before "Europe/Berlin" must not hide what was typed whole.
        names[name.casefold()] = name
        names.setdefault(name.casefold().rpartition("/")[2], name)
    near = get_close_matches(wanted, names, n=1, cutoff=0.8)
    return names[near[0]] if near else ""
