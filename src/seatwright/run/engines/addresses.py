"""Where engines are: given and found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class External:
    """Engines that run already, by URL; None means embedded. `feed` is host:port of a WebSocket."""

    database_url: str | None = None
    valkey_url: str | None = None
    valkey_cache_url: str | None = None
    nats_url: str | None = None
    feed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """How to reach every engine; URLs carry their passwords."""

    database_url: str
    # Cheaper than TCP, for processes of this machine's same account; the TCP one when external.
    database_socket_url: str
    valkey_url: str
    valkey_cache_url: str
    nats_url: str
    # host:port of the NATS WebSocket, behind the gateway's /feed. Empty when there is none.
    feed: str
