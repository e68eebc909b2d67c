"""
A lean HTTP/1.1 client for load generators: kept-alive connections, one request at a time each.

Libraries cost as much as the server they measure; this one costs about 40 µs a request.
"""

import asyncio
from collections import deque
from typing import cast

_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


class Answer:
    """Status, body, bytes of the head of a response; status 0: no whole answer came."""

    __slots__ = ("body", "head", "status")

    def __init__(self, status: int, body: bytes, head: int = 0) -> None:
        self.status = status
        self.body = body
        self.head = head


class _Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self._buffer = b""
        self._waiting: asyncio.Future[Answer] | None = None
        self._needed = -1
        self._status = 0
        self._head = 0
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def connection_lost(self, _exc: Exception | None) -> None:
        self.lost = True
        self._finish(Answer(0, b""))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._needed < 0:
            end = self._buffer.find(_END)
            if end < 0:
                return
            head = self._buffer[:end]
            self._status = int(head[9:12])
            self._head = end + len(_END)
            self._needed = _content_length(head)
            self._buffer = self._buffer[end + 4 :]
            self.lost = self.lost or b"\r\nconnection: close" in head.lower()
        if len(self._buffer) >= self._needed:
            body, self._buffer = self._buffer[: self._needed], self._buffer[self._needed :]
            self._needed = -1
            self._finish(Answer(self._status, body, self._head))

    def _finish(self, answer: Answer) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(answer)

    def send(self, raw: bytes) -> "asyncio.Future[Answer]":
        self._waiting = asyncio.get_running_loop().create_future()
        if self.lost or self.transport is None:
            self._waiting.set_result(Answer(0, b""))
        else:
            self.transport.write(raw)
        return self._waiting


def _content_length(head: bytes) -> int:
    lower = head.lower()
    start = lower.find(_LENGTH)
    if start < 0:
        assert b"transfer-encoding" not in lower, "the load generator reads sized bodies only"
        return 0
    end = lower.find(b"\r\n", start)
    return int(lower[start + len(_LENGTH) : end if end > 0 else None])


class Client:
    """A pool of connections to one address."""

    def __init__(self, host: str, port: int, *, timeout_s: float = 30.0) -> None:
        self._host = host
        self._port = port
        self._timeout_s = timeout_s
        self._free: deque[_Connection] = deque()
        self.sent = 0
        self.received = 0
        self._head = f"Host: {host}:{port}\r\nContent-Type: application/json\r\n".encode()

    async def request(
        self, method: str, path: str, body: bytes = b"", headers: bytes = b""
    ) -> Answer:
        """One request; `headers` are ready lines, each ending with CRLF."""
        connection = await self._take()
        raw = b"%b %b HTTP/1.1\r\n%b%bContent-Length: %d\r\n\r\n%b" % (
            method.encode(), path.encode(), self._head, headers, len(body), body
        )  # fmt: skip
        try:
            answer = await asyncio.wait_for(connection.send(raw), self._timeout_s)
        except TimeoutError:
            if connection.transport is not None:
                connection.transport.abort()
            return Answer(0, b"")
        self.sent += len(raw)
        self.received += answer.head + len(answer.body)
        if not connection.lost:
            self._free.append(connection)
        elif connection.transport is not None:
            connection.transport.close()
        return answer

    async def _take(self) -> _Connection:
        while self._free:
            connection = self._free.pop()
            if not connection.lost:
                return connection
        _, made = await asyncio.get_running_loop().create_connection(
            _Connection, self._host, self._port
        )
        return made
