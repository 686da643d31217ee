"""A sound journal and log give no finding; each way of doctoring them gives the one that it is."""

import asyncio
import copy
import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker import names
from checker.findings import Violation
from checker.journal import BadInput, read_journal
from checker.log_file import read_log
from domain.stream_names import PEOPLE, order_stream, partition_of, stock_stream
from streams.ids import COMMAND_IDS, command_id, order_id_for
from tests.architecture.test_sizes import ROOT
from tests.checker.company import Doctor, Evidence, a_day

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="@"), min_size=1, max_size=20)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    return asyncio.run(a_day(tmp_path_factory.mktemp("day")))


@pytest.fixture
def day(sound: Evidence) -> Evidence:
    return copy.deepcopy(sound)


def test_nothing_is_found_where_nothing_is_wrong(day: Evidence) -> None:
    assert day.found() == []


def _without_a_record(day: Evidence) -> None:
    day.log.remove(next(each for each in day.log if ".NoteAdded." in each[1]["type"]))
    day.link()


def _version_repeated(day: Evidence) -> None:
    day.records("NoteAdded")[-1]["streamversion"] -= 1
    day.link()


def _altered(day: Evidence) -> None:
    day.records("OrderPlaced")[0]["data"]["priority"] = 1


def _moved(day: Evidence) -> None:
    stays = partition_of(stock_stream("MUG", "main"), 2)
    other = next(sku for sku in ("CUP", "BOWL", "DISH") if partition_of(stock_stream(sku, "main"), 2) != stays)
    for _, value in day.log:
        value["subject"] = value["subject"].replace("MUG", other)
    day.link()


def _one_id_twice(day: Evidence) -> None:
    day.log[-1][1]["id"] = day.log[-2][1]["id"]


def _one_number_twice(day: Evidence) -> None:
    first, second = day.records("OrderPlaced")
    second["data"]["number"] = first["data"]["number"]
    day.link()


def _serial_left_out(day: Evidence) -> None:
    for placed in day.records("OrderPlaced"):
        placed["data"]["serial"] += 2 * (placed["data"]["serial"] > 3)
    first, second = day.records("OrderPlaced")
    second["data"]["serial"] = first["data"]["serial"] + 1
    day.link()


def _time_went_back(day: Evidence) -> None:
    day.records("NoteAdded")[-1]["time"] = "2001-01-01T00:00:00.000000Z"
    day.link()


def _cause_is_gone(day: Evidence) -> None:
    day.records("OrderConfirmed")[0]["causationid"] = "0198f000-0000-7000-8000-000000000000"
    day.link()


def _executed_again(day: Evidence) -> None:
    first, second = day.records("NoteAdded")[:2]
    second["commandid"] = first["commandid"]
    second["commandhash"] = "another"
    day.link()


def _oversold(day: Evidence) -> None:
    day.records("StockReceived")[0]["data"]["quantity"] = 2
    day.link()


def _units_from_nowhere(day: Evidence) -> None:
    (move,) = day.records("StockReserved")[0]["data"]["moves"]
    move["source"] = "staged"
    day.link()


def _acknowledged_and_lost(day: Evidence) -> None:
    ident = day.records("NoteAdded")[0]["commandid"]
    day.log[:] = [each for each in day.log if each[1]["commandid"] != ident]


def _overwritten(day: Evidence) -> None:
    """Its place is another command's: a lost suffix that was written again."""
    day.records("NoteAdded")[0]["commandid"] = "0198f000-0000-7000-8000-000000000000"
    day.link()


def _mistold(day: Evidence) -> None:
    day.answer("n-1")["version"] -= 1


def _denied(day: Evidence) -> None:
    for attempt in (1, 2):
        day.answer("n-1", attempt).update(status=503, problem="not-executed", version=None, position=None)


def _refused_after(day: Evidence) -> None:
    day.answer("n-1", 2).update(status=409, problem="order-closed", version=None, position=None)


def _new_twice(day: Evidence) -> None:
    day.answer("n-1", 2)["repeated"] = False


