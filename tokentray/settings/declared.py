"""Every setting, declared once: settings page, template of the file, `settings list` and README come from it.

A new setting is one entry of SETTINGS and one typed field of Settings.
"""

from typing import NamedTuple

from tokentray.clock import NamedZone, SystemZone, Zone
from tokentray.errors import RefusedError
from tokentray.settings.kinds import (
    Choice,
    CurrencyCode,
    FilePath,
    FolderPath,
    Kind,
    ProxyAddress,
    Several,
    Switch,
    Value,
    Whole,
    ZoneName,
    likely_zone,
    without_password,
)


class Setting(NamedTuple):
    """One setting. key: its table in the file, a dot, its name there. page: where the settings window shows it.

    help: one or two plain sentences.
    """

    key: str
    page: str
    kind: Kind
    default: Value
    label: str
    help: str

    @property
    def table(self) -> str:
        return self.key.partition(".")[0]

    @property
    def name(self) -> str:
        """As it is called in its table, and as an attribute of Settings."""
        return self.key.partition(".")[2]


SETTINGS = (
    Setting(
        "appearance.icon_mode",
        "Appearance",
        Choice(
            (
                ("ring", "A ring: today as a part of an hour of your time"),
                ("amount", "Today's amount"),
                ("mark", "The mark alone"),
            )
        ),
        "ring",
        "Tray icon",
        "What the tray icon shows. Without a reference point the ring is the mark alone.",
    ),
    Setting(
        "appearance.show_elsewhere",
        "Appearance",
        Switch(),
        True,
        "Show use that is paid elsewhere",
        "Rows in the popover for use that nobody here pays for. It never counts as spend.",
    ),
    Setting(
        "refreshing.interval_min",
        "Refreshing",
        Whole(1, 1440, "minutes"),
        15,
        "Look at all logs every",
        "Minutes between two looks at all logs, also where the system told of no change.",
    ),
    Setting(
        "refreshing.watch",
        "Refreshing",
        Switch(),
        True,
        "Read a log as soon as it is written",
        "Follow the logs while agents write them. Without it they are read at the interval.",
    ),
    Setting(
        "refreshing.paused",
        "Refreshing",
        Switch(),
        False,
        "Pause",
        "Read nothing until this is switched off again. Refresh still works.",
    ),
    Setting(
        "refreshing.on_battery",
        "Refreshing",
        Switch(),
        False,
        "Ask providers on battery too",
        "Without it providers are not asked while the machine runs on battery. Refresh still asks them.",
    ),
    Setting(
        "refreshing.on_metered",
        "Refreshing",
        Switch(),
        False,
        "Ask providers over metered connections too",
        "Without it providers are not asked over a connection that costs by its use. Refresh still asks them.",
    ),
    Setting(
        "days.time_zone",
        "Money and days",
        ZoneName(),
        "",
        "Time zone",
        "Where your days and months begin, by its name in the tz database.",
    ),
    Setting(
        "money.currency",
        "Money and days",
        CurrencyCode(),
        "",
        "Currency",
        "The currency amounts are shown in where you set an exchange rate.",
    ),
    Setting(
        "reference.working_week_hours",
        "Reference points",
        Whole(1, 168, "hours"),
        40,
        "Working week",
        "Hours you work in a week. Long times are told in working weeks.",
    ),
    Setting(
        "export.folder",
        "Export",
        FolderPath(),
        "",
        "Folder",
        "Where exported months are written, unless you choose another place.",
    ),
    Setting(
        "export.formats",
        "Export",
        Several(
            (
                ("pdf", "PDF, to hand in"),
                ("xlsx", "Excel, to compute with"),
                ("html", "Web page, to read and print"),
                ("md", "Markdown, for notes"),
                ("csv", "CSV, every row"),
                ("json", "JSON, for programs"),
            )
        ),
        "pdf,csv",
        "Formats",
        "What a month is written as, unless you choose otherwise.",
    ),
    Setting(
        "export.redact",
        "Export",
        Switch(),
        False,
        "Leave out names",
        "For somebody who should see the figures but not what you work on.",
    ),
    Setting(
        "export.monthly",
        "Export",
        Switch(),
        False,
        "Write each month into this folder",
        "Once all its figures are in, at the latest on the 5th of the next month. Nothing you changed is overwritten.",
    ),
    Setting(
        "network.proxy",
        "Network",
        ProxyAddress(),
        "",
        "Proxy",
        "An address such as http://proxy.example.com:8080, or none to use none. A user may stand before the host; "
        "its password is kept in the keyring (`tokentray settings proxy-password`).",
    ),
    Setting(
        "network.ca_file",
        "Network",
        FilePath(),
        "",
        "Certificates of your own",
        "A file of certificates (PEM) to trust beside the system's. Companies whose proxy looks inside have one.",
    ),
)


class Settings(NamedTuple):
    """What holds: a value for each of SETTINGS, in their order."""

    icon_mode: str
    show_elsewhere: bool
    interval_min: int
    watch: bool
    paused: bool
    on_battery: bool
    on_metered: bool
    time_zone: str
    currency: str
    working_week_hours: int
    folder: str
    formats: str
    redact: bool
    monthly: bool
    proxy: str
    ca_file: str

    @property
    def zone(self) -> Zone:
        """The person's home time zone."""
        return NamedZone(self.time_zone) if self.time_zone else SystemZone()

    def value(self, setting: Setting) -> Value:
        """What holds for one setting."""
        held: Value = getattr(self, setting.name)
        return held


DEFAULTS = Settings._make(setting.default for setting in SETTINGS)


def find(key: str) -> Setting:
    """The setting of that key. Raises RefusedError."""
    for setting in SETTINGS:
        if setting.key == key:
            return setting
    raise RefusedError(f"There is no setting {key!r}", "", _meant(key), field=key)


def parse(setting: Setting, text: str) -> Value:
    """The value that a typed text stands for. Raises RefusedError with what the setting takes."""
    try:
        return setting.kind.from_text(text)
    except ValueError as exc:
        meant = likely_zone(text) if isinstance(setting.kind, ZoneName) else ""
        hint = f"Did you mean {meant}?" if meant else ""
        raise RefusedError(
            f"{setting.key} takes {exc}", f"not {without_password(text)!r}", hint, field=setting.key
        ) from exc


def value_text(setting: Setting, value: Value) -> str:
    """A value as `settings get` prints it, and as `parse` takes it."""
    del setting  # every kind reads its values back as they print
    return str(value).lower() if isinstance(value, bool) else str(value)


def spoken(setting: Setting, value: Value) -> str:
    """A value within a sentence, where nothing has to be called something."""
    empty = setting.kind.empty if isinstance(setting.kind, ZoneName | CurrencyCode | ProxyAddress | FilePath) else ""
    return value_text(setting, value) or empty


def _meant(key: str) -> str:
    from difflib import get_close_matches

    keys = {**{setting.name: setting.key for setting in SETTINGS}, **{setting.key: setting.key for setting in SETTINGS}}
    near = get_close_matches(key.strip().lower(), keys, n=1, cutoff=0.7)
    return f"Did you mean {keys[near[0]]}?" if near else "The keys are " + ", ".join(item.key for item in SETTINGS)
