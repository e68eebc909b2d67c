"""Changes reach the watchers: in order, without a gap, and whoever dies."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from seatwright.contracts.catalog import EventId
from seatwright.contracts.reservations import Seat
from seatwright.kit import ids, tasks
from seatwright.reservations.adapters.feed import NatsFeed
from seatwright.reservations.domain.outcomes import Change
from seatwright.reservations.service.publishing import Publishing, coalesced
from tests.integration.reservations.house import Connections, at_work, open_house
from tests.integration.reservations.own_valkey import OwnValkey
from tests.integration.reservations.shop import Shop, Town, opened


class Watcher:
    """A browser's view, built from messages alone."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.states: dict[int, int] = {}
        self.version = 0
        self.epoch = ""
        self.gaps = 0
        self.heard = asyncio.Condition()

    async def hear(self, raw: bytes) -> None:
        message = msgspec.json.decode(raw)
        async with self.heard:
            self.messages.append(message)
            if message["v"] > self.version or message["e"] != self.epoch:
                self.gaps += bool(self.version) and message["f"] > self.version
                self.version, self.epoch = message["v"], message["e"]
                for state, seats in message["c"]:
                    self.states.update(dict.fromkeys(seats, state))
            self.heard.notify_all()

    async def until(self, version: int) -> None:
        async with asyncio.timeout(10), self.heard:
            await self.heard.wait_for(lambda: self.version >= version)


@asynccontextmanager
async def watching(connections: Connections, event: EventId) -> AsyncIterator[Watcher]:
    watcher = Watcher()

    async def take(message: Any) -> None:
        await watcher.hear(message.data)

    client = connections.broker.client
    subscription = await client.subscribe(f"seats.{event}", cb=take)
    await client.flush()
    yield watcher
    await subscription.unsubscribe()


class Feed:
    """Takes messages for a watcher, as long as it is up."""

    def __init__(self, watcher: Watcher) -> None:
        self.watcher = watcher
        self.up = True

    async def publish(self, *, messages: list[tuple[EventId, bytes]]) -> bool:
        if self.up:
            for _, message in messages:
                await self.watcher.hear(message)
        return self.up


async def rounds(publishing: Publishing, until: Any) -> None:
    async with asyncio.timeout(10):
        while not until():
            await asyncio.sleep((await publishing.step()).total_seconds())


@pytest.fixture
async def other(town: Town, server: OwnValkey) -> AsyncIterator[Shop]:
    async with opened(town, server.url) as process:
        yield process


async def test_a_watcher_sees_every_change_of_a_working_process(
    town: Town, connections: Connections
) -> None:
    async with (
        open_house(town, connections) as house,
        watching(connections, town.event) as watcher,
        at_work(house, "seat-publisher"),
    ):
        hold = await house.hold(seats=["A:1:1", "A:1:2"])
        await house.contract.sold(event=town.event, seats=[Seat(1)])
        await house.client.delete(f"/v1/holds/{hold['id']}")
        path = f"/v1/events/{town.event}/availability/changes?since=0"
        told = (await house.client.get(path)).json()
        await watcher.until(told["version"])
    assert watcher.epoch == told["epoch"]
    assert {seat: state for seat, state in watcher.states.items() if state} == {1: 2}
    assert watcher.gaps == 0


async def test_two_processes_publish_each_change_once_and_in_order(shop: Shop, other: Shop) -> None:
    watcher = Watcher()
    publishers = [
        Publishing(one.store, Feed(watcher), process=ids.short_id()) for one in (shop, other)
    ]
    running = [
        asyncio.ensure_future(tasks.forever("publisher", one.step, idle=timedelta()))
        for one in publishers
    ]
    for n in range(40):
        row, seat = divmod(n, 10)
        process = (shop, other)[n % 2]
        await process.hold(f"A:{row + 1}:{seat + 1}")
        publishers[n % 2].changed(*process.changes[-1])
        if n % 4 == 3:  # so that there are many batches
            await watcher.until(process.changes[-1][1])
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    assert len(watcher.messages) >= 10
    assert watcher.gaps == 0
    versions = [message["v"] for message in watcher.messages]
    assert versions == sorted(versions)
    told = [seat for m in watcher.messages for _, seats in m["c"] for seat in seats]
    assert sorted(told) == list(range(40))


async def test_the_work_of_a_dead_publisher_is_taken_over(shop: Shop, other: Shop) -> None:
    watcher = Watcher()
    dying = Publishing(shop.store, Feed(watcher), process="dying")
    living = Publishing(other.store, Feed(watcher), process="living")
    await shop.hold("A:1:1")
    dying.changed(*shop.changes[-1])
    await rounds(dying, lambda: watcher.version)  # has the lease, and is never heard of again
    await other.hold("A:1:2")
    event, version = other.changes[-1]
    living.changed(event, version)
    await rounds(living, lambda: watcher.version >= version)
    assert watcher.states == {0: 1, 1: 1}
    assert watcher.gaps == 0


async def test_what_could_not_be_sent_is_sent_later(shop: Shop) -> None:
    watcher = Watcher()
    feed = Feed(watcher)
    publishing = Publishing(shop.store, feed, process="one")
    feed.up = False
    await shop.hold("A:1:1")
    publishing.changed(*shop.changes[-1])
    for _ in range(3):
        await asyncio.sleep((await publishing.step()).total_seconds())
    assert watcher.messages == []
    feed.up = True
    _, version = shop.changes[-1]
    await rounds(publishing, lambda: watcher.version >= version)
    assert watcher.states == {0: 1}


async def test_an_idle_publisher_gives_the_lease_back_and_rests(shop: Shop) -> None:
    watcher = Watcher()
    publishing = Publishing(shop.store, Feed(watcher), process="one")
    await shop.hold("A:1:1")
    event, version = shop.changes[-1]
    publishing.changed(event, version)
    await rounds(publishing, lambda: watcher.version >= version)
    meta = f"{{e:{event}}}:m"
    async with asyncio.timeout(10):
        while await shop.valkey.command("HEXISTS", meta, "publisher"):
            await asyncio.sleep((await publishing.step()).total_seconds())
    resting = asyncio.get_running_loop().create_task(publishing.step())
    await asyncio.sleep(0)
    assert not resting.done()
    await shop.hold("A:1:2")
    publishing.changed(*shop.changes[-1])
    await asyncio.wait_for(resting, 5)


async def test_the_feed_says_when_the_broker_is_away(connections: Connections) -> None:
    feed = NatsFeed(connections.broker)
    assert await feed.publish(messages=[(EventId("x"), b"{}")])


def test_only_the_last_state_of_a_seat_is_told() -> None:
    changes = [Change(1, ((1, (1, 2)),)), Change(2, ((0, (2,)), (2, (1,)))), Change(3, ())]
    assert dict(coalesced(changes)) == {2: [1], 0: [2]}
