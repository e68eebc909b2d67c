"""Events as their organisers write them."""

from collections.abc import Callable

import asyncpg
import msgspec

from seatwright.catalog import store
from seatwright.catalog.domain import documents
from seatwright.catalog.domain.events import EventPlan, event_problems
from seatwright.catalog.domain.publication import refuse_changed_promises
from seatwright.catalog.domain.slugs import slug_of
from seatwright.catalog.service.catalogue import Catalogue, NotHere, there
from seatwright.catalog.service.once import RequestKey, make_once
from seatwright.catalog.store import EventRow
from seatwright.contracts.catalog import EventId, OrganisationId
from seatwright.kit import ids
from seatwright.kit.errors import Conflict, Invalid, Stale, invalid
from seatwright.kit.postgres import Reader, Writer

_SLUG_TRIES = 3
_ENDING_CHARACTERS = 5


class SlugTaken(Conflict):
    """Another event has this address."""

    code = "slug_taken"
    title = "Address taken"


async def add_event(
    catalogue: Catalogue,
    *,
    organisation: OrganisationId,
    plan: EventPlan,
    request: RequestKey | None = None,
    event: EventId | None = None,
) -> EventRow:
    """
    A new draft, or the one that the same request (or id) made before.

    An empty slug is made from the title and the day. Raises `Invalid` or `SlugTaken`.
    """
    chosen = bool(plan.slug)
    new = event or EventId(ids.short_id())
    for attempt in range(_SLUG_TRIES):
        full = plan if chosen else msgspec.structs.replace(plan, slug=_slug(plan, attempt))
        try:
            made = await _add(catalogue, organisation, new, full, request)
        except SlugTaken:
            if chosen or attempt == _SLUG_TRIES - 1:
                raise
        else:
            return await read_event(catalogue, organisation=organisation, event=made)
    raise AssertionError("the last attempt either answers or raises")


async def _add(
    catalogue: Catalogue,
    organisation: OrganisationId,
    event: EventId,
    plan: EventPlan,
    request: RequestKey | None,
) -> EventId:
    _refuse_unsound(plan)

    async def make(writer: Writer) -> None:
        there(await store.organisation(writer, organisation))
        await _refuse_foreign(writer, organisation, plan)
        await store.add_event(writer, event=event, organisation=organisation, plan=plan)

    try:
        return EventId(await make_once(catalogue.database, request, event, make))
    except asyncpg.UniqueViolationError as clash:
        raise _slug_taken(clash) from clash


def _slug(plan: EventPlan, attempt: int) -> str:
    day = f"{plan.starts_at:%Y-%m-%d}"
    more = f"-{ids.short_id()[-_ENDING_CHARACTERS:]}" if attempt else ""
    return slug_of(plan.title, ending=day + more)


def _slug_taken(clash: asyncpg.UniqueViolationError) -> SlugTaken:
    assert clash.constraint_name == "events_slug_key", "no other rule of events is unique"
    return SlugTaken("Another event has this address.", field="slug")


def _refuse_unsound(plan: EventPlan) -> None:
    if problems := event_problems(plan):
        raise Invalid(problems)


async def _refuse_foreign(reader: Reader, organisation: OrganisationId, plan: EventPlan) -> None:
    # Somebody else's venue or chart does not exist, as far as this organisation is concerned.
    if await store.venue(reader, venue=plan.venue, organisation=organisation) is None:
        raise invalid("/venue_id", "not_found", "This organisation has no such venue.")
    if plan.chart is None:
        return
    if await store.chart_facts(reader, organisation=organisation, chart=plan.chart) is None:
        raise invalid("/chart", "not_found", "This organisation has published no such chart.")


async def read_event(
    catalogue: Catalogue, *, organisation: OrganisationId, event: EventId
) -> EventRow:
    """The event as its organiser writes it; raises `NotHere`."""
    async with catalogue.database.reading() as reader:
        row = await store.event(reader, event=event, organisation=organisation)
    return found(row)


def found(row: EventRow | None) -> EventRow:
    """The row, or a refusal that does not tell whether it exists elsewhere."""
    if row is None:
        raise NotHere("There is no such event.")
    return row


async def list_events(
    catalogue: Catalogue, *, organisation: OrganisationId, after: str | None, limit: int
) -> list[EventRow]:
    """Newest first, behind the id `after`."""
    async with catalogue.database.reading() as reader:
        return await store.events_page(reader, organisation=organisation, after=after, limit=limit)


async def edit_event(
    catalogue: Catalogue,
    *,
    organisation: OrganisationId,
    event: EventId,
    version: int | None,
    change: Callable[[EventPlan], EventPlan],
) -> EventRow:
    """
    Change what the organiser writes; buyers see it from the next publication on.

    `version` None edits whatever is there. Raises `NotHere`, `Stale`, `Invalid`, `SlugTaken`, or
    `Fixed` for what buyers rely on already.
    """
    try:
        async with catalogue.database.transaction() as writer:
            row = found(await store.lock_event(writer, event=event, organisation=organisation))
            if version is not None and row.version != version:
                raise Stale("The event was changed meanwhile.")
            plan = change(row.plan)
            _refuse_unsound(plan)
            await _refuse_foreign(writer, organisation, plan)
            raw = await store.document(writer, event)
            if raw is not None:
                refuse_changed_promises(plan, documents.promised(documents.decode(raw)))
            return await store.edit_event(writer, row=row, plan=plan)
    except asyncpg.UniqueViolationError as clash:
        raise _slug_taken(clash) from clash
