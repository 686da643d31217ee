"""A page says in its reader's language what went wrong, of whatever kind, and what is wrong with which field."""

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

import query_api
from commands.problems import kinds
from domain.roles import Role
from query_api.app import OWN_PROBLEMS
from query_api.problem_words import FIELD_KEYS, told_problem
from query_api.routes.account import NewPassword, NewPin, OtherRole, PostedForm, SessionsToEnd
from query_api.routes.badges import BadgeToGive
from query_api.routes.board_search import BoardSearch
from query_api.routes.devices import DeviceToRegister, DeviceToWithdraw
from query_api.routes.orders import OrderSearch, StateQuery
from query_api.routes.people import PeoplePart
from query_api.routes.second_factor import FirstCode, SecondStepEnded, SecretAsked
from query_api.routes.stock import StockSearch
from query_api.routes.walks import WalkSearch
from query_api.sentences import LANGUAGES, Language, Words
from tests.query_api.conftest import PAGE, Api
from tests.query_api.door import GONE, door_on, send
from tests.query_api.test_every_address import within
from web.badges import MOST_WRONG_PINS, PIN_DIGITS, SHORTEST_BADGE
from web.devices import LONGEST_DEVICE_NAME
from web.passwords import LONGEST_PASSWORD, SHORTEST_PASSWORD
from web.problems import EDGE_PROBLEMS, INVALID, Problem, ProblemKind, fault, from_errors, invalid
from web.signin import SIGN_IN_PROBLEMS, SignInForm

EN, ZH = LANGUAGES[Language.EN], LANGUAGES[Language.ZH]
both = pytest.mark.parametrize("words", LANGUAGES.values(), ids=lambda words: words.language.value)
KINDS = {kind.code: kind for kind in (*EDGE_PROBLEMS, *kinds(), *OWN_PROBLEMS, *SIGN_IN_PROBLEMS)}
FORMS: tuple[type[BaseModel], ...] = (
    *(SignInForm, PostedForm, OtherRole, SessionsToEnd, NewPassword, NewPin, BadgeToGive),
    *(DeviceToRegister, DeviceToWithdraw, SecretAsked, FirstCode, SecondStepEnded),
    *(BoardSearch, OrderSearch, StateQuery, PeoplePart, StockSearch, WalkSearch),
)
ODD = ("", " ", "x", "0", "-1", "1.5", "9" * 30, "长" * 20_000, "\u202eabc", "a\u200bb", "\x07", "2026-02-30")
LATIN_WORD = re.compile(r"[a-z]{2,}")


def refused(form: type[BaseModel], sent: Mapping[str, object]) -> Problem | None:
    try:
        form.model_validate(sent)
    except ValidationError as error:
        return from_errors(error.errors(include_url=False, include_input=False))
    return None


def refusals_of(form: type[BaseModel]) -> Iterator[Problem]:
    yield from filter(None, [refused(form, {})])
    for name, field in form.model_fields.items():
        for odd in ODD:
            # What is asked for several times comes as a list, however often it is there.
            sent = {field.alias or name: [odd] if isinstance(field.default, list) else odd}
            yield from filter(None, [refused(form, sent)])


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_kind_of_problem_is_told_as_what_it_is(kind: ProblemKind) -> None:
    for words, language in ((EN, "en"), (ZH, "zh")):
        file = f"query_api/sentences/{language}_acts.py"
        told = told_problem(Problem(kind).document, words)
        of_page = f"{kind.code}_title" in words.texts and f"{kind.code}_text" in words.texts
        assert of_page or kind.code in words.refusals or words is EN, f"REFUSAL_WORDS of {file} lacks {kind.code!r}"
        assert not LATIN_WORD.search(told.heading + told.sentence) or words is EN or kind.code in SPEAKS_TO_PROGRAMS
        assert (told.sentence == words.text("invalid_text")) is (kind is INVALID)


SPEAKS_TO_PROGRAMS = {"not-lines"}
"""Kinds that no page is answered with; the sentence names a media type."""


@both
def test_no_refusal_has_words_that_nothing_is_refused_with(words: Words) -> None:
    assert words.refusals.keys() <= KINDS.keys()


@both
def test_every_field_that_a_page_names_has_a_word(words: Words) -> None:
    assert {key for key in FIELD_KEYS.values() if key not in words.texts} == set()


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_whatever_is_wrong_with_a_form_of_the_pages_is_said_in_the_reader_s_language(form: type[BaseModel]) -> None:
    for problem in refusals_of(form):
        errors = problem.document["errors"]
        for words, file in ((EN, "en_faults.py"), (ZH, "zh_faults.py")):
            told = told_problem(problem.document, words)
            assert words.text("not_understood") not in " ".join(told.faults), f"FAULT_WORDS of {file}: {errors}"
            assert not (words is ZH and LATIN_WORD.search(" ".join(told.faults))), told.faults


