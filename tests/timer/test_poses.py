"""The poses as the browser gets them: it blends outlines point by point, so their points have to correspond."""

import json
import subprocess
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_javascript import find_node

import qlkit
from qlkit import timer
from qlkit.body import figure, load_pose
from qlkit.timer.poses import ON_THE_WAY, frames, pack

LARGEST = 60_000  # bytes of JSON that a page may have to load with a widget


@pytest.fixture(params=["sitting", "labor"])
def plan(request):
    return qlkit.load_routine(request.param).plan()


@pytest.fixture
def drawn(plan):
    """Give each interval with what is drawn in it, its outlines as numbers."""
    poses = frames(plan)
    outlines = list(map(unpack, poses["outlines"]))
    told = [{**one, "outlines": [outlines[place] for place in one["outlines"]]} for one in poses["intervals"]]
    return list(zip(plan.intervals, told, strict=True))


def unpack(text):
    """Return the x and y that a text was packed from, as figure.js does it."""
    numbers = [0, 0]
    for character in text:
        code = ord(character) - 63
        numbers.append(numbers[-2] + (-(code + 1) // 2 if code % 2 else code // 2))
    return numbers[2:]


def outline(pose, view):
    """Return the outline of a resting pose in millimetres, made in another way than the code does it."""
    limbs = [limb for limb in figure(load_pose(pose), view)["limbs"] if limb["name"] != "props"]
    points = [point for limb in limbs for part in limb["parts"] for ring in part["rings"] for point in ring]
    return [round(1000 * value) for point in points for value in point]


def test_every_interval_is_drawn_with_its_words(drawn):
    for interval, one in drawn:
        pose = load_pose(interval.pose)
        assert one["outlines"], interval.step
        assert (one["words"], one["view"]) == (pose.words, pose.views[0])


def test_a_hold_stands_still_and_a_move_goes_by_its_way(drawn):
    for interval, one in drawn:
        stages = 0 if interval.kind == "hold" else 1 + len(interval.via)
        assert len(one["outlines"]) == 1 + stages * ON_THE_WAY, interval.step
    assert any(interval.via for interval, _ in drawn), "no move here goes by another pose"


def test_a_move_begins_where_the_body_is_and_ends_in_its_pose(drawn):
    for (before, _), (interval, one) in pairwise(drawn):
        if interval.kind == "move":
            assert one["outlines"][0] == outline(before.pose, one["view"]), interval.step
        for place, key in enumerate(interval.via, 1):
            assert one["outlines"][place * ON_THE_WAY] == outline(key, one["view"]), interval.step
        assert one["outlines"][-1] == outline(interval.pose, one["view"]), interval.step


def test_a_move_shows_the_body_on_its_way(drawn):
    for interval, one in drawn:
        for a, b in pairwise(one["outlines"]):
            farthest = max(abs(p - q) for p, q in zip(a, b, strict=True))
            # The browser blends in straight lines: a foot that swings farther at once would seem to shrink on its way.
            assert 0 < farthest < 1000, f"{interval.step}: {farthest} mm"


def test_outlines_of_a_view_have_the_same_points(plan, drawn):
    shapes = frames(plan)["shapes"]
    assert set(shapes) == {one["view"] for _, one in drawn}
    for _, one in drawn:
        expected = 2 * sum(count for limb in shapes[one["view"]] for _, count in limb["rings"])
        assert {len(outline) for outline in one["outlines"]} == {expected}


def test_limbs_keep_their_order_on_the_way(plan):
    # The browser builds its paths once for a view and fills them in this order: a pose with another order would come
    # out with its arm in the colour of its leg.
    shapes = frames(plan)["shapes"]
    for interval in plan.intervals:
        for key in (interval.pose, *interval.via):
            view = load_pose(interval.pose).views[0]
            limbs = [limb for limb in figure(load_pose(key), view)["limbs"] if limb["name"] != "props"]
            rings = [[[p["role"], len(ring)] for p in limb["parts"] for ring in p["rings"]] for limb in limbs]
            assert rings == [limb["rings"] for limb in shapes[view]], f"{interval.step}: {key}"
            assert [limb["far"] for limb in limbs] == [limb["far"] for limb in shapes[view]], f"{interval.step}: {key}"


def test_numbers_are_whole_millimetres_within_the_box(drawn):
    for interval, one in drawn:
        x0, y0, x1, y1 = one["box"]
        for outline in one["outlines"]:
            assert all(type(value) is int for value in outline)
            xs, ys = outline[::2], outline[1::2]
            assert x0 <= min(xs) <= max(xs) <= x1, interval.step
            assert y0 <= min(ys) <= max(ys) <= y1, interval.step


def test_a_first_interval_that_is_a_move_is_drawn_too(plan):
    # Nothing comes before it, so there is nothing to start from.
    later = plan.to_dict()
    later["intervals"] = [i for i in later["intervals"] if i["kind"] == "move"]
    for one, start in zip(later["intervals"], range(0, 1000, 10), strict=False):
        one |= {"start": start, "end": start + 10}
    first = frames(qlkit.Plan.from_dict(later))["intervals"][0]
    assert len(first["outlines"]) == 1


def test_the_page_does_not_have_to_load_much(plan):
    poses = frames(plan)
    assert len(json.dumps(poses, ensure_ascii=False).encode()) <= LARGEST
    assert len(set(poses["outlines"])) == len(poses["outlines"]), "an outline is there twice"


@given(st.lists(st.tuples(st.integers(-9000, 9000), st.integers(-9000, 9000))))
def test_points_come_back_as_they_were(points):
    assert unpack(pack(points)) == [number for point in points for number in point]
    assert json.loads(json.dumps(pack(points))) == pack(points)


def test_the_browser_unpacks_the_same(plan):
    node = find_node()
    if node is None:
        pytest.skip("no Node.js from 20.19 on: install it (https://nodejs.org), or a Playwright that brings one")
    outlines = frames(plan)["outlines"]
    script = (
        f"import {{ unpack }} from {json.dumps((Path(timer.__file__).parent / 'figure.js').as_uri())};"
        'console.log(JSON.stringify(JSON.parse((await import("node:fs")).readFileSync(0)).map(unpack)))'
    )
    command = [node, "--input-type=module", "--eval", script]
    run = subprocess.run(command, input=json.dumps(outlines), capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == list(map(unpack, outlines))


def test_another_time_for_the_same_routine_is_drawn_at_once(plan):
    # Explorers make a timer for each move of a slider.
    frames(plan)
    other = qlkit.load_routine(plan.routine).plan(minutes=plan.total / 60 + 5)
    took = []
    for _ in range(5):
        begun = time.perf_counter()
        drawn = frames(other)
        took.append(time.perf_counter() - begun)
    assert min(took) < 0.02, f"{min(took) * 1000:.0f} ms"
    assert drawn == frames(plan), "the poses do not depend on the time"
