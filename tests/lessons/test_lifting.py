"""The lifting equation gives every printed value, and says in words what it can't take."""

import re
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest

import qlkit
from qlkit.errors import QlkitError
from qlkit.lessons.lifting import ABOVE, SIDE, M, _often, draw_lift, lift
from qlkit.plots.style import COLORS

IDEAL = {"load": 10, "horizontal": 25, "vertical": 75, "distance": 25}
FLOOR = {"load": 10, "horizontal": 50, "vertical": 10, "distance": 70, "per_minute": 1, "grip": "fair"}

PRINTED = {
    ("HM", "horizontal"): {25: 1.00, 30: 0.83, 40: 0.63, 50: 0.50, 60: 0.42},
    ("VM", "vertical"): {0: 0.78, 30: 0.87, 50: 0.93, 70: 0.99, 100: 0.93, 150: 0.78, 175: 0.70},
    ("DM", "distance"): {0: 1.00, 25: 1.00, 40: 0.93, 55: 0.90, 100: 0.87, 145: 0.85, 175: 0.85},
    ("AM", "angle"): {0: 1.00, 30: 0.90, 45: 0.86, 60: 0.81, 90: 0.71, 135: 0.57},
}
"""As two web pages print them, ccohs and bhhcsafetycenter."""

FREQUENCY = """
0.2 1.00 0.95 0.85 | 0.5 0.97 0.92 0.81 | 1 0.94 0.88 0.75 | 2 0.91 0.84 0.65 | 3 0.88 0.79 0.55 | 4 0.84 0.72 0.45
5 0.80 0.60 0.35 | 6 0.75 0.50 0.27 | 7 0.70 0.42 0.22 | 8 0.60 0.35 0.18 | 9 0.52 0.30 0/0.15 | 10 0.45 0.26 0/0.13
11 0.41 0/0.23 0 | 12 0.37 0/0.21 0 | 13 0/0.34 0 0 | 14 0/0.31 0 0 | 15 0/0.28 0 0 | 16 0 0 0 | 40 0 0 0
"""
"""Lifts a minute; then up to 1, 2 and 8 hours, hands below 75 cm / from 75 cm on where that makes a difference."""


@pytest.mark.parametrize(("letters", "name"), PRINTED)
def test_formulas_give_the_printed_values(letters, name):
    found = {number: lift(**{**IDEAL, name: number}).multipliers[letters] for number in PRINTED[letters, name]}
    # 25/40 is printed as 0.63, rounded half up.
    assert {number: int(100 * value + 0.5 + 1e-9) / 100 for number, value in found.items()} == PRINTED[letters, name]


def test_the_table_of_frequencies_is_the_printed_one():
    rows = [row.split() for row in re.split(r"[|\n]", FREQUENCY) if row.strip()]
    assert len(rows) == 19
    for per_minute, *cells in rows:
        for hours, cell in zip((1, 2, 8), cells, strict=True):
            low, _, high = cell.partition("/")
            for vertical, value in ((74, low), (75, high or low)):
                given = {**IDEAL, "vertical": vertical, "per_minute": float(per_minute), "hours": hours}
                assert lift(**given).multipliers["FM"] == float(value), (per_minute, hours, vertical)


def test_durations_are_up_to_and_with_their_ends():
    found = [lift(**IDEAL, per_minute=1, hours=hours).multipliers["FM"] for hours in (0.5, 1, 1.5, 2, 2.5, 8)]
    assert found == [0.94, 0.94, 0.88, 0.88, 0.75, 0.75]
    assert lift(**IDEAL, per_minute=0.05).multipliers["FM"] == 1


def test_grip_counts_more_below_75_cm():
    found = {
        (g, v): lift(**{**IDEAL, "vertical": v}, grip=g).multipliers["CM"]
        for g in ("good", "fair", "poor")
        for v in (74, 75)
    }
    assert list(found.values()) == [1.00, 1.00, 0.95, 1.00, 0.90, 0.90]


@pytest.mark.parametrize(
    ("given", "limit"),
    [
        (IDEAL, 23.0),
        ({**IDEAL, "horizontal": 30, "per_minute": 1}, 18.02),
        (FLOOR, 7.31),
        ({**FLOOR, "angle": 45}, 6.26),
    ],
)
def test_worked_checks(given, limit):
    found = lift(**given)
    assert round(found.limit, 2) == limit
    assert found.index == pytest.approx(10 / found.limit)


