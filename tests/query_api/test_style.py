"""The style sheets keep their promises: contrast in light and dark, room for thumbs, no foreign files."""

import gzip
import re

import pytest

from query_api.rendering import STATIC

CSS = "".join((STATIC / name).read_text() for name in ("ordertrail.css", "work.css"))
LIGHT, DARK = re.findall(r":root \{(.*?)\}", CSS, flags=re.DOTALL)[:2]
READABLE = 4.5  # WCAG 2.2 AA, text of ordinary size

PAIRS = [
    ("ink", "paper"), ("ink", "card"), ("ink", "tint"), ("soft", "paper"), ("soft", "card"), ("accent", "paper"), ("accent", "card"),
    ("accent", "tint"), ("on-accent", "accent"), ("warn", "warn-bg"), ("bad", "bad-bg"), ("bad", "card"), ("good", "good-bg"), ("good", "card"),
    ("move", "move-bg"), ("move", "card"),
]  # fmt: skip


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", block))


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("pair", PAIRS, ids="-on-".join)
@pytest.mark.parametrize("block", [LIGHT, DARK], ids=["light", "dark"])
def test_text_can_be_read_in_light_and_in_dark(block: str, pair: tuple[str, str]) -> None:
    named = {**colours(LIGHT), **colours(block)}
    darker, lighter = sorted(luminance(named[name]) for name in pair)
    assert (lighter + 0.05) / (darker + 0.05) >= READABLE


def test_nothing_is_fetched_from_elsewhere() -> None:
    assert not re.search(r"url\(|@import|https?:", CSS)


def test_what_is_pressed_has_room_for_a_thumb() -> None:
    for selector in ("button, .button", "input, select, textarea", r"\.queues a", r"\.top a"):
        assert re.search(selector + r" \{[^}]*min-height: 44px", CSS)


def test_focus_is_seen_and_motion_is_spared() -> None:
    assert ":focus-visible { outline:" in CSS
    assert not re.search(r"transition(?![^@]*prefers-reduced-motion)", CSS.split("@media (prefers-reduced-motion")[0])


def test_all_scripts_together_are_small_and_ask_nobody_else() -> None:
    scripts = [path.read_bytes() for path in STATIC.glob("*.js")]
    assert sum(len(gzip.compress(each)) for each in scripts) <= 40_000
    assert not [each for each in scripts if re.search(rb"https?:|import[ (]", each)]
