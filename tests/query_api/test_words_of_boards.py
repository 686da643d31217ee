"""A board or a view that nobody gave words is found when the application is built, and not by the first who opens it."""

from typing import cast

import httpx
import pytest
from psycopg_pool import AsyncConnectionPool

from domain.roles import DESKS, Department, Party, Role
from ordertrail.applications import landing
from projections.board import Board
from projections.freshness import PositionWaiter
from projections.registry import BOARDS, VIEWS
from query_api.app import build, words_of_boards
from query_api.company import CompanyCard
from query_api.dependencies import Readers
from query_api.sentences import LANGUAGES, Language, WordMissing, require_words
from tests.query_api.conftest import IDENTITY
from web.kept_forms import MemoryForms
from web.tokens import Caller

NEW = Board("new-desk", 1, {"to-open": None, "to-close": None}, lambda _: None, Department.SALES, frozenset())


def test_every_board_queue_and_view_has_its_words() -> None:
    require_words([*words_of_boards(BOARDS), *(f"view_{view.name}" for view in VIEWS)])


def test_a_board_without_words_is_named_with_every_word_it_lacks() -> None:
    with pytest.raises(
        WordMissing, match="en: board_new-desk, empty_new-desk, queue_to-close, queue_to-open; zh: board_"
    ):
        require_words(words_of_boards([*BOARDS, NEW]))


def test_an_application_is_not_built_where_a_board_lacks_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(cast("dict[str, str]", LANGUAGES[Language.ZH].texts), "queue_to-pick")
    with pytest.raises(WordMissing, match="zh: queue_to-pick"):
        build(readers())


def test_the_words_of_a_view_are_asked_for_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(cast("dict[str, str]", LANGUAGES[Language.EN].texts), "view_stock")
    with pytest.raises(WordMissing, match="en: view_stock"):
        build(readers())


def readers() -> Readers:
    """Readers that have met no database."""

    async def look(caller: Caller, lines: bytes) -> httpx.Response:
        raise AssertionError(caller, lines)

    return Readers(
        pool=AsyncConnectionPool(open=False),
        waiter=PositionWaiter(""),
        identity=IDENTITY,
        company=CompanyCard("test"),
        training=True,
        durability="",
        look=look,
        forms=MemoryForms(),
        partitions=1,
    )


def test_an_order_that_waits_for_anybody_but_us_stands_on_one_board() -> None:
    waited_for = [party for board in BOARDS for party in board.parties]
    assert sorted(waited_for) == sorted(set(Party) - {Party.SYSTEM, Party.NOBODY})


def test_each_department_has_one_board_where_its_people_do_all_that_is_done_at_its_desk() -> None:
    assert [board.department for board in BOARDS] == list(Department)
    for board in BOARDS:
        assert board.parties == {party for party, desk in DESKS.items() if desk is board.department}


def test_a_role_starts_on_one_board_at_most() -> None:
    starts = [role for board in BOARDS for role in board.roles]
    assert len(starts) == len(set(starts))


@pytest.mark.parametrize(
    ("role", "page"),
    [
        (Role.SALES_LEAD, "/boards/sales"),
        (Role.WAREHOUSE, "/boards/warehouse"),
        (Role.LOGISTICS, "/boards/logistics"),
        (Role.FINANCE, "/boards/finance"),
        (Role.CUSTOMER_SERVICE, "/boards/customer-service"),
        (Role.PURCHASING, "/boards/purchasing"),
        (Role.AUDITOR, "/"),
    ],
)
def test_people_start_where_their_work_is(role: Role, page: str) -> None:
    assert landing(role) == page
