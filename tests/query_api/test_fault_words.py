"""Whatever is wrong with a field is said in the reader's language, not in a library's."""

from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any

import orjson
import pytest

from commands.parsing import read_command
from commands.routes import ROUTED
from domain.decider import Command
from domain.value_rules import VALUE_RULES
from query_api.problem_words import fault_of
from query_api.sentences import LANGUAGES, Language
from tests.streams.samples import AT
from web.forms import FieldKind, FieldShape, document_of, shape_of
from web.problems import Problem

EN, ZH = LANGUAGES[Language.EN], LANGUAGES[Language.ZH]
ODD = (
    *("x", "-1", "0", "1.5", "1e9", "9" * 30, "1" * 13, "-0", "0.0000001", "1,000", "yes", "no", "true"),
    *(
        "2026-02-30",
        "2026-02-30T10:00",
        "2026-03-02",
        "2026-03-02T25:61",
        "9999-12-31T23:59",
        "1066-10-14T09:00",
        "10:00",
    ),
    *("EURO", "XYZ", "e", "长" * 5000, "\u202eabc", "a\u200bb", "\u200d", "\x07", "\u3164", "../..", "=1+1", "a b"),
)


def names(shapes: tuple[FieldShape, ...], prefix: str = "") -> Iterator[str]:
    for shape in shapes:
        inside = f"{prefix}{shape.name}." + ("0." if shape.kind is FieldKind.ROWS else "")
        yield from names(shape.parts, inside) if shape.parts else [f"{prefix}{shape.name}"]


def errors(command: type[Command], fields: list[tuple[str, str]]) -> list[Mapping[str, Any]]:
    try:
        read_command(command, orjson.dumps(document_of(shape_of(command), fields)), AT)
    except Problem as problem:
        return list(problem.document.get("errors", ()))  # type: ignore[arg-type]  # faults, as every 422 lists them
    return []


@pytest.mark.parametrize("command", ROUTED, ids=lambda command: command.__name__)
def test_what_can_be_wrong_with_a_field_of_a_form_has_words_in_either_language(command: type[Command]) -> None:
    fields = list(names(shape_of(command)))
    found = [error for text in ODD for name in fields for error in errors(command, [(name, text)])]
    assert found
    for error in found + errors(command, [("unheard_of", "1")]):
        for words in (EN, ZH):
            assert error["rule"] in words.faults, error
            assert fault_of(error, words)


@pytest.mark.parametrize("rule", VALUE_RULES)
def test_our_own_rules_have_words_that_say_the_same(rule: str) -> None:
    ours = {name for _, name, _, _ in Formatter().parse(VALUE_RULES[rule]) if name}
    for words in (EN, ZH):
        assert {name for _, name, _, _ in Formatter().parse(words.faults[rule]) if name} == ours


def test_both_languages_say_the_same_faults() -> None:
    assert set(EN.faults) == set(ZH.faults)
