"""The pictures of measured figures: what is drawn is what was printed, and every word has its place."""

import contextlib
import hashlib
import io
import itertools
import math
import subprocess
import sys
import warnings

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from qlkit.errors import DataError, QlkitError
from qlkit.evidence import evidence_keys, load_evidence
from qlkit.plots.evidence import CLASS_LOOKS, plot_evidence
from qlkit.plots.style import INK, MUTED, style
from qlkit.sources import CLASSES

KEYS = evidence_keys()
PHONE, SCREEN = 400, 1600
READ = "abstract read"


@pytest.fixture
def own(tmp_path):
    """Give a function that writes a table of rows with a label, a value and more fields each."""

    def own(rows, group="ticks = [0, 100]"):
        text = f'title = "A"\ntakeaway = "B"\ncaveat = "C"\n[[groups]]\nname = "D"\naxis = "E"\n{group}\n'
        for label, value, more in rows:
            text += f'[[groups.rows]]\nlabel = "{label}"\nvalue = {value}\nunit = "%"\nn = 4\n{more}\n'
        file = tmp_path / "own.toml"
        file.write_text(text, "utf-8")
        return file

    return own


def picture(key, size=None):
    """Draw a table, on a figure of its own or of ``size`` inches."""
    ax = plot_evidence(key, None if size is None else Figure(size).add_axes((0.02, 0.02, 0.96, 0.96)))
    return ax, ax.get_figure()


def words(ax):
    """Return everything written in a picture: words, tick labels, words beside points."""
    said = list(ax.texts)
    for inset in ax.child_axes:
        said += [*inset.texts, *inset.get_xticklabels(), *inset.get_yticklabels()]
    return [text for text in said if text.get_text() and text.get_visible()]


def written(ax):
    """Return all words of a picture as one text with plain spaces."""
    return " ".join(" ".join(text.get_text() for text in words(ax)).split())


def boxes(ax, dpi):
    """Return the drawn boxes of all words, in pixels."""
    figure = ax.get_figure()
    figure.set_dpi(dpi)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    return [(text.get_text(), text.get_window_extent(renderer)) for text in words(ax)], renderer


def overlapping(a, b, slack=0.5):
    return min(a.x1, b.x1) - max(a.x0, b.x0) > slack and min(a.y1, b.y1) - max(a.y0, b.y0) > slack


def panels(ax, key):
    return list(zip(load_evidence(key).groups, ax.child_axes, strict=True))


# --- nothing overlaps, nothing is cut off ----------------------------------------------------------------

SIZES = [(None, PHONE), ((4, 12), PHONE), (None, SCREEN), ((16, 9), SCREEN), ((10, 6), SCREEN), ((6, 13), SCREEN)]


def check_room(ax, pixels):
    figure = ax.get_figure()
    found, renderer = boxes(ax, pixels / figure.get_figwidth())
    assert len(found) > 8
    for text, box in found:
        assert box.x0 >= 0, text
        assert box.y0 >= 0, text
        assert box.x1 <= figure.bbox.width, text
        assert box.y1 <= figure.bbox.height, text
    for (text, box), (other, next_box) in itertools.combinations(found, 2):
        assert not overlapping(box, next_box), (text, other)
    for inset in ax.child_axes:
        inside, room = words_in(ax, inset, renderer), inset.get_window_extent(renderer)
        assert len(inside) == (4 if curve_in(inset) else 0), inside
        for text, box in inside:
            assert room.x0 <= box.x0, text
            assert room.y0 <= box.y0, text
            assert room.y1 >= box.y1, text


def curve_in(inset):
    return any(len(line.get_xdata()) > 2 for line in inset.lines)


def words_in(ax, inset, renderer):
    """Return the words of the frame, with their boxes, that reach into a panel."""
    found = [(text.get_text(), text.get_window_extent(renderer)) for text in ax.texts]
    return [(text, box) for text, box in found if overlapping(box, inset.get_window_extent(renderer))]


@pytest.mark.parametrize(("size", "pixels"), SIZES, ids=str)
@pytest.mark.parametrize("key", KEYS)
def test_words_neither_overlap_nor_leave_the_picture(key, size, pixels):
    ax, _ = picture(key, size)
    check_room(ax, pixels)


@pytest.mark.parametrize("key", ["flexion-creep", "slow-breathing"])
def test_an_axes_of_any_size_is_filled_well_or_refused(key):
    drawn = 0
    for size in itertools.product((1.2, 1.6, 2, 2.5, 3.5, 9), (2, 5, 20)):
        with contextlib.suppress(QlkitError):
            check_room(picture(key, size)[0], 800)
            drawn += 1
    assert drawn >= 4


def test_a_word_too_long_for_its_place_is_refused(own):
    file = own([("One" * 30, 4, 'class = "M"\nstatus = "abstract read"\nsource = "mayo"')])
    with pytest.raises(QlkitError, match="'own' can't be drawn: a word"):
        plot_evidence(file)


