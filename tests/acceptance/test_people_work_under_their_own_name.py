"""Somebody is invited, chooses a password, works under an own name, and is out the moment nobody wants it any more."""

import asyncio
import re

import httpx

from domain.roles import Role
from tests.instance import Instance
from tests.people import People, fresh, line

PAGE = {"Accept": "text/html", "Accept-Language": "en"}
NOTICED_S = 30.0
POLL_S = 0.1
PASSWORD = "lantern orbit velvet 71"


async def test_a_new_colleague_comes_in_acts_and_is_shut_out(instance: Instance, people: People) -> None:
    name = f"Tom {fresh('baker')}"
    tom = (await people.do("/commands/people/invite", {"name": name, "role": "sales"}))["person"]
    boss = await people.do("/commands/people/invite", {"name": fresh("boss"), "role": "admin"})
    await people.client.get(f"/people?after={boss['position']}", headers=people.headers(Role.ADMIN))
    made = await people.do(f"/people/{tom}/sign-in-link")
    async with httpx.AsyncClient(base_url=instance.url, headers=PAGE, timeout=30) as browser:
        page = (await browser.get(made["link"])).text
        assert name in page
        code = httpx.URL(made["link"]).params["code"]
        entered = await browser.post("/sign-in", data={"code": code, "password": PASSWORD, "again": PASSWORD})
        assert (entered.status_code, entered.headers["location"]) == (303, "/boards/sales")

        placed = await people.place(line(fresh("tea"), 2))
        form = (await browser.get(f"/orders/{placed.number}?after={placed.position}&act=hold")).text
        csrf = re.search(r'name="csrf" value="([^"]+)"', form)
        assert csrf
        fields = {
            "csrf": csrf[1],
            "back": f"/orders/{placed.number}",
            "type": "price",
            "reason": "Is it right?",
            "key": "held-once",
        }
        held = await browser.post(f"/commands/orders/{placed.id}/hold", data=fields)
        assert held.status_code == 303
        shown = (await browser.get(held.headers["location"])).text
        assert f"· {name}" in shown
        assert tom not in shown
        told = httpx.URL(held.headers["location"]).params["after"]
        timeline = f"/orders/{placed.number}/timeline?after={told}"
        history = await people.client.get(timeline, headers=people.headers(Role.AUDITOR))
        assert [
            event["actor"] for event in history.json()["events"] if event["type"] == "ordertrail.order.Held.v1"
        ] == [tom]

        gone = await people.do("/commands/people/deactivate", {"person": tom})
        await people.client.get(f"/people?after={gone['position']}", headers=people.headers(Role.ADMIN))
        async with asyncio.timeout(NOTICED_S):
            while (await browser.get("/boards/sales")).status_code != httpx.codes.UNAUTHORIZED:  # noqa: ASYNC110 - another process has no event
                await asyncio.sleep(POLL_S)
        again = await browser.post("/sign-in", data={"who": name, "password": PASSWORD})
        assert again.status_code == 403
