"""Immutable files named by their hash: seat charts, posters. A folder here; the port is small."""

import asyncio
import os
import re
from pathlib import Path
from typing import Protocol

from seatwright.kit import ids

# A hash, a kind, and how it is packed: `5f3a….json.gz`.
_NAME = re.compile(r"[0-9a-f]{16,64}(\.[a-z0-9]{1,8}){0,2}")


class Files(Protocol):
    """A store of immutable files; a name is a hash, so a file never changes."""

    async def read(self, *, folder: str, name: str) -> bytes | None:
        """The whole file, or None."""
        ...

    async def write(self, *, folder: str, name: str, content: bytes) -> None:
        """Keep the file; writing the same name again changes nothing."""
        ...


class FolderFiles:
    """Files below a folder that every process of the installation sees."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, folder: str, name: str) -> Path:
        """Where a file is; the name must look like a hash."""
        assert _NAME.fullmatch(name), "files are named by their hash"
        return self._root / folder / name

    async def read(self, *, folder: str, name: str) -> bytes | None:
        """The whole file, or None."""
        if not _NAME.fullmatch(name):
            return None
        try:
            return await asyncio.to_thread(self.path(folder, name).read_bytes)
        except FileNotFoundError:
            return None

    async def write(self, *, folder: str, name: str, content: bytes) -> None:
        """Keep the file, durable and whole or not at all."""
        await asyncio.to_thread(self._write, self.path(folder, name), content)

    def _write(self, path: Path, content: bytes) -> None:
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        # Two threads may write the same file at once; each has a draft of its own.
        draft = path.with_name(f".{path.name}.{ids.short_id()}")
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(0o644)
        draft.replace(path)
        # The name is durable only when its folder is.
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
