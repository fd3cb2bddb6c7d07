"""How the person can start this program again from a terminal, as it stands in hints."""

import os
import sys
from functools import cache


@cache
def command() -> str:
    """ "tokentray" where the shell finds it, else the path it was started by; quoted where a shell needs it."""
    import shlex
    import shutil  # with what it brings, 5 ms that only those wait for who are told a command

    if shutil.which("tokentray"):
        return "tokentray"
    started = sys.argv[0]
    if os.path.basename(started).startswith("tokentray"):  # noqa: PTH119 - no Path on the way to a status line
        here = os.path.relpath(started)
        return shlex.quote(here if not here.startswith("..") else os.path.abspath(started))  # noqa: PTH100 - as above
    return f"{shlex.quote(sys.executable)} -m tokentray"
