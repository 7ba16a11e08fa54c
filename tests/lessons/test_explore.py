"""Choosing a routine and a time leads to its timeline and its timer."""

import pytest

import qlkit
from qlkit import QlkitError, Routine, RoutineError

HOLD = {"shortest": 2, "longest": 3}
STEP = {"key": "rest", "title": "Rest", "pose": "supine", "hold": HOLD, "text": "Rest."}
MOVE = {"key": "up", "title": "Up", "pose": "standing", "text": "Get up.", "seconds": 10}


def routine(**hold):
    step = STEP | {"hold": HOLD | hold}
    head = {"key": "own", "title": "My own", "purpose": "Any.", "source": "me"}
    return Routine.model_validate(head | {"steps": (step,), "rise": (MOVE,)})


def test_without_a_routine_one_chooses_among_the_built_in_ones():
    app = qlkit.explore()
    assert [title for title, _ in app.routine.options] == ["After too much sitting", "After strenuous labor"]
    assert (app.plan.routine, app.minutes.value, app.plan.total) == ("sitting", 6.0, 360)
    app.routine.value = qlkit.load_routine("labor")
    assert (app.plan.routine, app.minutes.min, app.plan.total) == ("labor", 11.5, 690)
    app.routine.value = qlkit.load_routine("sitting")
    assert (app.plan.routine, app.minutes.min, app.plan.total) == ("sitting", 6.0, 360)


def test_the_time_is_met_and_the_picture_follows():
    app = qlkit.explore("labor")
    assert app.routine.layout.display == "none"
    before = app.picture.value
    app.minutes.value = 15
    assert app.plan.total == app.timer.plan.total == 900
    assert "15:00 in all" in app.picture.value != before
    assert app.children[-1] is app.timer


def test_a_time_that_cant_be_says_what_can_and_goes_again():
    app = qlkit.explore(routine())
    assert app.plan.total == 150
    app.minutes.value = 10
    assert "the longest possible is 3:10" in app.children[-1].value
    app.minutes.value = 2.5
    assert app.children[-1] is app.timer


def test_a_routine_that_no_half_minute_fits_is_shown_at_its_shortest():
    app = qlkit.explore(routine(shortest=2, longest=2))
    assert app.plan.total == 130
    assert repr(app) == "Explorer('My own', 2:10)"


def test_a_routine_longer_than_the_slider_makes_it_longer():
    app = qlkit.explore(routine(shortest=60, longest=90))
    assert (app.minutes.min, app.minutes.max) == (60.5, 60.5)
    assert app.plan.total == 60.5 * 60


def test_while_a_session_runs_the_choice_stays_and_afterwards_its_record_is_kept():
    app = qlkit.explore("sitting")
    first = app.timer
    first.events = [{"type": "start", "at": 1000.0}]
    first.status = "running"
    assert app.minutes.disabled
    assert app.routine.disabled
    first.events = [*first.events, {"type": "stop", "at": 1060.0}]
    first.status = "stopped"
    assert not app.minutes.disabled
    app.minutes.value = 10
    assert app.timer is not first
    assert [record.state.time for record in app.records] == [60.0]


def test_a_page_without_a_kernel_gets_the_picture_and_stable_text():
    one, two = (qlkit.explore("sitting")._repr_mimebundle_() for _ in range(2))
    assert 'alt="After too much sitting: 6:00 in all' in one["text/html"]
    assert one["text/plain"] == "Explorer('After too much sitting', 6:00)"
    assert (one["text/html"], one["text/plain"]) == (two["text/html"], two["text/plain"])


@pytest.mark.parametrize("wrong", ["walking", 5])
def test_what_is_no_routine_is_refused_in_words(wrong):
    with pytest.raises((QlkitError, RoutineError), match=r"no such file|expected the key"):
        qlkit.explore(wrong)
