"""Papers for whoever holds a signed link: a ticket's PDF, picture and calendar, an order's PDF."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from seatwright.contracts.catalog import Catalog, EventForSale
from seatwright.contracts.delivery import Grant, GrantExpired, read_grant
from seatwright.contracts.orders import IssuedTicket, OrderPapers, Orders
from seatwright.delivery.domain.wording import dashed
from seatwright.delivery.service.papers import Papers, standing
from seatwright.delivery.service.wallets import Wallets
from seatwright.kit import clock, errors, telemetry
from seatwright.kit.signing import BadToken, Keyring

RETRY_AFTER_S = 2
REFUSED = telemetry.counter("papers_refused_total", "Papers refused because too many were asked")


class PaperNotFound(errors.NotFound):
    """No such paper, or this link does not open it."""

    code = "paper_not_found"
    title = "No such paper"


class TooManyPapers(errors.TooMany):
    """All presses are taken and enough people wait already."""

    code = "papers_busy"
    title = "Printing as fast as we can"


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A paper as it leaves: its name and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    papers: OrderPapers
    event: EventForSale
    tickets: list[IssuedTicket]


class PaperCounter:
    """
    Where papers are handed out, to at most `at_once_max` people at a time.

    Rendering costs milliseconds of a core, so a flood is turned away at the door (429) instead
    of making everybody wait.
    """

    def __init__(
        self,
        keys: Keyring,
        orders: Orders,
        catalog: Catalog,
        papers: Papers,
        *,
        wallets: Wallets,
        at_once_max: int,
    ) -> None:
        self._wallets = wallets
        self._keys = keys
        self._orders = orders
        self._catalog = catalog
        self._papers = papers
        self._at_once_max = at_once_max
        self._now_inside = 0

    async def ticket_pdf(self, ticket: str, grant: str | None) -> File:
        """The ticket's page; raises `PaperNotFound`, `GrantExpired`, `TooManyPapers`."""
        async with self._inside():
            found = await self._ticket(ticket, grant)
            content = await self._papers.pdf(found.papers, found.event, found.tickets)
        return File(name=f"ticket-{dashed(found.papers.code)}.pdf", content=content)

    async def ticket_png(self, ticket: str, grant: str | None) -> File:
        """The ticket's code as a picture; raises as `ticket_pdf`."""
        async with self._inside():
            found = await self._ticket(ticket, grant)
            if found.event.moving_codes:
                raise PaperNotFound("The code of this ticket moves: the order page shows it.")
            content = await self._papers.picture(found.event, found.tickets[0])
        return File(name=f"ticket-{dashed(found.papers.code)}.png", content=content)

    async def ticket_ics(self, ticket: str, grant: str | None) -> File:
        """The event as a calendar entry with this seat; raises as `ticket_pdf`."""
        async with self._inside():
            found = await self._ticket(ticket, grant)
            content = await self._papers.calendar(
                found.papers, found.event, found.tickets, now=clock.now()
            )
        return File(name="event.ics", content=content)

    async def ticket_pkpass(self, ticket: str, grant: str | None) -> File:
        """The ticket's pass for Apple Wallet; raises as `ticket_pdf`."""
        async with self._inside():
            found = await self._ticket(ticket, grant)
            content = await self._wallets.apple(found.papers, found.event, found.tickets[0])
            if content is None:
                raise PaperNotFound
        return File(name=f"ticket-{dashed(found.papers.code)}.pkpass", content=content)

    async def google_wallet(self, ticket: str, grant: str | None) -> str:
        """The address that saves the ticket to Google Wallet; raises as `ticket_pdf`."""
        async with self._inside():
            found = await self._ticket(ticket, grant)
            link = await self._wallets.google(found.papers, found.event, found.tickets[0])
            if link is None:
                raise PaperNotFound
        return link

    async def order_pdf(self, code: str, grant: str | None) -> File:
        """All tickets of the order; raises as `ticket_pdf`."""
        async with self._inside():
            right = self._read(grant, clock.now())
            found = await self._order(right)
            asked = code.replace("-", "").upper()
            if right.ticket is not None or asked != found.papers.code or not found.tickets:
                raise PaperNotFound
            content = await self._papers.pdf(found.papers, found.event, found.tickets)
        return File(name=f"tickets-{dashed(found.papers.code)}.pdf", content=content)

    async def _ticket(self, ticket: str, grant: str | None) -> _Found:
        right = self._read(grant, clock.now())
        if right.ticket != ticket:
            raise PaperNotFound
        found = await self._order(right)
        tickets = [t for t in found.tickets if t.id == ticket and t.seq == right.seq]
        if not tickets:
            # Returned, used, or given to somebody whose code is another.
            raise PaperNotFound
        return _Found(papers=found.papers, event=found.event, tickets=tickets)

    async def _order(self, right: Grant) -> _Found:
        papers = await self._orders.papers(event=right.event, order=right.order)
        event = await self._catalog.event(event=right.event)
        return _Found(papers=papers, event=event, tickets=standing(papers.tickets))

    def _read(self, grant: str | None, now: datetime) -> Grant:
        try:
            right = read_grant(self._keys, grant or "")
        except BadToken:
            raise PaperNotFound from None
        if now.timestamp() * 1000 > right.expires_at_ms:
            raise GrantExpired("Open the order page again: it has a new link.")
        return right

    @asynccontextmanager
    async def _inside(self) -> AsyncIterator[None]:
        if self._now_inside >= self._at_once_max:
            REFUSED.inc()
            raise TooManyPapers("Please try again in a moment.", retry_after_s=RETRY_AFTER_S)
        self._now_inside += 1
        try:
            yield
        finally:
            self._now_inside -= 1
