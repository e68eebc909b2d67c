"""An installation as `seatwright up` has it, with nothing to sell."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from seatwright.run.engines.ports import free_port
from seatwright.run.installation import Installation, Layout

# Nobody is there, and nobody is asked: nothing is sold.
OUTSIDE = {
    "SMTP_URL": "smtp://127.0.0.1:25",
    "GATEWAY_URL": "http://127.0.0.1:1",
    "PUBLIC_URL": "http://tickets.example.com",
}


@pytest.fixture(scope="module")
async def installation() -> AsyncIterator[Installation]:
    """Engines and one process of all services; nobody works there. One for each file."""
    data = Path(tempfile.mkdtemp(prefix="seatwright-run-"))
    data.chmod(0o711 if os.geteuid() == 0 else 0o700)
    layout = Layout(
        data=data, port=free_port(), processes=1, workers=0, papers=0, environment=OUTSIDE
    )
    running = await Installation.start_engines(layout, lambda _line: None)
    try:
        await running.start_services()
        yield running
    finally:
        await running.stop()
        shutil.rmtree(data, ignore_errors=True)


@pytest.fixture
async def visitor(installation: Installation) -> AsyncIterator[httpx.AsyncClient]:
    port = installation.processes[0].port
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
        yield client
