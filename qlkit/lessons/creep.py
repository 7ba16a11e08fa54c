"""Bent forward for a while: how far the low back has given way, and what is known of the way back."""

from __future__ import annotations

from matplotlib.figure import Figure

from qlkit.evidence import load_evidence
from qlkit.lessons.app import App, Slider, paragraphs, shown
from qlkit.plots.evidence import CLASS_LOOKS
from qlkit.plots.style import INK, MUTED, style

LIMITS = (
    "[T] The curve is a teaching choice: it has the measured time constant, 9.4 minutes, and goes through the measured "
    "5.5°. Its end value is ours. It shows full bending under a load, not how far knees to chest stretches you lying.",
    "[M] 47 people, bent for 20 minutes (mcgill1992). Upright again, back relaxed: about half of the stiffness after 2 "
    "minutes, and all of it later than the bending took. No more of the way back is known to us, so no curve is drawn.",
)


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
        minute, (angle, share), curve = self.minutes.value, self.reached(), self.curve
        until, end, measured = float(curve.until), float(curve.end), float(self.measured.value.high)
        (color, marker, *_), (blue, dot, *_) = CLASS_LOOKS["T"], CLASS_LOOKS["M"]
        with style():
            figure = Figure(figsize=(7.2, 3.4))
            ax = figure.add_axes((0.07, 0.15, 0.89, 0.8), xlim=(0, until), ylim=(0, 7.2))
            ax.set(xlabel="minutes held in full flexion", xticks=range(0, 21, 5), ylabel="degrees further")
            times = [until * n / 80 for n in range(81)]
            ax.plot(times, [curve.at(time) for time in times], color=color)
            ax.fill_between(past := [minute * n / 40 for n in range(41)], [curve.at(t) for t in past], color="#E9E7CF")
            ax.axhline(end, color=MUTED, linestyle="--", linewidth=1)
            ax.text(0.2, end + 0.15, f"end value of the curve, {end}° [T]", color=MUTED)
            ax.plot(until, measured, dot, color=blue, markersize=9, clip_on=False)
            ax.text(until - 0.4, measured + 0.25, f"measured: {measured}° [M]", color=blue, ha="right")
            ax.plot(minute, angle, marker, color=color, markersize=13, markeredgecolor=INK, clip_on=False, zorder=5)
            late = {"ha": "right" if minute > until / 2 else "left", "weight": "bold", "size": 11}
            ax.text(minute, max(angle - 1.1, 0.4), f"  {angle:.1f}°, {100 * share:.0f} %  ", **late)
        words = (
            f"{self.summary()}\nA curve over the minutes, {curve.formula}, steep at first and flatter later; on it "
            f"a triangle at {minute:g} minutes; a dot at what was measured, {measured}° at 20 minutes; a line: {end}°."
        )
        return paragraphs(self.summary()) + shown(figure, words) + paragraphs(*LIMITS)


def explore_creep() -> Creep:
    """Show how far the low back has given way after some minutes bent forward.

    Examples
    --------
    >>> import qlkit
    >>> qlkit.explore_creep().summary().split(": ")[1]
    "65 % of the curve's end value of 6.24° [T]."
    """
    return Creep()
