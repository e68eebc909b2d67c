"""
Valkey: one multiplexed connection a process, and functions loaded by content.

A library's name carries the hash of its code, so two adjacent releases run side by side and
a flushed script cache heals itself: a call that finds no function loads it and asks once more.
"""

import hashlib
from importlib import resources
from typing import Any
from urllib.parse import unquote, urlsplit

from glide import (
    ClosingError,
    ConnectionError as GlideConnectionError,
    GlideClient,
    GlideClientConfiguration,
    NodeAddress,
    RequestError,
    ServerCredentials,
    TimeoutError as GlideTimeoutError,
)

from seatwright.kit import clock, limits, log, telemetry
from seatwright.kit.errors import Unavailable

Argument = str | bytes
_PLACEHOLDER = "__library__"


class Library:
    """Functions whose names begin with `__library__`, in a `.lua` file and what continues it."""

    def __init__(self, package: str, filename: str, name: str, *continued: str) -> None:
        files = resources.files(package)
        source = "\n".join(files.joinpath(one).read_text() for one in (filename, *continued))
        self.name = f"{name}_{hashlib.sha256(source.encode()).hexdigest()[:10]}"
        self.code = f"#!lua name={self.name}\n" + source.replace(_PLACEHOLDER, self.name)

    def function(self, short: str) -> str:
        """The full name of a function of this library."""
        return f"{self.name}_{short}"


class Valkey:
    """A connection; every call has a deadline and answers `Unavailable` when it passes."""

    def __init__(self, client: GlideClient) -> None:
        self._client = client

    @classmethod
    async def connect(cls, url: str, *, name: str) -> "Valkey":
        """
        `url` is `redis://[user:password@]host:port[/db]`.

        Raises `Unavailable` when nobody answers there, or does not let us in.
        """
        parts = urlsplit(url)
        credentials = (
            ServerCredentials(unquote(parts.password), unquote(parts.username or "default"))
            if parts.password
            else None
        )
        configuration = GlideClientConfiguration(
            [NodeAddress(parts.hostname or "127.0.0.1", parts.port or 6379)],
            credentials=credentials,
            request_timeout=int(limits.VALKEY_CALL.total_seconds() * 1000),
            database_id=int(parts.path.strip("/") or "0"),
            client_name=name,
            inflight_requests_limit=10_000,
            # `create` would wait for the server, up to two seconds, with the whole loop; the
            # first command waits for it alone.
            lazy_connect=True,
        )
        client = await GlideClient.create(configuration)
        try:
            await client.custom_command(["PING"])
        except (RequestError, GlideConnectionError, ClosingError, GlideTimeoutError) as fault:
            await client.close()
            raise Unavailable("Valkey does not answer.") from fault
        return cls(client)

    async def close(self) -> None:
        """End the connection."""
        await self._client.close()

    async def command(self, *words: Argument) -> Any:
        """
        One command. Raises `Unavailable`; a write may then have happened or not.

        Degraded answer: the caller's, written beside its call.
        """
        started = clock.monotonic()
        try:
            return await self._client.custom_command(list(words))
        except (GlideTimeoutError, GlideConnectionError, ClosingError) as fault:
            telemetry.DEGRADED.labels("valkey").inc()
            raise Unavailable("Valkey does not answer.") from fault
        except RequestError as fault:
            if _not_now(str(fault)):
                telemetry.DEGRADED.labels("valkey").inc()
                raise Unavailable("Valkey takes no writes for now.") from fault
            raise
        finally:
            log.spent("valkey", clock.monotonic() - started)

    async def call(
        self, library: Library, function: str, keys: list[str], arguments: list[Argument]
    ) -> Any:
        """Call a function of a library, loading the library where it is not known."""
        words: list[Argument] = [
            "FCALL", library.function(function), str(len(keys)), *keys, *arguments
        ]  # fmt: skip
        try:
            return await self.command(*words)
        except RequestError as fault:
            if "unction not found" not in str(fault):
                raise
        await self.load(library)
        return await self.command(*words)

    async def load(self, library: Library) -> None:
        """Load, or replace by the same code."""
        await self.command("FUNCTION", "LOAD", "REPLACE", library.code)


def _not_now(message: str) -> bool:
    # Memory full, disk full, a busy script, loading after a restart, demoted to replica.
    words = ("OOM", "MISCONF", "BUSY", "LOADING", "READONLY", "NOREPLICAS", "MASTERDOWN")
    return any(word in message for word in words)
