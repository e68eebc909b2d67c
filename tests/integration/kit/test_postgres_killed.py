"""
PostgreSQL is killed again and again while many write: what they were told is so.

Done is there, `Unavailable` never happened, `Unknown` may be either; and no fault of the driver
reaches anybody under a name of its own, which would be taken for a bug (a 500).
"""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import asyncpg
import pytest

from seatwright.kit.errors import Unavailable, Unknown
from seatwright.kit.postgres import Database
from seatwright.run.engines import Addresses, Engines, External
from tests.integration.kit.conftest import KIT_SCHEMA, SERVICE, until

INSERT = "INSERT INTO seats (seat) VALUES ($1)"
WRITERS = 24
KILLS = 8
ENOUGH = 40  # writes between two blows


@dataclass
class Server:
    """A PostgreSQL of one's own, to be killed."""

    engines: Engines

    @property
    def url(self) -> str:
        return self.engines.addresses.database_url

    async def lose_a_backend(self) -> None:
        """SIGKILL one session's process: PostgreSQL ends all others and recovers by itself."""
        connection = await asyncpg.connect(self.url)
        victim = await connection.fetchval(
            "SELECT pid FROM pg_stat_activity WHERE application_name = $1"
            " ORDER BY query_start DESC LIMIT 1",
            f"seatwright-{SERVICE}",
        )
        connection.terminate()
        os.kill(int(victim), signal.SIGKILL)

    async def lose_everything(self) -> None:
        """SIGKILL the server, as a power cut would; its supervisor starts it again."""
        lifeline = self.engines.lifeline
        gone = lifeline.end_of("postgres")
        os.kill(lifeline.pids["postgres"], signal.SIGKILL)
        await gone
        await until(self.answers, seconds=60)

    async def answers(self) -> bool:
        try:
            connection = await asyncpg.connect(self.url, timeout=1)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        await connection.close()
        return True


@dataclass
class Told:
    """What writers were answered, by the seat they wrote."""

    done: set[int] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)
    unknown: set[int] = field(default_factory=set)
    other: Counter[str] = field(default_factory=Counter)

    async def hear(self, seat: int, write: Awaitable[object]) -> None:
        try:
            await write
        except Unavailable:
            self.refused.add(seat)
            await asyncio.sleep(0.005)  # as a client would wait, so that others come in between
        except Unknown:
            self.unknown.add(seat)
        except Exception as fault:  # noqa: BLE001  # this is what must not come
            self.other[repr(fault)] += 1
        else:
            self.done.add(seat)


async def in_a_transaction(database: Database, seat: int) -> None:
    async with database.transaction() as writer:
        await writer.value("SELECT count(*) FROM seats WHERE seat = $1", seat)
        await writer.run(INSERT, seat)


async def in_one_statement(database: Database, seat: int) -> None:
    await database.atomically(INSERT, seat)


async def many_at_once(database: Database, seat: int) -> None:
    async with database.transaction() as writer:
        await writer.many(INSERT, [(seat,), (-seat,)])


async def after_a_look(database: Database, seat: int) -> None:
    async with database.reading() as reader:
        assert await reader.row("SELECT 1 FROM seats WHERE seat = $1", seat) is None
    await database.atomically(INSERT, seat)


WAYS: tuple[Callable[[Database, int], Awaitable[None]], ...] = (
    in_a_transaction,
    in_one_statement,
    many_at_once,
    after_a_look,
)


@pytest.fixture(scope="module")
async def server(engines: Addresses, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator:
    others = External(
        valkey_url=engines.valkey_url,
        valkey_cache_url=engines.valkey_cache_url,
        nats_url=engines.nats_url,
        feed=engines.feed,
    )
    folder = tmp_path_factory.mktemp("killed")
    for part in (folder, *folder.parents[:2]):
        part.chmod(part.stat().st_mode | 0o011)
    own = await Engines.start(Path(folder), external=others)
    connection = await asyncpg.connect(own.addresses.database_url)
    await connection.execute(f"CREATE ROLE seatwright_{SERVICE} NOLOGIN")
    await connection.execute(KIT_SCHEMA)
    await connection.close()
    yield Server(own)
    await own.stop()


async def test_what_writers_were_told_is_so_whatever_was_killed(server: Server) -> None:
    database = await Database.connect(server.url, service=SERVICE, connections_max=6)
    told, numbers, over = Told(), count(1), asyncio.Event()

    async def write(way: Callable[[Database, int], Awaitable[None]]) -> None:
        while not over.is_set():
            seat = next(numbers)
            await told.hear(seat, way(database, seat))

    async def more() -> bool:
        return len(told.done) >= wanted or bool(told.other)

    writers = [asyncio.ensure_future(write(WAYS[n % len(WAYS)])) for n in range(WRITERS)]
    for kill in range(KILLS):
        wanted = len(told.done) + ENOUGH
        await until(more, seconds=30)
        await (server.lose_everything() if kill % 2 else server.lose_a_backend())
    wanted = len(told.done) + ENOUGH
    await until(more, seconds=30)
    over.set()
    await asyncio.gather(*writers)
    await database.close()
    assert told.other == Counter()
    assert told.refused, "nobody noticed that the server was away"
    assert told.unknown, "nobody was surprised in the middle of a commit"
    connection = await asyncpg.connect(server.url)
    written = {row["seat"] for row in await connection.fetch("SELECT seat FROM kittest.seats")}
    await connection.close()
    assert told.done <= written, "lost after it was done"
    assert not told.refused & written, "done after it was refused"
    assert {-seat for seat in written if seat < 0} <= written, "half a transaction"