@pytest.mark.parametrize(
    ("form", "sent", "english", "chinese"),
    [
        (
            DeviceToRegister,
            {"device_name": "n" * (LONGEST_DEVICE_NAME + 1)},
            "Name of the device: at most 60 characters",
            "设备名称：最多 60 个字符",
        ),
        (DeviceToRegister, {}, "Name of the device: needed", "设备名称：必填"),
        (
            DeviceToRegister,
            {"device_name": "\u202ebench"},
            "Name of the device: character 1, U+202E, would turn the text around",
            "设备名称：第 1 个字符 U+202E 会颠倒文字方向",
        ),
        (
            SignInForm,
            {"who": "x" * 201},
            "Name or e-mail address: at most 200 characters",
            "姓名或电子邮件地址：最多 200 个字符",
        ),
        (SignInForm, {"next": "x" * 2_001}, "at most 2000 characters", "最多 2000 个字符"),
    ],
)
def test_a_field_is_called_as_on_its_form_and_the_reason_is_that_of_commands(
    form: type[BaseModel], sent: dict[str, object], english: str, chinese: str
) -> None:
    problem = refused(form, sent)
    assert problem is not None
    assert [told_problem(problem.document, words).faults for words in (EN, ZH)] == [(english,), (chinese,)]


def test_a_reason_that_only_programs_are_told_is_not_put_on_a_page_in_english() -> None:
    problem = invalid(fault(["cursor"], "not a cursor that a page of this list has given"))
    assert told_problem(problem.document, ZH).faults == ("无法识别",)


LIMITS = {
    "badge-too-short": SHORTEST_BADGE,
    "badge-refused": MOST_WRONG_PINS,
    "badge_locked": MOST_WRONG_PINS,
    "badge_locked_own": MOST_WRONG_PINS,
    "pin-six-digits": PIN_DIGITS,
    "pin_hint": PIN_DIGITS,
    "password-too-short": SHORTEST_PASSWORD,
    "password-too-long": LONGEST_PASSWORD,
    "good_password": SHORTEST_PASSWORD,
}


@both
@pytest.mark.parametrize("key", LIMITS)
def test_a_limit_on_screen_is_the_one_that_holds(words: Words, key: str) -> None:
    assert re.findall(r"\b\d+\b", {**words.refusals, **words.texts}[key])[0] == str(LIMITS[key])


def test_a_form_asks_the_browser_for_a_password_of_the_length_that_is_taken() -> None:
    form = (Path(query_api.__file__).parent / "templates" / "people_parts.html").read_text()
    assert re.findall(r'name="password".* minlength="(\d+)" maxlength="(\d+)"', form) == [
        (str(SHORTEST_PASSWORD), str(LONGEST_PASSWORD))
    ]


@pytest.fixture
async def admin(shop_url: str) -> AsyncIterator[Api]:
    async with door_on(shop_url) as opened:
        opened.client.cookies.set("lang", "zh")
        await opened.sign_in(Role.ADMIN)
        yield opened


@pytest.mark.parametrize(
    ("path", "fields", "status", "said"),
    [
        ("/devices", {"device_name": "n" * 61}, 422, "设备名称：最多 60 个字符"),
        ("/devices", {"csrf": "guessed", "device_name": "bench"}, 403, ZH.refusals["forged-form"]),
        (f"/people/{GONE.id}/sign-in-link", {}, 409, ZH.refusals["not-active"]),
        ("/boards/sales/filters", {"save_as": "n" * 61}, 422, "将此筛选保存为：最多 60 个字符"),
        ("/boards/sales/filters", {"save_as": "x", "queue": "banana"}, 422, "请选择其中一项"),
    ],
)
async def test_the_page_of_a_refused_form_tells_it_in_chinese_to_who_reads_chinese(
    admin: Api, path: str, fields: dict[str, str], status: int, said: str
) -> None:
    page = await send(admin, path, **fields)
    assert (page.status_code, re.findall(r'class="(?:lead|detail)">(.*?)<', page.text)[-1]) == (status, said)


async def test_what_stands_in_an_address_is_not_called_as_a_field_of_some_form_is(admin: Api) -> None:
    parameters = {name for route in within(admin.app.routes) for name in route.param_convertors}
    assert {"name", "person"} <= parameters
    assert parameters & FIELD_KEYS.keys() == {"sku", "location"}, "these are the same in an address"


async def test_a_page_that_takes_forms_only_does_not_say_that_a_value_is_wrong(admin: Api) -> None:
    page = await admin.client.get("/devices/withdraw", headers=PAGE)
    assert (page.status_code, ZH.refusals["no-such-method"] in page.text) == (405, True)
