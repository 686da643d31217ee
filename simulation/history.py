"""What a world's log holds in the end, decoded: every committed event with its place, and what each command came to.

Must not know: what is right (`checks.py`).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from domain.workflow import reactions
from streams.ids import workflow_command_id
from streams.log import Stored
from streams.record import decode, parse

if TYPE_CHECKING:
    from uuid import UUID

    from domain.decider import Command, Event
    from domain.recorded import Recorded
    from streams.memory.log import MemoryBroker


class Committed(NamedTuple):
    """A committed event."""

    recorded: Recorded[Event]
    previous_hash: str
    place: int
    """How many entries its partition had before it."""


class AskedByRule(NamedTuple):
    """A command that a rule asks for."""

    stream: str
    command: Command
    cause: Recorded[Event]


@dataclass
class History:
    """All of them."""

    partitions: list[list[Committed]] = field(default_factory=list)
    streams: defaultdict[str, list[Committed]] = field(default_factory=lambda: defaultdict(list))
    commands: defaultdict[UUID, list[Committed]] = field(default_factory=lambda: defaultdict(list))
    reactions: dict[UUID, AskedByRule] = field(default_factory=dict)
    """What the rules ask for, by the command's id."""
    reports: set[UUID] = field(default_factory=set)
    """Ids of commands that would tell an order of a refusal."""


def history_of(broker: MemoryBroker) -> History:
    """Everything committed."""
    found = History()
    for number in range(broker.partitions):
        events = [
            Committed(decode(entry, number), parse(entry.value)["prevhash"], place)
            for place, entry in enumerate(broker.partition(number).entries)
            if isinstance(entry, Stored)
        ]
        found.partitions.append(events)
        for each in events:
            _take(found, each)
    return found


def _take(found: History, each: Committed) -> None:
    recorded = each.recorded
    found.streams[recorded.stream].append(each)
    found.commands[recorded.metadata.command_id].append(each)
    for reaction in reactions(recorded):
        ident = workflow_command_id(reaction.stream, recorded.event_id, reaction.rule)
        found.reactions[ident] = AskedByRule(reaction.stream, reaction.command, recorded)
        for stream in (recorded.stream, reaction.stream):
            found.reports.add(workflow_command_id(stream, recorded.event_id, f"report-{reaction.rule}"))
