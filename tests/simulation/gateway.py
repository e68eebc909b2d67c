"""A gateway and a broker of this world, each with a memory that outlives every process."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from seatwright.contracts.payments import (
    Authorisation,
    GatewayName,
    GatewayPage,
    GatewayPayment,
    GatewayPaymentId,
    Notice,
    PaymentReference,
)
from seatwright.kit.broker import Delivered, Outgoing
from seatwright.kit.errors import Unavailable
from seatwright.payments.domain import read_webhook
from tests.simulation.world import World

SECRET = "of this world"
FAILS_AT_CAPTURE = "tok_capture_fails"


@dataclass
class Posted:
    """A webhook on its way."""

    at: float
    body: bytes
    forged: bool = False


class Gateway:
    """What `payments.ports.Gateway` asks of one; `ledger` is its own word on all money."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ledger: dict[str, GatewayPayment] = {}
        self.tokens: dict[str, str] = {}
        self.made_at: dict[str, datetime] = {}
        self.captures: dict[str, int] = {}
        self.refunds: dict[str, str] = {}
        self.post: list[Posted] = []
        self.changed_s = 0.0
        self.at_capture: Callable[[str], Awaitable[None]] | None = None
        # How this world's webhooks come: in time, five times and shuffled, late, or never.
        self.posts = world.random.choice(("once", "often", "late", "never"))

    async def authorise(self, request: Authorisation) -> GatewayPayment:
        return await self._told(request.reference, "authorise", lambda: self._authorise(request))

    async def capture(
        self, payment: GatewayPaymentId, reference: PaymentReference
    ) -> GatewayPayment:
        if self.at_capture is not None:
            await self.at_capture(self.ledger[reference].order or "")
        return await self._told(reference, "capture", lambda: self._capture(reference))

    async def void(self, payment: GatewayPaymentId, reference: PaymentReference) -> GatewayPayment:
        return await self._told(reference, "void", lambda: self._void(reference))

    async def refund(
        self, payment: GatewayPaymentId, reference: PaymentReference, amount: int, refund: str
    ) -> GatewayPayment:
        def back() -> None:
            if refund not in self.refunds:
                self.refunds[refund] = reference
                had = self.ledger[reference]
                self._becomes(reference, had.standing, refunded=had.refunded + amount)

        return await self._told(reference, "refund", back)

    async def look_up(self, reference: PaymentReference) -> GatewayPayment:
        return await self._told(reference, "look up", lambda: None)

    async def listed(self, since: datetime, before: datetime, cursor: str | None) -> GatewayPage:
        await self.world.pause("gateway: list")
        if self.world.happens(0.1):
            raise Unavailable("The gateway does not say.")
        items = [self.ledger[one] for one, at in self.made_at.items() if since <= at < before]
        return GatewayPage(items=tuple(items), next=None)

    def read_webhook(self, headers: dict[str, str], body: bytes) -> Notice:
        return read_webhook(
            SECRET, headers, body, now=self.world.now, gateway=GatewayName("simulated")
        )

    def answer_challenge(self, reference: str, *, well: bool) -> None:
        """The buyer was at the bank's page."""
        if self.ledger[reference].standing == "challenge":
            self._becomes(reference, "authorised" if well else "declined")

    def headers(self, posted: Posted) -> dict[str, str]:
        """Signed now, or by somebody else."""
        stamp = str(int(self.world.now.timestamp()))
        secret = "of another" if posted.forged else SECRET
        mac = hmac.new(secret.encode(), stamp.encode() + b"." + posted.body, hashlib.sha256)
        return {"seatwright-gateway-signature": f"t={stamp},v1={mac.hexdigest()}"}

    async def _told(self, reference: str, what: str, change: Callable[[], None]) -> GatewayPayment:
        world = self.world
        await world.pause(f"gateway: {what} {reference}")
        doubt = GatewayPayment(reference=PaymentReference(reference), standing="in_doubt")
        if world.happens(0.04):  # it never arrives
            return doubt
        if world.happens(0.05):  # it arrives when nobody waits for an answer any more
            world.start(f"late {what}", lambda: self._late(change))
            await world.pause("the gateway is slow", 10)
            return doubt
        change()
        await world.pause(f"gateway answers: {what} {reference}")
        if world.happens(0.05):  # done, and the answer is lost
            return doubt
        absent = GatewayPayment(reference=PaymentReference(reference), standing="absent")
        return self.ledger.get(reference, absent)

    async def _late(self, change: Callable[[], None]) -> None:
        await self.world.pause("a late request arrives", 5 + self.world.random.random() * 35)
        change()

    def _authorise(self, request: Authorisation) -> None:
        if request.reference in self.ledger:
            return
        standing = {"tok_declined": "declined", "tok_challenge": "challenge"}.get(
            request.token, "authorised"
        )
        self.ledger[request.reference] = GatewayPayment(
            reference=request.reference, standing="pending", amount=request.amount,
            id=GatewayPaymentId(f"pay_{len(self.ledger)}"), currency=request.currency,
            order=request.order, event=request.event, shop=request.shop,
        )  # fmt: skip
        self.made_at[request.reference] = self.world.now
        self.tokens[request.reference] = request.token
        self._becomes(request.reference, standing)

    def _capture(self, reference: str) -> None:
        had = self.ledger[reference]
        if had.standing != "authorised":
            return
        if self.tokens[reference] == FAILS_AT_CAPTURE:
            self._becomes(reference, "failed")
            return
        self.captures[reference] = self.captures.get(reference, 0) + 1
        self._becomes(reference, "captured", captured=had.amount)

    def _void(self, reference: str) -> None:
        if self.ledger[reference].standing in {"authorised", "challenge", "pending"}:
            self._becomes(reference, "voided")

    def _becomes(self, reference: str, standing: str, **more: object) -> None:
        had = self.ledger[reference]
        now = msgspec.structs.replace(had, standing=standing, **more)
        self.ledger[reference] = now
        self.changed_s = self.world.now_s
        self.world.note(f"gateway has {reference} {standing}")
        self._notify(now)

    def _notify(self, payment: GatewayPayment) -> None:
        random = self.world.random
        body = msgspec.json.encode(
            {
                "id": f"evt_{payment.reference}_{payment.standing}_{payment.refunded}",
                "type": f"payment.{payment.standing}",
                "data": {
                    "id": payment.id, "reference": payment.reference, "status": payment.standing,
                    "amount": payment.amount, "currency": payment.currency,
                    "metadata": {"order": payment.order, "event": payment.event},
                },
            }
        )  # fmt: skip
        times = {"once": 1, "often": 5, "late": 1, "never": 0}[self.posts]
        slow = 400 if self.posts == "late" else 8
        for _ in range(times):
            self.post.append(Posted(self.world.now_s + random.random() * slow, body))
        if random.random() < 0.1:
            self.post.append(Posted(self.world.now_s + random.random() * 8, body, forged=True))


