"""Accounts in the windows: a key is looked at before it is kept, never seen but by the eye, and forgotten when left;
each account says how it stands and leads to its mend.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QAccessible, QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.ui import accounts, scenes, setups
from tests.ui.hands import Put, Run, choose, click, focused, keys, press, to_the_stop
from tests.ui.settings_scenes import Stage, checked, key
from tokentray.requests import (
    AddAccount,
    Answer,
    RekeyAccount,
    RemoveAccount,
    RenameAccount,
    SetOwn,
    SetPayer,
    TryKey,
    VerifyAccount,
)
from tokentray.secret import Secret
from tokentray.setup import Setup
from tokentray.snapshot import Problem, SourceState
from tokentray.ui.forms import key_guess
from tokentray.ui.forms.key import KeyForm, Step
from tokentray.ui.forms.keyedit import KeyBox
from tokentray.ui.forms.own import own_plain, parse_own
from tokentray.ui.settings.accounts import AccountsPage
from tokentray.ui.settings.accounts_forms import OwnForm, RekeyForm, RemoveForm, RenameForm
from tokentray.ui.settings.agents import AgentsPage
from tokentray.ui.settings.window import ACCOUNTS, AGENTS, CHARGES, PRIVACY, SettingsWindow
from tokentray.ui.view import SnapshotView
from tokentray.ui.widgets import TextLabel


@pytest.fixture(name="pages")
def pages_fixture() -> Iterator[list[str]]:
    """Takes what would be opened in a browser."""
    opener = Opener()
    QDesktopServices.setUrlHandler("https", opener, "take")  # type: ignore[arg-type] # its stub names bytes, it takes str
    yield opener.opened
    QDesktopServices.unsetUrlHandler("https")


class Opener(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def take(self, url: QUrl) -> None:
        self.opened.append(url.toString())


def settle() -> None:
    """Let what changed be laid out, and then be scrolled to."""
    for _ in range(5):
        QApplication.processEvents()


def words_of(widget: QWidget) -> str:
    return "\n".join(label.words() for label in widget.findChildren(TextLabel) if label.isVisible())


def page_of(window: SettingsWindow) -> AccountsPage:
    page = window.page
    assert isinstance(page, AccountsPage)
    return page


def form_of(page: AccountsPage) -> KeyForm:
    form = page.add_account.form
    assert isinstance(form, KeyForm)
    return form


def kept(setup: Setup, number: int, **changes: object) -> Setup:
    """With an account that is different."""
    changed = tuple(
        replace(one, **changes) if one.id == number else one  # type: ignore[arg-type] # as the test says
        for one in setup.accounts
    )
    return replace(setup, accounts=changed)


# Adding a key.


def test_paste_enter_enter_adds_an_account(run: Run, qtbot: QtBot) -> None:
    """One path by keys alone: what is asked of the provider first keeps nothing, and only then the key is kept."""
    engine, window = run(setups.ordinary(), ACCOUNTS)
    page = page_of(window)
    page.add_account.button.setFocus()
    press(Qt.Key.Key_Return)
    form = form_of(page)
    assert focused() is form.key.edit
    QGuiApplication.clipboard().setText(f'  "{accounts.OPENAI_KEY}"\n')
    press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert form.provider.value() == "openai"
    assert "Reads tokens and costs" in words_of(form), "said before anything is asked or kept"
    assert engine.requests == []
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: form.step is Step.FOUND)
    assert engine.requests == [TryKey("openai", Secret(accounts.OPENAI_KEY))]
    told = words_of(form)
    for said in ("OpenAI: Admin key of Acme", "Tokens by hour", "Balances and prompts", "Only yours: user Dana Ito"):
        assert said in told
    assert "api.usage.read alone would do" in told
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(page.accounts) == 1)
    own = {"user_id": ("user-dana",)}
    asked = AddAccount("openai", Secret(accounts.OPENAI_KEY), "OpenAI", own=own, pays_for=("codex",))
    assert engine.requests[1:] == [asked]
    qtbot.waitUntil(lambda: not page.add_account.is_open())
    assert form.key.edit.text() == ""
    assert window.said.words() == "OpenAI is account 1."


def test_a_wrong_kind_leads_to_the_page_that_makes_the_right_one(put: Put, pages: list[str]) -> None:
    stage = put(key(accounts.WRONG_KEY))
    form = stage.add_form
    assert form.kind.words() == "Project key of OpenAI"
    assert "sees nothing of past usage" in form.told.words()
    assert not form.send_button.isVisible()
    assert not form.skip.isVisible()
    form.key.edit.setFocus()
    press(Qt.Key.Key_Return)
    assert stage.requests == [], "it is not sent to anybody"
    assert focused() is form.page
    assert pages == []
    press(Qt.Key.Key_Return)
    assert pages == ["https://platform.openai.com/settings/organization/admin-keys"]


def test_a_kind_that_names_its_provider_is_not_called_after_it_twice() -> None:
    """And what is said of any key is whole sentences."""
    assert key_guess.about("sk-or-v1-" + "0" * 64, "").title == "OpenRouter key"
    assert key_guess.about("sk-" + "0" * 32, "deepseek").title == "DeepSeek API key"
    for key_text in (accounts.OPENAI_KEY, accounts.WRONG_KEY, accounts.SEVERAL_KEY, accounts.UNREADABLE_KEY, "", "zzz"):
        for chosen in ("", *key_guess.names()):
            told = key_guess.about(key_text, chosen).text
            assert told.endswith(".") and not told.endswith("..") if told else True, told


def test_a_form_that_opens_makes_a_narrow_window_wide_enough(put: Put) -> None:
    """Nothing scrolls sideways: a form must not begin or end beyond the edge."""
    stage = put(Stage(setups.twelve_accounts(), ACCOUNTS))
    stage.window.resize(stage.window.minimumSizeHint().width(), 330)
    settle()
    form = stage.add_form
    settle()
    assert form.visibleRegion().boundingRect().width() == form.width()


def test_a_key_of_several_providers_is_sent_to_none_until_one_is_chosen(put: Put) -> None:
    stage = put(key(accounts.SEVERAL_KEY))
    form = stage.add_form
    assert form.provider.value() == ""
    assert form.kind.words() == "Whose key is it?"
    form.key.edit.setFocus()
    press(Qt.Key.Key_Return)
    assert stage.requests == []
    assert form.field("provider").refused()
    assert focused() is form.provider


def test_an_unknown_key_asks_whose_it_is(put: Put) -> None:
    stage = put(key(accounts.UNKNOWN_KEY))
    form = stage.add_form
    assert (form.provider.value(), form.told.words()) == ("", "It is not known by its looks: choose the provider.")
    form.submit()
    assert stage.requests == []


def test_a_provider_that_cannot_be_read_says_so_and_what_to_use(put: Put) -> None:
    stage = put(key(accounts.UNREADABLE_KEY))
    form = stage.add_form
    assert form.kind.words() == "Groq cannot be read"
    assert "in the settings" in form.told.words()
    assert "`" not in form.told.words(), "no command, in a window"
    assert not form.send_button.isVisible()
    form.submit()
    assert stage.requests == []


def test_every_provider_is_offered_and_says_which_key_to_make(put: Put) -> None:
    """Before a key is pasted: the narrowest that will do, and where it is made."""
    stage = put(key(""))
    form = stage.add_form
    for provider in key_guess.names():
        form.provider.setCurrentIndex(form.provider.findData(provider))
        form.provider.activated.emit(form.provider.currentIndex())
        assert form.provider.value() == provider
        assert form.told.words()
        assert form.send_button.isVisible() == (key_guess.about("", provider).usable)


def test_a_proxy_asks_for_its_address(put: Put) -> None:
    stage = put(key(accounts.SHARED_KEY))
    form = stage.add_form
    assert form.provider.value() == "litellm-proxy"
    form.key.edit.setFocus()
    press(Qt.Key.Key_Return)
    assert stage.requests == []
    assert form.field("base_url").refused()
    assert focused() is form.base_url
    keys("http://10.0.0.7:4000")
    assert form.plain_http.isVisible(), "a key that goes unencrypted is asked about"
    form.base_url.selectAll()
    keys("https://llm.example.com")
    assert not form.plain_http.isVisible()
    press(Qt.Key.Key_Return)
    assert stage.requests == [TryKey("litellm-proxy", Secret(accounts.SHARED_KEY), "https://llm.example.com")]


def test_an_unencrypted_address_takes_a_yes(put: Put) -> None:
    stage = put(key(accounts.SHARED_KEY))
    form = stage.add_form
    form.base_url.setFocus()
    keys("http://10.0.0.7:4000")
    form.plain_http.click()
    form.submit()
    request = stage.requests[-1]
    assert isinstance(request, TryKey)
    assert request.plain_http
    assert not key_guess.is_plain_http("http://127.0.0.1:4000")
    assert not key_guess.is_plain_http("http://localhost")
    assert not key_guess.is_plain_http("http://[::1")


def test_a_gateway_may_have_keys_of_any_look(put: Put) -> None:
    stage = put(key(accounts.WRONG_KEY))
    form = stage.add_form
    click(form.gateway)
    assert focused() is form.base_url
    keys("https://gateway.example.com")
    assert form.send_button.isVisible()
    press(Qt.Key.Key_Return)
    assert stage.requests == [TryKey("openai", Secret(accounts.WRONG_KEY), "https://gateway.example.com")]


def test_a_whole_organisation_asks_whose_part_it_is(run: Run, qtbot: QtBot) -> None:
    """Nothing counts by accident: one's own part is found by any part of a name, or all is said to be one's own."""
    engine, window = run(setups.ordinary(), ACCOUNTS)
    page = page_of(window)
    page.add_account.open()
    form = form_of(page)
    form.key.edit.setText(accounts.WHOLE_KEY)
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: form.step is Step.FOUND)
    assert focused() is form.own.who
    assert "not counted as yours" in words_of(form)
    press(Qt.Key.Key_Return)
    assert form.own.field.refused()
    keys("sam@example.com")
    press(Qt.Key.Key_Return)
    assert form.own.field.refused(), "two are called so"
    line = form.own.who.lineEdit()
    assert line is not None
    line.selectAll()
    keys("dana ito")
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(page.accounts) == 1)
    request = engine.requests[-1]
    assert isinstance(request, AddAccount)
    assert (request.own, request.counted) == ({"user_id": ("user-dana",)}, False)


def test_all_of_an_organisation_counts_once_it_is_said(put: Put) -> None:
    stage = put(checked(accounts.WHOLE_KEY))
    form = stage.add_form
    form.own.whole.click()
    assert not form.own.who.isEnabled()
    form.submit()
    request = stage.requests[-1]
    assert isinstance(request, AddAccount)
    assert (request.own, request.counted) == ({}, True)


def test_another_account_that_sees_the_same_is_named(put: Put) -> None:
    stage = put(checked(accounts.SAME_KEY, setups.with_accounts))
    assert "“OpenAI, mine” sees the same: what both see counts once" in stage.add_form.view.same.words()


def test_a_second_account_of_a_provider_gets_a_name_of_its_own(put: Put) -> None:
    setup = replace(setups.ordinary(), accounts=(accounts.account(1, "OpenAI"), accounts.account(2, "OpenAI 2")))
    stage = put(checked(accounts.OPENAI_KEY, lambda: setup))
    assert stage.add_form.label.text() == "OpenAI 3"


def test_a_refused_key_keeps_what_was_pasted(put: Put) -> None:
    stage = put(key(accounts.REFUSED_KEY))
    form = stage.add_form
    form.submit()
    stage.window.take_answer(
        Answer(len(stage.requests), "", Problem("OpenAI does not know the key", "it answered 401", "Make one"), "key")
    )
    assert form.step is Step.TYPING
    assert form.field("key").refused()
    assert form.key.text() == accounts.REFUSED_KEY
    form.key.edit.setFocus()
    keys("0")
    assert not form.field("key").refused()


def test_a_key_can_be_kept_without_asking(put: Put) -> None:
    stage = put(key(accounts.OPENAI_KEY))
    click(stage.add_form.skip)
    assert stage.requests == [AddAccount("openai", Secret(accounts.OPENAI_KEY), verify=False)]


def test_a_locked_keyring_is_said_and_what_was_found_stays(run: Run, qtbot: QtBot) -> None:
    _, window = run(setups.ordinary(), ACCOUNTS)
    page = page_of(window)
    page.add_account.open()
    form = form_of(page)
    form.key.edit.setText(accounts.LOCKED_KEY)
    form.submit()
    qtbot.waitUntil(lambda: form.step is Step.FOUND)
    form.submit()
    qtbot.waitUntil(form.refusal.isVisible)
    assert "The keyring is locked" in form.refusal.words()
    assert form.step is Step.FOUND
    assert form.key.text() == accounts.LOCKED_KEY


def test_a_refusal_is_scrolled_into_sight(put: Put) -> None:
    """It stands below all that was found of the key, where a small window ends."""
    stage = put(checked(accounts.LOCKED_KEY))
    stage.window.resize(stage.window.width(), 330)
    form = stage.add_form
    settle()
    form.submit()
    stage.refuse(accounts.LOCKED, "")
    settle()
    assert not form.refusal.isHidden()
    assert form.refusal.visibleRegion().boundingRect().height() == form.refusal.height()


def test_what_is_waited_for_is_said_and_can_be_left(put: Put, qtbot: QtBot) -> None:
    """The form stays usable, and an answer that comes too late changes nothing."""
    stage = put(key(accounts.OPENAI_KEY))
    form = stage.add_form
    form.key.edit.setFocus()
    form.submit()
    form.submit()
    assert len(stage.requests) == 1, "once"
    assert form.waiting.words() == "Asking OpenAI…"
    assert stage.window.said.words() == "", "it is said where one looks, not at the foot"
    press(Qt.Key.Key_Escape)
    assert form.step is Step.TYPING
    assert not form.waiting.isVisible()
    assert form.key.text() == accounts.OPENAI_KEY
    stage.find()
    assert form.step is Step.TYPING
    press(Qt.Key.Key_Escape)
    assert not stage.accounts.add_account.is_open()
    assert stage.window.isVisible()


def test_another_key_typed_meanwhile_is_another_question(put: Put) -> None:
    stage = put(key(accounts.OPENAI_KEY))
    form = stage.add_form
    form.submit()
    form.key.edit.setText(accounts.WHOLE_KEY)
    stage.find()
    assert form.step is Step.TYPING, "the answer was about the key before"
    form.submit()
    assert len(stage.requests) == 2


def test_a_long_wait_says_what_it_may_be(put: Put, qtbot: QtBot) -> None:
    stage = put(checked(accounts.OPENAI_KEY))
    form = stage.add_form
    form.submit()
    assert form.waiting.words() == "Asking OpenAI, then keeping the key…"
    form.waiting.long.setInterval(1)
    qtbot.waitUntil(lambda: "may be asking you for its password" in form.waiting.words())


# The key itself.


def test_a_key_is_seen_by_the_eye_alone(put: Put) -> None:
    """Shown or not, it is in no accessible text, no step to undo, no clipboard, no title and no tooltip."""
    stage = put(key(""))
    form = stage.add_form
    QGuiApplication.clipboard().setText("before")
    form.key.edit.setFocus()
    keys(accounts.OPENAI_KEY)
    for _ in range(2):
        assert form.key.edit.echoMode() == QLineEdit.EchoMode.Password
        for widget in (stage.window, *stage.window.findChildren(QWidget)):
            assert accounts.OPENAI_KEY not in _heard(widget), widget
        form.key.edit.selectAll()
        press(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        assert QGuiApplication.clipboard().text() == "before"
        assert not form.key.painted.isVisible() or form.key.toggle.text().startswith("Hide")
        click(form.key.toggle)
    form.key.forget()
    assert not form.key.edit.isUndoAvailable()
    form.key.edit.undo()
    assert form.key.edit.text() == ""


def _heard(widget: QWidget) -> str:
    heard = [widget.windowTitle(), widget.toolTip(), widget.accessibleName(), widget.accessibleDescription()]
    face = QAccessible.queryAccessibleInterface(widget)
    if face is not None:
        heard += [face.text(kind) for kind in (QAccessible.Text.Name, QAccessible.Text.Value)]
        heard.append(face.text(QAccessible.Text.Description))
        texts = face.textInterface()
        if texts is not None:
            heard.append(texts.text(0, texts.characterCount()))
    return "\n".join(heard)


def test_a_shown_key_is_painted_whole(qtbot: QtBot) -> None:
    """However narrow the window, every letter has its place."""
    box = KeyBox()
    qtbot.addWidget(box)
    box.resize(220, 200)
    box.show()
    box.edit.setText(accounts.OPENAI_KEY)
    box.toggle.click()
    assert "".join(box.painted.lines(box.painted.width())) == accounts.OPENAI_KEY
    needed = box.painted.heightForWidth(box.painted.width())
    qtbot.waitUntil(lambda: box.painted.height() >= needed)


@pytest.mark.parametrize("how", ["page", "window", "form"])
def test_a_key_that_is_left_is_forgotten(how: str, put: Put) -> None:
    stage = put(key(accounts.OPENAI_KEY))
    form = stage.add_form
    form.key.toggle.click()
    if how == "page":
        stage.window.show_page(CHARGES)
    elif how == "window":
        stage.window.close()
    else:
        form.cancel_button.click()
    assert form.key.edit.text() == ""
    assert not form.key.edit.isUndoAvailable()
    assert form.key.painted.lines(100) == []
    assert form.step is Step.TYPING


def test_a_key_that_is_left_while_it_is_kept_is_told_at_the_foot(put: Put) -> None:
    """What is under way goes on; the person learns what came of it."""
    stage = put(checked(accounts.OPENAI_KEY))
    stage.add_form.submit()
    stage.window.show_page(CHARGES)
    stage.refuse(accounts.LOCKED, "")
    assert stage.window.said.words() == "Not done. The keyring is locked: no key can be read or kept"


def test_a_part_is_typed_and_told_in_the_same_terms() -> None:
    own = {"user_id": ("a", "b"), "email": ("dana@example.com",)}
    assert parse_own(own_plain(own)) == own
    for text in ("dana", "user_id=", "=x", "user_id=a b"):
        assert parse_own(text) is None


# The list.


def test_each_state_says_how_it_stands_and_what_to_do(put: Put) -> None:
    stage = put(Stage(setups.with_accounts(), ACCOUNTS))
    blocks = {number: stage.account(number) for number in range(1, 8)}
    assert blocks[1].amount.words() == "$48.20 this month"
    assert blocks[1].state.words() == "Read 2 minutes ago · from 1 Jan 2026"
    assert blocks[2].state.words() == "Not read yet · reading back: 3 of 12 months"
    assert blocks[3].trouble.words() == "Key refused on 12 Nov; read 10 days ago. Replace the key"
    mends = {number: block.mend.text() for number, block in blocks.items() if block.mend.isVisible()}
    assert mends == {3: "Replace key…", 4: "Try again", 5: "Say which part is yours…"}
    assert "not counted as yours" in blocks[5].own.words()
    assert list(stage.accounts.accounts)[-1] == 7, "a removed one comes last"


def test_the_keyring_is_on_top_with_its_mend(put: Put, qtbot: QtBot) -> None:
    stage = put(Stage(setups.locked_keyring(), ACCOUNTS))
    assert stage.accounts.problem.title.words() == "The keyring is locked"
    with qtbot.waitSignal(stage.window.refresh_asked):
        click(stage.accounts.again)
    stage.window.show_setup(setups.with_accounts())
    assert not stage.accounts.keyring.isVisible()


def test_a_refused_key_is_replaced(run: Run, qtbot: QtBot) -> None:
    engine, window = run(setups.with_accounts(), ACCOUNTS)
    block = page_of(window).accounts[3]
    block.mend.setFocus()
    press(Qt.Key.Key_Return)
    form = block.form
    assert isinstance(form, RekeyForm)
    assert focused() is form.key.edit
    press(Qt.Key.Key_Return)
    assert form.field("key").refused()
    keys("sk-or-v1-" + "9" * 64)
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(form.field("key").refused)
    assert "does not know the key" in form.field("key").refusal.words()
    form.key.edit.selectAll()
    keys("sk-or-v1-" + "0" * 64)
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not block.mend.isVisible())
    assert engine.requests[-1] == RekeyAccount(3, Secret("sk-or-v1-" + "0" * 64))
    assert block.form is None
    assert focused() is block.rekey


def test_a_locked_account_is_tried_again(run: Run, qtbot: QtBot) -> None:
    engine, window = run(setups.with_accounts(), ACCOUNTS)
    block = page_of(window).accounts[4]
    click(block.mend)
    qtbot.waitUntil(block.refusal.isVisible)
    assert engine.requests == [VerifyAccount(4)]
    assert "The keyring is locked" in block.refusal.words()


def test_a_check_tells_what_the_key_reads(run: Run, qtbot: QtBot) -> None:
    _, window = run(setups.with_accounts(), ACCOUNTS)
    block = page_of(window).accounts[1]
    click(block.manage)
    click(block.check)
    qtbot.waitUntil(block.tried.isVisible)
    assert "Costs by day" in block.tried.words()
    click(block.manage)
    assert not block.details.isVisible()


def test_ones_own_part_is_chosen_afresh(run: Run, qtbot: QtBot) -> None:
    """The provider is asked whom the person may be; meanwhile it can be typed."""
    engine, window = run(setups.with_accounts(), ACCOUNTS)
    block = page_of(window).accounts[5]
    click(block.mend)
    form = block.form
    assert isinstance(form, OwnForm)
    assert focused() is form.own.who
    qtbot.waitUntil(lambda: form.own.who.count() == 3)
    keys("nobody")
    window.activateWindow()  # the offscreen platform forgets it when a list closes
    press(Qt.Key.Key_Return)
    assert form.own.field.refused()
    line = form.own.who.lineEdit()
    assert line is not None
    line.selectAll()
    keys("user_id=user-dana, api_key_id=key_1")
    window.activateWindow()
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: block.form is None)
    assert engine.requests == [VerifyAccount(5), SetOwn(5, {"user_id": ("user-dana",), "api_key_id": ("key_1",)})]
    assert not block.mend.isVisible()


def test_what_is_all_ones_own_has_no_part_to_choose(put: Put) -> None:
    stage = put(Stage(setups.with_accounts(), ACCOUNTS))
    stage.account(3).manage.click()
    assert not stage.account(3).part.isVisible()
    stage.account(1).manage.click()
    assert stage.account(1).part.isVisible()


def test_an_account_is_renamed(run: Run, qtbot: QtBot) -> None:
    engine, window = run(setups.with_accounts(), ACCOUNTS)
    block = page_of(window).accounts[1]
    block.manage.setFocus()
    press(Qt.Key.Key_Return)
    to_the_stop("Rename: OpenAI, mine")
    press(Qt.Key.Key_Return)
    assert isinstance(block.form, RenameForm)
    keys("Work & <b>play</b>")
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: block.name.words() == "Work & <b>play</b>")
    assert engine.requests == [RenameAccount(1, "Work & <b>play</b>")]
    assert focused() is block.rename


@pytest.mark.parametrize("keep", [True, False])
def test_an_account_is_removed_after_one_question(keep: bool, run: Run, qtbot: QtBot) -> None:
    engine, window = run(setups.with_accounts(), ACCOUNTS)
    page = page_of(window)
    block = page.accounts[1]
    click(block.manage)
    click(block.remove)
    form = block.form
    assert isinstance(form, RemoveForm)
    assert focused() is form.cancel_button, "the key of Enter keeps it"
    assert "no undo" in words_of(form)
    if not keep:
        form.delete.click()
    click(form.send_button)
    qtbot.waitUntil(lambda: engine.requests == [RemoveAccount(1, keep_history=keep)])
    if keep:
        qtbot.waitUntil(lambda: list(page.accounts)[-1] == 7 and not block.check.isVisible())
        assert 1 in page.accounts
    else:
        qtbot.waitUntil(lambda: 1 not in page.accounts)


def test_what_was_read_of_a_removed_account_is_deleted(run: Run, qtbot: QtBot) -> None:
    engine, window = run(setups.with_accounts(), ACCOUNTS)
    page = page_of(window)
    click(page.accounts[7].manage)
    click(page.accounts[7].remove)
    form = page.accounts[7].form
    assert isinstance(form, RemoveForm)
    assert not form.keep.isVisible()
    click(form.send_button)
    qtbot.waitUntil(lambda: 7 not in page.accounts)
    assert engine.requests == [RemoveAccount(7, keep_history=False)]


def test_bills_beside_tokens(put: Put) -> None:
    """A sentence above, a row a day, the reason under a day that differs; absent where there is nothing to compare."""
    stage = put(Stage(setups.with_accounts(), ACCOUNTS))
    block = stage.account(1)
    block.manage.click()
    assert [cell.words() for cell in block.days.rows[0]] == ["20 Nov 2026", "$12.40", "$14.02", "−$1.62", "−12 %"]
    assert len(block.days.rows) == 5
    assert "$4.86 less" in block.days.sentence.words()
    assert words_of(block.days).count("A discount") == 3
    stage.account(3).manage.click()
    assert not stage.account(3).days.isVisible()
    stage.window.show_setup(kept(setups.with_accounts(), 1, differences=accounts.differences(20)))
    assert len(block.days.rows) == 7
    click(block.days.more)
    assert len(block.days.rows) == 20


def test_a_read_does_not_take_a_form_out_of_the_hands(put: Put) -> None:
    stage = put(Stage(setups.with_accounts(), ACCOUNTS))
    block = stage.account(3)
    click(block.mend)
    form = block.form
    assert isinstance(form, RekeyForm)
    keys("sk-or-v1-")
    stage.window.show_setup(kept(setups.with_accounts(), 3, state_text="key refused on 13 Nov"))
    assert block.form is form
    assert form.key.edit.text() == "sk-or-v1-"
    assert focused() is form.key.edit
    assert block.trouble.words().startswith("Key refused on 13 Nov")


def test_a_failing_row_of_the_popover_leads_to_its_account(put: Put, qtbot: QtBot) -> None:
    view = SnapshotView()
    qtbot.addWidget(view)
    amount = scenes.spend("3.05")
    failing = scenes.source(
        "account:3", "OpenRouter", amount, amount, 500, SourceState.FAILING, error="key refused on 12 Nov"
    )
    well = scenes.source("account:1", "OpenAI", amount, amount, 500)
    agent = scenes.source("codex", "Codex", amount, amount, 500, SourceState.FAILING, error="no permission")
    view.show_snapshot(scenes.ordinary()._replace(sources=(failing, well, agent)))
    view.show()
    shown = [row.mend.isVisible() for row in view.sources.rows()]
    assert shown == [True, False, False]
    mend = view.sources.rows()[0].mend
    assert mend.accessibleName() == "Mend OpenRouter in the settings"
    with qtbot.waitSignal(view.settings_asked) as asked:
        QTest.keyClick(mend, Qt.Key.Key_Return)
    assert asked.args == ["account:3"]
    stage = put(Stage(setups.with_accounts(), CHARGES))
    stage.window.open_account(3)
    assert focused() is stage.account(3).mend


def test_an_account_can_be_said_to_pay_for_an_agent(run: Run, qtbot: QtBot) -> None:
    """By its name among the payers; one that was removed is no longer offered."""
    engine, window = run(replace(setups.fresh(), accounts=accounts.several()), AGENTS)
    page = window.page
    assert isinstance(page, AgentsPage)
    combo = page.agents["codex"].payer
    assert not combo.has_value("account:7")
    choose(combo, "account:1")
    qtbot.waitUntil(lambda: bool(window.said.words()))
    assert engine.requests == [SetPayer("codex", "account:1", keep_narrower=True)]
    assert combo.currentText() == "OpenAI, mine, an account"


# Privacy.


def test_every_host_and_place_is_told(put: Put) -> None:
    stage = put(Stage(setups.with_accounts(), PRIVACY))
    told = words_of(stage.privacy)
    for host in accounts.HOSTS:
        assert host.host in told
        assert f"last: {host.last_text}" in told
    for place in accounts.PLACES:
        assert place.where in told
    assert "no telemetry" in told
    click(stage.privacy.places["History"].copy)
    assert QGuiApplication.clipboard().text() == accounts.PLACES[0].where
    assert stage.window.said.words() == f"Copied: {accounts.PLACES[0].where}"


def test_without_accounts_nobody_is_contacted(put: Put) -> None:
    stage = put(Stage(setups.ordinary(), PRIVACY))
    assert stage.privacy.nobody.isVisible()


def test_names_are_plain_text_everywhere(put: Put) -> None:
    stage = put(Stage(setups.twelve_accounts(), ACCOUNTS))
    block = stage.account(2)
    assert block.name.text() == accounts.MARKUP
    assert block.name.textFormat() == Qt.TextFormat.PlainText
    long = stage.account(1).name
    assert long.words() == accounts.LONG_LABEL
    assert long.toolTip() == accounts.LONG_LABEL or long.text() == accounts.LONG_LABEL
