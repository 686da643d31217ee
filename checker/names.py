"""The names that the system derives, written down once more from its published form: streams, partitions, command ids.

They are said here a second time on purpose; tests hold the two against each other.
"""

from __future__ import annotations

import zlib
from typing import Final
from urllib.parse import parse_qs, quote, unquote, urlsplit
from uuid import UUID, uuid5

COMMAND_ID_SPACE: Final = UUID("6f1c2f0e-7a34-5c1b-9d0a-3c1d5f0b8e21")
"""Namespace (RFC 9562, 5.5) of command ids and of ids of orders that are placed under a key."""

REGISTER: Final = "person-register"


def partition_for(stream: str, partitions: int) -> int:
    """CRC-32 of an order's id, or of a stock item's SKU without its location, modulo the number of partitions."""
    kind, _, name = stream.partition("-")
    key = name.rpartition("@")[0] if kind == "stock" else name
    return zlib.crc32(key.encode()) % partitions


def principal(actor: str) -> str:
    """Who acts, as part of an id."""
    return quote(actor, safe=" ")


def placed_stream(actor: str, key: str) -> str:
    """Stream of the order that is placed under a key."""
    return f"order-{uuid5(COMMAND_ID_SPACE, f'place|{principal(actor)}|{key}')}"


def keyed_command(stream: str, actor: str, key: str) -> str:
    """Id of the command that is sent to a stream under a key."""
    return str(uuid5(COMMAND_ID_SPACE, f"{stream}|{principal(actor)}|{key}"))


def is_command(method: str, route: str) -> bool:
    """Whether a request wants something carried out."""
    address = urlsplit(route)
    return method == "POST" and address.path.startswith("/commands/") and "preview" not in parse_qs(address.query)


def word_of(route: str) -> str:
    """What a command's address ends with: `orders` places one."""
    return urlsplit(route).path.rstrip("/").rpartition("/")[2]


def stream_of(route: str) -> str | None:
    """Stream that a request is about; None where the address does not say: a list, or an order that is being placed."""
    match [unquote(part) for part in urlsplit(route).path.strip("/").split("/")]:
        case ["commands", "orders", order, _] | ["orders", order]:
            return f"order-{order}"
        case ["commands", "stock", sku, location, _] | ["stock", sku, location]:
            return f"stock-{sku}@{location}"
        case ["commands", "people", _]:
            return REGISTER
        case _:
            return None