def _two_bodies(day: Evidence) -> None:
    day.question("n-1", 2)["body"] = "another"


def _one_body_refused(day: Evidence) -> None:
    day.answer("n-1", 2).update(status=422, problem="key-reused", version=None, position=None)


def _unasked(day: Evidence) -> None:
    """As if a key had been forgotten: the retry came under an id of the server's own."""
    question = day.question("n-2")["asked"]
    day.journal[:] = [line for line in day.journal if question not in (line.get("asked"), line.get("answered"))]
    extra = dict(day.records("NoteAdded")[0])
    extra |= {"id": "0198f000-0000-7000-8000-000000000001", "commandid": "0198f000-0000-7000-8000-000000000002"}
    events = [value for _, value in day.log if value["subject"] == extra["subject"]]
    place, last = next(each for each in reversed(day.log) if each[1]["subject"] == extra["subject"])
    partition = place.partition(":")[0]
    end = max(int(where.partition(":")[2]) for where, _ in day.log if where.startswith(f"{partition}:"))
    extra |= {"streamversion": len(events) + 1, "time": last["time"]}
    day.log.append((f"{partition}:{end + 1}", extra))
    day.link()


def _went_back(day: Evidence) -> None:
    route = f"/orders/{day.answer('p-1')['order']}"
    day.ask(method="GET", route=route, version=3)
    day.ask(method="GET", route=route, version=2)


def _stale(day: Evidence) -> None:
    told = day.answer("n-1")
    day.ask(
        method="GET",
        route=f"/orders/{day.answer('p-1')['order']}",
        after=told["position"],
        version=told["version"] - 1,
        position=told["position"],
    )


def _not_there_yet(day: Evidence) -> None:
    placed = day.answer("p-1")
    day.ask(method="GET", route=f"/orders/{placed['order']}", after=placed["position"], status=404)


def _token_not_reached(day: Evidence) -> None:
    day.ask(method="GET", route="/orders", after="0:5,1:7", position="0:5,1:6")


def _ahead_of_the_log(day: Evidence) -> None:
    day.ask(method="GET", route=f"/orders/{day.answer('p-1')['order']}", version=99)


def _shown_before_it_was_asked(day: Evidence) -> None:
    told, question = day.answer("n-1"), day.question("n-1")
    number = day.ask(method="GET", route=f"/orders/{day.answer('p-1')['order']}", version=told["version"])["answered"]
    ours = [line for line in day.journal if number in (line.get("asked"), line.get("answered"))]
    others = [line for line in day.journal if line not in ours]
    place = others.index(question)
    day.journal[:] = others[:place] + ours + others[place:]


def _conflict_with_an_older_version(day: Evidence) -> None:
    told = day.answer("c-2")
    assert told["status"] == 412
    told["version"] = 0


DOCTORED: dict[Doctor, Violation] = {
    _without_a_record: Violation.SEQUENCE,
    _version_repeated: Violation.VERSION,
    _altered: Violation.HASH,
    _moved: Violation.PLACE,
    _one_id_twice: Violation.IDENTITY,
    _one_number_twice: Violation.IDENTITY,
    _serial_left_out: Violation.SERIAL,
    _time_went_back: Violation.CLOCK,
    _cause_is_gone: Violation.CAUSE,
    _executed_again: Violation.EXECUTED_TWICE,
    _oversold: Violation.OVERSOLD,
    _units_from_nowhere: Violation.MISPLACED_UNITS,
    _acknowledged_and_lost: Violation.LOST,
    _overwritten: Violation.LOST,
    _mistold: Violation.MISTOLD,
    _denied: Violation.DENIED,
    _refused_after: Violation.REFUSED_AFTER,
    _new_twice: Violation.NEW_TWICE,
    _two_bodies: Violation.ONE_KEY,
    _one_body_refused: Violation.ONE_KEY,
    _unasked: Violation.UNASKED,
    _went_back: Violation.WENT_BACK,
    _conflict_with_an_older_version: Violation.WENT_BACK,
    _stale: Violation.STALE,
    _not_there_yet: Violation.STALE,
    _token_not_reached: Violation.STALE,
    _ahead_of_the_log: Violation.AHEAD,
    _shown_before_it_was_asked: Violation.AHEAD,
}


