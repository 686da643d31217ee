"""The log as `ordertrail export` writes it: one record a line, position, TAB, value."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from checker.journal import BadInput


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One record: its place, its attributes and the hash of its bytes."""

    partition: int
    sequence: int
    id: str
    kind: str
    """Such as `order.OrderPlaced`."""
    stream: str
    version: int
    time: str
    command: str
    command_hash: str
    cause: str | None
    actor: str
    role: str
    previous: str
    hash: str
    data: dict[str, Any]

    @property
    def position(self) -> str:
        """As answers name it."""
        return f"{self.partition}:{self.sequence}"

    @property
    def name(self) -> str:
        """How findings call it."""
        return f"{self.position}, {self.kind} of {self.stream} at version {self.version}"


@dataclass(slots=True)
class LogFile:
    """All of them, in the order of the file and by what they are asked for."""

    partitions: defaultdict[int, list[LogRecord]] = field(default_factory=lambda: defaultdict(list))
    streams: defaultdict[str, list[LogRecord]] = field(default_factory=lambda: defaultdict(list))
    commands: defaultdict[str, list[LogRecord]] = field(default_factory=lambda: defaultdict(list))
    at: dict[str, LogRecord] = field(default_factory=dict)
    """By position."""

    @property
    def events(self) -> Iterable[LogRecord]:
        """Every event, partition by partition."""
        return (event for events in self.partitions.values() for event in events)

    def version_at(self, stream: str, seen: dict[int, int]) -> int:
        """Version of a stream that a reader knows who has seen these sequences by partition."""
        known = [
            event.version for event in self.streams.get(stream, ()) if event.sequence <= seen.get(event.partition, 0)
        ]
        return max(known, default=0)


def read_log(lines: Iterable[bytes]) -> LogFile:
    """The export; `BadInput` that names the line which is none."""
    log = LogFile()
    for number, line in enumerate(lines, start=1):
        try:
            event = _event(line)
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(f"log, line {number}: {type(error).__name__}: {error}") from error
        log.partitions[event.partition].append(event)
        log.streams[event.stream].append(event)
        log.commands[event.command].append(event)
        log.at.setdefault(event.position, event)
    return log


def _event(line: bytes) -> LogRecord:
    place, _, value = line.rstrip(b"\n").partition(b"\t")
    partition, _, sequence = place.partition(b":")
    document = json.loads(value)
    return LogRecord(
        partition=int(partition),
        sequence=int(sequence),
        id=document["id"],
        kind=_kind(document["type"]),
        stream=document["subject"],
        version=document["streamversion"],
        time=document["time"],
        command=document["commandid"],
        command_hash=document["commandhash"],
        cause=document.get("causationid"),
        actor=document["actor"],
        role=document["role"],
        previous=document["prevhash"],
        hash=hashlib.sha256(value).hexdigest(),
        data=document["data"],
    )


def _kind(written: str) -> str:
    """`ordertrail.order.OrderPlaced.v1` is `order.OrderPlaced`."""
    return written.removeprefix("ordertrail.").rpartition(".")[0]
