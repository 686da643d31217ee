"""Saved filters: each person's own, by name, so many and no more, and only by a form that we have shown."""

import re
import uuid
from urllib.parse import urlencode

import pytest

from domain.access import STAFF
from domain.roles import Role
from query_api.saved_filters import LONGEST_FILTER_NAME, MOST_SAVED
from tests.query_api.conftest import Api, token
from tests.query_api.shop import NASTY

SAVE, REMOVE = "/boards/warehouse/filters", "/boards/warehouse/filters/remove"
URGENT = {"save_as": "urgent", "queue": "to-pick", "customer": "Mill & Lane"}
LINK = "/boards/warehouse?queue=to-pick&amp;customer=Mill+%26+Lane"


@pytest.fixture
def ada() -> str:
    """Somebody who has saved nothing yet; others share the database."""
    return f"ada-{uuid.uuid4().hex}"


async def post(api: Api, path: str, form: dict[str, str], actor: str, role: Role = Role.WAREHOUSE) -> int:
    answer = await api.client.post(path, data=form, headers={"Authorization": f"Bearer {token(role, actor)}"})
    return answer.status_code


async def saved(api: Api, actor: str, role: Role = Role.WAREHOUSE) -> list[str]:
    headers = {"Accept": "text/html", "Authorization": f"Bearer {token(role, actor)}"}
    page = (await api.client.get("/boards/warehouse", headers=headers)).text
    return re.findall(r'<li><a href="([^"]+)">', page.partition('class="saved"')[2].partition("</ul>")[0])


async def test_a_filter_is_saved_replaced_and_removed_by_its_owner_and_seen_by_nobody_else(api: Api, ada: str) -> None:
    assert await post(api, SAVE, URGENT, ada) == 303
    assert await saved(api, ada) == [LINK]
    assert await saved(api, f"not-{ada}") == []
    assert await post(api, REMOVE, {"saved": "urgent"}, f"not-{ada}") == 303
    assert await saved(api, ada) == [LINK]
    assert await post(api, SAVE, {"save_as": " urgent ", "queue": "to-pack"}, ada) == 303
    assert await saved(api, ada) == ["/boards/warehouse?queue=to-pack"]
    assert await post(api, REMOVE, {"saved": "urgent"}, ada) == 303
    assert await saved(api, ada) == []


async def test_saving_leads_to_the_board_as_it_was_filtered(api: Api, ada: str) -> None:
    answer = await api.client.post(SAVE, data=URGENT, headers={"Authorization": f"Bearer {token(Role.WAREHOUSE, ada)}"})
    assert answer.headers["location"] == LINK.replace("&amp;", "&")


async def test_so_many_filters_are_kept_and_one_of_them_can_still_be_replaced(api: Api, ada: str) -> None:
    for number in range(MOST_SAVED):
        assert await post(api, SAVE, {"save_as": f"f{number}", "queue": "to-pick"}, ada) == 303
    assert await post(api, SAVE, {"save_as": "one more", "queue": "to-pick"}, ada) == 409
    assert await post(api, SAVE, {"save_as": "f0", "queue": "to-pack"}, ada) == 303
    assert await post(api, "/boards/sales/filters", {"save_as": "f0", "waiting_on": "customer"}, ada) == 303
    assert len(await saved(api, ada)) == MOST_SAVED


@pytest.mark.parametrize(
    "form",
    [
        {"queue": "to-pick"},
        {"save_as": " ", "queue": "to-pick"},
        {"save_as": "x" * (LONGEST_FILTER_NAME + 1), "queue": "to-pick"},
        {"save_as": "x\x00y", "queue": "to-pick"},
        {"save_as": "x", "queue": "to-fly"},
        {"save_as": "x", "waiting_on": "the moon"},
        {"save_as": "x", "customer": "x" * 201},
    ],
)
async def test_what_is_no_filter_or_no_name_is_not_saved(api: Api, ada: str, form: dict[str, str]) -> None:
    assert await post(api, SAVE, form, ada) == 422
    assert await saved(api, ada) == []


@pytest.mark.parametrize("path", [SAVE, REMOVE])
@pytest.mark.parametrize("role", sorted(Role))
async def test_staff_save_and_remove_filters_and_nobody_else(api: Api, ada: str, path: str, role: Role) -> None:
    form = {"save_as": "mine", "saved": "mine", "queue": "to-pick"}
    assert await post(api, path, form, ada, role=role) == (303 if role in STAFF else 403)
    assert (await api.client.post(path, data=form)).status_code == 401


async def test_who_does_not_read_names_saves_and_sees_no_filter_by_customer(api: Api, ada: str) -> None:
    assert await post(api, SAVE, URGENT, ada, role=Role.ANALYST) == 403
    assert await post(api, SAVE, URGENT, ada) == 303
    assert await saved(api, ada, role=Role.ANALYST) == []


@pytest.mark.parametrize("path", [SAVE, REMOVE])
async def test_a_form_of_somebody_else_s_page_saves_and_removes_nothing(api: Api, ada: str, path: str) -> None:
    await api.sign_in(Role.WAREHOUSE)
    form = urlencode({**URGENT, "saved": "urgent"})
    sent = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await api.client.post(path, content=form, headers=sent)).status_code == 403
    page = (await api.client.get("/boards/warehouse?queue=to-pick", headers={"Accept": "text/html"})).text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page.partition("save_as")[0])
    assert csrf
    answer = await api.client.post(path, content=f"{form}&csrf={csrf[1]}", headers=sent)
    assert answer.status_code == 303
    await post(api, REMOVE, {"saved": "urgent"}, "ada")  # others share the person who is signed in


async def test_a_name_is_shown_as_it_was_typed_and_does_nothing(api: Api, ada: str) -> None:
    assert await post(api, SAVE, {"save_as": NASTY[:60], "customer": NASTY}, ada) == 303
    headers = {"Accept": "text/html", "Authorization": f"Bearer {token(Role.WAREHOUSE, ada)}"}
    assert NASTY[:20] not in (await api.client.get("/boards/warehouse", headers=headers)).text
