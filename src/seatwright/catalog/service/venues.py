"""Venues of an organisation."""

from collections.abc import Callable

from seatwright.catalog import store
from seatwright.catalog.domain.venues import VenuePlan, venue_problems
from seatwright.catalog.service.catalogue import Archive, NotHere, there
from seatwright.catalog.service.once import RequestKey, make_once
from seatwright.catalog.store import VenueRow
from seatwright.contracts.catalog import OrganisationId, VenueId
from seatwright.kit import ids
from seatwright.kit.errors import Invalid, Stale
from seatwright.kit.postgres import Writer

_PAGE = 200
_NAMED_MAX = 10


def refuse_unsound(plan: VenuePlan) -> None:
    """Raises `Invalid` when a venue cannot be like this."""
    if problems := tuple(venue_problems(plan)):
        raise Invalid(problems)


async def add_venue(
    archive: Archive,
    *,
    organisation: OrganisationId,
    plan: VenuePlan,
    request: RequestKey | None = None,
    venue: VenueId | None = None,
) -> VenueRow:
    """A new venue, or the one that the same request (or id) made before; raises `Invalid`."""
    refuse_unsound(plan)

    async def make(writer: Writer) -> None:
        there(await store.organisation(writer, organisation))
        await store.add_venue(writer, venue=new, organisation=organisation, plan=plan)

    new = venue or VenueId(ids.short_id())
    made = await make_once(archive.database, request, new, make)
    return await read_venue(archive, organisation=organisation, venue=VenueId(made))


async def read_venue(archive: Archive, *, organisation: OrganisationId, venue: VenueId) -> VenueRow:
    """The venue; raises `NotHere`."""
    async with archive.database.reading() as reader:
        row = await store.venue(reader, venue=venue, organisation=organisation)
    if row is None:
        raise NotHere("There is no such venue.")
    return row


async def list_venues(
    archive: Archive, *, organisation: OrganisationId, after: str | None, limit: int
) -> list[VenueRow]:
    """Newest first, behind the id `after`."""
    async with archive.database.reading() as reader:
        return await store.venues_page(reader, organisation=organisation, after=after, limit=limit)


async def find_venue(archive: Archive, *, organisation: OrganisationId, called: str) -> VenueRow:
    """The venue of an id or a name; raises `NotHere`, naming those that the organisation has."""
    known: list[str] = []
    after: str | None = None
    while page := await list_venues(archive, organisation=organisation, after=after, limit=_PAGE):
        for row in page:
            if called == row.id or called.casefold() == row.plan.name.casefold():
                return row
            known.append(row.plan.name)
        after = page[-1].id
    there_are = f"It has {', '.join(known[:_NAMED_MAX])}." if known else "It has none yet."
    raise NotHere(f"The organisation has no venue {called}. {there_are}")


async def edit_venue(
    archive: Archive,
    *,
    organisation: OrganisationId,
    venue: VenueId,
    version: int | None,
    change: Callable[[VenuePlan], VenuePlan],
) -> VenueRow:
    """
    Change a venue; published events show it from their next publication on.

    `version` None edits whatever is there. Raises `NotHere`, `Stale` or `Invalid`.
    """
    row = await read_venue(archive, organisation=organisation, venue=venue)
    if version is not None and row.version != version:
        raise Stale("The venue was changed meanwhile.")
    plan = change(row.plan)
    refuse_unsound(plan)
    async with archive.database.transaction() as writer:
        edited = await store.edit_venue(
            writer, venue=venue, organisation=organisation, plan=plan, version=row.version
        )
    if edited is None:
        raise Stale("The venue was changed meanwhile.")
    return edited
