"""A browser that lacks sound, voice or workers: the session goes on, and the timer says what is missing."""

import pytest
from playwright.sync_api import expect
from timer_page import LONG, TimerPage, said, short_plan, started, tones

NO_AUDIO = "window.AudioContext = window.webkitAudioContext = undefined;"
AUDIO_FAILS = "window.AudioContext = class { constructor() { throw new Error('no device'); } };"
AUDIO_SLEEPS = """
    window.wakes = [];
    AudioContext.prototype.resume = function () {
        return new Promise((done) => wakes.push(() => done(this.change("running"))));
    };
"""
AUDIO_WAITS = """
    let clicked = false;
    addEventListener("pointerdown", () => (clicked = true), true);
    AudioContext.prototype.resume = function () {
        return clicked ? this.change("running") : new Promise(() => {});
    };
"""
AUDIO_YAWNS = """
    AudioContext.prototype.resume = function () {
        return new Promise((done) => setTimeout(() => done(this.change("running")), 100));
    };
"""
NO_SPEECH = """
    Object.defineProperty(window, "speechSynthesis", { value: undefined });
    window.SpeechSynthesisUtterance = undefined;
"""
NO_VOICES = "window.fakeVoices = [];"
SPEECH_FAILS = """
    speechSynthesis.speak = (utterance) => {
        heard.push({ kind: "speak", text: utterance.text });
        setTimeout(() => speechSynthesis.tell(utterance, "error", { error: "%s" }), 20);
    };
"""
NO_MEMORY = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('denied'); } });"
NO_CHANNEL = "window.BroadcastChannel = undefined;"
NO_LOCK = "Object.defineProperty(navigator, 'wakeLock', { value: undefined });"
LOCK_REFUSED = """
    Object.defineProperty(navigator, "wakeLock", { value: { request: () => Promise.reject(new Error("refused")) } });
"""
NO_WORKER = "window.Worker = class { constructor() { throw new Error('blocked'); } };"


@pytest.fixture
def timer(page, bare_widget, heard):  # noqa: ARG001 - sounds are recorded, not made
    def open_(*scripts, plan=LONG, **traits):
        for script in scripts:
            page.add_init_script(f"(() => {{ {script} }})()")
        return TimerPage(bare_widget, plan, **traits)

    return open_


@pytest.mark.parametrize("missing", [NO_AUDIO, AUDIO_FAILS], ids=["absent", "fails"])
def test_without_audio_the_voice_goes_on(timer, heard, problems, missing):
    t = timer(missing, plan=short_plan(hold=2, move=1, last=1))
    expect(t.note()).to_be_empty()
    t.press("Start")
    expect(t.note()).to_contain_text("no sound")
    expect(t.note()).to_have_role("status")
    t.wait_for_status("finished")
    assert said(heard)[::2] == ["Rest.", "Turn over.", "Curl up."]
    assert t.types() == ["start", "stop"]
    expect(t.note()).to_contain_text("no sound")
    assert problems == []


def test_audio_that_stays_asleep_keeps_nobody_from_speaking(timer, heard, problems):
    t = timer(AUDIO_SLEEPS)
    t.press("Start")
    expect(t.note()).to_contain_text("Sound is waiting for a click")
    t.let_pass(1)
    assert said(heard, "cancel") == [], "the voice was cut off because the tones were"
    assert said(heard, "spoken") == ["Rest.", "Breathe out."]
    t.press("Next")
    expect(t.part("title")).to_have_text("Turn over")
    assert problems == []


def test_audio_that_wakes_late_plays_no_burst(timer, heard):
    t = timer(AUDIO_SLEEPS, plan=short_plan(hold=60, count=4))
    t.press("Start", "Next", "Next")
    t.let_pass(0.7)  # longer than tones are kept for
    t.page.evaluate("() => wakes.forEach((wake) => wake())")
    expect(t.note()).to_be_empty()
    t.let_pass(0.5)
    assert tones(heard) == [], "chimes of long ago"
    t.press("Next")
    assert len(tones(heard)) == 1


def test_a_first_start_does_not_cry_for_a_click(timer, heard):
    # Sound always takes a moment to wake; a status that flashes up is read out to people who don't see it.
    t = timer(AUDIO_YAWNS)
    t.page.evaluate("""() => {
        window.notes = [];
        const note = document.querySelector(".qlkit-note");
        new MutationObserver(() => notes.push(note.textContent)).observe(note, { childList: true, subtree: true });
    }""")
    t.press("Start")
    t.let_pass(0.4)
    assert len(tones(heard)) == 1
    assert t.page.evaluate("notes") == []


