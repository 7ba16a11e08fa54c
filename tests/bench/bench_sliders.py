"""Print how long it takes from letting go of a slider to the new picture, in a real JupyterLab.

Run as ``python tests/bench/bench_sliders.py [times]``. The explorers stand beside the plot of the first of them under
``ipywidgets.interact`` with the inline backend, in the same notebook; they take turns. The clock runs in the page, from
the pointer's release to the new picture decoded, which is when it can be painted. Ours follow while they are dragged,
so that nothing is left to wait for; hence a place on the slider is pressed and let go at once, and besides they are
dragged for a second, and their pictures counted.
"""

import os
import platform
import random
import sys
import tempfile
import time
from pathlib import Path

import matplotlib as mpl
from playwright.sync_api import sync_playwright

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "browser")]

from conftest import find_chromium  # noqa: E402
from lab import LabNotebook, LabServer  # noqa: E402
from processes import CHROMIUM_FLAGS  # noqa: E402

BUDGET = 100
APPS = {
    "qlkit.explore('labor')": 0,
    "qlkit.compare()": 0,
    "qlkit.explore_day()": 0,
    "qlkit.explore_lifting()": 1,  # the first, the load, has no part in the picture
    "qlkit.explore_creep()": 0,
}
"""Each explorer, and which of its sliders is moved."""

PLAIN = """%matplotlib inline
import ipywidgets, qlkit
labor = qlkit.load_routine("labor")
slider = ipywidgets.FloatSlider(11.5, min=11.5, max=39.5, step=0.5, continuous_update=False, layout={"width": "40rem"})
draw = lambda minutes: qlkit.plot_timeline(labor.plan(minutes=minutes)).get_figure()
_ = ipywidgets.interact(draw, minutes=slider)"""

WATCH = """(cell) => {
    const area = document.querySelectorAll(".jp-CodeCell")[cell].querySelector(".jp-OutputArea");
    window.picture = new Promise((done) => {
        addEventListener("pointerup", (event) => { window.released = event.timeStamp; }, { capture: true, once: true });
        const before = new Map([...area.querySelectorAll("img")].map((img) => [img, img.src]));
        const observer = new MutationObserver(async () => {
            const img = [...area.querySelectorAll("img")].find((each) => before.get(each) !== each.src);
            if (!img) return;
            observer.disconnect();
            await img.decode();
            done(performance.now());
        });
        setTimeout(() => done(null), 3000); // pressed where it stands already: no new picture, and no time
        const changes = { subtree: true, childList: true, attributes: true, attributeFilter: ["src"] };
        observer.observe(area, changes);
    });
}"""

COUNT = """(cell) => {
    const area = document.querySelectorAll(".jp-CodeCell")[cell].querySelector(".jp-OutputArea");
    window.shown = new Set();
    new MutationObserver(() => { for (const img of area.querySelectorAll("img")) window.shown.add(img.src); })
        .observe(area, { subtree: true, childList: true });
}"""


class Contender:
    """A slider in the notebook, and the times it took."""

    def __init__(self, notebook, name, cell, track, nth=0):
        self.notebook, self.page, self.name, self.cell = notebook, notebook.page, name, cell
        self.track = self.page.locator(".jp-CodeCell").nth(cell).locator(".jp-OutputArea").locator(track).nth(nth)
        self.times, self.pictures = [], 0

    def place(self, share):
        """Return where a share of its length is on the page."""
        box = self.track.bounding_box()
        return box["x"] + box["width"] * share, box["y"] + box["height"] / 2

    def press(self, share):
        """Press the slider at a share of its length, let go, and time the picture."""
        self.track.scroll_into_view_if_needed()
        mouse = self.page.mouse
        mouse.move(*self.place(share))
        self.page.evaluate(WATCH, self.cell)
        mouse.down()
        mouse.up()
        came = self.page.evaluate("() => window.picture")
        if came is not None:
            self.times.append(max(0, came - self.page.evaluate("() => window.released")))
        self.rest()

    def drag(self):
        """Drag the slider along for a second, and count the pictures."""
        self.track.scroll_into_view_if_needed()
        mouse = self.page.mouse
        mouse.move(*self.place(0.1))
        mouse.down()
        self.page.evaluate(COUNT, self.cell)
        begin = time.monotonic()
        while (share := time.monotonic() - begin) < 1:
            mouse.move(*self.place(0.1 + 0.8 * share))
        self.pictures = self.page.evaluate("() => window.shown.size")
        mouse.up()
        self.rest()

    def rest(self):
        """Wait until all is quiet: a timer made anew, and a kernel with nothing to do."""
        self.notebook.wait_until_idle()
        self.page.wait_for_timeout(200)

    def __str__(self):
        ordered = sorted(self.times)
        p50, p95 = (ordered[min(int(len(ordered) * share), len(ordered) - 1)] for share in (0.5, 0.95))
        dragged = f"   {self.pictures} pictures in a second of dragging" if self.pictures else ""
        longest = f"longest of {len(ordered)} {ordered[-1]:6.1f} ms"
        return f"{self.name:42} p50 {p50:6.1f} ms   p95 {p95:6.1f} ms   {longest}{dragged}"


def main(times=60):
    with tempfile.TemporaryDirectory() as empty, sync_playwright() as playwright:
        server = LabServer(empty)
        server.configure("notebook-extension:tracker", windowingMode="none")  # every cell is there, seen or not
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS))
        try:
            page = browser.new_page(viewport={"width": 1400, "height": 2400})
            notebook = LabNotebook(
                server, page, server.write("sliders.ipynb", PLAIN, *(f"import qlkit\n{app}" for app in APPS))
            )
            notebook.run_all()
            contenders = [Contender(notebook, "ipywidgets.interact, inline backend", 0, ".noUi-base")]
            for cell, (app, nth) in enumerate(APPS.items(), 1):
                contenders.append(Contender(notebook, app, cell, ".qlkit-slider input", nth))
            shares = [0.05 + 0.9 * n / times for n in range(times)]
            random.Random(6).shuffle(shares)  # noqa: S311 - an order, and the same in each run
            for share in [0.6, 0.3, *shares]:
                for each in contenders:
                    each.press(share)
            for each in contenders:
                del each.times[:2]  # the first pictures load fonts
            for each in contenders[1:]:
                each.drag()
            load = ", ".join(f"{number:.1f}" for number in os.getloadavg())
            print(f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}", end=", ")
            print(f"matplotlib {mpl.__version__}, Chromium {browser.version}, load {load}")
            print(f"{times} presses each; budget for the 95th percentile: {BUDGET} ms")
            print(*contenders, sep="\n")
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
