"""Make the README's pictures: `python tests/notebooks/pictures.py`. A real lesson in a real JupyterLab."""

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
sys.path += [str(ROOT / "tests"), str(ROOT / "tests" / "browser")]

from conftest import find_chromium  # noqa: E402
from lab import LabNotebook, LabServer  # noqa: E402
from processes import CHROMIUM_FLAGS  # noqa: E402


def main():
    server = LabServer(ROOT / "notebooks")
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS))
            page = browser.new_context(viewport={"width": 1100, "height": 1500}).new_page()
            page.add_init_script(path=ROOT / "tests" / "browser" / "fakes.js")  # a browser with a voice
            notebook = LabNotebook(server, page, "04_release_after_labor.ipynb")
            notebook.run_all()
            timer = page.locator(".qlkit-timer")
            timer.get_by_role("button", name="Start", exact=True).click()
            for _ in range(3):  # past the lead-in and the first two parts
                timer.get_by_role("button", name="Next", exact=True).click()
            app = page.locator(".widget-vbox, .jupyter-widgets.widget-vbox").filter(has=timer).last
            shot = Image.open(io.BytesIO(app.screenshot()))
            browser.close()
    finally:
        server.stop()
    target = ROOT / "notebooks" / "pictures" / "timer.png"
    target.parent.mkdir(exist_ok=True)
    # Few colours keep it small; the drawing has no more.
    shot.convert("RGB").quantize(64).save(target, optimize=True)
    print(f"{target.relative_to(ROOT)}: {shot.size[0]} x {shot.size[1]}, {target.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()
