"""The laws of orders and stock, each over histories of a small company in which anything may happen.

A history is drawn with a source of luck: hypothesis's own, which makes a failing one smaller, or in the soak a seed's.
"""

from collections.abc import Callable
from random import Random
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.laws.at_rest import (
    assert_no_message_is_astray,
    assert_no_portion_is_left,
    assert_no_unit_lies_idle,
    assert_nobody_sees_what_is_not_theirs,
    assert_nobody_waits_for_the_system,
    assert_nothing_is_kept_for_a_closed_order,
    assert_order_and_stock_agree,
    assert_units_add_up,
    assert_who_is_waited_for_sees_it,
)
from tests.domain.laws.changes import assert_last_changes_are_named
from tests.domain.laws.confluence import assert_one_outcome, plenty, scarcity
from tests.domain.laws.facts import assert_complaints_stay, assert_left_an_event, assert_no_receipt_is_dropped
from tests.domain.laws.offers import assert_offers_hold
from tests.domain.laws.play import history
from tests.domain.laws.policies import Cancellations, assert_policies_are_kept, assert_whole_or_nothing
from tests.domain.laws.to_the_end import bring_to_an_end, one_by_one
from tests.domain.laws.truth import assert_book_is_the_shelf
from tests.domain.laws.turns import assert_served_in_turn
from tests.life import Life

Law = Callable[[Random], None]


def every_policy(luck: Random) -> None:
    """Whatever its policy, an order gets what it was promised, and order and stock agree on every unit."""

    def check(life: Life, streams: list[str]) -> None:
        assert_order_and_stock_agree(life, streams)
        assert_policies_are_kept(life, streams)
        assert_whole_or_nothing(life, streams)

    life, streams = history(luck, check)
    assert_units_add_up(life, streams)
    assert_served_in_turn(life, streams)


def quiescence(luck: Random) -> None:
    """At rest nobody waits for the system or unseen, nothing is reserved for a closed order, no unit lies beside who could take it."""

    def check(life: Life, streams: list[str]) -> None:
        assert_nobody_waits_for_the_system(life, streams)
        assert_who_is_waited_for_sees_it(life, streams)
        assert_nobody_sees_what_is_not_theirs(life, streams)
        assert_nothing_is_kept_for_a_closed_order(life, streams)
        assert_no_unit_lies_idle(life, streams)
        assert_no_portion_is_left(life, streams)
        assert_no_message_is_astray(life, streams)

    history(luck, check)


def nothing_vanishes(luck: Random) -> None:
    """Every fact leaves an event, and every order, whatever happened to it, comes to an end; whoever complains after it is heard."""
    life, streams = history(luck, lambda _life, _streams: None, assert_left_an_event)
    assert_no_receipt_is_dropped(life, streams)
    bring_to_an_end(life, one_by_one(luck, streams))
    assert_complaints_stay(life, streams, luck)


def confluence_of_plenty(luck: Random) -> None:
    """Where stock suffices, each order gets the same however things are delivered, whatever the policies."""
    assert_one_outcome(luck, plenty, bursts=6, keep_turns=False)


def confluence_of_scarcity(luck: Random) -> None:
    """Where stock does not suffice, who asked each item first decides, and nothing else of how things are delivered."""
    assert_one_outcome(luck, scarcity, bursts=3, keep_turns=True)


def nothing_is_refused_in_vain(luck: Random) -> None:
    """No unit is cancelled by us that lies free once all is quiet, unless a person or a receipt freed it later."""
    cancellations = Cancellations()
    history(luck, cancellations.assert_none_lies_free)


def the_book_is_the_shelf(luck: Random) -> None:
    """Where nobody errs, the book says what lies there, however late receipts, picks and counts are entered."""
    assert_book_is_the_shelf(luck)


def offers_are_taken(luck: Random) -> None:
    """What is offered is taken, what is not is not, and whoever an order waits for is offered what it waits for."""
    others = Random(luck.random())  # what is tried at each rest is too much to be made smaller
    history(luck, lambda life, streams: assert_offers_hold(life, streams, others), bursts=10)


def why_names_the_last_change(luck: Random) -> None:
    """Of every value that an order shows: before the event named it was another one, after it and since it is this one."""
    life, streams = history(luck, lambda _life, _streams: None)
    assert_last_changes_are_named(life, streams)


LAWS: Final[tuple[Law, ...]] = (
    every_policy,
    quiescence,
    nothing_vanishes,
    confluence_of_plenty,
    confluence_of_scarcity,
    nothing_is_refused_in_vain,
    the_book_is_the_shelf,
    offers_are_taken,
    why_names_the_last_change,
)
LUCK: Final = st.randoms(use_true_random=False)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_law(law: Law) -> None:
    @given(LUCK)
    @settings(max_examples=settings().max_examples // 2)
    def holds(luck: Random) -> None:
        law(luck)

    holds()


SOAKED: Final = 20_000
PORTIONS: Final = 4
"""Of a law's examples: one law takes as long as four others, and two processes are to end together."""


@pytest.mark.soak
@pytest.mark.parametrize("portion", range(PORTIONS))
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_law_holds_for_long(law: Law, portion: int, request: pytest.FixtureRequest) -> None:
    """A failing example is `law(Random("<seed> <number>"))`; --hypothesis-seed gives the seed again."""
    most = SOAKED // PORTIONS
    seed = request.config.getoption("--hypothesis-seed") or Random().randrange(2**32)
    print(f"{law.__name__}: {most} examples from {portion * most}, seed {seed}")  # noqa: T201 - `make soak` shows it
    for number in range(portion * most, (portion + 1) * most):
        try:
            law(Random(f"{seed} {number}"))
        except Exception as error:
            raise AssertionError(f"{law.__name__} with Random('{seed} {number}'): {error}") from error
