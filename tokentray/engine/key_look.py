"""Looks at a key with its provider, before it is kept or to see whether it still works, and says what it is.

The key goes to its own origin alone. It waits for the provider: never on the UI's or the engine's thread.
"""

import shutil
import subprocess
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from tokentray.clock import Clock, Zone, local_date
from tokentray.engine.account_checks import check_own, same_balance
from tokentray.errors import ProviderError, RefusedError
from tokentray.insight.account_words import kind_text, own_text, same_part
from tokentray.insight.told_words import agent_text
from tokentray.ledger import Own
from tokentray.net.client import Network, origin_of
from tokentray.providers.base import Context, Identity, Provider
from tokentray.secret import Credential, Secret
from tokentray.setup import KeyTried, MayPay, OwnChoice
from tokentray.store.account_rows import AccountRow
from tokentray.store.history import History
from tokentray.store.usage import UsageQuery

_GIT_S = 2
_LATELY_DAYS = 90


class Looked(NamedTuple):
    """A key that the provider has answered for."""

    provider: Provider
    base_url: str
    credential: Credential
    identity: Identity | None
    """None where the provider was not to be asked."""


class KeyLook:
    """network: opens the client; it is closed after each look. emails: how the person may be known."""

    def __init__(
        self,
        history: Path,
        clock: Clock,
        zone: Zone,
        network: Callable[[], Network],
        providers: Sequence[Provider],
        emails: Callable[[], tuple[str, ...]],
    ) -> None:
        self._history = history
        self._clock = clock
        self._zone = zone
        self._network = network
        self._providers = providers
        self._emails = emails

    def provider(self, provider_id: str) -> Provider:
        """The provider of an id. Raises RefusedError."""
        for one in self._providers:
            if one.info.id == provider_id:
                return one
        known = ", ".join(one.info.id for one in self._providers)
        raise RefusedError("No such provider", provider_id, f"They are {known}", field="provider")

    def look(
        self, provider_id: str, key: Secret, base_url: str, own: Own, *, ask: bool = True, plain: bool = False
    ) -> Looked:
        """A pasted key at its address; the provider is not asked where `ask` is False. Raises TokenTrayError."""
        found = self.provider(provider_id)
        info = found.info
        check_own(info, own)
        url = (base_url or info.base_url).rstrip("/")
        if not info.base_url:
            url = url.removesuffix("/v1")  # as it stands in the settings of programs that use the gateway
        if not url:
            raise RefusedError(
                f"{info.name}: where is it?", "every team runs its own", "Say its address (`--base-url`)",
                field="base_url",
            )  # fmt: skip
        credential = Credential(key, origin_of(url, private_allowed=plain))
        identity = self.identify(found, credential, url, own) if ask else None
        return Looked(found, url, credential, identity)

    def identify(self, found: Provider, credential: Credential, base_url: str, own: Own) -> Identity:
        """What the provider says of a key. Raises ProviderError."""
        info = found.info
        with self._network() as network:
            channel = network.channel(
                credential,
                base_url,
                header=info.auth.header,
                prefix=info.auth.prefix,
                headers=info.headers,
                name=info.name,
                clock=self._clock,
            )
            try:
                return found.identify(
                    Context(channel, own=own, emails=() if own else self._emails(), base_url=base_url)
                )
            except ProviderError as exc:
                if exc.code in ("key-refused", "not-allowed") and info.key_page not in exc.hint:
                    exc.hint = f"{exc.hint}. {info.credential}: {info.key_page}".lstrip(". ")
                raise

    def tried(self, looked: Looked, identity: Identity, but: int = 0) -> KeyTried:
        """The same for the eye. but: the account that it is the key of."""
        info = looked.provider.info
        narrowed = identity.whole or bool(identity.own)
        with History(self._history) as history:
            accounts = history.accounts()
        same = [one for one in accounts if one.id != but and same_part(identity.scope, one.scope)]
        same += [one for one in self.twins(info.id, identity) if one.id != but]
        return KeyTried(
            provider=info.id,
            provider_name=info.name,
            kind_text=kind_text(identity.kind, identity.holder),
            host=looked.credential.origin.partition("://")[2],
            reads=identity.reads,
            cannot=identity.cannot,
            own=identity.own,
            own_text=own_text(identity.own, narrowed=narrowed, counted=False, names=identity.names),
            needs_choice=not narrowed,
            choices=tuple(OwnChoice(choice.label, choice.own) for choice in identity.choices),
            advice=identity.advice,
            same_as=same[0].label if same else "",
            may_pay_for=self._may_pay_for(info.id),
        )

    def twins(self, provider_id: str, identity: Identity) -> list[AccountRow]:
        """Accounts that seem to be the key's own, by their balance alone."""
        if not identity.readings:
            return []
        with History(self._history) as history:
            known = [one for one in history.accounts() if one.provider == provider_id]
            return [one for one in known if same_balance(identity, history.readings(one.id))]

    def _may_pay_for(self, provider_id: str) -> tuple[MayPay, ...]:
        """Agents that used the provider lately and are not known to be paid otherwise."""
        today = local_date(self._clock.now_utc(), self._zone)
        since = today - timedelta(days=_LATELY_DAYS)
        query = UsageQuery(("agent", "payer"), since, today, where=(("provider", provider_id),), today=today)
        with History(self._history) as history:
            rows = history.usage(query, self._zone)
        payers: dict[str, set[str]] = {}
        for row in rows:
            if row.key("agent") and row.requests:
                payers.setdefault(row.key("agent"), set()).add(row.key("payer"))
        return tuple(
            MayPay(
                agent,
                agent_text(agent),
                "payg" in found,
                f"{agent_text(agent)}, {'as you go so far' if 'payg' in found else 'no payer so far'}",
            )
            for agent, found in sorted(payers.items())
            if found & {"", "payg"}
        )


def git_emails() -> tuple[str, ...]:
    """The address that the person has told git, to find their own part of an organisation by; none without one."""
    program = shutil.which("git")
    if program is None:
        return ()
    try:
        done = subprocess.run(
            [program, "config", "--global", "user.email"],
            capture_output=True, text=True, timeout=_GIT_S, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return ()
    address = done.stdout.strip()
    return (address,) if "@" in address and address.isprintable() else ()
