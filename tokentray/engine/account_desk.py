"""Adds, checks, changes and removes accounts: the one place for windows and command line.

A key goes from the person into the keyring, and to its own origin to be checked; nowhere else. Everything here may
wait for the keyring, which may be asking the person, and for a provider: never on the UI's or the engine's thread.
"""

import uuid
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple, Protocol

from tokentray.clock import Clock, Zone, local_date
from tokentray.credentials import CredentialsMissingError, CredentialsRefusedError
from tokentray.engine.account_checks import (
    check_choice,
    check_overlap,
    check_own,
    check_replacement,
    check_twins,
    checked_label,
    new_label,
)
from tokentray.engine.change_checks import Change
from tokentray.engine.change_payers import set_payer
from tokentray.engine.key_look import KeyLook, Looked, git_emails
from tokentray.engine.network import put_proxy_password
from tokentray.errors import CredentialsError, RefusedError
from tokentray.insight.account_words import own_text, same_part
from tokentray.insight.told_words import agent_text
from tokentray.insight.words import listed
from tokentray.money import NumberStyle
from tokentray.net.client import Network, origin_of
from tokentray.net.origins import base_of, is_loopback_name
from tokentray.program import command
from tokentray.providers import PROVIDERS
from tokentray.providers.base import Identity, Provider
from tokentray.requests import (
    AccountRequest,
    AddAccount,
    RekeyAccount,
    RemoveAccount,
    RenameAccount,
    SetOwn,
    SetPayer,
    SetProxyPassword,
    TryKey,
    VerifyAccount,
)
from tokentray.secret import Credential
from tokentray.setup import KeyTried
from tokentray.store.account_rows import AccountRow
from tokentray.store.history import History
from tokentray.store.told import Told
from tokentray.store.writer import Writer

_GIT_S = 2
_LATELY_DAYS = 90


class Keys(Protocol):
    """The keyring, as the engine keeps it. Raises CredentialsError."""

    def get(self, name: str) -> Credential: ...
    def put(self, name: str, credential: Credential) -> None: ...
    def remove(self, name: str) -> None: ...


class Done(NamedTuple):
    """What came of a request: a sentence, and what a key turned out to be where one was looked at."""

    text: str
    tried: KeyTried | None = None
    account: int = 0
    """Its id, of one that was added."""


