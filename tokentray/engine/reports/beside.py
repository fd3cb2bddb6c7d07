"""Lets a window be drawn beside the thread that makes its reports, since Python runs only one of the two at a time."""

import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_USUAL_S = sys.getswitchinterval()
_TURN_S = 0.0002
"""How long a thread keeps the interpreter from another that waits for it: 0.005 is usual, and each of the many parts of
a window that are drawn may have to wait that long."""

_lock = threading.Lock()
_threads: set[int] = set()


@contextmanager
def a_window() -> Iterator[None]:
    """While this thread makes reports for a window that stays open. One that still ends may meet the next."""
    own = threading.get_ident()
    with _lock:
        _threads.add(own)
        sys.setswitchinterval(_TURN_S)
    try:
        yield
    finally:
        with _lock:
            _threads.discard(own)
            if not _threads:
                sys.setswitchinterval(_USUAL_S)
                gc.unfreeze()


def settle() -> None:
    """Have no search for cycles go through what there is now, until the window is closed.

    A report stands on some ten thousand rows, and such a search stops every thread: for several frames, were it to go
    through them all. They hold no cycles, and so they go as soon as nobody refers to them.
    """
    gc.freeze()
