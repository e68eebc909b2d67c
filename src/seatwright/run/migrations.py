"""
The schema: installed whole on an empty database, migrated in steps afterwards.

`pre` migrations only add and run before a new release starts; `post` migrations remove and run
when the old release is gone, so two adjacent releases always share a schema that both can use.

What was applied is history: a file that was changed afterwards, or that would be applied behind a
later one, is refused before anything happens.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import asyncpg

from seatwright.kit.errors import Expected
from seatwright.run import logins, standing

_FILE = re.compile(r"^(\d{4})_(pre|post)_[a-z0-9_]+\.sql$")
# A migration waits this long for a lock, then gives way: a sale is more urgent than a column.
_LOCK_TIMEOUT = "2s"
_STATEMENT_TIMEOUT = "15min"
# Two `migrate` at once take turns; the number is arbitrary and only ours.
_ADVISORY_LOCK = 7_340_211


class MigrationFailed(Expected):
    """A migration could not be applied; nothing of it was."""

    code = "migration_failed"
    title = "Migration failed"


@dataclass(frozen=True, slots=True)
class Migration:
    """One file."""

    number: int
    phase: str
    name: str
    sql: str

    @property
    def digest(self) -> str:
        """What tells this text from any other; SHA-256 in hex."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def folder() -> Path:
    """Where `roles.sql`, `schema/` and `migrations/` are: in the checkout or in the wheel."""
    checkout = Path(__file__).parents[3] / "db"
    if (checkout / "roles.sql").exists():
        return checkout
    return Path(str(resources.files("seatwright").joinpath("db")))


def known() -> list[Migration]:
    """Every migration, in order; a badly named file is an error."""
    found = []
    for path in sorted((folder() / "migrations").glob("*.sql")):
        match = _FILE.match(path.name)
        assert match, f"{path.name}: migrations are named 0007_pre_add_channel.sql"
        found.append(Migration(int(match[1]), match[2], path.stem, path.read_text()))
    # By name `post` would come first, and remove what `pre` of the same number has yet to add.
    return sorted(found, key=lambda one: (one.number, one.phase == "post", one.name))


def schema_sql() -> str:
    """The whole schema as of this release."""
    files = sorted((folder() / "schema").glob("*.sql"))
    return "\n".join(path.read_text() for path in files)


async def install(url: str, *, urls: Mapping[str, str] | None = None) -> None:
    """Roles, schema and the list of migrations it contains, on an empty database."""
    connection = await asyncpg.connect(url)
    try:
        await _install(connection, urls or {})
    finally:
        await connection.close()


async def _install(
    connection: "asyncpg.Connection[asyncpg.Record]", urls: Mapping[str, str]
) -> None:
    async with connection.transaction():
        await _make_roles(connection, urls)
        await connection.execute(schema_sql())
        await _note_all(connection)


async def _make_roles(
    connection: "asyncpg.Connection[asyncpg.Record]", urls: Mapping[str, str]
) -> None:
    await connection.execute((folder() / "roles.sql").read_text())
    await logins.let_in(connection, urls)


async def migrate(
    url: str, *, phase: str | None = None, urls: Mapping[str, str] | None = None
) -> list[str]:
    """
    Bring the database at its owner's `url` to this release; answers what was applied, by name.

    `phase` limits the work to `pre` or `post`; `urls` are the addresses by which services log in
    from now on. Raises `MigrationFailed`, `BadSettings` for a password that cannot be one, or
    `Unavailable` when the database is not there.
    """
    with standing.reaching_database():
        connection = await asyncpg.connect(url)
    try:
        await connection.fetchval("SELECT pg_advisory_lock($1)", _ADVISORY_LOCK)
        if await connection.fetchval("SELECT to_regclass('orders.orders')") is None:
            await _install(connection, urls or {})
            return ["whole schema"]
        async with connection.transaction():
            await _make_roles(connection, urls or {})
        return await _apply_missing(connection, phase)
    finally:
        await connection.close()


async def _apply_missing(
    connection: "asyncpg.Connection[asyncpg.Record]", phase: str | None
) -> list[str]:
    # As JSON, because databases older than the first release have no such column.
    rows = await connection.fetch(
        "SELECT name, to_jsonb(m) ->> 'digest' AS digest FROM public.seatwright_migrations AS m"
    )
    applied = {row["name"]: str(row["digest"]) for row in rows}
    every = known()
    _refuse_other_history(every, applied)
    done: list[str] = []
    for migration in every:
        if migration.name in applied or phase not in {None, migration.phase}:
            continue
        _refuse_too_early(migration, every, {*applied, *done})
        try:
            async with connection.transaction():
                await connection.execute(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")
                await connection.execute(f"SET LOCAL statement_timeout = '{_STATEMENT_TIMEOUT}'")
                await connection.execute(migration.sql)
                await _note(connection, migration)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as fault:
            detail = f"{migration.name}: {fault.__context__ or fault}"
            raise MigrationFailed(f"{detail}. Give the command again.") from fault
        done.append(migration.name)
    return done


def _refuse_other_history(every: Sequence[Migration], applied: Mapping[str, str]) -> None:
    for migration in every:
        if migration.name in applied and applied[migration.name] != migration.digest:
            raise MigrationFailed(
                f"{migration.name} is not the text that was applied to this database. Put it back, "
                "and write a migration of its own for what is new. (A database from before the "
                "first release is not carried over: begin with an empty one.)"
            )
    names = {migration.name for migration in every}
    for name in sorted(set(applied) - names):
        match = _FILE.match(f"{name}.sql")
        # What a later release only added does not hurt us; what it removed, we may need.
        if match is None or match[2] == "post":
            raise MigrationFailed(f"{name} was applied by a later release. Use that one.")
    for migration in every:
        later = [
            one.name for one in every
            if one.phase == migration.phase and one.number > migration.number
            and one.name in applied
        ]  # fmt: skip
        if migration.name not in applied and later:
            raise MigrationFailed(
                f"{migration.name} comes too late: {later[0]} was applied already. Give it the "
                "next free number."
            )


def _refuse_too_early(migration: Migration, every: Sequence[Migration], applied: set[str]) -> None:
    # Removing what is old before the new is there would leave neither.
    if migration.phase == "post":
        for one in every:
            missing = one.phase == "pre" and one.name not in applied
            if missing and one.number <= migration.number:
                raise MigrationFailed(
                    f"{migration.name} has to wait for {one.name}: give `seatwright migrate "
                    "--phase pre`, and replace the processes, first."
                )


async def _note_all(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    await connection.execute(
        "CREATE TABLE IF NOT EXISTS public.seatwright_migrations ("
        "name text PRIMARY KEY, digest text NOT NULL,"
        " applied_at timestamptz NOT NULL DEFAULT now())"
    )
    for migration in known():
        await _note(connection, migration)


async def _note(connection: "asyncpg.Connection[asyncpg.Record]", migration: Migration) -> None:
    await connection.execute(
        "INSERT INTO public.seatwright_migrations (name, digest) VALUES ($1, $2)",
        migration.name,
        migration.digest,
    )
