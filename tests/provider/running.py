"""The identity provider as a real process on loopback, and a browser that signs in at it."""

import contextlib
import html
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.provider.packages import PROJECT
from web.provider_desk import CALLBACK_PATH, PROVIDER_PATH

ACTION = re.compile(r'action="([^"]+)"')
PROMPT = re.compile(r'name="prompt" value="([^"]+)"')
CANCEL = re.compile(r'href="([^"]+/abort)"')
MOST_STEPS = 20
SECRET = "a secret: of 100%"


@dataclass(frozen=True)
class RunningProvider:
    """What it is reached by, and the file with what it says of people."""

    issuer: str
    people: Path

    def say(self, subject: str, **claims: object) -> None:
        """From now on it says this of somebody."""
        self.people.write_text(json.dumps({**json.loads(self.people.read_text()), subject: claims}))

    async def way_back(self, browser: httpx.AsyncClient, begun: httpx.Response, subject: str) -> str:
        """Sign in at it, as somebody who was led there; the address that it leads back to."""
        address = begun.headers["location"]
        assert address.startswith(self.issuer)
        answer = await browser.get(address)
        for _ in range(MOST_STEPS):
            if answer.is_redirect:
                address = str(answer.next_request.url if answer.next_request else "")
                if CALLBACK_PATH in address:
                    return address
                answer = await browser.get(address)
            else:
                action, prompt = ACTION.search(answer.text), PROMPT.search(answer.text)
                assert action, answer.text
                assert prompt, answer.text
                fields = {"prompt": prompt[1], "login": subject, "password": "any"}
                answer = await browser.post(html.unescape(action[1]), data=fields)
        raise AssertionError(f"the provider leads nowhere: {answer.url}")

    async def cancelled(self, browser: httpx.AsyncClient, begun: httpx.Response) -> str:
        """Where it leads back to whoever does not want to sign in there."""
        page = await browser.get(begun.headers["location"], follow_redirects=True)
        found = CANCEL.search(page.text)
        assert found, page.text
        answer = await browser.get(html.unescape(found[1]))
        assert answer.next_request
        if CALLBACK_PATH not in str(answer.next_request.url):
            answer = await browser.get(answer.next_request.url)
        return str(answer.headers["location"])

    async def come(self, browser: httpx.AsyncClient, subject: str, next_page: str = "") -> httpx.Response:
        """All the way from our button and back."""
        begun = await browser.get(PROVIDER_PATH, params={"next": next_page} if next_page else {})
        return await browser.get(await self.way_back(browser, begun, subject))


@contextlib.contextmanager
def running_provider(packages: Path, folder: Path, port: int, redirect: str) -> Iterator[RunningProvider]:
    """While it runs."""
    people = folder / "people.json"
    people.write_text("{}")
    told: dict[str, Any] = {"packages": str(packages), "port": port, "redirect": redirect, "people": str(people)}
    process = subprocess.Popen(
        ["node", PROJECT / "provider.js", json.dumps(told)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout
        assert process.stdout.readline().strip() == "ready", "the provider does not start"
        yield RunningProvider(f"http://127.0.0.1:{port}", people)
    finally:
        process.kill()
        process.communicate()
