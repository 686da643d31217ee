"""What is on its way between streams: the workflow runner as a model, every order of delivery that it can produce.

Events are read partition by partition, each reader at its own pace; commands queue before the partition they are for and
are committed in batches, whose events nobody sees before the batch is through. A command that has to be tried again holds
back later ones from the same source stream to the same target stream, and nothing else. A command id is executed once.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from random import Random
from uuid import UUID

from domain.decider import Event
from domain.recorded import Recorded
from domain.stock.commands import Want
from domain.stream_names import partition_of
from domain.workflow import Reaction, react
from streams.ids import workflow_command_id

cached_partition_of = cache(partition_of)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A workflow's command with the event it answers and the id it has for ever."""

    cause: Recorded[Event]
    reaction: Reaction
    id: UUID

    @property
    def pair(self) -> tuple[str, str]:
        """Source and target stream: between these two the order is kept."""
        return self.cause.stream, self.reaction.stream


Asked = dict[str, list[tuple[UUID, bool]]]
"""By stock item: orders as they first asked it, and whether that want was deferred."""


class Turns:
    """The order in which orders first ask each stock item: written down in one life, kept to in another.

    An order that asks at once and one that first only takes its place (`deferred`) are told apart: what decides is when
    it may be served.
    """

    def __init__(self, followed: Asked | None = None, seen: Asked | None = None) -> None:
        self.seen: Asked = {} if seen is None else seen
        self.followed = followed

    def allow(self, delivery: Delivery) -> bool:
        """Whether it is this command's turn."""
        command, stream = delivery.reaction.command, delivery.reaction.stream
        if self.followed is None or not isinstance(command, Want):
            return True
        seen, turn = self.seen.get(stream, []), (command.order_id, command.deferred)
        followed = self.followed.get(stream, [])
        return turn in seen or (len(seen) < len(followed) and followed[len(seen)] == turn)

    def took_place(self, delivery: Delivery) -> None:
        """Write down a first want."""
        command = delivery.reaction.command
        if isinstance(command, Want):
            seen, turn = self.seen.setdefault(delivery.reaction.stream, []), (command.order_id, command.deferred)
            if turn not in seen:
                seen.append(turn)


@dataclass
class Deliveries:
    """Queues of the runner. Without `luck` the oldest goes first, one at a time, and nothing is tried twice."""

    luck: Random | None = None
    partitions: int = 4
    retried: float = 0.0
    """How often a command is put off the first time."""
    eager: float = 0.0
    """How often what was put off is tried again while there is anything else to do."""
    turns: Turns = field(default_factory=Turns)
    unread: dict[int, deque[Recorded[Event]]] = field(default_factory=dict)
    queues: dict[int, deque[Delivery]] = field(default_factory=dict)
    held: dict[tuple[str, str], deque[Delivery]] = field(default_factory=dict)
    """Put off, and what has to wait behind it."""
    done: list[Delivery] = field(default_factory=list)
    executed: dict[UUID, Reaction] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.luck is None:
            self.partitions = 1
            return
        self.retried = self.luck.choice((0.05, 0.2, 0.5))
        self.eager = self.luck.choice((0.05, 0.5, 1.0))

    def committed(self, events: Iterable[Recorded[Event]]) -> None:
        """These events are in the log; sometime they will be read."""
        for recorded in events:
            partition = cached_partition_of(recorded.stream, self.partitions)
            self.unread.setdefault(partition, deque()).append(recorded)

    def quiet(self) -> bool:
        """Whether everything committed has been reacted to and every command has come to its end."""
        return not (self.unread or self.queues or self.held)

    def next_batch(self) -> Iterator[Delivery]:
        """What one partition commits next; nothing where this step only read, or found nobody's turn."""
        steps = [("read", place) for place in self.unread] + [("write", place) for place in self.queues]
        again: list[tuple[str, str]] = []
        if not steps or (self.luck is not None and self.held and self.luck.random() < self.eager):
            again = [pair for pair, waiting in self.held.items() if self.turns.allow(waiting[0])]
        if not steps and not again:
            return
        place = self._chosen(len(steps) + len(again))
        if place >= len(steps):
            yield from self._again(again[place - len(steps)])
        elif steps[place][0] == "read":
            self._read(steps[place][1])
        else:
            yield from self._batch(steps[place][1])

    def stuck(self) -> bool:
        """Whether everything waits for a turn that does not come."""
        waiting = any(self.turns.allow(held[0]) for held in self.held.values())
        return bool(self.held) and not (self.unread or self.queues or waiting)

    def repeated(self) -> Delivery | None:
        """Any command that was executed before."""
        return self.luck.choice(self.done) if self.luck and self.done else None

    def _chosen(self, choices: int) -> int:
        return self.luck.randrange(choices) if self.luck else 0

    def _some(self, there: int) -> int:
        """One, all, or a part: batches are of any size."""
        return self.luck.choice((1, there, self.luck.randint(1, there))) if self.luck else 1

    def _read(self, partition: int) -> None:
        events = self.unread[partition]
        for _ in range(self._some(len(events))):
            recorded = events.popleft()
            for reaction in react(recorded):
                self._queue(Delivery(recorded, reaction, _id_of(recorded, reaction)))
        if not events:
            del self.unread[partition]

    def _queue(self, delivery: Delivery) -> None:
        target = cached_partition_of(delivery.reaction.stream, self.partitions)
        self.queues.setdefault(target, deque()).append(delivery)

    def _batch(self, partition: int) -> Iterator[Delivery]:
        queue = self.queues[partition]
        taken = [queue.popleft() for _ in range(self._some(len(queue)))]
        if not queue:
            del self.queues[partition]
        for delivery in taken:
            if delivery.pair in self.held:
                self.held[delivery.pair].append(delivery)
            elif self._put_off(delivery):
                self.held[delivery.pair] = deque([delivery])
            else:
                yield self._executed(delivery)

    def _put_off(self, delivery: Delivery) -> bool:
        if not self.turns.allow(delivery):
            return True
        return self.luck is not None and self.luck.random() < self.retried

    def _again(self, pair: tuple[str, str]) -> Iterator[Delivery]:
        waiting = self.held[pair]
        delivery = waiting.popleft()
        if not waiting:
            del self.held[pair]
        yield self._executed(delivery)

    def _executed(self, delivery: Delivery) -> Delivery:
        known = self.executed.setdefault(delivery.id, delivery.reaction)
        assert known is delivery.reaction, (
            f"two commands share an id, so that one is lost: {known}, {delivery.reaction}"
        )
        self.turns.took_place(delivery)
        self.done.append(delivery)
        return delivery


def _id_of(recorded: Recorded[Event], reaction: Reaction) -> UUID:
    return workflow_command_id(reaction.stream, recorded.event_id, reaction.rule)
