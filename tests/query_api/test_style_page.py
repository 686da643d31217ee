"""The page of the style shows every part, to people who work here."""

import importlib
import pkgutil
from collections import Counter

import pytest

from domain.order.status import BadgeKind
from domain.roles import Role
from query_api import sentences
from query_api.sentences import LANGUAGES, Language
from tests.query_api.conftest import Api


@pytest.mark.parametrize("language", Language)
async def test_every_headline_badge_and_stage_is_on_the_page_of_the_style(api: Api, language: Language) -> None:
    page = (await api.page("/style", Role.WAREHOUSE, chinese=language is Language.ZH)).text
    words = LANGUAGES[language]
    for said in (*words.headlines.values(), *words.stages.values(), *words.milestones.values()):
        assert f">{said}" in page or f"{said} <b>" in page
    for kind in BadgeKind:
        assert f'<span class="badge {kind}">' in page


async def test_only_people_who_work_here_see_the_page_of_the_style(api: Api) -> None:
    assert (await api.page("/style", Role.CARRIER)).status_code == 403
    assert (await api.page("/style", None)).status_code == 401


@pytest.mark.parametrize("language", Language)
def test_no_two_tables_of_page_words_say_the_same_key(language: Language) -> None:
    found: Counter[str] = Counter()
    for module in pkgutil.iter_modules(sentences.__path__):
        if module.name.startswith(f"{language}_"):
            loaded = vars(importlib.import_module(f"{sentences.__name__}.{module.name}"))
            tables = (table for name, table in loaded.items() if name.endswith("TEXTS"))
            found.update(key for table in tables for key in table)
    assert found.keys() == LANGUAGES[language].texts.keys()
    assert [key for key, times in found.items() if times > 1] == []
