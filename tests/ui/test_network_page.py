"""The page on the network: an address and a path, typed, told when left, and mended in place when refused."""

from dataclasses import replace
from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from tests.ui import setups
from tests.ui.hands import Put, focused, keys, press, to_the_stop
from tests.ui.settings_scenes import Stage
from tokentray.requests import SetSetting
from tokentray.setup import Setup
from tokentray.snapshot import Problem
from tokentray.ui.settings.declared import SettingField, TextControl
from tokentray.ui.settings.window import NETWORK

ADDRESS = "http://ada@proxy.example.com:3128"


def line_of(stage: Stage, key: str) -> tuple[SettingField, QLineEdit]:
    field = next(one for one in stage.window.page.findChildren(SettingField) if one.setting.key == key)
    assert isinstance(field.value, TextControl)
    return field, field.value.line


def with_proxy(text: str) -> Setup:
    """A setup in which the proxy is set."""
    made = setups.ordinary()
    settings = tuple(
        replace(one, text=text, is_default=not text) if one.key == "network.proxy" else one for one in made.settings
    )
    return replace(made, settings=settings)


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
    stage.window.show_setup(with_proxy("http://proxy.example.com:3128"))
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
    stage = put(Stage(with_proxy(ADDRESS), NETWORK))
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
