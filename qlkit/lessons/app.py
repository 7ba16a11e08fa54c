"""What all explorers share: a slider with a name, controls with the picture they lead to, a timer beneath it."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from importlib import resources
from typing import Any

import anywidget
import ipywidgets as widgets
import traitlets

from qlkit.errors import QlkitError
from qlkit.plan import Plan
from qlkit.plots.show import Picture
from qlkit.session import Record
from qlkit.timer.widget import SessionTimer


def _file(name: str) -> str:
    return (resources.files("qlkit.lessons") / name).read_text(encoding="utf-8")


class Slider(anywidget.AnyWidget):
    """A slider of the browser's own: that of ipywidgets has no name for a screen reader.

    It gives its value while it is moved, with ``held`` for as long. In the unit ``min`` it is read as minutes and
    seconds.

    Examples
    --------
    >>> Slider(label="Minutes in all", value=15, min=6, max=40, step=0.5, unit="min")
    Slider('Minutes in all', 15 min)
    """

    _esm = _file("slider.js")
    _css = _file("slider.css")

    label = traitlets.Unicode().tag(sync=True)
    unit = traitlets.Unicode().tag(sync=True)
    value = traitlets.CFloat().tag(sync=True)
    min = traitlets.CFloat(0.0).tag(sync=True)
    max = traitlets.CFloat(100.0).tag(sync=True)
    step = traitlets.CFloat(1.0).tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)
    held = traitlets.Bool(False).tag(sync=True)

    def __repr__(self) -> str:
        """Return a stable text without an address."""
        return f"Slider({self.label!r}, {self.value:g} {self.unit})"


class App(widgets.VBox):
    """Controls, and beneath them what they lead to; on a page without a kernel that alone.

    A kind of app says in ``summary`` in one line what is shown, and in ``look`` shows it as HTML. Both may
    raise a QlkitError, whose words are then shown instead.
    """

    def __init__(self, *rows: widgets.Widget) -> None:
        self.picture = widgets.HTML()
        super().__init__([*rows, self.picture])
        self.add_class("qlkit-app")

    def follow(self, controls: Iterable[widgets.Widget]) -> None:
        """Show anew what the controls lead to whenever one of them changes."""
        for control in controls:
            control.observe(lambda _: self.update(), "value")
        self.update()

    def update(self) -> None:
        """Show what the controls lead to."""
        try:
            # A line of its own height: that of ipywidgets is made for a control.
            self.picture.value = f'<div style="line-height: 1.4">{self.look()}</div>'
        except QlkitError as error:
            self.instead(error)

    def instead(self, error: QlkitError) -> None:
        """Show, in place of the picture, what would be possible."""
        self.picture.value = f'<p role="alert">{html.escape(str(error))}</p>'

    def __repr__(self) -> str:
        """Return a stable text without an address."""
        try:
            return f"{type(self).__name__}: {self.summary()}"
        except QlkitError as error:
            return f"{type(self).__name__}: {error}"

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """Add the picture, for a page without a kernel."""
        shown = super()._repr_mimebundle_(**kwargs)
        return {**shown, "text/html": self.picture.value, "text/plain": repr(self)}


class TimerApp(App):
    """An app whose plans can be carried out by ``timer``; ``records`` keeps the sessions of timers before it."""

    def __init__(self, *rows: widgets.Widget, journal: Any = None) -> None:
        self.timer: SessionTimer | None = None
        self.records: list[Record] = []
        self._more = {} if journal is None else {"journal": journal}
        self._rows = rows
        super().__init__(*rows)

    def controls(self) -> Iterable[widgets.Widget]:
        """Return all that is locked while a session is on."""
        raise NotImplementedError

    def lead(self, plan: Plan | None) -> None:
        """Show a timer for this plan, or none; one that is there already for the same plan stays."""
        if plan and not (self.timer and self.timer.plan == plan):
            if self.timer:
                if self.timer.events:
                    self.records.append(self.timer.record)
                self.timer.close()
            self.timer = SessionTimer(plan, **self._more)
            self.timer.observe(self._lock, "status")
        self.children = [*self._rows, self.picture, *([self.timer] if plan else [])]

    def instead(self, error: QlkitError) -> None:
        """Show what would be possible, and no timer."""
        super().instead(error)
        self.lead(None)

    def _lock(self, change: Any) -> None:
        """While a session is on, the choice stays: changing it would end the session."""
        for control in self.controls():
            control.disabled = change["new"] in ("running", "paused")


def shown(svg: str, words: str) -> str:
    """Return a picture with its words as HTML."""
    return Picture(svg, words)._repr_mimebundle_()["text/html"]


def table(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table as HTML; the first cell of a row is its name. On a narrow page it is moved sideways."""
    look = 'style="text-align: left; vertical-align: top; padding: 0.2rem 1rem 0.2rem 0"'
    title, body = html.escape(title), ""
    for scope, (name, *cells) in (("col", heads), *(("row", row) for row in rows)):
        kind = "th scope=col" if scope == "col" else "td"
        more = "".join(f"<{kind} {look}>{html.escape(cell)}" for cell in cells)
        body += f"<tr><th scope={scope} {look}>{html.escape(name)}{more}"
    return (
        f'<div style="overflow-x: auto" tabindex="0" role="region" aria-label="{title}">'
        '<table style="width: 100%; min-width: 21rem; max-width: 46rem; table-layout: fixed; margin-bottom: 1rem">'
        f'<caption style="text-align: left; font-weight: bold">{title}</caption>{body}</table></div>'
    )


def paragraphs(*texts: str) -> str:
    """Return texts as paragraphs of HTML."""
    return "".join(f"<p>{html.escape(text)}</p>" for text in texts)
