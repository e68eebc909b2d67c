"""Buyers who know what may come of their plans, and an organiser who gets in their way."""

from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec

from seatwright.contracts.catalog import EventId
from seatwright.contracts.reservations import HeldSeat, HoldGrant, HoldId, Seat, sign_hold
from seatwright.kit.errors import Expected, Unknown
from seatwright.orders.domain.order import Buyer as Who, reference
from seatwright.orders.placing.service import Request
from tests.simulation.gateway import FAILS_AT_CAPTURE
from tests.simulation.house import KEYS, House
from tests.simulation.world import Lost, World

EVENT = EventId("night")
PRICE, TAX, FEE, FEE_TAX = 4500, 718, 200, 32
# Refused for now: the same request with the same key may be sent again.
_AGAIN = frozenset({"in_progress", "unavailable", "unknown", "payment_pending"})


@dataclass(frozen=True)
class Plan:
    """`tokens` are tried one after the other; `outcomes` are what an order may end as."""

    name: str
    tokens: tuple[str, ...]
    outcomes: frozenset[str]
    at_once: bool = True
    twice: str = ""
    wait_s: float = 20
    answers_well: bool = True


_SOLD = frozenset({"paid", "expired"})
_NEVER = frozenset({"expired"})
PLANS = (
    Plan("pays at once", ("tok_ok",), _SOLD),
    Plan("declined, then pays", ("tok_declined", "tok_declined", "tok_ok"), _SOLD),
    Plan("only declined", ("tok_declined",), _NEVER),
    Plan("challenge answered", ("tok_challenge",), _SOLD),
    Plan("challenge failed", ("tok_challenge",), _NEVER, answers_well=False),
    Plan("capture fails", (FAILS_AT_CAPTURE,), frozenset({"cancelled", "expired"})),
    Plan("never pays", (), _NEVER, at_once=False),
    Plan("pays later", ("tok_ok",), _SOLD, at_once=False),
    Plan("pays too late", ("tok_ok",), _SOLD, at_once=False, wait_s=1000),
    Plan("double click", ("tok_ok",), _SOLD, twice="same key"),
    Plan("two tabs", ("tok_ok", "tok_ok"), _SOLD, at_once=False, twice="two keys"),
)


@dataclass
class Buyer:
    """One buyer; `answers` are the facts that the auditor holds against the house."""

    number: int
    plan: Plan
    world: World
    house: House
    seats: tuple[int, ...]
    answers: dict[str, list[Any]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    orders: set[str] = field(default_factory=set)
    told_paid: set[str] = field(default_factory=set)

    @property
    def hold(self) -> str:
        return f"hold:h{self.number}"

    @property
    def total(self) -> int:
        return PRICE * len(self.seats) + FEE

    async def live(self) -> None:
        await self.world.pause("comes", self.world.random.random() * 200)
        token = self._hold_token()
        if self.plan.twice == "same key":
            twin = self.world.start(f"b{self.number}'", lambda: self._place("k0", token))
            await self._place("k0", token)
            await self._until(twin)
        else:
            await self._place("k0", token)
        if not self.orders:
            return
        (order,) = self.orders
        tokens = self.plan.tokens[1:] if self.plan.at_once else self.plan.tokens
        await self._challenge(order, 1)
        if self.plan.twice == "two keys":
            other = self.world.start(f"b{self.number}'", lambda: self._pay(order, "p9", tokens[1]))
            await self._pay(order, "p0", tokens[0])
            await self._until(other)
            return
        for n, one in enumerate(tokens):
            await self.world.pause("thinks", self.world.random.random() * self.plan.wait_s)
            await self._pay(order, f"p{n}", one)

    async def _until(self, task: Any) -> None:
        while not task.done():
            await self.world.pause("waits for the other", 1)

    def _hold_token(self) -> str:
        return sign_hold(KEYS, HoldGrant(
            event=EVENT, hold=HoldId(f"h{self.number}"), holder=self.hold,
            seats=tuple(HeldSeat(Seat(s), 0, PRICE, TAX) for s in self.seats), currency="EUR",
            order_fee=FEE, order_fee_tax=FEE_TAX, document_version=1,
            expires_at_ms=int(self.world.now.timestamp() * 1000) + 480_000,
        ))  # fmt: skip

    async def _place(self, key: str, token: str) -> None:
        pays = self.plan.at_once and self.plan.tokens
        request = Request(
            principal=None, account_email=None, key=key, fingerprint=b"f", hold_token=token,
            buyer=Who(name=f"B{self.number}", email="b@example.com", language="en"),
            gateway="simulated" if pays else None, token=self.plan.tokens[0] if pays else "",
        )  # fmt: skip

        async def asked(parts: Any) -> Any:
            outcome = await parts.place.place(request, now=self.world.now)
            return outcome.order.id, outcome.answer

        await self._insist(key, asked)

    async def _pay(self, order: str, key: str, token: str) -> None:
        async def asked(parts: Any) -> Any:
            found = await parts.reading.order(EVENT, order)
            assert found is not None, "D1: an order that was acknowledged is gone"
            now, answer = await parts.requests.pay(
                found, key=key, fingerprint=b"f", gateway="simulated", token=token
            )
            return now.id, answer

        if await self._insist(key, asked):
            await self._challenge(order, len([k for k in self.answers if k != "k0"]))

    async def _insist(self, key: str, asked: Any) -> bool:
        """Ask with the same key until there is an answer or a refusal that is one."""
        for _ in range(12):
            process = self.house.any()
            try:
                order, answer = await self.world.ask(
                    process, f"b{self.number}", partial(asked, process.parts)
                )
            except (Lost, Unknown):
                await self.world.pause("asks again", 5)
            except Expected as refusal:
                if refusal.code in _AGAIN:
                    await self.world.pause("asks again", 6)
                    continue
                self.world.note(f"b{self.number} is refused: {refusal.code}")
                self.refused[key] = refusal.code
                return False
            else:
                self.world.note(f"b{self.number} is told {answer.status} of {order}")
                self.answers.setdefault(key, []).append((order, msgspec.to_builtins(answer)))
                self.orders.add(order)
                if answer.status == "paid":
                    self.told_paid.add(order)
                return True
        return False

    async def _challenge(self, order: str, number: int) -> None:
        await self.world.pause("is at the bank's page", self.world.random.random() * 60)
        for n in range(1, max(number, 1) + 1):
            name = reference(order, n)  # type: ignore[arg-type]
            if name in self.house.gateway.ledger:
                self.house.gateway.answer_challenge(name, well=self.plan.answers_well)


@dataclass
class Organiser:
    """Blocks seats, offers them again, and sometimes cancels the whole event."""

    world: World
    house: House
    cancelled: bool = False

    async def live(self) -> None:
        random = self.world.random
        for _ in range(random.randint(0, 4)):
            await self.world.pause("looks at the plan", random.random() * 150)
            seats = [Seat(one) for one in sorted(random.sample(range(12), random.randint(1, 3)))]
            process = self.house.any()
            document = self.house.calendar.document
            verb = random.choice(("block", "unblock"))
            try:
                await self.world.ask(
                    process, "organiser",
                    partial(getattr(process.parts.block, verb), document, seats),
                )  # fmt: skip
            except (Lost, Expected) as fault:
                self.world.note(f"the organiser is refused: {fault!r}")
        if random.random() < 0.05:
            self.cancelled = True
            self.world.note("the event is cancelled")
            self.house.calendar.document = msgspec.structs.replace(
                self.house.calendar.document, state="cancelled"
            )
