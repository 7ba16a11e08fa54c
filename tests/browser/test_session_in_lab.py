"""A session in a real JupyterLab: the page, the kernel and the notebook around it."""

import json
import os
import re
import signal
from pathlib import Path

import pytest
from lab_timer import LabTimer
from playwright.sync_api import expect
from timer_page import violations

SHOTS = os.environ.get("QLKIT_SHOTS")
TIMER = "import qlkit\ntimer = qlkit.SessionTimer(qlkit.load_routine('labor').plan(), lead_in=0)\ntimer"

# Something to hear in each second, so that an old session that goes on can't be overheard.
BEAT = """
import qlkit
cues = (qlkit.Cue("chime", 0),)
beats = [qlkit.Interval("hold", f"beat-{n}", "Beat", "Rest.", "supine", n, n + 1, cues=cues) for n in range(90)]
timer = qlkit.SessionTimer(qlkit.Plan("beat", "Beat", "practitioner", (), tuple(beats)), lead_in=0)
timer"""


@pytest.fixture
def lab_timer(lab_server, open_notebook):
    """Open a notebook with a timer in its first cell, and run that."""

    def open_(first=TIMER, *more):
        notebook = open_notebook(lab_server.write("timer.ipynb", first, *more))
        timer = LabTimer(notebook)
        timer.run_cell(0)
        expect(timer.root).to_have_count(1, timeout=30_000)
        return timer

    return open_


def shoot(timer, name):
    if SHOTS:
        timer.root.scroll_into_view_if_needed()
        timer.notebook.screenshot(Path(SHOTS) / f"lab-{name}.png")


@pytest.mark.parametrize(
    ("theme", "width", "title"),
    [("light", 1600, "After too much sitting"), ("dark", 400, "After strenuous labor")],
)
def test_from_the_start_to_the_record(open_notebook, problems, theme, width, title):
    notebook = open_notebook("00_start_here.ipynb", width=width, theme=theme)
    notebook.run_all()
    t = LabTimer(notebook)
    t.page.get_by_role("button", name=title).click()
    expect(t.part("name")).to_have_text(title)
    expect(t.root).to_have_count(1)
    shoot(t, f"ready-{theme}-{width}")
    assert violations(t.page) == []

    t.press("Start")
    expect(t.part("kind")).to_have_text("Get into position")
    t.wait_for_clock(fallen=1)
    assert notebook.kernel.evaluate("app.timer.status") == "ready"
    t.press("Begin now")
    t.wait_for_clock(fallen=2)
    shoot(t, f"running-{theme}-{width}")
    assert violations(t.page) == []
    before = len(t.sent)
    t.wait_for_clock(fallen=3)
    assert len(t.sent) == before, "the kernel was told something while nothing happened"

    shown = []
    while t.root.get_attribute("data-status") == "running":
        shown.append(t.part("title").inner_text())
        t.press("Next")
    end = t.part("title").inner_text()

    t.wait_for_kernel("app.timer.status", "finished")
    notebook.kernel.run("from qlkit.plan import clock")
    assert (
        notebook.kernel.evaluate("[app.timer.plan.intervals[v.index].name for v in app.timer.record.intervals]")
        == shown
    )
    assert notebook.kernel.evaluate("[v.index for v in app.timer.record.intervals]") == list(range(len(shown)))
    assert len(shown) == notebook.kernel.evaluate("len(app.timer.plan.intervals)")
    assert notebook.kernel.evaluate("app.timer.record.finished") is True
    held = "sum(v.held for v in r.intervals if r.plan.intervals[v.index].kind == 'hold')"
    told = notebook.kernel.evaluate(f"[clock(s) for r in [app.timer.record] for s in (r.state.time, {held})]")
    assert end == "{} in all, {} of it held".format(*told)
    [events] = re.findall(r'"events":(\[.*?\])', t.sent[-1])
    assert json.loads(events) == notebook.kernel.evaluate("app.timer.events")
    assert len(t.sent) <= 2 * (len(shown) + 2), "more than two messages for a transition"
    assert notebook.kernel.evaluate("app.minutes.disabled") is False, "the choice stays locked after the end"
    assert problems == []


