"""
Keeping the demonstration apart from what is for real use.

Everybody knows the password of its organiser. So no other process serves where that log-in stands,
and it is not brought to where others have accounts, organisations or orders.
"""

from pathlib import Path

import asyncpg

from seatwright.accounts.adapters.hashing import Hasher
from seatwright.accounts.domain import emails
from seatwright.accounts.service.demo import EMAIL, PASSWORD
from seatwright.catalog.service.demo import ORGANISATION
from seatwright.kit.errors import Expected
from seatwright.kit.process import Tools

# Only this column, because a database that is still to be migrated may be asked.
_HASH_OF = "SELECT password_hash FROM accounts.people WHERE email_key = $1"
_OF_OTHERS = {
    "accounts.people": "SELECT EXISTS (SELECT FROM accounts.people)",
    "accounts.members": "SELECT EXISTS (SELECT FROM accounts.members)",
    # Its own is there after a start that was cut short.
    "catalog.organisations": "SELECT EXISTS (SELECT FROM catalog.organisations WHERE id <> '"
    f"{ORGANISATION.id}')",
    "orders.orders": "SELECT EXISTS (SELECT FROM orders.orders)",
}


class DemosFolder(Expected):
    """An installation for real use was to start on the demonstration's folder."""

    code = "demos_folder"
    title = "The demonstration's folder"


class PublicLogIn(Expected):
    """The demonstration's log-in, whose password everybody knows, stands where none may."""

    code = "public_log_in"
    title = "A log-in that everybody knows"


class NotTheDemos(Expected):
    """The demonstration was to start where others have accounts, organisations or orders."""

    code = "not_the_demos"
    title = "Not the demonstration's"


def kept(data: Path) -> Path:
    """The file that a demonstration leaves on its folder."""
    return data / "demo.json"


def refuse_folder(data: Path) -> None:
    """Raises `DemosFolder` if a demonstration has run on `data`."""
    if kept(data).exists():
        raise DemosFolder(
            f"{data} is the demonstration's ({kept(data).name}): everybody knows its log-in. "
            "Choose another folder with --data, or delete this one."
        )


async def refuse_others(url: str, *, place: str) -> None:
    """
    Raises `NotTheDemos` unless the database is empty or the demonstration's already.

    `url` is its owner's, and nothing there is changed; `place` is what people call it.
    """
    connection = await asyncpg.connect(url)
    try:
        if await _stands(await _hash_of(connection)):
            return
        for table, question in _OF_OTHERS.items():
            if await _there(connection, table) and await connection.fetchval(question):
                raise NotTheDemos(
                    f"{place} has {table.partition('.')[2]} that are not the demonstration's, and "
                    "everybody knows its log-in. Let it make a database of its own (another folder "
                    "with --data, no DATABASE_URL), or name an empty one. Its events alone are "
                    "loaded into what runs by `seatwright demo load`."
                )
    finally:
        await connection.close()


async def refuse_log_in(url: str) -> None:
    """Raises `PublicLogIn` if the demonstration's log-in stands in the database at its owner's."""
    connection = await asyncpg.connect(url)
    try:
        hashed = await _hash_of(connection)
    finally:
        await connection.close()
    await _refuse(hashed)


async def refuse_log_in_of_accounts(tools: Tools) -> None:
    """The same by the login of accounts, for a process that serves them."""
    database = await tools.database("accounts")
    async with database.reading() as reader:
        hashed = await reader.value(_HASH_OF, emails.read(EMAIL).key)
    await _refuse(hashed)


async def _refuse(hashed: str | None) -> None:
    if await _stands(hashed):
        raise PublicLogIn(
            f"{EMAIL} may log in to this database with the password from the demonstration's "
            "manual. Use another database or folder; or start the demonstration on this one, and "
            "give that account another password there."
        )


async def _stands(hashed: str | None) -> bool:
    if hashed is None:
        return False
    hasher = Hasher()
    try:
        return (await hasher.verify(hashed, PASSWORD)).fits
    finally:
        hasher.close()


async def _hash_of(connection: "asyncpg.Connection[asyncpg.Record]") -> str | None:
    if not await _there(connection, "accounts.people"):
        return None
    hashed: str | None = await connection.fetchval(_HASH_OF, emails.read(EMAIL).key)
    return hashed


async def _there(connection: "asyncpg.Connection[asyncpg.Record]", table: str) -> bool:
    return await connection.fetchval("SELECT to_regclass($1)::text", table) is not None
