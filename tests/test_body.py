import json
import math
import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import qlkit
from qlkit import QlkitError
from qlkit.body import Pose, figure, interpolate, joints, load_pose, pose_keys

STATURE = 1.70
POSES = {key: load_pose(key) for key in pose_keys()}
LYING = [key for key in POSES if key.startswith(("supine", "hook", "knees-"))]
HOLDING = [key for key in POSES if key.startswith("knees-to-chest")]
HALVES = ("left", "right")
A_HAND = 0.09  # about a hand's breadth

# Fractions of stature after Drillis and Contini (1966), as in Winter (2009): from where to where, and how far.
LENGTHS = {
    ("thigh", "shank"): 0.245,
    ("shank", "foot"): 0.246,
    ("upper_arm", "forearm"): 0.186,
    ("forearm", "hand"): 0.146,
}
# Degrees; their sources stand in data/poses.toml.
RANGES = {
    "hip": (-15, 125),
    "knee": (-10, 135),
    "ankle": (-50, 20),
    "shoulder": (-60, 180),
    "elbow": (0, 150),
    "wrist": (-70, 80),
    "neck": (-45, 45),
}


def moves():
    """Return every change of pose in the built-in routines, the poses on the way included."""
    found = {}
    for routine in qlkit.routines().values():
        keys = [key for i in routine.plan().intervals for key in (*i.via, i.pose)]
        found |= dict.fromkeys((a, b) for a, b in pairwise(keys) if a != b)
    return list(found)


def rings(pose, limb, role=None, view="side"):
    """Return the outlines of a limb as they are drawn."""
    parts = next(found for found in figure(pose, view)["limbs"] if found["name"] == limb)["parts"]
    return [ring for part in parts if role in (None, part["role"]) for ring in part["rings"]]


def lowest(pose, limb, role=None, which=slice(None)):
    """Return the height of the lowest point drawn of a limb in the side view."""
    return min(y for ring in rings(pose, limb, role)[which] for _, y in ring)


def body_low(pose):
    """Return the height of the lowest point of the whole body in the side view."""
    limbs = figure(pose, "side")["limbs"][1:]
    return min(y for limb in limbs for part in limb["parts"] for ring in part["rings"] for _, y in ring)


# What is drawn of each part: limb, colour, and which of the outlines.
DRAWN = {
    "pelvis": ("trunk", "legs", slice(None)),
    "low back": ("trunk", "top", slice(1, 2)),
    "thorax": ("trunk", "top", slice(3, None)),
    "head": ("trunk", "hair", slice(None)),
    **{part: ("leg_{}", "skin", slice(None)) for part in ("heel", "sole", "toe")},
    "knee": ("leg_{}", "legs", slice(None)),
    "hip": ("leg_{}", "legs", slice(None)),
    "shoulder": ("arm_{}", "top", slice(None)),
    "hand": ("arm_{}", "skin", slice(2, None)),
}


def heights(pose, parts):
    """Return how high above the floor the drawn parts are."""
    found = {}
    for name in parts:
        part, _, side = name.partition("_")
        limb, role, which = DRAWN[part]
        for half in [side] if side else HALVES if "{}" in limb else [""]:
            found[name, half] = lowest(pose, limb.format(half), role, which)
    return found


def palm(pose, side):
    at = joints(pose)
    return tuple((a + b) / 2 for a, b in zip(at[f"hand_{side}"], at[f"fingers_{side}"], strict=True))


def to_segment(point, a, b):
    """Return the distance of a point from the line between two others, and where along it (0 to 1) it is nearest."""
    line = [q - p for p, q in zip(a, b, strict=True)]
    along = sum((x - p) * d for x, p, d in zip(point, a, line, strict=True)) / sum(d * d for d in line)
    along = min(max(along, 0.0), 1.0)
    return math.dist(point, [p + along * d for p, d in zip(a, line, strict=True)]), along


def test_every_pose_that_was_asked_for_is_there():
    asked = """supine supine-hands-on-belly knees-raised hook-lying hook-lying-tilt knees-to-chest-knees
        knees-to-chest-wrap knees-to-chest-behind knees-to-chest-head-raised side-lying-right push-up-to-sitting
        sitting-on-floor hands-and-knees kneeling standing sitting-upright sitting-slumped lifting-round-back
        lifting-bent-knees"""
    assert sorted(asked.split()) == sorted(pose_keys())


@pytest.mark.parametrize("pose", POSES.values(), ids=POSES)
def test_words_are_one_or_two_sentences(pose):
    assert pose.words.endswith(".")
    assert 1 <= pose.words.count(". ") + 1 <= 2
    assert len(pose.words) > 30
    assert pose.title not in ("", pose.words)
    assert len({other.words for other in POSES.values()}) == len(POSES)


