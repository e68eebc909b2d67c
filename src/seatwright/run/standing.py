"""
Which installation a command is for: the one that the environment names, else the one that runs.

An installation that serves keeps the settings of its processes beside its data, readable by its
account only, so that an operator need not repeat them in another terminal.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncpg
from typing_extensions import override

from seatwright.kit.errors import Expected, Unavailable
from seatwright.kit.settings import BadSetting, BadSettings, database_variable, read
from seatwright.run.engines.lifeline import owner_of, process_lives
from seatwright.run.engines.trouble import FolderInUse
from seatwright.run.logins import SERVICES

_FILE = "settings.json"
# What makes it another installation.
_ENGINES = (
    "DATABASE_URL",
    *map(database_variable, SERVICES),
    "VALKEY_URL",
    "VALKEY_CACHE_URL",
    "NATS_URL",
)


class NothingRuns(Expected):
    """A command is for an installation, and none runs here or is named."""

    code = "nothing_runs"
    title = "No installation"


class _Asked(dict[str, str]):
    """An empty environment that remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    @override
    def get(self, key: str, default: str = "") -> str:  # type: ignore[override]
        self.names.add(key)
        return default


def names() -> frozenset[str]:
    """Every setting that a process reads, and the address that is not for processes."""
    asked = _Asked()
    with suppress(BadSettings):
        read(asked, databases=SERVICES)
    return frozenset(asked.names | {"DATABASE_URL"})


def keep(data: Path, environment: Mapping[str, str]) -> None:
    """Write down the settings of what runs on `data`; mode 0600, because secrets are among them."""
    kept = {name: environment[name] for name in sorted(names()) if name in environment}
    draft = data / f"{_FILE}.draft"
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(kept, indent=1) + "\n")
    draft.replace(data / _FILE)


def forget(data: Path) -> None:
    """What ran on `data` runs no more."""
    (data / _FILE).unlink(missing_ok=True)


def refuse_second(data: Path) -> None:
    """Raises `FolderInUse`, saying where it answers, if an installation runs on `data`."""
    program = owner_of(data)
    # One whose program is gone is being taken down; its supervisor is waited for.
    if program is None or not process_lives(program):
        return
    where = _kept(data).get("PUBLIC_URL", data)
    raise FolderInUse(
        f"Seatwright already runs here: {where}, process {program}.",
        remedy="Stop that program first, or choose another folder with --data.",
    )


def settings_of(data: Path, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """
    The settings for a command: the environment's, and those of what runs on `data`.

    An environment that names another engine means another installation: nothing is added to it.
    """
    given = {name: environment[name] for name in names() if environment.get(name)}
    kept = _kept(data)
    if any(given.get(name, kept.get(name)) != kept.get(name) for name in _ENGINES):
        return given
    return {**kept, **given}


def _kept(data: Path) -> dict[str, str]:
    if owner_of(data) is None:
        return {}
    try:
        found: dict[str, str] = json.loads((data / _FILE).read_text())
    except FileNotFoundError:  # it is still starting
        return {}
    return found


def database_of(settings: Mapping[str, str], data: Path) -> str:
    """The address of the database; raises `NothingRuns` saying how to name one."""
    if url := settings.get("DATABASE_URL"):
        return url
    raise NothingRuns(
        f"Nothing runs on {data}. Start it with `bin/demo` or `bin/seatwright up`, choose another "
        "folder with --data, or set DATABASE_URL."
    )


def of_installation(data: Path) -> dict[str, str]:
    """The settings for a command that needs all of them; raises `NothingRuns`."""
    settings = settings_of(data)
    if not any(settings.get(name) for name in _ENGINES):
        database_of(settings, data)
    return settings


@contextmanager
def reaching_database(setting: str = "DATABASE_URL") -> Iterator[None]:
    """Raises `Unavailable` in words when the database at `setting` cannot be used at all."""
    try:
        yield
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as fault:
        detail = f"The database at {setting} cannot be used: {str(fault) or type(fault).__name__}."
        raise Unavailable(detail) from fault


def files_of(settings: Mapping[str, str]) -> Path:
    """The folder of charts and pictures; raises `BadSettings` when nothing names it."""
    if folder := settings.get("FILES_DIR"):
        return Path(folder)
    remedy = "name the folder that every process of this installation reads charts from"
    raise BadSettings([BadSetting("FILES_DIR", "", remedy)])
