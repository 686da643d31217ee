"""Sheets as people read them: each in its reader's language, with its code drawn.

Decides: in which language a paper is. Must not know: HTTP, what stands on which paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final

from markupsafe import Markup

from domain.access import sights
from domain.roles import Role
from projections.order import OrderRow
from query_api.codes import qr
from query_api.papers import FOR_CUSTOMER, Paper, Sheet, papers_for, sheets_of
from query_api.sentences import Language, Words, spoken
from web.sight import Onlooker

HTML_LANGUAGES: Final = {Language.EN: "en", Language.ZH: "zh-CN"}


@dataclass(frozen=True, slots=True)
class Printer:
    """Who prints, when, and in which language where nobody's own is known."""

    role: Role
    language: Language
    zone: tzinfo
    now: datetime
    chosen: Language | None = None
    """A language that was asked for by name."""

    def may_have(self, paper: Paper, order: OrderRow) -> bool:
        """Whether the reader may have this paper of the order now."""
        return paper in papers_for(sights(self.role, in_the_house=order.state.in_the_house))

    def sheets(self, order: OrderRow, paper: Paper, parcel: int | None = None) -> list[PrintedSheet]:
        """The sheets of a paper that the reader may have."""
        shown = Onlooker(self.role, order.state.in_the_house).shown(order)
        words = spoken(self._language_of(order, paper), self.zone)
        return [PrintedSheet(sheet, shown, words, words.day_of(self.now)) for sheet in sheets_of(order, paper, parcel)]

    def _language_of(self, order: OrderRow, paper: Paper) -> Language:
        """A paper for a customer is in the customer's language as far as we speak it; ours are in the reader's."""
        customers = (order.state.customer.language or "").partition("-")[0] if paper in FOR_CUSTOMER else ""
        return self.chosen or (Language(customers) if customers in set(Language) else self.language)


@dataclass(frozen=True, slots=True)
class PrintedSheet:
    """A sheet with the words on it. What of the order the reader does not read is masked."""

    sheet: Sheet
    order: OrderRow
    words: Words
    today: str

    @property
    def lang(self) -> str:
        """As HTML names the language."""
        return HTML_LANGUAGES[self.words.language]

    @property
    def code(self) -> Markup:
        """The sheet's code, drawn."""
        return qr(self.sheet.code)

    def text(self, key: str, **values: object) -> str:
        """Words of the paper."""
        return self.words.text(key, **values)

    def document(self) -> dict[str, Any]:
        """What programs read of it."""
        sheet = self.sheet
        parcel = sheet.parcel.number if sheet.parcel else None
        place = {"place": sheet.place, "places": sheet.places, "more": sheet.more} if sheet.place else {}
        named = {"number": self.order.number, "parcel": parcel, "code": sheet.code, "language": self.words.language}
        return {**named, **place, "lines": sheet.lines}
