"""The review of a routine: each finding where there is something to find, and none where there isn't."""

import json
import re

import pytest

import qlkit
from qlkit import QlkitError, Routine
from qlkit.lessons.review import NOTHING, known_cautions

CAUTIONS = ({"text": "Not for everybody."},)
MOVE = {"text": "Bend the knees.", "seconds": 10}
RISE = ({"key": "up", "title": "Up", "pose": "standing", "text": "Get up.", "seconds": 10},)
LIE = {"key": "lie", "title": "Lie", "pose": "supine", "text": "Lie down.", "hold": {"shortest": 2, "longest": 5}}
LIE["cautions"] = CAUTIONS
BEND = LIE | {"key": "bend", "title": "Bend", "pose": "hook-lying-tilt", "move": MOVE}


def routine(*steps, **fields):
    head = {"key": "own", "title": "My own", "purpose": "Any.", "source": "me", "rise": RISE, "steps": steps or (LIE,)}
    return Routine.model_validate(head | fields)


def found(*steps, **fields):
    return list(qlkit.review(routine(*steps, **fields)))


def test_the_built_in_routines_come_out_clean():
    for key in qlkit.routines():
        assert qlkit.review(key) == ()
        assert repr(qlkit.review(key)) == NOTHING


def test_a_sound_routine_of_ones_own_comes_out_clean():
    assert found() == found(LIE, BEND) == []


def test_lying_at_the_end_wants_a_rise():
    (told,) = found(rise=())
    assert told == "'Lie' (step lie): the routine ends lying; add a rise with the stages from there to standing"
    on_the_side = {**RISE[0], "pose": "side-lying-right"}
    (told,) = found(rise=(on_the_side,))
    assert told.startswith("'Up' (step up): the routine ends lying")
    assert found(LIE | {"pose": "kneeling"}, rise=()) == []


@pytest.mark.parametrize(
    ("text", "shortest", "longest", "open_ended"),
    [
        ("Lie for 2 minutes.", 1, 2, False),
        ("Lie for about two minutes.", 2, 2, False),
        ("Lie for 5 to 10 minutes.", 5, 10, False),
        ("Lie for five to ten minutes or longer.", 5, 10, True),
        ("A 5-minute rest.", 1, 5, False),
        ("Rest 5–10 minutes or more.", 5, 10, True),
        ("Lie for at least 5 minutes.", 5, 10, True),
        ("Lie for up to 5 minutes.", 2, 5, False),
        ("Hold for 30 seconds.", 0.5, 0.5, False),
        ("Hold for half a minute.", 0.5, 0.5, False),
        ("Hold for 1,5 min.", 1, 1.5, False),
        ("After 2 minutes, let go. Every minute or every 3 minutes, breathe.", 5, 10, False),
        ("One minute on each side.", 2, 2, False),
        ("Wait 2 to 3 hours after a meal. Take 10 breaths.", 5, 10, False),
    ],
)
def test_times_that_agree_with_the_hold(text, shortest, longest, open_ended):
    hold = {"shortest": shortest, "longest": longest, "open_ended": open_ended}
    assert found(LIE | {"hold": hold, "text": text}) == []


@pytest.mark.parametrize(
    ("text", "named", "shortest", "longest", "open_ended"),
    [
        ("Lie for 2 minutes.", "2 minutes", 2, 3, False),
        ("Lie for 2 minutes.", "2 minutes", 2, 2, True),
        ("Lie for about TWO minutes.", "TWO minutes", 5, 10, False),
        ("Lie for 5 to 10 minutes.", "5 to 10 minutes", 5, 12, False),
        ("Lie for 5 to 10 minutes.", "5 to 10 minutes", 3, 10, False),
        ("Lie for 5 to 10 minutes.", "5 to 10 minutes", 5, 10, True),
        ("Lie for at least 5 minutes.", "5 minutes", 3, 10, True),
        ("Hold for 30 seconds.", "30 seconds", 1, 1, False),
        ("Hold for half a minute.", "half a minute", 1, 1, False),
        ("Breathe more and more slowly, and lie there for 3 minutes.", "3 minutes", 3, 4, False),
        ("Lie for 3 minutes, and breathe more and more.", "3 minutes", 3, 4, False),
    ],
)
def test_times_that_the_hold_does_not_keep_to(text, named, shortest, longest, open_ended):
    hold = {"shortest": shortest, "longest": longest, "open_ended": open_ended}
    for field in ("text", "say", "focus"):
        step = LIE | {"hold": hold, field: text}
        (told,) = found(step)
        said = str(routine(step).steps[0].hold)
        assert told == f"'Lie' (step lie): its {field} says {named!r}, but its hold is {said}; make the two agree"


def test_a_move_needs_time():
    (told,) = found(LIE, BEND | {"move": MOVE | {"seconds": 0}})
    assert told == ("'Change position' (step bend): 0 s are too short for what is said, which takes about 3 s")
    assert found(LIE, BEND | {"move": MOVE | {"seconds": 3}}) == []


def test_another_pose_takes_a_move():
    without = {name: value for name, value in BEND.items() if name != "move"}
    (told,) = found(LIE, without)
    assert told == "'Bend' (step bend): its pose is not that of 'Lie', so it takes a move, with its seconds"
    assert found(LIE, without | {"pose": "supine-hands-on-belly"}) == [], "hands come along in a breath"


