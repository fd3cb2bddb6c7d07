"""Reads the command line, runs one command, and turns failures into one line and an exit status.

Command modules are imported only when their command runs: a status line must not wait for the rest.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence

from tokentray import __version__
from tokentray.errors import TokenTrayError

StartTray = Callable[[str | None, bool, bool], int | None]
CheckUi = Callable[[], str]

KEYS_HELP = "day week month hour provider source account agent model tier project key payer session machine"


def run(argv: Sequence[str], *, start_tray: StartTray, check_ui: CheckUi) -> int:
    """Run one command. start_tray and check_ui are lent from above, for this package knows no windows."""
    debug = "--debug" in argv
    try:
        options = parser().parse_args(argv)
        options.start_tray, options.check_ui = start_tray, check_ui
        from tokentray.cli.context import context

        module, _, function = options.run.partition(":")
        command = getattr(importlib.import_module(f"tokentray.cli.{module}"), function)
        status = int(command(context(options.home, options.utc, debug), options))
        sys.stdout.flush()
        return status
    except TokenTrayError as exc:
        if debug:
            raise
        from tokentray.cli.context import warn

        warn(str(exc))
        return exc.exit_status
    except BrokenPipeError:
        # The reader of our output left, as `head` does: nothing is wrong, and nothing more can be printed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except Exception as exc:
        if debug:
            raise
        from tokentray.cli.context import warn

        warn(f"an unexpected error, a bug of TokenTray: {type(exc).__name__}: {exc}. --debug shows where")
        return 3


def parser() -> argparse.ArgumentParser:
    """The whole command line, as the contract has it."""
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    _global_options(common)
    root = argparse.ArgumentParser(
        prog="tokentray",
        description="What your own LLM tokens are worth, in money and in your own time. Without a command: the tray.",
        allow_abbrev=False,
    )
    root.add_argument("--version", action="version", version=f"tokentray {__version__}")
    _global_options(root)
    root.set_defaults(run="tray:tray", home=None, utc=False, debug=False)
    commands = root.add_subparsers(metavar="COMMAND", title="commands")

    def add(name: str, target: str, text: str, *, to: object = commands) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = to.add_parser(  # type: ignore[attr-defined] # argparse's type is private
            name, help=text, description=text, parents=[common], allow_abbrev=False
        )
        made.set_defaults(run=target)
        return made

    status = add("status", "status:status", "today, this month, and how fresh each source is")
    _json(status)
    add("statusline", "status:statusline", "one line for a status bar")

    refresh = add("refresh", "refresh:refresh", "read the logs now")
    refresh.add_argument("--source", action="append", metavar="S", help="only this source, such as codex; again for more")
    refresh.add_argument("--since", metavar="DATE", help="only files written since that day")

    usage = add("usage", "usage:usage", "usage by any grouping")
    usage.add_argument("--by", default="day", metavar="KEYS", help=f"comma-separated, of: {KEYS_HELP}")
    usage.add_argument("--from", dest="from_day", metavar="D", help="first day, YYYY-MM-DD; all history without it")
    usage.add_argument("--to", dest="to_day", metavar="D", help="last day, included")
    usage.add_argument("--where", action="append", default=[], metavar="KEY=VALUE", help="only such usage; again for more")
    _json(usage).add_argument("--csv", action="store_true", help="comma-separated values")

    export = add("export", "export:export", "the monthly summary")
    export.add_argument("month", metavar="MONTH", help="YYYY-MM")
    export.add_argument("--format", default="md", metavar="F", help="md, csv or json")
    export.add_argument("-o", dest="output", metavar="FILE", help="write there instead of to standard output")
    export.add_argument("--redact", action="store_true", help="without project names")

    agents = add("agents", "agents:list_agents", "the coding agents on this machine")
    _json(add("list", "agents:list_agents", "which agents were found and what was read", to=_sub(agents)))

    reference = add("reference", "reference:list_points", "what you measure money against")
    points = _sub(reference)
    _json(add("list", "reference:list_points", "your reference points", to=points))
    adding = add("add", "reference:add_point", "add an hourly rate", to=points)
    adding.add_argument("kind", choices=["hourly"], help="an hourly rate")
    adding.add_argument("amount", metavar="AMOUNT", help="such as 100 or 87.50")
    adding.add_argument("--currency", default="USD", metavar="C", help="its code; USD without it")
    adding.add_argument("--from", dest="from_day", metavar="D", help="the day it holds from; today without it")
    add("remove", "reference:remove_point", "remove one", to=points).add_argument("id", type=int, metavar="ID")

    prices = add("prices", "prices:show", "list prices of a model, with their dates")
    prices.add_argument("model", metavar="MODEL", help="as a log names it")
    prices.add_argument("--provider", default="", metavar="P", help="where several sell it")
    _json(prices)

    _json(add("doctor", "doctor:doctor", "what works and what doesn't, safe to paste in public"))

    demo = add("demo", "demo:demo", "the app on a made-up year, in a throwaway folder")
    demo.add_argument("--years", type=int, default=1, metavar="N", help="how much history; 1 without it")
    demo.add_argument("--heavy", action="store_true", help="as much as five people would make, for benchmarks")
    demo.add_argument("--seed", type=int, default=1, metavar="N", help="another number, another year")
    demo.add_argument(
        "--no-window", action="store_true", help="fill the folder of --home, print the status and leave it there"
    )
    return root


def _global_options(to: argparse.ArgumentParser) -> None:
    to.add_argument("--home", metavar="DIR", help="keep history, settings and state under DIR")
    to.add_argument("--utc", action="store_true", help="count days in UTC")
    to.add_argument("--debug", action="store_true", help="show where an error comes from")


def _sub(to: argparse.ArgumentParser) -> object:
    return to.add_subparsers(metavar="ACTION")


def _json(to: argparse.ArgumentParser) -> argparse.ArgumentParser:
    to.add_argument("--json", action="store_true", help="JSON on standard output")
    return to


