"""Where the program starts: picks the command line or the tray, and lends `doctor` its look at the windows."""

import sys
from collections.abc import Sequence

from tokentray import __version__


def main(argv: Sequence[str] | None = None) -> int:
    """Run with the arguments of the command line. Returns the exit status of the contract."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments == ["--version"]:
        print(f"tokentray {__version__}")  # noqa: T201 - scripts ask this often; nothing else is loaded for it
        return 0
    if "statusline" in arguments and getattr(sys.stdout, "encoding", "").lower().startswith("utf"):
        from tokentray.cli.statusline import quick

        line = quick(arguments)
        if line is not None:
            print(line)  # noqa: T201 - a bar asks every few seconds; the rest of the command line stays unloaded
            return 0
    from tokentray.cli.main import run

    return run(arguments, start_tray=_start_tray, check_ui=_check_ui)


def _start_tray(home: str | None, utc: bool, demo: bool, opening: bytes) -> int | None:
    """The tray app until it is quit; None where this session has no display."""
    from tokentray.ui.display import has_display

    if not has_display():
        return None
    from tokentray import paths
    from tokentray.agents import AGENTS
    from tokentray.clock import SystemClock, UtcZone
    from tokentray.engine.runtime import Engine
    from tokentray.localeinfo import number_style
    from tokentray.log import start_logging
    from tokentray.ui.app import run

    places = paths.resolve(home)
    start_logging(places.log_file)
    engine = Engine(
        places,
        SystemClock(),
        UtcZone() if utc else None,
        number_style(),
        agents=() if demo else AGENTS,
        made_up=demo,
    )
    return run(engine, places=places, opening=opening)


def _check_ui() -> str:
    """What is wrong with the windows, in words for `doctor`; "" where they can be built and shown."""
    from tokentray.ui.display import has_display

    if not has_display():
        return "there is no display in this session, so no tray; the command line works"
    from tokentray.ui.check import check

    return check()


if __name__ == "__main__":
    sys.exit(main())
