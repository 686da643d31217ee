"""A TCP proxy that can lose a server's answer, or keep it back: the request arrives and takes effect."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Proxy:
    """Between one client and one server.

    `deaf`: the next bytes from the server are lost and the connection ends. While `frozen`, no answer is let through and
    nothing ends, as with a server that stands still.
    """

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.deaf = False
        self.refusing = False
        self.thawed = asyncio.Event()
        self.thawed.set()
        self.address = ("", 0)
        self._writers: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Proxy"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.address = server.sockets[0].getsockname()
        try:
            yield self
        finally:
            server.close()
            self.cut()

    def cut(self) -> None:
        """End every connection at once."""
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refusing:
            writer.transport.abort()
            return
        with suppress(OSError):
            to_reader, to_writer = await asyncio.open_connection(self.host, self.port)
            self._writers |= {writer, to_writer}
            async with asyncio.TaskGroup() as both:
                both.create_task(self._carry(reader, to_writer, answers=False))
                both.create_task(self._carry(to_reader, writer, answers=True))
            self._writers -= {writer, to_writer}

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, answers: bool) -> None:
        with suppress(OSError):
            while data := await source.read(1 << 16):
                if answers:
                    await self.thawed.wait()
                if answers and self.deaf:
                    self.deaf = False
                    self.cut()
                    return
                target.write(data)
                await target.drain()
        target.transport.abort()
