"""Orders' truth about many seats, put together from its pages."""

import msgspec

from seatwright.contracts.catalog import EventId
from seatwright.contracts.orders import LiveClaim, Orders, SeatMap
from seatwright.contracts.reservations import HoldId, Seat

_FIRST = Seat(0)


async def seat_map(
    orders: Orders, event: EventId, first: Seat = _FIRST, last: Seat | None = None
) -> SeatMap:
    """
    At least the seats from `first` to `last`, or all; raises what orders raises.

    Each page was true when it was read, and all of them were read during this call. A seat whose
    claim was made or ended meanwhile is told as before or as after: whoever judges by this leaves
    alone what changed since the call began, and looks again some seconds later.
    """
    pages = []
    start: Seat | None = first
    while start is not None and (last is None or start <= last):
        page = await orders.seat_map(event=event, start=start)
        pages.append(page)
        start = page.next
    return _whole(pages)


def _whole(pages: list[SeatMap]) -> SeatMap:
    if len(pages) == 1:
        return pages[0]
    claims: dict[tuple[HoldId, str], LiveClaim] = {}
    for claim in (claim for page in pages for claim in page.claimed):
        known = claims.get((claim.hold, claim.holder))
        if known is None:
            claims[claim.hold, claim.holder] = claim
        else:
            # As of the later page: its deadline may have been moved between the two.
            seats = [*known.seats, *claim.seats]
            claims[claim.hold, claim.holder] = msgspec.structs.replace(claim, seats=seats)
    return SeatMap(
        seat_count=pages[-1].seat_count,
        sold=[seat for page in pages for seat in page.sold],
        blocked=[seat for page in pages for seat in page.blocked],
        claimed=list(claims.values()),
    )
