"""
PostgreSQL: pools, transactions and named queries.

The rules this file alone keeps: a writer exists only inside `transaction()`; nobody else
commits; COMMIT has no client time-out and is never cancelled, because a cancelled COMMIT is
visible to everyone and replicated to nobody (`correctness.md` §0.6); a connection lost while
committing is an *unknown* outcome, one lost before is *unavailable* and nothing was done.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import cache
from importlib import resources
from typing import Any, TypeVar

import asyncpg

from seatwright.kit import clock, limits, log, telemetry
from seatwright.kit.errors import Unavailable, Unknown

T = TypeVar("T")

PLAN_LIFETIME_S = 30
_STATEMENT_S = limits.POSTGRES_STATEMENT.total_seconds()
_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)
# Losing the connection, or the server ending it: whether it did the last thing is not known.
_LOST = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.CannotConnectNowError,
    asyncpg.InternalClientError,
)
# The server answered that it does not take part for now; nothing was done.
_REFUSED = (
    asyncpg.TooManyConnectionsError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InsufficientResourcesError,
)


# A plan made while a table was empty must serve when it holds a sold-out stadium a minute later,
# long before statistics know: every statement on a buyer's way finds its rows by an index.
_FOR_BUYERS = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}


async def _nothing(_connection: object) -> None:
    return None


class Locked(Unavailable):
    """Somebody else's transaction had rows locked for longer than they were waited for."""


class Queries:
    """The statements of a `queries.sql`: `queries["claim_seats"]`."""

    def __init__(self, text: str) -> None:
        parts = _NAME.split(text)
        self._by_name = dict(zip(parts[1::2], (part.strip() for part in parts[2::2]), strict=True))

    def __getitem__(self, name: str) -> str:
        return str(self._by_name[name])

    def names(self) -> frozenset[str]:
        """All names, for the test that none is unused."""
        return frozenset(self._by_name)


@cache
def queries(package: str) -> Queries:
    """The named statements of `queries.sql` in a package such as `seatwright.orders`."""
    return Queries(resources.files(package).joinpath("queries.sql").read_text())


class Reader:
    """Statements that change nothing. Every call has the statement deadline."""

    def __init__(self, connection: "asyncpg.Connection[Any]", patience_s: float) -> None:
        self._connection = connection
        self._patience_s = patience_s

    async def rows(self, query: str, *args: Any) -> list[asyncpg.Record]:
        """All rows."""
        started = clock.monotonic()
        try:
            return await self._connection.fetch(query, *args, timeout=self._patience_s)
        finally:
            log.spent("postgres", clock.monotonic() - started)

    async def row(self, query: str, *args: Any) -> asyncpg.Record | None:
        """The first row, or None."""
        found = await self.rows(query, *args)
        return found[0] if found else None

    async def value(self, query: str, *args: Any) -> Any:
        """The first column of the first row, or None."""
        found = await self.rows(query, *args)
        return found[0][0] if found else None


class Writer(Reader):
    """Statements of one transaction; only `Database.transaction` makes one."""

    async def run(self, query: str, *args: Any) -> None:
        """Execute without an answer."""
        await self.rows(query, *args)

    async def many(self, query: str, rows: Sequence[Sequence[Any]]) -> None:
        """Execute once for every row of arguments."""
        await self._connection.executemany(query, rows, timeout=self._patience_s * 4)


