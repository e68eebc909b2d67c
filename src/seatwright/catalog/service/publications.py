"""Showing events to buyers, and taking them off sale again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from seatwright.catalog import store
from seatwright.catalog.domain import documents, states
from seatwright.catalog.domain.documents import EventDocument
from seatwright.catalog.domain.publication import publication_problems, refuse_changed_promises
from seatwright.catalog.domain.states import Step
from seatwright.catalog.domain.venues import Venue
from seatwright.catalog.service.catalogue import Catalogue, there
from seatwright.catalog.service.events import found, read_event
from seatwright.catalog.service.once import RequestKey, make_once
from seatwright.catalog.store import EventRow
from seatwright.contracts.catalog import EventId, OrganisationId
from seatwright.kit import crash
from seatwright.kit.errors import Invalid, Stale, Unavailable
from seatwright.kit.log import log
from seatwright.kit.postgres import Writer

# How long a publisher waits to see the event here; it is published whatever comes of it.
VISIBLE_WITHIN = timedelta(seconds=1)

after_document_commit = crash.declare(
    "after_document_commit", "the document is in the table and not yet in the bucket"
)


@dataclass(frozen=True, slots=True)
class Move:
    """One step of one event, and who asks for it; `version` as in `If-Match`, None for any."""

    organisation: OrganisationId
    event: EventId
    step: Step
    version: int | None = None
    request: RequestKey | None = None


async def move_event(catalogue: Catalogue, move: Move, *, now: datetime) -> EventRow:
    """
    Publish, pause, resume or cancel an event.

    Done when it is committed: the bucket follows at once or, if the broker is away, when it is
    back. Raises `NotHere`, `Stale`, `NotNow`, `Fixed`, or `Invalid` for an incomplete event.
    """

    async def make(writer: Writer) -> None:
        await _move(writer, move, now)

    await make_once(catalogue.database, move.request, move.event, make)
    after_document_commit()
    await _show(catalogue, move.event)
    return await read_event(catalogue, organisation=move.organisation, event=move.event)


async def _move(writer: Writer, move: Move, now: datetime) -> None:
    row = found(await store.lock_event(writer, event=move.event, organisation=move.organisation))
    if move.version is not None and row.version != move.version:
        raise Stale("The event was changed meanwhile.")
    state = states.after(row.state, move.step)
    raw = await store.document(writer, move.event)
    shown = None if raw is None else documents.decode(raw)
    if move.step == "publish":
        document = await _compose(writer, move.organisation, row, shown, now)
    else:
        assert shown is not None, "only what was published has a state to leave"
        if state == row.state:
            return  # it is as it was asked to be
        document = documents.with_state(shown, version=shown.version + 1, state=state, now=now)
    await store.keep_document(
        writer, event=row.id, version=document.version, body=documents.encode(document)
    )
    await store.move_event(writer, row=row, state=state, published=document.version)


async def _compose(
    writer: Writer,
    organisation: OrganisationId,
    row: EventRow,
    shown: EventDocument | None,
    now: datetime,
) -> EventDocument:
    plan = row.plan
    chart = None
    if plan.chart is not None:
        chart = await store.chart_facts(writer, organisation=organisation, chart=plan.chart)
    problems = tuple(publication_problems(plan, chart, first=shown is None, now=now))
    if problems or chart is None:
        raise Invalid(problems)
    if shown is not None:
        refuse_changed_promises(plan, documents.promised(shown))
    venue = await store.venue(writer, venue=plan.venue, organisation=organisation)
    assert venue is not None, "an event's venue is a foreign key"
    place = venue.plan
    return documents.compose(
        plan,
        event=row.id,
        version=1 if shown is None else shown.version + 1,
        state=states.after(row.state, "publish"),
        organisation=there(await store.organisation(writer, organisation)),
        venue=Venue(
            id=venue.id,
            name=place.name,
            city=place.city,
            country=place.country,
            address=place.address,
            lat=place.lat,
            lon=place.lon,
        ),
        chart=chart,
        now=now,
    )


async def _show(catalogue: Catalogue, event: EventId) -> None:
    # Read again, not remembered: two publishers may have committed one after the other.
    async with catalogue.database.reading() as reader:
        raw = await store.document(reader, event)
    if raw is None:
        return
    version = documents.headline(raw).version
    try:
        await catalogue.bucket.put(event, version, raw)
    except Unavailable as fault:
        log.warning("document_waits_for_bucket", event_id=event, version=version, fault=repr(fault))
        catalogue.programme.reconcile_soon.set()
        return
    await catalogue.programme.reached(event, version, patience=VISIBLE_WITHIN)
