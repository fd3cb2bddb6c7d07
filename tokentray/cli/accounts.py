"""`accounts`: the providers whose books are read for you, and their keys, which lie in the desktop's keyring only.

A key is read from a hidden prompt, or from standard input; never from an argument, the environment or a file.
"""

import argparse
import getpass
import sys
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from tokentray.cli.context import Context, print_json, table, visible, warn
from tokentray.clock import UtcZone, local_date, rfc3339
from tokentray.doorbell import tell_refreshed
from tokentray.engine.account_desk import AccountDesk, Done
from tokentray.engine.account_setups import account_setups, difference_text, host_of, mend_command, month_now, signed
from tokentray.engine.figures import Figures
from tokentray.engine.keys import Keys
from tokentray.engine.network import open_network
from tokentray.errors import RefusedError, TokenTrayError, UsageError
from tokentray.insight import reconcile
from tokentray.insight.reconcile import Difference
from tokentray.ledger import Own
from tokentray.model import UsageRow
from tokentray.money import format_money
from tokentray.program import command
from tokentray.providers import looks, provider
from tokentray.providers.base import ProviderInfo
from tokentray.requests import (
    AccountRequest,
    AddAccount,
    RekeyAccount,
    RemoveAccount,
    RenameAccount,
    SetOwn,
    VerifyAccount,
)
from tokentray.secret import Secret
from tokentray.setup import AccountSetup, KeyTried
from tokentray.store.account_rows import AccountRow, PollState
from tokentray.store.history import History

_LONGEST_INPUT = 4096
_RECONCILE_DAYS = 31


def list_accounts(context: Context, options: argparse.Namespace) -> int:
    """Every account: whose use it reads, from which host and why, when last, and what is wrong."""
    with History(context.paths.history) as history:
        accounts = history.accounts(removed=True)
        polls = history.poll_states()
        setups = account_setups(history, *_month(context, history), with_differences=False)
    rows = {one.id: one for one in accounts}
    if options.json:
        print_json([_json(context, one, rows[one.id], polls.get(one.id, PollState())) for one in setups])
    elif not setups:
        print(f"No account yet. Add one with: {command()} accounts add openrouter")
    else:
        print(table(_HEADER, [_cells(context, one, polls.get(one.id, PollState())) for one in setups], len(_HEADER)))
        for one in setups:
            if one.mend or one.state in ("failing", "locked"):
                mend = mend_command(one)
                text = f"{one.state_text}. {one.mend}" if one.state in ("failing", "locked") else one.mend
                print(f"\n{visible(one.label)}: {visible(text)}{f': {mend}' if mend else ''}")
    return 0


_HEADER = ["id", "account", "state", "whose use", "host", "why", "last asked"]


def _cells(context: Context, one: AccountSetup, poll: PollState) -> list[str]:
    info = _info(one.provider)
    last = "never" if poll.contacted_utc is None else rfc3339(poll.contacted_utc, context.zone)[:16].replace("T", " ")
    gone = one.state == "removed"
    return [
        str(one.id),
        visible(one.label),
        one.state,
        visible(one.own_text),
        "–" if gone else visible(one.host),
        "–" if gone else _why(info, one),
        last,
    ]


def _why(info: ProviderInfo | None, one: AccountSetup) -> str:
    return info.why[:1].lower() + info.why[1:] if info else visible(one.provider)


def _month(context: Context, history: History) -> tuple[Sequence[UsageRow], Figures]:
    return month_now(history, context.clock.now_utc(), context.zone, context.style, context.settings)


def _json(context: Context, one: AccountSetup, row: AccountRow, poll: PollState) -> dict[str, object]:
    def time(at_utc: int | None) -> str | None:
        return None if at_utc is None else rfc3339(at_utc, context.zone)

    info = _info(one.provider)
    return {
        "id": one.id,
        "provider": one.provider,
        "label": one.label,
        "kind": row.kind,
        "holder": row.holder,
        "host": host_of(row.base_url),
        "why": info.why if info else one.provider,
        "base_url": row.base_url,
        "own": {key: list(values) for key, values in row.own.items()},
        "counted": row.counted,
        "narrowed": row.narrowed,
        "state": one.state,
        "error": row.error,
        "mend": one.mend,
        "last_contact": time(poll.contacted_utc),
        "last_success": time(row.read_at_utc),
        "covered": {
            basis.value: [[time(span.start_utc), time(span.end_utc)] for span in spans]
            for basis, spans in poll.covered.items()
        },
        "complete_to": {basis.value: time(at_utc) for basis, at_utc in poll.complete_to.items()},
    }


