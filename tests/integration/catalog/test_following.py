"""Documents survive whatever happens to the broker's bucket."""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from seatwright.catalog.adapters.bucket import BUCKET, STREAM, SUBJECTS
from seatwright.catalog.service.reconciler import Reconciler
from seatwright.run.engines import Addresses
from seatwright.run.engines.nats import Nats
from seatwright.run.engines.ports import free_port
from tests.integration.catalog.box_office import (
    Open,
    Organiser,
    Process,
    Tokens,
    organiser,
    process,
    until,
)
from tests.integration.catalog.conftest import tools_of


async def in_bucket(at: Process, event: str) -> bool:
    """Whether the broker itself has the key, asked behind the back of the process."""
    store = await at.tools.broker.stream.key_value(BUCKET)
    return event in await store.keys()


async def test_a_deleted_bucket_is_rebuilt_and_nothing_is_missing_meanwhile(
    house: Organiser, here: Process, there: Process
) -> None:
    event = await house.publish()
    await until(lambda: in_bucket(there, event["id"]))
    await here.tools.broker.stream.delete_stream(STREAM)

    async def rebuilt() -> bool:
        # A page is never missing, whatever the bucket is doing.
        for at in (here, there):
            assert (await at.get(f"/v1/events/{event['id']}")).status_code == 200
        return all(at.programme.in_bucket.get(event["id"]) == 1 for at in (here, there)) and (
            await in_bucket(here, event["id"])
        )

    async def lost() -> bool:
        return event["id"] not in here.programme.in_bucket

    await until(lost)
    await until(rebuilt)
    # And what is published afterwards arrives as ever.
    another = await house.publish(title="After the loss")

    async def arrived() -> bool:
        return (await there.get(f"/v1/events/{another['id']}")).status_code == 200

    await until(arrived)


@pytest.mark.parametrize("loss", ["delete the key", "purge the key", "purge the stream"])
async def test_what_somebody_removes_by_hand_is_put_back(
    loss: str, house: Organiser, here: Process, there: Process
) -> None:
    event = await house.publish()
    stream = here.tools.broker.stream
    await until(lambda: in_bucket(there, event["id"]))
    store = await stream.key_value(BUCKET)
    if loss == "delete the key":
        await store.delete(event["id"])
    elif loss == "purge the key":
        await store.purge(event["id"])
    else:
        await stream.purge_stream(STREAM)
        # Nobody is told of a purge: the regular look finds it.
        for at in (here, there):
            at.programme.reconcile_soon.set()

    async def back() -> bool:
        try:
            entry = await store.get(event["id"])
        except Exception:  # noqa: BLE001  # not there yet, in any of the client's ways to say it
            return False
        return entry.value == here.programme.raw(event["id"])

    await until(back)


async def test_a_process_that_starts_late_has_everything(
    house: Organiser, open_tools: Open, accounts: Tokens
) -> None:
    events = [await house.publish(title=f"Evening {n}") for n in range(5)]
    async with process(open_tools, accounts) as late:
        for event in events:
            assert (await late.get(f"/v1/events/{event['id']}")).status_code == 200
        found = await late.get(f"/v1/events?organisation={house.id}&limit=100")
        assert {item["id"] for item in found.json()["items"]} == {e["id"] for e in events}


async def test_a_stranger_in_the_bucket_harms_nobody(house: Organiser, here: Process) -> None:
    stream = here.tools.broker.stream
    await stream.publish(f"{SUBJECTS}not-a-document", b"{broken")
    await stream.publish(f"{SUBJECTS}half", b'{"id": "half", "version": 1}')
    event = await house.publish(title="Still here")
    assert (await here.get(f"/v1/events/{event['id']}")).status_code == 200
    assert (await here.get("/v1/events/half")).status_code == 404


