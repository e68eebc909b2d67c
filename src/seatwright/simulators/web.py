"""
The little HTTP the simulators need, straight on httptools.

The gateway lies on the path of every measured purchase, on a machine that also runs what is
measured. At 2,700 requests a second a trivial answer cost 84 µs of processor through uvicorn
and ASGI, and 35 µs this way; a framework would cost more than the payment.
"""

import asyncio
import signal
import socket
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import cast

import httptools
from typing_extensions import override

JSON = b"application/json"
HTML = b"text/html; charset=utf-8"
BODY_BYTES_MAX = 65_536
HEADER_BYTES_MAX = 32_768
# Requests sent ahead of their answers; nobody needs more, and each holds its body.
PIPELINE_MAX = 16
# A clean stop waits this long for answers under way; hanging ones are cut off.
STOP_GRACE_S = 1.0
_DRIP_PIECES = 40


@dataclass(frozen=True, slots=True)
class Reply:
    """One whole answer; with `drip_s` its body comes in 40 pieces, that long apart."""

    status: int
    body: bytes
    content_type: bytes = JSON
    headers: tuple[tuple[bytes, bytes], ...] = ()
    drip_s: float = 0.0


# Returned instead of an answer: the connection is closed at once.
CUT = Reply(0, b"")


class Request:
    """One whole request. Header names are lower-case; `peer` is the other side's address."""

    __slots__ = (
        "body",
        "expects_continue",
        "gone",
        "headers",
        "keep_alive",
        "method",
        "peer",
        "url",
    )

    def __init__(self, peer: str, gone: "asyncio.Future[None]") -> None:
        self.method = ""
        self.url = b""
        self.headers: dict[bytes, bytes] = {}
        self.body = b""
        self.peer = peer
        self.keep_alive = True
        self.gone = gone

    def split_url(self) -> tuple[str, str]:
        """Path, still percent-encoded, and query string."""
        path, _, query = self.url.decode("latin-1").partition("?")
        return path, query

    def header(self, name: bytes) -> str:
        """The header's value, or ""."""
        return self.headers.get(name, b"").decode("latin-1")

    async def hang(self, seconds_max: float) -> Reply:
        """Say nothing until the caller goes away, at most `seconds_max`; then cut."""
        await asyncio.wait({self.gone}, timeout=seconds_max)
        return CUT


Handler = Callable[[Request], Awaitable[Reply]]


