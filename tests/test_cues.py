"""What is heard in a plan: in order, within its interval, and never one spoken cue over another."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_fit import LABOR, SITTING, routines

from qlkit import Cue, Routine
from qlkit.cues import lint, speech_seconds

LAST = 15  # the seconds before the end of a hold that reminders leave free


def voices(interval):
    """Return when each spoken cue of an interval begins and ends, by our estimate, and its text."""
    cues = [(at - interval.start, cue.text) for at, cue in interval.cue_times() if cue.kind == "voice"]
    return [(at, at + speech_seconds(text), text) for at, text in cues]


def check_voices(plan, reminders):
    for interval in plan.intervals:
        spoken = voices(interval)
        assert all(a[1] <= b[0] for a, b in pairwise(spoken)), spoken
        free = interval.seconds - LAST
        assert all(end <= free for _, end, text in spoken if text in reminders), (free, spoken)


def simple(minutes, reminder):
    hold = {"shortest": minutes, "longest": minutes}
    step = {"key": "s", "title": "Step", "pose": "supine", "hold": hold, "text": "Rest.", "reminders": (reminder,)}
    head = {"key": "any", "title": "Any", "purpose": "Any.", "source": "any", "steps": (step,)}
    return Routine.model_validate(head)


@given(routines(), st.sampled_from([None, 0, 30]))
def test_cues_are_in_order_within_their_interval(routine, move_seconds):
    plan = routine.plan(move_seconds=move_seconds)
    for interval in plan.intervals:
        cues = interval.cue_times()
        assert [at for at, _ in cues] == sorted(at for at, _ in cues)
        assert all(interval.start <= at <= interval.end for at, _ in cues)
        assert [(at - interval.start, cue.kind) for at, cue in cues[:2]] == [(0, "chime"), (0, "voice")]
        ticks = [interval.end - at for at, cue in cues if cue.kind == "tick"]
        assert ticks == ([5, 4, 3, 2, 1] if interval.kind == "hold" and interval.seconds >= 20 else [])
    assert [at for i in plan.intervals for at, cue in i.cue_times() if cue.kind == "bell"] == [plan.total]


@given(routines(), st.integers(0, 3000))
def test_reminders_overlap_nothing(routine, more):
    reminders = {text for step in routine.steps for text in step.reminders}
    check_voices(routine.plan(), reminders)
    if any(step.hold.open_ended for step in routine.steps):
        check_voices(routine.plan(minutes=(routine.plan().total + more) / 60), reminders)


@pytest.mark.parametrize("minutes", [12, 15, 20, 30, 60, 120])
@pytest.mark.parametrize("routine", [SITTING, LABOR], ids=["sitting", "labor"])
def test_all_that_is_spoken_in_the_built_in_routines_fits(routine, minutes):
    plan = routine.plan(minutes=minutes)
    check_voices(plan, {text for step in routine.steps for text in step.reminders})
    assert all(end <= interval.seconds for interval in plan.intervals for _, end, _ in voices(interval))


def test_long_reminders_are_kept_apart_too():
    reminder = " ".join(["la"] * 200)
    check_voices(simple(10, reminder).plan(), {reminder})


@pytest.mark.parametrize(
    ("minutes", "heard"),
    [
        (0.3, []),
        (1.4, []),
        (1.5, [(45, "Softly.")]),
        (3, [(60, "Softly."), (120, "One minute left.")]),
        (4, [(80, "Softly."), (120, "Halfway."), (160, "Softly."), (180, "One minute left.")]),
        (5, [(75, "Softly."), (150, "Halfway."), (240, "One minute left.")]),
        (6, [(72, "Softly."), (144, "Softly."), (180, "Halfway."), (216, "Softly."), (300, "One minute left.")]),
    ],
)
def test_what_is_spoken_in_a_hold(minutes, heard):
    (interval,) = simple(minutes, "Softly.").plan().intervals
    assert [(at, text) for at, _, text in voices(interval)] == [(0, "Step. Rest."), *heard]


def test_what_is_said_is_the_title_and_the_text_to_say():
    spoken = {interval.step: voices(interval)[0][2] for interval in LABOR.plan().intervals if interval.kind == "hold"}
    assert spoken["supine"] == f"Lie flat. {LABOR.steps[0].say}"


@pytest.mark.parametrize("routine", [LABOR, SITTING])
@pytest.mark.parametrize("minutes", [None, 13, 20, 40])
def test_nothing_is_found_in_the_built_in_routines(routine, minutes):
    assert lint(routine.plan(minutes=minutes)) == []


def test_a_move_too_short_for_what_is_said_is_found_with_its_step():
    (finding, *others) = lint(LABOR.plan(move_seconds=3))
    assert finding.startswith("'Knees up, feet down' (step feet-planted): 3 s are too short for what is said")
    assert [text.partition(":")[0] for text in others] == ["'Knees in' (step knees-to-chest)"]


def test_a_sentence_of_more_than_ten_seconds_is_found():
    long = " ".join(["slowly"] * 30)
    (finding,) = set(lint(simple(10, f"Rest. {long}.").plan()))
    assert finding == f"'Step' (step s): '{long}.' takes longer than 10 s to say; make two sentences of it"


def test_a_reminder_that_the_next_cue_would_cut_is_found():
    plan = SITTING.plan()
    cues = (*plan.intervals[0].cues, Cue("voice", 148, "start", "Let the low back grow heavy and wide."))
    cut = replace(plan, intervals=(replace(plan.intervals[0], cues=cues), *plan.intervals[1:]))
    (finding,) = lint(cut)
    assert "'Let the low back grow heavy and wide.' is cut off" in finding


def test_a_step_without_a_spoken_title_is_found():
    plan = SITTING.plan()
    mute = replace(plan, intervals=(replace(plan.intervals[0], cues=()), *plan.intervals[1:]))
    assert lint(mute) == ["'Rest on your back' (step supine-rest): its title is not spoken"]
