"""Names come from logs and providers, who may write markup into them: nowhere is it taken for more than letters."""

from collections.abc import Callable

import pytest
from PySide6.QtGui import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tokentray.ui.forms.controls import Combo
from tokentray.ui.forms.eliding import NameCheck
from tokentray.ui.widgets import TextLabel, in_lines

EVIL = '<img src="//evil.example/share/x.png"><b>Acme</b> and a name too long for its place'


def _label() -> tuple[QWidget, Callable[[], str]]:
    label = TextLabel(elides=True)
    label.set_words(EVIL)
    return label, label.toolTip


def _check() -> tuple[QWidget, Callable[[], str]]:
    check = NameCheck()
    check.set_name(EVIL)
    return check, check.toolTip


def _combo() -> tuple[QWidget, Callable[[], str]]:
    combo = Combo()
    combo.show_choices([("a", EVIL)])
    combo.setCurrentIndex(0)
    return combo, combo.toolTip


@pytest.mark.parametrize("made", [_label, _check, _combo])
def test_a_tooltip_reads_no_markup(qtbot: QtBot, made: Callable[[], tuple[QWidget, Callable[[], str]]]) -> None:
    """Qt takes a tooltip for rich text where it looks like some, and would fetch the picture, from another host too."""
    widget, tip = made()
    qtbot.addWidget(widget)
    widget.resize(60, 30)
    widget.show()
    assert tip()
    assert not Qt.mightBeRichText(tip())
    assert tip().replace("\N{WORD JOINER}", "") == EVIL


@pytest.mark.parametrize("text", ["Acme <b>", "Acme &lt;b&gt;", "<!-- Acme", "<?xml", "R&D & more", "a < b", "<a\nb>"])
def test_a_long_tooltip_reads_none_either(text: str) -> None:
    """What cannot be taken for markup stays to the letter."""
    told = in_lines(text)
    assert not Qt.mightBeRichText(told)
    assert told.replace("\N{WORD JOINER}", "") == text
    if not Qt.mightBeRichText(text):
        assert told == text


def test_no_line_ends_between_a_sign_and_its_figure(qtbot: QtBot) -> None:
    """In a text that wraps, at any width; who asks for the words has them as they were given."""
    words = "October cost ≈ $2.25 more: ≈ $15.85 less through cheaper models, 12 % of it; ≈ $10.92 for more use"
    label = TextLabel(wraps=True)
    qtbot.addWidget(label)
    label.set_words(words)
    assert label.words() == words
    assert not {"≈", "%"} & set(label.text().split(" "))
    plain = TextLabel(elides=True)
    qtbot.addWidget(plain)
    plain.resize(2000, 20)
    plain.set_words(words)
    assert plain.text() == words
