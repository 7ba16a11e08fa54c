"""Nothing ends a session but a person: reloads, a kernel that is gone, a page that is hidden, a machine that slept."""

import json
import time
import warnings
from pathlib import Path

import pytest
from bare import BareWidget, start_script
from playwright.sync_api import expect
from timer_page import LONG, TimerPage, beat_plan, said, short_plan, started, state_of, tones

import qlkit
from qlkit.timer.widget import javascript

LOCKS = """
    window.locks = [];
    navigator.wakeLock.request = async (kind) => {
        if (window.slow) await new Promise((done) => setTimeout(done, 300));
        const lock = { kind, released: false, release: async () => { lock.released = true; } };
        locks.push(lock);
        return lock;
    };
    window.held = () => locks.filter((lock) => !lock.released).length;
"""
# What the browser does when a page is hidden: it lets go of the lock, and says that the page is hidden.
HIDE = """(hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    if (hidden) for (const lock of locks) lock.released = true;
    document.dispatchEvent(new Event("visibilitychange"));
}"""
SLEEPS = "window.slept = 0; const awake = Date.now; Date.now = () => awake() + slept * 1000;"
# The page has a fake kernel; this is what a dead one does to whoever tells it something.
KERNEL_DIES = "() => { bare.model.messages.push = () => { throw new Error('the kernel is gone'); }; }"


@pytest.fixture
def timer(page, bare_widget, heard):  # noqa: ARG001 - sounds are recorded, not made
    def open_(*args, script=None, **options):
        if script:
            page.add_init_script(f"(() => {{ {script} }})()")
        return TimerPage(bare_widget, *args, **options)

    return open_


@pytest.fixture
def kept(timer):
    """Give a function that opens the timer in a browser that keeps a text of an earlier session."""

    def open_(text, plan=LONG, **traits):
        t = timer(plan)
        t.press("Start", "Pause")  # what is paused is not written anew each second
        text = text if isinstance(text, str) else json.dumps(text)
        t.page.evaluate("text => { for (const key of Object.keys(localStorage)) localStorage[key] = text; }", text)
        return timer(plan, **traits)

    return open_


def test_a_page_loaded_anew_without_its_kernel_offers_to_go_on(timer, heard):
    t = timer(LONG)
    t.press("Start")
    t.wait_for_clock(fallen=3)
    left = t.seconds_left()
    t = timer(LONG)  # a new page, and a kernel that knows of nothing
    t = timer(LONG)  # and once more: to be offered a session does not use it up
    expect(t.note()).to_contain_text("was interrupted")
    assert heard() == []
    t.let_pass(2)
    t.press("Go on with it")
    assert left - 2 <= t.seconds_left() <= left, "the time without a page counts as a pause"
    assert t.types() == ["start", "pause", "resume"]
    expect(t.button("Go on with it")).to_be_hidden()
    expect(t.note()).to_be_empty()
    t.press("Next")
    assert len(tones(heard, "chime")) == 1


def test_who_does_not_want_to_go_on_begins_anew(kept):
    [start] = started(100)
    t = kept({"events": [start], "until": time.time() - 80})
    expect(t.note()).to_contain_text("was interrupted")
    t.press("Start")
    assert t.seconds_left() > 55
    expect(t.button("Go on with it")).to_be_hidden()
    expect(t.note()).to_be_empty()


def test_a_session_of_yesterday_is_not_offered(kept):
    [start] = started(24 * 3600)
    t = kept({"events": [start], "until": start["at"] + 20})
    expect(t.note()).to_be_empty()
    expect(t.button("Go on with it")).to_be_hidden()


@pytest.mark.parametrize("last", ["pause", "extend"])
def test_what_the_browser_kept_may_be_newer_than_what_the_kernel_heard(kept, last):
    [start] = started(30)
    later = {"type": last, "at": start["at"] + 20, "seconds": 30}
    t = kept({"events": [start, later], "until": start["at"] + 21}, events=[start])
    assert t.seconds_left() == 40 if last == "pause" else 50 < t.seconds_left() <= 60
    t.page.wait_for_function("() => bare.model.get('events').length === 2", timeout=3000)
    assert t.widget.get("status") == ("paused" if last == "pause" else "running")


def test_what_the_kernel_knows_wins_over_what_is_older(kept):
    [start] = started(30)
    t = kept({"events": [start], "until": start["at"] + 9}, events=[start, {"type": "stop", "at": start["at"] + 12}])
    expect(t.part("kind")).to_have_text("Stopped")


