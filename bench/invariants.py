"""After the load: do the promises hold? A fast wrong run is a failure."""

from datetime import timedelta
from typing import Any

import asyncpg

from bench.world import World, ledger, settle
from seatwright.kit.postgres import Database
from seatwright.orders.checking.service import Checks

# The ceiling pays too, for nothing that was ordered.
_CEILING = "bare_"
_PAID = """
SELECT t.reference, t.amount FROM orders.orders AS o
JOIN orders.attempts AS t ON t.event_id = o.event_id AND t.order_id = o.id
    AND t.state IN ('authorised', 'captured')
WHERE o.state = 'paid'
"""
_SHOWN = 20


async def check(world: World, *, drain_s: float = 240) -> dict[str, Any]:
    """Wait for the drain, then ask database and gateway; `ok` is the verdict."""
    left = await settle(world, drain_s)
    database = await Database.connect(
        world.database_url, service="orders", connections_max=2, patience=timedelta(minutes=2)
    )
    try:
        checks = Checks(database)
        violations = [f"{v.invariant} {v.event} {v.what}" for v in await checks.violations()]
        totals = await checks.totals()
    finally:
        await database.close()
    payments = await ledger(world)
    violations += _against_the_gateway(await _paid(world), payments)
    captured = sum(one["amount_captured"] for one in payments.values())
    on_its_way = left["outbox"] or left["paying"] or left["uncaptured"]
    return {
        "ok": not violations and not on_its_way and captured == totals.captured,
        "violations": violations[:_SHOWN],
        "left": left,
        "captured_by_gateway": captured,
        "captured_by_orders": totals.captured,
        "tickets": totals.tickets,
    }


async def _paid(world: World) -> dict[str, int]:
    connection = await asyncpg.connect(world.database_url)
    try:
        return {row["reference"]: row["amount"] for row in await connection.fetch(_PAID)}
    finally:
        await connection.close()


def _against_the_gateway(paid: dict[str, int], payments: dict[str, dict[str, Any]]) -> list[str]:
    """Each paid order's money was taken, once and in full; nobody else's is kept."""
    found = []
    for reference, amount in paid.items():
        payment = payments.get(reference)
        if payment is None or payment["amount_captured"] != amount:
            found.append(f"paid without money {reference} {payment and payment['status']}")
    for reference, payment in payments.items():
        kept = payment["status"] in {"authorised", "captured"}
        if kept and reference not in paid and not reference.startswith(_CEILING):
            found.append(f"money without a paid order {reference} {payment['status']}")
    return found
