"""The skeleton that every lesson has, and what is wrong with a lesson that lacks it, in words."""

import ast
import html
import itertools
import re
import tomllib
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import nbformat

from qlkit.routine import CAUTION
from qlkit.sources import sources

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
QUIZZES = ROOT / "qlkit" / "data" / "quizzes"
MINUTES = {
    "00_start_here": 5,
    "01_meet_the_ql": 15,
    "02_sitting_and_labor": 25,
    "03_release_after_sitting": 15,
    "04_release_after_labor": 30,
    "05_plan_a_session": 25,
    "06_read_a_session": 20,
    "07_teach_a_workshop": 20,
}
"""The lessons in the order they are taught, with what each takes."""

PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
SECTIONS = ("What you will be able to do", "Before you begin", "Key points", "Sources")
APPS = ("explore", "compare", "explore_day", "explore_lifting", "explore_creep", "SessionTimer")
CLASS = re.compile(r"\*\*\[(M|Mod|G|P|T)\]\*\*(?: from \*\*\[P\]\*\*)?((?:,? ?`[a-z0-9]+`)*)")


def read(path):
    return nbformat.read(path, as_version=4)


def calls(source):
    """Return the names of the functions of qlkit that a cell calls."""
    nodes = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [node.attr for node in nodes if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "qlkit"]


def starts_app(cell):
    """Tell whether a cell shows an app: it calls for one, and ends with something to be shown."""
    if cell.cell_type != "code" or not set(calls(cell.source)) & set(APPS):
        return False
    return isinstance(ast.parse(cell.source).body[-1], ast.Expr)


def quiz_keys(notebook):
    """Return the keys of the questions that a lesson asks, in order."""
    code = (cell.source for cell in notebook.cells if cell.cell_type == "code")
    return [key for source in code for key in re.findall(r"""qlkit\.quiz\(\s*["']([^"']*)["']""", source)]


