import io
import pickle
import subprocess
import sys
from dataclasses import replace
from itertools import combinations, pairwise

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matplotlib.backend_bases import RendererBase
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from qlkit import Interval, Plan, QlkitError, load_routine, plot_timeline
from qlkit.plan import clock
from qlkit.plots import paper
from qlkit.plots.style import COLORS, INK, MUTED

LABOR = load_routine("labor").plan(minutes=15)
SITTING = load_routine("sitting").plan(minutes=10)


def make(lengths, title="A plan", name="Position {}", move="Change position", rise=0, open_ended=(), optional=()):
    """Make a plan of (move, hold) lengths in seconds."""
    intervals, at = [], 0

    def add(kind, step, text, seconds, **marks):
        nonlocal at
        intervals.append(Interval(kind, step, text, "", "supine", at, at + seconds, **marks))
        at += seconds

    for n, (before, held) in enumerate(lengths, 1):
        if before:
            add("move", f"s{n}", move, before)
        add("hold", f"s{n}", name.format(n), held, open_ended=n in open_ended, optional=n in optional)
    if rise:
        add("move", "rise-stand", "Stand up", rise)
    return Plan("made", title, "", (), tuple(intervals))


def texts(ax):
    """Return every text that is drawn, with the box it takes up, in pixels."""
    assert not ax.xaxis.get_visible()  # its words would not be among these
    renderer = ax.get_figure()._get_renderer()
    found = [(text.get_text(), text.get_window_extent(renderer)) for text in ax.texts if text.get_text().strip()]
    for labels in ax.artists:
        for (x, y), text in zip(labels.places(renderer), labels.texts, strict=True):
            width, height, descent = renderer.get_text_width_height_descent(text, labels.font, False)
            found.append((text, Bbox.from_bounds(x, y - descent, width, height)))
    return found


def lines(ax):
    return [line for text, _ in texts(ax) for line in text.split("\n")]


def faults(ax):
    """List the texts that overlap or are cut off by the figure."""
    figure = ax.get_figure()
    figure.draw_without_rendering()
    return clashes([(text, box.extents) for text, box in texts(ax)], figure.bbox.extents)


def clashes(boxes, frame):
    """List the texts that overlap or leave the frame; a box is left, low, right and high, or in points downwards."""
    found, (left, low, right, high) = [], frame
    for (a, p), (b, q) in combinations(boxes, 2):
        if min(p[2], q[2]) - max(p[0], q[0]) > 0.5 and min(p[3], q[3]) - max(p[1], q[1]) > 0.5:
            found.append(f"{a!r} meets {b!r}")
    for text, (x0, y0, x1, y1) in boxes:
        if x0 < left - 0.5 or y0 < low - 0.5 or x1 > right + 0.5 or y1 > high + 0.5:
            found.append(f"{text!r} is cut off")
    return found


def words(ax):
    return " ".join(" ".join(text for text, _ in texts(ax)).split())


def bars(ax, kind):
    """Return (start, seconds) of the bars of one kind."""
    spans = []
    for collection in ax.collections:
        if collection.get_gid() == kind:
            for path in collection.get_paths():
                spans += [(bar.min(), np.ptp(bar)) for bar in path.vertices[:, 0].reshape(-1, 5)]
    return sorted(spans)


LETTERS = st.sampled_from("abcdeimnorstuWMÄÉß 0123$_^{}\\<>&-. ")
TITLES = st.text(LETTERS, min_size=1, max_size=60).filter(str.strip)


