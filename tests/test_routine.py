"""What to do: the two built-in routines, point by point against what the practitioner's article says."""

import pytest

from qlkit import load_routine, routines
from qlkit.routine import CAUTION

SITTING, LABOR = load_routine("sitting"), load_routine("labor")
STEPS = {step.key: step for step in LABOR.steps}
RISE = {stage.key: stage for stage in LABOR.rise}


def says(text, *words):
    missing = [word for word in words if word not in text]
    assert not missing, f"{missing} not in {text!r}"


def test_there_are_two():
    assert routines() == {"sitting": SITTING, "labor": LABOR}
    assert [routine.source for routine in routines().values()] == ["practitioner"] * 2


@pytest.mark.parametrize(
    ("step", "pose", "shortest", "longest", "open_ended", "optional"),
    [
        (SITTING.steps[0], "supine-hands-on-belly", 5, 10, True, False),
        (STEPS["supine"], "supine", 2, 2, False, False),
        (STEPS["feet-planted"], "hook-lying-tilt", 5, 10, True, False),
        (STEPS["knees-to-chest"], "knees-to-chest-knees", 2, 5, False, False),
        (STEPS["head-raise"], "knees-to-chest-head-raised", 1, 2, False, True),
    ],
    ids=lambda value: getattr(value, "key", ""),
)
def test_positions_and_holds(step, pose, shortest, longest, open_ended, optional):
    hold = step.hold
    assert (step.pose, step.optional) == (pose, optional)
    assert (hold.shortest, hold.longest, hold.open_ended) == (shortest, longest, open_ended)


def test_the_order_of_the_parts():
    assert [(step.part, step.key) for step in LABOR.steps] == [
        ("1", "supine"),
        ("2", "feet-planted"),
        ("3a", "knees-to-chest"),
        ("3b", "head-raise"),
    ]
    assert SITTING.keys == ("supine-rest",)


def test_the_hold_time_of_the_whole_series():
    assert sum(step.hold.shortest for step in LABOR.steps) == 10
    assert sum(step.hold.shortest for step in LABOR.steps if not step.optional) == 9
    assert sum(step.hold.longest for step in LABOR.steps) == 19


def test_what_each_step_says():
    says(
        SITTING.steps[0].text, "on your back", "stretched out", "on your belly or at your sides", "Breathe deeply", "QL"
    )
    says(STEPS["supine"].text, "on your back", "stretched out in front", "Breathe")
    says(
        STEPS["feet-planted"].text,
        "close to the buttocks",
        "parallel",
        "hip width",
        "toes pointing forward",
        "Knees bent",
    )
    says(
        STEPS["feet-planted"].text,
        "on the belly or at the sides",
        "Curl the tailbone",
        "press into the floor",
        "Breathe",
    )
    says(STEPS["feet-planted"].text, "belly muscles firm", "QL lets go", "QL releasing into the floor")
    says(
        STEPS["knees-to-chest"].text,
        "knees to your chest",
        "back firmly on the floor",
        "Breathe deeply",
        "range of motion",
    )
    says(STEPS["head-raise"].text, "Only if your range of motion allows", "head toward your knees", "breathing deeply")


def test_what_matters_most_in_part_2_in_its_ranking():
    focus = STEPS["feet-planted"].focus
    breath, tailbone, contact = (focus.index(word) for word in ("slowly and deeply", "tailbone curled", "contact"))
    assert breath < tailbone < contact


def test_the_three_ways_to_hold_the_knees():
    assert [(option.title, option.pose) for option in STEPS["knees-to-chest"].options] == [
        ("hands grasping the knees", "knees-to-chest-knees"),
        ("arms wrapped around the knees", "knees-to-chest-wrap"),
        ("hands grasping behind the knees", "knees-to-chest-behind"),
    ]


def test_the_moves():
    assert [step.key for step in LABOR.steps if step.move] == ["feet-planted", "knees-to-chest"]
    says(STEPS["feet-planted"].move.text, "Bend the knees", "raise the legs", "toward the chest", "feet onto the floor")
    says(STEPS["knees-to-chest"].move.text, "knees into the chest")


def test_the_rise_in_order_right_side_left_hand():
    assert list(RISE) == ["roll", "push-up", "kneel", "stand"]
    says(RISE["roll"].text, "right side", "knees still drawn in")
    says(RISE["push-up"].text, "slowly to sitting", "left hand on the floor")
    says(RISE["kneel"].text, "onto your knees, or onto your knees and both hands")
    says(RISE["stand"].text, "Stand up carefully", "breathe")
    poses = ["side-lying-right", "push-up-to-sitting", "hands-and-knees", "standing"]
    assert [stage.pose for stage in LABOR.rise] == poses
    assert [stage.pose for stage in SITTING.rise[-4:]] == poses
    assert [stage.text for stage in SITTING.rise[-3:]] == [stage.text for stage in LABOR.rise[-3:]]


def test_the_source_gives_no_time_for_a_move_so_each_is_marked():
    moves = [*LABOR.rise, *SITTING.rise, *(step.move for step in LABOR.steps if step.move)]
    assert all("seconds" in move.teaching_choice for move in moves)
    assert all("via" in move.teaching_choice for move in moves if move.via)
    # Reminders are our wording; the rise after sitting is wholly ours.
    for step in (*SITTING.steps, *LABOR.steps):
        assert ("reminders" in step.teaching_choice) == bool(step.reminders)
    assert all({"text", "say", "pose"} <= set(stage.teaching_choice) for stage in SITTING.rise)


def test_what_the_source_does_give_is_not_marked():
    given = {"key", "pose", "hold", "text", "options", "optional", "part"}
    marked = [set(table.teaching_choice) for table in (*SITTING.steps, *LABOR.steps)]
    marked += [set(stage.teaching_choice) for stage in LABOR.rise]
    marked += [set(step.move.teaching_choice) for step in LABOR.steps if step.move]
    assert all(not marks & given for marks in marked)


@pytest.mark.parametrize("routine", routines().values(), ids=routines())
def test_the_caution_stands_first(routine):
    assert routine.cautions[0].text == CAUTION
    says(CAUTION, "suggestions", "no substitute for medical advice", "Check with a health care practitioner", "before")
    assert CAUTION in routine.describe()
    assert routine.plan().cautions[0] == CAUTION


def test_a_routine_described_in_words_holds_all_of_it():
    words = LABOR.describe()
    says(words, "5 to 10 minutes or longer", "2 minutes", "1 to 2 minutes", "(optional)", "Teaching choice: ")
    says(words, *(step.text for step in LABOR.steps), *(stage.text for stage in LABOR.rise))
    says(words, *(option.title for option in STEPS["knees-to-chest"].options), LABOR.source)
