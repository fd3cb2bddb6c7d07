"""An engine that polls one account again and again while the provider has nothing new, and what that costs it.

    python -m tests.bench.polling_probe HOME URL

Prints one JSON object. The provider answers in the process that started this one, so that its memory is not counted.
"""

import gc
import json
import sqlite3
import sys
import threading
import time
from pathlib import Path

from tests.app.polled import KEY, SetClock, made_up, use_memory_keyring, wait_until
from tokentray import paths
from tokentray.clock import UtcZone
from tokentray.engine.account_work import AccountWork
from tokentray.engine.keys import Keys
from tokentray.engine.runtime import Engine
from tokentray.ledger import ALL
from tokentray.money import NumberStyle
from tokentray.secret import Credential
from tokentray.store.history import History
from tokentray.store.writer import Writer

_POLLS = 20
_WARM = 5
_EVERY_S = 300
_IDLE_S = 5


def main(home: str, url: str) -> int:
    """Runs the polls, then sits still for a while."""
    use_memory_keyring()
    where, clock = paths.resolve(home), SetClock()
    account = _add(where.history, url, clock)
    work = AccountWork(where, clock, NumberStyle(), providers=(made_up(),), calm_s=0)
    engine = Engine(where, clock, UtcZone(), NumberStyle(), agents=(), accounts=work)
    engine.start()
    wait_until(lambda: _is_read(where.history, account, clock.at_utc), 30)
    memory, rows = [], []
    for _ in range(_POLLS):
        clock.at_utc += _EVERY_S
        engine.refresh()
        wait_until(lambda: _is_read(where.history, account, clock.at_utc), 30)
        threading.Event().wait(0.1)  # the snapshot that follows
        gc.collect()
        memory.append(_memory_kb())
        rows.append(_rows(where.history))
    wait_until(lambda: not _sockets())
    cpu_s, wakeups = time.process_time(), _wakeups()
    threading.Event().wait(_IDLE_S)
    cpu_s, wakeups = time.process_time() - cpu_s, _wakeups() - wakeups
    engine.stop(2)
    grown = {table: count - rows[_WARM][table] for table, count in rows[-1].items() if count != rows[_WARM][table]}
    told = {
        "polls": _POLLS - 1 - _WARM,
        "grown_kb": memory[-1] - memory[_WARM],
        "memory_kb": memory[-1],
        "rows": grown,
        "idle_cpu_s": cpu_s,
        "idle_wakeups_a_second": wakeups / _IDLE_S,
    }
    print(json.dumps(told))
    return 0


def _add(history: Path, url: str, clock: SetClock) -> int:
    writer = Writer(history)
    try:
        Keys().put("made-up:one", Credential(KEY, url))
        with writer.telling() as told:
            return told.add_account("made-up:one", "made-up", "One", url, "Key", "", "", ALL, True, True, clock.at_utc)
    finally:
        writer.close()


def _is_read(history: Path, account: int, since_utc: int) -> bool:
    with History(history) as opened:
        state = opened.poll_states().get(account)
        source = next(one for one in opened.sources() if one.id == account)
    return state is not None and state.started_utc >= since_utc and (source.read_at_utc or 0) >= since_utc


def _rows(history: Path) -> dict[str, int]:
    """How many rows each table has."""
    connection = sqlite3.connect(f"{history.absolute().as_uri()}?mode=ro", uri=True)
    try:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return {name: connection.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0] for name in names}
    finally:
        connection.close()


def _memory_kb() -> int:
    """What of this process is in memory, without the files it shares with others."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon:"))


def _sockets() -> list[str]:
    """Connections of this process."""
    found = []
    for entry in Path("/proc/self/fd").iterdir():
        try:
            name = str(entry.readlink())
        except OSError:
            continue  # closed meanwhile
        if name.startswith("socket:"):
            found.append(name)
    return found


def _wakeups() -> int:
    """How often its threads have waited for something so far."""
    texts = [one.read_text() for one in Path("/proc/self/task").glob("*/status")]
    lines = [line for text in texts for line in text.splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches:"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
