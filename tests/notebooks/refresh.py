"""Run the lessons and store what they show now: `python tests/notebooks/refresh.py [notebook …]`.

Only what reads well without a kernel is kept: no widget state, no times of execution, and no
widget views, which a page without a kernel would show as an error in place of their picture.
The instructor's guide gets the answers to their questions.
"""

import re
import sys

import nbformat
from nbclient import NotebookClient
from skeleton import NOTEBOOKS, questions, quiz_keys, read

GUIDE = NOTEBOOKS / "instructor_guide.md"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
ANSWERS = re.compile(r"(<!-- answers (\d\d) -->\n).*?(<!-- end -->)", re.DOTALL)


def tidy(notebook):
    """Take away what belongs to one run only."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata.kernelspec = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    notebook.metadata.language_info = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            if "data" in output:
                output.data.pop(WIDGET_VIEW, None)
    return notebook


def answer(question):
    """Return the right answer to a question, in words."""
    if question["kind"] == "choice":
        return next(option["text"] for option in question["options"] if option.get("right"))
    if question["kind"] == "order":
        return " → ".join(question["items"])
    if question["kind"] == "number":
        return f"{question['answer']:g} {question.get('unit', '')}".strip()
    return "the cell checks it and says what is missing"


def with_answers(guide):
    """Return the guide with the answers to all questions, in the order in which the lessons ask them."""

    def listed(found):
        known = questions(found[2])
        asked = [key for path in NOTEBOOKS.glob(f"{found[2]}_*.ipynb") for key in quiz_keys(read(path))]
        rows = [f"- {known[key]['ask']} → **{answer(known[key])}**" for key in asked if key in known]
        return found[1] + "\n".join(["**Answers**", "", *rows, "", found[3]])

    return ANSWERS.sub(listed, guide)


def main(names):
    for path in [NOTEBOOKS / name for name in names] or sorted(NOTEBOOKS.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": NOTEBOOKS}}).execute()
        nbformat.write(tidy(notebook), path)
        print(f"{path.name}: {path.stat().st_size // 1024} kB")
    GUIDE.write_text(with_answers(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
