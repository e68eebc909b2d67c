"""
An append-only file that is the gateway's memory: one JSON line a fact, durable by fdatasync.

Lines that arrive while a write is under way are made durable together by the next one, so
thousands of payments a second need only a few hundred flushes. A line torn by a crash is cut
off at the next start; nobody was ever answered from it.
"""

import asyncio
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path

_READ_BYTES = 1 << 20
_LENGTH_BITS = 24
LINE_BYTES_MAX = (1 << _LENGTH_BITS) - 1


class Journal:
    """
    One file, one process: a second opener raises `BlockingIOError`. `gather_s` is asked how
    long lines are let gather before a flush.

    `replay` must be exhausted before the first `append`; `run` must be running for `durable`
    to return. A failed write ends `run` with its OSError: what the memory says would no
    longer be what the file says, so the process must end.
    """

    def __init__(self, path: Path, gather_s: Callable[[], float]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._end = 0
        self._gather_s = gather_s
        self._batch: list[bytes] = []
        self._after_batch: list[Callable[[], None]] = []
        self._batch_durable = asyncio.Event()
        self._writing_durable: asyncio.Event | None = None
        self._wanted = asyncio.Event()
        self._closing = False

    def replay(self) -> Iterator[tuple[int, bytes]]:
        """Every whole line from the first on, with its position; then cut off a torn last one."""
        rest = b""
        offset = 0
        while chunk := os.pread(self._fd, _READ_BYTES, offset):
            offset += len(chunk)
            lines = (rest + chunk).split(b"\n")
            rest = lines.pop()
            for line in lines:
                position = self._end << _LENGTH_BITS | len(line)
                self._end += len(line) + 1
                yield position, line
        os.ftruncate(self._fd, self._end)

    def append(self, line: bytes, then: Callable[[], None] | None = None) -> int:
        """
        Queue one line (no newline inside); its position, readable once `durable`, when
        `then` is called too.
        """
        assert len(line) <= LINE_BYTES_MAX
        position = self._end << _LENGTH_BITS | len(line)
        self._end += len(line) + 1
        self._batch.append(line + b"\n")
        if then is not None:
            self._after_batch.append(then)
        self._wanted.set()
        return position

    async def durable(self) -> None:
        """Return when everything appended until now survives a power cut."""
        if self._batch:
            await self._batch_durable.wait()
        elif self._writing_durable is not None:
            await self._writing_durable.wait()

    def read(self, position: int) -> bytes:
        """The line at a position that `append` or `replay` gave."""
        return os.pread(self._fd, position & LINE_BYTES_MAX, position >> _LENGTH_BITS)

    async def run(self) -> None:
        """Write and flush until `close`, then once more. Cancelled, it flushes nothing."""
        while not self._closing or self._batch:
            await self._wanted.wait()
            await asyncio.sleep(self._gather_s())
            await self._flush_one_batch()

    def close(self) -> None:
        """Let `run` finish."""
        self._closing = True
        self._wanted.set()

    def release(self) -> None:
        """Close the file, so that another process may open it."""
        os.close(self._fd)

    async def _flush_one_batch(self) -> None:
        batch, after, durable = self._batch, self._after_batch, self._batch_durable
        self._batch, self._after_batch, self._batch_durable = [], [], asyncio.Event()
        if not self._closing:
            self._wanted.clear()
        self._writing_durable = durable
        await asyncio.to_thread(self._write, b"".join(batch))
        self._writing_durable = None
        durable.set()
        for then in after:
            then()

    def _write(self, chunk: bytes) -> None:
        left = memoryview(chunk)
        while left:
            left = left[os.write(self._fd, left) :]
        os.fdatasync(self._fd)
