"""One running company whose people sign in at one running identity provider, for all tests here."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from ordertrail.local import child_server
from ordertrail.settings import LogKind, from_environment
from tests.conftest import missing
from tests.instance import NO_TLS, Instance
from tests.npm import NotFetched
from tests.people import People
from tests.provider.packages import ensure_provider
from tests.provider.running import SECRET, RunningProvider, running_provider
from web.provider_desk import CALLBACK_PATH

PAGE = {"Accept": "text/html", "Accept-Language": "en"}
HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.server)


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Instance, RunningProvider]]:
    """Both of them."""
    try:
        packages = ensure_provider(from_environment().ordertrail_cache)
    except NotFetched as error:
        missing(error)
    folder = tmp_path_factory.mktemp("provider")
    port = child_server.kept_port(folder / "provider.port")
    instance = Instance(
        folder / "company",
        LogKind.EMBEDDED,
        PROVIDER_ISSUER=f"http://127.0.0.1:{port}",
        PROVIDER_NAME="Acme",
        PROVIDER_CLIENT_ID="ordertrail",
        PROVIDER_CLIENT_SECRET=SECRET,
        PROVIDER_ROLES='{"Sales EU": "sales", "Money": "finance", "Boss": "admin"}',
    )
    with running_provider(packages, folder, port, f"{instance.url}{CALLBACK_PATH}") as provider, instance:
        yield instance, provider
        instance.verify()


@pytest.fixture
def instance(served: tuple[Instance, RunningProvider]) -> Instance:
    return served[0]


@pytest.fixture
def provider(served: tuple[Instance, RunningProvider]) -> RunningProvider:
    return served[1]


@pytest.fixture
async def people(instance: Instance) -> AsyncIterator[People]:
    """Programs of the same company."""
    async with instance.people() as people:
        yield people


def new_browser(instance: Instance) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=instance.url, headers=PAGE, timeout=30, verify=NO_TLS)


@pytest.fixture
async def browser(instance: Instance) -> AsyncIterator[httpx.AsyncClient]:
    """Of somebody who was never here."""
    async with new_browser(instance) as client:
        yield client


@pytest.fixture
async def other_browser(instance: Instance) -> AsyncIterator[httpx.AsyncClient]:
    """Of somebody else."""
    async with new_browser(instance) as client:
        yield client
