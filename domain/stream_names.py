"""How streams are called and which part of the name decides the partition.

An order is `order-<uuid>`, a stock item `stock-<sku>@<location>`, all people together are `person-register`. The
partition key of an order is its id, of a stock item its SKU, so that all locations of an article lie together.
"""

from __future__ import annotations

import zlib
from typing import Final

PEOPLE: Final = "person-register"
"""Stream id of everybody who works with us."""


def order_stream(order_id: object) -> str:
    """Stream id of an order."""
    return f"order-{order_id}"


def stock_stream(sku: str, location: str) -> str:
    """Stream id of a stock item."""
    return f"stock-{sku}@{location}"


def kind_of(stream: str) -> str:
    """`order`, `stock` or `person`: what stands before the first hyphen."""
    return stream.partition("-")[0]


def name_of(stream: str) -> str:
    """What stands after the first hyphen: an order's id, or `<sku>@<location>`."""
    return stream.partition("-")[2]


def sku_and_location(stream: str) -> tuple[str, str]:
    """Both halves of a stock stream's name."""
    sku, _, location = name_of(stream).rpartition("@")
    return sku, location


def partition_of(stream: str, partitions: int) -> int:
    """CRC-32 of the partition key modulo the number of partitions; part of the data format, never to be changed."""
    key = sku_and_location(stream)[0] if kind_of(stream) == "stock" else name_of(stream)
    return zlib.crc32(key.encode()) % partitions
