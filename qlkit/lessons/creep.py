"""Bent forward for a while: how far the low back has given way, and what is known of the way back."""

from __future__ import annotations

from qlkit.evidence import load_evidence
from qlkit.lessons.app import App, Slider, paragraphs, shown
from qlkit.plots.evidence import CLASS_LOOKS
from qlkit.plots.style import INK, MUTED
from qlkit.plots.svg import Svg, outline

LIMITS = (
    "[T] The curve is a teaching choice: it has the measured time constant, 9.4 minutes, and goes through the measured "
    "5.5°. Its end value is ours. It shows full bending under a load, not how far knees to chest stretches you lying.",
    "[M] 47 people, bent for 20 minutes (mcgill1992). Upright again, back relaxed: about half of the stiffness after 2 "
    "minutes, and all of it later than the bending took. No more of the way back is known to us, so no curve is drawn.",
)

WIDE, TOP, FLOOR = 472.0, 18.0, 214.0
"""Points across that the curve takes, and down from where to where."""


class Creep(App):
    """Minutes bent forward, and the share of the teaching curve that is reached."""

    def __init__(self) -> None:
        group = load_evidence("flexion-creep").groups[0]
        self.curve, self.measured = group.curve, next(row for row in group.rows if row.class_ == "M")
        self.minutes = Slider(label="Minutes bent fully forward", unit="min", max=self.curve.until, step=0.5, value=10)
        super().__init__(self.minutes)
        self.follow([self.minutes])

    def reached(self) -> tuple[float, float]:
        """Return the degrees that the curve has reached, and which share of its end value they are."""
        angle = self.curve.at(self.minutes.value)
        return angle, angle / float(self.curve.end)

    def summary(self) -> str:
        """Return how far the curve has come."""
        angle, share = self.reached()
        return (
            f"After {self.minutes.value:g} minutes bent fully forward, the low back bends about {angle:.1f}° further: "
            f"{100 * share:.0f} % of the curve's end value of {self.curve.end}° [T]."
        )

    def look(self) -> str:
        """Return the curve with a mark where the slider stands, and what was measured."""
        minute, curve, measured = self.minutes.value, self.curve, self.measured.value.high
        words = (
            f"{self.summary()}\nA curve over the minutes, {curve.formula}, steep at first and flatter later; on it "
            f"a triangle at {minute:g} minutes; a dot at what was measured, {measured}° at 20 minutes; "
            f"a line: {curve.end}°."
        )
        return paragraphs(self.summary()) + shown(self.draw(), words) + paragraphs(*LIMITS)

    def draw(self) -> str:
        """Draw the curve, what was measured, and a mark where the slider stands; return it as SVG."""
        minute, (angle, share), svg = self.minutes.value, self.reached(), Svg()
        until, end, measured = (float(x) for x in (self.curve.until, self.curve.end, self.measured.value.high))
        (color, *_), (blue, *_) = CLASS_LOOKS["T"], CLASS_LOOKS["M"]

        def at(time: float, degrees: float) -> tuple[float, float]:
            return time * WIDE / until, FLOOR - (FLOOR - TOP) * degrees / 7.2

        def curve(last: float) -> list[tuple[float, float]]:
            return [at(last * n / 80, self.curve.at(last * n / 80)) for n in range(81)]

        svg.shape(outline([*curve(minute), at(minute, 0), at(0, 0)], closed=True), fill="#E9E7CF")
        svg.shape(outline(curve(until)), edge=color, width=1.5)
        svg.shape(outline([at(0, end), at(until, end)]), edge=MUTED, stroke_dasharray="4 2")
        svg.text(4, at(0, end)[1] - 3, [f"end value of the curve, {self.curve.end}° [T]"], 10, color=MUTED, va="bottom")
        svg.shape(outline([at(0, 7.2), at(0, 0), at(until, 0)]), edge=MUTED)
        for time in range(0, int(until) + 1, 5):
            svg.shape(outline([at(time, 0), (at(time, 0)[0], FLOOR + 4)]), edge=MUTED)
            svg.text(at(time, 0)[0], FLOOR + 6, [str(time)], 9, ha="center")
        for degrees in range(8):
            svg.shape(outline([(-4, at(0, degrees)[1]), at(0, degrees)]), edge=MUTED)
            svg.text(-7, at(0, degrees)[1], [str(degrees)], 9, va="center", ha="right")
        svg.text(WIDE / 2, FLOOR + 21, ["minutes held in full flexion"], 10, ha="center")
        svg.text(-18, 3, ["degrees further"], 10)
        x, y = at(until, measured)
        svg.shape(f"M{x - 4.5} {y}a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0z", fill=blue)
        said = f"measured: {self.measured.value.high}° [M]"
        svg.text(x - 8, y - 5, [said], 10, color=blue, va="bottom", ha="right")
        x, y = at(minute, angle)
        svg.shape(outline([(x, y - 7), (x + 7, y + 6), (x - 7, y + 6)], closed=True), fill=color, edge=INK)
        said, low = f"{angle:.1f}°, {100 * share:.0f} %", FLOOR - 12
        # Beneath the curve; where that is near its foot, farther to the right.
        x, ha = (x - 8, "right") if minute > until / 2 else (x + 8 + 1.4 * max(y + 30 - low, 0), "left")
        svg.text(x, min(y + 30, low), [said], 11, bold=True, va="center", ha=ha)
        return svg.written(WIDE + 46, FLOOR + 40, -30)


def explore_creep() -> Creep:
    """Show how far the low back has given way after some minutes bent forward.

    Examples
    --------
    >>> import qlkit
    >>> qlkit.explore_creep().summary().split(": ")[1]
    "65 % of the curve's end value of 6.24° [T]."
    """
    return Creep()
