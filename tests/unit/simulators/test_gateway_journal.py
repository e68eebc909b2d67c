"""The journal gives back what was made durable, and cuts off what a crash tore."""

import asyncio
from pathlib import Path

import pytest

from seatwright.simulators.gateway.journal import Journal


def opened(path: Path) -> tuple[Journal, list[bytes]]:
    journal = Journal(path, lambda: 0.0)
    return journal, [line for _, line in journal.replay()]


async def written(path: Path, *lines: bytes) -> list[bytes]:
    journal, before = opened(path)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(journal.run())
        told: list[int] = []
        positions = [journal.append(line, lambda: told.append(1)) for line in lines]
        await journal.durable()
        assert len(told) == len(lines)
        assert [journal.read(position) for position in positions] == list(lines)
        journal.close()
    journal.release()
    return before


async def test_lines_come_back_in_order(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "journal"
    assert await written(path, b"one", b"two") == []
    assert await written(path, b"", b"x" * 3_000_000) == [b"one", b"two"]
    assert await written(path) == [b"one", b"two", b"", b"x" * 3_000_000]


async def test_a_torn_line_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    await written(path, b"one")
    with path.open("ab") as torn:
        torn.write(b"tw")
    assert await written(path, b"three") == [b"one"]
    assert path.read_bytes() == b"one\nthree\n"


async def test_one_process_at_a_time(tmp_path: Path) -> None:
    journal, _ = opened(tmp_path / "journal")
    with pytest.raises(BlockingIOError):
        opened(tmp_path / "journal")
    journal.release()
    opened(tmp_path / "journal")[0].release()


async def test_closing_writes_what_is_queued(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal, _ = opened(path)
    journal.append(b"late")
    journal.close()
    await journal.run()
    journal.release()
    assert path.read_bytes() == b"late\n"
