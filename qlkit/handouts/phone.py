"""The phone page: one file that leads a person through a plan, with no network; and the way to it, as a QR code."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
import os
import re
from datetime import datetime
from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit

import segno

from qlkit.errors import PlanError, QlkitError
from qlkit.handouts import put
from qlkit.plan import Plan
from qlkit.plots.show import Picture
from qlkit.timer.poses import frames
from qlkit.timer.widget import SessionTimer, javascript


def write_phone_page(plan: Plan, path: str | os.PathLike[str]) -> Path:
    """Write a page that leads a person through a plan on a phone: one HTML file that needs no network.

    It opens from a file, a mail or a web server. With a start moment in its address, such as
    ``#start=2026-11-23T14:05:00+01:00``, a whole room begins together; see :func:`qr`. The record
    it saves can be brought into a journal by ``Journal.import_``.

    Examples
    --------
    >>> import qlkit, tempfile, pathlib
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> qlkit.write_phone_page(qlkit.load_routine("labor").plan(minutes=15), folder / "labor.html").name
    'labor.html'
    """
    if not isinstance(plan, Plan):
        raise PlanError(f"a phone page takes a plan, not {type(plan).__name__}; make one with load_routine(...).plan()")
    path = Path(path).expanduser()
    page = _page(plan).encode()
    try:
        put(path, page)
    except OSError as error:
        why = error.strerror if path.parent.is_dir() else f"there is no folder {str(path.parent)!r}; make it first"
        raise QlkitError(f"the phone page {path.name!r} can't be written: {why}") from None
    return path


def _page(plan: Plan) -> str:
    code = javascript().replace("export default", "const timer =") + _file("handouts/phone.js")
    script = _lean(code.replace('import timer from "../timer/timer.js";', ""))
    style = _lean(_file("timer/timer.css") + _file("handouts/phone.css"))
    policy = {"default-src": "'none'", "connect-src": "'none'", "img-src": "data:", "worker-src": "blob:"}
    policy |= {"script-src": _hash(script), "style-src": _hash(style), "base-uri": "'none'", "form-action": "'none'"}
    defaults = {name: t.default() for name, t in SessionTimer.class_own_traits(sync=True).items() if name[0] != "_"}
    traits = defaults | {"plan": plan.to_dict(), "poses": frames(plan), "keeps": True}
    data = json.dumps(traits, ensure_ascii=False, separators=(",", ":"))
    return _file("handouts/phone.html").format(
        policy="; ".join(f"{name} {value}" for name, value in policy.items()),
        title=html.escape(plan.title),
        cautions="".join(f"<li>{html.escape(text)}</li>" for text in plan.cautions),
        style=style,
        script=script,
        # Nothing in the data can end the element it stands in, or begin another.
        traits=re.sub("[<>&\u2028\u2029]", lambda found: f"\\u{ord(found[0]):04x}", data),
    )


def _file(name: str) -> str:
    return (resources.files("qlkit") / name).read_text(encoding="utf-8")


def _lean(text: str) -> str:
    """Leave out what only a reader of the source needs: lines of comment, and spaces before lines."""
    return re.sub(r"^\s*(((//|\*[ /]).*|/\*\*((?!\*/).)*(\*/)?)\n)?", "", text, flags=re.MULTILINE)


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def qr(address: str, start: datetime | None = None) -> Picture:
    """Return an address as a QR code that a notebook shows, for phones to scan.

    Parameters
    ----------
    address : str
        Where the phone page is: an ``https``, ``http`` or ``file`` address.
    start : datetime, optional
        When all begin together, with its time zone.

    Examples
    --------
    >>> import qlkit
    >>> from datetime import datetime
    >>> qlkit.qr("https://example.org/labor.html", datetime.fromisoformat("2026-11-23T14:05+01:00"))
    QR code of https://example.org/labor.html#start=2026-11-23T14:05:00+01:00
    """
    parts = urlsplit(address) if isinstance(address, str) and re.fullmatch(r"[!-~]+", address) else None
    if parts is None or not (parts.scheme == "file" or (parts.scheme in ("http", "https") and parts.netloc)):
        raise QlkitError(f"{address!r} is no address of a page; it should be like 'https://example.org/labor.html'")
    if start is not None:
        if not isinstance(start, datetime) or start.utcoffset() is None:
            right = 'datetime.fromisoformat("2026-11-23T14:05+01:00") or datetime(2026, 11, 23, 14, 5).astimezone()'
            raise QlkitError(f"start is {start!r}; it should be a datetime with its time zone, such as {right}")
        address = f"{address.partition('#')[0]}#start={start.isoformat(timespec='seconds')}"
    file = io.BytesIO()
    try:
        segno.make_qr(address).save(file, kind="svg", scale=6)
    except segno.DataOverflowError:
        raise QlkitError(f"this address has {len(address)} characters, more than a QR code holds") from None
    return Picture(file.getvalue().decode(), f"QR code of {address}")
