"""
Tell an event's buyers what they must hear of: find it, begin a round, write to each order once.

A round hands messages to the queue, a page of orders at a time, and notes how far it is; each
message is a mail of its own, with its retries. A process that dies in between leaves at worst a
page whose messages are handed over twice, and the row of each mail keeps it from being sent twice.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from seatwright.contracts.catalog import Catalog, EventForSale, EventId, EventNotFound
from seatwright.contracts.orders import OrderPapers, Orders
from seatwright.delivery.adapters.envelopes import Organiser, envelope
from seatwright.delivery.adapters.typesetting import Presses
from seatwright.delivery.domain import notices
from seatwright.delivery.domain.mails import notice_mail
from seatwright.delivery.domain.notices import SUBJECT_NOTICE, Notice, Round
from seatwright.delivery.service import webhooks
from seatwright.delivery.service.dispatch import Dispatch, delivery_id, message_id
from seatwright.delivery.service.senders import Sender
from seatwright.delivery.service.text_order import TextDelivery
from seatwright.delivery.store import rounds
from seatwright.delivery.store.mails import Delivery
from seatwright.kit import clock, telemetry
from seatwright.kit.broker import Broker, Outgoing
from seatwright.kit.errors import Unavailable
from seatwright.kit.log import log
from seatwright.kit.postgres import Database, Writer

LOOK_EVERY = timedelta(minutes=1)
IDLE = timedelta(seconds=5)
_EVENTS_AT_ONCE_MAX = 8
_ORDERS_A_PAGE = 200
# A mail server takes some hundred mails a second from one sender before it grows suspicious;
# 100,000 orders are told in about a quarter of an hour.
_PAGE_PAUSE = timedelta(seconds=2)
_LEASE = timedelta(minutes=2)
NOTICES = telemetry.counter("notices_total", "Orders that a round has come to", "kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookout:
    """Finds what buyers must hear of."""

    database: Database
    catalog: Catalog

    async def look(self) -> timedelta:
        """Compare every event that may still change with what was told of it."""
        on_sale = await self.catalog.events_on_sale()
        known = await rounds.to_come(self.database)
        places = asyncio.Semaphore(_EVENTS_AT_ONCE_MAX)

        async def one(event: EventId) -> None:
            async with places:
                await self.compare(event)

        await asyncio.gather(*(one(event) for event in {*on_sale, *known}))
        return LOOK_EVERY

    async def compare(self, event: EventId) -> None:
        """Begin the rounds that one event is due."""
        try:
            document = await self.catalog.event(event=event)
        except EventNotFound:
            return
        now = notices.known_now(document)
        async with self.database.transaction() as writer:
            before = await rounds.told(writer, event)
            due = notices.due(before, now, clock.now())
            if due or before is None or before.document_version < now.document_version:
                await rounds.tell(writer, event, now, due)
            if before is None or before.document_version < now.document_version:
                await _record(writer, document, first=before is None)


async def _record(writer: Writer, event: EventForSale, *, first: bool) -> None:
    """Tell the organisation's own systems of a new document."""
    kind = "event.published" if first else "event.changed"
    await webhooks.record(
        writer,
        organisation=event.organisation,
        kind="event.cancelled" if event.state == "cancelled" else kind,
        key=f"{event.id}/{event.version}",
        at=clock.now(),
        data={
            "event_id": event.id,
            "version": event.version,
            "state": event.state,
            "slug": event.slug,
            "title": event.title,
            "starts_at": clock.rfc3339(event.starts_at),
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundMaker:
    """Goes round an event's orders, at the pace of `pause` a page."""

    database: Database
    orders: Orders
    broker: Broker
    pause: timedelta = _PAGE_PAUSE

    async def step(self) -> timedelta:
        """One page of one round; answers how long to rest."""
        under_way = await rounds.take(self.database, lease=_LEASE)
        if under_way is None:
            return IDLE
        found = await self.orders.live_orders(
            event=under_way.event, after=under_way.told_to, at_most=_ORDERS_A_PAGE
        )
        durable = await self.broker.publish([_message(under_way, order) for order in found])
        if not all(durable):
            raise Unavailable("The broker did not take a page of notices.")
        NOTICES.labels(under_way.kind).inc(len(found))
        over = len(found) < _ORDERS_A_PAGE
        await rounds.advance(
            self.database,
            under_way,
            told_to=found[-1] if found else under_way.told_to,
            orders=len(found),
            over=over,
            # Whoever's turn the next page is, no process has it sooner.
            lease=self.pause,
        )
        return timedelta(0) if over else self.pause


def _message(under_way: Round, order: str) -> Outgoing:
    notice = Notice(
        event=under_way.event,
        order=order,  # type: ignore[arg-type]  # an order's id, as orders gave it
        kind=under_way.kind,
        number=under_way.number,
        values=dict(under_way.values),
    )
    name = f"notice-{under_way.event}-{under_way.kind}-{under_way.number}-{order}"
    return Outgoing(SUBJECT_NOTICE, name, msgspec.json.encode(notice))


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeDelivery:
    """Writes to one order."""

    orders: Orders
    catalog: Catalog
    presses: Presses
    dispatch: Dispatch
    sender: Sender
    texts: TextDelivery

    async def deliver(self, notice: Notice) -> None:
        """
        Send the order its mail, once, and a text message where a number was given.

        An order without a ticket that stands, and news that are none any more, are left alone.
        Raises what kept the mail from being sent.
        """
        known = delivery_id(notice.kind, notice.event, notice.order, notice.number)
        event = await self.catalog.event(event=notice.event)
        papers = await self.orders.papers(event=notice.event, order=notice.order)
        stands = any(ticket.status in {"valid", "used"} for ticket in papers.tickets)
        if not stands or not notices.still_due(notice, notices.known_now(event), clock.now()):
            log.info("notice_no_longer_due", order=notice.order, kind=notice.kind)
            return
        if not await self.dispatch.done(known):
            await self._mail(notice, papers, event, known)
        await self.texts.deliver(notice, papers, event)

    async def _mail(
        self, notice: Notice, papers: OrderPapers, event: EventForSale, known: str
    ) -> None:
        delivery = Delivery(
            id=known,
            kind=notice.kind,
            event=notice.event,
            order=notice.order,
            seq=notice.number,
            recipient=papers.buyer_email,
            message_id=message_id(known, self.sender.domain),
        )
        made = await self.presses.apart(
            lambda: envelope(
                notice_mail(
                    papers,
                    event,
                    kind=notice.kind,
                    values=notice.values,
                    public=self.sender.public,
                ),
                (),
                sender=self.sender.mail_from,
                recipient=(papers.buyer_name, papers.buyer_email),
                message_id=delivery.message_id,
                now=clock.now(),
                organiser=_organiser(event),
            )
        )
        await self.dispatch.send(delivery, made)


def _organiser(event: EventForSale) -> Organiser:
    return Organiser(name=event.organisation_name, reply_to=event.reply_to)
