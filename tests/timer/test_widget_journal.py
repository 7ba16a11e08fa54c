"""The timer's Python side and a journal: what a message of the browser brings is written once, and trouble is told."""

import pytest

import qlkit
from qlkit import Event, Journal, JournalError, QlkitError, Record, SessionTimer

PLAN = qlkit.load_routine("sitting").plan()
AT = 1_795_442_700.25
START, STOP = {"type": "start", "at": AT}, {"type": "stop", "at": AT + 100.5}


class Kept(Journal):
    """A journal that counts, and can be out of order."""

    def __init__(self, path=":memory:"):
        super().__init__(path)
        self.calls, self.fault = [], None

    def add(self, record, **words):
        self.calls.append([event.type for event in record.events])
        if self.fault:
            raise self.fault
        return super().add(record, **words)


@pytest.fixture
def journal():
    with Kept() as journal:
        yield journal


@pytest.fixture
def timer(journal):
    return SessionTimer(PLAN, journal=journal)


def told(timer, *events, until, status="running", log=(), **more):
    """Do what a message of the browser does."""
    state = {"events": list(events), "status": status, "until": until, "log": list(log)}
    timer.set_state(state | more)


@pytest.mark.parametrize("journal", ["journal.sqlite", [], object(), True])
def test_takes_a_journal_and_nothing_else(journal):
    with pytest.raises(QlkitError, match=r"journal is .*; it should be a Journal, such as qlkit\.Journal\(\)"):
        SessionTimer(PLAN, journal=journal)


def test_without_a_journal_nothing_is_kept():
    timer = SessionTimer(PLAN)
    told(timer, START, until=AT)
    assert (timer.keeps, timer.written, timer.trouble) == (False, [], "")


def test_each_message_is_written_once(timer, journal):
    assert timer.keeps is True
    told(timer, START, until=AT)
    told(timer, START, until=AT + 60, step="rise-roll", log=[["0/0", "chime", AT, AT + 0.01]])
    told(timer, START, STOP, until=AT + 100.5, status="stopped")
    assert journal.calls == [["start"], ["start"], ["start", "stop"]]
    (record,) = journal.records()
    assert record.events == timer.record.events
    assert record.log == (("0/0", "chime", AT, AT + 0.01),), "the longer log stays"
    assert timer.written == [AT, AT + 100.5]


def test_a_setting_is_nothing_to_write(timer, journal):
    timer.set_state({"voice": False, "done": 1})
    timer.start()
    assert journal.calls == []


def test_a_session_that_has_not_begun_is_not_written(timer, journal):
    told(timer, START, until=AT - 10, status="ready")
    told(timer, until=AT - 5, status="ready")  # stopped before it began
    assert (journal.calls, timer.trouble, timer.written) == ([], "", [])
    told(timer, START, until=AT)
    assert len(journal.records()) == 1


@pytest.mark.parametrize("fault", [JournalError("the disk is full. Make room"), OSError("no such device")])
def test_trouble_is_told_and_the_next_change_tries_again(timer, journal, fault):
    journal.fault = fault
    told(timer, START, until=AT)
    assert timer.trouble == f"The journal could not be written: {fault}"
    assert (timer.status, timer.written, journal.calls) == ("running", [], [["start"]])
    journal.fault = None
    told(timer, START, until=AT + 60)
    assert (timer.trouble, timer.written, len(journal.records())) == ("", [AT], 1)


def test_what_the_browser_kept_comes_in(timer, journal):
    pairs = [(AT - 900, AT - 850), (AT - 500, AT - 450)]
    old = [{"events": [{"type": "start", "at": a}, {"type": "stop", "at": b}], "until": b, "log": []} for a, b in pairs]
    timer.set_state({"waiting": old})
    assert [r.events[0].at for r in journal.records()] == [AT - 900, AT - 500]
    assert timer.written == [AT - 850, AT - 450]
    told(timer, START, until=AT, waiting=old)
    assert len(journal.calls) == 3, "what is written is not written again"


def test_what_the_browser_kept_is_the_same_session(journal):
    first = SessionTimer(PLAN, journal=journal)
    told(first, START, until=AT + 5)
    again = SessionTimer(PLAN, journal=journal)  # the kernel died, and the cell was run again
    whole = {"events": [START, STOP], "until": AT + 100.5, "log": [["0/0", "chime", AT, AT]]}
    again.set_state({"waiting": [whole]})
    (record,) = journal.records()
    assert record == Record.from_dict({"plan": PLAN.to_dict(), **whole})


def test_what_could_not_be_taken_over_is_tried_again(timer, journal):
    journal.fault = JournalError("another program keeps it locked")
    timer.set_state({"waiting": [{"events": [START, STOP], "until": AT + 101, "log": []}]})
    assert "keeps it locked" in timer.trouble
    assert timer.written == []
    journal.fault = None
    later = {"type": "start", "at": AT + 300}
    told(timer, later, until=AT + 300)
    assert [r.events[0].at for r in journal.records()] == [AT, AT + 300]
    assert (timer.trouble, timer.written) == ("", [AT + 100.5, AT + 300])


@pytest.mark.parametrize("log", ["none", [["0/0", "chime", "now", 1]], [None]])
def test_what_is_damaged_is_named_and_let_go(timer, journal, log):
    timer.set_state({"waiting": [{"events": [START, STOP], "until": AT + 101, "log": log}]})
    assert timer.trouble.startswith("A session that this browser kept is damaged, and is not used: ")
    assert (journal.records(), timer.written) == ([], [AT + 100.5])


def test_the_record_of_a_file_is_the_timers(tmp_path):
    path = tmp_path / "journal.sqlite"
    with Journal(path) as journal:
        timer = SessionTimer(PLAN, journal=journal)
        told(timer, START, STOP, until=AT + 100.5, status="stopped")
    with Journal(path) as journal:
        (record,) = journal.records()
    assert record == timer.record
    assert record.events == (Event("start", AT), Event("stop", AT + 100.5))
