"""What must be true of an event after anything, by PostgreSQL and by the gateway's ledger."""

from typing import Any

import msgspec

from seatwright.contracts.reservations import HoldGrant, HoldId, read_hold, sign_hold
from seatwright.kit import ids
from tests.acceptance.house import House
from tests.acceptance.insight import until
from tests.acceptance.shop import Gala, Shop


async def nothing_is_sold_twice(house: House, gala: Gala) -> None:
    """The invariants hold as soon as everything has settled."""
    await house.settled()
    found = [one for one in await house.violations() if gala.id in one]
    assert found == []


async def conservation(house: House, shop: Shop, gala: Gala) -> None:
    """Every seat is sold or free, everywhere the same; every charge has its order."""
    rows = await house.sql(
        "SELECT c.seat, c.state FROM orders.claims AS c WHERE c.event_id = $1", gala.id
    )
    sold = {gala.seats[row["seat"]] for row in rows if row["state"] == "sold"}
    assert len(sold) == len(rows), "claims without a sale"
    tickets = await house.sql(
        "SELECT seat FROM orders.tickets WHERE event_id = $1 AND status = 'valid'", gala.id
    )
    assert sorted(gala.seats[row["seat"]] for row in tickets) == sorted(sold)
    free = set(gala.seats) - sold

    async def shown() -> bool:
        return await shop.free(gala) == free and all(
            (state == 2) == (seat in sold)
            for seat, state in zip(gala.seats, await shop.states(gala), strict=True)
        )

    await until(shown, "the map shows what PostgreSQL knows")
    taken = sum(payment["amount_captured"] for payment in await charges(house, gala))
    due = await house.one(
        "SELECT coalesce(sum(total), 0)::bigint FROM orders.orders"
        " WHERE event_id = $1 AND state = 'paid'",
        gala.id,
    )
    assert taken == due


async def charges(house: House, gala: Gala) -> list[dict[str, Any]]:
    """Payments for an event under which money was set aside or taken, and not given back."""
    return [
        one
        for one in await house.ledger_all()
        if one["metadata"]["event"] == gala.id
        and (one["status"] == "authorised" or one["amount_captured"] > one["amount_refunded"])
    ]


async def count(house: House, gala: Gala) -> dict[str, int]:
    """Rows of an event."""
    tables = ("orders", "claims", "tickets")
    return {
        name: await house.one(f"SELECT count(*) FROM orders.{name} WHERE event_id = $1", gala.id)
        for name in tables
    }


def lied(house: House, token: str, tokens: int) -> list[str]:
    """Hold tokens as good as this one, of other guests."""
    keys = house.keys()
    grant: HoldGrant = read_hold(keys, token)
    made = []
    for _ in range(tokens):
        hold = HoldId(ids.secret())
        other = msgspec.structs.replace(grant, hold=hold, holder=f"hold:{hold}")
        made.append(sign_hold(keys, other))
    return made