def test_without_speech_the_sounds_go_on(timer, heard, problems):
    t = timer(NO_SPEECH)
    t.press("Start")
    expect(t.note()).to_contain_text("no voice")
    t.press("Next", "Pause", "Resume", "Stop")
    assert len(tones(heard)) == 2
    assert t.types()[-1] == "stop"
    assert problems == []


def test_without_voices_the_sounds_go_on(timer, heard):
    t = timer(NO_VOICES)
    t.press("Start")
    expect(t.note()).to_contain_text("No voice is available")
    t.press("Next")
    assert len(tones(heard)) == 2


def test_voices_that_load_late_are_voices(timer):
    t = timer(NO_VOICES)
    t.press("Start")
    t.page.evaluate("() => { fakeVoices = [{ name: 'Late', lang: 'en-US' }]; }")
    t.let_pass(2.5)
    expect(t.note()).to_be_empty()


def test_a_voice_that_fails_is_named(timer, heard):
    t = timer(SPEECH_FAILS % "synthesis-failed")
    t.press("Start")
    expect(t.note()).to_contain_text("No voice is available")
    assert len(tones(heard)) == 1


def test_a_voice_that_waits_for_a_click_is_not_called_missing(timer):
    # Browsers keep a page silent until it is clicked, as after a reload in the middle of a session.
    t = timer(SPEECH_FAILS % "not-allowed")
    t.ask("start")
    expect(t.note()).to_contain_text("click")
    assert "No voice" not in t.note().inner_text()


def test_without_a_worker_the_cues_go_on(timer, heard, problems):
    t = timer(NO_WORKER, plan=short_plan(hold=6, move=1, last=1))
    expect(t.note()).to_contain_text("No background worker")
    t.press("Start")
    t.wait_for_status("finished")
    assert len(tones(heard)) == 3
    assert len(tones(heard, "tick")) == 5
    assert t.page.workers == []
    expect(t.note()).to_contain_text("No background worker")
    assert problems == []


def test_a_worker_that_the_page_forbids_is_named_too(timer, page, page_server, heard):
    # By its security policy a page can forbid workers; that comes out only after the worker was made.
    def forbid(route):
        answer = route.fetch()
        route.fulfill(response=answer, headers=answer.headers | {"Content-Security-Policy": "worker-src 'none'"})

    page.route(page_server.url, forbid)
    t = timer(plan=short_plan(hold=2, move=1, last=1))
    t.press("Start")
    t.wait_for_status("finished")
    assert len(tones(heard)) == 3
    expect(t.note()).to_contain_text("No background worker", timeout=2000)


@pytest.mark.parametrize(
    ("missing", "told"),
    [(NO_MEMORY, "keeps nothing"), (NO_LOCK, "go dark"), (LOCK_REFUSED, "go dark"), (NO_CHANNEL, "")],
    ids=["memory", "lock", "lock-refused", "channel"],
)
def test_without_a_lesser_part_the_session_goes_on(timer, problems, missing, told):
    t = timer(missing, plan=short_plan(hold=2, move=1, last=1))
    t.press("Start")
    expect(t.note()).to_contain_text(told)
    t.wait_for_status("finished")
    assert t.types() == ["start", "stop"]
    assert problems == []


def test_with_nothing_at_all_the_session_goes_on(timer, problems):
    t = timer(NO_AUDIO, NO_SPEECH, NO_WORKER, NO_MEMORY, NO_CHANNEL, NO_LOCK, plan=short_plan(hold=2, move=1, last=1))
    t.press("Start")
    for missing in ("no sound", "no voice", "No background worker", "keeps nothing", "go dark"):
        expect(t.note()).to_contain_text(missing)
    t.wait_for_status("finished")
    assert t.types() == ["start", "stop"]
    assert problems == []


def test_a_page_loaded_anew_says_that_sound_waits(timer):
    t = timer(AUDIO_WAITS, events=started(5))
    expect(t.note()).to_contain_text("Sound is waiting for a click", timeout=3000)
    t.part("title").click()
    expect(t.note()).to_be_empty()


def test_a_start_by_python_waits_for_a_click_with_its_sound(timer, heard):
    t = timer(AUDIO_WAITS)
    t.ask("start")
    t.wait_for_clock(fallen=1)
    expect(t.note()).to_contain_text("Sound is waiting for a click")
    t.part("title").click()
    expect(t.note()).to_be_empty()
    assert t.types() == ["start"], "a click for the sound is no event"
    t.press("Next")
    assert len(tones(heard)) == 1
