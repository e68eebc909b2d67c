"""Bring an order's tickets to its buyer: one mail, one PDF, one calendar entry."""

from dataclasses import dataclass

from seatwright.contracts.catalog import Catalog, EventForSale
from seatwright.contracts.messages import OrderCaptured
from seatwright.contracts.orders import IssuedTicket, OrderPapers, Orders
from seatwright.delivery.adapters.envelopes import Attachment, Envelope, envelope
from seatwright.delivery.adapters.typesetting import Presses
from seatwright.delivery.domain.mails import tickets_mail
from seatwright.delivery.domain.wording import dashed
from seatwright.delivery.service.dispatch import Dispatch, delivery_id, message_id
from seatwright.delivery.service.papers import Papers, standing
from seatwright.delivery.service.senders import Sender
from seatwright.delivery.store import Delivery
from seatwright.kit import clock
from seatwright.kit.log import log

KIND = "tickets"
# The message that an order is captured asks for the first mail; each wish to have it sent again
# will have the next number.
_FIRST = 0


class NotReleased(Exception):  # noqa: N818  # an outcome, not a fault
    """The order has valid tickets whose codes may not go out yet."""


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
        Send the order's tickets, once.

        Raises what kept it from being done; the queue tries again later.
        """
        known = delivery_id(KIND, message.event, message.order, _FIRST)
        if await self.dispatch.done(known):
            return
        papers = await self.orders.papers(event=message.event, order=message.order)
        event = await self.catalog.event(event=message.event)
        tickets = standing(papers.tickets)
        if not tickets:
            _refuse_unreleased(papers)
            # Returned or cancelled since the message was written: there is nothing to bring.
            log.info("order_without_tickets", order=message.order)
            return
        delivery = Delivery(
            id=known,
            kind=KIND,
            event=message.event,
            order=message.order,
            seq=_FIRST,
            recipient=papers.buyer_email,
            message_id=message_id(known, self.sender.domain),
        )
        await self.dispatch.send(delivery, await self._envelope(papers, event, tickets, delivery))

    async def _envelope(
        self,
        papers: OrderPapers,
        event: EventForSale,
        tickets: list[IssuedTicket],
        delivery: Delivery,
    ) -> Envelope:
        now = clock.now()
        pdf = await self.papers.pdf(papers, event, tickets)
        calendar = await self.papers.calendar(papers, event, tickets, now=now)
        attachments = (
            Attachment(
                name=f"tickets-{dashed(papers.code)}.pdf", kind="application/pdf", content=pdf
            ),
            Attachment(name="event.ics", kind="text/calendar; method=PUBLISH", content=calendar),
        )
        return await self.presses.apart(
            lambda: envelope(
                tickets_mail(papers, event, public=self.sender.public),
                attachments,
                sender=self.sender.mail_from,
                recipient=(papers.buyer_name, papers.buyer_email),
                message_id=delivery.message_id,
                now=now,
            )
        )


def _refuse_unreleased(papers: OrderPapers) -> None:
    if any(ticket.status == "valid" for ticket in papers.tickets):
        raise NotReleased(papers.order)
