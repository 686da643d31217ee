"""English, put together."""

from __future__ import annotations

from query_api.sentences import en_words as words
from query_api.sentences.en_acts import ACTS, FIELD_WORDS, REFUSAL_WORDS
from query_api.sentences.en_badges import BADGE_REFUSALS, BADGE_TEXTS
from query_api.sentences.en_door import DOOR_REFUSALS, DOOR_TEXTS
from query_api.sentences.en_entry import ENTRY_TEXTS
from query_api.sentences.en_events import sentence
from query_api.sentences.en_faults import FAULT_WORDS
from query_api.sentences.en_pages import TEXTS
from query_api.sentences.en_papers import PAPER_TEXTS
from query_api.sentences.en_people import PEOPLE_ACTS, PEOPLE_FIELDS, PEOPLE_TEXTS
from query_api.sentences.en_service import SEARCHED, SERVICE_TEXTS
from query_api.sentences.en_several import TEXTS as SEVERAL
from query_api.sentences.en_shelf import SHELF_TEXTS
from query_api.sentences.en_style import STYLE_TEXTS
from query_api.sentences.en_taking import TAKING_TEXTS
from query_api.sentences.en_troubles import trouble
from query_api.sentences.en_walk import WALK_TEXTS
from query_api.sentences.en_whereabouts import whereabouts
from query_api.sentences.words import Language, Words

WORDS = Words(
    language=Language.EN,
    texts=TEXTS
    | SEVERAL
    | SERVICE_TEXTS
    | ENTRY_TEXTS
    | PAPER_TEXTS
    | TAKING_TEXTS
    | SHELF_TEXTS
    | WALK_TEXTS
    | STYLE_TEXTS
    | PEOPLE_TEXTS
    | DOOR_TEXTS
    | BADGE_TEXTS,
    headlines=words.HEADLINES,
    badges=words.BADGES,
    next_steps=words.NEXT_STEPS,
    parties=words.PARTIES,
    roles=words.ROLES,
    milestones=words.MILESTONES,
    holds=words.HOLDS,
    steps=words.STEPS,
    exceptions=words.EXCEPTIONS,
    outcomes=words.OUTCOMES,
    parcels=words.PARCELS,
    evidence=words.EVIDENCE,
    stages=words.STAGES,
    causes=words.CAUSES,
    channels=words.CHANNELS,
    audiences=words.AUDIENCES,
    sources=words.SOURCES,
    kinds=words.KINDS,
    acts=ACTS | PEOPLE_ACTS,
    fields=FIELD_WORDS | PEOPLE_FIELDS,
    refusals=REFUSAL_WORDS | DOOR_REFUSALS | BADGE_REFUSALS,
    faults=FAULT_WORDS,
    searched=SEARCHED,
    tracked_units=words.TRACKED_UNITS,
    tracked_problems=words.TRACKED_PROBLEMS,
    event_sentence=sentence,
    trouble=trouble,
    units=words.units,
    more_articles=words.more_articles,
    day=words.day,
    duration=words.duration,
    tell_whereabouts=whereabouts,
)
