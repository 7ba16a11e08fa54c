"""The palette: its contrast, and how it looks to people who see fewer colours."""

import math
from itertools import combinations

import pytest
from matplotlib.colors import to_hex, to_rgb

from qlkit import Event, Record, load_routine, plot_session, plot_timeline
from qlkit.plots.anatomy import SEAMS, _data
from qlkit.plots.style import COLORS, INK, MUTED

APART = 15
"""How far two colours of one picture stay apart: CIE76, where about 2 is just noticeable side by side."""

# Full protanopia, deuteranopia and tritanopia in linear RGB: Machado, Oliveira and Fernandes (2009),
# IEEE Transactions on Visualization and Computer Graphics 15(6):1291-1298.
VISION = {
    "full colour": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
LAYERS = {layer: _data()["looks"][layer][1] for layer in _data()["layers"]}


def linear(color):
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(color)]


def times(matrix, vector):
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def contrast(color):
    """Return the contrast to white."""
    return 1.05 / (times(XYZ, linear(color))[1] + 0.05)


def lab(color, vision):
    seen = [min(max(part, 0), 1) for part in times(vision, linear(color))]
    parts = [part / white for part, white in zip(times(XYZ, seen), times(XYZ, (1, 1, 1)), strict=True)]
    x, y, z = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in parts)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def drawn(ax):
    """Return the fill and the hatch of each kind of bar in a picture."""
    return {
        bars.get_gid(): (to_hex(bars.get_facecolor()[0]), bars.get_hatch())
        for bars in ax.collections
        if bars.get_gid() in COLORS
    }


def pictures():
    plan = load_routine("labor").plan(minutes=15)
    events = [Event("start", 0.0), Event("pause", 200.0), Event("resume", 240.0)]
    session = plot_session(Record(plan, events, until=2000.0))
    return {
        "timeline": drawn(plot_timeline(plan)),
        "session": drawn(session),
        "muscle": {k: (v, SEAMS.get(k)) for k, v in LAYERS.items()},
    }


PAIRS = [(name, *pair) for name, fills in pictures().items() for pair in combinations(sorted(fills), 2)]


def test_the_pictures_use_all_colours():
    assert {key for _, *pair in PAIRS for key in pair} == {*COLORS, *LAYERS}
    assert {key: color for fills in pictures().values() for key, (color, _) in fills.items() if key in COLORS} == {
        key: color.lower() for key, color in COLORS.items()
    }


@pytest.mark.parametrize("key", COLORS)
def test_fills_stand_out_from_white(key):
    assert contrast(COLORS[key]) >= 3


@pytest.mark.parametrize("color", [INK, MUTED, COLORS["hold"]])
def test_letters_stand_out_from_white(color):
    assert contrast(color) >= 4.5


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize(("name", "one", "other"), PAIRS)
def test_colours_of_one_picture_stay_apart(name, one, other, vision):
    fills = pictures()[name]
    a, b = (lab(fills[key][0], VISION[vision]) for key in (one, other))
    assert math.dist(a, b) >= APART


@pytest.mark.parametrize(("name", "one", "other"), PAIRS)
def test_hatches_of_one_picture_differ(name, one, other):
    fills = pictures()[name]
    assert fills[one][1] != fills[other][1]


def test_the_simulation_of_colour_vision():
    """White stays white, and red and green come closer to each other for those who confuse them."""
    for vision in VISION.values():
        assert lab("white", vision) == pytest.approx((100, 0, 0), abs=0.5)
    near = {key: math.dist(lab("#C00000", vision), lab("#607000", vision)) for key, vision in VISION.items()}
    assert near["protanopia"] < near["full colour"] / 2
    assert near["deuteranopia"] < near["full colour"] / 2