@dataclass
class _Kept:
    subject: str
    id: str
    payload: bytes
    due: float
    attempt: int = 0


@dataclass
class Broker:
    """Keeps work until it is acknowledged; hands it out again when it is not."""

    world: World
    kept: list[_Kept] = field(default_factory=list)
    seen: dict[str, float] = field(default_factory=dict)
    delivered: list[bytes] = field(default_factory=list)
    letters: list[bytes] = field(default_factory=list)
    happened: list[bytes] = field(default_factory=list)
    dead: list[_Kept] = field(default_factory=list)

    async def publish(self, messages: Sequence[Outgoing]) -> list[bool]:
        await self.world.pause("broker: publish")
        durable = []
        for one in messages:
            if self.world.happens(0.05):
                durable.append(False)
                continue
            # Its memory of ids is ten minutes long.
            if self.world.now_s - self.seen.get(one.id, -1e9) > 600:
                self.seen[one.id] = self.world.now_s
                self.kept.append(_Kept(one.subject, one.id, one.payload, self.world.now_s))
            durable.append(not self.world.happens(0.05))
        return durable

    async def work(self, subject: str, handle: Callable[..., Awaitable[Sequence[object]]]) -> None:
        """One batch for a consumer, in the seed's order."""
        now, random = self.world.now_s, self.world.random
        due = [one for one in self.kept if one.subject == subject and one.due <= now]
        random.shuffle(due)
        batch = due[: random.randint(1, 5)]
        if not batch:
            return
        for one in batch:
            one.attempt += 1
            one.due = now + 60
        outcomes = await handle(
            [Delivered(one.subject, one.payload, one.attempt, one.id) for one in batch]
        )
        await self.world.pause(f"broker: acknowledge {subject}")
        for one, fault in zip(batch, outcomes, strict=True):
            if fault is not None:
                one.due = self.world.now_s + 5
            elif not self.world.happens(0.05) and one in self.kept:
                self.kept.remove(one)
