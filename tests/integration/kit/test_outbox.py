"""What a transaction told is published, whoever dies in between, and no row is passed over."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import asyncpg
import pytest

from seatwright.kit import ids, outbox
from seatwright.kit.broker import Broker, Outgoing
from seatwright.kit.errors import Unknown
from seatwright.kit.outbox import IDLE, Relay
from seatwright.kit.postgres import Database
from tests.integration.kit.conftest import SERVICE, until
from tests.integration.kit.own_nats import own_nats
from tests.integration.kit.proxy import proxy_to

WRITE = "INSERT INTO outbox (subject, message_id, payload) VALUES ($1, $2, $3)"


class Box:
    """A subject of its own on the real broker, and what lies there."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.subject = f"work.outbox-{ids.short_id()}"

    def row(self, n: int) -> tuple[str, str, bytes]:
        return self.subject, f"{self.subject}-{n}", str(n).encode()

    async def arrived(self) -> list[int]:
        found = []
        sequence = 0
        while raw := await self._next(sequence + 1):
            sequence = raw.seq
            found.append(int(raw.data))
        return found

    async def _next(self, sequence: int):
        stream = self.broker.stream
        try:
            return await stream.get_msg("WORK", seq=sequence, subject=self.subject, next=True)
        except Exception as fault:
            if type(fault).__name__ == "NotFoundError":
                return None
            raise


class Dying(Broker):
    """A relay's broker; the relay dies right after what it published is durable."""

    async def publish(self, messages):
        assert all(await super().publish(messages))
        raise asyncio.CancelledError


class Lossy(Broker):
    """Publishes the even ones; of the odd ones nothing is known."""

    async def publish(self, messages):
        even = [m for m in messages if int(m.payload) % 2 == 0]
        await super().publish(even)
        return [m in even for m in messages]


@pytest.fixture
def box(broker) -> Box:
    return Box(broker)


async def write(database: Database, box: Box, *numbers: int) -> None:
    async with database.transaction() as writer:
        await writer.many(WRITE, [box.row(n) for n in numbers])


async def left(truth: asyncpg.Pool) -> int:
    return await truth.fetchval("SELECT count(*) FROM kittest.outbox")


async def test_rows_are_published_in_order_and_gone(database, truth, broker, box):
    await write(database, box, *range(20))
    relay = Relay(database, broker, "test")
    assert await relay.step() == IDLE
    assert await box.arrived() == list(range(20))
    assert await left(truth) == 0
    assert await relay.step() == IDLE, "nothing to do"


async def test_a_full_batch_is_followed_by_the_next_at_once(
    database, truth, broker, box, monkeypatch
):
    monkeypatch.setattr(outbox, "ROWS_AT_ONCE", 5)
    await write(database, box, *range(12))
    relay = Relay(database, broker, "test")
    rests = [await relay.step() for _ in range(3)]
    assert rests == [timedelta(0), timedelta(0), IDLE]
    assert await box.arrived() == list(range(12))


async def test_a_transaction_that_was_rolled_back_told_nothing(database, broker, box, truth):
    with pytest.raises(ValueError, match="no"):
        async with database.transaction() as writer:
            await writer.run(WRITE, *box.row(1))
            raise ValueError("no")
    await Relay(database, broker, "test").step()
    assert await box.arrived() == []


async def test_a_relay_that_dies_between_publishing_and_deleting_loses_and_doubles_nothing(
    database, truth, broker, box, monkeypatch
):
    monkeypatch.setattr(outbox, "LEASE", timedelta(milliseconds=100))
    await write(database, box, 1, 2)
    with pytest.raises(asyncio.CancelledError):
        await Relay(database, Dying(broker.client), "test").step()
    assert await left(truth) == 2
    relay = Relay(database, broker, "test")
    assert await relay.step() == IDLE
    assert await left(truth) == 2, "leased: nobody else takes them yet"

    async def gone() -> bool:
        await relay.step()
        return await left(truth) == 0

    await until(gone)
    assert await box.arrived() == [1, 2], "the broker knows their ids"