@pytest.mark.parametrize(
    "steps",
    [
        [{"title": "Left side"}],
        [{"key": "side-left"}],
        [{"text": "Turn your head to the LEFT."}],
        [{"say": "Bend the left knee."}],
        [{"pose": "side-lying-right"}],
        [{"title": "Right"}, {}, {"title": "Left"}, {"title": "Left"}],
    ],
)
def test_one_side_wants_the_other(steps):
    given = [LIE | {"key": f"step-{n}", "cautions": CAUTIONS, "move": MOVE} | step for n, step in enumerate(steps)]
    (told,) = found(*given)
    side, other = ("right", "left") if "pose" in steps[0] else ("left", "right")
    assert told.endswith(f"it is for the {side} side only; add a step for the {other} side")
    assert f"(step {given[-1]['key']})" in told


@pytest.mark.parametrize(
    "steps",
    [
        [{"title": "Left side"}, {"title": "Right side"}],
        [
            {"key": "side-left", "pose": "side-lying-right", "text": "Lie on your left side."},
            {"pose": "side-lying-right"},
        ],
        [{"text": "First the left knee, then the right one."}],
        [{"text": "Bend the left knee, then change sides."}, {"text": "The left arm; do both sides."}],
        [{"text": "That is all right. Rest is left. One minute left. Rest right away, at a right angle."}],
    ],
)
def test_both_sides_are_enough(steps):
    steps = [LIE | {"key": f"step-{n}", "move": MOVE} | step for n, step in enumerate(steps)]
    assert [told for told in found(*steps) if "side only" in told] == []


def test_the_rise_has_one_side():
    rise = ({**RISE[0], "key": "roll", "text": "Roll onto your right side.", "pose": "side-lying-right"}, *RISE)
    assert found(rise=rise) == []


def test_a_known_caution_is_missed():
    (told,) = found(LIE, BEND | {"cautions": ()})
    assert told.startswith("'Bend' (step bend): it has no caution, though its pose is known to need some: Let the low")
    assert "Pregnant" in told
    assert found(LIE | {"pose": "kneeling", "cautions": ()}) == [], "no built-in step is known to need any"


def test_the_known_cautions_are_those_of_the_built_in_steps():
    step = qlkit.load_routine("labor").steps[2]
    assert known_cautions(step) == step.cautions
    wrapped = step.model_copy(update={"pose": "knees-to-chest-wrap"})
    assert known_cautions(wrapped) == step.cautions, "an option is a pose of the step too"
    flat = routine(LIE).steps[0]
    assert {caution.source for caution in known_cautions(flat)} == {"nhspregnancy", "niddk"}


def test_the_time_at_hand():
    own = routine()
    assert own.plan().total == 130
    (told,) = qlkit.review(own, minutes=2)
    assert told.startswith("2:00 is too short for 'own': the shortest possible is 2:10")
    assert qlkit.review(own, minutes=130 / 60) == qlkit.review(own, minutes=60) == ()


@pytest.mark.parametrize("minutes", ["15", [15], 0, -3, float("nan"), 1j])
def test_a_time_that_is_none_is_refused(minutes):
    with pytest.raises(QlkitError, match=re.escape(f"minutes is {minutes!r}; it should be a number above 0")):
        qlkit.review("labor", minutes=minutes)


def test_what_would_be_cut_off_is_found_too():
    (told,) = found(LIE | {"say": "Lie down and " + "breathe " * 30})
    assert "takes longer than 10 s to say; make two sentences of it" in told


def test_all_faults_of_a_file_are_findings(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text('key = "own"\ntitle = 3\nfoo = 1\n', encoding="utf-8")
    told = qlkit.review(file)
    assert {"field 'title': should be text in quotes, not 3", "field 'steps': is missing"} < set(told)
    assert any("field 'foo': is not a known field" in line for line in told)
    file.write_bytes(b"\xff\xfe")
    assert qlkit.review(str(file)) == ("is not UTF-8 text (byte 1); save it with the encoding UTF-8",)
    assert qlkit.review(tmp_path / "none.toml") == ("there is no such file",)


@pytest.mark.parametrize("thing", [None, 3, ["labor"], qlkit.load_routine("labor").plan()], ids=type)
def test_what_is_no_routine_is_told_so(thing):
    assert qlkit.review(thing) == ("expected the key of a routine or the path of a routine file",)


def test_findings_show_themselves_with_markup_as_text():
    title = "<img src=x onerror=alert(1)> & **bold**"
    told = qlkit.review(routine(LIE | {"title": title, "say": "9 minutes."}))
    assert (
        repr(told)
        == f"- {title!r} (step lie): its say says '9 minutes', but its hold is 2 to 5 minutes; make the two agree"
    )
    shown = told._repr_html_()
    assert "<img" not in shown
    assert shown.startswith("<ul><li>&#x27;&lt;img src=x onerror=alert(1)&gt; &amp; **bold**&#x27; (step lie)")
    assert qlkit.review("labor")._repr_html_() == f"<p>{NOTHING}</p>"


def test_strange_texts_are_read_through():
    hold = {"shortest": 1, "longest": 1}
    for text in (
        "٣ minutes",
        "1.2.3 minutes",
        ", minutes",
        "9" * 500 + " minutes",
        "to 5 to 6 to minutes",
        "\\left",
        "-1 min",
    ):
        assert isinstance(repr(qlkit.review(routine(LIE | {"text": text, "hold": hold}))), str)
    assert json.dumps(found(LIE | {"text": "٣ minutes", "hold": hold}))
