"""Many short texts as one artist of matplotlib: each one as a text of its own takes twice as long to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.artist import Artist
from matplotlib.font_manager import FontProperties

from qlkit.plots.paper import advance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.backend_bases import RendererBase

    from qlkit.plots.sheet import Text


class LabelsArtist(Artist):
    """Texts of a sheet that look alike, on an Axes with so many points to a second, with letters ``k`` times as big."""

    def __init__(self, texts: Sequence[Text], scale: float, k: float) -> None:
        super().__init__()
        _, _, _, size, bold, self.color, _, ha = texts[0]
        self.points = [(text.x / scale, text.y) for text in texts]
        self.texts = [text.lines[0] for text in texts]
        self.back = [k * advance(text, size, bold) / 2 * (ha == "center") for text in self.texts]
        self.font = FontProperties(family="DejaVu Sans", size=size * k, weight="bold" if bold else "normal")
        self.set(in_layout=False, gid="labels", zorder=3)

    def places(self, renderer: RendererBase) -> list[tuple[float, float]]:
        """Return where each text begins, in pixels from the lower left."""
        pixels = self.axes.transData.transform(self.points)
        return [(x - renderer.points_to_pixels(back), y) for (x, y), back in zip(pixels, self.back, strict=True)]

    def draw(self, renderer: RendererBase) -> None:
        """Write the texts."""
        if not self.get_visible():
            return
        renderer.open_group("labels", self.get_gid())
        gc = renderer.new_gc()
        gc.set_foreground(self.color)
        top = renderer.get_canvas_width_height()[1]
        for (x, y), text in zip(self.places(renderer), self.texts, strict=True):
            renderer.draw_text(gc, x, top - y if renderer.flipy() else y, text, self.font, 0)
        gc.restore()
        renderer.close_group("labels")
