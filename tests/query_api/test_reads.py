"""The query API as programs use it: who may read, search and paging, past states, positions, freshness, wrong questions."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.access import STAFF
from domain.roles import Role
from projections import order as orders
from projections.registry import BOARDS, VIEWS
from tests.query_api.conftest import Api, api_on, token
from tests.query_api.shop import NASTY, shop

SHOP = shop()
PART_SHIPPED = SHOP.number(SHOP.part_shipped)
READ_BY_STAFF = [
    "/orders",
    f"/orders/{PART_SHIPPED}",
    f"/orders/{PART_SHIPPED}/timeline",
    f"/orders/{PART_SHIPPED}/events",
    *(f"/boards/{board.name}" for board in BOARDS),
    "/boards/sales/events",
    "/boards/sales/rows",
    "/stock",
    "/stock/22633/main",
    "/stock/22633/main/timeline",
    "/status",
    "/orders/new",
    "/orders/new/drafts",
]


@pytest.mark.parametrize("path", READ_BY_STAFF)
async def test_without_a_token_nothing_of_staff_is_read(api: Api, path: str) -> None:
    answer = await api.get(path, None)
    assert answer.status_code == 401
    assert answer.json()["code"] == "not-signed-in"
    assert "Bearer" in answer.headers["www-authenticate"]


@pytest.mark.parametrize("path", READ_BY_STAFF)
async def test_a_carrier_reads_nothing_of_staff(api: Api, path: str) -> None:
    answer = await api.get(path, Role.CARRIER)
    assert answer.status_code == 403
    assert answer.json()["code"] == "not-permitted"


@pytest.mark.parametrize("role", sorted(STAFF))
async def test_every_role_of_staff_reads_every_board(api: Api, role: Role) -> None:
    for board in BOARDS:
        assert (await api.get(f"/boards/{board.name}", role)).status_code == 200


async def test_paging_through_orders_meets_each_once_newest_first(api: Api) -> None:
    numbers, placed, path = [], [], "/orders?limit=7"
    while path:
        answer = await api.get(path)
        numbers += [order["number"] for order in answer.json()["orders"]]
        placed += [order["placed_at"] for order in answer.json()["orders"]]
        path = answer.links["next"]["url"] if "next" in answer.links else ""
    assert sorted(numbers) == sorted(
        SHOP.life.order(stream).number for stream in SHOP.life.streams if stream.startswith("order-")
    )
    assert placed == sorted(placed, reverse=True)


async def test_paging_through_a_board_meets_each_order_once(api: Api) -> None:
    numbers, path = [], "/boards/warehouse?limit=4"
    while path:
        answer = await api.get(path)
        numbers += [order["number"] for order in answer.json()["orders"]]
        path = answer.links["next"]["url"] if "next" in answer.links else ""
    assert len(numbers) == len(set(numbers)) == answer.json()["total"]


async def test_paging_through_stock_and_a_timeline_meets_each_once(api: Api) -> None:
    for first, key, field in (
        ("/stock?limit=50", "stock", "stream"),
        (f"/orders/{PART_SHIPPED}/timeline?limit=3", "events", "event_id"),
    ):
        found, path = [], first
        while path:
            answer = await api.get(path)
            found += [row[field] for row in answer.json()[key]]
            path = answer.links["next"]["url"] if "next" in answer.links else ""
        assert len(found) == len(set(found))
        assert len(found) > len((await api.get(first)).json()[key])


@pytest.mark.parametrize(
    ("query", "stream"),
    [
        (f"number={PART_SHIPPED}", SHOP.part_shipped),
        (f"number={PART_SHIPPED.lower()}", SHOP.part_shipped),
        ("reference=ML-2209", SHOP.part_shipped),
        ("customer=13047", SHOP.part_shipped),
        ("customer=mill+lane", SHOP.part_shipped),
        ("sku=22633", SHOP.part_shipped),
        ("headline=cancelled", SHOP.cancelled),
        ("waiting_on=finance", SHOP.held),
    ],
)
async def test_orders_are_found_by_what_people_know_of_them(api: Api, query: str, stream: str) -> None:
    found = (await api.get(f"/orders?{query}")).json()["orders"]
    assert [order["number"] for order in found] == [SHOP.number(stream)]


async def test_orders_are_found_by_the_day_they_were_placed(api: Api) -> None:
    everything = (await api.get("/orders?limit=500")).json()["orders"]
    day = everything[0]["placed_at"][:10]
    found = (await api.get(f"/orders?from={day}&to={day}&limit=500")).json()["orders"]
    assert 0 < len(found) < len(everything)
    assert {order["placed_at"][:10] for order in found} == {day}


@pytest.mark.parametrize("field", ["customer", "reference", "number", "sku"])
async def test_sql_in_a_filter_finds_nothing_and_harms_nothing(api: Api, field: str) -> None:
    answer = await api.client.get("/orders", params={field: "x' OR '1'='1"}, headers=_bearer())
    assert answer.json() == {"orders": []}
    nasty = await api.client.get("/orders", params={"reference": NASTY}, headers=_bearer())
    assert [order["number"] for order in nasty.json()["orders"]] == [SHOP.number(SHOP.nasty)]


def _bearer() -> dict[str, str]:
    return {"Authorization": f"Bearer {token(Role.SALES)}"}


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/orders?headline=fulfilled", "headline"),
        ("/orders?waiting_on=nobody-here", "waiting_on"),
        ("/orders?from=yesterday", "from"),
        ("/orders?from=1700000000", "from"),
        ("/orders?to=2026-03-09T00:00:00Z", "to"),
        ("/orders?limit=0", "limit"),
        ("/orders?limit=501", "limit"),
        ("/orders?customer=%00", "customer"),
        ("/orders?cursor=abc", "cursor"),
        ("/orders?cursor=WyJ4IiwieSJd", "cursor"),
        ("/orders?after=7", "after"),
        ("/boards/sales?queue=to-pick", "queue"),
        ("/boards/sales?cursor=WzEwMCwieCIsInkiXQ", "cursor"),
        ("/stock?waiting=perhaps", "waiting"),
        (f"/orders/{PART_SHIPPED}?version=0", "version"),
        (f"/orders/{PART_SHIPPED}?version=99999999999", "version"),
        (f"/orders/{PART_SHIPPED}?at=2026-03-02T12:00:00", "at"),
        (f"/orders/{PART_SHIPPED}/timeline?cursor=WyItMSJd", "cursor"),
    ],
)
async def test_a_wrong_value_is_refused_by_the_name_of_its_field(api: Api, path: str, field: str) -> None:
    answer = await api.get(path)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


@pytest.mark.parametrize(
    "path",
    ["/orders/none", "/orders/%00", "/orders/DEMO-2026-000001-88", "/orders/none/timeline", "/orders/none/events", "/boards/nobody", "/stock/%00/main",
     "/stock/22633/%27", f"/orders/{PART_SHIPPED}?version=500", f"/orders/{PART_SHIPPED}?at=2001-01-01T00:00:00Z"],
)  # fmt: skip
async def test_what_is_not_there_is_a_404_problem(api: Api, path: str) -> None:
    answer = await api.get(path)
    assert answer.status_code in {404, 422}
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("version", [1, 4, 8])
async def test_an_order_at_a_version_is_folded_from_its_events(api: Api, version: int) -> None:
    told = (await api.get(f"/orders/{PART_SHIPPED}?version={version}")).json()
    assert told["version"] == version
    expected = {1: "pending", 4: "pending", 8: "processing"}[version]
    assert told["headline"] == expected


async def test_an_order_at_the_newest_version_is_the_order(api: Api) -> None:
    present = (await api.get(f"/orders/{PART_SHIPPED}")).json()
    assert (await api.get(f"/orders/{PART_SHIPPED}?version={present['version']}")).json() == present


async def test_an_order_at_an_instant_is_what_had_been_recorded_by_then(api: Api) -> None:
    third = SHOP.life.streams[SHOP.part_shipped][2]
    at = third.metadata.recorded_at + timedelta(microseconds=1)
    told = (await api.client.get(f"/orders/{PART_SHIPPED}", params={"at": at.isoformat()}, headers=_bearer())).json()
    assert told["version"] == 3


@pytest.mark.parametrize("given", ["{}", "W/{}", '"a,b", W/{} , "c"', "*"])
async def test_a_program_that_has_the_newest_version_gets_304(api: Api, given: str) -> None:
    first = await api.get(f"/orders/{PART_SHIPPED}")
    known = given.format(first.headers["etag"])
    again = await api.get(f"/orders/{PART_SHIPPED}", headers={"If-None-Match": known})
    assert (again.status_code, again.content) == (304, b"")
    assert [again.headers[name] for name in KEPT] == [first.headers[name] for name in KEPT]


KEPT = ("etag", "cache-control", "vary", "ordertrail-position")
"""Headers that RFC 9110, 15.4.5 wants of a 304 too, and where the reader stands."""


@pytest.mark.parametrize("given", ['"1"', "nothing", '"{version}"', "x{etag}x, *"])
async def test_a_program_that_has_something_else_gets_the_order(api: Api, given: str) -> None:
    first = await api.get(f"/orders/{PART_SHIPPED}")
    known = given.format(version=first.json()["version"], etag=first.headers["etag"].strip('"'))
    assert (await api.get(f"/orders/{PART_SHIPPED}", headers={"If-None-Match": known})).status_code == 200


async def test_a_document_of_another_role_or_of_a_view_of_another_version_is_another_document(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    tags = [(await api.get(f"/orders/{PART_SHIPPED}", role)).headers["etag"] for role in sorted(STAFF)]
    monkeypatch.setattr(orders, "VIEW", replace(orders.VIEW, version=orders.VIEW.version + 1))
    tags.append((await api.get(f"/orders/{PART_SHIPPED}", Role.SALES)).headers["etag"])
    assert len({*tags}) == len(STAFF) + 1


async def test_the_same_address_answers_programs_with_json_and_people_with_a_page(api: Api) -> None:
    for accept, kind in (
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("text/html,*/*;q=0.8", "text/html"),
    ):
        answer = await api.get("/boards/sales", headers={"Accept": accept})
        assert answer.headers["content-type"].startswith(kind)


async def test_every_answer_says_how_fresh_it_is(api: Api) -> None:
    tracked = f"/track/{SHOP.token(SHOP.held)}"
    for path in ("/orders", f"/orders/{PART_SHIPPED}", "/boards/sales", "/stock", tracked):
        answer = await api.get(path)
        assert (":" in answer.headers.get("ordertrail-position", "")) is (path != tracked)
        assert answer.headers["ordertrail-as-of"].startswith("2026-03-0")


async def test_a_read_after_a_position_that_is_there_is_answered(api: Api) -> None:
    token = (await api.get("/orders")).headers["ordertrail-position"]
    assert (await api.get(f"/orders?after={token}")).status_code == 200


async def test_a_read_after_a_position_that_does_not_come_says_not_yet(shop_url: str) -> None:
    async with api_on(shop_url, wait_s=0.05) as api:
        answer = await api.get("/orders?after=0:100000000")
        page = await api.page("/orders?after=0:100000000")
    assert (answer.status_code, answer.json()["code"]) == (503, "position-not-reached")
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["position"] == answer.headers["ordertrail-position"]
    assert (page.status_code, "Not there yet" in page.text) == (503, True)


@pytest.mark.parametrize("path", ["/orders", "/", f"/track/{SHOP.token(SHOP.held)}"])
async def test_a_read_after_a_position_that_can_never_come_is_refused_by_the_name_of_its_field(
    api: Api, path: str
) -> None:
    answer = await api.get(f"{path}?after=0:1,99:1")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert "retry-after" not in answer.headers
    assert [(one["field"], one["reason"]) for one in answer.json()["errors"]] == [
        ("after", "partition 99 does not exist")
    ]


async def test_the_timeline_for_programs_carries_the_sentence_in_the_language_asked_for(api: Api) -> None:
    english = (await api.get(f"/orders/{PART_SHIPPED}/timeline?lang=en")).json()["events"]
    chinese = (await api.get(f"/orders/{PART_SHIPPED}/timeline?lang=zh")).json()["events"]
    assert (
        english[0]["sentence"] == f"Order {PART_SHIPPED} placed for Mill Lane Store: 2 lines, requested for 9 Mar 2026."
    )
    assert chinese[0]["sentence"].startswith("为 Mill Lane Store 下单")
    assert [event["version"] for event in english] == list(range(1, len(english) + 1))


async def test_stock_says_what_is_to_be_dealt_with_and_by_whom(api: Api) -> None:
    found = (await api.get("/stock?tasks=yes")).json()["stock"]
    assert [(item["sku"], item["tasks"]) for item in found] == [
        ("84406B", [{"kind": "count-task", "owner": "warehouse"}])
    ]
    assert found[0]["count_asked_at"]


async def test_stock_says_what_is_there_and_what_is_spoken_for(api: Api) -> None:
    item = (await api.get("/stock/22633/main")).json()
    assert (item["on_hand"], item["reserved"], item["available"], item["waiting"]) == (14, 14, 0, 6)
    waiting = (await api.get("/stock?waiting=yes")).json()["stock"]
    assert "22633" in [row["sku"] for row in waiting]
    assert all(row["waiting"] for row in waiting)
    free = (await api.get("/stock?available=yes&limit=200")).json()["stock"]
    assert all(row["available"] > 0 for row in free)
    assert "POPPY 6" in {row["sku"] for row in free}


async def test_pages_of_what_orders_wait_for_join_the_longest_wait_first(api: Api) -> None:
    whole = (await api.get("/stock?waiting=yes")).json()["stock"]
    waits = [(row["waiting_since"], row["sku"]) for row in whole]
    assert waits == sorted(waits)
    seen, path = [], "/stock?waiting=yes&limit=20"
    while path:
        answer = await api.get(path)
        seen += answer.json()["stock"]
        path = answer.links.get("next", {}).get("url", "")
    assert len(seen) > 50
    assert [row["sku"] for row in seen][: len(whole)] == [row["sku"] for row in whole]


async def test_a_cursor_of_stock_by_code_is_none_of_what_orders_wait_for(api: Api) -> None:
    link = (await api.get("/stock?limit=1")).links["next"]["url"]
    assert (await api.get(f"{link}&waiting=yes")).status_code == 422


async def test_a_persons_own_board_comes_first_on_the_start_page_and_all_are_there(api: Api) -> None:
    for role, first in ((Role.PURCHASING, "purchasing"), (Role.FINANCE, "finance"), (Role.AUDITOR, "sales")):
        shown = list((await api.get("/", role)).json()["boards"])
        assert shown[0] == first
        assert sorted(shown) == sorted(board.name for board in BOARDS)


async def test_the_status_names_every_view_and_what_is_promised(shop_url: str) -> None:
    async def ends() -> dict[int, int]:
        return {0: 10_000, 1: 0}

    async with api_on(shop_url, ends=ends) as api:
        told = (await api.get("/status")).json()
    assert [view["name"] for view in told["views"]] == [view.name for view in VIEWS]
    assert told["views"][0]["behind"] > 0
    assert told["parked"] == []
    assert "survives" in told["durability"]


async def test_health_and_problems_are_answered_without_a_token(api: Api) -> None:
    assert (await api.get("/health/live", None)).json() == {"status": "live"}
    assert (await api.get("/problems/position-not-reached", None)).json()["status"] == 503
    assert (await api.get("/openapi.json", None)).status_code == 200
