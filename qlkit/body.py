"""Where the body is: poses as data, joints by forward kinematics, outlines to draw.

The body is a chain of segments. Each has a joint and a frame of three directions (up along the body, front, left),
which its parent's frame and the angles of the joint give. All is worked out in three dimensions and then looked at
from one side, so that one definition serves every picture. The numbers and their sources: ``data/poses.toml``.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING

from qlkit.errors import QlkitError, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Vector = tuple[float, float, float]
    Body = dict[str, tuple[Vector, tuple[Vector, ...]]]  # joint and frame by segment

_ENDS = {"_left": 1, "_right": -1}
_PLANES = {"bend": (0, 1), "tilt": (0, 2), "spin": (1, 2)}  # forward, to the side, about the own length
_ROUND = [(math.cos(math.pi * k / 10), math.sin(math.pi * k / 10)) for k in range(20)]


@cache
def _data() -> dict:
    return tomllib.loads((resources.files("qlkit") / "data" / "poses.toml").read_text(encoding="utf-8"))


def pose_keys() -> tuple[str, ...]:
    """Return the keys of all built-in poses.

    Examples
    --------
    >>> "hook-lying" in pose_keys()
    True
    """
    return tuple(_data()["poses"])


@dataclass(frozen=True)
class Pose:
    """One position of the body.

    ``angles`` are degrees by joint: a name without a side counts for both sides, what isn't named is 0, and what
    lies outside the published range of motion is an error. ``words`` say what it looks like, ``floor`` names the parts
    that rest there, ``views`` from where it is seen well, the best first. ``props`` are a seat, desk or box as
    blocks: left, bottom, right and top, in metres from the floor below the hips.

    Examples
    --------
    >>> Pose("bow", "A bow", "Standing, bent at the hips.", {"pitch": -30, "hip": 30}).angles["hip_left"]
    30.0
    """

    key: str
    title: str
    words: str
    angles: Mapping[str, float]
    floor: tuple[str, ...] = ()
    views: tuple[str, ...] = ("side",)
    props: tuple[tuple[float, float, float, float], ...] = ()

    def __post_init__(self) -> None:
        """Fill in the angles that aren't given, and refuse what no body can do."""
        full, problems = {angle: 0.0 for *_, turns in _chain() for _, angle, _ in turns}, []
        for name, value in self.angles.items():
            meant = [n for n in full if name in (n, _both(n))]
            if not meant:
                problems.append(f"{name!r} is none of {', '.join(dict.fromkeys(map(_both, full)))}")
            elif isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                problems.append(f"{name} is {value!r}, not a number of degrees")
            else:
                full.update(dict.fromkeys(meant, float(value)))
        for name, value in [*full.items(), ("spine", full["lumbar"] + full["thorax"])]:
            low, high = _range(name)
            if not low - 1e-6 <= value <= high + 1e-6:
                problems.append(f"{name} is {value:.0f}°, but a body moves from {low}° to {high}°")
        for given, known in ((self.floor, _data()["contact"]), (self.views, _data()["view"])):
            problems += [f"{x!r} is none of {', '.join(known)}" for x in given if _both(x) not in known]
        if problems:
            raise QlkitError(f"pose {self.key!r}: {'; '.join(problems)}")
        object.__setattr__(self, "angles", MappingProxyType(full))


@cache
def load_pose(key: str) -> Pose:
    """Return a built-in pose, at rest on the floor.

    Examples
    --------
    >>> load_pose("standing").floor
    ('sole',)
    """
    if key not in pose_keys():
        near = nearest(key, pose_keys())
        hint = f" Did you mean {near!r}?" if near else ""
        raise QlkitError(f"there is no pose {key!r}.{hint} Known poses: {', '.join(pose_keys())}")
    row = _data()["poses"][key].items()
    return _settle(Pose(key, **{name: tuple(value) if isinstance(value, list) else value for name, value in row}))


def interpolate(a: Pose, b: Pose, t: float) -> Pose:
    """Return the pose on the way from ``a`` (t = 0) to ``b`` (t = 1): joint angles move, floor contact stays.

    Examples
    --------
    >>> a, b = load_pose("supine"), load_pose("hook-lying")
    >>> interpolate(a, b, 0) is a
    True
    """
    if not 0 <= t <= 1:  # NaN neither
        raise QlkitError(f"t is {t!r}; it goes from 0 (the first pose) to 1 (the second)")
    near = a if t < 0.5 else b
    if t in (0, 1):
        return near
    angles = {name: (1 - t) * a.angles[name] + t * b.angles[name] for name in a.angles}
    there = {name for _, name, _ in _resting(b.floor)}
    kept = [part for part in a.floor if {name for _, name, _ in _resting((part,))} <= there]
    kept = ["heel" if part == "sole" and part not in b.floor else part for part in kept]
    return _settle(replace(near, angles=angles, floor=tuple(kept)))


def joints(pose: Pose) -> dict[str, Vector]:
    """Return where each segment begins: metres to the right of the hips, up from the floor, toward the onlooker.

    Examples
    --------
    >>> round(joints(load_pose("standing"))["thigh_left"][1], 1)  # the hip joint
    0.9
    """
    return {name: joint for name, (joint, _) in _stand(pose).items()}


