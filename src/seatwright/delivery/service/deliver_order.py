"""
Bring an order's tickets to its people: the buyer all of them, in one mail with one PDF and one
calendar entry, and each attendee with an address of their own theirs.
"""

from collections.abc import Callable
from dataclasses import dataclass

from seatwright.contracts.catalog import Catalog, EventForSale
from seatwright.contracts.messages import OrderCaptured
from seatwright.contracts.orders import IssuedTicket, OrderPapers, Orders
from seatwright.delivery.adapters.envelopes import Attachment, Envelope, Organiser, envelope
from seatwright.delivery.adapters.typesetting import Presses
from seatwright.delivery.domain.mails import Written, attendee_mail, tickets_mail
from seatwright.delivery.domain.wording import dashed
from seatwright.delivery.service import webhooks
from seatwright.delivery.service.dispatch import Dispatch, delivery_id, message_id
from seatwright.delivery.service.papers import Papers, standing
from seatwright.delivery.service.senders import Sender
from seatwright.delivery.store.mails import Delivery
from seatwright.kit import clock
from seatwright.kit.log import log

KIND = "tickets"
# The message that an order is captured asks for the first mail; each wish to have it sent again
# will have the next number.
_FIRST = 0


class NotReleased(Exception):  # noqa: N818  # an outcome, not a fault
    """The order has valid tickets whose codes may not go out yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mail:
    """One of an order's mails: who gets which tickets with which words."""

    kind: str
    recipient: tuple[str, str]
    tickets: list[IssuedTicket]
    write: Callable[[], Written]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDelivery:
    """Everything that delivering an order needs."""

    orders: Orders
    catalog: Catalog
    papers: Papers
    presses: Presses
    dispatch: Dispatch
    sender: Sender

    async def deliver(self, message: OrderCaptured) -> None:
        """
        Send the order's tickets, once to each address.

        Raises what kept one of the mails from being sent, after the others were; the queue tries
        again later.
        """
        papers = await self.orders.papers(event=message.event, order=message.order)
        event = await self.catalog.event(event=message.event)
        tickets = standing(papers.tickets)
        await self._record(papers, event)
        if not tickets:
            _refuse_unreleased(papers)
            # Returned or cancelled since the message was written: there is nothing to bring.
            log.info("order_without_tickets", order=message.order)
            return
        faults = []
        for mail in self._mails(papers, event, tickets):
            try:
                await self._send(papers, event, mail)
            except Exception as fault:  # noqa: BLE001  # one bad address must not keep the others
                faults.append(fault)
        if faults:
            raise faults[0]

    async def _record(self, papers: OrderPapers, event: EventForSale) -> None:
        """Tell the organisation's own systems; before the mails, which may take their time."""
        total = {"amount": papers.total, "currency": papers.currency}
        tickets = [{"id": t.id, "label": t.label, "price": t.price} for t in papers.tickets]
        await webhooks.record(
            self.dispatch.database,
            organisation=event.organisation,
            kind="order.paid",
            key=papers.order,
            at=papers.paid_at or clock.now(),
            data={
                "event_id": event.id,
                "order": dashed(papers.code),
                "total": total,
                "tickets": tickets,
            },
        )

    def _mails(
        self, papers: OrderPapers, event: EventForSale, tickets: list[IssuedTicket]
    ) -> list[_Mail]:
        buyers = _Mail(
            kind=KIND,
            recipient=(papers.buyer_name, papers.buyer_email),
            tickets=tickets,
            write=lambda: tickets_mail(papers, event, public=self.sender.public),
        )
        # A code that moves is shown by the buyer's page: a mail of one's own would open nothing.
        others = [] if event.moving_codes else _others(papers, tickets)
        return [buyers, *(_attendees(papers, event, ticket) for ticket in others)]

    async def _send(self, papers: OrderPapers, event: EventForSale, mail: _Mail) -> None:
        known = delivery_id(mail.kind, papers.event, papers.order, _FIRST)
        if await self.dispatch.done(known):
            return
        delivery = Delivery(
            id=known,
            kind=mail.kind,
            event=papers.event,
            order=papers.order,
            seq=_FIRST,
            recipient=mail.recipient[1],
            message_id=message_id(known, self.sender.domain),
        )
        await self.dispatch.send(delivery, await self._envelope(papers, event, mail, delivery))

    async def _envelope(
        self, papers: OrderPapers, event: EventForSale, mail: _Mail, delivery: Delivery
    ) -> Envelope:
        now = clock.now()
        pdf = await self.papers.pdf(papers, event, mail.tickets)
        calendar = await self.papers.calendar(papers, event, mail.tickets, now=now)
        attachments = (
            Attachment(
                name=f"tickets-{dashed(papers.code)}.pdf", kind="application/pdf", content=pdf
            ),
            Attachment(name="event.ics", kind="text/calendar; method=PUBLISH", content=calendar),
        )
        return await self.presses.apart(
            lambda: envelope(
                mail.write(),
                attachments,
                sender=self.sender.mail_from,
                recipient=mail.recipient,
                message_id=delivery.message_id,
                now=now,
                organiser=Organiser(name=event.organisation_name, reply_to=event.reply_to),
            )
        )


def _attendees(papers: OrderPapers, event: EventForSale, ticket: IssuedTicket) -> _Mail:
    return _Mail(
        kind=f"ticket:{ticket.id}",
        recipient=(ticket.attendee, ticket.attendee_email),
        tickets=[ticket],
        write=lambda: attendee_mail(papers, event, ticket),
    )


def _others(papers: OrderPapers, tickets: list[IssuedTicket]) -> list[IssuedTicket]:
    """Tickets of attendees with an address that is not the buyer's."""
    buyer = papers.buyer_email.casefold()
    return [t for t in tickets if t.attendee_email and t.attendee_email.casefold() != buyer]


def _refuse_unreleased(papers: OrderPapers) -> None:
    if any(ticket.status == "valid" for ticket in papers.tickets):
        raise NotReleased(papers.order)
