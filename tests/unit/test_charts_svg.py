"""Charts as SVG: whole documents that show the text they were given and do nothing else."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings

from tests.unit.charts import bar_chart, charts
from tokentray.charts.colors import DARK, LIGHT
from tokentray.charts.layout import draw
from tokentray.charts.shapes import Size, Text
from tokentray.charts.spec import Chart
from tokentray.charts.svg import svg
from tokentray.charts.text import elided, plain_pen, shown, wrapped

NS = "{http://www.w3.org/2000/svg}"
PEN = plain_pen()
HOSTILE = '<img src=x onerror=alert(1)> & \x1b[31m\x00 "q" ]]>\ud800'


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(charts())
def test_any_chart_is_a_valid_document(chart: Chart) -> None:
    """It parses, and holds every text of the drawing as text and nothing that runs or fetches."""
    drawing = draw(chart, Size(500, 250), PEN)
    document = svg(drawing, LIGHT, chart.title, "what it shows")
    root = ET.fromstring(document)
    assert {element.tag.removeprefix(NS) for element in root.iter()} <= {
        *("svg", "title", "desc", "defs", "pattern", "rect", "line", "polyline", "polygon", "circle", "text")
    }
    assert [element.text for element in root.iter(f"{NS}text")] == [
        shape.text for shape in drawing.shapes if isinstance(shape, Text)
    ]
    assert (
        not re.search(r"href|url\((?!#)|script|<!", document.replace("&lt;", ""), re.IGNORECASE) or "&lt;" in document
    )


def test_names_cannot_break_out() -> None:
    """Markup and control characters of a name stay what they are: text, made visible."""
    chart = bar_chart([[1, 2]])
    bars = (chart.bars[0]._replace(short=HOSTILE, text="", heading=HOSTILE),)
    document = svg(draw(chart._replace(bars=bars), Size(900, 300), PEN), LIGHT, HOSTILE, HOSTILE)
    root = ET.fromstring(document.encode())
    words = [root.findtext(f"{NS}title"), root.findtext(f"{NS}desc"), *(one.text for one in root.iter(f"{NS}text"))]
    assert sum("<img src=x onerror=alert(1)> & \\x1b[31m\\x00" in (text or "") for text in words) == 4
    assert "<img" not in document


def test_patterns_and_ground_are_in_the_document() -> None:
    """Each pattern once, and every reference leads to one; the ground is given, for a viewer may have a dark one."""
    chart = bar_chart([[9, 8, 7]] * 3, series_inks=["source:codex", "agent:codex", "project:codex"])
    for ground in (LIGHT, DARK):
        document = svg(draw(chart, Size(500, 250), PEN), ground)
        root = ET.fromstring(document)
        names = [pattern.get("id") for pattern in root.iter(f"{NS}pattern")]
        used = set(re.findall(r"url\(#([^)]+)\)", document))
        assert len(names) == len(set(names)) == 2
        assert used == set(names)
        first = next(root.iter(f"{NS}rect"))
        ground_rect = next(rect for rect in root.iter(f"{NS}rect") if rect.get("fill") == ground.window)
        assert (ground_rect.get("width"), ground_rect.get("height")) == ("500", "250")
        assert first is not None


def test_text_from_right_to_left_stands_where_it_was_placed() -> None:
    """The left end of a text is its end where it is read leftwards."""
    chart = bar_chart([[1]])
    bars = (chart.bars[0]._replace(short="نوفمبر", text=""),)
    root = ET.fromstring(svg(draw(chart._replace(bars=bars), Size(300, 200), PEN), LIGHT))
    (label,) = [one for one in root.iter(f"{NS}text") if one.text == "نوفمبر"]
    assert (label.get("text-anchor"), label.get("direction")) == ("end", "rtl")


@pytest.mark.parametrize("text", ["Mix between token kinds", "x" * 300, "日本語の名前がここに", "e\u0301" * 40])
def test_what_is_shortened_fits(text: str) -> None:
    """In one line or two, never cut within a character and its accent."""
    for wide in (20.0, 60.0, 90.0, 2000.0):
        short = elided(text, wide, 0.9, PEN.measure)
        assert PEN.measure(short, 0.9) <= wide or not short
        assert not short or short == text or short.endswith("…")
        for line in wrapped(text, wide, 0.9, PEN.measure):
            assert PEN.measure(line, 0.9) <= wide
    assert wrapped("Mix between token kinds", 90, 0.9, PEN.measure) == ("Mix between", "token kinds")


def test_control_characters_are_written_out() -> None:
    """What a terminal would obey is seen."""
    assert shown("a\x1b[31mb\nc\u202e") == "a\\x1b[31mb\\nc\\u202e"
    assert shown("1\u00a0234 é 🦊") == "1\u00a0234 é 🦊"
