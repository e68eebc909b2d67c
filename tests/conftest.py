"""What every test may ask for: real engines, one set per worker process, on their own folder."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from seatwright.run.engines import Addresses, Engines

# What shared checks find is told as fully as what a test finds itself; mutants are known by it.
pytest.register_assert_rewrite("tests.acceptance")

# Coverage measures the processes that run tests. What these start goes at full speed: hundreds of
# commands, for which being measured was half of their time. The code that has a floor
# (`tests/run.py`) is asked for without them.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.pop("COVERAGE_PROCESS_START", None)


@pytest.fixture(scope="session")
def data_folder() -> Iterator[Path]:
    """A short-lived folder that PostgreSQL's account can enter also when the tests run as root."""
    folder = Path(tempfile.mkdtemp(prefix="seatwright-test-"))
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
async def engines(data_folder: Path) -> AsyncIterator[Addresses]:
    """PostgreSQL, both Valkeys and NATS, started once and shared: leave others' rows alone."""
    running = await Engines.start(data_folder)
    yield running.addresses
    await running.stop()
