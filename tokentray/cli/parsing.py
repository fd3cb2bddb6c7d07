"""The command line as it is typed: every command with its options, and where it runs.

Nothing of a command is imported here, and only the command that was named is built: a status bar starts us often.
"""

import argparse
from collections.abc import Callable, Sequence
from typing import NoReturn

from tokentray import __version__
from tokentray.errors import UsageError
from tokentray.question import SPLITS, View

KEYS_HELP = "day week month hour provider source account agent model tier project key payer session machine kind"


class _Parser(argparse.ArgumentParser):
    """Says in one line what is wrong, as every other failure is said."""

    def error(self, message: str) -> NoReturn:
        from tokentray.program import command

        raise UsageError(message, "", f"`{command()}{self.prog.removeprefix('tokentray')} --help` shows what it takes")


def parser(argv: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The command line of the contract. Where argv names a command, only that one is built: building all takes 8 ms."""
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    _global_options(common)
    root: argparse.ArgumentParser = _Parser(
        prog="tokentray",
        description="What your own LLM tokens are worth, in money and in your own time. Without a command: the tray.",
        allow_abbrev=False,
    )
    root.add_argument("--version", action="version", version=f"tokentray {__version__}")
    _global_options(root)
    root.set_defaults(run="tray:tray", home=None, utc=False, debug=False)
    commands = root.add_subparsers(metavar="COMMAND", title="commands")
    named = _command(argv)
    for name in [named] if named else COMMANDS:
        target, text, build = COMMANDS[name]
        made = commands.add_parser(name, help=text, description=text, parents=[common], allow_abbrev=False)
        made.set_defaults(run=target)
        build(made, common)
    return root


def _command(argv: Sequence[str]) -> str | None:
    """The command that argv names; a folder given to --home may have a command's name."""
    words = iter(argv)
    for word in words:
        if word == "--home":
            next(words, None)
        elif word in COMMANDS:
            return word
    return None


def _status(to: argparse.ArgumentParser, _: argparse.ArgumentParser) -> None:
    _json(to)


def _statusline(to: argparse.ArgumentParser, _: argparse.ArgumentParser) -> None:
    """No options of its own."""


def _refresh(to: argparse.ArgumentParser, _: argparse.ArgumentParser) -> None:
    to.add_argument(
        "--source", action="append", metavar="S", help="only this source, such as codex or openrouter; again"
    )
    to.add_argument("--since", metavar="DATE", help="only log files written since that day")
    to.add_argument(
        "--check", action="store_true", help="look through the whole history first, and mend what is damaged"
    )


def _usage(to: argparse.ArgumentParser, _: argparse.ArgumentParser) -> None:
    _asked(to, by="day")
    to.add_argument("--currency", metavar="C", help="all amounts in that currency, at the exchange rate of each day")
    shape = to.add_mutually_exclusive_group()
    _json(shape)
    shape.add_argument("--csv", action="store_true", help="comma-separated values")


def _history(to: argparse.ArgumentParser, _: argparse.ArgumentParser) -> None:
    _asked(to, by=None)
    to.add_argument("--month", metavar="YYYY-MM", help="that month, instead of --from and --to")
    to.add_argument("--split", choices=SPLITS, help="what a bar stands for: hour, day, week or month")
    to.add_argument(
        "--view",
        choices=[view.value for view in View],
        help="a view beside usage: why, prices, plans, reconcile or notes",
    )


def _asked(to: argparse.ArgumentParser, by: str | None) -> None:
    to.add_argument("--by", default=by, metavar="KEYS", help=f"comma-separated, of: {KEYS_HELP}")
    to.add_argument("--from", dest="from_day", metavar="D", help="first day, YYYY-MM-DD; all history without it")
    to.add_argument("--to", dest="to_day", metavar="D", help="last day, included")
    to.add_argument("--where", action="append", default=[], metavar="KEY=VALUE", help="only such usage; again for more")


def _export(to: argparse.ArgumentParser, _: argparse.ArgumentParser) -> None:
    to.add_argument("month", metavar="MONTH", help="YYYY-MM")
    to.add_argument(
        "--format", metavar="F", help="md, html, pdf, csv, json or xlsx, several with commas, or all; else as FILE ends"
    )
    to.add_argument(
        "-o", dest="output", metavar="FILE", help="write there, or into FOLDER/; else to standard output (-)"
    )
    to.add_argument(
        "--redact", action=argparse.BooleanOptionalAction, help="without names of projects and notes, or with them"
    )


def _explain(to: argparse.ArgumentParser, _: argparse.ArgumentParser) -> None:
    to.add_argument("month", metavar="MONTH", help="YYYY-MM")
    to.add_argument("--worth", action="store_true", help="at list price, whoever pays, instead of what was spent")
    _json(to)


def _agents(to: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = to.add_subparsers(metavar="ACTION", required=True)
    _json(_action(actions, common, "list", "agents:list_agents", "which were found, what was read, who pays"))
    setting = _action(actions, common, "set", "agents:set_payer", "say who pays")
    setting.add_argument("agent", metavar="AGENT", help="its id, as `agents list --json` shows it")
    setting.add_argument("--paid-by", required=True, metavar="P", help="payg, nobody, plan:ID or account:ID")
    setting.add_argument("--provider", default="", metavar="P", help="only its use of this provider, as logged")
    setting.add_argument("--project", default="", metavar="P", help="only in this project")
    setting.add_argument("--from", dest="from_day", metavar="D", help="first day, YYYY-MM-DD; all history without it")
    _id(_action(actions, common, "unset", "agents:unset_payer", "take a rule back"), "agents list")


def _accounts(to: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = to.add_subparsers(metavar="ACTION", required=True)
    _json(_action(actions, common, "list", "accounts:list_accounts", "whose use is read, from which hosts, and why"))
    adding = _action(actions, common, "add", "accounts:add_account", "add a key; it is asked for, and not shown")
    adding.add_argument(
        "provider", nargs="?", default="", metavar="PROVIDER", help="such as openrouter; told by the key without it"
    )
    adding.add_argument("--label", default="", metavar="L", help="what to call it")
    adding.add_argument(
        "--pays-for",
        action="append",
        default=[],
        metavar="AGENT",
        help="whose use of that provider it pays for; again for more",
    )
    _key(adding)
    _own(adding)
    verifying = _action(
        actions, common, "verify", "accounts:verify_accounts", "ask whether the key works; all without A"
    )
    verifying.add_argument("account", nargs="?", default="", metavar="A", help=_ACCOUNT)
    removing = _action(actions, common, "remove", "accounts:remove_account", "delete the key; what was read stays")
    removing.add_argument("account", metavar="A", help=_ACCOUNT)
    removing.add_argument("--delete-history", action="store_true", help="what was read of it goes too")
    rekeying = _action(actions, common, "rekey", "accounts:rekey_account", "another key; what was read stays")
    rekeying.add_argument("account", metavar="A", help=_ACCOUNT)
    _key(rekeying)
    naming = _action(actions, common, "rename", "accounts:rename_account", "call it something else")
    naming.add_argument("account", metavar="A", help=_ACCOUNT)
    naming.add_argument("label", metavar="L", help="what to call it")
    owning = _action(actions, common, "own", "accounts:set_own", "say whose use it reads; found again without --own")
    owning.add_argument("account", metavar="A", help=_ACCOUNT)
    _own(owning)
    comparing = _action(actions, common, "reconcile", "accounts:reconcile_accounts", "bills against tokens, by day")
    comparing.add_argument("account", nargs="?", default="", metavar="A", help=_ACCOUNT)
    _json(comparing)


_ACCOUNT = "its id or its name, as `accounts list` shows them"


def _key(to: argparse.ArgumentParser) -> None:
    to.add_argument("--base-url", default="", metavar="URL", help="a gateway, such as https://llm.example.com")
    to.add_argument("--plain-http", action="store_true", help="agree to plain http within a private network")
    to.add_argument("--key-stdin", action="store_true", help="read the key from standard input")
    to.add_argument("--no-verify", action="store_true", help="keep it without asking the provider")


def _own(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "--own", action="append", default=[], metavar="KEY=VALUE", help="your part of an organisation; again for more"
    )
    to.add_argument("--count-all", action="store_true", help="the whole organisation's use is yours")


def _plans(to: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = to.add_subparsers(metavar="ACTION", required=True)
    _json(_action(actions, common, "list", "plans:list_plans", "your plans and what they cost"))
    adding = _action(actions, common, "add", "plans:add_plan", "add a plan, or begin one of that name again")
    adding.add_argument("name", metavar="NAME", help='such as "Claude Max"')
    adding.add_argument(
        "--agent", nargs="+", action="extend", default=[], metavar="A", help="whom it pays for; none for no agent"
    )
    adding.add_argument("--fee", required=True, metavar="N", help="a month, such as 100 or 17.85")
    _currency(adding)
    adding.add_argument("--from", dest="from_day", metavar="D", help="its first day; today without it")
    adding.add_argument("--to", dest="to_day", metavar="D", help="its last day, included")
    adding.add_argument("--day", type=int, metavar="1-28", help="billing day of the month; that of --from without it")
    ending = _action(actions, common, "end", "plans:end_plan", "say when a plan ends")
    _id(ending, "plans list")
    ending.add_argument("--on", dest="on_day", required=True, metavar="D", help="the last day that is paid for")
    changing = _action(actions, common, "change", "plans:change_plan", "another fee from a day on")
    _id(changing, "plans list")
    changing.add_argument("--fee", required=True, metavar="N", help="a month, in the plan's currency")
    changing.add_argument("--from", dest="from_day", required=True, metavar="D", help="the first day at that fee")
    _id(_action(actions, common, "remove", "plans:remove_plan", "remove a plan and its fees"), "plans list")


def _charges(to: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = to.add_subparsers(metavar="ACTION", required=True)
    _json(_action(actions, common, "list", "charges:list_charges", "amounts typed in by hand"))
    adding = _action(actions, common, "add", "charges:add_charge", "add an invoice or an overage")
    adding.add_argument("day", metavar="DATE", help="YYYY-MM-DD")
    adding.add_argument("amount", metavar="AMOUNT", help="such as 12.50")
    adding.add_argument("--provider", required=True, metavar="P", help="who sent the bill, such as openai")
    _currency(adding)
    adding.add_argument("--text", default="", metavar="T", help="what it is for")
    _id(_action(actions, common, "remove", "charges:remove_charge", "remove one"), "charges list")


def _note(to: argparse.ArgumentParser, _: argparse.ArgumentParser) -> None:
    to.add_argument("day", metavar="DATE", help="YYYY-MM-DD, today or yesterday")
    to.add_argument("text", nargs="+", metavar="TEXT", help="what the spend bought, in a line")
    _counted(to, default="")


def _counted(to: argparse.ArgumentParser, default: str | None) -> None:
    to.add_argument("--project", default=default, metavar="P", help="what it was for")
    to.add_argument("--count", default=default, metavar="N", help="how many it bought, such as 3")
    to.add_argument("--of", default=default, metavar="WHAT", help="of what, such as releases")


def _notes(to: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = to.add_subparsers(metavar="ACTION", required=True)
    listing = _action(actions, common, "list", "notes:list_notes", "your notes, oldest first")
    listing.add_argument("--from", dest="from_day", metavar="D", help="first day, YYYY-MM-DD; all without it")
    listing.add_argument("--to", dest="to_day", metavar="D", help="last day, included")
    _json(listing)
    changing = _action(actions, common, "change", "notes:change_note", "say it otherwise; what is not named stays")
    _id(changing, "notes list")
    changing.add_argument("--on", dest="day", metavar="DATE", help="another day")
    changing.add_argument("--text", metavar="TEXT", help="what the spend bought, in a line")
    _counted(changing, default=None)
    _id(_action(actions, common, "remove", "notes:remove_note", "remove one"), "notes list")


def _reference(to: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = to.add_subparsers(metavar="ACTION", required=True)
    _json(_action(actions, common, "list", "reference:list_points", "your reference points"))
    adding = _action(actions, common, "add", "reference:add_point", "add an hourly rate, your pay or a thing")
    adding.add_argument("kind", choices=["hourly", "pay", "thing"], metavar="KIND", help="hourly, pay or thing")
    adding.add_argument("amount", metavar="AMOUNT", help="an hour, a year or apiece, such as 100 or 4.50")
    adding.add_argument("--name", default="", metavar="N", help="of the thing, such as coffee")
    _currency(adding)
    adding.add_argument("--from", dest="from_day", metavar="D", help="the day it holds from; today without it")
    _id(_action(actions, common, "lead", "reference:lead_point", "measure amounts by this one"), "reference list")
    _id(_action(actions, common, "remove", "reference:remove_point", "remove one"), "reference list")


def _rates(to: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = to.add_subparsers(metavar="ACTION", required=True)
    _json(_action(actions, common, "list", "rates:list_rates", "your exchange rates"))
    setting = _action(actions, common, "set", "rates:set_rate", "say what one currency is in another")
    setting.add_argument("base", metavar="FROM", help="one unit of this currency, such as EUR")
    setting.add_argument("quote", metavar="TO", help="in this one, such as USD")
    setting.add_argument("rate", metavar="RATE", help="such as 1.085")
    setting.add_argument("--from", dest="from_day", metavar="D", help="the day it holds from; today without it")
    _id(_action(actions, common, "remove", "rates:remove_rate", "remove one"), "rates list")


def _settings(to: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = to.add_subparsers(metavar="ACTION", required=True)
    _json(_action(actions, common, "list", "settings:list_settings", "every setting and what holds"))
    getting = _action(actions, common, "get", "settings:get_setting", "print one")
    getting.add_argument("key", metavar="KEY", help="as `settings list` shows it")
    _json(getting)
    setting = _action(actions, common, "set", "settings:set_setting", "change one")
    setting.add_argument("key", metavar="KEY", help="as `settings list` shows it")
    setting.add_argument("value", metavar="VALUE", help="as `settings list` says what it takes")
    resetting = _action(actions, common, "reset", "settings:reset_setting", "back to its default")
    resetting.add_argument("key", metavar="KEY", help="as `settings list` shows it")
    text = "keep the password of network.proxy in the keyring"
    how = _action(
        actions, common, "proxy-password", "settings:keep_proxy_password", text
    ).add_mutually_exclusive_group()
    how.add_argument("--key-stdin", action="store_true", help="read it from standard input instead of asking")
    how.add_argument("--clear", action="store_true", help="take it out of the keyring")


def _prices(to: argparse.ArgumentParser, _: argparse.ArgumentParser) -> None:
    to.add_argument("model", metavar="MODEL", help="as a log names it")
    to.add_argument("--provider", default="", metavar="P", help="where several sell it")
    _json(to)


def _backup(to: argparse.ArgumentParser, _: argparse.ArgumentParser) -> None:
    to.add_argument("file", metavar="FILE", help="where to; an older backup of that name is replaced")


def _restore(to: argparse.ArgumentParser, _: argparse.ArgumentParser) -> None:
    to.add_argument("file", metavar="FILE", help="a backup; what is there now is kept beside the history")


def _demo(to: argparse.ArgumentParser, _: argparse.ArgumentParser) -> None:
    to.add_argument("--years", type=int, default=1, metavar="N", help="how much history; 1 without it")
    to.add_argument("--heavy", action="store_true", help="far more use than one person's, for benchmarks")
    to.add_argument("--seed", type=int, default=1, metavar="N", help="another number, another year")
    to.add_argument(
        "--no-window",
        action="store_true",
        help="fill the folder of --home, print the status and leave it there",
    )


Build = Callable[[argparse.ArgumentParser, argparse.ArgumentParser], None]
COMMANDS: dict[str, tuple[str, str, Build]] = {
    "status": ("status:status", "today, this month, and how fresh each source is", _status),
    "statusline": ("statusline:statusline", "one line for a status bar", _statusline),
    "refresh": ("refresh:refresh", "read the logs and ask the providers now", _refresh),
    "usage": ("usage:usage", "usage by any grouping", _usage),
    "history": ("history:history", "the history window, on what `usage` would print", _history),
    "explain": ("explain:explain", "why a month differs from the one before", _explain),
    "export": ("export:export", "the monthly summary", _export),
    "agents": ("agents:list_agents", "the coding agents on this machine, and who pays for them", _agents),
    "accounts": ("accounts:list_accounts", "providers whose bills are read, and their keys", _accounts),
    "plans": ("plans:list_plans", "flat fees, and the agents they pay for", _plans),
    "charges": ("charges:list_charges", "amounts typed in by hand", _charges),
    "note": ("notes:add_note", "what a day's spend bought, in a line", _note),
    "notes": ("notes:list_notes", "your notes on what the spend bought", _notes),
    "reference": ("reference:list_points", "what you measure money against", _reference),
    "rates": ("rates:list_rates", "exchange rates", _rates),
    "settings": ("settings:list_settings", "what you chose, by key", _settings),
    "prices": ("prices:show", "list prices of a model, with their dates", _prices),
    "backup": ("backup:backup", "the history as one file, whether or not the tray runs", _backup),
    "restore": ("backup:restore", "put a backup back, checked first; what is there now is kept", _restore),
    "doctor": ("doctor:doctor", "what works and what doesn't, safe to paste in public", _status),
    "demo": ("demo:demo", "the app on a made-up year, in a throwaway folder", _demo),
}
"""Every command that is built: where it runs, what it does, and its options."""


def _global_options(to: argparse.ArgumentParser) -> None:
    to.add_argument("--home", metavar="DIR", help="keep history, settings and state under DIR")
    to.add_argument("--utc", action="store_true", help="count days in UTC")
    to.add_argument("--debug", action="store_true", help="show where an error comes from")


def _action(
    actions: "argparse._SubParsersAction[argparse.ArgumentParser]",
    common: argparse.ArgumentParser,
    name: str,
    run: str,
    text: str,
) -> argparse.ArgumentParser:
    """One action of a command: what runs it, and what it does."""
    made = actions.add_parser(name, help=text, description=text, parents=[common], allow_abbrev=False)
    made.set_defaults(run=run)
    return made


def _id(to: argparse.ArgumentParser, shown_by: str) -> None:
    to.add_argument("id", type=int, metavar="ID", help=f"as `{shown_by}` shows it")


def _currency(to: argparse.ArgumentParser) -> None:
    to.add_argument("--currency", metavar="C", help="its code; yours, as set, or USD without it")


def _json(to: argparse._ActionsContainer) -> None:
    to.add_argument("--json", action="store_true", help="JSON on standard output")
