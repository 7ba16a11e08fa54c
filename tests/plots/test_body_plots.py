import io
from itertools import combinations

import matplotlib as mpl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from qlkit import Interval, Plan, QlkitError, load_routine
from qlkit.body import load_pose, pose_keys
from qlkit.plan import clock
from qlkit.plots.body import FAR, FILL, plot_pose, plot_storyboard
from qlkit.plots.style import COLORS, style

PLANS = {key: load_routine(key).plan() for key in ("sitting", "labor")}
PAGES = [(key, portrait) for key in PLANS for portrait in (False, True)]


def texts(ax):
    return [text for text in [*ax.texts, ax._left_title] if text.get_visible() and text.get_text().strip()]


def extent(patch):
    """Return the box of the points that pull the curves of a patch, in pixels; quicker than the box of the curves."""
    points = patch.get_transform().transform(patch.get_path().vertices)
    return Bbox([points.min(axis=0), points.max(axis=0)])


def overlap(a, b):
    """Return whether two boxes share more than a hair."""
    return min(a.x1, b.x1) - max(a.x0, b.x0) > 0.5 and min(a.y1, b.y1) - max(a.y0, b.y0) > 0.5


def limbs(ax):
    return [patch for patch in ax.patches if patch.get_gid() not in ("halo", "floor", None)]


def faults(ax):
    """List texts that overlap another text or a body, or are cut off by the figure."""
    figure = ax.get_figure()
    figure.draw_without_rendering()
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts(ax)]
    bodies, page = [extent(patch) for patch in limbs(ax)], figure.bbox
    found = [f"{a!r} on {b!r}" for (a, box), (b, other) in combinations(boxes, 2) if overlap(box, other)]
    found += [f"{text!r} on a body" for text, box in boxes if any(overlap(box, body) for body in bodies)]
    inside = [box.x0 >= page.x0 and box.x1 <= page.x1 and box.y0 >= page.y0 and box.y1 <= page.y1 for _, box in boxes]
    return found + [f"{text!r} cut off" for (text, _), fits in zip(boxes, inside, strict=True) if not fits]


def svg(figure):
    file = io.BytesIO()
    with style():
        figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()


def contrast(color, other="white"):
    def light(color):
        parts = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in to_rgb(color)]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted((light(color), light(other)))
    return (high + 0.05) / (low + 0.05)


# One pose


@pytest.mark.parametrize("key", pose_keys())
def test_a_pose_draws_on_a_figure_of_its_own(key):
    before = dict(mpl.rcParams)
    ax = plot_pose(key)
    assert ax.get_title(loc="left").replace("\n", " ") == load_pose(key).title
    assert ax.get_aspect() == 1
    assert {"trunk", "leg_left", "leg_right", "arm_left", "arm_right"} <= {patch.get_gid() for patch in limbs(ax)}
    assert faults(ax) == []
    assert dict(mpl.rcParams) == before
    assert pyplot.get_fignums() == []


