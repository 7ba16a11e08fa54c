"""What is measured side by side: the session in a page of its own, and the reference timers.

The references are (a) a page's `setInterval` that counts its calls, (b) a kernel's asyncio task that adds one to a
widget each second and (c) ipywidgets' Play. All pages are driven through the DevTools protocol alone, because
Playwright would keep Chromium from slowing a hidden one down.
"""

import contextlib
import json
import math
import time
import urllib.parse
import warnings

from bare import start_script
from hidden import HiddenTab
from lab import TOKEN, Kernel
from timer_page import state_of

from qlkit import SessionTimer
from qlkit.timer.widget import javascript

# The page's model has the log of cues even where no kernel is left to be asked for it; and which audio clock the
# times of tones come from should be seen from outside.
KEEP = """
const Context = window.AudioContext;
window.AudioContext = class extends Context { constructor() { super(); window.audio = this; } };
export default () => {
  const widget = factory();
  return { ...widget, initialize(given) { window.measured = given.model; return widget.initialize(given); } };
};
"""
START = "document.querySelector('.qlkit-button.qlkit-toggle').click()"
STARTED = "measured.get('events').find((e) => e.type === 'start')?.at"
LOG = "measured.get('log')"
WATCH = """(() => {
  const clock = document.querySelector(".qlkit-clock");
  window.shown = [];
  new MutationObserver(() => shown.push([(performance.timeOrigin + performance.now()) / 1000, clock.textContent]))
    .observe(clock, { childList: true, characterData: true, subtree: true });
})()"""
TICK = "window.ticks = 0; setInterval(() => { window.ticks += 1; }, 1000); 0"

REFERENCES = """
import asyncio
import ipywidgets as widgets

counted, played = widgets.IntText(), widgets.IntText()
counted.add_class("counted"), played.add_class("played")
play = widgets.Play(interval=1000, max=1_000_000)
link = widgets.jslink((play, "value"), (played, "value"))


async def count():
    while True:
        await asyncio.sleep(1)
        counted.value += 1


def begin():
    global task
    play.playing = True
    task = asyncio.ensure_future(count())


display(widgets.HBox([counted, play, played]))"""
READ = "[performance.now() / 1000, ...['counted', 'played'].map((c) => +document.querySelector(`.${c} input`).value)]"


def kept_javascript():
    """Return the timer's module, changed only so that the page can be asked about it."""
    source = javascript()
    assert source.count("export default ") == 1
    return source.replace("export default ", "const factory = ") + KEEP


def cues_of(plan):
    """Return {key: (kind, second of the plan)} of every cue of a session that nobody disturbs."""
    found = {}
    for i, interval in enumerate(plan.intervals):
        times = {id(cue): at for at, cue in interval.cue_times()}
        found |= {f"{i}/{c}": (cue.kind, times[id(cue)]) for c, cue in enumerate(interval.cues)}
    return found


def lateness(plan, started, log):
    """Return ({"tones": […], "voices": […]} in ms, the keys that never came); early counts as much as late."""
    late, due = {"tones": [], "voices": []}, cues_of(plan)
    came = {key: at for key, _, _, at in log}
    for key, (kind, second) in due.items():
        if key in came:
            late["voices" if kind == "voice" else "tones"].append(1000 * abs(came[key] - started - second))
    return late, [key for key in due if key not in came]


def percentile(values, share):
    """Return the smallest value that so many per cent of all do not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * share / 100) - 1)] if values else math.nan


@contextlib.contextmanager
def closing_on_error(tab):
    """Leave no Chromium behind when its page doesn't come up."""
    try:
        yield
    except BaseException:
        tab.close()
        raise


class Tab(HiddenTab):
    """A tab that can say what its renderer did, and that opens pages that change their address."""

    def __init__(self, chromium):
        super().__init__(chromium)
        self._send("Performance.enable")
        self.version = self._send("Browser.getVersion")["product"].partition("/")[2]

    def go(self, url):
        self._send("Page.navigate", url=url)

    def metrics(self):
        """Return seconds: of the wall clock, of tasks of the main thread, and of processor time of that thread."""
        found = {m["name"]: m["value"] for m in self._send("Performance.getMetrics")["metrics"]}
        return [found["Timestamp"], found["TaskDuration"], found["ThreadTime"]]

    def now(self):
        """Return (time.monotonic(), the page's clock, the uncertainty), all in seconds: the quickest answer of ten."""
        asked = []
        for _ in range(10):
            before = time.monotonic()
            page = self.evaluate("(performance.timeOrigin + performance.now()) / 1000")
            after = time.monotonic()
            asked.append(((after - before) / 2, (before + after) / 2, page))
        doubt, mono, page = min(asked)
        return mono, page, doubt


