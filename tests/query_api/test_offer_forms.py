"""Every offer has a form by which it can be sent, in words of either language, and a refusal is shown beside its field."""

import json
from dataclasses import replace
from random import Random

import pytest

from commands.problems import kinds
from commands.routes import ROUTED
from domain.offering import Act, Offer, OneOf
from domain.order.commands import Pack, PlaceOrder
from domain.order.terms import Outcome
from domain.stock.commands import CountStock
from query_api.offer_forms import LEFT_OUT, OfferForm, address_of, form_of, key_of, outline_of
from query_api.sentences import LANGUAGES, Language, Words
from tests.domain.laws.offers import filled_in
from tests.query_api.offers_met import met
from web.forms import FieldShape, document_of, fields_of, shape_of
from web.kept_forms import KeptForm
from web.problems import EDGE_PROBLEMS

EN, ZH = LANGUAGES[Language.EN], LANGUAGES[Language.ZH]
both = pytest.mark.parametrize("words", LANGUAGES.values(), ids=lambda words: words.language.value)


def names_in(shapes: tuple[FieldShape, ...]) -> set[str]:
    return {shape.name for shape in shapes} | {name for shape in shapes for name in names_in(shape.parts)}


@both
def test_every_field_of_every_command_that_is_offered_is_called_something(words: Words) -> None:
    offered_ones = [command for command in ROUTED if command.__name__ != "PlaceOrder"]
    in_forms = set().union(*(names_in(shape_of(command)) for command in offered_ones))
    where = f"FIELD_WORDS of query_api/sentences/{words.language}_acts.py"
    assert in_forms - words.fields.keys() == set(), f"{where} calls these nothing"
    assert words.fields.keys() - in_forms - names_in(shape_of(PlaceOrder)) == set(), f"{where} calls what no form has"


@both
def test_every_choice_is_called_something(words: Words) -> None:
    for command in ROUTED[1:]:
        for shape in (*shape_of(command), *(part for field in shape_of(command) for part in field.parts)):
            for value in shape.choices or ():
                assert words.choice(value)


def test_every_refusal_is_said_in_chinese() -> None:
    told = {kind.code for kind in (*EDGE_PROBLEMS, *kinds())}
    assert told - ZH.refusals.keys() == set(), "REFUSAL_WORDS of query_api/sentences/zh_acts.py lacks these"


def names(form: OfferForm) -> set[str]:
    rows = {name for row in form.rows for name, _ in row.hidden} | {
        f.name for row in form.rows for f in (*row.fields, *row.aside)
    }
    return {name for name, _ in form.hidden} | {f.name for f in (*form.fields, *form.aside)} | rows


def test_whatever_an_offer_allows_can_be_said_in_its_form() -> None:
    offers = [each.offer for each in met()]
    assert {offer.act for offer in offers} == set(Act)
    for number, offer in enumerate(offers):
        form, sent = form_of(offer, EN), filled_in(Random(number), offer)
        if not offer.command.fact:
            sent = sent.model_copy(update={"occurred_at": None})
        document = sent.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
        typed = list(fields_of(by_line(document)))
        missing = {name for name, _ in typed} - names(form)
        assert not {name for name in missing if name.rpartition(".")[2] not in LEFT_OUT}, offer
        read = document_of(shape_of(offer.command), [pair for pair in typed if pair[0] in names(form)])
        assert offer.command.model_validate_json(json.dumps(read)) == sent


def test_only_of_a_fact_it_can_be_said_when_it_happened() -> None:
    for offer in (each.offer for each in met()):
        assert ("occurred_at" in names(form_of(offer, EN))) is offer.command.fact, offer.act


def by_line(document: dict[str, object]) -> dict[str, object]:
    """Rows under the number of their line, as forms have them."""
    return {
        name: {str(row["line"]): row for row in value}
        if isinstance(value, list) and value and isinstance(value[0], dict)
        else value
        for name, value in document.items()
    }


def packing() -> Offer:
    return next(each.offer for each in met() if each.offer.command is Pack)


def refused(offer: Offer, fields: list[tuple[str, str]], **problem: object) -> KeptForm:
    return KeptForm("ada", (("act", key_of(offer)), *fields), problem)