class AccountDesk:
    """network: opens the client; it is closed after each request. emails: how the person may be known."""

    def __init__(
        self,
        history: Path,
        clock: Clock,
        zone: Zone,
        style: NumberStyle,
        keys: Keys,
        network: Callable[[], Network],
        *,
        providers: Sequence[Provider] = PROVIDERS,
        emails: Callable[[], tuple[str, ...]] = git_emails,
    ) -> None:
        self._history = history
        self._clock = clock
        self._zone = zone
        self._style = style
        self._keys = keys
        self._looks = KeyLook(history, clock, zone, network, providers, emails)

    def do(self, request: AccountRequest) -> Done:
        """Carry out a request. Raises TokenTrayError, and then nothing has changed."""
        match request:
            case TryKey():
                return self._try(request)
            case AddAccount():
                return self._add(request)
            case RekeyAccount():
                return self._rekey(request)
            case VerifyAccount():
                return self._verify(request)
            case RenameAccount():
                return self._rename(request)
            case SetOwn():
                return self._set_own(request)
            case RemoveAccount():
                return self._remove(request)
            case SetProxyPassword():
                return Done(put_proxy_password(self._keys, request.proxy, request.password))

    def _try(self, request: TryKey) -> Done:
        looked = self._looks.look(
            request.provider, request.key, request.base_url, request.own, plain=request.plain_http
        )
        assert looked.identity is not None
        tried = self._looks.tried(looked, looked.identity)
        return Done(f"{tried.provider_name}: {tried.kind_text}.", tried)

    def _add(self, request: AddAccount) -> Done:
        looked = self._looks.look(
            request.provider,
            request.key,
            request.base_url,
            request.own,
            ask=request.verify,
            plain=request.plain_http,
        )
        info = looked.provider.info
        identity = looked.identity or Identity("", own=request.own, scope="")
        if looked.identity:
            check_choice(info, identity, request.counted)
        accounts = self._accounts(removed=True)
        live = [one for one in accounts if one.removed_utc is None]
        check_overlap(identity, accounts)
        check_twins(self._looks.twins(info.id, identity))
        narrowed = identity.whole or bool(identity.own)
        # The same books as an account that was removed: its history goes on.
        back = next((one for one in accounts if one.removed_utc and same_part(identity.scope, one.scope)), None)
        label = new_label(request.label or (back.label if back else ""), info, identity, live)
        name = back.name if back else f"{info.id}:{uuid.uuid4()}"
        self._keys.put(name, looked.credential)
        try:
            with closing(Writer(self._history)) as writer, writer.telling() as told:
                if back:
                    account = back.id
                    told.rekey_account(back.id, looked.base_url, identity.kind, identity.holder, identity.scope)
                    told.rename_account(back.id, label)
                    if identity.own != back.own or request.counted != back.counted:
                        counted = narrowed or request.counted
                        told.set_own(back.id, identity.own, identity.scope, counted, narrowed)
                else:
                    account = told.add_account(
                        name,
                        info.id,
                        label,
                        looked.base_url,
                        identity.kind,
                        identity.holder,
                        identity.scope,
                        identity.own,
                        narrowed or request.counted,
                        narrowed,
                        self._clock.now_utc(),
                    )
                told.name_ids(account, _names(identity))
                today = local_date(self._clock.now_utc(), self._zone)
                change = Change(told, self._clock.now_utc(), today, self._style)
                for agent in request.pays_for:
                    set_payer(change, SetPayer(agent, f"account:{account}", provider=info.id, keep_narrower=True))
        except BaseException:
            with suppress(CredentialsError):  # a key without an account is nobody's
                self._keys.remove(name)
            raise
        tried = self._looks.tried(looked, identity, but=account) if looked.identity else None
        whose = own_text(identity.own, narrowed=narrowed, counted=request.counted, names=identity.names)
        checked = "" if looked.identity else " It was not checked."
        pays = listed([agent_text(agent) for agent in request.pays_for])
        pays = f" It pays for what {pays} {'use' if len(request.pays_for) > 1 else 'uses'} of it." if pays else ""
        again = " What was read of it before goes on." if back else ""
        return Done(f"{label} is account {account}: {whose}.{pays}{again}{checked}", tried, account)

    def _rekey(self, request: RekeyAccount) -> Done:
        account = self._account(request.id, removed=True)
        before = self._stored(account.name)
        base_url = request.base_url or self._known_address(account, before)
        looked = self._looks.look(
            account.provider, request.key, base_url, account.own, ask=request.verify, plain=request.plain_http
        )
        identity = looked.identity
        if identity:
            check_replacement(account, identity, self._others(account))
        self._keys.put(account.name, looked.credential)
        try:
            with closing(Writer(self._history)) as writer, writer.telling() as told:
                told.rekey_account(
                    account.id,
                    looked.base_url,
                    identity.kind if identity else account.kind,
                    identity.holder if identity else account.holder,
                    identity.scope if identity else account.scope,
                )
                if identity:
                    _settle(told, account, identity)
                    told.name_ids(account.id, _names(identity))
        except BaseException:
            with suppress(CredentialsError):
                if before:
                    self._keys.put(account.name, before)
            raise
        return Done(
            f"{account.label} has a new key; what was read before stays.",
            self._looks.tried(looked, identity, but=account.id) if identity else None,
        )

    def _verify(self, request: VerifyAccount) -> Done:
        account = self._account(request.id)
        credential = self._keys.get(account.name)
        found = self._looks.provider(account.provider)
        identity = self._looks.identify(found, credential, account.base_url, account.own)
        if not account.kind:
            check_overlap(identity, self._others(account))
        with closing(Writer(self._history)) as writer, writer.telling() as told:
            told.key_works(account.id, identity.kind, identity.holder)
            _settle(told, account, identity)
            told.name_ids(account.id, _names(identity))
        looked = Looked(found, account.base_url, credential, identity)
        tried = self._looks.tried(looked, identity, but=account.id)
        return Done(f"{account.label}: the key works. {tried.kind_text}: {tried.own_text}.", tried)

    def _rename(self, request: RenameAccount) -> Done:
        account = self._account(request.id, removed=True)
        label = checked_label(request.label)
        others = self._others(account)
        if label.casefold() in {one.label.casefold() for one in others}:
            raise RefusedError("Another account has that name", label, "Choose another", field="label")
        with closing(Writer(self._history)) as writer, writer.telling() as told:
            told.rename_account(account.id, label)
        return Done(f"{account.label} is now called {label}.")

    def _set_own(self, request: SetOwn) -> Done:
        account = self._account(request.id)
        found = self._looks.provider(account.provider)
        check_own(found.info, request.own)
        identity = self._looks.identify(found, self._keys.get(account.name), account.base_url, request.own)
        check_choice(found.info, identity, request.counted)
        check_overlap(identity, self._others(account))
        narrowed = identity.whole or bool(identity.own)
        with closing(Writer(self._history)) as writer, writer.telling() as told:
            told.set_own(account.id, identity.own, identity.scope, narrowed or request.counted, narrowed)
            told.name_ids(account.id, _names(identity))
        text = own_text(identity.own, narrowed=narrowed, counted=request.counted, names=identity.names)
        return Done(f"{account.label} reads {text}. It is read anew.")

    def _remove(self, request: RemoveAccount) -> Done:
        account = self._account(request.id, removed=not request.keep_history)
        # The key first: where the keyring will not let go of it, the account stays and says why.
        with suppress(CredentialsMissingError):  # it is gone, as was asked for
            self._keys.remove(account.name)
        with closing(Writer(self._history)) as writer, writer.telling() as told:
            told.remove_account(account.id, request.keep_history, self._clock.now_utc())
        if request.keep_history:
            return Done(f"{account.label} is removed and its key deleted; what was read of it stays.")
        return Done(f"{account.label} is removed, with its key and everything that was read of it.")

    def _stored(self, name: str) -> Credential | None:
        """What the keyring holds, None where that is nothing of ours. Raises CredentialsError where it is locked."""
        try:
            return self._keys.get(name)
        except (CredentialsMissingError, CredentialsRefusedError):
            return None

    def _known_address(self, account: AccountRow, stored: Credential | None) -> str:
        """Where an account is asked, if more than the history vouches for it. Raises RefusedError.

        The history may have been changed, or come from elsewhere, to have a key be asked for and told to another host.
        """
        asked = base_of(account.base_url, private_allowed=True)
        usual = self._looks.provider(account.provider).info.base_url
        if usual and origin_of(usual) == asked.origin:
            return account.base_url
        if stored is None and is_loopback_name(asked.host):
            return account.base_url
        if stored is None or stored.origin != asked.origin:
            given = f"it was given for {stored.origin}" if stored else "the keyring holds none to tell it by"
            raise RefusedError(
                "Key not sent",
                f"{account.label} is now asked at {asked.origin}, and {given}",
                f"Say its address, if that is right (`--base-url {asked.origin}{asked.path}`)",
                field="base_url",
            )
        return account.base_url

    def _accounts(self, *, removed: bool = False) -> list[AccountRow]:
        with History(self._history) as history:
            return history.accounts(removed=removed)

    def _account(self, account_id: int, *, removed: bool = False) -> AccountRow:
        for one in self._accounts(removed=removed):
            if one.id == account_id:
                return one
        raise RefusedError("No such account", str(account_id), f"`{command()} accounts list` shows them", field="id")

    def _others(self, account: AccountRow) -> list[AccountRow]:
        """All but one, removed ones too."""
        return [one for one in self._accounts(removed=True) if one.id != account.id]


def _settle(told: Told, account: AccountRow, identity: Identity) -> None:
    """Say whose use an account reads at the first look at its key, where that was kept without one."""
    if not account.kind:
        narrowed = identity.whole or bool(identity.own)
        told.set_own(account.id, identity.own, identity.scope, narrowed or account.counted, narrowed)


def _names(identity: Identity) -> dict[str, str]:
    """What the ids are called that the person's part is made of."""
    ids = {one for values in identity.own.values() for one in values}
    return {one: name for one, name in identity.names.items() if one in ids}
