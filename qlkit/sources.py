"""Where figures and advice come from: the works that qlkit cites, and how a reference is written."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from qlkit.errors import QlkitError, nearest

CLASSES = {
    "M": "measurement",
    "Mod": "model",
    "G": "guideline",
    "P": "practitioner's experience",
    "T": "teaching choice",
}
"""What kind of knowledge a figure is, by the letters shown beside it."""


class Checked(BaseModel):
    """A table of a data file: nothing in it is unknown, and nothing changes later."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Source(Checked):
    """A work that figures or advice are taken from. Fields that are not confirmed stay empty."""

    key: Annotated[str, Field(min_length=1)]
    kind: Literal["paper", "guideline", "model", "web", "practitioner"]
    authors: str = ""
    year: int | None = None
    title: str = ""
    where: str = ""
    doi: str = ""
    pmid: str = ""
    pmc: str = ""
    note: str = ""

    @property
    def reference(self) -> str:
        """The whole reference in one line; the address stands last, as a link of Markdown."""
        parts = list(filter(None, (self.authors, self.title, self.where, self.pmid and f"PMID {self.pmid}", self.pmc)))
        parts[0] += f" ({self.year})" if self.year else ""
        kind = "web page; " if self.kind == "web" else "note: " if self.note else ""
        about = (kind + self.note).removesuffix("; ")
        line = ". ".join(part.rstrip(".…") for part in parts) + (f" [{about}]." if about else ".")
        return f"{line} <https://doi.org/{self.doi}>" if self.doi else line


class References(str):
    """A list of references: a notebook shows it as Markdown, and it reads well as plain text."""

    def __repr__(self) -> str:
        """Return the list itself, without quotation marks."""
        return str(self)

    _repr_markdown_ = __repr__


@cache
def sources() -> Mapping[str, Source]:
    """Return every source qlkit cites, by its citation key."""
    raw = tomllib.loads((resources.files("qlkit.data") / "sources.toml").read_text("utf-8"))
    return MappingProxyType({key: Source(key=key, **fields) for key, fields in raw.items()})


def unknown(what: str, key: object, known: Iterable[str]) -> str:
    """Say that there is no such key, and which one may have been meant."""
    near = nearest(key, known)
    return f"There is no {what} {key!r}." + (f" Did you mean {near!r}?" if near else "")


def cite(*keys: str) -> References:
    """Return the references of ``keys`` as a list, each of them once.

    >>> cite("fowler2005")
    - [fowler2005] Fowler NE, Rodacki CLN, Rodacki ALF (2005). Arch Phys Med Rehabil 86(3):505–511.
    """
    known = sources()
    wrong = [unknown("source", key, known) for key in keys if key not in list(known)]
    if wrong or not keys:
        raise QlkitError(" ".join(wrong) or "Name at least one source, for example cite('mcgill1996').")
    return References("\n".join(f"- [{key}] {known[key].reference}" for key in dict.fromkeys(keys)))
