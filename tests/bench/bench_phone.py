"""Print how large the phone pages are, how soon they open, what they ask for, and what axe finds in them.

Run as ``python tests/bench/bench_phone.py``. The pages are opened from files in the system's Chromium, each time in a
new, empty context; a page is open when its Start button can be pressed.
"""

import os
import platform
import statistics
import sys
import tempfile
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "browser")]

from conftest import find_chromium  # noqa: E402
from processes import CHROMIUM_FLAGS  # noqa: E402
from test_phone_page import OPENS, PHONE  # noqa: E402

import qlkit  # noqa: E402

TIMES = 20


def main():
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS))
        print(f"{os.cpu_count()} CPUs (load {os.getloadavg()[0]:.1f}), {platform.machine()}", end=", ")
        print(f"Python {platform.python_version()}, Chromium {browser.version}")
        for key in qlkit.routines():
            plan = qlkit.load_routine(key).plan()
            path = qlkit.write_phone_page(plan, Path(folder) / f"{key}.html")
            took, asked, found = [], [], []
            for turn in range(TIMES):
                scheme = ("light", "dark")[turn % 2]
                context = browser.new_context(viewport=PHONE, color_scheme=scheme)
                page = context.new_page()
                page.on("request", lambda request, asked=asked: asked.append(request.url))
                page.goto(path.as_uri())
                took.append(page.evaluate(OPENS))
                if turn < 2:
                    found += Axe().run(page).response["violations"]
                context.close()
            network = [url for url in asked if url.partition(":")[0] not in ("file", "data", "blob")]
            print(f"{key:<8} {path.stat().st_size:>7,} bytes (budget 120,000)", end="; ")
            print(f"opens in {statistics.median(took):.3f} s, best {min(took):.3f} s (budget 0.3 s)", end="; ")
            print(f"{len(network)} network requests, {len(found)} axe violations in light and dark")
        browser.close()


if __name__ == "__main__":
    main()
