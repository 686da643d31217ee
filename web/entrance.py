"""How connections are let in: as many a turn of the event loop as wait, up to a bound.

libuv, and uvloop with it, accepts one connection a turn. Under load a turn takes 40 ms: a hundred newcomers waited for
seconds while whoever was connected was served at once. Must not know: HTTP, what becomes of a connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable, Iterable
from typing import Final

MOST_A_TURN: Final = 100
"""Some 5 ms of work."""
PAUSE_S: Final = 1.0
"""Where the system gives us no more files, we ask again after so long."""

MakeProtocol = Callable[[], asyncio.BaseProtocol]


class Entrance:
    """Listening sockets, and who is on the way in from them."""

    def __init__(self, servers: Iterable[asyncio.Server], make_protocol: MakeProtocol) -> None:
        """Let in from now on, in place of these servers: they have bound the sockets, and let go of them."""
        self._make_protocol = make_protocol
        self._loop = asyncio.get_running_loop()
        self._sockets = [listening for server in servers for listening in _taken_over(server)]
        self._coming: set[asyncio.Task[None]] = set()
        for listening in self._sockets:
            self._watch(listening)

    @property
    def port(self) -> int:
        """Of the first socket."""
        return int(self._sockets[0].getsockname()[1])

    @property
    def in_use(self) -> bool:
        """Whether somebody was let in and is not connected to a protocol yet."""
        return bool(self._coming)

    def close(self) -> None:
        """Let in everybody who waits, then nobody more."""
        for listening in self._sockets:
            if listening.fileno() < 0:
                continue
            self._loop.remove_reader(listening)
            with contextlib.suppress(OSError):  # no more files
                while self._let_one_in(listening):
                    pass
            listening.close()

    def _watch(self, listening: socket.socket) -> None:
        if listening.fileno() >= 0:
            self._loop.add_reader(listening, self._let_in, listening)

    def _let_in(self, listening: socket.socket) -> None:
        try:
            for _ in range(MOST_A_TURN):
                if not self._let_one_in(listening):
                    return
        except OSError:
            self._loop.remove_reader(listening)
            self._loop.call_later(PAUSE_S, self._watch, listening)

    def _let_one_in(self, listening: socket.socket) -> bool:
        """Whether there may be another one."""
        try:
            accepted, _ = listening.accept()
        except BlockingIOError:
            return False
        except ConnectionAbortedError:  # has left again
            return True
        accepted.setblocking(False)
        coming = self._loop.create_task(self._connect(accepted))
        self._coming.add(coming)
        coming.add_done_callback(self._coming.discard)
        return True

    async def _connect(self, accepted: socket.socket) -> None:
        await self._loop.connect_accepted_socket(self._make_protocol, accepted)


def _taken_over(server: asyncio.Server) -> list[socket.socket]:
    """Its listening sockets, which go on to listen when it is closed."""
    ours = [socket.socket(fileno=os.dup(listening.fileno())) for listening in server.sockets]
    for listening in ours:
        listening.setblocking(False)
    server.close()
    return ours
