"""Every engine answers with the settings that a sale depends on."""

import asyncio
import os
import pwd
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from seatwright.run.engines import Addresses, Engines
from seatwright.run.engines.accounts import sweep


async def test_postgres_keeps_what_it_acknowledges(engines: Addresses) -> None:
    for url in (engines.database_url, engines.database_socket_url):
        connection = await asyncpg.connect(url)
        try:
            rows = await connection.fetch(
                "select name, setting from pg_settings where name = any($1::text[])",
                ["fsync", "synchronous_commit", "full_page_writes", "data_checksums", "jit"],
            )
            locale = await connection.fetchrow(
                "select datlocprovider, datlocale from pg_database where datname = 'seatwright'"
            )
        finally:
            await connection.close()
        assert {r["name"]: r["setting"] for r in rows} == {
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
            "data_checksums": "on",
            "jit": "off",
        }
        assert locale is not None
        assert tuple(locale) == (b"b", "C.UTF-8")


async def config(url: str, *names: str) -> dict[str, str]:
    """CONFIG GET by hand: the values of the running server."""
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(f"AUTH {address.password}\r\nCONFIG GET {' '.join(names)}\r\n".encode())
    async with asyncio.timeout(5):
        assert await reader.readline() == b"+OK\r\n"
        fields = int((await reader.readline())[1:])
        values = []
        for _ in range(fields):
            await reader.readline()
            values.append((await reader.readline()).decode().strip())
    writer.close()
    await writer.wait_closed()
    return dict(zip(values[::2], values[1::2], strict=True))


async def test_holds_are_never_evicted_and_caches_never_kept(engines: Addresses) -> None:
    names = ("maxmemory-policy", "appendonly", "appendfsync", "save", "protected-mode", "bind")
    holds = await config(engines.valkey_url, *names)
    cache = await config(engines.valkey_cache_url, *names)
    assert holds["maxmemory-policy"] == "noeviction"
    assert (holds["appendonly"], holds["appendfsync"]) == ("yes", "everysec")
    assert cache["maxmemory-policy"] == "allkeys-lru"
    assert cache["appendonly"] == "no"
    for server in (holds, cache):
        assert (server["save"], server["bind"], server["protected-mode"]) == (
            "",
            "127.0.0.1",
            "yes",
        )


async def test_valkey_answers_nobody_without_the_password(engines: Addresses) -> None:
    address = urlsplit(engines.valkey_url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(b"GET x\r\n")
    assert (await reader.readline()).startswith(b"-NOAUTH")
    writer.close()
    await writer.wait_closed()


async def test_postgres_answers_nobody_without_the_password(engines: Addresses) -> None:
    for url in (engines.database_url, engines.database_socket_url):
        address = urlsplit(url)
        wrong = url.replace(f":{address.password}@", ":wrong@")
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(wrong, timeout=5)


async def test_secrets_are_readable_by_their_owner_only(
    engines: Addresses, data_folder: Path
) -> None:
    assert engines.database_url
    for name in (
        "secrets.json", "engines.json", "processes.json", "nats/nats.conf",
        "valkey-holds/valkey.conf",
    ):  # fmt: skip
        assert (data_folder / name).stat().st_mode & 0o077 == 0, name


@pytest.mark.skipif(os.geteuid() != 0, reason="only root must step down to another account")
async def test_as_root_postgres_steps_down_and_lives_where_it_can_reach(
    tmp_path: Path,
) -> None:
    # pytest's own folders are 0700, as /root is.
    data = tmp_path / "deep" / "data"
    first = await Engines.start(data)
    owner = Path(f"/proc/{first.lifeline.pids['postgres']}").stat().st_uid
    await first.stop()
    refuge = Path((data / "postgres.elsewhere").read_text().strip())
    try:
        assert owner == pwd.getpwnam("nobody").pw_uid
        assert not (data / "postgres").exists()
        assert (refuge / "cluster").exists()
        second = await Engines.start(data)
        await second.stop()
        assert Path((data / "postgres.elsewhere").read_text().strip()) == refuge
    finally:
        shutil.rmtree(data)
    # The folder it belonged to is gone, so the next one to look sweeps it away.
    sweep(refuge.parent)
    assert not refuge.exists()
