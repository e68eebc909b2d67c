"""An installation whose NATS is somebody else's leads browsers to that one's WebSocket."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import aiohttp
import nats
import pytest

from seatwright.kit.settings import BadSettings
from seatwright.run.engines import Addresses, UnsafeEngine
from seatwright.run.engines.caddyfile import render
from seatwright.run.engines.ports import free_port
from seatwright.run.installation import Installation, Layout
from tests.databases import empty_database
from tests.integration.kit.own_nats import own_nats
from tests.integration.run.conftest import OUTSIDE

Started = Callable[..., AbstractAsyncContextManager[Installation]]


@pytest.fixture
async def started(engines: Addresses, monkeypatch: pytest.MonkeyPatch) -> Started:
    """Starts an installation on the engines that run, NATS among them."""
    database = await empty_database(engines.database_url, "given")
    given = {
        "DATABASE_URL": database, "VALKEY_URL": engines.valkey_url,
        "VALKEY_CACHE_URL": engines.valkey_cache_url, "NATS_URL": engines.nats_url,
    }  # fmt: skip

    @asynccontextmanager
    async def start(say: Callable[[str], None], **more: str) -> AsyncIterator[Installation]:
        for name, value in {**given, **more}.items():
            monkeypatch.setenv(name, value)
        data = Path(tempfile.mkdtemp(prefix="seatwright-given-"))
        data.chmod(0o711 if os.geteuid() == 0 else 0o700)
        layout = Layout(
            data=data, port=free_port(), processes=1, workers=0, papers=0, environment=OUTSIDE
        )
        try:
            running = await Installation.start_engines(layout, say)
            try:
                yield running
            finally:
                await running.stop()
        finally:
            shutil.rmtree(data, ignore_errors=True)

    return start


async def test_browsers_hear_of_seats_through_the_gateway(
    engines: Addresses, started: Started
) -> None:
    told: list[str] = []
    async with started(told.append, NATS_FEED_URL=f"ws://{engines.feed}") as installation:
        await installation.start_services()
        await installation.start_gateway()
        ours = await nats.connect(engines.nats_url)
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"http://127.0.0.1:{installation.layout.port}/feed") as socket,
        ):
            await socket.send_bytes(b'CONNECT {"verbose":false}\r\nSUB seats.given 1\r\nPING\r\n')
            heard = ""
            async with asyncio.timeout(10):
                while "PONG" not in heard:
                    heard += (await socket.receive_bytes()).decode()
                await ours.publish("seats.given", b"seat 7 is taken")
                while "seat 7 is taken" not in heard:
                    heard += (await socket.receive_bytes()).decode()
        await ours.close()
    assert not [line for line in told if "NATS_FEED_URL" in line]


async def test_without_its_address_a_line_says_that_seats_are_asked_for(started: Started) -> None:
    told: list[str] = []
    async with started(told.append) as installation:
        assert "/feed" not in render(installation.gateway(), storage="/s", admin="off")
    assert [line for line in told if "NATS_FEED_URL" in line] == [
        "No NATS_FEED_URL is given: browsers are not told of seats, they ask every 2 s"
    ]


async def test_a_feed_that_would_let_strangers_do_more_is_refused(
    engines: Addresses, started: Started
) -> None:
    async with own_nats(websocket=True) as server:
        with pytest.raises(UnsafeEngine, match=r"do more than hear seats\.\*.*no_auth_user"):
            async with started(print, NATS_FEED_URL=f"ws://{server.feed}"):
                pass
    for away in (f"127.0.0.1:{free_port()}", engines.nats_url.rpartition("@")[2]):
        with pytest.raises(UnsafeEngine, match=r"The live feed does not.*NATS_FEED_URL=ws://127"):
            async with started(print, NATS_FEED_URL=f"ws://{away}"):
                pass


async def test_a_feed_of_no_given_nats_is_refused(started: Started) -> None:
    with pytest.raises(BadSettings, match=r"NATS_FEED_URL=ws://\S+: give NATS_URL"):
        async with started(print, NATS_URL="", NATS_FEED_URL="ws://127.0.0.1:9222"):
            pass