def test_poses_load_without_the_heavy_rooms():
    code = "import sys, qlkit.body as b; b.figure(b.load_pose('supine')); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "qlkit.body" in loaded
    assert not {"numpy", "matplotlib", "pydantic", "ipywidgets"} & set(loaded)


# Lengths and ranges


def check_lengths(pose):
    at = joints(pose)
    for (start, end), share in LENGTHS.items():
        for side in HALVES:
            assert math.dist(at[f"{start}_{side}"], at[f"{end}_{side}"]) == pytest.approx(share * STATURE, abs=1e-6)


@pytest.mark.parametrize("pose", POSES.values(), ids=POSES)
def test_segments_are_as_long_as_published_in_every_pose(pose):
    check_lengths(pose)


def test_upright_body_has_the_published_heights():
    at = joints(load_pose("standing"))
    assert at["foot_left"][1] == pytest.approx(0.039 * STATURE, abs=0.003)
    assert at["shank_left"][1] == pytest.approx(0.285 * STATURE, abs=0.003)
    assert at["thigh_left"][1] == pytest.approx(0.530 * STATURE, abs=0.003)
    assert at["upper_arm_left"][1] == pytest.approx(0.818 * STATURE, abs=0.003)
    drawn = figure(load_pose("standing"))
    assert drawn["box"][3] == pytest.approx(STATURE, abs=0.02)
    foot = [x for ring in rings(load_pose("standing"), "leg_right", "skin") for x, _ in ring]
    assert max(foot) - min(foot) == pytest.approx(0.152 * STATURE, abs=0.01)


@pytest.mark.parametrize("pose", POSES.values(), ids=POSES)
def test_no_joint_leaves_the_published_range(pose):
    for name, (low, high) in RANGES.items():
        for angle in (name, f"{name}_left", f"{name}_right"):
            assert low - 1e-6 <= pose.angles.get(angle, 0) <= high + 1e-6, angle
    assert -25 <= pose.angles["lumbar"] + pose.angles["thorax"] <= 80


@pytest.mark.parametrize(("joint", "limits"), RANGES.items(), ids=RANGES)
def test_the_published_range_is_what_is_allowed(joint, limits):
    for limit, outward in zip(limits, (-1, 1), strict=True):
        Pose("made", "Made", "Made up.", {joint: limit})
        with pytest.raises(QlkitError, match=f"{joint}.* {limits[0]}° to {limits[1]}°"):
            Pose("made", "Made", "Made up.", {joint: limit + outward})


# The floor


@pytest.mark.parametrize("pose", POSES.values(), ids=POSES)
def test_nothing_sinks_into_the_floor_and_something_rests_on_it(pose):
    assert body_low(pose) == pytest.approx(0, abs=0.002)


@pytest.mark.parametrize("pose", POSES.values(), ids=POSES)
def test_parts_said_to_rest_on_the_floor_do(pose):
    assert pose.floor
    for part, height in heights(pose, pose.floor).items():
        assert height == pytest.approx(0, abs=0.005), part


@pytest.mark.parametrize("key", LYING)
def test_pelvis_and_shoulders_are_on_the_floor_when_supine(key):
    found = heights(POSES[key], ("pelvis", "thorax"))
    assert found["pelvis", ""] < (0.025 if key in HOLDING else 0.005)  # the tailbone curls up with the knees
    assert found["thorax", ""] < 0.005


@pytest.mark.parametrize("key", ["hook-lying", "hook-lying-tilt"])
def test_feet_are_flat_near_the_buttocks_parallel_and_hip_width_apart(key):
    pose, at = POSES[key], joints(POSES[key])
    for side in HALVES:
        sole = [y for ring in rings(pose, f"leg_{side}", "skin") for _, y in ring if y < 0.01]
        assert len(sole) >= 4  # the foot lies flat: much of its outline (20 points a ring) is on the floor
        assert at[f"foot_{side}"][2] == pytest.approx(at[f"thigh_{side}"][2], abs=0.01)
        assert 0.1 < at[f"foot_{side}"][0] - at["pelvis"][0] < 0.36
    assert at["foot_left"][0] == pytest.approx(at["foot_right"][0], abs=0.001)
    assert "feet" in pose.views


def test_posterior_tilt_brings_the_low_back_down():
    neutral, tilted = POSES["hook-lying"], POSES["hook-lying-tilt"]
    assert heights(neutral, ["low back"])["low back", ""] > 0.018
    assert heights(tilted, ["low back"])["low back", ""] < 0.003
    assert 10 < tilted.angles["pitch"] - neutral.angles["pitch"] < 25  # the pelvis rolls back
    assert [mark["name"] for mark in figure(tilted)["marks"]] == ["low back"]
    assert figure(neutral)["marks"] == []