@cache
def questions(lesson):
    """Return the questions that the data hold for a lesson, by key."""
    path = QUIZZES / f"{lesson[:2]}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def text_of(markup):
    """Return what is read of HTML."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())


def problems(notebook, name):
    """Yield what is wrong with a lesson, in words."""
    text = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    joined = "\n".join(text)
    lesson = name.removesuffix(".ipynb")
    if not (begin := re.match(r"# .+\n\n\*(\d+) minutes\*", text[0])):
        yield "it should begin with a title and its minutes"
    elif int(begin[1]) != MINUTES[lesson]:
        yield f"its minutes should be {MINUTES[lesson]}"
    yield from heading_problems(re.findall(r"^(#+) (.+)$", joined, re.MULTILINE))
    if re.search(r"!\[\s*\]\(|<img(?![^>]*alt=\"[^\"]{10,})", joined):
        yield "a text cell shows a picture without words for it"
    if not re.search(r"<details>\s*<summary>Answers?</summary>", joined):
        yield "there is no folded answer"
    before = "\n".join(c.source for c in notebook.cells[: notebook.cells.index(code[0])])
    if CAUTION not in before:
        yield "the caution should stand before the first cell that runs"
    for number, cell in enumerate(code, 1):
        if len(cell.source.splitlines()) > 5:
            yield f"code cell {number} has more than 5 lines"
        if starts_app(cell):
            after = notebook.cells[notebook.cells.index(cell) + 1].source
            if not after.startswith("**What the controls do**"):
                yield f"code cell {number} starts an app whose controls are not explained beneath it"
        if cell.execution_count != number:
            yield f"code cell {number} was not run, or not in order"
        if "tags" in cell.metadata or "NBVAL" in cell.source:
            yield f"code cell {number} is kept from being compared"
        yield from output_problems(cell, number)
    if "widgets" in notebook.metadata:
        yield "it stores the state of widgets"
    yield from quiz_problems(notebook, lesson)
    for link in dead_links(joined):
        yield f"its link {link} leads nowhere"
    quoted = (re.findall(r'"([^"]*)"', c.source) for c in code if "qlkit.cite(" in c.source)
    cited = {key for texts in quoted for text in texts for key in text.split()}
    keys = {key for _, tail in CLASS.findall(joined) for key in re.findall(r"`([a-z0-9]+)`", tail)}
    keys |= set(re.findall(r"`([a-z0-9]+)`", joined)) & set(sources())  # textbook knowledge has no class
    if keys - cited or cited - keys:
        yield f"cited in the text but not in the sources, or the reverse: {sorted(keys ^ cited)}"
    if cited - set(sources()):
        yield f"sources that qlkit does not know: {sorted(cited - set(sources()))}"
    names = [f"{each}.ipynb" for each in MINUTES]
    at = names.index(name)
    for word, other in (("previous", names[at - 1] if at else None), ("next", ([*names, None])[at + 1])):
        pattern = rf"{word}: \[{(other or '')[:2]} [^\]]+\]\({other}\)"
        if other and not all(re.search(pattern, cell, re.IGNORECASE) for cell in (text[0], text[-1])):
            yield f"it should link to the {word} lesson, {other}, at its start and its end"


def heading_problems(headings):
    levels = [len(marks) for marks, _ in headings]
    if levels.count(1) != 1 or levels[0] != 1 or any(b > a + 1 for a, b in itertools.pairwise(levels)):
        yield f"its headings jump: {levels}"
    titles = [title for _, title in headings]
    places = [titles.index(section) if section in titles else None for section in SECTIONS]
    if None in places or places != sorted(places):
        yield f"it should have, in this order: {', '.join(SECTIONS)}"
    if "Try it" not in titles and "Check yourself" not in titles:
        yield "there is nothing to try or to check"


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
        if "image/png" in data or "image/svg+xml" in data:
            yield f"code cell {number} shows a picture without words for it"
        readable = f"{output.get('text', '')} {data.get('text/plain', '')} {text_of(data.get('text/html', ''))}"
        if re.search(r"(?<![\w/])/(home|root|work|Users|tmp)/", readable):
            yield f"code cell {number} stores a path of somebody's machine"
        if " at 0x" in readable:
            yield f"code cell {number} stores an address"


def quiz_problems(notebook, lesson):
    asked, known = quiz_keys(notebook), questions(lesson)
    if lesson[:2] != "00" and len(asked) < 4:
        yield f"it has fewer than four self-checks: {len(asked)}"
    yield from (f"it asks {key!r}, and there is no such question for this lesson" for key in asked if key not in known)
    yield from (f"the question {key!r} is not asked" for key in known if key not in asked)
    yield from (f"it asks {key!r} more than once" for key in set(asked) if asked.count(key) > 1)
    cells = [f"{cell.source} {text_of(shown(cell))}" for cell in notebook.cells]
    for key, question in known.items():
        told = [question.get("right"), question.get("wrong")]
        told += [part["say"] for part in (*question.get("options", ()), *question.get("near", ())) if "say" in part]
        if any(each and each in cell for each in told for cell in cells):
            yield f"a cell says what {key!r} answers"
    for cell in notebook.cells:
        if cell.cell_type != "code" or not (found := quiz_keys(nbformat.v4.new_notebook(cells=[cell]))):
            continue
        if not re.fullmatch(r"""(import qlkit\n+)?qlkit\.quiz\(["'][^"']+["'](, \w+)?\)""", cell.source):
            yield f"the cell that asks {found[0]!r} does more than ask"
        question, page = known.get(found[0], {}), text_of(shown(cell))
        places = [page.find(item) for item in question.get("items", ())]
        if places and places == sorted(places) and min(places) >= 0:
            yield f"the cell of {found[0]!r} shows the right order"
        if "answer" in question and re.search(rf"(?<![\d.,]){question['answer']:g}(?![\d]|[.,]\d)", page):
            yield f"the cell of {found[0]!r} shows the right number"


def shown(cell):
    """Return what a cell's stored outputs show, as HTML and text."""
    data = [output.get("data", {}) for output in cell.get("outputs", ())]
    return " ".join(each.get(kind, "") for each in data for kind in ("text/html", "text/plain", "text/markdown"))


def dead_links(text, folder=NOTEBOOKS):
    """Return the links of a text that lead to no file or no heading of a notebook or page."""
    dead = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        file, _, part = link.partition("#")
        path = folder / unquote(file)
        if "://" in link or link.startswith("mailto:"):
            continue
        if not path.exists() or (file and part and unquote(part) not in anchors(path)):
            dead.append(link)
    return dead


def anchors(path):
    """Return the names by which the headings of a notebook or a Markdown page are reached."""
    if path.suffix == ".ipynb":
        cells = [cell.source for cell in read(path).cells if cell.cell_type == "markdown"]
        return {title.replace(" ", "-") for title in re.findall(r"^#+ (.+)$", "\n".join(cells), re.MULTILINE)}
    titles = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in titles}
