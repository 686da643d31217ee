"""A carrier's token speaks for that carrier alone, and of parcels that were handed to it."""

import pytest

from domain.order.events import CheckpointRecorded, OrderCompleted
from domain.roles import Role
from tests.commands.conftest import Api, bearer, line, problem


def scan(carrier: str, tracking_number: str = "1Z") -> dict[str, object]:
    return {"carrier": carrier, "tracking_number": tracking_number, "status": "delivered", "code": "D"}


async def under_way(api: Api) -> str:
    """An order whose only parcel DHL has."""
    await api.post("/commands/stock/MUG/main/receive", {"quantity": 5})
    order_id = await api.placed(line("MUG", 2))
    units = [{"line": 1, "quantity": 2}]
    for word, body in (
        ("start-pick", {}),
        ("pick", {"units": units}),
        ("pack", {"contents": units}),
        ("hand-over", {"parcel": 1, "carrier": "DHL", "tracking_number": "1Z"}),
    ):
        answer = await api.post(f"/commands/orders/{order_id}/{word}", body)
        assert answer.status_code == 200, answer.text
        await api.running.until_idle()
    return order_id


async def kinds(api: Api) -> list[type]:
    await api.running.until_idle()
    return [type(recorded.event) for recorded in await api.events()]


async def test_a_carrier_reports_on_its_own_parcel(api: Api) -> None:
    order_id = await under_way(api)
    own = bearer(Role.CARRIER, "dhl", carrier="dhl")
    answer = await api.post(f"/commands/orders/{order_id}/record-checkpoint", scan("DHL"), authorization=own)
    assert answer.status_code == 200
    assert OrderCompleted in await kinds(api)


async def test_a_carrier_is_told_no_position_of_the_log(api: Api) -> None:
    order_id = await under_way(api)
    own = bearer(Role.CARRIER, "dhl", carrier="dhl")
    answer = await api.post(f"/commands/orders/{order_id}/record-checkpoint", scan("DHL"), authorization=own)
    assert answer.json()["position"] is None
    assert "ordertrail-position" not in answer.headers


@pytest.mark.parametrize(("known", "said"), [("UPS", "DHL"), (None, "DHL"), (None, "None"), ("DHL", "UPS")])
async def test_a_carrier_speaks_as_no_other(api: Api, known: str | None, said: str) -> None:
    order_id = await under_way(api)
    other = bearer(Role.CARRIER, "eve", carrier=known)
    answer = await api.post(f"/commands/orders/{order_id}/record-checkpoint", scan(said), authorization=other)
    problem(answer, 403, "not-permitted")
    assert CheckpointRecorded not in await kinds(api)


@pytest.mark.parametrize("said", [("UPS", "1Z"), ("DHL", "unknown")], ids=["another's", "unknown"])
async def test_a_parcel_that_a_carrier_does_not_have_is_refused(api: Api, said: tuple[str, str]) -> None:
    order_id = await under_way(api)
    own = bearer(Role.CARRIER, "one", carrier=said[0])
    answer = await api.post(f"/commands/orders/{order_id}/record-checkpoint", scan(*said), authorization=own)
    problem(answer, 409, "not-their-parcel")
    assert CheckpointRecorded not in await kinds(api)


async def test_what_staff_passes_on_is_a_fact(api: Api) -> None:
    order_id = await under_way(api)
    told = bearer(Role.LOGISTICS, "olga")
    answer = await api.post(f"/commands/orders/{order_id}/record-checkpoint", scan("UPS", "2Z"), authorization=told)
    assert answer.status_code == 200
    assert CheckpointRecorded in await kinds(api)
