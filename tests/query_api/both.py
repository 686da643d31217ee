"""The pages and the command API of one company, over the same history: what a page asks is what the API is sent."""

import contextlib
import html
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx

from commands.app import build
from commands.bulk import NDJSON
from domain.roles import Role
from streams.memory.index import MemoryIndex
from streams.memory.log import MemoryLog
from tests.life import Life
from tests.projections.company import Shelf
from tests.query_api.conftest import FORMS, IDENTITY, PAGE, PARTITIONS, Api, api_on, token
from tests.writing import Running, everything, running
from web.caller_dependency import COOKIE
from web.command_addresses import BULK_PATH
from web.tokens import Caller

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@dataclass
class Both:
    """The pages, and the command API over a log with the same history."""

    api: Api
    commands: httpx.AsyncClient
    write_side: Running
    log: MemoryLog

    async def sign_in(self, role: Role) -> None:
        await self.api.sign_in(role)
        self.commands.cookies.set(COOKIE, str(self.api.client.cookies[COOKIE]))

    async def press(self, page: str) -> httpx.Response:
        """The command API's answer to the button of the page that asks."""
        answer = await self.commands.post(BULK_PATH, data=form_of(page, BULK_PATH))
        assert answer.status_code == 303, answer.text
        return answer

    async def led_to(self, answer: httpx.Response) -> httpx.Response:
        """The page to which an answer leads; the log here is not the one that it shows."""
        location = httpx.URL(answer.headers["location"])
        return await self.api.client.get(location.copy_remove_param("after"), headers=PAGE)

    async def events(self, kind: type[Any]) -> list[Any]:
        return [each.event for each in await everything(self.log) if isinstance(each.event, kind)]


@contextlib.asynccontextmanager
async def both_on(url: str, life: Life) -> AsyncIterator[Both]:
    """The pages on the database at `url`, which shows this history."""
    shelf = Shelf(PARTITIONS)
    await shelf.put(life.log)
    assert isinstance(shelf.log, MemoryLog)
    async with running(shelf.log, MemoryIndex()) as write_side:
        transport = httpx.ASGITransport(build(write_side.writers, IDENTITY, FORMS, clock=lambda: life.now))

        async def look(caller: Caller, lines: bytes) -> httpx.Response:
            headers = {"Authorization": f"Bearer {token(caller.role, caller.actor)}", "Content-Type": NDJSON}
            async with httpx.AsyncClient(transport=transport, base_url="http://shop.example") as looking:
                return await looking.post(f"{BULK_PATH}?preview=true", content=lines, headers=headers)

        async with (
            httpx.AsyncClient(transport=transport, base_url="http://shop.example") as commands,
            api_on(url, look=look) as api,
        ):
            yield Both(api, commands, write_side, shelf.log)


def form_of(page: str, address: str) -> dict[str, list[str]]:
    """Hidden fields of the form that is sent there."""
    fields: dict[str, list[str]] = {}
    for name, value in HIDDEN.findall(page.partition(f'action="{address}"')[2].partition("</form>")[0]):
        fields.setdefault(name, []).append(html.unescape(value))
    return fields
