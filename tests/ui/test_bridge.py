"""Snapshots reach the main thread: the newest, never more than four a second, none after closing."""

import threading
import time
from dataclasses import replace

from pytestqt.qtbot import QtBot

from tests.ui import setups
from tests.ui.scenes import ordinary
from tokentray.engine.exporter import ExportProgress
from tokentray.question import Question
from tokentray.report import Report
from tokentray.requests import Answer
from tokentray.setup import Setup
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
            bridge.receive(base._replace(taken_at_utc=number))
            time.sleep(0.001)
        bridge.receive(base._replace(taken_at_utc=10**9))

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
    bridge.receive(ordinary()._replace(taken_at_utc=1))
    qtbot.wait(50)
    assert not seen


def test_setups_come_the_newest_only(qtbot: QtBot) -> None:
    bridge = Bridge()
    seen: list[Setup] = []
    bridge.setup_changed.connect(seen.append)
    base = setups.ordinary()
    for number in range(50):
        bridge.receive_setup(replace(base, settings_file=str(number)))
    qtbot.waitUntil(lambda: bool(seen), timeout=500)
    assert [one.settings_file for one in seen] == ["49"]
    assert bridge.setup is seen[0]


def test_every_answer_comes_in_order_after_the_setup_told_before_it(qtbot: QtBot) -> None:
    """A control that follows its answer finds the setup that belongs to it, however fast setups come."""
    bridge = Bridge()
    seen: list[str] = []
    bridge.setup_changed.connect(lambda setup: seen.append(f"setup {setup.settings_file}"))
    bridge.answered.connect(lambda answer: seen.append(f"answer {answer.request_id}"))
    base = setups.ordinary()
    bridge.receive_setup(replace(base, settings_file="0"))
    qtbot.waitUntil(lambda: seen == ["setup 0"], timeout=500)

    def engine() -> None:
        for number in range(1, 20):
            bridge.receive_setup(replace(base, settings_file=str(number)))
            bridge.receive_answer(Answer(number, ""))

    thread = threading.Thread(target=engine)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: "answer 19" in seen, timeout=2000)
    assert [one for one in seen if one.startswith("answer")] == [f"answer {number}" for number in range(1, 20)]
    assert seen.index("setup 19") < seen.index("answer 19")


def test_no_setup_and_no_answer_after_closing(qtbot: QtBot) -> None:
    bridge = Bridge()
    seen: list[object] = []
    bridge.setup_changed.connect(seen.append)
    bridge.answered.connect(seen.append)
    bridge.receive_answer(Answer(1, ""))
    bridge.receive_setup(setups.ordinary())
    bridge.close()
    bridge.receive_answer(Answer(2, ""))
    bridge.receive_setup(setups.empty())
    qtbot.wait(50)
    assert not seen


def test_every_report_comes_at_once(qtbot: QtBot) -> None:
    """Somebody waits for it: the same again where it was asked for again, without a pause, and none after closing."""
    bridge = Bridge()
    seen: list[Report] = []
    bridge.report_changed.connect(seen.append)
    report = Report(Question(), Question(), empty_text="Nothing is read yet.")
    for _ in range(5):
        with qtbot.waitSignal(bridge.report_changed, timeout=200):
            threading.Thread(target=bridge.receive_report, args=(report,)).start()
    bridge.close()
    bridge.receive_report(report)
    qtbot.wait(20)
    assert seen == [report] * 5


def test_all_that_is_told_of_an_export_comes_in_its_order(qtbot: QtBot) -> None:
    """Progress and outcome alike, and none after closing."""
    bridge = Bridge()
    seen: list[object] = []
    bridge.export_told.connect(seen.append)
    told = [ExportProgress(done, 20) for done in range(21)]

    def engine() -> None:
        for one in told:
            bridge.receive_export(one)

    thread = threading.Thread(target=engine)
    thread.start()
    thread.join()
    assert not seen, "never from within the engine's call"
    qtbot.waitUntil(lambda: len(seen) == len(told), timeout=2000)
    assert seen == told
    bridge.receive_export(told[0])
    bridge.close()
    bridge.receive_export(told[1])
    qtbot.wait(20)
    assert seen == told