@pytest.mark.parametrize(
    ("typed_at", "carried"),
    [("0", 0), ("1", 1), ("", None), ("99999", None), ("x", None), ("٣", None), ("9" * 5_000, None)],
)
def test_what_was_typed_is_sent_again_with_the_version_at_which_it_was_typed(
    typed_at: str, carried: int | None
) -> None:
    for offer in (each.offer for each in met()):
        kept = refused(offer, [("version", typed_at)], code="invalid", title="Bad.")
        assert form_of(offer, EN, kept).version == (offer.version if carried is None else min(carried, offer.version))
        assert form_of(offer, EN).version == offer.version


def test_a_reason_stands_beside_the_row_that_was_typed_not_the_one_that_was_counted() -> None:
    offer = packing()
    line = offer.limits["contents"].lines[0].line  # type: ignore[union-attr]  # a pack is of units
    typed = [("contents.99.line", "99"), ("contents.99.quantity", ""), (f"contents.{line}.line", str(line))]
    error = {"field": "contents.0.quantity", "reason": "Input should be a valid integer", "rule": "int_type"}
    kept = refused(offer, [*typed, (f"contents.{line}.quantity", "six")], code="invalid", title="Bad.", errors=[error])
    for words, trouble, reason in (
        (EN, "Bad.", "must be a number"),
        (ZH, "有些内容不正确。", "须是数字"),
    ):
        form = form_of(offer, words, kept)
        (field,) = (f for row in form.rows for f in row.fields if f.name == f"contents.{line}.quantity")
        assert (form.trouble, field.value, field.error) == (trouble, "six", reason)


def test_a_reason_that_belongs_to_no_field_is_shown_above() -> None:
    offer = packing()
    kept = refused(offer, [], code="invalid", title="Bad.", errors=[{"field": "price", "reason": "unknown field"}])
    assert form_of(offer, EN, kept).elsewhere == ("unknown field",)


def test_what_nothing_undoes_is_done_by_no_single_click_though_nothing_is_to_be_filled_in() -> None:
    offer = next(each.offer for each in met() if each.offer.act is Act.CANCEL_ORDER)
    decided = replace(offer, given=dict.fromkeys(shape.name for shape in shape_of(offer.command)))
    assert (outline_of(decided, EN).one_click, outline_of(decided, EN).asks_first) == (False, True)
    assert outline_of(replace(decided, command=CountStock, stream="stock-MUG@main"), EN).one_click is False
    undone = next(each.offer for each in met() if each.offer.act is Act.START_PICK)
    assert (outline_of(undone, EN).one_click, outline_of(undone, EN).asks_first) == (True, False)


def test_nobody_has_to_name_units_of_every_line() -> None:
    form = form_of(packing(), EN)
    assert not any(field.required for row in form.rows for field in row.fields)


def test_an_address_leads_there_whatever_the_article_is_called() -> None:
    offer = replace(packing(), stream="stock-POPPY 6+@main", command=CountStock)
    assert address_of(offer) == "/commands/stock/POPPY%206%2B/main/count"


def test_a_reason_that_belongs_to_all_rows_is_shown_above_them_and_not_once_more() -> None:
    error = {"field": "contents", "reason": "nothing is named", "rule": "odd"}
    form = form_of(packing(), EN, refused(packing(), [], code="invalid", title="Bad.", errors=[error]))
    assert (form.rows_error, form.elsewhere) == ("nothing is named", ())


def test_where_the_state_allows_few_values_one_of_them_has_to_be_chosen() -> None:
    resolve = next(each.offer for each in met() if each.offer.act is Act.RESOLVE_EXCEPTION)
    offer = replace(resolve, given={"exception": 1}, limits={"outcome": OneOf((Outcome.LOST, Outcome.RETURNED))})
    (field,) = (field for field in form_of(offer, EN).fields if field.name == "outcome")
    assert field.required
    assert [choice.value for choice in field.choices] == [Outcome.LOST, Outcome.RETURNED]
    assert not next(shape for shape in shape_of(offer.command) if shape.name == "outcome").required


def test_several_ticks_of_one_field_are_all_shown_again() -> None:
    offer = next(each.offer for each in met() if each.offer.act is Act.HOLD)
    kept = refused(offer, [("blocks", "send"), ("blocks", "hand-over")], code="invalid", title="Bad.")
    (field,) = (field for field in form_of(offer, EN, kept).aside if field.name == "blocks")
    assert [choice.value for choice in field.choices if choice.chosen] == ["send", "hand-over"]
