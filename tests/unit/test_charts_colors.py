"""Hues and patterns: the same for ever, told apart by every eye and without any colour."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentray.charts import palette
from tokentray.charts.colors import DARK, LIGHT, SHAPE_CONTRAST, Shades, contrast, is_dark, readable, rgb, shades

GROUNDS = [
    LIGHT,
    DARK,
    *(
        shades(window, text, "#3584e4")
        for window, text in [("#fafafa", "#202020"), ("#2d2d2d", "#eee8d5"), ("#000000", "#ffffff")]
    ),
]
INKS = ["", *(f"source:plan:{number}" for number in range(20)), "model:claude-opus-4-5", "kind:output", "project:مشروع"]


def test_looks_never_change() -> None:
    """People know their sources by them."""
    white = LIGHT.window
    assert {name: palette.hue(name, white) for name in ("claude-code", "codex", "gemini-cli", "plan:1", "plan:2")} == {
        "claude-code": "#d55e00",
        "codex": "#0072b2",
        "gemini-cli": "#cc79a7",
        "plan:1": "#d55e00",
        "plan:2": "#935778",
    }
    inks = ("source:claude-code", "source:codex", "source:gemini-cli", "source:plan:1", "source:plan:2")
    assert [palette.look(ink) for ink in inks] == [
        (1, 0, palette.SOLID),
        (0, 0, palette.SOLID),
        (3, 0, palette.SOLID),
        (1, 0, palette.SOLID),
        (3, 1, palette.SOLID),
    ]
    assert [palette.look(f"model:{name}") for name in ("claude-opus-5-5", "gpt-5.2", "kimi-k2.7-code")] == [
        (7, 0, palette.SOLID),
        (6, 1, palette.SOLID),
        (2, 1, palette.SOLID),
    ]


def test_an_ink_has_the_colour_of_what_it_stands_for() -> None:
    """A source looks the same in the popover, in a legend and grouped by agent."""
    assert palette.color("source:plan:2", LIGHT) == palette.hue("plan:2", LIGHT.window)
    assert palette.look("agent:codex") == palette.look("source:codex")


@pytest.mark.parametrize("ground", GROUNDS)
def test_series_stand_out_from_the_window(ground: Shades) -> None:
    """3:1 at least for all hues and for grey, in light and dark, also of the paler pattern against its window."""
    for ink in INKS:
        color = palette.color(ink, ground)
        assert contrast(rgb(color), rgb(ground.window)) >= SHAPE_CONTRAST
        assert palette.paler(ink, ground) not in (color, ground.window)
    for role in ("text", "secondary", "failure"):
        assert contrast(rgb(palette.color(role, ground)), rgb(ground.window)) >= 4.5


@given(st.integers(0, 0xFFFFFF), st.integers(0, 0xFFFFFF), st.sampled_from([3.0, 4.5]))
def test_any_colour_becomes_readable_on_any_window(color: int, window: int, least: float) -> None:
    """As it is written, after rounding to 256 steps; or black or white where no more can be had."""
    found = readable(f"#{color:06x}", f"#{window:06x}", least)
    limit = "#ffffff" if is_dark(f"#{window:06x}") else "#000000"
    assert found == limit or contrast(rgb(found), rgb(f"#{window:06x}")) >= least


@given(st.lists(st.sampled_from(INKS[1:]), max_size=30))
def test_series_of_one_colour_differ_in_pattern(inks: list[str]) -> None:
    """As long as patterns last; and the order of the series changes nothing. So do the markers of lines."""
    series = [(str(at), ink) for at, ink in enumerate(inks)]
    for choose, number in ((palette.patterns, palette.PATTERNS), (palette.markers, palette.MARKERS)):
        found = dict(zip(series, choose(series), strict=True))
        assert found == dict(zip(series[::-1], choose(series[::-1]), strict=True))
        colors: dict[str, list[int]] = {}
        for (_, ink), pattern in found.items():
            colors.setdefault(palette.color(ink, LIGHT), []).append(pattern)
        for patterns in colors.values():
            assert len(set(patterns)) == min(len(patterns), number)


@pytest.mark.parametrize("ground", GROUNDS)
def test_a_hue_has_two_tones(ground: Shades) -> None:
    """Which nobody takes for each other, though none is that of another hue either: sixteen colours."""
    inks = {palette.look(f"source:{number}")[:2]: f"source:{number}" for number in range(200)}
    assert len({palette.color(ink, ground) for ink in inks.values()}) == 16
    for number in range(8):
        plain, strong = (rgb(palette.color(inks[number, tone], ground)) for tone in (0, 1))
        assert contrast(plain, strong) >= 1.3


def test_most_series_have_no_pattern() -> None:
    """Where a chart has few series, few of them are patterned."""
    solid = [number for number in range(400) if palette.look(f"source:{number}").pattern == palette.SOLID]
    assert len(solid) > 200


def test_the_kinds_of_tokens_differ_in_hue() -> None:
    """They are few and always seen together."""
    kinds = ("input", "output", "cache-read", "cache-write-5m", "cache-write-1h", "search")
    assert len({palette.look(f"kind:{kind}")[0] for kind in kinds}) == len(kinds)


@pytest.mark.parametrize("ground", GROUNDS)
def test_what_is_billed_stands_out_from_what_is_estimated(ground: Shades) -> None:
    """Side by side in every theme: the fee of a plan and its worth, a bill and its tokens at list price."""
    for bill in ("basis:plan", "basis:billed"):
        for estimate in ("basis:estimated", "basis:metered"):
            one, other = rgb(palette.color(bill, ground)), rgb(palette.color(estimate, ground))
            assert contrast(one, other) >= 1.3
            assert palette.look(bill).pattern == palette.SOLID != palette.look(estimate).pattern
