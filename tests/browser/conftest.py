"""The shop as everybody gets it, with pages and all services, for browsers to open."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from seatwright.run.demo import Demo
from seatwright.run.engines.ports import free_port
from seatwright.run.installation import Layout

BUILD = Path(__file__).parents[2] / "web" / "build"


@pytest.fixture(scope="session")
async def shop_url() -> AsyncIterator[str]:
    """The demonstration's address, by the name that its links carry too."""
    assert BUILD.exists(), "bin/setup web builds the pages"
    data = Path(tempfile.mkdtemp(prefix="seatwright-browser-"))
    data.chmod(0o711)
    layout = Layout(data=data, port=free_port(), processes=1, web=BUILD)
    demo = await Demo.start(layout, lambda _: None)
    try:
        yield f"http://localhost:{layout.port}"
    finally:
        await demo.installation.stop()
        shutil.rmtree(data, ignore_errors=True)
