"""A TCP proxy that a test may stop, swallow with, or cut."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from urllib.parse import urlsplit

Verdict = Callable[[bytes], bool]


class Proxy:
    """`port` leads to `host:target`, as long as nobody objects."""

    def __init__(self, host: str, target: int) -> None:
        self._host = host
        self._target = target
        self._open = asyncio.Event()
        self._open.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()
        self.port = 0
        self.refuse_new = False
        # Asked with every piece; True cuts the connection before the piece goes further.
        self.cut_before_request: Verdict = lambda _: False
        self.cut_before_answer: Verdict = lambda _: False

    def hold(self) -> None:
        """Nothing goes through until `resume`."""
        self._open.clear()

    def resume(self) -> None:
        self._open.set()

    def cut(self) -> None:
        """End every connection at once, without a word."""
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuse_new:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection(self._host, self._target)
        self._writers |= {writer, far_writer}
        there = self._pump(reader, far_writer, "cut_before_request")
        back = self._pump(far_reader, writer, "cut_before_answer")
        for pump in (there, back):
            task = asyncio.ensure_future(pump)
            self._pumps.add(task)
            task.add_done_callback(self._pumps.discard)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, verdict: str
    ) -> None:
        with suppress(OSError):
            while piece := await reader.read(65536):
                await self._open.wait()
                if getattr(self, verdict)(piece):
                    self.cut()
                    return
                writer.write(piece)
                await writer.drain()
        writer.transport.abort()

    async def close(self) -> None:
        self.resume()
        self.cut()
        if self._pumps:
            await asyncio.wait(self._pumps)


@asynccontextmanager
async def proxy_to(url: str) -> AsyncIterator[tuple[Proxy, str]]:
    """A proxy before the server of `url`, and the URL that leads through it."""
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    proxy = Proxy(parts.hostname, parts.port)
    server = await asyncio.start_server(proxy._serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    credentials = parts.netloc.rpartition("@")[0]
    netloc = f"{credentials}@127.0.0.1:{proxy.port}" if credentials else f"127.0.0.1:{proxy.port}"
    try:
        yield proxy, parts._replace(netloc=netloc).geturl()
    finally:
        server.close()
        await proxy.close()
        await server.wait_closed()


class Apart:
    """The controls of a proxy that runs in another thread."""

    def __init__(self, proxy: Proxy, loop: asyncio.AbstractEventLoop) -> None:
        self._proxy = proxy
        self._loop = loop

    def tell(self, change: Callable[[Proxy], None]) -> None:
        """Change the proxy; returns when it is changed."""

        async def apply() -> None:
            change(self._proxy)

        asyncio.run_coroutine_threadsafe(apply(), self._loop).result(5)


@contextmanager
def proxy_apart(url: str) -> Iterator[tuple[Apart, str]]:
    """A proxy on a thread of its own, for clients that stop this thread while they connect."""
    ready = threading.Event()
    shared: list[tuple[Apart, str]] = []
    stops: list[asyncio.Event] = []

    async def serve() -> None:
        stop = asyncio.Event()
        stops.append(stop)
        async with proxy_to(url) as (proxy, through):
            shared.append((Apart(proxy, asyncio.get_running_loop()), through))
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(10)
    apart, through = shared[0]
    try:
        yield apart, through
    finally:
        apart._loop.call_soon_threadsafe(stops[0].set)
        thread.join(10)
