"""The explorers in a real JupyterLab: a slider by keyboard, an impossible choice, no barrier, nothing cut."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from processes import wait_for

SHOTS = os.environ.get("QLKIT_SHOTS")

APPS = {
    "explore('labor')": ("Minutes in all", "app.steps['head-raise'].value = False; app.minutes.value = 10.5; "
                         "app.steps['head-raise'].value = True", "is too short for"),
    "compare()": ("After too much sitting, minutes", "app.minutes[0].value = 999", "is too long for"),
    "explore_day()": ("Hours of sitting", "app.sitting.value = app.lifting.value = 0", "This day is empty"),
    "explore_lifting()": ("Load", "app.inputs['distance'].value = 150", "Possible from there: up to"),
    "explore_creep()": ("Minutes bent fully forward", None, None),
}  # fmt: skip
"""Each with the label of its first slider, and what leads to words in place of its picture."""


class Shown:
    """An explorer in the first cell of an open notebook."""

    def __init__(self, notebook):
        self.notebook, self.page = notebook, notebook.page
        notebook.run_all()
        self.output = self.page.locator(".jp-NotebookPanel:visible .jp-OutputArea-output").first
        self.image = self.output.get_by_role("img").first
        expect(self.image).to_be_visible(timeout=30_000)

    def press(self, label, key):
        """Press a key on a slider."""
        slider = self.output.get_by_role("slider", name=label, exact=True)
        slider.focus()
        self.page.keyboard.press(key)


@pytest.fixture
def show(lab_server, open_notebook):
    """Open a notebook with an explorer, high enough that nothing is out of sight."""

    def open_(made, **look):
        name = lab_server.write("explorer.ipynb", f"import qlkit\napp = qlkit.{made}\napp")
        return Shown(open_notebook(name, **{"width": 1400, "height": 2600, **look}))

    return open_


def barriers(page):
    """Return what the accessibility engine finds grave in the outputs."""
    found = Axe().run(page, ".jp-OutputArea-output").response
    assert found["testEngine"]["name"] == "axe-core"
    grave = [rule for rule in found["violations"] if rule["impact"] in ("serious", "critical")]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in grave for node in rule["nodes"]]


@pytest.mark.parametrize("made", APPS)
def test_a_key_on_a_slider_changes_the_picture_and_an_impossible_choice_says_what_is_possible(show, problems, made):
    label, impossible, words = APPS[made]
    app = show(made)
    slider = app.output.get_by_role("slider", name=label, exact=True)
    before, told = app.image.get_attribute("alt"), slider.get_attribute("aria-valuetext")
    app.press(label, "ArrowRight")
    expect(app.image).not_to_have_attribute("alt", before, timeout=15_000)
    expect(slider).not_to_have_attribute("aria-valuetext", told)
    expect(slider).to_be_focused()
    assert app.image.evaluate("async (img) => { await img.decode(); return img.naturalWidth > 0; }")
    assert app.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.widgets.length") == 1
    assert barriers(app.page) == []

    if impossible:
        app.notebook.kernel.run(impossible)
        expect(app.output.get_by_role("alert")).to_contain_text(words)
        expect(app.output.locator(".qlkit-picture")).to_have_count(0)
        assert barriers(app.page) == []
    assert problems == []


def test_an_impossible_time_is_reached_and_left_by_hand(show):
    app = show("explore('labor')")
    app.output.get_by_label("Set each hold").check()
    app.output.get_by_label("With 3b Head toward the knees").uncheck()
    for key in ("Home", "ArrowRight"):  # the shortest without that step, and half a minute more
        app.press("Minutes in all", key)
    expect(app.image).to_have_accessible_name("After strenuous labor: 11:00 in all, 9:30 of it held.")
    app.output.get_by_label("With 3b Head toward the knees").check()
    expect(app.output.get_by_role("alert")).to_contain_text("the shortest possible is 11:30")
    expect(app.output.locator(".qlkit-timer")).to_have_count(0)
    app.press("Minutes in all", "ArrowRight")
    expect(app.image).to_have_accessible_name("After strenuous labor: 11:30 in all, 10:00 of it held.")
    expect(app.output.locator(".qlkit-timer")).to_have_count(1)
    app.press("3a Knees to chest, minutes", "ArrowRight")
    expect(app.image).to_have_accessible_name("After strenuous labor: 12:00 in all, 10:30 of it held.")
    total = app.output.get_by_role("slider", name="Minutes in all", exact=True)
    expect(total).to_have_attribute("aria-valuetext", "12 min")


def drag(app, label, begin, end):
    """Press a slider at a share of its length and move to another without letting go; return where it was pressed."""
    box, mouse = app.output.get_by_role("slider", name=label, exact=True).bounding_box(), app.page.mouse
    places = [(box["x"] + box["width"] * share, box["y"] + box["height"] / 2) for share in (begin, end)]
    mouse.move(*places[0])
    mouse.down()
    mouse.move(*places[1])
    return places[0]


def test_the_picture_follows_a_slider_and_the_timer_comes_when_it_is_let_go(show):
    app = show("explore('sitting')")
    timer = app.output.locator(".qlkit-timer")
    expect(timer).to_contain_text("6:00 in all")
    drag(app, "Minutes in all", 0.2, 0.99)
    expect(app.image).to_have_accessible_name("After too much sitting: 31:00 in all, 30:00 of it held.")
    expect(timer).to_contain_text("6:00 in all")
    app.page.mouse.up()
    expect(timer).to_contain_text("31:00 in all")
    # Away and back to where it was: nothing has changed, but it has been let go.
    begin = drag(app, "Minutes in all", 0.99, 0.2)
    expect(app.image).not_to_have_accessible_name("After too much sitting: 31:00 in all, 30:00 of it held.")
    app.page.mouse.move(*begin)
    app.page.mouse.up()
    wait_for(lambda: not app.notebook.kernel.evaluate("app.minutes.held"), "the slider to be let go")
    assert app.notebook.kernel.evaluate("app.timer.plan.total") == 1860
    # A touch that the browser takes over, to scroll, ends without being let go.
    drag(app, "Minutes in all", 0.99, 0.2)
    wait_for(lambda: app.notebook.kernel.evaluate("app.minutes.held"), "the slider to be held")
    app.page.evaluate("() => document.dispatchEvent(new PointerEvent('pointercancel'))")
    wait_for(lambda: not app.notebook.kernel.evaluate("app.minutes.held"), "the slider to be let go")


LOWEST = """() => {
    const app = document.querySelector(".jp-NotebookPanel:not(.lm-mod-hidden) .qlkit-app");
    window.lowest = app.offsetHeight;
    const look = () => { window.lowest = Math.min(window.lowest, app.offsetHeight); requestAnimationFrame(look); };
    look();
    return window.lowest;
}"""


def test_nothing_beneath_an_explorer_jumps_while_its_timer_is_made_anew(show):
    app = show("explore('sitting')")
    expect(app.output.locator(".qlkit-timer")).to_contain_text("6:00 in all")
    before = app.page.evaluate(LOWEST)
    app.press("Minutes in all", "End")
    expect(app.output.locator(".qlkit-timer")).to_contain_text("31:00 in all")
    assert app.page.evaluate("() => window.lowest") >= before - 20


def test_keys_in_a_list_and_on_a_box_are_not_the_notebooks(show):
    app = show("explore_lifting()")
    grip = app.output.get_by_label("Grip")
    grip.focus()
    app.page.keyboard.press("ArrowDown")
    expect(grip).to_have_value("fair")
    expect(grip).to_be_focused()
    app.notebook.wait_until_idle()
    assert app.notebook.kernel.evaluate("app.inputs['grip'].value") == "fair"


def test_the_choice_is_locked_while_a_session_is_on(show):
    app = show("compare('sitting', 'labor')")
    app.output.get_by_role("button", name="Timer: After strenuous labor").click()
    app.output.get_by_role("button", name="Start", exact=True).click()
    app.output.get_by_role("button", name="Begin now").click()
    slider = app.output.get_by_role("slider", name="After too much sitting, minutes", exact=True)
    expect(slider).to_be_disabled()
    app.output.get_by_role("button", name="Stop", exact=True).click()
    expect(slider).to_be_enabled()
    assert app.notebook.kernel.evaluate("app.timer.record.plan.routine") == "labor"


CUT = """(output) => {
    const edge = output.getBoundingClientRect();
    const parts = output.querySelectorAll(".qlkit-slider, .qlkit-slider *, button, select, label, p, .qlkit-picture");
    return [...parts].filter((node) => {
        const box = node.getBoundingClientRect();
        return box.width && (box.right > edge.right + 1 || box.left < edge.left - 1);
    }).map((node) => `${node.tagName}.${node.className} ${node.textContent.slice(0, 40)}`);
}"""


@pytest.mark.parametrize(("width", "theme"), [(400, "light"), (1400, "dark")])
def test_nothing_is_cut_on_a_phone_or_a_screen(lab_server, open_notebook, width, theme):
    cells = [f"import qlkit\napp = qlkit.{made}\napp" for made in APPS]
    # So high that no cell is out of sight: JupyterLab takes those out of the page.
    notebook = open_notebook(lab_server.write("explorers.ipynb", *cells), width=width, height=9000, theme=theme)
    notebook.run_all()
    outputs = notebook.page.locator(".jp-NotebookPanel:visible .jp-OutputArea-output")
    expect(outputs.locator(".qlkit-picture")).to_have_count(len(APPS), timeout=30_000)
    outputs.get_by_label("Set each hold").check()
    expect(outputs.get_by_role("slider", name="3a Knees to chest, minutes")).to_be_visible()
    if SHOTS:
        notebook.screenshot(Path(SHOTS) / f"explorers-{width}-{theme}.png")
    assert [cut for output in outputs.all() for cut in output.evaluate(CUT)] == []
    assert barriers(notebook.page) == []
