"""A transaction happens whole, not at all, or is told to be unknown."""

import asyncio

import asyncpg
import pytest

from seatwright.kit import limits, log, telemetry
from seatwright.kit.errors import Unavailable, Unknown
from seatwright.kit.postgres import Database
from tests.integration.kit.conftest import SERVICE, until
from tests.integration.kit.proxy import proxy_to

INSERT = "INSERT INTO seats (seat, note) VALUES ($1, $2)"
SEATS = "SELECT array_agg(seat ORDER BY seat) FROM kittest.seats"


async def seats(truth: asyncpg.Pool) -> list[int]:
    return await truth.fetchval(SEATS) or []


async def committing(truth: asyncpg.Pool) -> bool:
    return bool(
        await truth.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE query = 'COMMIT' AND state = 'active'"
            " AND datname = current_database()"
        )
    )


async def inserting(truth: asyncpg.Pool) -> bool:
    query = "SELECT count(*) FROM pg_stat_activity WHERE query = $1 AND state = 'active'"
    return bool(await truth.fetchval(query, INSERT))


async def test_a_transaction_is_there_after_its_block_and_not_before(database, truth):
    async with database.transaction() as writer:
        await writer.run(INSERT, 1, "a")
        assert await writer.value("SELECT count(*) FROM seats") == 1
        assert await seats(truth) == []
    assert await seats(truth) == [1]


@pytest.mark.parametrize("fault", [ValueError("bug"), asyncio.CancelledError()])
async def test_a_block_that_raises_leaves_nothing(database, truth, fault):
    with pytest.raises(type(fault)):
        async with database.transaction() as writer:
            await writer.run(INSERT, 1, "a")
            raise fault
    assert await seats(truth) == []
    async with database.transaction() as writer:
        await writer.run(INSERT, 2, "b")
    assert await seats(truth) == [2], "the connection is good for the next one"


async def test_a_transaction_that_failed_inside_is_never_taken_for_committed(database, truth):
    # PostgreSQL answers COMMIT of an aborted transaction with ROLLBACK, and no error.
    with pytest.raises(asyncpg.InFailedSQLTransactionError):
        async with database.transaction() as writer:
            await writer.run(INSERT, 1, "a")
            with pytest.raises(asyncpg.UniqueViolationError):
                await writer.run(INSERT, 1, "again")
    assert await seats(truth) == []


async def test_a_cancelled_block_is_rolled_back_and_leaves_no_transaction_open(database, truth):
    begun = asyncio.Event()

    async def work() -> None:
        async with database.transaction() as writer:
            await writer.run(INSERT, 1, "a")
            begun.set()
            await writer.value("SELECT pg_sleep(30)")

    task = asyncio.ensure_future(work())
    await begun.wait()
    await asyncio.sleep(0)
    task.cancel()
    async with asyncio.timeout(5):
        with pytest.raises(asyncio.CancelledError):
            await task

    async def nothing_open() -> bool:
        return not await truth.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1"
            " AND state <> 'idle' AND pid <> pg_backend_pid()",
            f"seatwright-{SERVICE}",
        )

    await until(nothing_open)
    assert await seats(truth) == []


async def test_a_commit_is_not_cancelled_with_its_caller(database, truth):
    async def work() -> None:
        async with database.transaction() as writer:
            await writer.run(INSERT, 1, "slow")

    task = asyncio.ensure_future(work())
    await until(lambda: committing(truth))
    # More than once: a server that shuts down asks again.
    for _ in range(20):
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await seats(truth) == [1], "cancelled or not, its answer was waited for"


async def test_one_statement_is_not_cancelled_with_its_caller_either(database, truth):
    async def work() -> None:
        await database.atomically(INSERT, 1, "slow")

    task = asyncio.ensure_future(work())
    await until(lambda: inserting(truth))
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await seats(truth) == [1]


async def test_a_commit_that_outlasts_the_statement_deadline_is_waited_for(
    kit_url, truth, monkeypatch
):
    monkeypatch.setattr("seatwright.kit.postgres._STATEMENT_S", 0.1)
    database = await Database.connect(kit_url, service=SERVICE)
    async with database.transaction() as writer:
        await writer.run(INSERT, 1, "slow")
    assert await seats(truth) == [1]
    await database.close()


async def test_a_connection_cut_while_committing_is_unknown_and_the_row_may_be_there(
    kit_url, truth
):
    before = telemetry.UNKNOWN_OUTCOMES.labels("postgres")._value.get()
    async with proxy_to(kit_url) as (proxy, url):
        database = await Database.connect(url, service=SERVICE)

        async def work() -> None:
            async with database.transaction() as writer:
                await writer.run(INSERT, 1, "slow")

        task = asyncio.ensure_future(work())
        await until(lambda: committing(truth))
        proxy.cut()
        with pytest.raises(Unknown):
            await task
        await database.close()

    async def there() -> bool:
        return await seats(truth) == [1]

    await until(there)
    assert telemetry.UNKNOWN_OUTCOMES.labels("postgres")._value.get() == before + 1


