"""Badges and PINs of people: what opens nothing but a registered device, and little there.

Decides: how a scanned badge is compared, which PINs are good, and after how many wrong ones a badge is refused. Must
not know: devices, sessions, who gives badges.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Final, LiteralString
from uuid import UUID

import psycopg

from domain.roles import as_compared
from web.database import Pool, one_row
from web.problems import Problem, ProblemKind
from web.slow_hashes import SlowHashes

SHORTEST_BADGE: Final = 4
LONGEST_BADGE: Final = 200
PIN_DIGITS: Final = 6
MOST_WRONG_PINS: Final = 5
LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Of badges that we make; none that is taken for another one."""
LETTERS_OF_BADGE: Final = 16
EASY_PINS: Final = frozenset(
    "159753 357159 147258 258369 369258 147852 258147 741852 852963 963852 142536 102030".split()
)
"""Figures on a keypad, which no rule below finds."""

BADGE_TAKEN: Final = ProblemKind("badge-taken", 409, "This badge is somebody else's.")
BADGE_TOO_SHORT: Final = ProblemKind("badge-too-short", 422, f"A badge has at least {SHORTEST_BADGE} characters.")
PIN_NO_DIGITS: Final = ProblemKind("pin-six-digits", 422, f"A PIN has {PIN_DIGITS} digits.")
PIN_TOO_EASY: Final = ProblemKind("pin-too-easy", 422, "This PIN is among those that are guessed first.")
PINS_DIFFER: Final = ProblemKind("pins-differ", 422, "The two PINs are not the same.")
BADGE_PROBLEMS: Final = (BADGE_TAKEN, BADGE_TOO_SHORT, PIN_NO_DIGITS, PIN_TOO_EASY, PINS_DIFFER)


@dataclass(frozen=True, slots=True)
class BadgeState:
    """What is told of somebody's badge."""

    given: bool
    has_pin: bool
    refused: bool
    """After too many wrong PINs."""


class Badges:
    """Badges in PostgreSQL (`web.badge`), by person: keyed hashes, for what a card carries may be a short number."""

    GIVE: Final[LiteralString] = (
        "INSERT INTO web.badge (person, hash) VALUES (%s, %s) "
        "ON CONFLICT (person) DO UPDATE SET hash = excluded.hash, failed = 0 RETURNING person"
    )
    TAKE_BACK: Final[LiteralString] = "UPDATE web.badge SET hash = NULL WHERE person = %s RETURNING person"
    FORGET: Final[LiteralString] = "DELETE FROM web.badge WHERE person::text = %s RETURNING person"
    CHOOSE: Final[LiteralString] = (
        "INSERT INTO web.badge (person, pin) VALUES (%s, %s) "
        "ON CONFLICT (person) DO UPDATE SET pin = excluded.pin, failed = 0 RETURNING person"
    )
    STATE: Final[LiteralString] = "SELECT hash IS NOT NULL, pin IS NOT NULL, failed FROM web.badge WHERE person = %s"
    # A try is a failure until it is known to be none: of many at the same moment no more are looked at.
    COUNT: Final[LiteralString] = (
        "UPDATE web.badge SET failed = failed + 1 WHERE hash = %s AND pin IS NOT NULL AND failed < %s "
        "RETURNING person, pin"
    )
    SUCCEEDED: Final[LiteralString] = (
        "UPDATE web.badge SET failed = 0 WHERE person = %s AND hash = %s AND pin = %s RETURNING person"
    )
    FIND: Final[LiteralString] = "SELECT hash, pin FROM web.badge WHERE person = %s"

    def __init__(self, pool: Pool, hashes: SlowHashes, secret: bytes) -> None:
        self._pool = pool
        self._hashes = hashes
        self._secret = secret

    async def give(self, person: UUID, code: str = "") -> str:
        """The person's badge from now on, in place of any earlier one: a card's code, or one that we make."""
        given = code.strip() or "".join(secrets.choice(LETTERS) for _ in range(LETTERS_OF_BADGE))
        if len(as_compared(given)) < SHORTEST_BADGE:
            raise Problem(BADGE_TOO_SHORT)
        try:
            await one_row(self._pool, self.GIVE, (person, self._hashed(given)))
        except psycopg.errors.UniqueViolation:
            raise Problem(BADGE_TAKEN) from None
        return given

    async def take_back(self, person: UUID) -> None:
        """The person has no badge; the PIN waits for the next one."""
        await one_row(self._pool, self.TAKE_BACK, (person,))

    async def forget(self, actor: str) -> None:
        """Nothing of this person is good any more, neither badge nor PIN."""
        await one_row(self._pool, self.FORGET, (actor,))

    async def choose_pin(self, person: UUID, pin: str, again: str) -> None:
        """The person's PIN from now on; `Problem` 422 unless it is a good one. A refused badge is good again."""
        chosen = _digits(pin)
        if len(chosen) != PIN_DIGITS or not chosen.isdecimal():
            raise Problem(PIN_NO_DIGITS)
        if chosen != _digits(again):
            raise Problem(PINS_DIFFER)
        if is_easy(chosen):
            raise Problem(PIN_TOO_EASY)
        await one_row(self._pool, self.CHOOSE, (person, await self._hashes.made_of(chosen)))

    async def state(self, person: UUID) -> BadgeState:
        """What the person has."""
        row = await one_row(self._pool, self.STATE, (person,))
        return BadgeState(row[0], row[1], row[2] >= MOST_WRONG_PINS) if row else BadgeState(*[False] * 3)

    async def matching(self, code: str, pin: str) -> tuple[UUID, str] | None:
        """Whose badge and PIN these are, and a mark of both. Takes as long for nobody's; an empty code is nobody's."""
        hashed = self._hashed(code) if as_compared(code) else b""
        row = await one_row(self._pool, self.COUNT, (hashed, MOST_WRONG_PINS))
        right = await self._hashes.matches("" if row is None else row[1], _digits(pin))
        if row is None or not right or await one_row(self._pool, self.SUCCEEDED, (row[0], hashed, row[1])) is None:
            return None
        return row[0], _mark(hashed, row[1])

    async def stands(self, person: UUID, mark: str) -> bool:
        """Whether the person still has badge and PIN of this mark."""
        row = await one_row(self._pool, self.FIND, (person,))
        return row is not None and None not in row and _mark(*row) == mark

    def _hashed(self, code: str) -> bytes:
        return hmac.digest(self._secret, f"ordertrail badge {as_compared(code[:LONGEST_BADGE])}".encode(), "sha256")


def is_easy(pin: str) -> bool:
    """Whether a PIN is among the first that somebody tries: 000000, 123456, 121212, 123123, 112233, 123321 and such."""
    steps = {(int(after) - int(before)) % 10 for before, after in itertools.pairwise(pin)}
    runs = len(steps) == 1 and steps <= {0, 1, 9}
    repeats = pin in {pin[:2] * 3, pin[:3] * 2, pin[::-1]}
    in_pairs = pin[::2] == pin[1::2]
    return runs or repeats or in_pairs or pin in EASY_PINS


def _digits(pin: str) -> str:
    return "".join(unicodedata.normalize("NFKC", pin[:LONGEST_BADGE]).split())


def _mark(hashed: bytes, pin: str) -> str:
    return hashlib.sha256(bytes(hashed) + pin.encode()).hexdigest()
