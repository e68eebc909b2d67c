"""`python -m seatwright.simulators.inbox --help`."""

import argparse
import asyncio
from dataclasses import dataclass
from pathlib import Path

import uvloop

from seatwright.simulators import web
from seatwright.simulators.inbox.application import Inbox
from seatwright.simulators.inbox.smtp import InboxSmtp
from seatwright.simulators.inbox.store import MailStore

_MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the command line says; port 0 is any free one."""

    host: str
    smtp_port: int
    http_port: int
    store: Path
    base_path: str
    mails_max: int
    bytes_max: int


async def run(settings: Settings) -> None:
    """Take mails and show them until SIGTERM or SIGINT."""
    store = MailStore(settings.store, mails_max=settings.mails_max, bytes_max=settings.bytes_max)
    smtp = web.listen(settings.host, settings.smtp_port)
    http = web.listen(settings.host, settings.http_port)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: InboxSmtp(store.keep), sock=smtp, backlog=1024)
    smtp_address = web.address(smtp).removeprefix("http://")
    addresses = {"smtp": f"smtp://{smtp_address}", "http": web.address(http)}
    try:
        await web.serve(Inbox(store, settings.base_path).answer, http, **addresses)
    finally:
        server.close()


def _settings() -> Settings:
    parser = argparse.ArgumentParser(prog="seatwright.simulators.inbox")
    add = parser.add_argument
    add("--host", default="127.0.0.1")
    add("--smtp-port", type=int, required=True, help="0 is any free one")
    add("--http-port", type=int, required=True, help="0 is any free one")
    add("--store", type=Path, required=True, help="the folder of .eml files")
    add("--base-path", default="", help="such as /inbox, behind a proxy")
    add("--mails-max", type=int, default=5000, help="older ones are removed")
    add("--mib-max", type=int, default=1024, help="older ones are removed beyond it")
    given = parser.parse_args()
    return Settings(
        host=given.host,
        smtp_port=given.smtp_port,
        http_port=given.http_port,
        store=given.store,
        base_path=given.base_path,
        mails_max=given.mails_max,
        bytes_max=given.mib_max * _MIB,
    )


if __name__ == "__main__":
    uvloop.run(run(_settings()))
