"""
A whole installation on one machine: engines, service processes, gateway, under one supervisor.

Ctrl-C ends all of it in order; if this program is killed the supervisor sees its pipe close and
does the same.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from seatwright.kit import clock, limits
from seatwright.kit.settings import feed, trusted_proxies
from seatwright.run import demo_apart, logins, migrations, standing
from seatwright.run.engines import (
    STAGE_SERVICE,
    Command,
    Engines,
    EngineTrouble,
    External,
    Restart,
)
from seatwright.run.engines.caddy import Caddy, lan_address, lan_names
from seatwright.run.engines.gateway import Gateway, Route
from seatwright.run.engines.inspection import require_feed
from seatwright.run.engines.lifeline import last_lines
from seatwright.run.engines.ports import free_port, require_free
from seatwright.run.pages import SHOP
from seatwright.run.secrets import Secrets, keep
from seatwright.run.targets import ALL, BY_NAME, SERVICES, TARGETS

READY_DEADLINE_S = 60.0
READY_LOOK_EVERY_S = 0.05
_EXTERNALS = ("DATABASE_URL", "VALKEY_URL", "VALKEY_CACHE_URL", "NATS_URL")
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """
    How many processes of what: `split` runs each service on its own, otherwise `all` runs
    `processes` times; `workers` carry on what requests began, `papers` print and mail.
    """

    data: Path
    port: int = 8000
    split: bool = False
    processes: int = 2
    workers: int = 1
    papers: int = 1
    lan: bool = False
    web: Path | None = None
    # Its log-in is known to everybody, and lives nowhere else.
    demo: bool = False
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Running:
    """A process that answers: its name, target, public and private port."""

    name: str
    target: str
    port: int
    private_port: int


def routes_of_services(upstreams: Callable[[str], Sequence[str]]) -> list[Route]:
    """Which addresses go to which service; `upstreams` says where a service listens."""
    return [
        _charts(upstreams("catalog")),
        *(
            Route(name=one.name, paths=one.paths, upstreams=upstreams(one.name))
            for one in SERVICES
            if one.paths
        ),
    ]


def _charts(upstreams: Sequence[str]) -> Route:
    return Route(
        name="charts",
        paths=("/v1/organisations/*/charts", "/v1/organisations/*/charts/*"),
        upstreams=upstreams,
        body_bytes_max=limits.UPLOAD_BYTES_MAX,
    )


class Installation:
    """Everything that was started, with the addresses of it."""

    def __init__(self, layout: Layout, engines: Engines, secrets: Secrets, say: Say) -> None:
        self.layout = layout
        self.engines = engines
        self.secrets = secrets
        self.processes: list[Running] = []
        self.environment: dict[str, str] = {}
        # Where a phone finds this machine, and fetches the certificate it has to trust.
        self.lan_address = lan_address() if layout.lan else None
        self.ca_port = free_port() if layout.lan else None
        self._say = say

    @classmethod
    async def start_engines(cls, layout: Layout, say: Say) -> "Installation":
        """
        Engines up, schema in place, nothing serving yet.

        Raises `EngineTrouble`, and refuses to mix the demonstration with what is for real use.
        """
        # Before the port, which then is ours as well: the folder says who has it.
        standing.refuse_second(layout.data)
        require_free(layout.port)
        external = External(
            **{name.lower(): os.environ[name] for name in _EXTERNALS if os.environ.get(name)},
            feed=feed(os.environ) or None,
        )
        if external.feed:
            await require_feed(external.feed)
        engines = await Engines.start(layout.data, external=external, say=say)
        if not engines.addresses.feed:
            say("No NATS_FEED_URL is given: browsers are not told of seats, they ask every 2 s")
        made = cls(layout, engines, keep(layout.data), say)
        made.environment = made.settings_environment()
        try:
            await made.keep_apart()
            applied = await migrations.migrate(
                engines.addresses.database_url, urls=logins.given(made.environment)
            )
            if applied:
                say(f"Database: {', '.join(applied)}")
        except BaseException:
            await engines.stop()
            raise
        return made

    async def keep_apart(self) -> None:
        """Raises `PublicLogIn` or `NotTheDemos`, before anything in the database is changed."""
        url, data = self.engines.addresses.database_url, self.layout.data
        outside = bool(os.environ.get("DATABASE_URL"))
        if not self.layout.demo:
            await demo_apart.refuse_log_in(url)
        elif outside or not demo_apart.kept(data).exists():
            place = "The database at DATABASE_URL" if outside else str(data)
            await demo_apart.refuse_others(url, place=place)

    def settings_environment(self) -> dict[str, str]:
        """The environment of every service process."""
        addresses = self.engines.addresses
        files = self.layout.data / "files"
        files.mkdir(mode=0o700, exist_ok=True)
        defaults = {
            "PUBLIC_URL": self.url,
            "SEATWRIGHT_SECRET": self.secrets.master,
            "GATEWAY_KEY": self.secrets.gateway_key,
            "GATEWAY_WEBHOOK_SECRET": self.secrets.gateway_webhook_secret,
            "FILES_DIR": str(files),
            "PYTHONUNBUFFERED": "1",
        }
        given = {**os.environ, **self.layout.environment}
        # Empty is unset: that is how compose files pass on what nobody gave.
        return {
            **given,
            **{name: given.get(name) or value for name, value in defaults.items()},
            **self._logins(addresses.database_socket_url),
            "VALKEY_URL": addresses.valkey_url,
            "VALKEY_CACHE_URL": addresses.valkey_cache_url,
            "NATS_URL": addresses.nats_url,
        }

    @property
    def url(self) -> str:
        """The address that people in reach open: phones in the network with `lan`, else we."""
        if self.layout.lan:
            return f"https://{self.lan_address or 'localhost'}:{self.layout.port}"
        return f"http://localhost:{self.layout.port}"

    def for_phones(self) -> dict[str, str | None]:
        """
        With `lan`: where phones find it (`phone`; None when this machine has no address in a
        network) and the `certificate` that they have to trust.
        """
        if not self.layout.lan:
            return {}
        host = self.lan_address or "localhost"
        return {
            "phone": self.url if self.lan_address else None,
            "certificate": f"http://{host}:{self.ca_port}",
        }

    def _logins(self, owners: str) -> dict[str, str]:
        made = logins.addresses(owners, self.secrets.database_passwords)
        # Those of another database would be of no use at one that was started here.
        named = logins.given(os.environ) if os.environ.get("DATABASE_URL") else {}
        return {"DATABASE_URL": owners, **logins.environment_of(made | named)}

    async def run(self, name: str, argv: Sequence[str], **environment: str) -> None:
        """
        Keep one more process of this installation, restarted when it dies.

        Addresses of the database, with their passwords, are only given to whom they are meant for.
        """
        shared = {
            name: value
            for name, value in self.environment.items()
            if not name.startswith("DATABASE_URL")
        }
        await self.engines.lifeline.run(
            Command(
                name=name,
                argv=[sys.executable, "-m", *argv],
                env={**shared, **environment},
                log=self.layout.data / "logs" / f"{name}.log",
                stage=STAGE_SERVICE,
                stop=(("SIGTERM", 15.0),),
                restart=Restart(),
            )
        )

    async def start_services(self) -> None:
        """Every service process, and wait until each is ready."""
        standing.keep(self.layout.data, self.environment)
        targets = list(ALL) if self.layout.split else ["all"] * self.layout.processes
        targets += [*["worker"] * self.layout.workers, *["papers"] * self.layout.papers]
        for number, target in enumerate(targets):
            await self.start_process(
                f"{target}-{number}" if target not in BY_NAME else target, target
            )
        await asyncio.gather(*(self._until_ready(one) for one in self.processes))

    async def start_process(self, name: str, target: str) -> Running:
        """One process of a target, on ports of its own."""
        one = Running(name, target, free_port(), free_port())
        await self.run(
            name,
            ["seatwright", "serve", target, "--port", str(one.port),
             "--private-port", str(one.private_port)],
            **logins.environment_of(
                logins.given(self.environment), TARGETS[target]
            ),
        )  # fmt: skip
        self.processes.append(one)
        return one

    async def _until_ready(self, one: Running) -> None:
        deadline = clock.monotonic() + READY_DEADLINE_S
        url = f"http://127.0.0.1:{one.private_port}/readyz"
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
            while True:
                try:
                    async with session.get(url) as response:
                        if response.status == 200:  # noqa: PLR2004  # ready
                            return
                except (aiohttp.ClientError, TimeoutError, OSError):
                    pass
                if clock.monotonic() > deadline:
                    log = self.layout.data / "logs" / f"{one.name}.log"
                    raise EngineTrouble(
                        f"{one.name} did not become ready in {READY_DEADLINE_S:.0f} s."
                        f" Its last words:\n{last_lines(log)}",
                        remedy=f"Its whole log is {log}",
                    )
                await asyncio.sleep(READY_LOOK_EVERY_S)

    def upstreams(self, target: str) -> list[str]:
        """Where a target's processes listen."""
        return [f"127.0.0.1:{one.port}" for one in self.processes if one.target == target]

    def routes(self) -> list[Route]:
        """Which addresses go to which processes."""
        if self.layout.split:
            return routes_of_services(self.upstreams)
        everything = self.upstreams("all")
        return [_charts(everything), Route(name="all", paths=("/v1/*",), upstreams=everything)]

    def gateway(self, extra: Sequence[Route] = ()) -> Gateway:
        """The one public address of this installation."""
        return Gateway(
            routes=[*extra, *self.routes()],
            feed=self.engines.addresses.feed,
            web=self.layout.web,
            charts=self.layout.data / "files" / "charts",
            port=self.layout.port,
            names=lan_names() if self.layout.lan else (),
            ca_port=self.ca_port,
            lan=self.layout.lan,
            pages=(SHOP,),
            trusted_proxies=[str(one) for one in trusted_proxies(self.environment)],
        )

    async def start_gateway(self, extra: Sequence[Route] = ()) -> None:
        """Caddy in front, last: nothing comes in before everything behind it is ready."""
        data = self.layout.data
        caddy = Caddy(
            gateway=self.gateway(extra),
            folder=data / "caddy",
            scratch=self.engines.lifeline.scratch,
            log=data / "logs" / "caddy.log",
        )
        await caddy.validate()
        await self.engines.bring_up(caddy)

    async def stop(self) -> None:
        """End everything."""
        standing.forget(self.layout.data)
        await self.engines.stop()
