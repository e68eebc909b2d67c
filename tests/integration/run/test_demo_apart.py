"""The demonstration and what is for real use keep apart: everybody knows the log-in of the one."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import asyncpg
import pytest

from seatwright.accounts.adapters.hashing import Hasher
from seatwright.accounts.service.demo import EMAIL, PASSWORD
from seatwright.catalog.service.demo import ORGANISATION
from seatwright.run import demo_apart, migrations
from seatwright.run.demo_apart import NotTheDemos, PublicLogIn
from seatwright.run.engines import Addresses
from seatwright.run.engines.lifeline import owner_of
from seatwright.run.engines.ports import free_port
from tests.databases import empty_database
from tests.integration.engines.test_refusals import environment, refusal
from tests.integration.run.conftest import OUTSIDE
from tests.integration.run.terminal import seatwright
from tests.logins import own_logins

PLACE = "The database at DATABASE_URL"
MEMBER = (
    "INSERT INTO accounts.members (id, organisation, email, email_key, role, appointed_by)"
    " VALUES ('m', 'o', 'ada@example.org', 'ada@example.org', 'owner', 'test')"
)


async def installed(engines: Addresses) -> str:
    """A database with the whole schema and nothing in it; its owner's address."""
    url = await empty_database(engines.database_url, "apart")
    await migrations.install(url, urls=own_logins(url))
    return url


async def tell(url: str, statement: str, *given: object) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement, *given)
    await connection.close()


async def person(url: str, email: str, password: str) -> None:
    hasher = Hasher()
    hashed = await hasher.hash(password)
    hasher.close()
    await tell(
        url,
        "INSERT INTO accounts.people (id, email, email_key, name, language, password_hash)"
        " VALUES ('p', $1, $1, 'Olivia', 'en', $2)",
        email,
        hashed,
    )


async def organisation(url: str, name: str) -> None:
    await tell(
        url,
        "INSERT INTO catalog.organisations (id, name, slug, accent) VALUES ($1, $1, $1, '')",
        name,
    )


@pytest.mark.parametrize("verb", [("serve", "all"), ("serve", "accounts"), ("work",)], ids=" ".join)
async def test_no_process_serves_where_everybody_may_log_in(
    engines: Addresses, tmp_path: Path, verb: Sequence[str]
) -> None:
    url = await installed(engines)
    await person(url, EMAIL, PASSWORD)
    given = environment(dataclasses.replace(engines, database_url=url), tmp_path)
    said = await refusal(tuple(verb), given)
    assert said == (
        f"A log-in that everybody knows: {EMAIL} may log in to this database with the password from"
        " the demonstration's manual. Use another database or folder; or start the demonstration on"
        " this one, and give that account another password there."
    )


async def test_it_is_the_password_that_everybody_knows(engines: Addresses) -> None:
    url = await installed(engines)
    await demo_apart.refuse_log_in(url)
    await person(url, EMAIL, "four muddy boots by the door")
    await demo_apart.refuse_log_in(url)
    await tell(url, "DELETE FROM accounts.people")
    await person(url, "ada@example.org", PASSWORD)
    await demo_apart.refuse_log_in(url)
    await tell(url, "DELETE FROM accounts.people")
    await person(url, EMAIL, PASSWORD)
    with pytest.raises(PublicLogIn):
        await demo_apart.refuse_log_in(url)


async def test_up_refuses_such_a_database_before_it_is_migrated(
    engines: Addresses, tmp_path: Path
) -> None:
    url = await installed(engines)
    await person(url, EMAIL, PASSWORD)
    await tell(url, "DROP TABLE public.seatwright_migrations")
    data = tmp_path / "data"
    outside = OUTSIDE | {
        "DATABASE_URL": url, "VALKEY_URL": engines.valkey_url, "NATS_URL": engines.nats_url,
        "VALKEY_CACHE_URL": engines.valkey_cache_url,
    }  # fmt: skip
    told = await seatwright("up", "--data", data, "--port", free_port(), environment=outside)
    assert told.code == 1
    assert told.err.startswith(f"A log-in that everybody knows: {EMAIL} may log in")
    assert owner_of(data) is None


async def test_up_refuses_the_demonstrations_folder(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text("{}")
    told = await seatwright("up", "--data", tmp_path, "--port", free_port())
    assert (told.code, told.out) == (1, "")
    assert told.err == (
        f"The demonstration's folder: {tmp_path} is the demonstration's (demo.json): everybody"
        " knows its log-in. Choose another folder with --data, or delete this one.\n"
    )
    assert [one.name for one in tmp_path.iterdir()] == ["demo.json"]


async def test_the_demonstration_starts_where_nobody_is_or_where_it_was(
    engines: Addresses,
) -> None:
    await demo_apart.refuse_others(await empty_database(engines.database_url, "apart"), place=PLACE)
    url = await installed(engines)
    await demo_apart.refuse_others(url, place=PLACE)
    # What a start that was cut short leaves.
    await organisation(url, ORGANISATION.id)
    await demo_apart.refuse_others(url, place=PLACE)
    # Its visitors make accounts and organisations too.
    await organisation(url, "somebody")
    await person(url, EMAIL, PASSWORD)
    await demo_apart.refuse_others(url, place=PLACE)


async def test_the_demonstration_leaves_alone_what_others_have(engines: Addresses) -> None:
    url = await installed(engines)
    await organisation(url, "somebody")
    with pytest.raises(NotTheDemos, match=f"{PLACE} has organisations that are not"):
        await demo_apart.refuse_others(url, place=PLACE)
    await tell(url, "DELETE FROM catalog.organisations")
    await tell(url, MEMBER)
    with pytest.raises(NotTheDemos, match=f"{PLACE} has members that are not"):
        await demo_apart.refuse_others(url, place=PLACE)


async def test_the_demonstration_refuses_a_database_with_people(
    engines: Addresses, tmp_path: Path
) -> None:
    url = await installed(engines)
    await person(url, "ada@example.org", PASSWORD)
    data = tmp_path / "data"
    outside = {
        "DATABASE_URL": url, "VALKEY_URL": engines.valkey_url, "NATS_URL": engines.nats_url,
        "VALKEY_CACHE_URL": engines.valkey_cache_url,
    }  # fmt: skip
    told = await seatwright("demo", "--data", data, "--port", free_port(), environment=outside)
    assert told.code == 1
    assert told.err.startswith(
        f"Not the demonstration's: {PLACE} has people that are not the demonstration's, and"
        " everybody knows its log-in. Let it make a database of its own"
    )
    assert owner_of(data) is None
    connection = await asyncpg.connect(url)
    assert await connection.fetchval("SELECT count(*) FROM catalog.events") == 0
    await connection.close()
