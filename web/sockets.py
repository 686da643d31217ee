"""What the system knows of a connection and asyncio does not tell. Must not know: HTTP."""

from __future__ import annotations

import fcntl
import socket
import sys
import termios
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio


def end_when_unreachable(transport: asyncio.Transport, seconds: float) -> None:
    """Let the system end a connection whose peer acknowledges nothing any more; Linux only."""
    peer = transport.get_extra_info("socket")
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    if option is not None and peer is not None and peer.family in {socket.AF_INET, socket.AF_INET6}:
        peer.setsockopt(socket.IPPROTO_TCP, option, int(seconds * 1000))


def unread_bytes(transport: asyncio.Transport) -> int:
    """How much the system has received for a connection and we have not read."""
    peer = transport.get_extra_info("socket")
    if peer is None or transport.is_closing():
        return 0
    return int.from_bytes(fcntl.ioctl(peer.fileno(), termios.FIONREAD, bytes(4)), sys.byteorder)


def untaken_bytes(transport: asyncio.Transport) -> int:
    """How much the system holds for a peer that has not acknowledged it; Linux only.

    It takes our bytes by the hundred thousand: without this number a slow reader seems not to read at all in between.
    """
    peer = transport.get_extra_info("socket")
    if sys.platform != "linux" or peer is None:
        return 0
    try:
        return int.from_bytes(fcntl.ioctl(peer.fileno(), termios.TIOCOUTQ, bytes(4)), sys.byteorder)
    except (OSError, ValueError):  # is closed
        return 0
