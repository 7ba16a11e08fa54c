"""Explorers of routines: move a slider, see the timeline, press a button and be led through it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from qlkit.errors import PlanError, QlkitError
from qlkit.lessons.app import Slider, TimerApp, paragraphs, shown
from qlkit.plan import Plan, clock
from qlkit.plots.svg import sheet_svg
from qlkit.plots.timeline import timeline_sheet
from qlkit.routine import Hold, Routine
from qlkit.routine_file import load_routine, routines
from qlkit.words import describe

if TYPE_CHECKING:
    from qlkit.journal import Journal

LONGEST = 30
"""Where the slider of a hold that may be longer ends, in minutes (teaching choice)."""


def _end(hold: Hold) -> float:
    return max(hold.longest, LONGEST * hold.open_ended)


def _total_slider(routine: Routine, label: str, skip: Iterable[str] = ()) -> Slider:
    """Return a slider from the shortest time, without the steps of ``skip``, to the longest."""
    start = least = routine.plan().total / 60
    if set(skip) < set(routine.keys):  # all of them can't be left out at once
        least = routine.plan(skip=skip).total / 60
    most = start + sum(_end(step.hold) - step.hold.shortest for step in routine.steps)
    return Slider(label=label, unit="min", step=0.5, min=least, max=most, value=start)


class Explorer(TimerApp):
    """Choose a routine, a time, holds and steps; see the timeline, then be led through it by ``timer``.

    ``records`` keeps the sessions of timers that a later choice took the place of.
    """

    def __init__(self, choices: tuple[Routine, ...], journal: Journal | None = None) -> None:
        self.routine = widgets.ToggleButtons(
            options=[(routine.title, routine) for routine in choices],
            style={"button_width": "auto", "description_width": "initial"},
            layout={"display": "none"} if len(choices) == 1 else {},
        )
        self.more = widgets.Checkbox(description="Set each hold", indent=False)
        self._total, self._each = widgets.VBox(), widgets.VBox(layout={"display": "none", "margin": "0 0 0 1.5rem"})
        self._following = False
        super().__init__(self.routine, self._total, self.more, self._each, journal=journal)
        self.routine.observe(lambda _: self._choose(), "value")
        self.more.observe(lambda more: setattr(self._each.layout, "display", "" if more["new"] else "none"), "value")
        self._choose()

    def controls(self) -> Iterable[widgets.Widget]:
        """Return all that is locked while a session is on."""
        return [self.routine, self.minutes, *self.steps.values(), *self.holds.values()]

    def _choose(self) -> None:
        """Offer the times and steps of the chosen routine, beginning with its shortest."""
        self.steps, self.holds, rows = {}, {}, []
        for step in self.routine.value.steps:
            name, hold = f"{step.part} {step.title}".strip(), step.hold
            if step.optional:
                self.steps[step.key] = widgets.Checkbox(True, description=f"With {name}", indent=False)
                self.steps[step.key].observe(lambda _: self._fit(), "value")
                rows.append(self.steps[step.key])
            if _end(hold) > hold.shortest:
                label = f"{name}, minutes{' or longer' * hold.open_ended}"
                self.holds[step.key] = Slider(label=label, unit="min", step=0.5, min=hold.shortest, max=_end(hold))
                self._heed(self.holds[step.key], self._hold)
                rows.append(self.holds[step.key])
        old = [*self._total.children, *self._each.children]
        self.minutes = _total_slider(self.routine.value, "Minutes in all", self.steps)
        self._heed(self.minutes, self._fit)
        self._total.children, self._each.children = [self.minutes], rows
        for widget in old:
            widget.close()
        self._fit()

    def _heed(self, slider: Slider, act: Callable[[], None]) -> None:
        """Act whenever a slider has another value, and when it is let go."""
        slider.observe(lambda change: change["new"] is not True and act(), ["value", "held"])

    def _fit(self) -> None:
        """Fit the steps that are left in to the total; the holds follow."""
        self._try(minutes=self.minutes.value)

    def _hold(self) -> None:
        """Take the holds as they are; the total follows."""
        holds = {}
        for step in self.routine.value.steps:
            if step.key in self.holds and step.key not in self._skipped():
                most = inf if step.hold.open_ended else step.hold.longest
                # What is a whole number of seconds may lie a breath outside limits in minutes.
                holds[step.key] = min(max(self.holds[step.key].value, step.hold.shortest), most)
        self._try(holds=holds)

    def _skipped(self) -> list[str]:
        return [key for key, box in self.steps.items() if not box.value]

    def _try(self, **wish: Any) -> None:
        """Show the plan that a choice leads to; its timer once no slider is held any more."""
        if self._following:
            return
        try:
            self.plan = self.routine.value.plan(skip=self._skipped(), **wish)
        except PlanError as error:
            self.instead(error)
            return
        self.update()
        self._following = True
        minutes = {i.step: i.seconds / 60 for i in self.plan.intervals if i.kind == "hold"}
        for key, slider in [*self.holds.items(), ("all", self.minutes)]:
            slider.layout.display = "" if key in (*minutes, "all") else "none"
            if not slider.held:  # it would be pulled from under the hand
                slider.value = minutes.get(key, slider.value) if key != "all" else self.plan.total / 60
            slider.max = max(slider.max, slider.value)
        self._following = False
        if not any(slider.held for slider in (self.minutes, *self.holds.values())):
            self.lead(self.plan)

    def look(self) -> str:
        """Return the totals in words and the timeline."""
        rise = sum(i.seconds for i in self.plan.intervals if i.rises)
        total, held = self.plan.total, self.plan.hold_total
        parts = {"held": held, "of moves": total - held - rise, "to rise": rise}
        said = ", ".join(f"{clock(seconds)} {what}" for what, seconds in parts.items() if seconds)
        return paragraphs(f"{clock(total)} in all: {said}.") + timeline_html(self.plan)

    def __repr__(self) -> str:
        """Return a stable text without an address."""
        return f"Explorer({self.plan.title!r}, {clock(self.plan.total)})"


class Comparison(TimerApp):
    """Routines beneath each other, each with its own time; a button shows the timer of one."""

    def __init__(self, chosen: tuple[Routine, ...]) -> None:
        self.chosen = chosen
        self.minutes = [_total_slider(routine, f"{routine.title}, minutes") for routine in chosen]
        self.buttons = [widgets.Button(description=f"Timer: {r.title}", layout={"width": "auto"}) for r in chosen]
        super().__init__(*self.minutes, widgets.HBox(self.buttons, layout={"flex_flow": "row wrap"}))
        for number, button in enumerate(self.buttons):
            button.on_click(lambda _, number=number: self.lead(self.plans[number]))
        self.follow(self.minutes)

    def controls(self) -> Iterable[widgets.Widget]:
        """Return all that is locked while a session is on."""
        return [*self.minutes, *self.buttons]

    @property
    def plans(self) -> list[Plan]:
        """The plans that are shown."""
        return [r.plan(minutes=slider.value) for r, slider in zip(self.chosen, self.minutes, strict=True)]

    def update(self) -> None:
        """Show what the sliders lead to; the timer of a plan before is no longer that of this one."""
        super().update()
        self.lead(None)

    def summary(self) -> str:
        """Return the difference in words."""
        return describe(self.plans).partition("\n")[0]

    def look(self) -> str:
        """Return the difference in words and the timelines."""
        return paragraphs(self.summary()) + timeline_html(*self.plans)


def timeline_html(*plans: Plan) -> str:
    """Return the timeline of plans, with its words, as HTML."""
    return shown(sheet_svg(timeline_sheet(plans)), describe(plans if len(plans) > 1 else plans[0]))


def _routines(*chosen: Routine | str) -> tuple[Routine, ...]:
    """Return the routines that are named; without any, the built-in ones."""
    return tuple(r if isinstance(r, Routine) else load_routine(r) for r in chosen) or tuple(routines().values())


def explore(routine: Routine | str | None = None, journal: Journal | None = None) -> Explorer:
    """Show sliders, the timeline they lead to, and a timer that carries it out.

    Parameters
    ----------
    routine : Routine or str, optional
        A routine or its key; without one, the person chooses among the built-in routines.
    journal : Journal, optional
        Where each session is kept.

    Examples
    --------
    >>> import qlkit
    >>> qlkit.explore("sitting")
    Explorer('After too much sitting', 6:00)
    """
    return Explorer(_routines(*([] if routine is None else [routine])), journal)


def compare(*chosen: Routine | str) -> Comparison:
    """Show routines beneath each other, with a slider for the time of each.

    Parameters
    ----------
    *chosen : Routine or str
        Two or more routines or their keys; without any, the built-in ones.

    Examples
    --------
    >>> import qlkit
    >>> qlkit.compare("sitting", "labor").plans[1].total
    690
    """
    if len(found := _routines(*chosen)) < 2:
        raise QlkitError(f"one routine can't be compared; name another one beside {found[0].key!r}")
    return Comparison(found)