class MeasuredSession:
    """A session in the bare page, with reference (a) beside it; hidden all the time or never."""

    def __init__(self, chromium, server, plan, hidden, idle=0, **options):
        self.plan, self.hidden, self.idle = plan, hidden, None
        with warnings.catch_warnings(action="ignore"):
            timer = SessionTimer(plan, lead_in=0, **options)
        self.tab = Tab(chromium)
        with closing_on_error(self.tab):
            self._open(server, timer, idle)

    def _open(self, server, timer, idle):
        self.tab.open(server.url)
        self.tab.wait_for("!!window.bare")
        if idle:
            before = self.tab.metrics()
            time.sleep(idle)
            self.idle = self._share(before)
        style = json.dumps({"textContent": timer.get_state()["_css"]})
        self.tab.evaluate(f"document.head.append(Object.assign(document.createElement('style'), {style}))")
        self.tab.evaluate(start_script(server, kept_javascript(), state_of(timer)))
        self.tab.evaluate(WATCH)
        if self.hidden:
            self.tab.hide()
        self.samples = []

    def _share(self, before):
        wall, task, thread = (b - a for a, b in zip(before, self.tab.metrics(), strict=True))
        return 100 * task / wall, 100 * thread / wall

    def begin(self):
        self.tab.evaluate(TICK)
        self.ticking = self.tab.now()
        self.samples.append(self.ticking)
        self.tab.evaluate(START)
        self.before = self.tab.metrics()
        self.started = self.tab.wait_for(STARTED)

    def sample(self):
        self.samples.append(self.tab.now())

    def end(self):
        """Wait for the end and read everything; before it, nothing is asked that could wake the page."""
        time.sleep(max(0, self.ticking[0] + self.plan.total - time.monotonic()))
        self.tab.wait_for("measured.get('status') === 'finished'", 60)
        self.share = self._share(self.before)
        self.sample()
        self.ticks_error = self.tab.evaluate("ticks") - (self.samples[-1][0] - self.ticking[0])
        self.still_hidden = self.tab.evaluate("document.visibilityState") == "hidden"
        self.log = self.tab.evaluate(LOG)
        self.audio = self.tab.evaluate("window.audio?.state")
        self.voices = self.tab.evaluate("window.speechSynthesis?.getVoices().length ?? 0")
        self.shown = self.tab.evaluate("shown")
        origin = self.tab.evaluate("performance.timeOrigin")
        told = self.tab.evaluate("bare.model.messages.map((m) => [m.at, m.changes?.until])")
        self.messages = [((origin + at) / 1000 - self.started, until and until - self.started) for at, until in told]

    def clock_errors(self):
        """Return in ms how far the page's clock has gone from time.monotonic() since the start, and the doubt."""
        mono, page, doubt = self.samples[0]
        return [1000 * (p - page - m + mono) for m, p, _ in self.samples[1:]], [
            1000 * (d + doubt) for *_, d in self.samples[1:]
        ]

    def transitions(self):
        """Return for the start, each change and the end (second of the plan, lateness in ms, messages); then the rest.

        What comes within half a second of a transition belongs to it; the rest came between.
        """
        marks = [i.start for i in self.plan.intervals] + [self.plan.total]
        near = [[m for m in self.messages if abs(m[0] - mark) < 0.5] for mark in marks]
        late = [1000 * (group[0][1] - mark) if group else math.inf for mark, group in zip(marks, near, strict=True)]
        rows = list(zip(marks, late, map(len, near), strict=True))
        during = [m for m in self.messages if m[0] >= -0.5]
        return rows, len(during) - sum(map(len, near))

    def shown_errors(self):
        """Return in ms how long after its moment each remaining time was on the clock."""
        errors = []
        for at, text in self.shown:
            second = at - self.started
            if not 0 <= second < self.plan.total:
                continue
            minutes, seconds = map(int, text.split(":"))
            errors.append(1000 * (second - self.plan.at(second).end + 60 * minutes + seconds))
        return errors

    def close(self):
        self.tab.close()


class LabTab(Tab):
    """A notebook of these cells, run in JupyterLab; the first holds the references (b) and (c)."""

    # The page has no focus here, and without one JupyterLab takes no notebook for the current one.
    _PANEL = "[...(window.jupyterapp?.shell.widgets('main') ?? [])].find((panel) => panel.context?.path)"

    def __init__(self, chromium, server, name, *cells):
        super().__init__(chromium)
        self._server, self._kernel = server, None
        self._path = server.write(name, f"{REFERENCES}\n{cells[0]}", *cells[1:])
        with closing_on_error(self):
            self.go(f"{server.url}/lab/tree/{urllib.parse.quote(name)}?token={TOKEN}&reset")
            self.wait_for(f"{self._PANEL}?.context.sessionContext.session?.kernel?.status === 'idle'", 120)
            self.run(0)
            self.wait_for("!!document.querySelector('.played input')", 60)

    def run(self, number):
        """Run a cell and don't wait for it."""
        self.evaluate(f"""{{
            const panel = {self._PANEL};
            panel.node.dispatchEvent(new FocusEvent("focus"));
            panel.content.activeCellIndex = {number};
            void window.jupyterapp.commands.execute("notebook:run-cell");
        }}""")

    @property
    def kernel(self):
        if self._kernel is None:
            sessions = self._server.api("GET", "api/sessions")
            (number,) = (session["kernel"]["id"] for session in sessions if session["path"] == self._path)
            self._kernel = Kernel(self._server.runtime / f"kernel-{number}.json")
        return self._kernel

    def begin(self):
        """Start both references."""
        self.kernel.run("begin()")
        self.wait_for(f"{READ}.slice(1).every((value) => value > 0)")
        self.first = self.evaluate(READ)

    def errors(self):
        """Return by how many seconds the references (b) and (c) are off, as the page shows them."""
        passed, *gained = (b - a for a, b in zip(self.first, self.evaluate(READ), strict=True))
        return [value - passed for value in gained]

    def close(self):
        if self._kernel is not None:
            self._kernel.close()
        super().close()
