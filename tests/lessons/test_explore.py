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
    assert (app.plan.routine, app.minutes.min, app.plan.total) == ("labor", 10.5, 690)
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


def test_the_picture_follows_a_slider_that_is_held_and_the_timer_comes_when_it_is_let_go():
    app = qlkit.explore("labor")
    first = app.timer
    for slider, minutes, total in ((app.minutes, 15, 900), (app.holds["knees-to-chest"], 5, 1010)):
        slider.held = True
        slider.value = minutes
        assert app.plan.total == total
        assert f"{qlkit.plan.clock(total)} in all" in app.picture.value
        assert app.timer is first
        slider.held = False
        assert app.timer.plan == app.plan
        first = app.timer


@pytest.mark.parametrize("seconds", [70, 80, 95])
def test_a_slider_that_is_held_is_not_moved_by_what_it_leads_to(seconds):
    app = qlkit.explore(routine(shortest=seconds / 60))
    for slider in (app.minutes, app.holds["rest"]):
        slider.held = True
        for halves in range(3):
            told = round(slider.min + halves / 2, 13)  # as many digits as a browser has
            slider.value = told
            assert slider.value == told
        slider.held = False
        assert app.timer.plan == app.plan


def test_a_message_that_takes_hold_of_a_slider_draws_once(monkeypatch):
    app = qlkit.explore("labor")
    drawn = []
    monkeypatch.setattr(app, "look", lambda: str(drawn.append(app.plan.total)))
    app.minutes.set_state({"value": 15, "held": True})
    assert drawn == [900]


def test_a_slider_let_go_where_nothing_can_be_planned_brings_no_timer():
    app = qlkit.explore(routine())
    app.minutes.held = True
    app.minutes.value = 10
    app.minutes.held = False
    assert 'role="alert"' in app.children[-1].value


def test_a_time_that_cant_be_says_what_can_and_goes_again():
    app = qlkit.explore(routine())
    assert app.plan.total == 130
    app.minutes.value = 10
    assert "the longest possible is 3:10" in app.children[-1].value
    assert app.plan.total == 130
    app.minutes.value = 2.5
    assert app.children[-1] is app.timer


def test_a_routine_that_no_half_minute_fits_is_shown_at_its_shortest():
    app = qlkit.explore(routine(shortest=2, longest=2))
    assert app.plan.total == 130
    assert repr(app) == "Explorer('My own', 2:10)"


def test_a_long_routine_has_a_long_slider():
    app = qlkit.explore(routine(shortest=60, longest=90))
    assert (60 * app.minutes.min, 60 * app.minutes.max) == pytest.approx((3610, 5410))
    assert app.plan.total == 3610


def held(app):
    return {i.step: i.seconds for i in app.plan.intervals if i.kind == "hold"}


def test_the_holds_follow_the_total():
    app = qlkit.explore("labor")
    assert list(app.holds) == ["feet-planted", "knees-to-chest", "head-raise"]  # lying flat has no range
    app.minutes.value = 15
    assert {key: 60 * slider.value for key, slider in app.holds.items()} == pytest.approx(
        {key: held(app)[key] for key in app.holds}
    )


def test_the_total_follows_a_hold_and_the_others_stay():
    app = qlkit.explore("labor")
    app.minutes.value = 15
    before = held(app)
    app.holds["knees-to-chest"].value = 5
    assert held(app) == {**before, "knees-to-chest": 300}
    assert app.plan.total == 900 + 300 - before["knees-to-chest"] == app.timer.plan.total
    assert 60 * app.minutes.value == pytest.approx(app.plan.total)


def test_every_stop_of_every_slider_can_be_planned():
    app = qlkit.explore("labor")
    for slider in [app.minutes, *app.holds.values()]:
        least = 11.5 if slider is app.minutes else slider.min  # below it a step has to be left out
        for value in (least, slider.max, least + 0.5):
            slider.value = value
            assert "<img" in app.picture.value, (slider.label, value)


def test_hold_sliders_have_the_range_of_the_step_and_say_what_is_open():
    app = qlkit.explore("labor")
    ranges = {slider.label: (slider.min, slider.max, slider.step) for slider in app.holds.values()}
    assert ranges == {
        "2 Feet planted, tailbone curled, minutes or longer": (5, 30, 0.5),
        "3a Knees to chest, minutes": (2, 5, 0.5),
        "3b Head toward the knees, minutes": (1, 2, 0.5),
    }


def test_an_optional_step_can_be_left_out():
    app = qlkit.explore("labor")
    app.minutes.value = 15
    app.steps["head-raise"].value = False
    assert "head-raise" not in held(app)
    assert app.plan.total == 900
    assert app.holds["head-raise"].layout.display == "none"
    app.minutes.value = 10.5
    assert app.plan.total == 630
    app.steps["head-raise"].value = True
    assert 'role="alert"' in app.picture.value
    assert "leaving out &#x27;head-raise&#x27; saves 1:00" in app.picture.value
    assert app.timer not in app.children
    app.minutes.value = 11.5
    assert "head-raise" in held(app)
    assert app.children[-1] is app.timer


def test_a_routine_whose_steps_can_all_be_left_out_keeps_one():
    step = STEP | {"optional": True}
    head = {"key": "own", "title": "My own", "purpose": "Any.", "source": "me"}
    app = qlkit.explore(Routine.model_validate(head | {"steps": (step,)}))
    app.steps["rest"].value = False
    assert "leave at least one step in" in app.picture.value
    app.steps["rest"].value = True
    assert "<img" in app.picture.value


def test_totals_are_said():
    app = qlkit.explore("labor")
    app.minutes.value = 15
    assert "15:00 in all: 13:30 held, 0:30 of moves, 1:00 to rise." in app.picture.value


def test_each_hold_is_folded_at_first():
    app = qlkit.explore("labor")
    folded = app.children[3]
    assert set(app.holds.values()) < set(folded.children)
    assert folded.layout.display == "none"
    app.more.value = True
    assert folded.layout.display == ""


def test_a_journal_goes_to_each_timer(tmp_path):
    with qlkit.Journal(tmp_path / "journal.sqlite") as journal:
        app = qlkit.explore("sitting", journal=journal)
        app.minutes.value = 10
        assert app.timer.journal is journal


def test_compare_shows_all_and_says_the_difference():
    app = qlkit.compare()
    assert [plan.routine for plan in app.plans] == ["sitting", "labor"]
    assert "After strenuous labor (11:30) is 5:30 longer than After too much sitting (6:00)" in app.picture.value
    app.minutes[0].value = 11.5
    assert "each 11:30 long" in app.picture.value
    assert repr(app) == "Comparison: 2 plans side by side, each 11:30 long."


def test_compare_leads_through_the_one_that_is_chosen_until_a_time_changes():
    app = qlkit.compare("sitting", "labor", routine())
    assert len(app.children) == 5
    app.buttons[1].click()
    assert app.children[-1] is app.timer
    assert app.timer.plan == app.plans[1]
    app.timer.status = "running"
    assert all(control.disabled for control in [*app.minutes, *app.buttons])
    app.timer.status = "finished"
    app.minutes[0].value = 10
    assert app.timer not in app.children


def test_compare_wants_two():
    with pytest.raises(QlkitError, match="name another one beside 'sitting'"):
        qlkit.compare("sitting")


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