# Hands and head


@pytest.mark.parametrize("side", HALVES)
def test_hands_hold_the_knees_in_three_ways(side):
    knees, wrap, behind = (POSES[f"knees-to-chest-{way}"] for way in ("knees", "wrap", "behind"))
    knee, shank, thigh, foot = 0.054, 0.054, 0.079, f"foot_{side}"

    at = joints(knees)
    assert math.dist(palm(knees, side), at[f"shank_{side}"]) < knee + A_HAND
    distance, along = to_segment(palm(wrap, side), joints(wrap)[f"shank_{side}"], joints(wrap)[foot])
    assert distance < shank + 0.11  # in front of the shins, and toward the other leg
    assert 0.25 < along < 0.7
    at = joints(behind)
    distance, along = to_segment(palm(behind, side), at[f"thigh_{side}"], at[f"shank_{side}"])
    assert distance < thigh + A_HAND
    assert 0.6 < along < 0.95
    # On the other side of the thigh: nearer to the foot than the front of the knee is.
    assert math.dist(palm(behind, side), at[foot]) < math.dist(at[f"shank_{side}"], at[foot])
    places = [palm(pose, side) for pose in (knees, wrap, behind)]
    assert all(
        math.dist(a, b) > A_HAND for a, b in ((places[0], places[1]), (places[1], places[2]), (places[0], places[2]))
    )


@pytest.mark.parametrize("key", ["knees-to-chest-knees", "knees-to-chest-head-raised", "sitting-on-floor"])
def test_hands_are_at_the_knees(key):
    for side in HALVES:
        assert math.dist(palm(POSES[key], side), joints(POSES[key])[f"shank_{side}"]) < 0.054 + A_HAND


@pytest.mark.parametrize("key", ["supine-hands-on-belly", "hook-lying", "hook-lying-tilt"])
def test_hands_rest_on_the_belly(key):
    at = joints(POSES[key])
    belly = max(y for ring in rings(POSES[key], "trunk", "top")[:3] for _, y in ring)
    for side in HALVES:
        x, y, z = palm(POSES[key], side)
        assert at["thorax"][0] - 0.05 < x < at["pelvis"][0]
        assert abs(y - belly) < 0.05
        assert abs(z) < 0.135


def test_head_is_raised_toward_the_knees():
    down, up = joints(POSES["knees-to-chest-knees"]), joints(POSES["knees-to-chest-head-raised"])
    assert up["head"][1] > down["head"][1] + 0.12
    assert math.dist(up["head"], up["shank_left"]) < math.dist(down["head"], down["shank_left"]) - 0.08


def test_rolling_and_rising_use_the_right_side_and_the_left_hand():
    lying, pushing = POSES["side-lying-right"], POSES["push-up-to-sitting"]
    for pose in (lying, pushing):
        at = joints(pose)
        assert at["upper_arm_right"][1] < at["upper_arm_left"][1] - 0.1
        assert min(pose.angles["hip_left"], pose.angles["hip_right"]) > 80
        assert heights(pose, ["hand_left"])["hand_left", "left"] < 0.01
    assert joints(pushing)["head"][1] > joints(lying)["head"][1] + 0.3


def test_the_pairs_for_the_lessons_differ_in_the_back():
    def bent(key):
        return POSES[key].angles["lumbar"] + POSES[key].angles["thorax"]

    assert bent("sitting-slumped") > bent("sitting-upright") + 40
    assert bent("lifting-round-back") > bent("lifting-bent-knees") + 40
    assert POSES["lifting-bent-knees"].angles["knee_left"] > POSES["lifting-round-back"].angles["knee_left"] + 60
    for key in ("lifting-round-back", "lifting-bent-knees"):
        left, bottom, right, top = POSES[key].props[0]
        x, y, _ = palm(POSES[key], "right")
        assert left < x < right
        assert bottom < y < top


# On the way


@pytest.mark.parametrize(("start", "end"), moves())
def test_floor_contact_is_kept_on_the_way(start, end):
    a, b = POSES[start], POSES[end]
    both = [part for part in a.floor if part in b.floor]
    for t in (0.05, 0.25, 0.5, 0.75, 0.95):
        pose = interpolate(a, b, t)
        assert body_low(pose) > -0.005
        # On the side the hand that is led across the floor lifts the hip a little.
        within = 0.015 if "slanted" in a.views else 0.005
        for part, height in heights(pose, both).items():
            assert height == pytest.approx(0, abs=within), (part, t)
        check_lengths(pose)


