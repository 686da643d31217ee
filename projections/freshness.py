"""Waiting until the views have come as far as somebody needs, and telling how fresh they are.

A reader that has just sent a command knows its position; it waits for the views to reach it, for a bounded time. Pages
that follow an order are woken when it changes. The listener is registered before anything is read, so no wake-up can
fall between. Must not know: HTTP.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, LiteralString

from psycopg import sql

from projections.checkpoints import LIVE_PROJECTION
from projections.view import Part
from streams.postgres.connection import OUTAGE, answered_within
from streams.postgres.migrate import connect

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from projections.checkpoints import Checkpoint
    from projections.view import Connection

logger = logging.getLogger(__name__)

POSITION_CHANNEL: Final = "ordertrail_position"
"""Payload: `<partition>:<sequence>`, everything up to which is in the views."""

STREAM_CHANNEL: Final = "ordertrail_stream"
"""Payload: ids of streams whose rows have changed, one a line."""

MOST_COLLECTED: Final = 1_000
"""Streams of which somebody is told by name; of more it is only known that anything may have changed."""

PAYLOAD_BYTES: Final = 7_900  # PostgreSQL takes less than 8000
RETRY_S: Final = 0.5
SILENT_S: Final = 5.0
"""How often the database is asked beside its notices: a connection that ended without a word stays silent for ever."""
ANSWER_S: Final = 5.0

NOTIFY: Final[LiteralString] = """
SELECT pg_notify(channel, payload) FROM unnest(%s::text[], %s::text[]) AS notices (channel, payload)
"""

POSITIONS: Final[LiteralString] = "SELECT partition, sequence FROM views.checkpoint WHERE projection = %s"

FRESHNESS: Final[LiteralString] = """
SELECT partition, bookmark, sequence, stopped,
       extract(epoch FROM clock_timestamp() - coalesce(caught_up_at, 'epoch'))::float8 AS age_s
