"""The doctor names what is wrong with a remedy, and an unsafe engine is refused at the start."""

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from seatwright.kit import ids
from seatwright.kit.valkey import Valkey
from seatwright.run.engines import Addresses, Engines, External, UnsafeEngine
from seatwright.run.engines.doctor import examine
from seatwright.run.engines.inspection import Finding, inspect, require_valkeys_and_nats
from seatwright.run.engines.ports import free_port
from tests.integration.reservations.own_valkey import own_valkey
from tests.integration.run.terminal import seatwright


def bad(findings: list[Finding]) -> list[str]:
    return [finding.what for finding in findings if not finding.fine]


def given(engines: Addresses) -> External:
    """The running engines as if somebody else had started them."""
    urls = dataclasses.asdict(engines)
    del urls["database_socket_url"]
    return External(**urls)


@contextlib.asynccontextmanager
async def setting(url: str, name: str, value: str) -> AsyncIterator[None]:
    """A PostgreSQL setting for the whole server, put back afterwards."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"alter system set {name} = '{value}'")
        await connection.execute("select pg_reload_conf()")
        try:
            async with asyncio.timeout(10):
                while await connection.fetchval(f"select current_setting('{name}')") != value:
                    await asyncio.sleep(0.02)
            yield
        finally:
            await connection.execute(f"alter system reset {name}")
            await connection.execute("select pg_reload_conf()")
    finally:
        await connection.close()


@contextlib.asynccontextmanager
async def hosted(url: str, *rules: str) -> AsyncIterator[str]:
    """A login at this Valkey that may do everything but what `rules` forbid; its address."""
    name = f"hosted{ids.short_id()}"
    server = await Valkey.connect(url, name="doctor-tests")
    await server.command("ACL", "SETUSER", name, "on", ">x", "~*", "&*", "+@all", *rules)
    try:
        yield f"redis://{name}:x@{url.rpartition('@')[2].removeprefix('redis://')}"
    finally:
        await server.command("ACL", "DELUSER", name)
        await server.close()


async def test_our_own_engines_are_fine(engines: Addresses, data_folder: Path) -> None:
    assert bad(await inspect(engines)) == []
    findings = await examine(data_folder, port=free_port())
    assert [what for what in bad(findings) if "GB" not in what] == []
    told = " ".join(finding.what for finding in findings)
    for name in ("postgres 18", "valkey 9", "nats 2", "caddy 2", "is run by process"):
        assert name in told


async def test_a_folder_that_does_not_run_and_a_taken_port_are_told(tmp_path: Path) -> None:
    taken = await asyncio.start_server(lambda _r, w: w.close(), "0.0.0.0", 0)
    async with taken:
        port = taken.sockets[0].getsockname()[1]
        findings = await examine(tmp_path / "none", port=port)
    assert [what for what in bad(findings) if "GB" not in what] == [
        f"port {port} is in use or not allowed"
    ]
    assert any("is not running" in finding.what for finding in findings)


async def test_engines_that_are_away_are_named_with_their_setting(engines: Addresses) -> None:
    gone = f"127.0.0.1:{free_port()}"
    findings = await inspect(
        dataclasses.replace(
            engines,
            database_url=f"postgresql://a:b@{gone}/c",
            valkey_url=f"valkey://{gone}",
            valkey_cache_url="valkey://:wrong@" + engines.valkey_cache_url.rpartition("@")[2],
            nats_url=f"nats://{gone}",
        )
    )
    assert [(f.what.partition(" does not answer")[0], f.remedy.split()[-1]) for f in findings] == [
        ("PostgreSQL", f"DATABASE_URL=postgresql://{gone}/c."),
        ("Valkey for holds", f"VALKEY_URL=valkey://{gone}."),
        (
            "Valkey for caches",
            f"VALKEY_CACHE_URL=valkey://{engines.valkey_cache_url.rpartition('@')[2]}.",
        ),
        ("NATS", f"NATS_URL=nats://{gone}."),
    ]


async def test_an_address_that_processes_refuse_is_not_fine_for_the_doctor(
    engines: Addresses,
) -> None:
    secured = "rediss" + engines.valkey_url[engines.valkey_url.index("://") :]
    found = await inspect(dataclasses.replace(engines, valkey_url=secured))
    assert [(one.what, one.remedy) for one in found if not one.fine] == [
        ("VALKEY_URL is no address (redis://host:port is one)", "Correct VALKEY_URL.")
    ]


async def test_a_database_that_forgets_is_refused(engines: Addresses, tmp_path: Path) -> None:
    external = External(
        **{k: v for k, v in dataclasses.asdict(engines).items() if "socket" not in k}
    )
    async with setting(engines.database_url, "synchronous_commit", "off"):
        with pytest.raises(UnsafeEngine, match="synchronous_commit=off"):
            await Engines.start(tmp_path / "data", external=external)
    async with setting(engines.database_url, "fsync", "off"):
        assert bad(await inspect(engines)) == ["PostgreSQL at DATABASE_URL has fsync=off"]


async def test_an_evicting_valkey_and_a_shared_one_are_refused(engines: Addresses) -> None:
    swapped = dataclasses.replace(engines, valkey_url=engines.valkey_cache_url)
    assert bad(await inspect(swapped)) == [
        "Valkey for holds has maxmemory-policy=allkeys-lru",
        "Valkey for caches is the one with the holds",
    ]


async def test_given_engines_are_used_and_not_started(engines: Addresses, tmp_path: Path) -> None:
    external = External(
        **{k: v for k, v in dataclasses.asdict(engines).items() if "socket" not in k}
    )
    running = await Engines.start(tmp_path / "data", external=external)
    try:
        assert running.addresses.database_url == engines.database_url
        assert running.addresses.feed == engines.feed
        assert set(running.lifeline.pids) <= {""}
    finally:
        await running.stop()


async def test_a_hosted_valkey_that_keeps_its_settings_to_itself_tells_what_it_evicts(
    engines: Addresses,
) -> None:
    async with (
        hosted(engines.valkey_cache_url, "-config") as evicting,
        hosted(engines.valkey_url, "-config") as holds,
        own_valkey() as unbounded,
        hosted(unbounded.url, "-config") as endless,
    ):
        swapped = dataclasses.replace(engines, valkey_url=evicting, valkey_cache_url=endless)
        assert bad(await inspect(swapped)) == [
            "Valkey for holds has maxmemory-policy=allkeys-lru",
            "Valkey for caches has maxmemory=0, no bound",
        ]
        right = dataclasses.replace(engines, valkey_url=holds, valkey_cache_url=evicting)
        told = [finding for finding in await inspect(right) if "Valkey" in finding.what]
        assert [(one.what, one.remedy, one.doubt) for one in told] == [
            ("Valkey for holds answers and evicts nothing", "", ""),
            ("Valkey for caches answers and is bounded", "", ""),
        ]


async def test_of_a_valkey_that_tells_nothing_nothing_is_claimed(
    engines: Addresses, tmp_path: Path
) -> None:
    async with (
        hosted(engines.valkey_url, "-config", "-info") as holds,
        hosted(engines.valkey_cache_url, "-config", "-info") as cache,
    ):
        environment = {
            "DATABASE_URL": engines.database_url, "VALKEY_URL": holds, "VALKEY_CACHE_URL": cache,
            "NATS_URL": engines.nats_url, "NATS_FEED_URL": f"ws://{engines.feed}",
        }  # fmt: skip
        told = await seatwright("doctor", "--data", tmp_path, "--port", free_port(),
                                environment=environment)  # fmt: skip
    lines = told.out.splitlines()
    start = lines.index("?   Valkey for holds answers, and does not tell whether it evicts")
    assert lines[start + 1 : start + 4] == [
        "      Look yourself, or allow INFO: it must have maxmemory-policy noeviction.",
        "?   Valkey for caches answers, and does not tell whether it is bounded",
        "      Look yourself, or allow INFO: it must have a maxmemory.",
    ]
    assert "ok  The live feed tells strangers of seats and nothing else" in lines


async def test_what_nobody_could_find_out_is_logged_by_the_process_that_starts(
    engines: Addresses, capsys: pytest.CaptureFixture[str]
) -> None:
    async with hosted(engines.valkey_url, "-info") as holds:
        await require_valkeys_and_nats(holds, engines.valkey_cache_url, engines.nats_url)
    said = "".join(capsys.readouterr())
    assert said.count("engine_not_known_to_be_safe") == 1
    assert "does not tell whether it evicts" in said
