"""
Carrying a payment to its outcome.

No transaction is open while a gateway is asked. What it says is applied by one function,
`settle`, whoever asked: the buyer's request, the resolver after a crash, or a webhook.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from seatwright.contracts.orders import TicketId
from seatwright.contracts.payments import (
    Authorisation,
    GatewayName,
    GatewayPayment,
    PaymentReference,
    Payments,
)
from seatwright.contracts.reservations import Reservations
from seatwright.kit import clock, crash, ids, telemetry
from seatwright.kit.errors import Expected, Unknown
from seatwright.kit.lanes import Lane
from seatwright.kit.log import log, note
from seatwright.orders.domain import codes
from seatwright.orders.domain.order import (
    ASKED_WITHIN,
    CHALLENGE_FIRST_LOOK,
    DOUBT_FIRST_LOOK,
    Answer,
    Attempt,
    AttemptState,
    Order,
    State,
)
from seatwright.orders.domain.refusals import AmountMismatch, PaymentPending
from seatwright.orders.paying.giving_back import MONEY_WITHOUT_SALE, GiveBack
from seatwright.orders.paying.store import AskedWith, PayingStore, Sale

_opened = crash.declare("after_attempt_opened", "a further attempt is durable, nobody was asked")
_authorised = crash.declare("after_authorise", "the gateway has authorised, we wrote nothing")
_committed = crash.declare("after_commit", "the sale is durable, Valkey and the buyer know nothing")
_settled = crash.declare("after_refusal_written", "a decline is durable, the buyer knows nothing")

# What an attempt that makes no sale leaves behind: its state, the order's, the next look.
_WITHOUT_SALE: dict[str, tuple[AttemptState, State, timedelta | None]] = {
    "challenge": ("challenge", "paying", CHALLENGE_FIRST_LOOK),
    "pending": ("in_doubt", "payment_in_doubt", DOUBT_FIRST_LOOK),
    "in_doubt": ("in_doubt", "payment_in_doubt", DOUBT_FIRST_LOOK),
    "declined": ("declined", "awaiting_payment", None),
    "voided": ("voided", "awaiting_payment", None),
    "failed": ("failed", "awaiting_payment", None),
    "absent": ("failed", "awaiting_payment", None),
}


class PayOrder:
    """The use case, for the first attempt and every later one."""

    def __init__(
        self,
        *,
        store: PayingStore,
        payments: Payments,
        reservations: Reservations,
        public_url: str,
    ) -> None:
        self._store = store
        self._payments = payments
        self._back = GiveBack(payments)
        self._reservations = reservations
        self._public_url = public_url
        self._lane: Lane[Sale, State] = Lane(
            "commit", store.commit_paid, keys=_keys_of, batches_at_once=1
        )

    async def try_again(self, order: Order, gateway: str, token: str, asked: AskedWith) -> Answer:
        """A further attempt; raises `OrderNotPayable`, `PaymentPending` or `KeyTaken`."""
        begun = clock.monotonic()
        attempt = await self._store.open_attempt(order, gateway, token, asked)
        _opened()
        return await self.pay(_with(order, attempt), key=None, begun=begun)

    async def pay(self, order: Order, *, key: str | None, begun: float | None = None) -> Answer:
        """Authorise the order's newest attempt, `begun` as for `authorise`; apply the outcome."""
        payment = await self.authorise(order, begun=begun)
        _authorised()
        return await self.settle(order, payment, key=key)

    async def authorise(self, order: Order, *, begun: float | None = None) -> GatewayPayment:
        """
        Ask the gateway; repeating it with the same attempt never moves money twice.

        `begun` is a monotonic time before that was written down, None for this moment. Whoever
        comes too late after it asks nobody, because the attempt may be called absent by then.
        """
        attempt = order.attempt
        assert attempt is not None
        if begun is not None and clock.monotonic() - begun > ASKED_WITHIN.total_seconds():
            log.warning("too_late_to_authorise", reference=attempt.reference)
            return GatewayPayment(
                reference=PaymentReference(attempt.reference), standing="in_doubt"
            )
        request = Authorisation(
            gateway=GatewayName(attempt.gateway),
            reference=PaymentReference(attempt.reference),
            amount=attempt.amount,
            currency=attempt.currency,
            token=attempt.token,
            order=order.id,
            event=order.event,
            seats=tuple(order.seats),
            shop=self._public_url,
            return_url=f"{self._public_url}/orders/{codes.shown(order.code)}",
        )
        # Degraded answer: in doubt. The claim is pinned and the resolver asks until it knows.
        try:
            return await self._payments.authorise(request=request)
        except Expected as refusal:
            note(gateway_refusal=refusal.code)
            if isinstance(refusal, Unknown) or refusal.code == "unavailable":
                return GatewayPayment(reference=request.reference, standing="in_doubt")
            return GatewayPayment(
                reference=request.reference, standing="declined", decline_code=refusal.code
            )

    async def settle(self, order: Order, payment: GatewayPayment, *, key: str | None) -> Answer:
        """Apply what the gateway says; idempotent, and whoever comes second changes nothing."""
        if payment.standing in {"authorised", "captured"}:
            return await self._sell(order, payment, key)
        attempt_state, state, look_again_in = _WITHOUT_SALE[payment.standing]
        answer = _answer(order, payment, state, attempt_state)
        attempt = order.attempt
        assert attempt is not None
        await self._store.settle_without_sale(
            order,
            attempt.number,
            attempt=attempt_state,
            state=state,
            payment=payment,
            look_again_in=look_again_in,
            remember=None if key is None else (key, answer),
        )
        _settled()
        return answer

    async def _sell(self, order: Order, payment: GatewayPayment, key: str | None) -> Answer:
        if payment.order != order.id:
            return await self._give_back(order, payment, "order", key)
        answer = _answer(order, payment, "paid", "authorised")
        tickets = tuple(TicketId(ids.sortable_id()) for _ in order.quote.seats)
        sale = Sale(order=order, payment=payment, tickets=tickets, answer=answer, key=key)
        try:
            state = await self._lane.submit(sale)
        except (AmountMismatch, PaymentPending) as refusal:
            return await self._give_back(order, payment, refusal.code, key)
        if state != "paid":
            return await self._give_back(order, payment, state, key)
        _committed()
        await self._show_sold(order)
        return answer

    async def _show_sold(self, order: Order) -> None:
        # Degraded answer: none needed. The capture worker repeats it from the outbox message.
        try:
            await self._reservations.sold(event=order.event, seats=order.seats)
        except Expected as refusal:
            telemetry.DEGRADED.labels("show_sold").inc()
            note(shown_sold=refusal.code)

    async def _give_back(
        self, order: Order, payment: GatewayPayment, why: str, key: str | None
    ) -> Answer:
        # The money is authorised and no sale can come of it: void, tell, and never commit.
        log.error("authorised_without_sale", order=order.id, why=why)
        attempt = order.attempt
        assert attempt is not None
        await self._store.report_break(
            MONEY_WITHOUT_SALE, order.event, order.id, reference=attempt.reference, detail=why
        )
        if not await self.void(attempt, payment):
            # The attempt stays open and due, so the resolver comes here again until it is so.
            raise Unknown("The gateway has not confirmed yet that the money was given back.")
        answer = _answer(order, payment, "awaiting_payment", "voided")
        await self._store.settle_without_sale(
            order,
            attempt.number,
            attempt="voided",
            state="awaiting_payment",
            payment=payment,
            look_again_in=None,
            remember=None if key is None else (key, answer),
        )
        await self._store.mend_break(MONEY_WITHOUT_SALE, attempt.reference)
        return answer

    async def call_off(self, order: Order, payment: GatewayPayment) -> None:
        """
        End an attempt without a sale, whatever its buyer or its gateway does meanwhile.

        Nothing is sold by it from the first commit on, so that what is given back afterwards can
        belong to no ticket. Done again until the gateway has nothing left.
        """
        attempt = order.attempt
        assert attempt is not None
        if attempt.state != "voiding" and not await self._store.settle_without_sale(
            order,
            attempt.number,
            attempt="voiding",
            state=order.state,
            payment=payment,
            look_again_in=DOUBT_FIRST_LOOK,
            remember=None,
        ):
            return  # sold, or over, while the gateway was asked
        if await self.void(attempt, payment):
            over = GatewayPayment(reference=payment.reference, standing="voided")
            await self.settle(order, over, key=None)

    async def void(self, attempt: Attempt, payment: GatewayPayment) -> bool:
        """Give an authorisation back, or refund what was captured by itself; False: not known."""
        return await self._back.everything(
            GatewayName(attempt.gateway), PaymentReference(attempt.reference), payment
        )


def _keys_of(sale: Sale) -> Sequence[tuple[str, str]]:
    return [(sale.order.event, sale.order.id)]


def _with(order: Order, attempt: Attempt) -> Order:
    return replace(order, attempt=attempt, state="paying")


def _answer(
    order: Order, payment: GatewayPayment, state: State, attempt_state: AttemptState
) -> Answer:
    attempt = order.attempt
    return Answer(
        status=state,
        payment_status=attempt_state,
        method=attempt.gateway if attempt else None,
        challenge_url=payment.challenge_url if attempt_state == "challenge" else None,
        decline_code=payment.decline_code,
    )
