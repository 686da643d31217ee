"""What nothing undoes is carried out by a form only if it does what its sender was shown."""

from typing import TypeVar

import httpx

from domain.decider import Event
from domain.order.events import OrderCancelled, ReceiptConfirmed, UnitsCancelled
from domain.roles import Role
from tests.commands.conftest import Api
from tests.commands.test_form_posts import led_to, refused, send, sent_order, sign_in
from web.kept_forms import PREVIEWED

E = TypeVar("E", bound=Event)
PART = {"act": "cancel-units", "reason": "ordered twice", "cause": "customer", "lines__1__line": "1"}
ALL_OF_IT = {"act": "confirm-receipt-of-all", "evidence": "counter"}


async def happened(api: Api, kind: type[E]) -> list[E]:
    return [each.event for each in await api.events() if isinstance(each.event, kind)]


async def shown(answer: httpx.Response) -> str:
    """The name of what the page shows now; it is a preview."""
    assert (await refused(answer)).answer["code"] == PREVIEWED
    return led_to(answer)[1]["form"]


async def shipped(api: Api, order: str, parcel: int, units: int) -> None:
    for word, body in (
        ("pick", {"units": [{"line": 1, "quantity": units}]}),
        ("pack", {"contents": [{"line": 1, "quantity": units}]}),
        ("hand-over", {"parcel": parcel, "carrier": "DHL"}),
    ):
        answer = await api.post(f"/commands/orders/{order}/{word}", body)
        assert answer.status_code == httpx.codes.OK, answer.text


async def test_what_was_never_shown_is_shown_and_not_carried_out(api: Api) -> None:
    order, csrf = await sent_order(api), await sign_in(api, Role.SALES)
    path = f"/commands/orders/{order}/request-cancel"
    name = await shown(await send(api, path, csrf, **PART, lines__1__quantity="1"))
    assert not await happened(api, UnitsCancelled)
    for _ in range(2):  # a double click
        _, query = led_to(await send(api, path, csrf, **PART, lines__1__quantity="1", shown=name))
        assert query["done"] == "cancel-units"
    assert len(await happened(api, UnitsCancelled)) == 1


async def test_nor_is_it_once_what_was_shown_is_another_persons_or_was_no_preview(api: Api) -> None:
    order, csrf = await sent_order(api), await sign_in(api, Role.SALES, "olga")
    path = f"/commands/orders/{order}/request-cancel"
    others = led_to(await send(api, path, csrf, **PART, lines__1__quantity="1"))[1]["form"]
    csrf = await sign_in(api, Role.SALES)
    no_preview = led_to(await send(api, path, csrf, **PART, lines__1__quantity="one"))[1]["form"]
    for name in (others, no_preview, "nonsense"):
        await shown(await send(api, path, csrf, **PART, lines__1__quantity="1", shown=name))
    assert not await happened(api, UnitsCancelled)


async def test_a_field_that_was_emptied_after_the_preview_cancels_no_more_than_was_shown(api: Api) -> None:
    order, csrf = await sent_order(api), await sign_in(api, Role.SALES)
    path = f"/commands/orders/{order}/request-cancel"
    name = await shown(await send(api, f"{path}?preview=true", csrf, **PART, lines__1__quantity="1"))
    await shown(await send(api, path, csrf, **PART, lines__1__quantity="", shown=name))
    assert not await happened(api, OrderCancelled)


async def test_what_left_the_house_after_the_preview_is_not_confirmed_unseen(api: Api) -> None:
    order, csrf = await sent_order(api), await sign_in(api, Role.CUSTOMER_SERVICE)
    path = f"/commands/orders/{order}/confirm-receipt"
    await shipped(api, order, 1, 2)
    name = await shown(await send(api, path, csrf, **ALL_OF_IT))
    await shipped(api, order, 2, 4)
    name = await shown(await send(api, path, csrf, **ALL_OF_IT, shown=name))
    assert not await happened(api, ReceiptConfirmed)
    led_to(await send(api, path, csrf, **ALL_OF_IT, shown=name))
    assert len(await happened(api, ReceiptConfirmed)) == 2
