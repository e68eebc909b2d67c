"""The catalogue's rows."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NewType

import msgspec
from asyncpg import Record

from seatwright.catalog.domain.events import EventPlan
from seatwright.catalog.domain.organisations import Organisation
from seatwright.catalog.domain.publication import ChartFacts, VersionCategory
from seatwright.catalog.domain.states import State
from seatwright.catalog.domain.venues import VenuePlan
from seatwright.contracts.catalog import ChartHash, EventId, OrganisationId, VenueId
from seatwright.kit.postgres import Reader, Writer, queries

ChartId = NewType("ChartId", str)
_sql = queries("seatwright.catalog")

KEY_KEPT = timedelta(days=7)


class VenueRow(msgspec.Struct, frozen=True, kw_only=True):
    """A venue and where it stands; `version` counts edits."""

    id: VenueId
    plan: VenuePlan
    version: int
    created_at: datetime
    changed_at: datetime


class VersionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A published version of a chart."""

    facts: ChartFacts
    published_at: datetime


class ChartRow(msgspec.Struct, frozen=True, kw_only=True):
    """A chart's draft without its seats, and what was published of it, oldest first."""

    id: ChartId
    name: str
    seat_count: int
    version: int
    created_at: datetime
    changed_at: datetime
    versions: tuple[VersionRow, ...] = ()


class EventRow(msgspec.Struct, frozen=True, kw_only=True):
    """An event as its organiser writes it; `published_version` is what buyers see, if any."""

    id: EventId
    state: State
    plan: EventPlan
    version: int
    published_version: int | None
    created_at: datetime
    changed_at: datetime


async def keep_organisation(writer: Writer, organisation: Organisation) -> None:
    """Add it or bring it up to date."""
    await writer.run(
        _sql["keep_organisation"],
        organisation.id,
        organisation.name,
        organisation.slug,
        organisation.accent,
    )


async def organisation(reader: Reader, organisation: OrganisationId) -> Organisation | None:
    """One organisation."""
    row = await reader.row(_sql["organisation"], organisation)
    return None if row is None else Organisation(**dict(row))


async def add_organisation(writer: Writer, organisation: Organisation) -> bool:
    """Add it; False when its slug is taken."""
    row = msgspec.structs.astuple(organisation)
    return await writer.value(_sql["add_organisation"], *row) is not None


async def brand_organisation(writer: Writer, organisation: Organisation) -> Organisation | None:
    """Name, colour and reply address as given; None when it does not exist."""
    row = await writer.row(
        _sql["brand_organisation"],
        organisation.id,
        organisation.name,
        organisation.accent,
        organisation.reply_to,
    )
    return None if row is None else Organisation(**dict(row))


async def organisation_called(reader: Reader, called: str) -> Organisation | None:
    """The one of this slug or id."""
    row = await reader.row(_sql["organisation_called"], called)
    return None if row is None else Organisation(**dict(row))


async def organisations(reader: Reader, *, after: str, limit: int) -> list[Organisation]:
    """By slug, behind the slug `after`."""
    rows = await reader.rows(_sql["organisations"], after, limit)
    return [Organisation(**dict(row)) for row in rows]


async def remember_key(
    writer: Writer, *, principal: str, key: str, fingerprint: bytes, made: str
) -> bool:
    """Take the key; False when it was taken before (waits for one being taken right now)."""
    taken = await writer.value(_sql["remember_key"], principal, key, fingerprint, made)
    return taken is not None


async def remembered_key(reader: Reader, *, principal: str, key: str) -> tuple[bytes, str] | None:
    """Fingerprint of the request that took the key, and the id of what it made."""
    row = await reader.row(_sql["remembered_key"], principal, key)
    return None if row is None else (bytes(row["fingerprint"]), str(row["made"]))


async def forget_keys(writer: Writer) -> None:
    """Drop keys older than a week."""
    await writer.run(_sql["forget_keys"], KEY_KEPT)


async def add_venue(
    writer: Writer, *, venue: VenueId, organisation: OrganisationId, plan: VenuePlan
) -> bool:
    """Add a venue; False when the id is there already."""
    content = _json(plan)
    return await writer.value(_sql["add_venue"], venue, organisation, content) is not None


async def venue(reader: Reader, *, venue: VenueId, organisation: OrganisationId) -> VenueRow | None:
    """A venue of that organisation."""
    row = await reader.row(_sql["venue"], venue, organisation)
    return None if row is None else _venue(row)


async def edit_venue(
    writer: Writer,
    *,
    venue: VenueId,
    organisation: OrganisationId,
    plan: VenuePlan,
    version: int,
) -> VenueRow | None:
    """The edited venue; None when `version` is no longer the newest."""
    row = await writer.row(_sql["edit_venue"], venue, organisation, _json(plan), version)
    return None if row is None else _venue(row)


async def venues_page(
    reader: Reader, *, organisation: OrganisationId, after: str | None, limit: int
) -> list[VenueRow]:
    """Newest first, behind the id `after`."""
    rows = await reader.rows(_sql["venues_page"], organisation, after, limit)
    return [_venue(row) for row in rows]


async def add_chart(
    writer: Writer,
    *,
    chart: ChartId,
    organisation: OrganisationId,
    name: str,
    seat_count: int,
    draft: bytes,
) -> bool:
    """Add a draft; False when the id is there already."""
    query = _sql["add_chart"]
    return await writer.value(query, chart, organisation, name, seat_count, draft) is not None


async def edit_chart(
    writer: Writer,
    *,
    chart: ChartId,
    organisation: OrganisationId,
    name: str,
    seat_count: int,
    draft: bytes,
    version: int,
) -> bool:
    """Replace a draft; False when `version` is no longer the newest."""
    values = (chart, organisation, name, seat_count, draft, version)
    return await writer.value(_sql["edit_chart"], *values) is not None


