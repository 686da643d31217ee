"""What people read, in Chinese and English. The only place with words for people; pages ask by code or key."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import tzinfo
from functools import cache
from typing import Final

from query_api.sentences.en import WORDS as EN
from query_api.sentences.words import Language, Words
from query_api.sentences.zh import WORDS as ZH

LANGUAGES: Final[dict[Language, Words]] = {Language.EN: EN, Language.ZH: ZH}


@cache
def spoken(language: Language, zone: tzinfo, named: Callable[[str], str] = str) -> Words:
    """All words of a language, as a company in this time zone that calls its people so says them."""
    return replace(LANGUAGES[language], zone=zone, named=named)


class WordMissing(Exception):
    """A page will ask for a word that a language does not have."""


def require_words(keys: Iterable[str]) -> None:
    """`WordMissing` that names every one of these words that is missing in a language."""
    wanted = set(keys)
    missing = {language: sorted(wanted - words.texts.keys()) for language, words in LANGUAGES.items()}
    if any(missing.values()):
        listed = "; ".join(f"{language}: {', '.join(lacking)}" for language, lacking in missing.items() if lacking)
        raise WordMissing(f"query_api/sentences has no words for {listed}")


__all__ = ["LANGUAGES", "Language", "WordMissing", "Words", "require_words", "spoken"]
