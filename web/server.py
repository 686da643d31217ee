"""uvicorn's server as every process of ours runs it.

Decides: how often connections are looked at. Must not know: applications, callers.
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


class Server(uvicorn.Server):
    """uvicorn without its own signal handlers (the process has its own), looking after its connections."""

    entrance: Entrance

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen as uvicorn does, and let connections in ourselves."""
        await super().startup(sockets)
        self.entrance = Entrance(self.servers, self._protocol)

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Nobody comes in any more; then end as uvicorn does."""
        self.entrance.close()
        await super().shutdown(sockets)

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
