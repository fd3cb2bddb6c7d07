"""The windows over the real engine, a real keyring and a made-up proxy: a pasted key becomes an account and figures."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.contract.ledgers.litellm_proxy import LiteLLMProxy
from tokentray import paths
from tokentray.clock import FixedClock, UtcSeconds, UtcZone
from tokentray.engine.account_work import AccountWork
from tokentray.engine.runtime import Engine
from tokentray.money import NumberStyle
from tokentray.ui.bridge import Bridge
from tokentray.ui.forms.key import KeyForm, Step
from tokentray.ui.settings.accounts import AccountsPage
from tokentray.ui.settings.window import ACCOUNTS, SettingsWindow

_LONG_MS = 20_000


@pytest.fixture(name="proxy")
def proxy_fixture() -> Iterator[LiteLLMProxy]:
    proxy = LiteLLMProxy(days=10)
    yield proxy
    proxy.close()


def press(key: Qt.Key) -> None:
    holder = QApplication.focusWidget()
    assert holder is not None
    QTest.keyClick(holder, key)


def test_a_pasted_key_becomes_an_account_that_is_read(proxy: LiteLLMProxy, qtbot: QtBot, tmp_path: Path) -> None:
    """And goes again with its key: by keys alone, with nothing of it in any file."""
    places, clock, style = paths.resolve(str(tmp_path / "home")), FixedClock(UtcSeconds(proxy.now_utc)), NumberStyle()
    work = AccountWork(places, clock, style, calm_s=0)
    engine = Engine(places, clock, UtcZone(), style, agents=(), env={}, home=tmp_path, accounts=work)
    bridge = Bridge()
    window = SettingsWindow(engine.submit)
    qtbot.addWidget(window)
    bridge.setup_changed.connect(window.show_setup)
    bridge.answered.connect(window.take_answer)
    engine.listen_setup(bridge.receive_setup)
    engine.listen_answers(bridge.receive_answer)
    engine.start()
    try:
        engine.want_setup(True)
        window.open(ACCOUNTS)
        qtbot.waitUntil(window.isActiveWindow)
        qtbot.waitUntil(lambda: window.page.setup is not None, timeout=_LONG_MS)
        page = window.page
        assert isinstance(page, AccountsPage)
        page.add_account.open()
        form = page.add_account.form
        assert isinstance(form, KeyForm)
        form.key.edit.setText(proxy.key)
        form.base_url.setText(proxy.url)
        press(Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: form.step is Step.FOUND or not form.waiting.isVisible(), timeout=_LONG_MS)
        assert form.step is Step.FOUND, form.refusal.words()
        press(Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: len(page.accounts) == 1, timeout=_LONG_MS)
        block = next(iter(page.accounts.values()))
        qtbot.waitUntil(lambda: block.amount.words().startswith("$"), timeout=_LONG_MS)
        assert not block.trouble.isVisible()
        for file in (tmp_path / "home").rglob("*"):
            assert not file.is_file() or proxy.key.encode() not in file.read_bytes(), file
        block.manage.click()
        block.check.click()
        qtbot.waitUntil(block.tried.isVisible, timeout=_LONG_MS)
        block.remove.click()
        assert block.form is not None
        block.form.send_button.click()
        qtbot.waitUntil(lambda: block.remove.text().startswith("Delete"), timeout=_LONG_MS)
    finally:
        bridge.close()
        assert engine.stop(5)
