"""
NATS JetStream: durable messages with retry, back-off and dead letters.

Streams keep work until it is acknowledged; a message that fails again and again is moved, with
the reason, to the stream `DEAD`, where an operator can read and replay it. Losing the broker
never loses a sale: the outbox in PostgreSQL keeps what has not been acknowledged.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import nats
import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext, api
from nats.js.errors import Error as JetStreamError, NotFoundError

from seatwright.kit import clock, crash, limits, telemetry
from seatwright.kit.errors import Unavailable
from seatwright.kit.log import log

WORK_STREAM = "WORK"
DEAD_STREAM = "DEAD"
DEAD_KEPT = timedelta(days=30)
# A message's id is remembered this long: far longer than a relay's lease lasts.
DUPLICATE_WINDOW = timedelta(minutes=10)
DELIVERIES_MAX = 8
_BACK_OFF_S = (0.5, 2, 5, 15, 60, 180, 600)
_FETCH_S = 1.0
_REPORT_EVERY_S = 5.0
_CONNECT_S = 5.0
_handled = crash.declare("after_messages_handled", "the work is done, the broker has not heard")

FAILURES = (nats.errors.Error, JetStreamError, OSError, asyncio.TimeoutError)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to publish; the broker drops a second one with the same `id`."""

    subject: str
    id: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Delivered:
    """
    A message handed to a consumer, for the n-th time (`attempt` starts at 1).

    `id` is its publisher's, the same at every attempt; a replayed dead letter has a new one.
    """

    subject: str
    payload: bytes
    attempt: int
    id: str = ""


Handler = Callable[[Sequence[Delivered]], Awaitable[Sequence[BaseException | None]]]


