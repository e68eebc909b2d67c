"""
One kept-alive connection that POSTs to one address.

A full HTTP client costs several times more than the authorisation it reports; a webhook needs
only the status of the answer.
"""

import asyncio
import ssl
from typing import cast
from urllib.parse import SplitResult

import httptools
from typing_extensions import override

# A webhook's answer says nothing but its status; whoever sends more is cut off.
ANSWER_BYTES_MAX = 1 << 20


class PostError(Exception):
    """The other side closed, or did not speak HTTP."""


class _Connection(asyncio.Protocol):
    """Callbacks of httptools and of the transport; one request at a time."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.answered: asyncio.Future[int] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._bytes = 0
        self.used = False

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports only look like the standard library's.
        self.transport = cast("asyncio.Transport", transport)

    @override
    def data_received(self, data: bytes) -> None:
        self._bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(f"not HTTP: {error}")
        if self._bytes > ANSWER_BYTES_MAX:
            self._fail("an endless answer")

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        self._fail("closed without an answer")

    def on_message_complete(self) -> None:
        self._bytes = 0
        if not self._parser.should_keep_alive() and self.transport is not None:
            self.transport.close()
            self.transport = None
        if self.answered is not None and not self.answered.done():
            self.answered.set_result(self._parser.get_status_code())

    def _fail(self, reason: str) -> None:
        if self.transport is not None:
            self.transport.abort()
            self.transport = None
        if self.answered is not None and not self.answered.done():
            self.answered.set_exception(PostError(reason))


class Poster:
    """POSTs JSON bodies to `url`, one after another. The caller sets the deadline."""

    def __init__(self, url: SplitResult) -> None:
        self._host = url.hostname or "127.0.0.1"
        self._tls = ssl.create_default_context() if url.scheme == "https" else None
        self._port = url.port or (443 if self._tls else 80)
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        self._head = (
            f"POST {target} HTTP/1.1\r\nHost: {url.netloc.rpartition('@')[2]}\r\n"
            "Content-Type: application/json\r\nUser-Agent: simulated-gateway\r\n"
        )
        self._connection: _Connection | None = None

    async def post(self, body: bytes, headers: dict[str, str]) -> int:
        """The status of the answer. Raises `PostError` or `OSError`."""
        connection = self._connection
        if connection is not None and connection.transport is not None:
            try:
                return await self._exchange(connection, body, headers)
            except PostError:
                # The receiver may have closed an idle connection just now; only a fresh
                # one tells. Sending twice is what webhooks do anyway.
                pass
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(
            _Connection, self._host, self._port, ssl=self._tls
        )
        self._connection = connection
        return await self._exchange(connection, body, headers)

    def close(self) -> None:
        """Drop the connection; the next post opens another."""
        if self._connection is not None and self._connection.transport is not None:
            self._connection.transport.abort()
        self._connection = None

    async def _exchange(self, connection: _Connection, body: bytes, headers: dict[str, str]) -> int:
        if connection.transport is None:
            raise PostError("closed at once")
        connection.answered = asyncio.get_running_loop().create_future()
        more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"{self._head}{more}Content-Length: {len(body)}\r\n\r\n"
        connection.transport.write(head.encode("latin-1") + body)
        return await connection.answered
