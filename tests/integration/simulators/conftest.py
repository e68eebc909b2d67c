"""Real simulator processes on ports the system chose."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.integration.simulators import merchant, processes

Start = Callable[..., AbstractAsyncContextManager[tuple[processes.Process, merchant.Client]]]


@asynccontextmanager
async def gateway_process(
    ledger: Path, *options: object
) -> AsyncIterator[tuple[processes.Process, merchant.Client]]:
    fixed = ("--port", 0, "--secret", merchant.SECRET, "--api-key", merchant.API_KEY)
    async with (
        processes.started(
            "seatwright.simulators.gateway", *fixed, "--ledger", ledger, *options
        ) as process,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
    ):
        yield process, merchant.Client(session, process.addresses["listening"])


@pytest.fixture(scope="module")
async def ear() -> AsyncIterator[merchant.Ear]:
    async with merchant.ear() as listening:
        yield listening


@pytest.fixture(scope="module")
async def gateway(
    ear: merchant.Ear, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[merchant.Client]:
    """One gateway a module; each test makes payments of its own."""
    ledger = tmp_path_factory.mktemp("gateway") / "ledger.jsonl"
    options = ("--webhook-url", ear.url, "--webhook-delay-ms", 0, "--late-s", 0.3)
    async with gateway_process(ledger, *options) as (_, client):
        yield client
