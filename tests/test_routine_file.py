"""What to do: routine files of one's own, and the words in which a faulty one is refused."""

import copy
import json
import tomllib
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qlkit import Plan, RoutineError, load_routine
from qlkit.routine import CAUTION

GOOD = """
key = "mine"
title = "Mine"
purpose = "A rest."
source = "me"

[[steps]]
key = "lie"
title = "Lie down"
pose = "supine"
hold = { shortest = 1, longest = 2 }
text = "Lie down."

[[steps]]
key = "rest"
title = "Rest"
pose = "hook-lying"
hold = { shortest = 1, longest = 2 }
text = "Rest."

[steps.move]
text = "Bend the knees."
seconds = 10

[[rise]]
key = "up"
title = "Up"
text = "Stand up."
pose = "standing"
seconds = 10
"""


@pytest.fixture
def load(tmp_path):
    def load(content):
        path = tmp_path / "mine.toml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load_routine(path)

    return load


def test_a_file_of_ones_own(load, tmp_path):
    routine = load(GOOD)
    assert (routine.key, routine.keys, routine.plan().total) == ("mine", ("lie", "rest"), 140)
    assert routine.cautions[0].text == CAUTION
    assert load_routine(str(tmp_path / "mine.toml")) == routine


@pytest.mark.parametrize("given", [["Mine."], ["Mine.", CAUTION], [CAUTION, "Mine."], [""]], ids=str)
def test_no_file_can_put_the_caution_off(load, given):
    rows = ", ".join(f"{{ text = {json.dumps(text)} }}" for text in given if text)
    cautions = [caution.text for caution in load(f"cautions = [{rows}]{GOOD}").cautions]
    assert cautions[0] == CAUTION
    assert cautions.count(CAUTION) == 1
    assert ("Mine." in cautions) == ("Mine." in given)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_what_editors_make_of_a_file_is_read(load, encoding, newline):
    text = "Rücken, спина, 背中 🧘"
    assert load(GOOD.replace("Lie down.", text).replace("\n", newline).encode(encoding)).steps[0].text == text


def test_markup_is_text_and_kept_as_typed(load):
    title = "<b onclick='x()'>Lie</b> & $x$ [a](b)"
    assert load(GOOD.replace('"Lie down"', json.dumps(title))).plan().intervals[0].title == title


