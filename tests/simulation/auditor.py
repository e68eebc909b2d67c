"""
The independent auditor: it derives the invariants anew, from rows, the gateway's ledger, and what
buyers were told. Nothing here asks the product whether it is right.
"""

from collections import Counter, defaultdict
from typing import Any

import msgspec

from seatwright.contracts import messages
from tests.simulation import reading
from tests.simulation.buyers import Buyer
from tests.simulation.house import House
from tests.simulation.reading import Books
from tests.simulation.truth import Truth

_LATER = {
    "awaiting_payment": {"paying", "payment_in_doubt", "paid", "expired", "cancelled"},
    "paying": {"awaiting_payment", "payment_in_doubt", "paid", "expired", "cancelled"},
    "payment_in_doubt": {"awaiting_payment", "paying", "paid", "expired", "cancelled"},
    "paid": {"cancelled"},
    "expired": set(),
    "cancelled": set(),
}


class Violation(AssertionError):  # noqa: N818  # named for what it is
    """An invariant does not hold."""


def must(truth: object, rule: str, what: object = "") -> None:
    if not truth:
        raise Violation(f"{rule}: {what}")


class Auditor:
    """Looks while the world runs, and at its end."""

    def __init__(self, house: House, truth: Truth) -> None:
        self._house = house
        self._truth = truth
        self._states: dict[str, str] = {}
        self.looks = 0
        self._early: list[tuple[str, str | None]] = []
        house.gateway.at_capture = self.at_capture

    async def at_capture(self, order: str) -> None:
        """I-M2: no money is taken for what is not sold yet."""
        world = self._house.world
        world.busy(1)
        try:
            state = await reading.order_state(self._truth, order)
        finally:
            world.busy(-1)
        if state not in {"paid", "cancelled"}:
            # Raised here it would be the product's to handle; the next look raises it.
            self._early.append((order, state))

    async def look(self) -> Books:
        """What must hold at every moment."""
        world = self._house.world
        world.busy(1)
        try:
            books = await reading.read(self._truth)
        finally:
            world.busy(-1)
        self.looks += 1
        must(not self._early, "M2 captured before the sale", self._early)
        self._edges(books)
        _seats(books)
        _pinned(books)
        _known(books, self._house)
        return books

    def _edges(self, books: Books) -> None:
        for row in books.orders:
            before = self._states.get(row["id"], row["state"])
            fine = before == row["state"] or row["state"] in _LATER[before]
            must(fine, "T1 a state that cannot follow", (row["id"], before, row["state"]))
            self._states[row["id"]] = row["state"]
        gone = self._states.keys() - books.by_order.keys()
        must(not gone, "D1 an order has vanished", gone)

    async def judge(self, buyers: list[Buyer], *, cancelled: bool) -> None:
        """What must hold when everything has come to rest."""
        books = await self.look()
        _rest(books, self._house)
        _money(books, self._house)
        _told(books, buyers)
        _planned(books, buyers, cancelled=cancelled)
        _queue(books, self._house)


def _seats(books: Books) -> None:
    live = [row for row in books.tickets if row["status"] in {"valid", "used"}]
    twice = [s for s, n in Counter(row["seat"] for row in live).items() if n > 1]
    must(not twice, "S1 a seat was sold twice", twice)
    sold = {(row["seat"], row["order_id"]) for row in books.claims if row["state"] == "sold"}
    mine = {(row["seat"], row["order_id"]) for row in live}
    must(sold == mine, "S2 tickets and sold claims differ", sold ^ mine)
    by_order: dict[str, int] = Counter(row["order_id"] for row in live)
    for row in books.orders:
        early = row["state"] == "expired" and row["ended_at"] < row["expires_at"]
        must(not early, "H2 an order ended before its deadline", row["id"])
        due = row["seat_count"] if row["state"] == "paid" else 0
        must(by_order.get(row["id"], 0) == due, "S2 not all or nothing of an order", row["id"])
    for claim in books.claims:
        if claim["order_id"] is not None:
            order = books.by_order.get(claim["order_id"])
            must(order is not None, "S3 a claim of nobody", claim)
            assert order is not None
            ended = order["state"] in {"expired", "cancelled"}
            must(not ended, "S3 a claim outlived its order", claim)


def _pinned(books: Books) -> None:
    claims: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for claim in books.claims:
        claims[claim["order_id"]].append(claim)
    for row in books.orders:
        if row["state"] in {"paying", "payment_in_doubt"}:
            held = claims[row["id"]]
            must(len(held) == row["seat_count"], "H2 seats lost while paying", row["id"])
            # asyncpg reads 'infinity' as the last moment there is.
            pinned = all(one["claimed_until"].year > 9000 for one in held)
            must(pinned, "H2 a claim is not pinned", row["id"])


