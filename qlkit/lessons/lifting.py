"""The revised NIOSH lifting equation: each number of a lift, what it does, and a picture of what it means."""

from __future__ import annotations

import math
import tomllib
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import ipywidgets as widgets

from qlkit.body import figure, load_pose
from qlkit.errors import QlkitError
from qlkit.lessons.app import App, Slider, paragraphs, shown, table
from qlkit.plots.body import FILL
from qlkit.plots.style import COLORS, INK, MUTED
from qlkit.plots.svg import Svg, box, draw_figure, outline

M, SIDE, ABOVE, LOAD = 117.0, (52.0, 260.0), (412.0, 152.0), "#C9B79C"
"""Points of a metre seen from the side; where the ankles stand there, and the body seen from above; what is lifted."""

LIMITS = (
    "[G] Guideline (waters1993, niosh1994). The tables of frequency and grip: as reported by a secondary source.",
    "For smooth lifts with both hands, standing, by healthy workers. It screens workplaces and is no personal safety "
    "limit. Its authors say it is not fully validated. It says nothing about the quadratus lumborum.",
)


class Lift(NamedTuple):
    """What the equation gives: the multipliers by their letters, and the recommended weight limit in kg.

    ``index`` is load / limit, and None where the limit is 0.
    """

    multipliers: dict[str, float]
    limit: float
    index: float | None


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((resources.files("qlkit.data") / "lifting.toml").read_text(encoding="utf-8"))


def _often() -> list[tuple[str, float]]:
    """Return the rows of the table of frequencies, each with the lifts a minute that it stands for."""
    return list(zip(_data()["frequency"], (0.2, 0.5, *range(1, 17)), strict=True))


def lift(
    load: float,
    horizontal: float,
    vertical: float,
    distance: float,
    angle: float = 0,
    per_minute: float = 0.2,
    hours: float = 1,
    grip: str = "good",
) -> Lift:
    """Work out the revised NIOSH lifting equation; class G (waters1993, niosh1994).

    Parameters
    ----------
    load : float
        What is lifted, in kg.
    horizontal : float
        From between the ankles to between the hands, in cm, 25 to 60.
    vertical : float
        From the floor to the hands where the lift begins, in cm, 0 to 175.
    distance : float
        How far up or down the hands go, in cm, 0 to 175.
    angle : float
        How far to the side of straight ahead the load is, in degrees, 0 to 135.
    per_minute : float
        Lifts a minute: up to 0.2, 0.5, a whole number to 15, or more than 15.
    hours : float
        For how long, up to 8.
    grip : str
        ``"good"``, ``"fair"`` or ``"poor"``.

    Examples
    --------
    >>> found = lift(15, horizontal=30, vertical=75, distance=25, per_minute=1)
    >>> round(found.limit, 2), round(found.index, 2)
    (18.02, 0.83)
    """
    data, given = _data(), {"load": load, "horizontal": horizontal, "vertical": vertical, "distance": distance}
    ranges = {**data["sliders"], "hours": ("duration", "h", 0.1, 8), "per_minute": ("frequency", "lifts", 0, 100)}
    for key, value in {**given, "angle": angle, "hours": hours, "per_minute": per_minute}.items():
        name, unit, low, high, *_ = ranges[key]
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise QlkitError(f"{key} is {value!r} ({name}); it should be a number from {low} to {high} {unit}")
    rows = {number: data["frequency"][row] for row, number in _often()}
    row = 16 if per_minute > 15 else max(per_minute, 0.2)
    if row not in rows:
        raise QlkitError(f"per_minute is {per_minute}; the table has up to 0.2, 0.5, whole numbers to 15, and more")
    if grip not in list(data["grip"]):
        raise QlkitError(f"grip is {grip!r}; it should be one of {', '.join(data['grip'])}")
    high = vertical >= 75
    multipliers = {
        "HM": 25 / horizontal,
        "VM": 1 - 0.003 * abs(vertical - 75),
        "DM": 0.82 + 4.5 / max(distance, 25),
        "AM": 1 - 0.0032 * angle,
        "FM": rows[row][(hours > 1) + (hours > 2)][high],
        "CM": data["grip"][grip][high],
    }
    limit = data["load_constant"] * math.prod(multipliers.values())
    return Lift(multipliers, limit, load / limit if limit else None)


