"""The poses of a plan as the browser draws them: outlines in millimetres, a few on the way of each move."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from qlkit.body import figure, interpolate, load_pose

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qlkit.plan import Plan

ON_THE_WAY = 4
"""Outlines from one pose to the next; the browser blends between them."""


def frames(plan: Plan) -> dict[str, Any]:
    """Return what is drawn in each interval.

    ``shapes`` holds for each view the limbs with their rings: ``far``, ``halo``, and for each
    ring its role and number of points. ``outlines`` are packed texts, see :func:`pack`, and
    ``intervals`` holds the view, the words and the places among the outlines of each interval
    (one for a hold); ``box`` is what all of them fit into.
    """
    shapes: dict[str, Any] = {}
    outlines: dict[str, int] = {}
    intervals, at = [], None
    for interval in plan.intervals:
        moves = at is not None and interval.kind == "move"
        stops = (at, *interval.via, interval.pose) if moves else (interval.pose,)
        shape, drawn = _drawn(stops)
        shapes.setdefault(drawn["view"], shape)
        places = [outlines.setdefault(text, len(outlines)) for text in drawn["outlines"]]
        intervals.append({**drawn, "outlines": places})
        at = interval.pose
    return {"shapes": shapes, "outlines": list(outlines), "intervals": intervals}


def pack(points: Iterable[tuple[int, int]]) -> str:
    """Write points as a text: one character for how far each lies in x from the one before, one for y.

    The characters from "?" on mean 0, -1, 1, -2, 2 and so on. Near points thus take one byte a
    number in UTF-8, where a list in JSON takes three. ``unpack`` in figure.js reads it.

    Examples
    --------
    >>> pack([(0, 1), (1, 0), (1, 0)])
    '?AA@??'
    """
    x = y = 0
    ways = []
    for a, b in points:
        ways += [a - x, b - y]
        x, y = a, b
    return "".join(chr(ord("?") + (2 * way if way >= 0 else -2 * way - 1)) for way in ways)


@lru_cache(maxsize=256)
def _drawn(stops: tuple[str, ...]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the shape and the outlines from pose to pose; they are the same however long the move takes."""
    target = load_pose(stops[-1])
    view = target.views[0]
    poses = [load_pose(stops[0])]
    for a, b in pairwise(map(load_pose, stops)):
        poses += [interpolate(a, b, step / ON_THE_WAY) for step in range(1, ON_THE_WAY + 1)]
    drawn = [figure(pose, view) for pose in poses]
    points = [[(p[0], p[1]) for limb in _limbs(d) for ring in _rings(limb) for p in ring] for d in drawn]
    outlines = [pack((round(1000 * x), round(1000 * y)) for x, y in outline) for outline in points]
    shape = [_shape(limb) for limb in _limbs(drawn[0])]
    return shape, {"view": view, "words": target.words, "box": _box(drawn), "outlines": outlines}


def _limbs(drawn: dict[str, Any]) -> list[dict[str, Any]]:
    return [limb for limb in drawn["limbs"] if limb["name"] != "props"]


def _rings(limb: dict[str, Any]) -> list[Any]:
    return [ring for part in limb["parts"] for ring in part["rings"]]


def _shape(limb: dict[str, Any]) -> dict[str, Any]:
    rings = [[part["role"], len(ring)] for part in limb["parts"] for ring in part["rings"]]
    return {"far": limb["far"], "halo": limb["halo"], "rings": rings}


def _box(drawn: list[dict[str, Any]]) -> list[int]:
    lows = [min(d["box"][i] for d in drawn) for i in (0, 1)]
    highs = [max(d["box"][i] for d in drawn) for i in (2, 3)]
    return [round(1000 * v) for v in (*lows, *highs)]
