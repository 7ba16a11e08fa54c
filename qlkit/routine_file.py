"""Reading routine files, and saying in plain words all that is wrong with one."""

from __future__ import annotations

import os
import re
import tomllib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from qlkit.errors import RoutineError
from qlkit.routine import Caution, Hold, Move, Option, Routine, Stage, Step, suggest


@cache
def routines() -> dict[str, Routine]:
    """Return the built-in routines by key: ``"sitting"`` and ``"labor"``.

    Examples
    --------
    >>> import qlkit
    >>> list(qlkit.routines())
    ['sitting', 'labor']
    """
    folder = resources.files("qlkit") / "data" / "routines"
    return {key: _parse((folder / f"{key}.toml").read_bytes(), f"{key}.toml") for key in ("sitting", "labor")}


def load_routine(key_or_path: str | os.PathLike[str]) -> Routine:
    """Return a built-in routine by its key, or read a routine file of your own.

    Raises
    ------
    RoutineError
        Lists every problem of the file at once, each with file, step and field.

    Examples
    --------
    >>> from qlkit import load_routine
    >>> load_routine("sitting").title
    'After too much sitting'
    """
    if not isinstance(key_or_path, str | os.PathLike):
        raise RoutineError(repr(key_or_path), ["expected the key of a routine or the path of a routine file"])
    if key_or_path in routines():
        return routines()[key_or_path]
    path = Path(key_or_path)
    try:
        if path.stat().st_size > 1_000_000:
            raise RoutineError(path, ["is larger than 1 MB; a routine file is a few kB of TOML text"])
        return _parse(path.read_bytes(), str(path))
    except FileNotFoundError:
        hint = "" if path.suffix or path.parent != Path() else suggest(str(path), routines())
        raise RoutineError(path, [f"there is no such file{hint}"]) from None
    except IsADirectoryError:
        raise RoutineError(path, ["is a folder; name a routine file in it"]) from None
    except (OSError, ValueError) as error:
        if isinstance(error, RoutineError):
            raise
        raise RoutineError(path, [f"can't be read: {error}"]) from None


def _parse(data: bytes, place: str) -> Routine:
    try:
        table = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        problem = f"is not UTF-8 text (byte {error.start + 1}); save it with the encoding UTF-8"
        raise RoutineError(place, [problem]) from None
    except RecursionError:
        raise RoutineError(place, ["is nested too deeply; a routine file has few levels"]) from None
    except tomllib.TOMLDecodeError as error:
        raise RoutineError(place, [f"is not valid TOML: {error}"]) from None
    problems = _duplicates(table)
    try:
        routine = Routine.model_validate(_tuples(table))
    except ValidationError as error:
        # A list whose entries are all at fault counts as empty for the checker, but not for a person.
        found = [e for e in error.errors() if e["type"] != "too_short" or not e["input"]]
        problems = [_in_words(e, table) for e in found] + problems
    if problems:
        raise RoutineError(place, problems)
    return routine


def _tuples(value: Any) -> Any:
    """Turn TOML's lists into tuples, which strict checking asks for."""
    if isinstance(value, dict):
        return {k: _tuples(v) for k, v in value.items()}
    return tuple(_tuples(v) for v in value) if isinstance(value, list) else value


def _duplicates(table: dict[str, Any]) -> list[str]:
    """Find keys used twice, also in a file whose other faults keep it from being read whole."""
    problems = []
    for field, word in (("steps", "step"), ("rise", "stage of the rise")):
        entries = table.get(field)
        first: dict[str, int] = {}
        for i, entry in enumerate(entries if isinstance(entries, list) else [], 1):
            key = entry.get("key") if isinstance(entry, dict) else None
            if isinstance(key, str) and first.setdefault(key, i) != i:
                problems.append(f"{word} {i} ({key!r}), field 'key': is used by {word} {first[key]} already")
    return problems


_WORDS = {
    "missing": "is missing",
    "string_type": "should be text in quotes",
    "bool_type": "should be true or false",
    "int_type": "should be a whole number",
    "int_from_float": "should be a whole number",
    "float_type": "should be a number",
    "tuple_type": "should be a list in [ ]",
    "model_type": "should be a table of fields",
    "finite_number": "should be an ordinary number",
    "string_too_short": "is empty",
    "too_short": "is empty; at least one is needed",
    "string_pattern_mismatch": "should be lower-case letters, digits and hyphens, such as 'feet-planted'",
}


def _in_words(error: Any, table: dict[str, Any]) -> str:
    """Say one validation error as a person would: which step, which field, what is right."""
    place: list[str] = []
    path = list(error["loc"])
    if len(path) > 1 and path[0] in ("steps", "rise"):
        word, number = ("step" if path[0] == "steps" else "stage of the rise"), path[1]
        entry = table[path[0]][number]
        key = entry.get("key") if isinstance(entry, dict) else None
        place.append(f"{word} {number + 1}" + (f" ({key!r})" if isinstance(key, str) else ""))
        path = path[2:]
    if path:
        field = "".join(f" {p + 1}" if isinstance(p, int) else f".{p}" for p in path)[1:]
        place.append(f"field '{field}'")
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        owner = Step if error["loc"][0] == "steps" else Stage if error["loc"][0] == "rise" else Routine
        nested = {"hold": Hold, "move": Move, "options": Option, "cautions": Caution}
        for part in path[:-1]:
            owner = nested.get(part, owner)
        text = f"is not a known field{suggest(str(path[-1]), owner.model_fields)}"
    elif kind in ("greater_than", "greater_than_equal", "less_than_equal"):
        limit = next(iter(context.values()))
        words = {"greater_than": "more than", "greater_than_equal": "at least", "less_than_equal": "at most"}
        text = f"is {error['input']!r}, but should be {words[kind]} {limit:g}"
    elif kind == "string_too_long":
        text = f"has {len(error['input'])} characters; at most {context['max_length']} fit"
    elif kind == "value_error":
        text = str(context["error"])
    else:
        text = _WORDS.get(kind) or re.sub(r"^Input ", "", error["msg"])
        if kind in _WORDS and kind.endswith("_type"):
            text += f", not {error['input']!r}"[:120]
    return f"{', '.join(place)}: {text}" if place else text
