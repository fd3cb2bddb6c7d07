"""Colours: readable in both themes, and the same for a source for ever."""

import pytest
from PySide6.QtGui import QColor, QFont, QPalette
from pytestqt.qtbot import QtBot

from tokentray.ui import theme

LIGHT = [
    ("#ffffff", "#000000", "#308cc6"),
    ("#fafafa", "#2e3436", "#3584e4"),
    ("#efefef", "#000000", "#ffd700"),
]
DARK = [
    ("#2d2d2d", "#ffffff", "#308cc6"),
    ("#1e1e2e", "#cdd6f4", "#1c71d8"),
    ("#000000", "#808080", "#202060"),
]


def palette(window: str, text: str, accent: str) -> QPalette:
    result = QPalette()
    result.setColor(QPalette.ColorRole.Window, QColor(window))
    result.setColor(QPalette.ColorRole.WindowText, QColor(text))
    result.setColor(QPalette.ColorRole.Accent, QColor(accent))
    return result


@pytest.mark.parametrize("names", LIGHT + DARK)
def test_text_is_readable_in_every_palette(names: tuple[str, str, str]) -> None:
    shades = theme.colors(palette(*names))
    for ink in (shades.text, shades.secondary, shades.failure):
        assert theme.contrast(ink, shades.window) >= theme.TEXT_CONTRAST
    assert theme.contrast(shades.accent, shades.window) >= theme.SHAPE_CONTRAST
    assert shades.dark == (names in DARK)


@pytest.mark.parametrize("window", ["#ffffff", "#fafafa", "#2d2d2d", "#000000"])
def test_sources_stand_out_and_differ(window: str) -> None:
    ground = QColor(window)
    shown = [theme.source_color(name, ground) for name in ("claude-code", "codex", "gemini-cli", "opencode")]
    for color in shown:
        assert theme.contrast(color, ground) >= theme.SHAPE_CONTRAST
    assert shown[0] != shown[1]


def test_a_source_keeps_its_colour() -> None:
    """These may never change: people know their sources by them."""
    white = QColor("white")
    kept = {"claude-code": "#d55e00", "codex": "#0072b2", "gemini-cli": "#cc79a7"}
    assert {name: theme.source_color(name, white).name() for name in kept} == kept


def test_contrast_is_that_of_wcag() -> None:
    assert theme.contrast(QColor("black"), QColor("white")) == pytest.approx(21)
    assert theme.contrast(QColor("#777777"), QColor("white")) == pytest.approx(4.48, abs=0.01)


def test_digits_are_of_equal_width(qtbot: QtBot) -> None:
    large = theme.font(2, QFont.Weight.DemiBold)
    assert large.isFeatureSet(QFont.Tag("tnum"))
    assert large.pointSizeF() == pytest.approx(theme.font().pointSizeF() * 2)