async def test_a_commit_that_never_arrived_is_unknown_too(kit_url, truth):
    async with proxy_to(kit_url) as (proxy, url):
        database = await Database.connect(url, service=SERVICE)
        with pytest.raises(Unknown):
            async with database.transaction() as writer:
                await writer.run(INSERT, 1, "a")
                proxy.cut_before_request = lambda _: True
        await database.close()
    assert await seats(truth) == []


@pytest.mark.parametrize("lost", ["request", "answer"])
async def test_one_statement_whose_connection_is_cut_is_unknown(kit_url, truth, lost):
    async with proxy_to(kit_url) as (proxy, url):
        database = await Database.connect(url, service=SERVICE)
        await database.atomically(INSERT, 1, "a")
        if lost == "request":
            proxy.cut_before_request = lambda _: True
        else:
            proxy.cut_before_answer = lambda piece: b"INSERT 0 1" in piece
        with pytest.raises(Unknown):
            await database.atomically(INSERT, 2, "b")
        await database.close()
    assert await seats(truth) == ([1] if lost == "request" else [1, 2])


@pytest.mark.parametrize("when", ["in a statement", "between statements"])
async def test_a_connection_cut_before_committing_is_unavailable_and_nothing_was_done(
    kit_url, truth, when
):
    before = telemetry.DEGRADED.labels("postgres")._value.get()
    async with proxy_to(kit_url) as (proxy, url):
        database = await Database.connect(url, service=SERVICE)
        with pytest.raises(Unavailable):
            async with database.transaction() as writer:
                await writer.run(INSERT, 1, "a")
                if when == "between statements":
                    proxy.cut()
                else:
                    proxy.cut_before_answer = lambda _: True
                await writer.run(INSERT, 2, "b")
        proxy.cut_before_answer = lambda _: False
        async with database.transaction() as writer:
            await writer.run(INSERT, 3, "c")
        await database.close()
    assert await seats(truth) == [3], "and the pool found another connection"
    assert telemetry.DEGRADED.labels("postgres")._value.get() > before


async def test_a_connection_known_to_be_lost_is_not_committed_on(kit_url, truth):
    async with proxy_to(kit_url) as (proxy, url):
        database = await Database.connect(url, service=SERVICE)
        with pytest.raises(Unavailable):
            async with database.transaction() as writer:
                await writer.run(INSERT, 1, "a")
                proxy.cut()

                async def noticed() -> bool:
                    return writer._connection._con is None  # type: ignore[attr-defined]

                await until(noticed)
        await database.close()
    assert await seats(truth) == []


@pytest.mark.parametrize("way", ["transaction", "atomically"])
async def test_a_commit_that_no_standby_has_is_unknown(database, truth, way):
    # Ending the wait for a standby answers COMMIT, and a warning: seen by all, durable nowhere.
    async def change() -> None:
        if way == "atomically":
            await database.atomically(INSERT, 1, "a")
        else:
            async with database.transaction() as writer:
                await writer.run(INSERT, 1, "a")

    waiting = (
        "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name = $1"
    )

    async def waits() -> bool:
        return await truth.fetchval(waiting, f"seatwright-{SERVICE}") is not None

    await truth.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    try:
        await truth.execute("SELECT pg_reload_conf()")
        await until(lambda: _shown(truth, "synchronous_standby_names", "nobody"))
        task = asyncio.ensure_future(change())
        await until(waits)
        backend = await truth.fetchval(waiting, f"seatwright-{SERVICE}")
        await truth.execute("SELECT pg_cancel_backend($1)", backend)
        with pytest.raises(Unknown):
            await task
    finally:
        await truth.execute("ALTER SYSTEM RESET synchronous_standby_names")
        await truth.execute("SELECT pg_reload_conf()")
        await until(lambda: _shown(truth, "synchronous_standby_names", ""))
    assert await seats(truth) == [1]
    await database.atomically(INSERT, 2, "b")


async def _shown(truth: asyncpg.Pool, setting: str, value: str) -> bool:
    return await truth.fetchval("SELECT current_setting($1)", setting) == value


async def test_a_database_that_is_not_there_is_unavailable(kit_url, truth, monkeypatch):
    async with proxy_to(kit_url) as (proxy, url):
        database = await Database.connect(url, service=SERVICE)
        proxy.refuse_new = True
        proxy.cut()
        for _ in range(2):
            with pytest.raises(Unavailable):
                async with database.reading() as reader:
                    await reader.value("SELECT 1")
        with pytest.raises(Unavailable):
            async with database.transaction() as writer:
                await writer.run(INSERT, 1, "a")
        with pytest.raises(Unavailable):
            await database.atomically(INSERT, 1, "a")
        proxy.refuse_new = False
        assert [row["one"] for row in await database.atomically("SELECT 1 AS one")] == [1]
        await database.close()
    assert await seats(truth) == []