class Broker:
    """One connection a process."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.stream: JetStreamContext = client.jetstream(
            timeout=limits.BROKER_PUBLISH.total_seconds(), publish_async_max_pending=4096
        )

    @classmethod
    async def connect(cls, url: str, *, name: str) -> "Broker":
        """Connect, and reconnect for ever after; raises `Unavailable` the first time."""
        try:
            # The client tries for ever, the first time too; whoever starts wants to hear of it.
            async with asyncio.timeout(_CONNECT_S):
                client = await nats.connect(
                    url,
                    name=name,
                    connect_timeout=2,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=0.25,
                    allow_reconnect=True,
                    ping_interval=10,
                    max_outstanding_pings=3,
                    error_cb=_quiet,
                    disconnected_cb=_disconnected,
                    pending_size=8 * 1024 * 1024,
                )
        except FAILURES as fault:
            raise Unavailable("The broker does not answer.") from fault
        return cls(client)

    async def close(self) -> None:
        """Flush what is on its way and end the connection."""
        with suppress(*FAILURES):
            await asyncio.wait_for(self.client.drain(), 3)
        with suppress(*FAILURES):
            await self.client.close()

    async def ensure_streams(self) -> None:
        """
        Create the work and dead-letter streams, or bring them to what this release needs.

        Whatever else an operator has given them (replicas, bounds, a placement) stays.
        """
        await self._ensure(
            WORK_STREAM,
            subjects=["work.>"],
            retention=api.RetentionPolicy.WORK_QUEUE,
            duplicate_window=DUPLICATE_WINDOW.total_seconds(),
        )
        await self._ensure(
            DEAD_STREAM,
            subjects=["dead.>"],
            max_age=DEAD_KEPT.total_seconds(),
            duplicate_window=DUPLICATE_WINDOW.total_seconds(),
        )

    async def _ensure(self, name: str, **needed: Any) -> None:
        try:
            kept = (await self.stream.stream_info(name)).config
        except NotFoundError:
            # Of processes that start together each may come here: the same stream is no other.
            await self.stream.add_stream(name=name, **needed)
            return
        if any(getattr(kept, field) != value for field, value in needed.items()):
            # An update says everything: what it leaves out goes back to its default.
            await self.stream.update_stream(kept, **needed)

    async def publish(self, messages: Sequence[Outgoing]) -> list[bool]:
        """
        Publish all, pipelined; True for each that is durable.

        False means not known: publish it again, the id keeps it from arriving twice.
        """
        if not self.client.is_connected:
            return [False] * len(messages)
        waiting: list[asyncio.Future[api.PubAck] | None] = []
        for message in messages:
            try:
                future = await self.stream.publish_async(
                    message.subject, message.payload, headers={"Nats-Msg-Id": message.id}
                )
                waiting.append(future)
            except FAILURES:
                waiting.append(None)
        pending = [future for future in waiting if future is not None]
        if pending:
            await asyncio.wait(pending, timeout=limits.BROKER_PUBLISH.total_seconds())
        return [
            future is not None
            and future.done()
            and not future.cancelled()
            and future.exception() is None
            for future in waiting
        ]

    async def consume(
        self,
        name: str,
        subject: str,
        handle: Handler,
        *,
        messages_at_once: int = 50,
        work_time: timedelta = timedelta(seconds=60),
    ) -> None:
        """
        Hand messages of `subject` to `handle` in batches until cancelled.

        `handle` answers, for each message, None or the fault that kept it from being done.
        Start more processes with the same `name` to share the work.
        """
        while True:
            subscription = await self._subscription(name, subject, messages_at_once, work_time)
            try:
                await self._take(name, subscription, handle, messages_at_once)
            except FAILURES as fault:
                log.warning("consumer_waits_for_broker", consumer=name, fault=repr(fault))
                await asyncio.sleep(1)
            finally:
                # What is asked for and not waited for goes to nobody, for as long as work may take.
                with suppress(*FAILURES):
                    await subscription.unsubscribe()

    async def _take(
        self,
        name: str,
        subscription: JetStreamContext.PullSubscription,
        handle: Handler,
        messages_at_once: int,
    ) -> None:
        reported = 0.0
        while True:
            messages: list[Msg] = []
            with suppress(TimeoutError, nats.errors.TimeoutError):
                messages = await subscription.fetch(messages_at_once, timeout=_FETCH_S)
            # Also under load, which is when somebody looks: an idle queue has no backlog.
            if not messages or clock.monotonic() - reported > _REPORT_EVERY_S:
                reported = clock.monotonic()
                await self._report_backlog(name, subscription)
            if messages:
                await self._work(name, messages, handle)

    async def _subscription(
        self, name: str, subject: str, messages_at_once: int, work_time: timedelta
    ) -> JetStreamContext.PullSubscription:
        config = api.ConsumerConfig(
            durable_name=name,
            ack_policy=api.AckPolicy.EXPLICIT,
            ack_wait=work_time.total_seconds(),
            filter_subject=subject,
            # Giving up is ours to do: what the broker gives up stays in the stream, unseen.
            max_deliver=-1,
            max_ack_pending=max(1000, messages_at_once * 20),
        )
        while True:
            try:
                return await self.stream.pull_subscribe(
                    subject, durable=name, stream=WORK_STREAM, config=config
                )
            except FAILURES as fault:
                log.warning("consumer_waits_for_broker", consumer=name, fault=repr(fault))
                await asyncio.sleep(1)

    async def _work(self, name: str, messages: list[Msg], handle: Handler) -> None:
        delivered = [(message, _delivered(message)) for message in messages]
        # One that ends its process, or outlasts its time, is never answered for; it has had its
        # chances, and handed out again it would only end the next process.
        hopeless = [pair for pair in delivered if pair[1].attempt > DELIVERIES_MAX]
        work = [pair for pair in delivered if pair[1].attempt <= DELIVERIES_MAX]
        outcomes = await _outcomes([fact for _, fact in work], handle) if work else []
        never_ended = TimeoutError("its work never ended")
        for (message, fact), outcome in [
            *zip(work, outcomes, strict=True),
            *((pair, never_ended) for pair in hopeless),
        ]:
            with suppress(*FAILURES):  # not acknowledged is delivered again: that is the answer
                await self._settle(name, message, fact, outcome)

    async def _settle(
        self, name: str, message: Msg, fact: Delivered, fault: BaseException | None
    ) -> None:
        if fault is None:
            await message.ack()
            return
        log.warning("message_failed", consumer=name, attempt=fact.attempt, fault=repr(fault))
        if fact.attempt < DELIVERIES_MAX:
            await message.nak(delay=_BACK_OFF_S[min(fact.attempt, len(_BACK_OFF_S)) - 1])
            return
        headers = {
            "Nats-Msg-Id": f"{name}-{message.metadata.sequence.stream}",
            "Seatwright-Subject": fact.subject,
            "Seatwright-Consumer": name,
            "Seatwright-Fault": repr(fault).replace("\n", " ")[:500],
        }
        await self.stream.publish(f"dead.{name}", fact.payload, headers=headers)
        telemetry.DEAD_LETTERS.labels(name).inc()
        await message.term()

    async def _report_backlog(
        self, name: str, subscription: JetStreamContext.PullSubscription
    ) -> None:
        with suppress(*FAILURES):
            state = await subscription.consumer_info()
            telemetry.BACKLOG.labels(name).set(
                (state.num_pending or 0) + (state.num_ack_pending or 0)
            )


async def _outcomes(facts: list[Delivered], handle: Handler) -> Sequence[BaseException | None]:
    try:
        outcomes = await handle(facts)
        assert len(outcomes) == len(facts), "one outcome for each message"
    except Exception as fault:  # noqa: BLE001  # the worker loop is an edge
        outcomes = [fault] * len(facts)
    _handled()
    return outcomes


def _delivered(message: Msg) -> Delivered:
    given = (message.headers or {}).get("Nats-Msg-Id", "")
    return Delivered(message.subject, message.data, message.metadata.num_delivered or 1, given)


async def _quiet(fault: Exception) -> None:
    log.debug("broker_error", fault=repr(fault))


async def _disconnected() -> None:
    telemetry.DEGRADED.labels("broker").inc()
    log.warning("broker_disconnected")
