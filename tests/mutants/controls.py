"""The mutants of what decides between people: claims, payments, keys, notices."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from tests.acceptance import meetings, races
from tests.acceptance.house import House
from tests.acceptance.shop import Gala, Shop
from tests.mutants.workshop import Mutant, Patch

PLACING = "orders/placing/queries.sql"
PAYING = "orders/paying/queries.sql"
Check = Callable[[House, Sequence[Shop], Gala], Awaitable[object]]

# A seat that somebody has is given to whoever asks last, as if a hold were enough.
TRUST_THE_HOLD = (
    Patch(
        PLACING,
        "                AND NOT (c.state = 'claimed' AND c.claimed_until < clock_timestamp())\n",
        "                AND false\n",
    ),
    Patch(
        PLACING,
        "    SET order_id = excluded.order_id,",
        "    SET state = 'claimed', order_id = excluded.order_id,",
    ),
    Patch(
        PLACING,
        "    WHERE c.state = 'claimed' AND c.claimed_until < clock_timestamp()\n    RETURNING 1\n",
        "    RETURNING 1\n",
    ),
)
# What would stop a sale of seats that are not the order's, however it came about.
LAST_LOOK = Patch(
    PAYING,
    "    AND orders.insist((SELECT count(*) FROM sold) = (SELECT count(*) FROM given), 'claims')\n",
    "",
)
NO_LAST_NET = ("DROP INDEX orders.one_live_ticket",)
ONE_A_SEAT = (
    "UPDATE orders.tickets AS t SET status = 'void' WHERE EXISTS ("
    " SELECT FROM orders.tickets AS o WHERE o.event_id = t.event_id AND o.seat = t.seat"
    " AND o.id < t.id)"
)
ONE_LIVE_TICKET = (
    "CREATE UNIQUE INDEX one_live_ticket ON orders.tickets (event_id, seat)"
    " WHERE status IN ('valid', 'used')"
)
# The mutant still sells meanwhile; nothing may come between the tidying and the index.
NOBODY_SELLS = "LOCK TABLE orders.tickets IN SHARE ROW EXCLUSIVE MODE"
LAST_NET = (NOBODY_SELLS, ONE_A_SEAT, ONE_LIVE_TICKET)
NO_SECOND_LOOK = Patch(
    PLACING,
    ") AND orders.insist(\n"
    "    (SELECT count(*) FROM claimed)"
    " = (SELECT coalesce(sum(last - first + 1), 0) FROM winners),\n"
    "    'seats'\n"
    ")",
    ")",
)


@dataclass(frozen=True)
class Control:
    """A mutant, the check that must notice it, and what the check then says."""

    mutant: Mutant
    check: Check
    says: str
    # For what a mutant will never do nobody waits as long as for what a busy machine will do.
    patience_s: float = 60


async def one_seat(house: House, shops: Sequence[Shop], gala: Gala) -> None:
    await races.everybody_orders_one_seat(house, shops, gala, buyers=60)


async def one_seat_to_hold(_: House, shops: Sequence[Shop], gala: Gala) -> None:
    await races.everybody_holds_one_seat(shops, gala, buyers=60)


async def forgetful_valkey(house: House, shops: Sequence[Shop], gala: Gala) -> None:
    await races.everybody_buys_while_valkey_forgets(house, shops, gala, buyers=400)


CONTROLS: dict[str, Control] = {
    "M1 the index one_live_ticket is gone": Control(
        Mutant(sql=NO_LAST_NET, undo=LAST_NET),
        lambda house, shops, gala: meetings.a_second_ticket_for_a_seat(house, shops[0], gala),
        "i_s1_two_live_tickets",
    ),
    "M4 webhooks have no unique key": Control(
        Mutant(
            patches=[
                Patch(
                    PAYING,
                    "    ON CONFLICT (gateway, id) DO NOTHING\n    RETURNING gateway",
                    "    RETURNING gateway",
                ),
            ],
            sql=["ALTER TABLE orders.webhooks DROP CONSTRAINT webhooks_pkey"],
            undo=[
                "TRUNCATE orders.webhooks",
                "ALTER TABLE orders.webhooks ADD PRIMARY KEY (gateway, id)",
            ],
        ),
        lambda house, shops, gala: meetings.notices_that_come_often_and_forged(
            house, shops[0], gala
        ),
        "one notice is kept more than once",
    ),
    "M5 the gateway is asked before the seats are claimed": Control(
        Mutant(
            patches=[
                Patch(
                    "orders/placing/service.py",
                    "        found = await self._lane.submit(placement)\n",
                    "        if order.attempt is not None:\n"
                    "            await self._payer.authorise(order)\n"
                    "        found = await self._lane.submit(placement)\n",
                )
            ]
        ),
        lambda house, shops, gala: meetings.two_owners_of_one_lost_hold(house, shops[0], gala),
        "charged without an order",
    ),
    "M6 expiry ends orders whose payment is in doubt": Control(
        Mutant(
            patches=[
                Patch(
                    PAYING,
                    "    WHERE state = 'awaiting_payment' AND expires_at < statement_timestamp()\n",
                    "    WHERE state IN ('awaiting_payment', 'paying', 'payment_in_doubt')\n"
                    "        AND expires_at < clock_timestamp()\n",
                )
            ]
        ),
        lambda house, shops, gala: meetings.a_deadline_that_passes_while_money_moves(
            house, shops[0], gala
        ),
        "expired",
    ),
    "M7 every request to the gateway has a new key": Control(
        Mutant(
            patches=[
                Patch(
                    "payments/adapters/simulated.py",
                    "_PAYMENTS, body, key=request.reference, reference=request.reference,",
                    '_PAYMENTS, body, key=f"{request.reference}-{id(body)}-{clock.unix_ms()}",'
                    " reference=request.reference,",
                )
            ]
        ),
        lambda house, shops, gala: meetings.an_authorisation_that_is_asked_for_twice(
            house, shops[0], gala
        ),
        "charged more than once",
    ),
    "M8 nobody counts how many seats were claimed": Control(
        Mutant(
            patches=[
                NO_SECOND_LOOK,
                LAST_LOOK,
                Patch(
                    PLACING,
                    "    WHERE c.state = 'claimed' AND c.claimed_until < clock_timestamp()\n"
                    "    RETURNING 1\n",
                    "    WHERE false\n    RETURNING 1\n",
                ),
            ]
        ),
        lambda house, shops, gala: meetings.a_claim_that_no_snapshot_shows(house, shops[0], gala),
        r"\(201, '.*'\) == \(409, 'seats_taken'\)",
    ),
    "M9 seats are claimed in any order": Control(
        Mutant(
            patches=[
                Patch(PLACING, "    ORDER BY v.event_id, w.seat\n", ""),
                Patch(
                    "orders/domain/quoting.py",
                    "sorted(grant.seats, key=lambda one: one.seat)",
                    "sorted(\n        grant.seats,\n        key=lambda one: one.seat,\n"
                    '        reverse=__import__("os").environ["MUTANT_NUMBER"] == "1",\n    )',
                ),
            ]
        ),
        meetings.two_orders_in_each_others_way,
        "deadlock",
    ),
    "M10 a hold that Valkey has lost is trusted": Control(
        Mutant(patches=TRUST_THE_HOLD, sql=NO_LAST_NET, undo=LAST_NET),
        lambda house, shops, gala: meetings.two_owners_of_one_lost_hold(house, shops[0], gala),
        r"\[201, 201\] == \[201, 409\]",
    ),
    "a payment begins without counting its claims": Control(
        Mutant(
            patches=[
                Patch(
                    "orders/paying/store.py",
                    "            if len(pinned) != len(order.seats):\n",
                    "            if not pinned:\n",
                ),
                LAST_LOOK,
            ]
        ),
        lambda house, shops, gala: meetings.a_claim_that_is_lost_while_a_payment_begins(
            house, shops[0], gala
        ),
        r"\(201, '.*'\) == \(409, 'order_not_payable'\)",
    ),
    "race 1: a seat that is held is held again": Control(
        Mutant(
            patches=[
                Patch(
                    "reservations/adapters/holds.lua",
                    "  if #blocked > 0 then return {'taken', now, unpack(blocked)} end\n",
                    "",
                )
            ]
        ),
        one_seat_to_hold,
        r"Counter\(\{201: ",
    ),
    "race 1: one seat goes to whoever asks last": Control(
        Mutant(patches=TRUST_THE_HOLD, sql=NO_LAST_NET, undo=LAST_NET),
        one_seat,
        "Counter",
    ),
    "race 2: what Valkey forgets is for sale again": Control(
        Mutant(
            patches=[
                *TRUST_THE_HOLD,
                Patch(
                    "reservations/service/rebuilding.py",
                    "            if seat < seat_count:\n                states[seat] = state\n",
                    "            if seat < 0:\n                states[seat] = state\n",
                ),
            ],
            sql=NO_LAST_NET,
            undo=LAST_NET,
        ),
        forgetful_valkey,
        # Two tickets for a seat, or before that a sale that finds its claim gone.
        "i_s1_|'internal'",
    ),
    "race 3: a key that came before is not looked for": Control(
        Mutant(
            patches=[
                Patch(
                    PLACING,
                    "i.principal = a.principal AND i.key = a.key LIMIT 1",
                    "i.principal = a.principal AND i.key = a.key AND false LIMIT 1",
                ),
                Patch(
                    "orders/placing/store.py",
                    "        return repeat or await self._in_the_way(order)",
                    "        return await self._in_the_way(order)",
                ),
            ]
        ),
        races.one_key_at_once,
        "seats_taken",
    ),
}
