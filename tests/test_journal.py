"""Keeping it: what a journal holds, how sessions that are the same become one, and what is read out of it."""

import json
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qlkit import Event, Journal, JournalError, Record, describe, load_routine

LABOR = load_routine("labor").plan(minutes=15)
SITTING = load_routine("sitting").plan(minutes=10)
AT = 1_795_442_700.123457


def record(*events, plan=SITTING, at=AT, until=None, log=()):
    made = [Event("start", at), *(Event(kind, at + t, float(sum(more))) for kind, t, *more in events)]
    return Record(plan, made, None if until is None else at + until, log)


@pytest.fixture
def journal(tmp_path):
    with Journal(tmp_path / "journal.sqlite") as made:
        yield made


# What comes back


LOG = (("0/0", "chime", AT, AT + 0.012),)
KEPT = [
    record(("stop", 90)),
    record(("pause", 10), ("resume", 20.5), ("extend", 30, 60), ("stop", 800), plan=LABOR, at=AT + 86_400, log=LOG),
    record(at=AT + 90_000, until=33.3),
]


def test_records_come_back_as_they_were_and_oldest_first(journal):
    for each in reversed(KEPT):
        journal.add(each)
    assert journal.records() == KEPT
    with Journal(journal.path) as again:
        assert again.records() == KEPT
    assert journal.path.parent.is_dir()


def test_a_plan_is_kept_once(journal):
    for n in range(5):
        journal.add(record(at=AT + 1000 * n))
    journal.add(record(plan=LABOR))
    assert journal._db.execute("SELECT count(*) FROM plans").fetchone() == (2,)


def test_the_default_place_is_the_data_folder_of_the_user(tmp_path, monkeypatch):
    monkeypatch.setattr("qlkit.journal.user_data_path", lambda name, appauthor: tmp_path / name / str(appauthor))
    with Journal() as journal:
        assert journal.path == tmp_path / "qlkit" / "False" / "journal.sqlite"
        assert journal.path.is_file()


def test_repr_names_no_place(journal):
    assert repr(journal) == "Journal(0 sessions)"
    journal.add(record())
    assert repr(journal) == "Journal(1 session)"
    journal.close()
    journal.close()
    assert repr(journal) == "Journal(closed)"
    with pytest.raises(JournalError, match="open it again"):
        journal.rows()


# What is refused


@pytest.mark.parametrize("bad", [None, 3, SITTING, KEPT[0].to_dict(), Record(SITTING), record(at=-5.0)])
def test_what_is_no_session_is_refused(journal, bad):
    with pytest.raises(JournalError, match="a session started"):
        journal.add(bad)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"before": 11}, "whole number from 0"),
        ({"before": -1}, "whole number from 0"),
        ({"after": 5.0}, "whole number from 0"),
        ({"after": True}, "whole number from 0"),
        ({"after": "5"}, "whole number from 0"),
        ({"note": 5}, "a note should be text"),
        ({"note": "\ud800"}, "a note should be text"),
    ],
)
def test_notes_are_texts_and_ratings_whole_numbers(journal, words, said):
    with pytest.raises(JournalError, match=said):
        journal.add(KEPT[0], **words)
    assert journal.records() == []


def test_notes_and_ratings_stay_until_new_ones_come(journal):
    number = journal.add(record(), note="stiff ' \x00 ü", before=10)
    assert journal.add(record(("stop", 5)), after=0) == number
    (session,) = journal.sessions()
    assert [session[word] for word in ("note", "before", "after")] == ["stiff ' \x00 ü", 10, 0]
    journal.add(record(), note="", before=2)
    (session,) = journal.sessions()
    assert [session[word] for word in ("note", "before", "after")] == ["", 2, 0]


# The same session is one session


def test_a_session_added_at_each_transition_is_one(journal):
    whole = record(("pause", 10), ("resume", 20), ("next", 30), ("stop", 40)).events
    numbers = {journal.add(Record(SITTING, whole[: n + 1])) for n in range(len(whole))}
    assert len(numbers) == 1
    assert journal.records() == [Record(SITTING, whole)]
    assert journal.sessions()[0]["status"] == "stopped"


