"""One process of a target: HTTP for services, loops for workers, and an orderly end."""

import asyncio
import contextlib
import gc
import os
import signal
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import uvicorn
from litestar.types import ASGIApp
from typing_extensions import override

from seatwright.kit import log, tasks
from seatwright.kit.settings import Settings
from seatwright.kit.web import app
from seatwright.kit.web.description import Description
from seatwright.kit.web.proxies import Proxies
from seatwright.run import assembly, demo_apart
from seatwright.run.targets import GIVES_WAY, TARGETS, WORKERS

# A request that began may end, but nobody waits for a socket that somebody forgot to close.
GRACE_S = 10
# Of every service's routes, because any may be asked: it is made with the code and not while
# serving, and a test compares.
DESCRIPTION = Path(__file__).parent / "openapi.json"
BACKLOG_CONNECTIONS = 4096


class _Server(uvicorn.Server):
    """A server whose signals are handled by the process, because there are two of them."""

    @override
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def release() -> str:
    """This release's version."""
    try:
        return version("seatwright")
    except PackageNotFoundError:
        return "0+checkout"


def application(built: assembly.Assembly) -> ASGIApp:
    """What a process's public port answers: its routes, and the description of all there are."""
    return app.build(
        [route for part in built.parts.values() for route in part.routes],
        [offer for part in built.parts.values() for offer in part.offers],
        service=built.target,
        version=release(),
        proxies=Proxies(built.tools.settings.trusted_proxies),
        description=Description.kept(DESCRIPTION.read_bytes(), version=release()),
    )


def _server(application: Any, port: int, host: str) -> _Server:
    return _Server(
        uvicorn.Config(
            application,
            host=host,
            port=port,
            loop="none",
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            backlog=BACKLOG_CONNECTIONS,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=GRACE_S,
            proxy_headers=False,
        )
    )


async def serve(
    settings: Settings, target: str, *, port: int, private_port: int | None, host: str
) -> None:
    """Run a target until SIGTERM or SIGINT; a worker serves no public port."""
    log.configure(level=settings.log_level, json_lines=settings.log_json, service=target)
    if target in GIVES_WAY:
        _give_way()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    tools = await assembly.connect(settings, name=f"seatwright-{target}")
    if "accounts" in TARGETS[target] and not settings.demo:
        await demo_apart.refuse_log_in_of_accounts(tools)
    built = await assembly.assemble(tools, target)
    _calm_collector()
    servers = []
    if target not in WORKERS:
        servers.append(_server(application(built), port, host))
    if private_port is not None:
        servers.append(_server(app.private(built.ready), private_port, "127.0.0.1"))
    try:
        await _run(built, servers, stop)
    finally:
        await built.close()


def _give_way() -> None:
    # Idle scheduling is left the moment anybody else wants the processor; niceness alone keeps a
    # core for milliseconds, which is what rendering a page takes.
    if hasattr(os, "SCHED_IDLE"):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    else:
        os.nice(19)
    # Where Linux groups processes by session, each group gets an equal share whatever its
    # members' priority; the group's own is set here.
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text("19")


def _calm_collector() -> None:
    # Charts and documents are many objects that live for ever, requests leave few cycles behind:
    # with Python's defaults a tenth of the processor goes into looking at the same objects again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


async def _run(built: assembly.Assembly, servers: list[_Server], stop: asyncio.Event) -> None:
    async with tasks.Background() as background:
        works_on = WORKERS.get(built.target, ())
        for service, part in built.parts.items():
            loops = dict(part.background)
            if service in works_on:
                loops |= part.workers
            for name, loop_of in loops.items():
                background.start(loop_of, name)
        serving = [asyncio.ensure_future(server.serve()) for server in servers]
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait([stopping, *serving], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        for server in servers:
            server.should_exit = True
        # Before the loops end and the engines are let go: whoever has asked is still answered.
        await asyncio.gather(built.stop_answering(), *serving)
