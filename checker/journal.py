"""What clients asked and were told: NDJSON, a line before each request and one after it, each on disk before the next.

    {"asked": 1, "at": 1764570000.25, "client": "c0", "attempt": 1, "actor": "ada", "method": "POST",
     "route": "/commands/orders", "key": "k-1", "body": "<SHA-256 of the body>", "after": ""}
    {"answered": 1, "at": 1764570000.31, "status": 201, "problem": null, "order": "0198…", "version": 1,
     "position": "0:7", "repeated": false}

One process writes a journal, so the order of its lines is the order of what happened: whatever stands above a question
was over when it was asked. `status` null: the connection broke. A question without an answer: its client ended.
The first line may be `{"whole": true}`: nobody but this journal's clients sent commands.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from checker.names import is_command, keyed_command, placed_stream, stream_of

NOT_EXECUTED: Final = frozenset({"not-executed", "overloaded", "too-much-at-once"})
"""Codes of problems that say that nothing was stored."""
REFUSING: Final = range(400, 500)
PLACING: Final = "/commands/orders"


class BadInput(Exception):
    """Journal or log cannot be read: which line, and why."""


class Certainty(Enum):
    """What a client may conclude from an answer."""

    ACCEPTED = auto()
    REFUSED = auto()
    NOT_EXECUTED = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `place` is its line."""

    place: int
    status: int | None = None
    problem: str | None = None
    order: str | None = None
    version: int | None = None
    position: str | None = None
    """Of a command its last event's, of a read the token of what it has seen."""
    repeated: bool = False


@dataclass(slots=True)
class Exchange:
    """A request and what came of it. `place` is the line of the question."""

    place: int
    client: str
    attempt: int
    actor: str
    method: str
    route: str
    key: str | None
    body: str
    after: str
    reply: Reply | None = None

    @property
    def is_command(self) -> bool:
        """Whether it wants something carried out."""
        return is_command(self.method, self.route)

    @property
    def stream(self) -> str | None:
        """What it is about; None where only an answer would have said it."""
        if self.route == PLACING and self.method == "POST":
            if self.key is not None:
                return placed_stream(self.actor, self.key)
            return f"order-{self.reply.order}" if self.reply and self.reply.order else None
        return stream_of(self.route)

    @property
    def command_id(self) -> str | None:
        """Id that its events carry; None without a key, since the server makes one then."""
        stream = self.stream
        return None if self.key is None or stream is None else keyed_command(stream, self.actor, self.key)

    @property
    def asks(self) -> tuple[str, str]:
        """What it wants: where, and which body."""
        return self.route, self.body

    @property
    def outcome(self) -> Certainty:
        """What its client may conclude."""
        reply = self.reply
        if reply is None or reply.status is None:
            return Certainty.UNKNOWN
        if reply.status in (200, 201):
            return Certainty.ACCEPTED
        if reply.status in REFUSING:
            return Certainty.REFUSED
        return Certainty.NOT_EXECUTED if reply.problem in NOT_EXECUTED else Certainty.UNKNOWN

    @property
    def name(self) -> str:
        """How findings call it."""
        return f"line {self.place}, {self.method} {self.route} of {self.client}, attempt {self.attempt}"


@dataclass(frozen=True, slots=True)
class Journal:
    """All exchanges in the order of their questions."""

    exchanges: tuple[Exchange, ...]
    whole: bool

    @property
    def commands(self) -> Iterator[Exchange]:
        """Those that want something carried out."""
        return (each for each in self.exchanges if each.is_command)


def read_journal(lines: Iterable[bytes]) -> Journal:
    """The journal. A last line that was not finished is left out: its writer ended; `BadInput` for any other."""
    asked: dict[int, Exchange] = {}
    whole = False
    for place, line in enumerate(lines, start=1):
        if not line.endswith(b"\n"):
            break
        try:
            told = json.loads(line)
            if "asked" in told:
                _ask(asked, place, told)
            elif "answered" in told:
                _answer(asked, place, told)
            else:
                whole = bool(told["whole"])
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(f"journal, line {place}: {type(error).__name__}: {error}") from error
    return Journal(tuple(asked.values()), whole)


def _ask(asked: dict[int, Exchange], place: int, told: dict[str, Any]) -> None:
    number = int(told["asked"])
    if number in asked:
        raise ValueError(f"question {number} stands there twice")
    asked[number] = Exchange(
        place=place,
        client=told["client"],
        attempt=int(told["attempt"]),
        actor=told["actor"],
        method=told["method"],
        route=told["route"],
        key=told["key"],
        body=told["body"],
        after=told["after"],
    )


def _answer(asked: dict[int, Exchange], place: int, told: dict[str, Any]) -> None:
    exchange = asked[int(told["answered"])]
    if exchange.reply is not None:
        raise ValueError(f"question {told['answered']} is answered twice")
    fields = ("status", "problem", "order", "version", "position", "repeated")
    exchange.reply = Reply(place, **{name: told[name] for name in fields})


class JournalWriter:
    """Writes a new journal; a file that is there already is refused by the system."""

    def __init__(self, file: Path, *, whole: bool) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._asked = 0
        self._line({"whole": whole})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.close(self._file)

    def ask(self, client: str, method: str, route: str, body: bytes = b"", **told: Any) -> int:
        """Before a request is sent: its number. `told`: attempt, actor, key, after."""
        self._asked += 1
        known = {"attempt": 1, "actor": "", "key": None, "after": ""} | told
        sent = {"client": client, "method": method, "route": route, "body": hashlib.sha256(body).hexdigest()}
        self._line({"asked": self._asked, "at": time.time(), **sent, **known})
        return self._asked

    def answer(self, number: int, status: int | None = None, **told: Any) -> None:
        """After it was answered, or its connection broke. `told`: problem, order, version, position, repeated."""
        known = {"problem": None, "order": None, "version": None, "position": None, "repeated": False} | told
        self._line({"answered": number, "at": time.time(), "status": status, **known})

    def _line(self, told: dict[str, Any]) -> None:
        os.write(self._file, json.dumps(told).encode() + b"\n")
        os.fsync(self._file)