@pytest.mark.parametrize("doctor", DOCTORED, ids=lambda doctor: doctor.__name__.strip("_"))
def test_what_is_doctored_is_found(doctor: Doctor, day: Evidence) -> None:
    doctor(day)
    assert DOCTORED[doctor] in {finding.violation for finding in day.found()}


def test_every_violation_is_doctored_once() -> None:
    assert set(DOCTORED.values()) == set(Violation)


def test_a_broken_connection_and_a_client_that_ended_say_nothing(day: Evidence) -> None:
    day.answer("n-1").update(status=None, version=None, position=None)
    day.journal.remove(day.answer("n-1", 2))
    day.journal.remove(day.answer("r-2"))
    assert day.found() == []


def test_a_command_without_a_key_and_without_an_answer_explains_one_command_and_no_more(day: Evidence) -> None:
    keyless = next(line for line in day.journal if line.get("method") == "POST" and line["key"] is None)
    answer = next(line for line in day.journal if line.get("answered") == keyless["asked"])
    answer.update(status=None, version=None, position=None)
    assert day.found() == []
    day.journal.remove(answer)
    day.journal.remove(keyless)
    assert {finding.violation for finding in day.found()} == {Violation.UNASKED}


def test_where_others_send_commands_too_nobody_is_missed(day: Evidence) -> None:
    day.journal[:] = [{"whole": False}]
    assert day.found() == []


@given(TEXT, TEXT, st.integers(1, 64))
def test_streams_and_partitions_are_named_as_the_system_names_them(sku: str, location: str, partitions: int) -> None:
    stream = stock_stream(sku, location)
    route = f"/commands/stock/{quote(sku, safe='')}/{quote(location, safe='')}/receive"
    assert names.stream_of(route) == stream
    for each in (stream, order_stream(sku), PEOPLE):
        assert names.partition_for(each, partitions) == partition_of(each, partitions)


@given(TEXT, TEXT)
def test_ids_are_made_as_the_system_makes_them(actor: str, key: str) -> None:
    assert names.COMMAND_ID_SPACE == COMMAND_IDS
    who = names.principal(actor)
    assert names.placed_stream(actor, key) == order_stream(order_id_for(who, key))
    assert names.keyed_command("order-1", actor, key) == str(command_id("order-1", who, key))


def test_a_journal_line_that_is_none_is_named() -> None:
    with pytest.raises(BadInput, match="journal, line 2: KeyError"):
        read_journal([b'{"whole": true}\n', b'{"answered": 1}\n'])


def test_a_log_line_that_is_none_is_named() -> None:
    with pytest.raises(BadInput, match="log, line 1: "):
        read_log([b"0:1\tno JSON\n"])


def test_a_line_that_its_writer_did_not_finish_is_left_out() -> None:
    assert read_journal([b'{"whole": true}\n', b'{"asked": 1, "cli']).exchanges == ()


def test_it_runs_where_nothing_is_installed(day: Evidence, tmp_path: Path) -> None:
    journal, exported, empty = tmp_path / "journal", tmp_path / "log", tmp_path / "empty"
    journal.write_text("".join(f"{json.dumps(line)}\n" for line in day.journal))
    exported.write_text("".join(f"{place}\t{json.dumps(value)}\n" for place, value in day.log))
    empty.touch()
    assert _run(journal, exported) == (0, "violations: 0")
    code, said = _run(journal, empty)
    assert code == 1
    assert said.startswith("violations: ")
    assert _run(exported, exported)[0] == 2


def _run(journal: Path, log: Path) -> tuple[int, str]:
    """With the standard library alone: -S leaves out what is installed."""
    done = subprocess.run(
        [sys.executable, "-S", "-m", "checker", journal, log], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.returncode, (done.stdout.splitlines() or [""])[-1]