@pytest.mark.parametrize("size", [None, (16, 9), (6.4, 4.8)], ids=str)
def test_words_beside_the_curve_do_not_lie_on_it(size):
    ax, _ = picture("flexion-creep", size)
    inset = ax.child_axes[0]
    _, renderer = boxes(ax, 100)
    for text, box in words_in(ax, inset, renderer):
        for line in inset.lines:
            for x, y in line.get_transform().transform(line.get_xydata()):
                assert not (box.x0 < x < box.x1 and box.y0 < y < box.y1), text


@pytest.mark.parametrize("key", KEYS)
def test_letters_are_large_enough_on_a_phone(key):
    ax, figure = picture(key)
    for text in words(ax):
        assert text.get_fontsize() / 72 * PHONE / figure.get_figwidth() >= 7.9, text.get_text()


@pytest.mark.parametrize("key", KEYS)
def test_no_letter_is_missing_from_the_font(key):
    _, figure = picture(key)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        FigureCanvasAgg(figure).draw()
    with style(), warnings.catch_warnings():
        warnings.simplefilter("error")
        sample = Figure()
        sample.text(0, 0, "".join(look[3] for look in CLASS_LOOKS.values()))
        FigureCanvasAgg(sample).draw()


def test_a_wide_axes_gets_two_columns_and_larger_letters_than_a_small_one():
    wide, _ = picture("posture-pressure", (16, 9))
    small, _ = picture("posture-pressure", (10, 6))
    lefts = {round(inset.get_position().x0, 2) for inset in wide.child_axes}
    assert len(lefts) == 2
    ratio = wide.texts[0].get_fontsize() / small.texts[0].get_fontsize()
    assert ratio > 1
    for one, other in zip(wide.child_axes[0].lines, small.child_axes[0].lines, strict=True):  # all in proportion
        for get in (Line2D.get_linewidth, Line2D.get_markersize):
            assert get(one) == pytest.approx(ratio * get(other))


# --- what is drawn is what was printed -------------------------------------------------------------------


@pytest.mark.parametrize("key", KEYS)
def test_every_figure_stands_in_the_picture_with_its_origin(key):
    ax, _ = picture(key)
    said, table = written(ax), load_evidence(key)
    for text in (table.title, table.takeaway, f"Caution: {table.caveat}"):
        assert text in said
    for group in table.groups:
        assert group.name in said
        assert group.axis in said
        for row in group.rows:
            parts = [row.label, group.amount(row), group.spread(row), row.detail, row.printed, row.source]
            parts += [row.people, f"[{row.class_}] {CLASSES[row.class_]}", row.status.removeprefix(READ)]
            for part in parts:
                assert part in said, part


@pytest.mark.parametrize("key", KEYS)
def test_marks_stand_at_their_values(key):
    ax, _ = picture(key)
    for group, inset in panels(ax, key):
        dots = [line for line in inset.lines if line.get_marker() not in ("", "None", None)]
        bars = list(inset.patches)
        for row in group.rows:
            color, marker, hatch, _ = CLASS_LOOKS[row.class_]
            value = float(row.value.high)
            flat = row.value.low == row.value.high
            if flat and (group.mark == "dot" or group.curve):
                dot = dots.pop(0)
                assert dot.get_xdata()[0] == (float(row.minute) if group.curve else value), row.label
                assert not group.curve or dot.get_ydata()[0] == value, row.label
                assert dot.get_marker() == marker
                assert to_rgba(dot.get_markeredgecolor()) == to_rgba(color)
                assert (dot.get_markerfacecolor() == "white") == (row.status != READ)
            else:  # a bar from 0, or from end to end of a range
                bar = bars.pop(0)
                assert bar.get_x() == (0 if flat else float(row.value.low)), row.label
                assert bar.get_x() + bar.get_width() == value, row.label
                if row.value.kind != "at_most":
                    assert (bar.get_hatch() or "") == hatch
                    assert to_rgba(bar.get_facecolor()) == to_rgba(color)
            if row.spread:
                assert list(map(float, row.reach)) in whiskers(inset), row.label
        assert not dots
        assert not bars


def whiskers(inset):
    """Return the ends of the level lines of a panel."""
    found = [path for each in inset.collections if isinstance(each, LineCollection) for path in each.get_segments()]
    return [[start[0], end[0]] for start, end in found if start[1] == end[1]]


@pytest.mark.parametrize("key", KEYS)
def test_every_value_is_within_its_scale(key):
    ax, _ = picture(key)
    for group, inset in panels(ax, key):
        low, high = inset.get_xlim()
        for row in group.rows:
            numbers = [float(row.minute)] if group.curve else row.reach
            assert all(low <= number <= high for number in numbers), row.label
        assert inset.get_xscale() == ("log" if group.log else "linear")
        if group.mark == "bar":
            assert low == 0, "a bar that doesn't stand on zero exaggerates"


