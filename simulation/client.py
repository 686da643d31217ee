"""People who send commands, ask again when no answer comes, and remember what they were told.

Decides: when somebody asks again, and what is certain of a command. Must not know: faults.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Final
from uuid import UUID

from domain.decider import Rejected
from domain.order.commands import AddNote
from domain.order.state import Order
from domain.roles import Role
from domain.stock.commands import ReceiveStock
from domain.stream_names import kind_of, order_stream
from simulation.door import Lost, NobodyThere
from simulation.people import of_order, of_stock, placing
from streams.ids import command_id, order_id_for
from streams.writing.errors import KeyReused, NotExecuted, Overloaded, VersionConflict, WriteError
from streams.writing.submission import CommandResult, Submission

if TYPE_CHECKING:
    from domain.decider import Command
    from simulation.plan import ClientTurn
    from simulation.world import World

NOT_ANSWERED: Final = datetime.min.replace(tzinfo=UTC)
ACTORS: Final = ("ada", "bob")
KEYS_REUSED: Final = 0.03
VERSIONS_EXPECTED: Final = 0.15
"""How often."""
PATIENCE_S: Final = 6.0
TRIES: Final = 4
CERTAIN: Final = (NotExecuted, Overloaded, NobodyThere)
"""Nothing was or will be carried out."""
REFUSED_FOR_GOOD: Final = (Rejected, VersionConflict, KeyReused)
"""So it stays, too, however often it is asked."""
AT_THE_END: Final = 60


@dataclass
class ClientCommand:
    """One command as its client knows it."""

    submission: Submission
    key: str | None
    """Idempotency key; None where it is sent once, under an id that nobody has sent before."""
    began: int
    """Where its partition's log ended when it was sent first."""
    ended: int = 0
    """Where it ended when the answer came."""
    answer: CommandResult | None = None
    refused: Rejected | WriteError | None = None
    answered_at: datetime = NOT_ANSWERED
    reused: bool = False
    """Whether its key was used for something else, before it or after."""
    doubled: bool = False
    """Whether a request of it came twice: then only one of the answers is heard."""
    attempts: list[tuple[int, int | None]] = field(default_factory=list)
    """Of each attempt that may have been carried out: where the log ended when it was sent, and when the answer came;
    None where it may still be carried out later.
    """

    def may_be_at(self, place: int) -> bool:
        """Whether it can have been carried out there."""
        return any(began <= place and (ended is None or place < ended) for began, ended in self.attempts)

    @property
    def keyed(self) -> bool:
        """Whether it is asked again when no answer comes."""
        return self.key is not None

    @property
    def settled(self) -> bool:
        """Whether it has an answer that stays."""
        return self.answer is not None or self.refused is not None


@dataclass
class Client:
    """One of them."""

    world: World
    number: int
    asked: list[ClientCommand] = field(default_factory=list)

    async def run(self, turns: list[ClientTurn]) -> None:
        """Take the turns one after the other."""
        for count, turn in enumerate(turns):
            await asyncio.sleep(turn.pause)
            asked = self._wanted(Random(turn.chance), f"{self.number}.{count}", keyed=turn.keyed)
            self.asked.append(asked)
            await self._ask(asked, TRIES if turn.keyed else 1)

    async def settle(self) -> None:
        """Nothing goes wrong any more: ask again what has no answer yet."""
        for asked in self.asked:
            if asked.keyed and not asked.settled:
                await self._ask(asked, AT_THE_END)

    def _wanted(self, luck: Random, name: str, *, keyed: bool) -> ClientCommand:
        known = [asked for asked in self.asked if asked.keyed]
        before = luck.choice(known) if keyed and known and luck.random() < KEYS_REUSED else None
        if before is None:
            actor, key = luck.choice(ACTORS), self._key(name) if keyed else None
            sent = self._sent(luck, actor, key, *self._thought_of(luck, actor, name))
        else:
            before.reused = True
            actor, key, stream = before.submission.actor, before.key, before.submission.stream
            other = AddNote(text=name) if kind_of(stream) == "order" else ReceiveStock(quantity=len(self.asked))
            sent = self._sent(luck, actor, key, stream, other)
        return ClientCommand(sent, key, self.world.end_of(sent.stream), reused=before is not None)

    def _thought_of(self, luck: Random, actor: str, name: str) -> tuple[str, Command]:
        orders = self.world.orders
        kind = luck.random()
        if kind < 0.2 or not orders:
            return order_stream(order_id_for(actor, self._key(name))), placing(luck)
        if kind < 0.4:
            return of_stock(luck)
        stream = luck.choice(list(orders))
        return stream, of_order(luck, stream, orders[stream], self.world.now())

    def _sent(self, luck: Random, actor: str, key: str | None, stream: str, command: Command) -> Submission:
        known = self.world.orders.get(stream)
        ident = UUID(int=luck.getrandbits(128)) if key is None else command_id(stream, actor, key)
        return Submission(
            stream=stream,
            command=command,
            command_id=ident,
            command_hash=hashlib.sha256(command.model_dump_json().encode()).hexdigest(),
            actor=actor,
            role=Role.ADMIN,
            correlation_id=UUID(int=luck.getrandbits(128)),
            expected_version=known.version if known is not None and luck.random() < VERSIONS_EXPECTED else None,
            lookup=key is not None,
        )

    def _key(self, name: str) -> str:
        return f"{self.world.plan.seed}.{name}"

    async def _ask(self, asked: ClientCommand, tries: int) -> None:
        for _ in range(tries):
            began = self.world.end_of(asked.submission.stream)
            self.world.told.append((asked, None))
            outcome = await self._attempt(asked)
            self.world.told.append((asked, outcome))
            self.world.trace.count(*_counted_as(outcome))
            asked.ended, asked.answered_at = self.world.end_of(asked.submission.stream), self.world.now()
            if isinstance(outcome, CommandResult):
                asked.answer = outcome
                if isinstance(outcome.state, Order):
                    self.world.orders[outcome.stream] = outcome.state
            elif isinstance(outcome, REFUSED_FOR_GOOD):
                asked.refused = outcome
            carried_out = not isinstance(outcome, (*CERTAIN, *REFUSED_FOR_GOOD))
            if carried_out or asked.doubled:
                certain = isinstance(outcome, CommandResult) and not asked.doubled
                asked.attempts.append((began, asked.ended if certain else None))
            if asked.settled:
                return
            await asyncio.sleep(0.5)

    async def _attempt(self, asked: ClientCommand) -> CommandResult | Exception:
        try:
            return await self.world.door.ask(asked, PATIENCE_S)
        except (Rejected, WriteError, Lost, NobodyThere) as error:
            return error


def _counted_as(outcome: CommandResult | Exception) -> tuple[str, str]:
    if isinstance(outcome, Rejected):
        return "refusal", outcome.code()
    if isinstance(outcome, CommandResult):
        return "answer", "repeated" if outcome.repeated else "accepted"
    return "answer", type(outcome).__name__
