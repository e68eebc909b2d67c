"""PostgreSQL under a simulated clock, asked by one at a time; and the doors to time and chance."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import asyncpg

from seatwright.kit import clock, ids
from seatwright.kit.postgres import Database
from tests.simulation.world import World

# Found before PostgreSQL's own by the search path: every statement of the product asks this clock.
CLOCK = """
CREATE SCHEMA sim;
GRANT USAGE ON SCHEMA sim TO PUBLIC;
CREATE FUNCTION sim.clock_timestamp() RETURNS timestamptz LANGUAGE sql STABLE
    AS $$ SELECT current_setting('sim.now')::timestamptz $$;
CREATE FUNCTION sim.statement_timestamp() RETURNS timestamptz LANGUAGE sql STABLE
    AS $$ SELECT current_setting('sim.now')::timestamptz $$;
DO $$
DECLARE c record;
BEGIN
    FOR c IN SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = 'orders' AND column_default LIKE '%clock_timestamp()%'
    LOOP
        EXECUTE format('ALTER TABLE orders.%I ALTER COLUMN %I SET DEFAULT sim.clock_timestamp()',
            c.table_name, c.column_name);
    END LOOP;
END $$;
"""
# No more than machines' clocks are, and a round trip less for most statements.
CLOCKS_APART_S = 0.1
TABLES = (
    "inventory", "orders", "codes", "claims", "attempts", "tickets", "idempotency", "webhooks",
    "breaks", "strays", "comparisons", "outbox",
)  # fmt: skip
_EMPTY = "".join(f"DELETE FROM orders.{table};" for table in TABLES)
_SETTINGS = {
    "role": "seatwright_orders",
    "search_path": "sim, orders, pg_catalog",
    "synchronous_commit": "off",
    "statement_timeout": "20000",
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}


class Truth:
    """The connections of a whole run of seeds: none is opened for a seed."""

    def __init__(self, product: list[Any], owner: Any) -> None:
        self.product = product
        self.owner = owner
        # What time each connection believes it is.
        self.told: dict[Any, float] = {}

    @classmethod
    async def open(cls, url: str) -> "Truth":
        owner = await asyncpg.connect(url, server_settings={"synchronous_commit": "off"})
        await owner.execute(CLOCK)
        product = [await asyncpg.connect(url, server_settings=_SETTINGS) for _ in range(2)]
        return cls(product, owner)

    async def empty(self) -> None:
        self.told.clear()
        await self.owner.execute(_EMPTY)

    async def close(self) -> None:
        for one in (*self.product, self.owner):
            await one.close()


class Turns:
    """What `Database` takes for a pool: a gate before each use and one after it."""

    def __init__(self, world: World, truth: Truth) -> None:
        self._world = world
        self._free = truth.product
        self._told = truth.told

    async def acquire(self, *, timeout: float) -> Any:
        await self._world.pause("asks the database")
        if self._world.happens(0.005):
            raise ConnectionResetError("the database is not reached")
        self._world.busy(1)
        connection = self._free.pop()
        if self._world.now_s - self._told.get(connection, -1e9) > CLOCKS_APART_S:
            self._told[connection] = self._world.now_s
            await connection.execute(f"SET sim.now = '{self._world.now.isoformat()}'")
        return connection

    async def release(self, connection: Any) -> None:
        self._free.append(connection)
        self._world.busy(-1)
        await self._world.pause("has what the database said")


def database(world: World, truth: Truth) -> Database:
    return Database(Turns(world, truth))  # type: ignore[arg-type]


class _Chance:
    def __init__(self, random: Random) -> None:
        self._random = random

    def take(self, count: int) -> bytes:
        return self._random.randbytes(count)

    def forget(self) -> None:
        return None


@contextmanager
def doors(world: World) -> Iterator[None]:
    """The product's only doors to time and chance lead into this world."""
    random = Random(world.seed + 1)
    changed: list[tuple[Any, str, Any]] = [
        (clock, "now", lambda: world.now),
        (clock, "unix_ms", lambda: int(world.now.timestamp() * 1000)),
        (clock, "monotonic", lambda: world.now_s),
        (ids, "_chance", _Chance(random)),
        (ids, "secret", lambda n_bytes=24: random.randbytes(n_bytes).hex()),
        (ids, "chance", random.randrange),
    ]
    before = [(where, name, getattr(where, name)) for where, name, _ in changed]
    for where, name, new in changed:
        setattr(where, name, new)
    try:
        yield
    finally:
        for where, name, old in before:
            setattr(where, name, old)
