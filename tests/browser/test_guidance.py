"""What leads a person through a session: lead-in, ways to go, sounds of one's own, breath, a room, the body drawn."""

import itertools

import pytest
from playwright.sync_api import expect
from timer_page import LONG, TimerPage, said, short_plan, sounded, started, tones, violations

import qlkit
from qlkit.body import load_pose

GAINS = """
    window.gains = [];
    const { prototype } = new AudioContext().createGain().gain.constructor;
    prototype.exponentialRampToValueAtTime = (value) => gains.push(value);
"""
HIDDEN = """(root) => [root, ...root.querySelectorAll("p:not(.qlkit-live), svg, button")].filter((node) => {
    const { width, bottom, right } = node.getBoundingClientRect();
    const cut = node === root && (node.scrollHeight > node.clientHeight || node.scrollWidth > node.clientWidth);
    return cut || (width && (bottom > innerHeight + 1 || right > innerWidth + 1));
}).map((node) => `${node.getAttribute("class")}: ${node.scrollWidth} x ${node.scrollHeight}`)"""
VMIN = "(node) => parseFloat(getComputedStyle(node).fontSize) * 100 / Math.min(innerWidth, innerHeight)"
PATH = "() => [...document.querySelectorAll('.qlkit-pose path')].map((path) => path.getAttribute('d')).join()"


@pytest.fixture
def timer(bare_widget, heard):  # noqa: ARG001 - sounds are recorded, not made
    return lambda *args, **options: TimerPage(bare_widget, *args, **options)


@pytest.fixture
def labor():
    return qlkit.load_routine("labor").plan()


def chooser(t, label):
    return t.root().get_by_role("combobox", name=label, exact=True)


def test_the_lead_in_counts_down_and_begins(timer, heard):
    t = timer(LONG, lead_in=10)
    assert chooser(t, "Begin after").input_value() == "10"
    t.press("Start")
    expect(t.part("left")).to_have_text("Begins in")
    assert 5 < int(t.root().get_by_role("timer").inner_text().split(":")[1]) <= 10
    assert (said(heard)[0], said(heard)[-1]) == ("Get into position:", "We begin in 10 seconds.")
    t.wait_for_status("running")
    [chime], ticks = tones(heard, "chime"), tones(heard, "tick")
    assert [round(chime - tick, 1) for tick in ticks] == [3, 2, 1]
    assert said(heard)[-2:] == ["Rest.", "Breathe out."]
    assert (t.types(), len(t.widget.messages())) == (["start"], 2)


def test_the_lead_in_can_be_chosen_and_switched_off(timer):
    t = timer(LONG, lead_in=10)
    chooser(t, "Begin after").select_option("at once")
    assert t.widget.get("lead_in") == 0
    t.press("Start")
    t.wait_for_status("running", seconds=3)
    t.press("Stop")
    t.widget.receive(lead_in=45)  # none of the list: Python may ask for any
    expect(chooser(t, "Begin after").locator("option:checked")).to_have_text("45 seconds")


def test_a_lead_in_taken_back_is_heard_no_more(timer, heard):
    t = timer(LONG, lead_in=4)
    t.press("Start")
    t.page.wait_for_function("() => heard.some((sound) => sound.frequency === 880)")
    t.press("Stop")
    t.let_pass(4.5)
    assert (t.types(), tones(heard, "chime")) == ([], [])


def test_going_to_a_step(timer, labor):
    t = timer(labor)
    places = chooser(t, "Go to")
    expect(places).to_be_disabled()
    t.press("Start")
    assert places.locator("option").count() == len(labor.intervals)
    chooser(t, "Go to").select_option("3b Head toward the knees")
    expect(t.part("title")).to_have_text("3b Head toward the knees")
    t.root().locator(".qlkit-segment").nth(2).click()
    expect(t.part("title")).to_have_text("2 Feet planted, tailbone curled")
    assert places.input_value() == "2", "the list shows where the session is"
    t.press("Next")
    assert places.input_value() == "3"
    assert len(t.told()) == 4, "one message for each, however many steps lie between"


def test_less_time_is_never_less_than_what_has_passed(timer):
    t = timer(LONG, events=started(40))
    t.press("+30 s")
    assert 45 < t.seconds_left() <= 50
    t.press("−30 s", "−30 s")
    expect(t.part("title")).to_have_text("Turn over")
    assert t.seconds_left() > 25, "what was taken away comes off this interval alone"


