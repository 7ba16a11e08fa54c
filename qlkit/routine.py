"""What to do: routines, their steps and holds, and what is right in each field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic import model_validator as validator

from qlkit.body import pose_keys
from qlkit.errors import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qlkit.plan import Plan

MAX_HOLD_MINUTES = 240
CAUTION = (
    "These are suggestions, no substitute for medical advice. "
    "Check with a health care practitioner before making any of these movements."
)
"""Stands first among the cautions of every routine; no file can switch it off."""


def _known_pose(pose: str) -> str:
    if pose not in pose_keys():
        raise ValueError(f"{pose!r} is not a known pose{suggest(pose, pose_keys())}")
    return pose


def suggest(word: str, known: Iterable[str]) -> str:
    """Return what a mistyped name may have meant, as the end of a sentence."""
    known = sorted(known)
    near = nearest(word, known)
    return f"; did you mean {near!r}?" if near else f"; known: {', '.join(known)}"


Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=40)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600)]
PoseKey = Annotated[str, AfterValidator(_known_pose)]
Minutes = Annotated[float, Field(ge=0.1, le=MAX_HOLD_MINUTES, allow_inf_nan=False)]


class _Table(BaseModel):
    """A table of a routine file: nothing unknown, nothing converted, nothing changed later."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _Marked(_Table):
    teaching_choice: tuple[str, ...] = ()
    """The fields of this table that the source does not give: our choice, class T."""

    @validator(mode="after")
    def _marks_are_fields(self) -> _Marked:
        known = set(type(self).model_fields) - {"teaching_choice"}
        for name in self.teaching_choice:
            if name not in known:
                raise ValueError(f"teaching_choice names {name!r}, which is no field here{suggest(name, known)}")
        return self


class Hold(_Table):
    """How long a step is held, in minutes; open-ended means "or longer"."""

    shortest: Minutes
    longest: Minutes
    open_ended: bool = False

    @validator(mode="after")
    def _in_order(self) -> Hold:
        if self.shortest > self.longest:
            raise ValueError(f"shortest ({self.shortest:g}) is longer than longest ({self.longest:g})")
        return self

    def __str__(self) -> str:
        """Return the hold in words, such as ``5 to 10 minutes or longer``."""
        text = f"{self.shortest:g}" if self.shortest == self.longest else f"{self.shortest:g} to {self.longest:g}"
        return f"{text} minute{'s' * (text != '1')}{' or longer' * self.open_ended}"


class Caution(_Table):
    """Who should skip or change a step, with the class and the citation key of the advice."""

    text: Text
    evidence: Literal["M", "Mod", "G", "P", "T"] = "T"
    source: Key | None = None


class Option(_Table):
    """One of several ways to do a step."""

    title: Title
    pose: PoseKey


class Move(_Marked):
    """An untimed change of position; the seconds are what a plan gives it."""

    title: Title = "Change position"
    text: Text
    say: Text | None = None
    seconds: Annotated[int, Field(ge=0, le=600)]
    via: tuple[PoseKey, ...] = ()
    cautions: tuple[Caution, ...] = ()


class Stage(Move):
    """One stage of the rise, from the floor to standing."""

    key: Key
    title: Title
    pose: PoseKey


def _no_stage(key: str) -> str:
    if key.startswith("rise-"):
        raise ValueError("begins with 'rise-', which is kept for the stages of the rise")
    return key


class Step(_Marked):
    """One position held for a time."""

    key: Annotated[Key, AfterValidator(_no_stage)]
    title: Title
    part: Annotated[str, StringConstraints(max_length=4)] = ""
    pose: PoseKey
    hold: Hold
    text: Text
    say: Text | None = None
    focus: Text | None = None
    options: tuple[Option, ...] = ()
    optional: bool = False
    reminders: tuple[Text, ...] = ()
    cautions: tuple[Caution, ...] = ()
    move: Move | None = None


class Routine(_Marked):
    """An ordered list of steps for one purpose, with its cautions and its source.

    Examples
    --------
    >>> from qlkit import load_routine
    >>> load_routine("labor").keys
    ('supine', 'feet-planted', 'knees-to-chest', 'head-raise')
    """

    key: Key
    title: Title
    purpose: Text
    source: Text
    cautions: tuple[Caution, ...] = ()
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    rise: tuple[Stage, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the steps, in order."""
        return tuple(step.key for step in self.steps)

    @validator(mode="after")
    def _starts_with_the_caution(self) -> Routine:
        others = tuple(caution for caution in self.cautions if caution.text != CAUTION)
        object.__setattr__(self, "cautions", (Caution(text=CAUTION, evidence="P"), *others))
        return self

    def plan(
        self,
        minutes: float | None = None,
        holds: dict[str, float] | None = None,
        skip: Iterable[str] = (),
        move_seconds: int | None = None,
    ) -> Plan:
        """Decide every hold and move; by default every hold is at its shortest.

        Parameters
        ----------
        minutes : float, optional
            The total, moves and rise included, met to the second.
        holds : dict of str to float, optional
            Minutes for single steps, by their keys; each within its step's range.
        skip : iterable of str
            Keys of optional steps to leave out.
        move_seconds : int, optional
            Seconds for each move between steps. The rise keeps its own times.

        Raises
        ------
        PlanError
            Where that can't be; the message says what would be possible.

        Examples
        --------
        >>> from qlkit import load_routine
        >>> load_routine("labor").plan(minutes=15).total
        900
        """
        from qlkit.fit import make_plan

        return make_plan(self, minutes=minutes, holds=holds, skip=skip, move_seconds=move_seconds)

    def describe(self) -> str:
        """Return the routine in plain sentences, with what is a teaching choice marked."""
        lines = [f"{self.title}. {self.purpose}", *(f"Caution: {c.text}" for c in self.cautions)]
        for step in self.steps:
            if step.move:
                lines.append(f"Move: {step.move.text}{_mark(step.move)}")
            lines.append(
                f"{f'Part {step.part}: ' * bool(step.part)}{step.title}{' (optional)' * step.optional}, "
                f"{step.hold}. {step.text}{_mark(step)}"
            )
            if step.options:
                lines.append(f"Ways to do it: {'; '.join(o.title for o in step.options)}.")
            lines += [f"Caution: {c.text}" for c in step.cautions]
        for stage in self.rise:
            lines += [f"Rise: {stage.text}{_mark(stage)}", *(f"Caution: {c.text}" for c in stage.cautions)]
        return "\n".join([*lines, f"Source: {self.source}"])


def _mark(table: _Marked) -> str:
    return f" (Teaching choice: {', '.join(table.teaching_choice)}.)" if table.teaching_choice else ""
