"""Starting, migrating, and a new secret: the verbs that make an installation."""

import argparse
import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TypeVar

from seatwright.kit.settings import BadSetting, BadSettings, read
from seatwright.run import demo_apart, foreseen, logins, migrations, serving
from seatwright.run.demo import Demo
from seatwright.run.engines import EngineTrouble
from seatwright.run.installation import Installation, Layout
from seatwright.run.secrets import new_master
from seatwright.run.summary import for_phones, summary
from seatwright.run.targets import TARGETS

T = TypeVar("T")
_NEEDED_OUTSIDE_DEMO = ("GATEWAY_URL", "SMTP_URL", "PUBLIC_URL")


def _layout(given: argparse.Namespace) -> Layout:
    return Layout(
        data=given.data.resolve(),
        port=given.port,
        split=given.split,
        processes=given.processes,
        workers=given.workers,
        lan=given.lan,
        web=given.web or _web_build(),
    )


def _web_build() -> Path | None:
    build = Path(__file__).parents[3] / "web" / "build"
    return build if build.exists() else None


def _say(line: str) -> None:
    print(f"  {line}", flush=True)


async def demo(given: argparse.Namespace) -> int:
    """Start the demonstration and wait for Ctrl-C."""
    foreseen.refuse(os.environ)
    stop = _stop_signal()
    print("Starting Seatwright", flush=True)
    running = await _unless_stopped(Demo.start(_layout(given), _say), stop)
    if running is None:
        return 130
    try:
        columns = shutil.get_terminal_size().columns
        print(summary(running.description(), columns, kept=running.kept), flush=True)
        return await _wait(running.installation, stop)
    finally:
        await running.installation.stop()


async def up(given: argparse.Namespace) -> int:
    """Start an installation and wait for Ctrl-C."""
    layout = _layout(given)
    demo_apart.refuse_folder(layout.data)
    foreseen.refuse(os.environ, needed=_NEEDED_OUTSIDE_DEMO)
    stop = _stop_signal()
    installation = await _unless_stopped(_installed(layout), stop)
    if installation is None:
        return 130
    try:
        for name, value in for_phones(installation.for_phones()):
            _say(f"{name:<11}  {value}")
        print(f"Seatwright answers at port {given.port}. Ctrl-C ends it.", flush=True)
        return await _wait(installation, stop)
    finally:
        await installation.stop()


async def _installed(layout: Layout) -> Installation:
    installation = await Installation.start_engines(layout, _say)
    try:
        read(installation.environment, databases=logins.SERVICES)
        await installation.start_services()
        await installation.start_gateway()
    except BaseException:
        await installation.stop()
        raise
    return installation


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


async def _unless_stopped(start: Coroutine[None, None, T], stop: asyncio.Event) -> T | None:
    """What `start` makes; None, with nothing of it left, when somebody stops it before."""
    starting = asyncio.ensure_future(start)
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait([starting, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if starting.done():
        return await starting
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    return None


async def _wait(installation: Installation, stop: asyncio.Event) -> int:
    stopping = asyncio.ensure_future(stop.wait())
    failing = asyncio.ensure_future(installation.engines.failure())
    await asyncio.wait([stopping, failing], return_when=asyncio.FIRST_COMPLETED)
    if stopping.done():
        failing.cancel()
        print("Stopping", flush=True)
        return 0
    stopping.cancel()
    trouble: EngineTrouble = await failing
    print(str(trouble), file=sys.stderr)
    return 1


async def migrate(given: argparse.Namespace) -> int:
    """Bring the database to this release."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        raise BadSettings([BadSetting("DATABASE_URL", "", "the database to migrate")])
    applied = await migrations.migrate(url, phase=given.phase, urls=logins.given(os.environ))
    print("\n".join(applied) if applied else "Nothing to do.")
    return 0


def secret(_given: argparse.Namespace) -> int:
    """Print a new master secret."""
    print(new_master())
    return 0


async def serve(given: argparse.Namespace) -> int:
    """One process of a target, until it is told to end."""
    await serving.serve(
        read(os.environ, databases=logins.of_services(TARGETS[given.target])),
        given.target,
        port=given.port,
        private_port=given.private_port,
        host=given.host,
    )
    return 0


async def work(given: argparse.Namespace) -> int:
    """One worker process, until it is told to end."""
    given.target, given.port, given.host = "worker", 0, "127.0.0.1"
    return await serve(given)
