"""The first owner of an organisation, by the operator's hand."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from seatwright.run import migrations
from seatwright.run.engines import Addresses
from tests.databases import empty_database
from tests.integration.run.terminal import Told, seatwright


@pytest.fixture(scope="module")
async def address(engines: Addresses) -> str:
    """An installed database with nobody in it."""
    url = await empty_database(engines.database_url, "owners")
    await migrations.install(url)
    return url


@pytest.fixture(scope="module")
async def truth(address: str) -> AsyncIterator[asyncpg.Connection]:
    opened = await asyncpg.connect(address)
    yield opened
    await opened.close()


@pytest.fixture
def organisation(address: str) -> Callable[..., Awaitable[Told]]:
    async def run(*words: str) -> Told:
        return await seatwright("organisation", *words, environment={"DATABASE_URL": address})

    return run


async def owners(truth: asyncpg.Connection, slug: str) -> list[str]:
    rows = await truth.fetch(
        "SELECT m.email, m.role, m.appointed_by FROM accounts.members m"
        " JOIN catalog.organisations o ON o.id = m.organisation WHERE o.slug = $1 ORDER BY m.email",
        slug,
    )
    assert {(row["role"], row["appointed_by"]) for row in rows} <= {("owner", "operator")}
    return [row["email"] for row in rows]


async def test_an_organisation_is_made_with_its_owner_once(organisation, truth):
    assert "There is none yet" in (await organisation("list")).out
    words = ("create", "Théâtre de l'Été", "--owner", "Ada@Example.com")
    first, second = await organisation(*words), await organisation(*words)
    assert (first.code, first.out) == (second.code, second.out) == (0, first.out)
    assert "theatre-de-lete" in first.out
    assert await owners(truth, "theatre-de-lete") == ["Ada@example.com"]
    assert await truth.fetchval("SELECT count(*) FROM catalog.organisations") == 1
    lines = await truth.fetch("SELECT actor, action, ip_hash FROM accounts.audit")
    assert [tuple(line) for line in lines] == [("operator", "appointed_owner", None)]
    listed = (await organisation("list")).out
    assert listed.startswith("theatre-de-lete\t")
    assert listed.endswith("\tThéâtre de l'Été\towned by Ada@example.com\n")


async def test_another_owner_is_appointed_beside_the_first(organisation, truth):
    await organisation("create", "Two Owners", "--owner", "one@example.com")
    by_slug = await organisation("appoint", "two-owners", "--owner", "two@example.com")
    assert by_slug.code == 0
    found = await truth.fetchval("SELECT id FROM catalog.organisations WHERE slug = 'two-owners'")
    assert (await organisation("appoint", found, "--owner", "three@example.com")).code == 0
    assert await owners(truth, "two-owners") == [
        "one@example.com", "three@example.com", "two@example.com",
    ]  # fmt: skip


async def test_two_at_once_make_one_with_one_owner(organisation, truth):
    told = await asyncio.gather(
        *(organisation("create", "At Once", "--owner", f"{n}@example.com") for n in range(3))
    )
    assert sorted(one.code for one in told) == [0, 1, 1]
    (made,) = (one for one in told if one.code == 0)
    (owner,) = await owners(truth, "at-once")
    assert f"owner {owner}\n" in made.out
    assert all(f"Owned by {owner};" in one.err for one in told if one.code)


async def test_creating_what_others_own_makes_nobody_an_owner(organisation, truth):
    words = ("create", "Riverside Hall", "--owner")
    assert (await organisation(*words, "ada@example.com")).code == 0
    told = await organisation(*words, "stranger@example.org")
    assert (told.code, told.out) == (1, "")
    assert "Owned by ada@example.com; to add an owner use" in told.err
    assert "organisation appoint" in told.err
    assert await owners(truth, "riverside-hall") == ["ada@example.com"]
    await organisation("appoint", "riverside-hall", "--owner", "grace@example.com")
    # Whoever is an owner may say it again, also as one of two.
    assert (await organisation(*words, "grace@example.com")).code == 0
    assert await owners(truth, "riverside-hall") == ["ada@example.com", "grace@example.com"]


async def test_an_organisation_that_was_left_without_an_owner_gets_one(organisation, truth):
    words = ("create", "Cut Short", "--owner", "ada@example.com")
    await organisation(*words)
    await truth.execute(
        "DELETE FROM accounts.members WHERE organisation ="
        " (SELECT id FROM catalog.organisations WHERE slug = 'cut-short')"
    )
    assert (await organisation(*words)).code == 0
    assert await owners(truth, "cut-short") == ["ada@example.com"]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("create", "Hall", "--owner", "nobody"), "--owner: Write an address like"),
        (("create", "劇場", "--owner", "a@example.com"), "--slug: 3 to 80 small letters"),
        (("create", "Hall", "--slug", "api", "--owner", "a@example.com"), "--slug: This name is"),
        (("create", " ", "--slug", "abc", "--owner", "a@example.com"), "NAME"),
        (("create", "B", "--slug", "taken", "--owner", "a@example.com"), "is the address of A."),
        (("appoint", "none", "--owner", "a@example.com"), "There is no organisation none."),
    ],
)
async def test_a_refusal_is_a_sentence_and_makes_nothing(organisation, truth, words, wanted):
    await organisation("create", "A", "--slug", "taken", "--owner", "first@example.com")
    counted = "SELECT (SELECT count(*) FROM catalog.organisations), count(*) FROM accounts.members"
    before = await truth.fetchrow(counted)
    told = await organisation(*words)
    assert (told.code, told.out) == (1, "")
    assert wanted in told.err
    assert "Traceback" not in told.err
    assert await truth.fetchrow(counted) == before
