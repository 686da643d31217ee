"""Counts of many articles: looked at, asked once, recorded, and told line by line."""

import html
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from commands.app import build
from commands.bulk import NDJSON
from domain.access import may
from domain.roles import Role
from domain.stock.commands import CountStock
from domain.stock.events import StockCounted
from streams.memory.index import MemoryIndex
from streams.memory.log import MemoryLog
from tests.projections.company import Shelf
from tests.query_api.conftest import FORMS, IDENTITY, PAGE, PARTITIONS, Api, api_on, token
from tests.query_api.shop import shop
from tests.writing import everything, running
from web.caller_dependency import COOKIE
from web.command_addresses import BULK_PATH
from web.tokens import Caller

pytestmark = pytest.mark.server

COUNTS = "/stock/counts"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@dataclass
class Counting:
    """The pages, and the command API over a log with the shop's history."""

    api: Api
    commands: httpx.AsyncClient
    log: MemoryLog

    async def counted(self) -> list[tuple[int, str | None]]:
        events = [each.event for each in await everything(self.log) if isinstance(each.event, StockCounted)]
        return [(event.counted, event.bin) for event in events]


@pytest.fixture
async def counting(shop_url: str) -> AsyncIterator[Counting]:
    shelf = Shelf(PARTITIONS)
    await shelf.put(shop().life.log)
    assert isinstance(shelf.log, MemoryLog)
    async with running(shelf.log, MemoryIndex()) as write_side:
        transport = httpx.ASGITransport(build(write_side.writers, IDENTITY, FORMS, clock=lambda: shop().life.now))
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.example") as commands:

            async def look(caller: Caller, lines: bytes) -> httpx.Response:
                headers = {"Authorization": f"Bearer {token(caller.role, caller.actor)}", "Content-Type": NDJSON}
                return await commands.post(f"{BULK_PATH}?preview=true", content=lines, headers=headers)

            async with api_on(shop_url, look=look) as api:
                yield Counting(api, commands, shelf.log)


def form_of(page: str, address: str) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for name, value in HIDDEN.findall(page.partition(f'action="{address}"')[2].partition("</form>")[0]):
        fields.setdefault(name, []).append(html.unescape(value))
    return fields


async def test_a_file_is_looked_at_asked_for_once_and_told_line_by_line(counting: Counting) -> None:
    await counting.api.sign_in(Role.WAREHOUSE)
    client, before = counting.api.client, await counting.counted()
    asked = form_of((await client.get(COUNTS, headers=PAGE)).text, COUNTS)
    file = "货号,库房,数量,货位\n71053,main,400,A-03\n71053,main,90,B-01\n85123A,main,=1+1,\n".encode("gb18030")
    page = (await client.post(COUNTS, data=asked, files={"file": ("counts.csv", file)}, headers=PAGE)).text
    assert "Counted 490 on the shelf in bin B-01" in page
    refused = page.partition('class="refused"')[2].partition("</details>")[0]
    assert "85123A main" in refused
    assert await counting.counted() == before
    counting.commands.cookies.set(COOKIE, str(client.cookies[COOKIE]))
    for _ in range(2):  # a double click is one count
        sent = await counting.commands.post(BULK_PATH, data=form_of(page, BULK_PATH))
        assert await counting.counted() == [*before, (490, "B-01")]
    done = await client.get(httpx.URL(sent.headers["location"]).copy_remove_param("after"), headers=PAGE)
    assert "Recorded: 1." in done.text


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.CARRIER, Role.WORKFLOW}])
async def test_who_may_count_may_count_many_and_nobody_else(counting: Counting, role: Role) -> None:
    allowed = 200 if may(role, CountStock) else 403
    assert (await counting.api.page(COUNTS, role)).status_code == allowed
    headers = {**PAGE, "Authorization": f"Bearer {token(role)}"}
    posted = await counting.api.client.post(COUNTS, data={"pasted": "71053\t1\t2"}, headers=headers)
    assert posted.status_code == allowed


async def test_what_cannot_be_read_says_why_and_stays_as_it_was_pasted(counting: Counting) -> None:
    headers = {**PAGE, "Authorization": f"Bearer {token(Role.WAREHOUSE)}"}
    page = await counting.api.client.post(COUNTS, data={"pasted": "MUG\tmain\t1\tA\tB"}, headers=headers)
    assert "line 1: what the columns are is not clear" in page.text
    assert ">MUG\tmain\t1\tA\tB</textarea>" in page.text
