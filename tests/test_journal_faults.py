"""What can go wrong with the file of a journal: each time a sentence that says what to do, and the file as it was."""

import json
import sqlite3
import subprocess
import sys

import pytest
from test_journal import AT, KEPT, record

from qlkit import Journal, JournalError, journal

NEXT = (*journal.MIGRATIONS, "ALTER TABLE sessions ADD COLUMN place TEXT; UPDATE sessions SET place = 'home'")


@pytest.fixture
def path(tmp_path):
    """Give the path of a closed journal with sessions in it."""
    made = tmp_path / "journal.sqlite"
    with Journal(made) as kept:
        for n in range(20):
            kept.add(record(("stop", 60), at=AT + 1000 * n), note="x" * 300)
    return made


def refused(path, said, work=Journal):
    before = path.read_bytes()
    with pytest.raises(JournalError, match=said) as caught:
        work(path)
    assert path.read_bytes() == before
    return str(caught.value)


def test_a_journal_one_version_older_is_brought_up_to_date(path, monkeypatch):
    with Journal(path) as kept:
        before = kept.records(), kept.rows()
    monkeypatch.setattr(journal, "MIGRATIONS", NEXT)
    with Journal(path) as kept:
        assert (kept.records(), kept.rows()) == before
        assert kept._db.execute("SELECT DISTINCT place FROM sessions").fetchall() == [("home",)]
        assert kept._db.execute("PRAGMA user_version").fetchone() == (2,)
    with Journal(path) as kept:  # and not a second time
        assert kept.records() == before[0]


def test_a_migration_that_fails_leaves_the_file_as_it_was(path, monkeypatch):
    monkeypatch.setattr(journal, "MIGRATIONS", (*NEXT[:1], "DROP TABLE plans; SELECT * FROM nowhere"))
    refused(path, "nowhere")
    monkeypatch.undo()
    with Journal(path) as kept:
        assert len(kept.records()) == 20


def test_of_a_newer_version(path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(journal, "MIGRATIONS", NEXT)
        Journal(path).close()
    refused(path, r"a newer qlkit wrote it \(version 2 of the file; this qlkit knows up to 1\)\. Update qlkit")


def test_of_a_newer_version_whose_kernel_was_killed(path):
    code = (
        f"import os, sqlite3\ndb = sqlite3.connect({str(path)!r})\ndb.execute('PRAGMA user_version = 9'); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert path.with_name("journal.sqlite-wal").stat().st_size
    refused(path, "version 9")


def test_of_another_program(tmp_path):
    other = tmp_path / "other.sqlite"
    db = sqlite3.connect(other)
    db.execute("CREATE TABLE sessions (id)")
    db.close()
    refused(other, "another program.*Use another path")


@pytest.mark.parametrize("content", [b"Dear diary,\n", b"\0" * 5000, b"SQLite format 3\0" + b"\xff" * 5000])
def test_no_database(tmp_path, content):
    (tmp_path / "notes.txt").write_bytes(content)
    refused(tmp_path / "notes.txt", "it is no journal. Use another path|it is damaged")


def test_an_empty_file_becomes_a_journal(tmp_path):
    (tmp_path / "journal.sqlite").touch()
    with Journal(tmp_path / "journal.sqlite") as kept:
        kept.add(KEPT[0])
        assert kept.records() == KEPT[:1]


@pytest.mark.parametrize("damage", ["cut", "page"])
def test_damaged(path, damage):
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] if damage == "cut" else data[:8192] + b"\x5a" * 4096 + data[12288:])
    said = refused(path, "it is damaged. Move it away, begin a new journal, and import your last export there")
    assert str(path) in said


def test_a_damaged_text_in_a_sound_file(path):
    with Journal(path) as kept:
        kept._db.execute("UPDATE sessions SET parts = substr(parts, 1, 5), data = substr(data, 1, 5) WHERE id = 3")
        for read in (kept.rows, kept.records, lambda: kept.export(path.with_name("out"))):
            with pytest.raises(JournalError, match="damaged"):
                read()
        kept.delete("3")
        assert len(kept.records()) == 19


def test_a_full_disk(path):
    with Journal(path) as kept:
        before = kept.sessions()
        pages = kept._db.execute("PRAGMA page_count").fetchone()[0]
        kept._db.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(JournalError, match=r"the disk is full\. Make room, and do it again"):
            kept.add(record(at=AT + 1e6), note="x" * 100_000)
        assert kept.sessions() == before
        kept._db.execute("PRAGMA max_page_count = 1000000")
        kept.add(record(at=AT + 1e6), note="x" * 100_000)
        assert len(kept.sessions()) == 21


