"""People of the register sign in with a password: what is refused, how often one may try, and what a new one ends."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from typing_extensions import override

from domain.paged_map import PagedMap
from domain.person.state import Member, Register
from domain.roles import Role
from tests.timing import DEADLINE_S
from web.accounts import NO_ROLE, WRONG_PASSWORD, Accounts, keep_shut
from web.colleagues import Colleague, Colleagues
from web.database import Pool, edge_pool
from web.passwords import DIFFERENT, LONGEST_PASSWORD, SHORTEST_PASSWORD, TOO_EASY, TOO_LONG, TOO_SHORT, Passwords
from web.problems import Problem, ProblemKind
from web.sealing import Seal
from web.second_factors import SecondFactors
from web.second_step import SecondStep
from web.sessions import MemorySessions, Person
from web.sign_in_codes import CODE_UNKNOWN, CODE_USED, SignInCodes
from web.sign_in_tries import FORGOTTEN, FREE_OF_ACCOUNT, FREE_OF_ADDRESS, LONGEST_DELAY, TOO_OFTEN, SignInTries
from web.signin import SignIn, SignInForm
from web.slow_hashes import SlowHashes

pytestmark = pytest.mark.server

TODAY = date(2026, 3, 2)
ADA, IDLE, GONE = (UUID(int=number) for number in (1, 2, 3))
HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"
GOOD, BETTER = "lantern orbit velvet 71", "kettle granite Meadow 40"


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    async with edge_pool(database_url, 4) as opened:
        yield opened


@pytest.fixture
def accounts(pool: Pool) -> Accounts:
    async def read(**_: bool) -> Register:
        held = ((Role.FINANCE, None), (Role.SALES, None))
        members = [
            Member(ADA, "Ada King", "ada@shop.example", held),
            Member(IDLE, "Ida Idle", None),
            Member(GONE, "Pat Gone", None, held, active=False),
        ]
        return Register(PagedMap({member.id: member for member in members}))

    quick = SlowHashes(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    colleagues = Colleagues(read, lambda: TODAY)
    tries = SignInTries(pool)
    second = SecondStep(SecondFactors(pool, Seal(b"secret", "factors")), Seal(b"secret", "step"), tries)
    return Accounts(colleagues, Passwords(pool, quick), tries, MemorySessions(), "Northwind Gifts", second)


async def known(accounts: Accounts, person: UUID) -> Colleague:
    found = await accounts.colleagues.known(str(person))
    assert found is not None
    return found


async def refusal(accounts: Accounts, word: str, password: str, address: str = HERE) -> ProblemKind | None:
    try:
        await accounts.enter(word, password, address)
    except Problem as refused:
        return refused.kind
    return None


@pytest.mark.parametrize("word", ["Ada King", "ADA@shop.example"])
async def test_who_knows_the_password_comes_in_as_what_was_granted_first(accounts: Accounts, word: str) -> None:
    await accounts.choose(await known(accounts, ADA), GOOD)
    person, session = await accounts.enter(word, GOOD, HERE)
    assert person == await accounts.sessions.find(session, attended=True) == Person(str(ADA), Role.FINANCE)


async def test_a_refusal_does_not_tell_whether_there_is_such_a_person(accounts: Accounts) -> None:
    await accounts.choose(await known(accounts, ADA), GOOD)
    assert await refusal(accounts, "Ada King", BETTER) == WRONG_PASSWORD  # another password
    assert await refusal(accounts, "Ida Idle", GOOD) == WRONG_PASSWORD  # none was ever chosen
    assert await refusal(accounts, "Nobody", GOOD) == WRONG_PASSWORD
    assert await refusal(accounts, "Ada King", "") == WRONG_PASSWORD


async def test_who_has_no_role_or_is_deactivated_does_not_come_in(accounts: Accounts) -> None:
    for person, name in ((IDLE, "Ida Idle"), (GONE, "Pat Gone")):
        await accounts.choose(await known(accounts, person), GOOD)
        assert await refusal(accounts, name, GOOD) == NO_ROLE


async def test_the_same_password_from_another_keyboard_is_the_same(accounts: Accounts) -> None:
    await accounts.choose(await known(accounts, ADA), "ﬁne-Ａ-lantern-orbit")
    assert await refusal(accounts, "Ada King", "fine-A-lantern-orbit") is None


@pytest.mark.parametrize(
    ("password", "again", "why"),
    [
        ("x7#Lq9!vB2", "x7#Lq9!vB2", TOO_SHORT),
        (GOOD * LONGEST_PASSWORD, GOOD * LONGEST_PASSWORD, TOO_LONG),
        (GOOD, GOOD + " ", DIFFERENT),
        ("password1234", "password1234", TOO_EASY),
        ("aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa", TOO_EASY),
        ("qwertyuiop123", "qwertyuiop123", TOO_EASY),
        ("Ada King 1234", "Ada King 1234", TOO_EASY),
        ("NorthwindGifts", "NorthwindGifts", TOO_EASY),
        ("Ada King Ada King", "Ada King Ada King", TOO_EASY),
        ("AdaKing2026!", "AdaKing2026!", TOO_EASY),
        ("ada@shop.example", "ada@shop.example", TOO_EASY),
        ("ordertrail1234", "ordertrail1234", TOO_EASY),
        ("ｐａｓｓｗｏｒｄ１２３４", "ｐａｓｓｗｏｒｄ１２３４", TOO_EASY),
    ],
)
async def test_a_password_that_others_would_try_is_refused(
    accounts: Accounts, password: str, again: str, why: ProblemKind
) -> None:
    with pytest.raises(Problem) as refused:
        await accounts.require_good(await known(accounts, ADA), password, again)
    assert refused.value.kind is why


async def test_a_longer_name_is_known_also_where_a_shorter_one_stands_in_it(accounts: Accounts) -> None:
    for known_words in (("Tom", "Tomashevsky"), ("Tomashevsky Tom",)):
        with pytest.raises(Problem) as refused:
            await accounts.passwords.require_good("tomashevsky1234", "tomashevsky1234", *known_words)
        assert refused.value.kind is TOO_EASY


@pytest.mark.parametrize(
    "password", [GOOD, "alllowercasebutodd", "三月的雨落在旧琴键上面了吧", "x" * SHORTEST_PASSWORD + GOOD]
)
async def test_no_kind_of_character_is_asked_for(accounts: Accounts, password: str) -> None:
    await accounts.require_good(await known(accounts, ADA), password, password)


async def test_a_new_password_ends_every_session_and_the_old_password(accounts: Accounts) -> None:
    ada = await known(accounts, ADA)
    await accounts.choose(ada, GOOD)
    session = await accounts.sessions.begin(Person(str(ADA), Role.SALES))
    others = await accounts.sessions.begin(Person("ada", Role.SALES))
    await accounts.choose(ada, BETTER)
    assert await accounts.sessions.find(session, attended=True) is None
    assert await accounts.sessions.find(others, attended=True) is not None
    assert await refusal(accounts, "Ada King", GOOD) == WRONG_PASSWORD
    assert await refusal(accounts, "Ada King", BETTER) is None


async def test_the_database_holds_no_password_that_could_be_used(accounts: Accounts, pool: Pool) -> None:
    await accounts.choose(await known(accounts, ADA), GOOD)
    async with pool.connection() as connection:
        rows = await (await connection.execute("SELECT p::text FROM web.password AS p")).fetchall()
    assert len(rows) == 1
    assert GOOD not in rows[0][0]
    assert "argon2id" in rows[0][0]


async def later(pool: Pool, time: timedelta) -> None:
    async with pool.connection() as connection:
        await connection.execute("UPDATE web.sign_in_try SET next_at = next_at - %s, since = since - %s", (time, time))


async def waits(pool: Pool) -> float:
    """The longest wait of all, in seconds."""
    async with pool.connection() as connection:
        found = await connection.execute("SELECT max(extract(epoch FROM next_at - now()))::float8 FROM web.sign_in_try")
        row = await found.fetchone()
    return float(row[0]) if row else 0.0


async def test_after_some_failures_each_is_waited_for_twice_as_long_and_never_beyond_the_limit(
    accounts: Accounts, pool: Pool
) -> None:
    await accounts.choose(await known(accounts, ADA), GOOD)
    for _ in range(FREE_OF_ACCOUNT):
        assert await refusal(accounts, "Ada King", "wrong") == WRONG_PASSWORD
    before = 0.5
    for _ in range(12):
        assert await refusal(accounts, "ada KING", GOOD, ELSEWHERE) == TOO_OFTEN  # right, and too early
        assert 1.5 * before < await waits(pool) <= LONGEST_DELAY.total_seconds()
        before = min(await waits(pool), LONGEST_DELAY.total_seconds() / 2)
        await later(pool, LONGEST_DELAY)
        assert await refusal(accounts, "Ada King", "wrong") == WRONG_PASSWORD
    await later(pool, LONGEST_DELAY)
    assert await refusal(accounts, "Ada King", GOOD) is None
    assert await refusal(accounts, "Ada King", "wrong") == WRONG_PASSWORD  # counted from the beginning again


async def test_an_address_s_failures_are_forgotten_though_others_come_in_from_it_every_day(
    accounts: Accounts, pool: Pool
) -> None:
    await accounts.choose(await known(accounts, ADA), GOOD)
    for n in range(FREE_OF_ADDRESS - 1):
        await refusal(accounts, f"Nobody {n}", "wrong")
    for _ in range(2):
        assert await refusal(accounts, "Ada King", GOOD) is None
        await later(pool, 0.6 * FORGOTTEN)
    for n in range(FREE_OF_ADDRESS - 1):
        assert await refusal(accounts, f"Nobody {n}", "wrong") == WRONG_PASSWORD


async def test_failures_of_days_ago_are_swept_when_somebody_comes_in_and_no_others(
    accounts: Accounts, pool: Pool
) -> None:
    await accounts.choose(await known(accounts, ADA), GOOD)
    for n in range(3):
        await refusal(accounts, f"Nobody {n}", "wrong", ELSEWHERE)
    await later(pool, 1.1 * FORGOTTEN)
    await refusal(accounts, "Somebody", "wrong")
    await accounts.enter("Ada King", GOOD, HERE)
    async with pool.connection() as connection:
        rows = await (await connection.execute("SELECT failed FROM web.sign_in_try")).fetchall()
    assert rows == [(1,), (1,)]  # of somebody, and of the address


async def test_many_tries_at_the_same_moment_are_as_many(accounts: Accounts) -> None:
    told = await asyncio.gather(*(refusal(accounts, "Ada King", "wrong", f"192.0.2.{n}") for n in range(20)))
    assert told.count(WRONG_PASSWORD) == FREE_OF_ACCOUNT


async def test_being_refused_does_not_tell_which_names_and_addresses_are_one_persons(accounts: Accounts) -> None:
    for _ in range(FREE_OF_ACCOUNT + 1):
        await refusal(accounts, "Ada King", "wrong")
    for word in ("ada@shop.example", "nobody@shop.example"):
        assert await refusal(accounts, word, "wrong", ELSEWHERE) == WRONG_PASSWORD


async def test_an_address_that_has_to_wait_keeps_nobody_out_elsewhere(accounts: Accounts) -> None:
    await accounts.choose(await known(accounts, ADA), GOOD)
    for n in range(FREE_OF_ADDRESS):
        await refusal(accounts, f"Nobody {n}", "wrong")
    for _ in range(FREE_OF_ACCOUNT + 1):
        assert await refusal(accounts, "Ada King", GOOD) == TOO_OFTEN
    assert await refusal(accounts, "Ada King", GOOD, ELSEWHERE) is None


async def test_colleagues_who_come_in_at_the_same_moment_from_one_address_all_do(accounts: Accounts) -> None:
    await accounts.choose(await known(accounts, ADA), GOOD)
    words = ["Ada King", "ada king", "ADA@shop.example", "AdaKing"] * 5
    assert await asyncio.gather(*(refusal(accounts, word, GOOD) for word in words[:4])) == [None] * 4


async def test_nobody_stays_in_who_came_with_the_old_password_while_another_one_was_chosen(accounts: Accounts) -> None:
    ada = await known(accounts, ADA)
    await accounts.choose(ada, GOOD)

    class Choosing(MemorySessions):
        """Another password is chosen just before the session begins."""

        @override
        async def begin(self, person: Person, until: datetime | None = None) -> str:
            await accounts.choose(ada, BETTER)
            return await super().begin(person, until)

    late = replace(accounts, sessions=Choosing())
    with pytest.raises(Problem) as refused:
        await late.enter("Ada King", GOOD, HERE)
    assert refused.value.kind is WRONG_PASSWORD
    assert await late.sessions.of(str(ADA)) == []


async def test_one_address_does_not_guess_at_many_accounts(accounts: Accounts) -> None:
    told = [await refusal(accounts, f"Nobody {n}", "wrong") for n in range(FREE_OF_ADDRESS + 3)]
    assert told.count(WRONG_PASSWORD) == FREE_OF_ADDRESS
    await accounts.choose(await known(accounts, ADA), GOOD)
    assert await refusal(accounts, "Ada King", GOOD) == TOO_OFTEN
    assert await refusal(accounts, "Ada King", GOOD, ELSEWHERE) is None


async def test_who_hammers_at_one_account_delays_nobody_else_of_the_same_address(accounts: Accounts) -> None:
    await accounts.choose(await known(accounts, ADA), GOOD)
    told = [await refusal(accounts, "Nobody", "wrong") for _ in range(2 * FREE_OF_ADDRESS)]
    assert told.count(TOO_OFTEN) >= FREE_OF_ADDRESS
    assert await refusal(accounts, "Ada King", GOOD) is None


async def test_a_link_lets_its_person_choose_a_password_once(accounts: Accounts, pool: Pool) -> None:
    door = SignIn(SignInCodes(pool), accounts.sessions, accounts=accounts)
    code = await door.codes.new_code(str(ADA), None)
    assert (await door.look(code)).chooser == "Ada King"
    easy = SignInForm(code=code, password="password1234", again="password1234")
    with pytest.raises(Problem, match="guessed first"):
        await door.enter(easy, HERE)
    chosen = SignInForm(code=code, password=GOOD, again=GOOD)
    assert (await door.enter(chosen, HERE))[0] == Person(str(ADA), Role.FINANCE)
    with pytest.raises(Problem) as used:
        await door.enter(SignInForm(code=code, password=BETTER, again=BETTER), HERE)
    assert used.value.kind is CODE_USED
    assert await refusal(accounts, "Ada King", GOOD) is None


async def test_a_link_is_worth_nothing_for_whoever_is_not_in_the_register_or_has_no_role(
    accounts: Accounts, pool: Pool
) -> None:
    door = SignIn(SignInCodes(pool), accounts.sessions, accounts=accounts)
    for actor, why in ((str(UUID(int=9)), CODE_UNKNOWN), ("ada", CODE_UNKNOWN), (str(GONE), NO_ROLE)):
        form = SignInForm(code=await door.codes.new_code(actor, None), password=GOOD, again=GOOD)
        with pytest.raises(Problem) as refused:
            await door.enter(form, HERE)
        assert refused.value.kind is why


async def test_a_link_keeps_its_worth_for_whoever_has_no_role_yet(accounts: Accounts, pool: Pool) -> None:
    door = SignIn(SignInCodes(pool), accounts.sessions, accounts=accounts)
    code = await door.codes.new_code(str(IDLE), None)
    with pytest.raises(Problem) as refused:
        await door.enter(SignInForm(code=code, password=GOOD, again=GOOD), HERE)
    assert refused.value.kind is NO_ROLE
    assert (await door.look(code)).chooser == "Ida Idle"
    assert await refusal(accounts, "Ida Idle", GOOD) == WRONG_PASSWORD  # none was chosen


async def test_what_somebody_had_before_is_worth_nothing_after_coming_back(accounts: Accounts, pool: Pool) -> None:
    codes = SignInCodes(pool)
    code, session = await codes.new_code(str(GONE), None), await accounts.sessions.begin(Person(str(GONE), Role.SALES))
    other = await accounts.sessions.begin(Person(str(ADA), Role.SALES))
    shut: asyncio.Queue[str] = asyncio.Queue()
    shutting = asyncio.create_task(keep_shut(accounts.colleagues, accounts.sessions.end_of, codes.revoke, shut.put))
    async with asyncio.timeout(DEADLINE_S):
        assert await shut.get() == str(GONE)
    shutting.cancel()
    assert await accounts.sessions.find(session, attended=True) is None
    with pytest.raises(Problem, match="has been used"):
        await codes.look(code)
    assert await accounts.sessions.find(other, attended=True)


async def test_a_new_link_takes_the_place_of_those_before(pool: Pool) -> None:
    codes = SignInCodes(pool)
    of_whom: list[tuple[str, Role | None]] = [(str(ADA), None), (str(IDLE), None), ("x", Role.SALES)]
    earlier, of_another, by_name = [await codes.new_code(*who) for who in of_whom]
    await codes.new_code(str(ADA), None)
    with pytest.raises(Problem, match="has been used"):
        await codes.redeem(earlier)
    assert (await codes.redeem(of_another), await codes.redeem(by_name)) == ((str(IDLE), None), ("x", Role.SALES))
