"""Making an order's papers: the one place where codes are signed and pictured."""

from collections.abc import Sequence
from datetime import datetime

from seatwright.contracts import ticket_codes
from seatwright.contracts.catalog import EventForSale
from seatwright.contracts.orders import IssuedTicket, OrderPapers
from seatwright.delivery.adapters import calendars, code_pictures
from seatwright.delivery.adapters.typesetting import Presses
from seatwright.delivery.domain import sheets
from seatwright.delivery.domain.wording import dashed
from seatwright.delivery.domain.words import in_language
from seatwright.kit.signing import Keyring


def standing(tickets: Sequence[IssuedTicket]) -> list[IssuedTicket]:
    """Those that may be printed: paid for, and neither returned nor used nor given away."""
    return [ticket for ticket in tickets if ticket.released and ticket.status == "valid"]


class Papers:
    """PDF, picture and calendar of an order's tickets."""

    def __init__(self, keys: Keyring, presses: Presses, *, public: str) -> None:
        self._keys = keys
        self._presses = presses
        self._public = public

    async def pdf(
        self, papers: OrderPapers, event: EventForSale, tickets: Sequence[IssuedTicket]
    ) -> bytes:
        """One PDF with a page for each of `tickets`; raises `Unavailable`."""
        words = in_language(papers.language)

        def sheet() -> sheets.Sheet:
            pictures = [(t, self._picture(t, event)) for t in tickets]
            return sheets.sheet(papers, event, pictures, words)

        return await self._presses.pdf(sheet)

    async def picture(self, event: EventForSale, ticket: IssuedTicket) -> bytes:
        """The ticket's code as PNG."""
        return await self._presses.apart(lambda: code_pictures.png(self._code(ticket, event)))

    async def calendar(
        self,
        papers: OrderPapers,
        event: EventForSale,
        tickets: Sequence[IssuedTicket],
        *,
        now: datetime,
    ) -> bytes:
        """The event as an iCalendar file that names the seats."""
        words = in_language(papers.language)
        lines = (*(ticket.label for ticket in tickets), f"{words.order} {dashed(papers.code)}")
        return await self._presses.apart(
            lambda: calendars.calendar(
                event, lines=lines, public=self._public, words=words, now=now
            )
        )

    def _picture(self, ticket: IssuedTicket, event: EventForSale) -> str:
        """The code as paper shows it; empty where the code moves, which paper cannot."""
        return "" if event.moving_codes else code_pictures.svg(self._code(ticket, event))

    def _code(self, ticket: IssuedTicket, event: EventForSale) -> str:
        return ticket_codes.sign(self._keys, ticket_codes.of(ticket, ends_at=event.ends_at))
