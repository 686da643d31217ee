"""What the log, the writer and the workflow take from outside: time, chance and every limit, handed in as one value.

Decides: the defaults. A test or a simulation hands in its own: what decides in `streams/` and `commands/` reads no
clock, draws no id and has no limit of its own. Must not know: who uses what.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Final

from domain.decider import TAKE_FOR
from streams.ids import uuid7

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

TOKEN_BYTES: Final = 16
"""128 random bits in a tracking link."""


def _now() -> datetime:
    return datetime.now(UTC)


def _token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much, how long, how often. Bytes of memory are estimates, and for the process: partitions share them."""

    answer_s: float = 10.0
    """How long a caller from outside waits for an answer."""
    batch_commands: int = 256
    batch_previews: int = 8
    """Of them, and a batch ends with these: a preview may be as large as its order, however few words it is, and as
    many callers as there are may ask for the same one. All of a batch are decided in one turn of the event loop."""
    batch_reactions: int = 32
    """How many of the workflow's commands the batches under way hold, of all partitions, beside what people's bring."""
    reactions_s: float = 0.1
    """After this, a batch does not count any more: a partition whose log stands still keeps no other's waiting."""
    reactions_beside: int = 4
    """For how many of the workflow's commands each command of people's brings room that places no order."""
    reaction_bytes: int = 48
    """An order is reckoned to set off one of them for each of so many of its bytes: one of three lines has 590 bytes
    and sets off ten."""
    spare_reactions: int = 32
    """How many more of the workflow's commands count as worked off than were set off, at most: a long calm is no room
    for a crowd."""
    behind: int = 1_000
    """Events not reacted to and workflow's commands that wait, of all partitions: half a second's work. From there on
    orders are placed only as fast as the workflow works off what they set off."""
    batch_bytes: int = 1_000_000
    command_bytes: int = 4_000_000
    waiting_commands: int = 4_000
    """Commands from outside that may wait for one partition; more are asked to come again."""
    waiting_bytes: int = 48_000_000
    gather_s: float = 0.002
    """Callers who come together wait so long for one another: a commit costs the same for one command and for many.
    A caller who comes alone does not wait."""
    idle_s: float = 5.0
    """How long an owner without commands waits before it looks whether it still owns."""
    tries: int = 3
    """How often a command is decided whose commit certainly failed, before its caller hears of it."""
    claim_pause_s: float = 0.25
    stop_s: float = 8.0
    """How long a batch may take to finish when the process is asked to end."""

    index_s: float = 2.0
    """How long one call of the index or of the snapshots may take; then the database counts as away."""
    index_open_s: float = 120.0
    """The same for the calls that look at a whole partition, when it is opened."""
    index_pause_s: float = 0.25
    flush_pause_s: float = 0.01
    """Commits that follow each other closely share one statement."""
    flush_records: int = 2_000
    flush_bytes: int = 2_000_000
    """A statement is copied some four times on its way, and its connection keeps room for the largest for ever."""

    stream_bytes: int = 96_000_000
    """Folded states; the least recently used go first. 40 articles that 30,000 orders of three lines hold take 70 MB:
    where these found no room, each was read again and again, and a person waited for half a second."""
    trace_bytes: int = 16_000_000
    """Traces of executed commands; older ones are looked up in the index."""
    recent_bytes: int = 16_000_000
    """Committed events that the workflow need not read back."""
    tail_bytes: int = 48_000_000
    """Committed records that the index does not have yet; beyond, no more commands are admitted."""
    snapshot_events: int = 500
    """A stock stream grows for ever: after this number of events its state is kept next to the index."""

    kafka_reach_s: float = 0.3
    """How long one bootstrap server has before the next one is tried beside it."""
    kafka_answer_s: float = 5.0
    """How long a broker may take for one answer; then its connection is dropped."""
    kafka_commit_s: float = 5.0
    """How long a transaction's step is asked for again while the broker says that it is not yet possible."""
    kafka_claim_s: float = 30.0
    kafka_progress_s: float = 30.0
    """How long reading may stand still where there is more to read."""
    kafka_first_pause_s: float = 0.0005
    kafka_longest_pause_s: float = 0.25
    postgres_answer_s: float = 12.0
    """A little more than the server's own limit for a statement of the log."""

    open_reactions: int = 8_000
    """Workflow commands that may be under way, some 3 kB each; beyond, reacting pauses, also for others' orders.
    Partitions share them, for all of them may ask the same article."""
    read_events: int = 500
    save_pause_s: float = 0.2
    retry_pause_s: float = 0.25
    follow_pause_s: float = 0.02
    """The index follows the log within this time."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """Time, chance and limits."""

    clock: Callable[[], datetime] = field(default=_now)
    monotonic: Callable[[], float] = field(default=time.monotonic)
    """Seconds that only ever grow."""
    new_id: Callable[[], UUID] = field(default=uuid7)
    """A new id; later ones sort behind earlier ones."""
    token: Callable[[], str] = field(default=_token)
    """A secret for a tracking link."""
    limits: Limits = field(default_factory=Limits)
    zone: tzinfo = UTC
    """The company's time zone: what its dates are of, and what its clocks show."""
    take_for: timedelta = TAKE_FOR
    """How long somebody is on an order who takes it."""
