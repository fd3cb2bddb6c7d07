"""What the person chose: settings declared once, read from a file that may be edited by hand, changed one at a time."""

from tokentray.settings.declared import DEFAULTS, SETTINGS, Setting, Settings, find, parse, spoken, value_text
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
    is_password,
)
from tokentray.settings.reading import Loaded, Notice, Upgrade, load
from tokentray.settings.writing import save, takes, template

__all__ = [
    "DEFAULTS",
    "SETTINGS",
    "Choice",
    "CurrencyCode",
    "FilePath",
    "FolderPath",
    "Kind",
    "Loaded",
    "Notice",
    "ProxyAddress",
    "Setting",
    "Settings",
    "Several",
    "Switch",
    "Upgrade",
    "Value",
    "Whole",
    "ZoneName",
    "find",
    "is_password",
    "load",
    "parse",
    "save",
    "spoken",
    "takes",
    "template",
    "value_text",
]
