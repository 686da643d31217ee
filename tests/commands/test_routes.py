"""Every command from outside has one route and one permission, and is described."""

from typing import Any

import pytest

from commands import routes
from commands.problems import kinds
from commands.routes import ROUTED, require_one_route_each
from domain.access import PERMISSIONS, may
from domain.decider import Command
from domain.order.commands import CompleteOrder, OrderCommand
from domain.person.commands import PersonCommand
from domain.roles import Role
from domain.stock.commands import StockCommand
from tests.commands.conftest import Api, bearer
from web.command_addresses import ORDER_COMMANDS, PEOPLE_COMMANDS, STOCK_COMMANDS

PATHS = {
    **{f"/commands/orders/0198c0de-7a34-7c1b-9d0a-3c1d5f0b8e21/{word}": kind for word, kind in ORDER_COMMANDS.items()},
    **{f"/commands/stock/A/main/{word}": kind for word, kind in STOCK_COMMANDS.items()},
    **{f"/commands/people/{word}": kind for word, kind in PEOPLE_COMMANDS.items()},
    "/commands/orders": ROUTED[0],
}


def test_every_command_is_routed_or_the_workflows_own() -> None:
    every = set(OrderCommand.__args__) | set(StockCommand.__args__) | set(PersonCommand.__args__)
    own = {command for command in every if PERMISSIONS[command] == {Role.WORKFLOW}}
    assert set(ROUTED) | own == every
    assert set(ROUTED) & own == set()
    require_one_route_each()


def test_a_command_without_a_route_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "ROUTED", ROUTED[1:])
    with pytest.raises(RuntimeError, match=r"without a route: \{'PlaceOrder'\}"):
        require_one_route_each()


def test_a_route_for_the_workflows_own_command_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "ROUTED", (*ROUTED, CompleteOrder))
    with pytest.raises(RuntimeError, match=r"without a permission: \{'CompleteOrder'\}"):
        require_one_route_each()


def test_a_command_routed_twice_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "ROUTED", (*ROUTED, ROUTED[3]))
    with pytest.raises(RuntimeError, match="routed twice"):
        require_one_route_each()


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.WORKFLOW])
async def test_each_role_reaches_the_commands_that_it_may_send_and_no_other(api: Api, role: Role) -> None:
    for path, command in PATHS.items():
        answer = await api.post(path, {"nonsense": 1}, authorization=bearer(role))
        assert answer.status_code == (422 if may(role, command) else 403), (path, answer.text)
    assert await api.events() == []


def test_the_words_in_the_addresses_are_the_commands_names() -> None:
    for word, command in ORDER_COMMANDS.items():
        name = "".join(part.capitalize() for part in word.split("-"))
        assert command.__name__ in {name, f"{name}Order"}
    assert [command.__name__ for command in STOCK_COMMANDS.values()] == ["ReceiveStock", "CountStock", "TeachCode"]


async def test_the_description_shows_every_command_with_its_body(api: Api) -> None:
    described: dict[str, Any] = (await api.client.get("/commands/openapi.json")).json()
    posts = [path["post"] for path in described["paths"].values() if "post" in path]
    bodies = [kind["schema"]["$ref"] for post in posts for kind in post["requestBody"]["content"].values()]
    expected = [*(command.__name__ for command in ROUTED), "BulkLine"]
    assert sorted(body.rpartition("/")[2] for body in bodies) == sorted(expected)
    for reference in references(described):
        assert reference.rpartition("/")[2] in described["components"]["schemas"]


async def test_the_page_for_people_lists_every_address_and_needs_nothing_from_elsewhere(api: Api) -> None:
    page = (await api.client.get("/commands/docs")).text
    assert "http" not in page
    for path in (await api.client.get("/commands/openapi.json")).json()["paths"]:
        assert path in page or path.startswith("/problems")


def references(part: object) -> list[str]:
    if isinstance(part, dict):
        here = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return here + [found for value in part.values() for found in references(value)]
    return [found for value in part for found in references(value)] if isinstance(part, list) else []


def test_every_kind_of_problem_has_its_own_code_and_a_sentence() -> None:
    codes = [kind.code for kind in kinds()]
    assert len(codes) == len(set(codes))
    assert {"unknown-order", "version-conflict", "key-reused", "overloaded"} <= set(codes)
    assert [kind.code for kind in kinds() if not kind.title.endswith(".")] == []


def test_bodies_are_the_commands_themselves() -> None:
    commands = {command.__name__: issubclass(command, Command) for command in ROUTED}
    assert commands == dict.fromkeys(commands, True)