def test_what_differs_in_plan_start_or_events_is_another_session(journal):
    others = [
        record(("pause", 10)),
        record(("pause", 11)),
        record(("pause", 10), plan=LABOR),
        record(("pause", 10), at=AT + 0.001),
    ]
    assert len({journal.add(other) for other in others}) == 4
    assert len(journal.records()) == 4


def test_of_the_same_events_the_later_moment_counts_and_the_longer_log(journal):
    for until, log in ((50, ()), (70, LOG), (None, ()), (60, ())):
        journal.add(record(until=until, log=log))
    assert journal.records() == [record(until=70, log=LOG)]


TAILS = st.lists(
    st.tuples(st.sampled_from(["pause", "resume", "next", "back", "extend"]), st.integers(1, 9)), max_size=6
)


@settings(max_examples=40)
@given(TAILS, st.data())
def test_beginnings_of_a_session_in_any_order_give_the_longest(tail, data):
    events, at = [Event("start", AT)], AT
    for kind, wait in tail:
        at += wait
        events.append(Event(kind, at))
    sizes = data.draw(st.lists(st.integers(1, len(events)), min_size=1, max_size=8))
    with Journal(":memory:") as journal:
        numbers = {journal.add(Record(SITTING, events[:size])) for size in sizes}
        assert len(numbers) == 1
        longest = Record(SITTING, events[: max(sizes)])
        assert journal.records() == [longest]
        assert journal.sessions()[0]["actual"] == pytest.approx(longest.state.time - longest.paused, abs=0.01)


# Rows and sessions


def test_sessions_are_flat_and_say_what_was_done(journal):
    for each in KEPT:
        journal.add(each)
    assert journal.sessions()[1] == {
        "id": "2",
        "started": datetime.fromtimestamp(AT + 86_400, UTC),
        "routine": "labor",
        "title": LABOR.title,
        "status": "stopped",
        "planned": 900,
        "actual": 789.5,
        "paused": 10.5,
        "note": None,
        "before": None,
        "after": None,
    }
    assert [session["status"] for session in journal.sessions()] == ["stopped", "stopped", "running"]


PLAIN = {
    "id": str,
    "started": datetime,
    **dict.fromkeys(("routine", "title", "step", "name", "kind"), str),
    "planned": int,
    **dict.fromkeys(("actual", "paused", "extended"), float),
    "done": bool,
}


def test_rows_are_flat_dicts_of_plain_types_one_for_each_interval(journal):
    for each in KEPT:
        journal.add(each, note="n", before=3)
    rows = journal.rows()
    assert [list(row) for row in rows] == [[*PLAIN, "note", "before", "after"]] * sum(
        len(each.plan.intervals) for each in KEPT
    )
    for row in rows:
        assert {name: type(row[name]) for name in PLAIN} == PLAIN
        assert (row["note"], row["before"], row["after"]) == ("n", 3, None)
        assert row["started"].utcoffset() == timedelta(0)
    mine = [row for row in rows if row["id"] == "2"]
    assert [(r["step"], r["name"], r["kind"], r["planned"]) for r in mine] == [
        (i.step, i.name, i.kind, i.seconds) for i in LABOR.intervals
    ]
    assert (mine[0]["actual"], mine[0]["paused"], mine[0]["extended"], mine[0]["done"]) == (180.0, 10.5, 60.0, True)


def test_an_interval_is_done_where_it_was_held_to_its_end(journal):
    first, second, *_ = LABOR.intervals
    journal.add(
        record(("next", first.end + 5), ("back", first.end + 6), ("back", first.end + 7), plan=LABOR, until=200)
    )
    journal.add(record(("next", first.end - 2), plan=LABOR, at=AT + 5000, until=first.end - 2 + second.seconds))
    journal.add(record(("extend", 5, 60), ("next", first.end + 30), plan=LABOR, at=AT + 9000))
    rows = journal.rows()
    assert rows[-len(LABOR.intervals)]["done"] is False  # it was made longer, and left before that
    assert [row["done"] for row in rows[:3]] == [True, False, False]
    assert [row["done"] for row in rows[len(LABOR.intervals) :][:3]] == [False, True, False]
    assert rows[0]["actual"] + rows[1]["actual"] + rows[2]["actual"] == pytest.approx(200, abs=0.01)


