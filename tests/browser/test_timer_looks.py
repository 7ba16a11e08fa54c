"""What the timer looks like at the widths of a phone, a cell and a projector, and to an accessibility checker."""

import dataclasses

import pytest
from playwright.sync_api import expect
from timer_page import TimerPage, short_plan, violations

import qlkit

OUTSIDE = """(root) => {
    const frame = root.querySelector(".qlkit-frame").getBoundingClientRect();
    const outside = [];
    for (const node of root.querySelectorAll("*")) {
        const box = node.getBoundingClientRect();
        if (!box.width || node.matches(".qlkit-live, .qlkit-fill, :disabled *")) continue;
        const name = node.className || node.tagName;
        if (box.left < frame.left - 0.5 || box.right > frame.right + 0.5) outside.push(`${name} sticks out`);
        if (node.clientWidth && node.scrollWidth > node.clientWidth + 1) outside.push(`${name} is too narrow`);
    }
    if (document.documentElement.scrollWidth > innerWidth) outside.push("the page scrolls sideways");
    return outside;
}"""

SMALL = """(root) => {
    const frame = root.querySelector(".qlkit-frame").getBoundingClientRect();
    const inside = (box) => box.left >= frame.left && box.right <= frame.right && box.bottom <= frame.bottom;
    return [...root.querySelectorAll("button:not([hidden])")]
        .map((node) => [node.textContent, node.getBoundingClientRect()])
        .filter(([, box]) => box.height < 44 || !inside(box))
        .map(([text, box]) => `${text}: ${Math.round(box.width)} x ${Math.round(box.height)}`);
}"""


@pytest.fixture
def timer(bare_widget, heard):  # noqa: ARG001 - sounds are recorded, not made
    return lambda *args, **options: TimerPage(bare_widget, *args, **options)


def long_words():
    word = "Quadratuslumborumentspannungsübung" * 3
    plan = short_plan(hold=60)
    first = dataclasses.replace(
        plan.intervals[0], title=word, text=word, focus=word + ".", options=(word,), cautions=(word,)
    )
    return dataclasses.replace(plan, title=word, cautions=(word,), intervals=(first, *plan.intervals[1:]))


PLANS = {
    "sitting": lambda: qlkit.load_routine("sitting").plan(),
    "labor": lambda: qlkit.load_routine("labor").plan(minutes=40),
    "four hours": lambda: short_plan(hold=4 * 3600),
    "long words": long_words,
}


@pytest.mark.parametrize("name", PLANS)
def test_nothing_sticks_out_at_any_width(timer, page, name):
    t = timer(PLANS[name]())
    found = []
    for states in (("ready",), ("Start", "running"), ("Pause", "paused"), ("Stop", "stopped")):
        t.press(*states[:-1])
        for width in (320, 400, 660, 1000, 1600):
            page.set_viewport_size({"width": width, "height": 900})
            outside = t.root().evaluate(OUTSIDE)
            if outside:
                found.append(f"{states[-1]}, {width} px: {', '.join(dict.fromkeys(outside[:3]))}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("width", [320, 400, 1000, 1600])
def test_every_button_can_be_hit(timer, page, width):
    page.set_viewport_size({"width": width, "height": 900})
    t = timer(PLANS["labor"]())
    t.press("Start")
    assert t.root().evaluate(SMALL) == []


@pytest.mark.parametrize("width", [320, 1000])
def test_buttons_stay_under_the_hand(timer, page, width):
    page.set_viewport_size({"width": width, "height": 900})
    t = timer(PLANS["labor"]())
    t.press("Start")
    places = set()
    while t.widget.get("status") == "running":
        places.add(round(t.button("Next").bounding_box()["y"]))
        t.press("Next")
    assert len(places) == 1, f"Next moved up and down: {sorted(places)}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(timer, page, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 400, "height": 1200})
    t = timer(PLANS["labor"]())
    paper = t.part("frame").evaluate("(node) => getComputedStyle(node).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (scheme == "light"), "the colours do not follow the scheme"
    found = {"ready": violations(page)}
    t.press("Start")
    t.switch("Ticks").uncheck()
    found["running"] = violations(page)
    t.press("Pause")
    found["paused"] = violations(page)
    t.press("Stop")
    found["stopped"] = violations(page)
    t.press("Start again")
    while t.widget.get("status") == "running":
        t.press("Next")
    expect(t.part("kind")).to_have_text("Finished")
    found["finished"] = violations(page)
    assert found == {state: [] for state in found}


def test_axe_would_find_something(timer, page):
    t = timer(PLANS["sitting"]())
    t.root().evaluate("(root) => root.append(document.createElement('img'))")
    assert [v for v in violations(page) if v.startswith("image-alt")]
