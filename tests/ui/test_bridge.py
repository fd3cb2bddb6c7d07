"""Snapshots reach the main thread: the newest, never more than four a second, none after closing."""

import threading
import time
from dataclasses import replace

from pytestqt.qtbot import QtBot

from tests.ui.scenes import ordinary
from tokentray.snapshot import Snapshot
from tokentray.ui.bridge import Bridge


def collect(bridge: Bridge) -> tuple[list[Snapshot], set[int]]:
    seen: list[Snapshot] = []
    threads: set[int] = set()

    def take(snapshot: Snapshot) -> None:
        seen.append(snapshot)
        threads.add(threading.get_ident())

    bridge.snapshot_changed.connect(take)
    return seen, threads


def test_a_burst_becomes_a_few(qtbot: QtBot) -> None:
    bridge = Bridge()
    seen, threads = collect(bridge)
    base = ordinary()

    def burst() -> None:
        end = time.monotonic() + 0.6
        number = 0
        while time.monotonic() < end:
            number += 1
            bridge.receive(replace(base, taken_at_utc=number))
            time.sleep(0.001)
        bridge.receive(replace(base, taken_at_utc=10**9))

    engine = threading.Thread(target=burst)
    engine.start()
    qtbot.waitUntil(lambda: bool(seen) and seen[-1].taken_at_utc == 10**9, timeout=3000)
    engine.join()
    assert 2 <= len(seen) <= 5
    assert [one.taken_at_utc for one in seen] == sorted(one.taken_at_utc for one in seen)
    assert threads == {threading.get_ident()}


def test_the_first_comes_at_once_and_the_same_only_once(qtbot: QtBot) -> None:
    bridge = Bridge()
    seen, _ = collect(bridge)
    bridge.receive(ordinary())
    assert not seen, "never from within the engine's call"
    qtbot.waitUntil(lambda: len(seen) == 1, timeout=200)
    bridge.receive(ordinary())
    qtbot.wait(350)
    assert len(seen) == 1
    assert bridge.shown == ordinary()


def test_nothing_after_closing(qtbot: QtBot) -> None:
    bridge = Bridge()
    seen, _ = collect(bridge)
    bridge.receive(ordinary())
    bridge.close()
    bridge.receive(replace(ordinary(), taken_at_utc=1))
    qtbot.wait(50)
    assert not seen
