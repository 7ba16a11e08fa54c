"""Every lesson has the same skeleton, reads well without a kernel, and leads on to the next."""

import itertools
import re
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest

from qlkit.routine import CAUTION
from qlkit.sources import sources

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
SECTIONS = ("What you will be able to do", "Before you begin", "Key points", "Sources")
CLASS = re.compile(r"\*\*\[(M|Mod|G|P|T)\]\*\*(?: from \*\*\[P\]\*\*)?((?:,? ?`[a-z0-9]+`)*)")


def problems(notebook, name):
    """Yield what is wrong with a lesson, in words."""
    text = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    joined = "\n".join(text)
    if not re.match(r"# .+\n\n\*\d+ minutes\*", text[0]):
        yield "it should begin with a title and its minutes"
    headings = re.findall(r"^(#+) (.+)$", joined, re.MULTILINE)
    levels = [len(marks) for marks, _ in headings]
    if levels.count(1) != 1 or any(b > a + 1 for a, b in itertools.pairwise(levels)):
        yield f"its headings jump: {levels}"
    titles = [title for _, title in headings]
    places = [titles.index(section) if section in titles else None for section in SECTIONS]
    if None in places or places != sorted(places):
        yield f"it should have, in this order: {', '.join(SECTIONS)}"
    if "Try it" not in titles and "Check yourself" not in titles:
        yield "there is nothing to try or to check"
    if not re.search(r"<details>\s*<summary>Answers?</summary>", joined):
        yield "there is no folded answer"
    before = "\n".join(c.source for c in notebook.cells[: notebook.cells.index(code[0])])
    if CAUTION not in before:
        yield "the caution should stand before the first cell that runs"
    for number, cell in enumerate(code, 1):
        if len(cell.source.splitlines()) > 5:
            yield f"code cell {number} has more than 5 lines"
        if "explore(" in cell.source:
            after = notebook.cells[notebook.cells.index(cell) + 1].source
            if "**What the controls do**" not in after:
                yield f"code cell {number} starts an app whose controls are not explained beneath it"
        if cell.execution_count != number:
            yield f"code cell {number} was not run, or not in order"
        if any("tags" in c.metadata or "NBVAL" in c.source for c in (cell,)):
            yield f"code cell {number} is kept from being compared"
        yield from output_problems(cell, number)
    if "widgets" in notebook.metadata:
        yield "it stores the state of widgets"
    links = re.findall(r"\]\(([^)]+)\)", joined)
    for link in links:
        file, _, part = link.partition("#")
        if "://" not in link and file and not (NOTEBOOKS / file).is_file():
            yield f"its link {link} leads nowhere"
        elif part and file.endswith(".ipynb") and unquote(part).replace("-", " ") not in headings_of(NOTEBOOKS / file):
            yield f"its link {link} leads to no heading"
    last = next((c.source for c in code if "qlkit.cite(" in c.source), "")
    cited = set(re.findall(r"[a-z0-9]+", " ".join(re.findall(r'"([^"]*)"', last))))
    keys = {key for _, tail in CLASS.findall(joined) for key in re.findall(r"`([a-z0-9]+)`", tail)}
    if keys - cited or cited - keys:
        yield f"cited in the text but not in the sources, or the reverse: {sorted(keys ^ cited)}"
    if cited - set(sources()):
        yield f"sources that qlkit does not know: {sorted(cited - set(sources()))}"
    names = [path.name for path in PATHS]
    at = names.index(name)
    for word, other in (("previous", names[at - 1] if at else None), ("next", ([*names, None])[at + 1])):
        if other and (other not in text[0] or other not in text[-1]):
            yield f"it should link to the {word} lesson, {other}, at its start and its end"


def output_problems(cell, number):
    for output in cell.outputs:
        if output.output_type == "error":
            yield f"code cell {number} stores an error"
        data = output.get("data", {})
        if "application/vnd.jupyter.widget-view+json" in data:
            yield f"code cell {number} stores a widget, which a page without a kernel can't show"
        for image in re.findall(r"<img[^>]*>", data.get("text/html", "")):
            if not re.search(r'alt="[^"]+ [^"]{10,}"', image):
                yield f"code cell {number} shows a picture without words for it"
        if re.search(
            r"(?<![\w/])/(home|root|work|Users|tmp)/", str({k: v for k, v in data.items() if k != "text/html"})
        ):
            yield f"code cell {number} stores a path of somebody's machine"
        if " at 0x" in str(data.get("text/plain", "")):
            yield f"code cell {number} stores an address"


def headings_of(path):
    cells = nbformat.read(path, as_version=4).cells
    found = (re.findall(r"^#+ (.+)$", c.source, re.MULTILINE) for c in cells if c.cell_type == "markdown")
    return {title for titles in found for title in titles}


def read(path):
    return nbformat.read(path, as_version=4)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_lesson(path):
    assert list(problems(read(path), path.name)) == []


def spoil_first(old, new):
    def spoil(notebook):
        cell = next(c for c in notebook.cells if old in c.source)
        cell.source = cell.source.replace(old, new)

    return spoil


def on_code(change):
    return lambda notebook: change(next(c for c in notebook.cells if c.cell_type == "code"))


FAULTS = {
    "begin with a title": spoil_first("*5 minutes*", ""),
    "headings jump": spoil_first("## Key points", "#### Key points"),
    "in this order": spoil_first("## Key points", "## Points"),
    "nothing to try": spoil_first("## Try it", "## Go on"),
    "no folded answer": spoil_first("<summary>Answer</summary>", "<summary>Well</summary>"),
    "caution should stand": spoil_first(CAUTION, "Be careful."),
    "more than 5 lines": on_code(lambda cell: cell.update(source=cell.source + "\n1" * 5)),
    "controls are not explained": spoil_first("**What the controls do**", ""),
    "was not run": on_code(lambda cell: cell.update(execution_count=None)),
    "kept from being compared": on_code(lambda cell: cell.update(source="# NBVAL_SKIP\n" + cell.source)),
    "state of widgets": lambda notebook: notebook.metadata.update(widgets={}),
    "leads nowhere": spoil_first("03_release_after_sitting.ipynb)", "03_gone.ipynb)"),
    "the reverse": spoil_first("`nachemson1981`", "`wilke1999`"),
    "link to the next lesson": spoil_first("next: [03 Release after sitting](03_release_after_sitting.ipynb)", ""),
    "stores an error": on_code(
        lambda cell: cell.outputs.append(nbformat.v4.new_output("error", ename="E", evalue="", traceback=[]))
    ),
    "without words": on_code(lambda cell: cell.outputs[0].data.update({"text/html": "<img src='x'>"})),
    "can't show": on_code(
        lambda cell: cell.outputs[0].data.update({"application/vnd.jupyter.widget-view+json": {"model_id": "1"}})
    ),
    "an address": on_code(lambda cell: cell.outputs[0].data.update({"text/plain": "<Axes at 0x7f00>"})),
    "somebody's machine": on_code(
        lambda cell: cell.outputs[0].data.update({"text/plain": "/".join(["'", "home", "me'"])})
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_check_finds(fault):
    notebook = read(PATHS[0])
    FAULTS[fault](notebook)
    assert any(fault in problem for problem in problems(notebook, PATHS[0].name))
