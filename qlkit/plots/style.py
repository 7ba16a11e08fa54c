"""The one style of all pictures, and what each colour means."""

from contextlib import AbstractContextManager
from importlib import resources

INK = "#1F2933"
"""Text and outlines."""

MUTED = "#44546A"
"""Secondary text, leader lines, the floor."""

COLORS = {
    "hold": "#0B6BA8",
    "move": "#C2570C",
    "pause": "#8E8E8A",
    "planned": "#6B7F94",
    "actual": "#007A5E",
}
"""One fixed meaning for each fill colour; hatch, text or position always says the same."""


def style() -> AbstractContextManager[None]:
    """Return the context in which every qlkit picture is drawn; global settings stay untouched.

    Not pyplot, so that it may be used in a widget callback, which can run on another thread.
    """
    import matplotlib.style

    return matplotlib.style.context(str(resources.files("qlkit.plots") / "qlkit.mplstyle"))
