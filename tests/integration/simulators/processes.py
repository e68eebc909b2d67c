"""Start, stop and kill the simulators as the processes they are."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import seatwright

START_S_MAX = 20


class Process:
    """A running `python -m <module>`; `addresses` is what it announced."""

    def __init__(self, process: asyncio.subprocess.Process, addresses: dict[str, str]) -> None:
        self._process = process
        self.addresses = addresses

    @property
    def pid(self) -> int:
        return self._process.pid

    async def kill(self) -> None:
        """SIGKILL, as a crash would."""
        self._process.send_signal(signal.SIGKILL)
        await self._process.wait()

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self._process.wait(), 20)

    def cpu_s(self) -> float:
        """Processor seconds spent so far, user and system."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def started(module: str, *options: object) -> AsyncIterator[Process]:
    """The process, ready; stopped at the end unless it has already ended."""
    source = str(Path(next(iter(seatwright.__path__))).parent)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *(str(option) for option in options),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": source},
    )
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), START_S_MAX)).decode()
        assert line, f"{module} ended with {await process.wait()}"
        addresses = dict(part.split("=", 1) for part in line.split())
        running = Process(process, addresses)
        yield running
        await running.stop()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
