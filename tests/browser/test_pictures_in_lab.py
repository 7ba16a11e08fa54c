"""Pictures in a real JupyterLab: what a screen reader is told of them, and what the accessibility engine finds."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

import qlkit

PLAN = qlkit.load_routine("labor").plan(minutes=15)
SHOWN = {
    "plot_timeline(plan)": PLAN,
    "plot_storyboard(plan)": PLAN,
    "plot_ql()": "ql",
    "plot_evidence('height-recovery')": "height-recovery",
    "plot_pose('supine')": "supine",
}
"""What makes a picture, and what is described."""

FIRST = "import qlkit\nplan = qlkit.load_routine('labor').plan(minutes=15)"


def contrast(text, ground):
    """Return the contrast of a text, which may be translucent, with its opaque ground: colours as CSS writes them."""
    lights = []
    *over, alpha = (*map(float, re.findall(r"[\d.]+", text)), 1.0)[:4]
    under = [float(part) for part in re.findall(r"[\d.]+", ground)]
    for color in ([alpha * a + (1 - alpha) * b for a, b in zip(over, under, strict=True)], under):
        parts = [part / 255 for part in color]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        lights.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
    return (max(lights) + 0.05) / (min(lights) + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_picture_has_a_name_and_no_barrier(lab_server, open_notebook, theme):
    things = {made: "plan" if thing is PLAN else repr(thing) for made, thing in SHOWN.items()}
    # A text is taken as the words themselves, not as the key of what is described.
    cells = [FIRST, *(f"qlkit.picture(qlkit.{made}, qlkit.describe({thing}))" for made, thing in things.items())]
    # A tall window, so that no cell is out of sight: JupyterLab takes those out of the page.
    notebook = open_notebook(lab_server.write("pictures.ipynb", *cells), height=6000, theme=theme)
    notebook.run_all()
    page = notebook.page
    outputs = page.locator(".jp-NotebookPanel:visible .jp-OutputArea-output")
    images = outputs.get_by_role("img")
    expect(images).to_have_count(len(SHOWN))
    for image, thing in zip(images.all(), SHOWN.values(), strict=True):
        expect(image).to_have_accessible_name(qlkit.describe(thing).splitlines()[0])
        assert image.evaluate("node => [node.localName, node.complete && node.naturalWidth > 0]") == ["img", True]
        expect(image).to_be_visible()
    assert page.evaluate("() => document.body.dataset.jpThemeLight") == str(theme == "light").lower()

    # What is folded is read as well, once it is open.
    for folded in outputs.locator("details").all():
        folded.evaluate("node => (node.open = true)")
    # Without these types, axe lists only one of the nodes that pass a rule.
    found = Axe().run(page, ".jp-OutputArea-output", {"resultTypes": ["violations", "passes"]}).response
    assert found["testEngine"]["name"] == "axe-core"
    checked = {rule["id"]: len(rule["nodes"]) for rule in found["passes"]}
    assert checked["image-alt"] == len(SHOWN)
    grave = [rule for rule in found["violations"] if rule["impact"] in ("serious", "critical")]
    assert [f"{rule['id']}: {node['html'][:120]}" for rule in grave for node in rule["nodes"]] == []

    # In JupyterLab's page axe finds its rule for contrast not applicable, so that is worked out here.
    pairs = outputs.locator("summary, pre").evaluate_all(
        """nodes => nodes.map((node) => {
            const look = (each) => getComputedStyle(each);
            let under = node;
            while (look(under).backgroundColor === "rgba(0, 0, 0, 0)") under = under.parentElement;
            return [look(node).color, look(under).backgroundColor];
        })"""
    )
    assert len(pairs) == 2 * checked["summary-name"] > 0
    assert [pair for pair in pairs if contrast(*pair) < 4.5] == []
