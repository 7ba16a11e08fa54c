import hashlib
import io
import subprocess
import sys
from itertools import combinations, pairwise, product

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.text import Text

from qlkit import QlkitError
from qlkit.plots.anatomy import EDGE, FIBRE, SEAMS, _data, describe_ql, fascicles, plot_ql
from qlkit.plots.show import picture
from qlkit.plots.style import INK, style
from qlkit.sources import sources

ACTIONS = ("lateral flexion", "hip hike", "12th-rib fixation")
SWITCHES = list(product((True, False), (True, False), (None, *ACTIONS)))
NAMES = [
    *(f"QL_ant_I.{ends}" for ends in ("2-12.1", "2-T12", "3-12.1", "3-12.2", "3-12.3", "3-T12")),
    *(f"QL_mid_{ends}" for ends in ("L2-12.1", "L3-12.1", "L3-12.2", "L3-12.3", "L4-12.3")),
    *(f"QL_post_I.{ends}" for ends in ("1-L3", "2-L2", "2-L3", "2-L4", "3-L1", "3-L2", "3-L3")),
]


def patches(ax):
    return {patch.get_gid(): patch for patch in ax.patches if patch.get_gid()}


def strips(ax, side=""):
    return {
        gid: patch
        for gid, patch in patches(ax).items()
        if gid.startswith(f"{side}_QL" if side else ("left_QL", "right_QL"))
    }


def texts(ax):
    return [text for text in ax.texts if text.get_text()]


def words(ax):
    return " ".join(" ".join(text.get_text() for text in texts(ax)).split())


def boxes(ax):
    """Return the box of each text without its line, in pixels."""
    return {text.get_text(): Text.get_window_extent(text) for text in texts(ax)}


def leaders(ax):
    """Return the points along each line to a target, by its text, and along each arrow."""
    lines = [(text.get_text(), text.arrow_patch) for text in ax.texts if text.arrow_patch]
    found = []
    for text, line in lines:
        path = line.get_transform().transform_path(line.get_path())
        found.append((text, path.interpolated(20).vertices if text else path.to_polygons()[0]))
    return found


def overlap(a, b):
    return min(a.x1, b.x1) - max(a.x0, b.x0) > 0.5 and min(a.y1, b.y1) - max(a.y0, b.y0) > 0.5


def faults(ax):
    """List texts that meet another text, a line to another, an arrow or the muscle, or that are cut off."""
    figure = ax.get_figure()
    figure.draw_without_rendering()
    page, drawn = figure.bbox, boxes(ax)
    found = [f"{a!r} on {b!r}" for (a, p), (b, q) in combinations(drawn.items(), 2) if overlap(p, q)]
    for text, box in drawn.items():
        if box.x0 < page.x0 or box.x1 > page.x1 or box.y0 < page.y0 or box.y1 > page.y1:
            found.append(f"{text!r} is cut off")
        met = [other or "an arrow" for other, points in leaders(ax) if other != text and box.count_contains(points)]
        found += [f"{text!r} is crossed by the line of {other!r}" for other in met]
        for gid, patch in patches(ax).items():
            if "_QL" in gid or gid in ("muscle", "rib"):
                path = patch.get_transform().transform_path(patch.get_path())
                found += [f"{text!r} on {gid}"] * any(Path(ring).intersects_bbox(box) for ring in path.to_polygons())
    arrows = [Path(points) for text, points in leaders(ax) if not text]
    lines = [(text, Path(points)) for text, points in leaders(ax) if text]
    return found + [f"an arrow on the line of {text!r}" for a in arrows for text, b in lines if a.intersects_path(b)]


def svg(**switches):
    file = io.BytesIO()
    with style():
        plot_ql(**switches).get_figure().savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()


# --- the fascicles ---------------------------------------------------------------------------------------


def test_each_side_has_the_18_fascicles_of_the_model():
    ax = plot_ql()
    for side in ("left", "right"):
        assert sorted(strips(ax, side)) == sorted(f"{side}_{name}" for name in NAMES)
    assert len(fascicles()) == len(strips(ax)) == 36


