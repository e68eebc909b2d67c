"""Each service logs in as itself: what it may reach, and which logins it refuses to start with."""

import json
import re
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from seatwright.kit import ids
from seatwright.kit.postgres import Database
from seatwright.kit.settings import BadSettings
from seatwright.run import logins, migrations, rights, secrets
from seatwright.run.engines import Addresses
from seatwright.run.logins import SERVICES, role
from tests.databases import empty_database
from tests.integration.run.terminal import seatwright
from tests.logins import own_logins

TABLES = {
    "accounts": "people", "catalog": "events", "delivery": "deliveries", "entry": "admissions",
    "orders": "orders",
}  # fmt: skip
REFUSED = (asyncpg.InsufficientPrivilegeError,)


@pytest.fixture(scope="module")
async def owners(engines: Addresses) -> str:
    """A database as `seatwright migrate` makes it, by the address of its owner."""
    url = await empty_database(engines.database_url, "logins")
    await migrations.migrate(url, urls=own_logins(url))
    return url


@pytest.fixture
async def ask(owners: str) -> AsyncIterator[Callable[[str, str], Awaitable[object]]]:
    """Put a statement to the database as a service's pool would, with what it may come to."""
    opened: dict[str, Database] = {}

    async def put(service: str, statement: str) -> object:
        if service not in opened:
            opened[service] = await rights.connect(own_logins(owners), service, connections_max=1)
        async with opened[service].reading() as reader:
            return await reader.value(statement)

    yield put
    for database in opened.values():
        await database.close()


def test_every_service_with_a_schema_has_a_login():
    schemas = {path.stem for path in (migrations.folder() / "schema").glob("*.sql")}
    (listed,) = re.findall(r"ARRAY\[(.*)\]", (migrations.folder() / "roles.sql").read_text())
    assert set(SERVICES) == schemas == set(re.findall(r"'(\w+)'", listed)) == set(TABLES)


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_is_its_own_login_and_nothing_more(ask, service):
    wanted = f"{role(service)} {role(service)}"
    assert await ask(service, "SELECT session_user || ' ' || current_user") == wanted
    assert await ask(service, "SHOW is_superuser") == "off"
    assert await ask(
        service,
        "SELECT NOT (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)"
        " FROM pg_roles WHERE rolname = session_user",
    )
    assert await ask(
        service,
        "SELECT array_agg(rolname::text) FROM pg_roles"
        " WHERE pg_has_role(session_user, oid, 'MEMBER')",
    ) == [role(service)]
    assert await ask(service, f"SELECT count(*) FROM {service}.{TABLES[service]}") == 0


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_reaches_nothing_of_another(ask, owners, service):
    owner = urlsplit(owners).username
    for other in set(SERVICES) - {service}:
        for statement in (
            f"SELECT count(*) FROM {other}.{TABLES[other]}",
            f"SET ROLE {role(other)}",
            f"SET SESSION AUTHORIZATION {role(other)}",
            f"GRANT {role(other)} TO {role(service)}",
        ):
            with pytest.raises(REFUSED):
                await ask(service, statement)
    for statement in (
        f"SET ROLE {owner}",
        f"SET SESSION AUTHORIZATION {owner}",
        f"ALTER ROLE {role(service)} SUPERUSER",
        f"ALTER TABLE {service}.{TABLES[service]} ADD extra integer",
        f"CREATE TABLE {service}.mine ()",
        "CREATE TABLE public.mine ()",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT pg_read_file('PG_VERSION')",
        "SELECT count(*) FROM pg_authid",
    ):
        with pytest.raises(REFUSED):
            await ask(service, statement)
    # What every session may say leads nowhere else.
    for statement in ("SET ROLE NONE", "RESET ROLE", "RESET SESSION AUTHORIZATION", "RESET ALL"):
        await ask(service, statement)
        assert await ask(service, "SELECT current_user::text") == role(service)