def figure(pose: Pose, view: str | None = None) -> dict:
    """Return the pose as outlines for anything that can fill polygons, ready for JSON.

    Take the limbs in turn: if one has a ``halo``, first stroke all its rings in the colour of the background; then fill
    the rings of its parts, coloured by ``role`` and ``far``. The points of a ``smooth`` ring pull a curve: it runs from
    the middle of one side to the middle of the next, and the point between is its control point. Stroke ``floor``, a
    closed line: in the side view last, else first, where it is a mat. Stroke the ``marks``. Metres, y upward.
    In one view every pose has the same limbs, and but for the props as many rings and points, ready to be blended.

    Examples
    --------
    >>> [limb["name"] for limb in figure(load_pose("supine"))["limbs"]]
    ['props', 'arm_left', 'leg_left', 'trunk', 'leg_right', 'arm_right']
    """
    view = view or pose.views[0]
    if view not in _data()["view"]:
        raise QlkitError(f"there is no view {view!r}. Known views: {', '.join(_data()['view'])}")
    body, eye = _stand(pose), _data()["view"][view]
    around, above = math.radians(eye["around"]), math.radians(eye["above"])
    right = (math.cos(around), 0.0, -math.sin(around))
    up = (-math.sin(above) * math.sin(around), math.cos(above), -math.sin(above) * math.cos(around))

    def flat(p: Vector) -> tuple[float, float]:
        return tuple(p[0] * axis[0] + p[1] * axis[1] + p[2] * axis[2] for axis in (right, up))

    blocks = pose.props if view == "side" else ()
    props = [_rounded([(x, y), (end, y), (end, top), (x, top)]) for x, y, end, top in blocks]
    limbs = [
        {"name": "props", "far": False, "halo": False, "parts": [{"role": "prop", "smooth": False, "rings": props}]}
    ]
    for name in eye["limbs"]:
        shapes = groupby((shape for shape in _shapes() if shape[0] == name), key=lambda shape: shape[1])
        parts = [(role, [_outline(blobs, body, flat) for *_, blobs in run]) for role, run in shapes]
        parts = [{"role": role, "smooth": True, "rings": rings} for role, rings in parts]
        far = "trunk" not in [limb["name"] for limb in limbs] and name != "trunk"
        limbs.append({"name": name, "far": far, "halo": "arm" in name or view == "feet", "parts": parts})
    xs = [joint[0] for joint, _ in body.values()] + [x for block in blocks for x in block[::2]]
    zs = [joint[2] for joint, _ in body.values()]
    (x0, x1), (z0, z1) = ((min(found) - 0.2, max(found) + 0.2) for found in (xs, zs))
    floor = _rounded(flat((x, 0.0, z)) for x, z in ((x0, z1), (x1, z1), (x1, z0), (x0, z0)))
    points = floor + [point for limb in limbs for part in limb["parts"] for ring in part["rings"] for point in ring]
    box = [end(point[i] for point in points) for end in (min, max) for i in (0, 1)]
    back, marks = body["waist"][0][0], []
    if view == "side" and "low back" in pose.floor:
        marks.append({"name": "low back", "line": _rounded([(back - 0.09, 0), (back + 0.09, 0)])})
    told = {"key": pose.key, "title": pose.title, "words": pose.words, "view": view}
    return {**told, "box": box, "floor": floor, "limbs": limbs, "marks": marks}


def _rounded(points: Iterable[tuple[float, float]]) -> list[list[float]]:
    return [[round(x, 4), round(y, 4)] for x, y in points]


def _outline(blobs: list[tuple], body: Body, flat: Callable[[Vector], tuple[float, float]]) -> list[list[float]]:
    """Return the outline of the hull of some ellipsoids: what reaches farthest in each direction."""
    ellipses = []
    for name, place, radii in blobs:
        axes = [(r * x, r * y) for r, (x, y) in zip(radii, map(flat, body[name][1]), strict=True)]
        square = [sum(axis[i] * axis[j] for axis in axes) for i, j in ((0, 0), (0, 1), (1, 1))]
        ellipses.append((*flat(_point(body[name], place)), *square))
    ring = []
    for dx, dy in _ROUND:
        reached = []
        for cx, cy, xx, xy, yy in ellipses:
            mx, my = xx * dx + xy * dy, xy * dx + yy * dy
            far = math.sqrt(mx * dx + my * dy)
            reached.append((cx * dx + cy * dy + far, cx + mx / far, cy + my / far))
        ring.append(max(reached)[1:])
    return _rounded(ring)


def _both(name: str) -> str:
    """Return a name without its side: ``hip_left`` -> ``hip``."""
    return name.removesuffix("_left").removesuffix("_right")


def _range(name: str) -> tuple[float, float]:
    return _data()["range"].get(_both(name), (-360, 360))


