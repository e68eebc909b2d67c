"""
Sending one mail at most once in all normal lives, and at most twice in any.

A row says `sending` before the server is spoken to and `sent` after. A process that dies between
the two leaves a mail of which nobody knows: it is sent once more, and then never again (I-Q1).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from seatwright.delivery.adapters.envelopes import Envelope
from seatwright.delivery.adapters.outcomes import NotSent, SendingInDoubt
from seatwright.delivery.adapters.post_office import CONNECT_DEADLINE, STEP_DEADLINE, PostOffice
from seatwright.delivery.store import mails as store
from seatwright.delivery.store.mails import Delivery
from seatwright.kit import crash, signing
from seatwright.kit.postgres import Database

# Connecting, sender, recipient, the start of the data and the answer to it: five steps.
LEASE = CONNECT_DEADLINE + 5 * STEP_DEADLINE + timedelta(seconds=15)
_REASON_CHARS_MAX = 500

before_sending = crash.declare("delivery_before_sending", "the mail's row says sending")
after_sending = crash.declare("delivery_after_sending", "the server has the mail, the row not yet")


class BusyElsewhere(Exception):  # noqa: N818  # an outcome, not a fault
    """Another process is sending this mail; ask again when its time is over."""


class LeftInDoubt(Exception):  # noqa: N818  # an outcome, not a fault
    """Two attempts ended without an answer; a person must look before it is sent again."""


def delivery_id(*parts: str | int | None) -> str:
    """The id of the mail about `parts`: the same facts are the same mail."""
    return signing.digest_hex(*parts)[:40]


def message_id(delivery: str, sender_domain: str) -> str:
    """A Message-ID that a second copy shares, so that mail programs show one."""
    return f"<{delivery}@{sender_domain}>"


@dataclass(frozen=True, slots=True)
class Dispatch:
    """The way from an envelope to a settled row."""

    database: Database
    office: PostOffice

    async def done(self, delivery: str) -> bool:
        """Whether this mail is sent already: asked before any work is spent on it."""
        return await store.standing(self.database, delivery) == "sent"

    async def send(self, delivery: Delivery, envelope: Envelope) -> None:
        """Send a mail unless it was sent; raises as `once`."""
        await self.once(delivery, lambda: self.office.send(envelope))

    async def once(self, delivery: Delivery, hand_over: Callable[[], Awaitable[None]]) -> None:
        """
        Hand it over unless it was.

        Raises `NotSent`, `SendingInDoubt`, `BusyElsewhere` or `LeftInDoubt`; the queue tries
        again later and keeps what never succeeds.
        """
        number = await store.begin(self.database, delivery, lease=LEASE)
        if number is None:
            await self._explain(delivery.id)
            return
        before_sending()
        try:
            await hand_over()
        except NotSent as fault:
            await self._settle(delivery.id, number, "failed", fault)
            raise
        except SendingInDoubt as fault:
            await self._settle(delivery.id, number, "doubt", fault)
            raise
        after_sending()
        await self._settle(delivery.id, number, "sent", None)

    async def _settle(
        self, delivery: str, number: int, outcome: store.Outcome, fault: Exception | None
    ) -> None:
        reason = str(fault)[:_REASON_CHARS_MAX] if fault else None
        await store.settle(self.database, delivery, number, outcome, reason)

    async def _explain(self, delivery: str) -> None:
        state = await store.standing(self.database, delivery)
        if state == "sent":
            return
        if state == "in_doubt":
            raise LeftInDoubt(delivery)
        # `sending`, and its time not over; or over for the second time, which the next
        # attempts of the queue cannot tell apart and need not.
        raise BusyElsewhere(delivery)
