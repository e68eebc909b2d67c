"""The demonstration's houses look and count as they should."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from math import hypot
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest

from seatwright.catalog.domain.charts import PublishedChart, problems_of, publish
from seatwright.catalog.domain.demo.earlier_sales import sold_earlier
from seatwright.catalog.domain.demo.events import poster_of, prices_of, times_of, venue_of
from seatwright.catalog.domain.demo.programme import PROGRAMME
from seatwright.catalog.domain.demo.venues import VENUES, chart_of
from seatwright.contracts.charts import SeatFlag, encode_chart, neighbour_runs

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
KINDS = {"stadium": 70_000, "theatre": 1_800, "club": 600}


@cache
def chart(kind: str) -> PublishedChart:
    return publish(chart_of(next(venue for venue in VENUES if venue.chart == kind)))


@pytest.mark.parametrize(("kind", "places"), KINDS.items())
def test_a_house_has_exactly_its_licensed_places(kind: str, places: int) -> None:
    assert chart(kind).seat_count == places
    assert min(chart(kind).category_counts) > 0
    assert chart(kind).has_accessible_places


@pytest.mark.parametrize("kind", KINDS)
def test_a_house_is_the_same_every_time(kind: str) -> None:
    venue = next(venue for venue in VENUES if venue.chart == kind)
    assert problems_of(chart_of(venue)) == ()
    assert publish(chart_of(venue)).version == chart(kind).version


def inside(x: float, y: float, outline) -> bool:
    crossings = 0
    for (x1, y1), (x2, y2) in zip(outline, (*outline[1:], outline[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            crossings += 1
    return crossings % 2 == 1


@pytest.mark.parametrize("kind", ["stadium", "theatre"])
def test_seats_stand_in_their_own_section_and_in_no_other(kind: str) -> None:
    house = chart(kind)
    boxes = [
        (min(x for x, _ in part.outline), min(y for _, y in part.outline),
         max(x for x, _ in part.outline), max(y for _, y in part.outline))
        for part in house.sections
    ]  # fmt: skip
    for seat in range(0, house.seated_count, 7):
        x, y, own = house.x[seat], house.y[seat], house.span_of(seat)
        assert inside(x, y, house.sections[own].outline), house.label(seat)
        for other, (left, top, right, bottom) in enumerate(boxes):
            if other != own and left <= x <= right and top <= y <= bottom:
                assert not inside(x, y, house.sections[other].outline), house.label(seat)


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_sits_on_the_field_the_stage_or_the_standing(kind: str) -> None:
    house = chart(kind)
    surfaces = [
        *(thing.outline for thing in house.objects),
        *(area.outline for area in house.areas),
    ]
    for seat in range(0, house.seated_count, 5):
        assert not any(inside(house.x[seat], house.y[seat], surface) for surface in surfaces)


@pytest.mark.parametrize("kind", KINDS)
def test_seats_keep_their_distance(kind: str) -> None:
    house = chart(kind)
    grid: dict[tuple[int, int], list[int]] = {}
    for seat in range(house.seated_count):
        column, line = house.x[seat] // 60, house.y[seat] // 60
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                for other in grid.get((column + dx, line + dy), ()):
                    apart = hypot(house.x[seat] - house.x[other], house.y[seat] - house.y[other])
                    assert apart >= 48, (house.label(seat), house.label(other))
        grid.setdefault((column, line), []).append(seat)


def test_the_stadium_has_blocks_tiers_aisles_and_gates() -> None:
    stadium = chart("stadium")
    assert {part.level for part in stadium.sections} == {"Lower tier", "Middle tier", "Upper tier"}
    assert len(stadium.sections) > 80
    assert {part.entrance for part in stadium.sections} == {f"Gate {gate}" for gate in "ABCDEFGH"}
    assert sum(area.capacity for area in stadium.areas) == 14_000
    assert len(stadium.categories) == 6
    firsts, _ = neighbour_runs(stadium)
    assert len(firsts) > len(stadium.rows), "the stairs' mouths break rows"
    assert len(encode_chart(stadium)) < 600_000
    flags = Counter(stadium.flags)
    accessible = flags[SeatFlag.ACCESSIBLE | SeatFlag.STEP_FREE]
    assert accessible == flags[SeatFlag.COMPANION | SeatFlag.STEP_FREE] > 100


def test_the_theatre_is_numbered_odd_and_even() -> None:
    theatre = chart("theatre")
    row = theatre.sections[0].rows[0]
    labels = [int(theatre.place(seat).seat) for seat in range(row.count)]
    middle = labels.index(1)
    assert labels[: middle + 1] == sorted(range(1, 2 * middle + 2, 2), reverse=True)
    assert labels[middle + 1 :] == sorted(labels[middle + 1 :])
    assert not any(label % 2 for label in labels[middle + 1 :])


def test_the_club_sells_large_tables_whole() -> None:
    club = chart("club")
    assert Counter((table.count, table.whole) for table in club.tables) == {
        (4, False): 20,
        (6, True): 10,
    }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sold_bp", [0, 1, 2_500, 9_700, 10_000])
def test_earlier_sales_are_as_many_as_said(kind: str, sold_bp: int) -> None:
    house = chart(kind)
    sold = sold_earlier(house, sold_bp, "seed")
    wanted = house.seat_count * sold_bp // 10_000
    assert wanted - 6 < len(sold) <= wanted
    assert len(set(sold)) == len(sold)
    assert list(sold) == sorted(sold)
    assert sold == sold_earlier(house, sold_bp, "seed")
    taken = set(sold)
    for span in house.spans:
        if span.kind == "table" and house.whole_table(span.first):
            assert len(taken & set(range(span.first, span.end))) in (0, 6)


def test_there_are_twenty_events_across_the_world() -> None:
    assert len(PROGRAMME) == 20
    assert len({event.slug for event in PROGRAMME}) == 20
    assert len({venue_of(event).timezone for event in PROGRAMME}) >= 14
    assert {event.kind for event in PROGRAMME} >= {"concert", "theatre", "comedy", "classical"}
    assert {venue.key for venue in VENUES} == {event.venue for event in PROGRAMME}
    assert {event.tariff.tax.inclusive for event in PROGRAMME} == {True, False}


def test_there_is_always_one_of_each_kind_of_sale() -> None:
    phases: Counter[str] = Counter()
    for event in PROGRAMME:
        times = times_of(event, NOW)
        assert times.ends_at > NOW, "what is over is in no list"
        if times.on_sale_at <= NOW < times.off_sale_at and event.status == "published":
            phases["on sale"] += 1
            phases["stadium on sale"] += venue_of(event).chart == "stadium"
            phases["nearly sold out"] += event.sold_bp == 9_700
            phases["sold out"] += event.sold_bp == 10_000
        elif times.on_sale_at - NOW == timedelta(minutes=5):
            phases["opens in minutes"] += 1
        elif times.on_sale_at > NOW:
            phases["scheduled"] += 1
        phases[event.status] += 1
    assert phases["stadium on sale"] == phases["nearly sold out"] == phases["sold out"] == 1
    assert phases["opens in minutes"] == phases["cancelled"] == phases["paused"] == 1
    assert phases["on sale"] >= 8
    assert phases["scheduled"] >= 3


@pytest.mark.parametrize("event", PROGRAMME, ids=lambda event: event.slug)
def test_an_event_can_be_sold_as_it_stands(event) -> None:
    venue = venue_of(event)
    times = times_of(event, NOW)
    assert times.starts_at.tzinfo == ZoneInfo(venue.timezone)
    assert times.starts_at.timetz().replace(tzinfo=None) == event.starts_at
    assert times.doors_at < times.starts_at < times.ends_at
    assert times.off_sale_at <= times.starts_at
    prices = {price.category: price for price in prices_of(event)}
    assert set(prices) == {category.key for category in chart(venue.chart).categories}
    for price in prices.values():
        assert price.face > 0
        assert price.face % event.tariff.step == 0
        assert 0 < price.fee < price.face
    assert event.slug.replace("-", "").isalnum()
    assert event.slug == event.slug.lower()
    for text in (event.title, event.summary, event.description, event.terms, event.refund_policy):
        assert text == text.strip() != ""
    assert len(event.summary) <= 120


@pytest.mark.parametrize("event", PROGRAMME, ids=lambda event: event.slug)
def test_a_poster_is_plain_svg_and_always_the_same(event) -> None:
    picture = poster_of(event)
    assert picture == poster_of(event)
    assert len(picture) < 20_000
    root = ET.fromstring(picture)  # our own bytes
    assert root.attrib["viewBox"] == "0 0 1200 900"
    names = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert names <= {
        "svg", "defs", "linearGradient", "stop", "rect", "circle", "ellipse", "path",
    }  # fmt: skip


def test_posters_differ() -> None:
    assert len({poster_of(event) for event in PROGRAMME}) == 20
