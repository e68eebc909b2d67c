"""Send an order's news to the telephone that was given with it, beside the mail."""

import re
from dataclasses import dataclass

from seatwright.contracts.catalog import EventForSale
from seatwright.contracts.orders import OrderPapers
from seatwright.delivery.domain.mails import notice_text
from seatwright.delivery.domain.notices import Notice
from seatwright.delivery.ports import Texts
from seatwright.delivery.service.dispatch import Dispatch, delivery_id
from seatwright.delivery.store.mails import Delivery

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDelivery:
    """Everything that sending text messages needs."""

    dispatch: Dispatch
    texts: Texts

    async def deliver(self, notice: Notice, papers: OrderPapers, event: EventForSale) -> None:
        """
        Send the notice as one message, once, where there is a number and a way out.

        Raises what kept it from being sent.
        """
        number = papers.buyer_phone
        if not self.texts.on or not _NUMBER.fullmatch(number):
            return
        kind = f"text:{notice.kind}"
        known = delivery_id(kind, notice.event, notice.order, notice.number)
        if await self.dispatch.done(known):
            return
        delivery = Delivery(
            id=known,
            kind=kind,
            event=notice.event,
            order=notice.order,
            seq=notice.number,
            recipient=number,
            message_id=known,
        )
        text = notice_text(papers, event, kind=notice.kind)
        await self.dispatch.once(delivery, lambda: self.texts.send(to=number, text=text))