@cache
def _chain() -> tuple[tuple[str, str, Vector, list[tuple]], ...]:
    """Return the segments: name, parent, place of the joint in the parent in metres, and what turns it."""
    rows = [("", 1, row) for row in _data()["joints"]]
    rows += [(end, sign, row) for end, sign in _ENDS.items() for row in _data()["limb_joints"]]
    chain = []
    for end, sign, (name, parent, (up, front, left), *turns) in rows:
        hung_on = parent if parent in ("pelvis", "thorax") else parent + end
        place = tuple(_data()["stature"] * share for share in (up, front, left * sign))
        mirrored = [(_PLANES[p], angle + end, f if p == "bend" else f * sign) for p, angle, f in turns]
        chain.append((name + end, hung_on, place, mirrored))
    return tuple(chain)


@cache
def _shapes() -> tuple[tuple[str, str, list[tuple]], ...]:
    """Return limb, role and blobs of every shape; those of arms and legs once for each side."""
    rows = []
    for shape in _data()["shape"]:
        for end, sign in [("", 1)] if shape["limb"] == "trunk" else _ENDS.items():
            blobs = [(n + end, (u, f, sign * w), tuple(r * (3 // len(r)))) for n, u, f, w, *r in shape["blobs"]]
            rows.append((shape["limb"] + end, shape["role"], blobs))
    return tuple(rows)


def _point(segment: tuple[Vector, tuple[Vector, ...]], place: Vector) -> Vector:
    """Return the point that lies so far up, front and left of a joint."""
    joint, (a, b, c) = segment
    return tuple(joint[i] + place[0] * a[i] + place[1] * b[i] + place[2] * c[i] for i in (0, 1, 2))


def _turn(frame: tuple[Vector, ...], plane: tuple[int, int], degrees: float) -> tuple[Vector, ...]:
    i, j = plane
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    a, b, new = frame[i], frame[j], list(frame)
    new[i] = tuple(c * p + s * q for p, q in zip(a, b, strict=True))
    new[j] = tuple(c * q - s * p for p, q in zip(a, b, strict=True))
    return tuple(new)


def _hang(angles: Mapping[str, float]) -> Body:
    """Return every segment by forward kinematics, the middle of the hips at the origin."""
    body = {"world": ((0.0, 0.0, 0.0), ((0.0, 1.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, -1.0)))}  # facing right
    for name, parent, place, turns in _chain():
        joint, frame = _point(body[parent], place), body[parent][1]
        for plane, angle, factor in turns:
            frame = _turn(frame, plane, factor * angles[angle]) if angles[angle] else frame
        body[name] = (joint, frame)
    del body["world"]
    return body


def _low(body: Body, name: str = "") -> float:
    """Return the height of the lowest point of a segment's flesh, or of the whole body."""
    heights = []
    for segment, place, radii in (blob for *_, blobs in _shapes() for blob in blobs if name in ("", blob[0])):
        depth = math.hypot(*(r * axis[1] for r, axis in zip(radii, body[segment][1], strict=True)))
        heights.append(_point(body[segment], place)[1] - depth)
    return min(heights)


def _stand(pose: Pose) -> Body:
    """Return every segment where it is, the floor at height 0."""
    body = _hang(pose.angles)
    low = _low(body)
    return {name: ((x, y - low, z), frame) for name, ((x, y, z), frame) in body.items()}


def _resting(floor: Iterable[str]) -> list[tuple[str, str, str]]:
    """Return part, segment and moving angle of what is on the floor, each side by itself."""
    found, segments = [], [row[0] for row in _chain()]
    for name, end in ((name, end) for name in floor for end in ("", *_ENDS)):
        part = _both(name)
        segment, angle = _data()["contact"][part]
        if segment + end in segments and name in (part, part + end):
            found.append((part, segment + end, angle if angle == "pitch" else angle + end))
    return found


def _settle(pose: Pose) -> Pose:
    """Return the pose with its angles brought to where the parts on the floor touch it."""
    angles, resting = dict(pose.angles), _resting(pose.floor)
    for _ in range(3):  # each contact moves the others a little
        used = set()
        for part, name, angle in resting:
            turned, ankle = {angle: 1.0}, name.replace("foot", "ankle")
            if part == "sole":  # it stays level
                turned[ankle] = -1.0
                _solve(angles, {ankle: 1.0}, lambda body, name=name: body[name][1][1][1])
            if name != resting[0][1] and angle not in used:  # one angle can bring down only one part
                used.add(angle)
                _solve(angles, turned, lambda body, name=name: _low(body, name) - _low(body, resting[0][1]))
    return replace(pose, angles=angles)


def _solve(angles: dict[str, float], turned: dict[str, float], error: Callable[[Body], float]) -> None:
    """Turn some angles, within their ranges, until the error is 0 (Newton's method)."""
    for _ in range(6):
        now = error(_hang(angles))
        slope = error(_hang(angles | {name: angles[name] + share for name, share in turned.items()})) - now
        if abs(now) < 1e-5 or abs(slope) < 1e-9:
            return
        for name, share in turned.items():
            low, high = _range(name)
            angles[name] = min(max(angles[name] - share * min(max(now / slope, -30.0), 30.0), low), high)
