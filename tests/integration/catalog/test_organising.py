"""Organisers work in their own organisation, once for each request."""

import asyncio
from typing import Any

import asyncpg
import msgspec
import pytest

from seatwright.kit import limits
from tests.integration.catalog.box_office import (
    CSV,
    Organiser,
    Process,
    Tokens,
    a_venue,
    eur,
    organiser,
)


async def test_another_organisation_does_not_exist(
    house: Organiser, here: Process, accounts: Tokens
) -> None:
    mine = await house.add_event()
    stranger = (await organiser(here, accounts)).token
    root = house.root
    asked: list[tuple[str, str, Any]] = [
        ("GET", f"{root}/events", None),
        ("POST", f"{root}/events", house.an_event()),
        ("GET", f"{root}/events/{mine['id']}", None),
        ("PATCH", f"{root}/events/{mine['id']}", {"title": "Mine now"}),
        ("POST", f"{root}/events/{mine['id']}/publications", None),
        ("POST", f"{root}/events/{mine['id']}/cancellations", None),
        ("GET", f"{root}/venues", None),
        ("POST", f"{root}/venues", a_venue()),
        ("GET", f"{root}/venues/{house.venue}", None),
        ("POST", f"{root}/charts", b"x"),
        ("GET", f"{root}/charts", None),
        ("GET", "/v1/organisations/nobody/events", None),
    ]
    for method, path, body in asked:
        answer = await here.call(method, path, stranger, body, if_match="*")
        assert answer.status_code == 404, (method, path, answer.text)
        nobody = await here.client.request(
            method,
            path,
            content=None if body is None else msgspec.json.encode(body),
            headers={"content-type": "application/json"},
        )
        assert nobody.status_code == 401, (method, path)


async def test_another_organisations_things_cannot_be_reached_through_ones_own(
    house: Organiser, here: Process, accounts: Tokens
) -> None:
    other = await organiser(here, accounts)
    event = await house.add_event()
    for path in (f"/events/{event['id']}", f"/venues/{house.venue}"):
        assert (await other.get(path)).status_code == 404
        assert (await other.patch(path, {}, if_match="*")).status_code == 404
    assert (await other.post(f"/events/{event['id']}/publications")).status_code == 404
    chart = await house.add_chart(CSV.replace("A,", f"{house.id[-6:]},"))
    for field, value in (("venue_id", house.venue), ("chart", chart)):
        refused = await other.post("/events", other.an_event(**{field: value}))
        assert refused.status_code == 422, refused.text
        assert refused.json()["errors"][0]["pointer"] == f"/{field}"


async def test_reading_is_not_writing(house: Organiser, accounts: Tokens) -> None:
    reader = Organiser(house.at, house.id, accounts.issue(house.id, "catalog:read"))
    assert (await reader.get("/events")).status_code == 200
    assert (await reader.post("/events", house.an_event())).status_code == 404
    writer = Organiser(house.at, house.id, accounts.issue(house.id, "catalog:write"))
    assert (await writer.get("/events")).status_code == 200


async def test_a_repeated_request_makes_one_thing(house: Organiser, truth: asyncpg.Pool) -> None:
    asked = [
        ("venues", a_venue(name="Once only"), {}),
        ("events", house.an_event(title="Once only"), {}),
        ("charts", CSV.encode(), {"content_type": "text/csv"}),
    ]
    for n, (kind, body, headers) in enumerate(asked):
        before = await truth.fetchval(
            f"SELECT count(*) FROM catalog.{kind} WHERE organisation = $1", house.id
        )
        answers = await asyncio.gather(
            *(house.post(f"/{kind}", body, idempotency_key=f"key-{n}", **headers) for _ in range(4))
        )
        assert {a.status_code for a in answers} == {201}, answers[0].text
        assert len({a.json()["id"] for a in answers}) == 1
        after = await truth.fetchval(
            f"SELECT count(*) FROM catalog.{kind} WHERE organisation = $1", house.id
        )
        assert after == before + 1


async def test_a_key_belongs_to_one_request_of_one_principal(
    house: Organiser, accounts: Tokens
) -> None:
    first = await house.post("/venues", a_venue(name="First"), idempotency_key="mine")
    other = await house.post("/venues", a_venue(name="Second"), idempotency_key="mine")
    assert other.status_code == 422
    assert other.json()["code"] == "idempotency_mismatch"
    elsewhere = await house.post("/events", house.an_event(), idempotency_key="mine")
    assert elsewhere.json()["code"] == "idempotency_mismatch"
    colleague = Organiser(house.at, house.id, accounts.issue(house.id, "catalog:write"))
    theirs = await colleague.post("/venues", a_venue(name="First"), idempotency_key="mine")
    assert theirs.status_code == 201
    assert theirs.json()["id"] != first.json()["id"]
    # A refused request leaves its key free.
    refused = await house.post("/venues", a_venue(name=" "), idempotency_key="second")
    assert refused.status_code == 422
    again = await house.post("/venues", a_venue(name="Now fine"), idempotency_key="second")
    assert again.status_code == 201


