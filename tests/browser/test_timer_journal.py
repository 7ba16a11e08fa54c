"""The timer with a journal: the browser forgets nothing that isn't written, and hands over what no Python saw."""

import json
import os
import signal
import time

import pytest
from lab_timer import LabTimer
from playwright.sync_api import expect
from timer_page import LONG, TimerPage, short_plan, started

import qlkit

SHORT = short_plan(hold=2, move=1, last=1)


@pytest.fixture
def timer(bare_widget, heard):  # noqa: ARG001 - sounds are recorded, not made
    return lambda plan=LONG, **traits: TimerPage(bare_widget, plan, **{"keeps": True} | traits)


def keeps(t):
    """Return what the browser keeps: the session that goes on, and those that wait for a journal."""
    kept = t.page.evaluate("() => Object.fromEntries(Object.entries(localStorage))")
    going = [json.loads(text) for key, text in kept.items() if not key.endswith(":over")]
    waiting = [record for key, text in kept.items() if key.endswith(":over") for record in json.loads(text)]
    return going, waiting


def put(t, key, value):
    """Write something into the browser's memory, under the key of the session or of those that wait."""
    text = value if isinstance(value, str) else json.dumps(value)
    t.press("Start", "Pause", "Stop")  # so that the key is there
    script = """([name, text]) => {
        const key = Object.keys(localStorage).find((key) => key.endsWith(":over"));
        localStorage.clear();
        localStorage[name === "over" ? key : key.replace(":over", "")] = text;
    }"""
    t.page.evaluate(script, [key, text])


def record(seconds_ago, *more, until=None):
    [start] = started(seconds_ago)
    events = [start, *({"type": kind, "at": start["at"] + at} for kind, at in more)]
    return {"events": events, "until": until or events[-1]["at"], "log": []}


def test_a_session_is_kept_until_it_is_written(timer):
    t = timer(SHORT)
    t.press("Start")
    t.wait_for_status("finished")
    events = t.widget.get("events")
    going, [waiting] = keeps(t)
    assert (going, waiting["events"]) == ([], events)
    assert waiting["log"] == t.widget.get("log")
    assert len(waiting["log"]) > 5
    t.widget.receive(written=[events[0]["at"]])
    assert len(keeps(t)[1]) == 1, "its start alone is written"
    t.widget.receive(written=[event["at"] for event in events])
    assert keeps(t) == ([], [])
    t.switch("Voice").uncheck()  # something that makes the session look around once more
    assert keeps(t) == ([], [])


def test_messages_stay_as_few(timer):
    t = timer(SHORT)
    t.press("Start")
    t.wait_for_status("finished")
    assert len(t.widget.messages()) <= 2 * 4
    t.press("Start again")
    before = len(t.widget.messages())
    assert t.widget.messages()[-1]["changes"]["waiting"], "who begins anew hands over what waits"
    assert before <= 2 * 5
    t.press("Pause")
    assert len(t.widget.messages()) - before <= 2


def test_what_no_python_saw_is_handed_over(timer):
    t = timer(SHORT)
    t.press("Start")
    t.wait_for_status("finished")
    _, [kept] = keeps(t)
    t = timer(SHORT)  # a new page, and a kernel that knows of nothing
    assert t.widget.messages() == [{"kind": "save", "changes": {"waiting": [kept]}, "at": pytest.approx(0, abs=1e6)}]
    assert t.types() == []
    expect(t.note()).to_be_empty()
    t = timer(SHORT, keeps=False)
    assert t.widget.messages() == [], "without a journal there is nobody to take it"
    t = timer(SHORT)
    t.widget.receive(written=[kept["events"][-1]["at"]])
    assert keeps(t) == ([], [])
    assert timer(SHORT).widget.messages() == []


def test_an_interrupted_session_of_yesterday_is_handed_over(timer):
    t = timer()
    old = record(24 * 3600, ("next", 20), until=time.time() - 23 * 3600)
    put(t, "going", old)
    t = timer()
    assert t.widget.get("waiting") == [old]
    expect(t.button("Go on with it")).to_be_hidden()


@pytest.mark.parametrize("button", ["Start", "Go on with it"])
def test_an_interrupted_session_is_gone_on_with_or_handed_over(timer, button):
    t = timer()
    old = record(100, ("next", 20), until=time.time() - 50)
    put(t, "going", old)
    t = timer()
    assert t.widget.get("waiting") == []
    t.press(button)
    if button == "Start":
        assert (t.widget.get("waiting"), t.types()) == ([old], ["start"])
    else:
        assert (t.widget.get("waiting"), t.types()) == ([], ["start", "next", "pause", "resume"])


