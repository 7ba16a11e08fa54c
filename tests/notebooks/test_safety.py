"""Who should leave out or change a step is said: in the data, in each view of it, and before anything starts."""

import re
from typing import NamedTuple

import nbformat
import pytest
from skeleton import NOTEBOOKS, PATHS, calls, read

import qlkit
from qlkit.body import load_pose
from qlkit.routine import CAUTION

STARTERS = {"explore", "compare", "SessionTimer"}
LESSONS = {"sitting": "03_release_after_sitting", "labor": "04_release_after_labor"}
RED_FLAGS = "both legs; genitals; bladder or bowel; chest pain; serious accident; temperature; weight loss; lump"
RED_FLAGS += "; worse at night; sneeze; top of the back"
PEOPLE = (
    "pregnant; 16 weeks; heartburn; osteoporosis; down a leg; surgery; new hip; neck; glaucoma; blood pressure; dizzy"
)


class Known(NamedTuple):
    """Advice that belongs to every step held in certain poses; `first`: to the first such step of a routine alone."""

    poses: str
    words: str
    evidence: str
    source: str | None = None
    first: bool = False


HELD_KNEES = "knees-to-chest-(knees|wrap|behind)"
KNOWN = {
    "pregnancy": Known("supine", r"pregnan.*16 weeks.*not lie flat.*side or propped", "G", "nhspregnancy"),
    "heartburn": Known("supine", r"heartburn.*2 to 3 hours after a meal", "G", "niddk", first=True),
    "osteoporosis": Known(
        "knees-to-chest.*", r"^osteoporosis.*fracture.*leave this step out.*clinician", "M", "sinaki1984"
    ),
    "leg pain": Known(HELD_KNEES, r"stop if pain moves down the leg.*tingling.*weakness", "G", "spinehealth"),
    "surgery": Known("knees-to-chest.*", r"recent surgery.*belly, spine or hip.*ask your surgeon", "T"),
    "new hip": Known(HELD_KNEES, r"hip replacement.*ask your surgeon", "T"),
    "neck, eyes, pressure": Known(
        "knees-to-chest-head-raised",
        r"neck.*severe osteoporosis.*glaucoma.*pressure.*support your head.*leave this step out.*hold your breath",
        "T",
    ),
    "pressing": Known("hook-lying-tilt", r"sink rather than press", "T"),
    "rolling": Known("side-lying-.*", r"roll in one piece.*roll left if", "G", "theros"),
    "dizziness": Known("push-up-to-sitting", r"dizzy.*sit a while before you stand", "G", "theros"),
}
"""What the table "who should skip or change which step" of the evidence asks for."""


def in_poses(known, pose):
    """Tell whether a pose is one of these; "supine" is any in which one lies on the back."""
    angles = load_pose(pose).angles
    on_back = angles.get("pitch", 0) > 60 and abs(angles.get("roll", 0)) < 45
    return on_back if known.poses == "supine" else re.fullmatch(known.poses, pose) is not None


def said(known, step):
    marks = (known.evidence, known.source)
    return any(re.search(known.words, c.text, re.I) and (c.evidence, c.source) == marks for c in step.cautions)


def lacking(routine):
    """Return which step of a routine lacks which known caution."""
    found = []
    for name, known in KNOWN.items():
        # Whoever lies on the back for a moment, to roll from there, is not who is meant.
        all_steps = routine.steps if known.poses == "supine" else (*routine.steps, *routine.rise)
        steps = [step for step in all_steps if in_poses(known, step.pose)]
        found += [(step.key, name) for step in steps[: 1 if known.first else None] if not said(known, step)]
    return found


def cautions(routine):
    """Return the text of each caution of a routine's steps and stages."""
    return [c.text for step in (*routine.steps, *routine.rise) for c in step.cautions]


@pytest.fixture(params=LESSONS)
def routine(request):
    return qlkit.load_routine(request.param)


def test_each_step_has_its_known_cautions(routine):
    assert lacking(routine) == []


@pytest.mark.parametrize("name", KNOWN)
def test_a_step_without_a_known_caution_is_found(name):
    labor = qlkit.load_routine("labor")
    before = lacking(labor)

    def without(steps):
        kept = ((s, [c for c in s.cautions if not re.search(KNOWN[name].words, c.text, re.IGNORECASE)]) for s in steps)
        return tuple(s.model_copy(update={"cautions": tuple(rest)}) for s, rest in kept)

    spoiled = labor.model_copy(update={"steps": without(labor.steps), "rise": without(labor.rise)})
    assert name in {found for step, found in lacking(spoiled) if (step, found) not in before}


