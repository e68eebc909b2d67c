"""A start that a person stops half-way, as with Ctrl-C; and one that is refused."""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest

from seatwright.run.engines import Addresses
from seatwright.run.engines.lifeline import owner_of
from seatwright.run.engines.ports import free_port
from seatwright.run.installation import Installation, Layout
from seatwright.run.secrets import keep
from tests.databases import empty_database
from tests.integration.run.conftest import OUTSIDE
from tests.integration.run.terminal import seatwright


@pytest.fixture
def data() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="seatwright-start-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("verb", ["up", "demo"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_stop_is_heard_during_the_start(
    data: Path, verb: str, number: signal.Signals
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "seatwright", verb, "--data", data, "--port", str(free_port()),
        env={**os.environ, **OUTSIDE}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(90):
            while b"is ready" not in await process.stdout.readline():
                assert not process.stdout.at_eof()
            process.send_signal(number)
            rest = await process.stdout.read()
            assert await process.wait() == 130
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
    assert b"answers at port" not in rest
    assert b"http" not in rest
    assert owner_of(data) is None


@pytest.mark.parametrize("verb", ["up", "demo"])
async def test_a_port_in_use_is_said_with_the_remedy_and_nothing_is_started(
    data: Path, verb: str
) -> None:
    taken = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0)
    async with taken:
        port = taken.sockets[0].getsockname()[1]
        told = await seatwright(verb, "--data", data, "--port", port, environment=OUTSIDE)
    assert told.code == 1
    assert told.err == (
        f"The port is in use: Port {port}, wanted for the web address, is in use or not allowed."
        " Stop the program that listens there, or give another one with --port.\n"
    )
    assert list(data.iterdir()) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (OUTSIDE | {"LOG_LEVEL": "loud"}, ["LOG_LEVEL=loud: one of debug, info"]),
        (OUTSIDE | {"DATABASE_URL_ORDERS": "mysql://x"}, ["DATABASE_URL_ORDERS=mysql://…: an"]),
        (
            {"SMTP_URL": "smtp://mail", "PUBLIC_URL": "tickets", "TRUSTED_PROXIES": "::/0"},
            ["GATEWAY_URL=(unset): set it", "PUBLIC_URL=(hidden): an", "TRUSTED_PROXIES=::/0"],
        ),
    ],
)
async def test_settings_are_judged_before_a_database_of_others_is_touched(
    engines: Addresses, data: Path, given: dict[str, str], said: list[str]
) -> None:
    url = await empty_database(engines.database_url, "untouched")
    told = await seatwright(
        "up", "--data", data, "--port", free_port(), environment=given | {"DATABASE_URL": url}
    )
    assert (told.code, told.out) == (2, "")
    lines = told.err.splitlines()[1:]
    assert len(lines) == len(said)
    assert all(one in line for one, line in zip(said, lines, strict=True)), lines
    connection = await asyncpg.connect(url)
    tables = await connection.fetchval("SELECT count(*) FROM pg_class WHERE relname = 'orders'")
    await connection.close()
    assert tables == 0
    assert list(data.iterdir()) == []


async def test_the_demonstration_is_told_of_a_setting_before_anything_starts(data: Path) -> None:
    told = await seatwright(
        "demo", "--data", data, "--port", free_port(), environment={"HOLDS_PER_MINUTE": "many"}
    )
    assert (told.code, told.out) == (2, "")
    assert "HOLDS_PER_MINUTE=many: a whole number" in told.err
    assert list(data.iterdir()) == []


def test_what_is_given_wins_and_empty_is_not_given(engines: Addresses, data: Path) -> None:
    given = {"PUBLIC_URL": "https://tickets.example.org", "GATEWAY_KEY": "", "FILES_DIR": ""}
    layout = Layout(data=data, lan=True, environment=given)
    running: Any = SimpleNamespace(addresses=engines)
    secrets = keep(data)
    found = Installation(layout, running, secrets, print).settings_environment()
    assert found["PUBLIC_URL"] == "https://tickets.example.org"
    assert (found["GATEWAY_KEY"], found["FILES_DIR"]) == (secrets.gateway_key, str(data / "files"))
