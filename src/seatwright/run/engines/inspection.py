"""
Whether engines answer and are set so that a sale survives: ours, and above all somebody else's.

Each question yields a `Finding`, also for an engine that is away; `refuse_unsafe` and what is built
on it raise.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import aiohttp
import asyncpg
import nats.errors
import nats.js.errors
from nats.aio.client import Client

from seatwright.kit.log import log
from seatwright.run.engines.addresses import Addresses
from seatwright.run.engines.trouble import UnsafeEngine

TIMEOUT_S = 5.0
_POSTGRES_MAJOR_MIN = 18
_POSTGRES_SAFE = {"fsync": "on", "full_page_writes": "on"}
_COMMIT = "synchronous_commit"
_VERSION = "server_version_num"
# `remote_write` and stronger wait for the disk here or on a standby; `off` waits for nothing.
_COMMIT_SAFE = {"on", "remote_apply", "remote_write", "local"}
# Of the session that asks: its login may have settings of its own.
DURABILITY = (
    "SELECT name, setting, source FROM pg_settings WHERE name IN"
    f" ('fsync', 'full_page_writes', '{_COMMIT}', '{_VERSION}')"
)
# Where a setting comes from, as `pg_settings` names it.
_OWN = {
    "user": " for this login",
    "database": " for this database",
    "database user": " for this login in this database",
}

_AWAY = (OSError, EOFError, asyncpg.PostgresError, nats.errors.Error, aiohttp.ClientError)


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One thing looked at. `remedy` is empty when it is fine.

    `doubt` is what nobody could find out, so that a person has to look; it keeps nothing from
    starting.
    """

    what: str
    remedy: str = ""
    doubt: str = ""

    @property
    def fine(self) -> bool:
        """Whether nothing has to be done."""
        return not self.remedy


async def inspect(addresses: Addresses) -> list[Finding]:
    """Ask all four engines at once. At most about TIMEOUT_S."""
    asked = await asyncio.gather(
        _ask_database(addresses.database_url, "DATABASE_URL"),
        _ask_valkeys(addresses.valkey_url, addresses.valkey_cache_url),
        _ask_nats(addresses.nats_url),
    )
    return [finding for findings in asked for finding in findings]


def refuse_unsafe(findings: Iterable[Finding]) -> None:
    """Raise `UnsafeEngine` with everything that is not fine, and every remedy."""
    bad = [finding for finding in findings if not finding.fine]
    if bad:
        raise UnsafeEngine(
            "; ".join(finding.what for finding in bad) + ".",
            remedy=" ".join(finding.remedy for finding in bad),
        )


async def require_database(url: str, *, setting: str) -> None:
    """Raise `UnsafeEngine` unless PostgreSQL answers there and keeps what it acknowledges."""
    refuse_unsafe(await _ask_database(url, setting))


async def require_valkeys_and_nats(holds_url: str, cache_url: str, nats_url: str) -> None:
    """
    Raise `UnsafeEngine` unless all answer, holds are never evicted, caches are bounded, and the
    broker has JetStream; what nobody could find out is logged.
    """
    valkeys, broker = await asyncio.gather(_ask_valkeys(holds_url, cache_url), _ask_nats(nats_url))
    refuse_unsafe([*valkeys, *broker])
    for finding in valkeys:
        if finding.doubt:
            log.warning("engine_not_known_to_be_safe", found=finding.what, look=finding.doubt)


async def inspect_feed(place: str) -> list[Finding]:
    """Ask the WebSocket at `place` (host:port) as a stranger's browser would."""
    url = f"ws://{place}"
    return await _guarded("The live feed", "NATS_FEED_URL", url, lambda: _feed(url))


async def require_feed(place: str) -> None:
    """Raise `UnsafeEngine` unless a stranger may hear of seats there, and do nothing else."""
    refuse_unsafe(await inspect_feed(place))


async def _ask_database(url: str, setting: str) -> list[Finding]:
    return await _guarded("PostgreSQL", setting, url, lambda: _postgres(url, setting))


async def _ask_valkeys(holds_url: str, cache_url: str) -> list[Finding]:
    holds, cache = await asyncio.gather(
        _guarded("Valkey for holds", "VALKEY_URL", holds_url, lambda: _holds(holds_url)),
        _guarded(
            "Valkey for caches",
            "VALKEY_CACHE_URL",
            cache_url,
            lambda: _cache(cache_url, holds_url),
        ),
    )
    return [*holds, *cache]