@pytest.mark.parametrize("key", pose_keys())
def test_the_whole_body_is_in_sight(key):
    for view in load_pose(key).views:
        ax = plot_pose(key, view=view)
        (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
        for patch in ax.patches:
            (left, low), (right, high) = patch.get_path().vertices.min(axis=0), patch.get_path().vertices.max(axis=0)
            assert x0 <= left < right <= x1
            assert y0 <= low <= high <= y1


def test_a_pose_can_be_given_itself_and_draws_on_given_axes():
    ax = Figure().add_subplot()
    assert plot_pose(load_pose("standing"), ax) is ax
    assert ax.get_title(loc="left") == ""  # whoever gives the Axes gives the title


def test_far_limbs_lie_behind_the_trunk_in_a_shade_of_their_own():
    ax = plot_pose("knees-raised")
    layer = {patch.get_gid(): patch.get_zorder() for patch in limbs(ax)}
    assert layer["arm_left"] < layer["leg_left"] < layer["trunk"] < layer["leg_right"] < layer["arm_right"]
    shades = {gid: {to_hex(p.get_facecolor()).upper() for p in limbs(ax) if p.get_gid() == gid} for gid in layer}
    assert shades["leg_left"] == {FAR["legs"], FAR["skin"]}
    assert shades["leg_right"] == {FILL["legs"], FILL["skin"]}


def test_the_low_back_is_marked_where_it_touches_and_only_there():
    ax = plot_pose("hook-lying-tilt")
    (mark,) = [line for line in ax.lines if line.get_gid() == "low back"]
    xs, ys = mark.get_data()
    assert list(ys) == [0, 0]
    pelvis = next(patch for patch in limbs(ax) if patch.get_gid() == "leg_right").get_path().get_extents().x0
    assert -0.4 < min(xs) < max(xs) < pelvis + 0.1
    assert "low back on the floor" in [text.get_text() for text in ax.texts]
    assert not plot_pose("hook-lying").lines
    small = Figure(figsize=(2, 0.8)).add_axes((0, 0, 1, 1))
    plot_pose("hook-lying-tilt", small)
    assert small.lines  # a thumbnail keeps the mark
    assert not small.texts


def test_halo_is_wider_than_the_arm_and_white():
    ax = plot_pose("standing")
    arms = [patch.get_path().get_extents() for patch in ax.patches if patch.get_gid() == "arm_right"]
    halo = [patch for patch in ax.patches if patch.get_gid() == "halo"][-1]
    assert to_hex(halo.get_facecolor()) == "#ffffff"
    assert halo.get_path().get_extents().x0 < min(arm.x0 for arm in arms) - 0.005


def test_every_fill_and_every_letter_can_be_told_from_the_page():
    for color in {*FILL.values(), *FAR.values(), COLORS["hold"]}:
        assert contrast(color) >= 3, color
    for ax in (plot_pose("hook-lying-tilt"), plot_storyboard(PLANS["labor"]).axes[0]):
        assert all(contrast(text.get_color()) >= 4.5 for text in texts(ax))


@pytest.mark.parametrize("wrong", [None, 7, ["supine"]])
def test_only_poses_can_be_drawn(wrong):
    with pytest.raises(QlkitError, match="a Pose or the key of one"):
        plot_pose(wrong)


def test_bad_input_leaves_the_axes_alone():
    ax = Figure().add_subplot()
    with pytest.raises(QlkitError, match="Did you mean 'supine'"):
        plot_pose("supin", ax)
    with pytest.raises(QlkitError, match="no view 'top'"):
        plot_pose("supine", ax, view="top")
    assert not ax.patches
    assert ax.axison
    figure, closed = pyplot.subplots()
    pyplot.close(figure)
    with pytest.raises(QlkitError, match="closed"):
        plot_pose("supine", closed)
    assert not closed.patches


# The storyboard


@pytest.mark.parametrize(("key", "portrait"), PAGES)
def test_storyboard_tells_the_whole_plan_on_one_page(key, portrait):
    plan = PLANS[key]
    before = dict(mpl.rcParams)
    page = plot_storyboard(plan, portrait)
    assert sorted(page.get_size_inches()) == pytest.approx([8.27, 11.69], abs=0.01)
    assert bool(page.get_figheight() > page.get_figwidth()) is portrait
    ax = page.axes[0]
    assert faults(ax) == []
    assert dict(mpl.rcParams) == before
    assert pyplot.get_fignums() == []
    told = " ".join(text.get_text().replace("\n", " ") for text in ax.texts)
    for i in plan.intervals:
        assert i.title in told
        if i.kind == "hold":
            assert f"{clock(i.start)} to {clock(i.end)}" in told
            assert i.focus in told
        elif i.rises:
            assert i.text in told
    assert plan.cautions
    assert all(caution in told for caution in plan.cautions)
    assert ("or longer" in told) is any(i.open_ended for i in plan.intervals)
    assert ("optional" in told) is any(i.optional for i in plan.intervals)


@pytest.mark.parametrize(("key", "portrait"), PAGES)
def test_poses_stand_in_reading_order(key, portrait):
    plan = PLANS[key]
    ax = plot_storyboard(plan, portrait).axes[0]
    shown = [i for i in plan.intervals if i.kind == "hold" or i.rises]
    bodies = [patch.get_path().get_extents() for patch in ax.patches if patch.get_gid() == "floor"]
    names = {i.name for i in shown}
    heads = [t for t in ax.texts if t.get_weight() == "bold" and t.get_text().replace("\n", " ") in names]
    order = sorted(heads, key=lambda text: (-round(text.get_position()[1] / 40), text.get_position()[0]))
    assert [text.get_text().replace("\n", " ") for text in order] == [i.name for i in shown]
    assert len(bodies) == len(shown)
    holds = [body.width for body, i in zip(sorted(bodies, key=lambda b: -b.y0), shown, strict=True) if i.kind == "hold"]
    assert min(holds) > 90  # points: a hold is shown big


def test_a_routine_is_drawn_as_its_shortest_plan():
    routine = load_routine("labor")
    drawn, planned = (plot_storyboard(thing).axes[0] for thing in (routine, routine.plan()))
    assert [text.get_text() for text in drawn.texts] == [text.get_text() for text in planned.texts]


def made(names, focus, rise=0):
    intervals, at = [], 0
    for n, name in enumerate(names):
        if n:
            intervals.append(Interval("move", f"s{n}", name, "Move.", "supine", at, at + 10))
            at += 10
        intervals.append(Interval("hold", f"s{n}", name, "Lie. Rest.", pose_keys()[n % 10], at, at + 60, focus=focus))
        at += 60
    for n in range(rise):
        intervals.append(Interval("move", f"rise-{n}", names[0], focus, "standing", at, at + 10))
        at += 10
    return Plan("made", "A plan", "", ("Take care.",), tuple(intervals))


NAMES = st.text("abcdefg hijkl_$\\", min_size=1, max_size=40).filter(str.strip)


@settings(max_examples=15)
@given(st.lists(NAMES, min_size=1, max_size=6), NAMES, st.integers(0, 5), st.booleans())
def test_no_text_overlaps_or_is_cut_off_whatever_it_says(names, focus, rise, portrait):
    assert faults(plot_storyboard(made(names, focus * 2, rise), portrait).axes[0]) == []


def test_without_a_focus_the_first_sentence_stands_for_it():
    told = [text.get_text() for text in plot_storyboard(made(["One"], "")).axes[0].texts]
    assert "Lie." in told


def test_more_than_a_page_holds_is_refused():
    with pytest.raises(QlkitError, match="60 steps are more than fit on one page"):
        plot_storyboard(made(["Step"] * 60, "Breathe."))


@pytest.mark.parametrize("wrong", [None, "labor", 3])
def test_only_routines_and_plans_make_a_storyboard(wrong):
    with pytest.raises(QlkitError, match="a routine or a plan"):
        plot_storyboard(wrong)


@pytest.mark.parametrize(
    "draw", [lambda: plot_pose("hook-lying-tilt").get_figure(), lambda: plot_storyboard(PLANS["labor"])]
)
def test_svg_is_the_same_on_each_run(draw):
    assert svg(draw()) == svg(draw())
