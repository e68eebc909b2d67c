"""Put the gateway together and run it until it is told to stop."""

import asyncio
import gc
from dataclasses import dataclass
from pathlib import Path

from seatwright.simulators import web
from seatwright.simulators.gateway.application import Gateway
from seatwright.simulators.gateway.challenge import ChallengePages
from seatwright.simulators.gateway.ledger import Ledger
from seatwright.simulators.gateway.operations import Delays, Operations
from seatwright.simulators.gateway.outages import Conditions
from seatwright.simulators.gateway.webhooks import Webhooks

# A few hundred flushes a second cost little; thousands would cost more than the payments.
GATHER_S_MAX = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the command line says. Port 0 is any free one; empty `webhook_url`: no webhooks."""

    host: str
    port: int
    secret: str
    api_key: str
    webhook_url: str
    webhook_types: frozenset[str]
    public_url: str
    ledger: Path
    latency_ms: int
    webhook_delay_ms: int
    delays: Delays


async def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. Raises `BlockingIOError` when the ledger is in use."""
    conditions = Conditions(
        latency_ms=settings.latency_ms, webhook_delay_ms=settings.webhook_delay_ms
    )
    # Lines gather for a part of the time that callers wait anyway.
    ledger = Ledger(settings.ledger, lambda: min(GATHER_S_MAX, conditions.latency_ms / 4000))
    # A long ledger is many objects that never become garbage; do not look at them again.
    gc.freeze()
    listener = web.listen(settings.host, settings.port)
    own_url = web.address(listener)
    webhooks = Webhooks(
        ledger,
        conditions,
        url=settings.webhook_url,
        secret=settings.secret,
        types=settings.webhook_types,
    )
    public_url = (settings.public_url or own_url).rstrip("/")
    operations = Operations(
        ledger,
        webhooks,
        conditions,
        lambda payment_id: f"{public_url}/challenge/{payment_id}",
        settings.delays,
    )
    gateway = Gateway(
        ledger=ledger,
        operations=operations,
        webhooks=webhooks,
        conditions=conditions,
        pages=ChallengePages(operations, settings.secret),
        api_key=settings.api_key,
    )
    async with asyncio.TaskGroup() as outer:
        outer.create_task(ledger.run())
        async with asyncio.TaskGroup() as inner:
            background = [
                inner.create_task(webhooks.run()),
                inner.create_task(operations.run()),
            ]
            try:
                await web.serve(gateway.answer, listener, listening=own_url)
            finally:
                for task in background:
                    task.cancel()
        ledger.close()
