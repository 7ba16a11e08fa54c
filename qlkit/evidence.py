"""What was measured: the tables of figures behind the evidence pictures, and the same in words.

A table is a TOML file in ``qlkit/data/evidence``. A figure without a unit, a number of people, a class and a
known source is refused when the file is read, so that it can reach neither a picture nor a text.
"""

import math
import re
import tomllib
from decimal import Decimal
from functools import cache, partial
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic import model_validator as model_rule

from qlkit.errors import DataError, QlkitError
from qlkit.sources import CLASSES, Checked, sources, unknown

READ = "abstract read"
"""The status of a figure that was seen in the work itself, not in a report of others."""

VALUES = {"exact": "", "at_most": "no more than ", "more_than": "more than ", "about": "about "}
SPREADS = {"ci": "CI ", "sd": "SD ", "plus_minus": "± "}
"""The kinds of values and of spreads, and what is said before their numbers."""


class Amount(NamedTuple):
    """A number, or a low and a high one, and of what kind they are."""

    kind: str
    low: Decimal
    high: Decimal


def _number(raw: object) -> Decimal:
    """Keep a number as it was printed (0.10 stays 0.10); refuse text, true or false, nan and inf."""
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal) or not math.isfinite(Decimal(raw)):
        raise ValueError(f"must be a finite number, not {raw!r}")
    return Decimal(raw)


def _amount(kinds: dict[str, str], raw: object) -> Amount:
    """Read a plain number, ``[low, high]``, or a table with one of ``kinds`` as its only key."""
    kind, raw = next(iter(raw.items())) if isinstance(raw, dict) and len(raw) == 1 else ("exact", raw)
    if kind not in kinds or isinstance(raw, dict):
        raise ValueError(f"must be a table with one of {', '.join(kinds)}")
    pair = isinstance(raw, list) and len(raw) == 2 and kind in ("exact", "ci")
    if kind == "ci" and not pair:
        raise ValueError("must be a low and a high number")
    return Amount(kind, *sorted(map(_number, raw if pair else [raw, raw])))


def _people(raw: object) -> int | str:
    if (type(raw) is int and raw > 0) or (isinstance(raw, str) and re.fullmatch(r"not stated|more than \d+", raw)):
        return raw
    raise ValueError(f'must be a whole number from 1, "more than 100" or "not stated", not {raw!r}')


def _status(text: str) -> str:
    if text not in (READ, *(f"as reported by {who}" for who in ("a secondary source", *sources()))):
        raise ValueError(f'must be "{READ}" or "as reported by" a known source, not {text!r}')
    return text


def _source(key: str) -> str:
    if key not in sources():
        raise ValueError(unknown("source", key, sources()))
    return key


Text = Annotated[str, Field(min_length=1)]
Number = Annotated[Decimal, BeforeValidator(_number)]
Some = Field(min_length=1)


class Origin(Checked):
    """What no figure goes without."""

    unit: Text
    n: Annotated[int | str, BeforeValidator(_people)]
    n_of: Text = "people"
    class_: Literal["M", "Mod", "G", "P", "T"] = Field(alias="class")
    status: Annotated[Text, AfterValidator(_status)]
    source: Annotated[Text, AfterValidator(_source)]

    @property
    def people(self) -> str:
        """How many were measured, as it is shown: n = 8, n = 10 studies, n > 100, n not stated."""
        of = "" if self.n_of == "people" or self.n == "not stated" else f" {self.n_of}"
        return f"n = {self.n}{of}".replace("= more than", ">").replace("= not", "not")


class Row(Origin):
    """One figure of a table.

    ``value`` is a number, ``[low, high]``, ``{at_most = …}`` (a ceiling), ``{more_than = …}`` or ``{about = …}``;
    ``spread`` is ``{ci = [low, high]}``, ``{sd = …}`` or ``{plus_minus = …}`` (± as printed, whatever it means).
    Where the value is our own arithmetic, ``printed`` has the numbers it comes from.
    """

    label: Text
    detail: str = ""
    printed: str = ""
    value: Annotated[Amount, BeforeValidator(partial(_amount, VALUES))]
    spread: Annotated[Amount, BeforeValidator(partial(_amount, SPREADS))] | None = None
    minute: Number | None = None

    @property
    def reach(self) -> tuple[Decimal, Decimal]:
        """The lowest and the highest number drawn for this row."""
        _, low, high = self.value
        if self.spread is None:
            return low, high
        kind, down, up = self.spread
        return (down, up) if kind == "ci" else (low - down, high + up)


