"""Tells the engine whether there is a network, and whether it is paid by use, where the desktop says so."""

from PySide6.QtCore import QObject, QTimer
from PySide6.QtNetwork import QNetworkInformation

from tokentray.ui.bridge import Engine

_AFTER_MS = 1500
"""Asking the desktop takes its time, and nothing that is shown at the start depends on it."""


class NetworkWatch(QObject):
    """Quiet where the desktop does not tell: then a network is taken to be there, and free."""

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._told: tuple[bool, bool] = (True, False)
        self._information: QNetworkInformation | None = None
        self._start = QTimer(self, singleShot=True, interval=_AFTER_MS)
        self._start.timeout.connect(self.connect_now)

    def start(self) -> None:
        """Ask the desktop, a moment later."""
        self._start.start()

    def stop(self) -> None:
        """Ask nothing any more."""
        self._start.stop()
        if self._information is not None:
            self._information.disconnect(self)
            self._information = None

    def connect_now(self) -> None:
        """Ask the desktop now, and follow it from then on."""
        feature = QNetworkInformation.Feature
        wanted = (feature.Reachability | feature.Metered, feature.Reachability)
        if not any(QNetworkInformation.loadBackendByFeatures(features) for features in wanted):
            return
        information = QNetworkInformation.instance()
        self._information = information
        information.reachabilityChanged.connect(self._on_changed)
        information.isMeteredChanged.connect(self._on_changed)
        self._on_changed()

    def _on_changed(self) -> None:
        if self._information is None:
            return
        now = (is_online(self._information.reachability()), self._information.isMetered())
        if now != self._told:
            self._told = now
            self._engine.network_changed(*now)


def is_online(reachability: QNetworkInformation.Reachability) -> bool:
    """Whether a provider may be reachable. One inside the own network is, also where nothing beyond it is."""
    return reachability != QNetworkInformation.Reachability.Disconnected