def _known(books: Books, house: House) -> None:
    for row in books.attempts:
        theirs = house.gateway.ledger.get(row["reference"])
        if row["state"] == "failed" and theirs is not None:
            had = theirs.standing in {"authorised", "captured", "voided"}
            must(not had, "D3 what was not known was called failed", row["reference"])


def _rest(books: Books, house: House) -> None:
    over = {"paid", "expired", "cancelled"}
    left = [(row["id"], row["state"]) for row in books.orders if row["state"] not in over]
    must(not left, "L1 orders never end", left)
    due = [row["reference"] for row in books.attempts if row["due_at"] is not None]
    must(not due, "L1 attempts are never settled", due)
    must(not books.outbox, "L1 the outbox is never empty", len(books.outbox))
    must(not books.strays, "L1 strays are never settled", books.strays)
    must(not house.broker.kept, "L1 messages are never done", house.broker.kept)
    broken = [row for row in books.breaks if row["mended_at"] is None]
    must(not broken, "L1 breaks are never mended", broken)


def _money(books: Books, house: House) -> None:
    ledger, gateway = house.gateway.ledger, house.gateway
    for reference, count in gateway.captures.items():
        must(count == 1, "M1 captured twice", reference)
    taken: dict[str, int] = defaultdict(int)
    payments: dict[str, int] = defaultdict(int)
    for one in ledger.values():
        captured = one.captured or 0
        must(0 <= one.refunded <= captured, "M4 refunded more than was taken", one)
        order = books.by_order.get(one.order or "")
        must(order is not None, "M5 money of an order that is not there", one)
        assert order is not None
        fits = (one.amount, one.currency) == (order["total"], order["currency"])
        must(fits, "M5 another amount than the order's", one)
        taken[order["id"]] += captured - one.refunded
        payments[order["id"]] += captured > one.refunded
        must(one.standing not in {"authorised", "pending"}, "M2 money set aside for ever", one)
        must(one.standing != "challenge", "L1 a challenge that never ends", one)
    for row in books.orders:
        must(payments[row["id"]] <= 1, "M1 two payments of one order", row["id"])
        due = row["total"] if row["state"] == "paid" else 0
        rule = "M3 seats without money" if due else "M2 money without seats"
        must(taken[row["id"]] == due, rule, (row["id"], taken[row["id"]], due))


def _told(books: Books, buyers: list[Buyer]) -> None:
    keys = {(row["principal"], row["key"]): row for row in books.idempotency}
    for buyer in buyers:
        must(len(buyer.orders) <= 1, "I1 one hold, two orders", (buyer.number, buyer.orders))
        for key, code in buyer.refused.items():
            if key == "k0" and "k0" not in buyer.answers:
                there = (buyer.hold, key) in keys
                must(not there, "D2 refused, and there all the same", (buyer.number, code))
        for key, answers in buyer.answers.items():
            must(len({order for order, _ in answers}) == 1, "I1 one key, two orders", answers)
            final = {
                msgspec.json.encode(answer) for _, answer in answers if answer[0] == "paid"
            }  # fmt: skip
            must(len(final) <= 1, "I1 one key, two answers", (key, answers))
        for order in buyer.orders:
            row = books.by_order.get(order)
            must(row is not None, "D1 an acknowledged order is gone", order)
            assert row is not None
            must(row["total"] == buyer.total, "M5 another price than was shown", order)
        for order in buyer.told_paid:
            fine = {"paid", "cancelled"} if "capture" in buyer.plan.name else {"paid"}
            state = books.by_order[order]["state"]
            must(state in fine, "S6 told paid, and is not", (order, state))
            seats = {row["seat"] for row in books.tickets if row["order_id"] == order}
            must(seats == set(buyer.seats), "S6 other seats than were bought", order)


def _planned(books: Books, buyers: list[Buyer], *, cancelled: bool) -> None:
    by_hold = {buyer.hold: buyer for buyer in buyers}
    for row in books.orders:
        buyer = by_hold[row["principal"]]
        allowed = buyer.plan.outcomes | ({"expired", "cancelled"} if cancelled else set())
        must(row["state"] in allowed, "an outcome nobody planned", (buyer.plan.name, row["state"]))


def _queue(books: Books, house: House) -> None:
    sent = {messages.decode(raw).order for raw in house.broker.delivered}  # type: ignore[union-attr]
    due = {row["id"] for row in books.orders if row["captured_at"] is not None}
    must(sent == due, "Q1 deliveries and captures differ", sent ^ due)
    must(not house.broker.dead, "Q1 dead letters", house.broker.dead)
