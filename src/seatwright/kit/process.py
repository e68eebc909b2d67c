"""What a process hands to its services, and what a service gives back."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from seatwright.kit.broker import Broker
from seatwright.kit.files import FolderFiles
from seatwright.kit.postgres import Database
from seatwright.kit.settings import Settings
from seatwright.kit.signing import Keyring
from seatwright.kit.valkey import Valkey

Loop = Callable[[], Awaitable[None]]
Check = Callable[[], Awaitable[bool]]


async def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """
    The engines of one process, connected.

    `database` opens the pool of a service, as that service's role. `valkey` keeps holds;
    `cache` is the other instance, for rate limits and caches, which may forget anything.
    """

    settings: Settings
    keys: Keyring
    broker: Broker
    valkey: Valkey
    cache: Valkey
    files: FolderFiles
    database: Callable[[str], Awaitable[Database]]
    close_databases: Loop = _nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """
    One service inside a process.

    `routes` are HTTP handlers, `offers` the objects they ask for by type; `contract` answers
    the service's contract. `background` runs in every process that serves it, `workers` only
    where the target is a worker. `ready` names what must be true before traffic comes;
    `closing` is awaited when the process ends.
    """

    routes: Sequence[Any] = ()
    offers: Sequence[object] = ()
    contract: object | None = None
    background: Mapping[str, Loop] = field(default_factory=dict)
    workers: Mapping[str, Loop] = field(default_factory=dict)
    ready: Mapping[str, Check] = field(default_factory=dict)
    closing: Sequence[Loop] = ()
