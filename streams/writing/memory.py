"""What the writers of a process remember between batches, bounded in bytes for all partitions together.

Decides: what is forgotten first, and what an event or a state is reckoned to take. Forgetting is always safe: whatever
is not here is looked up. Must not know: how a batch is decided.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from domain.order.state import Order
from domain.stock.state import StockItem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from domain.decider import Event
    from domain.recorded import Recorded
    from streams.runtime import Limits
    from streams.writing.staging import Stream, Trace

# What objects take was measured with tracemalloc.

OBJECTS_PER_BYTE: Final = 6
"""An event takes about this many times the bytes of its JSON: 3.6 in the mean of all events, 8 for an order of 3 lines,
14 from 100 lines on."""
STREAM_BYTES: Final = 1_000
LINE_BYTES: Final = 2_500
"""A line of an order's state."""
ITEM_BYTES: Final = 1_500
ENTRY_BYTES: Final = 800
"""What a stock item's state knows of one order that waits; of one that waits no more, three quarters."""
ENTRY_LINE_BYTES: Final = 130
"""Each line of it after the first."""
MOVEMENT_BYTES: Final = 150
CODE_BYTES: Final = 250
"""A code on the article, or a bin where it lies."""
TRACE_BYTES: Final = 700

K = TypeVar("K")
V = TypeVar("V")


class Cache(Generic[K, V]):
    """The most recently used values whose sizes add up to no more than the limit."""

    def __init__(self, most_bytes: int) -> None:
        self.bytes = 0
        self._most_bytes = most_bytes
        self._known: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def get(self, key: K) -> V | None:
        """The value, which counts as used now; None where it is not known."""
        found = self._known.get(key)
        if found is None:
            return None
        self._known.move_to_end(key)
        return found[0]

    def put(self, key: K, value: V, size: int) -> None:
        """Keep the value, in the place of an earlier one; the least recently used ones go."""
        self.drop(key)
        self._known[key] = (value, size)
        self.bytes += size
        while self.bytes > self._most_bytes:
            _, (_, freed) = self._known.popitem(last=False)
            self.bytes -= freed

    def drop(self, key: K) -> None:
        """Forget the value, if it is there."""
        self.bytes -= self._known.pop(key, (None, 0))[1]


class Memory:
    """States and traces of all partitions of the process. Names of streams and ids of commands are each one's own."""

    def __init__(self, limits: Limits) -> None:
        self._streams: Cache[str, Stream] = Cache(limits.stream_bytes)
        self._traces: Cache[UUID, Trace] = Cache(limits.trace_bytes)

    def stream(self, name: str) -> Stream | None:
        """The committed state of a stream, where it is known."""
        return self._streams.get(name)

    def trace(self, command_id: UUID) -> Trace | None:
        """Where a command ended, where that is known."""
        return self._traces.get(command_id)

    def keep_stream(self, name: str, stream: Stream) -> None:
        """This is the stream's committed state."""
        self._streams.put(name, stream, weight(stream))

    def keep_trace(self, command_id: UUID, trace: Trace) -> None:
        """This is where the command ended."""
        self._traces.put(command_id, trace, TRACE_BYTES)

    def drop_stream(self, name: str) -> None:
        """What is known of the stream may be wrong now."""
        self._streams.drop(name)


def weight(stream: Stream) -> int:
    """Bytes that a state is reckoned to take.

    An order's events count with the bytes of their JSON too, for notes and carriers' messages that it may have kept. A
    stock item keeps nothing of the kind: with them an article for which 50,000 orders waited seemed larger than the
    memory, and pushed every order out of it, or itself.
    """
    match stream.state:
        case Order(lines=lines):
            return STREAM_BYTES + len(lines) * LINE_BYTES + stream.size
        case StockItem() as item:
            more_lines = max(item.order_lines - len(item.entries), 0)
            entries = len(item.entries) * ENTRY_BYTES + more_lines * ENTRY_LINE_BYTES
            codes = (len(item.codes) + len(item.bins)) * CODE_BYTES
            return ITEM_BYTES + entries + len(item.movements) * MOVEMENT_BYTES + codes
        case _:
            return STREAM_BYTES + stream.size


class Recent:
    """The last committed events of a partition, for whoever follows it closely."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._events: deque[tuple[Recorded[Event], int]] = deque()

    def extend(self, recorded: Sequence[Recorded[Event]], sizes: Sequence[int]) -> None:
        """These were committed; `sizes` are the bytes of their records."""
        for event, size in zip(recorded, sizes, strict=True):
            self._events.append((event, size * OBJECTS_PER_BYTE))
            self._bytes += size * OBJECTS_PER_BYTE
        while self._bytes > self._most_bytes:
            self._bytes -= self._events.popleft()[1]

    def clear(self) -> None:
        """Forget all: what comes next may not follow."""
        self._events.clear()
        self._bytes = 0

    def after(self, sequence: int, limit: int) -> list[Recorded[Event]] | None:
        """Events above a sequence; None where the next one is not here any more."""
        if not self._events or self._events[0][0].position.sequence > sequence + 1:
            return None
        skip = sequence + 1 - self._events[0][0].position.sequence
        return [self._events[place][0] for place in range(skip, min(len(self._events), skip + limit))]