async def test_publishing_with_a_key_publishes_once(house: Organiser) -> None:
    event = await house.add_event()
    path = f"/events/{event['id']}/publications"
    answers = [await house.post(path, idempotency_key="go") for _ in range(3)]
    assert [a.json()["published_version"] for a in answers] == [1, 1, 1]


async def test_venues_are_kept_listed_and_edited(house: Organiser) -> None:
    made = [await house.add_venue(name=f"Hall {n}") for n in range(3)]
    first = (await house.get("/venues?limit=2")).json()
    assert [v["id"] for v in first["items"]] == [made[2], made[1]]
    second = (await house.get(f"/venues?limit=2&cursor={first['next']}")).json()
    assert [v["id"] for v in second["items"]] == [made[0], house.venue]
    assert second["next"] is None
    read = await house.get(f"/venues/{made[0]}")
    edited = await house.patch(
        f"/venues/{made[0]}", {"city": "Lübeck", "lat": None, "lon": None},
        if_match=read.headers["etag"],
    )  # fmt: skip
    assert edited.json()["city"] == "Lübeck"
    assert edited.json()["name"] == "Hall 0"
    stale = await house.patch(f"/venues/{made[0]}", {}, if_match=read.headers["etag"])
    assert stale.status_code == 412


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": "a\nb"}, "/name"),
        ({"name": "<b>Hall</b>"}, "/name"),
        ({"name": "x" * 121}, "/name"),
        ({"name": "Hall\u202e"}, "/name"),
        ({"country": "Germany"}, "/country"),
        ({"timezone": "Etc/../../etc/passwd"}, "/timezone"),
        ({"timezone": "Mars/Olympus"}, "/timezone"),
        ({"lat": 91.0}, "/lat"),
        ({"lon": None}, "/lat"),
        ({"lat": "53"}, "/lat"),
        ({"colour": "red"}, "/colour"),
    ],
)
async def test_bad_venues(change: dict[str, Any], pointer: str, house: Organiser) -> None:
    answer = await house.post("/venues", a_venue(**change))
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"title": ""}, "/title"),
        ({"title": "x" * 121}, "/title"),
        ({"category": "opera"}, "/category"),
        ({"starts_at": "2026-13-01T00:00:00Z"}, "/starts_at"),
        ({"starts_at": "2026-12-01T20:00:00"}, "/starts_at"),
        ({"starts_at": "9999-12-01T20:00:00Z"}, "/starts_at"),
        ({"ends_at": "2026-01-01T20:00:00Z"}, "/ends_at"),
        ({"doors_at": "2036-01-01T20:00:00Z"}, "/doors_at"),
        ({"timezone": "Europe/Atlantis"}, "/timezone"),
        ({"currency": "XXX"}, "/currency"),
        ({"currency": "eur"}, "/currency"),
        ({"ticket_fee": {"amount": 250, "currency": "USD"}}, "/ticket_fee/currency"),
        ({"ticket_fee": {"amount": -1, "currency": "EUR"}}, "/ticket_fee/amount"),
        ({"ticket_fee": {"amount": 2.5, "currency": "EUR"}}, "/ticket_fee/amount"),
        ({"ticket_fee": {"amount": True, "currency": "EUR"}}, "/ticket_fee/amount"),
        ({"ticket_fee_bp": 10_001}, "/ticket_fee_bp"),
        ({"fees_absorbed": 1}, "/fees_absorbed"),
        ({"ticket_fee": {"amount": 10**10, "currency": "EUR"}}, "/ticket_fee/amount"),
        ({"prices": [{"category": "front", "face": eur(1)}] * 2}, "/prices/1/category"),
        ({"tax": {"name": "VAT", "rate_bp": 10_001, "inclusive": True}}, "/tax/rate_bp"),
        ({"slug": "admin"}, "/slug"),
        ({"slug": ".."}, "/slug"),
        ({"slug": "Über-uns"}, "/slug"),
        ({"description": "<script>alert(1)</script>"}, "/description"),
        ({"lineup": ["x"] * 51}, "/lineup"),
        ({"image": "https://evil.example/x.svg"}, "/image"),
        ({"age_limit": 100}, "/age_limit"),
        ({"seats_per_order_max": 21}, "/seats_per_order_max"),
        ({"venue_id": "nowhere"}, "/venue_id"),
        ({"chart": "0123456789abcdef"}, "/chart"),
        ({"state": "published"}, "/state"),
        ({"venue_id": "v\x01"}, "/venue_id"),
        ({"chart": "c\x01"}, "/chart"),
        ({"prices": [{"category": "a\x01", "face": eur(1)}]}, "/prices/0/category"),
        ({"tax": {"name": "V\x01", "rate_bp": 1, "inclusive": True}}, "/tax/name"),
    ],
)
async def test_bad_events(change: dict[str, Any], pointer: str, house: Organiser) -> None:
    answer = await house.post("/events", house.an_event(**change))
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_a_price_for_a_category_the_chart_has_not(house: Organiser) -> None:
    event = await house.add_event(
        prices=[{"category": name, "face": eur(1)} for name in ("front", "back", "moon")]
    )
    answer = await house.post(f"/events/{event['id']}/publications")
    assert answer.json()["errors"][0]["pointer"] == "/prices/2/category"


