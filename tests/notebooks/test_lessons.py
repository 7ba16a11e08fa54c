"""Every lesson has the same skeleton, reads well without a kernel, and leads on to the next."""

import re

import nbformat
import pytest
from refresh import with_answers
from skeleton import MINUTES, NOTEBOOKS, PATHS, QUIZZES, ROOT, dead_links, problems, questions, read, starts_app

from qlkit.routine import CAUTION


def test_the_set_is_complete():
    assert [path.stem for path in PATHS] == list(MINUTES)
    assert sorted(path.stem for path in QUIZZES.glob("*.toml")) == sorted(name[:2] for name in MINUTES)[1:]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_lesson(path):
    assert list(problems(read(path), path.name)) == []


@pytest.mark.parametrize("path", [ROOT / "README.md", NOTEBOOKS / "instructor_guide.md"], ids=lambda path: path.stem)
def test_a_page_beside_the_lessons(path):
    text = path.read_text(encoding="utf-8")
    assert dead_links(text, path.parent) == []
    linked = re.findall(r"\]\((?:notebooks/)?(\d\d_\w+)\.ipynb\)[^\n]*?(\d+)", text)
    assert [(name, int(minutes)) for name, minutes in dict(linked).items()] == list(MINUTES.items())


def test_the_guide_has_the_answers():
    guide = (NOTEBOOKS / "instructor_guide.md").read_text(encoding="utf-8")
    assert guide == with_answers(guide), "run tests/notebooks/refresh.py"
    assert re.findall("<!-- answers (..) -->", guide) == [name[:2] for name in MINUTES][1:]
    assert CAUTION in guide[: guide.index("## The set")]


def test_an_answer_that_the_guide_lacks_is_found():
    guide = (NOTEBOOKS / "instructor_guide.md").read_text(encoding="utf-8")
    right = f"**{FIRST['03-recovery']['answer']} %**"
    assert right in guide
    spoiled = guide.replace(right, "**57 %**")
    assert with_answers(spoiled) == guide != spoiled


@pytest.mark.parametrize("link", ["no_such_page.md", "03_release_after_sitting.ipynb#No-such-heading"])
def test_a_link_that_leads_nowhere_is_found(link):
    good = "[a](00_start_here.ipynb#Before-you-begin) [b](https://example.org/x)"
    assert dead_links(f"{good} [c]({link})") == [link]


def cell_with(notebook, text):
    return next(cell for cell in notebook.cells if text in cell.source)


def spoil_first(old, new):
    def spoil(notebook):
        cell = cell_with(notebook, old)
        cell.source = cell.source.replace(old, new)

    return spoil


def spoil_last(old, new):
    def spoil(notebook):
        cell = notebook.cells[-1]
        assert old in cell.source
        cell.source = cell.source.replace(old, new)

    return spoil


def on_code(change):
    return lambda notebook: change(next(c for c in notebook.cells if c.cell_type == "code" and c.outputs))


def shows(**data):
    """Spoil the first output: it shows this."""
    data = {kind.replace("_", "/", 1): text for kind, text in data.items()}
    return on_code(lambda cell: cell.outputs[0].data.update(data))


def ask_no_more(count):
    """Take away so many questions."""

    def spoil(notebook):
        for cell in [cell for cell in notebook.cells if "qlkit.quiz(" in cell.source][:count]:
            notebook.cells.remove(cell)

    return spoil


def quiz_shows(key, text):
    def spoil(notebook):
        data = {"text/html": f"<p>{text}</p>"}
        cell_with(notebook, f'"{key}"').outputs = [nbformat.v4.new_output("display_data", data=data)]

    return spoil