FAULTS = [
    ('purpose = "A rest."\n', "", "field 'purpose': is missing"),
    ('title = "Lie down"\n', "", "step 1 ('lie'), field 'title': is missing"),
    ("shortest = 1, ", "", "step 1 ('lie'), field 'hold.shortest': is missing"),
    ("seconds = 10\n\n", "", "step 2 ('rest'), field 'move.seconds': is missing"),
    ('source = "me"', 'sorce = "me"\nsource = "me"', "field 'sorce': is not a known field; did you mean 'source'"),
    ('key = "lie"', 'key = "lie"\nposes = "a"', "step 1 ('lie'), field 'poses': is not a known field; did you mean"),
    (
        "longest = 2 }",
        "longest = 2, open = true }",
        "step 1 ('lie'), field 'hold.open': is not a known field; known: longest",
    ),
    ('key = "up"', 'key = "up"\npart = "1"', "stage of the rise 1 ('up'), field 'part': is not a known field"),
    ('title = "Mine"', "title = 5", "field 'title': should be text in quotes, not 5"),
    ('title = "Mine"', 'title = ["Mine"]', "field 'title': should be text in quotes"),
    ('title = "Mine"', 'title = " "', "field 'title': is empty"),
    ('title = "Mine"', f'title = "{"x" * 61}"', "field 'title': has 61 characters; at most 60"),
    ("shortest = 1", 'shortest = "1"', "step 1 ('lie'), field 'hold.shortest': should be a number, not '1'"),
    ("shortest = 1", "shortest = true", "step 1 ('lie'), field 'hold.shortest': should be a number, not True"),
    ("shortest = 1", "shortest = -1", "step 1 ('lie'), field 'hold.shortest': is -1, but should be at least"),
    ("shortest = 1", "shortest = 0", "step 1 ('lie'), field 'hold.shortest': is 0, but should be at least"),
    ("shortest = 1", "shortest = nan", "step 1 ('lie'), field 'hold.shortest': should be an ordinary number"),
    ("shortest = 1", "shortest = 3", "step 1 ('lie'), field 'hold': shortest (3) is longer than longest (2)"),
    ("longest = 2", "longest = 240.5", "step 1 ('lie'), field 'hold.longest': is 240.5, but should be at most 240"),
    ("longest = 2", "longest = inf", "step 1 ('lie'), field 'hold.longest': "),
    ("hold = { shortest = 1, longest = 2 }", "hold = 2", "step 1 ('lie'), field 'hold': should be a table"),
    ("seconds = 10\n\n", "seconds = 10.5\n\n", "step 2 ('rest'), field 'move.seconds': should be a whole number"),
    ("seconds = 10\n\n", "seconds = -1\n\n", "step 2 ('rest'), field 'move.seconds': is -1, but should be at least 0"),
    ("seconds = 10\n\n", "seconds = 601\n\n", "step 2 ('rest'), field 'move.seconds': is 601, but should be at most"),
    ('key = "rest"', 'key = "lie"', "step 2 ('lie'), field 'key': is used by step 1 already"),
    ('key = "lie"', 'key = "Lie down"', "step 1 ('Lie down'), field 'key': should be lower-case letters"),
    ('key = "lie"', 'key = "rise-up"', "step 1 ('rise-up'), field 'key': "),  # it would pass for a stage of the rise
    ('"supine"', '"supin"', "step 1 ('lie'), field 'pose': 'supin' is not a known pose; did you mean 'supine'"),
    ('"standing"', '"flying"', "stage of the rise 1 ('up'), field 'pose': 'flying' is not a known pose"),
    ('key = "lie"', 'key = "lie"\noptional = 1', "step 1 ('lie'), field 'optional': should be true or false"),
    ('key = "lie"', 'key = "lie"\nteaching_choice = ["holds"]', "step 1 ('lie'): teaching_choice names 'holds'"),
    ('key = "lie"', 'key = "lie"\nreminders = "x"', "step 1 ('lie'), field 'reminders': should be a list"),
    (
        'key = "lie"',
        'key = "lie"\ncautions = [{ text = "a", evidence = "X" }]',
        "step 1 ('lie'), field 'cautions 1.evid",
    ),
    ('key = "lie"', 'key = "lie"\noptions = [{ title = "a" }]', "step 1 ('lie'), field 'options 1.pose': is missing"),
    (GOOD[GOOD.index("[[steps]]") :], "steps = []", "field 'steps': is empty; at least one is needed"),
    (GOOD[GOOD.index("[[steps]]") :], "", "field 'steps': is missing"),
    (GOOD[GOOD.index("[[steps]]") :], "steps = 3", "field 'steps': should be a list"),
    (GOOD[GOOD.index("[[rise]]") :], "[rise]\n", "field 'rise': should be a list"),
]


@pytest.mark.parametrize(("old", "new", "problem"), FAULTS, ids=[f"{n} {fault[2]}" for n, fault in enumerate(FAULTS)])
def test_a_fault_is_named_with_file_step_and_field(load, old, new, problem):
    assert old in GOOD
    with pytest.raises(RoutineError) as caught:
        load(GOOD.replace(old, new, 1))
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith(problem)
    assert f"mine.toml: 1 problem\n  - {problem}" in str(caught.value)


def test_all_faults_are_listed_at_once(load):
    broken = GOOD.replace("hold = { shortest = 1", "hold = { shortest = 3", 1).replace('"hook-lying"', '"hooklying"')
    broken = broken.replace('purpose = "A rest."', "").replace('"rest"', '"lie"').replace('"standing"', "3")
    with pytest.raises(RoutineError, match=r"mine\.toml: 5 problems") as caught:
        load(broken)
    assert [problem.split(":")[0] for problem in caught.value.problems] == [
        "field 'purpose'",
        "step 1 ('lie'), field 'hold'",
        "step 2 ('lie'), field 'pose'",
        "stage of the rise 1 ('up'), field 'pose'",
        "step 2 ('lie'), field 'key'",
    ]


