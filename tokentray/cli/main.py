"""Reads the command line, runs one command, and turns failures into one line and an exit status.

Command modules are imported only when their command runs: a status line must not wait for the rest.
"""

import codecs
import importlib
import io
import os
import sys
from collections.abc import Callable, Sequence
from types import TracebackType

from tokentray.cli.parsing import parser
from tokentray.errors import TokenTrayError, UsageError

StartTray = Callable[[str | None, bool, bool, bytes], int | None]
"""Its folder, whether days are of UTC, whether it is a demo, and what to open as another start would ask it."""
CheckUi = Callable[[], str]


def run(argv: Sequence[str], *, start_tray: StartTray, check_ui: CheckUi) -> int:
    """Run one command. start_tray and check_ui are lent from above, for this package knows no windows."""
    debug = "--debug" in argv
    if debug:
        sys.excepthook = _show_redacted
    _mend_streams()
    try:
        options = parser(argv).parse_args(argv)
        options.start_tray, options.check_ui = start_tray, check_ui
        from tokentray.cli.context import context, warn_of_settings

        module, _, function = options.run.partition(":")
        command = getattr(importlib.import_module(f"tokentray.cli.{module}"), function)
        made = context(options.home, options.utc, debug)
        if module != "settings":  # there it is said about what is asked
            warn_of_settings(made)
        status = int(command(made, options))
        sys.stdout.flush()
        return status
    except TokenTrayError as exc:
        if debug:
            raise
        from tokentray.cli.context import warn

        warn(_without_keys(str(exc), argv) if isinstance(exc, UsageError) else str(exc))
        return exc.exit_status
    except OSError as exc:
        if debug:
            raise
        # Nothing more can be printed; without this, Python would complain once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(exc, BrokenPipeError):
            return 0  # the reader of our output left, as `head` does: nothing is wrong
        from tokentray.cli.context import warn

        warn(f"{exc.filename or 'the output could not be written whole'}: {exc.strerror or exc}")
        return 3
    except KeyboardInterrupt:
        return 130
    except Exception as exc:
        if debug:
            raise
        from tokentray.cli.context import warn
        from tokentray.log import redacted

        said = redacted(f"{type(exc).__name__}: {exc}")
        warn(f"an unexpected error, a bug of TokenTray: {said}. --debug shows where")
        return 3


def _without_keys(text: str, argv: Sequence[str]) -> str:
    """What is wrong with the arguments, without a key that was given as one: what is printed may be kept."""
    from tokentray.log import redacted

    for word in argv:
        text = text.replace(word, redacted(word)) if word else text
    return text


def _show_redacted(kind: type[BaseException], exc: BaseException, at: TracebackType | None) -> None:
    """A traceback without any key of this run."""
    import traceback

    from tokentray.log import redacted

    sys.stderr.write(redacted("".join(traceback.format_exception(kind, exc, at))))


def _mend_streams() -> None:
    """Print on any terminal: one that cannot show ≈ gets a stand-in, and a closed stream swallows what it is given."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - lives as long as we
        elif isinstance(stream, io.TextIOWrapper):
            codecs.register_error("plain", _plain_sign)
            stream.reconfigure(errors="plain")


_PLAIN = {
    "≈": "~",
    "→": "->",
    "·": "-",
    "–": "-",
    "−": "-",
    "“": '"',
    "”": '"',
    "’": "'",
    "×": "x",
    "\N{NO-BREAK SPACE}": " ",
}


def _plain_sign(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    return "".join(_PLAIN.get(char, "?") for char in error.object[error.start : error.end]), error.end