FROM views.checkpoint WHERE projection = %s ORDER BY partition
"""


async def announce(connection: Connection, moved: Sequence[Checkpoint], streams: Iterable[str]) -> None:
    """Wake all who wait, once the surrounding transaction is committed."""
    notices = [(POSITION_CHANNEL, f"{one.partition}:{one.sequence}") for one in moved]
    notices += [(STREAM_CHANNEL, payload) for payload in _payloads(streams)]
    if notices:
        channels, payloads = map(list, zip(*notices, strict=True))
        await connection.execute(NOTIFY, (channels, payloads))


def _payloads(streams: Iterable[str]) -> Iterator[str]:
    lines: list[str] = []
    size = 0
    for stream in streams:
        length = len(stream.encode()) + 1
        if lines and size + length > PAYLOAD_BYTES:
            yield "\n".join(lines)
            lines, size = [], 0
        lines.append(stream)
        size += length
    if lines:
        yield "\n".join(lines)


class Freshness(Part):
    """How far the views are in one partition.

    `age_s`: seconds since they were last known to have everything, one or two while they keep up; since 1970 when
    they never had everything yet.
    """

    partition: int
    bookmark: int
    sequence: int
    stopped: str | None
    """Why the partition is read no further; None while it is."""
    age_s: float


async def freshness(connection: Connection) -> tuple[Freshness, ...]:
    """One entry per partition; none before the first projector ran."""
    rows = await (await connection.execute(FRESHNESS, (LIVE_PROJECTION,))).fetchall()
    return tuple(
        Freshness(partition=row[0], bookmark=row[1], sequence=row[2], stopped=row[3], age_s=row[4]) for row in rows
    )


class Collected:
    """Streams whose rows have changed since they were last taken."""

    def __init__(self) -> None:
        self.moved = asyncio.Event()
        """Set while there is something to take."""
        self._streams: set[str] = set()
        self._unknown = False

    def add(self, streams: Collection[str]) -> None:
        """These have changed."""
        self._streams.update(streams)
        self._unknown = self._unknown or len(self._streams) > MOST_COLLECTED
        self.moved.set()

    def miss(self) -> None:
        """Some may have changed that are not known."""
        self._unknown = True
        self.moved.set()

    def take(self) -> frozenset[str] | None:
        """What has changed; None where that is not known, so that it may be anything."""
        taken = None if self._unknown else frozenset(self._streams)
        self._streams, self._unknown = set(), False
        self.moved.clear()
        return taken


class PositionWaiter:
    """One listening connection for a whole process. `open` it before the first request, `close` it after the last."""

    def __init__(self, url: str, *, silent_s: float = SILENT_S, answer_s: float = ANSWER_S) -> None:
        self._url = url
        self._silent_s, self._answer_s = silent_s, answer_s
        self._sequences: dict[int, int] = {}
        self._waiting: dict[asyncio.Future[None], Mapping[int, int]] = {}
        self._watching: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._collecting: set[Collected] = set()
        self._listening: asyncio.Task[None] | None = None

    @property
    def positions(self) -> Mapping[int, int]:
        """The newest sequence in the views, by partition, as far as it has been heard."""
        return dict(self._sequences)

    async def open(self) -> None:
        """Begin to listen; an unreachable database is tried again for as long as it takes."""
        self._listening = asyncio.create_task(self._listen())

    async def close(self) -> None:
        """Stop listening. Those who still wait run into their deadlines."""
        if self._listening is not None:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening

    async def reached(self, wanted: Mapping[int, int], deadline_s: float) -> bool:
        """Whether the views hold everything up to these sequences, by partition, within `deadline_s` seconds."""
        if self._has(wanted):
            return True
        arrival: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[arrival] = wanted
        try:
            async with asyncio.timeout(deadline_s):
                await arrival
        except TimeoutError:
            return False
        finally:
            del self._waiting[arrival]
        return True

    @contextmanager
    def watch(self, stream: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever the stream's rows may have changed: clear it, read, send, wait again."""
        touched = asyncio.Event()
        self._watching[stream].add(touched)
        try:
            yield touched
        finally:
            self._watching[stream].discard(touched)
            if not self._watching[stream]:
                del self._watching[stream]

    @contextmanager
    def collect(self) -> Iterator[Collected]:
        """Every stream whose rows change from now on."""
        collected = Collected()
        self._collecting.add(collected)
        try:
            yield collected
        finally:
            self._collecting.discard(collected)

    async def _listen(self) -> None:
        while True:
            try:
                async with await connect(self._url) as connection:
                    await self._hear(connection)
            except OUTAGE as error:
                logger.warning("positions cannot be followed for now: %s: %s", type(error).__name__, error)
            except Exception:
                logger.exception("positions are followed no more")
                raise
            await asyncio.sleep(RETRY_S)

    async def _hear(self, connection: Connection) -> None:
        with answered_within(connection, self._answer_s):
            for channel in (POSITION_CHANNEL, STREAM_CHANNEL):
                await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        self._touch(tuple(self._watching))
        for collected in self._collecting:
            collected.miss()
        while True:
            await self._look(connection)
            async for notice in connection.notifies(timeout=self._silent_s):
                self._notice(notice.channel, notice.payload)

    async def _look(self, connection: Connection) -> None:
        """Read where the views stand: what was announced before we listened, and whether anybody is there at all."""
        with answered_within(connection, self._answer_s):
            rows = await (await connection.execute(POSITIONS, (LIVE_PROJECTION,))).fetchall()
        self._sequences = {int(partition): int(sequence) for partition, sequence in rows}
        self._arrive()

    def _notice(self, channel: str, payload: str) -> None:
        if channel == STREAM_CHANNEL:
            streams = payload.split("\n")
            self._touch(streams)
            for collected in self._collecting:
                collected.add(streams)
        else:
            partition, _, sequence = payload.partition(":")
            self._sequences[int(partition)] = int(sequence)
            self._arrive()

    def _has(self, wanted: Mapping[int, int]) -> bool:
        return all(self._sequences.get(partition, 0) >= sequence for partition, sequence in wanted.items())

    def _arrive(self) -> None:
        for arrival, wanted in self._waiting.items():
            if self._has(wanted) and not arrival.done():
                arrival.set_result(None)

    def _touch(self, streams: Iterable[str]) -> None:
        for stream in streams:
            for touched in self._watching.get(stream, ()):
                touched.set()
