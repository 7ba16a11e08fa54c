"""The apps of a lesson as they really are: its code is run, and what each app shows is asked of its widgets."""

import ast
import json
import re

import ipywidgets as widgets
from skeleton import ROOT, calls, starts_app

from qlkit.lessons.quiz import Quiz
from qlkit.timer.widget import SessionTimer

SILENT = {"picture", "cite", "quiz"}
"""Calls whose results are only looked at: leaving them out saves the time of drawing."""


def apps(notebook):
    """Yield each app that a lesson shows, with the cell beneath it."""
    space = {"__name__": "__main__"}
    for cell, after in zip(notebook.cells, [*notebook.cells[1:], None], strict=True):
        if cell.cell_type != "code":
            continue
        *body, last = ast.parse(cell.source).body
        if not isinstance(last, ast.Expr):
            body, last = [*body, last], None
        exec(compile(ast.Module(body, []), "cell", "exec"), space)  # noqa: S102 - our own lessons
        if last is None or set(calls(ast.unparse(last))) & SILENT:
            continue
        value = eval(compile(ast.Expression(last.value), "cell", "eval"), space)  # noqa: S307
        shows_app = isinstance(value, widgets.DOMWidget) and not isinstance(value, Quiz)
        assert shows_app == starts_app(cell), f"is this an app, or not? {cell.source!r}"
        if shows_app:
            yield value, after.source


def labels(widget):
    """Return the visible names of all controls in a widget; a title before the choice's minutes is its name."""
    if isinstance(widget, SessionTimer):
        return timer_labels()
    found = [getattr(widget, "label", ""), getattr(widget, "description", "")]
    if isinstance(widget, widgets.ToggleButtons | widgets.Dropdown | widgets.RadioButtons | widgets.SelectionSlider):
        # A choice that is hidden is none; a row that is hidden may be opened by another control.
        if widget.layout.display == "none":
            return []
        found = [widget.description, *(widget._options_labels if isinstance(widget, widgets.ToggleButtons) else ())]
    for child in getattr(widget, "children", ()):
        found += labels(child)
    return [text for text in found if isinstance(text, str) and text]


def timer_labels():
    """Return what stands on the timer's buttons, switches and choices, from the module that makes them."""
    source = (ROOT / "qlkit" / "timer" / "stage.js").read_text(encoding="utf-8")
    [channels] = re.findall(r"CHANNELS = (\{.*?\});", source)
    [toggles] = re.findall(r"toggles = \{ ready: .*?, running: (\".*?\"), paused: (\".*?\") \}", source)
    # Only an interrupted session shows a button to go on with it, which says so itself.
    found = re.findall(r'\bbutton\("(?!recover)\w+", "([^"]+)"', source) + re.findall(r'= select\("([^"]+)"', source)
    assert len(found) >= 11, "the timer is not written as this expects"
    return [*found, *re.findall(r'"([^"]+)"', channels), *map(json.loads, toggles)]


def missing_labels(app, legend):
    """Return the labels of an app that its legend does not name."""
    words = " ".join(legend.replace("*", "").split()).lower()
    # "Lie flat, minutes" may stand as "Lie flat" where the legend speaks of minutes once for all.
    names = [re.sub(r", minutes( or longer)?$", "", label).rstrip(":").lower() for label in labels(app)]
    return [name for name in dict.fromkeys(names) if name not in words]
