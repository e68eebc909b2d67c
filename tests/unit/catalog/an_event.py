"""A sound event, to be spoiled by tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from seatwright.catalog.domain.documents import EventDocument, compose
from seatwright.catalog.domain.events import EventPlan, Price
from seatwright.catalog.domain.organisations import Organisation
from seatwright.catalog.domain.publication import ChartFacts, VersionCategory
from seatwright.catalog.domain.venues import Venue
from seatwright.contracts.catalog import ChartHash, EventId, OrganisationId, Tax, VenueId

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
START = datetime(2026, 12, 5, 18, 30, tzinfo=UTC)
HASH = ChartHash("ab" * 16)
VAT = Tax(name="VAT", rate_bp=1900, inclusive=True)


def a_plan(**changes: Any) -> EventPlan:
    sound: dict[str, Any] = {
        "title": "The Northern Lights Tour",
        "slug": "northern-lights",
        "category": "concert",
        "venue": VenueId("v1"),
        "timezone": "Europe/Berlin",
        "starts_at": START,
        "ends_at": START + timedelta(hours=3),
        "doors_at": START - timedelta(hours=1),
        "on_sale_at": START - timedelta(days=30),
        "off_sale_at": START,
        "currency": "EUR",
        "tax": VAT,
        "prices": (Price(category="front", face=5000), Price(category="back", face=3000, fee=0)),
        "ticket_fee": 250,
        "order_fee": 200,
        "chart": HASH,
    }
    return EventPlan(**sound | changes)


def a_chart(*keys: str) -> ChartFacts:
    return ChartFacts(
        hash=HASH,
        seat_count=10,
        accessible=True,
        categories=tuple(
            VersionCategory(key=key, name=key.title(), color="#4477AA", seats=5)
            for key in keys or ("front", "back")
        ),
    )


def a_document(plan: EventPlan | None = None, **changes: Any) -> EventDocument:
    chosen: dict[str, Any] = {
        "event": EventId("e1"),
        "version": 1,
        "state": "published",
        "organisation": Organisation(id=OrganisationId("o1"), name="Org", slug="org-one"),
        "venue": Venue(
            id=VenueId("v1"),
            name="Arena",
            city="Hamburg",
            country="DE",
            address="Street 1",
            lat=53.5,
            lon=10.0,
        ),
        "chart": a_chart(),
        "now": NOW,
    }
    return compose(plan or a_plan(), **chosen | changes)
