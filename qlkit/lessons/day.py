"""Your day: sitting, breaks and lifting along the hours, with what was measured in each posture beside it."""

from __future__ import annotations

from math import nan

from qlkit.errors import QlkitError
from qlkit.evidence import READ, Group, load_evidence
from qlkit.lessons.app import App, Slider, paragraphs, shown, table
from qlkit.plots.paper import width_of
from qlkit.plots.style import INK, MUTED
from qlkit.plots.svg import Svg, box, outline

BREAK = 5
"""Minutes of a break (teaching choice)."""

LOOKS = {"sitting": ("#6A4C93", False), "break": ("white", False), "lifting": ("#8A4B14", True)}
"""Colour of each part of a day, and whether it is hatched."""

WIDTH = 487.0
"""Points that a day takes across."""

FIGURES = (
    ("sitting", "Sitting: difference from standing, by study", "posture-pressure", 0),
    (
        "sitting",
        "Sitting against standing, studies together (SMD: standardised mean difference)",
        "posture-pressure",
        3,
    ),
    ("lifting", "Lifting: pressure in a disc", "lifting-pressure", 0),
    ("lifting", "Lifting: difference from standing", "lifting-pressure", 1),
    ("lifting", "Lifting: activity of muscles", "ql-activity", 0),
)
"""Which group of which table of evidence belongs to what: one unit in each, and no study alone on sitting."""

LIMITS = (
    "[T] Teaching simplification, no personal risk score: all sitting first, breaks of 5 minutes on your feet, then "
    "lifting. Nothing here is added up, and no figure says how your back will feel.",
    "Compare within one table only. Pressure in a disc (MPa), compression (N) and activity of a muscle (% of its own "
    "maximum) are different things. Whether sitting loads the spine more than standing depends on the study, so all "
    "stand together. How hard the quadratus lumborum works in sitting: no figure.",
)


def day(sitting: float, every: float, lifting: float) -> list[tuple[str, float, float]]:
    """Return the parts of a day as kind, start and length in minutes, from hours and the minutes between breaks.

    Examples
    --------
    >>> day(1, 30, 0.5)
    [('sitting', 0, 30), ('break', 30, 5), ('sitting', 35, 30), ('lifting', 65, 30.0)]
    """
    parts, at, left = [], 0, 60 * sitting
    while left > 0:
        stretch = min(left, every)
        left -= stretch
        parts += [("sitting", at, stretch), ("break", at + stretch, BREAK)][: 1 + (left > 0)]
        at = sum(parts[-1][1:])
    return [*parts, ("lifting", at, 60 * lifting)] if lifting else parts


class Day(App):
    """Hours of sitting and lifting, and how often the sitting is broken."""

    def __init__(self) -> None:
        self.sitting = Slider(label="Hours of sitting", unit="h", max=16, step=0.5, value=8)
        self.every = Slider(label="A break after sitting for", unit="min", min=10, max=240, step=10, value=60)
        self.lifting = Slider(label="Hours of bending, lifting", unit="h", max=12, step=0.5, value=1)
        super().__init__(self.sitting, self.every, self.lifting)
        self.follow([self.sitting, self.every, self.lifting])

    def parts(self) -> list[tuple[str, float, float]]:
        """Return the parts of the day, which has to have some, within 24 hours."""
        parts = day(self.sitting.value, self.every.value, self.lifting.value)
        if not parts:
            raise QlkitError("This day is empty. Give it some hours of sitting or of lifting.")
        if (over := sum(parts[-1][1:]) / 60 - 24) > 0:
            raise QlkitError(
                f"A day has 24 hours: this one is {over:.1f} h too long. Take that off sitting or lifting."
            )
        return parts

    def summary(self) -> str:
        """Return the day in words."""
        kinds = [kind for kind, *_ in self.parts()]
        sat, breaks, hours = kinds.count("sitting"), kinds.count("break"), self.sitting.value
        said = {
            f"{hours:g} h of sitting" + f" in {sat} stretches of up to {self.every.value:g} min" * (sat > 1): sat,
            f"{breaks} break{'s' * (breaks > 1)} of {BREAK} min": breaks,
            f"{self.lifting.value:g} h of bending and lifting": self.lifting.value,
        }
        return f"A day with {', '.join(text for text, there in said.items() if there)}."

    def look(self) -> str:
        """Return the day as a bar, and the published figures for each posture in it."""
        parts, said = self.parts(), self.summary()
        words = "\n".join([said, *(f"{_time(at)} to {_time(at + length)}  {kind}" for kind, at, length in parts)])
        tables = [
            table(title, ("what", "figure", "class, people, source"), _rows(load_evidence(key).groups[number]))
            for kind, title, key, number in FIGURES
            if kind in [each for each, *_ in parts]
        ]
        return paragraphs(said) + shown(draw_day(parts), words) + paragraphs(*LIMITS) + "".join(tables)


def _time(minutes: float) -> str:
    return f"{minutes // 60:.0f}:{minutes % 60:02.0f}"


def _rows(group: Group) -> list[tuple[str, str, str]]:
    """Return what was measured, the figure, and its class, people and source."""
    rows = []
    for row in group.rows:
        figure = f"{group.amount(row)} {group.spread(row)} {row.printed and f'({row.printed})'}"
        origin = [f"[{row.class_}]", row.people, row.source, row.status.removeprefix(READ)]
        rows.append((f"{row.label} {row.detail and f'({row.detail})'}", figure, ", ".join(filter(None, origin))))
    return rows


def draw_day(parts: list[tuple[str, float, float]]) -> str:
    """Draw the parts of a day as one bar along the hours, with the sum of each kind beneath it; return it as SVG."""
    svg, end, place = Svg(), sum(parts[-1][1:]), 0.0
    scale = WIDTH / end
    for kind, (color, hatch) in LOOKS.items():
        spans = [(at, length) for each, at, length in parts if each == kind]
        look = {"fill": color, "edge": "white" if hatch else INK, "width": 0.5, "hatch": hatch}
        for at, length in spans:
            svg.shape(box(at * scale, 10, length * scale, 58), class_=kind, **look)
        if spans:
            svg.shape(box(place, 112, 22, 16), **look)
            said = f"{kind} {_time(sum(s for _, s in spans))} h"
            svg.text(place + 29, 120, [said], 10, va="center")
            place += 65 + width_of(said, 10)
    hours = range(0, int(end // 60) + 1, 1 if end <= 720 else 2)
    svg.shape(outline(p for h in hours for p in ((60 * h * scale, 68), (60 * h * scale, 72), (nan, 0))), edge=MUTED)
    for hour in hours:
        svg.text(60 * hour * scale, 74, [str(hour)], 9, ha="center")
    svg.text(WIDTH / 2, 89, ["hours from the beginning"], 9, color=MUTED, ha="center")
    return svg.written(WIDTH + 32, 137, -16)


def explore_day() -> Day:
    """Show a day of sitting, breaks and lifting, with the published figures for each posture; no risk score.

    Examples
    --------
    >>> import qlkit
    >>> qlkit.explore_day()
    Day: A day with 8 h of sitting in 8 stretches of up to 60 min, 7 breaks of 5 min, 1 h of bending and lifting.
    """
    return Day()
