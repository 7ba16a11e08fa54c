"""Doing it: the vectors, what counts as an event or a record, and what holds for any session."""

import json
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from qlkit import Event, Interval, Plan, QlkitError, Record, replay

VECTORS = json.loads((Path(__file__).parent / "vectors" / "session.json").read_text(encoding="utf-8"))


def plan_of(lengths):
    intervals, end = [], 0
    for i, seconds in enumerate(lengths):
        intervals.append(Interval("hold", f"step-{i}", f"Step {i}", "Rest.", "supine", end, end + seconds))
        end += seconds
    return Plan("test", "Test", "practitioner", (), tuple(intervals))


PLAN = plan_of([10, 20, 30])


# The vectors


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_vector(vector):
    events = [Event(*event) for event in vector["events"]]
    state = replay(plan_of(vector["lengths"]), events, vector["now"])
    assert {
        "status": state.status,
        "index": state.index,
        "elapsed": state.elapsed,
        "length": state.length,
        "remaining": state.remaining,
        "total_remaining": state.total_remaining,
        "time": state.time,
        "visits": [[v.index, v.start, v.end, v.paused, v.extended] for v in state.visits],
        "pauses": [list(pause) for pause in state.pauses],
    } == vector["expect"]


def test_the_vectors_are_many_and_named_apart():
    assert len(VECTORS) >= 45
    assert len({vector["name"] for vector in VECTORS}) == len(VECTORS)


def test_the_present_interval_is_the_one_of_the_plan():
    assert replay(PLAN, [Event("start", 0)], 15).interval is PLAN.intervals[1]


# Events and records: what is taken, what is refused


@pytest.mark.parametrize(
    ("kind", "at", "seconds", "named"),
    [
        ("begin", 0, 0, "'begin'"),
        ("Start", 0, 0, "'Start'"),
        ("", 0, 0, "''"),
        (None, 0, 0, "None"),
        (["start"], 0, 0, "start"),
        ("start", float("nan"), 0, "'at'"),
        ("start", float("inf"), 0, "'at'"),
        ("start", "0", 0, "'at'"),
        ("start", None, 0, "'at'"),
        ("start", True, 0, "'at'"),
        ("start", 10**400, 0, "'at'"),
        ("extend", 0, float("nan"), "'seconds'"),
        ("extend", 0, "30", "'seconds'"),
        ("extend", 0, None, "'seconds'"),
    ],
    ids=lambda value: repr(value)[:12],
)
def test_an_event_that_is_none_is_refused(kind, at, seconds, named):
    with pytest.raises(QlkitError, match=named):
        Event(kind, at, seconds)


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "start",
        ["start", 0],
        {},
        {"type": "start"},
        {"at": 0},
        {"type": "start", "at": 0, "by": "me"},
        {"type": "stat", "at": 0},
    ],
    ids=repr,
)
def test_a_dict_that_is_no_event_is_refused(data):
    with pytest.raises(QlkitError, match="event"):
        Event.from_dict(data)


def test_an_event_says_its_seconds_only_where_there_are_some():
    assert Event("extend", 4.5, 30).to_dict() == {"type": "extend", "at": 4.5, "seconds": 30}
    assert Event("pause", 4.5).to_dict() == {"type": "pause", "at": 4.5}


@pytest.mark.parametrize(
    "change",
    [
        {"plan": None},
        {"plan": {}},
        {"events": None},
        {"events": {"type": "start", "at": 0}},
        {"events": "start"},
        {"events": [["start", 0]]},
        {"events": [{"type": "start", "at": None}]},
        {"until": "later"},
        {"until": True},
        {"until": float("nan")},
        {"until": float("inf")},
    ],
    ids=repr,
)
def test_a_damaged_record_is_refused(change):
    with pytest.raises(QlkitError):
        Record.from_dict(Record(PLAN, (Event("start", 0),)).to_dict() | change)


@pytest.mark.parametrize("data", [None, [], "record", {}, {"plan": PLAN.to_dict()}, {"events": []}], ids=repr)
def test_what_is_no_record_at_all_is_refused(data):
    with pytest.raises(QlkitError, match="record"):
        Record.from_dict(data)


# Records

EVENTS = (
    Event("start", 1000.5),
    Event("pause", 1004.5),
    Event("resume", 1009.5),
    Event("extend", 1020.5, 7.5),
    Event("pause", 1030.5),
    Event("resume", 1031.5),
)


def test_a_record_comes_back_from_json_as_it_was():
    record = Record(PLAN, EVENTS, until=1040.25)
    assert Record.from_dict(json.loads(json.dumps(record.to_dict()))) == record


def test_a_record_says_what_was_done():
    record = Record(PLAN, (*EVENTS, Event("stop", 1040.5)))
    assert [(v.index, v.start, v.end, v.paused, v.extended, v.held) for v in record.intervals] == [
        (0, 0, 15, 5, 0, 10),
        (1, 15, 40, 1, 7.5, 24),
    ]
    assert record.paused == 6
    assert not record.finished
    assert record.started == datetime(1970, 1, 1, 0, 16, 40, 500_000, tzinfo=UTC)


def test_a_record_is_finished_when_the_plan_was_gone_through():
    start = Event("start", 0)
    assert not Record(PLAN, (start,)).finished
    assert not Record(PLAN, (start,), until=59.5).finished
    assert Record(PLAN, (start,), until=60).finished
    assert Record(PLAN, (start, *(Event("next", at) for at in (1, 2, 3)))).finished
    assert not Record(PLAN, (start, Event("stop", 59.5)), until=1000).finished


def test_an_until_before_the_last_event_loses_no_event():
    assert Record(PLAN, (Event("start", 0), Event("next", 5)), until=2).state.index == 1


