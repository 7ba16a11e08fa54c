"""When to do it: the moments of a plan, and plans as they are kept."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_fit import routines
from test_routine_file import damage

from qlkit import Plan, PlanError, load_routine
from qlkit.plan import clock

SITTING, LABOR = load_routine("sitting"), load_routine("labor")


def test_a_moment_belongs_to_the_interval_that_begins_there():
    plan = LABOR.plan(minutes=15)
    # The first hold takes 2 minutes, whatever the total.
    moments = {0: "supine", 119.9: "supine", 120: "feet-planted", 899.9: "rise-stand", 900: "rise-stand"}
    assert {moment: plan.at(moment).step for moment in moments} == moments
    assert LABOR.plan(move_seconds=0).at(120).kind == "hold"


@pytest.mark.parametrize("moment", [-0.1, 900.1, float("nan")])
def test_a_moment_outside_the_plan_is_refused(moment):
    with pytest.raises(PlanError, match="from 0 to 900 s"):
        LABOR.plan(minutes=15).at(moment)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (59, "0:59"), (60, "1:00"), (3599, "59:59"), (3600, "1:00:00")]
)
def test_clock(seconds, text):
    assert clock(seconds) == text


@given(routines())
def test_a_plan_comes_back_from_json_as_it_was(routine):
    plan = routine.plan()
    assert Plan.from_dict(json.loads(json.dumps(plan.to_dict()))) == plan


DAMAGE = {
    "gap": lambda rows: rows[1].update(start=121),
    "overlap": lambda rows: rows[1].update(start=119),
    "late start": lambda rows: rows.pop(0),
    "backwards": lambda rows: rows[-1].update(end=rows[-1]["start"] - 1),
    "nothing left": lambda rows: rows.clear(),
    "no time": lambda rows: [row.update(start=0, end=0) for row in rows],
    "fraction": lambda rows: rows[0].update(end=119.5),
    "no number": lambda rows: rows[0].update(end=None),
    "no title": lambda rows: rows[0].pop("title"),
    "unknown kind": lambda rows: rows[0].update(kind="rest"),
    "unknown cue": lambda rows: rows[0]["cues"][0].update(kind="gong"),
    "unknown anchor": lambda rows: rows[0]["cues"][0].update(anchor="middle"),
    "cues that are none": lambda rows: rows[0].update(cues="chime"),
}


@pytest.mark.parametrize("spoil", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_plan_is_refused(spoil):
    data = LABOR.plan().to_dict()
    spoil(data["intervals"])
    with pytest.raises(PlanError):
        Plan.from_dict(data)


@pytest.mark.parametrize("data", [None, 5, "plan", [], {}, {"intervals": []}], ids=repr)
def test_what_is_no_plan_at_all_is_refused(data):
    with pytest.raises(PlanError, match="this is no plan"):
        Plan.from_dict(data)


@given(st.data())
def test_whatever_is_done_to_a_kept_plan_it_is_read_or_refused(data):
    kept = SITTING.plan().to_dict()
    damage(data.draw, kept)
    try:
        plan = Plan.from_dict(kept)
    except PlanError:
        return
    assert plan.total > 0
    assert all(a.end == b.start for a, b in pairwise(plan.intervals))
    json.dumps(plan.to_dict())