def test_layers_and_places_are_those_of_the_names():
    layers = {"ant": "anterior", "mid": "middle", "post": "posterior"}
    for name, each in fascicles().items():
        side, _, layer, places = name.split("_")
        assert (each.side, each.layer, f"{each.below}-{each.above}") == (side, layers[layer], places)
    counts = [sum(each.layer == layer for each in fascicles().values()) for layer in layers.values()]
    assert counts == [2 * 6, 2 * 5, 2 * 7]
    right = [each for each in fascicles().values() if each.side == "right"]
    assert sum(each.above.startswith("12.") for each in right) == 9
    assert sum(each.above == "T12" for each in right) == 2
    assert sum(each.below[0] == "I" and each.above[0] == "L" for each in right) == 7


def structure(place):
    """Return the parts that a fascicle of this name may end at."""
    kinds = {"I": ("ilium", "ligament"), "L": (f"arch_{place}",), "T": ("body_T12",), "1": ("rib",)}
    return kinds[place[0]]


@pytest.mark.parametrize("name", fascicles())
def test_a_fascicle_ends_at_the_structures_it_is_named_after(name):
    ax, each = plot_ql(), fascicles()[name]
    ring = strips(ax)[name].get_path().vertices
    ends = (ring[0] + ring[17]) / 2, (ring[8] + ring[9]) / 2
    assert np.allclose(ends, each.ends)
    assert ends[0][1] < ends[1][1]
    for place, (x, y) in zip((each.below, each.above), ends, strict=True):
        assert x > 0 if each.side == "right" else x < 0
        rings = [ring for part in structure(place) for ring in patches(ax)[part].get_path().to_polygons()]
        assert any(Path(ring).contains_point((x, y), radius=r) for ring in rings for r in (1, -1)), place


def test_fascicles_of_a_layer_meet_their_places_side_by_side():
    for layer in SEAMS:
        spots = [spot for each in fascicles().values() if each.layer == layer for spot in each.ends]
        assert min(np.hypot(*np.subtract(a, b)) for a, b in combinations(spots, 2)) > 2


def test_the_sides_mirror_each_other():
    ax = plot_ql()
    for name in NAMES:
        left, right = (strips(ax, side)[f"{side}_{name}"] for side in ("left", "right"))
        a, b = (
            sorted(map(tuple, (patch.get_path().vertices * sign).round(6)[:18]))
            for patch, sign in ((left, (-1, 1)), (right, (1, 1)))
        )
        assert a == b
        assert left.get_facecolor() == right.get_facecolor()
    for gid in ("rib", "ilium", "ligament", "body_L3", "arch_T12", "sacrum"):
        box = patches(ax)[gid].get_path().get_extents()
        assert box.x0 == pytest.approx(-box.x1)


def test_bones_stand_in_their_order():
    middle = {gid: np.mean(patch.get_path().get_extents().intervaly) for gid, patch in patches(plot_ql()).items()}
    column = [middle[f"body_{level}"] for level in ("L5", "L4", "L3", "L2", "L1", "T12")]
    assert middle["ilium"] < middle["ligament"] < column[1]
    assert column == sorted(column)
    assert middle["sacrum"] < column[0]
    assert column[-2] < middle["rib"] < column[-1]


# --- the switches ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("attachments", "layers", "actions"), SWITCHES)
def test_labels_have_room_at_every_size(attachments, layers, actions):
    ax = plot_ql(attachments=attachments, layers=layers, actions=actions)
    figure = ax.get_figure()
    for wide in (400, 1600):
        figure.set_dpi(wide / figure.get_figwidth())
        assert faults(ax) == []


def test_what_is_always_there():
    for attachments, layers, actions in SWITCHES:
        said = words(plot_ql(attachments=attachments, layers=layers, actions=actions))
        for part in ("seen from behind", "Schematic, not to scale", "left side", "right side", "T12 L1 L2 L3 L4 L5"):
            assert part in said
        assert "without sizes and forces" in said
        assert "[teaching choice]" in said


def test_left_is_on_the_left():
    where = {text.get_text(): text.get_position()[0] for text in plot_ql().texts}
    assert where["left side"] < 0 < where["right side"]
    assert all(patch.get_path().vertices[:, 0].max() < 0 for patch in strips(plot_ql(), "left").values())


def test_attachments_are_named_or_not():
    names = (
        "12th rib, lower border",
        "transverse processes, usually L1–L4, books vary",
        "iliac crest",
        "iliolumbar ligament",
    )
    said, less = words(plot_ql()), words(plot_ql(attachments=False))
    for name in (*names, "T12 body", "sacrum", "doccheck"):
        assert name in said
        assert name not in less
    assert [text for text, _ in leaders(plot_ql(attachments=False))] == []


