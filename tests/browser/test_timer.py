"""The timer in a browser: what its buttons and keys do, what is heard, and what the kernel is told."""

import itertools

import pytest
from playwright.sync_api import expect
from timer_page import LONG, TimerPage, said, short_plan, tones


@pytest.fixture
def timer(bare_widget, heard):  # noqa: ARG001 - sounds are recorded, not made
    return lambda *args, **options: TimerPage(bare_widget, *args, **options)


def gaps(moments):
    return [round(b - a, 1) for a, b in itertools.pairwise(moments)]


def test_a_session_from_start_to_end(timer, heard, problems):
    t = timer()
    expect(t.part("clock")).to_have_text("0:11")
    t.press("Start")
    t.wait_for_status("finished")

    assert gaps(tones(heard, "chime")) == [6, 2], "one chime at each change"
    assert gaps(tones(heard, "tick")) == [1, 1, 1, 1], "five ticks at the end of the six-second hold"
    assert len(tones(heard, "bell")) == 1
    assert gaps([tones(heard, "chime")[0], tones(heard, "bell")[0]]) == [11]
    spoken = [f"{title}. Breathe out.".split(" Br")[0] for title in ("Rest", "Turn over", "Curl up")]
    assert said(heard)[::2] == spoken
    assert said(heard, "cancel") == [], "nothing was cut short"
    assert t.types() == ["start", "stop"]
    expect(t.part("kind")).to_have_text("Finished")
    expect(t.part("title")).to_have_text("0:11 in all, 0:09 of it held")
    assert len(t.widget.messages()) <= 2 * 4, "more than two messages for each of four transitions"
    assert problems == []


def test_the_clock_moves_and_a_pause_holds_it(timer):
    t = timer(LONG)
    t.press("Start")
    expect(t.button("Pause")).to_be_visible()
    t.wait_for_clock(fallen=2)
    t.press("Pause")
    held = t.seconds_left()
    assert 40 < held < 60
    t.let_pass(1.5)
    assert t.seconds_left() == held
    t.press("Resume")
    t.wait_for_clock(fallen=1)
    assert t.types() == ["start", "pause", "resume"]


def test_buttons_do_what_they_say(timer):
    t = timer(LONG)
    for name in ("Back", "Next", "−30 s", "+30 s", "Stop"):
        expect(t.button(name)).to_be_disabled()
    t.press("Start", "+30 s")
    assert 60 < t.seconds_left() <= 90
    t.press("Next")
    expect(t.part("title")).to_have_text("Turn over")
    t.press("Back")
    expect(t.part("title")).to_have_text("Rest")
    t.press("Stop")
    expect(t.part("kind")).to_have_text("Stopped")
    assert t.types() == ["start", "extend", "next", "back", "stop"]
    t.press("Start again")
    assert t.types() == ["start"]


def test_keys_do_what_they_say(timer):
    t = timer(LONG)
    t.root().focus()
    kept = []
    for key in (" ", "ArrowRight", "ArrowLeft", "+", "-", " ", " ", "Escape"):
        t.page.keyboard.press(key)
        kept.append(t.types()[-1])
    assert kept == ["start", "next", "back", "extend", "extend", "pause", "resume", "stop"]
    assert [event.get("seconds") for event in t.widget.get("events")][3:5] == [30, -30]
    assert t.widget.get("status") == "stopped"


def test_space_presses_the_button_that_has_the_focus(timer):
    t = timer(LONG)
    t.press("Start")
    t.button("Next").focus()
    t.page.keyboard.press(" ")
    assert t.types() == ["start", "next"], "Space on Next is Next, and no pause besides"
    t.switch("Voice").focus()
    t.page.keyboard.press(" ")
    assert (t.types(), t.widget.get("voice")) == (["start", "next"], False)


@pytest.mark.parametrize("modifier", ["Control", "Meta", "Alt"])
def test_keys_with_a_modifier_belong_to_others(timer, modifier):
    t = timer(LONG)
    t.press("Start")
    t.root().focus()
    # The test page ends each key itself, so that the browser does nothing with Alt and an arrow.
    t.page.evaluate("""() => {
        window.taken = [];
        addEventListener("keydown", (event) => (taken.push(event.defaultPrevented), event.preventDefault()));
    }""")
    for key in ("ArrowRight", "ArrowLeft", "+", " ", "Escape"):
        t.page.keyboard.press(f"{modifier}+{key}")
    assert t.types() == ["start"]
    assert t.page.evaluate("taken") == [False] * 10, "five keys, each with its modifier, and none was taken"


def test_other_keys_are_left_alone(timer):
    t = timer(LONG)
    t.press("Start")
    t.root().focus()
    for key in ("a", "d", "d", "Enter", "Home", "ArrowUp", "F2"):
        t.page.keyboard.press(key)
    assert t.types() == ["start"]


def test_a_key_that_is_held_down_counts_once(timer):
    t = timer(short_plan(hold=60, count=4))
    t.root().focus()
    for key in (" ", "ArrowRight"):
        for _ in range(4):
            t.page.keyboard.down(key)
        t.page.keyboard.up(key)
    assert t.types() == ["start", "next"]


def test_the_focus_stays_in_the_timer(timer):
    # A button that is switched off loses the focus; keys would then go to the page, which scrolls or does worse.
    t = timer(LONG)
    for name in ("Next", "Stop"):
        t.root().get_by_role("button", name="Start").click()
        t.button(name).focus()
        while t.widget.get("status") == "running":
            t.page.keyboard.press("Enter")
        t.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        inside = "() => document.querySelector('.qlkit-timer').contains(document.activeElement)"
        assert t.page.evaluate(inside), f"after {name} had ended the session, the focus was lost"


