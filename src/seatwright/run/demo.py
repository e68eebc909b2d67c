"""
The demonstration: a whole installation with events to buy tickets for, a gateway that behaves
like a real one, and an inbox that shows the mails.

A mail server or a gateway that the environment names is used, and nothing stands in for it.
"""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from seatwright.accounts.service.demo import DemoLogins
from seatwright.catalog.service.demo import DemoEvent
from seatwright.kit import clock
from seatwright.kit.settings import read
from seatwright.run import demo_apart, demo_load
from seatwright.run.engines.gateway import Route
from seatwright.run.engines.notes import keep_private
from seatwright.run.engines.ports import free_port
from seatwright.run.installation import Installation, Layout, Say


class Demo:
    """An installation with its stand-ins for the outside world."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.has_inbox = not installation.environment.get("SMTP_URL")
        self.has_gateway = not installation.environment.get("GATEWAY_URL")
        self.inbox_port = free_port()
        self.gateway_port = free_port()
        self.smtp_port = free_port()
        self.events: list[DemoEvent] = []
        self.logins: DemoLogins | None = None

    @classmethod
    async def start(cls, layout: Layout, say: Say) -> "Demo":
        """Everything up, loaded and serving; raises `EngineTrouble`."""
        installation = await Installation.start_engines(replace(layout, demo=True), say)
        demo = cls(installation)
        try:
            await demo._serve(say)
        except BaseException:
            await installation.stop()
            raise
        return demo

    @property
    def kept(self) -> Path:
        """The file with what `description` says, once everything serves."""
        return demo_apart.kept(self.installation.layout.data)

    async def _serve(self, say: Say) -> None:
        installation = self.installation
        installation.environment["SEATWRIGHT_DEMO"] = "1"
        if self.has_inbox:
            await self._start_inbox()
        if self.has_gateway:
            installation.environment["GATEWAY_URL"] = f"http://127.0.0.1:{self.gateway_port}"
        if os.environ.get("DATABASE_URL"):
            say("The database at DATABASE_URL gets a log-in that everybody knows")
        # What is there already is not overwritten.
        again = self.kept.exists()
        say(f"{'Checking' if again else 'Loading'} the demonstration's events")
        await self._load()
        say("Starting the services")
        await installation.start_services()
        if self.has_gateway:
            await self._start_payment_gateway()
        await installation.start_gateway(self._routes())
        keep_private(self.kept, self.description())

    def _routes(self) -> list[Route]:
        """What buyers reach beside the services."""
        inbox = Route(
            name="inbox",
            paths=("/inbox", "/inbox/*"),
            upstreams=[f"127.0.0.1:{self.inbox_port}"],
        )
        challenges = Route(
            name="challenges",
            paths=("/challenge/*",),
            upstreams=[f"127.0.0.1:{self.gateway_port}"],
        )
        return [inbox] * self.has_inbox + [challenges] * self.has_gateway

    async def _start_inbox(self) -> None:
        self.installation.environment["SMTP_URL"] = f"smtp://127.0.0.1:{self.smtp_port}"
        self.installation.environment.setdefault(
            "SMS_URL", f"twilio+http://demo:demo@127.0.0.1:{self.inbox_port}/Seatwright"
        )
        data = self.installation.layout.data
        await self.installation.run(
            "inbox",
            ["seatwright.simulators.inbox", "--smtp-port", str(self.smtp_port), "--http-port",
             str(self.inbox_port), "--store", str(data / "inbox"), "--base-path", "/inbox"],
        )  # fmt: skip

    async def _start_payment_gateway(self) -> None:
        installation = self.installation
        environment = installation.environment
        target = "orders" if installation.layout.split else "all"
        webhooks = f"http://{installation.upstreams(target)[0]}/v1/webhooks/simulated"
        await installation.run(
            "payment-gateway",
            ["seatwright.simulators.gateway", "--port", str(self.gateway_port),
             "--webhook-url", webhooks, "--webhook-types",
             environment.get("DEMO_GATEWAY_WEBHOOK_TYPES", ""), "--public-url",
             environment["PUBLIC_URL"], "--ledger",
             str(installation.layout.data / "gateway.journal")],
            # In the environment, because everybody may read the list of processes.
            SEATWRIGHT_GATEWAY_SECRET=environment["GATEWAY_WEBHOOK_SECRET"],
            SEATWRIGHT_GATEWAY_API_KEY=environment["GATEWAY_KEY"],
        )  # fmt: skip

    async def _load(self) -> None:
        loaded = await demo_load.load(read(self.installation.environment), serving=False)
        self.events, self.logins = list(loaded.events), loaded.logins

    def description(self) -> dict[str, Any]:
        """Addresses, log-ins and events, as kept in demo.json."""
        installation = self.installation
        base = installation.environment["PUBLIC_URL"]
        assert self.logins is not None
        return {
            "shop": base,
            **installation.for_phones(),
            "api": f"{base}/v1",
            **self._stand_ins(base),
            "metrics": [
                f"http://127.0.0.1:{one.private_port}/metrics" for one in installation.processes
            ],
            "organiser_email": self.logins.email,
            "organiser_password": self.logins.password,
            "api_token": self.logins.api_token,
            "scanner_token": self.logins.scanner_token,
            "api_tokens": dict(self.logins.api_tokens),
            "scanner_tokens": dict(self.logins.scanner_tokens),
            "events": [_event(event) for event in self.events],
        }

    def _stand_ins(self, base: str) -> dict[str, str]:
        found: dict[str, str] = {}
        if self.has_inbox:
            found |= {"inbox": f"{base}/inbox/", "inbox_api": f"{base}/inbox/api/mails"}
        if self.has_gateway:
            gateway = f"http://127.0.0.1:{self.gateway_port}"
            found |= {
                "gateway_ledger": f"{gateway}/ledger",
                "gateway_control": f"{gateway}/_control",
            }
        return found


def _event(event: DemoEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "slug": event.slug,
        "title": event.title,
        "organisation": event.organisation,
        "chart": event.chart,
        "seat_count": event.seat_count,
        "state": event.state,
        "starts_at": clock.rfc3339(event.starts_at),
        "on_sale_at": clock.rfc3339(event.on_sale_at),
        "sold_seats": len(event.sold_seats),
        "on_sale": event.state == "published" and event.on_sale_at <= clock.now() < event.starts_at,
    }
