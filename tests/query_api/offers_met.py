"""What people are offered in the random histories of a small company: every act there is, each with the state it is of."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from random import Random
from typing import Any
from uuid import UUID

from domain.catalogue import DECIDERS
from domain.decider import Command, Context, Event
from domain.offering import Offer
from domain.offers import people_offers, stock_offers
from domain.paged_map import PagedMap
from domain.person.state import Member, Register
from domain.roles import Role
from domain.stock.commands import ReceiveStock
from domain.stream_names import PEOPLE, kind_of, stock_stream
from domain.values import MAIN
from query_api.offer_forms import key_of
from tests.domain.laws.offers import offered
from tests.domain.laws.people import SKUS
from tests.domain.laws.play import history
from tests.life import Life, line
from tests.spec import NOW

HISTORIES = 30


@dataclass(frozen=True)
class Met:
    """An offer, of what it was made, and to whom."""

    offer: Offer
    state: Any
    who: Context

    def decided(self, command: Command) -> list[Event]:
        """What a command would lead to there and then."""
        return list(DECIDERS[kind_of(self.offer.stream)].decide(self.state, command, self.who))


@cache
def met() -> tuple[Met, ...]:
    """Offers of many lives, each once. One for all tests; nobody changes it."""
    found: dict[str, Met] = {key_of(each.offer): each for each in before_the_workflow()}

    def look(life: Life, streams: list[str]) -> None:
        found.update({key_of(each.offer): each for each in (*of_orders(life, streams), *of_stock(life))})

    for number in range(HISTORIES):
        history(Random(number), look)
    return (*found.values(), *of_people())


def before_the_workflow() -> Iterator[Met]:
    """Of an order to which stock has just answered: the workflow does next what people might do."""
    life = Life()
    life.do(stock_stream(SKUS[0], MAIN), ReceiveStock(quantity=2))
    stream = life.submit_order(line(SKUS[0], 2))
    while not life.deliveries.quiet():
        life.tick()
        yield from of_orders(life, [stream])


def of_orders(life: Life, streams: list[str]) -> Iterator[Met]:
    """To somebody who has touched them and to somebody who has not: whoever has taken one is offered something else."""
    for stream, actor in product(streams, ("eve", "ada")):
        who = Context(actor=actor, role=Role.ADMIN, occurred_at=life.now, stream=stream)
        for offer in offered(life, life.order(stream), who):
            state = life.states.get(offer.stream) or DECIDERS[kind_of(offer.stream)].initial(offer.stream)
            yield Met(offer, state, replace(who, stream=offer.stream))


def of_stock(life: Life) -> Iterator[Met]:
    """Of an article."""
    stream = stock_stream(SKUS[0], MAIN)
    who = Context(actor="eve", role=Role.ADMIN, occurred_at=life.now, stream=stream)
    for offer in stock_offers(life.stock(SKUS[0]), len(life.streams.get(stream, ())), who):
        yield Met(offer, life.stock(SKUS[0]), who)


def of_people() -> Iterator[Met]:
    """Of somebody who works with us, and of somebody who has left."""
    here, gone = (Member(UUID(int=n), f"person {n}", None, ((Role.SALES, None),), active=n == 1) for n in (1, 2))
    register = Register(PagedMap({here.id: here, gone.id: gone}))
    who = Context(actor="eve", role=Role.ADMIN, occurred_at=NOW, stream=PEOPLE)
    for each in (None, here, gone):
        for offer in people_offers(register, each, 3, who):
            yield Met(offer, register, who)
