"""A bounded load: clients that place orders, write notes and read them, and keep a journal for the checker.

Every command has a key of its own and is sent again under it until it is answered: when the connection breaks, when the
answer is "come again" (503), and never otherwise. So whatever is killed meanwhile, nobody has to lend a hand.
"""

import asyncio
import contextlib
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson

from checker.check import check, summary
from checker.journal import Certainty, JournalWriter, read_journal
from checker.log_file import read_log
from domain.roles import Role
from domain.stream_names import stock_stream
from domain.values import MAIN
from tests.instance import NO_TLS, Exported, Instance
from tests.people import ORDERS, Json, fresh, line, order
from web.positions import HEADER as POSITION_HEADER

CLIENTS = 8
CALM_S = 0.5
"""Between two orders of a client that takes it easy: while a part comes back, it is enough that orders come in at all, and
what comes in is read again by every later check of the whole log."""
PAUSE_S = 0.1
"""Between two attempts."""
GIVE_UP_S = 120.0
SCARCE = 25
"""Units of the article that runs out under the load."""
SENDER = "ada"


@dataclass(frozen=True)
class Acknowledged:
    """An answer that a client was given."""

    key: str
    order_id: str
    number: str
    version: int
    position: str


@dataclass
class Load:
    """Places orders of one plentiful and one scarce article until `enough`."""

    instance: Instance
    customer: str = field(default_factory=lambda: fresh("load"))
    placed: list[Acknowledged] = field(default_factory=list)
    noted: list[Acknowledged] = field(default_factory=list)
    sent_again: int = 0
    hurry: bool = False
    """Whether clients order without a pause. Before a kill they do, so that it hits work of every kind under way."""
    enough: asyncio.Event = field(default_factory=asyncio.Event)
    grown: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def journal_file(self) -> Path:
        return self.instance.data / f"journal-{self.customer}"

    @property
    def plenty(self) -> str:
        return f"{self.customer}-P"

    @property
    def scarce(self) -> str:
        return f"{self.customer}-S"

    async def run(self) -> None:
        """Work until `enough` is set; returns when the last command was answered."""
        limits = httpx.Limits(max_connections=CLIENTS, max_keepalive_connections=CLIENTS)
        async with httpx.AsyncClient(base_url=self.instance.url, timeout=15, limits=limits, verify=NO_TLS) as client:
            # Not whole: what one test leaves in the log, the next one lives with.
            with JournalWriter(self.journal_file, whole=False) as journal:
                wire = Wire(self, client, journal)
                for sku, quantity in ((self.plenty, 10**6), (self.scarce, SCARCE)):
                    await wire.send(f"/commands/stock/{sku}/main/receive", {"quantity": quantity}, f"receive/{sku}")
                async with asyncio.TaskGroup() as clients:
                    for number in range(CLIENTS):
                        clients.create_task(self._work(wire, number))

    async def reached(self, orders: int, seconds: float = GIVE_UP_S) -> None:
        """Wait until so many orders more are acknowledged."""
        goal = len(self.placed) + orders
        async with asyncio.timeout(seconds), self.grown:
            await self.grown.wait_for(lambda: len(self.placed) >= goal)

    async def _work(self, wire: "Wire", number: int) -> None:
        turn = 0
        while not self.enough.is_set():
            key = f"{self.customer}/{number}/{turn}"
            body = order(line(self.plenty, 2), line(self.scarce, 1), customer={"id": self.customer})
            placed = _acknowledged(key, await wire.send(ORDERS, body, key))
            self.placed.append(placed)
            told = await wire.send(f"{ORDERS}/{placed.order_id}/add-note", {"text": key}, f"{key}/note")
            noted = _acknowledged(f"{key}/note", told)
            self.noted.append(noted)
            await wire.read(f"/orders/{placed.order_id}", noted.position)
            async with self.grown:
                self.grown.notify_all()
            turn += 1
            if not self.hurry:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.enough.wait(), CALM_S)

    def check_journal(self, export: Path) -> None:
        """What clients were told is what the log says, as somebody finds who knows nothing of the system."""
        with self.journal_file.open("rb") as asked, export.open("rb") as stored:
            journal, log = read_journal(asked), read_log(stored)
        told = summary(journal, log)
        assert sum(each.outcome is Certainty.ACCEPTED for each in journal.commands) > len(self.placed), told
        assert list(check(journal, log)) == [], told

    def check_log(self, records: list[Exported]) -> None:
        """Every acknowledged command is in the log exactly once and where the answer said; nothing else is."""
        ours = {one.order_id for one in self.placed}
        by_subject: dict[str, list[Exported]] = {}
        for record in records:
            by_subject.setdefault(record.subject, []).append(record)
        placings = [one for one in records if ".OrderPlaced." in one.type and self._is_ours(one)]
        assert Counter(one.subject for one in placings) == {f"order-{order_id}": 1 for order_id in ours}
        assert len(ours) == len(self.placed) == len(self.noted)
        for told in self.placed:
            (record,) = (one for one in by_subject[f"order-{told.order_id}"] if ".OrderPlaced." in one.type)
            assert (record.position, record.version) == (told.position, 1)
        for told in self.noted:
            (record,) = (one for one in by_subject[f"order-{told.order_id}"] if ".NoteAdded." in one.type)
            assert (record.position, record.version) == (told.position, told.version)
            assert f"{record.data['text']}/note" == told.key
        for sku in (self.plenty, self.scarce):
            received = [one for one in by_subject[stock_stream(sku, MAIN)] if ".StockReceived." in one.type]
            assert len(received) == 1

    def _is_ours(self, record: Exported) -> bool:
        return bool(record.data["customer"].get("id") == self.customer)