def test_a_caution_without_its_source_is_found():
    labor = qlkit.load_routine("labor")
    roll, *others = labor.rise
    bare = roll.model_copy(update={"cautions": (roll.cautions[0].model_copy(update={"source": None}),)})
    assert ("roll", "rolling") in lacking(labor.model_copy(update={"rise": (bare, *others)}))


def test_the_plan_hands_on_each_caution(routine):
    plan = routine.plan()
    assert plan.cautions[0] == CAUTION
    here = {interval.step: list(interval.cautions) for interval in plan.intervals if interval.kind == "hold"}
    here |= {i.step: list(i.cautions) for i in plan.intervals if i.rises}
    assert here == {
        **{step.key: [c.text for c in step.cautions] for step in routine.steps},
        **{f"rise-{stage.key}": [c.text for c in stage.cautions] for stage in routine.rise},
    }


def test_words_pictures_and_pages_show_the_cautions(routine, tmp_path):
    plan = routine.plan()
    assert CAUTION in qlkit.describe(plan)
    words = qlkit.describe(routine)
    assert [text for text in (CAUTION, *cautions(routine)) if f"Caution: {text}" not in words] == []
    page = " ".join(text.get_text() for text in qlkit.plot_storyboard(plan).axes[0].texts)
    assert CAUTION in " ".join(page.split())
    phone = qlkit.write_phone_page(plan, tmp_path / "phone.html").read_text(encoding="utf-8")
    assert [text for text in (CAUTION, *cautions(routine)) if text not in phone] == []


def test_the_timer_gets_the_cautions(routine):
    sent = qlkit.SessionTimer(routine.plan()).get_state()["plan"]
    assert sent["cautions"] == [CAUTION]
    assert [text for i in sent["intervals"] for text in i["cautions"]] == cautions(routine)


def first_start(notebook):
    """Return the number of the first cell that starts a routine, or None."""
    return next(
        (n for n, c in enumerate(notebook.cells) if c.cell_type == "code" and STARTERS & set(calls(c.source))), None
    )


def starts_unwarned(notebook):
    """Tell whether a routine starts before a cell that shows the caution."""
    first = first_start(notebook)
    shown = (c.source for c in notebook.cells[:first] if c.cell_type == "markdown")
    return first is not None and not any(CAUTION in source for source in shown)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_nothing_starts_before_the_caution_is_shown(path):
    assert not starts_unwarned(read(path))


def test_a_start_before_the_caution_is_found():
    warned, app = nbformat.v4.new_markdown_cell(CAUTION), nbformat.v4.new_code_cell("app = qlkit.explore()\napp")
    timer = nbformat.v4.new_code_cell("qlkit.SessionTimer(plan, lead_in=0)")
    for cells, wrong in [([warned, app], False), ([app, warned], True), ([timer], True), ([warned], False)]:
        assert starts_unwarned(nbformat.v4.new_notebook(cells=cells)) == wrong


def sections(notebook):
    """Return the Markdown under each heading, up to the next one."""
    joined = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    parts = re.split(r"^#+ (.+)$", joined, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def untold(routine, notebook):
    """Return the cautions that a lesson does not say in the section of their step, as (step, caution)."""
    parts, missing = sections(notebook), []
    for step in (*routine.steps, *routine.rise):
        title = "rise|get up" if step in routine.rise else re.escape(step.title)
        text = " ".join(part for head, part in parts.items() if re.search(title, head, re.IGNORECASE))
        missing += [(step.key, each.text) for each in step.cautions if each.text not in text]
    return missing


def test_the_lesson_says_each_caution_where_the_step_comes_up(routine):
    notebook = read(NOTEBOOKS / f"{LESSONS[routine.key]}.ipynb")
    assert untold(routine, notebook) == []
    start = first_start(notebook)
    before = nbformat.v4.new_notebook(cells=notebook.cells[:start])
    assert untold(routine, before) == [], "a routine starts before all its cautions are shown"


def test_a_caution_that_a_lesson_leaves_out_or_says_elsewhere_is_found(routine):
    notebook = read(NOTEBOOKS / f"{LESSONS[routine.key]}.ipynb")
    for step in (*routine.steps, *routine.rise):
        for caution in step.cautions:
            spoiled = nbformat.from_dict(notebook)
            for cell in spoiled.cells:
                cell.source = cell.source.replace(caution.text, "…")
            spoiled.cells.append(nbformat.v4.new_markdown_cell(f"## Afterwards\n\n{caution.text}"))
            assert (step.key, caution.text) in untold(routine, spoiled)


def test_the_first_lesson_says_who_needs_help_and_who_skips_what():
    notebook = read(NOTEBOOKS / "00_start_here.ipynb")
    before = " ".join(c.source for c in notebook.cells[: first_start(notebook)]).lower()
    assert [words for words in (*RED_FLAGS.split("; "), *PEOPLE.split("; ")) if words not in before] == []
