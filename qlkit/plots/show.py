"""A figure with its words, for a notebook: the inline backend of Jupyter can't carry any."""

from __future__ import annotations

import base64
import html
import io
import re
import sys
from typing import TYPE_CHECKING, Any

from qlkit.errors import QlkitError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class Picture:
    """A drawn figure as SVG text, with the words that say the same.

    A notebook shows the drawing on a white card, with the first line of the words as its
    alternative text, and the rest folded beneath it.
    """

    def __init__(self, svg: str, words: str) -> None:
        self.svg, self.words = svg, words

    def __repr__(self) -> str:
        """Return the words."""
        return self.words

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        # An SVG in an <img> of its own keeps its ids to itself: those of two figures on a page could clash otherwise.
        data = base64.b64encode(self.svg.encode()).decode()
        alt, _, rest = self.words.strip().partition("\n")
        more = f"<details><summary>In words</summary><pre>{html.escape(rest.strip())}</pre></details>" if rest else ""
        image = (
            # On a phone it is rather moved sideways than made too small to read.
            '<img style="max-width: max(100%, 32rem); height: auto; background: white; border-radius: 4px" '
            f'alt="{html.escape(alt)}" src="data:image/svg+xml;base64,{data}">'
        )
        card = f'<div class="qlkit-picture" style="overflow-x: auto" tabindex="0">{image}{more}</div>'
        return {"text/html": card, "text/plain": self.words}


def picture(drawn: Axes | Figure, words: Any) -> Picture:
    """Turn a figure into something a notebook shows together with its words.

    Parameters
    ----------
    drawn : Axes or Figure
        What a plotting function returned. A figure of pyplot is closed, so that it isn't shown twice.
    words : str, or anything that ``qlkit.describe`` takes
        What the figure shows. The first line should say what matters most. A single word is a
        key, such as ``"ql"`` or ``"height-recovery"``.

    Returns
    -------
    Picture
        The same figure always gives the same bytes.

    Examples
    --------
    >>> import qlkit
    >>> from qlkit.plots.show import picture
    >>> plan = qlkit.load_routine("sitting").plan(minutes=10)
    >>> picture(qlkit.plot_timeline(plan), "Lie down for 8:40, then get up.")
    Lie down for 8:40, then get up.
    """
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from qlkit.plots.style import style
    from qlkit.words import describe

    figure = drawn.get_figure(root=True) if isinstance(drawn, Axes) else drawn
    if not isinstance(figure, Figure):
        raise QlkitError(f"a picture is made of an Axes or a Figure of matplotlib, not of {drawn!r}")
    # A single word can't say what a picture shows: it is the key of something that can be described.
    if not isinstance(words, str) or re.fullmatch(r"[\w-]+", words):
        words = describe(words)
    if not words.strip():
        raise QlkitError("a picture needs words that say what it shows")
    file = io.StringIO()
    with style():
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(file, format="svg", metadata={**nothing, "Description": words})
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close(figure)
    # A hundredth of a point is finer than any screen; all digits would make a notebook twice as large.
    svg = re.sub(r' d="[^"]*"', lambda path: re.sub(r"(\.\d\d)\d+", r"\1", path[0]), file.getvalue())
    return Picture(svg, words)
