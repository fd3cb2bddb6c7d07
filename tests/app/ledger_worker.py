"""A refresh in a process of its own, for a test to end at any moment. The key comes on standard input."""

import json
import sys
from pathlib import Path

from tests.app.polled import SetClock, use_memory_keyring
from tokentray.engine.keys import Keys
from tokentray.engine.polls import poll_all
from tokentray.net.client import Network, origin_of
from tokentray.secret import Credential, Secret
from tokentray.store.history import History


def main() -> None:
    asked = json.load(sys.stdin)
    use_memory_keyring()
    keys, path = Keys(), Path(asked["history"])
    with History(path) as history:
        accounts = history.accounts()
    for account in accounts:
        keys.put(account.name, Credential(Secret(asked["key"]), origin_of(account.base_url)))
    poll_all(accounts, path, SetClock(asked["now_utc"]), keys, Network)


if __name__ == "__main__":
    main()