def test_keys_in_the_timer_are_not_the_notebooks(lab_timer):
    t = lab_timer(TIMER, "2", "3")
    t.notebook.wait_until_idle()

    def lab():
        return t.page.evaluate("""() => {
            const { content, context } = window.jupyterapp.shell.currentWidget;
            return [content.widgets.length, content.mode, content.activeCellIndex,
                content.widgets.map(({ model }) => `${model.type} ${model.executionCount}`), context.model.dirty];
        }""")

    t.press("Start")
    t.root.focus()
    before = lab()
    for key in (
        "d",
        "d",
        "a",
        "b",
        "x",
        "m",
        "y",
        "Enter",
        "Shift+Enter",
        "0",
        "0",
        "i",
        "i",
        "ArrowRight",
        "ArrowLeft",
    ):
        t.page.keyboard.press(key)
    t.page.keyboard.press("Escape")
    expect(t.part("kind")).to_have_text("Stopped")
    for key in ("d", "d", " ", "Escape", "d", "d", "a"):
        t.page.keyboard.press(key)
    t.wait_for_kernel("[e['type'] for e in timer.events]", ["start", "stop"])
    assert lab() == before
    assert t.page.locator(".jp-Dialog").count() == 0


def test_running_the_cell_again_ends_the_old_session(lab_timer):
    t = lab_timer(BEAT)
    t.press("Start")
    t.wait_for_kernel("timer.status", "running")
    t.kernel.run("old = timer")
    t.run_cell(0)
    t.wait_for_kernel("old.status", "stopped")
    assert t.kernel.evaluate("[e['type'] for e in old.events]") == ["start", "stop"]
    assert t.kernel.evaluate("timer is not old and timer.status") == "ready"
    expect(t.root).to_have_count(1)
    expect(t.root).to_have_attribute("data-status", "ready")
    assert t.heard_is_over()
    assert t.page.evaluate("heard.length") > 0
    t.press("Start")
    t.wait_for_kernel("timer.status", "running")
    assert t.kernel.evaluate("old.status") == "stopped"


def test_the_clock_needs_no_kernel(lab_timer, lab_server, problems):
    go = lab_server.root / "go"
    t = lab_timer(TIMER, "import pathlib, time\nwhile not pathlib.Path('go').exists():\n    time.sleep(0.05)")
    t.press("Start")
    t.run_cell(1)
    busy = t.page.locator(".jp-CodeCell").nth(1).locator(".jp-InputPrompt")
    expect(busy).to_have_text("[*]:")
    t.wait_for_clock(fallen=5)
    t.press("Next")
    expect(t.part("title")).to_have_text("Knees up, feet down")
    t.wait_for_clock(fallen=1)
    expect(busy).to_have_text("[*]:")
    go.touch()
    t.notebook.wait_until_idle()
    t.wait_for_kernel("[e['type'] for e in timer.events]", ["start", "next"])

    t.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.restart()")
    t.notebook.wait_until_idle()
    t.wait_for_clock(fallen=2)
    t.press("Next")
    expect(t.part("title")).to_have_text("2 Feet planted, tailbone curled")
    t.press("Pause")
    expect(t.part("live")).to_have_text("Paused.")
    t.press("Resume")
    t.wait_for_clock(fallen=1)
    assert [p for p in problems if "WebSocket" not in p] == []


def test_a_killed_kernel_stops_nothing(lab_timer, problems):
    t = lab_timer()
    t.press("Start")
    t.wait_for_kernel("[e['type'] for e in timer.events]", ["start"])
    process = t.kernel.evaluate("__import__('os').getpid()")
    os.kill(process, signal.SIGKILL)
    # JupyterLab says so in a dialog over the page; the clock goes on behind it.
    dialog = t.page.get_by_role("dialog").filter(has_text="appears to have died")
    expect(dialog).to_be_visible(timeout=30_000)
    t.wait_for_clock(fallen=2)
    dialog.get_by_role("button", name="Ok", exact=False).click()
    t.press("Next")
    expect(t.part("title")).to_have_text("Knees up, feet down")
    t.wait_for_clock(fallen=1)
    assert [p for p in problems if "WebSocket" not in p] == []


