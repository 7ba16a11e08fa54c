"""Keeping it: the journal of all sessions, one SQLite file on this machine and nowhere else.

What is kept of a session is its plan and its events. What :meth:`Journal.rows` shows is derived from them and stored
in the same transaction: to replay 10,000 sessions at each reading takes longer than a reader likes to wait.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import cache, lru_cache, partial
from pathlib import Path
from threading import RLock
from typing import Any

from platformdirs import user_data_path

from qlkit.errors import JournalError
from qlkit.plan import Plan
from qlkit.session import Event, Record

MARK = 0x716C6B31
"""Tells the file from the database of another program."""

# The events and the log of cues, in `data`, stand last: they are long, and what is before them is read without them.
MIGRATIONS = (
    """CREATE TABLE plans (hash TEXT PRIMARY KEY, json TEXT NOT NULL, intervals TEXT NOT NULL);
    CREATE TABLE sessions (id INTEGER PRIMARY KEY AUTOINCREMENT, plan TEXT NOT NULL, started REAL NOT NULL,
        note TEXT, before INTEGER, after INTEGER, routine TEXT, title TEXT, status TEXT, planned INTEGER,
        actual REAL, paused REAL, parts BLOB NOT NULL, data TEXT NOT NULL);
    CREATE INDEX sessions_by_start ON sessions (started, plan)""",
)
"""What leads from each version of the file to the next; the first makes an empty file a journal."""

WAIT = 30.0
"""Seconds to wait while another kernel writes."""

SLACK = 0.5
"""An interval left within this many seconds of its end was held to its end."""

_FAULTS = {
    "SQLITE_FULL": "the disk is full. Make room, and do it again",
    "SQLITE_READONLY": "it may be read but not changed. Allow writing to it, or use another path",
    "SQLITE_CANTOPEN": "it can't be opened; is it a folder, or in one that may not be changed? Use another path",
    "SQLITE_NOTADB": "it is no journal. Use another path",
    "SQLITE_CORRUPT": "it is damaged. Move it away, begin a new journal, and import your last export there",
    "SQLITE_IOERR": "the disk fails. Is it full, or was it taken out? Put that right, and do it again",
    "SQLITE_BUSY": "another program keeps it locked. Close that, and do it again",
}
_ENTRIES = "SELECT json, data, note, before, after FROM sessions JOIN plans ON hash = plan ORDER BY started, id"
_PART = struct.Struct("<3d?")  # of an interval: actual, paused, extended, done; to read that as JSON takes longer
_WORDS = ("note", "before", "after")
_utc = partial(datetime.fromtimestamp, tz=UTC)


class Journal:
    """The sessions that were carried out, with a note and two ratings of tension where one wants them.

    Several threads, and several kernels, may use it at once.

    Parameters
    ----------
    path : str or Path, optional
        The file; it is made where there is none. Without a path, ``journal.sqlite`` in the user's
        data folder. ``":memory:"`` is kept nowhere, for trying things out.

    Examples
    --------
    >>> import qlkit
    >>> plan, start = qlkit.load_routine("sitting").plan(), qlkit.Event("start", 1.8e9)
    >>> journal = qlkit.Journal(":memory:")
    >>> journal.add(qlkit.Record(plan, [start], until=1.8e9 + 60), before=6)
    '1'
    >>> journal.add(qlkit.Record(plan, [start, qlkit.Event("stop", 1.8e9 + 240)]), after=3)
    '1'
    >>> journal
    Journal(1 session)
    >>> row = journal.rows()[0]
    >>> row["name"], row["planned"], row["actual"], row["before"], row["after"]
    ('Rest on your back', 300, 240.0, 6, 3)
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = Path(path or user_data_path("qlkit", appauthor=False) / "journal.sqlite").expanduser()
        self._lock = RLock()
        with _faults(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self.path.exists():
                # A look that can't change a byte of what is no journal, or a damaged one. The traces of a kernel that
                # was killed can sometimes only be cleared away by writing: then the second look decides.
                with suppress(sqlite3.OperationalError), closing(self._connect("ro")) as db:
                    self._version(db)
                    if db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                        raise sqlite3.DatabaseError
            self._db: sqlite3.Connection | None = self._connect("rwc")
            self._prepare(self._db)

    def _connect(self, mode: str) -> sqlite3.Connection:
        where = ":memory:" if str(self.path) == ":memory:" else f"{self.path.absolute().as_uri()}?mode={mode}"
        return sqlite3.connect(where, WAIT, isolation_level=None, check_same_thread=False, uri=True)

    def _version(self, db: sqlite3.Connection) -> int:
        """Return the version of the file; refuse one of another program or of a newer qlkit."""
        query = "SELECT * FROM pragma_application_id, pragma_user_version, (SELECT count(*) FROM sqlite_master)"
        mark, version, tables = db.execute(query).fetchone()
        if mark != MARK and (mark or version or tables):
            raise JournalError(f"{self.path}: it is the database of another program. Use another path")
        if version > len(MIGRATIONS):
            versions = f"version {version} of the file; this qlkit knows up to {len(MIGRATIONS)}"
            raise JournalError(f"{self.path}: a newer qlkit wrote it ({versions}). Update qlkit to open it")
        return version

    def _prepare(self, db: sqlite3.Connection) -> None:
        if self._version(db) < len(MIGRATIONS):
            with db:
                db.execute("BEGIN IMMEDIATE")
                # The version is read again, as another kernel may have been quicker.
                for statement in ";".join(MIGRATIONS[self._version(db) :]).split(";"):
                    db.execute(statement)
                db.execute(f"PRAGMA application_id = {MARK}")
                db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        with suppress(sqlite3.OperationalError):  # where another kernel is at it just now, all goes well without
            db.execute("PRAGMA journal_mode = WAL")  # reading and writing go on side by side
        db.execute("PRAGMA synchronous = FULL")  # what was added stays, also when the power fails

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._lock, _faults(self.path):
            if self._db is None:
                raise JournalError("this journal was closed; open it again with Journal(path)")
            with self._db:
                self._db.execute(begin)
                yield self._db

    def add(
        self, record: Record, *, note: str | None = None, before: int | None = None, after: int | None = None
    ) -> str:
        """Keep a session and return its id.

        A session is the same as one in the journal if plan and start are the same and one list of
        events is a beginning of the other. Then the longer list is kept, so that a session can be
        added at each of its transitions.

        Parameters
        ----------
        record : Record
            A session that was started.
        note : str, optional
            Words of your own. None leaves what is there, here and below.
        before, after : int, optional
            How tense it felt, from 0 to 10.
        """
        with self._transaction("BEGIN IMMEDIATE") as db:
            return self._put(db, record, (note, before, after))[0]

    def _put(self, db: sqlite3.Connection, record: Record, words: tuple, fill: bool = False) -> tuple[str, bool]:
        """Write a session; return its id and whether it is new or has grown. ``fill``: words there already stay."""
        at = record.state.started if isinstance(record, Record) else None
        if at is None or at < 0:
            raise JournalError(f"a journal keeps a Record of a session started since 1970, not {record!r:.60}")
        _check(*words)
        plan, number, kept = _plan(record.plan), None, None
        query = "SELECT id, data, note, before, after FROM sessions WHERE started = ? AND plan = ?"
        for found, data, *said in db.execute(query, (at, plan[0])).fetchall():
            if merged := _merge(old := _record(record.plan, data), record):
                number, kept, record = found, old, merged
                first, second = (said, words) if fill else (words, said)
                words = tuple(b if a is None else a for a, b in zip(first, second, strict=True))
                break
        db.execute("INSERT INTO plans VALUES (?, ?, ?) ON CONFLICT DO NOTHING", plan)
        data = {"events": [event.to_dict() for event in record.events], "until": record.until, "log": record.log}
        row = (number, plan[0], at, *words, *_derive(record), json.dumps(data))
        done = db.execute("INSERT OR REPLACE INTO sessions VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)", row)
        return str(done.lastrowid), record != kept

    def records(self) -> list[Record]:
        """Return all sessions as Records, oldest first."""
        plan = cache(lambda text: Plan.from_dict(json.loads(text)))  # sessions share their plans
        with self._transaction("BEGIN") as db:
            return [_record(plan(text), data) for text, data, *_ in db.execute(_ENTRIES)]

    def sessions(self) -> list[dict[str, Any]]:
        """Return one dict a session, oldest first; ``actual`` are the seconds that counted, without ``paused``."""
        names = ("id", "started", "routine", "title", "status", "planned", "actual", "paused", *_WORDS)
        with self._transaction("BEGIN") as db:
            found = db.execute(f"SELECT {', '.join(names)} FROM sessions ORDER BY started, id")  # noqa: S608
            return [dict(zip(names, (str(n), _utc(at), *more), strict=True)) for n, at, *more in found]

    def rows(self) -> list[dict[str, Any]]:
        """Return one flat dict for each interval of each session, oldest first, ready for pandas or polars.

        Times are in seconds; ``actual`` are those that counted, without those paused and with those
        added by hand; ``done`` says whether it was held to its end.
        """
        rows, query = [], "SELECT id, started, routine, title, plan, parts, note, before, after FROM sessions"
        with self._transaction("BEGIN") as db:
            plans = {key: json.loads(text) for key, text in db.execute("SELECT hash, intervals FROM plans")}
            for n, at, routine, title, key, parts, *said in db.execute(f"{query} ORDER BY started, id"):
                head = {"id": str(n), "started": _utc(at), "routine": routine, "title": title}
                words = dict(zip(_WORDS, said, strict=True))
                rows += [
                    {**head, **i, "actual": actual, "paused": paused, "extended": extended, "done": done, **words}
                    for i, (actual, paused, extended, done) in zip(plans[key], _PART.iter_unpack(parts), strict=True)
                ]
        return rows

    def delete(self, id: str) -> None:  # noqa: A002 (the word of the other methods)
        """Take a session out of the journal, with its note and ratings."""
        with self._transaction("BEGIN IMMEDIATE") as db:
            if not db.execute("DELETE FROM sessions WHERE CAST(id AS TEXT) = ?", (str(id),)).rowcount:
                raise JournalError(f"there is no session {id!r} in this journal; sessions() lists them with their ids")
            db.execute("DELETE FROM plans WHERE hash NOT IN (SELECT plan FROM sessions)")

    def export(self, path: str | Path) -> int:
        """Write all sessions to a file, one line of JSON for each, and return how many."""
        path, lines = Path(path).expanduser(), 0
        part = path.with_name(f"{path.name}.part")  # so that a full disk doesn't cost an older file of that name
        with self._transaction("BEGIN") as db, _faults(path):
            with part.open("w", encoding="ascii", newline="\n") as file:
                for plan, data, *words in db.execute(_ENTRIES):
                    record = {"plan": json.loads(plan), **json.loads(data)}
                    file.write(json.dumps({"record": record, **dict(zip(_WORDS, words, strict=True))}) + "\n")
                    lines += 1
            part.replace(path)
        return lines

    def import_(self, path: str | Path) -> int:
        """Add the sessions of an export, or the one that a phone page saved; return how many were new or have grown.

        Notes and ratings that are in the journal stay. Where a line can't be read, nothing is added.
        """
        with _faults(path):
            data = Path(path).expanduser().read_bytes()
        lines, grown = [(n, line) for n, line in enumerate(data.splitlines(), 1) if line.strip()], 0
        with suppress(ValueError, RecursionError):
            lines = [(1, json.dumps(json.loads(data)))]  # one record, perhaps over several lines
        with self._transaction("BEGIN IMMEDIATE") as db:
            for n, line in lines:
                try:
                    entry = json.loads(line)
                    entry = entry if isinstance(entry, dict) and "record" in entry else {"record": entry}
                    words = tuple(map(entry.get, _WORDS))
                    grown += self._put(db, Record.from_dict(entry["record"]), words, fill=True)[1]
                except (ValueError, RecursionError) as error:
                    raise JournalError(f"{path}, line {n}: {error}. Nothing of this file was added") from None
        return grown

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db = self._db and self._db.close()

    def __enter__(self) -> Journal:
        """Return the journal; it is closed at the end of the ``with``."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the journal."""
        self.close()

    def __repr__(self) -> str:
        """Return how many sessions there are."""
        if self._db is None:
            return "Journal(closed)"
        count = len(self.sessions())
        return f"Journal({count} session{'s' * (count != 1)})"


@contextmanager
def _faults(path: str | Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise JournalError(f"{path}: {error.strerror}. Is it the right path, and may one write there?") from None
    except (sqlite3.Error, json.JSONDecodeError, KeyError, struct.error) as error:
        name = getattr(error, "sqlite_errorname", "SQLITE_CORRUPT")
        said = next((said for fault, said in _FAULTS.items() if name.startswith(fault)), f"{error} ({name})")
        raise JournalError(f"{path}: {said}. What was in it is as it was") from error


def _check(note: object, before: object, after: object) -> None:
    if note is not None and not (isinstance(note, str) and note == note.encode(errors="ignore").decode()):
        raise JournalError(f"a note should be text, not {note!r:.60}")
    for rating in (before, after):
        if rating is not None and (type(rating) is not int or not 0 <= rating <= 10):
            raise JournalError(f"a rating should be a whole number from 0 (no tension) to 10, not {rating!r:.60}")


@lru_cache(64)
def _plan(plan: Plan) -> tuple[str, str, str]:
    """Return the key that a plan is kept under, its JSON, and what rows say of its intervals."""
    text = json.dumps(plan.to_dict(), sort_keys=True)
    rows = [{"step": i.step, "name": i.name, "kind": i.kind, "planned": i.seconds} for i in plan.intervals]
    return hashlib.sha256(text.encode()).hexdigest(), text, json.dumps(rows)


def _record(plan: Plan, data: str) -> Record:
    parts = json.loads(data)
    return Record(plan, tuple(map(Event.from_dict, parts["events"])), parts["until"], tuple(map(tuple, parts["log"])))


def _merge(a: Record, b: Record) -> Record | None:
    """Return the longer one of two records of the same session; None where they are two sessions."""
    short, long = sorted((a, b), key=lambda record: len(record.events))
    if long.events[: len(short.events)] != short.events:
        return None
    untils = [each.until for each in (a, b) if each.events == long.events and each.until is not None]
    return Record(long.plan, long.events, max(untils, default=None), max(a.log, b.log, key=len))


def _derive(record: Record) -> tuple[Any, ...]:
    """Return the columns that follow from a record, from its routine to the parts of its rows."""
    plan, state, parts = record.plan, record.state, []
    for n, interval in enumerate(plan.intervals):
        sums, length, done = (0.0, 0.0, 0.0), interval.seconds, False
        for visit in (visit for visit in state.visits if visit.index == n):
            sums = [a + b for a, b in zip(sums, (visit.held, visit.paused, visit.extended), strict=True)]
            length += visit.extended
            done |= visit.held >= length - SLACK
        parts.append([*(round(seconds, 3) for seconds in sums), done])
    actual, paused = (round(sum(part[k] for part in parts), 3) for k in (0, 1))
    packed = b"".join(_PART.pack(*part) for part in parts)
    return plan.routine, plan.title, state.status, plan.total, actual, paused, packed