def test_labels_point_at_what_they_name():
    ax = plot_ql()
    ax.get_figure().draw_without_rendering()
    parts = {"12th": "rib", "iliac": "ilium", "iliolumbar": "ligament", "T12": "body_T12", "transverse": "arch_L2"}
    named = {text.get_text().split()[0]: text.xy for text in ax.texts if text.arrow_patch}
    assert named.keys() == parts.keys()
    for word, part in parts.items():
        rings = patches(ax)[part].get_path().to_polygons()
        assert any(Path(ring).contains_point(named[word], radius=r) for ring in rings for r in (1, -1)), word


def test_layers_have_three_looks_and_a_key():
    ax = plot_ql()
    colors = {
        layer: {to_hex(strips(ax)[n].get_facecolor()) for n, e in fascicles().items() if e.layer == layer}
        for layer in _data()["layers"]
    }
    assert len(set.union(*colors.values())) == len(colors) == 3
    for layer, color in colors.items():
        assert color == {to_hex(patches(ax)[f"sample_{layer}"].get_facecolor())}
    assert len({SEAMS.get(layer) for layer in colors}) == 3  # without colour, too
    for part in ("anterior (QL-a), 6 fascicles", "middle, 5 a side", "posterior (QL-p), 7 a side", "(thoracolumbarfb)"):
        assert part in words(ax)
    order = [strips(ax)[f"left_{name}"].get_zorder() for name in (NAMES[0], "QL_mid_L2-12.1", "QL_post_I.1-L3")]
    assert order == sorted(order)


def test_the_key_names_where_the_fascicles_of_a_layer_go():
    names = {"I": "crest", "1": "12th rib", "T": "T12", "L": "transverse processes"}
    for layer, part in _data()["layers"].items():
        own = [each for each in fascicles().values() if each.layer == layer]
        assert all(names[place[0]] in part["words"] for each in own for place in (each.below, each.above))
        assert f" {len(own) // 2} " in part["words"]
        levels = sorted({place for each in own for place in (each.below, each.above) if place[0] == "L"})
        assert not levels or f"{levels[0]}–{levels[-1]}" in part["words"]


def test_without_layers_it_is_one_muscle():
    ax = plot_ql(layers=False)
    assert strips(ax) == {}
    assert len(patches(ax)["muscle"].get_path().to_polygons()) == 2
    assert "fascicle" not in words(ax)


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_is_shown_and_said(action):
    ax = plot_ql(attachments=False, actions=action)
    said = {
        "lateral flexion": "bends the trunk to its own side",
        "hip hike": "hikes the pelvis",
        "12th-rib fixation": "Books disagree",
    }
    assert said[action] in words(ax)
    arrows = [(np.array(text.xyann), np.array(text.xy)) for text in ax.texts if text.arrow_patch]
    if action == "12th-rib fixation":
        assert sorted(start[0] > 0 for start, _ in arrows) == [False, True]
    else:
        assert "here the left" in words(ax)
        assert all(end[0] < 0 for _, end in arrows)
    assert all((end[1] > start[1]) == (action == "hip hike") for start, end in arrows)
    assert "arrow" not in words(plot_ql()).lower()


# --- looks -----------------------------------------------------------------------------------------------


def luminance(color):
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(color)]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def contrast(a, b="white"):
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def test_contrast():
    looks = {part: color for part, (_, color) in _data()["looks"].items()}
    for color in (EDGE, FIBRE, INK, *(looks[part] for part in ("anterior", "middle", "posterior", "muscle"))):
        assert contrast(color) >= 3
    for bone in ("body", "sacrum", "arch", "spine", "rib", "ilium", "ligament", "disc"):
        assert contrast(EDGE, looks[bone]) >= 3  # an outline shows each against the next
        assert contrast(INK, looks[bone]) >= 4.5  # letters stand on some of them
    for text in texts(plot_ql()):
        assert contrast(text.get_color()) >= 4.5


def test_bones_and_muscle_have_outlines():
    for gid, patch in patches(plot_ql(layers=False)).items():
        if gid != "details":
            assert patch.get_linewidth() > 0
            assert contrast(patch.get_edgecolor()) >= 3


