"""Counts of many articles: looked at, asked once, recorded, and told line by line."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from domain.access import may
from domain.roles import Role
from domain.stock.commands import CountStock
from domain.stock.events import StockCounted
from query_api.counts import written_counts
from tests.query_api.both import Both, both_on, form_of
from tests.query_api.conftest import PAGE, token
from tests.query_api.shop import shop
from web.pasted_counts import read_counts

pytestmark = pytest.mark.server

COUNTS = "/stock/counts"


class Counting(Both):
    """At the shop."""

    async def counted(self) -> list[tuple[int, str | None]]:
        return [(event.counted, event.bin) for event in await self.events(StockCounted)]


@pytest.fixture
async def counting(shop_url: str) -> AsyncIterator[Counting]:
    async with both_on(shop_url, shop().life) as made:
        yield Counting(**vars(made))


async def test_a_file_is_looked_at_asked_for_once_and_told_line_by_line(counting: Counting) -> None:
    await counting.sign_in(Role.WAREHOUSE)
    client, before = counting.api.client, await counting.counted()
    asked = form_of((await client.get(COUNTS, headers=PAGE)).text, COUNTS)
    file = "货号,库房,数量,货位\n71053,main,400,A-03\n71053,main,90,B-01\n85123A,main,=1+1,\n".encode("gb18030")
    page = (await client.post(COUNTS, data=asked, files={"file": ("counts.csv", file)}, headers=PAGE)).text
    assert "Counted 490 on the shelf in bin B-01" in page
    refused = page.partition('class="refused"')[2].partition("</details>")[0]
    assert "85123A main" in refused
    assert await counting.counted() == before
    for _ in range(2):  # a double click is one count
        sent = await counting.press(page)
        assert await counting.counted() == [*before, (490, "B-01")]
    done = await counting.led_to(sent)
    assert "Recorded: 1." in done.text


async def test_every_count_of_a_paste_is_recorded(counting: Counting) -> None:
    await counting.sign_in(Role.WAREHOUSE)
    client, before = counting.api.client, await counting.counted()
    asked = form_of((await client.get(COUNTS, headers=PAGE)).text, COUNTS)
    pasted = "71053\tmain\t480\tC-01\n85123A\tmain\t470\tC-02\n22752\tmain\t460\tC-03"
    page = (await client.post(COUNTS, data={**asked, "pasted": pasted}, headers=PAGE)).text
    assert "Recorded: 3." in (await counting.led_to(await counting.press(page))).text
    assert set(await counting.counted()) - set(before) == {(480, "C-01"), (470, "C-02"), (460, "C-03")}


async def test_what_moved_while_a_count_was_looked_at_is_not_counted_away(counting: Counting) -> None:
    await counting.sign_in(Role.WAREHOUSE)
    asked = form_of((await counting.api.client.get(COUNTS, headers=PAGE)).text, COUNTS)
    pasted = {**asked, "pasted": "71053\tmain\t480"}
    page = (await counting.api.client.post(COUNTS, data=pasted, headers=PAGE)).text
    meanwhile = {"quantity": 5, "occurred_at": (shop().life.now + timedelta(minutes=1)).isoformat()}
    sender = {"Authorization": f"Bearer {token(Role.WAREHOUSE)}"}
    came = await counting.commands.post("/commands/stock/71053/main/receive", json=meanwhile, headers=sender)
    came.raise_for_status()
    await counting.press(page)
    count = (await counting.events(StockCounted))[-1]
    assert "expected 491" in page
    assert (count.counted, count.expected, count.difference) == (480, 491, -11)


def test_each_count_has_a_key_of_its_own() -> None:
    lines = written_counts(read_counts("71053\tmain\t480\n85123A\tmain\t470"), "k", shop().life.now)
    assert [json.loads(line.line)["key"] for line in lines] == ["k.0", "k.1"]


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
