"""The ceiling of P1 on this machine in this minute, and an independent figure from pgbench."""

import asyncio
import dataclasses
import re
import tempfile
from pathlib import Path
from typing import Any

import asyncpg

from bench.wire import Client
from bench.world import World
from seatwright.run.engines import wheels
from seatwright.run.engines.caddy import Caddy
from seatwright.run.engines.gateway import Gateway, Route
from seatwright.run.engines.ports import free_port
from seatwright.run.engines.readiness import answers

PROCESSES = 2
PGBENCH_ROWS = 20
_TABLE = """
CREATE SCHEMA IF NOT EXISTS bench;
CREATE TABLE IF NOT EXISTS bench.ceiling (id text PRIMARY KEY, body bytea);
CREATE TABLE IF NOT EXISTS bench.pgbench (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    body text);
"""
_TPS = re.compile(r"tps = ([0-9.]+)")


async def start(world: World) -> int:
    """Start the bare server behind a gateway of its own; answers its port."""
    connection = await asyncpg.connect(world.database_url)
    await connection.execute(_TABLE)
    await connection.close()
    installation = world.demo.installation
    ports = [free_port() for _ in range(PROCESSES)]
    root = str(Path(__file__).parents[1])
    for number, port in enumerate(ports):
        await installation.run(
            f"ceiling-{number}",
            ["bench.ceiling_app", "--port", str(port)],
            PYTHONPATH=root,
            DATABASE_URL=installation.environment["DATABASE_URL"],
        )
    data = installation.layout.data
    gateway = Gateway(
        routes=[Route(name="bare", paths=("/v1/*",), upstreams=[f"127.0.0.1:{p}" for p in ports])],
        port=free_port(),
    )
    scratch = Path(tempfile.mkdtemp(prefix="ceiling-", dir=installation.engines.lifeline.scratch))
    caddy = Caddy(
        gateway=gateway, folder=data / "caddy-ceiling", scratch=scratch,
        log=data / "logs" / "caddy-ceiling.log",
    )  # fmt: skip
    command = dataclasses.replace(caddy.command(), name="caddy-ceiling")
    end = installation.engines.lifeline.end_of(command.name)
    await installation.engines.lifeline.run(command)
    assert await answers(caddy, end), "the ceiling's gateway did not start"
    await _until_answered(gateway.port)
    return gateway.port


async def _until_answered(port: int) -> None:
    client = Client("127.0.0.1", port)
    for _ in range(600):
        if (await client.request("POST", "/v1/orders", b"{}")).status == 201:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the ceiling's server did not answer")


async def pgbench(world: World, seconds: int) -> dict[str, Any]:
    """Durable commits a second of a statement that inserts some rows, by PostgreSQL's own tool."""
    found = next(wheels.postgres_package().rglob("pgbench"))
    script = Path(tempfile.mkstemp(suffix=".sql")[1])
    script.write_text(
        "INSERT INTO bench.pgbench (body) "
        f"SELECT repeat('x', 300) FROM generate_series(1, {PGBENCH_ROWS});\n"
    )
    process = await asyncio.create_subprocess_exec(
        str(found), "-n", "-c", "4", "-j", "1", "-T", str(seconds), "-f", str(script),
        world.database_url,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    script.unlink()
    match = _TPS.search(out.decode())
    assert match, err.decode()
    return {"commits_per_s": round(float(match[1])), "rows_per_commit": PGBENCH_ROWS}
