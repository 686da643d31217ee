"""What people read, in Chinese and English. The only place with words for people; pages ask by code or key."""

from __future__ import annotations

from typing import Final

from query_api.sentences.en import WORDS as EN
from query_api.sentences.words import Language, Words
from query_api.sentences.zh import WORDS as ZH

LANGUAGES: Final[dict[Language, Words]] = {Language.EN: EN, Language.ZH: ZH}

__all__ = ["LANGUAGES", "Language", "Words"]
