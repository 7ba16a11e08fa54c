"""Many short texts as one artist of matplotlib: each one as a text of its own takes twice as long to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.artist import Artist
from matplotlib.font_manager import FontProperties

from qlkit.plots.paper import advance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.backend_bases import RendererBase


class LabelsArtist(Artist):
    """Texts of one line, each at a point of its baseline, in data coordinates; ``ha`` is ``"left"`` or ``"center"``."""

    def __init__(
        self, points: Sequence[tuple[float, float]], texts: Sequence[str], size: float, bold: bool, color: str, ha: str
    ) -> None:
        super().__init__()
        self.points, self.texts, self.color = points, texts, color
        self.font = FontProperties(family="DejaVu Sans", size=size, weight="bold" if bold else "normal")
        self.back = [advance(text, size, bold) / 2 * (ha == "center") for text in texts]
        self.set(in_layout=False, gid="labels")

    def places(self, renderer: RendererBase) -> list[tuple[float, float]]:
        """Return where each text begins, in pixels from the lower left."""
        pixels = self.axes.transData.transform(self.points)
        return [(x - renderer.points_to_pixels(back), y) for (x, y), back in zip(pixels, self.back, strict=True)]

    def draw(self, renderer: RendererBase) -> None:
        """Write the texts."""
        renderer.open_group("labels", self.get_gid())
        gc = renderer.new_gc()
        gc.set_foreground(self.color)
        top = renderer.get_canvas_width_height()[1] if renderer.flipy() else 0
        for (x, y), text in zip(self.places(renderer), self.texts, strict=True):
            renderer.draw_text(gc, x, abs(top - y), text, self.font, 0)
        gc.restore()
        renderer.close_group("labels")