def test_a_fault_in_every_step_adds_no_fault_that_is_none(load):
    with pytest.raises(RoutineError) as caught:
        load(GOOD.replace('"supine"', '"supin"').replace('"hook-lying"', '"hooklying"'))
    assert [problem.split(":")[0] for problem in caught.value.problems] == [
        "step 1 ('lie'), field 'pose'",
        "step 2 ('rest'), field 'pose'",
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (GOOD.encode("utf-16"), "is not UTF-8 text"),
        (GOOD.encode("utf-16-le"), "is not valid TOML"),
        (GOOD.replace("Lie down.", "Rücken").encode("latin-1"), "is not UTF-8 text"),
        (GOOD.replace("[[rise]]", "[[rise]"), "is not valid TOML: .*line 25"),
        (GOOD.replace('"me"', "me"), "is not valid TOML: .*line 5"),
        (GOOD + 'key = "down"', "is not valid TOML"),
        ("deep = " + "[" * 5000 + "]" * 5000, "."),
        ("big = " + "1" * 5000, "."),
        ("# " + "x" * 1_000_000, "larger than 1 MB"),
        ("", "5 problems"),
    ],
    ids=["utf-16", "utf-16-le", "latin-1", "bracket", "quotes", "twice", "deep", "digits", "large", "empty"],
)
def test_a_file_that_is_no_routine_file(load, content, problem):
    with pytest.raises(RoutineError, match=rf"mine\.toml: (.|\n)*{problem}"):
        load(content)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("labour", "labour: .*\n.*there is no such file; did you mean 'labor'"),
        ("walk", "walk: .*\n.*there is no such file; known: labor, sitting"),
        ("no/such.toml", "no/such.toml: .*\n.*there is no such file$"),
        ("", "is a folder"),
        ("a\0b", "can't be read"),
        ("x" * 5000, "can't be read"),
        (b"labor", "expected the key of a routine or the path"),
        (None, "expected the key of a routine or the path"),
    ],
    ids=["close", "far", "path", "blank", "null", "long", "bytes", "none"],
)
def test_what_names_no_routine(given, problem):
    with pytest.raises(RoutineError, match=problem):
        load_routine(given)


def test_a_folder_is_no_routine_file(tmp_path):
    with pytest.raises(RoutineError, match="is a folder; name a routine file in it"):
        load_routine(tmp_path)


# Damaged files: whatever is done to a routine file, it is read or refused in words.

BUILT_IN = tomllib.loads((resources.files("qlkit") / "data" / "routines" / "labor.toml").read_text(encoding="utf-8"))
ODD = [
    0,
    -1,
    3,
    0.5,
    1e300,
    float("nan"),
    float("-inf"),
    10**30,
    True,
    "",
    " ",
    "supine",
    "x" * 700,
    "\0\u200f",
    [],
    {},
]
ODD += [[1, "a"], [[]], [{}], {"key": 1}, {"": ""}]


def as_toml(value):
    """Write a value as TOML; what JSON writes for text, numbers and lists, TOML takes too."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {as_toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    return repr(value) if isinstance(value, float) else json.dumps(value)


def damage(draw, table):
    """Change one thing somewhere in a table: replace, drop, double or add an entry."""
    here = table
    while True:
        places = list(here) if isinstance(here, dict) else list(range(len(here)))
        if not places:
            return
        place = draw(st.sampled_from(places))
        if not isinstance(here[place], dict | list) or draw(st.integers(0, 3)) == 0:
            break
        here = here[place]
    how = draw(st.sampled_from(["replace", "drop", "double", "add"]))
    new = copy.deepcopy(here[place] if how == "double" else draw(st.sampled_from(ODD)))
    if how == "replace":
        here[place] = new
    elif how == "drop":
        del here[place]
    elif isinstance(here, list):
        here.append(new)
    else:
        here[f"{place}s"] = new


@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(data, tmp_path_factory):
    table = copy.deepcopy(BUILT_IN)
    for _ in range(data.draw(st.integers(1, 4))):
        damage(data.draw, table)
    path = tmp_path_factory.getbasetemp() / "damaged.toml"
    path.write_text("\n".join(f"{json.dumps(key)} = {as_toml(value)}" for key, value in table.items()), "utf-8")
    tomllib.loads(path.read_text("utf-8"))  # the damage is to what the file says, never to how
    try:
        routine = load_routine(path)
    except RoutineError:
        return
    assert routine.cautions[0].text == CAUTION
    assert isinstance(routine.plan(), Plan)
