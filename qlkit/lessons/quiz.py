"""Self-checks: questions about a lesson. Python judges and explains, so the page never holds an answer.

The questions are TOML files in ``qlkit/data/quizzes``, one for each lesson; all of them are checked when first read.
"""

import html
import re
import tomllib
from decimal import Decimal
from functools import cache
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import anywidget
import traitlets
from pydantic import Field, StrictBool, TypeAdapter, ValidationError
from pydantic import model_validator as model_rule

from qlkit.errors import DataError, QlkitError
from qlkit.evidence import Number, problem
from qlkit.lessons.review import review
from qlkit.plan import Plan, clock
from qlkit.routine_file import load_routine
from qlkit.sources import Checked, unknown

Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
Text = Annotated[str, Field(min_length=1, max_length=400)]
Judged = tuple[bool, str]
"""Whether an answer is right, and the words that explain it; several lines are a list."""


class Question(Checked):
    """What all kinds of questions have; ``judge`` says whether an answer is right, and why."""

    takes: ClassVar[str] = ""  # what the cell hands over as the answer, where the page doesn't ask for one
    many: ClassVar[range] = range(1)
    ask: Text

    @property
    def texts(self) -> tuple[str, ...]:
        """What there is to choose from or to put in order."""
        return getattr(self, "items", ()) or tuple(option.text for option in getattr(self, "options", ()))

    @model_rule(mode="after")
    def _texts_differ(self) -> "Question":
        if len(set(self.texts)) not in self.many or len(set(self.texts)) < len(self.texts):
            low, high = self.many.start, self.many.stop - 1
            raise ValueError(f"should have {low} to {high} different texts, not {', '.join(map(repr, self.texts))}")
        return self

    def shuffled(self, key: str) -> list[str]:
        """Return the texts in an order that tells nothing, and never the file's."""
        # By a hash and not by `random`, which promises its order for no other version of Python.
        mixed = sorted(self.texts, key=lambda text: sha256(f"{key}/{text}".encode()).digest())
        return mixed if mixed != list(self.texts) else mixed[1:] + mixed[:1]


class Option(Checked):
    """One answer to choose, and what is said to it."""

    text: Text
    say: Text
    right: StrictBool = False


class Choice(Question):
    """One right answer of several."""

    many: ClassVar[range] = range(2, 7)
    kind: Literal["choice"]
    options: tuple[Option, ...]

    @model_rule(mode="after")
    def _has_one_right_option(self) -> "Choice":
        if (count := sum(option.right for option in self.options)) != 1:
            raise ValueError(f"has {count} right options; it should have exactly one")
        return self

    def judge(self, answer: object) -> Judged:
        """Take the text of an option."""
        told = [(option.right, option.say) for option in self.options if option.text == answer]
        return told[0] if told else (False, "Choose one of the answers.")


class Order(Question):
    """Things to put in order."""

    many: ClassVar[range] = range(3, 8)
    kind: Literal["order"]
    items: tuple[Text, ...]
    right: Text
    wrong: Text

    def judge(self, answer: object) -> Judged:
        """Take the list of all items."""
        if not isinstance(answer, list) or sorted(map(str, answer)) != sorted(self.items):
            return False, f"Put all {len(self.items)} in order."
        place = next((n for n, text in enumerate(answer) if text != self.items[n]), None)
        if place is None:
            return True, self.right
        # All before it are right, so its own place is further down.
        return False, f"“{answer[place]}” is number {place + 1}, but something else comes before it. {self.wrong}"


class Near(Checked):
    """A wrong number that one comes to easily, and why."""

    value: Number
    say: Text


class Numeric(Question):
    """A number to enter."""

    kind: Literal["number"]
    answer: Number
    tolerance: Annotated[Number, Field(ge=0)]
    unit: Annotated[str, Field(max_length=20)] = ""
    right: Text
    wrong: Text
    near: tuple[Near, ...] = ()

    def judge(self, answer: object) -> Judged:
        """Take what was typed: 18,0 is as good as 18.0, with or without its unit."""
        typed = str(answer)[:40].strip().removesuffix(self.unit).strip()
        if not re.fullmatch(r"[+−-]?(\d+([.,]\d*)?|[.,]\d+)", typed):
            return False, f"“{typed}” can’t be read as a number. Type digits, such as 7 or 2.5."
        value = Decimal(typed.replace(",", ".").replace("−", "-"))
        if abs(value - self.answer) <= self.tolerance:
            return True, self.right
        known = [near.say for near in self.near if abs(value - near.value) <= self.tolerance]
        return False, known[0] if known else self.wrong


