"""`settings`: what the person chose, by key. The same values stand in the settings file, open to an editor."""

import argparse
import getpass
import sys

from tokentray.cli.context import Context, print_json, table, warn, warn_of_settings
from tokentray.errors import RefusedError, TokenTrayError, UsageError
from tokentray.insight.exchange import LIST_PRICES, Exchange
from tokentray.program import command
from tokentray.settings import SETTINGS, Choice, Setting, Whole, find, is_password, parse, save, spoken, value_text
from tokentray.store.history import History

_LONGEST_INPUT = 4096


def list_settings(context: Context, options: argparse.Namespace) -> int:
    """Every setting as it stands; keys of the file that are none are named on standard error."""
    warn_of_settings(context)
    for key in context.loaded.unknown:
        warn(f"{context.paths.settings.name}: {key} is no setting of this version; it is left as it is")
    if options.json:
        print_json([_json(context, setting) for setting in SETTINGS])
        return 0
    rows = [
        [setting.key, spoken(setting, value), "default" if value == setting.default else "", _first(setting.help)]
        for setting in SETTINGS
        for value in [context.settings.value(setting)]
    ]
    print(table(["key", "value", "", ""], rows, 4))
    return 0


def get_setting(context: Context, options: argparse.Namespace) -> int:
    """One value alone on a line, as `set` takes it."""
    setting = find(options.key)
    warn_of_settings(context)
    if options.json:
        print_json(_json(context, setting))
    else:
        print(value_text(setting, context.settings.value(setting)))
    return 0


def set_setting(context: Context, options: argparse.Namespace) -> int:
    """Exit status 2 for a key or value that is none, 3 where the file cannot be read or written."""
    setting = find(options.key)
    value = parse(setting, options.value)
    save(context.paths.settings, options.key, options.value)
    default = ", the default" if value == setting.default else ""
    print(f"{setting.key} is {spoken(setting, value)}{default}.{_missing_rate(context, setting, value)}")
    return 0


def reset_setting(context: Context, options: argparse.Namespace) -> int:
    """Back to the default."""
    setting = find(options.key)
    save(context.paths.settings, options.key, None)
    print(f"{setting.key} is {spoken(setting, setting.default)}, the default.")
    return 0


def keep_proxy_password(context: Context, options: argparse.Namespace) -> int:
    """Into the keyring, with the one proxy that it may go to, or out of it. Exit status 3 with the keyring locked."""
    from tokentray.engine.keys import Keys
    from tokentray.engine.network import proxy_origin, proxy_user, put_proxy_password
    from tokentray.secret import Secret

    warn_of_settings(context)
    proxy = context.settings.proxy
    password = None
    if proxy_user(proxy) and not options.clear:
        password = Secret(_read_password(options.key_stdin, proxy_user(proxy), proxy_origin(proxy)))
    print(put_proxy_password(Keys(), proxy, password))
    return 0


def _read_password(from_stdin: bool, user: str, origin: str) -> str:
    if from_stdin:
        text = sys.stdin.read(_LONGEST_INPUT)
    elif sys.stdin.isatty():
        try:
            text = getpass.getpass(f"Password of {user} at {origin} (it is not shown): ")
        except EOFError:
            text = ""
    else:
        raise UsageError("There is no terminal to ask for the password", "", "Give it on standard input: --key-stdin")
    password = text.rstrip("\r\n")
    if not is_password(password):
        raise RefusedError("That is no password", "it is empty, too long, or holds a control character")
    return password


def _missing_rate(context: Context, setting: Setting, value: object) -> str:
    """What a currency waits for that no exchange rate leads to yet, "" for nothing."""
    if setting.key != "money.currency" or not isinstance(value, str) or not value:
        return ""
    try:
        with History(context.paths.history) as history:
            reached = Exchange(history.exchange_rates()).reaches(LIST_PRICES, value)
    except TokenTrayError:
        return ""  # the setting is saved, and what is wrong with the history is for other commands to say
    if reached:
        return ""
    asks = f"`{command()} rates set {value} {LIST_PRICES} RATE`"
    return f" List prices are in {LIST_PRICES}: {asks} lets amounts be shown in it."


def _first(text: str) -> str:
    return text.split(". ")[0].rstrip(".")


def _json(context: Context, setting: Setting) -> dict[str, object]:
    value = context.settings.value(setting)
    kind = setting.kind
    choices = [{"value": word, "label": label} for word, label in kind.choices] if isinstance(kind, Choice) else None
    limits = {"least": kind.least, "most": kind.most, "unit": kind.unit} if isinstance(kind, Whole) else None
    return {
        "key": setting.key,
        "value": value,
        "default": setting.default,
        "text": value_text(setting, value),
        "page": setting.page,
        "label": setting.label,
        "help": setting.help,
        "choices": choices,
        "range": limits,
        "notice": context.loaded.notice(setting.key) or None,
    }
