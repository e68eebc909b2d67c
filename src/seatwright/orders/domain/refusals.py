"""What orders refuse, beyond what its contract declares."""

from seatwright.kit import errors


class IdempotencyMismatch(errors.Invalid):
    """The key was used before for another request."""

    code = "idempotency_mismatch"
    title = "This key was used for something else"


class WebhookChanged(errors.Conflict):
    """A notice of this id came before and said something else."""

    code = "webhook_changed"
    title = "Not what this notice said before"


class InProgress(errors.Conflict):
    """The same request is being worked on right now."""

    code = "in_progress"
    title = "Still working on it"


class BuyerLimitReached(errors.Conflict):
    """The buyer would have more seats of the event than the organiser lets anybody have."""

    code = "buyer_limit"
    title = "More seats than one buyer may have"


class OrderNotPayable(errors.Conflict):
    """The order's state takes no payment (any more)."""

    code = "order_not_payable"
    title = "This order cannot be paid now"


class PaymentPending(errors.Conflict):
    """An earlier payment of this order is not settled yet."""

    code = "payment_pending"
    title = "A payment is still being settled"


class SaleClosed(errors.Conflict):
    """The event is not being sold at this moment; the code says why."""

    code = "sale_closed"
    title = "Not on sale"


class AmountMismatch(errors.Conflict):
    """What the gateway holds is not what the order costs; the payment was voided."""

    code = "amount_mismatch"
    title = "The payment does not match the order"