@dataclass
class Wire:
    """The connection of all clients; whatever goes over it is written down."""

    load: Load
    client: httpx.AsyncClient
    journal: JournalWriter

    async def send(self, path: str, body: Json, key: str) -> Json:
        """A command, until it is answered."""
        deadline = time.monotonic() + GIVE_UP_S
        attempt = 0
        while time.monotonic() < deadline:
            attempt += 1
            with contextlib.suppress(httpx.TransportError):
                answer = await self._ask("POST", path, orjson.dumps(body), attempt=attempt, key=key)
                if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                    assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
                    found: Json = answer.json()
                    return found
                assert "retry-after" in answer.headers
            self.load.sent_again += 1
            await asyncio.sleep(PAUSE_S)
        raise AssertionError(f"{path} was not answered within {GIVE_UP_S:.0f} s")

    async def read(self, path: str, after: str) -> None:
        """A read that waits for a place, once: while parts are dead nobody promises one."""
        with contextlib.suppress(httpx.TransportError):
            await self._ask("GET", path, b"", after=after)

    async def _ask(self, method: str, path: str, body: bytes, **told: Any) -> httpx.Response:
        number = self.journal.ask("load", method, path, body, actor=SENDER, **told)
        headers = {"Authorization": f"Bearer {self.load.instance.token(Role.ADMIN, SENDER)}"}
        headers |= {"Content-Type": "application/json", "Accept": "application/json"}
        if "key" in told:
            headers["Idempotency-Key"] = told["key"]
        query = {"after": told["after"]} if "after" in told else None
        try:
            answer = await self.client.request(method, path, content=body, params=query, headers=headers)
        except httpx.TransportError:
            self.journal.answer(number)
            raise
        self.journal.answer(number, answer.status_code, **_as_told(answer))
        return answer


def _as_told(answer: httpx.Response) -> Json:
    """What the checker wants to know of an answer."""
    if not answer.headers.get("content-type", "").endswith("json"):
        return {}
    said = answer.json()
    of_command = {"order": said.get("order_id"), "position": said.get("position"), "repeated": said.get("repeated")}
    told = of_command if "repeated" in said else {"position": answer.headers.get(POSITION_HEADER)}
    return {**told, "version": said.get("version"), "problem": said.get("code")}


def _acknowledged(key: str, told: Json) -> Acknowledged:
    return Acknowledged(key, told["order_id"], told.get("number", ""), told["version"], told["position"])
