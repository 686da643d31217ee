"""Which characters a text of ours may hold.

Decides: that everybody reads the same: no character that controls, turns or hides what is written. Must not know:
fields, lengths.
"""

from __future__ import annotations

import re
from typing import Final

from domain.value_rules import broken

# Unicode's categories Cc and Cs: control characters and lone surrogates.
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
CONTROL_IN_NOTE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

# They turn the order of what is read: `U+202E` shows "gpj.exe" as "exe.jpg". Unicode's bidi embeddings and isolates.
BIDI: Final = re.compile(r"[\u202a-\u202e\u2066-\u2069]")

# Nobody sees them, so that texts look alike that are not, or one line becomes two: soft hyphens, marks, spaces without
# width, separators of lines, tags. Arabic signs of the same category (Cf) are seen and may stay.
INVISIBLE: Final = re.compile(
    r"[\u00ad\u061c\u180e\u200b\u200e\u200f\u2028\u2029\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff]"
)

# Persian and Hindi words and many emoji hold joiners (U+200C, U+200D), each between two characters of their own.
STRAY_JOINER: Final = re.compile(
    r"(?<![^\x00-\xa0\u200c\u200d])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\xa0\u200c\u200d])"
)

# Unicode calls them letters, signs or marks; alone they show nothing.
BLANK: Final = re.compile(
    r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\ufe00-\ufe0f\U0001d159\U000e0100-\U000e01ef]"
)


def _readable(controls: re.Pattern[str], text: str) -> str:
    _refuse(controls, text, "control_character")
    if not text.isascii():
        _refuse(BIDI, text, "turns_around")
        _refuse(INVISIBLE, text, "invisible")
        _refuse(STRAY_JOINER, text, "joins_nothing")
    if is_blank(text):
        raise broken("blank")
    return text


def is_blank(text: str) -> bool:
    """Whether nobody sees anything of it."""
    return not any(
        character.isprintable() and not character.isspace() and not BLANK.match(character) for character in text
    )


def _refuse(characters: re.Pattern[str], text: str, rule: str) -> None:
    found = characters.search(text)
    if found is not None:
        raise broken(rule, character=f"U+{ord(found[0]):04X}", position=found.start() + 1)


def readable_line(text: str) -> str:
    """The text, if it is one line of which something is seen."""
    return _readable(CONTROL, text)


def readable_note(text: str) -> str:
    """The text with plain newlines, if something of it is seen."""
    return _readable(CONTROL_IN_NOTE, text.replace("\r\n", "\n"))
