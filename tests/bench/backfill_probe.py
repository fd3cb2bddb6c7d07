"""Reads an account at Anthropic back to where its books begin, as `refresh` does.

python -m tests.bench.backfill_probe HOME URL NOW
"""

import sys

from tests.app.polled import KEY, SetClock, use_memory_keyring
from tokentray import paths
from tokentray.engine.keys import Keys
from tokentray.engine.polls import poll_all
from tokentray.ledger import ALL
from tokentray.net.client import Network
from tokentray.secret import Credential
from tokentray.store.history import History
from tokentray.store.writer import Writer


def main(home: str, url: str, now_utc: int) -> int:
    """1 where not all of it was read."""
    use_memory_keyring()
    history, keys = paths.resolve(home).history, Keys()
    keys.put("anthropic:one", Credential(KEY, url))
    writer = Writer(history)
    with writer.telling() as told:
        told.add_account("anthropic:one", "anthropic", "One", url, "Key", "", "", ALL, True, True, now_utc)
    writer.close()
    with History(history) as opened:
        accounts = opened.accounts()
    (result,) = poll_all(accounts, history, SetClock(now_utc), keys, Network)
    print(result.error or "", file=sys.stderr)
    return int(result.more or result.error is not None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