async def test_an_older_document_never_replaces_a_newer_one(
    house: Organiser, here: Process, there: Process
) -> None:
    event = await house.publish(title="Version one")
    first = here.programme.raw(event["id"])
    assert first is not None
    path = f"/events/{event['id']}"
    tag = (await house.get(path)).headers["etag"]
    await house.patch(path, {"title": "Version two"}, if_match=tag)
    await house.post(f"{path}/publications")
    await here.catalogue.bucket.put(event["id"], 1, first)  # type: ignore[arg-type]
    store = await here.tools.broker.stream.key_value(BUCKET)
    assert (await store.get(event["id"])).value == here.programme.raw(event["id"])
    # Even one that is forced into the bucket is not believed, and is put right.
    await here.tools.broker.stream.publish(f"{SUBJECTS}{event['id']}", first)

    async def seen() -> bool:
        return there.programme.in_bucket.get(event["id"]) == 1  # type: ignore[call-overload]

    await until(seen)
    assert (await there.get(f"/v1/events/{event['id']}")).json()["title"] == "Version two"
    for at in (here, there):
        at.programme.reconcile_soon.set()

    async def right_again() -> bool:
        return here.programme.in_bucket.get(event["id"]) == 2  # type: ignore[call-overload]

    await until(right_again)


@asynccontextmanager
async def broker(folder: Path, port: int) -> AsyncIterator[None]:
    """A NATS server of this test's own, killed at the end of the block."""
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    nats = Nats(
        folder=folder,
        port=port,
        feed_port=free_port(),
        password="secret",
        feed_password="feed",
        scratch=scratch,
        log=folder / "log",
    )
    command = nats.command()
    child = await asyncio.create_subprocess_exec(
        *command.argv,
        cwd=command.cwd,
        env=command.env,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )

    async def up() -> bool:
        try:
            await nats.ready()
        except OSError:
            return False
        return True

    try:
        await until(up)
        yield
    finally:
        child.kill()
        await child.wait()


async def test_a_broker_that_dies_is_followed_again_with_and_without_its_disk(
    catalog_database_url: str, tmp_path: Path
) -> None:
    port = free_port()
    accounts = Tokens()
    url = f"nats://seatwright:secret@127.0.0.1:{port}"
    open_tools = tools_of(url, catalog_database_url, tmp_path / "files")
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        async with broker(Path(first), port):
            running = process(open_tools, accounts)
            at = await running.__aenter__()
            house = await organiser(at, accounts)
            event = await house.publish(title="Before")
        try:
            # The broker is away: pages and publications go on.
            assert (await at.get(f"/v1/events/{event['id']}")).status_code == 200
            meanwhile = asyncio.create_task(house.publish(title="Meanwhile"))
            async with broker(Path(first), port):
                other = await meanwhile

                async def arrived() -> bool:
                    return at.programme.in_bucket.get(other["id"]) == 1

                await until(arrived)
            async with broker(Path(second), port):  # an empty disk

                async def both() -> bool:
                    wanted = {event["id"], other["id"]}
                    held = {e for e in wanted if at.programme.in_bucket.get(e) == 1}
                    return held == wanted and wanted <= set(await _keys(at))

                await until(both)
        finally:
            await running.__aexit__(None, None, None)


async def _keys(at: Process) -> list[str]:
    try:
        store = await at.tools.broker.stream.key_value(BUCKET)
        return list(await store.keys())
    except Exception:  # noqa: BLE001  # the bucket is on its way
        return []


async def test_reconciling_when_all_is_well_writes_nothing(house: Organiser, here: Process) -> None:
    await house.publish()
    reconciler = Reconciler(here.catalogue, None)  # type: ignore[arg-type]  # no waiting here

    async def settled() -> bool:
        return await reconciler.reconcile() == 0

    await until(settled)
    before = (await here.catalogue.bucket.extent()).last
    assert await reconciler.reconcile() == 0
    assert (await here.catalogue.bucket.extent()).last == before


async def test_a_publisher_killed_between_table_and_bucket_has_published(
    house: Organiser, here: Process, engines: Addresses, catalog_database_url: str
) -> None:
    event = await house.add_event(title="Published by the dead")
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.catalog.lone_publisher",
        engines.nats_url,
        catalog_database_url,
        house.id,
        event["id"],
        env={**os.environ, "CRASH_AT": "after_document_commit"},
        cwd=Path(__file__).parents[3],
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert await child.wait() == -signal.SIGKILL
    assert (await here.get(f"/v1/events/{event['id']}")).status_code == 404
    here.programme.reconcile_soon.set()  # the regular look, now instead of within the minute

    async def shown() -> bool:
        return (await here.get(f"/v1/events/{event['id']}")).status_code == 200

    await until(shown)