def test_what_is_stored_for_rows_is_what_replaying_gives(journal):
    for each in KEPT:
        journal.add(each)
    for kept, session in zip(journal.records(), journal.sessions(), strict=True):
        rows = [row for row in journal.rows() if row["id"] == session["id"]]
        for n, row in enumerate(rows):
            visits = [visit for visit in kept.intervals if visit.index == n]
            assert row["actual"] == pytest.approx(sum(visit.held for visit in visits), abs=1e-3)
            assert row["paused"] == pytest.approx(sum(visit.paused for visit in visits), abs=1e-3)
        assert session["actual"] == pytest.approx(sum(row["actual"] for row in rows))


def test_deleting(journal):
    numbers = [journal.add(each) for each in KEPT]
    journal.delete(numbers[1])
    assert journal.records() == [KEPT[0], KEPT[2]]
    assert journal._db.execute("SELECT count(*) FROM plans").fetchone() == (1,)
    for unknown in (numbers[1], "x", "", None, "1.0", "01"):
        with pytest.raises(JournalError, match="no session"):
            journal.delete(unknown)
    assert journal.add(KEPT[1]) not in numbers


# Out and in again


def test_an_export_comes_back_whole_and_twice_changes_nothing(journal, tmp_path):
    for n, each in enumerate(KEPT):
        journal.add(each, note=f"Nr. {n}\nü", before=n)
    assert journal.export(tmp_path / "out.jsonl") == 3
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["record"] for line in lines] == [json.loads(json.dumps(each.to_dict())) for each in KEPT]
    with Journal(tmp_path / "other.sqlite") as other:
        assert other.import_(tmp_path / "out.jsonl") == 3
        assert other.import_(tmp_path / "out.jsonl") == 0
        assert other.records() == KEPT
        assert other.rows() == journal.rows()
    assert sorted(path.name for path in tmp_path.iterdir() if "sqlite" not in path.name) == ["out.jsonl"]


def test_an_import_fills_gaps_and_overwrites_no_words(journal, tmp_path):
    journal.add(record(), note="mine")
    line = {"record": record(("stop", 9)).to_dict(), "note": "theirs", "before": 4, "after": None}
    (tmp_path / "in.jsonl").write_text(f"\n{json.dumps(line)}\n\n", encoding="utf-8")
    assert journal.import_(tmp_path / "in.jsonl") == 1
    (session,) = journal.sessions()
    assert [session[word] for word in ("note", "before", "after")] == ["mine", 4, None]
    assert journal.records() == [record(("stop", 9))]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_one_bare_record_as_a_phone_page_saves_it(journal, tmp_path, indent, mark):
    text = mark + json.dumps(KEPT[1].to_dict(), indent=indent)
    (tmp_path / "record.json").write_text(text, encoding="utf-8")
    assert journal.import_(tmp_path / "record.json") == 1
    assert journal.records() == [KEPT[1]]


def test_an_empty_journal_goes_out_and_in(journal, tmp_path):
    assert journal.export(tmp_path / "out.jsonl") == 0
    assert journal.import_(tmp_path / "out.jsonl") == 0


# Several at once


def test_several_threads(journal):
    def work(k):
        for n in range(8):
            journal.add(record(at=AT + 100 * k + n))
            journal.rows()

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(journal.records()) == 32


WRITER = f"""
import sys
import qlkit
plan = qlkit.load_routine("sitting").plan(minutes=10)
first, count, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
sys.stdin.readline()
journal = qlkit.Journal(path)
for n in range(first, first + count):
    at = {AT} + 1000 * n
    begun = qlkit.Record(plan, [qlkit.Event("start", at)])
    number = journal.add(begun, note=str(n))
    assert number == journal.add(qlkit.Record(plan, [*begun.events, qlkit.Event("stop", at + 60)]))
    print(n, number, flush=True)
"""