def test_a_record_without_a_start_is_empty():
    record = Record(PLAN)
    assert (record.intervals, record.paused, record.finished, record.started) == ((), 0, False, None)
    assert record.describe() == "Test: not started."


def test_a_record_keeps_its_events_in_the_order_of_their_times():
    assert Record(PLAN, EVENTS[::-1]) == Record(PLAN, EVENTS)


def test_a_moment_that_no_calendar_has_is_refused_in_words():
    with pytest.raises(QlkitError):
        _ = Record(PLAN, (Event("start", 1e300),)).started


# What holds for any session. Times are binary fractions, as the clock of a browser gives them (milliseconds since
# 1970 in a double), so sums are exact and the properties can be asked for to the last bit.

ticks = st.integers(0, 64 * 120).map(lambda n: n / 64)
kinds = st.sampled_from(["start", "pause", "pause", "resume", "resume", "next", "back", "extend", "stop"])
amounts = st.sampled_from([-100.0, -7.5, 0.0, 0.25, 15.0, 30.0])
rough = st.tuples(kinds, ticks, amounts)
plans = st.lists(st.sampled_from([0, 1, 5, 10, 20]), min_size=1, max_size=5).filter(any).map(plan_of)
epochs = st.sampled_from([0.0, 1795442700.25])


@st.composite
def sessions(draw):
    """Draw a plan, the events of a session that was started, and a moment after the start."""
    epoch = draw(epochs)
    rows = [("start", 0.0, 0.0), *draw(st.lists(rough, max_size=12))]
    return draw(plans), [Event(kind, epoch + at, more) for kind, at, more in rows], epoch + draw(ticks)


@given(sessions())
def test_time_is_what_was_held_and_what_was_paused(session):
    state = replay(*session)
    assert sum(v.held + v.paused for v in state.visits) == state.time
    assert sum(v.paused for v in state.visits) == sum(end - start for start, end in state.pauses)
    if state.status != "finished":
        assert state.elapsed == state.visits[-1].held


@given(sessions())
def test_what_remains_is_never_below_zero_and_adds_up(session):
    plan, events, now = session
    state = replay(plan, events, now)
    later = plan.intervals[state.index + 1 :]
    extended = {i: sum(v.extended for v in state.visits if v.index == i) for i in range(len(plan.intervals))}
    assert state.length == state.interval.seconds + extended[state.index]
    assert state.remaining == state.length - state.elapsed >= 0
    assert state.total_remaining == state.remaining + sum(
        i.seconds + extended[n] for n, i in enumerate(later, state.index + 1)
    )
    assert (state.remaining > 0) == (state.status != "finished")


@given(sessions())
def test_visits_follow_each_other_without_a_gap(session):
    state = replay(*session)
    assert state.visits[0].start == 0
    assert state.visits[-1].end == state.time
    assert all(a.end == b.start for a, b in pairwise(state.visits))
    assert all(v.start <= v.end and 0 <= v.paused <= v.end - v.start for v in state.visits)


@given(sessions())
def test_pauses_never_overlap_nor_run_backwards(session):
    state = replay(*session)
    assert all(start <= end for start, end in state.pauses)
    assert all(a[1] <= b[0] for a, b in pairwise(state.pauses))
    if state.status == "paused":
        assert state.pauses[-1][1] == state.time


@given(sessions(), ticks)
def test_an_event_without_effect_changes_nothing(session, at):
    plan, events, now = session
    assert replay(plan, [*events, Event("start", events[0].at + at)], now) == replay(plan, events, now)


@given(sessions(), ticks)
def test_a_later_moment_continues_from_the_earlier_one(session, wait):
    plan, events, now = session
    assume(all(e.at <= now for e in events))
    before, after = replay(plan, events, now), replay(plan, events, now + wait)
    step = min(wait, before.total_remaining) if before.status == "running" else 0
    assert after.total_remaining == before.total_remaining - step
    assert after.time == before.time + (wait if before.status == "paused" else step)
    assert after.visits[: len(before.visits) - 1] == before.visits[:-1]


@given(st.lists(st.builds(Event, kinds, st.floats(0, 100), st.floats(-50, 50)), max_size=8), st.floats(0, 200))
@example([Event("pause", 1.8943104482608184), Event("resume", 6.297219245092218)], 14.4029087968314)
def test_with_any_doubles_nothing_runs_backwards(events, now):
    state = replay(PLAN, [Event("start", 0), *events], now)
    assert state.elapsed >= 0
    assert state.remaining >= 0
    assert all(v.start <= v.end for v in state.visits)
    assert all(a.end <= b.start for a, b in pairwise(state.visits))


@given(sessions(), st.randoms(use_true_random=False))
def test_the_order_of_the_list_matters_only_between_equal_times(session, random):
    plan, events, now = session
    assume(len({e.at for e in events}) == len(events))
    shuffled = random.sample(events, len(events))
    assert replay(plan, shuffled, now) == replay(plan, events, now)


def test_the_log_of_cues_goes_with_the_record():
    log = (("0/0", "chime", 1000.0, 1000.012), ("0/1", "voice", 1000.0, 1000.004))
    record = Record(PLAN, (Event("start", 1000.0),), 1005.0, log)
    assert Record.from_dict(json.loads(json.dumps(record.to_dict()))) == record
    assert Record.from_dict({"plan": PLAN.to_dict(), "events": []}).log == ()


@pytest.mark.parametrize("log", [5, [5], [["0/0", "chime", 1.0]], [["0/0", 1, 1.0, 1.0]], [["0/0", "chime", "1", 1.0]]])
def test_a_damaged_log_is_refused(log):
    with pytest.raises(QlkitError, match="'log'"):
        Record.from_dict({"plan": PLAN.to_dict(), "events": [], "log": log})