async def test_a_pool_that_is_used_up_is_unavailable_after_its_wait(kit_url, monkeypatch):
    monkeypatch.setattr(limits, "POSTGRES_POOL_WAIT", limits.VALKEY_CALL / 10)
    database = await Database.connect(kit_url, service=SERVICE, connections_max=1)
    async with database.reading():
        with pytest.raises(Unavailable):
            async with database.reading():
                pass
    async with database.reading() as reader:
        assert await reader.value("SELECT 1") == 1
    await database.close()


async def test_a_statement_that_takes_too_long_is_unavailable_and_leaves_nothing(kit_url, truth):
    patience = limits.VALKEY_CALL / 5
    database = await Database.connect(kit_url, service=SERVICE, patience=patience)
    with pytest.raises(Unavailable):
        async with database.transaction() as writer:
            await writer.run(INSERT, 1, "a")
            await writer.value("SELECT pg_sleep(20)")
    with pytest.raises(Unavailable):
        async with database.reading() as reader:
            await reader.value("SELECT pg_sleep(20)")
    with pytest.raises(Unavailable):
        await database.atomically("SELECT pg_sleep(20)")
    assert await seats(truth) == []
    await database.close()


async def test_a_lock_that_is_not_given_is_unavailable_and_nothing_was_done(database, truth):
    async with truth.acquire() as owner, owner.transaction():
        await owner.execute("INSERT INTO kittest.seats (seat) VALUES (1)")
        with pytest.raises(Unavailable):
            await database.atomically(INSERT, 1, "b")
    assert await seats(truth) == [1]


async def test_a_backend_that_is_ended_in_a_transaction_is_unavailable(database, truth):
    with pytest.raises(Unavailable):
        async with database.transaction() as writer:
            await writer.run(INSERT, 1, "a")
            backend = await writer.value("SELECT pg_backend_pid()")
            await truth.execute("SELECT pg_terminate_backend($1)", backend)
            await writer.run(INSERT, 2, "b")
    assert await seats(truth) == []


async def test_a_broken_rule_is_the_callers_to_understand(database, truth):
    await database.atomically(INSERT, 1, "a")
    with pytest.raises(asyncpg.UniqueViolationError):
        await database.atomically(INSERT, 1, "b")
    with pytest.raises(asyncpg.UniqueViolationError):
        async with database.transaction() as writer:
            await writer.run(INSERT, 1, "b")


async def test_a_reader_reads_rows_one_row_and_one_value(database, truth):
    async with database.transaction() as writer:
        await writer.many(INSERT, [(n, f"n{n}") for n in range(5)])
    async with database.reading() as reader:
        assert [r["seat"] for r in await reader.rows("SELECT seat FROM seats ORDER BY 1")] == [
            0, 1, 2, 3, 4
        ]  # fmt: skip
        assert (await reader.row("SELECT note FROM seats WHERE seat = $1", 3))["note"] == "n3"
        assert await reader.row("SELECT note FROM seats WHERE seat = 99") is None
        assert await reader.value("SELECT count(*) FROM seats") == 5
        assert await reader.value("SELECT seat FROM seats WHERE seat = 99") is None


async def test_a_pool_is_its_services_role_and_cannot_touch_anything_else(database, truth):
    async with database.reading() as reader:
        assert await reader.value("SELECT current_user::text") == f"seatwright_{SERVICE}"
        assert await reader.value("SHOW timezone") == "UTC"
        assert await reader.value("SHOW search_path") == SERVICE
    for forbidden in ("CREATE TABLE kittest.x ()", "CREATE TABLE public.x ()", "DROP TABLE seats"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await database.atomically(forbidden)


async def test_time_spent_in_the_database_is_told_to_the_request(database, truth):
    line = log.open_canonical()
    async with database.reading() as reader:
        await reader.value("SELECT pg_sleep(0.02)")
    read = line["postgres_ms"]
    assert read >= 20
    await database.atomically("SELECT pg_sleep(0.02)")
    assert line["postgres_ms"] >= read + 20


async def test_many_writers_at_once_lose_nothing(kit_url, truth):
    database = await Database.connect(kit_url, service=SERVICE, connections_max=3)

    async def write(seat: int) -> None:
        async with database.transaction() as writer:
            await writer.run(INSERT, seat, "a")

    await asyncio.gather(*(write(n) for n in range(100)))
    assert await seats(truth) == list(range(100))
    await database.close()


async def test_closing_waits_for_work_under_way_but_not_for_ever(kit_url, truth):
    database = await Database.connect(kit_url, service=SERVICE)
    task = asyncio.ensure_future(database.atomically(INSERT, 1, "slow"))
    await until(lambda: inserting(truth))
    await database.close()
    await task
    assert await seats(truth) == [1]