def test_fast_presses_are_all_counted(timer, heard, problems):
    t = timer(short_plan(hold=60, count=6))
    t.press_at_once("Start", *["Next"] * 20)
    t.wait_for_status("finished")
    assert t.types() == ["start", *["next"] * 8, "stop"]
    assert len(t.told()) <= 2 * 9
    assert len(tones(heard, "bell")) == 1
    assert problems == []


def test_a_double_click_on_start_starts(timer):
    t = timer(LONG)
    t.button("Start").dblclick()
    assert t.widget.get("status") == "running", f"events: {t.types()}"


def test_start_gives_time_to_get_into_position(timer, heard):
    t = timer(LONG, lead_in=30)
    t.press("Start")
    expect(t.part("kind")).to_have_text("Get into position")
    assert 20 < t.seconds_left() <= 30
    t.press("Stop")
    expect(t.button("Start")).to_be_visible()
    assert t.types() == []
    t.press("Start", "Begin now")
    expect(t.button("Pause")).to_be_visible()
    assert 50 < t.seconds_left() <= 60
    assert (t.types(), t.widget.get("status")) == (["start"], "running")
    assert len(tones(heard, "chime")) == 1


def test_a_double_click_does_not_cut_the_time_to_get_into_position(timer):
    t = timer(LONG, lead_in=30)
    t.button("Start").dblclick()
    assert t.widget.get("status") == "ready"
    assert t.seconds_left() > 20


def test_nothing_is_told_while_nothing_happens(timer):
    t = timer(LONG)
    t.press("Start")
    before = t.widget.messages()
    t.wait_for_clock(fallen=4)
    assert t.widget.messages() == before
    t.press("Pause")
    assert len(t.widget.messages()) <= len(before) + 2


@pytest.mark.parametrize(("switch", "label"), [("voice", "Voice"), ("bells", "Bells"), ("ticks", "Ticks")])
def test_a_switch_silences_its_kind_alone(timer, heard, switch, label):
    t = timer()
    t.switch(label).uncheck()
    assert t.widget.get(switch) is False
    t.press("Start")
    expect(t.part("title")).to_have_text("Turn over", timeout=15_000)
    t.press("Next", "Next")
    t.wait_for_status("finished")
    kinds = {
        "voice": bool(said(heard)),
        "bells": bool(tones(heard, "chime") or tones(heard, "bell")),
        "ticks": bool(tones(heard, "tick")),
    }
    assert kinds == {"voice": True, "bells": True, "ticks": True} | {switch: False}


def test_a_switch_can_be_set_from_python(timer, heard):
    t = timer(bells=False)
    t.press("Start")
    t.wait_for_clock(fallen=1)
    assert tones(heard, "chime") == []
    t.widget.receive(bells=True)
    expect(t.switch("Bells")).to_be_checked()
    t.press("Next")
    assert len(tones(heard, "chime")) == 1


@pytest.mark.parametrize(("place", "cut"), [(1, True), (3, False)], ids=["voice", "ticks"])
def test_switching_one_kind_off_cuts_that_alone(timer, heard, place, cut):
    t = timer(LONG)
    both = f".qlkit-toggle, .qlkit-channel:nth-child({place}) [type=checkbox]"
    t.page.evaluate("both => document.querySelectorAll(both).forEach((node) => node.click())", both)
    assert t.widget.get("status") == "running"
    t.page.wait_for_function("() => heard.filter((s) => s.kind === 'spoken' || s.kind === 'cancel').length === 2")
    assert said(heard, "cancel") == (["Rest.", "Breathe out."] if cut else [])


def test_more_time_cuts_no_voice_off(timer, heard):
    t = timer(LONG)
    t.press_at_once("Start", "+30 s")
    t.page.wait_for_function("() => heard.filter((s) => s.kind === 'spoken' || s.kind === 'cancel').length === 2")
    assert said(heard, "cancel") == [], "the instruction was cut off, and is not repeated"


def test_a_pause_silences_at_once(timer, heard):
    t = timer(LONG)
    t.press_at_once("Start", "Pause")
    assert said(heard, "cancel")[-1] == "Breathe out."
    assert t.page.evaluate("() => heard.every((s) => s.kind !== 'tone' || s.stop * 1000 <= performance.now())")


def test_the_sound_check_is_heard_and_is_no_event(timer, heard):
    t = timer()
    t.press("Sound check")
    assert len(tones(heard, "chime")) == 1
    assert len(said(heard)) == 1
    assert t.types() == []
    assert t.widget.messages() == []


def test_the_clock_is_a_timer_and_steps_are_announced(timer):
    t = timer(LONG)
    clock = t.root().get_by_role("timer")
    expect(clock).to_have_count(1)
    assert clock.get_attribute("aria-live") in (None, "off")
    live = t.root().locator("[aria-live=polite]")
    expect(live).to_have_text("")
    t.press("Start")
    expect(live).to_have_text("Rest, 1:00.")
    said_once = live.inner_text()
    t.wait_for_clock(fallen=2)
    assert live.inner_text() == said_once, "it would be read out again and again"
    t.press("Next")
    expect(live).to_have_text("Turn over, 0:30.")
    t.press("Pause")
    expect(live).to_have_text("Paused.")
    t.press("Stop")
    expect(live).to_have_text("Stopped.")


def test_the_status_is_there_before_it_says_anything(timer):
    # A region that is hidden while it is empty is not watched, and what first appears in it is not read out.
    expect(timer().root().get_by_role("status")).to_have_count(1)
