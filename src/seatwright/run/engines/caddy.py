"""
The gateway: Caddy's configuration from a table of routes, and Caddy as one more engine.

What it does for everybody behind it: TLS, static files with their precompressed siblings,
immutable charts, the live feed, body and time limits, security headers, honest X-Forwarded-*,
and a problem+json answer when a service is away. `deploy/caddy/Caddyfile` is its output for a
production host; a test keeps the two equal.
"""

import asyncio
import ipaddress
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from seatwright.run.engines import wheels
from seatwright.run.engines.caddyfile import render
from seatwright.run.engines.gateway import Gateway
from seatwright.run.engines.lifeline import RESTART_ENGINE, STAGE_GATEWAY, Command
from seatwright.run.engines.probe import conversation, handshake
from seatwright.run.engines.trouble import EngineTrouble

VALIDATE_TIMEOUT_S = 30.0
# The gateway finishes what it has begun; a feed socket is not waited for.
STOP_PATIENCE_S = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Caddy:
    """One Caddy for one `Gateway`, with its folder (certificates, configuration) and log."""

    gateway: Gateway
    folder: Path
    scratch: Path
    log: Path

    @property
    def name(self) -> str:
        """What the supervisor calls it."""
        return "caddy"

    @property
    def admin(self) -> str:
        """A Unix socket in a private folder: nobody else can change the routes."""
        return f"unix/{self.scratch / 'caddy.sock'}"

    def write(self) -> Path:
        """The Caddyfile beside the certificates."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        path = self.folder / "Caddyfile"
        path.write_text(render(self.gateway, storage=self.folder, admin=self.admin))
        return path

    def command(self) -> Command:
        """How the supervisor keeps it: the first to go at a stop, so nothing new comes in."""
        path = self.write()
        return Command(
            name=self.name,
            argv=[str(wheels.binary("caddy")), "run", "--config", str(path), *_ADAPTER],
            env=self._environment(),
            cwd=self.folder,
            log=self.log,
            stage=STAGE_GATEWAY,
            stop=(("SIGTERM", STOP_PATIENCE_S),),
            restart=RESTART_ENGINE,
        )

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.folder),
            "TMPDIR": str(self.scratch),
            "XDG_DATA_HOME": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder),
            # Four times the memory between collections (some ten megabytes) saves a tenth of
            # the processor that every request would pay for.
            "GOGC": "800",
            # A runtime with more threads than work spends a quarter of its time looking for
            # more; half of the cores carry more than the services on the others can answer.
            "GOMAXPROCS": str(max(1, (os.cpu_count() or 2) // 2)),
        }

    async def validate(self) -> None:
        """Let Caddy itself read the configuration. Raises `EngineTrouble` with what it says."""
        process = await asyncio.create_subprocess_exec(
            wheels.binary("caddy"),
            "validate",
            "--config",
            self.write(),
            *_ADAPTER,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=self._environment(),
        )
        async with asyncio.timeout(VALIDATE_TIMEOUT_S):
            said, _ = await process.communicate()
        if process.returncode != 0:
            last = said.decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise EngineTrouble(
                f"Caddy refuses the gateway's configuration: {last}",
                remedy=f"It is in {self.folder / 'Caddyfile'}; the route table made it.",
            )

    async def ready(self) -> None:
        """Return when it answers HTTP on its port (any status, TLS or not); OSError until then."""
        async with conversation(self.scratch / "caddy.sock") as (reader, writer):
            writer.write(b"GET /config/apps/http/servers HTTP/1.1\r\nHost: caddy\r\n\r\n")
            status = await reader.readline()
        if b" 200 " not in status:
            raise ConnectionError(status.decode("utf-8", "replace").strip())
        async with conversation(self.gateway.port):
            pass
        if self.gateway.lan:
            # Its own authority signs after the start; until then a handshake is refused.
            for name in self.gateway.names:
                host = name if _is_address(name) else "127.0.0.1"
                await handshake(host, self.gateway.port, name=name)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


_ADAPTER = ("--adapter", "caddyfile")


def lan_address() -> str | None:
    """This machine's own address in its network; None when it is in none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: connecting a datagram socket only chooses the way out.
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        address = str(probe.getsockname()[0])
    return None if ipaddress.ip_address(address).is_loopback else address


def lan_names() -> Sequence[str]:
    """What a phone in the same network may call this machine: addresses and names."""
    address = lan_address()
    names = ["localhost", "127.0.0.1", *([address] if address else [])]
    host = socket.gethostname().partition(".")[0].lower()
    if host:
        names += [host, f"{host}.local"]
    return list(dict.fromkeys(names))
