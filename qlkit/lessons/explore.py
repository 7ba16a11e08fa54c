"""Explorers: move a slider, see the timeline, press a button and be led through it."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from qlkit.errors import PlanError
from qlkit.plan import Plan, clock
from qlkit.plots.show import picture
from qlkit.plots.timeline import plot_timeline
from qlkit.routine import Routine
from qlkit.routine_file import load_routine, routines
from qlkit.session import Record
from qlkit.timer.widget import SessionTimer

LONGEST = 40
"""The longest total, in minutes, that the slider offers (teaching choice)."""


class Explorer(widgets.VBox):
    """Choose a routine and a time, see the timeline, then be led through it by ``timer``.

    ``records`` keeps the sessions of timers that a later choice took the place of.
    """

    def __init__(self, choices: tuple[Routine, ...]) -> None:
        self.routine = widgets.ToggleButtons(
            options=[(routine.title, routine) for routine in choices],
            style={"button_width": "auto", "description_width": "initial"},
            layout={"display": "none"} if len(choices) == 1 else {},
        )
        self.minutes = widgets.FloatSlider(
            description="Minutes in all", step=0.5, readout_format=".1f", continuous_update=False
        )
        self.minutes.style.description_width = "initial"
        self.minutes.layout.width = "min(36rem, 95%)"
        self.picture = widgets.HTML()
        self.timer: SessionTimer | None = None
        self.records: list[Record] = []
        super().__init__([self.routine, self.minutes, self.picture])
        self.routine.observe(lambda _: self._choose(), "value")
        self.minutes.observe(lambda _: self._plan(), "value")
        self._choose()

    @property
    def plan(self) -> Plan:
        """The plan that is shown."""
        return self.timer.plan

    def _choose(self) -> None:
        """Offer the times that the chosen routine can fill, beginning with its shortest."""
        shortest = -(-self.routine.value.plan().total // 30) / 2
        with self.minutes.hold_trait_notifications():
            self.minutes.min, self.minutes.max = 0, max(LONGEST, shortest)
            self.minutes.value = shortest
            self.minutes.min = shortest
        self._plan()

    def _plan(self) -> None:
        routine = self.routine.value
        choice = [self.routine, self.minutes]
        try:
            plan = routine.plan(minutes=self.minutes.value)
        except PlanError as error:
            if self.timer and self.timer.plan.routine == routine.key:
                self.children = [*choice, widgets.Label(str(error))]
                return
            plan = routine.plan()  # whole half-minutes don't fit it; its own shortest always does
        if self.timer is None or self.timer.plan != plan:
            self.picture.value = timeline_html(plan)
            self._take(SessionTimer(plan))
        self.children = [*choice, self.picture, self.timer]

    def _take(self, timer: SessionTimer) -> None:
        if self.timer:
            if self.timer.events:
                self.records.append(self.timer.record)
            self.timer.close()
        self.timer = timer
        self.timer.observe(self._lock, "status")

    def _lock(self, change: Any) -> None:
        """While a session is on, the choice stays: changing it would end the session."""
        busy = change["new"] in ("running", "paused")
        self.routine.disabled = self.minutes.disabled = busy

    def __repr__(self) -> str:
        """Return a stable text without an address."""
        return f"Explorer({self.plan.title!r}, {clock(self.plan.total)})"

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """Add the timeline, for a page without a kernel."""
        shown = super()._repr_mimebundle_(**kwargs)
        return {**shown, "text/html": self.picture.value, "text/plain": repr(self)}


def timeline_html(plan: Plan) -> str:
    """Return the timeline of a plan, with its words, as HTML."""
    return picture(plot_timeline(plan), plan)._repr_mimebundle_()["text/html"]


def explore(routine: Routine | str | None = None) -> Explorer:
    """Show sliders, the timeline they lead to, and a timer that carries it out.

    Parameters
    ----------
    routine : Routine or str, optional
        A routine or its key; without one, the person chooses among the built-in routines.

    Examples
    --------
    >>> import qlkit
    >>> qlkit.explore("sitting")
    Explorer('After too much sitting', 6:00)
    """
    if routine is None:
        return Explorer(tuple(routines().values()))
    return Explorer((routine if isinstance(routine, Routine) else load_routine(routine),))
