"""What the engine has to do with accounts: polls by themselves, and requests that wait for keyring and provider.

Nothing of it is imported or begun before there is an account, or a request about one: an idle tray without accounts
does not pay for it.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tokentray.clock import Clock, Zone
from tokentray.errors import RefusedError, TokenTrayError
from tokentray.money import NumberStyle
from tokentray.paths import Paths
from tokentray.requests import AccountRequest, Answer, SetProxyPassword
from tokentray.settings import DEFAULTS, Settings
from tokentray.snapshot import Problem
from tokentray.store.history import History

if TYPE_CHECKING:
    from tokentray.engine.account_thread import AccountThread
    from tokentray.engine.keys import Keys
    from tokentray.net.client import Network
    from tokentray.providers.base import Provider

_log = logging.getLogger(__name__)


class AccountWork:
    """Owned by the engine; look() is for its thread, the rest for any.

    providers: None for those of the registry.
    """

    def __init__(
        self,
        paths: Paths,
        clock: Clock,
        style: NumberStyle,
        *,
        providers: "Sequence[Provider] | None" = None,
        calm_s: int | None = None,
    ) -> None:
        self._paths = paths
        self._clock = clock
        self._style = style
        self._listeners: list[Callable[[], None]] = []
        self._providers = providers
        self._calm_s = calm_s
        self._lock = threading.Lock()
        self._keys: Keys | None = None
        self._thread: AccountThread | None = None
        self._settings = DEFAULTS
        self._online, self._metered = True, False
        self._stopped = False
        self._looked = False

    def listen(self, listener: Callable[[], None]) -> None:
        """Have `listener` called after each poll, and now and then while the past is read, on other threads."""
        self._listeners.append(listener)

    def look(self, history: History, settings: Settings) -> None:
        """Poll the accounts that there are by these settings. Raises StoreError."""
        accounts = history.accounts()
        self._settings = settings
        with self._lock:
            thread = self._thread
            if thread is None and accounts and not self._stopped:
                self._thread = thread = self._made()
                known = [] if self._looked else accounts  # what was added since is new to it, and read at once
                thread.start(known, settings, online=self._online, metered=self._metered)
            self._looked = True
        if thread is not None:
            thread.update(accounts, settings)

    @property
    def polled_since_utc(self) -> int | None:
        """Since when accounts could have been polled by themselves; None while they are not."""
        return self._thread.polled_since_utc if self._thread is not None else 0

    @property
    def keyring_problem(self) -> Problem | None:
        """Why no key can be read just now."""
        refusal = self._keys.refusal if self._keys is not None else None
        return problem_of(refusal) if refusal is not None else None

    def refresh(self) -> None:
        """Poll all accounts by hand."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.refresh()

    def network_changed(self, online: bool, metered: bool) -> None:
        """Say whether there is a network, and whether it costs by use."""
        with self._lock:
            self._online, self._metered = online, metered
            thread = self._thread
        if thread is not None:
            thread.network_changed(online, metered)

    def carry_out(self, request: AccountRequest, request_id: int, zone: Zone, answer: Callable[[Answer], None]) -> None:
        """Carry out a request on a thread of its own, which calls `answer` with what came of it. Returns at once."""
        work = threading.Thread(target=self._carry_out, args=(request, request_id, zone, answer), daemon=True)
        work.name = f"account request {request_id}"
        work.start()

    def stop(self) -> None:
        """Begin nothing more; threads that wait for somebody are left behind."""
        with self._lock:
            self._stopped = True
            thread = self._thread
        if thread is not None:
            thread.stop()

    def _carry_out(
        self, request: AccountRequest, request_id: int, zone: Zone, answer: Callable[[Answer], None]
    ) -> None:
        try:
            from tokentray.engine.account_desk import AccountDesk

            with self._lock:
                keys = self._all_keys()
            desk = AccountDesk(
                self._paths.history,
                self._clock,
                zone,
                self._style,
                keys,
                self._network,
                providers=self._all_providers(),
            )
            done = desk.do(request)
            if isinstance(request, SetProxyPassword):
                self.refresh()  # what the proxy had refused is asked again
        except TokenTrayError as exc:
            field = exc.field if isinstance(exc, RefusedError) else ""
            answer(Answer(request_id, "", problem_of(exc), field))
        except Exception:  # noqa: BLE001 - a bug in one request must not leave it unanswered
            _log.exception("a request about an account failed")
            answer(
                Answer(request_id, "", Problem("That was not done", "an unexpected error; it is in the log file", ""))
            )
        else:
            answer(Answer(request_id, done.text, tried=done.tried))

    def _polled(self) -> None:
        for listener in self._listeners:
            listener()

    def _all_keys(self) -> "Keys":
        from tokentray.engine.keys import Keys

        if self._keys is None:
            self._keys = Keys()
        return self._keys

    def _all_providers(self) -> "Sequence[Provider]":
        from tokentray.providers import PROVIDERS

        return PROVIDERS if self._providers is None else self._providers

    def _network(self) -> "Network":
        from tokentray.engine.network import open_network

        with self._lock:
            keys = self._all_keys()
        return open_network(self._settings, keys)

    def _made(self) -> "AccountThread":
        from tokentray.engine.account_thread import CALM_S, AccountThread

        return AccountThread(
            self._paths.history,
            self._clock,
            self._all_keys(),
            self._network,
            self._polled,
            providers=self._all_providers(),
            calm_s=CALM_S if self._calm_s is None else self._calm_s,
        )


def problem_of(exc: TokenTrayError) -> Problem:
    """An error as windows show it."""
    return Problem(exc.title, exc.message, exc.hint)
