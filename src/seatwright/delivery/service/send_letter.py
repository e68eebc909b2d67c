"""Send a letter that another service asked for: confirm an address, choose a password."""

from dataclasses import dataclass

from seatwright.contracts.delivery import Letter
from seatwright.delivery.adapters.envelopes import envelope
from seatwright.delivery.domain.mails import letter_mail
from seatwright.delivery.service.dispatch import Dispatch, delivery_id, message_id
from seatwright.delivery.service.senders import Sender
from seatwright.delivery.store.mails import Delivery
from seatwright.kit import clock


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterDelivery:
    """Everything that sending a letter needs."""

    dispatch: Dispatch
    sender: Sender

    async def deliver(self, letter: Letter, *, message: str) -> None:
        """
        Send the letter of this `message` once; two messages of equal content are two letters.

        Raises what kept it from being done.
        """
        known = delivery_id(letter.template, letter.to, message)
        if await self.dispatch.done(known):
            return
        delivery = Delivery(
            id=known,
            kind=letter.template,
            event=None,
            order=None,
            seq=0,
            recipient=letter.to,
            message_id=message_id(known, self.sender.domain),
        )
        put_together = envelope(
            letter_mail(letter),
            (),
            sender=self.sender.mail_from,
            recipient=(letter.values.get("name", ""), letter.to),
            message_id=delivery.message_id,
            now=clock.now(),
        )
        await self.dispatch.send(delivery, put_together)
