"""How a client's request comes to a server and the answer back: over a line that loses and doubles.

Decides: what a client hears when a server dies with its request. Must not know: what a command means.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from domain.decider import Rejected
from simulation.faults import FaultKind
from simulation.ports import QUICK_S
from streams.writing.errors import WriteError

if TYPE_CHECKING:
    from random import Random

    from simulation.client import ClientCommand
    from simulation.server import ServerProcess
    from simulation.world import World
    from streams.writing.submission import CommandResult, Submission

PendingAnswer: TypeAlias = "asyncio.Future[CommandResult]"


class Lost(Exception):
    """The connection was lost, or no answer came in time: nobody knows what became of the request."""


class NobodyThere(Exception):
    """No server takes the connection: nothing was sent."""


@dataclass
class Door:
    """The one address of all servers."""

    world: World
    luck: Random
    planned: Counter[FaultKind] = field(default_factory=Counter)
    """How many of the next requests are lost, lose their answer, or come twice."""

    async def ask(self, asked: ClientCommand, patience_s: float) -> CommandResult:
        """One request. Raises what the write side answers, `Lost` or `NobodyThere`."""
        await asyncio.sleep(self.luck.uniform(0, QUICK_S))
        server = self.world.some_server()
        if server is None:
            raise NobodyThere
        heard: PendingAnswer = asyncio.get_running_loop().create_future()
        server.asked.append(heard)
        if asked.keyed and self._struck(FaultKind.REQUEST_DOUBLED):
            asked.doubled = True
            server.begin(self._carry(server, asked.submission, heard))
        if not self._struck(FaultKind.REQUEST_LOST):
            server.begin(self._carry(server, asked.submission, heard))
        try:
            async with asyncio.timeout(patience_s):
                return await heard
        except TimeoutError:
            raise Lost from None
        finally:
            server.asked.remove(heard)

    def _struck(self, kind: FaultKind) -> bool:
        if not self.planned[kind]:
            return False
        self.planned[kind] -= 1
        self.world.trace.count("fault", kind)
        return True

    async def _carry(self, server: ServerProcess, submission: Submission, heard: PendingAnswer) -> None:
        await asyncio.sleep(self.luck.uniform(0, QUICK_S))
        answer: CommandResult | Exception
        try:
            answer = await server.writers.submit(submission)
        except (Rejected, WriteError) as error:
            answer = error
        await asyncio.sleep(self.luck.uniform(0, QUICK_S))
        if heard.done() or server.gone or self._struck(FaultKind.ANSWER_LOST):
            return
        if isinstance(answer, Exception):
            heard.set_exception(answer)
        else:
            heard.set_result(answer)