class Lifting(App):
    """The equation, with a control for each of its numbers."""

    def __init__(self) -> None:
        self.inputs: dict[str, Any] = {}
        for key, (label, unit, low, high, step, value) in _data()["sliders"].items():
            self.inputs[key] = Slider(label=label, unit=unit, min=low, max=high, step=step, value=value)
        hours = {"up to 1 hour": 1, "1 to 2 hours": 2, "2 to 8 hours": 8}
        for key, label, options, value in (
            ("per_minute", "Lifts a minute", _often(), 1),
            ("hours", "For how long", list(hours.items()), 1),
            ("grip", "Grip", list(_data()["grip"]), "good"),
        ):
            look = {"style": {"description_width": "8rem"}, "layout": {"width": "min(22rem, 95%)"}}
            self.inputs[key] = widgets.Dropdown(options=options, value=value, description=label, **look)
        super().__init__(*self.inputs.values())
        self.follow(self.inputs.values())

    @property
    def numbers(self) -> dict[str, Any]:
        """What the controls say, by the names that ``lift`` has for it."""
        return {key: control.value for key, control in self.inputs.items()}

    def summary(self) -> str:
        """Return the limit and the index in words."""
        load, (_, limit, index) = self.inputs["load"].value, lift(**self.numbers)
        if index is None:
            return "Recommended weight limit 0 kg: the table gives 0 for so many lifts, so long, from there. No index."
        word = "more" if index > 1 else "no more"
        said = f"Recommended weight limit {limit:.1f} kg. Lifting index {load:g} / {limit:.1f} = {index:.2f}"
        return f"{said}: the load is {word} than the limit."

    def look(self) -> str:
        """Return the result, the picture and each multiplier."""
        h, v, d, a = (self.inputs[key].value for key in ("horizontal", "vertical", "distance", "angle"))
        end = next((end for end in (v + d, v - d) if 0 <= end <= 175), None)
        if end is None:
            raise QlkitError(
                f"From {v:g} cm, a way of {d:g} cm ends above 175 cm, where the equation allows nothing, or below the "
                f"floor. Possible from there: up to {max(v, 175 - v):g} cm."
            )
        words = (
            f"{self.summary()}\nFrom the side: H, {h:g} cm, from the ankles forward to the hands. V, {v:g} cm, from "
            f"the floor up to the hands at first. D, {d:g} cm, from there to the hands at the end, {end:g} cm above "
            f"the floor. From above: A, {a:g}°, from straight ahead to the load."
        )
        factors, limit, index = lift(**self.numbers)
        rows = [("load constant", f"{_data()['load_constant']} kg", "LC")]
        for key, value in factors.items():
            name, formula = _data()["formulas"][key]
            rows.append((name, f"{value:.2f}", formula))
        rows.append(("recommended weight limit", f"{limit:.1f} kg", "all of these multiplied"))
        rows.append(("lifting index", "none" if index is None else f"{index:.2f}", "load / limit"))
        multipliers = table("Each multiplier", ("what", "gives", "formula"), rows)
        return paragraphs(self.summary()) + shown(draw_lift(h, v, d, a, end), words) + multipliers + paragraphs(*LIMITS)


