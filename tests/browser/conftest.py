"""Fixtures for tests in a real Chromium: a bare page with a fake kernel, a real JupyterLab, a hidden tab.

The `page` and `context` of pytest-playwright work too: they are the system's Chromium, new and empty for each test.
"""

from pathlib import Path

import pytest
from bare import BareWidget, PageServer
from hidden import HiddenTab
from lab import LabNotebook, LabServer
from processes import CHROMIUM_FLAGS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args, chromium):
    """Make pytest-playwright start the system's Chromium."""
    return {**browser_type_launch_args, "executable_path": chromium, "args": list(CHROMIUM_FLAGS)}


@pytest.fixture
def problems():
    """Collect what pages write to their console as errors, and exceptions nobody caught, as texts."""
    return []


@pytest.fixture
def new_context(new_context, problems):
    """Make a new, empty browser context whose pages report to `problems`."""

    def on_console(message):
        if message.type == "error":
            problems.append(f"{message.text} ({message.location['url']})")

    def make(**options):
        context = new_context(**options)
        context.on("console", on_console)
        context.on("weberror", lambda error: problems.append(f"not caught: {error.error}"))
        return context

    return make


@pytest.fixture(scope="session")
def page_server():
    """Serve the bare test page and qlkit/timer."""
    server = PageServer()
    yield server
    server.close()


@pytest.fixture
def bare_widget(page, page_server):
    """Open widgets in the bare page: `bare_widget(source, state, css="", views=1)`."""
    return lambda source, state, **options: BareWidget(page, page_server, source, state, **options)


@pytest.fixture
def heard(page):
    """Replace sound and speech by recorders; `heard()` gives what would have been heard since the page loaded."""
    page.add_init_script(path=Path(__file__).with_name("fakes.js"))
    return lambda: page.evaluate("() => window.heard")


@pytest.fixture(scope="session")
def lab_server(chromium):  # noqa: ARG001 - without a browser the server would start in vain
    """Run one JupyterLab for all tests."""
    server = LabServer(ROOT / "notebooks")
    yield server
    server.stop()


@pytest.fixture
def open_notebook(lab_server, new_context):
    """Open notebooks in JupyterLab: `open_notebook(name, width=1600, height=1000, theme="light")`."""
    opened = []

    def open_(name, width=1600, height=1000, theme="light"):
        lab_server.set_theme(theme)
        context = new_context(viewport={"width": width, "height": height}, color_scheme=theme)
        opened.append(LabNotebook(lab_server, context.new_page(), name))
        return opened[-1]

    yield open_
    for notebook in opened:
        notebook.close()


@pytest.fixture
def hidden_tab(chromium):
    """Give a tab of a Chromium of its own that can be hidden for real."""
    tab = HiddenTab(chromium)
    yield tab
    tab.close()
