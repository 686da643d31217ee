"""uvicorn's server as every process of ours runs it.

Decides: how often connections are looked at, and who is still served when we end. Must not know: applications, callers.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Final

import uvicorn
from typing_extensions import override

from web.connections import HttpConnection
from web.entrance import Entrance

LOOK_EVERY: Final = 10
"""uvicorn calls `on_tick` ten times a second."""
LOOK_S: Final = 0.02
"""The same while we end."""
HURRY_S: Final = 3.0
"""When we end: how long the rest of a request may take to come, and the rest of an answer to be sent."""
LAST_WORD_S: Final = 1.0
"""How long requests that were cancelled after the grace have to say so."""


class NotListening(Exception):
    """The address is somebody else's, or not this machine's."""


class Server(uvicorn.Server):
    """uvicorn without its own signal handlers (the process has its own), looking after its connections."""

    entrance: Entrance

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen as uvicorn does, and let connections in ourselves. `NotListening` where uvicorn would end the process:
        with 3, by which our own processes say that another one has taken over.
        """
        try:
            await super().startup(sockets)
        except SystemExit as end:
            place = f"{self.config.host}:{self.config.port}"
            raise NotListening(f"nobody can listen at {place}; the log line before says why") from end
        self.entrance = Entrance(self.servers, self._protocol)

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let in who waits, then nobody more; end as uvicorn does, but close no connection on top of what was asked."""
        self.entrance.close()
        await super().shutdown(sockets)
        if cancelled := tuple(self.server_state.tasks):
            await asyncio.wait(cancelled, timeout=LAST_WORD_S)

    @override
    async def _wait_tasks_to_complete(self) -> None:
        """Until nobody waits for anything. uvicorn looks at its connections once, and not at what it has not read."""
        now = asyncio.get_running_loop().time
        late = now() + HURRY_S
        while self.server_state.connections or self.entrance.in_use:
            for connection in tuple(self.server_state.connections):
                connection.shutdown()
                if isinstance(connection, HttpConnection) and now() >= late:
                    connection.hurry()
            await asyncio.sleep(LOOK_S)
        await super()._wait_tasks_to_complete()

    def _protocol(self) -> asyncio.Protocol:
        made: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]  # as uvicorn has it
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return made

    @override
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield

    @override
    async def on_tick(self, counter: int) -> bool:
        """Once a second, end the connections whose deadline has passed."""
        if counter % LOOK_EVERY == 0:
            now = asyncio.get_running_loop().time()
            for connection in tuple(self.server_state.connections):
                if isinstance(connection, HttpConnection):
                    connection.look(now)
        return await super().on_tick(counter)