def draw_lift(h: float, v: float, d: float, a: float, end: float) -> str:
    """Draw what the numbers of a lift mean: from the side H, V and D to scale, from above A; return it as SVG."""
    svg = Svg()
    svg.text(SIDE[0] - 47, 4, ["From the side"], 12, bold=True)
    svg.parts += _standing()
    x, low, top = (SIDE[0] + M * h / 100, *(SIDE[1] - M * y / 100 for y in (v, end)))
    for y, look in ((top, {"stroke_dasharray": "4 2"}), (low, {"fill": LOAD})):
        svg.shape(box(x - 20, y - 13, 40, 26), edge=INK, **look)
        svg.shape(box(x - 3, y - 3, 6, 6), fill=COLORS["move"])
    floor, far = SIDE[1] + 20, x + 104
    svg.shape(outline([(SIDE[0], floor + 5), (SIDE[0], floor - 31)]), edge=MUTED, width=0.8)
    svg.shape(outline([(x, floor + 5), (x, min(low, top))]), edge=MUTED, width=0.8)
    for y in (low, top):
        svg.shape(outline([(x, y), (far, y)]), edge=MUTED, width=0.8, stroke_dasharray="1 2")
    _arrow(svg, (SIDE[0], floor), (x, floor))
    _arrow(svg, (x + 35, SIDE[1]), (x + 35, low))
    _arrow(svg, (far, low), (far, top))
    for left, y, said in (
        (x, floor, f"H {h:g} cm"),
        (x + 35, min((SIDE[1] + low) / 2, SIDE[1] - 9), f"V {v:g} cm"),
        (far, (low + top) / 2, f"D {d:g} cm"),
    ):
        svg.text(left + 5, y, [said], 10, bold=True, color=COLORS["hold"], va="center")
    x, y = ABOVE
    svg.text(x, 4, ["From above"], 12, bold=True, ha="center")
    for wide, deep, color in ((28, 15, FILL["top"]), (11, 13, FILL["hair"])):
        svg.shape(f"M{x - wide} {y}a{wide} {deep} 0 1 0 {2 * wide} 0a{wide} {deep} 0 1 0 {-2 * wide} 0z", color)
    svg.shape(outline([(x, y), (x, y - 107)]), edge=MUTED, stroke_dasharray="4 2")
    svg.text(x, y - 110, ["straight ahead"], 9, color=MUTED, va="bottom", ha="center")
    turn, reach = f"rotate({a:g} {x} {y})", 126 * h / 100
    svg.shape(box(x - 21, y - reach - 14, 42, 28), LOAD, INK, transform=turn)
    svg.shape(outline([(x, y), (x, y - reach)]), edge=COLORS["hold"], width=2, transform=turn)
    tip = math.radians(90 - a / 2)
    said = [f"A {a:g}°"]
    svg.text(x + 8 + 57 * math.cos(tip), y - 57 * math.sin(tip), said, 10, bold=True, color=COLORS["hold"], va="bottom")
    return svg.written(518, 288)


@cache
def _standing() -> list[str]:
    """Return the body, which stands there whatever is lifted."""
    svg = Svg()
    draw_figure(svg, figure(load_pose("standing")), M, *SIDE)
    return svg.parts


def _arrow(svg: Svg, begin: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw an arrow along or across, if it has a length."""
    (x, y), (u, v) = begin, end
    if begin != end:
        long = math.hypot(u - x, v - y)
        a, b = (u - x) / long, (v - y) / long
        back = min(8, long)
        tips = [(u - back * a - 4 * b, v - back * b + 4 * a), end, (u - back * a + 4 * b, v - back * b - 4 * a)]
        svg.shape(outline([begin, (u - back * a, v - back * b)]), edge=COLORS["hold"], width=2)
        svg.shape(outline(tips, closed=True), fill=COLORS["hold"])


def explore_lifting() -> Lifting:
    """Show the revised NIOSH lifting equation with a control for each of its numbers.

    Examples
    --------
    >>> import qlkit
    >>> qlkit.explore_lifting()
    Lifting: Recommended weight limit 18.0 kg. Lifting index 15 / 18.0 = 0.83: the load is no more than the limit.
    """
    return Lifting()
