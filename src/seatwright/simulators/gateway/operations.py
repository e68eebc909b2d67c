"""
The gateway's use cases: authorise, capture, void, refund, and what happens by itself later.

Every change is decided and journalled without an await in between, then made durable, and
only then answered. An idempotency key is in flight until the answer goes out.
"""

import asyncio
import heapq
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Protocol

import msgspec

from seatwright.kit import clock, ids
from seatwright.simulators.gateway.idempotency import Keys
from seatwright.simulators.gateway.ledger import Fact, Ledger
from seatwright.simulators.gateway.outages import Conditions
from seatwright.simulators.gateway.payments import (
    CardRefused,
    OperationRequest,
    Payment,
    PaymentRequest,
    answered,
    captured,
    opened,
    refunded,
    refunds_failed,
    settled_late,
    voided,
)
from seatwright.simulators.gateway.tokens import Behaviour, behaviour

LATE_ANSWER_S = 3.0
# Public ids need not be secret here, only never collide: 60 bits of chance a millisecond.
_RANDOM_CHARS = 12
_EVENTS = {
    "authorised": "payment.authorised",
    "declined": "payment.declined",
    "captured": "payment.captured",
    "voided": "payment.voided",
}
_LETTERS = {
    "payment.authorised": "a",
    "payment.declined": "d",
    "payment.captured": "c",
    "payment.voided": "v",
    "refund.succeeded": "s",
    "refund.failed": "f",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answers: JSON bytes; `never` means the caller hears nothing."""

    status: int
    body: bytes
    never: bool = False
    replayed: bool = False


NEVER = Answer(0, b"", never=True)


class Announcer(Protocol):
    """
    Tells the outside of an event that has become durable; events are only made while
    somebody `wants` its type.
    """

    def wants(self, event: str) -> bool:
        """Whether events of this type are announced at all."""
        ...

    def announce(self, event_id: str) -> None:
        """Send it, some time; never waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """How long what happens by itself takes."""

    late: timedelta = timedelta(seconds=5)
    challenge: timedelta = timedelta(minutes=15)


class Operations:
    """
    All of it over one ledger. `page_url` gives the challenge page of a payment id.

    What `authorise` and `operate` answer is durable, and as late as `conditions` say.
    """

    def __init__(
        self,
        ledger: Ledger,
        announcer: Announcer,
        conditions: Conditions,
        page_url: Callable[[str], str],
        delays: Delays,
    ) -> None:
        self._ledger = ledger
        self._announcer = announcer
        self._conditions = conditions
        self._page_url = page_url
        self._delays = delays
        self._keys = Keys(ledger)
        self._due_changed = asyncio.Event()

    async def authorise(self, body: bytes, *, key: str, fingerprint: str) -> Answer:
        """Open a payment. Raises `Invalid`, `InProgress`, `Mismatch`."""
        request = _PAYMENT_REQUEST.decode(body)
        does = behaviour(request.token)
        if does.answer == "lost_request" and await self._lose_first(key or request.reference):
            return NEVER
        with self._keys.held(key, fingerprint) as earlier:
            if earlier is not None:
                return _replay(earlier)
            if does.answer == "late":
                await asyncio.sleep(LATE_ANSWER_S)
            if does.answer == "fault":
                return await self._fault(key, fingerprint)
            shown = self._open(request, does, key=key, fingerprint=fingerprint)
            await self._durable_in_time()
        return Answer(201, shown, never=does.answer == "lost_answer")

    async def operate(
        self, verb: str, payment_id: str, body: bytes, *, key: str, fingerprint: str
    ) -> Answer:
        """`captures`, `voids` or `refunds`. Raises `NotFound`, `Invalid`, `Conflict`s."""
        request = _OPERATION_REQUEST.decode(body) if body else OperationRequest()
        with self._keys.held(key, fingerprint) as earlier:
            if earlier is not None:
                return _replay(earlier)
            payment = self._ledger.find(payment_id)
            does = behaviour(payment.token)
            fact = Fact(at=clock.now(), key=key, fingerprint=fingerprint, status=200)
            try:
                shown = self._change(verb, payment, does, request, fact)
            except CardRefused as refusal:
                return await self._refuse(refusal, fact)
            await self._durable_in_time()
        return Answer(fact.status, shown)

    async def answer_challenge(self, payment_id: str, *, approved: bool) -> Payment:
        """The buyer pressed a button. Raises `NotFound`, `Conflict` when answered before."""
        now = clock.now()
        payment = answered(
            self._ledger.find(payment_id), approved=approved, code="challenge_failed", now=now
        )
        fact = Fact(at=now)
        self._record(fact, payment, behaviour(payment.token), _EVENTS[payment.status])
        await self._ledger.durable()
        return payment

    async def run(self) -> None:
        """Act when something falls due: late captures, failing refunds, lapsed challenges."""
        due = self._ledger.due
        while True:
            self._due_changed.clear()
            now = clock.now()
            while due and due[0][0] <= now:
                self._act(heapq.heappop(due)[1])
            wait_s = max(0.0, (due[0][0] - now).total_seconds()) if due else None
            try:
                async with asyncio.timeout(wait_s):
                    await self._due_changed.wait()
            except TimeoutError:
                continue

    async def _lose_first(self, name: str) -> bool:
        if name in self._ledger.lost:
            return False
        self._ledger.record(Fact(at=clock.now(), lost=name))
        await self._ledger.durable()
        return True

    async def _fault(self, key: str, fingerprint: str) -> Answer:
        body = b'{"error":{"code":"internal","message":"Something broke on our side."}}'
        if key:
            answer = msgspec.Raw(body)
            fact = Fact(at=clock.now(), key=key, fingerprint=fingerprint, status=500, answer=answer)
            self._ledger.record(fact)
            await self._ledger.durable()
        return Answer(500, body)

    def _open(
        self, request: PaymentRequest, does: Behaviour, *, key: str, fingerprint: str
    ) -> bytes:
        now = clock.now()
        payment_id = "pay_" + ids.sortable_id(_RANDOM_CHARS)
        page_url = self._page_url(payment_id)
        payment = opened(request, does, payment_id=payment_id, page_url=page_url, now=now)
        fact = Fact(at=now, key=key, fingerprint=fingerprint, status=201)
        if payment.status == "pending":
            fact.due = now + self._delays.late
        elif payment.status == "challenge":
            fact.due = now + self._delays.challenge
        return self._record(fact, payment, does, _EVENTS.get(payment.status, ""))

    def _change(
        self, verb: str, payment: Payment, does: Behaviour, request: OperationRequest, fact: Fact
    ) -> bytes:
        if verb == "captures":
            payment = captured(payment, does, amount=request.amount, now=fact.at)
            return self._record(fact, payment, does, "payment.captured")
        if verb == "voids":
            return self._record(fact, voided(payment), does, "payment.voided")
        assert verb == "refunds"
        refund_id = "ref_" + ids.sortable_id(_RANDOM_CHARS)
        payment, refund = refunded(payment, does, refund_id=refund_id, request=request, now=fact.at)
        shown = msgspec.json.encode(refund)
        fact.status = 201
        fact.answer = msgspec.Raw(shown)
        if refund.status == "pending":
            fact.due = fact.at + self._delays.late
            self._record(fact, payment, does, "")
        else:
            self._record(fact, payment, does, "refund.succeeded")
        return shown

    async def _refuse(self, refusal: CardRefused, fact: Fact) -> Answer:
        body = {"error": {"code": refusal.code, "message": refusal.detail}}
        fact.status = 402
        fact.answer = msgspec.Raw(msgspec.json.encode(body))
        if fact.key:
            self._ledger.record(fact)
            await self._ledger.durable()
        return Answer(402, bytes(fact.answer))

    def _record(self, fact: Fact, payment: Payment, does: Behaviour, event: str) -> bytes:
        then = None
        if event and self._announcer.wants(event) and does.webhooks != "never":
            fact.event = event
            # Each kind happens once for a payment, or once for a number of refunds.
            letter, number = _LETTERS[event], len(payment.refunds)
            fact.event_id = f"evt_{payment.id[4:]}{letter}{number}"
            then = partial(self._announcer.announce, fact.event_id)
        if fact.due is not None:
            self._due_changed.set()
        return self._ledger.record(fact, payment, then)

    async def _durable_in_time(self) -> None:
        # The latency comes first: by its end the flush is usually over, and one wait is enough.
        if latency_ms := self._conditions.latency_ms:
            await asyncio.sleep(latency_ms / 1000)
        await self._ledger.durable()

    def _act(self, payment_id: str) -> None:
        payment = self._ledger.find(payment_id)
        now = clock.now()
        event = ""
        if payment.status == "pending":
            payment, event = settled_late(payment), "payment.captured"
        elif payment.status == "challenge":
            payment = answered(payment, approved=False, code="challenge_expired", now=now)
            event = "payment.declined"
        elif any(refund.status == "pending" for refund in payment.refunds):
            payment, event = refunds_failed(payment), "refund.failed"
        if event:
            fact = Fact(at=now)
            self._record(fact, payment, behaviour(payment.token), event)


_PAYMENT_REQUEST = msgspec.json.Decoder(PaymentRequest)
_OPERATION_REQUEST = msgspec.json.Decoder(OperationRequest)


def _replay(earlier: Fact) -> Answer:
    return Answer(earlier.status, bytes(earlier.answer), replayed=True)
