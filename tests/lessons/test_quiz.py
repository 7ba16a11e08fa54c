"""Questions: how they are read and judged, and what a page may know of them."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import qlkit
from qlkit import QlkitError
from qlkit.errors import DataError
from qlkit.lessons import quiz as module
from qlkit.lessons.quiz import Quiz, load_questions

GOOD = """
[01-layers]
kind = "choice"
ask = "How many layers?"
options = [
  { text = "Two", say = "There is a middle one as well." },
  { text = "Three", right = true, say = "Front, middle and back." },
  { text = "Five", say = "Fewer." },
]

[01-rise]
kind = "order"
ask = "Put the rise in order."
items = ["Roll", "Push up", "Kneel", "Stand"]
right = "From the floor upward."
wrong = "Think of what a hand can push from."

[01-lift]
kind = "number"
ask = "How much?"
answer = 18.0
tolerance = 0.1
unit = "kg"
right = "That is it."
wrong = "Multiply all six."
near = [ { value = 23, say = "That is the constant." } ]

[01-fit]
kind = "plan"
ask = "Make it fit."
routine = "labor"
total = 20
without = ["head-raise"]
holds = { "knees-to-chest" = [3, 5] }
right = "It fits."

[01-own]
kind = "routine"
ask = "Write your own."
right = "Ready to lead."
"""
SHORT = {"minutes": 20, "skip": ("head-raise",), "holds": {"knees-to-chest": 4}}


@pytest.fixture
def read(tmp_path):
    def read(text, name="01.toml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        load_questions.cache_clear()
        return load_questions(tmp_path)

    return read


@pytest.fixture
def questions(read):
    return read(GOOD)


@pytest.fixture
def ask(questions, monkeypatch):
    monkeypatch.setattr(module, "load_questions", lambda: questions)
    return qlkit.quiz


def say(quiz, answer):
    """Answer as the page does."""
    quiz._handle_custom_msg({"answer": answer}, [])
    return quiz.right, quiz.words


def test_the_lessons_questions_can_be_asked():
    assert load_questions()
    for key in load_questions():
        assert repr(qlkit.quiz(key)) == f"Quiz({key!r})"


@pytest.mark.parametrize(
    ("answer", "right", "words"),
    [
        ("Two", False, "There is a middle one as well."),
        ("Three", True, "Front, middle and back."),
        ("two", False, "Choose one of the answers."),
        (None, False, "Choose one of the answers."),
        (["Three"], False, "Choose one of the answers."),
    ],
)
def test_a_choice_explains_each_answer(questions, answer, right, words):
    assert questions["01-layers"].judge(answer) == (right, words)


def test_an_order_names_the_first_item_out_of_place(questions):
    judge = questions["01-rise"].judge
    assert judge(["Roll", "Push up", "Kneel", "Stand"]) == (True, "From the floor upward.")
    told = "“Stand” is number 2, but something else comes before it. Think of what a hand can push from."
    assert judge(["Roll", "Stand", "Push up", "Kneel"]) == (False, told)
    assert judge(["Push up", "Roll", "Kneel", "Stand"])[1].startswith("“Push up” is number 1, but")


@pytest.mark.parametrize("answer", [None, "Roll", 4, [], ["Roll"], ["Roll"] * 4, [1, 2, 3, 4], {"Roll": 1}, [[], 2]])
def test_an_order_of_other_things_is_told_what_is_wanted(questions, answer):
    assert questions["01-rise"].judge(answer) == (False, "Put all 4 in order.")


@pytest.mark.parametrize(
    "typed", ["18", "18.0", "18,0", " 18.10 ", "17,9", "+18", "18 kg", "18kg", "018", "18.", 18, 18.0]
)
def test_a_number_is_right_within_its_tolerance(questions, typed):
    assert questions["01-lift"].judge(typed) == (True, "That is it.")


@pytest.mark.parametrize(
    ("typed", "words"),
    [("18.11", "Multiply"), ("17.8999", "Multiply"), ("-18", "Multiply"), ("−18", "Multiply"), ("23,05", "constant")],
)
def test_a_wrong_number_is_explained(questions, typed, words):
    right, told = questions["01-lift"].judge(typed)
    assert not right
    assert words in told


@pytest.mark.parametrize(
    "typed", ["", "  ", "x", "1e1", "nan", "inf", "1,800.5", "1 8", "18 lb", "--18", ".", "1_8", None]
)
def test_what_is_no_number_is_told_so(questions, typed):
    right, told = questions["01-lift"].judge(typed)
    assert not right
    assert "can’t be read as a number. Type digits" in told
    assert len(questions["01-lift"].judge(f"{typed}x" * 1000)[1]) < 150


@given(
    st.none() | st.booleans() | st.floats() | st.text() | st.lists(st.text()) | st.dictionaries(st.text(), st.text())
)
def test_whatever_a_page_sends_gets_words(answer):
    for question in load_questions().values():
        if not question.takes:
            right, words = question.judge(answer)
            assert isinstance(right, bool)
            assert words


def test_a_plan_that_meets_all_is_right(questions):
    plan = qlkit.load_routine("labor").plan(**SHORT)
    assert questions["01-fit"].judge(plan) == (True, "It fits.")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"minutes": 20 + 1 / 60}, "The time in all is 20:01; it should be 20:00."),
        ({"skip": ()}, "The step 'head-raise' is in it; it should be left out."),
        ({"holds": {"knees-to-chest": 2.5}}, "The hold of 'knees-to-chest' is 2:30; it should be 3:00 to 5:00."),
    ],
)
def test_each_condition_that_is_not_met_is_said_beside_those_that_are(questions, change, told):
    right, words = questions["01-fit"].judge(qlkit.load_routine("labor").plan(**SHORT | change))
    lines = words.split("\n")
    assert not right
    assert told in lines
    assert [line for line in lines if not line.endswith(", as asked.")] == [told]
    assert len(lines) == 4


def test_the_ends_of_a_range_belong_to_it(questions):
    for minutes in (3, 5):
        plan = qlkit.load_routine("labor").plan(**SHORT | {"holds": {"knees-to-chest": minutes}})
        assert questions["01-fit"].judge(plan)[0]


def test_another_routine_lacks_the_hold(questions):
    right, words = questions["01-fit"].judge(qlkit.load_routine("sitting").plan(minutes=20))
    assert not right
    assert "The routine is 'sitting'; it should be 'labor'." in words
    assert "The hold of 'knees-to-chest' is left out; it should be 3:00 to 5:00." in words


@pytest.mark.parametrize("answer", [3, "plan", [1], qlkit.load_routine("labor"), object()], ids=str)
def test_what_is_no_plan_is_told_what_is_expected(ask, answer):
    quiz = ask("01-fit", answer)
    assert quiz.right is False
    assert quiz.words.startswith("This takes a plan, such as ")
    assert quiz.words.endswith(f"it got: {type(answer).__name__}.")


def test_a_routine_of_ones_own_is_reviewed(ask, tmp_path):
    assert (ask("01-own", qlkit.load_routine("labor")).right, ask("01-own", "labor").words) == (True, "Ready to lead.")
    (tmp_path / "own.toml").write_text("key = 3\ntitle = ''\n", encoding="utf-8")
    quiz = ask("01-own", tmp_path / "own.toml")
    assert quiz.right is False
    assert "field 'key': should be text in quotes, not 3" in quiz.words.split("\n")
    assert "field 'steps': is missing" in quiz.words.split("\n")
    for wrong in (3, ["labor"], qlkit.load_routine("labor").plan()):
        assert ask("01-own", wrong).words == "expected the key of a routine or the path of a routine file"


def test_an_exercise_without_an_answer_says_what_to_pass(ask):
    quiz = ask("01-fit")
    assert (quiz.right, quiz.words, quiz.tries) == (None, "", 0)
    assert quiz.question["hint"] == 'To check your plan, run qlkit.quiz("01-fit", plan).'
    say(quiz, "hello")
    assert quiz.right is None, "a page can't answer it"


def test_an_answer_that_nothing_takes_is_refused(ask):
    with pytest.raises(QlkitError, match=r"'01-layers' is answered in the page, so it takes nothing else"):
        ask("01-layers", 3)


@pytest.mark.parametrize(("key", "near"), [("01-layer", " Did you mean '01-layers'?"), ("zzz", ""), (3, ""), ([], "")])
def test_an_unknown_key_names_the_nearest(ask, key, near):
    with pytest.raises(QlkitError, match=re.escape(f"There is no question {key!r}.{near} There are 5 questions.")):
        ask(key)


def test_one_may_try_again_and_be_observed(ask):
    quiz = ask("01-layers")
    seen = []
    quiz.observe(lambda change: seen.append(change["new"]), "right")
    assert (quiz.right, quiz.tries) == (None, 0)
    assert say(quiz, "Two") == (False, "There is a middle one as well.")
    assert say(quiz, "Two")[0] is False
    assert quiz.tries == 2, "the same answer is judged anew, so that the page hears of it"
    assert say(quiz, "Three")[0] is True
    assert (quiz.answer, seen) == ("Three", [False, True])


@pytest.mark.parametrize("key", ["01-layers", "01-rise", "01-lift", "01-fit", "01-own"])
def test_the_page_never_holds_the_answer(ask, questions, key):
    quiz = ask(key)
    state = json.dumps({name: value for name, value in quiz.get_state().items() if name not in ("_esm", "_css")})
    html = quiz._repr_mimebundle_()[0]["text/html"]
    question = questions[key]
    secret = [getattr(question, name, "") for name in ("right", "wrong")]
    secret += [option.say for option in getattr(question, "options", ())] + ["18"] * (key == "01-lift")
    for text in filter(None, secret):
        assert text not in state.replace(quiz.layout.model_id, "")
        assert text not in html
    assert question.ask in html
    assert "Run this cell to answer." in html
    assert quiz._repr_mimebundle_()[0]["text/plain"] == f"Quiz('{key}')"
    if question.texts:
        assert quiz.question["choices"] != list(question.texts)
        assert sorted(quiz.question["choices"]) == sorted(question.texts)
        assert re.findall("<li>(.*?)</li>", html) == quiz.question["choices"]


def test_the_shuffle_stays_the_same(questions):
    # Stored outputs show it, so it has to be this one on any machine.
    assert questions["01-rise"].shuffled("01-rise") == ["Roll", "Push up", "Stand", "Kneel"]
    assert questions["01-rise"].shuffled("01-other") != ["Roll", "Push up", "Stand", "Kneel"]


@given(st.lists(st.text(min_size=1), min_size=3, max_size=7, unique=True), st.text())
def test_no_shuffle_gives_the_order_away(items, key):
    question = module.Order.model_construct(ask="?", items=tuple(items), right="r", wrong="w")
    assert sorted(question.shuffled(key)) == sorted(items)
    assert question.shuffled(key) != items


HOSTILE = "</script><img src=x onerror=alert(1)>&amp;"


def test_markup_is_text_where_there_is_no_kernel(read):
    text = GOOD.replace("How many layers?", HOSTILE).replace('"Two"', f'"{HOSTILE}"')
    html = Quiz("01-layers", read(text)["01-layers"])._repr_mimebundle_()[0]["text/html"]
    assert "<img" not in html
    assert html.count("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&amp;amp;") == 2


FAULTS = {
    ("right = true, ", ""): "01-layers, choice: has 0 right options; it should have exactly one",
    ('"Two", say', '"Two", right = true, say'): "01-layers, choice: has 2 right options; it should have exactly one",
    (
        'text = "Two"',
        'text = "Three"',
    ): "01-layers, choice: should have 2 to 6 different texts, not 'Three', 'Three', 'Five'",
    (', say = "Fewer."', ""): "01-layers, choice, option 3, say: is missing",
    ("right = true, say", 'right = "yes", say'): "01-layers, choice, option 2, right: Input should be a valid boolean",
    ('"Kneel"', '"Roll"'): "01-rise, order: should have 3 to 7 different texts, not 'Roll', 'Push up', 'Roll', 'Stand'",
    ('"Roll", "Push up", ', ""): "01-rise, order: should have 3 to 7 different texts, not 'Kneel', 'Stand'",
    ("tolerance = 0.1", "tolerance = -0.1"): "01-lift, number, tolerance: Input should be greater than or equal to 0",
    ("tolerance = 0.1", ""): "01-lift, number, tolerance: is missing",
    ("answer = 18.0", "answer = nan"): "01-lift, number, answer: must be a finite number, not Decimal('NaN')",
    ('wrong = "Multiply all six."', ""): "01-lift, number, wrong: is missing",
    ('unit = "kg"', 'units = "kg"'): "01-lift, number, units: is not a known field",
    (
        '["head-raise"]',
        '["supine"]',
    ): "01-fit, plan: 'supine' is not optional (labor); what can be left out: head-raise",
    ("= [3, 5]", "= [3, 6]"): "01-fit, plan: 'knees-to-chest' can be held for 2 to 5 minutes, not 6.0",
    ("total = 20", "total = 5"): "01-fit, plan: 5:00 is too short for 'labor': the shortest possible is 10:30",
    ('routine = "labor"', ""): "01-fit, plan: should name a total, or a routine with whatever is asked of its steps",
    ("[01-own]", "[02-own]"): "02-own: a key begins with '01-', and is used once",
    ("[01-own]", "[01-Own]"): "01-Own, [key]: String should match pattern",
    ('kind = "routine"', 'kind = "rutine"'): "01-own: Input tag 'rutine' found using 'kind' does not match any of the",
    ('"Write your own."', f'"{"x" * 401}"'): "01-own, routine, ask: String should have at most 400 characters",
    ("[01-own]", "[01-own"): "can't be read: ",
}


@pytest.mark.parametrize(("old", "new"), FAULTS)
def test_a_fault_is_said_with_its_place(read, old, new):
    assert GOOD.count(old) >= 1
    with pytest.raises(DataError) as caught:
        read(GOOD.replace(old, new, 1))
    assert len(str(caught.value).split("\n  - ")) == 2, "one fault, one problem"
    assert FAULTS[old, new] in str(caught.value)
    assert "01.toml" in str(caught.value)


def test_all_faults_of_all_files_are_listed(read, tmp_path):
    (tmp_path / "02.toml").write_text("[02-x", encoding="utf-8")
    (tmp_path / "03.toml").write_bytes(b"\xff")
    (tmp_path / "notes.txt").write_text("not mine", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read(GOOD.replace(', say = "Fewer."', "").replace("tolerance = 0.1", "").replace("[01-own]", "[02-own]"))
    lines = str(caught.value).split("\n  - ")[1:]
    assert [line.split(",")[0].split(":")[0] for line in lines] == ["01.toml"] * 3 + ["02.toml", "03.toml"]


def test_a_key_in_two_files_is_a_fault(read, tmp_path):
    (tmp_path / "01-own.toml").write_text('[01-own-2]\nkind = "routine"\nask = "a"\nright = "b"\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"01\.toml, 01-own-2: a key begins with '01-', and is used once"):
        read(GOOD.replace("[01-own]", "[01-own-2]"))
