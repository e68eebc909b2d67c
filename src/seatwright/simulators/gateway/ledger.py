"""
What the gateway knows: every payment, by id, by our reference and by order.

The journal is the truth and this its index in memory. A payment is kept as the very bytes the
API shows; it is decoded only to be changed. A change is decided and journalled in one step
without an await, so no two requests ever decide from the same state; what was decided may be
shown to anybody only after `durable`.
"""

import bisect
import heapq
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from seatwright.kit import errors
from seatwright.simulators.gateway.journal import Journal
from seatwright.simulators.gateway.payments import Payment

_encode = msgspec.json.Encoder().encode


class Fact(msgspec.Struct, omit_defaults=True, kw_only=True):
    """
    One line of the journal: what became so at `at`.

    payment: the payment after the change, with `event_id` and `event` (its type) when the
    outside is told; due: when the gateway itself will act on it again.
    key, fingerprint, status, answer: the answer that belongs to an idempotency key; no
    `answer` means the payment is it.
    delivered: an event that needs no further sending. lost: a key whose first request was lost.
    """

    at: datetime
    payment: msgspec.Raw = msgspec.Raw()
    event: str = ""
    event_id: str = ""
    due: datetime | None = None
    key: str = ""
    fingerprint: str = ""
    status: int = 0
    answer: msgspec.Raw = msgspec.Raw()
    delivered: str = ""
    lost: str = ""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a webhook."""

    id: str
    type: str
    created_at: datetime
    livemode: bool
    data: msgspec.Raw


class _Keys(msgspec.Struct):
    """The two fields of a payment that checkers look it up by."""

    order: str | int | None = None


_fact = msgspec.json.Decoder(Fact)
_payment = msgspec.json.Decoder(Payment)
_keys = msgspec.json.Decoder(_Keys)


def order_of(payment: Payment) -> str:
    """`metadata.order` as text, or "" when the metadata has none."""
    try:
        order = _keys.decode(payment.metadata).order
    except msgspec.ValidationError:
        return ""
    return "" if order is None else str(order)


class Ledger:
    """
    Opens and replays the journal at `path`; `run` must be running for anything to end.

    `gather_s` as in `Journal`.
    """

    def __init__(self, path: Path, gather_s: Callable[[], float] = lambda: 0.0) -> None:
        self._journal = Journal(path, gather_s)
        self._payments: dict[str, bytes] = {}
        self._ids: list[str] = []
        self._created: list[datetime] = []
        self._by_reference: dict[str, list[str] | str] = {}
        self._by_order: dict[str, list[str] | str] = {}
        self._answers: dict[str, int] = {}
        self.lost: set[str] = set()
        # Events not yet delivered, and a heap of the payments the gateway itself will act on.
        self.undelivered: dict[str, tuple[Payment, bytes]] = {}
        self.due: list[tuple[datetime, str]] = []
        for position, line in self._journal.replay():
            fact = _fact.decode(line)
            payment = _payment.decode(fact.payment) if fact.payment else None
            self._apply(fact, payment, position)

    def __len__(self) -> int:
        return len(self._ids)

    async def run(self) -> None:
        """Make facts durable until `close`."""
        await self._journal.run()

    def close(self) -> None:
        """Let `run` finish what is queued."""
        self._journal.close()

    async def durable(self) -> None:
        """Return when all that is known may be shown."""
        await self._journal.durable()

    def record(
        self,
        fact: Fact,
        payment: Payment | None = None,
        then: Callable[[], None] | None = None,
    ) -> bytes:
        """
        Let `fact` be so, with the payment as changed by it; the payment as the API shows it.

        `then` is called when it is durable.
        """
        shown = b""
        if payment is not None:
            shown = _encode(payment)
            fact.payment = msgspec.Raw(shown)
        position = self._journal.append(_encode(fact), then)
        self._apply(fact, payment, position)
        return shown

    def find(self, payment_id: str) -> Payment:
        """The payment, or `NotFound`."""
        return _payment.decode(self.shown(payment_id))

    def shown(self, payment_id: str) -> bytes:
        """The payment as the API shows it, or `NotFound`."""
        payment = self._payments.get(payment_id)
        if payment is None:
            raise errors.NotFound("No such payment.")
        return payment

    def with_reference(self, reference: str) -> list[bytes]:
        """Every payment with that reference of ours, oldest first."""
        return [self._payments[found] for found in _listed(self._by_reference, reference)]

    def of_order(self, order: str) -> list[bytes]:
        """Every payment whose metadata names that order, oldest first."""
        return [self._payments[found] for found in _listed(self._by_order, order)]

    def page(self, start: int, limit: int) -> Iterator[bytes]:
        """At most `limit` payments from the `start`-th on, oldest first."""
        return (self._payments[found] for found in self._ids[start : start + limit])

    def first_since(self, instant: datetime) -> int:
        """The place of the first payment created at `instant` or later."""
        return bisect.bisect_left(self._created, instant)

    def answer_for(self, key: str) -> Fact | None:
        """What was answered to that idempotency key; `answer` is always filled."""
        position = self._answers.get(key)
        if position is None:
            return None
        fact = _fact.decode(self._journal.read(position))
        if not fact.answer:
            fact.answer = fact.payment
        return fact

    def _apply(self, fact: Fact, payment: Payment | None, position: int) -> None:
        if fact.key:
            self._answers[fact.key] = position
        if fact.delivered:
            self.undelivered.pop(fact.delivered, None)
        if fact.lost:
            self.lost.add(fact.lost)
        if payment is None:
            return
        if payment.id not in self._payments:
            self._index(payment)
        self._payments[payment.id] = bytes(fact.payment)
        if fact.due is not None:
            heapq.heappush(self.due, (fact.due, payment.id))
        if fact.event:
            self.undelivered[fact.event_id] = payment, _notice(fact)

    def _index(self, payment: Payment) -> None:
        self._ids.append(payment.id)
        # A clock set back must not break the order the search relies on.
        latest = self._created[-1] if self._created else payment.created_at
        self._created.append(max(payment.created_at, latest))
        _add(self._by_reference, payment.reference, payment.id)
        if order := order_of(payment):
            _add(self._by_order, order, payment.id)


def _notice(fact: Fact) -> bytes:
    return _encode(
        Notice(
            id=fact.event_id,
            type=fact.event,
            created_at=fact.at,
            livemode=False,
            data=fact.payment,
        )
    )


def _listed(index: dict[str, list[str] | str], name: str) -> list[str]:
    found = index.get(name)
    if found is None:
        return []
    return [found] if isinstance(found, str) else found


def _add(index: dict[str, list[str] | str], name: str, payment_id: str) -> None:
    # Nearly every name has one payment: a bare string saves a list for each of millions.
    found = index.get(name)
    if found is None:
        index[name] = payment_id
    elif isinstance(found, str):
        index[name] = [found, payment_id]
    else:
        found.append(payment_id)
