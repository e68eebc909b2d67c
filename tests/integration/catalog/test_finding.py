"""Finding events by everything a visitor may think of."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.integration.catalog.box_office import (
    Organiser,
    Process,
    Tokens,
    eur,
    organiser,
    until,
)


class World:
    """Events of one organisation, found only there."""

    def __init__(self, house: Organiser) -> None:
        self.house = house
        self.names: dict[str, str] = {}

    async def add(self, name: str, **fields: Any) -> None:
        event = await self.house.publish(**fields)
        self.names[event["id"]] = name

    async def found(self, query: str = "") -> list[str]:
        page = await self.page(query)
        return [self.names[item["id"]] for item in page["items"]]

    async def page(self, query: str = "") -> dict[str, Any]:
        answer = await self.house.at.get(f"/v1/events?organisation={self.house.id}&{query}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def in_days(days: float, hours: float = 3) -> dict[str, str]:
    start = datetime.now(UTC).replace(minute=30, second=0, microsecond=0) + timedelta(days=days)
    return {
        "starts_at": start.isoformat(),
        "doors_at": (start - timedelta(hours=1)).isoformat(),
        "ends_at": (start + timedelta(hours=hours)).isoformat(),
    }


def priced(front: int, back: int) -> dict[str, Any]:
    return {
        "prices": [
            {"category": "front", "face": eur(front)},
            {"category": "back", "face": eur(back)},
        ],
        "ticket_fee": eur(100),
    }


@pytest.fixture(scope="session")
async def world(here: Process, accounts: Tokens) -> World:
    made = World(await organiser(here, accounts))
    house = made.house
    munich = await house.add_venue(
        name="Théâtre de l'Étoile", city="München", lat=48.137, lon=11.575
    )
    sydney = await house.add_venue(
        name="Harbour Oval", city="Sydney", country="AU", timezone="Australia/Sydney",
        lat=-33.87, lon=151.21,
    )  # fmt: skip
    await made.add("tour", title="The Northern Lights Tour", **in_days(10), **priced(8000, 4000))
    await made.add(
        "opera", title="Die Zauberflöte", category="classical", venue_id=munich,
        lineup=["Bayerische Philharmonie"], summary="Mozart.", **in_days(20),
        **priced(12000, 9000),
    )  # fmt: skip
    await made.add(
        "match", title="Tides v Étoile", category="sport", venue_id=sydney,
        lineup=[], summary="Cup final.", **in_days(5), **priced(3000, 2000),
    )  # fmt: skip
    await made.add(
        "late", title="Late Set with Mira O'Brien", category="comedy", lineup=["Mira O'Brien"],
        summary="Trains.", **in_days(40),
        on_sale_at=(datetime.now(UTC) + timedelta(days=1)).isoformat(), **priced(2500, 2500),
    )  # fmt: skip

    async def indexed() -> bool:
        return len((await made.page("limit=100"))["items"]) == len(made.names)

    await until(indexed)
    return made


async def test_everything_to_come_soonest_first(world: World) -> None:
    assert await world.found() == ["match", "tour", "opera", "late"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=northern lights", ["tour"]),
        ("q=nothern", ["tour"]),  # a letter missing
        ("q=nrothern ligths", ["tour"]),  # letters swapped
        ("q=nor", ["tour", "late"]),  # as typed so far; the Nordhafen Arena begins so too
        ("q=zauberfloete", ["opera"]),  # ö typed as oe
        ("q=ZAUBERFLÖTE", ["opera"]),
        ("q=zauberflote", ["opera"]),
        ("q=etoile", ["match", "opera"]),  # the title before the venue's name
        ("q=étoile münchen", ["opera"]),
        ("q=obrien", ["late"]),
        ("q=o'brien", ["late"]),
        ("q=O’Brien", ["late"]),  # noqa: RUF001  # as phones write it
        ("q=philharmonie mozart", ["opera"]),
        ("q=sydney", ["match"]),
        ("q=comedy", ["late"]),
        ("q=tour sydney", []),  # every word counts
        ("q=xylophon", []),
        ("q=", ["match", "tour", "opera", "late"]),
    ],
)
async def test_text_is_found_as_people_type_it(
    query: str, expected: list[str], world: World
) -> None:
    assert await world.found(query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("city=Hamburg", ["tour", "late"]),
        ("city=munchen", ["opera"]),
        ("city=München&category=classical", ["opera"]),
        ("city=Nowhere", []),
        ("country=au", ["match"]),
        ("category=sport", ["match"]),
        ("price_max=3000", ["match", "late"]),
        ("price_min=9000", ["opera"]),
        ("price_min=8000&price_max=5000", None),
        ("price_min=5000&price_max=8100", ["tour"]),
        ("currency=EUR", ["match", "tour", "opera", "late"]),
        ("currency=USD", []),
        ("available=true", ["match", "tour", "opera"]),
        ("available=false", ["match", "tour", "opera", "late"]),
        ("accessible=true", ["match", "tour", "opera", "late"]),
        ("near=53.55,10.0", ["tour", "late"]),
        ("near=53.55,10.0&radius_km=1", []),
        ("near=50.9,10.8&radius_km=500", ["tour", "opera", "late"]),
        ("near=-33.9,151.2", ["match"]),
        ("near=90,0&radius_km=500", []),
        ("sort=-starts_at", ["late", "opera", "tour", "match"]),
        ("sort=price", ["match", "late", "tour", "opera"]),
        ("sort=-price", ["opera", "tour", "late", "match"]),
        ("q=etoile&sort=-starts_at", ["opera", "match"]),
    ],
)
async def test_filters_and_orders(query: str, expected: list[str] | None, world: World) -> None:
    if expected is None:
        answer = await world.house.at.get(f"/v1/events?{query}")
        assert answer.status_code == 422
    else:
        assert await world.found(query) == expected


async def test_days_are_days_where_the_event_is(world: World) -> None:
    page = await world.page("q=tides")
    starts = datetime.fromisoformat(page["items"][0]["starts_at"])
    local = starts + timedelta(hours=11)  # Sydney in summer
    day = f"{local:%Y-%m-%d}"
    before = f"{local - timedelta(days=1):%Y-%m-%d}"
    assert await world.found(f"country=AU&from={day}&to={day}") == ["match"]
    assert await world.found(f"country=AU&to={before}") == []
    instant = f"{starts:%Y-%m-%dT%H:%M:%SZ}"
    assert await world.found(f"country=AU&from={instant}&to={instant}") == ["match"]
    later = f"{starts + timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"
    assert await world.found(f"country=AU&from={later}") == []


async def test_facets_count_what_another_choice_would_show(world: World) -> None:
    facets = (await world.page("city=Hamburg"))["facets"]
    assert facets["city"] == [
        {"value": "Hamburg", "count": 2},
        {"value": "München", "count": 1},
        {"value": "Sydney", "count": 1},
    ]
    assert facets["category"] == [
        {"value": "comedy", "count": 1},
        {"value": "concert", "count": 1},
    ]
    facets = (await world.page("category=sport&price_max=3000"))["facets"]
    assert facets["city"] == [{"value": "Sydney", "count": 1}]
    assert {f["value"] for f in facets["category"]} == {"sport", "comedy"}


async def test_an_item_is_a_page_without_its_long_parts(world: World, here: Process) -> None:
    item = (await world.page("q=northern"))["items"][0]
    page = (await here.get(f"/v1/events/{item['id']}")).json()
    assert set(page) - set(item) == {"description", "lineup", "terms", "categories"}
    without = {"server_time"}
    assert {k: v for k, v in item.items() if k not in without} == {
        k: page[k] for k in item if k not in without
    }


@pytest.mark.parametrize(
    "sort", ["starts_at", "-starts_at", "price", "-price", "relevance&q=parade"]
)
async def test_pages_neither_repeat_nor_skip_while_events_arrive(
    sort: str, here: Process, accounts: Tokens
) -> None:
    made = World(await organiser(here, accounts))
    same_time = in_days(3)  # all at one moment and price: only the id decides
    for n in range(7):
        await made.add(f"old {n}", title=f"Parade {n}", **same_time)
    sought = f"sort={sort}&limit=2"

    async def all_indexed() -> bool:
        return len((await made.page(f"sort={sort}&limit=100"))["items"]) == len(made.names)

    await until(all_indexed)
    seen: list[str] = []
    cursor = ""
    while True:
        page = await made.page(f"{sought}{cursor}")
        seen += [made.names[item["id"]] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
        await made.add(f"new {len(made.names)}", title="Parade of newcomers", **same_time)
        await until(all_indexed)
    assert len(seen) == len(set(seen))
    assert {name for name in made.names.values() if name.startswith("old")} <= set(seen)


async def test_a_cursor_belongs_to_its_list(world: World, here: Process) -> None:
    page = await world.page("limit=2")
    assert page["next"]
    root = f"/v1/events?organisation={world.house.id}&limit=2"
    forged = page["next"][:-9] + ("A" if page["next"][-9] != "A" else "B") + page["next"][-8:]
    fine = await here.get(f"{root}&cursor={page['next']}")
    assert [world.names[item["id"]] for item in fine.json()["items"]] == ["opera", "late"]
    assert fine.json()["next"] is None
    for bad in (
        f"{root}&category=sport&cursor={page['next']}",
        f"{root}&cursor={forged}",
        f"{root}&cursor=x",
        f"{root}&cursor={'x' * 5000}",
    ):
        answer = await here.get(bad)
        assert answer.status_code == 422, bad
        assert answer.json()["errors"][0]["pointer"] == "?cursor"


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("q=" + "a" * 101, "?q", "too_long"),
        ("q=" + "a" * 10_000, "?q", "too_long"),
        ("q=%25", "?q", "no_word"),
        ("q=%01abc", "?q", "invisible_character"),
        ("q=.*", "?q", "no_word"),
        ("q=%ff", "?", "malformed"),
        ("sort=random", "?sort", "unknown"),
        ("sort=starts_at;drop", "?sort", "unknown"),
        ("sort=relevance", "?sort", "needs_q"),
        ("limit=0", "?limit", "range"),
        ("limit=101", "?limit", "range"),
        ("limit=-1", "?limit", "range"),
        ("limit=1_0", "?limit", "range"),
        ("limit=%EF%BC%91", "?limit", "range"),
        ("limit=1e2", "?limit", "range"),
        ("limit=9999999999999999999", "?limit", "range"),
        ("from=2026-02-30", "?from", "date"),
        ("from=0001-01-01", "?from", "range"),
        ("from=9999-12-31", "?from", "range"),
        ("from=2026-12-01T10:00:00", "?from", "date"),
        ("from=yesterday", "?from", "date"),
        ("to=2026-12-01T25:00:00Z", "?to", "date"),
        ("from=2027-01-02&to=2027-01-01", "?to", "order"),
        ("near=91,0", "?near", "range"),
        ("near=0,181", "?near", "range"),
        ("near=nan,nan", "?near", "invalid"),
        ("near=1", "?near", "invalid"),
        ("near=1,2,3", "?near", "invalid"),
        ("near=1,2&radius_km=0", "?radius_km", "range"),
        ("near=1,2&radius_km=501", "?radius_km", "range"),
        ("near=1,2&radius_km=inf", "?radius_km", "range"),
        ("radius_km=10", "?radius_km", "needs_near"),
        ("category=opera", "?category", "unknown"),
        ("country=Germany", "?country", "invalid"),
        ("currency=eur", "?currency", "currency"),
        ("currency=XXX", "?currency", "currency"),
        ("price_max=-1", "?price_max", "amount"),
        ("price_max=12.50", "?price_max", "amount"),
        ("price_max=99999999999", "?price_max", "amount"),
        ("available=yes", "?available", "invalid"),
        ("available=1", "?available", "invalid"),
        ("venue=../../etc/passwd", "?venue", "invalid"),
        ("city=" + "x" * 200, "?city", "invalid"),
        ("colour=red", "?colour", "unknown_parameter"),
        ("city=A&city=B", "?city", "repeated"),
    ],
)
async def test_bad_questions_are_refused_by_name(
    query: str, pointer: str, code: str, here: Process
) -> None:
    answer = await here.get(f"/v1/events?{query}")
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found = answer.json()
    assert found["code"] == "invalid"
    assert [(e["pointer"], e["code"]) for e in found["errors"]] == [(pointer, code)]


async def test_a_list_that_has_not_changed_is_not_sent_again(world: World, here: Process) -> None:
    path = f"/v1/events?organisation={world.house.id}"
    first = await here.get(path)
    assert first.headers["cache-control"].startswith("public, max-age=1")
    again = await here.get(path, **{"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    other = await here.get(f"{path}&limit=1", **{"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200
