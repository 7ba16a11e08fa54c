"""What is written as SVG straight away looks as matplotlib would draw it, and its words have room."""

from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from test_timeline import LABOR, SITTING, bars, clashes, make, plans, texts

import qlkit
from qlkit import plot_timeline
from qlkit.lessons.day import day, draw_day
from qlkit.lessons.lifting import draw_lift
from qlkit.plots.sheet import HATCHES
from qlkit.plots.style import COLORS
from qlkit.plots.svg import Svg, sheet_svg
from qlkit.plots.timeline import timeline_sheet

NAME = "{http://www.w3.org/2000/svg}"
RENDERER = Figure(dpi=720)._get_renderer()  # ten pixels to the point: letters are not rounded to whole ones


def parsed(svg):
    return ElementTree.fromstring(svg)  # noqa: S314 - our own


def words(svg):
    """Return every text with its box: as wide as it says, and as high as matplotlib measures it."""
    found = []
    for text in parsed(svg).iter(f"{NAME}text"):
        x, y, size, wide = (float(text.get(key)) for key in ("x", "y", "font-size", "textLength"))
        font = FontProperties(family="DejaVu Sans", size=size, weight=text.get("font-weight") or "normal")
        measured = RENDERER.get_text_width_height_descent(text.text, font, False)
        width, height, descent = (length / 10 for length in measured)
        assert wide == pytest.approx(width, rel=0.03, abs=1.5)
        assert text.get("lengthAdjust") == "spacingAndGlyphs"
        found.append((text.text.replace("\N{NO-BREAK SPACE}", " "), (x, y - height + descent, x + wide, y + descent)))
    return found


def faults(svg):
    """List the texts that overlap or are cut off."""
    left, top, wide, high = map(float, parsed(svg).get("viewBox").split())
    return clashes(words(svg), (left, top, left + wide, top + high))


@settings(max_examples=25)
@given(plans())
@example(LABOR)
@example(make([(5, 265)] * 40))
@example(make([(0, 60), (5, 40)], title="two  spaces & <b>", open_ended={1}, optional={2}, rise=30))
def test_every_word_stands_where_matplotlib_puts_it(plan):
    sheet = timeline_sheet([plan])
    written = words(sheet_svg(sheet))
    ax = plot_timeline(plan)
    factor = 72 / ax.get_figure().dpi
    drawn = []
    for text, box in texts(ax):
        x0, x1 = (x * factor - sheet.left for x in (box.x0, box.x1))
        y0, y1 = (sheet.height - y * factor for y in (box.y1, box.y0))
        lines = [line for line in text.split("\n") if line.strip()]
        drawn += lines
        # Where a letter is as tall as É, matplotlib lets it stick out of its box at the top.
        slack = 4 * len(lines) if set("ÄÉ") & set(text) else 1.5
        for line in lines:
            near = [p for said, p in written if said == line and y0 - slack < p[1] < p[3] < y1 + slack]
            assert [p for p in near if x0 - 2 < p[0] < p[2] < x1 + 2 + 0.03 * (x1 - x0)], line
    assert sorted(drawn) == sorted(text for text, _ in written)


@pytest.mark.parametrize("several", [[LABOR], [SITTING, LABOR], [make([(5, 265)] * 40)]])
def test_every_bar_is_there(several):
    sheet, ax = timeline_sheet(several), plot_timeline(several)
    for kind in ("hold", "move"):
        found = []
        for path in parsed(sheet_svg(sheet)).iter(f"{NAME}path"):
            if path.get("class") == kind:
                assert path.get("fill") == COLORS[kind]
                for box in path.get("d").removeprefix("M").split("M"):
                    x, rest = box.split(" ", 1)
                    found.append((float(x) / sheet.scale, float(rest.split("h")[1].split("v")[0]) / sheet.scale))
        assert sorted(found) == [pytest.approx(span, abs=0.02 / sheet.scale) for span in bars(ax, kind)]


def test_colour_and_hatch_say_the_same():
    drawn = list(parsed(sheet_svg(timeline_sheet([LABOR]))).iter(f"{NAME}path"))
    hatched = {path.get("d") for path in drawn if path.get("fill") == "url(#hatch)"}
    assert hatched == {path.get("d") for path in drawn if path.get("fill") in [COLORS[kind] for kind in HATCHES]}


@pytest.mark.parametrize("title", ["<script>alert(1)</script>", "a & b", 'x" onload="1', "]]>", "&lt;"])
def test_a_title_is_shown_as_typed(title):
    svg = sheet_svg(timeline_sheet([make([(0, 600)], title=title)]))
    assert title in [text for text, _ in words(svg)]
    assert "<script" not in svg


def test_a_control_character_does_not_spoil_the_picture():
    svg = Svg()
    svg.text(0, 10, ["bell\x07"], 10)
    assert [text.text for text in parsed(svg.written(20, 40)).iter(f"{NAME}text")] == ["bell\N{REPLACEMENT CHARACTER}"]


def test_what_it_can_not_draw_is_not_left_out_in_silence():
    with pytest.raises(TypeError, match="cue-chime"):
        sheet_svg(timeline_sheet([LABOR], cues=True))


@pytest.mark.parametrize(("letter", "ems"), [("木", 1), ("ｱ", 0.6)])
def test_a_letter_that_the_font_lacks_has_the_width_of_its_script(letter, ems, recwarn):
    svg = Svg()
    svg.text(0, 10, [letter], 10)
    (text,) = parsed(svg.written(20, 40)).iter(f"{NAME}text")
    assert float(text.get("textLength")) == 10 * ems
    assert not recwarn.list


def test_an_empty_line_is_left_out():
    svg = Svg()
    svg.text(0, 10, ["a", "", "b"], 10)
    assert [text for text, _ in words(svg.written(20, 40))] == ["a", "b"]


@settings(max_examples=30)
@given(st.integers(0, 32), st.integers(1, 24), st.integers(0, 24))
def test_a_day_has_room_for_its_words(sitting, every, lifting):
    parts = day(sitting / 2, 10 * every, lifting / 2)
    if parts and sum(parts[-1][1:]) <= 24 * 60:
        assert faults(draw_day(parts)) == []


def test_so_has_the_curve_of_creep_wherever_the_slider_stands():
    app = qlkit.explore_creep()
    for half in range(41):
        app.minutes.value = half / 2
        assert faults(app.draw()) == [], half / 2


@settings(max_examples=50)
@given(st.integers(25, 60), st.integers(0, 175), st.integers(0, 175), st.integers(0, 135), st.booleans())
def test_so_has_a_lift(h, v, d, a, up):
    end = v + d if up else v - d
    if 0 <= end <= 175:
        assert faults(draw_lift(h, v, d, a, end)) == []