NOW = time.time()
GOOD = {"type": "start", "at": NOW}
DAMAGED = {
    "no JSON": "{not json",
    "empty": "",
    "a text": '"start"',
    "false": "false",
    "no events": "{}",
    "events of another kind": {"events": "start", "until": NOW},
    "no end": {"events": [GOOD]},
    "an end of another kind": {"events": [GOOD], "until": "now"},
    "partly damaged": {"events": [GOOD, {"type": "next"}], "until": NOW},
    "an event that is none": {"events": [GOOD, None], "until": NOW},
    "no start": {"events": [GOOD | {"type": "pause"}], "until": NOW},
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_memory_is_named_and_a_session_can_begin(kept, problems, damage):
    t = kept(DAMAGED[damage])
    expect(t.note()).to_contain_text("What this browser kept of an earlier session")
    expect(t.button("Go on with it")).to_be_hidden()
    t.press("Start", "Next")
    expect(t.part("title")).to_have_text("Turn over")
    assert (t.types(), problems) == (["start", "next"], [])


@pytest.mark.parametrize("method", ["getItem", "setItem", "removeItem"])
def test_a_memory_that_fails_is_named_and_the_session_goes_on(timer, problems, method):
    script = f"Storage.prototype.{method} = () => {{ throw new Error('full'); }};"
    t = timer(short_plan(hold=2, move=1, last=1), script=script)
    if method == "getItem":
        expect(t.note()).to_contain_text("can't be read")
    t.press("Start")
    t.wait_for_status("finished")
    expect(t.note()).to_contain_text("" if method == "getItem" else "This browser keeps nothing")
    assert (t.types(), problems) == (["start", "stop"], [])


@pytest.mark.parametrize("events", [None, "start", {}, [None], [{"type": "start"}], [{"type": "start", "at": "now"}]])
def test_a_damaged_list_of_events_is_named_and_a_session_can_begin(timer, problems, events):
    t = timer(LONG, events=events)
    expect(t.note()).to_contain_text("list of events was damaged")
    t.press("Start", "Next")
    assert (t.types(), problems) == (["start", "next"], [])


def test_a_list_of_events_loses_only_what_is_damaged(timer):
    [start] = started(20)
    t = timer(LONG, events=[start, {"type": "dance", "at": start["at"] + 1}, {"type": "pause", "at": start["at"] + 5}])
    expect(t.note()).to_contain_text("list of events was damaged")
    expect(t.part("clock")).to_have_text("0:55")


@pytest.fixture
def other(context, page_server):
    """Give a timer in a second page of the same browser."""
    page = context.new_page()
    page.add_init_script(path=Path(__file__).with_name("fakes.js"))
    return lambda plan: TimerPage(lambda *args, **kw: BareWidget(page, page_server, *args, **kw), plan)


def test_of_two_sessions_one_is_heard_and_the_other_says_why(timer, other, heard):
    first, second = timer(beat_plan()), other(beat_plan(80))
    first.press("Start")
    second.press("Start")
    expect(first.note()).to_contain_text("Another session is heard now")
    begun = len(heard())
    second.page.wait_for_function("() => heard.filter((sound) => sound.kind === 'speak').length > 2")
    assert len(heard()) == begun, "two sessions are heard at once"
    first.press("+30 s")
    expect(first.note()).to_be_empty()
    expect(second.note()).to_contain_text("Another session is heard now")
    first.page.wait_for_function("begun => heard.length > begun", arg=begun)
    assert [t.widget.get("status") for t in (first, second)] == ["running", "running"]


def test_a_session_that_does_not_run_silences_nobody(timer, other):
    first, second = timer(LONG), other(short_plan(hold=50))
    first.press("Start")
    second.press("Sound check")
    first.wait_for_clock(fallen=1)
    expect(first.note()).to_be_empty()


def test_two_views_are_heard_once_and_the_last_one_ends_it(timer, heard):
    t = timer(LONG, views=2)
    t.press("Start")
    t.wait_for_clock(fallen=1)
    assert (len(tones(heard, "chime")), said(heard)) == (1, ["Rest.", "Breathe out."])
    t.widget.remove_view(0)
    t.widget.remove_view(1)
    t.wait_for_status("stopped")
    assert t.page.evaluate("() => localStorage.length") == 0, "what was ended is not offered again"


@pytest.mark.parametrize("seconds", [100, -100], ids=["slept", "set back"])
def test_a_machine_that_slept_has_paused(timer, heard, seconds):
    t = timer(LONG, script=SLEEPS)
    t.press("Start")
    t.wait_for_clock(fallen=1)
    t.page.evaluate("seconds => (slept = seconds)", seconds)
    expect(t.note()).to_contain_text("The machine slept: the session was paused.")
    assert (t.widget.get("status"), t.seconds_left() > 50) == ("paused", True)
    begun = len(heard())
    t.press("Resume")
    expect(t.note()).to_be_empty()
    assert (t.types(), len(heard())) == (["start", "pause", "resume"], begun)


def test_a_kernel_that_is_gone_is_not_missed(timer, heard, problems):
    t = timer(short_plan(hold=3, move=2, last=2))
    t.page.evaluate(KERNEL_DIES)
    t.press("Start")
    t.switch("Ticks").uncheck()
    t.press("+30 s")
    assert t.seconds_left() > 25
    expect(t.note()).to_contain_text("Python does not answer")
    t.press("Next")
    expect(t.part("title")).to_have_text("Curl up", timeout=5000)
    expect(t.part("kind")).to_have_text("Finished", timeout=5000)
    assert (len(tones(heard, "chime")), len(tones(heard, "bell"))) == (3, 1)
    assert said(heard)[::2] == ["Rest.", "Turn over.", "Curl up."]
    assert problems == []


def test_a_running_session_survives_the_kernel(timer, problems):
    t = timer(LONG)
    t.press("Start")
    t.page.evaluate(KERNEL_DIES)
    t.press("Next", "Pause", "Resume")
    t.wait_for_clock(fallen=1)
    t = timer(LONG)  # and its page is loaded anew
    t.press("Go on with it")
    expect(t.part("title")).to_have_text("Turn over")
    assert problems == []


def test_the_screen_stays_awake_while_a_session_runs(timer):
    t = timer(LONG, script=LOCKS, lead_in=30)
    t.press("Start")
    t.press("Begin now", "Next")
    assert t.page.evaluate("() => locks.map((lock) => lock.kind)") == ["screen"], "one is enough"
    t.page.evaluate(HIDE, True)
    assert t.page.evaluate("held()") == 0
    t.page.evaluate(HIDE, False)
    t.page.wait_for_function("() => held()")
    t.press("Stop")
    assert t.page.evaluate("held()") == 0


def test_a_screen_that_was_asked_for_too_long_is_let_go(timer):
    t = timer(LONG, script=LOCKS + "window.slow = true;")
    t.press_at_once("Start", "Stop")
    t.page.wait_for_function("() => locks.length && held() === 0", timeout=2000)


def hidden_run(hidden_tab, page_server, plan, before=""):
    """Run a plan in a tab that is hidden the whole time; return what the kernel was told."""
    hidden_tab.open(page_server.url)
    with warnings.catch_warnings(action="ignore"):  # the plan is too short for what it says
        state = state_of(qlkit.SessionTimer(plan, lead_in=0))
    hidden_tab.evaluate(f"{before}; {start_script(page_server, javascript(), state)}")
    hidden_tab.hide()
    hidden_tab.evaluate("document.querySelector('.qlkit-toggle').click()")
    hidden_tab.wait_for("bare.model.get('status') === 'finished'", seconds=plan.total + 20)
    assert hidden_tab.evaluate("document.visibilityState") == "hidden"
    return {name: hidden_tab.evaluate(f"bare.model.get('{name}')") for name in ("events", "log")}


def test_a_hidden_page_misses_no_cue(hidden_tab, page_server):
    plan = short_plan(hold=8, move=3, last=4, count=2)
    told = hidden_run(hidden_tab, page_server, plan, before="window.requestAnimationFrame = () => 0")
    begin = told["events"][0]["at"]
    assert [event["type"] for event in told["events"]] == ["start", "stop"]
    assert told["events"][1]["at"] - begin == pytest.approx(plan.total, abs=0.1)
    planned = sorted((at, cue.kind) for interval in plan.intervals for at, cue in interval.cue_times())
    assert sorted((round(due - begin, 1), kind) for _, kind, due, _ in told["log"]) == planned
    late = {key: round(came - due, 3) for key, _, due, came in told["log"] if abs(came - due) > 0.15}
    assert late == {}


def test_a_hidden_page_without_a_worker_still_ends(hidden_tab, page_server):
    plan = short_plan(hold=6, move=2, last=2)
    told = hidden_run(hidden_tab, page_server, plan, before="window.Worker = undefined")
    start, stop = (event["at"] for event in told["events"])
    assert stop - start == pytest.approx(plan.total, abs=2), "the page's own timer is slow, and no slower"
