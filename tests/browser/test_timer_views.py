"""The timer and its page: several views, the end of a view, what Python asks, texts that are no markup."""

import dataclasses

import pytest
from playwright.sync_api import expect
from timer_page import LONG, TimerPage, beat_plan, said, short_plan, started, tones


@pytest.fixture
def timer(bare_widget, heard):  # noqa: ARG001 - sounds are recorded, not made
    return lambda *args, **options: TimerPage(bare_widget, *args, **options)


def silent(t, heard):
    """Whether nothing sounds, or will."""
    begun = len(heard())
    t.let_pass(2)
    still = t.page.evaluate(
        "() => heard.filter((s) => s.kind === 'tone' && (s.stop ?? 1e9) > performance.now() / 1000).length"
    )
    return len(heard()) == begun and still == 0 and t.page.evaluate("() => !speechSynthesis.speaking")


def test_two_views_show_one_session(timer):
    t = timer(LONG, views=2)
    t.button("Start", view=1).click()
    t.button("Next", view=0).click()
    t.button("Back", view=1).click()
    for view in (0, 1):
        expect(t.button("Pause", view)).to_be_visible()
        expect(t.part("title", view)).to_have_text("Rest")
    clocks = t.page.evaluate("() => [...document.querySelectorAll('.qlkit-clock')].map((node) => node.textContent)")
    assert clocks[0] == clocks[1]
    t.switch("Ticks", view=0).uncheck()
    expect(t.switch("Ticks", view=1)).not_to_be_checked()
    assert t.types() == ["start", "next", "back"]
    assert len(t.told()) == 3, "one message for each transition, however many views"


def test_a_view_less_changes_nothing_and_the_last_ends_it(timer, heard):
    t = timer(beat_plan(), views=2)
    t.press("Start")
    t.widget.remove_view(0)
    t.let_pass(1)
    assert t.widget.get("status") == "running"
    t.widget.remove_view(1)
    t.wait_for_status("stopped")
    assert t.types() == ["start", "stop"]
    assert heard() != []
    assert silent(t, heard)


def test_a_view_that_is_moved_loses_nothing(timer):
    t = timer(LONG)
    t.press("Start")
    t.page.evaluate("async () => { await bare.removeView(0); await bare.addView(); }")
    t.let_pass(1)
    assert t.types() == ["start"]
    t.wait_for_clock(fallen=1)


def test_a_view_shown_again_later_can_start_again(timer, heard):
    t = timer(LONG)
    t.press("Start")
    t.widget.remove_view(0)
    t.wait_for_status("stopped")
    t.widget.add_view()
    expect(t.part("kind")).to_have_text("Stopped")
    t.press("Start again")
    t.wait_for_clock(fallen=1)
    assert len(tones(heard, "chime")) == 2


def test_a_view_gone_before_it_was_drawn_leaves_nothing_running(timer, heard):
    # A cell that is run twice in a row: the first view is taken away while the widget still loads.
    t = timer(beat_plan())
    t.page.evaluate("""() => bare.definition.render({
        model: bare.model.proxy({}), el: document.createElement("div"), signal: AbortSignal.abort(),
    })""")
    t.press("Start")
    t.widget.remove_view(0)
    t.let_pass(1)
    assert t.widget.get("status") == "stopped"
    assert silent(t, heard)


@pytest.mark.parametrize("moment", ["speaking", "ticking"])
def test_a_closed_widget_is_silent(timer, heard, problems, moment):
    t = timer(beat_plan()) if moment == "speaking" else timer(LONG, events=started(54))
    if moment == "speaking":
        t.press("Start")
    else:
        t.part("title").click()  # sound waits for a click
        t.page.wait_for_function("() => heard.some((sound) => sound.kind === 'tone')")
    t.widget.destroy()
    assert silent(t, heard)
    assert t.page.workers == []
    assert problems == []


