from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from seatwright.catalog.domain import documents
from seatwright.catalog.domain.events import FACE_MINOR_MAX, Price, event_problems
from seatwright.catalog.domain.listing import rank_by_price, rank_by_start
from seatwright.catalog.domain.organisations import Organisation, organisation_problems
from seatwright.catalog.domain.publication import (
    Fixed,
    publication_problems,
    refuse_changed_promises,
)
from seatwright.catalog.domain.venues import VenuePlan, venue_problems
from seatwright.contracts.catalog import ChartHash, EventId, OrganisationId, Tax
from tests.unit.catalog.an_event import NOW, START, VAT, a_chart, a_document, a_plan


def test_a_sound_event_has_no_problems() -> None:
    assert event_problems(a_plan()) == ()
    assert event_problems(a_plan(chart=None, prices=())) == ()


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"title": ""}, "/title"),
        ({"summary": "x" * 301}, "/summary"),
        ({"terms": "x" * 20_001}, "/terms"),
        ({"lineup": ("A", "")}, "/lineup/1"),
        ({"lineup": ("A",) * 51}, "/lineup"),
        ({"slug": "admin"}, "/slug"),
        ({"category": "opera"}, "/category"),
        ({"image": "/etc/passwd"}, "/image"),
        ({"timezone": "Etc/GMT+5"}, "/timezone"),
        ({"starts_at": datetime(1999, 1, 1, tzinfo=UTC)}, "/starts_at"),
        ({"ends_at": START}, "/ends_at"),
        ({"ends_at": START + timedelta(days=61)}, "/ends_at"),
        ({"doors_at": START + timedelta(minutes=1)}, "/doors_at"),
        ({"doors_at": START - timedelta(days=2)}, "/doors_at"),
        ({"on_sale_at": START}, "/off_sale_at"),
        ({"off_sale_at": START + timedelta(hours=4)}, "/off_sale_at"),
        ({"currency": "EURO"}, "/currency"),
        ({"prices": (Price(category="a", face=-1),)}, "/prices/0/face"),
        ({"prices": (Price(category="a", face=FACE_MINOR_MAX + 1),)}, "/prices/0/face"),
        ({"prices": (Price(category="a", face=1, fee=-1),)}, "/prices/0/fee"),
        ({"prices": (Price(category="a", face=1),) * 2}, "/prices/1/category"),
        ({"prices": (Price(category="a:b", face=1),)}, "/prices/0/category"),
        ({"ticket_fee": -1}, "/ticket_fee"),
        ({"ticket_fee_bp": -1}, "/ticket_fee_bp"),
        ({"ticket_fee_bp": 10_001}, "/ticket_fee_bp"),
        ({"order_fee": FACE_MINOR_MAX + 1}, "/order_fee"),
        ({"order_fee_name": ""}, "/order_fee_name"),
        ({"tax": Tax(name="VAT", rate_bp=10_001, inclusive=True)}, "/tax/rate_bp"),
        ({"tax": Tax(name="", rate_bp=0, inclusive=True)}, "/tax/name"),
        ({"age_limit": -1}, "/age_limit"),
        ({"seats_per_order_max": 0}, "/seats_per_order_max"),
        ({"seats_per_order_max": 21}, "/seats_per_order_max"),
        ({"seats_per_buyer_max": 0}, "/seats_per_buyer_max"),
        ({"seats_per_buyer_max": 101}, "/seats_per_buyer_max"),
    ],
)
def test_each_thing_that_can_be_wrong(change: dict[str, Any], pointer: str) -> None:
    assert [p.pointer for p in event_problems(a_plan(**change))] == [pointer]


def test_too_many_prices() -> None:
    prices = tuple(Price(category=f"c{n}", face=1) for n in range(65))
    assert [p.code for p in event_problems(a_plan(prices=prices))] == ["too_many"]


def test_what_publication_needs() -> None:
    def codes(plan: Any, chart: Any = None, **more: Any) -> list[str]:
        asked: dict[str, Any] = {"first": True, "now": NOW} | more
        return [p.code for p in publication_problems(plan, chart, **asked)]

    assert codes(a_plan(), a_chart()) == []
    assert codes(a_plan(), None) == ["required"]
    assert codes(a_plan(), a_chart("front", "back", "box")) == ["missing_price"]
    assert codes(a_plan(), a_chart("front")) == ["unknown_category"]
    over = START + timedelta(days=1)
    assert codes(a_plan(), a_chart(), now=over) == ["over"]
    # What is shown already may be corrected afterwards, a refund policy for one.
    assert codes(a_plan(), a_chart(), now=over, first=False) == []