class _Connection(asyncio.Protocol):
    """Callbacks of the transport and of httptools; one request is answered at a time."""

    def __init__(
        self, handler: Handler, tasks: asyncio.TaskGroup, connections: "set[_Connection]"
    ) -> None:
        self._handler = handler
        self._tasks = tasks
        self._connections = connections
        self._parser = httptools.HttpRequestParser(self)
        self._loop = asyncio.get_running_loop()
        self._gone: asyncio.Future[None] = self._loop.create_future()
        self._peer = ""
        self._waiting: deque[Request] = deque()
        self._size = 0
        self.task: asyncio.Task[None] | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports only look like the standard library's.
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        self._peer = peer[0] if peer else ""
        self._connections.add(self)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)
        if not self._gone.done():
            self._gone.set_result(None)

    @override
    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._refuse(400)

    def on_message_begin(self) -> None:
        self._size = 0
        self._request = Request(self._peer, self._gone)

    def on_url(self, url: bytes) -> None:
        self._grow(len(url), HEADER_BYTES_MAX)
        self._request.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._grow(len(name) + len(value), HEADER_BYTES_MAX)
        self._request.headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        request = self._request
        self._size = 0
        request.method = self._parser.get_method().decode("latin-1")
        request.keep_alive = self._parser.should_keep_alive()
        if b"expect" in request.headers:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        self._grow(len(body), BODY_BYTES_MAX)
        self._request.body += body

    def on_message_complete(self) -> None:
        if self._transport.is_closing():
            return
        if self.task is None:
            self._start(self._request)
        elif len(self._waiting) < PIPELINE_MAX:
            self._waiting.append(self._request)
        else:
            self._refuse(429)

    def abort(self) -> None:
        """Close without another word."""
        if not self._gone.done():
            self._transport.abort()

    def _start(self, request: Request) -> None:
        self.task = self._tasks.create_task(self._answer(request))

    async def _answer(self, request: Request) -> None:
        try:
            reply = await self._handler(request)
            if reply is CUT:
                self.abort()
            elif reply.drip_s:
                await self._drip(request, reply)
            else:
                self._write(_head(request, reply) + _body(request, reply))
        finally:
            self.task = None
        if not request.keep_alive:
            self._close()
        elif self._waiting and not self._gone.done():
            self._start(self._waiting.popleft())

    async def _drip(self, request: Request, reply: Reply) -> None:
        self._write(_head(request, reply))
        body = _body(request, reply)
        step = len(body) // _DRIP_PIECES + 1
        for start in range(0, len(body), step):
            await asyncio.wait({self._gone}, timeout=reply.drip_s)
            self._write(body[start : start + step])

    def _write(self, chunk: bytes) -> None:
        # uvloop's transports may be gone already when the caller hangs up first.
        if not self._gone.done():
            self._transport.write(chunk)

    def _close(self) -> None:
        if not self._gone.done():
            self._transport.close()

    def _grow(self, size: int, size_max: int) -> None:
        self._size += size
        if self._size > size_max:
            self._refuse(413)

    def _refuse(self, status: int) -> None:
        if self._transport.is_closing():
            return
        phrase = HTTPStatus(status).phrase
        body = f'{{"error":{{"code":"{phrase.lower().replace(" ", "_")}","message":"{phrase}"}}}}'
        request = Request(self._peer, self._gone)
        request.keep_alive = False
        reply = Reply(status, body.encode())
        self._transport.write(_head(request, reply) + reply.body)
        self._transport.close()


_STATUS_LINES = {s.value: f"HTTP/1.1 {s.value} {s.phrase}\r\n".encode() for s in HTTPStatus}


def _head(request: Request, reply: Reply) -> bytes:
    more = b"".join(b"%b: %b\r\n" % pair for pair in reply.headers)
    if not request.keep_alive:
        more += b"connection: close\r\n"
    return b"%bcontent-type: %b\r\ncontent-length: %d\r\n%b\r\n" % (
        _STATUS_LINES[reply.status],
        reply.content_type,
        len(reply.body),
        more,
    )


def _body(request: Request, reply: Reply) -> bytes:
    return b"" if request.method == "HEAD" else reply.body


def listen(host: str, port: int) -> socket.socket:
    """A bound TCP socket; port 0 lets the system choose a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.setblocking(False)
    return listener


def address(listener: socket.socket) -> str:
    """`http://127.0.0.1:41234`, where the socket listens."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _announce(addresses: Mapping[str, object]) -> None:
    # One line, `key=value …`: whoever started the process waits for it.
    sys.stdout.write(" ".join(f"{key}={value}" for key, value in addresses.items()) + "\n")
    sys.stdout.flush()


async def serve(handler: Handler, listener: socket.socket, **announced: object) -> None:
    """
    Announce the addresses `announced`, then answer HTTP on `listener` until SIGTERM or SIGINT.

    `handler` answers every request and raises nothing: what it raises ends the server.
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    connections: set[_Connection] = set()
    async with asyncio.TaskGroup() as tasks:
        server = await loop.create_server(
            lambda: _Connection(handler, tasks, connections), sock=listener, backlog=2048
        )
        _announce(announced)
        try:
            await stop.wait()
        finally:
            server.close()
        busy = {connection.task for connection in connections if connection.task is not None}
        if busy:
            _, hanging = await asyncio.wait(busy, timeout=STOP_GRACE_S)
            for task in hanging:
                task.cancel()
        for connection in list(connections):
            connection.abort()
