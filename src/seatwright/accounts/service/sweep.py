"""Forgetting what has ended: sessions, links, registrations that nobody proved."""

from datetime import timedelta

from seatwright.accounts.domain import lifetimes
from seatwright.accounts.store import links, people, sessions
from seatwright.kit.postgres import Database

ROWS_AT_ONCE = 1000
IDLE = timedelta(minutes=10)


async def sweep(database: Database) -> timedelta | None:
    """Delete one batch of each; how long to rest before the next."""
    async with database.transaction() as writer:
        counts = (
            await sessions.sweep(writer, lifetimes.BUYER_ABSOLUTE, ROWS_AT_ONCE),
            await links.sweep(writer, lifetimes.ENDED_LINK_KEPT, ROWS_AT_ONCE),
            # Twice its life, so that a link sent again on the last day still finds it.
            await people.sweep_registrations(writer, 2 * lifetimes.VERIFICATION_LINK, ROWS_AT_ONCE),
        )
    return timedelta(0) if max(counts) == ROWS_AT_ONCE else IDLE