class Database:
    """One service's pool: connected as its role, with its schema in the search path."""

    def __init__(
        self, pool: "asyncpg.Pool[Any]", *, patience: timedelta = limits.POSTGRES_STATEMENT
    ) -> None:
        self._pool = pool
        self._patience_s = patience.total_seconds()

    @classmethod
    async def connect(
        cls,
        url: str,
        *,
        service: str,
        connections_max: int = 10,
        patience: timedelta = limits.POSTGRES_STATEMENT,
    ) -> "Database":
        """
        Open the pool. The login role must be a member of `seatwright_<service>`.

        `patience` is how long a statement may take; reports and checks want more than buyers.
        """
        pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=connections_max,
            timeout=limits.POSTGRES_CONNECT.total_seconds() * 5,
            command_timeout=None,
            # The tables of an event on sale grow by the second: plans are made anew before they
            # are far from what there is.
            max_cached_statement_lifetime=PLAN_LIFETIME_S,
            # Sessions are never changed after they begin, so there is nothing to reset: the
            # default would cost a round trip at every release.
            reset=_nothing,
            server_settings={
                "application_name": f"seatwright-{service}",
                "role": f"seatwright_{service}",
                "search_path": service,
                "statement_timeout": str(int(patience.total_seconds() * 1000)),
                "lock_timeout": "2s",
                "idle_in_transaction_session_timeout": "5s",
                "timezone": "UTC",
                **(_FOR_BUYERS if patience <= limits.POSTGRES_STATEMENT else {}),
            },
        )
        return cls(pool, patience=patience)

    async def close(self) -> None:
        """Close every connection, waiting a little for work under way."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._pool.close(), 5)

    @asynccontextmanager
    async def _connection(self) -> "AsyncIterator[asyncpg.Connection[Any]]":
        # Degraded answer: 503 `unavailable`; the client repeats with the same key.
        try:
            connection = await self._pool.acquire(timeout=limits.POSTGRES_POOL_WAIT.total_seconds())
        except (*_LOST, *_REFUSED) as fault:
            telemetry.DEGRADED.labels("postgres").inc()
            raise Unavailable("The database does not answer.") from fault
        try:
            yield connection  # type: ignore[misc]  # the proxy is a connection in all but type
        finally:
            # What became of the work is known by now, and giving a connection back changes
            # nothing about it: the pool replaces one that it cannot have back. It also ends
            # this by itself when the caller is cancelled.
            with suppress(*_LOST, *_REFUSED):
                await self._pool.release(connection)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reader]:
        """Borrow a connection for reads on the writer; raises `Unavailable`."""
        async with self._connection() as connection:
            try:
                yield Reader(connection, self._patience_s)
            except (*_LOST, *_REFUSED) as fault:
                telemetry.DEGRADED.labels("postgres").inc()
                raise Unavailable("The database does not answer.") from fault

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Writer]:
        """
        One transaction: committed when the block ends, rolled back when it raises.

        Raises `Unavailable` when nothing was done and `Unknown` when the connection was lost
        while committing.
        """
        async with self._connection() as connection:
            try:
                await connection.execute("BEGIN", timeout=_STATEMENT_S)
                yield Writer(connection, self._patience_s)
            except BaseException as fault:
                await _roll_back(connection)
                if isinstance(fault, (*_LOST, *_REFUSED)):
                    telemetry.DEGRADED.labels("postgres").inc()
                    raise _not_done(fault) from fault
                raise
            await _durably(connection, _commit(connection))

    async def atomically(self, query: str, *args: Any) -> list[asyncpg.Record]:
        """
        One data-modifying statement as a transaction of its own, in a single round trip.

        The statement is its own COMMIT, so it has no client time-out either (the server's
        `statement_timeout` bounds its work). Raises `Unavailable`, `Locked` among it, when nothing
        was done and `Unknown` when the connection is lost.
        """
        async with self._connection() as connection:
            return await _durably(connection, _fetch(connection, query, args))


async def _roll_back(connection: "asyncpg.Connection[Any]") -> None:
    try:
        if not connection.is_closed():
            await asyncio.shield(connection.execute("ROLLBACK", timeout=_STATEMENT_S))
    except (*_LOST, *_REFUSED, asyncpg.PostgresError):
        # A connection that died has left the pool already, and may not be touched again.
        with suppress(asyncpg.InterfaceError):
            connection.terminate()


async def _fetch(
    connection: "asyncpg.Connection[Any]", query: str, args: Sequence[Any]
) -> list[asyncpg.Record]:
    # A connection that was lost since it left the pool refuses the call itself: in here that is
    # one outcome among others.
    return await connection.fetch(query, *args)


async def _commit(connection: "asyncpg.Connection[Any]") -> None:
    # An aborted transaction answers COMMIT with ROLLBACK, and no error.
    if await connection.execute("COMMIT") != "COMMIT":
        raise asyncpg.InFailedSQLTransactionError("a statement inside failed, so nothing is kept")


async def _durably(connection: "asyncpg.Connection[Any]", change: Coroutine[Any, Any, T]) -> T:
    started = clock.monotonic()
    warnings: list[object] = []

    def hear(_connection: object, message: object) -> None:
        warnings.append(message)

    try:
        connection.add_log_listener(hear)
    except asyncpg.InterfaceError as fault:
        change.close()
        raise Unavailable("The database was lost before the change was sent.") from fault
    try:
        answer = await _to_its_end(asyncio.ensure_future(change))
    except _REFUSED as fault:
        # Only a whole statement can be refused here (lock or statement time-out): rolled back.
        raise _not_done(fault) from fault
    except _LOST as fault:
        telemetry.UNKNOWN_OUTCOMES.labels("postgres").inc()
        raise Unknown("The database was lost while it made the change durable.") from fault
    finally:
        log.spent("postgres", clock.monotonic() - started)
        with suppress(asyncpg.InterfaceError):
            connection.remove_log_listener(hear)
    if warnings:
        # Somebody ended the wait for the standby: visible here, durable nowhere else.
        telemetry.UNKNOWN_OUTCOMES.labels("postgres").inc()
        raise Unknown(f"The database made the change and warned: {warnings[0]}")
    return answer


def _not_done(fault: BaseException) -> Unavailable:
    if isinstance(fault, asyncpg.LockNotAvailableError):
        return Locked("Somebody else is writing the same. Try again.", retry_after_s=1)
    return Unavailable("The database did not take the change.")


async def _to_its_end(work: "asyncio.Future[T]") -> T:
    # The caller may go, as often as it likes; the work may not. Then the caller is cancelled.
    gone: asyncio.CancelledError | None = None
    while not work.done():
        try:
            await asyncio.wait([work])
        except asyncio.CancelledError as cancelled:
            gone = cancelled
    if gone is not None:
        with suppress(Exception):
            work.result()
        raise gone
    return work.result()