@st.composite
def plans(draw):
    """Draw plans of 1 to 40 steps and 1 to 180 minutes."""
    count = draw(st.integers(1, 40))
    total = draw(st.integers(max(60, 7 * count), 180 * 60))
    weights = draw(st.lists(st.integers(1, 200), min_size=count, max_size=count))
    move = draw(st.integers(0, 20)) if total > 60 * count else 0
    spare = total - count * (move + 6)
    held = [6 + spare * weight // sum(weights) for weight in weights]
    marked = st.sets(st.integers(1, count), max_size=8)
    return make(
        [(move, seconds) for seconds in held],
        title=draw(TITLES),
        name=draw(TITLES).replace("{", "(").replace("}", ")")[:56] + " {}",
        move=draw(TITLES),
        rise=draw(st.sampled_from([0, 10, 70])),
        open_ended=draw(marked),
        optional=draw(marked),
    )


@settings(max_examples=25)
@given(plans(), st.booleans(), st.sampled_from([None, "9:59", "23:58"]))
@example(make([(5, 265)] * 40), False, None)
@example(make([(5, 6)] * 20 + [(5, 9000)] + [(5, 6)] * 19, rise=70), True, None)
@example(make([(0, 60)], title="W" * 60), False, "14:05")
@example(
    make([(0, 30), (10, 5000)], name="W" * 55 + "{}", move="M" * 60, open_ended={1, 2}, optional={1, 2}), False, None
)
def test_texts_never_overlap_and_are_never_cut_off(plan, cues, start):
    ax = plot_timeline(plan, start=start, cues=cues)
    assert faults(ax) == []


@settings(max_examples=8)
@given(st.lists(plans(), min_size=2, max_size=3))
def test_nor_do_those_of_several_plans(several):
    assert faults(plot_timeline(several)) == []


@settings(max_examples=15)
@given(plans())
def test_every_name_and_time_can_be_read_somewhere(plan):
    ax = plot_timeline(plan)
    seen = "".join(words(ax).split())
    for interval in plan.intervals:
        if interval.kind == "hold" or not interval.rises:
            assert "".join(interval.title.split()) in seen
            assert clock(interval.seconds) in seen
    assert "".join(plan.title.split()) in seen


@settings(max_examples=15)
@given(plans())
def test_the_bars_fill_the_total_without_a_gap(plan):
    spans = sorted(bars(plot_timeline(plan), "hold") + bars(plot_timeline(plan), "move"))
    assert sum(seconds for _, seconds in spans) == pytest.approx(plan.total)
    assert all(a + length == pytest.approx(b) for (a, length), (b, _) in pairwise(spans))


def test_holds_and_moves_stand_where_the_plan_says():
    ax = plot_timeline(LABOR)
    for kind in ("hold", "move"):
        expected = [(i.start, i.seconds) for i in LABOR.intervals if i.kind == kind]
        assert np.allclose(bars(ax, kind), expected)


def test_colour_and_hatch_say_the_same():
    ax = plot_timeline(LABOR)
    looks = {c.get_gid(): (to_hex(c.get_facecolor()[0], False), bool(c.get_hatch())) for c in ax.collections}
    assert looks["hold"] == (COLORS["hold"].lower(), False)
    assert looks["move"] == (COLORS["move"].lower(), True)


def luminance(color):
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(a, b):
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def test_contrasts():
    assert all(contrast(color, "white") >= 3 for color in COLORS.values())
    assert all(contrast(color, "white") >= 4.5 for color in (COLORS["hold"], INK, MUTED))
    ax = plot_timeline(LABOR)
    inside = {to_hex(t.get_color()) for t in ax.texts} | {to_hex(each.color) for each in ax.artists}
    assert inside <= {"#ffffff", INK.lower(), MUTED.lower()}


def gids(ax):
    return [line.get_gid() for line in ax.lines if line.get_gid()]


def test_rise_open_end_and_optional_step_are_marked_and_said():
    ax = plot_timeline(LABOR)
    assert sorted(gids(ax)) == ["axis", "leaders", "open-ended", "optional", "rise"]
    rise = next(i for i in LABOR.intervals if i.rises)
    bracket = next(line for line in ax.lines if line.get_gid() == "rise")
    assert (min(bracket.get_xdata()), max(bracket.get_xdata())) == pytest.approx((rise.start, LABOR.total))
    assert f"rise {clock(LABOR.total - rise.start)}" in words(ax)
    held = {i.step: i for i in LABOR.intervals if i.kind == "hold"}
    assert f"{clock(held['feet-planted'].seconds)} or longer" in words(ax)
    assert f"3b Head toward the knees {clock(held['head-raise'].seconds)}, optional" in words(ax)


def test_a_short_part_has_its_label_outside_with_a_leader_line():
    ax = plot_timeline(LABOR)
    move = LABOR.intervals[1]
    label = next(text for text in ax.texts if text.get_text() == f"{move.name} 0:20")
    leaders = next(line for line in ax.lines if line.get_gid() == "leaders")
    foot = leaders.get_xydata()[list(leaders.get_xdata()).index((move.start + move.end) / 2) + 1]
    box = label.get_window_extent(ax.get_figure()._get_renderer()).transformed(ax.transData.inverted())
    assert box.x0 <= foot[0] <= box.x1
    assert foot[1] == pytest.approx(box.y1, abs=2)


def test_where_there_is_no_room_a_mark_stands_in_the_bar_and_the_words_in_a_key():
    ax = plot_timeline(make([(5, 265)] * 40))
    assert [n for n in range(1, 41) if lines(ax).count(str(n)) != 2] == []
    assert "Position 7" in lines(ax)
    assert "each move: Change position 0:05, each hold 4:25" in words(ax)


def test_a_key_of_many_moves_names_the_holds_and_tells_all_times():
    plan = make([(5, 265)] * 40)
    own = [replace(i, title=f"{i.kind} {n}") for n, i in enumerate(plan.intervals)]
    ax = plot_timeline(replace(plan, intervals=tuple(own)))
    assert "each move 0:05, each hold 4:25" in words(ax)
    assert [i.title for i in own if i.kind == "hold" and i.title not in lines(ax)] == []
    ax = plot_timeline(make([(5 + n % 3, 265 + n) for n in range(40)], move="Turn over"))
    assert "0:06 → Position 2 4:26" in lines(ax)
    assert "Turn over" not in words(ax)


def test_several_plans_begin_together():
    ax = plot_timeline([SITTING, LABOR])
    assert [start for start, _ in bars(ax, "hold")].count(0) == 2
    assert "After too much sitting" in words(ax)
    assert "After strenuous labor" in words(ax)
    assert max(a + b for a, b in bars(ax, "move")) == LABOR.total


def test_the_axis_is_in_minutes_or_in_clock_time():
    ax = plot_timeline(LABOR)
    labels = [text.get_text() for text in ax.get_xticklabels()]
    assert labels == ["0:00", "2:00", "4:00", "6:00", "8:00", "10:00", "12:00", "14:00"]
    (axis,) = ax.artists
    assert (axis.texts, [x for x, _ in axis.points]) == (labels, pytest.approx(ax.get_xticks()))
    middles = [(box.x0 + box.x1) / 2 for _, box in texts(ax)[-len(labels) :]]
    assert middles == pytest.approx([x for x, _ in ax.transData.transform(axis.points)], abs=1)
    assert axis.zorder > max(bar.zorder for bar in ax.collections)  # marks stand in the bars, too
    ax = plot_timeline(LABOR, start="14:05")
    assert [text.get_text() for text in ax.get_xticklabels()][:3] == ["14:06", "14:08", "14:10"]
    assert ax.get_xticks()[0] == 60
    assert "0:00" in [text.get_text() for text in plot_timeline(LABOR, start="23:50").get_xticklabels()]
    assert "14:05:10" in words(plot_timeline(make([(0, 60)]), start="14:05"))


def test_cues_are_marked_on_demand():
    assert not [gid for gid in gids(plot_timeline(LABOR)) if gid.startswith("cue")]
    ax = plot_timeline(LABOR, cues=True)
    chimes = next(line for line in ax.lines if line.get_gid() == "cue-chime")
    expected = [at for i in LABOR.intervals for at, cue in i.cue_times() if cue.kind == "chime"]
    assert list(chimes.get_xdata()) == pytest.approx(expected)
    assert faults(ax) == []


@pytest.mark.parametrize("size", [(8, 3), (4, 3), (4, 6), (12, 2), (3, 2.5)])
def test_on_an_axes_of_any_size(size):
    figure = Figure(figsize=size)
    ax = figure.add_subplot()
    assert plot_timeline(LABOR, ax) is ax
    assert faults(ax) == []
    figure = Figure(figsize=size, layout="constrained")
    assert faults(plot_timeline(LABOR, figure.subplots(1, 1))) == []


def test_a_key_too_long_for_its_axes_says_how_much_is_missing():
    ax = Figure(figsize=(6, 3)).add_subplot()
    plot_timeline(make([(5, 265)] * 40), ax)
    assert faults(ax) == []
    assert " more" in words(ax)


def test_text_is_text():
    ax = plot_timeline(make([(0, 600)], title="$x_1$ <b>", name="a_b $\\frac$ {}"))
    assert "$x_1$ <b>" in words(ax)
    assert not any(text.get_parse_math() for text in ax.texts)
    ax.get_figure().savefig(io.BytesIO(), format="svg")  # outside the style: still no formula


def svg(ax):
    file = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "qlkit"}):
        ax.get_figure().savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()