def test_promises_are_kept() -> None:
    promised = documents.promised(a_document())
    refuse_changed_promises(a_plan(title="Another title"), promised)
    for change in (
        {"slug": "other"},
        {"currency": "GBP"},
        {"chart": ChartHash("cd" * 16)},
    ):
        with pytest.raises(Fixed):
            refuse_changed_promises(a_plan(**change), promised)


def test_a_document_says_what_selling_needs() -> None:
    document = a_document()
    sale = documents.for_sale(document)
    assert [c.key for c in sale.categories] == ["front", "back"]
    assert [(c.face, c.fee, c.price) for c in sale.categories] == [
        (5000, 250, 5250),
        (3000, 0, 3000),
    ]
    assert sale.order_fee.price == 200
    assert sale.tax == VAT
    assert (sale.chart, sale.seat_count, sale.state) == (document.chart, 10, "published")


def test_a_document_is_the_same_bytes_and_comes_back() -> None:
    document = a_document()
    raw = documents.encode(document)
    assert raw == documents.encode(a_document())
    assert documents.decode(raw) == document
    line = documents.headline(raw)
    assert (line.id, line.version, line.slug) == (document.id, 1, "northern-lights")


def test_another_state_is_another_version() -> None:
    paused = documents.with_state(a_document(), version=2, state="paused", now=START)
    assert (paused.version, paused.state, paused.changed_at) == (2, "paused", START)
    assert paused.title == a_document().title


def test_the_longest_texts_still_make_a_document() -> None:
    long = "\U0001f9d1" * 20_000  # four bytes each
    plan = a_plan(
        description=long,
        terms=long,
        refund_policy=long,
        lineup=("\U0001f9d1" * 120,) * 50,
    )
    assert event_problems(plan) == ()
    assert documents.encode(a_document(plan))


def test_a_percent_fee_is_in_the_price_of_tickets_without_a_fee_of_their_own() -> None:
    front, back = a_document(a_plan(ticket_fee_bp=333)).categories
    assert (front.face, front.fee, front.price) == (5000, 250 + 167, 5417)
    assert (back.face, back.fee, back.price) == (3000, 0, 3000)


def test_absorbed_fees_are_paid_by_no_buyer() -> None:
    prices = (Price(category="front", face=5000), Price(category="back", face=3000, fee=99))
    plan = a_plan(prices=prices, ticket_fee_bp=333, fees_absorbed=True)
    document = a_document(plan)
    assert [(c.face, c.fee, c.price) for c in document.categories] == [
        (5000, 0, 5000),
        (3000, 0, 3000),
    ]
    assert (document.order_fee.price, document.order_fee.tax) == (0, 0)


def test_places_in_lists_depend_on_the_event_alone() -> None:
    one, other = EventId("a"), EventId("b")
    assert rank_by_start(one, START) < rank_by_start(other, START + timedelta(minutes=1))
    assert rank_by_start(other, START) < rank_by_start(one, START + timedelta(minutes=1))
    assert rank_by_start(one, START) != rank_by_start(other, START)
    assert rank_by_price(one, 100) < rank_by_price(other, 101)
    assert rank_by_price(other, 100) < rank_by_price(one, 101)
    assert max(rank_by_price(one, 2**40), rank_by_start(one, START)) < 2**62


def a_venue(**changes: Any) -> VenuePlan:
    sound = VenuePlan(name="Arena", city="Hamburg", country="DE", timezone="Europe/Berlin")
    return msgspec.structs.replace(sound, **changes)


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({}, []),
        ({"lat": 53.5, "lon": 10.0}, []),
        ({"timezone": "UTC"}, []),
        ({"name": ""}, ["/name"]),
        ({"city": ""}, ["/city"]),
        ({"address": "a\nb"}, ["/address"]),
        ({"country": "de"}, ["/country"]),
        ({"timezone": "posix/Europe/Berlin"}, ["/timezone"]),
        ({"lat": 53.5}, ["/lat"]),
        ({"lat": 90.1, "lon": 0.0}, ["/lat"]),
        ({"lat": float("nan"), "lon": 0.0}, ["/lat"]),
        ({"lat": 0.0, "lon": -180.1}, ["/lon"]),
    ],
)
def test_venues(change: dict[str, Any], pointers: list[str]) -> None:
    assert [p.pointer for p in venue_problems(a_venue(**change))] == pointers


def test_organisations() -> None:
    sound = Organisation(id=OrganisationId("o"), name="Lantern", slug="lantern")
    assert list(organisation_problems(sound)) == []
    bad = Organisation(id=OrganisationId("o"), name="", slug="x", accent="blue")
    assert [p.pointer for p in organisation_problems(bad)] == ["/name", "/slug", "/accent"]
