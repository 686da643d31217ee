"""One running company and one headless Chromium, shared by all tests here; each test has orders and people of its own.

A test asks for `office` and gets the pages of people before it. Whatever a page does behind their backs, an error of a
script, something that the content policy forbids, a request to elsewhere, fails the test (`Office.faults`).
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from ordertrail.settings import LogKind, from_environment
from tests.browser import packages
from tests.browser.axe import Axe
from tests.browser.chromium import running
from tests.browser.office import PATIENCE_MS, Office
from tests.conftest import missing
from tests.instance import Instance
from tests.npm import NotFetched
from tests.people import People

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.server)
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def parts() -> packages.Parts:
    """The browser as `make setup` fetched it."""
    try:
        return packages.ensure(from_environment().ordertrail_cache)
    except NotFetched as error:
        missing(error)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium(parts: packages.Parts, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    async with running(parts, tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture(scope="package")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    provider = {"PROVIDER_ISSUER": "https://login.invalid", "PROVIDER_NAME": "Acme", "PROVIDER_CLIENT_ID": "ordertrail"}
    with Instance(tmp_path_factory.mktemp("office"), LogKind.EMBEDDED, **provider) as instance:
        yield instance
        instance.verify()


@pytest_asyncio.fixture(loop_scope="session")
async def people(company: Instance) -> AsyncIterator[People]:
    """The same company as programs meet it: what a test is not about is done by them."""
    async with company.people() as people:
        yield people


@pytest_asyncio.fixture(loop_scope="session")
async def office(company: Instance, chromium: Browser) -> AsyncIterator[Office]:
    office = Office(company, chromium)
    yield office
    await office.close()
    assert not office.faults, "\n".join(office.faults)


@pytest_asyncio.fixture(loop_scope="session")
async def axe(parts: packages.Parts) -> Axe:
    return Axe(parts.axe.read_text(encoding="utf-8"))
