"""
Follows the bucket of documents, for as long as the process lives.

An ordered consumer of our own on the bucket's stream: it resumes behind the last sequence seen,
notices a gap by the consumer's own numbering and a silence by missing heartbeats, and begins
again from the first message when the bucket is another one (deleted, restored, new cluster).
`caught_up` says that everything the stream held when we came has been handed over; the client
library's notion of "initial load finished" is not relied on, as it is wrong when keys change
during the load.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js import api
from nats.js.errors import NotFoundError

from seatwright.catalog.adapters.bucket import STREAM, SUBJECTS, Bucket
from seatwright.kit import telemetry
from seatwright.kit.broker import FAILURES
from seatwright.kit.errors import Unavailable
from seatwright.kit.log import log

HEARTBEAT = timedelta(seconds=1)
# Three heartbeats missed: the consumer is gone, or the broker is.
SILENCE_MAX = HEARTBEAT * 3.5
PAUSE = timedelta(milliseconds=250)
_ACK_TOKENS = 9
_REMOVALS = frozenset({"DEL", "PURGE"})


class Listener(Protocol):
    """Who is told; called on the event loop, in the stream's order, and must not block."""

    def restarted(self) -> None:
        """The bucket is another one: what follows comes from its beginning."""
        ...

    def changed(self, key: str, raw: bytes) -> None:
        """A document was written."""
        ...

    def removed(self, key: str) -> None:
        """A document was removed from the bucket."""
        ...


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a message stands: in the stream, for this consumer, and how many follow."""

    stream: int
    consumer: int
    pending: int


class Feed:
    """One process's view of the bucket."""

    def __init__(self, bucket: Bucket, listener: Listener) -> None:
        self._bucket = bucket
        self._listener = listener
        self._created: datetime | None = None
        self._sequence = 0
        self._target = 0
        self._restart = False
        # Once true, always true: a process that has read everything can serve, if with old news.
        self.caught_up = False
        # Whether the present bucket has been read to its end.
        self.abreast = False

    def restart(self) -> None:
        """Read everything again, soon: what we hold of the bucket is known to be wrong."""
        self._restart = True

    async def step(self) -> timedelta:
        """Follow until something breaks, then answer how long to rest."""
        try:
            await self._resume()
            async with self._consumer() as (subscription, pending):
                if pending == 0:
                    self._reached()
                await self._read(subscription)
        except (*FAILURES, Unavailable, NotFoundError) as fault:
            # Degraded answer: what is in memory is served, as old as the silence is long.
            telemetry.DEGRADED.labels("document_feed").inc()
            log.warning("document_feed_interrupted", fault=repr(fault))
        self.abreast = False
        return PAUSE

    async def _resume(self) -> None:
        extent = await self._bucket.extent()
        if self._restart or extent.created != self._created or extent.last < self._sequence:
            log.info("document_feed_from_the_beginning", documents=extent.keys)
            self._created, self._sequence, self._restart = extent.created, 0, False
            self._listener.restarted()
        self._target = extent.last
        self.abreast = False
        if self._sequence >= self._target:
            self._reached()

    def _reached(self) -> None:
        if not self.caught_up:
            log.info("document_feed_caught_up", sequence=self._sequence)
        self.caught_up = self.abreast = True

    @asynccontextmanager
    async def _consumer(self) -> AsyncIterator[tuple[Subscription, int]]:
        client, stream = self._bucket.broker.client, self._bucket.broker.stream
        inbox = client.new_inbox()
        subscription = await client.subscribe(inbox)
        name = ""
        try:
            made = await stream.add_consumer(
                STREAM,
                api.ConsumerConfig(
                    deliver_subject=inbox,
                    deliver_policy=api.DeliverPolicy.BY_START_SEQUENCE,
                    opt_start_seq=self._sequence + 1,
                    ack_policy=api.AckPolicy.NONE,
                    max_deliver=1,
                    flow_control=True,
                    idle_heartbeat=HEARTBEAT.total_seconds(),
                    inactive_threshold=30.0,
                    mem_storage=True,
                    num_replicas=1,
                ),
            )
            name = made.name
            yield subscription, made.num_pending or 0
        finally:
            with suppress(*FAILURES):
                await subscription.unsubscribe()
                if name and client.is_connected:
                    await stream.delete_consumer(STREAM, name)

    async def _read(self, subscription: Subscription) -> None:
        delivered = 0
        while not self._restart:
            message = await subscription.next_msg(timeout=SILENCE_MAX.total_seconds())
            if message.headers and message.headers.get("Status") == "100":
                if not await self._idle(message, delivered):
                    return
                continue
            place = _place(message)
            delivered += 1
            if place.consumer != delivered:
                log.info("document_feed_gap", expected=delivered, got=place.consumer)
                return
            self._hand_over(message)
            self._sequence = place.stream
            if place.pending == 0 or place.stream >= self._target:
                self._reached()

    async def _idle(self, message: Msg, delivered: int) -> bool:
        # Flow control wants an answer; a heartbeat tells what we should have got by now.
        stalled = (message.headers or {}).get("Nats-Consumer-Stalled")
        if reply := (message.reply or stalled):
            await self._bucket.broker.client.publish(reply)
        told = (message.headers or {}).get("Nats-Last-Consumer")
        return told is None or int(told) == delivered

    def _hand_over(self, message: Msg) -> None:
        key = message.subject.removeprefix(SUBJECTS)
        if (message.headers or {}).get("KV-Operation") in _REMOVALS:
            self._listener.removed(key)
        else:
            self._listener.changed(key, message.data)


def _place(message: Msg) -> _Place:
    # $JS.ACK.<stream>.<consumer>.<delivered>.<stream seq>.<consumer seq>.<time>.<pending>,
    # with domain and account hash before the stream's name where the server is told to.
    tokens = message.reply.split(".")
    assert len(tokens) >= _ACK_TOKENS, "a stream's message says where it stands"
    first = 5 if len(tokens) == _ACK_TOKENS else 7
    return _Place(
        stream=int(tokens[first]),
        consumer=int(tokens[first + 1]),
        pending=int(tokens[first + 3]),
    )