class Curve(Origin):
    """A teaching curve over minutes: ``end`` · (1 − e^(−t / ``time_constant``)), from 0 to ``until``."""

    end: Number
    time_constant: Number
    until: Number

    def at(self, minute: float) -> float:
        """Return the height of the curve at ``minute``."""
        return float(self.end) * (1 - math.exp(-minute / float(self.time_constant)))

    @property
    def formula(self) -> str:
        """The curve in signs."""
        return f"{self.end}{self.unit} · (1 − e^(−t / {self.time_constant} min))"


class Group(Checked):
    """Rows of one unit on one scale; with a ``curve``, points in time beside it."""

    name: Text
    axis: Text
    ticks: Annotated[tuple[Number, ...], Some]
    mark: Literal["bar", "dot"] = "bar"
    log: bool = False
    signed: bool = False
    reference: tuple[Number, Text] | None = None  # a line to compare with, such as [0, "standing"]
    curve: Curve | None = None
    rows: Annotated[tuple[Row, ...], Some]

    @model_rule(mode="after")
    def _fits(self) -> "Group":
        first, last, curve = self.ticks[0], self.ticks[-1], self.curve
        ends = [(row.reach[0], row.value.low, row.value.high, row.reach[1]) for row in self.rows]
        lowest, highest = min(ends)[0], max(each[3] for each in ends)
        minutes = [row.minute for row in self.rows]
        rules = {
            "the ticks must be two or more, and rise": first < last and list(self.ticks) == sorted(set(self.ticks)),
            "all rows of a group need the same unit": len({row.unit for row in self.rows}) == 1,
            "a spread must reach from below its value to above it": all(list(each) == sorted(each) for each in ends),
            "bars stand on 0, so the ticks must include it": self.mark == "dot" or curve or first <= 0 <= last,
            "a log scale is for dots, with numbers above 0": not self.log
            or (self.mark == "dot" and first > 0 < lowest),
            "a row needs a minute where there is a curve, and only there": {m is None for m in minutes} == {not curve},
            "a curve needs a time constant above 0, and points between 0 and its end": not curve
            or (curve.time_constant > 0 < highest and all(0 <= (m or 0) <= curve.until <= last for m in minutes)),
        }
        faults = [rule for rule, kept in rules.items() if not kept]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def format(self, number: Decimal) -> str:
        """Return a number as it was printed, with a real minus sign."""
        return f"{number:{'+' if self.signed and number else ''}}".replace("-", "−")

    def amount(self, row: Row) -> str:
        """Return the value of a row with its unit: "no more than 10 %", "SMD −0.45"."""
        kind, *ends = row.value
        said = VALUES[kind] + " to ".join(dict.fromkeys(map(self.format, ends)))
        return f"{row.unit} {said}" if row.unit in ("SMD", "HR") else f"{said} {row.unit}".replace(" °", "°")

    def spread(self, row: Row) -> str:
        """Return the spread of a row: "± 13.6", "CI 0.12 to 0.98", or nothing where none is known."""
        if row.spread is None:
            return ""
        kind, low, high = row.spread
        return SPREADS[kind] + (f"{self.format(low)} to {self.format(high)}" if kind == "ci" else str(low))


