"""The page on the network: an address and a path, typed, told when left, and mended in place when refused."""

from dataclasses import replace
from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from tests.ui import setups
from tests.ui.hands import Put, focused, keys, press, to_the_stop
from tests.ui.settings_scenes import Stage
from tokentray.requests import SetProxyPassword, SetSetting
from tokentray.secret import Secret
from tokentray.snapshot import Problem
from tokentray.ui.settings.declared import SettingField
from tokentray.ui.settings.network import NetworkPage, PasswordForm
from tokentray.ui.settings.setting_controls import TextControl
from tokentray.ui.settings.window import NETWORK, PRIVACY

ADDRESS = "http://ada@proxy.example.com:3128"


def line_of(stage: Stage, key: str) -> tuple[SettingField, QLineEdit]:
    field = next(one for one in stage.window.page.findChildren(SettingField) if one.setting.key == key)
    assert isinstance(field.value, TextControl)
    return field, field.value.line


def test_an_address_is_told_when_it_is_left(put: Put) -> None:
    """Not at every letter; what holds meanwhile does not take away what is being typed."""
    stage = put(Stage(setups.ordinary(), NETWORK))
    field, line = line_of(stage, "network.proxy")
    assert (line.text(), line.placeholderText()) == ("", "The system's")
    to_the_stop("Proxy")
    keys("proxy.example.com:3128")
    stage.window.show_setup(replace(setups.ordinary(), today=date(2026, 11, 23)))
    assert line.text() == "proxy.example.com:3128"
    assert stage.requests == []
    press(Qt.Key.Key_Tab)
    assert stage.requests == [SetSetting("network.proxy", "proxy.example.com:3128")]
    stage.window.show_setup(setups.behind_proxy("http://proxy.example.com:3128"))
    stage.accept("Saved")
    assert line.text() == "http://proxy.example.com:3128", "as it is kept"
    assert field.reset.isVisible()
    to_the_stop("Reset Proxy")
    press(Qt.Key.Key_Return)
    assert stage.requests[-1] == SetSetting("network.proxy", None)
    stage.window.show_setup(setups.ordinary())
    stage.accept("Saved")
    assert line.text() == ""


def test_what_is_left_as_it_was_is_not_told(put: Put) -> None:
    """To walk over a line with Tab changes nothing."""
    stage = put(Stage(setups.behind_proxy(ADDRESS), NETWORK))
    to_the_stop("Proxy")
    assert focused() is line_of(stage, "network.proxy")[1]
    press(Qt.Key.Key_Tab)
    press(Qt.Key.Key_Backtab)
    press(Qt.Key.Key_Return)
    assert stage.requests == []


def test_what_is_refused_stays_to_be_mended(put: Put) -> None:
    """With the reason under it, which goes when it is mended."""
    stage = put(Stage(setups.ordinary(), NETWORK))
    field, line = line_of(stage, "network.ca_file")
    assert line.placeholderText() == "None"
    to_the_stop("Certificates of your own")
    keys("company.pem")
    press(Qt.Key.Key_Return)
    assert stage.requests == [SetSetting("network.ca_file", "company.pem")]
    stage.refuse(Problem("network.ca_file takes the full path of a file", "not 'company.pem'", ""), "network.ca_file")
    assert line.text() == "company.pem"
    assert field.refused()
    assert "the full path of a file" in line.accessibleDescription()
    stage.window.show_setup(replace(setups.ordinary(), today=date(2026, 11, 23)))
    assert line.text() == "company.pem"
    line.selectAll()
    keys("~/company.pem")
    press(Qt.Key.Key_Return)
    assert stage.requests[-1] == SetSetting("network.ca_file", "~/company.pem")


def password_of(stage: Stage) -> PasswordForm:
    page = stage.window.page
    assert isinstance(page, NetworkPage)
    return page.password


def test_a_password_is_asked_for_where_the_proxy_has_a_user(put: Put) -> None:
    """There alone, and as soon as the address names one."""
    stage = put(Stage(setups.ordinary(), NETWORK))
    assert not password_of(stage).isVisible()
    stage.window.show_setup(setups.behind_proxy("http://proxy.example.com:3128"))
    assert not password_of(stage).isVisible()
    stage.window.show_setup(setups.behind_proxy(ADDRESS))
    assert password_of(stage).isVisible()
    told = password_of(stage).field("password").help.words()
    assert "ada at proxy.example.com:3128" in told
    assert "that proxy only" in told


def test_a_typed_password_goes_to_the_keyring_and_stays_nowhere(put: Put) -> None:
    """As it was typed, without what is taken off a key; the field is empty as soon as it is kept."""
    stage = put(Stage(setups.behind_proxy(ADDRESS), NETWORK))
    form = password_of(stage)
    to_the_stop("Password")
    keys('"Bearer made up" ')
    press(Qt.Key.Key_Return)
    assert stage.requests == [SetProxyPassword(ADDRESS, Secret('"Bearer made up" '))]
    assert form.waiting.isVisible()
    press(Qt.Key.Key_Return)
    assert len(stage.requests) == 1, "what is under way is not asked for again"
    stage.accept("The password is kept in the keyring.")
    assert form.password.edit.text() == ""
    assert not form.waiting.isVisible()
    assert stage.window.said.words() == "The password is kept in the keyring."


def test_a_password_is_removed_without_typing_one(put: Put) -> None:
    stage = put(Stage(setups.behind_proxy(ADDRESS), NETWORK))
    to_the_stop("Remove it from the keyring")
    press(Qt.Key.Key_Return)
    assert stage.requests == [SetProxyPassword(ADDRESS, None)]


def test_a_password_that_cannot_be_is_said_in_place(put: Put) -> None:
    """An empty one too; nothing is sent, and a locked keyring leaves what was typed."""
    stage = put(Stage(setups.behind_proxy(ADDRESS), NETWORK))
    form = password_of(stage)
    form.submit()
    assert form.field("password").refused()
    to_the_stop("Password")
    keys("x" * 501)
    press(Qt.Key.Key_Return)
    assert form.field("password").refused()
    assert stage.requests == []
    form.password.edit.selectAll()
    keys("made up")
    assert not form.field("password").refused()
    press(Qt.Key.Key_Return)
    stage.refuse(Problem("The keyring is locked", "no key can be read or kept", "Unlock it"), "")
    assert form.refusal.isVisible()
    assert form.password.edit.text() == "made up"


def test_a_password_does_not_stay_behind(put: Put) -> None:
    """Nor is one typed for a proxy sent to another."""
    stage = put(Stage(setups.behind_proxy(ADDRESS), NETWORK))
    form = password_of(stage)
    to_the_stop("Password")
    keys("made up")
    stage.window.show_setup(setups.behind_proxy("http://ada@other.example.com:3128"))
    assert form.password.edit.text() == ""
    keys("made up")
    stage.window.show_page(PRIVACY)
    assert form.password.edit.text() == ""


def test_no_help_in_a_window_is_a_command(put: Put) -> None:
    """What the terminal is told of is on the page itself."""
    stage = put(Stage(setups.ordinary(), NETWORK))
    field, _ = line_of(stage, "network.proxy")
    assert "keyring" in field.help.words()
    assert "`" not in field.help.words()