async def test_every_way_in_asks_for_the_password(owners):
    connection = await asyncpg.connect(owners)
    ways = await connection.fetch("SELECT DISTINCT auth_method FROM pg_hba_file_rules")
    kept = await connection.fetch(
        "SELECT rolpassword FROM pg_authid WHERE rolname LIKE 'seatwright%' AND rolcanlogin"
    )
    await connection.close()
    assert [way[0] for way in ways] == ["scram-sha-256"]
    assert kept
    assert all(one[0].startswith("SCRAM-SHA-256$") for one in kept)


@pytest.fixture
async def stranger(owners: str) -> AsyncIterator[Callable[..., Awaitable[str]]]:
    """Makes a login of another name that is given what the test says; answers its address."""
    name = f"stranger_{ids.short_id().lower()}"
    connection = await asyncpg.connect(owners)

    async def make(*roles: str, attributes: str = "") -> str:
        await connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'x' {attributes}")
        for granted in roles:
            await connection.execute(f"GRANT {granted} TO {name}")
        place = owners.rpartition("@")[2]
        return f"postgresql://{name}:x@{place}"

    yield make
    await connection.execute(f"DROP ROLE IF EXISTS {name}")
    await connection.close()


async def refusal(url: str) -> str:
    with pytest.raises(BadSettings) as caught:
        await rights.connect({"entry": url}, "entry", connections_max=1)
    (bad,) = caught.value.found
    assert bad.name == "DATABASE_URL_ENTRY"
    assert "seatwright_entry" in bad.remedy
    assert (urlsplit(url).password or "-") not in str(bad).replace("postgresql://", "")
    return bad.value


async def test_the_owners_login_is_refused(owners):
    assert await refusal(owners) == "(login seatwright: a superuser)"


@pytest.mark.parametrize(
    ("roles", "attributes", "why"),
    [
        ((role("entry"), role("orders")), "", "may act as seatwright_orders"),
        ((role("entry"), role("orders")), "NOINHERIT", "may act as seatwright_orders"),
        ((role("entry"), "pg_read_all_data"), "", "may act as pg_read_all_data"),
        ((role("entry"), "seatwright"), "", "may act as "),
        ((role("entry"),), "CREATEROLE", "may act as stranger"),
        ((role("entry"),), "REPLICATION", "may act as stranger"),
    ],
)
async def test_a_login_that_may_do_more_is_refused(stranger, roles, attributes, why):
    assert why in await refusal(await stranger(*roles, attributes=attributes))


async def test_a_login_of_another_name_with_one_services_rights_will_do(stranger):
    database = await rights.connect(
        {"entry": await stranger(role("entry"))}, "entry", connections_max=1
    )
    async with database.reading() as reader:
        assert await reader.value("SELECT current_user::text") == role("entry")
    await database.close()


async def test_a_login_that_is_not_let_in_is_told_how(owners, stranger):
    other = own_logins(owners)["entry"].replace(":four", ":five")
    assert await refusal(other) == "(login seatwright_entry)"
    assert "(login stranger_" in await refusal(await stranger())
    with pytest.raises(BadSettings, match=r"DATABASE_URL_ENTRY=\(unset\)"):
        await rights.connect({}, "entry", connections_max=1)


async def test_migrate_gives_logins_their_passwords_and_serve_refuses_the_owners(owners):
    url = await empty_database(owners, "logins")
    mine = logins.environment_of(own_logins(url))
    told = await seatwright("migrate", environment={"DATABASE_URL": url, **mine})
    assert (told.code, told.err) == (0, ""), told
    for service, address in own_logins(url).items():
        await (await rights.connect({service: address}, service, connections_max=1)).close()


