"""
A whole installation to test: real engines, gateway, processes and stand-ins, but no demo data.

What a drill does to it (kill, crash at a point, start again) goes through its own supervisor.
"""

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from seatwright.accounts.service.demo import load_demo as load_logins
from seatwright.accounts.service.desk import Desk
from seatwright.catalog.domain.organisations import Organisation
from seatwright.catalog.service.catalogue import Catalogue
from seatwright.catalog.service.organisations import keep_organisation
from seatwright.contracts.catalog import OrganisationId
from seatwright.kit import signing
from seatwright.kit.broker import WORK_STREAM, Broker
from seatwright.kit.errors import Expected
from seatwright.kit.postgres import Database
from seatwright.kit.settings import read
from seatwright.orders.checking.service import Checks, Unsettled
from seatwright.run import assembly
from seatwright.run.engines import Command, Death, Restart
from seatwright.run.engines.ports import free_port
from seatwright.run.installation import Layout
from tests.acceptance.insight import LOOK_EVERY_S, Insight, until

HOUSE = OrganisationId("acceptance-house")
RIVAL = OrganisationId("acceptance-rival")
# Instead of those an installation makes: both sides must know what somebody has given.
# A receiver of webhooks that a test starts is on this machine.
GIVEN = {
    "GATEWAY_KEY": "a key that was given",
    "GATEWAY_WEBHOOK_SECRET": "a secret that was given",
    "WEBHOOKS_TO_PRIVATE_ADDRESSES": "1",
}
_ENGINES = ("postgres", "valkey-holds", "valkey-cache", "nats", "caddy")


