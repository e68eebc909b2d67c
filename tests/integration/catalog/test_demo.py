"""The demonstration is loaded once, whole, and the same for everybody."""

from datetime import UTC, datetime, timedelta

import asyncpg

from seatwright.catalog.service.demo import ORGANISATION, load_demo
from seatwright.contracts.charts import decode_chart
from tests.integration.catalog.box_office import Process, until

COUNT = """
SELECT (SELECT count(*) FROM catalog.events WHERE organisation = $1) AS events,
    (SELECT sum(d.version) FROM catalog.documents d JOIN catalog.events e ON e.id = d.event
        WHERE e.organisation = $1) AS versions,
    (SELECT count(*) FROM catalog.venues WHERE organisation = $1) AS venues,
    (SELECT count(*) FROM catalog.chart_versions WHERE organisation = $1) AS charts
"""


async def test_loading_twice_changes_nothing(here: Process, truth: asyncpg.Pool) -> None:
    now = datetime.now(UTC)
    first = await load_demo(here.catalogue, now)
    counted = await truth.fetchrow(COUNT, ORGANISATION.id)
    again = await load_demo(here.catalogue, now + timedelta(hours=3))
    assert again == first
    assert await truth.fetchrow(COUNT, ORGANISATION.id) == counted
    assert counted["events"] == len(first) == 20

    listing = f"/v1/events?organisation={ORGANISATION.id}&limit=100&from=2020-01-01"

    async def shown() -> bool:
        return len((await here.get(listing)).json()["items"]) == 20

    await until(shown)
    items = (await here.get(listing)).json()["items"]
    statuses = [item["status"] for item in items]
    assert "on_sale" in statuses
    assert "scheduled" in statuses
    soon = [e for e in first if timedelta(0) < e.on_sale_at - now <= timedelta(minutes=15)]
    assert soon, "one sale opens in minutes"
    nearly = [e for e in first if len(e.sold_seats) > 0.9 * e.seat_count]
    assert nearly, "one event is nearly sold out"
    assert max(e.seat_count for e in first) >= 70_000
    for event in first:
        assert list(event.sold_seats) == sorted(set(event.sold_seats))
        page = (await here.get(f"/v1/events/{event.slug}")).json()
        assert page["id"] == event.id
        assert (await here.get(page["image"])).status_code == 200
        chart = decode_chart((await here.get(f"/v1/charts/{page['chart']}")).content)
        assert chart.seat_count == page["seat_count"] == event.seat_count
        assert [c.key for c in chart.categories] == [c["key"] for c in page["categories"]]
