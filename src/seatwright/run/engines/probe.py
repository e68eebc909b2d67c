"""Connections for asking an engine whether it answers; closed to the end."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

PROBE_TIMEOUT_S = 5.0


async def handshake(host: str, port: int, *, name: str) -> None:
    """Return when `host` shows a certificate for `name`, whoever signed it; OSError until then."""
    unverified = ssl.create_default_context()
    unverified.check_hostname = False
    unverified.verify_mode = ssl.CERT_NONE
    async with asyncio.timeout(PROBE_TIMEOUT_S):
        _, writer = await asyncio.open_connection(host, port, ssl=unverified, server_hostname=name)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


@contextlib.asynccontextmanager
async def conversation(
    where: int | Path,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Talk to a port of this machine or to a Unix socket, for PROBE_TIMEOUT_S at most."""
    async with asyncio.timeout(PROBE_TIMEOUT_S):
        if isinstance(where, int):
            reader, writer = await asyncio.open_connection("127.0.0.1", where)
        else:
            reader, writer = await asyncio.open_unix_connection(str(where))
        try:
            yield reader, writer
        finally:
            writer.close()
            # The other side may have hung up already; that is no news any more.
            with contextlib.suppress(OSError):
                await writer.wait_closed()