async def test_a_row_that_commits_late_is_not_passed_over(database, truth, broker, box):
    # Its id is lower than one that was published already: a reader that remembers the last id
    # never looks back (the cursor below is what must not be).
    relay = Relay(database, broker, "test")
    cursor = 0
    by_cursor: list[int] = []

    async def step_by_cursor() -> None:
        nonlocal cursor
        rows = await truth.fetch(
            "SELECT id, payload FROM kittest.outbox WHERE id > $1 ORDER BY id", cursor
        )
        by_cursor.extend(int(row["payload"]) for row in rows)
        cursor = max([cursor, *(row["id"] for row in rows)])

    async with database.transaction() as late:
        await late.run(WRITE, *box.row(1))
        await write(database, box, 2)
        await step_by_cursor()
        await relay.step()
        assert await box.arrived() == [2]
    await step_by_cursor()
    await relay.step()
    assert by_cursor == [2], "the mutant lost it, or this test shows nothing"
    assert await box.arrived() == [2, 1]
    assert await left(truth) == 0


async def test_relays_beside_each_other_publish_each_row_once(
    kit_url, truth, broker, engines, box, monkeypatch
):
    monkeypatch.setattr(outbox, "ROWS_AT_ONCE", 7)
    sent: list[int] = []

    class Counting(Broker):
        async def publish(self, messages):
            sent.extend(int(m.payload) for m in messages)
            return await super().publish(messages)

    databases = [await Database.connect(kit_url, service=SERVICE) for _ in range(3)]
    relays = [Relay(d, Counting(broker.client), "test") for d in databases]

    async def work(relay: Relay) -> None:
        while await left(truth):
            await relay.step()

    async def produce() -> None:
        for start in range(0, 200, 10):
            await write(databases[0], box, *range(start, start + 10))

    await asyncio.gather(produce(), *(work(relay) for relay in relays))
    await work(relays[0])
    assert sorted(sent) == list(range(200)), "SKIP LOCKED and the lease keep them apart"
    assert sorted(await box.arrived()) == list(range(200))
    for database in databases:
        await database.close()


async def test_what_is_not_known_to_be_durable_stays_and_goes_again(database, truth, broker, box):
    await write(database, box, *range(6))
    assert await Relay(database, Lossy(broker.client), "test").step() == timedelta(seconds=1)
    assert await left(truth) == 3
    await Relay(database, broker, "test").step()
    assert sorted(await box.arrived()) == list(range(6))
    assert await left(truth) == 0


async def test_a_broker_that_is_down_keeps_everything_in_the_box(database, truth, monkeypatch):
    monkeypatch.setattr("seatwright.kit.limits.BROKER_PUBLISH", timedelta(milliseconds=300))
    async with own_nats() as server:
        broker = await Broker.connect(server.url, name="outbox-tests")
        await broker.ensure_streams()
        box = Box(broker)
        await write(database, box, *range(3))
        server.kill()
        relay = Relay(database, broker, "test")
        assert await relay.step() == timedelta(seconds=1)
        assert await left(truth) == 3
        await server.start()

        async def gone() -> bool:
            await relay.step()
            return await left(truth) == 0

        await until(gone, seconds=20)
        assert sorted(await box.arrived()) == [0, 1, 2]
        await broker.client.close()


async def test_a_database_that_is_lost_after_publishing_repeats_and_doubles_nothing(
    kit_url, database, truth, broker, box, monkeypatch
):
    monkeypatch.setattr(outbox, "LEASE", timedelta(milliseconds=50))
    await write(database, box, 1, 2)
    async with proxy_to(kit_url) as (proxy, url):
        lame = await Database.connect(url, service=SERVICE)

        class Cutting(Broker):
            async def publish(self, messages: Sequence[Outgoing]) -> list[bool]:
                durable = await super().publish(messages)
                proxy.refuse_new = True
                proxy.cut()
                return durable

        with pytest.raises(Unknown):
            await Relay(lame, Cutting(broker.client), "test").step()
        await lame.close()
    relay = Relay(database, broker, "test")

    async def gone() -> bool:
        await relay.step()
        return await left(truth) == 0

    await until(gone)
    assert await box.arrived() == [1, 2]


async def test_the_age_of_the_oldest_row_is_told(database, truth, broker, box):
    await truth.execute(
        "INSERT INTO kittest.outbox (subject, message_id, payload, created_at, leased_until)"
        " VALUES ('work.x', 'x', '', now() - interval '90 s', 'infinity')"
    )
    await Relay(database, broker, "aged").step()
    assert 80 < outbox.OUTBOX_OLDEST_SECONDS.labels("aged")._value.get() < 200
    await truth.execute("TRUNCATE kittest.outbox")
    await Relay(database, broker, "aged").step()
    assert outbox.OUTBOX_OLDEST_SECONDS.labels("aged")._value.get() == 0