def test_groups_with_one_axis_share_one_scale():
    ax, _ = picture("height-recovery")
    assert len({inset.get_xlim() for inset in ax.child_axes}) == 1
    assert [inset.spines["bottom"].get_visible() for inset in ax.child_axes] == [False, False, True]


def test_rows_stand_level_with_their_words():
    ax, _ = picture("slow-breathing")
    _, renderer = boxes(ax, 100)
    label = next(text for text in ax.texts if text.get_text() == "Heart rate")
    box = label.get_window_extent(renderer)
    dot = [line for line in ax.child_axes[0].lines if line.get_marker() == "o"][3]
    _, y = dot.get_transform().transform(dot.get_xydata())[0]
    assert box.y0 < y < box.y1


def test_the_ceiling_is_drawn_as_a_ceiling():
    ax, _ = picture("ql-ceiling")
    (inset,) = ax.child_axes
    for bar in inset.patches:
        assert not bar.get_fill()
        assert bar.get_hatch()
        assert bar.get_linewidth() == 0
    lines = [path for each in inset.collections for path in each.get_segments()]
    assert [(start[0], end[0]) for start, end in lines] == [(10, 10)] * 3
    assert "a ceiling, the value lies anywhere below" in written(ax)


def test_reports_of_others_are_hollow_and_said_so():
    ax, _ = picture("posture-pressure")
    said = written(ax)
    assert "Hollow: as reported by another text" in said
    assert "as reported by a secondary source" in said
    dots = [line for line in ax.child_axes[0].lines if line.get_marker() in "o^D"]
    assert [dot.get_markerfacecolor() == "white" for dot in dots] == [False, False, True, False]
    assert "Hollow" not in written(picture("ql-activity")[0])


def test_lines_to_compare_with_are_drawn_and_named():
    ax, _ = picture("active-breaks")
    bars, ratios = ax.child_axes
    assert [line.get_xdata()[0] for line in ratios.lines if line.get_linestyle() == "--"] == [1]
    assert not [line for line in bars.lines if line.get_linestyle() == "--"]
    assert "as control" in written(ax)


def test_the_curve_goes_through_the_measured_point():
    ax, _ = picture("flexion-creep")
    curve = ax.child_axes[0].lines[0]
    assert curve.get_xdata()[-1] == 20
    assert curve.get_ydata()[-1] == pytest.approx(5.5, abs=0.005)
    assert curve.get_ydata()[0] == 0
    assert [curve_in(inset) for inset in ax.child_axes] == [True, False], "recovery has no curve"


@pytest.mark.parametrize("mark", ["dot", "bar"])
def test_other_classes_and_signs_can_be_drawn(own, mark):
    origin = 'status = "as reported by mayo"\nsource = "mayo"\nclass = '
    rows = [
        ("One", 40, f'{origin}"G"\nspread = {{ sd = 8 }}'),
        ("Two", "{ about = 30 }", f'{origin}"P"'),
        ("Three", "[10, 20]", f'{origin}"Mod"'),
        ("Four", "{ more_than = 50 }", f'{origin}"T"'),
    ]
    ax = plot_evidence(own(rows, f'ticks = [0, 100]\nmark = "{mark}"'))
    for part in ("SD 8", "about 30 %", "10 to 20 %", "more than 50 %", "[P] practitioner's experience"):
        assert part in written(ax)
    (inset,) = ax.child_axes
    bars = [(bar.get_x(), bar.get_width()) for bar in inset.patches]
    assert bars == ([(10, 10)] if mark == "dot" else [(0, 40), (0, 30), (10, 10), (0, 50)])
    assert {bar.get_facecolor()[:3] for bar in inset.patches} == {(1, 1, 1)}, "hollow, as reported by another text"
    assert [32, 48] in whiskers(inset)
    assert [text.xy[0] for text in inset.texts] == [50], "one arrow, where more than this is meant"


def test_points_of_a_curve_from_several_sources_say_from_which(own):
    rest = 'class = "M"\nstatus = "abstract read"\n'
    curve = f'[groups.curve]\nend = 8\ntime_constant = 9\nuntil = 9\nunit = "%"\nn = 4\nsource = "mayo"\n{rest}'
    rows = [
        ("One", 2, f'minute = 2\nsource = "mayo"\nspread = {{ sd = 1 }}\n{rest}'),
        ("Two", 4, f'minute = 8\nsource = "li2022"\nprinted = "44"\n{rest}'),
    ]
    said = written(plot_evidence(own(rows, f"ticks = [0, 9]\n{curve}")))
    for part in ("One: 2 %", "SD 1", "mayo", "Two: 4 %", "li2022", "44", "n = 4"):
        assert part in said