@pytest.mark.parametrize(("channel", "label"), [("bells", "Bells"), ("ticks", "Ticks")])
def test_a_volume_scales_the_tones(timer, page, channel, label):
    page.add_init_script(f"(() => {{ {GAINS} }})()")
    t = timer(short_plan(hold=7), **{name: name == channel for name in ("voice", "bells", "ticks")})
    loudest = []
    for volume in (1, 0.5):
        t.root().get_by_label(f"{label}: volume").fill(str(volume))
        assert t.widget.get(f"{channel}_volume") == volume
        t.page.evaluate("() => (gains.length = 0)")
        t.press("Start" if volume == 1 else "Start again")
        t.page.wait_for_function("() => gains.length")
        loudest.append(t.page.evaluate("() => Math.max(...gains)"))
        t.press("Stop")
    assert loudest[1] == pytest.approx(loudest[0] / 2)


def test_a_volume_of_nothing_is_silent_and_the_voice_has_one_too(timer, heard):
    t = timer(LONG, voice_volume=0.5, bells_volume=0)
    t.page.evaluate("() => { window.volumes = []; speechSynthesis.speak = (one) => volumes.push(one.volume); }")
    t.press("Start")
    assert (tones(heard), t.page.evaluate("volumes")) == ([], [0.5, 0.5])
    t.root().get_by_label("Voice: volume").fill("0")
    t.press("Next")
    expect(t.part("title")).to_have_text("Turn over")
    assert len(t.page.evaluate("volumes")) == 2


def test_each_position_has_an_earcon_of_its_own(timer, labor):
    t = timer(labor)
    play = """async (plan) => {
        const { motif } = await import("/timer/sound.js");
        const of = (kind) => plan.intervals.map((one, i) => [one, i]).filter(([one]) => one.kind === kind)
            .map(([one, i]) => motif("chime", i, one).map(([hertz, after]) => `${hertz} at ${after}`).join());
        const end = (tones) => Math.max(...tones.map(([, after, length]) => after + length));
        return [of("hold"), of("move"), end(motif("chime", 0, plan.intervals[0])), end(motif("bell"))];
    }"""
    holds, moves, chime, bell = t.page.evaluate(play, labor.to_dict())
    assert len(set(holds)) == len(holds) > 3
    assert len(set(moves)) > 1
    assert not set(holds) & set(moves)
    assert bell > 2 * chime, "the end is told by its length"


@pytest.mark.parametrize(
    ("step", "before_end", "text"),
    [("feet-planted", 150, "Halfway."), ("feet-planted", 60, "One minute left."), ("knees-to-chest", 60, None)],
    ids=["halfway", "one minute left", "reminder"],
)
def test_what_is_said_inside_a_hold_comes_at_its_moment(timer, heard, labor, step, before_end, text):
    [hold] = [i for i in labor.intervals if i.step == step and i.kind == "hold"]
    text = text or next(cue.text for cue in hold.cues if cue.kind == "voice" and cue.at == 60)
    t = timer(labor, events=started(hold.end - before_end - 4))
    assert (t.seconds_left() > before_end, said(heard)) == (True, []), "it came too early"
    t.page.wait_for_function("() => heard.length")
    assert abs(t.seconds_left() - before_end) <= 1, "the clock is drawn a moment later"
    assert said(heard) == [text]


@pytest.mark.parametrize("routine", ["sitting", "labor"])
def test_the_rise_says_which_side(routine):
    rise = {i.step: i for i in qlkit.load_routine(routine).plan().intervals if i.step.startswith("rise-")}
    spoken = {step: " ".join(c.text for c in i.cues if c.kind == "voice") for step, i in rise.items()}
    assert "right side" in spoken["rise-roll"]
    assert "left hand" in spoken["rise-push-up"]


def test_the_breath_pacer_is_off_and_says_what_each_offer_rests_on(timer):
    t = timer(LONG)
    pacer = chooser(t, "Breath pacer")
    assert (t.widget.get("breath"), pacer.input_value()) == ([], "")
    expect(t.part("breath")).to_be_hidden()
    options = pacer.locator("option").all_inner_texts()
    assert options == ["off", "4 s in, 6 s out (teaching choice)", "3 s in, 7 s out (as studied)"]
    chooser(t, "Breath pacer").select_option(options[2])
    assert t.widget.get("breath") == [3, 7]
    t.widget.receive(breath=[5, 5])
    expect(pacer.locator("option:checked")).to_have_text("5 s in, 5 s out")


def test_the_breath_pacer_breathes_in_a_hold(timer, heard):
    t = timer(LONG, breath=[1, 2], events=started(10))
    t.part("title").click()  # sound waits for a click
    expect(t.part("breath")).to_have_text("Breathe in", timeout=8000)
    expect(t.part("breath")).to_have_text("Breathe out")
    t.wait_for_clock(fallen=4)
    low = sorted((at, hertz) for at, hertz in sounded(heard) if hertz < 150)
    assert [hertz for _, hertz in low[:4]] == [147, 110, 147, 110]
    assert [round(b[0] - a[0], 1) for a, b in itertools.pairwise(low[:4])] == [1, 2, 1]


