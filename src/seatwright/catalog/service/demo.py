"""
The demonstration's events in the catalogue: the same ids at every start, loaded once.

What is there already stays as it is, times included: an event that opens in five minutes does
so five minutes after the first start. A start that was cut short is finished by the next one.
"""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import datetime

from seatwright.catalog.domain.charts import decode
from seatwright.catalog.domain.demo import events as programme
from seatwright.catalog.domain.demo.earlier_sales import sold_earlier
from seatwright.catalog.domain.demo.programme import PROGRAMME
from seatwright.catalog.domain.demo.venues import DemoVenue, chart_of
from seatwright.catalog.domain.events import EventPlan, Price
from seatwright.catalog.domain.organisations import Organisation
from seatwright.catalog.domain.states import Step
from seatwright.catalog.domain.venues import VenuePlan
from seatwright.catalog.service import charts, events, venues
from seatwright.catalog.service.catalogue import CHARTS, Catalogue
from seatwright.catalog.service.images import keep_poster
from seatwright.catalog.service.organisations import keep_organisation
from seatwright.catalog.service.publications import Move, move_event
from seatwright.catalog.store import ChartId, EventRow
from seatwright.contracts.catalog import ChartHash, EventId, OrganisationId, Tax, VenueId
from seatwright.kit.signing import b64

_ID_CHARACTERS = 16
_STEP_TO: dict[str, Step] = {"paused": "pause", "cancelled": "cancel"}


def stable_id(kind: str, key: str) -> str:
    """The id of something of the demonstration, the same in every installation."""
    digest = hashlib.blake2b(f"{kind}/{key}".encode(), digest_size=16).digest()
    return b64(digest).lower().replace("-", "0").replace("_", "1")[:_ID_CHARACTERS]


ORGANISATION = Organisation(
    id=OrganisationId(stable_id("organisation", "lantern-and-tide")),
    name="Lantern & Tide Presents",
    slug="lantern-and-tide",
    accent="#1d5f8a",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoEvent:
    """
    A loaded event; `sold_seats` (dense numbers, ascending) are gone before anybody comes.

    `state` is `published`, `paused` or `cancelled`.
    """

    id: EventId
    slug: str
    title: str
    organisation: OrganisationId
    chart: ChartHash
    seat_count: int
    state: str
    starts_at: datetime
    on_sale_at: datetime
    sold_seats: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _House:
    """A venue with its published chart."""

    venue: VenueId
    chart: ChartHash


async def load_demo(catalogue: Catalogue, now: datetime) -> list[DemoEvent]:
    """Organisation, venues, charts and twenty published events, times relative to `now`."""
    await keep_organisation(catalogue, ORGANISATION)
    houses: dict[str, _House] = {}
    loaded = []
    for wanted in PROGRAMME:
        venue = programme.venue_of(wanted)
        if venue.key not in houses:
            houses[venue.key] = await _house(catalogue, venue)
        row = await _event(catalogue, wanted, houses[venue.key], now)
        loaded.append(await _described(catalogue, wanted, row))
    return loaded


async def _house(catalogue: Catalogue, venue: DemoVenue) -> _House:
    row = await venues.add_venue(
        catalogue,
        organisation=ORGANISATION.id,
        plan=VenuePlan(
            name=venue.name,
            city=venue.city,
            country=venue.country,
            address=venue.address,
            timezone=venue.timezone,
            lat=venue.lat,
            lon=venue.lon,
        ),
        venue=VenueId(stable_id("venue", venue.key)),
    )
    return _House(row.id, await _chart(catalogue, venue))


async def _chart(catalogue: Catalogue, venue: DemoVenue) -> ChartHash:
    chart = ChartId(stable_id("chart", venue.key))
    listed = await charts.find_chart(catalogue, organisation=ORGANISATION.id, chart=chart)
    if listed is not None and listed.versions:
        return listed.versions[0].facts.hash
    draft = await asyncio.to_thread(chart_of, venue)
    await charts.keep_chart(catalogue, organisation=ORGANISATION.id, draft=draft, chart=chart)
    facts = await charts.publish_chart(catalogue, organisation=ORGANISATION.id, chart=chart)
    return facts.hash


async def _event(
    catalogue: Catalogue, wanted: programme.DemoEvent, house: _House, now: datetime
) -> EventRow:
    event = EventId(stable_id("event", wanted.slug))
    image = await keep_poster(catalogue.files, programme.poster_of(wanted))
    row = await events.add_event(
        catalogue,
        organisation=ORGANISATION.id,
        plan=_plan(wanted, house, image, now),
        event=event,
    )
    if row.state == "draft":
        # As its organiser did before the sale: one of the events is over by now.
        row = await _moved(catalogue, event, "publish", min(now, row.plan.on_sale_at))
    if row.state == "published" and wanted.status in _STEP_TO:
        row = await _moved(catalogue, event, _STEP_TO[wanted.status], now)
    return row


async def _moved(catalogue: Catalogue, event: EventId, step: Step, now: datetime) -> EventRow:
    move = Move(organisation=ORGANISATION.id, event=event, step=step)
    return await move_event(catalogue, move, now=now)


def _plan(wanted: programme.DemoEvent, house: _House, image: str, now: datetime) -> EventPlan:
    times = programme.times_of(wanted, now)
    tariff = wanted.tariff
    return EventPlan(
        title=wanted.title,
        slug=wanted.slug,
        category=wanted.kind,
        venue=house.venue,
        timezone=programme.venue_of(wanted).timezone,
        starts_at=times.starts_at,
        ends_at=times.ends_at,
        doors_at=times.doors_at,
        on_sale_at=times.on_sale_at,
        off_sale_at=times.off_sale_at,
        currency=tariff.currency,
        tax=Tax(name=tariff.tax.name, rate_bp=tariff.tax.rate_bp, inclusive=tariff.tax.inclusive),
        summary=wanted.summary,
        description=wanted.description,
        age_limit=wanted.age_limit,
        lineup=wanted.lineup,
        image=image,
        terms=wanted.terms,
        refund_policy=wanted.refund_policy,
        prices=tuple(
            Price(category=price.category, face=price.face, fee=price.fee)
            for price in programme.prices_of(wanted)
        ),
        order_fee=tariff.order_fee,
        seats_per_order_max=wanted.seats_per_order_max,
        chart=house.chart,
    )


async def _described(catalogue: Catalogue, wanted: programme.DemoEvent, row: EventRow) -> DemoEvent:
    plan = row.plan
    assert plan.chart is not None, "every event of the demonstration has a chart"
    file = await catalogue.files.read(folder=CHARTS, name=f"{plan.chart}.json")
    assert file is not None, "a published chart has its file"
    seat_count, sold = await asyncio.to_thread(_sold, file, wanted)
    return DemoEvent(
        id=row.id,
        slug=plan.slug,
        title=plan.title,
        organisation=ORGANISATION.id,
        chart=plan.chart,
        seat_count=seat_count,
        state=row.state,
        starts_at=plan.starts_at,
        on_sale_at=plan.on_sale_at,
        sold_seats=sold,
    )


def _sold(file: bytes, wanted: programme.DemoEvent) -> tuple[int, tuple[int, ...]]:
    chart = decode(file)
    return chart.seat_count, sold_earlier(chart, wanted.sold_bp, wanted.slug)