def test_a_limit_of_0_has_no_index():
    assert lift(**IDEAL, per_minute=13, hours=8)[1:] == (0, None)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"horizontal": 61}, r"horizontal is 61 \(H, .*from 25 to 60 cm"),
        ({"horizontal": 24}, "from 25 to 60 cm"),
        ({"vertical": -1}, "vertical is -1 .*from 0 to 175 cm"),
        ({"vertical": float("nan")}, "from 0 to 175 cm"),
        ({"distance": 176}, "from 0 to 175 cm"),
        ({"angle": 136}, "from 0 to 135 °"),
        ({"load": "ten"}, "load is 'ten'"),
        ({"load": True}, "load is True"),
        ({"hours": 9}, "from 0.1 to 8 h"),
        ({"per_minute": 0.3}, "per_minute is 0.3; the table has up to 0.2, 0.5, whole numbers to 15"),
        ({"per_minute": -1}, "per_minute is -1"),
        ({"grip": "firm"}, "one of good, fair, poor"),
        ({"grip": []}, "one of good, fair, poor"),
    ],
)
def test_what_the_equation_cant_take_is_said(wrong, words):
    with pytest.raises(QlkitError, match=words):
        lift(**{**IDEAL, **wrong})


def test_nothing_unconfirmed_is_printed():
    files = Path(qlkit.__file__).parent
    text = (files / "data" / "lifting.toml").read_text("utf-8") + (files / "lessons" / "lifting.py").read_text("utf-8")
    assert "63" not in text
    assert set(tomllib.loads(text[: text.index('"""The revised')])) == {
        "load_constant",
        "sliders",
        "formulas",
        "grip",
        "frequency",
    }
    assert [number for _, number in _often()][:4] == [0.2, 0.5, 1, 2]


def test_the_controls_lead_to_result_table_picture_and_limits():
    app = qlkit.explore_lifting()
    seen = app.picture.value
    for part in (
        "Recommended weight limit 18.0 kg",
        "0.83",
        "25 / H",
        "23 kg",
        "[G]",
        "waters1993",
        "not fully validated",
    ):
        assert part in seen
    assert "no personal safety limit" in seen
    app.inputs["load"].value = 36
    assert "Lifting index 36 / 18.0 = 2.00: the load is more than the limit." in app.picture.value
    app.inputs["per_minute"].value = 16
    assert "the table gives 0" in app.picture.value
    assert repr(app).startswith("Lifting: Recommended weight limit 0 kg")


def test_a_way_that_leads_nowhere_says_what_would_do_and_recovers():
    app = qlkit.explore_lifting()
    app.inputs["distance"].value = 120
    assert 'role="alert"' in app.picture.value
    assert "Possible from there: up to 100 cm." in app.picture.value
    app.inputs["distance"].value = 100
    assert "<img" in app.picture.value


def test_the_picture_is_to_scale():
    svg = ElementTree.fromstring(draw_lift(40, 20, 100, 90, 120))  # noqa: S314 - our own
    paths = [path.attrib for path in svg.iter("{http://www.w3.org/2000/svg}path") if "fill" in path.attrib]
    hands = [re.match(r"M([\d.]+) ([\d.]+)h6", p["d"]).groups() for p in paths if p["fill"] == COLORS["move"]]
    metres = [((float(x) + 3 - SIDE[0]) / M, (SIDE[1] - float(y) - 3) / M) for x, y in hands]
    assert metres == [(pytest.approx(0.4), pytest.approx(1.2)), (pytest.approx(0.4), pytest.approx(0.2))]
    said = {text.text for text in svg.iter("{http://www.w3.org/2000/svg}text")}
    assert {"H 40 cm", "V 20 cm", "D 100 cm", "A 90°"} <= said
    # Turned by 90° to the right, what is straight ahead lies to the right.
    load, reach = (p for p in paths if "transform" in p)
    assert load["transform"] == reach["transform"] == f"rotate(90 {ABOVE[0]} {ABOVE[1]})"
    x, y, _, far = map(float, re.findall(r"[\d.]+", reach["d"]))
    assert (x, y, y - far) == (*ABOVE, pytest.approx(126 * 0.4))
