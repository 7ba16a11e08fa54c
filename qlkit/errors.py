"""The errors qlkit raises. Each says what is wrong, where, and what would be right."""

import difflib
from collections.abc import Iterable


def nearest(word: object, known: Iterable[str]) -> str | None:
    """Return which of the known names a mistyped one may have meant, if any comes near."""
    return next(iter(difflib.get_close_matches(str(word), known, n=1)), None)


class QlkitError(ValueError):
    """Something that was given to qlkit can't be used; the message says why in plain language."""


class RoutineError(QlkitError):
    """A routine file can't be used. ``problems`` lists every fault found in it."""

    def __init__(self, place: object, problems: list[str]) -> None:
        self.problems = tuple(problems)
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__("\n".join([f"{place}: {count}", *(f"  - {p}" for p in problems)]))


class PlanError(QlkitError):
    """A plan can't be made as asked; the message says what would be possible."""


class JournalError(QlkitError):
    """A journal can't be read or written; the message says why, and what to do."""


class DataError(QlkitError):
    """A data file of qlkit (poses, evidence, sources) breaks its own rules."""
