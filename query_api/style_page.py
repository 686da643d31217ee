"""Every part of the pages once, with examples: what whoever changes the style looks at.

Decides: which examples there are. Must not know: HTTP, how a part looks.
"""

from __future__ import annotations

from typing import Final

from domain.offering import Rank
from domain.order.status import Badge, BadgeKind
from domain.order.terms import BUCKET_OF_NAME, ExceptionCode, HoldType, Outcome
from query_api.acting import Acting, Preview
from query_api.offer_forms import Choice, FormField, FormRow, OfferForm
from query_api.sentences import Words
from web.forms import FieldKind

STYLE_PATH: Final = "/style"

EXAMPLE_BADGES: Final = tuple(
    Badge(kind, 6, 10, {BadgeKind.ON_HOLD: HoldType.CREDIT, BadgeKind.PROBLEM: ExceptionCode.SHORT_PICK}.get(kind, ""))
    for kind in BadgeKind
)
EXAMPLE_STAGES: Final = tuple(BUCKET_OF_NAME.items())
LEFT_OUT_KINDS: Final = frozenset({FieldKind.ROWS, FieldKind.GROUP})
"""They hold fields of other kinds."""


def example_acts(words: Words) -> Acting:
    """A form with every kind of field, refused, with its preview; buttons of each rank."""
    form = OfferForm(
        key="example",
        word=words.text("preview_button"),
        address=STYLE_PATH,
        version=1,
        rank=Rank.POSSIBLE,
        article="",
        one_click=False,
        fields=tuple(_field(kind, words) for kind in FieldKind if kind not in LEFT_OUT_KINDS),
        rows=(
            FormRow(
                1, "MUG-9", "White hanging heart T-light holder", 24, (), (_number(words, "units.0.quantity"),), ()
            ),
        ),
        rows_word=words.text("lines"),
        trouble=words.text("invalid_text"),
    )
    return Acting(
        usual=(form,),
        rare=(form,),
        open=form,
        back=STYLE_PATH,
        csrf="",
        key="",
        preview=_preview(words),
        done=form.word,
    )


def _field(kind: FieldKind, words: Words) -> FormField:
    chosen = tuple(Choice(one, words.outcomes[one], number == 0) for number, one in enumerate(Outcome))
    return FormField(
        name=kind,
        word=words.text("name"),
        kind=kind,
        required=kind is FieldKind.CHOICE,
        choices=chosen if kind in {FieldKind.CHOICE, FieldKind.CHOICES} else (),
        error=words.text("invalid_text") if kind is FieldKind.NOTE else "",
    )


def _number(words: Words, name: str) -> FormField:
    return FormField(name, words.text("quantity"), FieldKind.NUMBER, value="24", error=words.text("invalid_text"))


def _preview(words: Words) -> Preview:
    before, after = list(words.next_steps.values())[:2]
    change = (words.text("next_step"), before, after)
    return Preview(sentences=(words.text("just_placed"),), changes=(change,), told=("MUG-9",))