LIMITED = """
import resource, sys
import qlkit
plan, path = qlkit.load_routine("sitting").plan(), sys.argv[1]
journal = qlkit.Journal(path)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    for n in range(1000):
        journal.add(qlkit.Record(plan, [qlkit.Event("start", 1e9 + n)]), note="x" * 9000)
except qlkit.JournalError as error:
    print(n, error)
"""


def test_a_system_that_lets_the_file_grow_no_more(path):
    done = subprocess.run([sys.executable, "-c", LIMITED, str(path)], capture_output=True, text=True, check=True)
    count, said = done.stdout.split(" ", 1)
    assert "the disk fails. Is it full, or was it taken out?" in said
    assert "What was in it is as it was" in said
    with Journal(path) as kept:
        assert len(kept.sessions()) == 20 + int(count)


def read_only(monkeypatch):
    # Root may write anywhere, but not through this.
    plain = Journal._connect
    monkeypatch.setattr(Journal, "_connect", lambda self, _: plain(self, "ro"))


def test_a_read_only_journal_can_be_read(path, monkeypatch):
    read_only(monkeypatch)

    def write(path):
        with Journal(path) as kept:
            assert len(kept.rows()) == 20 * len(KEPT[0].plan.intervals)
            kept.add(KEPT[0])

    refused(path, "it may be read but not changed. Allow writing to it, or use another path", write)


def test_a_folder_that_may_not_be_changed(tmp_path, monkeypatch):
    read_only(monkeypatch)
    with pytest.raises(JournalError, match=r"can't be opened.*Use another path"):
        Journal(tmp_path / "journal.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_a_path_that_is_a_folder_or_below_a_file(tmp_path):
    with pytest.raises(JournalError, match="can't be opened; is it a folder"):
        Journal(tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(JournalError, match=r"file.*(File exists|Not a directory)"):
        Journal(tmp_path / "file" / "journal.sqlite")
    assert (tmp_path / "file").read_text() == "x"


def test_another_program_that_never_lets_go(path, monkeypatch):
    monkeypatch.setattr(journal, "WAIT", 0.05)
    with Journal(path) as kept:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalError, match="another program keeps it locked"):
            kept.add(KEPT[1])
        assert len(kept.rows()) == 20 * len(KEPT[0].plan.intervals)  # reading goes on
        other.execute("ROLLBACK")
        other.close()
        kept.add(KEPT[1])


GOOD = json.dumps({"record": KEPT[1].to_dict()})
BAD = {
    "cut": GOOD[:200],
    "no JSON": "hello",
    "not a record": '{"record": {"plan": 5, "events": []}}',
    "a list": "[1, 2]",
    "a number": "7",
    "never started": json.dumps({"record": {**KEPT[1].to_dict(), "events": []}}),
    "a rating": json.dumps({"record": KEPT[1].to_dict(), "before": 99}),
    "a note": json.dumps({"record": KEPT[1].to_dict(), "note": ["x"]}),
    "nested": "[" * 100_000,
    "no text": b"\xff\xfe\xff",
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
@pytest.mark.parametrize("before", [0, 2])
def test_a_damaged_line_is_named_and_nothing_is_added(tmp_path, bad, before):
    lines = [GOOD, "", bad, json.dumps(KEPT[0].to_dict())][2 - before :]
    source = tmp_path / "in.jsonl"
    source.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines))
    with Journal(tmp_path / "journal.sqlite") as kept:
        kept.add(KEPT[2])
        refused(source, rf"in\.jsonl, line {before + 1}: .*Nothing of this file was added", kept.import_)
        assert kept.records() == [KEPT[2]]


def test_files_that_can_not_be_read_or_written(path, tmp_path):
    with Journal(path) as kept:
        with pytest.raises(JournalError, match=r"none\.jsonl: No such file"):
            kept.import_(tmp_path / "none.jsonl")
        with pytest.raises(JournalError, match="nowhere"):
            kept.export(tmp_path / "nowhere" / "out.jsonl")
        with pytest.raises(JournalError, match="directory"):
            kept.export(tmp_path)
        assert len(kept.records()) == 20