async def _ask_nats(url: str) -> list[Finding]:
    return await _guarded("NATS", "NATS_URL", url, lambda: _nats(url))


def _shown(url: str) -> str:
    """An address without whatever may be a secret: a password, a token, what follows a `?`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


async def _guarded(
    engine: str, setting: str, url: str, ask: Callable[[], Awaitable[list[Finding]]]
) -> list[Finding]:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            return await ask()
    except TimeoutError:
        # The door is open and nobody speaks, or the way there swallows everything.
        where = f"{setting}={_shown(url)}"
        remedy = f"See whether it hangs or is stopped; else start it, or correct {where}."
        return [Finding(f"{engine} does not answer within {TIMEOUT_S:.0f} s", remedy)]
    except _AWAY as away:
        why = str(away) or type(away).__name__
        remedy = f"Start it, or correct {setting}={_shown(url)}."
        return [Finding(f"{engine} does not answer ({why})", remedy)]
    except (ValueError, asyncpg.InterfaceError) as malformed:
        return [Finding(f"{setting} is no address ({malformed})", f"Correct {setting}.")]


async def _postgres(url: str, setting: str) -> list[Finding]:
    connection = await asyncpg.connect(url, timeout=TIMEOUT_S, command_timeout=TIMEOUT_S)
    try:
        rows = await connection.fetch(DURABILITY)
    finally:
        await connection.close(timeout=TIMEOUT_S)
    return durability(rows, setting=setting)


def durability(rows: Sequence[asyncpg.Record], *, setting: str) -> list[Finding]:
    """What the answer to `DURABILITY` means; `setting` names the address that was asked."""
    settings = {str(row["name"]): str(row["setting"]) for row in rows}
    bad = [
        Finding(
            f"PostgreSQL at {setting} has {name}={settings.get(name)}",
            f"Set {name}={wanted}: {_LOST}",
        )
        for name, wanted in _POSTGRES_SAFE.items()
        if settings.get(name) != wanted
    ]
    commit = settings.get(_COMMIT)
    if commit not in _COMMIT_SAFE:
        # A role or a database may have one of its own, whatever the server's file says.
        whose = next((_OWN.get(row["source"], "") for row in rows if row["name"] == _COMMIT), "")
        what = f"PostgreSQL at {setting} has {_COMMIT}={commit}{whose}"
        bad.append(Finding(what, f"Set {_COMMIT}=on{whose}: {_LOST}"))
    major, minor = divmod(int(settings[_VERSION]), 10_000)
    if major < _POSTGRES_MAJOR_MIN:
        what = f"PostgreSQL at {setting} is version {major}"
        bad.append(Finding(what, f"Use PostgreSQL {_POSTGRES_MAJOR_MIN} or later."))
    return bad or [Finding(f"PostgreSQL {major}.{minor} answers and is durable")]


_LOST = "otherwise a crash loses tickets that were paid."


async def _holds(url: str) -> list[Finding]:
    policy = (await _valkey_memory(url)).get("maxmemory_policy")
    if policy is None:
        doubt = "Look yourself, or allow INFO: it must have maxmemory-policy noeviction."
        what = "Valkey for holds answers, and does not tell whether it evicts"
        return [Finding(what, doubt=doubt)]
    if policy != "noeviction":
        remedy = "Set maxmemory-policy noeviction: an evicted hold is a seat offered twice."
        return [Finding(f"Valkey for holds has maxmemory-policy={policy}", remedy)]
    return [Finding("Valkey for holds answers and evicts nothing")]


async def _cache(url: str, holds_url: str) -> list[Finding]:
    limit = (await _valkey_memory(url)).get("maxmemory")
    if _place(url) == _place(holds_url):
        remedy = "Name a second instance in VALKEY_CACHE_URL: caches must not crowd out holds."
        return [Finding("Valkey for caches is the one with the holds", remedy)]
    if limit is None:
        what = "Valkey for caches answers, and does not tell whether it is bounded"
        return [Finding(what, doubt="Look yourself, or allow INFO: it must have a maxmemory.")]
    if limit == "0":
        remedy = "Set maxmemory there, so that caches stay bounded."
        return [Finding("Valkey for caches has maxmemory=0, no bound", remedy)]
    return [Finding("Valkey for caches answers and is bounded")]


async def _valkey_memory(url: str) -> dict[str, str]:
    """
    What INFO tells of its memory; nothing where that is forbidden.

    Not CONFIG: hosted services keep it to themselves.
    """
    async with _valkey(url) as (reader, writer):
        writer.write(b"INFO memory\r\n")
        first = await reader.readline()
        if not first.startswith(b"$"):
            return {}
        text = (await reader.readexactly(int(first[1:]))).decode("utf-8", "replace")
    lines = (line.partition(":") for line in text.splitlines())
    return {name: value for name, separator, value in lines if separator}


@contextlib.asynccontextmanager
async def _valkey(url: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    address = urlsplit(url)
    if address.scheme not in {"redis", "valkey"}:
        # As the settings of a process have it: what is fine here has to be fine there.
        raise ValueError("redis://host:port is one")
    reader, writer = await asyncio.open_connection(address.hostname, address.port or 6379)
    try:
        if address.password:
            user = f"{unquote(address.username)} " if address.username else ""
            writer.write(f"AUTH {user}{unquote(address.password)}\r\n".encode())
            await _positive(reader)
        writer.write(b"PING\r\n")
        await _positive(reader)
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _positive(reader: asyncio.StreamReader) -> None:
    answer = await reader.readline()
    if not answer.startswith(b"+"):
        raise ConnectionError(answer.decode("utf-8", "replace").strip() or "closed")


def _place(url: str) -> tuple[str | None, int]:
    address = urlsplit(url)
    return address.hostname, address.port or 6379


async def _nats(url: str) -> list[Finding]:
    faults: list[Exception] = []

    async def hear(fault: Exception) -> None:
        faults.append(fault)

    # By hand, so that a connection whose server says nothing is closed as well.
    client = Client()
    try:
        await client.connect(
            url,
            allow_reconnect=False,
            # It goes on trying whatever it is told, unless it may try only so often.
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            connect_timeout=int(TIMEOUT_S),
            error_cb=hear,
        )
        account = await client.jetstream().account_info()
    except nats.errors.NoServersError as none:
        first = faults[0] if faults else none
        raise ConnectionError(str(first) or type(first).__name__) from none
    except nats.js.errors.ServiceUnavailableError:
        remedy = f"Enable JetStream for our account, or correct NATS_URL={_shown(url)}."
        return [Finding("NATS has no JetStream", remedy)]
    finally:
        await client.close()
    return [Finding(f"NATS answers, JetStream holds {account.streams} streams")]


async def _feed(url: str) -> list[Finding]:
    heard = b""
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        # Only what is refused is answered, before the PONG.
        for line in ('CONNECT {"verbose":false}', f"SUB {_OPEN} 1", f"SUB {_CLOSED} 2",
                     f"PUB {_CLOSED} 0\r\n", "PING"):  # fmt: skip
            await socket.send_bytes(f"{line}\r\n".encode())
        while b"PONG" not in heard:
            message = await socket.receive()
            if message.type is not aiohttp.WSMsgType.BINARY:
                break
            heard += message.data
    refused = [line for line in heard.decode("utf-8", "replace").splitlines() if "-ERR" in line]
    if b"PONG" not in heard or any(_OPEN in line for line in refused):
        what = f"The live feed lets nobody hear seats.* ({'; '.join(refused) or 'no PONG'})"
        return [Finding(what, f"{_FEED_USER} Or correct NATS_FEED_URL={url}.")]
    if not all(any(f"{verb} " in line and _CLOSED in line for line in refused) for verb in _VERBS):
        what = "The live feed lets strangers do more than hear seats.*"
        return [Finding(what, f"{_FEED_USER} All browsers come there, through the gateway.")]
    return [Finding("The live feed tells strangers of seats and nothing else")]


# Nobody's: as an event's seats are named, and as a call of one service to another is.
_OPEN, _CLOSED = "seats.nobody", "rpc.nobody"
# What is refused, in the server's words: 'Permissions Violation for Publish to "rpc.nobody"'.
_VERBS = ("Subscription", "Publish")
_FEED_USER = (
    "Give that WebSocket a no_auth_user who may subscribe to seats.* only and publish nothing."
)