def add_account(context: Context, options: argparse.Namespace) -> int:
    """Exit status 2 for a key or option that cannot be, 3 where the provider or the keyring would not."""
    own = _own(options.own)
    if options.provider:
        _check_provider(options.provider)
    key = _read_key(options.key_stdin, options.provider)
    provider_id = options.provider or looks.whose(key)
    if not options.no_verify:
        looks.check_kind(provider_id, key, elsewhere=bool(options.base_url))
    request = AddAccount(
        provider=provider_id,
        key=Secret(key),
        label=options.label,
        base_url=options.base_url,
        own=own,
        counted=options.count_all,
        verify=not options.no_verify,
        plain_http=options.plain_http,
        pays_for=tuple(dict.fromkeys(options.pays_for)),
    )
    done = _do(context, request)
    if done.tried:
        _print_tried(done.tried)
    print(visible(done.text))
    for one in done.tried.may_pay_for if done.tried else ():
        if one.likely and one.agent not in options.pays_for:
            print(
                f"{one.label} counts as you go. Where this key pays for it, say so, or it counts twice:\n"
                f"  {command()} agents set {one.agent} --provider {provider_id} --paid-by account:{done.account}"
            )
    print(f"It is read from now on; `{command()} refresh` does so at once.")
    return 0


def verify_accounts(context: Context, options: argparse.Namespace) -> int:
    """Exit status 1 where only some of the keys work, 3 where none does."""
    accounts = [_find(context, options.account)] if options.account else _live(context)
    if not accounts:
        print(f"No account yet. Add one with: {command()} accounts add openrouter")
        return 0
    failed = 0
    for account in accounts:
        try:
            done = _do(context, VerifyAccount(account.id))
        except TokenTrayError as exc:
            if context.debug:
                raise
            failed += 1
            warn(f"{account.label}: {exc}")
            continue
        print(visible(done.text))
        if done.tried:
            _print_tried(done.tried)
    return 0 if not failed else (3 if failed == len(accounts) else 1)


def rekey_account(context: Context, options: argparse.Namespace) -> int:
    """What was read before stays."""
    account = _find(context, options.account, removed=True)
    key = _read_key(options.key_stdin, account.provider)
    if not options.no_verify:
        looks.check_kind(account.provider, key, elsewhere=bool(options.base_url or not _is_own_host(account)))
    request = RekeyAccount(
        account.id, Secret(key), options.base_url, verify=not options.no_verify, plain_http=options.plain_http
    )
    return _tell(context, request)


def remove_account(context: Context, options: argparse.Namespace) -> int:
    """The key is deleted; what was read stays unless it is asked to go too."""
    account = _find(context, options.account, removed=options.delete_history)
    return _tell(context, RemoveAccount(account.id, keep_history=not options.delete_history))


def rename_account(context: Context, options: argparse.Namespace) -> int:
    """Another label."""
    return _tell(context, RenameAccount(_find(context, options.account, removed=True).id, options.label))


def set_own(context: Context, options: argparse.Namespace) -> int:
    """Whose use an account reads; found by the provider where nothing is said."""
    account = _find(context, options.account)
    return _tell(context, SetOwn(account.id, _own(options.own), counted=options.count_all))


