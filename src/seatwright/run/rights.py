"""
Connecting as a service, but never by a login that may do more than its service needs, nor to a
database that forgets what it acknowledged.
"""

import asyncio
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

import asyncpg

from seatwright.kit.errors import Unavailable
from seatwright.kit.postgres import Database
from seatwright.kit.settings import BadSetting, BadSettings, database_variable
from seatwright.run.engines.inspection import (
    DURABILITY,
    TIMEOUT_S,
    Finding,
    durability,
    refuse_unsafe,
    require_database,
)
from seatwright.run.engines.trouble import UnsafeEngine
from seatwright.run.logins import SERVICES, given, role

# Roles that the login has, or may take on, and that reach beyond its service's tables.
_TOO_MUCH = """
SELECT session_user::text AS login,
    (SELECT rolsuper FROM pg_roles WHERE rolname = session_user) AS superuser,
    ARRAY(
        SELECT rolname::text FROM pg_roles
        WHERE pg_has_role(session_user, oid, 'MEMBER') AND (
            rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls
            OR rolname = ANY ($1::text[])
            OR oid IN (SELECT nspowner FROM pg_namespace WHERE nspname = ANY ($2::text[]))
            OR oid IN (SELECT datdba FROM pg_database WHERE datname = current_database())
            OR rolname IN (
                'pg_read_all_data', 'pg_write_all_data', 'pg_read_server_files',
                'pg_write_server_files', 'pg_execute_server_program'
            )
        ) ORDER BY rolname
    ) AS roles
"""
# A wrong password, no such role, or one that the login may not take on.
_NOT_LET_IN = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.InvalidParameterValueError,
)

_AWAY = (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError)


async def connect(urls: Mapping[str, str], service: str, *, connections_max: int) -> Database:
    """
    The pool of a service, by its own login.

    Raises `BadSettings` when the login is not known, or may do more than its service needs, and
    `UnsafeEngine` when nothing answers there or a commit would not last: each address is asked,
    because each may be of another server, and a login may have settings of its own.
    """
    url = urls.get(service)
    if not url:
        remedy = f"an address like postgresql://{role(service)}:PASSWORD@host:port/name"
        raise BadSettings([BadSetting(database_variable(service), "", remedy)])
    try:
        opened = await Database.connect(url, service=service, connections_max=connections_max)
    except _NOT_LET_IN as refused:
        shown = f"(login {unquote(urlsplit(url).username or '')})"
        remedy = (
            f"PostgreSQL says: {refused}. `seatwright migrate` with this setting makes"
            f" {role(service)} and gives it the password; another login must be a member of it"
        )
        raise BadSettings([BadSetting(database_variable(service), shown, remedy)]) from refused
    except _AWAY:
        # It asks again, and says in words what is wrong.
        await require_database(url, setting=database_variable(service))
        raise
    try:
        await _refuse_too_much(opened, service)
        await _refuse_forgetful(opened, service)
    except BaseException:
        await opened.close()
        raise
    return opened


async def _refuse_forgetful(database: Database, service: str) -> None:
    async with database.reading() as reader:
        rows = await reader.rows(DURABILITY)
    refuse_unsafe(durability(rows, setting=database_variable(service)))


async def _refuse_too_much(database: Database, service: str) -> None:
    others = [role(other) for other in SERVICES if other != service]
    async with database.reading() as reader:
        found = await reader.row(_TOO_MUCH, others, list(SERVICES))
    assert found is not None
    if not found["roles"]:
        return
    why = "a superuser" if found["superuser"] else f"may act as {', '.join(found['roles'])}"
    shown = f"(login {found['login']}: {why})"
    remedy = f"name a login with the rights of {role(service)} only; `seatwright migrate` makes it"
    raise BadSettings([BadSetting(database_variable(service), shown, remedy)])


async def findings(environment: Mapping[str, str]) -> list[Finding]:
    """What the doctor has to say about the logins that are named: one line when all is well."""
    urls = given(environment)
    asked = await asyncio.gather(*(_finding(urls, service) for service in urls))
    bad = [finding for finding in asked if finding is not None]
    if urls and not bad:
        return [Finding(f"{', '.join(urls)}: logins with their own rights only")]
    return bad


async def _finding(urls: Mapping[str, str], service: str) -> Finding | None:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            opened = await connect(urls, service, connections_max=1)
        await opened.close()
    except BadSettings as refused:
        (bad,) = refused.found
        return Finding(f"{bad.name}={bad.value}", f"{bad.remedy[0].upper()}{bad.remedy[1:]}.")
    except UnsafeEngine as away:
        return Finding(away.sentence, away.remedy)
    except (Unavailable, TimeoutError):
        what = f"{service} could not ask the database"
        return Finding(what, f"Start it, or correct {database_variable(service)}.")
    return None
