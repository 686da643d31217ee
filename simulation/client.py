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
from uuid import UUID, uuid5

from domain.decider import Rejected
from domain.order.state import Order
from domain.roles import Role
from domain.stream_names import order_stream
from simulation.door import Lost, NobodyThere
from simulation.people import of_order, of_stock, placing
from streams.writing.errors import NotExecuted, Overloaded, WriteError
from streams.writing.submission import CommandResult, Submission

if TYPE_CHECKING:
    from domain.decider import Command
    from simulation.plan import ClientTurn
    from simulation.world import World

NOT_ANSWERED: Final = datetime.min.replace(tzinfo=UTC)
NAMES: Final = UUID(int=0x51)
PATIENCE_S: Final = 6.0
TRIES: Final = 4
CERTAIN: Final = (NotExecuted, Overloaded, NobodyThere)
"""Nothing was or will be carried out."""
AT_THE_END: Final = 60


@dataclass
class ClientCommand:
    """One command as its client knows it."""

    submission: Submission
    keyed: bool
    began: int
    """Where its partition's log ended when it was sent first."""
    ended: int = 0
    """Where it ended when the answer came."""
    answer: CommandResult | None = None
    refused: Rejected | WriteError | None = None
    answered_at: datetime = NOT_ANSWERED
    doubled: bool = False
    """Whether a request of it came twice: then only one of the answers is heard."""
    in_doubt: bool = False
    """Whether any attempt has ended without a certain answer."""

    @property
    def settled(self) -> bool:
        """Whether it has an answer that stays."""
        return self.answer is not None or isinstance(self.refused, Rejected)


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
            wanted = self._wanted(Random(turn.chance), f"{self.number}.{count}", keyed=turn.keyed)
            asked = ClientCommand(wanted, turn.keyed, self.world.end_of(wanted.stream))
            self.asked.append(asked)
            await self._ask(asked, TRIES if turn.keyed else 1)

    async def settle(self) -> None:
        """Nothing goes wrong any more: ask again what has no answer yet."""
        for asked in self.asked:
            if asked.keyed and not asked.settled:
                await self._ask(asked, AT_THE_END)

    def _wanted(self, luck: Random, name: str, *, keyed: bool) -> Submission:
        orders = self.world.orders
        command: Command
        kind = luck.random()
        if kind < 0.2 or not orders:
            stream, command = order_stream(self._named(name)), placing(luck)
        elif kind < 0.4:
            stream, command = of_stock(luck)
        else:
            stream = luck.choice(list(orders))
            command = of_order(luck, stream, orders[stream], self.world.now())
        return Submission(
            stream=stream,
            command=command,
            command_id=self._named(f"{name} {stream}"),
            command_hash=hashlib.sha256(command.model_dump_json().encode()).hexdigest(),
            actor=luck.choice(("ada", "bob")),
            role=Role.ADMIN,
            correlation_id=self._named(f"{name} first"),
            lookup=keyed,
        )

    def _named(self, what: str) -> UUID:
        return uuid5(NAMES, f"{self.world.plan.seed} {what}")

    async def _ask(self, asked: ClientCommand, tries: int) -> None:
        for _ in range(tries):
            try:
                answer = await self.world.door.ask(asked, PATIENCE_S)
                self._told(asked, answer)
            except CERTAIN as certain:
                self.world.trace.count("answer", type(certain).__name__)
            except (Lost, WriteError) as unclear:
                self.world.trace.count("answer", type(unclear).__name__)
                asked.in_doubt = True
            if asked.settled:
                return
            await asyncio.sleep(0.5)

    def _told(self, asked: ClientCommand, answer: CommandResult | Rejected) -> None:
        asked.ended, asked.answered_at = self.world.end_of(asked.submission.stream), self.world.now()
        if isinstance(answer, Rejected):
            self.world.trace.count("refusal", answer.code())
            asked.refused = answer
            return
        self.world.trace.count("answer", "repeated" if answer.repeated else "accepted")
        asked.answer = answer
        if isinstance(answer.state, Order):
            self.world.orders[answer.stream] = answer.state
