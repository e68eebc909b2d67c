"""A message is worked on until it is done, or kept with the reason why not."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from seatwright.kit import broker as kit_broker, clock, dead_letters, ids, telemetry
from seatwright.kit.broker import DELIVERIES_MAX, Broker, Delivered, Outgoing
from seatwright.kit.dead_letters import NoDeadLetter
from seatwright.kit.errors import Unavailable
from tests.integration.kit.conftest import until
from tests.integration.kit.own_nats import own_nats


class Consumer:
    """Notes what it is given; `answer` decides what becomes of it."""

    def __init__(self) -> None:
        self.name = f"test-{ids.short_id()}"
        self.subject = f"work.{self.name}"
        self.seen: list[Delivered] = []
        self.times: list[float] = []

    def answer(self, message: Delivered) -> BaseException | None:
        return None

    async def handle(self, messages: Sequence[Delivered]) -> Sequence[BaseException | None]:
        self.seen += messages
        self.times += [clock.monotonic()] * len(messages)
        return [self.answer(message) for message in messages]

    def outgoing(self, count: int, start: int = 0) -> list[Outgoing]:
        return [
            Outgoing(self.subject, f"{self.name}-{n}", str(n).encode())
            for n in range(start, start + count)
        ]

    def payloads(self) -> list[int]:
        return sorted(int(m.payload) for m in self.seen)


@asynccontextmanager
async def consuming(broker: Broker, consumer: Consumer, **options: object) -> AsyncIterator[None]:
    task = asyncio.ensure_future(
        broker.consume(consumer.name, consumer.subject, consumer.handle, **options)  # type: ignore[arg-type]
    )
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


@pytest.fixture
def consumer() -> Consumer:
    return Consumer()


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(kit_broker, "_BACK_OFF_S", (0.01,))
    monkeypatch.setattr(kit_broker, "_FETCH_S", 0.2)


def seen(consumer: Consumer, count: int):
    async def enough() -> bool:
        return len(consumer.seen) >= count

    return enough


async def left_over(broker: Broker, consumer: Consumer) -> int:
    info = await broker.stream.stream_info("WORK", subjects_filter=consumer.subject)
    return sum((info.state.subjects or {}).values())


def gone(broker: Broker, consumer: Consumer):
    async def nothing_left() -> bool:
        return await left_over(broker, consumer) == 0

    return nothing_left


async def test_every_message_is_delivered_once_and_then_gone(broker, consumer, quick):
    assert await broker.publish(consumer.outgoing(300)) == [True] * 300
    async with consuming(broker, consumer):
        await until(seen(consumer, 300))
        await until(gone(broker, consumer))
    assert consumer.payloads() == list(range(300))
    assert {m.attempt for m in consumer.seen} == {1}
    assert {m.id for m in consumer.seen} == {m.id for m in consumer.outgoing(300)}
    assert {m.subject for m in consumer.seen} == {consumer.subject}


async def test_a_message_with_the_same_id_is_taken_once(broker, consumer, quick):
    await broker.publish(consumer.outgoing(2))
    assert await broker.publish(consumer.outgoing(3)) == [True] * 3
    assert await left_over(broker, consumer) == 3
    async with consuming(broker, consumer):
        await until(gone(broker, consumer))
    assert consumer.payloads() == [0, 1, 2]


async def test_two_consumers_of_one_name_share_the_work(broker, engines, quick):
    first, second = Consumer(), Consumer()
    second.name, second.subject = first.name, first.subject
    # Each keeps its first batch until the other has one too.
    both = asyncio.Barrier(2)

    def patient(consumer: Consumer):
        handle = consumer.handle

        async def wait_once(messages: Sequence[Delivered]) -> Sequence[BaseException | None]:
            if not consumer.seen:
                await both.wait()
            return await handle(messages)

        return wait_once

    other = await Broker.connect(engines.nats_url, name="other")
    first.handle, second.handle = patient(first), patient(second)  # type: ignore[method-assign]
    async with (
        consuming(broker, first, messages_at_once=5),
        consuming(other, second, messages_at_once=5),
    ):
        await broker.publish(first.outgoing(100))
        await until(gone(broker, first), seconds=20)
    assert sorted(first.payloads() + second.payloads()) == list(range(100))
    assert first.seen
    assert second.seen
    await other.close()


async def test_a_fault_is_tried_again_after_a_pause_that_grows(broker, consumer):
    consumer.answer = lambda m: OSError("away") if m.attempt <= 2 else None  # type: ignore[method-assign]
    await broker.publish(consumer.outgoing(1))
    async with consuming(broker, consumer):
        await until(seen(consumer, 3), seconds=20)
        await until(gone(broker, consumer))
    assert [m.attempt for m in consumer.seen] == [1, 2, 3]
    assert len({m.id for m in consumer.seen}) == 1
    first, second = (b - a for a, b in zip(consumer.times, consumer.times[1:], strict=False))
    assert first >= kit_broker._BACK_OFF_S[0] - 0.05
    assert second >= kit_broker._BACK_OFF_S[1] - 0.05


async def test_a_message_that_fails_does_not_hold_up_its_neighbours(broker, consumer, quick):
    consumer.answer = (  # type: ignore[method-assign]
        lambda m: ValueError("odd") if m.attempt == 1 and int(m.payload) % 2 else None
    )
    await broker.publish(consumer.outgoing(10))
    async with consuming(broker, consumer):
        await until(gone(broker, consumer))
    attempts = {n: [m.attempt for m in consumer.seen if int(m.payload) == n] for n in range(10)}
    assert attempts == {n: [1, 2] if n % 2 else [1] for n in range(10)}


async def test_a_handler_that_raises_or_miscounts_has_done_nothing(broker, consumer, quick):
    calls = 0

    async def broken(messages: Sequence[Delivered]) -> Sequence[BaseException | None]:
        nonlocal calls
        calls += 1
        consumer.seen += messages
        if calls == 1:
            raise ZeroDivisionError
        return [] if calls == 2 else [None] * len(messages)

    consumer.handle = broken  # type: ignore[method-assign]
    await broker.publish(consumer.outgoing(1))
    async with consuming(broker, consumer):
        await until(gone(broker, consumer))
    assert [m.attempt for m in consumer.seen] == [1, 2, 3]


async def test_a_message_that_always_fails_is_kept_with_its_reason(broker, consumer, quick):
    before = telemetry.DEAD_LETTERS.labels(consumer.name)._value.get()
    consumer.answer = lambda m: ValueError("no such\norder")  # type: ignore[method-assign]
    await broker.publish(consumer.outgoing(2))
    async with consuming(broker, consumer):
        await until(gone(broker, consumer), seconds=20)
    assert len(consumer.seen) == 2 * DELIVERIES_MAX
    letters = await dead_letters.listed(broker, consumer=consumer.name)
    assert [letter.payload for letter in letters] == ["0", "1"]
    letter = letters[0]
    assert letter.fault == "ValueError('no such\\norder')"
    assert (letter.consumer, letter.subject) == (consumer.name, consumer.subject)
    assert telemetry.DEAD_LETTERS.labels(consumer.name)._value.get() == before + 2


async def test_a_message_whose_work_never_ends_is_given_up_too(broker, consumer, quick):
    # As if a process fell at every attempt: taken, never answered for.
    config = {"work_time": timedelta(milliseconds=50)}
    await broker.publish(consumer.outgoing(1))
    subscription = await broker._subscription(
        consumer.name, consumer.subject, 1, config["work_time"]
    )
    for _ in range(DELIVERIES_MAX):
        await subscription.fetch(1, timeout=5)
    async with consuming(broker, consumer, **config):
        await until(gone(broker, consumer))
    assert consumer.seen == [], "handed out again it would only end the next process"
    (letter,) = await dead_letters.listed(broker, consumer=consumer.name)
    assert "never ended" in letter.fault


async def test_a_dead_letter_is_replayed_as_a_new_message(broker, consumer, quick):
    consumer.answer = lambda m: ValueError("bug")  # type: ignore[method-assign]
    await broker.publish(consumer.outgoing(3))
    async with consuming(broker, consumer):
        await until(gone(broker, consumer), seconds=20)
    letters = await dead_letters.listed(broker, consumer=consumer.name)
    consumer.seen.clear()
    consumer.answer = lambda m: None  # type: ignore[method-assign]
    replayed = await dead_letters.replay(broker, letters[0].sequence)
    assert replayed == letters[0]
    with pytest.raises(NoDeadLetter):
        await dead_letters.replay(broker, letters[0].sequence)
    assert await dead_letters.replay_all(broker, consumer=consumer.name) == 2
    async with consuming(broker, consumer):
        await until(gone(broker, consumer))
    assert consumer.payloads() == [0, 1, 2]
    assert {m.attempt for m in consumer.seen} == {1}
    assert await dead_letters.listed(broker, consumer=consumer.name) == []


async def test_dead_letters_are_listed_a_page_at_a_time_and_dropped(broker, consumer, quick):
    consumer.answer = lambda m: ValueError("bug")  # type: ignore[method-assign]
    await broker.publish(consumer.outgoing(5))
    async with consuming(broker, consumer):
        await until(gone(broker, consumer), seconds=20)
    page = await dead_letters.listed(broker, consumer=consumer.name, at_most=2)
    rest = await dead_letters.listed(broker, consumer=consumer.name, after=page[-1].sequence)
    assert [letter.payload for letter in page + rest] == ["0", "1", "2", "3", "4"]
    everyone = await dead_letters.listed(broker, at_most=1000)
    assert {letter.sequence for letter in page} <= {letter.sequence for letter in everyone}
    dropped = await dead_letters.drop(broker, page[0].sequence)
    assert dropped == page[0]
    with pytest.raises(NoDeadLetter):
        await dead_letters.drop(broker, page[0].sequence)
    await dead_letters._remove(broker, page[0].sequence)
    assert len(await dead_letters.listed(broker, consumer=consumer.name)) == 4


async def test_the_backlog_is_told(broker, consumer, quick):
    consumer.answer = lambda m: ValueError("later")  # type: ignore[method-assign]
    gauge = telemetry.BACKLOG.labels(consumer.name)
    gauge.set(-1)

    async def told() -> bool:
        return gauge._value.get() == 0

    async with consuming(broker, consumer):
        await until(told)


async def test_a_broker_that_is_not_there_is_unavailable(monkeypatch):
    monkeypatch.setattr(kit_broker, "_CONNECT_S", 0.5)
    async with own_nats() as server:
        url = server.url
    with pytest.raises(Unavailable):
        await Broker.connect(url, name="nobody")


async def test_what_was_acknowledged_survives_the_broker_and_consumers_go_on(consumer, quick):
    async with own_nats() as server:
        broker = await Broker.connect(server.url, name="kit-tests")
        await broker.ensure_streams()
        async with consuming(broker, consumer):
            assert all(await broker.publish(consumer.outgoing(20)))
            await until(seen(consumer, 20))
            server.kill()
            await server.start()

            async def published() -> bool:
                return all(await broker.publish(consumer.outgoing(20, 20)))

            await until(published, seconds=30)
            await until(lambda: _all_seen(consumer, 40), seconds=30)
        await broker.close()
    assert set(consumer.payloads()) == set(range(40))


async def _all_seen(consumer: Consumer, count: int) -> bool:
    return set(consumer.payloads()) >= set(range(count))


async def test_messages_wait_in_the_broker_while_nobody_works_and_it_falls(consumer, quick):
    async with own_nats() as server:
        broker = await Broker.connect(server.url, name="kit-tests")
        await broker.ensure_streams()
        assert all(await broker.publish(consumer.outgoing(50)))
        server.kill()
        await server.start()
        async with consuming(broker, consumer):
            await until(lambda: _all_seen(consumer, 50), seconds=30)
        await broker.close()


async def test_what_a_dead_broker_was_sent_is_not_known_to_be_durable(consumer, monkeypatch):
    monkeypatch.setattr("seatwright.kit.limits.BROKER_PUBLISH", timedelta(milliseconds=300))
    async with own_nats() as server:
        broker = await Broker.connect(server.url, name="kit-tests")
        await broker.ensure_streams()
        server.kill()
        assert await broker.publish(consumer.outgoing(3)) == [False] * 3
        for asked in (
            dead_letters.listed(broker),
            dead_letters.replay(broker, 1),
            dead_letters.drop(broker, 1),
            dead_letters._remove(broker, 1),
        ):
            with pytest.raises(Unavailable):
                await asked
        async with asyncio.timeout(10):
            await broker.close()


async def test_a_replay_that_the_broker_does_not_take_keeps_the_letter(broker, consumer, quick):
    consumer.answer = lambda m: ValueError("bug")  # type: ignore[method-assign]
    await broker.publish(consumer.outgoing(1))
    async with consuming(broker, consumer):
        await until(gone(broker, consumer), seconds=20)
    (letter,) = await dead_letters.listed(broker, consumer=consumer.name)

    class Deaf(Broker):
        async def publish(self, messages: Sequence[Outgoing]) -> list[bool]:
            return [False] * len(messages)

    with pytest.raises(Unavailable):
        await dead_letters.replay(Deaf(broker.client), letter.sequence)
    assert await dead_letters.listed(broker, consumer=consumer.name) == [letter]


async def test_a_closed_connection_makes_nothing_durable(engines, consumer):
    broker = await Broker.connect(engines.nats_url, name="closed")
    await broker.close()
    assert await broker.publish(consumer.outgoing(2)) == [False, False]
    assert await broker.publish([]) == []


async def test_a_consumer_may_start_before_its_streams_and_outlives_its_own_end(consumer, quick):
    async with own_nats() as server:
        broker = await Broker.connect(server.url, name="kit-tests")
        async with consuming(broker, consumer):
            await asyncio.sleep(0)
            await broker.ensure_streams()
            await broker.publish(consumer.outgoing(1))
            await until(seen(consumer, 1))
            # An operator removes what the broker knows of the consumer.
            await broker.stream.delete_consumer("WORK", consumer.name)
            await broker.publish(consumer.outgoing(1, 1))
            await until(seen(consumer, 2))
        await broker.close()
    assert consumer.payloads() == [0, 1]
