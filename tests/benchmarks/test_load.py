import asyncio
from collections import Counter
from dataclasses import dataclass, field

import orjson
import pytest

from benchmarks.load import Task, load, tails
from benchmarks.order import ORDER, bodies, skus

ANSWER = b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}"


@dataclass
class Answering:
    """A server that answers every request at once, and remembers them."""

    requests: list[tuple[bytes, bytes]] = field(default_factory=list)
    connections: list[asyncio.Task[None]] = field(default_factory=list)

    def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections.append(asyncio.create_task(self._answer(reader, writer)))

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.partition(b"Content-Length: ")[2].partition(b"\r")[0])
                self.requests.append((head, await reader.readexactly(length)))
                writer.write(ANSWER)
        except asyncio.IncompleteReadError:
            writer.close()
            await writer.wait_closed()


async def loaded(server: Answering, seconds: float, per_s: float = 0.0, most: int = 0) -> dict[str, float]:
    async with await asyncio.start_server(server, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        outcome = await load(Task(port, "token", 4, seconds, per_s, most, articles=5))
        await asyncio.gather(*server.connections)
        return outcome


async def test_a_bounded_load_sends_so_many_orders_each_under_a_key_of_its_own() -> None:
    server = Answering()

    outcome = await loaded(server, 60.0, most=50)

    assert (outcome["sent"], outcome["answered"], outcome["failed"]) == (50, 50, 0)
    assert len({head.partition(b"Idempotency-Key: ")[2].partition(b"\r")[0] for head, _ in server.requests}) == 50


@pytest.mark.slow
async def test_a_load_at_a_rate_offers_no_more_than_that() -> None:
    outcome = await loaded(Answering(), 0.5, per_s=40.0)

    assert 4 <= outcome["sent"] <= 20 + 4


async def test_a_bounded_load_at_a_rate_sends_no_order_too_many_though_several_are_due() -> None:
    outcome = await loaded(Answering(), 60.0, per_s=200.0, most=10)

    assert outcome["sent"] == 10


async def test_what_is_answered_a_second_counts_from_the_first_order_to_the_last() -> None:
    outcome = await loaded(Answering(), 60.0, most=50)

    assert outcome["per_s"] == pytest.approx(50 / (outcome["ended"] - outcome["began"]))


def test_an_order_wants_three_articles_and_all_orders_together_each_equally_often() -> None:
    ordered = [[line["sku"] for line in orjson.loads(body)["lines"]] for body in bodies(7)]

    assert [len(set(wanted)) for wanted in ordered] == [3] * 7
    assert Counter(sku for wanted in ordered for sku in wanted) == dict.fromkeys(skus(7), 3)


def test_without_articles_the_order_is_always_the_same() -> None:
    assert [orjson.loads(body) for body in bodies(0)] == [ORDER]


def test_a_request_says_how_long_its_own_order_is() -> None:
    for tail in tails(3):
        head, _, body = tail.partition(b"\r\n\r\n")
        assert head == b"\r\nContent-Length: %d" % len(body)
