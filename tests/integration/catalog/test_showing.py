"""Pages, calendar files, charts and posters as browsers and caches get them."""

import gzip
import hashlib
import json
from typing import Any

import icalendar
import pytest

from seatwright.catalog.service.images import keep_poster
from seatwright.contracts.charts import decode_chart
from tests.integration.catalog.box_office import PUBLIC_URL, Organiser, Process


async def test_a_page_can_be_asked_for_again_cheaply(house: Organiser, here: Process) -> None:
    event = await house.publish()
    path = f"/v1/events/{event['id']}"
    first = await here.get(path)
    assert first.headers["content-type"] == "application/json"
    assert first.headers["etag"] == 'W/"1-on_sale"'
    # The page tells the time, so browsers must not keep it; caches that are asked may.
    assert first.headers["cache-control"] == "no-store"
    assert first.headers["cdn-cache-control"].startswith("public, max-age=1")
    for tag in (first.headers["etag"], '"1-on_sale"', '"x", W/"1-on_sale"', "*"):
        again = await here.get(path, **{"If-None-Match": tag})
        assert again.status_code == 304, tag
        assert again.content == b""
        assert again.headers["etag"] == first.headers["etag"]
    await house.post(f"/events/{event['id']}/pauses")
    changed = await here.get(path, **{"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200
    assert changed.headers["etag"] == 'W/"2-paused"'


@pytest.mark.parametrize(
    "reference", ["nothing-here", "0", "a" * 200, "%01", "..%2f", "%F0%9F%98%80", "x%20y"]
)
async def test_what_is_not_there_is_said_so(reference: str, here: Process) -> None:
    for suffix in ("", ".ics", "/chart"):
        answer = await here.get(f"/v1/events/{reference}{suffix}")
        assert answer.status_code == 404, answer.text
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_calendar_file(house: Organiser, here: Process) -> None:
    event = await house.publish(title="Lights, camera; action")
    for reference in (event["id"], event["slug"]):
        answer = await here.get(f"/v1/events/{reference}.ics")
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        assert event["slug"] in answer.headers["content-disposition"]
        (entry,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
        assert entry["SUMMARY"] == "Lights, camera; action"
        assert entry["UID"] == f"{event['id']}@seatwright"
        assert entry["URL"] == f"{PUBLIC_URL}/events/{event['slug']}"
        assert entry.decoded("DTSTART").isoformat() == event["starts_at"].replace(".000Z", "+00:00")
        assert entry["STATUS"] == "CONFIRMED"
    await house.post(f"/events/{event['id']}/cancellations")
    answer = await here.get(f"/v1/events/{event['id']}.ics")
    (entry,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert entry["STATUS"] == "CANCELLED"
    assert entry["SEQUENCE"] == 2


async def test_the_way_to_the_chart(house: Organiser, here: Process) -> None:
    event = await house.publish()
    moved = await here.get(f"/v1/events/{event['slug']}/chart")
    assert moved.status_code == 308
    assert moved.headers["location"] == f"/v1/charts/{house.chart}"
    chart = await here.get(moved.headers["location"], **{"Accept-Encoding": "identity"})
    assert chart.headers["content-type"] == "application/json"
    assert chart.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert chart.headers["etag"] == f'"{house.chart}"'
    assert hashlib.sha256(chart.content).hexdigest()[:32] == house.chart
    assert decode_chart(chart.content).seat_count == 10
    kept = await here.get(moved.headers["location"], **{"If-None-Match": f'"{house.chart}"'})
    assert kept.status_code == 304


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip, deflate, br, zstd", True), ("GZIP;q=0.5", True), ("br, gzip;q=1", True),
        ("identity", False), ("br", False), ("gzip;q=0", False), ("gzip; q=0.000", False),
        ("", False),
    ],
)  # fmt: skip
async def test_a_chart_is_packed_once_and_given_to_whoever_can_unpack_it(
    house: Organiser, here: Process, accepted: str, packed: bool
) -> None:
    await house.publish()
    file = await here.tools.files.read(folder="charts", name=f"{house.chart}.json.gz")
    assert file is not None
    path = f"/v1/charts/{house.chart}"
    async with here.client.stream("GET", path, headers={"accept-encoding": accepted}) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers.get("content-encoding") == ("gzip" if packed else None)
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (raw == file) is packed
    assert decode_chart(gzip.decompress(raw) if packed else raw).seat_count == 10
    tag = answer.headers["etag"]
    assert tag.startswith("W/") is packed
    kept = {"If-None-Match": tag, "Accept-Encoding": accepted}
    assert (await here.get(path, **kept)).status_code == 304


async def test_a_chart_that_was_not_packed_is_given_as_it_is(
    house: Organiser, here: Process
) -> None:
    name = "ab" * 16
    await here.tools.files.write(folder="charts", name=f"{name}.json", content=b"{}")
    answer = await here.get(f"/v1/charts/{name}", **{"Accept-Encoding": "gzip"})
    assert (answer.status_code, answer.content) == (200, b"{}")
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "/v1/charts/0123456789abcdef",
        "/v1/charts/..%2f..%2fetc%2fpasswd",
        "/v1/charts/x",
        "/v1/images/0123456789abcdef.svg",
        "/v1/images/0123456789abcdef.html",
        "/v1/images/..%2fcharts.svg",
    ],
)
async def test_files_that_are_not_there(path: str, here: Process) -> None:
    answer = await here.get(path)
    assert answer.status_code == 404


async def test_a_poster_may_do_nothing(here: Process) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="1" height="1"/></svg>'
    answer = await here.get(await keep_poster(here.catalogue.files, svg))
    assert answer.content == svg
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_the_description_of_the_api_is_whole(here: Process) -> None:
    answer = await here.get("/v1/openapi.json")
    assert answer.status_code == 200
    paths: dict[str, Any] = json.loads(answer.content)["paths"]
    listing = paths["/v1/events"]["get"]
    assert {p["name"] for p in listing["parameters"]} >= {"q", "from", "near", "cursor", "sort"}
    schema = listing["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema["$ref"].endswith("EventList")
    assert "/v1/events/{event_id}.ics" in paths
    for path, operations in paths.items():
        for method, operation in operations.items():
            assert operation.get("description") or operation.get("summary"), (method, path)
