"""
How services log in to PostgreSQL: each as itself, with its own rights and nobody else's.

A login is the role of its service (`db/roles.sql`), so a statement that somebody smuggles in ends
at that service's schema. The owner's address (`DATABASE_URL`) is for setting up; no service has it.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from urllib.parse import quote, unquote, urlsplit

import asyncpg

from seatwright.kit.settings import BadSetting, BadSettings, database_variable

# Those with a schema of their own; a test compares with `db/`.
SERVICES = ("accounts", "catalog", "delivery", "entry", "orders")
# PostgreSQL's own number. The passwords we make are random: more rounds would protect nothing, and
# each new connection would wait for them.
_SCRAM_ROUNDS = 4096
_SALT_BYTES = 16


def role(service: str) -> str:
    """The role that has a service's rights, and by which it logs in."""
    return f"seatwright_{service}"


def addresses(owners: str, passwords: Mapping[str, str]) -> dict[str, str]:
    """Service → its address at the server and database of the owner's address."""
    parts = urlsplit(owners)
    place = parts.netloc.rpartition("@")[2]
    return {
        service: parts._replace(
            netloc=f"{role(service)}:{quote(password, safe='')}@{place}"
        ).geturl()
        for service, password in passwords.items()
    }


def given(environment: Mapping[str, str]) -> dict[str, str]:
    """Service → its address, of those that the environment names."""
    found = {service: environment.get(database_variable(service), "") for service in SERVICES}
    return {service: url for service, url in found.items() if url}


def environment_of(urls: Mapping[str, str], services: Iterable[str] = SERVICES) -> dict[str, str]:
    """The settings that tell a process the addresses of these services, and no others."""
    return {database_variable(name): urls[name] for name in services if name in urls}


def of_services(names: Iterable[str]) -> tuple[str, ...]:
    """Those of the services that log in."""
    return tuple(name for name in names if name in SERVICES)


async def let_in(
    connection: "asyncpg.Connection[asyncpg.Record]", urls: Mapping[str, str]
) -> list[str]:
    """
    Give each service's role the password of its address; answers the services it was done for.

    An address with another login, or without a password, is somebody else's arrangement and left
    alone. Passwords leave this process only as verifiers, so no log of the server has them.
    Raises `BadSettings`.
    """
    done = []
    for service, url in urls.items():
        parts = urlsplit(url)
        password = unquote(parts.password or "")
        if parts.username != role(service) or not password:
            continue
        statement = await connection.fetchval(
            "SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', $1::text, $2::text)",
            role(service),
            _verifier(password, database_variable(service)),
        )
        await connection.execute(statement)
        done.append(service)
    return done


def _verifier(password: str, variable: str) -> str:
    # RFC 5803, as PostgreSQL keeps it. Other characters would have to be normalised first.
    if not (password.isascii() and password.isprintable()):
        raise BadSettings([BadSetting(variable, "(hidden)", "a password of printable ASCII")])
    salt = secrets.token_bytes(_SALT_BYTES)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _SCRAM_ROUNDS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    words = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${_SCRAM_ROUNDS}:{words[0]}${words[1]}:{words[2]}"
