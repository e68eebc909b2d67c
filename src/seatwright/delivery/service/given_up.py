"""
What was given up of an organisation's events: read it, send it on its way again, drop it.

Operators see every dead letter with the bytes of its message (`seatwright dead-letters`). Here an
organisation sees those about its own events, and of them what names the event and the order: a
message may hold links that open an account, and a fault's text addresses inside.
"""

from dataclasses import dataclass
from typing import Any

import msgspec

from seatwright.contracts.catalog import Catalog, EventId
from seatwright.kit import dead_letters, errors
from seatwright.kit.broker import Broker
from seatwright.kit.dead_letters import DeadLetter, NoDeadLetter

# Looked through for one answer; a house with more has another problem, and its operator.
LOOKED_THROUGH_MAX = 1000
_OWN_CONSUMERS = "delivery-"


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """A dead letter about an event; `fault` is the kind of what went wrong."""

    sequence: int
    consumer: str
    subject: str
    fault: str
    event: EventId
    order: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterBox:
    """Dead letters, as organisations may see them."""

    broker: Broker
    catalog: Catalog

    async def listed(self, organisation: str, *, after: int, at_most: int) -> list[GivenUp]:
        """The oldest ones of an organisation behind a sequence; raises `Unavailable`."""
        owners: dict[EventId, str | None] = {}
        found: list[GivenUp] = []
        looked = 0
        while len(found) < at_most and looked < LOOKED_THROUGH_MAX:
            letters = await dead_letters.listed(self.broker, after=after)
            if not letters:
                break
            looked += len(letters)
            after = letters[-1].sequence
            for letter in letters:
                shown = _shown(letter)
                if shown is None:
                    continue
                if shown.event not in owners:
                    owners[shown.event] = await self._owner(shown.event)
                if owners[shown.event] == organisation:
                    found.append(shown)
        return found[:at_most]

    async def replay(self, organisation: str, sequence: int) -> None:
        """Send one on its way again; raises `NoDeadLetter`, also for another's."""
        await self._refuse_others(organisation, sequence)
        await dead_letters.replay(self.broker, sequence)

    async def drop(self, organisation: str, sequence: int) -> None:
        """Remove one for good; raises `NoDeadLetter`, also for another's."""
        await self._refuse_others(organisation, sequence)
        await dead_letters.drop(self.broker, sequence)

    async def _refuse_others(self, organisation: str, sequence: int) -> None:
        shown = _shown(await dead_letters.one(self.broker, sequence))
        if shown is None or await self._owner(shown.event) != organisation:
            raise NoDeadLetter(f"There is no dead letter {sequence}.")

    async def _owner(self, event: EventId) -> str | None:
        try:
            return (await self.catalog.event(event=event)).organisation
        except errors.NotFound:
            return None


def _shown(letter: DeadLetter) -> GivenUp | None:
    """What an organisation may see of it; None when it is about no event, or the house's own."""
    # Money, seats and admissions that are stuck are the operators' to judge, never to be dropped
    # by whoever sells.
    if not letter.consumer.startswith(_OWN_CONSUMERS):
        return None
    try:
        said: Any = msgspec.json.decode(letter.payload)
    except msgspec.DecodeError:
        return None
    event = said.get("event") if isinstance(said, dict) else None
    if not isinstance(event, str):
        return None
    order = said.get("order")
    return GivenUp(
        sequence=letter.sequence,
        consumer=letter.consumer,
        subject=letter.subject,
        fault=letter.fault.partition("(")[0][:80],
        event=EventId(event),
        order=order if isinstance(order, str) else None,
    )