class PlanCheck(Question):
    """A plan of one's own to make; a condition that is left out is not asked for."""

    takes: ClassVar[str] = "plan"
    kind: Literal["plan"]
    routine: str | None = None
    total: Annotated[float, Field(gt=0)] | None = None
    without: tuple[str, ...] = ()
    holds: dict[str, tuple[float, float]] = Field(default_factory=dict)
    right: Text

    @model_rule(mode="after")
    def _can_be_met(self) -> "PlanCheck":
        if not self.routine and (self.without or self.holds or not self.total):
            raise ValueError("should name a total, or a routine with whatever is asked of its steps")
        if self.routine:  # what can't be planned can't be asked for; the error says what could
            plan = load_routine(self.routine).plan
            plan(minutes=self.total, skip=self.without)
            for end in (0, 1):
                plan(holds={key: ends[end] for key, ends in self.holds.items()}, skip=self.without)
        return self

    def judge(self, answer: object) -> Judged:
        """Take a plan; anything else is told what is expected."""
        if not isinstance(answer, Plan):
            kind = type(answer).__name__
            return False, f"This takes a plan, such as qlkit.load_routine('labor').plan(minutes=15); it got: {kind}."
        held = {interval.step: interval.seconds for interval in answer.intervals if interval.kind == "hold"}
        rows = [("The routine", repr(answer.routine), repr(self.routine))] if self.routine else []
        rows += [("The time in all", clock(answer.total), clock(self.total * 60))] if self.total else []
        rows += [(f"The step {key!r}", "in it" if key in held else "left out", "left out") for key in self.without]
        for key, (low, high) in self.holds.items():
            there = clock(held[key]) if key in held else "left out"
            met = low * 60 <= held.get(key, -1) <= high * 60
            rows.append((f"The hold of {key!r}", there, there if met else f"{clock(low * 60)} to {clock(high * 60)}"))
        if all(there == wanted for _, there, wanted in rows):
            return True, self.right
        return False, "\n".join(
            f"{what} is {there}" + (", as asked." if there == wanted else f"; it should be {wanted}.")
            for what, there, wanted in rows
        )


class RoutineCheck(Question):
    """A routine file of one's own to write; the review of it should find nothing."""

    takes: ClassVar[str] = "routine"
    kind: Literal["routine"]
    right: Text

    def judge(self, answer: object) -> Judged:
        """Take a routine or the path of its file."""
        found = review(answer)
        return not found, "\n".join(found) or self.right


_FOLDER = resources.files("qlkit.data") / "quizzes"
_KINDS = Annotated[Choice | Order | Numeric | PlanCheck | RoutineCheck, Field(discriminator="kind")]
_FILE = TypeAdapter(dict[Key, _KINDS])


@cache
def load_questions(folder: Path = _FOLDER) -> dict[str, Question]:
    """Read all files of questions in a folder; a DataError lists all that is wrong with them."""
    found: dict[str, Question] = {}
    problems: list[str] = []
    for file in sorted(folder.glob("*.toml")):
        try:
            tables = tomllib.loads(file.read_text("utf-8-sig"), parse_float=Decimal)
            for key in tables:
                if key in found or not key.startswith(f"{file.stem}-"):
                    problems.append(f"{file.name}, {key}: a key begins with '{file.stem}-', and is used once")
            found |= _FILE.validate_python(tables)
        except ValidationError as error:
            problems += [f"{file.name}, {problem(each, tables)}" for each in error.errors()]
        except (OSError, ValueError, RecursionError) as error:
            problems.append(f"{file.name}: can't be read: {error}")
    if problems:
        raise DataError("\n  - ".join(["these questions can't be asked:", *problems]))
    return found


class Quiz(anywidget.AnyWidget):
    """A question in the page; ``answer`` and ``right`` (None before an answer) can be observed."""

    _esm = Path(__file__).with_name("quiz.js")
    _css = Path(__file__).with_name("quiz.css")

    question = traitlets.Dict().tag(sync=True)  # what the page may know of it
    answer = traitlets.Any(None).tag(sync=True, to_json=lambda a, _: a if isinstance(a, str | list) else None)
    words = traitlets.Unicode().tag(sync=True)
    right = traitlets.Bool(None, allow_none=True).tag(sync=True)
    tries = traitlets.Int(0).tag(sync=True)

    def __init__(self, key: str, question: Question, answer: object = None) -> None:
        if answer is not None and not question.takes:
            raise QlkitError(f"{key!r} is answered in the page, so it takes nothing else: qlkit.quiz({key!r})")
        self._key, self._question = key, question
        hint = f'To check your {question.takes}, run qlkit.quiz("{key}", {question.takes}).' if question.takes else ""
        known = {"kind": question.kind, "ask": question.ask, "choices": question.shuffled(key), "hint": hint}
        super().__init__(question={**known, "unit": getattr(question, "unit", "")})
        self.on_msg(lambda _, content, __: question.takes or self._take(content.get("answer")))
        if answer is not None:
            self._take(answer)

    def _take(self, answer: object) -> None:
        right, words = self._question.judge(answer)
        with self.hold_sync():  # the page hears of it all at once; the number of tries tells that it did
            self.answer, self.words, self.right = answer, words, right
            self.tries += 1

    def __repr__(self) -> str:
        """Return a stable text without an address."""
        return f"Quiz({self._key!r})"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Add the question as text, for a page without a kernel."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        ask, *choices = map(html.escape, (self.question["ask"], *self.question["choices"]))
        items = "".join(f"<li>{choice}</li>" for choice in choices)
        still = f"<p>{ask}</p>" + (f"<ul>{items}</ul>" if items else "") + "<p>Run this cell to answer.</p>"
        return {**data, "text/html": still, "text/plain": repr(self)}, metadata


def quiz(key: str, answer: object = None) -> Quiz:
    """Ask a question of a lesson, and explain whatever is answered.

    Parameters
    ----------
    key : str
        Which question, such as ``"01-layers"``.
    answer : Plan, Routine or path, optional
        What of your own an exercise should check; the other questions are answered in the page.

    Examples
    --------
    >>> import qlkit
    >>> qlkit.quiz("01-layers")
    Quiz('01-layers')
    """
    questions = load_questions()
    if key not in list(questions):
        raise QlkitError(f"{unknown('question', key, questions)} There are {len(questions)} questions.")
    return Quiz(key, questions[key], answer)
