"""Every command that people may send, met where it is offered: its form, its words, its preview and who may send it."""

import json
from random import Random
from typing import Any

import pytest

from commands.preview import require_as_shown
from commands.routes import ROUTED
from domain.access import STAFF, may
from domain.catalogue import EVENTS, event_type
from domain.decider import Command
from domain.order.commands import PlaceOrder
from query_api.offer_forms import form_of
from query_api.sentences import LANGUAGES
from tests.domain.laws.offers import filled_in
from tests.query_api.offers_met import met
from tests.query_api.test_offer_forms import by_line, names
from web.forms import document_of, fields_of, shape_of

HAS_A_PAGE_OF_ITS_OWN = PlaceOrder


@pytest.mark.parametrize(
    "command",
    [each for each in ROUTED if each is not HAS_A_PAGE_OF_ITS_OWN],
    ids=lambda command: command.__name__,
)
def test_a_command_is_offered_and_its_form_does_and_says_what_json_does(command: type[Command]) -> None:
    found = next(each for each in met() if each.offer.command is command)
    assert any(may(role, command) for role in STAFF)
    sent = filled_in(Random(1), found.offer)
    events = found.decided(command.model_validate_json(sent.model_dump_json(exclude_none=True)))
    assert events
    told: list[dict[str, Any]] = [
        {"type": event_type(type(each)), "data": each.model_dump(mode="json", exclude_none=True)} for each in events
    ]
    for words in LANGUAGES.values():
        allowed = names(form_of(found.offer, words))
        typed = fields_of(by_line(sent.model_dump(mode="json", exclude_none=True, exclude_defaults=True)))
        document = document_of(shape_of(command), [pair for pair in typed if pair[0] in allowed])
        by_form = command.model_validate_json(json.dumps(document))
        assert found.decided(by_form) == events
        require_as_shown(told, by_form, found.state, found.who)
        assert words.acts[found.offer.act]
        for each in told:
            assert words.sentence(EVENTS[each["type"]].model_validate(each["data"]), str).strip()
