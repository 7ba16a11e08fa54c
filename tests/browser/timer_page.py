"""The timer in the bare page: short plans to run through, and one place that knows its buttons."""

import time
import warnings

from axe_playwright_python.sync_playwright import Axe

from qlkit import Cue, Interval, Plan, SessionTimer
from qlkit.timer.widget import javascript

BELL = 196  # the lowest note of the end bell; no chime uses it
TICK = 880
MOTIFS = {(392, 493.9), (440, 659.3), (493.9, 392), (587.3, 493.9), (659.3, 659.3), (784, 392)}
"""The two notes of each chime, as sound.js plays them for holds."""


def short_plan(hold=6, move=2, last=3, count=1, **more):
    """Return a plan of holds with a move before the last; every kind of cue is in it."""
    rows = [("hold", f"rest-{i}", "Rest", hold) for i in range(count)]
    rows += [("move", "turn", "Turn over", move), ("hold", "curl", "Curl up", last)]
    intervals, end = [], 0
    for kind, step, title, length in rows:
        cues = [Cue("chime", 0), Cue("voice", 0, "start", f"{title}. Breathe out.")]
        if kind == "hold" and length > 5:
            cues += [Cue("tick", n, "end") for n in range(5, 0, -1)]
        if step == "curl":
            cues.append(Cue("bell", 0, "end"))
        text = f"{title} and breathe."
        one = {"pose": "supine", "start": end, "end": end + length, "cues": tuple(cues)}
        intervals.append(Interval(kind, step, title, text, **one | more))
        end += length
    return Plan("test", "A short plan", "practitioner", ("Stop when it hurts.",), tuple(intervals))


LONG = short_plan(hold=60, move=30, last=30)
"""Long enough for a slow machine to press a few buttons in each interval."""


def beat_plan(seconds=90):
    """Return a plan with something to hear in each second, so that a session that goes on can't be overheard."""
    cues = (Cue("chime", 0), Cue("voice", 0, "start", "One."))
    rows = [Interval("hold", f"beat-{n}", f"Beat {n}", "Rest.", "supine", n, n + 1, cues=cues) for n in range(seconds)]
    return Plan("beat", "Beat", "practitioner", (), tuple(rows))


def state_of(timer):
    """Return what the browser gets of a timer."""
    own = [name for name in SessionTimer.class_own_traits(sync=True) if not name.startswith("_")]
    return {name: value for name, value in timer.get_state().items() if name in own}


class TimerPage:
    """The timer before a fake kernel; `view` says which of its views is meant.

    Unlike the real one it begins at once, without seconds to get into position; and its plans are
    so short that what they say would be cut off, which is not what these tests are about.
    """

    def __init__(self, bare_widget, plan=None, views=1, lead_in=0, **traits):
        with warnings.catch_warnings(action="ignore"):
            self.timer = SessionTimer(plan or short_plan(), lead_in=lead_in)
        css = self.timer.get_state()["_css"]
        self.widget = bare_widget(javascript(), state_of(self.timer) | traits, css=css, views=views)
        self.page = self.widget.page

    def root(self, view=0):
        return self.page.locator(".qlkit-timer").nth(view)

    def part(self, name, view=0):
        return self.root(view).locator(f".qlkit-{name}:not(button)")

    def button(self, name, view=0):
        return self.root(view).get_by_role("button", name=name, exact=True)

    def switch(self, name, view=0):
        return self.root(view).get_by_role("checkbox", name=name, exact=True)

    def note(self):
        return self.part("note")

    def press(self, *names):
        for name in names:
            self.button(name).click()

    def press_at_once(self, *names):
        """Press buttons faster than anybody can, so that nothing happens in between."""
        classes = {"Start": "toggle", "Pause": "toggle", "+30 s": "more"}
        self.page.evaluate(
            "names => { for (const name of names) document.querySelector(`.qlkit-button.qlkit-${name}`).click(); }",
            [classes.get(name, name.lower()) for name in names],
        )

    def ask(self, *types):
        """Ask for several things at once, as Python does."""
        first = self.widget.get("done") + 1
        commands = [{"id": first + i, "type": kind, "seconds": 0} for i, kind in enumerate(types)]
        self.widget.receive(commands=commands)

    def wait_for_status(self, status, seconds=30):
        self.page.wait_for_function("status => bare.model.get('status') === status", arg=status, timeout=seconds * 1000)

    def seconds_left(self, view=0):
        """Return what the big clock shows, in seconds."""
        minutes, seconds = self.part("clock", view).inner_text().split(":")
        return int(minutes) * 60 + int(seconds)

    def wait_for_clock(self, fallen, seconds=30):
        """Wait till the big clock shows this many seconds less than now."""
        self.page.wait_for_function(
            """([goal]) => {
                const [m, s] = document.querySelector('.qlkit-clock').textContent.split(':').map(Number);
                return m * 60 + s <= goal;
            }""",
            arg=[self.seconds_left() - fallen],
            timeout=seconds * 1000,
        )

    def let_pass(self, seconds):
        """Let time pass in which nothing is to happen."""
        self.page.evaluate("seconds => new Promise((done) => setTimeout(done, seconds * 1000))", seconds)

    def types(self):
        """Return the types of the events the kernel knows."""
        return [event["type"] for event in self.widget.get("events")]

    def told(self):
        """Return the messages to the kernel that hold events."""
        return [m for m in self.widget.messages() if "events" in m.get("changes", {})]


def started(seconds_ago):
    """Return the events of a session that began so long ago, as a page finds them that was loaded anew."""
    return [{"type": "start", "at": time.time() - seconds_ago}]


def sounded(heard):
    """Return begin and frequency of each tone that was not taken back before it began."""
    found = [sound for sound in heard() if sound["kind"] == "tone"]
    return [(s["start"], s["frequency"]) for s in found if s["stop"] is None or s["stop"] > s["start"]]


def tones(heard, kind=None):
    """Return the moments at which tones of a kind (chime, tick, bell) began, one for each sound."""
    begun = sounded(heard)
    if kind == "tick":
        return sorted(at for at, hertz in begun if hertz == TICK)
    if kind == "bell":
        return sorted(at for at, hertz in begun if hertz == BELL)
    bells = [at for at, hertz in begun if hertz == BELL]
    rest = sorted((at, hertz) for at, hertz in begun if hertz not in (TICK, BELL))

    def second(at, hertz):
        """Tell a second note: 0.22 s after a first one it belongs to. Another chime may begin just then by chance."""
        return any(abs(at - other - 0.22) < 0.01 and (low, hertz) in MOTIFS for other, low in rest)

    # A chime is one note or two; and the bell's overtones are no chime.
    return [at for at, hertz in rest if not any(0 <= at - bell < 0.06 for bell in bells) and not second(at, hertz)]


def said(heard, kind="speak"):
    return [sound["text"] for sound in heard() if sound["kind"] == kind]


def violations(page):
    """Return what axe finds in the timer, in short."""
    results = Axe().run(page, context=".qlkit-timer").response
    assert results["testEngine"]["name"] == "axe-core"
    return [f"{v['id']}: {node['html'][:120]}" for v in results["violations"] for node in v["nodes"]]
