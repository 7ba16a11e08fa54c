"""Fitting a routine to a time: totals to the second, every hold within its range, and what can't be in words."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qlkit import PlanError, Routine, load_routine
from qlkit.fit import deal
from qlkit.plan import clock

SITTING, LABOR = load_routine("sitting"), load_routine("labor")
MOVES = [step.move.seconds if step.move else 0 for step in LABOR.steps]
RISE = [stage.seconds for stage in LABOR.rise]
STILL = sum(MOVES) + sum(
    RISE
)  # the seconds of moves and rise are a teaching choice, so no figure below depends on them


def held(plan):
    return {i.step: i.seconds for i in plan.intervals if i.kind == "hold"}


# Figures worked out by hand


def test_by_default_every_hold_is_at_its_shortest():
    plan = LABOR.plan()
    assert held(plan) == {"supine": 120, "feet-planted": 300, "knees-to-chest": 120, "head-raise": 60}
    assert (plan.total, plan.hold_total) == (600 + STILL, 600)
    assert SITTING.plan().hold_total == 300


def test_the_intervals_follow_each_other_and_meet_the_total():
    # 800 s of holds, 200 s more than the shortest, for rooms of 0, 300, 180 and 60 s: 0, 111.1, 66.7 and 22.2.
    intervals = LABOR.plan(minutes=(800 + STILL) / 60).intervals
    lengths = [120, MOVES[1], 411, MOVES[2], 187, 82, *RISE]
    assert [i.start for i in intervals] == [sum(lengths[:n]) for n in range(len(lengths))]
    assert intervals[-1].end == 800 + STILL
    assert [f"{i.kind} {i.step}" for i in intervals] == [
        "hold supine",
        "move feet-planted",
        "hold feet-planted",
        "move knees-to-chest",
        "hold knees-to-chest",
        "hold head-raise",
        "move rise-roll",
        "move rise-push-up",
        "move rise-kneel",
        "move rise-stand",
    ]


@pytest.mark.parametrize("routine", [SITTING, LABOR], ids=["sitting", "labor"])
@pytest.mark.parametrize("minutes", [12, 15, 20.5, 60])
def test_the_total_is_what_was_asked_for(routine, minutes):
    plan = routine.plan(minutes=minutes)
    assert plan.total == minutes * 60
    assert plan.hold_total == plan.total - sum(i.seconds for i in plan.intervals if i.kind == "move")


@pytest.mark.parametrize(
    ("seconds", "asked", "holds"),
    [
        (None, {"skip": ["head-raise"]}, [120, 300, 120]),
        (860, {"skip": "head-raise"}, [120, 500, 240]),
        (None, {"holds": {"knees-to-chest": 4}}, [120, 300, 240, 60]),
        (800, {"holds": {"knees-to-chest": 4}}, [120, 367, 240, 73]),
        (None, {"holds": {"feet-planted": 30}}, [120, 1800, 120, 60]),
        (None, {"holds": {"feet-planted": 240}}, [120, 14400, 120, 60]),
        (1140, {}, [120, 600, 300, 120]),
        (1400, {}, [120, 860, 300, 120]),
        (14940, {}, [120, 14400, 300, 120]),
    ],
    ids=str,
)
def test_the_holds_of_labor_as_asked(seconds, asked, holds):
    plan = LABOR.plan(minutes=seconds and (seconds + STILL) / 60, **asked)
    assert list(held(plan).values()) == holds
    assert plan.total == sum(holds) + STILL


@pytest.mark.parametrize("seconds", [0, 60])
def test_the_moves_take_the_seconds_given_and_the_rise_its_own(seconds):
    plan = LABOR.plan(move_seconds=seconds)
    assert [i.seconds for i in plan.intervals if i.kind == "move"] == [seconds, seconds, *RISE]
    assert plan.hold_total == 600


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            {"minutes": 10},
            rf"10:00 is too short .* is {clock(600 + STILL)} \(10:00 of holds, {clock(STILL)} of moves and",
        ),
        ({"minutes": 10}, "; leaving out 'head-raise' saves 1:00$"),
        (
            {"minutes": 9, "skip": ["head-raise"]},
            rf"is {clock(540 + STILL)} \(9:00 of holds, {clock(STILL)} of moves and",
        ),
        ({"minutes": 9, "skip": ["head-raise"]}, "rise\\)$"),
        ({"minutes": 300}, f"5:00:00 is too long .* longest possible is {clock(14940 + STILL)}$"),
        ({"minutes": 25, "holds": {"feet-planted": 10}}, f"longest possible is {clock(1140 + STILL)}$"),
        ({"minutes": 0}, "should be a number above 0"),
        ({"minutes": -15}, "should be a number above 0"),
        ({"minutes": float("nan")}, "should be a number above 0"),
        ({"minutes": float("inf")}, "should be a number above 0"),
        ({"minutes": "15"}, "should be a number above 0"),
        ({"minutes": True}, "should be a number above 0"),
        ({"minutes": 1e308}, "is too long|should be a number"),
        ({"minutes": 10**400}, "is too long|should be a number"),
        ({"holds": {"knees-to-chest": 6}}, "'knees-to-chest' can be held for 2 to 5 minutes, not 6"),
        ({"holds": {"feet-planted": 4}}, "'feet-planted' can be held for 5 minutes or more, up to 240, not 4"),
        ({"holds": {"feet-planted": 241}}, "'feet-planted' can be held for 5 minutes or more, up to 240, not 241"),
        ({"holds": {"feet-planted": 10**400}}, "5 minutes or more, up to 240"),
        ({"holds": {"supine": "2"}}, "not '2'"),
        ({"holds": {"supine": float("nan")}}, "not nan"),
        ({"holds": {"knees": 3}}, "no step of this plan; its steps: supine, feet-planted, knees-to-chest, head-raise"),
        ({"holds": {"head-raise": 1}, "skip": ["head-raise"]}, "its steps: supine, feet-planted, knees-to-chest$"),
        ({"skip": ["supine"]}, "'supine' is not optional .* what can be left out: head-raise"),
        ({"skip": ["rise"]}, "'rise' is no step .* what can be left out: head-raise"),
        *[({"move_seconds": n}, "whole number from 0 to 600") for n in (-1, 601, 2.5, "5", float("nan"), True)],
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_plan_that_cant_be_says_what_can(asked, message):
    with pytest.raises(PlanError, match=message):
        LABOR.plan(**asked)


def test_where_nothing_is_optional_the_error_says_so():
    with pytest.raises(PlanError, match="no step of it is optional"):
        SITTING.plan(skip=["supine-rest"])


# What holds for any routine


def seconds(low, high):
    return st.integers(low, high).map(lambda n: n / 60)


words = st.integers(1, 110).map(lambda n: "rest " * n)


@st.composite
def routines(draw):
    def move(**more):
        return {"text": "Move.", "seconds": draw(st.integers(0, 60)), **more}

    steps = []
    for i in range(draw(st.integers(1, 5))):
        shortest = draw(seconds(6, 400))
        hold = {"shortest": shortest, "longest": shortest + draw(seconds(0, 400)), "open_ended": draw(st.booleans())}
        step = {"key": f"s{i}", "title": "Step", "pose": "supine", "hold": hold, "text": draw(words)}
        step |= {"optional": draw(st.booleans()), "reminders": tuple(draw(st.lists(words, max_size=3)))}
        steps.append(step | ({"move": move()} if draw(st.booleans()) else {}))
    rise = [move(key=f"r{i}", title="Up", pose="standing") for i in range(draw(st.integers(0, 3)))]
    head = {"key": "any", "title": "Any", "purpose": "Any.", "source": "any"}
    return Routine.model_validate(head | {"steps": tuple(steps), "rise": tuple(rise)})


def longest_total(routine):
    return routine.plan().total + sum(round(s.hold.longest * 60) - round(s.hold.shortest * 60) for s in routine.steps)


@given(routines(), st.integers(0, 3000), st.integers(1, 600))
def test_totals_are_exact_and_more_time_never_shortens_a_hold(routine, more, later):
    least, most = routine.plan(), longest_total(routine)
    if not any(step.hold.open_ended for step in routine.steps):
        more = min(more, most - least.total)
        later = min(later, most - least.total - more)
    plan = routine.plan(minutes=(least.total + more) / 60)
    assert plan.total == least.total + more
    longer = routine.plan(minutes=(least.total + more + later) / 60)
    assert longer.total == plan.total + later
    for a, b in zip(plan.intervals, longer.intervals, strict=True):
        assert a.seconds == b.seconds if a.kind == "move" else a.seconds <= b.seconds


@given(routines(), st.integers(0, 3000))
def test_every_hold_is_within_its_range(routine, more):
    least, most = routine.plan(), longest_total(routine)
    if not any(step.hold.open_ended for step in routine.steps):
        more = min(more, most - least.total)
    plan = routine.plan(minutes=(least.total + more) / 60)
    for step in routine.steps:
        length = held(plan)[step.key]
        assert length >= round(step.hold.shortest * 60)
        # Beyond the longest only where a hold is open-ended, and only once every hold has what its range allows.
        if length > round(step.hold.longest * 60):
            assert step.hold.open_ended
            assert plan.total > most


@given(routines())
def test_a_second_less_or_more_than_possible_is_refused_with_the_limit(routine):
    least, most = routine.plan().total, longest_total(routine)
    with pytest.raises(PlanError, match=f"the shortest possible is {clock(least)} ") as caught:
        routine.plan(minutes=(least - 1) / 60)
    for step in routine.steps:
        if step.optional and len(routine.steps) > 1:
            saved = least - routine.plan(skip=[step.key]).total
            assert f"leaving out {step.key!r} saves {clock(saved)}" in str(caught.value)
    if not any(step.hold.open_ended for step in routine.steps):
        with pytest.raises(PlanError, match=f"the longest possible is {clock(most)}$"):
            routine.plan(minutes=(most + 1) / 60)


def one_by_one(count, rooms):
    shares = [0] * len(rooms)
    for _ in range(count):
        claims = [Fraction(room, 2 * share + 1) for room, share in zip(rooms, shares, strict=True)]
        shares[claims.index(max(claims))] += 1
    return shares


@given(st.lists(st.integers(0, 40), min_size=1, max_size=6), st.data())
def test_dealing_is_as_if_done_one_by_one(rooms, data):
    count = data.draw(st.integers(0, sum(rooms)))
    assert deal(count, rooms) == one_by_one(count, rooms)
    assert deal(sum(rooms), rooms) == rooms
    assert all(share <= room for share, room in zip(deal(count, rooms), rooms, strict=True))