def test_the_same_bytes_each_time():
    assert svg(plot_timeline([SITTING, LABOR])) == svg(plot_timeline([SITTING, LABOR]))


def test_a_figure_can_be_pickled():
    again = pickle.loads(pickle.dumps(plot_timeline(LABOR).get_figure()))  # noqa: S301 - our own
    assert words(again.axes[0]) == words(plot_timeline(LABOR))


class Pen(RendererBase):
    """Notes where texts are written, on a canvas of 100 by 50 pixels."""

    def __init__(self, down):
        super().__init__()
        self.down, self.places = down, []

    def flipy(self):
        return self.down

    def get_canvas_width_height(self):
        return 100, 50

    def draw_text(self, _gc, _x, y, s, *_):
        self.places.append((s, y))


@pytest.mark.parametrize("down", [True, False])
@pytest.mark.parametrize("shown", [(10, 0), (1000, 500)])
def test_labels_beyond_the_edge_stay_beyond_it_and_hidden_ones_are_hidden(down, shown):
    ax = plot_timeline(LABOR)
    (labels,) = ax.artists
    ax.set_ylim(*shown)
    pixels = ax.transData.transform(labels.points)[:, 1]
    pen, hidden = Pen(down), Pen(down)
    labels.draw(pen)
    assert [y for _, y in pen.places] == pytest.approx([50 - y if down else y for y in pixels])
    assert not any(0 <= y <= 50 for _, y in pen.places)
    labels.set_visible(False)
    labels.draw(hidden)
    assert hidden.places == []