async def test_a_process_does_not_start_as_a_superuser(owners, engines: Addresses, tmp_path: Path):
    environment = {
        **logins.environment_of(own_logins(owners)),
        "VALKEY_URL": engines.valkey_url,
        "VALKEY_CACHE_URL": engines.valkey_cache_url,
        "NATS_URL": engines.nats_url,
        "SMTP_URL": "smtp://127.0.0.1:1",
        "GATEWAY_URL": "http://127.0.0.1:1",
        "GATEWAY_KEY": "k",
        "GATEWAY_WEBHOOK_SECRET": "w",
        "PUBLIC_URL": "http://tickets.example",
        "FILES_DIR": str(tmp_path),
        "SEATWRIGHT_SECRET": "a" * 44,
    }
    told = await seatwright(
        "serve", "entry", "--port", "0", environment={**environment, "DATABASE_URL_ENTRY": owners}
    )
    assert told.code == 2, told
    assert "DATABASE_URL_ENTRY=(login seatwright: a superuser): name a login" in told.err
    assert "Traceback" not in told.err
    del environment["DATABASE_URL_ENTRY"]
    told = await seatwright("serve", "entry", environment={**environment, "DATABASE_URL": owners})
    assert (told.code, "DATABASE_URL_ENTRY=(unset)" in told.err) == (2, True), told


async def test_the_doctor_tells_of_logins(owners):
    good = logins.environment_of(own_logins(owners))
    assert [finding.fine for finding in await rights.findings(good)] == [True]
    assert await rights.findings({"DATABASE_URL": owners}) == []
    bad = {
        **good,
        "DATABASE_URL_ENTRY": owners,
        "DATABASE_URL_ORDERS": "postgresql://h@127.0.0.1:1/n",
    }
    told = await rights.findings(bad)
    assert [(one.fine, one.what.partition(" ")[0]) for one in told] == [
        (False, "DATABASE_URL_ENTRY=(login"), (False, "PostgreSQL"),
    ]  # fmt: skip


async def test_the_doctor_tells_of_a_login_that_loses_what_it_commits(owners):
    alter = f"ALTER ROLE {role('entry')} IN DATABASE {owners.rpartition('/')[2]}"
    connection = await asyncpg.connect(owners)
    await connection.execute(f"{alter} SET synchronous_commit = off")
    try:
        told = await rights.findings(logins.environment_of(own_logins(owners)))
    finally:
        await connection.execute(f"{alter} RESET synchronous_commit")
        await connection.close()
    (what,) = (one.what for one in told)
    assert what.startswith("PostgreSQL at DATABASE_URL_ENTRY has synchronous_commit=off for this")


async def test_a_password_that_cannot_be_one_is_refused(owners):
    urls = {"entry": logins.addresses(owners, {"entry": "größer"})["entry"]}
    with pytest.raises(BadSettings, match=r"DATABASE_URL_ENTRY=.hidden.: a password of printable"):
        await migrations.migrate(owners, urls=urls)
    # Another login, or none: somebody else's arrangement.
    for url in (owners, "postgresql://seatwright_entry@h/n", "postgresql://h/n"):
        assert await migrations.migrate(owners, urls={"entry": url}) == []
    await (await rights.connect(own_logins(owners), "entry", connections_max=1)).close()


def test_secrets_of_an_older_installation_are_kept_and_passwords_made_once(tmp_path: Path):
    older = {"master": "m", "gateway_key": "k", "gateway_webhook_secret": "w", "later": "kept"}
    file = tmp_path / "installation.json"
    file.write_text(json.dumps(older))
    first = secrets.keep(tmp_path)
    assert (first.master, set(first.database_passwords)) == ("m", set(SERVICES))
    assert len(set(first.database_passwords.values())) == len(SERVICES)
    assert secrets.keep(tmp_path) == first
    assert json.loads(file.read_text()).items() >= older.items()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    # A service that is new gets one; the others keep theirs.
    kept = {name: word for name, word in first.database_passwords.items() if name != "entry"}
    file.write_text(json.dumps({**older, "database_passwords": kept}))
    assert secrets.keep(tmp_path).database_passwords.items() > kept.items()
