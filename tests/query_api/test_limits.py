"""What the readers' side takes from outside, at most: no header or form keeps the loop busy."""

import asyncio
from time import process_time

import pytest
from starlette.requests import Request
from starlette.types import Message

from domain.roles import Role
from query_api.rendering import language_of, wants_page
from query_api.sentences import Language
from tests.query_api.conftest import Api, api_on, token
from tests.query_api.shop import shop
from tests.timing import DEADLINE_S, allowed
from web.bodies import LARGEST_BODY
from web.database import edge_pool

SECONDS = 0.05
SHOP = shop()
ORDER = f"/orders/{SHOP.number(SHOP.held)}"
STOCK = "/stock/22633/main"
READ = [
    "/orders", ORDER, f"{ORDER}/timeline", "/boards/sales", "/stock", STOCK, f"{STOCK}/timeline", "/status", "/search",
    f"/track/{SHOP.token(SHOP.held)}",
]  # fmt: skip


def asked(**headers: str) -> Request:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": pairs})


def test_a_huge_choice_of_languages_is_read_to_a_bound() -> None:
    request = asked(accept_language="zh;q=0.9," + "xx;q=0.1," * 1_000_000, accept="text/html," + "a/b," * 1_000_000)
    limit, began = allowed(SECONDS), process_time()
    assert language_of(request) is Language.ZH
    assert wants_page(request)
    assert process_time() - began < limit


async def test_the_form_of_an_order_is_as_large_as_an_order_may_be(api: Api) -> None:
    await api.sign_in(Role.SALES)
    answer = await api.client.post(
        "/orders/new",
        content=b"a=" + b"x" * LARGEST_BODY,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 413


FORM = {"Content-Type": "Application/X-WWW-form-urlencoded"}


async def test_strangers_send_no_more_than_a_code_when_they_sign_in(api: Api) -> None:
    answer = await api.client.post("/sign-in", content=b"&" * 500_000, headers=FORM)
    assert answer.status_code == 413


async def test_a_form_of_empty_fields_keeps_nobody_waiting(api: Api) -> None:
    await api.sign_in(Role.SALES)
    limit, began = allowed(SECONDS), process_time()
    answer = await api.client.post("/orders/new", content=b"&" * 500_000, headers=FORM)
    assert process_time() - began < limit
    assert answer.status_code == 422


@pytest.mark.parametrize("path", READ)
async def test_an_answer_that_nobody_reads_holds_no_connection_to_the_database(shop_url: str, path: str) -> None:
    begun, read = asyncio.Event(), asyncio.Event()

    async def receive() -> Message:
        if begun.is_set():
            await read.wait()
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_: Message) -> None:
        begun.set()
        await read.wait()

    scope = asked(authorization=f"Bearer {token(Role.SALES)}").scope
    async with asyncio.timeout(DEADLINE_S), edge_pool(shop_url, 1) as pool, api_on(shop_url, pool=pool) as api:
        answering = asyncio.create_task(api.app({**scope, "path": path, "raw_path": path.encode()}, receive, send))
        await begun.wait()
        async with pool.connection(timeout=1):  # the only one
            read.set()
        await answering