# --- colours ---------------------------------------------------------------------------------------------


def luminance(color):
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(color)]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def test_contrast_against_the_white_background():
    for color, *_ in CLASS_LOOKS.values():
        assert 1.05 / (luminance(color) + 0.05) >= 3
    for color in (INK, MUTED):
        assert 1.05 / (luminance(color) + 0.05) >= 4.5


@pytest.mark.parametrize("key", KEYS)
def test_words_are_dark(key):
    ax, _ = picture(key)
    for text in words(ax):
        assert 1.05 / (luminance(text.get_color()) + 0.05) >= 4.5, text.get_text()


def test_classes_differ_without_colour():
    assert set(CLASS_LOOKS) == set(CLASSES)
    for part in (1, 2, 3):
        assert len({look[part] for look in CLASS_LOOKS.values()}) == len(CLASSES)


# How colours look to people with protanopia, deuteranopia and tritanopia (Machado and others, 2009, full severity).
VISION = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def lab(color, vision):
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(color)]
    seen = [min(max(sum(a * b for a, b in zip(row, linear, strict=True)), 0), 1) for row in vision]
    white = ((0.4339, 0.3762, 0.1899), (0.2126, 0.7152, 0.0722), (0.0177, 0.1095, 0.8728))  # D65, white = 1, 1, 1
    xyz = [sum(a * b for a, b in zip(row, seen, strict=True)) for row in white]
    x, y, z = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("vision", VISION)
def test_colours_stay_apart_for_the_colour_blind(vision):
    for one, other in itertools.combinations(CLASS_LOOKS, 2):
        distance = math.dist(*(lab(CLASS_LOOKS[each][0], VISION[vision]) for each in (one, other)))
        assert distance >= 15, (one, other)


# --- bad input, and good manners -------------------------------------------------------------------------


def test_an_unknown_key_or_a_file_that_breaks_the_rules_draws_nothing(tmp_path):
    ax, file = Figure().add_subplot(), tmp_path / "spoilt.toml"
    file.write_text('title = "No figures"', "utf-8")
    before = list(ax.get_children())
    with pytest.raises(QlkitError, match=r"Did you mean 'ql-ceiling'\? Known: active-breaks, "):
        plot_evidence("ql-cieling", ax)
    with pytest.raises(DataError, match="groups: is missing"):
        plot_evidence(file, ax)
    assert list(ax.get_children()) == before
    assert ax.axison


@pytest.mark.parametrize("how", ["closed", "removed", "cleared", "no Axes", "a Figure"])
def test_an_axes_that_cannot_be_drawn_on_is_refused(how):
    figure = plt.figure() if how == "closed" else Figure()
    ax = figure.add_subplot()
    spoil = {"closed": lambda: plt.close(figure), "removed": ax.remove, "cleared": figure.clear}
    spoil.get(how, lambda: None)()
    with pytest.raises(QlkitError, match="ax"):
        plot_evidence("ql-ceiling", {"no Axes": "ax", "a Figure": figure}.get(how, ax))
    assert not ax.texts


def test_an_axes_that_is_too_small_is_refused_with_the_size_it_needs():
    ax = Figure((2, 1)).add_subplot()
    with pytest.raises(QlkitError, match=r"too small for 'ql-ceiling'.*5\.4 by \d\.\d inches; leave ax out"):
        plot_evidence("ql-ceiling", ax)
    assert not ax.texts
    assert not ax.child_axes
    assert ax.axison


def test_the_axes_comes_back_and_its_neighbours_stay():
    figure = Figure((12, 9))
    left, right = figure.subplots(1, 2)
    assert plot_evidence("ql-activity", left) is left
    assert not right.texts
    assert right.axison


def test_global_settings_and_open_figures_stay_as_they_are():
    before, numbers = dict(mpl.rcParams), plt.get_fignums()
    for key in KEYS:
        plot_evidence(key)
    assert dict(mpl.rcParams) == before
    assert plt.get_fignums() == numbers


def svg(key):
    out = io.BytesIO()
    with style():
        plot_evidence(key).get_figure().savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue()


@pytest.mark.parametrize("key", KEYS)
def test_the_svg_is_the_same_on_each_run(key):
    assert svg(key) == svg(key)


def test_the_svg_is_the_same_in_another_process():
    code = (
        "import hashlib, io\nfrom qlkit.plots.evidence import plot_evidence\nfrom qlkit.plots.style import style\n"
        "out = io.BytesIO()\nwith style():\n"
        "    plot_evidence('posture-pressure').get_figure().savefig(out, format='svg', metadata={'Date': None})\n"
        "print(hashlib.sha256(out.getvalue()).hexdigest())"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == hashlib.sha256(svg("posture-pressure")).hexdigest()