def test_the_breath_pacer_rests_in_a_move(timer, heard):
    t = timer(short_plan(hold=1, move=60), breath=[1, 2], events=started(16))
    t.part("title").click()
    t.wait_for_clock(fallen=4)
    assert (tones(heard), t.part("breath").inner_text()) == ([], "Breathe")


@pytest.mark.parametrize("size", [(1600, 900), (1280, 720), (400, 800)], ids=["projector", "laptop", "phone"])
def test_a_room_can_read_it(timer, page, labor, size):
    page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    t = timer(labor, breath=[4, 6])
    t.press("Start", "Full screen")
    expect(t.root()).to_have_class("qlkit-timer qlkit-room")
    page.wait_for_function("() => innerHeight === document.querySelector('.qlkit-room').clientHeight")
    found = []
    for _ in labor.intervals:
        found += t.root().evaluate(HIDDEN)
        sizes = {name: t.part(name).evaluate(VMIN) for name in ("clock", "title", "next")}
        if size[0] > size[1]:  # a phone is held in the hand
            least = {"clock": 20, "title": 7, "next": 4}
            found += [f"{name}: {sizes[name]} vmin" for name in least if sizes[name] < least[name]]
        t.press("Next")
    assert found == []


def test_esc_leaves_the_room_and_not_the_session(timer):
    t = timer(LONG)
    t.press("Start", "Full screen")
    t.page.keyboard.press("Escape")
    expect(t.root()).to_have_class("qlkit-timer")
    assert (t.types(), t.widget.get("status")) == (["start"], "running")
    t.page.keyboard.press("Escape")
    assert t.types() == ["start", "stop"]


def test_the_body_is_drawn_in_the_pose_of_the_interval(timer, labor):
    t = timer(labor)
    seen = []
    t.press("Start")
    for interval in labor.intervals:
        words = load_pose(interval.pose).words
        expect(t.root().get_by_role("img", name=words, exact=True)).to_have_count(1)
        seen.append(t.page.evaluate(PATH))
        t.press("Next")
    # A move begins as the hold before it stands, so only every other picture is surely a new one.
    assert len(set(seen)) > len(seen) / 2


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_a_move_is_shown_on_its_way_unless_motion_is_unwelcome(timer, page, labor, motion):
    page.emulate_media(reduced_motion=motion)
    t = timer(labor, events=started(labor.intervals[1].start + 2))  # the first move
    seen = []
    for _ in range(4):
        t.wait_for_clock(fallen=1)
        seen.append(t.page.evaluate(PATH))
    assert len(set(seen)) == (4 if motion == "no-preference" else 1)
    assert "NaN" not in seen[0]


def test_before_the_start_the_first_pose_is_drawn_and_without_poses_none(timer, page, labor):
    t = timer(labor)
    expect(t.root().get_by_role("img")).to_have_accessible_name(load_pose(labor.intervals[0].pose).words)
    shown = page.evaluate(PATH)
    t.press("Start")
    assert page.evaluate(PATH) == shown
    t = timer(labor, poses={})
    expect(t.root().get_by_role("img")).to_have_count(0)
    t.press("Start")
    t.wait_for_clock(fallen=1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_with_everything_on(timer, page, labor, scheme):
    page.emulate_media(color_scheme=scheme)
    t = timer(labor, breath=[3, 7], lead_in=60)
    found = {}
    for names in (["Start"], ["Begin now", "Next"], ["Full screen"], ["Pause"]):
        t.press(*names)
        found[names[-1]] = violations(page)
    assert found == {name: [] for name in found}


def test_everything_is_reached_by_the_keyboard(timer, labor):
    t = timer(labor)
    t.press("Start")
    t.root().focus()
    reached, named = set(), "node.ariaLabel ?? node.labels?.[0]?.innerText ?? node.textContent"
    for _ in range(25):
        t.page.keyboard.press("Tab")
        reached.add(t.page.evaluate(f"() => {{ const node = document.activeElement; return {named}; }}").split("\n")[0])
    # "Begin after" rests while a session runs.
    buttons = {"Pause", "Back", "Next", "−30 s", "+30 s", "Stop", "Sound check", "Full screen"}
    channels = {"Voice", "Bells", "Ticks"}
    assert buttons | channels | {f"{name}: volume" for name in channels} | {"Go to", "Breath pacer"} <= reached


def test_a_list_or_a_slider_keeps_its_own_keys(timer, labor):
    t = timer(labor)
    t.press("Start")
    t.root().get_by_label("Bells: volume").focus()
    t.page.keyboard.press("ArrowLeft")
    assert (t.widget.get("bells_volume"), t.types()) == (0.95, ["start"])
    chooser(t, "Breath pacer").focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowLeft"):
        t.page.keyboard.press(key)
    assert (t.widget.get("breath"), t.types()) == ([4, 6], ["start"])
    chooser(t, "Go to").focus()
    t.page.keyboard.press("ArrowDown")
    expect(t.part("title")).to_have_text("Knees up, feet down")