HOSTILE = (
    "<img src=x onerror='window.ran = 1'>",
    "<script>window.ran = 2</script>",
    "</p></div></body><h1>out</h1>",
    '"><svg onload="window.ran = 3">',
    "javascript:window.ran=4",
    "&lt;b&gt; &amp; &#39;",
    "${window.ran = 5} `{{7*7}}` $$x^2$$",
    "<!-- --> ]]> <![CDATA[x]]>",
    "**bold** [link](javascript:window.ran=6)",
    "‮right to left\u2028 e\u0301 😀 \\n \\u003cb>",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_is_shown_as_typed(timer, problems, text):
    plan = LONG
    given = {"title": text, "text": f"{text} text", "focus": f"{text} focus", "options": (f"{text} option",)}
    interval = dataclasses.replace(plan.intervals[0], **given, part=text, cautions=(f"{text} caution",))
    others = [dataclasses.replace(i, title=text) for i in plan.intervals[1:]]
    plan = dataclasses.replace(plan, title=text, cautions=(f"{text} first",), intervals=(interval, *others))
    t = timer(plan)
    t.press("Start")
    shown = {
        "name": text,
        "cautions": f"{text} first",
        "title": f"{text} {text}",
        "text": f"{text} text",
        "focus": f"{text} focus",
        "options": f"Ways to do it: {text} option.",
        "warnings": f"{text} caution",
        "next": f"Next: {text}, 0:30",
        "live": f"{text} {text}, 1:00.",
    }
    assert {name: t.part(name).text_content() for name in shown} == shown
    t.press("Next", "Stop")
    assert t.page.evaluate("window.ran") is None
    assert t.root().locator("img, script, h1, b, a, [onload], [onerror]").count() == 0
    assert problems == []


def test_a_page_loaded_anew_goes_on_where_it_was(timer, heard):
    t = timer(short_plan(move=6), events=started(7))  # "Turn over" began a second ago and lasts six
    expect(t.part("title")).to_have_text("Turn over")
    assert t.widget.messages() == [], "nothing has happened that the kernel does not know"
    t.part("title").click()
    expect(t.part("title")).to_have_text("Curl up")
    t.wait_for_status("finished")
    assert said(heard)[::2] == ["Curl up."]
    assert len(tones(heard, "chime")) == 1
    assert len(tones(heard, "bell")) == 1


def test_a_page_loaded_anew_shows_a_pause_or_an_end(timer, heard):
    [start] = started(100)
    t = timer(LONG, events=[start, {"type": "pause", "at": start["at"] + 12}])
    expect(t.part("clock")).to_have_text("0:48")
    expect(t.button("Resume")).to_be_visible()
    t.press("Resume")
    t.wait_for_clock(fallen=1)

    [start] = started(200)
    t = timer(LONG, events=[start, {"type": "stop", "at": start["at"] + 12}])
    expect(t.part("title")).to_have_text("0:12 in all, 0:12 of it held")
    t.part("title").click()
    t.let_pass(0.5)
    assert heard() == []


def test_what_python_asks_is_done_once(timer):
    t = timer(LONG)
    t.ask("start")
    t.wait_for_status("running")
    assert (t.types(), t.widget.get("done")) == (["start"], 1)
    # What was obeyed comes once more with what is new, as it does when the kernel has not yet heard of it.
    old = {"id": 1, "type": "stop", "seconds": 0}
    t.widget.receive(commands=[old, {"id": 2, "type": "extend", "seconds": 45}])
    assert (t.types(), t.widget.get("done")) == (["start", "extend"], 2)
    assert 90 < t.seconds_left() <= 105


def test_several_wishes_at_once_are_all_obeyed(timer):
    t = timer(LONG)
    t.ask("start", "next", "next", "back", "pause")
    assert (t.types(), t.widget.get("done")) == (["start", "next", "next", "back", "pause"], 5)
    expect(t.button("Resume")).to_be_visible()
    assert len(t.widget.messages()) <= 2 * 5


def test_a_wish_that_changes_nothing_is_taken_off_the_list(timer):
    t = timer(LONG)
    t.ask("pause", "dance")
    assert (t.types(), t.widget.get("status"), t.widget.get("done")) == ([], "ready", 2)


def test_a_start_asked_for_before_the_page_listened_is_obeyed(timer):
    t = timer(LONG, commands=[{"id": 1, "type": "start", "seconds": 0}])
    t.wait_for_status("running", seconds=5)
    assert t.widget.get("done") == 1


def test_a_start_that_was_obeyed_is_not_obeyed_after_a_reload(timer):
    t = timer(LONG, commands=[{"id": 1, "type": "start", "seconds": 0}], done=1)
    t.let_pass(0.5)
    assert t.widget.messages() == []
    expect(t.button("Start")).to_be_visible()