def reconcile_accounts(context: Context, options: argparse.Namespace) -> int:
    """Bills against tokens at list price, by UTC day, with the likely reason."""
    only = _find(context, options.account, removed=True).id if options.account else 0
    today = local_date(context.clock.now_utc(), UtcZone())
    with History(context.paths.history) as history:
        accounts = {one.id: one for one in history.accounts(removed=True)}
        pairs = history.reconcile(today - timedelta(days=_RECONCILE_DAYS - 1), today, context.zone)
        _, figures = _month(context, history)
    days = reconcile.by_account(pair for pair in pairs if only in (0, pair.account_id))

    def money(amount: Decimal | None, one: Difference) -> str:
        return "–" if amount is None else format_money(amount, one.currency, context.style)

    if options.json:
        print_json(
            [
                {
                    "account": f"account:{account}",
                    "day": one.day.isoformat(),
                    "billed": one.billed,
                    "other": one.other,
                    "basis": one.basis.value if one.basis else "",
                    "difference": one.amount,
                    "currency": one.currency,
                    "reason": one.reason,
                }
                for account, found in days.items()
                for one in found
            ]
        )
        return 0
    for account, found in days.items():
        print(f"{visible(accounts[account].label)}, by UTC day")
        rows = [
            [
                str(one.day),
                *(money(amount, one) for amount in (one.billed, one.other)),
                signed(one.amount, one.currency, context.style),
            ]
            for one in found
        ]
        lines = table(["day", "billed", "at list price", "difference"], rows, 1).splitlines()
        for line, likely in zip(lines, ["likely", *(one.reason for one in found)], strict=True):
            print(f"{line}  {likely}".rstrip())
        told = difference_text(found, figures)
        print(f"{told}\n" if told else "")
    if not days:
        print("No account has both a bill and tokens to hold against it yet.")
    return 0


def _print_tried(tried: KeyTried) -> None:
    print(visible(f"{tried.provider_name}, {tried.kind_text}" if tried.kind_text else tried.provider_name))
    for one in tried.reads:
        print(f"  reads: {visible(one)}")
    for one in tried.cannot:
        print(f"  does not: {visible(one)}")
    if tried.advice:
        print(f"  advice: {visible(tried.advice)}")
    if tried.same_as:
        print(f"  {visible(tried.same_as)} sees the same: what both see counts once")


def _tell(context: Context, request: AccountRequest) -> int:
    print(visible(_do(context, request).text))
    return 0


def _do(context: Context, request: AccountRequest) -> Done:
    keys = Keys()
    desk = AccountDesk(
        context.paths.history,
        context.clock,
        context.zone,
        context.style,
        keys,
        lambda: open_network(context.settings, keys),
    )
    done = desk.do(request)
    tell_refreshed(context.paths)
    return done


def _read_key(from_stdin: bool, provider_id: str) -> str:
    """The key as the person gives it. Raises UsageError where there is nobody to ask."""
    if from_stdin:
        text = sys.stdin.read(_LONGEST_INPUT)
    elif sys.stdin.isatty():
        info = _info(provider_id)
        if info:
            print(f"{info.credential}\n  {info.key_page}", file=sys.stderr)
        try:
            text = getpass.getpass("Key (it is not shown): ")
        except EOFError:
            text = ""
    else:
        raise UsageError("There is no terminal to ask for the key", "", "Give it on standard input with --key-stdin")
    key = looks.tidy(text)
    looks.check_text(key)
    return key


def _own(values: Sequence[str]) -> Own:
    own: dict[str, tuple[str, ...]] = {}
    for value in values:
        key, equals, name = value.partition("=")
        if not (key and equals and name):
            raise UsageError(f"--own {value}: not KEY=VALUE", "", "Such as --own user_id=user-abc")
        own[key] = (*own.get(key, ()), name)
    return own


def _check_provider(provider_id: str) -> None:
    """Before the key is asked for: nobody should paste one that cannot be used."""
    if provider(provider_id) is None:
        looks.check_kind(provider_id, "x")


def _is_own_host(account: AccountRow) -> bool:
    info = _info(account.provider)
    return info is not None and host_of(account.base_url) == host_of(info.base_url)


def _live(context: Context) -> list[AccountRow]:
    with History(context.paths.history) as history:
        return history.accounts()


def _find(context: Context, name: str, *, removed: bool = False) -> AccountRow:
    """An account by its id, or by its label where only one has it."""
    with History(context.paths.history) as history:
        accounts = history.accounts(removed=removed)
    number = name.removeprefix("account:")
    found = [one for one in accounts if str(one.id) == number] or [
        one for one in accounts if one.label.casefold() == name.casefold()
    ]
    if len(found) == 1:
        return found[0]
    raise RefusedError("No such account", name, f"`{command()} accounts list` shows them", field="account")


def _info(provider_id: str) -> ProviderInfo | None:
    found = provider(provider_id)
    return found.info if found else None