def test_what_moves_is_the_angle():
    a, b = POSES["hook-lying"], POSES["knees-raised"]
    assert interpolate(a, b, 0.25).angles["knee_left"] == pytest.approx(
        0.75 * a.angles["knee_left"] + 0.25 * b.angles["knee_left"]
    )
    chords = [
        math.dist(joints(interpolate(a, b, t))["thigh_left"], joints(interpolate(a, b, t))["foot_left"])
        for t in (0, 0.5, 1)
    ]
    assert min(chords[0], chords[2]) < chords[1] < max(chords[0], chords[2])


@given(st.sampled_from(pose_keys()), st.sampled_from(pose_keys()), st.floats(0, 1))
def test_any_two_poses_can_be_blended(start, end, t):
    pose = interpolate(POSES[start], POSES[end], t)
    check_lengths(pose)
    assert body_low(pose) > -0.005
    if t == 0:
        assert pose is POSES[start]
    if t == 1:
        assert pose is POSES[end]


@pytest.mark.parametrize("t", [-0.01, 1.01, math.nan, math.inf])
def test_going_beyond_the_poses_is_refused(t):
    with pytest.raises(QlkitError, match=r"from 0 .* to 1"):
        interpolate(POSES["supine"], POSES["standing"], t)


# Outlines


@pytest.mark.parametrize("view", ["side", "slanted", "feet"])
def test_figures_are_json_of_one_form_in_a_view(view):
    def form(drawn):
        return [
            (
                limb["name"],
                limb["far"],
                limb["halo"],
                [(p["role"], [len(r) for r in p["rings"]]) for p in limb["parts"]],
            )
            for limb in drawn["limbs"][1:]
        ]

    drawn = [figure(pose, view) for pose in POSES.values()]
    assert json.loads(json.dumps(drawn, allow_nan=False)) == drawn
    assert all(form(one) == form(drawn[0]) for one in drawn)
    assert len(json.dumps(drawn[0])) < 20_000


@pytest.mark.parametrize("pose", POSES.values(), ids=POSES)
def test_far_limbs_are_drawn_before_near_ones_and_all_lies_in_the_box(pose):
    for view in pose.views:
        drawn = figure(pose, view)
        names = [limb["name"] for limb in drawn["limbs"]]
        assert sorted(names[1:]) == ["arm_left", "arm_right", "leg_left", "leg_right", "trunk"]
        if view != "feet":
            assert [limb["far"] for limb in drawn["limbs"]] == [False, True, True, False, False, False]
        x0, y0, x1, y1 = drawn["box"]
        for limb in drawn["limbs"]:
            for part in limb["parts"]:
                for ring in part["rings"]:
                    assert all(x0 <= x <= x1 and y0 <= y <= y1 for x, y in ring)
                    assert part["role"] == "prop" or area(ring) > 1e-4


def area(ring):
    """Return the area inside an outline: positive if it runs counter-clockwise, so that overlaps add up."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True)) / 2


def test_near_is_what_is_nearer_to_the_onlooker():
    at = joints(POSES["standing"])
    assert at["upper_arm_right"][2] > at["upper_arm_left"][2]
    assert [limb["name"] for limb in figure(POSES["standing"])["limbs"]][-1] == "arm_right"
    at = joints(POSES["side-lying-right"])  # seen from above, the left is the upper side
    assert at["upper_arm_left"][1] > at["upper_arm_right"][1]
    assert [limb["name"] for limb in figure(POSES["side-lying-right"])["limbs"]][-1] == "arm_left"


# Bad input


def test_unknown_pose_lists_the_known_ones_and_guesses():
    with pytest.raises(QlkitError) as error:
        load_pose("hook-lyng")
    assert "Did you mean 'hook-lying'?" in str(error.value)
    assert all(key in str(error.value) for key in pose_keys())
    with pytest.raises(QlkitError, match="Known poses"):
        load_pose("")


@pytest.mark.parametrize("value", [math.nan, math.inf, "30", None, True])
def test_an_angle_is_a_number(value):
    with pytest.raises(QlkitError, match=r"knee is .*not a number of degrees"):
        Pose("made", "Made", "Made up.", {"knee": value})


def test_every_fault_of_a_pose_is_named_at_once():
    with pytest.raises(QlkitError) as error:
        Pose(
            "made",
            "Made",
            "Made up.",
            {"kne": 3, "elbow": -20, "lumbar": 60, "thorax": 40},
            floor=("ear",),
            views=("back",),
        )
    text = str(error.value)
    assert "'made'" in text
    for fault in ("'kne'", "elbow_left is -20°", "spine is 100°", "'ear'", "'back'"):
        assert fault in text


def test_unknown_view_lists_the_known_ones():
    with pytest.raises(QlkitError, match=r"'behind'.*side, slanted, feet"):
        figure(POSES["supine"], "behind")


def test_angles_can_not_be_changed_behind_the_back():
    with pytest.raises(TypeError):
        POSES["supine"].angles["knee_left"] = 90
