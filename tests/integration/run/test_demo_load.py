"""`seatwright demo load`: the demonstration's events in an installation that runs already."""

import asyncio
from pathlib import Path

import asyncpg
import httpx

from seatwright.accounts.service.demo import EMAIL, PASSWORD
from seatwright.run.installation import Installation
from tests.integration.run.terminal import seatwright


async def rows(installation: Installation) -> list[int]:
    """How many of everything there are."""
    connection = await asyncpg.connect(installation.engines.addresses.database_url)
    try:
        return [
            await connection.fetchval(f"SELECT count(*) FROM {table}")
            for table in (
                "catalog.organisations", "catalog.venues", "catalog.events", "orders.orders",
                "orders.claims", "orders.tickets", "accounts.people", "accounts.tokens",
            )
        ]  # fmt: skip
    finally:
        await connection.close()


async def test_events_are_loaded_once_and_shown_at_once(
    installation: Installation, visitor: httpx.AsyncClient
) -> None:
    data = installation.layout.data
    told = await seatwright("demo", "load", "--data", data)
    assert (told.code, told.err) == (0, "")
    *lines, _total, hint, command = told.out.splitlines()
    assert len(lines) == 20
    assert "Appoint an owner" in hint
    assert command.split() == [
        "seatwright",
        "organisation",
        "appoint",
        "lantern-and-tide",
        "--owner",
        "ADDRESS",
    ]
    loaded = await rows(installation)
    assert loaded[2] == 20
    assert loaded[3] > 0

    async with asyncio.timeout(30):
        for slug in [line.split("\t")[0] for line in lines]:
            while (await visitor.get(f"/v1/events/{slug}")).status_code != 200:
                await asyncio.sleep(0.05)
    connection = await asyncpg.connect(installation.engines.addresses.database_url)
    sold = await connection.fetch("SELECT event_id, count(*) AS n FROM orders.claims GROUP BY 1")
    await connection.close()
    for row in sold:
        shown = (await visitor.get(f"/v1/events/{row['event_id']}/availability")).json()
        assert shown["counts"]["sold"] == row["n"], row

    # Said again, also as `bin/demo` says it: nothing is added.
    again = await seatwright("demo", "--data", data, "load")
    assert again == told
    assert await rows(installation) == loaded


async def sold_of(visitor: httpx.AsyncClient, event: str) -> int:
    answer = await visitor.get(f"/v1/events/{event}/availability")
    return int(answer.json()["counts"]["sold"])


async def test_a_load_that_was_cut_short_is_finished_and_shown(
    installation: Installation, visitor: httpx.AsyncClient
) -> None:
    data = ("--data", installation.layout.data)
    assert (await seatwright("demo", "load", *data)).code == 0
    before = await rows(installation)
    connection = await asyncpg.connect(installation.engines.addresses.database_url)
    (smallest,) = await connection.fetch(
        "SELECT event_id, count(*) FROM orders.claims GROUP BY 1 ORDER BY 2 LIMIT 1"
    )
    event, count = smallest
    for table in ("tickets", "claims", "codes", "orders"):
        await connection.execute(f"DELETE FROM orders.{table} WHERE event_id = $1", event)
    await connection.close()
    assert (await seatwright("reservations", "rebuild", event, *data)).code == 0
    async with asyncio.timeout(30):
        while await sold_of(visitor, event) != 0:
            await asyncio.sleep(0.05)

    assert (await seatwright("demo", "load", *data)).code == 0
    # Sooner than the comparison, which comes round once a minute, would have mended it.
    async with asyncio.timeout(10):
        while await sold_of(visitor, event) != count:
            await asyncio.sleep(0.05)
    assert await rows(installation) == before


async def test_log_ins_that_everybody_knows_are_not_loaded(
    installation: Installation, visitor: httpx.AsyncClient
) -> None:
    assert (await rows(installation))[-2:] == [0, 0]
    answer = await visitor.post("/v1/sessions", json={"email": EMAIL, "password": PASSWORD})
    assert answer.status_code == 401


async def test_without_an_installation_it_says_how_to_name_one(tmp_path: Path) -> None:
    told = await seatwright("demo", "load", "--data", tmp_path)
    assert told.code == 1
    assert f"Nothing runs on {tmp_path}. Start it with" in told.err


async def test_help_teaches_both() -> None:
    demo = await seatwright("demo", "--help")
    assert "seatwright demo load       load the same events" in demo.out
    load = await seatwright("demo", "load", "--help")
    assert "Loading again changes nothing" in load.out
    assert "--port" not in load.out
