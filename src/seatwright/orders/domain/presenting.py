"""Public states: what the outside is told of an order and its newest payment attempt."""

from seatwright.orders.domain.order import OPEN_ATTEMPTS, Answer, Attempt, Order, State

# Inside, paying is a moment between two commits; outside, the buyer still has to wait.
_PUBLIC: dict[State, str] = {
    "awaiting_payment": "awaiting_payment",
    "paying": "awaiting_payment",
    "payment_in_doubt": "payment_in_doubt",
    "paid": "paid",
    "expired": "expired",
    "cancelled": "cancelled",
}


def public_state(state: State) -> str:
    """The state as the API names it."""
    return _PUBLIC[state]


def settled(order: Order) -> bool:
    """Whether what the order says of its newest payment is definite."""
    return order.attempt is None or order.attempt.state not in OPEN_ATTEMPTS


def answer_now(order: Order) -> Answer:
    """What an order says of itself at this moment, small enough to keep with its key."""
    attempt: Attempt | None = order.attempt
    return Answer(
        status=order.state,
        payment_status=attempt.state if attempt else None,
        method=attempt.gateway if attempt else None,
        challenge_url=attempt.challenge_url if attempt and attempt.state == "challenge" else None,
        decline_code=attempt.decline_code if attempt else None,
    )
