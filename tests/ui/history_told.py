"""What a signal has told, for tests."""

from typing import Any

from PySide6.QtCore import SignalInstance


class Told:
    """Remembers the values of a signal: one as it is, several as a tuple."""

    def __init__(self, signal: SignalInstance) -> None:
        self.values: list[Any] = []
        signal.connect(self._take)

    def _take(self, *values: object) -> None:
        self.values.append(values[0] if len(values) == 1 else values)
