"""Building the services of one process over its engines."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from seatwright.contracts.directory import Directory
from seatwright.kit import clock, rpc
from seatwright.kit.broker import Broker
from seatwright.kit.errors import Unavailable
from seatwright.kit.files import FolderFiles
from seatwright.kit.postgres import Database
from seatwright.kit.process import Part, Tools
from seatwright.kit.settings import Settings
from seatwright.kit.valkey import Valkey
from seatwright.run import rights
from seatwright.run.engines.inspection import require_valkeys_and_nats
from seatwright.run.targets import ALL, BY_NAME, TARGETS

Kind = TypeVar("Kind")
CATALOGUE_DEADLINE_S = 30.0
CATALOGUE_LOOK_EVERY_S = 0.05


class _Near:
    """Stands for a service of this process until it is built; services may need each other."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._target: object | None = None

    def becomes(self, target: object) -> None:
        """From now on, calls reach `target`."""
        self._target = target

    def __getattr__(self, method: str) -> Any:
        if self._target is None:
            raise Unavailable(f"{self._name} is still starting.")
        return getattr(self._target, method)


@dataclass(frozen=True, slots=True)
class Assembly:
    """The parts of a process and how they end."""

    target: str
    tools: Tools
    parts: dict[str, Part]
    # Those through which other processes call the services of this one.
    servers: Sequence[rpc.Server] = ()

    def offer(self, kind: type[Kind]) -> Kind:
        """The object of this type that one of the services offers."""
        for part in self.parts.values():
            for found in part.offers:
                if isinstance(found, kind):
                    return found
        raise LookupError(kind.__name__)

    async def ready(self) -> dict[str, bool]:
        """Every readiness check by name."""
        return {
            name: await check()
            for part in self.parts.values()
            for name, check in part.ready.items()
        }

    async def stop_answering(self) -> None:
        """
        Take no more calls from other processes, and let those that came be answered.

        While they are, everything that they need must still be there.
        """
        await asyncio.gather(*(server.stop() for server in self.servers))

    async def close(self) -> None:
        """End the calls of other processes, then the services, then the connections."""
        await self.stop_answering()
        for part in self.parts.values():
            for closing in part.closing:
                with suppress(Exception):
                    await closing()
        await disconnect(self.tools)


@asynccontextmanager
async def following(built: Assembly) -> AsyncIterator[None]:
    """
    For a command that asks services without serving: they know every event within the block.

    The catalogue answers from documents that it reads in the background. Raises `Unavailable`.
    """
    loops = [asyncio.ensure_future(loop()) for loop in built.parts["catalog"].background.values()]
    try:
        deadline = clock.monotonic() + CATALOGUE_DEADLINE_S
        while not all((await built.ready()).values()):
            if clock.monotonic() > deadline:
                raise Unavailable("The catalogue did not read its documents in time.")
            await asyncio.sleep(CATALOGUE_LOOK_EVERY_S)
        yield
    finally:
        for one in loops:
            one.cancel()
        await asyncio.gather(*loops, return_exceptions=True)


async def connect(settings: Settings, *, name: str, connections_max: int = 10) -> Tools:
    """
    Connect to every engine, the database when a service first asks for it.

    Raises `UnsafeEngine`, naming the setting, for one that is missing or would lose a sale: whoever
    started this process may have checked, another machine's has not.
    """
    opened: dict[str, Database] = {}

    async def database(service: str) -> Database:
        if service not in opened:
            opened[service] = await rights.connect(
                settings.database_urls, service, connections_max=connections_max
            )
        return opened[service]

    async def close_databases() -> None:
        for one in opened.values():
            await one.close()

    await require_valkeys_and_nats(
        settings.valkey_url, settings.valkey_cache_url, settings.nats_url
    )
    broker = await Broker.connect(settings.nats_url, name=name)
    await broker.ensure_streams()
    valkey = await Valkey.connect(settings.valkey_url, name=name)
    cache = await Valkey.connect(settings.valkey_cache_url, name=name)
    return Tools(
        settings=settings,
        keys=settings.keyring(),
        broker=broker,
        valkey=valkey,
        cache=cache,
        files=FolderFiles(settings.files),
        database=database,
        close_databases=close_databases,
    )


async def disconnect(tools: Tools) -> None:
    """End every connection that `connect` opened."""
    with suppress(Exception):
        await tools.close_databases()
    for engine in (tools.broker, tools.valkey, tools.cache):
        with suppress(Exception):
            await engine.close()


async def assemble(tools: Tools, target: str) -> Assembly:
    """Build the target's services and offer their contracts to other processes."""
    names = TARGETS[target]
    near = {name: _Near(name) for name in names}
    directory = Directory(**{name: _contract(tools.broker, name, near) for name in _CONTRACTS})
    parts = {}
    for name in names:
        part = await BY_NAME[name].wire(tools, directory)
        parts[name] = part
        if part.contract is not None:
            near[name].becomes(part.contract)
    servers = []
    if tuple(names) != ALL:
        for name, part in parts.items():
            contract = BY_NAME[name].contract
            if contract is not None and part.contract is not None:
                server = rpc.Server(tools.broker, contract, part.contract)
                await server.start()
                servers.append(server)
    return Assembly(target, tools, parts, servers)


_CONTRACTS = tuple(name for name, service in BY_NAME.items() if service.contract is not None)


def _contract(broker: Broker, name: str, near: dict[str, _Near]) -> Any:
    if name in near:
        return near[name]
    contract = BY_NAME[name].contract
    assert contract is not None
    return rpc.remote(broker, contract)