async def chart(reader: Reader, *, chart: ChartId, organisation: OrganisationId) -> ChartRow | None:
    """A draft of that organisation and its versions, without its seats."""
    row = await reader.row(_sql["chart"], chart, organisation)
    if row is None:
        return None
    return (await _with_versions(reader, [row]))[0]


async def chart_draft(
    reader: Reader, *, chart: ChartId, organisation: OrganisationId
) -> bytes | None:
    """The compressed draft."""
    found: bytes | None = await reader.value(_sql["chart_draft"], chart, organisation)
    return found


async def charts_page(
    reader: Reader, *, organisation: OrganisationId, after: str | None, limit: int
) -> list[ChartRow]:
    """Newest first, behind the id `after`."""
    rows = await reader.rows(_sql["charts_page"], organisation, after, limit)
    return await _with_versions(reader, rows)


async def add_chart_version(
    writer: Writer, *, chart: ChartId, organisation: OrganisationId, facts: ChartFacts
) -> None:
    """Record a published version; the same one twice is one."""
    await writer.run(
        _sql["add_chart_version"],
        chart,
        facts.hash,
        organisation,
        facts.seat_count,
        facts.accessible,
        _json(facts.categories),
    )


async def chart_facts(
    reader: Reader, *, organisation: OrganisationId, chart: ChartHash
) -> ChartFacts | None:
    """A version that this organisation has published."""
    row = await reader.row(_sql["chart_version_of_organisation"], organisation, chart)
    return None if row is None else _facts(row)


async def add_event(
    writer: Writer, *, event: EventId, organisation: OrganisationId, plan: EventPlan
) -> bool:
    """Add an event; False when the id is there already."""
    values = (event, organisation, plan.slug, plan.venue, _json(plan))
    return await writer.value(_sql["add_event"], *values) is not None


async def event(reader: Reader, *, event: EventId, organisation: OrganisationId) -> EventRow | None:
    """An event of that organisation."""
    row = await reader.row(_sql["event"], event, organisation)
    return None if row is None else _event(row)


async def lock_event(
    writer: Writer, *, event: EventId, organisation: OrganisationId
) -> EventRow | None:
    """The same, locked until the transaction ends."""
    row = await writer.row(_sql["lock_event"], event, organisation)
    return None if row is None else _event(row)


async def events_page(
    reader: Reader, *, organisation: OrganisationId, after: str | None, limit: int
) -> list[EventRow]:
    """Newest first, behind the id `after`."""
    rows = await reader.rows(_sql["events_page"], organisation, after, limit)
    return [_event(row) for row in rows]


async def edit_event(writer: Writer, *, row: EventRow, plan: EventPlan) -> EventRow:
    """Write a locked event's plan."""
    values = (row.id, plan.slug, plan.venue, _json(plan))
    stored = await writer.row(_sql["edit_event"], *values)
    return _changed(row, stored, plan=plan)


async def move_event(writer: Writer, *, row: EventRow, state: State, published: int) -> EventRow:
    """Move a locked event to `state`, with `published` as the version buyers see."""
    stored = await writer.row(_sql["move_event"], row.id, state)
    return _changed(row, stored, state=state, published_version=published)


async def keep_document(writer: Writer, *, event: EventId, version: int, body: bytes) -> None:
    """Replace an event's document; its version must grow."""
    kept = await writer.value(_sql["keep_document"], event, version, body)
    assert kept == version, "the event's row is locked, so its document's version only grows"


async def document(reader: Reader, event: EventId) -> bytes | None:
    """The document's bytes."""
    found: bytes | None = await reader.value(_sql["document"], event)
    return found


async def document_versions(reader: Reader) -> dict[EventId, int]:
    """Every published event and its version."""
    return {row["event"]: row["version"] for row in await reader.rows(_sql["document_versions"])}


async def documents(reader: Reader, events: Sequence[EventId]) -> list[tuple[EventId, int, bytes]]:
    """Event, version and bytes of some documents."""
    rows = await reader.rows(_sql["documents"], list(events))
    return [(row["event"], row["version"], row["body"]) for row in rows]


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _venue(row: Record) -> VenueRow:
    plan = msgspec.json.decode(row["content"], type=VenuePlan)
    return VenueRow(
        id=row["id"],
        plan=plan,
        version=row["version"],
        created_at=row["created_at"],
        changed_at=row["changed_at"],
    )


async def _with_versions(reader: Reader, rows: Sequence[Record]) -> list[ChartRow]:
    found = await reader.rows(_sql["chart_versions"], [row["id"] for row in rows])
    return [
        ChartRow(
            **dict(row),
            versions=tuple(
                VersionRow(facts=_facts(version), published_at=version["published_at"])
                for version in found
                if version["chart"] == row["id"]
            ),
        )
        for row in rows
    ]


def _facts(row: Record) -> ChartFacts:
    return ChartFacts(
        hash=row["hash"],
        seat_count=row["seat_count"],
        accessible=row["accessible"],
        categories=msgspec.json.decode(row["categories"], type=tuple[VersionCategory, ...]),
    )


def _event(row: Record) -> EventRow:
    return EventRow(
        id=row["id"],
        state=row["state"],
        plan=msgspec.json.decode(row["content"], type=EventPlan),
        version=row["version"],
        published_version=row["published_version"],
        created_at=row["created_at"],
        changed_at=row["changed_at"],
    )


def _changed(row: EventRow, stored: Record | None, **changes: Any) -> EventRow:
    assert stored is not None, "a locked row is there"
    return msgspec.structs.replace(
        row, version=stored["version"], changed_at=stored["changed_at"], **changes
    )