GOOD = record(7200, ("stop", 60))
DAMAGED = {
    "no JSON": "{not json",
    "empty": "",
    "a number": "3",
    "a text": '"stop"',
    "null": "[null]",
    "no events": [{"until": 3}],
    "no start": [GOOD | {"events": GOOD["events"][1:]}],
    "a damaged event": [GOOD | {"events": [*GOOD["events"], {"type": "dance", "at": 3}]}],
    "no end": [{"events": GOOD["events"]}],
    "one of two": [GOOD, {}],
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_memory_is_named_and_loses_only_what_is_damaged(timer, problems, damage):
    t = timer()
    put(t, "over", DAMAGED[damage])
    t = timer()
    expect(t.note()).to_have_text("What this browser kept of an earlier session is damaged, and is not used.")
    assert t.widget.get("waiting") == ([GOOD] if damage == "one of two" else [])
    t.press("Start", "Stop")
    assert [len(r["events"]) for r in keeps(t)[1]] == ([2, 2] if damage == "one of two" else [2])
    expect(timer().note()).to_be_empty()
    assert problems == []


@pytest.mark.parametrize("method", ["getItem", "setItem", "removeItem"])
def test_a_memory_that_fails_is_named_and_the_session_goes_on(timer, page, problems, method):
    page.add_init_script(f"Storage.prototype.{method} = () => {{ throw new Error('full'); }};")
    t = timer(SHORT)
    t.press("Start")
    t.wait_for_status("finished")
    t.widget.receive(written=[event["at"] for event in t.widget.get("events")])
    expect(t.note()).not_to_be_empty()
    assert (t.types(), problems) == (["start", "stop"], [])


def test_trouble_with_the_journal_is_a_note(timer):
    t = timer(trouble="The journal could not be written: the disk is full.")
    expect(t.note()).to_contain_text("the disk is full")
    t.press("Start")
    assert t.seconds_left() > 50
    t.widget.receive(trouble="")
    expect(t.note()).to_be_empty()
    t.widget.receive(trouble="The journal could not be written: it is locked.")
    expect(t.note()).to_contain_text("it is locked")


CELL = """
import qlkit
cues = (qlkit.Cue("chime", 0), qlkit.Cue("voice", 0, "start", "Rest."))
rows = [("rest", 0), ("turn", 40), ("curl", 80)]
holds = tuple(qlkit.Interval("hold", key, "Rest", "Rest.", "supine", at, at + 40, cues=cues) for key, at in rows)
plan = qlkit.Plan("test", "Rest", "practitioner", (), holds)
timer = qlkit.SessionTimer(plan, lead_in=0, journal=qlkit.Journal("journal.sqlite"))
timer"""


def test_a_session_that_outlives_its_kernel_comes_into_the_journal(lab_server, open_notebook, problems):
    notebook = open_notebook(lab_server.write("journal.ipynb", CELL))
    path = lab_server.root / "journal.sqlite"
    t = LabTimer(notebook)
    t.run_cell(0)
    expect(t.root).to_have_count(1, timeout=30_000)
    t.press("Start")
    t.press("Next")
    t.wait_for_kernel("timer.step", "turn")
    assert "1/1" in t.kernel.evaluate("[key for key, *_ in timer.log]"), "the log reaches the kernel with each change"
    os.kill(t.kernel.evaluate("__import__('os').getpid()"), signal.SIGKILL)
    dialog = t.page.get_by_role("dialog").filter(has_text="appears to have died")
    expect(dialog).to_be_visible(timeout=30_000)
    dialog.get_by_role("button", name="Ok", exact=False).click()
    with qlkit.Journal(path) as journal:
        (record,) = journal.records()
        assert [event.type for event in record.events] == ["start", "next"], "all up to the last change was kept"

    t.press("Next")
    t.press("Next")
    expect(t.part("kind")).to_have_text("Finished")
    notebook.wait_until_idle()  # JupyterLab starts a new kernel by itself
    t.run_cell(0)
    expect(t.part("kind")).to_have_text("To begin with", timeout=60_000)
    t.page.wait_for_function("() => !Object.keys(localStorage).some((key) => key.endsWith(':over'))")
    with qlkit.Journal(path) as journal:
        (record,) = journal.records()
    assert [event.type for event in record.events] == ["start", "next", "next", "next", "stop"]
    assert (record.finished, len(record.intervals)) == (True, 3)
    assert [p for p in problems if "WebSocket" not in p] == []
