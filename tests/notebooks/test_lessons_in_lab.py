"""Every lesson in a real JupyterLab: it runs, each widget shows, a self-check answers, and nothing bars anybody."""

import re

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from skeleton import PATHS, questions, quiz_keys, read

from qlkit.routine import CAUTION

OURS = [".jp-NotebookPanel .jp-OutputArea-output", ".jp-NotebookPanel .jp-MarkdownOutput"]
"""What the accessibility engine looks at: each cell's outputs and each rendered text cell, with all that is in them.

Nothing else: neither JupyterLab's bars and panels, nor a cell's prompt, editor and buttons, which are not ours.
"""

KINDS = ("choice", "order", "number")

# What JupyterLab or a widget writes where it can't show one.
FAILED = re.compile(
    r"Error displaying widget|Loading widget|Failed to load|Click to show javascript error|Javascript Error"
)

UNSEEN = """() => window.jupyterapp.shell.currentWidget.content.widgets.flatMap(({ model, node }, number) => {
    const areas = node.querySelectorAll(".jp-OutputArea-output");
    return (model.outputs?.toJSON() ?? []).flatMap(({ data }, i) => {
        if (!data?.["application/vnd.jupyter.widget-view+json"]) return [];
        const area = areas[i];
        const { width, height } = area?.getBoundingClientRect() ?? { width: 0, height: 0 };
        const seen = area?.querySelector("button, input, fieldset, svg, img") && width > 100 && height > 30;
        return seen ? [] : [`cell ${number}: ${width} x ${height}, ${area?.innerHTML.slice(0, 200)}`];
    });
})"""
"""The outputs with a widget that can't be seen, in words."""


@pytest.fixture
def lesson(lab_server, open_notebook):
    """Open a lesson with all of its cells in the page, and run it."""

    def open_(name):
        # JupyterLab takes cells out of the page that are out of sight.
        lab_server.configure("notebook-extension:tracker", windowingMode="none")
        notebook = open_notebook(name, width=1200)
        notebook.run_all()  # fails on an error among the outputs
        return notebook

    return open_


def unseen(notebook):
    """Return the outputs with a widget that does not show, once all had time to."""
    page = notebook.page
    page.wait_for_function(f"() => !({UNSEEN})().length", timeout=20_000)
    return [text for text in page.locator(OURS[0]).all_inner_texts() if FAILED.search(text)]


class Check:
    """A self-check in the page, and how a student answers it."""

    def __init__(self, page, question):
        self.question = question
        self.root = page.locator(".qlkit-quiz").filter(has=page.locator("legend", has_text=question["ask"]))
        expect(self.root).to_have_count(1)

    def press(self, name):
        self.root.get_by_role("button", name=name, exact=True).click()

    def answer(self, right):
        """Answer, and return the explanation that belongs to this answer."""
        return getattr(self, self.question["kind"])(right)

    def choice(self, right):
        option = next(each for each in self.question["options"] if each.get("right", False) == right)
        self.press(option["text"])
        return option["say"]

    def order(self, right):
        if right:
            for place, item in enumerate(self.question["items"]):
                while self.root.locator("li > span").all_inner_texts().index(item) > place:
                    self.press(f"Move up: {item}")
        self.press("Check")  # it is never in order from the first
        return self.question["right" if right else "wrong"]

    def number(self, right):
        far = self.question["answer"] * 7 + 1000
        self.root.get_by_role("textbox").fill(str(self.question["answer"] if right else far))
        self.press("Check")
        return self.question["right" if right else "wrong"]


def one_to_answer(name, notebook):
    """Choose a self-check of a lesson, another kind in each so that all kinds come up; None where there is none."""
    known = questions(name)
    asked = [known[key] for key in quiz_keys(notebook) if known[key]["kind"] in KINDS]
    liked = KINDS[int(name[1]) % 3]
    return next((each for each in asked if each["kind"] == liked), asked[0] if asked else None)


def barriers(page):
    """Return what the accessibility engine finds serious or critical in our content."""
    for folded in page.locator(".jp-NotebookPanel details").all():
        folded.evaluate("node => (node.open = true)")  # what is folded is read as well
    found = Axe().run(page, {"include": [[each] for each in OURS]}).response
    assert found["testEngine"]["name"] == "axe-core"
    grave = [rule for rule in found["violations"] if rule["impact"] in ("serious", "critical")]
    return [f"{rule['id']}: {node['html'][:200]}" for rule in grave for node in rule["nodes"]]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_lesson_in_lab(lesson, problems, path):
    stored = read(path)
    notebook = lesson(path.name)
    page = notebook.page
    assert unseen(notebook) == []
    question = one_to_answer(path.stem, stored)
    assert (question is None) == (path.stem == "00_start_here")
    if question:
        check = Check(page, question)
        for right in (False, True):
            words = check.answer(right)
            expect(check.root).to_have_attribute("data-right", str(right).lower())
            expect(check.root.get_by_role("status")).to_contain_text(words)
    for timer in page.locator(".qlkit-timer").all():
        expect(timer.locator(".qlkit-cautions")).to_contain_text(CAUTION)
    assert barriers(page) == []
    assert problems == []


def test_what_does_not_show_or_bars_somebody_is_found(lab_server, lesson):
    nothing = "import ipywidgets, IPython.display\nipywidgets.VBox()"
    folded = "IPython.display.HTML('<details><summary>More</summary><button></button></details>')"
    name = lab_server.write("faults.ipynb", nothing, "ipywidgets.Button(description='Here')", folded)
    faults = read(lab_server.root / name)
    faults.cells.append(nbformat.v4.new_markdown_cell("Press <button></button> here."))
    nbformat.write(faults, lab_server.root / name)
    notebook = lesson(name)
    [found] = notebook.page.evaluate(f"({UNSEEN})()")
    assert found.startswith("cell 0")
    assert barriers(notebook.page) == ["button-name: <button></button>"] * 2