class Evidence(Checked):
    """A table of figures with what to take from it (``takeaway``) and what not (``caveat``)."""

    key: Text
    title: Text
    takeaway: Text
    caveat: Text
    groups: Annotated[tuple[Group, ...], Some]

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows of all groups."""
        return tuple(row for group in self.groups for row in group.rows)


def problem(error: dict, raw: object) -> str:
    """Say in which group, row and field a fault sits."""
    place = []
    for step in error["loc"]:
        raw = raw[step] if isinstance(raw, list) or (isinstance(raw, dict) and step in raw) else None
        if isinstance(step, int) and place:
            name = (raw.get("name") or raw.get("label")) if isinstance(raw, dict) else None
            place[-1] = f"{place[-1].removesuffix('s')} {step + 1}" + (f" ({name})" if name else "")
        else:
            place.append(str(step))
    words = {"missing": "is missing", "extra_forbidden": "is not a known field", "too_short": "is empty"}
    return f"{', '.join(place)}: {words.get(error['type'], error['msg']).removeprefix('Value error, ')}"


def _read(file: Path) -> Evidence:
    try:
        raw = tomllib.loads(file.read_text("utf-8"), parse_float=Decimal)
        return Evidence.model_validate({**raw, "key": file.stem})
    except ValidationError as error:
        # A list whose entries are all at fault counts as empty for the checker, but not for a person.
        found = [problem(each, raw) for each in error.errors() if each["type"] != "too_short" or not each["input"]]
        count = "1 problem" if len(found) == 1 else f"{len(found)} problems"
        raise DataError("\n  - ".join([f"{file.name}: {count}", *found])) from None
    except (OSError, ValueError) as error:
        raise DataError(f"{file.name}: can't be read: {error}") from None


_FOLDER = resources.files("qlkit.data") / "evidence"
_read_once = cache(_read)


@cache
def evidence_keys() -> tuple[str, ...]:
    """Return the keys of the built-in tables."""
    return tuple(sorted(file.stem for file in _FOLDER.iterdir() if file.suffix == ".toml"))


def load_evidence(key: str | Path) -> Evidence:
    """Return a table of figures by its key, or read one from a file.

    >>> load_evidence("ql-ceiling").rows[0].value.kind
    'at_most'
    """
    if isinstance(key, Path):
        return _read(key)
    if key not in evidence_keys():
        raise QlkitError(f"{unknown('evidence', key, evidence_keys())} Known: {', '.join(evidence_keys())}.")
    return _read_once(_FOLDER / f"{key}.toml")


def _span(group: Group) -> str:
    """Say in a sentence from what to what the figures of a group go."""
    rows, said = group.rows, [f"{group.amount(row)} ({group.spread(row)})".replace(" ()", "") for row in group.rows]
    if len(set(said)) == 1:
        return f"{rows[0].label if len(said) == 1 else 'Each of them'}: {said[0]}."
    low = min(range(len(rows)), key=lambda i: rows[i].value.low)
    high = max(range(len(rows)), key=lambda i: rows[i].value.high)
    return f"Lowest: {rows[low].label}, {said[low]}. Highest: {rows[high].label}, {said[high]}."


def describe_evidence(key: str | Path) -> str:
    """Return a table of figures in words: what the picture says, every number with its origin, the caution.

    >>> print(describe_evidence("ql-ceiling").splitlines()[-2])
    Mod: model.
    """
    table = load_evidence(key)
    lines = [f"{table.title}. {table.takeaway}", ""]
    cells = [("Figure", "Value", "Spread", "People", "Class", "Source", "Status")]
    for group in table.groups:
        lines.append(f"{group.name} ({group.axis}).")
        if group.reference:
            lines.append(f"The line at {group.format(group.reference[0])} marks: {group.reference[1]}.")
        if curve := group.curve:
            lines.append(f"The curve is {curve.formula}, from 0 to {curve.until} minutes.")
            cells.append(("Curve", curve.formula, "", curve.people, curve.class_, curve.source, curve.status))
        lines.append(_span(group))
        for row in group.rows:
            label = f"{row.label} ({row.detail})".removesuffix(" ()")
            value = f"{group.amount(row)} ({row.printed})".removesuffix(" ()")
            cells.append((label, value, group.spread(row), row.people, row.class_, row.source, row.status))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines += ["", *("  ".join(map(str.ljust, row, widths)).rstrip() for row in cells), ""]
    letters = dict.fromkeys(row[4] for row in cells[1:])
    lines.append("; ".join(f"{letter}: {CLASSES[letter]}" for letter in letters) + ".")
    return "\n".join([*lines, f"Caution: {table.caveat}"])