def test_layers_differ_in_grey():
    greys = sorted(luminance(_data()["looks"][layer][1]) for layer in _data()["layers"])
    assert all((b + 0.05) / (a + 0.05) >= 1.8 for a, b in pairwise(greys))


# --- in words --------------------------------------------------------------------------------------------


def test_words_say_what_is_drawn():
    text = describe_ql()
    assert text.splitlines()[0].endswith("usually L1–L4 (books vary).")
    assert all(name in text for name in NAMES)
    rows = {line.split()[0]: line.split()[1] for line in text.splitlines() if line.startswith(tuple(_data()["layers"]))}
    assert rows == {"anterior": "6", "middle": "5", "posterior": "7"}
    for part in ("lateral flexion", "hip hike", "12th-rib fixation", "L2–L5", "L1–L5", "T12 and L1–L3", "36 in all"):
        assert part in text
    assert "In words" in picture(plot_ql(), text)._repr_mimebundle_()["text/html"]


def test_every_statement_has_its_source_and_class():
    for *_, statement, class_, source, status in _data()["facts"]:
        for key in source.replace(", which cites ", ", ").split(", "):
            assert key in sources(), statement
        assert class_ in ("textbook", "M", "Mod", "T")
        assert status in ("reported", "abstract read", "our arithmetic")


def test_nothing_unverified_is_said():
    said = describe_ql() + words(plot_ql(actions="lateral flexion"))
    for word in (" N ", "N·m", "kPa", "activation", "multifidus", "doi", "mm", "first rib"):
        assert word not in said


# --- bad input, and good manners -------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", ["hip hyke", "", 7, ["hip hike"], True])
def test_an_unknown_action_draws_nothing(wrong):
    ax = Figure().add_subplot()
    before = list(ax.get_children())
    with pytest.raises(QlkitError, match="known: lateral flexion, hip hike, 12th-rib fixation, or None"):
        plot_ql(ax, actions=wrong)
    assert list(ax.get_children()) == before
    assert ax.axison


def test_an_axes_that_cannot_be_drawn_on_is_refused():
    figure, closed = pyplot.subplots()
    pyplot.close(figure)
    for wrong in (closed, "ax", Figure()):
        with pytest.raises(QlkitError, match="ax"):
            plot_ql(wrong)
    assert not closed.texts


def test_an_axes_that_is_too_small_is_refused_with_the_size_it_needs():
    ax = Figure((3, 2)).add_subplot()
    with pytest.raises(QlkitError, match=r"too small for the muscle.*6\.0 by 6\.\d inches; leave ax out"):
        plot_ql(ax)
    assert not ax.texts
    assert ax.axison


@pytest.mark.parametrize("layout", [None, "constrained", "tight"])
def test_given_axes_are_filled_in_proportion(layout):
    natural = texts(plot_ql())[0].get_fontsize()
    figure = Figure((18, 10), layout=layout)
    left, right = figure.subplots(1, 2)
    assert plot_ql(left) is left
    assert texts(left)[0].get_fontsize() > 1.05 * natural
    assert not right.texts
    assert right.axison
    assert faults(left) == []


def test_global_settings_and_open_figures_stay_as_they_are():
    before, numbers = dict(mpl.rcParams), pyplot.get_fignums()
    plot_ql(actions="hip hike")
    assert dict(mpl.rcParams) == before
    assert pyplot.get_fignums() == numbers


@pytest.mark.parametrize("switches", [{}, {"layers": False, "actions": "lateral flexion"}])
def test_the_svg_is_the_same_on_each_run(switches):
    assert svg(**switches) == svg(**switches)


def test_the_svg_is_the_same_in_another_process():
    code = (
        "import hashlib, io\nfrom qlkit.plots.anatomy import plot_ql\nfrom qlkit.plots.style import style\n"
        "out = io.BytesIO()\nwith style():\n"
        "    plot_ql().get_figure().savefig(out, format='svg', metadata={'Date': None})\n"
        "print(hashlib.sha256(out.getvalue()).hexdigest())"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == hashlib.sha256(svg()).hexdigest()


def test_words_need_no_matplotlib():
    code = "import sys; from qlkit.plots.anatomy import describe_ql; describe_ql(); print('matplotlib' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"
