"""By what an article is found: bins and codes, few of each, the newest ones."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from domain.catalogue import STOCK
from domain.order.command_terms import PickedUnits
from domain.stock.commands import CountStock, ReceiveStock, StockCommand, TeachCode
from domain.stock.events import CodeTaught
from domain.stock.finding import MOST_BINS, MOST_CODES
from domain.stock.state import StockItem, TaughtCode
from streams.state_codec import dump, load
from tests.domain.stock.example import ADA, CONTEXT, STREAM, after, receive, stage, want
from tests.spec import NOW

EAN = "4006381333931"


def known(state: StockItem) -> list[tuple[str, int]]:
    return [(code.code, code.factor) for code in state.codes]


def test_the_bin_that_was_named_last_is_looked_into_first() -> None:
    put = ReceiveStock(quantity=9, bin="A-01"), CountStock(counted=9, bin="B-02")
    assert after(*put).state.bins == ("B-02", "A-01")
    assert after(*put, receive(1)).state.bins == ("B-02", "A-01")
    assert after(*put, want(ADA, 1), stage(ADA, 1).model_copy(update={"bin": "A-01"})).state.bins == ("A-01", "B-02")


def test_a_code_that_is_taught_again_stands_for_what_was_said_last() -> None:
    taught = after(TeachCode(article_code=EAN), TeachCode(article_code="PACK", factor=6))
    assert known(taught.state) == [(EAN, 1), ("PACK", 6)]
    assert known(taught.when(TeachCode(article_code=EAN, factor=12)).state) == [("PACK", 6), (EAN, 12)]


def test_teaching_what_is_known_already_says_something_for_another_article_may_have_been_taught_it_meanwhile() -> None:
    taught = after(TeachCode(article_code=EAN))
    taught.when(TeachCode(article_code=EAN)).then(CodeTaught(occurred_at=NOW, article_code=EAN, factor=1))


def test_an_item_remembers_few_bins_and_codes_the_newest_and_all_of_them_come_back() -> None:
    state = STOCK.initial(STREAM)
    commands = [ReceiveStock(quantity=1, bin=f"{number:040}") for number in range(MOST_BINS + 3)]
    codes = [TeachCode(article_code=f"{number:080}", factor=10**9) for number in range(MOST_CODES + 3)]
    everything: list[StockCommand] = [*commands, *codes]
    for command in everything:
        for event in STOCK.decide(state, command, CONTEXT):
            state = STOCK.evolve(state, event)
    assert state.bins == tuple(command.bin for command in reversed(commands[-MOST_BINS:]))
    assert [code.code for code in state.codes] == [command.article_code for command in codes[-MOST_CODES:]]
    assert len(dump(state)) <= 5_000
    assert load("stock", dump(state)) == state


def test_a_code_is_the_same_however_wide_it_is_typed_and_a_bin_in_whichever_case() -> None:
    assert TeachCode(article_code=" ４００６３８ ").article_code == "400638"
    assert ReceiveStock(quantity=1, bin="　ａ-03 ").bin == PickedUnits(line=1, quantity=1, bin="A-03").bin == "A-03"


@pytest.mark.parametrize("code", ["", "  ", "　", "A\x1dB", "A\u200bB", "9" * 81])
def test_what_no_scanner_reads_is_no_code(code: str) -> None:
    with pytest.raises(ValidationError):
        TeachCode(article_code=code)


def test_when_a_code_was_taught_is_when_somebody_said_so() -> None:
    late = NOW - timedelta(hours=1)
    state = after(TeachCode(article_code=EAN, factor=2, occurred_at=late)).state
    assert state.codes == (TaughtCode(EAN, 2, late),)
