"""A process that connects to engines of somebody else's refuses those that would lose a sale."""

import asyncio
import dataclasses
import sys
from pathlib import Path

import asyncpg
import pytest

from seatwright.run import logins, migrations
from seatwright.run.engines import Addresses
from seatwright.run.engines.ports import free_port
from seatwright.run.secrets import new_master
from tests.databases import empty_database
from tests.integration.engines.test_doctor import setting
from tests.integration.kit.own_nats import own_nats
from tests.logins import own_logins

TARGETS = (("serve", "all"), ("serve", "orders"), ("work",))
_LOST = "otherwise a crash loses tickets that were paid."


@pytest.fixture(scope="module")
async def engines(engines: Addresses) -> Addresses:
    """The running engines, with a database that services may log in to."""
    url = await empty_database(engines.database_url, "refusals")
    await migrations.install(url, urls=own_logins(url))
    return dataclasses.replace(engines, database_url=url)


def environment(engines: Addresses, files: Path) -> dict[str, str]:
    """Every setting of a process on these engines."""
    return {
        "PATH": "/usr/bin:/bin",
        **logins.environment_of(own_logins(engines.database_url)),
        "VALKEY_URL": engines.valkey_url,
        "VALKEY_CACHE_URL": engines.valkey_cache_url,
        "NATS_URL": engines.nats_url,
        "SMTP_URL": "smtp://127.0.0.1:25",
        "GATEWAY_URL": "http://127.0.0.1:1",
        "GATEWAY_KEY": "key",
        "GATEWAY_WEBHOOK_SECRET": "secret",
        "PUBLIC_URL": "http://localhost",
        "FILES_DIR": str(files),
        "SEATWRIGHT_SECRET": new_master(),
    }


async def refusal(verb: tuple[str, ...], env: dict[str, str]) -> str:
    """What a process says that must end by itself with exit code 1."""
    port = ["--port", str(free_port())] if verb[0] == "serve" else []
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "seatwright", *verb, *port,
        env=env, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(60):
            _, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
    assert process.returncode == 1, said.decode()
    return said.decode().strip()


@pytest.mark.parametrize("verb", TARGETS, ids=" ".join)
async def test_no_process_serves_on_a_database_that_forgets(
    engines: Addresses, tmp_path: Path, verb: tuple[str, ...]
) -> None:
    async with setting(engines.database_url, "fsync", "off"):
        said = await refusal(verb, environment(engines, tmp_path))
    (setting_named,) = {word for word in said.split() if word.startswith("DATABASE_URL_")}
    assert said == (
        f"An engine is not safe for sales: PostgreSQL at {setting_named} has fsync=off."
        f" Set fsync=on: {_LOST}"
    )


async def test_a_commit_that_waits_for_nothing_is_refused(
    engines: Addresses, tmp_path: Path
) -> None:
    async with setting(engines.database_url, "synchronous_commit", "off"):
        said = await refusal(("serve", "orders"), environment(engines, tmp_path))
    assert said.endswith(
        "PostgreSQL at DATABASE_URL_ORDERS has synchronous_commit=off."
        f" Set synchronous_commit=on: {_LOST}"
    )


@pytest.mark.parametrize("verb", [("serve", "all"), ("work",)], ids=" ".join)
async def test_a_login_whose_commits_wait_for_nothing_is_refused_whichever_service_it_is_of(
    engines: Addresses, tmp_path: Path, verb: tuple[str, ...]
) -> None:
    database = engines.database_url.rpartition("/")[2]
    alter = f"ALTER ROLE {logins.role('orders')} IN DATABASE {database}"
    connection = await asyncpg.connect(engines.database_url)
    await connection.execute(f"{alter} SET synchronous_commit = off")
    try:
        said = await refusal(verb, environment(engines, tmp_path))
    finally:
        await connection.execute(f"{alter} RESET synchronous_commit")
        await connection.close()
    whose = "for this login in this database"
    assert said == (
        "An engine is not safe for sales:"
        f" PostgreSQL at DATABASE_URL_ORDERS has synchronous_commit=off {whose}."
        f" Set synchronous_commit=on {whose}: {_LOST}"
    )


@pytest.mark.parametrize("verb", [*TARGETS, ("serve", "payments")], ids=" ".join)
async def test_no_process_serves_on_a_valkey_that_evicts_holds(
    engines: Addresses, tmp_path: Path, verb: tuple[str, ...]
) -> None:
    swapped = {
        **environment(engines, tmp_path),
        "VALKEY_URL": engines.valkey_cache_url,
        "VALKEY_CACHE_URL": engines.valkey_url,
    }
    said = await refusal(verb, swapped)
    assert said == (
        "An engine is not safe for sales: Valkey for holds has maxmemory-policy=allkeys-lru."
        " Set maxmemory-policy noeviction: an evicted hold is a seat offered twice."
    )


async def test_a_database_that_is_away_is_told_in_words(engines: Addresses, tmp_path: Path) -> None:
    gone = f"postgresql://nobody:secret@127.0.0.1:{free_port()}/none"
    given = environment(engines, tmp_path)
    said = await refusal(
        ("work",), {name: gone if "DATABASE" in name else given[name] for name in given}
    )
    assert said.startswith("An engine is not safe for sales: PostgreSQL does not answer")
    assert "Start it, or correct DATABASE_URL_" in said
    assert "secret" not in said


AWAY = (
    ("Valkey for holds", "VALKEY_URL", "redis://", ":secret@"),
    ("Valkey for caches", "VALKEY_CACHE_URL", "redis://", "user:secret@"),
    ("NATS", "NATS_URL", "nats://", "user:secret@"),
    ("NATS", "NATS_URL", "nats://", "secret@"),
)


@pytest.mark.parametrize("verb", [("serve", "payments"), ("work",)], ids=" ".join)
@pytest.mark.parametrize(("engine", "name", "scheme", "login"), AWAY)
async def test_an_engine_that_is_away_is_told_by_its_setting(
    engines: Addresses, tmp_path: Path, verb: tuple[str, ...], engine: str, name: str,
    scheme: str, login: str,
) -> None:  # fmt: skip
    gone = f"127.0.0.1:{free_port()}"
    given = environment(engines, tmp_path) | {name: f"{scheme}{login}{gone}"}
    said = await refusal(verb, given)
    assert said.startswith(f"An engine is not safe for sales: {engine} does not answer (")
    assert said.endswith(f" Start it, or correct {name}={scheme}{gone}.")
    assert "secret" not in said
    assert "Traceback" not in said


@pytest.mark.parametrize("verb", [("serve", "payments"), ("work",)], ids=" ".join)
async def test_a_broker_that_keeps_nothing_is_told_by_its_setting(
    engines: Addresses, tmp_path: Path, verb: tuple[str, ...]
) -> None:
    async with own_nats(jetstream=False) as server:
        said = await refusal(verb, environment(engines, tmp_path) | {"NATS_URL": server.url})
    assert said == (
        "An engine is not safe for sales: NATS has no JetStream."
        f" Enable JetStream for our account, or correct NATS_URL={server.url}."
    )
