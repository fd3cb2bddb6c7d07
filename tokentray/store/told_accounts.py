"""Writes about accounts that the person asked for. Whatever changes what an account sees ends a poll that is under way.

The key itself is in the keyring, under the account's name; nothing of it is here.
"""

import sqlite3
from collections.abc import Mapping

from tokentray.ledger import ALL, Own
from tokentray.store.account_rows import AccountRow, accounts, own_text

_READ = ("feed_spans", "feed_ends", "feed_reads", "doubts")
"""What is known of how far an account was read."""
_LEDGER = ("billed_buckets", "metered_buckets", "billed_intervals", "readings")
"""What was read of it."""


class ToldAccounts:
    """Reads and writes within one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def accounts(self) -> list[AccountRow]:
        """Those in use."""
        return accounts(self._db)

    def add_account(
        self,
        name: str,
        provider: str,
        label: str,
        base_url: str,
        kind: str,
        holder: str,
        scope: str,
        own: Own,
        counted: bool,
        narrowed: bool,
        now_utc: int,
    ) -> int:
        """A new account. name: "<provider>:<uuid>"."""
        row = self._db.execute(
            "INSERT INTO sources (kind, name, label, provider, created_at) VALUES ('account', ?, ?, ?, ?) RETURNING id",
            (name, label, provider, now_utc),
        ).fetchone()
        self._db.execute(
            "INSERT INTO accounts (source_id, base_url, kind, holder, scope, own, counted, narrowed, memory)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, '{}')",
            (row[0], base_url, kind, holder, scope, own_text(own), int(counted), int(narrowed)),
        )
        return int(row[0])

    def rename_account(self, account_id: int, label: str) -> None:
        self._db.execute("UPDATE sources SET label = ? WHERE id = ? AND kind = 'account'", (label, account_id))

    def set_own(self, account_id: int, own: Own, scope: str, counted: bool, narrowed: bool) -> None:
        """Another part of the organisation, or another word on whether the account counts.

        Where the part is another, everything is read anew, and replaces what there is. What was read of the whole
        organisation without counting is other people's use too, and goes at once.
        """
        row = self._db.execute(
            "SELECT own, counted, narrowed FROM accounts WHERE source_id = ?", (account_id,)
        ).fetchone()
        if row is not None and row[0] != own_text(own):
            self._forget(account_id, _READ)
            if row[0] == own_text(ALL) and not (row[1] or row[2]):
                self._forget(account_id, _LEDGER)
        if row is not None and (row[0], bool(row[1])) != (own_text(own), counted):
            # What the provider remembered was of the other part, or of what counted then.
            self._db.execute("UPDATE accounts SET memory = '{}' WHERE source_id = ?", (account_id,))
        self._db.execute(
            "UPDATE accounts SET own = ?, scope = ?, counted = ?, narrowed = ? WHERE source_id = ?",
            (own_text(own), scope, int(counted), int(narrowed), account_id),
        )
        self._end_poll(account_id)

    def rekey_account(self, account_id: int, base_url: str, kind: str, holder: str, scope: str) -> None:
        """A new key for the same account: what was read stays, and it is polled again whatever went wrong before.

        It may tell more of the past than the one before. Where nothing says that it sees the same (scope ""), what a
        counter or balance stood at before says nothing of what it stands at now.
        """
        self._db.execute(
            "UPDATE accounts SET base_url = ?, kind = ?, holder = ?, scope = ?, removed_at = NULL WHERE source_id = ?",
            (base_url, kind, holder, scope, account_id),
        )
        self._forget(account_id, ("feed_ends", "doubts"))
        if not scope:
            self._forget(account_id, ("readings",))
            self._db.execute("UPDATE accounts SET memory = '{}' WHERE source_id = ?", (account_id,))
        self._end_poll(account_id)
        self._start_anew(account_id)

    def key_works(self, account_id: int, kind: str, holder: str) -> None:
        """The same key was found to work: it is polled again whatever went wrong before."""
        self._db.execute("UPDATE accounts SET kind = ?, holder = ? WHERE source_id = ?", (kind, holder, account_id))
        self._start_anew(account_id)

    def name_ids(self, account_id: int, names: Mapping[str, str]) -> None:
        """What the ids in an account's own part are called, beside its API keys."""
        self._db.executemany(
            "INSERT OR REPLACE INTO account_keys (source_id, key_name, name) VALUES (?, ?, ?)",
            [(account_id, key, name) for key, name in names.items() if key and name],
        )

    def remove_account(self, account_id: int, keep_history: bool, now_utc: int) -> None:
        """Its key is gone. Deleting its history also takes back the rules that name it."""
        self._forget(account_id, ("account_polls", "doubts"))
        if keep_history:
            self._db.execute("UPDATE accounts SET removed_at = ? WHERE source_id = ?", (now_utc, account_id))
            self._db.execute("UPDATE sources SET error = '' WHERE id = ?", (account_id,))
            return
        self._forget(account_id, (*_READ, *_LEDGER, "account_keys", "revisions", "polls", "accounts"))
        self._db.execute("DELETE FROM payer_rules WHERE payer = 'account' AND payer_id = ?", (account_id,))
        self._db.execute("DELETE FROM sources WHERE id = ? AND kind = 'account'", (account_id,))

    def _start_anew(self, account_id: int) -> None:
        """Nothing is held against it."""
        self._db.execute("UPDATE sources SET error = '' WHERE id = ?", (account_id,))
        self._db.execute(
            "UPDATE account_polls SET not_before = 0, failures = 0, error_code = '' WHERE source_id = ?", (account_id,)
        )

    def _end_poll(self, account_id: int) -> None:
        """What is being read just now was asked for under other conditions, and is not kept."""
        self._db.execute(
            "UPDATE account_polls SET lease_owner = '', lease_until = 0 WHERE source_id = ?", (account_id,)
        )

    def _forget(self, account_id: int, tables: tuple[str, ...]) -> None:
        for table in tables:
            self._db.execute(f"DELETE FROM {table} WHERE source_id = ?", (account_id,))