def test_nothing_global_changes():
    from matplotlib import pyplot

    before, figures = dict(mpl.rcParams), pyplot.get_fignums()
    plot_timeline(LABOR)
    assert dict(mpl.rcParams) == before
    assert pyplot.get_fignums() == figures


def test_it_does_without_pyplot():
    code = """import sys, qlkit
qlkit.plot_timeline(qlkit.load_routine('labor').plan())
print('matplotlib.pyplot' in sys.modules)"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


@pytest.mark.parametrize("bad", [[], None, "labor", 7, [LABOR, "labor"], load_routine("labor")])
def test_what_is_no_plan_is_refused(bad):
    ax = Figure().add_subplot()
    with pytest.raises(QlkitError, match="plan"):
        plot_timeline(bad, ax)
    assert not ax.texts
    assert not ax.collections


@pytest.mark.parametrize("start", ["25:00", "noon", 14, "14.05", "14:5", ""])
def test_a_start_that_is_no_time_of_day_is_refused(start):
    ax = Figure().add_subplot()
    with pytest.raises(QlkitError, match="14:05"):
        plot_timeline(LABOR, ax, start=start)
    assert not ax.texts


def test_an_axes_that_is_gone_is_refused():
    from matplotlib import pyplot

    figure, ax = pyplot.subplots()
    pyplot.close(figure)
    cleared = Figure()
    lost = cleared.add_subplot()
    cleared.clear()
    removed = Figure().add_subplot()
    removed.remove()
    for gone in (ax, lost, removed, "ax", 3):
        with pytest.raises(QlkitError, match="ax"):
            plot_timeline(LABOR, gone)


def test_widths_of_text_are_worked_out_close_to_what_is_drawn():
    figure = Figure()
    for text in ("After strenuous labor", "iiii", "WÄÉ$_0:15", "→3a"):
        drawn = figure.text(0, 0, text, fontsize=10, parse_math=False).get_window_extent(figure._get_renderer())
        worked_out = paper.width_of(text, 10) * figure.dpi / 72
        assert drawn.width <= worked_out <= drawn.width * 1.06 + 4