def writer(path, first, count):
    command = [sys.executable, "-c", WRITER, str(first), str(count), str(path)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_two_kernels_that_write_at_once_lose_nothing(tmp_path):
    writers = [writer(tmp_path / "journal.sqlite", first, 60) for first in (0, 1000)]
    for each in writers:  # both have loaded all they need, and make the file together
        each.stdin.write("\n")
        each.stdin.flush()
    told = [line.split() for each in writers for line in each.communicate(timeout=120)[0].splitlines()]
    assert [each.returncode for each in writers] == [0, 0]
    assert len(told) == 120
    with Journal(tmp_path / "journal.sqlite") as journal:
        assert {(s["note"], s["id"]) for s in journal.sessions()} == {tuple(pair) for pair in told}
        assert {s["status"] for s in journal.sessions()} == {"stopped"}


@pytest.mark.parametrize("seen", [1, 23, 110])
def test_killed_at_any_moment_all_that_was_acknowledged_is_there(tmp_path, seen):
    path = tmp_path / "journal.sqlite"
    child = writer(path, 0, 500)
    child.stdin.write("\n")
    child.stdin.flush()
    told = [child.stdout.readline() for _ in range(seen)]
    # The moment is random: somewhere in the one or two writes that follow.
    end = time.perf_counter_ns() + time.time_ns() % 2_000_000
    while time.perf_counter_ns() < end:
        pass
    child.kill()
    told += child.stdout.readlines()
    child.wait()
    child.stdin.close()
    child.stdout.close()
    told = [tuple(line.split()) for line in told if line.endswith("\n")]
    assert seen <= len(told) < 500
    with Journal(path) as journal:
        assert journal._db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        sessions = {(session["note"], session["id"]): session["status"] for session in journal.sessions()}
        assert [sessions.get(pair) for pair in told] == ["stopped"] * len(told)
        # Beyond those, at most the one that was being written; and what there is can be read.
        assert len(sessions) - len(told) <= 1
        assert len(journal.records()) == len(sessions)
        assert len(journal.rows()) == len(sessions) * len(SITTING.intervals)
        journal.add(record())


# In words


def test_words_of_a_journal(journal):
    assert describe(journal) == "An empty journal: no session is in it yet."
    noon = datetime(2026, 11, 2, 12, tzinfo=UTC).timestamp()
    journal.add(record(("stop", 90), at=noon), note="Calm\nafter")
    assert describe(journal).splitlines() == [
        "1 session on 2026-11-02, 2 minutes held in all.",
        "1 stopped early.",
        "2026-11-02  After too much sitting: 1:30 of 10:00 planned, stopped early, Calm after",
    ]
    journal.add(record(("pause", 30), ("resume", 50), ("stop", 900), plan=LABOR, at=noon + 86_400), before=6, after=3)
    journal.add(record(at=noon + 2 * 86_400, until=60), before=4)
    assert describe(journal).splitlines() == [
        "3 sessions from 2026-11-02 to 2026-11-04, 16 minutes held in all.",
        "2 stopped early, 1 with no end.",
        "Tension, from 0 to 10: 6.0 before and 3.0 after, mean of 1 session.",
        "2026-11-04  After too much sitting: 1:00 of 10:00 planned, with no end, tension before 4",
        "2026-11-03  After strenuous labor: 14:40 of 15:00 planned, stopped early, paused 0:20, "
        "tension before 6, tension after 3",
        "2026-11-02  After too much sitting: 1:30 of 10:00 planned, stopped early, Calm after",
    ]


def test_words_of_a_long_journal_list_the_latest(journal):
    for n in range(23):
        journal.add(record(("stop", 60), at=AT + 86_400 * n))
    first, _, *table, rest = describe(journal).splitlines()
    assert first.startswith("23 sessions from ")
    assert len(table) == 20
    assert table == sorted(table, reverse=True)
    assert rest == "and 3 sessions before these"
    journal.delete("1")
    journal.delete("2")
    assert describe(journal).endswith("and 1 session before these")
    journal.delete("3")
    assert not describe(journal).endswith("before these")


def test_words_of_a_journal_load_no_rooms_of_the_notebook(journal):
    journal.add(KEPT[0])
    code = """import sys, qlkit
qlkit.describe(qlkit.Journal(sys.argv[1]))
print([room for room in ('matplotlib', 'ipywidgets', 'anywidget', 'pydantic') if room in sys.modules])"""
    command = [sys.executable, "-c", code, str(journal.path)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"
