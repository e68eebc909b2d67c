"""Tell organisations' own systems what happened, until they have it or three days are over."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from seatwright.contracts.catalog import Catalog
from seatwright.contracts.delivery import SUBJECT_MAIL, Happened, Letter
from seatwright.delivery.adapters.courier import DEADLINE, Courier
from seatwright.delivery.domain import webhooks
from seatwright.delivery.domain.webhooks import Attempt
from seatwright.delivery.store import webhooks as store
from seatwright.delivery.store.webhooks import Taken
from seatwright.kit import clock, telemetry
from seatwright.kit.broker import Broker, Outgoing
from seatwright.kit.errors import Unavailable
from seatwright.kit.log import log
from seatwright.kit.postgres import Database, Writer
from seatwright.kit.signing import Keyring

IDLE = timedelta(seconds=1)
AT_ONCE_MAX = 24
# Long enough to look into last season's numbers; a stadium's sale is 30 MB of it.
LOG_KEPT = timedelta(days=90)
FORGET_EVERY = timedelta(hours=1)
# An attempt has ended by then, one way or the other.
_LEASE = DEADLINE + timedelta(seconds=30)
# What a receiver answers that is not there any more, by the standard.
_GONE = 410
SENT = telemetry.counter("webhooks_total", "Attempts to deliver a webhook, by outcome", "outcome")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorder:
    """Keeps what happened."""

    database: Database
    catalog: Catalog

    async def happened(self, fact: Happened) -> None:
        """Keep a fact that another service told, for the organisation of its event."""
        event = await self.catalog.event(event=fact.event)
        await record(
            self.database,
            organisation=event.organisation,
            kind=fact.kind,
            key=fact.key,
            at=fact.at,
            data={"event_id": fact.event, **fact.data},
        )


async def record(
    target: Database | Writer,
    *,
    organisation: str,
    kind: str,
    key: str,
    at: datetime,
    data: dict[str, Any],
) -> None:
    """Keep what happened, once: `key` tells facts of a kind apart."""
    assert kind in webhooks.KINDS, kind
    await store.record(
        target,
        message=webhooks.message_id(organisation, kind, key),
        organisation=organisation,
        kind=kind,
        body=webhooks.body(kind, at, data),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Sends what is due; any number may run beside each other, each row is one's at a time."""

    database: Database
    broker: Broker
    keys: Keyring
    courier: Courier
    public: str

    async def step(self) -> timedelta:
        """One handful; answers how long to rest."""
        taken = await store.take(self.database, at_most=AT_ONCE_MAX, lease=_LEASE)
        await asyncio.gather(*(self._one(delivery) for delivery in taken))
        telemetry.BACKLOG.labels("delivery-webhooks").set(await store.waiting(self.database))
        return timedelta(0) if len(taken) == AT_ONCE_MAX else IDLE

    async def forget(self) -> timedelta:
        """Drop what has been in the logs for three months."""
        await store.forget(self.database, older=LOG_KEPT)
        return FORGET_EVERY

    async def _one(self, taken: Taken) -> None:
        now = clock.now()
        headers = webhooks.headers(
            self.keys,
            endpoint=taken.endpoint,
            generations=webhooks.generations(taken.generation, taken.rotated_at, now),
            message=taken.message,
            at=now,
            content=taken.body,
        )
        attempt = await self.courier.post(taken.url, taken.body, headers)
        SENT.labels("sent" if attempt.sent else "failed").inc()
        again_in = None if attempt.sent else webhooks.again_in(taken.attempt_count)
        if not attempt.sent:
            log.info("webhook_failed", endpoint=taken.endpoint, reason=attempt.reason)
        await store.settle(self.database, taken, attempt, again_in=again_in)
        if not attempt.sent:
            await self._judge(taken, attempt, last=again_in is None)

    async def _judge(self, taken: Taken, attempt: Attempt, *, last: bool) -> None:
        """Switch the endpoint off when it is gone or has failed too long, and say so by mail."""
        gone = attempt.status == _GONE
        if not (gone or last):
            return
        off = await store.disable(
            self.database, taken.endpoint, failing_for=webhooks.FAILING_MAX, at_once=gone
        )
        if off:
            await self._tell(taken)

    async def _tell(self, taken: Taken) -> None:
        # Should this be lost, the endpoint's own `disabled_at` still says it to whoever looks.
        letter = Letter(
            template="webhooks_off",
            to=taken.contact,
            language=taken.language,
            values={"address": taken.url, "link": self.public},
        )
        message = Outgoing(SUBJECT_MAIL, f"webhooks-off-{taken.id}", msgspec.json.encode(letter))
        if not all(await self.broker.publish([message])):
            raise Unavailable("The broker did not take the letter.")
