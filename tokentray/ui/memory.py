"""Gives memory back to the system once a large window is gone.

The C library keeps what lies between things still in use, and each window opened anew scatters that a little more.
"""

import ctypes
import gc
import sys


def give_back() -> None:
    """Takes some 50 ms. Where the C library has no such call, only what Python itself can find is given back."""
    gc.collect()  # widgets and what they call refer to each other
    if sys.platform != "linux":
        return
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc alone has it
    if trim is not None:
        trim(0)