FIRST, SECOND = questions("03"), questions("04")
SAID = FIRST["03-recovery"]["right"]
FAULTS = {
    "begin with a title": spoil_first("*5 minutes*", ""),
    "minutes should be 5": spoil_first("*5 minutes*", "*6 minutes*"),
    "headings jump": spoil_first("## Key points", "#### Key points"),
    "headings jump: [2": spoil_first("# Start here", "## Start here"),
    "in this order": spoil_first("## Key points", "## Points"),
    "nothing to try": spoil_first("## Try it", "## Go on"),
    "no folded answer": spoil_first("<summary>Answer</summary>", "<summary>Well</summary>"),
    "caution should stand": spoil_first(CAUTION, "Be careful."),
    "more than 5 lines": on_code(lambda cell: cell.update(source=cell.source + "\n1" * 5)),
    "controls are not explained": spoil_first("**What the controls do**", ""),
    "was not run": on_code(lambda cell: cell.update(execution_count=None)),
    "kept from being compared": on_code(lambda cell: cell.update(source="# NBVAL_SKIP\n" + cell.source)),
    "state of widgets": lambda notebook: notebook.metadata.update(widgets={}),
    "leads nowhere": spoil_first("01_meet_the_ql.ipynb)", "01_gone.ipynb)"),
    "the reverse": spoil_first("`nachemson1981`", "`wilke1999`"),
    "link to the next lesson": spoil_first("next: [01 Meet the QL](01_meet_the_ql.ipynb)", ""),
    "next lesson, 01_meet_the_ql.ipynb, at": spoil_last("Next:", "See also"),
    "stores an error": on_code(
        lambda cell: cell.outputs.append(nbformat.v4.new_output("error", ename="E", evalue="", traceback=[]))
    ),
    "text cell shows a picture": spoil_first("## Try it", "## Try it\n\n![ ](pictures/timer.png)"),
    "text cell shows a picture without": spoil_first("## Try it", '## Try it\n\n<img src="x.png" alt="x">'),
    "without words": shows(text_html="<img src='x'>"),
    "picture without words": shows(**{"image_svg+xml": "<svg/>"}),
    "can't show": shows(**{"application_vnd.jupyter.widget-view+json": {"model_id": "1"}}),
    "an address": shows(text_plain="<Axes at 0x7f00>"),
    "somebody's machine": shows(text_plain="/".join(["'", "home", "me'"])),
}
QUIZ_FAULTS = {
    "fewer than four": ask_no_more(2),
    "previous lesson": spoil_first("previous: [02 Sitting", "previous: [01 Sitting"),
    "'03-pregnant' is not asked": ask_no_more(1),
    "there is no such question": spoil_first("03-dizzy", "03-dazed"),
    "more than once": spoil_first("03-dizzy", "03-recovery"),
    "says what '03-recovery' answers": spoil_first("## Key points", f"## Key points\n\n{SAID}"),
    "what '03-recovery' answers": quiz_shows("03-dizzy", SAID.replace("'", "&#39;")),
    "what '03-honest' answers": quiz_shows("03-honest", FIRST["03-honest"]["options"][0]["say"]),
    "does more than ask": spoil_first('qlkit.quiz("03-dizzy")', 'qlkit.quiz("03-dizzy")  # gently'),
    "shows the right number": quiz_shows("03-recovery", "It is 56.3 %."),
}


def faults_of(number, spoil):
    notebook = read(PATHS[number])
    spoil(notebook)
    return list(problems(notebook, PATHS[number].name))


@pytest.mark.parametrize("fault", FAULTS)
def test_the_check_finds(fault):
    assert any(fault in problem for problem in faults_of(0, FAULTS[fault]))


@pytest.mark.parametrize("fault", QUIZ_FAULTS)
def test_the_check_of_questions_finds(fault):
    names = [path.name for path in PATHS]
    at = names.index("03_release_after_sitting.ipynb")
    assert any(fault in problem for problem in faults_of(at, QUIZ_FAULTS[fault]))


def test_the_check_of_questions_finds_an_order_that_is_shown_right():
    at = [path.name for path in PATHS].index("04_release_after_labor.ipynb")
    items = SECOND["04-attention"]["items"]
    assert any("shows the right order" in p for p in faults_of(at, quiz_shows("04-attention", " ".join(items))))
    other = " ".join(reversed(items))
    assert not any("shows the right order" in p for p in faults_of(at, quiz_shows("04-attention", other)))


def test_a_cell_that_only_makes_a_timer_needs_no_legend():
    made, given = ("timer = qlkit.SessionTimer(plan)", "timer = qlkit.SessionTimer(plan)\ntimer")
    assert [starts_app(nbformat.v4.new_code_cell(source)) for source in (made, given)] == [False, True]