def test_a_page_loaded_anew_goes_on(lab_timer):
    t = lab_timer()
    t.press("Start")
    t.press("Next")
    t.press("Next")
    t.wait_for_kernel("timer.step", "feet-planted")
    t.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    t.page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    t.page.reload()
    expect(t.part("title")).to_have_text("2 Feet planted, tailbone curled", timeout=60_000)
    expect(t.root).to_have_attribute("data-status", "running")
    entered = t.kernel.evaluate("timer.events[-1]['at']")
    gone, left = t.page.evaluate("""(entered) => {
        const [m, s] = document.querySelector(".qlkit-clock").textContent.split(":").map(Number);
        return [Date.now() / 1000 - entered, m * 60 + s];
    }""", entered)  # fmt: skip
    assert gone > 1
    assert abs(300 - gone - left) < 1.5, f"{gone:.1f} s after the step began, {left} s were left of 300"
    assert t.kernel.evaluate("timer.status") == "running"
    t.wait_for_clock(fallen=1)
    t.press("Stop")
    t.wait_for_kernel("timer.status", "stopped")


def test_a_closed_notebook_is_silent(lab_timer):
    t = lab_timer(BEAT)
    t.press("Start")
    t.wait_for_kernel("timer.status", "running")
    t.page.evaluate("() => { const panel = window.jupyterapp.shell.currentWidget; panel.dispose(); }")
    expect(t.root).to_have_count(0)
    t.page.wait_for_timeout(500)  # a view that is only moved may take this long to come back
    assert t.heard_is_over()


def test_a_cell_far_out_of_sight_goes_on(lab_timer):
    t = lab_timer(TIMER, *[f"{n}\n" * 30 for n in range(40)])
    t.press("Start")
    t.wait_for_kernel("timer.status", "running")
    t.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.scrollToItem(40)")
    t.page.wait_for_function("""() => {
        const box = document.querySelector(".qlkit-timer")?.getBoundingClientRect();
        return !box || box.bottom < 0;
    }""")
    t.page.wait_for_timeout(1500)
    assert t.kernel.evaluate("[e['type'] for e in timer.events]") == ["start"]
    t.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.scrollToItem(0)")
    t.wait_for_clock(fallen=1)


def test_python_starts_and_steers(lab_timer):
    t = lab_timer(
        TIMER,
        "timer.next()\ntimer.next()\ntimer.pause()",
    )
    t.kernel.run("timer.start()")
    expect(t.root).to_have_attribute("data-status", "running")
    t.run_cell(1)
    expect(t.root).to_have_attribute("data-status", "paused")
    t.wait_for_kernel("[e['type'] for e in timer.events]", ["start", "next", "next", "pause"])
    t.kernel.run("timer.resume(); timer.extend(30); timer.stop()")
    t.wait_for_kernel("timer.status", "stopped")
    assert t.kernel.evaluate("[e['type'] for e in timer.events][4:]") == ["resume", "extend", "stop"]


def test_a_start_in_the_same_cell_is_obeyed(lab_timer):
    t = lab_timer(f"{TIMER}.start()\ntimer")
    expect(t.root).to_have_attribute("data-status", "running")
    t.wait_for_kernel("timer.status", "running")


def test_a_cell_run_many_times_leaves_one_session(lab_timer):
    t = lab_timer(f"{BEAT}.start()\ntimer")
    expect(t.root).to_have_attribute("data-status", "running")
    for _ in range(4):
        t.run_cell(0)
    t.notebook.wait_until_idle()
    expect(t.root).to_have_count(1)
    expect(t.root).to_have_attribute("data-status", "running")
    t.kernel.run("import ipywidgets.widgets.widget as w")
    timers = "[t.status for t in w._instances.values() if type(t).__name__ == 'SessionTimer']"
    t.wait_for_kernel(f"{timers}.count('running')", 1)
    t.press("Stop")
    t.wait_for_kernel("timer.status", "stopped")
    assert t.heard_is_over()