class House(Insight):
    """The installation, with what only a checker may do: look into its database and ledger."""

    _database: Database

    async def _load(self) -> None:
        """Two organisations with tokens; events are made by the tests, through the API."""
        settings = read(self.installation.environment)
        tools = await assembly.connect(settings, name="acceptance-load", connections_max=2)
        built = await assembly.assemble(tools, "all")
        try:
            for organisation in (HOUSE, RIVAL):
                name = organisation.replace("-", " ").title()
                wanted = Organisation(id=organisation, name=name, slug=organisation)
                await keep_organisation(built.offer(Catalogue), wanted)
            self.logins = await load_logins(built.offer(Desk), [HOUSE, RIVAL])
        finally:
            await built.close()

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, **layout: Any) -> AsyncIterator["House"]:
        """Everything up in a folder of its own; nothing of it is left afterwards."""
        data = Path(tempfile.mkdtemp(prefix="seatwright-acceptance-"))
        data.chmod(0o711 if os.geteuid() == 0 else 0o700)
        wanted = Layout(data=data, port=free_port(), environment=GIVEN, **layout)
        try:
            house = await cls.start(wanted, lambda _line: None)
            assert isinstance(house, House)
            try:
                await house._look_inside()
                yield house
            finally:
                await house._look_away()
                await house.installation.stop()
        finally:
            if "SEATWRIGHT_KEEP" not in os.environ:  # set it to read the logs of a failed run
                shutil.rmtree(data, ignore_errors=True)

    async def _look_inside(self) -> None:
        url = self.installation.engines.addresses.database_url
        self._pool = await asyncpg.create_pool(url, min_size=1, max_size=4)
        self._database = await Database.connect(
            url, service="orders", connections_max=2, patience=timedelta(minutes=1)
        )
        self.checks = Checks(self._database)

    async def _look_away(self) -> None:
        if hasattr(self, "_pool"):
            await self._database.close()
            self._pool.terminate()

    # -- addresses ------------------------------------------------------------------------------

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.installation.layout.port}"

    @property
    def split(self) -> bool:
        return self.installation.layout.split

    @property
    def data(self) -> Path:
        return self.installation.layout.data

    def apis(self) -> list[str]:
        """The names of the processes that answer HTTP, but for those stopped for good."""
        return [
            one.name for one in self.installation.processes
            if one.target not in {"worker", "papers"}
        ]  # fmt: skip

    def named(self, target: str) -> str:
        """The first process of a target; in split mode of the service, else of everything."""
        wanted = target if self.split or target in {"worker", "papers"} else "all"
        return next(one.name for one in self.installation.processes if one.target == wanted)

    def direct(self, name: str) -> str:
        """The address of one process, past the gateway."""
        port = next(one.port for one in self.installation.processes if one.name == name)
        return f"http://127.0.0.1:{port}"

    def keys(self) -> signing.Keyring:
        """The installation's own keys: a checker may know what no client may."""
        return read(self.installation.environment).keyring()

    def log(self, name: str) -> Path:
        return self.data / "logs" / f"{name}.log"

    def lines(self, name: str) -> list[dict[str, Any]]:
        """The log of a process, its JSON lines; one that is being written is left for later."""
        found = self.log(name).read_text().split("\n")[:-1]
        return [json.loads(line) for line in found if line.startswith("{")]

    # -- processes ------------------------------------------------------------------------------

    def command(self, name: str) -> Command:
        return self.installation.engines.lifeline.commands[name]

    async def kill(self, name: str) -> None:
        """SIGKILL, as a power cut would; returns when the process is gone."""
        lifeline = self.installation.engines.lifeline
        gone = lifeline.end_of(name)
        os.kill(lifeline.pids[name], signal.SIGKILL)
        async with asyncio.timeout(10):
            await gone

    async def halt(self, name: str) -> None:
        """Stop one process, for as long as the test wants."""
        await self.installation.engines.lifeline.halt(name)

    async def begin(self, name: str, command: Command | None = None) -> None:
        """Start a process that was halted or died (as before, unless told), and wait for it."""
        lifeline = self.installation.engines.lifeline
        wanted = command or self.command(name)
        await lifeline.run(wanted)
        while name in _ENGINES and not await self._answers(name):
            await asyncio.sleep(LOOK_EVERY_S)
        await self.until_ready(name)

    async def _answers(self, name: str) -> bool:
        port = self._ports[name]
        try:
            async with asyncio.timeout(1):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
        except (OSError, TimeoutError):
            return False
        writer.close()
        return True

    @property
    def _ports(self) -> dict[str, int]:
        found = self.installation.engines.addresses
        urls = {
            "postgres": found.database_url,
            "valkey-holds": found.valkey_url,
            "valkey-cache": found.valkey_cache_url,
            "nats": found.nats_url,
        }
        ports = {name: int(urlsplit(url).port or 0) for name, url in urls.items()}
        return {**ports, "caddy": self.installation.layout.port}

    async def until_ready(self, name: str) -> None:
        """Wait until a service process has everything it needs; engines are waited for by use."""
        for one in self.installation.processes:
            if one.name == name:
                await self.installation._until_ready(one)

    def usual(self, name: str) -> Command:
        """How a process is started without a drill."""
        command = self.command(name)
        env = {key: value for key, value in command.env.items() if key != "CRASH_AT"}
        return replace(command, env=env, restart=Restart())

    @contextlib.asynccontextmanager
    async def falling_at(self, name: str, point: str) -> "AsyncIterator[asyncio.Future[Death]]":
        """
        Let one process end itself the first time it passes `point`.

        Its first life has the point, later ones have not. Yields what is done when it has fallen;
        ends with the process as it was, whether the test has started it again or not.
        """
        lifeline = self.installation.engines.lifeline
        usual = self.command(name)
        await self.halt(name)
        fallen = lifeline.end_of(name)
        await lifeline.run(replace(usual, env={**usual.env, "CRASH_AT": point}, restart=None))
        try:
            # A point that is passed at the start is no reason to wait for long.
            ready = asyncio.ensure_future(self.until_ready(name))
            ends: set[asyncio.Future[Any]] = {ready, fallen}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            ready.cancel()
            yield fallen
        finally:
            if self.command(name).env.get("CRASH_AT"):
                if not fallen.done():
                    await self.halt(name)
                await self.begin(name, usual)

    # -- what a checker knows -------------------------------------------------------------------

    async def settled(self, *, hasten: bool = True) -> None:
        """
        Wait until nothing is on its way any more.

        `hasten` moves the resolver's next looks to now: what would happen after some seconds or
        minutes happens at once, by the same code.
        """
        open_still: Unsettled | Expected | None = None

        async def quiet() -> bool:
            nonlocal open_still
            if hasten:
                await self.hasten()
            try:
                open_still = await self.checks.unsettled()
            except Expected as refusal:  # the database is on its way back
                open_still = refusal
                return False
            return open_still.settled

        try:
            await until(quiet, "everything settles")
        except AssertionError as vain:
            vain.add_note(f"Open still: {open_still!r}")
            raise

    async def hasten(self) -> None:
        """
        Let every open attempt be due, but for those a buyer has to answer.

        Rows that somebody has locked are passed over: who nudges may not be in anybody's way.
        """
        await self._nudge(
            "attempts",
            "due_at = clock_timestamp(), looks = 0",
            "state IN ('created', 'in_doubt') AND due_at > clock_timestamp() + interval '1 second'"
            " AND created_at < clock_timestamp() - interval '3 seconds'",
        )
        await self._nudge(
            "outbox",
            "leased_until = clock_timestamp()",
            "leased_until > clock_timestamp()"
            " AND created_at < clock_timestamp() - interval '3 seconds'",
        )
        await self._nudge(
            "idempotency",
            "created_at = created_at - interval '1 minute'",
            "answer IS NULL AND created_at BETWEEN clock_timestamp() - interval '30 seconds'"
            " AND clock_timestamp() - interval '3 seconds'",
        )
        # Whoever died over a look keeps its lease for a minute; a look takes no second here.
        await self._nudge(
            "attempts",
            "leased_until = NULL",
            "leased_until BETWEEN clock_timestamp() AND clock_timestamp() + interval '57 seconds'",
        )
        await self._nudge(
            "strays",
            "leased_until = NULL, due_at = clock_timestamp(), looks = 0",
            "coalesce(leased_until, due_at)"
            " BETWEEN clock_timestamp() AND clock_timestamp() + interval '57 seconds'",
        )

    async def _nudge(self, table: str, change: str, where: str) -> None:
        await self.sql(
            f"UPDATE orders.{table} SET {change} WHERE ctid = ANY (ARRAY("
            f"SELECT ctid FROM orders.{table} WHERE {where} FOR UPDATE SKIP LOCKED))"
        )

    async def sound(self) -> None:
        """Settle, then every promise must hold: rows, and our sums against the gateway's."""
        await self.settled()
        assert await self.violations() == []
        await self.books_agree()

    @contextlib.asynccontextmanager
    async def hurried(self) -> AsyncIterator[None]:
        """Leases, looks and patience of seconds pass at once; the same code does the same."""

        async def push() -> None:
            while True:
                await self.hasten()
                await asyncio.sleep(0.2)

        pushing = asyncio.ensure_future(push())
        try:
            yield
        finally:
            pushing.cancel()
            await asyncio.gather(pushing, return_exceptions=True)

    async def forget_deliveries(self, consumer: str) -> None:
        """
        Let messages that were handed out and not acknowledged be handed out again at once.

        It is what happens by itself when their work time is over, some minutes later.
        """
        broker = await Broker.connect(self.installation.environment["NATS_URL"], name="drill")
        try:
            await broker.stream.delete_consumer(WORK_STREAM, consumer)
        finally:
            await broker.close()

    async def forget_leases(self) -> None:
        """Let mails whose sender died be sent again at once, and not when their lease is over."""
        await self.sql(
            "UPDATE delivery.deliveries SET until = clock_timestamp() WHERE state = 'sending'"
        )
        await self.forget_deliveries("delivery-orders")

    async def books_agree(self) -> None:
        """What the gateway took is what orders sold, order by order, and nothing else."""
        sold = {
            row["id"]: row["total"]
            for row in await self.sql(
                "SELECT id, total FROM orders.orders WHERE state = 'paid'"
                " AND captured_at IS NOT NULL AND total > 0"
            )
        }
        taken: dict[str, int] = {}
        for payment in await self.ledger_all():
            order = payment["metadata"]["order"]
            left = payment["amount_captured"] - payment["amount_refunded"]
            if left or payment["status"] == "authorised":
                assert order not in taken, f"two payments of order {order}"
                taken[order] = left
        assert taken == sold

    def deadlocks(self) -> int:
        """How many deadlocks PostgreSQL has reported since its start."""
        return len(re.findall("deadlock detected", self.log("postgres").read_text()))
