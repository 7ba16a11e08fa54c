"""Print what the timer tells the kernel, and what share of the page's main thread it takes.

Run as ``python tests/bench/bench_messages.py``. The page is a bare one, visible, in the system's
Chromium; the kernel is a stand-in that counts.
"""

import os
import platform
import sys
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "browser")]

from bare import BareWidget, PageServer  # noqa: E402
from conftest import find_chromium  # noqa: E402
from processes import CHROMIUM_FLAGS  # noqa: E402
from timer_page import TimerPage, short_plan  # noqa: E402

import qlkit  # noqa: E402

SECONDS = 10
BUDGET = 2


def rest(page, cdp):
    """Say what share of the main thread ten seconds take in which nobody does anything."""

    def clocks():
        found = {m["name"]: m["value"] for m in cdp.send("Performance.getMetrics")["metrics"]}
        return time.perf_counter(), found["TaskDuration"], found["ScriptDuration"]

    before = clocks()
    page.wait_for_timeout(SECONDS * 1000)
    wall, task, script = (b - a for a, b in zip(before, clocks(), strict=True))
    return f"{100 * task / wall:4.1f} % of the main thread, {100 * script / wall:3.1f} % in scripts"


def main():
    server = PageServer()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS))
        print(f"{os.cpu_count()} CPUs, {platform.machine()}, Python {platform.python_version()}", end=", ")
        print(f"Chromium {browser.version}")
        page = browser.new_page()
        cdp = page.context.new_cdp_session(page)
        cdp.send("Performance.enable")
        page.goto(server.url)
        print(f"{'no timer':<8} {rest(page, cdp)}")

        def open_timer(plan):
            return TimerPage(lambda *args, **options: BareWidget(page, server, *args, **options), plan)

        counts = {}

        def press(button, name=None):
            before = len(t.widget.messages())
            t.press(button)
            counts[name or button] = max(counts.get(name or button, 0), len(t.widget.messages()) - before)

        t = open_timer(qlkit.load_routine("labor").plan())
        for status, button in (("ready", None), ("running", "Start"), ("paused", "Pause")):
            if button:
                press(button)
            before = len(t.widget.messages())
            share = rest(page, cdp)
            print(f"{status:<8} {share}; {len(t.widget.messages()) - before} messages in {SECONDS} s")
        for button in ("Resume", "Next", "Back", "+30 s", "Stop", "Start again", *["Next"] * 9):
            press(button)
        press("Next", "the end by Next")
        assert t.widget.get("status") == "finished"

        t = open_timer(short_plan(hold=2, move=1, last=1))
        t.press("Start")
        before = len(t.widget.messages())
        t.wait_for_status("finished")
        counts["two changes and the end by the clock"] = len(t.widget.messages()) - before
        told = ", ".join(f"{name} {count}" for name, count in counts.items())
        print(f"messages to the kernel (budget {BUDGET} for each transition): {told}")
        browser.close()
    server.close()


if __name__ == "__main__":
    main()
