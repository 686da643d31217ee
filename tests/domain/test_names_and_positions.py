"""What every part of the system calls streams, partitions, positions and refusals; stored data depends on it."""

import pytest

from domain.access import PERMISSIONS
from domain.decider import Rejected, UnknownOrder
from domain.recorded import Position
from domain.roles import Role
from domain.stream_names import kind_of, name_of, order_stream, partition_of, sku_and_location, stock_stream

ORDER = order_stream("0190b3a8-0000-7000-8000-000000000001")


@pytest.mark.parametrize(
    ("stream", "kind", "name"),
    [(ORDER, "order", "0190b3a8-0000-7000-8000-000000000001"), (stock_stream("A-1@B", "main"), "stock", "A-1@B@main")],
)
def test_a_stream_tells_its_kind_and_its_name(stream: str, kind: str, name: str) -> None:
    assert (kind_of(stream), name_of(stream)) == (kind, name)


def test_a_location_is_what_follows_the_last_at_sign() -> None:
    assert sku_and_location(stock_stream("A-1@B", "main")) == ("A-1@B", "main")


@pytest.mark.parametrize(
    ("stream", "of_4", "of_7"),
    [(ORDER, 0, 3), ("stock-22633@main", 1, 4), ("stock-A-1@B@main", 1, 2), ("stock-POPPY 6@main", 1, 0)],
)
def test_a_stream_never_changes_its_partition(stream: str, of_4: int, of_7: int) -> None:
    assert (partition_of(stream, 4), partition_of(stream, 7)) == (of_4, of_7)


def test_all_locations_of_an_article_are_in_one_partition() -> None:
    partitions = {partition_of(stock_stream("22633", f"store-{number}"), 64) for number in range(50)}
    assert len(partitions) == 1
    assert len({partition_of(stock_stream(f"{number}", "main"), 64) for number in range(50)}) > 1


@pytest.mark.parametrize("position", [Position(0, 1), Position(3, 10**18 - 1), Position(99_999, 7)])
def test_a_position_is_read_as_it_is_written(position: Position) -> None:
    assert Position.parse(str(position)) == position


@pytest.mark.parametrize("text", ["", "1", "1:", ":1", "1:2:3", "a:1", "-1:2", "1:2 ", "100000:1", f"1:{10**18}"])
def test_what_is_no_position_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError, match=r"^a position is written <partition>:<sequence>, not '"):
        Position.parse(text)


def test_a_long_text_that_is_no_position_is_not_repeated() -> None:
    with pytest.raises(ValueError, match=f"not '{'x' * 40}'$"):
        Position.parse("x" * 1_000)


class TooManyPens(Rejected):
    """There are more pens than pockets.

    Nobody reads this.
    """


def test_a_refusal_has_its_classs_name_as_code_and_its_first_line_as_title() -> None:
    assert (TooManyPens.code(), TooManyPens.title()) == ("too-many-pens", "There are more pens than pockets.")
    assert UnknownOrder.code() == "unknown-order"


def test_a_refusal_says_its_sentence_and_keeps_what_the_rule_looked_at() -> None:
    refused = TooManyPens("7 of 3.", pens=7, pockets=3)
    assert str(refused) == "There are more pens than pockets. 7 of 3."
    assert (refused.detail, refused.facts, refused.version) == ("7 of 3.", {"pens": 7, "pockets": 3}, None)
    assert str(TooManyPens()) == "There are more pens than pockets."


def test_an_administrator_may_send_whatever_a_person_may_send() -> None:
    of_people = {command for command, roles in PERMISSIONS.items() if roles - {Role.WORKFLOW}}
    assert all(Role.ADMIN in PERMISSIONS[command] for command in of_people)
    assert not any(Role.ADMIN in PERMISSIONS[command] for command in PERMISSIONS.keys() - of_people)
