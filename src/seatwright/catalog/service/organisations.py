"""Organisations."""

from collections.abc import Callable

from seatwright.catalog import store
from seatwright.catalog.domain.organisations import (
    Organisation,
    organisation_problems,
    slug_of_name,
)
from seatwright.catalog.domain.texts import tidy
from seatwright.catalog.service.catalogue import Archive, NotHere, there
from seatwright.contracts.catalog import OrganisationId
from seatwright.kit import ids
from seatwright.kit.errors import Conflict, Invalid


class OrganisationTaken(Conflict):
    """Another organisation has this address."""

    code = "organisation_taken"
    title = "Address taken"


async def keep_organisation(archive: Archive, organisation: Organisation) -> None:
    """Add the organisation or bring it up to date; raises `Invalid`."""
    if problems := tuple(organisation_problems(organisation)):
        raise Invalid(problems)
    async with archive.database.transaction() as writer:
        await store.keep_organisation(writer, organisation)


async def found_organisation(
    archive: Archive, *, name: str, slug: str | None = None
) -> Organisation:
    """
    A new organisation, or the one of this very name and slug that is there already.

    Without `slug` it is made from the name. Raises `Invalid` or `OrganisationTaken`.
    """
    name = tidy(name)
    organisation = Organisation(
        id=OrganisationId(ids.short_id()), name=name, slug=slug or slug_of_name(name)
    )
    if problems := tuple(organisation_problems(organisation)):
        raise Invalid(problems)
    async with archive.database.transaction() as writer:
        if await store.add_organisation(writer, organisation):
            return organisation
        present = there(await store.organisation_called(writer, organisation.slug))
    if present.name != name:
        raise OrganisationTaken(f"{present.slug} is the address of {present.name}.")
    return present


async def read_organisation(archive: Archive, organisation: OrganisationId) -> Organisation:
    """One organisation; raises `NotHere`."""
    async with archive.database.reading() as reader:
        return there(await store.organisation(reader, organisation))


async def brand_organisation(
    archive: Archive,
    organisation: OrganisationId,
    change: Callable[[Organisation], Organisation],
) -> Organisation:
    """
    Change what buyers know it by; events show it from their next publication on.

    Raises `NotHere` or `Invalid`.
    """
    async with archive.database.transaction() as writer:
        wanted = change(there(await store.organisation(writer, organisation)))
        if problems := tuple(organisation_problems(wanted)):
            raise Invalid(problems)
        return there(await store.brand_organisation(writer, wanted))


async def find_organisation(archive: Archive, called: str) -> Organisation:
    """The organisation of a slug or an id; raises `NotHere`, naming what was looked for."""
    async with archive.database.reading() as reader:
        found = await store.organisation_called(reader, called)
    if found is None:
        raise NotHere(f"There is no organisation {called}.")
    return found


async def list_organisations(
    archive: Archive, *, after: str = "", limit: int
) -> list[Organisation]:
    """By slug, behind the slug `after`."""
    async with archive.database.reading() as reader:
        return await store.organisations(reader, after=after, limit=limit)