async def test_an_address_belongs_to_one_event(
    house: Organiser, here: Process, accounts: Tokens
) -> None:
    slug = f"the-one-{house.id}"
    first = await house.add_event(slug=slug)
    other = await organiser(here, accounts)
    taken = await other.post("/events", other.an_event(slug=slug))
    assert taken.status_code == 409
    assert taken.json()["code"] == "slug_taken"
    second = await house.add_event(title="Elsewhere")
    moved = await house.patch(f"/events/{second['id']}", {"slug": slug}, if_match="*")
    assert moved.status_code == 409
    # The same title on the same day finds an address of its own.
    twins = [await house.add_event(title="Twins") for _ in range(2)]
    assert twins[0]["slug"] != twins[1]["slug"]
    assert first["slug"] == slug


async def test_an_event_takes_over_what_is_not_said(house: Organiser) -> None:
    body = house.an_event()
    for field in ("doors_at", "ticket_fee", "order_fee", "tax", "summary", "description"):
        del body[field]
    event = (await house.post("/events", body)).json()
    assert event["timezone"] == "Europe/Berlin"
    assert event["off_sale_at"] == event["starts_at"]
    assert event["ticket_fee"] == eur(0)
    assert (event["ticket_fee_bp"], event["fees_absorbed"]) == (0, False)
    assert event["slug"].startswith("the-northern-lights-tour-")
    assert event["state"] == "draft"


async def test_charts_are_drafted_published_and_replaced(house: Organiser, here: Process) -> None:
    made = await house.post(
        "/charts?name=Kellerclub", CSV.encode(), content_type="text/csv; charset=utf-8"
    )
    chart = made.json()
    assert (chart["name"], chart["seat_count"], chart["publications"]) == ("Kellerclub", 10, [])
    published = (await house.post(f"/charts/{chart['id']}/publications")).json()
    assert published["accessible"] is True
    assert published["categories"][0]["seats"] == 5
    # The very same seats under the very same name are the very same version.
    assert (await house.post(f"/charts/{chart['id']}/publications")).json() == published
    draft = await house.get(f"/charts/{chart['id']}/draft")
    assert draft.json()["sections"][0]["key"] == "A"
    path = f"{house.root}/charts/{chart['id']}/draft"
    smaller = "\n".join(CSV.splitlines()[:-1]).encode()
    put = await here.call(
        "PUT", path, house.token, smaller, content_type="text/csv", if_match=made.headers["etag"]
    )
    assert put.status_code == 200, put.text
    assert put.json()["seat_count"] == 9
    assert put.json()["publications"][0]["hash"] == published["hash"]
    stale = await here.call(
        "PUT", path, house.token, CSV.encode(), content_type="text/csv",
        if_match=made.headers["etag"],
    )  # fmt: skip
    assert stale.status_code == 412
    listed = (await house.get("/charts?limit=1")).json()
    assert listed["items"][0]["id"] == chart["id"]


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"", "text/csv", 422, "invalid"),
        (b"{", "application/json", 422, "invalid"),
        (b"[" * 10_000, "application/json", 422, "invalid"),
        (b"\xff\xfea\x00", "text/csv", 422, "invalid"),
        (CSV.replace("A,1,2,", "A,1,1,").encode(), "text/csv", 422, "invalid"),
        (CSV.encode(), "image/png", 415, "unsupported_media_type"),
        (b"x" * (limits.UPLOAD_BYTES_MAX + 1), "text/csv", 413, "too_large"),
    ],
)
async def test_bad_charts_leave_nothing_behind(
    body: bytes, kind: str, status: int, code: str, house: Organiser, truth: asyncpg.Pool
) -> None:
    count = "SELECT count(*) FROM catalog.charts WHERE organisation = $1"
    before = await truth.fetchval(count, house.id)
    answer = await house.post("/charts", body, content_type=kind)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert await truth.fetchval(count, house.id) == before


@pytest.mark.parametrize("bad", ["%01", "a%20b", "%F0%9F%98%80", "x" * 65, "%2e%2e"])
async def test_ids_that_cannot_be(bad: str, house: Organiser) -> None:
    for kind in ("events", "venues", "charts"):
        assert (await house.get(f"/{kind}/{bad}")).status_code == 404
    for step in ("publications", "pauses", "cancellations"):
        assert (await house.post(f"/events/{bad}/{step}")).status_code == 404


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=101", "cursor=x", "cursor=%01"])
async def test_lists_are_asked_for_properly(query: str, house: Organiser) -> None:
    for kind in ("events", "venues", "charts"):
        answer = await house.get(f"/{kind}?{query}")
        assert answer.status_code == 422, answer.text
