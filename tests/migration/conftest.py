"""Empty databases, as many as a test wants."""

import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from seatwright.kit import ids
from seatwright.run import migrations
from seatwright.run.engines import Addresses

Fresh = Callable[[], Awaitable[str]]


@pytest.fixture
def fresh(engines: Addresses) -> Fresh:
    """Makes an empty database and answers its URL."""

    async def make() -> str:
        name = f"migration_{ids.short_id()}"
        connection = await asyncpg.connect(engines.database_url)
        await connection.execute(f"CREATE DATABASE {name}")
        await connection.close()
        return engines.database_url.rpartition("/")[0] + f"/{name}"

    return make


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a release that may still be added to; all of ours are its first migration."""
    known = migrations.known()
    folder = tmp_path / "db"
    shutil.copytree(migrations.folder(), folder)
    for path in (folder / "migrations").iterdir():
        path.unlink()
    first = folder / "migrations" / "0001_pre_begin.sql"
    first.write_text("\n".join(migration.sql for migration in known))
    monkeypatch.setattr(migrations, "folder", lambda: folder)
    return folder / "migrations"
