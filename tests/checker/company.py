"""A small company at work on a log in memory, with a journal of what its people asked and were told."""

import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from checker.check import check
from checker.findings import Finding
from checker.journal import JournalWriter, read_journal
from checker.log_file import read_log
from domain.decider import Command
from domain.order.commands import AddNote, ConfirmOrder, PlaceOrder
from domain.roles import Role
from domain.stock.commands import ReceiveStock
from domain.stream_names import name_of, order_stream, stock_stream
from ordertrail.operating.log_export import write_lines
from streams.ids import command_id, order_id_for
from streams.memory.index import MemoryIndex
from streams.memory.log import MemoryBroker, MemoryLog
from streams.writing.errors import VersionConflict, WriteError
from streams.writing.submission import CommandResult, Submission
from tests.writing import Running, order, with_workflow

ACTOR = "ada"
JournalLine = dict[str, Any]


@dataclass
class Evidence:
    """A journal and a log, to be doctored line by line."""

    journal: list[JournalLine]
    log: list[tuple[str, JournalLine]]

    def found(self) -> list[Finding]:
        """What the checker says of them."""
        asked = [json.dumps(line).encode() + b"\n" for line in self.journal]
        stored = [f"{place}\t{json.dumps(value)}\n".encode() for place, value in self.log]
        return list(check(read_journal(asked), read_log(stored)))

    def link(self) -> None:
        """Link every stream's records again, as somebody would who covers his tracks."""
        ends: dict[str, str] = {}
        for _, value in self.log:
            value["prevhash"] = ends.get(value["subject"], "0" * 64)
            ends[value["subject"]] = hashlib.sha256(json.dumps(value).encode()).hexdigest()

    def records(self, kind: str) -> list[JournalLine]:
        """The records of one type, such as `OrderPlaced`."""
        return [value for _, value in self.log if f".{kind}." in value["type"]]

    def answer(self, key: str, attempt: int = 1) -> JournalLine:
        """What the attempt under this key was answered."""
        question = self.question(key, attempt)
        return next(line for line in self.journal if line.get("answered") == question["asked"])

    def question(self, key: str, attempt: int = 1) -> JournalLine:
        """The question of the attempt under this key."""
        return next(line for line in self.journal if (line.get("key"), line.get("attempt")) == (key, attempt))

    def ask(self, **told: Any) -> JournalLine:
        """One more question at the end, and its answer."""
        numbers = [line["asked"] for line in self.journal if "asked" in line]
        question = {name: told.pop(name) for name in list(told) if name in self.journal[1]}
        self.journal.append({**self.journal[1], "key": None, **question, "asked": max(numbers) + 1})
        answer = {"problem": None, "order": None, "version": None, "position": None, "repeated": False}
        self.journal.append({"answered": max(numbers) + 1, "at": 0.0, "status": 200, **answer, **told})
        return self.journal[-1]


@dataclass
class Clients:
    """People who send commands and read, and write all of it down."""

    write_side: Running
    journal: JournalWriter

    async def place(self, command: PlaceOrder, key: str) -> CommandResult:
        """An order is placed."""
        found = await self._send(order_stream(order_id_for(ACTOR, key)), command, "/commands/orders", key, 1)
        assert found
        return found

    async def note(self, stream: str, key: str | None, attempt: int = 1) -> None:
        """A note is written."""
        route = f"/commands/orders/{name_of(stream)}/add-note"
        await self._send(stream, AddNote(text=f"note {key}"), route, key, attempt)

    async def confirm(self, stream: str, key: str, expected: int) -> None:
        """An order is confirmed by who saw this version of it."""
        await self._send(stream, ConfirmOrder(), f"/commands/orders/{name_of(stream)}/confirm", key, 1, expected)

    async def receive(self, sku: str, quantity: int, key: str) -> None:
        """Goods come in."""
        route = f"/commands/stock/{sku}/main/receive"
        await self._send(stock_stream(sku, "main"), ReceiveStock(quantity=quantity), route, key, 1)

    def read(self, stream: str, version: int, token: str) -> None:
        """An order is looked at by who waits for a place."""
        number = self.journal.ask("reader", "GET", f"/orders/{name_of(stream)}", after=token)
        self.journal.answer(number, 200, version=version, position=token)

    async def _send(
        self, stream: str, command: Command, route: str, key: str | None, attempt: int, expected: int | None = None
    ) -> CommandResult | None:
        body = command.model_dump_json().encode()
        number = self.journal.ask("c0", "POST", route, body, key=key, actor=ACTOR, attempt=attempt)
        ident = uuid4() if key is None else command_id(stream, ACTOR, key)
        hashed = hashlib.sha256(body).hexdigest()
        asked = Submission(
            stream=stream,
            command=command,
            command_id=ident,
            command_hash=hashed,
            actor=ACTOR,
            role=Role.ADMIN,
            correlation_id=ident,
            expected_version=expected,
        )
        try:
            found = await self.write_side.writers.submit(asked)
        except VersionConflict as conflict:
            self.journal.answer(number, 412, problem=conflict.code(), version=conflict.actual)
            return None
        except WriteError as error:
            self.journal.answer(number, 503, problem=error.code())
            return None
        where = str(found.position)
        placed = name_of(stream) if isinstance(command, PlaceOrder) else None
        self.journal.answer(number, 200, order=placed, version=found.version, position=where, repeated=found.repeated)
        return found


async def a_day(folder: Path) -> Evidence:
    """Goods, two orders, notes, a repeated one, one without a key, one refused, a delivery for who waits, and reads."""
    log = MemoryLog(MemoryBroker(partitions=2))
    file = folder / "journal"
    with JournalWriter(file, whole=True) as journal:
        async with with_workflow(log, MemoryIndex()) as write_side:
            await _work(Clients(write_side, journal))
    exported = io.BytesIO()
    await write_lines(log, exported)
    lines = [line.split("\t") for line in exported.getvalue().decode().splitlines()]
    evidence = Evidence(
        [json.loads(line) for line in file.read_text().splitlines()],
        [(place, json.loads(value)) for place, value in lines],
    )
    evidence.link()
    return evidence


async def _work(clients: Clients) -> None:
    await clients.receive("MUG", 5, "r-1")
    first = await clients.place(order(("MUG", 3)), "p-1")
    await clients.write_side.until_idle()
    second = await clients.place(order(("MUG", 4)), "p-2")
    await clients.write_side.until_idle()
    for attempt in (1, 2):
        await clients.note(first.stream, "n-1", attempt=attempt)
    await clients.note(first.stream, None)
    await clients.note(second.stream, "n-2")
    await clients.confirm(second.stream, "c-2", expected=1)
    await clients.receive("MUG", 10, "r-2")
    await clients.write_side.until_idle()
    clients.read(first.stream, first.version, str(first.position))


Doctor = Callable[[Evidence], None]
