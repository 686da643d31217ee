"""Every code and every event has words in both languages, and none of the inner words among them."""

import dataclasses
import re
import string
from enum import Enum

import pytest

from domain.catalogue import EVENTS
from domain.event_values import DateSource, LineKind
from domain.offering import Act
from domain.order.events import Resumed
from domain.order.status import Badge, BadgeKind, Headline, Milestone, NextAction
from domain.order.terms import (
    Audience,
    Bucket,
    CancelCause,
    Channel,
    Evidence,
    ExceptionCode,
    HoldType,
    Outcome,
    ParcelStatus,
    Step,
)
from domain.roles import Party, Role
from projections.search_terms import SearchField
from projections.tracking_document import TrackedProblem, UnitState
from query_api.rendering import GLYPHS
from query_api.sentences import LANGUAGES, Language, Words
from query_api.sentences.words import PEOPLE_IN_SENTENCES, Naming
from tests.streams.samples import SAMPLES

FORBIDDEN = re.compile(r"fulfil|allocat|bucket|stream|projection", re.IGNORECASE)
CHINESE = re.compile(r"[一-鿿]")

TABLES: dict[str, type[Enum]] = {
    "headlines": Headline,
    "searched": SearchField,
    "badges": BadgeKind,
    "next_steps": NextAction,
    "parties": Party,
    "roles": Role,
    "milestones": Milestone,
    "holds": HoldType,
    "steps": Step,
    "exceptions": ExceptionCode,
    "outcomes": Outcome,
    "parcels": ParcelStatus,
    "evidence": Evidence,
    "stages": Bucket,
    "causes": CancelCause,
    "channels": Channel,
    "audiences": Audience,
    "sources": DateSource,
    "kinds": LineKind,
    "acts": Act,
    "tracked_units": UnitState,
    "tracked_problems": TrackedProblem,
}

both = pytest.mark.parametrize("words", LANGUAGES.values(), ids=lambda words: words.language.value)


def by_number(line: int) -> str:
    return f"line {line}"


NAMING: Naming = by_number
SAMPLE_OF = {type(sample): sample for sample in SAMPLES}


@both
@pytest.mark.parametrize("table", TABLES)
def test_every_code_has_a_word(words: Words, table: str) -> None:
    told = getattr(words, table)
    assert set(told) == set(TABLES[table]), f"`{table}`, put together in query_api/sentences/{words.language}.py"
    assert all(told.values())


def test_every_headline_and_badge_has_a_glyph_of_its_own() -> None:
    assert set(GLYPHS) == {*Headline, *BadgeKind}
    assert len(set(GLYPHS.values())) == len(GLYPHS)


@both
@pytest.mark.parametrize("event_class", EVENTS.values(), ids=lambda event: event.__name__)
def test_every_event_has_a_sentence(words: Words, event_class: type) -> None:
    assert event_class in SAMPLE_OF, f"SAMPLES in tests/streams/samples.py has no {event_class.__name__}"
    sentence = words.sentence(SAMPLE_OF[event_class], NAMING)
    assert sentence
    assert bool(CHINESE.search(sentence)) is (words.language is Language.ZH)


@both
def test_a_sentence_calls_people_as_they_are_called_and_not_by_the_id_under_which_they_act(words: Words) -> None:
    known = dataclasses.replace(words, named=lambda actor: f"«{actor}»")
    told = 0
    for event in SAMPLE_OF.values():
        sentence = known.sentence(event, NAMING)
        for field in PEOPLE_IN_SENTENCES:
            actor = getattr(event, field, None)
            if isinstance(actor, str) and actor in sentence:
                told += 1
                assert sentence.count(actor) == sentence.count(f"«{actor}»"), sentence
    assert told >= len(PEOPLE_IN_SENTENCES)


@pytest.mark.parametrize(("language", "said"), [(Language.EN, "Hold 1 lifted."), (Language.ZH, "暂停 1 已解除。")])
def test_a_lifted_hold_does_not_say_that_the_order_goes_on_for_another_may_stand(language: Language, said: str) -> None:
    assert LANGUAGES[language].sentence(SAMPLE_OF[Resumed], NAMING) == said


def test_both_languages_have_the_same_page_words_with_the_same_places() -> None:
    english, chinese = (LANGUAGES[language].texts for language in (Language.EN, Language.ZH))
    assert {key: places(text) for key, text in english.items()} == {key: places(text) for key, text in chinese.items()}


def test_no_english_page_word_puts_a_plural_behind_a_number_that_may_be_one() -> None:
    several = {"changes"}  # said of two and more; of one, `one_change`
    texts = (text for key, text in LANGUAGES[Language.EN].texts.items() if key not in several)
    assert [text for text in texts if re.search(r"\} (?!is )(?:more )?\w+s\b", text)] == []


@both
def test_no_inner_word_is_shown(words: Words) -> None:
    tables = [getattr(words, table).values() for table in TABLES]
    assert not [text for table in [*tables, words.texts.values()] for text in table if FORBIDDEN.search(text)]


def test_badges_carry_counts_and_details() -> None:
    words = LANGUAGES[Language.EN]
    assert words.badge(Badge(BadgeKind.PART_SHIPPED, 6, 10)) == "Part shipped 6/10"
    assert words.badge(Badge(BadgeKind.PART_SHIPPED, 1_382, 1_440)) == "Part shipped 1,382/1,440"
    assert words.badge(Badge(BadgeKind.ON_HOLD, 1, detail="credit")) == "On hold (Credit)"
    assert words.badge(Badge(BadgeKind.PROBLEM, 1, detail="short-pick")) == "Problem (Short pick)"


def test_every_table_of_a_language_is_tested() -> None:
    in_forms = {"fields", "refusals", "faults"}  # tested with the forms
    made = {
        "event_sentence",
        "named",
        "trouble",
        "units",
        "more_articles",
        "day",
        "duration",
        "tell_whereabouts",
        "zone",
    }
    others = in_forms | made | {"language", "texts"}
    assert {field.name for field in dataclasses.fields(Words)} - others == set(TABLES)


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
